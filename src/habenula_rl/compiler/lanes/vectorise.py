"""One function of numbers as straight-line code for several subjects at once, with the bits it has for each alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..module import module_source
from .ir import STEP, Array, Code, Name, Record, Value, load, store
from .llvm import Block, block_of
from .tracer import Module


@dataclass(frozen=True)
class Abreast:
    """`block` runs the function on an array of slots (see vectors.block); `slots` says which number stands in which."""

    block: Block
    slots: Mapping[str, int]


def abreast(function: Callable[..., Any], arguments: Mapping[str, tuple[str, ...] | int | None], width: int) -> Abreast:
    """The code for `width` subjects of a function that changes its arguments and returns nothing.

    An argument is a record (the names of its fields), an array (its length) or a number (None); all are floats. Slots
    are named "argument.field", "argument.index" or "argument", and come in the order of `arguments`. Raises
    CannotTrace where the function cannot be written so.
    """
    names: dict[str, tuple[str, ...]] = {}
    for name, what in arguments.items():
        parts = what if isinstance(what, tuple) else range(what or 0)
        names[name] = (name,) if what is None else tuple(f"{name}.{part}" for part in parts)
    given = {cell: Value(Name(cell.replace(".", "_")), "f", STEP) for cells in names.values() for cell in cells}
    code = Code(given)
    handed = [_argument(name, arguments[name], names[name], given) for name in inspect.signature(function).parameters]
    Module(module_source({"abreast": function}, {})[0]).call(code, "abreast", handed)
    slots = {cell: k for k, cell in enumerate(given)}
    loads = [load(Name(value.operand), "f", slots[cell]) for cell, value in given.items()]
    stores = [store("f", slots[c], code.cells[c].operand) for c, value in given.items() if code.cells[c] != value]
    return Abreast(block_of([*loads, *code.instructions[STEP], *stores], width), slots)


def _argument(name: str, what: Any, cells: tuple[str, ...], given: Mapping[str, Value]) -> Any:
    if what is None:
        return given[name]
    return Array((what,), cells) if isinstance(what, int) else Record(name, dict.fromkeys(what, ()))
