"""Rules as straight-line code: calls inlined, loops unrolled, branches turned into choices between two results.

The tracer goes through the functions of a generated module with values that are names in the code to come, and `Code`
takes down what it finds as instructions. Code without branches or calls can run on several subjects at once (`llvm`).
What is the same in every step, because it depends on parameters alone, is taken out of the loop. Only what gives the
same bits as the rule itself is done; a rule that cannot be written so raises CannotTrace and runs as it stands.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

KNOWN, SUBJECT, STEP = 0, 1, 2  # when a number comes to be: now, once for a subject, in every step
MOST_INSTRUCTIONS = 6000
MOST_STATEMENTS = 20_000
COMPUTED: Mapping[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class CannotTrace(Exception):
    """The rule holds something that this translation leaves to the ordinary way of running it."""


class Name(str):
    """What an instruction made, or takes from a slot, by its name."""

    __slots__ = ()


class Number(str):
    """A number in the code, as text, in which 0.0 and -0.0 differ, and 1 and 1.0."""

    __slots__ = ()


Operand = Name | Number | int  # an int is a slot


class Instruction(NamedTuple):
    """One operation on numbers: what it makes, `name` of that kind (as in Value), of what.

    `load` takes the number out of a slot, and `store`, which makes nothing, puts one there; the others are those that
    `Code` emits. A tuple, as making and hashing one is most of what tracing does.
    """

    name: Name
    kind: str
    operation: str
    operands: tuple[Operand, ...]


NOTHING = Name("-")  # the name of what a store makes


def load(name: Name, kind: str, slot: int) -> Instruction:
    """Take the number out of a slot."""
    return Instruction(name, kind, "load", (slot,))


def store(kind: str, slot: int, operand: Name | Number) -> Instruction:
    """Put a number into a slot."""
    return Instruction(NOTHING, kind, "store", (slot, operand))


def needed(code: Sequence[Instruction], ends: Sequence[Instruction]) -> tuple[list[Instruction], set[Operand]]:
    """The instructions that the ends depend on, and the ends themselves; and all operands in them."""
    used = {operand for end in ends for operand in end.operands}
    kept: list[Instruction] = []
    for instruction in reversed(code):
        if instruction.name in used:
            used.update(instruction.operands)
            kept.append(instruction)
    return [*reversed(kept), *ends], used


@dataclass(frozen=True, slots=True)
class Value:
    """A number in the code to come: its kind (f float, i whole, u unsigned, b truth), and when it comes to be."""

    operand: Name | Number
    kind: str
    level: int
    known: Any = None  # the number itself where it is known now


@dataclass(frozen=True)
class Array:
    """Cells of a record, or values, by index."""

    shape: tuple[int, ...]
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Record:
    """A record by its name; its cells are `name.field` or `name.field.k`."""

    name: str
    shapes: Mapping[str, tuple[int, ...]]


class Code:
    """Straight-line code under construction: instructions by level, and what each cell of the records holds now."""

    def __init__(self, cells: Mapping[str, Value]) -> None:
        self.instructions: tuple[list[Instruction], ...] = ([], [], [])  # by level; none at level KNOWN
        self.cells = dict(cells)
        self.known: dict[tuple[str, str, tuple[Name | Number, ...]], Value] = {}
        self.exact = True  # whether plain Python, whose truth values and whole numbers are others, gives the same bits
        self.statements = 0

    def emit(self, kind: str, operation: str, *operands: Value) -> Value:
        """A new value, from others by an operation; the same operation on the same values is written once."""
        key = (kind, operation, tuple([value.operand for value in operands]))
        value = self.known.get(key)
        if value is None:
            if len(self.known) > MOST_INSTRUCTIONS:
                raise CannotTrace("it is too long")
            level = max(SUBJECT, *(value.level for value in operands))
            value = self.known[key] = Value(Name(f"v{len(self.known)}"), kind, level)
            self.instructions[level].append(Instruction(value.operand, *key))  # type: ignore[arg-type]
        return value

    def count(self) -> None:
        """Another statement of a rule has been followed; where branches fork again and again there are too many."""
        self.statements += 1
        if self.statements > MOST_STATEMENTS:
            raise CannotTrace("it is too long")

    def store(self, cell: str, value: Value) -> None:
        """Put a value into a cell, as the kind of number that the cell is."""
        self.cells[cell] = self.cast(value, self.cells[cell].kind)

    def cast(self, value: Value, kind: str) -> Value:
        """The value as another kind of number."""
        if value.kind == kind:
            return value
        if value.known is not None and kind in "fib":
            return constant({"f": float, "i": int, "b": bool}[kind](value.known))
        return self.emit(kind, f"from-{value.kind}", value)

    def select(self, condition: Value, yes: Value, no: Value) -> Value:
        """`yes` where the condition holds, else `no`."""
        if condition.known is not None:
            return yes if condition.known else no
        if yes == no:
            return yes
        kind = yes.kind if yes.kind == no.kind else "f"
        self.exact = self.exact and yes.kind == no.kind
        if "u" in (yes.kind, no.kind) and yes.kind != no.kind:
            raise CannotTrace("a number is unsigned in one branch and not in another")
        if yes.kind != no.kind and "b" in (yes.kind, no.kind):
            kind = (yes.kind + no.kind).replace("b", "")
        yes, no = self.cast(yes, kind), self.cast(no, kind)
        return self.emit(kind, "select", condition, yes, no)

    def operation(self, symbol: str, left: Value, right: Value) -> Value:
        """An arithmetic operation, with the kinds that Numba gives it."""
        kinds = {"i" if value.kind == "b" else value.kind for value in (left, right)}
        if "u" in kinds and len(kinds) > 1:
            raise CannotTrace("it mixes unsigned and other numbers")
        if "b" in (left.kind, right.kind) or (symbol == "/" and (right.kind != "f" or right.known == 0.0)):
            self.exact = False
        kind = "f" if "f" in kinds or symbol == "/" else kinds.pop()
        if kind == "f" and symbol not in "+-*/":
            raise CannotTrace(f"it uses {symbol} on numbers that are not whole")
        if left.known is not None and right.known is not None and symbol in "+-*":
            return constant(COMPUTED[symbol](left.known, right.known))
        return self.emit(kind, symbol, self.cast(left, kind), self.cast(right, kind))

    def comparison(self, symbol: str, left: Value, right: Value) -> Value:
        """A comparison of two numbers."""
        if left.known is not None and right.known is not None:
            return constant(COMPARED[symbol](left.known, right.known))
        kinds = {"i" if value.kind == "b" else value.kind for value in (left, right)}
        if "u" in kinds and len(kinds) > 1:
            raise CannotTrace("it compares unsigned with other numbers")
        kind = "f" if "f" in kinds else kinds.pop()
        return self.emit("b", f"{symbol}{kind}", self.cast(left, kind), self.cast(right, kind))


def constant(number: Any) -> Value:
    """A number that is known now."""
    kind = {bool: "b", int: "i", float: "f"}.get(type(number))
    if kind is None:
        raise CannotTrace(f"{number!r} is not a plain number")
    return Value(Number(repr(number) if kind == "f" else int(number)), kind, KNOWN, number)
