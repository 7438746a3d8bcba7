"""The population run as straight-line code: one subject at a time, or several in the lanes of a processor's vectors.

What the tracer makes of `kernel.step_and_record` is written for as many subjects at once as wanted, over slots in which
their numbers lie side by side. Every width gives the same bits as the kernel itself.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..compiler import cache
from ..compiler.kept_files import read, write_whole
from ..compiler.lanes.ir import (
    KNOWN,
    STEP,
    SUBJECT,
    Array,
    CannotTrace,
    Code,
    Instruction,
    Name,
    Record,
    Value,
    constant,
    load,
    needed,
    store,
)
from ..compiler.lanes.llvm import Block, block_of
from ..compiler.lanes.tracer import Module
from ..computing import code as package_code
from ..computing import edited
from .layout import Layout

LARGEST_STATE = 170  # numbers; beyond, going through all of them to find one costs more than the lanes give
UNSTORED = ("row.", "e.elements.", "e.next_elements.", "e.available.", "e.next_available.")  # made anew in every turn
KERNEL = "habenula_rl_engine_kernel_{}"  # what a generated module calls a function of the kernel


@dataclass(frozen=True)
class Straight:
    """A population run's straight-line code and the slots of a subject's numbers.

    `start` makes the state of a naive subject and `prepare` what is the same in every turn, both for one subject at a
    time; `turn` is one step of as many subjects as it was written for.
    """

    start: Block
    prepare: Block
    turn: Block
    slots: Mapping[str, int]
    scripted: bool  # whether the task's script is read
    exact: bool  # whether plain Python is sure to give the same bits

    @functools.cached_property
    def spans(self) -> dict[str, slice]:
        """By record the slots of its numbers, in their order in memory; an empty table has none."""
        by_record: dict[str, list[int]] = {}
        for cell, slot in self.slots.items():
            by_record.setdefault(cell.partition(".")[0], []).append(slot)
        return {record: slice(own[0], own[-1] + 1) for record, own in by_record.items()}


def straight(text: str, layout: Layout, width: int) -> Straight:
    """The code for the rules in a generated module, traced once and kept beside the compiled programs.

    As these it is named by all that decides it, here every file of the package, and carries a checksum; where a file
    has changed since it was imported, it is neither taken nor kept. Raises CannotTrace where the rules cannot be
    written so, which is kept too.
    """
    place = None if edited() else cache.folder()
    if place is None:
        return traced(text, layout, width)
    name = cache.fingerprint("\n".join([package_code().hex(), repr(layout), str(width), text]))
    path = place / f"hrl_{name}.lanes"
    content = read(path)
    checksum, data = content[: hashlib.sha256().digest_size], content[hashlib.sha256().digest_size :]
    if hashlib.sha256(data).digest() == checksum:
        found = json.loads(zlib.decompress(data))
    else:
        try:
            found = asdict(traced(text, layout, width))
        except CannotTrace as why:
            found = {"cannot": str(why)}
        data = zlib.compress(json.dumps(found).encode(), 1)
        write_whole(path, hashlib.sha256(data).digest() + data)
    if "cannot" in found:
        raise CannotTrace(found["cannot"])
    return Straight(**found | {part: Block(**found[part]) for part in ("start", "prepare", "turn")})


def traced(text: str, layout: Layout, width: int) -> Straight:
    """The code, by following the rules. Raises CannotTrace where they cannot be written so."""
    kinds = dict(layout.cells())
    size = sum(cell.startswith("w.") for cell in kinds)
    if size > LARGEST_STATE:
        raise CannotTrace(f"the agent's state holds {size} numbers, more than {LARGEST_STATE}")
    numbers = dict.fromkeys(["offset", "n_trials", "max_steps", "subject"], "i") | {"key": "u"}
    numbers |= {f"aversive.{k}": "f" for k in range(layout.n_states)}
    numbers |= {f"elements.{k}": "i" for k in range(math.prod(layout.elements))}
    numbers |= {f"available.{k}": "i" for k in range(math.prod(layout.available))}
    numbers |= {f"reflex.{k}": "f" for k in range(layout.n_states * layout.most_actions)}
    module = Module(text)
    code, given = _followed(module, layout, kinds | numbers, width)
    slots = {cell: k for k, cell in enumerate(given)}
    stores = _stores(code, layout, given, slots)
    _, used = needed(code.instructions[STEP], stores)
    once = [instruction for instruction in code.instructions[SUBJECT] if instruction.name in used]  # and kept in slots
    slots |= {instruction.name: len(given) + k for k, instruction in enumerate(once)}
    kept = [store(instruction.kind, slots[instruction.name], instruction.name) for instruction in once]
    loads = [
        load(Name(value.operand), value.kind, slots[cell]) for cell, value in given.items() if value.level != KNOWN
    ]
    again = [load(instruction.name, instruction.kind, slots[instruction.name]) for instruction in once]
    prepare, _ = needed(loads + code.instructions[SUBJECT], kept)
    turn, used = needed(loads + again + code.instructions[STEP], stores)
    start, start_exact = _start(module, layout, kinds | numbers, slots)
    return Straight(
        start=block_of(start, 1),
        prepare=block_of(prepare, 1),
        turn=block_of(turn, width),
        slots=slots,
        scripted="e_scripted" in used,
        exact=code.exact and start_exact,
    )


def _start(
    module: Module, layout: Layout, kinds: Mapping[str, str], slots: Mapping[str, int]
) -> tuple[list[Instruction], bool]:
    """The code that makes a naive subject's state, and whether it is exact."""
    given = {cell: Value(Name(cell.replace(".", "_")), kind, SUBJECT) for cell, kind in kinds.items()}
    code = Code(given)
    cells = tuple(value for cell, value in given.items() if cell.startswith("reflex."))
    reflex = Array((layout.n_states, layout.most_actions), cells)
    records = layout.types()
    p, w = (Record(name, {f: records[name][f].shape for f in records[name].names or ()}) for name in ("p", "w"))
    module.call(code, KERNEL.format("make_naive"), [p, w, reflex])
    state = [cell for cell in kinds if cell.startswith("w.") and code.cells[cell] != given[cell]]
    loads = [load(Name(value.operand), value.kind, slots[cell]) for cell, value in given.items()]
    stores = [store(kinds[cell], slots[cell], code.cells[cell].operand) for cell in state]
    return needed(loads + code.instructions[SUBJECT], stores)[0], code.exact


