"""What a rule reaches: the functions, constants and modules that the names in it stand for.

The one place that says which of a function's names are its own, and where the others are looked up: in the functions
around it, in its module, and, for what these leave open, in the bindings that it is compiled with. Checks, the
generated module, the keys of what was compiled and plain Python all ask here.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Functions = Mapping[str, Callable[..., Any]]
FOREIGN = {"numpy": "np", "math": "math"}  # modules that hold no rules, and what a generated module calls them
UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a function, `rate` or `helper.rate`, and what it stands for: `place[key]`, or what is in a cell.

    UNKNOWN where there is nothing, which is worth watching too: it may come to be there.
    """

    name: str
    value: Any
    place: Mapping[str, Any] | types.CellType
    key: str


def resolve(
    functions: Iterable[Any], bindings: Functions, into: Callable[[types.FunctionType], bool] = lambda _: True
) -> Iterator[tuple[types.FunctionType, list[Reference]]]:
    """Each function that these reach, themselves first, once, with what its names stand for.

    Read from the functions' code, so that those without source are walked too. An attribute's name counts as a global
    where there is one of that name: too much is found, never too little. `into`: which functions are entered.
    """
    waiting, seen = [unwrapped(function) for function in functions], set[int]()
    for function in waiting:  # which grows
        if id(function) not in seen:
            seen.add(id(function))
            references = _references(function, bindings)
            yield function, references
            reached = (unwrapped(reference.value) for reference in references)
            waiting += [value for value in reached if isinstance(value, types.FunctionType) and into(value)]


def _references(function: types.FunctionType, bindings: Functions) -> list[Reference]:
    names = tuple(dict.fromkeys(name for code in codes(function.__code__) for name in code.co_names))
    found = [Reference(name, content_of(cell), cell, name) for name, cell in _cells(function)]
    for name in names:
        for place in (function.__globals__, bindings):
            found.append(Reference(name, place.get(name, UNKNOWN), place, name))
            if name in place:
                break
    modules = set[int]()
    for reference in found:  # which grows
        module = reference.value
        if isinstance(module, types.ModuleType) and module.__name__ not in FOREIGN and id(module) not in modules:
            modules.add(id(module))
            own = vars(module)
            found += [Reference(f"{reference.name}.{name}", own.get(name, UNKNOWN), own, name) for name in names]
    return found


class Scope:
    """What the names in one function's source stand for; `local` are its own, `known` all others by name."""

    def __init__(self, function: Any, bindings: Functions | None = None) -> None:
        around = {name: value for name, cell in _cells(function) if (value := content_of(cell)) is not UNKNOWN}
        self.known: dict[str, Any] = {**(bindings or {}), **function.__globals__, **around}
        inner = [name for code in codes(function.__code__) for name in (*code.co_varnames, *code.co_cellvars)]
        self.local = {*inner, *function.__code__.co_freevars} - around.keys()

    def value(self, node: ast.expr) -> Any:
        """What a name, or a module's attribute, stands for; UNKNOWN for anything else."""
        if isinstance(node, ast.Name):
            return UNKNOWN if node.id in self.local else self.known.get(node.id, UNKNOWN)
        module = self.module(node)
        return UNKNOWN if module is None else getattr(module, node.attr, UNKNOWN)  # type: ignore[attr-defined]

    def module(self, node: ast.expr) -> types.ModuleType | None:
        """The module whose attribute it is; None where it is none."""
        value = self.value(node.value) if isinstance(node, ast.Attribute) else None
        return value if isinstance(value, types.ModuleType) else None


def unwrapped(function: Any) -> Any:
    """The Python function of one that is compiled."""
    return getattr(function, "py_func", function)


def is_function(value: Any) -> bool:
    """Whether it is a function written in Python, compiled or not."""
    return isinstance(unwrapped(value), types.FunctionType)


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A function's code and, up to Python 3.11, that of the comprehensions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def content_of(cell: types.CellType) -> Any:
    """What is in a cell now, UNKNOWN where it is empty."""
    try:
        return cell.cell_contents
    except ValueError:
        return UNKNOWN


def _cells(function: Any) -> Iterator[tuple[str, types.CellType]]:
    return zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
