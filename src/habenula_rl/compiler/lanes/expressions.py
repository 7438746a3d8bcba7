"""What the expressions of a rule stand for when it is followed: numbers, arrays, records, and tuples of these."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .ir import KNOWN, Array, CannotTrace, Code, Number, Record, Value, constant

CASTS = {"np.float64": "f", "float": "f", "np.int64": "i", "int": "i", "np.uint64": "u"}
OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
NUMBERS = {
    f"{module}.{name}": float(getattr(math, name)) for module in ("math", "np") for name in ("inf", "nan", "pi", "e")
}


class Expressions:
    """The expressions of a function under way; calls are its heir's business."""

    code: Code
    names: dict[str, Any]
    constants: dict[str, ast.expr]

    def number(self, node: ast.expr) -> Value:
        """The expression's value, which has to be a number."""
        return self._as_number(self.evaluate(node))

    def _as_number(self, value: Any) -> Value:
        if not isinstance(value, Value):
            raise CannotTrace("it uses a record or an array where a number belongs")
        return value

    def evaluate(self, node: ast.expr) -> Any:
        """What an expression stands for: a number, an array, a record, or a tuple of these."""
        evaluator: Callable[[Any], Any] | None = getattr(self, f"_{type(node).__name__}", None)
        if evaluator is None:
            raise CannotTrace(f"it has an expression of the kind {type(node).__name__}")
        return evaluator(node)

    def _Constant(self, node: ast.Constant) -> Value:
        return constant(node.value)

    def _Name(self, node: ast.Name) -> Any:
        if node.id in self.names:
            return self.names[node.id]
        if node.id not in self.constants:
            raise CannotTrace(f"'{node.id}' is not known in every branch")
        value = self.constants[node.id]
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "np.uint64":
            return Value(Number(ast.unparse(value.args[0])), "u", KNOWN)
        return self.evaluate(value)

    def _Tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self.evaluate(element) for element in node.elts)

    def _Attribute(self, node: ast.Attribute) -> Any:
        if ast.unparse(node) in NUMBERS:
            return constant(NUMBERS[ast.unparse(node)])
        base = self.evaluate(node.value)
        if isinstance(base, Record) and node.attr in base.shapes:
            shape, cell = base.shapes[node.attr], f"{base.name}.{node.attr}"
            return self.code.cells[cell] if shape == () else _array(cell, shape)
        if isinstance(base, Array) and node.attr == "size":
            return constant(len(base.cells))
        if isinstance(base, Array) and node.attr == "shape":
            return tuple(constant(n) for n in base.shape)
        if isinstance(base, Value) and node.attr == "real":
            return base
        raise CannotTrace(f".{node.attr} cannot be followed")

    def _Subscript(self, node: ast.Subscript) -> Any:
        base = self.evaluate(node.value)
        if isinstance(base, tuple):
            k = self.number(node.slice).known
            if not isinstance(k, int) or not -len(base) <= k < len(base):
                raise CannotTrace("which element of a tuple it takes is only known at run time, or there is none")
            return base[k]
        array, index, places, shape = self._indexed(node)
        values = tuple(self._picked(index, [self._element(array.cells[k]) for k in row]) for row in places.tolist())
        return values[0] if shape is None else Array(shape, values)

    def _picked(self, index: Value, values: Sequence[Value]) -> Value:
        """The value with that number."""
        if index.known is not None:
            known: int = index.known
            return values[known]
        result = values[0]
        for k, value in enumerate(values[1:], 1):
            result = self.code.select(self.code.comparison("==", index, constant(k)), value, result)
        return result

    def _element(self, cell: Any) -> Value:
        return cell if isinstance(cell, Value) else self.code.cells[cell]

    def _indexed(self, node: ast.Subscript) -> tuple[Array, Value, Any, tuple[int, ...] | None]:
        """The array, which of its parts, the cells of that (a row for each element of the part), and the part's shape.

        The shape is None where the part is a number.
        """
        array = self.evaluate(node.value)
        parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not isinstance(array, Array) or len(parts) > len(array.shape):
            raise CannotTrace("it takes a part of what has no such parts")
        parts += [ast.Slice()] * (len(array.shape) - len(parts))
        whole = [k for k, part in enumerate(parts) if isinstance(part, ast.Slice)]
        index, single = constant(0), [k for k in range(len(parts)) if k not in whole]
        for k in single:
            n, row = array.shape[k], self.code.operation("*", index, constant(array.shape[k]))
            place = self._place(self.number(parts[k]), n)
            index = self.code.operation("+", row, place) if row.known != 0 else place
        if any(ast.unparse(parts[k]) != ":" for k in whole):
            raise CannotTrace("it takes a part of an array by its bounds")
        shape = tuple(array.shape[k] for k in whole)
        places = (
            np.arange(len(array.cells)).reshape(array.shape).transpose([*whole, *single]).reshape(math.prod(shape), -1)
        )
        return array, index, places, shape if whole else None

    def _place(self, place: Value, n: int) -> Value:
        """A place along one side of an array; below 0 it counts from the end."""
        if place.kind not in "iu" or (place.known is not None and not -n <= place.known < n):
            raise CannotTrace("it takes an element that is not there")
        place = self.code.cast(place, "i")
        from_end = self.code.operation("+", place, constant(n))
        return self.code.select(self.code.comparison("<", place, constant(0)), from_end, place)

    def _IfExp(self, node: ast.IfExp) -> Any:
        condition = self.code.cast(self.number(node.test), "b")
        if condition.known is not None:
            return self.evaluate(node.body if condition.known else node.orelse)
        return self._merged(condition, self._unchanging(node.body), self._unchanging(node.orelse))

    def _unchanging(self, node: ast.expr) -> Any:
        """What an expression stands for that Python may skip, so that it must not change a record."""
        before = dict(self.code.cells)
        value = self.evaluate(node)
        if self.code.cells != before:
            raise CannotTrace("a function that changes a record is called where Python may skip it")
        return value

    def _merged(self, condition: Value, yes: Any, no: Any) -> Any:
        if isinstance(yes, Value) and isinstance(no, Value):
            return self.code.select(condition, yes, no)
        if isinstance(yes, tuple) and isinstance(no, tuple) and len(yes) == len(no):
            return tuple(self._merged(condition, a, b) for a, b in zip(yes, no, strict=True))
        if yes == no:
            return yes
        raise CannotTrace("a name stands for different things in two branches")

    def _elements(self, value: Any, shape: tuple[int, ...] | None) -> tuple[Value, ...]:
        """The numbers of an array of that shape, or one number as often as it has elements."""
        if isinstance(value, Value):
            return (value,) * math.prod(shape or ())
        if isinstance(value, Array) and value.shape == shape:
            return tuple(map(self._element, value.cells))
        raise CannotTrace("it joins arrays of different shapes")

    def _BinOp(self, node: ast.BinOp) -> Any:
        if isinstance(node.op, ast.Pow) and self.number(node.right).known == 2:
            return self.code.operation("*", self.number(node.left), self.number(node.left))
        symbol = OPERATORS.get(type(node.op))
        if symbol is None:
            raise CannotTrace(f"it uses the operator {type(node.op).__name__}")
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        shape = next((side.shape for side in (left, right) if isinstance(side, Array)), None)
        pairs = zip(self._elements(left, shape), self._elements(right, shape), strict=True)
        values = tuple(self.code.operation(symbol, a, b) for a, b in pairs)
        return values[0] if shape is None else Array(shape, values)

    def _UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.number(node.operand)
        if isinstance(node.op, ast.Not):
            return self.code.select(self.code.cast(value, "b"), constant(False), constant(True))
        if isinstance(node.op, ast.USub) and value.kind in "fi":
            return constant(-value.known) if value.known is not None else self.code.emit(value.kind, "neg", value)
        raise CannotTrace(f"it uses the operator {type(node.op).__name__}")

    def _Compare(self, node: ast.Compare) -> Value:
        result = constant(True)
        parts = (node.left, *node.comparators)
        values = [*map(self.number, parts[:2]), *(self._as_number(self._unchanging(part)) for part in parts[2:])]
        for comparison, left, right in zip(node.ops, values, values[1:], strict=False):
            if type(comparison) not in COMPARISONS:
                raise CannotTrace(f"it uses the operator {type(comparison).__name__}")
            holds = self.code.comparison(COMPARISONS[type(comparison)], left, right)
            result = self.code.select(result, holds, constant(False))
        return result

    def _BoolOp(self, node: ast.BoolOp) -> Value:
        result = self.number(node.values[0])
        for part in node.values[1:]:
            condition, value = self.code.cast(result, "b"), self._as_number(self._unchanging(part))
            yes, no = (value, result) if isinstance(node.op, ast.And) else (result, value)
            result = self.code.select(condition, yes, no)
        return result

    def _extreme(self, symbol: str, first: Value, second: Value) -> Value:
        return self.code.select(self.code.comparison(symbol, second, first), second, first)

    def _extreme_of(self, array: Any, symbol: str) -> Value:
        """An array's largest or smallest element; as NumPy says, NaN where one is."""
        if not isinstance(array, Array):
            raise CannotTrace("it uses the max or min of something other than an array")
        result, *others = map(self._element, array.cells)
        for value in others:
            more = self.code.comparison(symbol, value, result)
            more = self.code.select(self.code.comparison("!=", value, value), constant(True), more)
            result = self.code.select(more, value, result)
        return result

    def _view(self, value: Value, name: str) -> Value:
        """The same 64 bits as another kind of number."""
        return self.code.emit(CASTS[name], f"bits-{value.kind}", value)


def _array(cell: str, shape: tuple[int, ...]) -> Array:
    size = 1
    for n in shape:
        size *= n
    return Array(shape, tuple(f"{cell}.{k}" for k in range(size)))