def _followed(module: Module, layout: Layout, kinds: Mapping[str, str], width: int) -> tuple[Code, dict[str, Value]]:
    """A turn's code, and what it begins with; what no turn changes is found by going through it until all is found."""
    lasting: set[str] = set()
    while True:
        given = {cell: _given(cell, kind, layout, lasting, width) for cell, kind in kinds.items()}
        code = Code({**given, **{f"z.{a}": constant(0.0) for a in range(layout.n_actions)}})
        module.call(code, KERNEL.format("step_and_record"), list(_arguments(layout, given)))
        if any(code.cells[cell] != given[cell] for cell in ("e.key", "e.passive")):
            raise CannotTrace("it changes the event's key or passive action")
        same = {cell for cell, value in given.items() if value.level == STEP and code.cells[cell] == value}
        if not same - lasting - {"e.scripted"}:
            return code, given
        lasting |= same


def _stores(code: Code, layout: Layout, given: Mapping[str, Value], slots: Mapping[str, int]) -> list[Instruction]:
    """Put what has changed into its slots."""
    kinds = dict(layout.cells())
    written = ("row.", "c.kept") if layout.record else ("c.kept",)
    changed = [
        cell
        for cell in kinds
        if cell.startswith(written) or (code.cells[cell] != given[cell] and not cell.startswith(UNSTORED))
    ]
    return [store(kinds[cell], slots[cell], code.cells[cell].operand) for cell in changed]


def _given(cell: str, kind: str, layout: Layout, lasting: set[str], width: int) -> Value:
    """What a cell holds when a turn begins."""
    if (cell == "e.step" and layout.one_step) or (cell == "c.running" and width == 1):
        return constant(int(cell == "c.running"))
    if layout.harmless and cell.startswith("aversive."):
        return constant(0.0)
    if cell.startswith(UNSTORED) or cell in ("c.kept", "c.weights"):  # only written
        return constant(0.0 if kind == "f" else 0)
    changes = cell.partition(".")[0] in ("w", "x", "e", "y", "c", "total")
    fixed = cell in lasting - {"e.scripted"} or cell in ("e.key", "e.passive")
    return Value(Name(cell.replace(".", "_")), kind, STEP if changes and not fixed else SUBJECT)


def _arguments(layout: Layout, given: Mapping[str, Value]) -> Iterator[Any]:
    """What `kernel.step_and_record` is called with."""
    types = layout.types()
    for name in ("p", "w", "q", "x", "e", "y", "z", "total", "row", "c"):
        if name == "z":
            yield Array((layout.n_actions,), tuple(f"z.{a}" for a in range(layout.n_actions)))
        else:
            yield Record(name, {field: types[name][field].shape for field in types[name].names or ()})
    shapes = {"aversive": (layout.n_states,), "elements": layout.elements, "available": layout.available}
    for name, shape in shapes.items():
        yield Array(shape, tuple(given[f"{name}.{k}"] for k in range(math.prod(shape))))
    yield from (given["offset"], constant(layout.task_states), given["n_trials"])
    yield constant(1) if layout.one_step else given["max_steps"]
    yield from (given["subject"], given["key"])
