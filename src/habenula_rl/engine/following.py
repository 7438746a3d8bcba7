"""Follows the functions of a generated module, statement by statement, and takes them down as straight-line code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from .straightline import KNOWN, MOST_LINES, Array, Code, NotStraight, Record, Value, constant

DEEPEST = 40
CASTS = {"np.float64": "f", "float": "f", "np.int64": "i", "int": "i", "np.uint64": "u"}
CALLS = {"np.sqrt": "sqrt", "math.sqrt": "sqrt", "np.floor": "floor", "np.ceil": "ceil"}
OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.LShift: "<<", ast.RShift: ">>",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
}  # fmt: skip
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class Module:
    """The functions and constants of a generated module, to be followed.

    `fixed` holds what functions by name return without being followed, `chosen` the action that the kernel's `choice`
    returned when it was, and the code up to there.
    """

    def __init__(self, text: str) -> None:
        body = ast.parse(text).body
        self.functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        self.constants = {
            node.targets[0].id: node.value
            for node in body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        self.depth = 0
        self.fixed: dict[str, Any] = {}
        self.chosen: tuple[Any, Code] | None = None

    def named(self, name: str) -> str:
        """The name in the module of a function of the kernel."""
        return f"habenula_rl_engine_kernel_{name}"

    def call(self, code: Code, name: str, arguments: Sequence[Any]) -> Any:
        """Take down what a function does with these arguments; what it returns. Raises NotStraight where it cannot."""
        if name in self.fixed:
            return self.fixed[name]
        function = self.functions[name]
        names = [argument.arg for argument in function.args.args]
        if len(names) != len(arguments) or self.depth > DEEPEST:
            raise NotStraight(f"{name} is called in a way that cannot be followed")
        self.depth += 1
        result = self._result(_Call(self, code, dict(zip(names, arguments, strict=True))), function)
        self.depth -= 1
        if name == self.named("choice"):
            self.chosen = result, code.branch(code.cells)
        return result

    def _result(self, call: _Call, function: ast.FunctionDef) -> Any:
        try:
            return call.run(function.body)
        except RecursionError:
            raise NotStraight("it may return at too many places") from None


class _Call:
    """One call of a function: its local names, over the cells that all calls share."""

    def __init__(self, module: Module, code: Code, names: dict[str, Any]) -> None:
        self.module, self.code, self.names = module, code, names

    def run(self, statements: Sequence[ast.stmt]) -> Any:
        """Run the statements; what they return, None where they return nothing."""
        waiting = list(statements)
        while waiting:
            statement = waiting.pop(0)
            self.code.count()
            if isinstance(statement, ast.Return):
                return None if statement.value is None else self.evaluate(statement.value)
            if isinstance(statement, ast.For):
                waiting = [*self._unrolled(statement), *waiting]
            elif isinstance(statement, ast.If):
                condition = self.code.truth(self.number(statement.test))
                if condition.known is not None:
                    waiting = [*(statement.body if condition.known else statement.orelse), *waiting]
                elif _returns(statement):
                    return self._either(condition, [*statement.body, *waiting], [*statement.orelse, *waiting])
                else:
                    self._either(condition, statement.body, statement.orelse)
            else:
                self._simple(statement)
        return None

    def _unrolled(self, loop: ast.For) -> list[ast.stmt]:
        """The statements of a loop over a range that is known now, one turn after the other."""
        call, target = loop.iter, loop.target
        is_range = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "range"
        leaves = any(isinstance(node, ast.Break | ast.Continue) for node in ast.walk(loop))
        if not is_range or leaves or loop.orelse or not isinstance(target, ast.Name):
            raise NotStraight("a loop is not a plain one over range(...)")
        bounds = [self.number(argument).known for argument in call.args]  # type: ignore[attr-defined]
        if not all(isinstance(bound, int) for bound in bounds):
            raise NotStraight("how often a loop turns is only known at run time")
        if len(range(*bounds)) > MOST_LINES:
            raise NotStraight("a loop is too long")
        turns: list[ast.stmt] = []
        for k in range(*bounds):
            turns += [ast.Assign(targets=[target], value=ast.Constant(k)), *loop.body]
        return turns

    def _either(self, condition: Value, yes: Sequence[ast.stmt], no: Sequence[ast.stmt]) -> Any:
        """Both branches, one after the other from the same start, and then the one or the other's results."""
        code, names, cells = self.code, dict(self.names), dict(self.code.cells)
        returned = self.run(yes)
        names_yes, cells_yes = self.names, code.cells
        self.names, code.cells = names, cells
        returned_no = self.run(no)
        for cell, value in code.cells.items():
            code.cells[cell] = code.select(condition, cells_yes[cell], value)
        self.names = {
            name: self._merged(condition, names_yes[name], value)
            for name, value in self.names.items()
            if name in names_yes
        }
        return self._merged(condition, returned, returned_no)

    def _merged(self, condition: Value, yes: Any, no: Any) -> Any:
        if isinstance(yes, Value) and isinstance(no, Value):
            return self.code.select(condition, yes, no)
        if isinstance(yes, tuple) and isinstance(no, tuple) and len(yes) == len(no):
            return tuple(self._merged(condition, a, b) for a, b in zip(yes, no, strict=True))
        if yes == no:
            return yes
        raise NotStraight("a name stands for different things in two branches")

    def _simple(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Assign):
            value = self.evaluate(statement.value)
            for target in statement.targets:
                self._assign(target, value)
        elif isinstance(statement, ast.AugAssign):
            operation = ast.BinOp(left=statement.target, op=statement.op, right=statement.value)
            self._assign(statement.target, self.evaluate(operation))
        elif isinstance(statement, ast.Expr):
            self.evaluate(statement.value)
        elif not isinstance(statement, ast.Pass):
            raise NotStraight(f"it has a statement of the kind {type(statement).__name__}")

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, tuple) and len(target.elts) == len(value):
            for element, part in zip(target.elts, value, strict=True):
                self._assign(element, part)
        elif isinstance(target, ast.Attribute) and isinstance(value, Value):
            record = self.evaluate(target.value)
            if not isinstance(record, Record) or record.shapes.get(target.attr) != ():
                raise NotStraight(f"it assigns to .{target.attr} as a whole")
            self.code.store(f"{record.name}.{target.attr}", value)
        elif isinstance(target, ast.Subscript) and isinstance(value, Value):
            array, index = self._indexed(target)
            for k, cell in enumerate(array.cells):
                here, old = self.code.comparison("==", index, constant(k)), self.code.cells[cell]
                self.code.store(cell, self.code.select(here, self.code.cast(value, old.kind), old))
        else:
            raise NotStraight("it assigns to something other than a name or a record's field")

    def number(self, node: ast.expr) -> Value:
        """The expression's value, which has to be a number."""
        return self._as_number(self.evaluate(node))

    def _as_number(self, value: Any) -> Value:
        if not isinstance(value, Value):
            raise NotStraight("it uses a record or an array where a number belongs")
        return value

    def evaluate(self, node: ast.expr) -> Any:
        """What an expression stands for: a number, an array, a record, or a tuple of these."""
        evaluator: Callable[[Any], Any] | None = getattr(self, f"_{type(node).__name__}", None)
        if evaluator is None:
            raise NotStraight(f"it has an expression of the kind {type(node).__name__}")
        return evaluator(node)

    def _Constant(self, node: ast.Constant) -> Value:
        return constant(node.value)

    def _Name(self, node: ast.Name) -> Any:
        if node.id in self.names:
            return self.names[node.id]
        if node.id not in self.module.constants:
            raise NotStraight(f"'{node.id}' is not known in every branch")
        value = self.module.constants[node.id]
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "np.uint64":
            return Value(ast.unparse(value.args[0]), "u", KNOWN)
        return _Call(self.module, self.code, {}).evaluate(value)

    def _Tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self.evaluate(element) for element in node.elts)

    def _Attribute(self, node: ast.Attribute) -> Any:
        if ast.unparse(node) in ("math.inf", "math.nan", "np.inf", "np.nan"):
            return constant(float(node.attr))
        base = self.evaluate(node.value)
        if isinstance(base, Record) and node.attr in base.shapes:
            shape, cell = base.shapes[node.attr], f"{base.name}.{node.attr}"
            return self.code.load(cell) if shape == () else _array(cell, shape)
        if isinstance(base, Array) and node.attr == "size":
            return constant(len(base.cells))
        if isinstance(base, Array) and node.attr == "shape":
            return tuple(constant(n) for n in base.shape)
        if isinstance(base, Value) and node.attr == "real":
            return base
        raise NotStraight(f".{node.attr} cannot be followed")

    def _Subscript(self, node: ast.Subscript) -> Any:
        base = self.evaluate(node.value)
        if isinstance(base, tuple):
            k = self.number(node.slice).known
            if not isinstance(k, int) or not -len(base) <= k < len(base):
                raise NotStraight("which element of a tuple it takes is only known at run time, or there is none")
            return base[k]
        array, index = self._indexed(node)
        if index.known is not None:
            return self._element(array.cells[index.known])
        value = self._element(array.cells[0])
        for k, cell in enumerate(array.cells[1:], 1):
            here = self.code.comparison("==", index, constant(k))
            value = self.code.select(here, self._element(cell), value)
        return value

    def _element(self, cell: Any) -> Value:
        return cell if isinstance(cell, Value) else self.code.load(cell)

    def _indexed(self, node: ast.Subscript) -> tuple[Array, Value]:
        """The array and the place in it, counted through."""
        array = self.evaluate(node.value)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not isinstance(array, Array) or len(parts) != len(array.shape):
            raise NotStraight("it takes a part of an array that is not one number")
        index = constant(0)
        for part, n in zip(parts, array.shape, strict=True):
            row = self.code.operation("*", index, constant(n))
            place = self._place(self.number(part), n)
            index = self.code.operation("+", row, place) if row.known != 0 else place
        return array, index

    def _place(self, place: Value, n: int) -> Value:
        """A place along one side of an array; below 0 it counts from the end."""
        if place.kind not in "iu" or (place.known is not None and not -n <= place.known < n):
            raise NotStraight("it takes an element that is not there")
        place = self.code.cast(place, "i")
        from_end = self.code.operation("+", place, constant(n))
        return self.code.select(self.code.comparison("<", place, constant(0)), from_end, place)

    def _IfExp(self, node: ast.IfExp) -> Any:
        condition = self.code.truth(self.number(node.test))
        if condition.known is not None:
            return self.evaluate(node.body if condition.known else node.orelse)
        return self._merged(condition, self._unchanging(node.body), self._unchanging(node.orelse))

    def _unchanging(self, node: ast.expr) -> Any:
        """What an expression stands for that Python may skip, so that it must not change a record."""
        before = dict(self.code.cells)
        value = self.evaluate(node)
        if self.code.cells != before:
            raise NotStraight("a function that changes a record is called where Python may skip it")
        return value

    def _BinOp(self, node: ast.BinOp) -> Value:
        symbol = OPERATORS.get(type(node.op))
        if symbol is None:
            raise NotStraight(f"it uses the operator {type(node.op).__name__}")
        return self.code.operation(symbol, self.number(node.left), self.number(node.right))

    def _UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.number(node.operand)
        if isinstance(node.op, ast.Not):
            return self.code.select(self.code.truth(value), constant(False), constant(True))
        if isinstance(node.op, ast.USub) and value.kind in "fi":
            return constant(-value.known) if value.known is not None else self.code.emit(value.kind, "neg", value)
        raise NotStraight(f"it uses the operator {type(node.op).__name__}")

    def _Compare(self, node: ast.Compare) -> Value:
        result = constant(True)
        parts = (node.left, *node.comparators)
        values = [*map(self.number, parts[:2]), *(self._as_number(self._unchanging(part)) for part in parts[2:])]
        for comparison, left, right in zip(node.ops, values, values[1:], strict=False):
            if type(comparison) not in COMPARISONS:
                raise NotStraight(f"it uses the operator {type(comparison).__name__}")
            result = self._both(result, self.code.comparison(COMPARISONS[type(comparison)], left, right))
        return result

    def _both(self, left: Value, right: Value) -> Value:
        return self.code.select(left, right, constant(False))

    def _BoolOp(self, node: ast.BoolOp) -> Value:
        result = self.number(node.values[0])
        for part in node.values[1:]:
            condition, value = self.code.truth(result), self._as_number(self._unchanging(part))
            yes, no = (value, result) if isinstance(node.op, ast.And) else (result, value)
            result = self.code.select(condition, yes, no)
        return result

    def _Call(self, node: ast.Call) -> Any:
        if node.keywords:
            raise NotStraight("it calls a function with arguments by name")
        name = ast.unparse(node.func)
        if name in self.module.functions:
            return self.module.call(self.code, name, [self.evaluate(argument) for argument in node.args])
        if isinstance(node.func, ast.Attribute) and node.func.attr == "view":
            return self._view(self.number(node.func.value), ast.unparse(node.args[0]))
        values = [self.number(argument) for argument in node.args]
        if name in CASTS and len(values) == 1:
            return self.code.cast(values[0], CASTS[name])
        if name in CALLS and len(values) == 1:
            return self.code.emit("f", CALLS[name], self.code.cast(values[0], "f"))
        if name == "abs" and len(values) == 1 and values[0].kind in "fi":
            return self.code.emit(values[0].kind, "abs", values[0])
        if name in ("min", "max") and len(values) == 2:
            return self._extreme("<" if name == "min" else ">", *values)
        raise NotStraight(f"it uses {name}")

    def _extreme(self, symbol: str, first: Value, second: Value) -> Value:
        return self.code.select(self.code.comparison(symbol, second, first), second, first)

    def _view(self, value: Value, name: str) -> Value:
        """The same 64 bits as another kind of number."""
        return self.code.emit(CASTS[name], f"bits-{value.kind}", value)


def _array(cell: str, shape: tuple[int, ...]) -> Array:
    size = 1
    for n in shape:
        size *= n
    return Array(shape, tuple(f"{cell}.{k}" for k in range(size)))


def _returns(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Return) for node in ast.walk(statement))
