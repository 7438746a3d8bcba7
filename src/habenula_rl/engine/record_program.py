"""A population run as the kernel's loop over records, compiled or as plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Task
from . import records
from .layout import CLOCK, Layout
from .phase import Array, Phase, Setting, phase_of


@dataclass(frozen=True)
class RecordProgram:
    """The kernel's `begin_all` and `population` with an agent's and a task's rules."""

    layout: Layout
    begin_all: Callable[..., Any]
    population: Callable[..., Any]
    plain: bool

    def run(self, parameters: Array, state: Array, setting: Setting) -> Phase:
        """See `Program`."""
        n, task, shape, layout = parameters.size, setting.place, setting.shape, self.layout
        assert isinstance(task, Task)
        P, W = self._form(parameters), self._form(state)
        if setting.naive:
            self.begin_all(P, W, setting.tables.reflex)
        Q = self._form(records.packed_task(task, layout.task, n))
        X, E, Y, C = (self._form(np.zeros(n, k)) for k in (layout.memory, layout.event, layout.signals, CLOCK))
        E["passive"] = shape.passive
        room = n * setting.n_trials * shape.max_steps if layout.record else 1
        rows, sums = self._form(np.empty(room, layout.row)), self._form(np.zeros(n, layout.sums))
        n_rows = self.population(
            P,
            W,
            Q,
            X,
            E,
            Y,
            np.empty(layout.n_actions),
            C,
            *setting.tables.seen,
            setting.offset,
            layout.task_states,
            setting.script,
            np.uint64(setting.seed),
            np.uint64(setting.stream),
            setting.first,
            setting.n_trials,
            shape.max_steps,
            int(layout.record),
            rows,
            sums,
        )
        stopped = np.flatnonzero(C["failed"])
        ends = [np.asarray(each)[stopped] for each in (E, Y, C)]
        return phase_of(np.asarray(rows)[:n_rows], np.asarray(sums), stopped, ends, state, setting)

    def _form(self, array: Array) -> Array:
        """Plain Python needs records whose fields are attributes."""
        return records.attributed(array) if self.plain else array
