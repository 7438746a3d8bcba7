"""One phase of a population run: the subjects' records into the compiled or plain program, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Task
from . import records
from .kernel import subject_keys
from .lanes import CLOCK, Straight
from .programs import Program
from .stopped import reason
from .world import World

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Phase:
    """What a phase left behind: recorded steps (a structured array), per-subject sums, and where subjects failed.

    `failed` (n, 2) holds trial and step of a subject that had to stop, because a number was not finite or its task led
    to a state that it does not have; -1 elsewhere. `reasons` (n,) holds the sentence that says why, "" elsewhere.
    """

    rows: Array
    sums: Array
    failed: Array
    reasons: Array


@dataclass(frozen=True)
class Setting:
    """What the subjects of a phase have in common, and where their draws come from."""

    task: Task
    n_trials: int
    offset: int
    world: World  # of all tasks that they meet
    script: Array  # (subjects, trials), used over again in more trials
    seed: int
    stream: int
    first: int
    naive: bool
    record: bool


def run_phase(code: Program, agent: Any, parameters: Array, state: Array, setting: Setting, *, plain: bool) -> Phase:
    """Run subjects with these parameters and this state, which is written over, through a phase."""
    if code.straight is not None:
        return _in_slots(code, code.straight, agent, parameters, state, setting)
    return _in_records(code, agent, parameters, state, setting, plain)


def _in_slots(
    code: Program, straight: Straight, agent: Any, parameters: Array, state: Array, setting: Setting
) -> Phase:
    """All numbers of a subject in a row, in the order of the slots."""
    n, task, room = parameters.size, setting.task, setting.n_trials * setting.task.max_steps
    numbers = np.zeros((n, len(straight.slots)))
    whole = numbers.view(np.int64)
    numbers[:, straight.span("p")], numbers[:, straight.span("w")] = _matrix(parameters), _matrix(state)
    numbers[:, straight.span("q")] = _matrix(records.packed_task(task, 1))
    numbers[:, straight.span("aversive")] = setting.world.aversive
    numbers[:, straight.span("reflex")] = setting.world.reflex.ravel()
    for name in ("elements", "available"):
        table = getattr(setting.world, name)
        if table.size:
            whole[:, straight.span(name)] = table.ravel()
    for cell, values in _counts(setting, n).items():
        whole[:, straight.slots[cell]] = values
    rows = np.empty(n * room if setting.record else 1, records.row_type(agent))
    code.population(numbers, int(setting.naive), setting.script, room, rows)
    sums = _records(numbers[:, straight.span("total")], records.sum_type(agent, setting.world.n_actions))
    state[:] = _records(numbers[:, straight.span("w")], state.dtype)
    stopped = np.flatnonzero(whole[:, straight.slots["c.failed"]])
    kinds = {"e": setting.world.event, "y": records.signal_type(agent), "c": CLOCK}
    ends = [_records(numbers[stopped, straight.span(name)], kind) for name, kind in kinds.items()]
    kept = _together(rows, sums["steps"]) if setting.record else rows[:0]
    return _phase(kept, sums, stopped, ends, state, agent, setting)


def _counts(setting: Setting, n: int) -> Mapping[str, Any]:
    """The whole numbers with which a subject begins, where they are not 0."""
    subjects = np.arange(setting.first, setting.first + n)
    with np.errstate(over="ignore"):
        key, task_key = subject_keys(setting.seed, setting.stream, subjects)
    return {
        "subject": subjects, "offset": setting.offset, "n_trials": setting.n_trials,
        "max_steps": setting.task.max_steps, "e.passive": setting.task.passive, "c.running": 1,
        "key": key.view(np.int64), "e.key": task_key.view(np.int64),
    }  # fmt: skip


def _in_records(code: Program, agent: Any, parameters: Array, state: Array, setting: Setting, plain: bool) -> Phase:
    n, task = parameters.size, setting.task

    def form(records: Array) -> Array:
        """Plain Python needs records whose fields are attributes."""
        return records.view(np.recarray) if plain else records

    P, W = form(parameters), form(state)
    if setting.naive and code.begin_all is not None:
        code.begin_all(P, W, setting.world.reflex)
    Q = form(records.packed_task(task, n))
    X = form(np.zeros(n, records.memory_type(task)))
    E, Y, C = (form(np.zeros(n, kind)) for kind in (setting.world.event, records.signal_type(agent), CLOCK))
    E["passive"] = task.passive
    room = n * setting.n_trials * task.max_steps
    table = form(np.empty(room if setting.record else 1, records.row_type(agent)))
    sums = form(np.zeros(n, records.sum_type(agent, setting.world.n_actions)))
    n_rows = code.population(
        P, W, Q, X, E, Y, np.empty(len(task.actions)), C, *setting.world.seen,
        setting.offset, len(task.states), setting.script, np.uint64(setting.seed), np.uint64(setting.stream),
        setting.first, setting.n_trials, task.max_steps, int(setting.record), table, sums,
    )  # fmt: skip
    stopped = np.flatnonzero(C["failed"])
    ends = [np.asarray(records)[stopped] for records in (E, Y, C)]
    return _phase(np.asarray(table)[:n_rows], np.asarray(sums), stopped, ends, state, agent, setting)


def _phase(
    rows: Array, sums: Array, stopped: Array, ends: Sequence[Array], state: Array, agent: Any, setting: Setting
) -> Phase:
    """What came out; `ends` are event, signals and clock of the subjects that stopped, as their last step left them."""
    failed, reasons = np.full((sums.size, 2), -1), np.full(sums.size, "", object)
    for i, e, y, c in zip(stopped, *ends, strict=True):
        failed[i] = e["trial"], e["step"]
        reasons[i] = reason(e, y, c["weights"], state[i], task=setting.task, agent=agent, offset=setting.offset)
    return Phase(rows, sums, failed, reasons)


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
