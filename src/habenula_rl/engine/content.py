"""What functions are made of, helpers and constants included: the key by which the compiler knows them again."""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .vectors import Block

Functions = Mapping[str, Callable[..., Any]]
NUMBERS = bool | int | float | complex | np.number
FOREIGN = {"numpy": "np", "math": "math"}


def content(functions: Functions, bindings: Functions) -> tuple[Any, ...]:
    """All code and constants that the functions reach, as a key for a cache in memory.

    The functions themselves are no such key: a helper typed again in a notebook changes the rule that calls it.
    """
    found: list[Any] = []
    seen: set[int] = set()

    def visit(value: Any, siblings: tuple[str, ...]) -> None:
        value = getattr(value, "py_func", value)
        if isinstance(value, types.FunctionType) and id(value) not in seen:
            seen.add(id(value))
            names = tuple(name for code in codes(value.__code__) for name in code.co_names)
            found.append((value.__code__, repr(value.__defaults__)))
            for name in (*names, *value.__code__.co_freevars):
                visit(_lookup(value, name, bindings), names)
        elif isinstance(value, types.ModuleType) and value.__name__ not in FOREIGN:
            for name in siblings:
                visit(getattr(value, name, None), ())
        elif is_constant(value):
            found.append(literal(value))  # as text, in which 1, 1.0 and True differ, and 0.0 and -0.0

    for function in functions.values():
        visit(function, ())
    return tuple(found)


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A function's code and, up to Python 3.11, that of the comprehensions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def _lookup(function: types.FunctionType, name: str, bindings: Functions) -> Any:
    """What a name that is not local stands for in a function, None for a builtin or an attribute."""
    if name in function.__code__.co_freevars:
        return dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))[name].cell_contents
    return function.__globals__.get(name, bindings.get(name))


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
