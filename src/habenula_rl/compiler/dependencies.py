"""What functions are made of, helpers and constants included: the key by which the compiler knows them again."""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .lanes.llvm import Block

Functions = Mapping[str, Callable[..., Any]]
NUMBERS = bool | int | float | complex | np.number
FOREIGN = {"numpy": "np", "math": "math"}


def content(functions: Functions, bindings: Functions) -> tuple[Any, ...]:
    """All code and constants that the functions reach, as a key for a cache in memory.

    The functions themselves are no such key: a helper typed again in a notebook changes the rule that calls it.
    """
    roots = (*map(id, functions.values()), *bindings, *map(id, bindings.values()))
    known = _KNOWN.get(roots)
    if known is None or not known.holds():
        known = _KNOWN[roots] = _Content(functions, bindings)
    return known.key


class _Content:
    """The key, and every place that was looked at for it: as long as the same things stand there, it holds."""

    def __init__(self, functions: Functions, bindings: Functions) -> None:
        self.found: list[Any] = []
        self.codes: list[tuple[types.FunctionType, types.CodeType]] = []
        self.places: list[tuple[Mapping[str, Any], str, Any]] = []
        self.cells: list[tuple[types.CellType, Any]] = []
        self.bindings = bindings
        self.kept = (*functions.values(), *bindings.values())  # alive, so that nothing else comes to have their ids
        self.seen: set[int] = set()
        for function in functions.values():
            self._visit(function, ())
        self.key = tuple(self.found)

    def holds(self) -> bool:
        """Whether nothing was defined anew since."""
        return (
            all(function.__code__ is code for function, code in self.codes)
            and all(cell.cell_contents is value for cell, value in self.cells)
            and all(scope.get(name) is value for scope, name, value in self.places)
        )

    def _visit(self, value: Any, siblings: tuple[str, ...]) -> None:
        value = getattr(value, "py_func", value)
        if isinstance(value, types.FunctionType) and id(value) not in self.seen:
            self.seen.add(id(value))
            self.codes.append((value, value.__code__))
            names = tuple(name for code in codes(value.__code__) for name in code.co_names)
            self.found.append((value.__code__, repr(value.__defaults__)))
            for name in names:
                scope = value.__globals__ if name in value.__globals__ else self.bindings
                self._look(scope, name, names)
            for cell in value.__closure__ or ():
                self.cells.append((cell, cell.cell_contents))
                self._visit(cell.cell_contents, names)
        elif isinstance(value, types.ModuleType) and value.__name__ not in FOREIGN:
            for name in siblings:
                self._look(value.__dict__, name, ())
        elif is_constant(value):
            self.found.append(literal(value))  # as text, in which 1, 1.0 and True differ, and 0.0 and -0.0

    def _look(self, scope: Mapping[str, Any], name: str, siblings: tuple[str, ...]) -> None:
        value = scope.get(name)
        self.places.append((scope, name, value))
        self._visit(value, siblings)


_KNOWN: dict[tuple[Any, ...], _Content] = {}


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A function's code and, up to Python 3.11, that of the comprehensions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def is_constant(value: Any) -> bool:
    """Whether a rule may use it as a global: a number, a tuple of numbers, or straight-line code."""
    return isinstance(value, NUMBERS | Block) or (
        isinstance(value, tuple) and all(isinstance(v, NUMBERS) for v in value)
    )


def literal(value: Any) -> str:
    """A constant as source text."""
    if isinstance(value, np.number):
        return f"np.{value.dtype.name}({literal(value.item())})"
    if isinstance(value, float) and not math.isfinite(value):
        return "math.nan" if value != value else f"{'-' if value < 0 else ''}math.inf"
    if isinstance(value, Block):
        return f"block({value.code!r}, {value.width})"
    if isinstance(value, tuple):
        return f"({''.join(f'{literal(v)}, ' for v in value)})"
    return repr(value)
