"""A population run as straight-line code over slots: all numbers of a subject in a row, 16 subjects at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Task
from . import records
from .kernel import subject_keys
from .layout import CLOCK, Layout
from .phase import Array, Phase, Setting, phase_of
from .specialise import Straight

WIDTH = 16
FEWEST = 4  # subjects for which it pays to run WIDTH at once


@dataclass(frozen=True)
class LaneProgram:
    """`population` runs the code; `straight` says in which slots the numbers lie."""

    layout: Layout
    straight: Straight
    population: Callable[..., Any]

    def run(self, parameters: Array, state: Array, setting: Setting) -> Phase:
        """See `Program`."""
        (whole,) = self.pieces(parameters, state, setting, setting.n_trials)
        return whole

    def pieces(self, parameters: Array, state: Array, setting: Setting, most: int) -> Iterator[Phase]:
        """See `InPieces`. A piece's steps are counted from 0 on, which says where their rows go."""
        n, task, layout, slots = parameters.size, setting.place, self.layout, self.straight.spans
        assert isinstance(task, Task)
        numbers = np.zeros((n, len(self.straight.slots)))
        whole = numbers.view(np.int64)
        numbers[:, slots["p"]], numbers[:, slots["w"]] = _matrix(parameters), _matrix(state)
        numbers[:, slots["q"]] = _matrix(records.packed_task(task, layout.task, 1))
        numbers[:, slots["aversive"]] = setting.tables.aversive
        numbers[:, slots["reflex"]] = setting.tables.reflex.ravel()
        for name, table in {"elements": setting.tables.elements, "available": setting.tables.available}.items():
            if table.size:
                whole[:, slots[name]] = table.ravel()
        for cell, values in _counts(setting, n).items():
            whole[:, self.straight.slots[cell]] = values
        steps, n_trials, running, failed = (
            whole[:, self.straight.slots[cell]] for cell in ("total.steps", "n_trials", "c.running", "c.failed")
        )
        before = np.zeros(n, np.int64)
        for trials in setting.pieces(most):
            room = len(trials) * setting.shape.max_steps
            rows = np.empty(n * room if layout.record else 1, layout.row)
            n_trials[:], running[:], steps[:] = trials.stop, 1, 0
            self.population(numbers, int(setting.naive and trials.start == 0), setting.script, room, rows)
            kept = _together(rows, steps) if layout.record else rows[:0]
            before += steps
            sums = _records(numbers[:, slots["total"]].copy(), layout.sums)
            sums["steps"] = before
            state[:] = _records(numbers[:, slots["w"]], state.dtype)
            stopped = np.flatnonzero(failed)
            kinds = {"e": layout.event, "y": layout.signals, "c": CLOCK}
            ends = [_records(numbers[stopped, slots[name]], kind) for name, kind in kinds.items()]
            yield phase_of(kept, sums, stopped, ends, state, setting)
            if stopped.size:
                return


def _counts(setting: Setting, n: int) -> Mapping[str, Any]:
    """The whole numbers with which a subject begins, where they are not 0; see `pieces` for those of its steps."""
    subjects = np.arange(setting.first, setting.first + n)
    with np.errstate(over="ignore"):
        key, task_key = subject_keys(setting.seed, setting.stream, subjects)
    return {
        "subject": subjects,
        "offset": setting.offset,
        "max_steps": setting.shape.max_steps,
        "e.passive": setting.shape.passive,
        "key": key.view(np.int64),
        "e.key": task_key.view(np.int64),
    }


def _matrix(records: Array) -> Array:
    """Records of 64-bit numbers as an array (n, numbers in one), over the same memory."""
    return records.view(np.float64).reshape(records.shape[0], -1)


def _records(numbers: Array, kind: np.dtype[Any]) -> Array:
    """Those records again."""
    return np.ascontiguousarray(numbers).view(kind)[:, 0]


def _together(rows: Array, counts: Array) -> Array:
    """The rows that were written, where each subject has the same room and filled the first `counts` of it."""
    room = rows.size // counts.size
    if (counts == room).all():
        return rows
    blobs = rows.view((np.void, rows.itemsize))  # of structured arrays NumPy compares the fields, one by one
    return np.concatenate([blobs[i * room : i * room + count] for i, count in enumerate(counts)]).view(rows.dtype)
