"""The layout of a run: the types of its records, and the sizes that its code is written for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Agent, Place, Task
from ..contract.shape import Shape
from . import records
from .conditions import NORMAL, Conditions
from .state_tables import StateTables

Type = np.dtype[Any]
NOTHING = np.dtype([("none", "f8")])  # what an environment of Gymnasium keeps to itself
CLOCK = np.dtype([("running", "i8"), ("kept", "i8"), ("failed", "i8"), ("weights", "f8")])


@dataclass(frozen=True)
class Layout:
    """The record types and sizes that a population run is written for."""

    parameters: Type
    state: Type
    task: Type
    memory: Type
    event: Type
    signals: Type
    sums: Type
    row: Type
    n_states: int  # of all tasks that the subjects meet, rounded up
    task_states: int
    n_actions: int
    most_actions: int  # of all tasks that the subjects meet
    one_step: bool  # whether each trial is a single step
    elements: tuple[int, ...]  # the shapes of these tables, empty ones where they would say nothing
    available: tuple[int, ...]
    harmless: bool  # whether no state hurts
    record: bool  # whether every step is recorded

    def types(self) -> dict[str, Type]:
        """Record types by the names that the kernel gives the records; all but a row's numbers have 64 bits."""
        return {
            "p": self.parameters,
            "w": self.state,
            "q": self.task,
            "x": self.memory,
            "e": self.event,
            "y": self.signals,
            "total": self.sums,
            "row": self.row,
            "c": CLOCK,
        }

    def cells(self) -> Iterator[tuple[str, str]]:
        """Each number of the records, as name.field or name.field.k, and its kind, in their order in memory."""
        for name, dtype in self.types().items():
            for field in dtype.names or ():
                size = int(np.prod(dtype[field].shape))
                places = [""] if dtype[field].shape == () else [f".{k}" for k in range(size)]
                yield from ((f"{name}.{field}{place}", dtype[field].base.kind) for place in places)


def layout(
    agent: type[Agent],
    place: Place,
    shape: Shape,
    tables: StateTables,
    *,
    record: bool,
    conditions: Conditions = NORMAL,
) -> Layout:
    """That of a run of this agent in one of the places that the tables are of, under these conditions."""
    state = records.state_type(agent, tables.n_states, tables.n_actions)
    return Layout(
        parameters=conditions.parameter_type(agent, state),
        state=state,
        task=records.task_type(place) if isinstance(place, Task) else NOTHING,
        memory=records.memory_type(place) if isinstance(place, Task) else NOTHING,
        event=tables.event,
        signals=records.signal_type(agent),
        sums=records.sum_type(agent, tables.n_actions),
        row=records.row_type(agent, 0 if isinstance(place, Task) else len(shape.states)),
        n_states=tables.n_states,
        task_states=len(shape.states),
        n_actions=len(shape.actions),
        most_actions=tables.n_actions,
        one_step=shape.max_steps == 1,
        elements=tables.elements.shape,
        available=tables.available.shape,
        harmless=not any(shape.aversive),
        record=record,
    )
