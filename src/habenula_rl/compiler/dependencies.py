"""What functions are made of, helpers and constants included: the key by which the compiler knows them again."""

from __future__ import annotations

import itertools
import math
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from .lanes.llvm import Block
from .reach import UNKNOWN, Functions, Reference, content_of, resolve, unwrapped

NUMBERS = bool | int | float | complex | np.number


def content(functions: Functions, bindings: Functions) -> tuple[Any, ...]:
    """All code and constants that the functions reach, equal for equal ones; as text the same in every process.

    The functions themselves do not say it: a helper typed again in a notebook changes the rule that calls it.
    """
    return _content(functions, bindings).parts


def content_key(functions: Functions, bindings: Functions) -> int:
    """A number for that content in this process: the key by which what was made of it is found again."""
    return _content(functions, bindings).key


def made_of(functions: Functions, bindings: Functions) -> dict[Any, Any]:
    """Where to keep what is made of these very functions: empty again once anything that they reach is defined anew."""
    return _content(functions, bindings).made


def _content(functions: Functions, bindings: Functions) -> _Content:
    roots = (*map(id, functions.values()), *bindings, *map(id, bindings.values()))
    known = _KNOWN.get(roots)
    if known is None or not known.holds():
        known = _KNOWN[roots] = _Content(functions, bindings)
    return known


class _Content:
    """It, and every place that was looked at for it: as long as the same things stand there, it holds."""

    def __init__(self, functions: Functions, bindings: Functions) -> None:
        reached = list(resolve(functions.values(), bindings))
        references = [reference for _, found in reached for reference in found]
        self.kept = (*functions.values(), *bindings.values())  # alive, so that nothing else comes to have their ids
        self.codes = [(f, f.__code__, f.__defaults__, f.__kwdefaults__) for f, _ in reached]
        looked = [(r.place, r.key, r.value) for r in references if not isinstance(r.place, types.CellType)]
        self.places = list({(id(place), key): (place, key, value) for place, key, value in looked}.values())
        self.cells = [(r.place, r.value) for r in references if isinstance(r.place, types.CellType)]
        numbers = {id(function): number for number, (function, _) in enumerate(reached)}
        self.parts = tuple(
            (f.__code__, repr((f.__defaults__, f.__kwdefaults__)), *(_token(r, numbers) for r in references))
            for f, references in reached
        )
        self.key = _KEYS.setdefault(self.parts, next(_NUMBERS))
        self.made: dict[Any, Any] = {}

    def holds(self) -> bool:
        """Whether nothing was defined anew since."""
        return (
            all(f.__code__ is c and f.__defaults__ is d and f.__kwdefaults__ is k for f, c, d, k in self.codes)
            and all(content_of(cell) is value for cell, value in self.cells)
            and all(place.get(key, UNKNOWN) is value for place, key, value in self.places)
        )


def _token(reference: Reference, numbers: Mapping[int, int]) -> Any:
    """What stands for a name, so that equal content has equal tokens."""
    value = unwrapped(reference.value)
    if id(value) in numbers:
        return reference.name, numbers[id(value)]
    if is_constant(value):
        return reference.name, literal(value)  # as text, in which 1, 1.0 and True differ, and 0.0 and -0.0
    return reference.name, _Same(value)


class _Same:
    """Something that is equal only to itself; kept alive, so that nothing else comes to have its id."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)

    def __repr__(self) -> str:
        module = getattr(self.value, "__module__", None) or type(self.value).__module__
        name = getattr(self.value, "__qualname__", None) or getattr(self.value, "__name__", type(self.value).__name__)
        return f"{module}.{name}"


_KNOWN: dict[tuple[Any, ...], _Content] = {}
_KEYS: dict[tuple[Any, ...], int] = {}
_NUMBERS = itertools.count()


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
