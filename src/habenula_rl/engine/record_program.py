"""A population run as the kernel's loop over records, compiled or as plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        (whole,) = self.pieces(parameters, state, setting, setting.n_trials)
        return whole

    def pieces(self, parameters: Array, state: Array, setting: Setting, most: int) -> Iterator[Phase]:
        """See `InPieces`."""
        n, task, shape, layout = parameters.size, setting.place, setting.shape, self.layout
        assert isinstance(task, Task)
        P, W = self._form(parameters), self._form(state)
        if setting.naive:
            self.begin_all(P, W, setting.tables.reflex)
        Q = self._form(records.packed_task(task, layout.task, n))
        X, E, Y, C = (self._form(np.zeros(n, k)) for k in (layout.memory, layout.event, layout.signals, CLOCK))
        E["passive"] = shape.passive
        sums = self._form(np.zeros(n, layout.sums))
        for trials in setting.pieces(most):
            rows = self._form(np.empty(n * len(trials) * shape.max_steps if layout.record else 1, layout.row))
            C["running"] = C["failed"] == 0
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
                trials.stop,
                shape.max_steps,
                int(trials.start > 0),
                int(layout.record),
                rows,
                sums,
            )
            stopped = np.flatnonzero(C["failed"])
            ends = [np.asarray(each)[stopped] for each in (E, Y, C)]
            yield phase_of(np.asarray(rows)[:n_rows], np.array(sums), stopped, ends, state, setting)
            if stopped.size:
                return

    def _form(self, array: Array) -> Array:
        """Plain Python needs records whose fields are attributes."""
        return records.attributed(array) if self.plain else array
