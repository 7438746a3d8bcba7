"""The records that rules read and write: NumPy structured types made from an agent's and a task's declarations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..contract import EVENT_FIELDS, EVENT_LISTS, EVENT_MASKS, Agent, Parameters, Task

CHOICE = np.dtype(  # a recorded step as the likelihood goes through it; `scored` 0 where the choice was forced
    [
        ("reward", "f8"),
        ("state", "i4"),
        ("action", "i4"),
        ("next_state", "i4"),
        ("terminated", "i1"),
        ("truncated", "i1"),
        ("scored", "i1"),
        ("feedback", "i1"),
    ],
    align=True,
)


MOST_BYTES = 1 << 30  # of one subject's state

_ONE: dict[np.dtype[Any], np.dtype[Any]] = {}


def record_type(fields: Any, align: bool = False) -> np.dtype[Any]:
    """The record type with these fields, one object for equal ones.

    A call of compiled code compares types that are equal but not the same object field by field: a microsecond a call.
    """
    made = np.dtype(fields, align=align)
    return _ONE.setdefault(made, made)


def rounded(n: int) -> int:
    """The next power of two: sizes are rounded up so that few shapes need compiling."""
    return 1 << max(0, n - 1).bit_length()


def event_type(n_elements: int, n_actions: int) -> np.dtype[Any]:
    """An event where a state is made of `n_elements` at most, and where there are `n_actions` at most."""
    sizes = dict.fromkeys(EVENT_LISTS, n_elements) | dict.fromkeys(EVENT_MASKS, n_actions)
    return record_type([*EVENT_FIELDS, *((name, "i8", (size,)) for name, size in sizes.items())])


def parameter_type(declared: type[Parameters], number: str = "f8") -> np.dtype[Any]:
    """One number for each parameter that is one, "c16" for complex ones."""
    fields = [(name, number) for name, field in declared.fields().items() if not isinstance(field.default, tuple)]
    return record_type(fields or [("none", number)])


def task_type(task: Task) -> np.dtype[Any]:
    """A task's parameters: numbers, and arrays for lists."""
    rows: list[Any] = [(name, "f8", np.shape(value)) for name, value in task.numbers().items()]
    return record_type(rows or [("none", "f8")])


def packed_task(task: Task, kind: np.dtype[Any], n: int) -> np.ndarray[Any, Any]:
    """`n` records of the task's parameters, of that `task_type`."""
    return _filled(np.zeros(n, kind), task.values())


def state_type(agent: type[Agent], n_states: int, n_actions: int, number: str = "f8") -> np.dtype[Any]:
    """The agent's state, with the number of states rounded up.

    The number of actions is not: a rule may take the best of a row, and one that is not there must not be it.
    Raises ValueError where one subject's state would be larger than `MOST_BYTES`.
    """
    shapes = agent.state(rounded(n_states), n_actions)
    size = 8 * sum(math.prod(shape) for shape in shapes.values())
    if size > MOST_BYTES:
        raise ValueError(
            f"{agent.__name__} would need {size / 2**30:,.1f} GiB for the state of one subject, with {n_states:,} "
            f"states and {n_actions:,} actions; at most {MOST_BYTES >> 30} GiB: count both from 0, without gaps"
        )
    return record_type([(name, number, shape) for name, shape in shapes.items()] or [("none", number, ())])


def memory_type(task: Task) -> np.dtype[Any]:
    """What the task remembers."""
    rows: list[Any] = [(name, "f8", (len(getattr(task, like)),)) for name, like in task.memory_like.items()]
    return record_type([*((name, "f8") for name in task.memory), *rows] or [("none", "f8")])


def signal_type(agent: type[Agent], number: str = "f8") -> np.dtype[Any]:
    """What the agent's `learn` writes for the recorder."""
    return record_type([(name, number) for name in agent.signals or ("none",)])


def sum_type(agent: type[Agent], n_actions: int) -> np.dtype[Any]:
    """Sums over a phase, one record a subject."""
    counts: list[Any] = [("steps", "i8"), ("terminated", "i8"), ("outcome", "f8")]
    return record_type([*counts, ("actions", "i8", (n_actions,)), *((s, "f8") for s in agent.signals)])


def row_type(agent: type[Agent], n_states: int = 0) -> np.dtype[Any]:
    """One recorded step; `n_states` where there may be so many that their numbers need more room."""
    place = "i2" if n_states <= np.iinfo(np.int16).max else "i4"
    numbers = [("subject", "i4"), ("trial", "i4"), ("step", "i4"), ("state", place), ("action", "i2")]
    end = [("outcome", "f4"), ("terminated", "i1"), ("truncated", "i1"), ("next_state", place)]
    return record_type([*numbers, *end, *((name, "f4") for name in agent.signals)], align=True)


def packed(kind: np.dtype[Any], values: Mapping[str, Any], n: int) -> np.ndarray[Any, Any]:
    """`n` records of that `parameter_type`; a value is one number for all or an array with one for each subject."""
    return _filled(np.zeros(n, kind), values)


def _filled(records: np.ndarray[Any, Any], values: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    for name in records.dtype.names or ():
        if name in values:
            records[name] = values[name]
    return records


class Record(np.void):  # type: ignore[misc]
    """A record whose fields are attributes, as rules in plain Python need it; three times as fast as NumPy's own."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            value = self[name]
        except (KeyError, ValueError):
            raise AttributeError(f"the record has no field '{name}'", name=name, obj=self) from None
        return value.view(np.dtype((Record, value.dtype))) if type(value) is np.void else value

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in (self.dtype.names or ()):
            raise AttributeError(f"the record has no field '{name}'", name=name, obj=self)
        self[name] = value


def attributed(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same records, each of them a `Record`."""
    return array.view(np.dtype((Record, array.dtype)), np.ndarray)


def one(dtype: np.dtype[Any]) -> Any:
    """One record of zeros with attribute access, for plain Python."""
    return attributed(np.zeros(1, dtype))[0]
