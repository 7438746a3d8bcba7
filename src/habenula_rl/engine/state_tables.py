"""What subjects can meet: what hurts in each state, what is done by nature, what it is made of, what can be done.

The tables are filled up to a rounded number of states, so that few shapes need compiling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract.shape import Shape
from . import records

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class StateTables:
    """Tables by state. Those that would say nothing are empty.

    `aversive` (states,), `reflex` (states, actions), `elements` (states, most), filled up with -1, empty where every
    state is its own only element, and `available` (states, actions), empty where every action is, everywhere.
    """

    aversive: Array
    reflex: Array
    elements: Array
    available: Array
    n_states: int  # rounded
    n_actions: int  # the most that there are in any state
    event: np.dtype[Any]  # the type of an event here

    @property
    def seen(self) -> tuple[Array, Array, Array]:
        """What the kernel needs to see a state."""
        return self.aversive, self.elements, self.available


def state_tables(tasks: Sequence[Shape]) -> StateTables:
    """Those of the places of these shapes, the states of one after those of the other."""
    n_actions = max(len(task.actions) for task in tasks)
    masked = any(task.available or len(task.actions) < n_actions for task in tasks)
    elements: list[tuple[int, ...]] = []
    available: list[Sequence[bool]] = []
    for task in tasks:
        available += task.available or [(True,) * len(task.actions)] * len(task.states)
        first = len(elements)
        elements += [tuple(first + element for element in parts) for parts in task.elements]
    return tabulated(
        aversive=[level for task in tasks for level in task.aversive],
        reflex=[row for task in tasks for row in task.reflex],
        elements=elements,
        available=available if masked else [],
        n_actions=n_actions,
    )


def tabulated(
    *,
    aversive: Sequence[float],
    reflex: Sequence[Sequence[float]],
    elements: Sequence[Sequence[int]],
    available: Sequence[Sequence[bool]],
    n_actions: int,
) -> StateTables:
    """The tables with these lists by state; `elements` and `available` may be empty."""
    n_states = records.rounded(len(aversive))
    filled, made_of = np.zeros(n_states), _elements(elements)
    filled[: len(aversive)] = aversive
    mask = _table(available, n_actions).astype(np.int64) if available else np.zeros((0, n_actions), np.int64)
    tables = filled, _table(reflex, n_actions), made_of, mask
    return StateTables(*tables, n_states, n_actions, records.event_type(made_of.shape[1], n_actions))


def _table(by_state: Sequence[Sequence[float]], n_actions: int) -> Array:
    table = np.zeros((records.rounded(len(by_state)), n_actions))
    for s, row in enumerate(by_state):
        table[s, : len(row)] = row
    return table


def _elements(rows: Sequence[Sequence[int]]) -> Array:
    if all(tuple(row) == (s,) for s, row in enumerate(rows)):
        return np.zeros((0, 1), np.int64)
    table = np.full((records.rounded(len(rows)), max(map(len, rows))), -1)
    for s, row in enumerate(rows):
        table[s, : len(row)] = row
    return table
