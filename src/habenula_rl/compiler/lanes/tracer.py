"""Follows the functions of a generated module, statement by statement, and takes them down as straight-line code."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from typing import Any

from ..source import parsed
from .expressions import CASTS, Expressions
from .ir import MOST_INSTRUCTIONS, Array, CannotTrace, Code, Record, Value, constant

DEEPEST = 40
CALLS = {"np.sqrt": "sqrt", "math.sqrt": "sqrt", "np.floor": "floor", "np.ceil": "ceil"}


class Module:
    """The functions and constants of a generated module, to be followed."""

    def __init__(self, text: str) -> None:
        body = parsed(text).body
        self.functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        self.constants = {
            node.targets[0].id: node.value
            for node in body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        self.depth = 0

    def call(self, code: Code, name: str, arguments: Sequence[Any]) -> Any:
        """Take down what a function does with these arguments; what it returns. Raises CannotTrace where it cannot."""
        function = self.functions[name]
        names = [argument.arg for argument in function.args.args]
        if len(names) != len(arguments) or self.depth > DEEPEST:
            raise CannotTrace(f"{name} is called in a way that cannot be followed")
        self.depth += 1
        try:
            result = _Call(self, code, dict(zip(names, arguments, strict=True))).run(function.body)
        except RecursionError:
            raise CannotTrace("it may return at too many places") from None
        self.depth -= 1
        return result


class _Call(Expressions):
    """One call of a function: its local names, over the cells that all calls share."""

    def __init__(self, module: Module, code: Code, names: dict[str, Any]) -> None:
        self.module, self.code, self.names, self.constants = module, code, names, module.constants

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
                condition = self.code.cast(self.number(statement.test), "b")
                if condition.known is not None:
                    waiting = [*(statement.body if condition.known else statement.orelse), *waiting]
                elif any(isinstance(node, ast.Return) for node in ast.walk(statement)):
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
            raise CannotTrace("a loop is not a plain one over range(...)")
        bounds = [self.number(argument).known for argument in call.args]  # type: ignore[attr-defined]
        if not all(isinstance(bound, int) for bound in bounds):
            raise CannotTrace("how often a loop turns is only known at run time")
        if len(range(*bounds)) > MOST_INSTRUCTIONS:
            raise CannotTrace("a loop is too long")
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
            raise CannotTrace(f"it has a statement of the kind {type(statement).__name__}")

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = _under_a_name(value)
        elif isinstance(target, ast.Tuple) and isinstance(value, tuple) and len(target.elts) == len(value):
            for element, part in zip(target.elts, value, strict=True):
                self._assign(element, part)
        elif isinstance(target, ast.Attribute) and isinstance(value, Value):
            record = self.evaluate(target.value)
            if not isinstance(record, Record) or record.shapes.get(target.attr) != ():
                raise CannotTrace(f"it assigns to .{target.attr} as a whole")
            self.code.store(f"{record.name}.{target.attr}", value)
        elif isinstance(target, ast.Subscript):
            self._assign_part(target, value)
        else:
            raise CannotTrace("it assigns to something other than a name or a record's field")

    def _assign_part(self, target: ast.Subscript, value: Any) -> None:
        array, index, places, shape = self._indexed(target)
        values = self._elements(value, shape)
        for one, row in zip(values, places.tolist(), strict=True):
            for k, place in enumerate(row):
                cell = array.cells[place]
                if not isinstance(cell, str):
                    raise CannotTrace("it assigns to a part of an array under another name")
                here, old = self.code.comparison("==", index, constant(k)), self.code.cells[cell]
                self.code.store(cell, self.code.select(here, self.code.cast(one, old.kind), old))

    def _Call(self, node: ast.Call) -> Any:
        if node.keywords:
            raise CannotTrace("it calls a function with arguments by name")
        name = ast.unparse(node.func)
        if name in self.module.functions:
            arguments = [self.evaluate(argument) for argument in node.args]
            fresh = [isinstance(argument, ast.Subscript | ast.BinOp) for argument in node.args]
            return self.module.call(
                self.code, name, [_under_a_name(a) if new else a for a, new in zip(arguments, fresh, strict=True)]
            )
        if isinstance(node.func, ast.Attribute) and node.func.attr == "view":
            return self._view(self.number(node.func.value), ast.unparse(node.args[0]))
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("max", "min") and not node.args:
            return self._extreme_of(self.evaluate(node.func.value), ">" if node.func.attr == "max" else "<")
        values = [self.number(argument) for argument in node.args]
        if name in CASTS and len(values) == 1:
            return self.code.cast(values[0], CASTS[name])
        if name in CALLS and len(values) == 1:
            return self.code.emit("f", CALLS[name], self.code.cast(values[0], "f"))
        if name in ("abs", "np.abs", "np.absolute") and len(values) == 1 and values[0].kind in "fi":
            return self.code.emit(values[0].kind, "abs", values[0])
        if name in ("min", "max") and len(values) > 1:
            symbol = "<" if name == "min" else ">"
            return functools.reduce(lambda one, other: self._extreme(symbol, one, other), values)
        raise CannotTrace(f"it uses {name}")


def _under_a_name(value: Any) -> Any:
    """The value, unless it is a part of an array: under a name that would go on changing with the array."""
    if isinstance(value, Array) and any(isinstance(cell, Value) for cell in value.cells):
        raise CannotTrace("it gives a name to a part of an array")
    return value
