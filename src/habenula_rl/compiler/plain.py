"""Rules as plain Python, with the same bits: for breakpoints and print, and for runs too small to compile for."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .portable_math import plain_for_arrays, portable
from .reach import FOREIGN, UNKNOWN, Functions, is_function, resolve, unwrapped


def plain(functions: Functions, bindings: Functions) -> dict[str, Callable[..., Any]]:
    """The functions as Python runs them, with `bindings` in place of the names that they leave open."""
    copies = _Copies(functions.values(), bindings)
    return {name: _without_float_warnings(copies.value(function)) for name, function in functions.items()}


class _Copies:
    """Copies of functions that see the bindings, and the portable exponential in the place of NumPy's."""

    def __init__(self, functions: Iterable[Any], bindings: Functions) -> None:
        self.copies: dict[int, types.FunctionType] = {}
        reached = list(resolve(functions, bindings, into=lambda function: not _is_library(function.__module__)))
        for original, _ in reached:
            code, cells = original.__code__, tuple(types.CellType() for _ in original.__code__.co_freevars)
            scope = {**bindings, **original.__globals__}  # what a function has itself goes first
            copy = types.FunctionType(code, scope, original.__name__, original.__defaults__, cells)
            copy.__kwdefaults__ = original.__kwdefaults__
            self.copies[id(original)] = copy
        for original, references in reached:
            copy = self.copies[id(original)]
            around = dict(zip(original.__code__.co_freevars, copy.__closure__ or (), strict=True))
            for reference in references:
                if isinstance(reference.place, types.CellType) and reference.value is not UNKNOWN:
                    around[reference.name].cell_contents = self.value(reference.value)
                elif reference.name in copy.__globals__:
                    copy.__globals__[reference.name] = self.value(copy.__globals__[reference.name])

    def value(self, value: Any) -> Any:
        """What something stands for in a copy."""
        if portable(value) is not value:
            return plain_for_arrays(portable(value))
        if is_function(value):
            return self.copies.get(id(unwrapped(value)), value)
        if isinstance(value, types.ModuleType) and (value.__name__ in FOREIGN or not _is_library(value.__name__)):
            return _Seen(self, value)
        return value


class _Seen:
    """A module as a copy sees it."""

    def __init__(self, copies: _Copies, module: types.ModuleType) -> None:
        self.__copies, self.__module = copies, module

    def __getattr__(self, name: str) -> Any:
        value = self.__copies.value(getattr(self.__module, name))
        self.__dict__[name] = value
        return value


def _is_library(name: str | None) -> bool:
    """Whether a module comes with Python or with an installed package other than ours, and so holds no rules."""
    root = (name or "").partition(".")[0]
    file = getattr(sys.modules.get(root), "__file__", None) or ""
    return (root in sys.stdlib_module_names and root != "__main__") or "site-packages" in file


def _without_float_warnings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled code does not warn where an exponential overflows or a counter wraps; plain code shall not either."""

    @functools.wraps(function)
    def quiet(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args)

    return quiet
