"""The records that rules read and write: NumPy structured types made from an agent's and a task's declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..contract import EVENT_FIELDS, Agent, Parameters, Task

EVENT = np.dtype(list(EVENT_FIELDS))
CHOICE = np.dtype(  # a recorded step as the likelihood goes through it; `scored` 0 where the choice was forced
    [("reward", "f8"), ("state", "i4"), ("action", "i4"), ("next_state", "i4"),
     ("terminated", "i1"), ("truncated", "i1"), ("scored", "i1")], align=True,
)  # fmt: skip


def rounded(n: int) -> int:
    """The next power of two: sizes are rounded up so that few shapes need compiling."""
    return 1 << max(0, n - 1).bit_length()


def parameter_type(declared: type[Parameters], number: str = "f8") -> np.dtype[Any]:
    """One number for each parameter that is one, "c16" for complex ones; lists reach the rules as the script."""
    fields = [(name, number) for name, field in declared.fields().items() if not isinstance(field.default, tuple)]
    return np.dtype(fields or [("none", number)])


def state_type(agent: type[Agent], n_states: int, n_actions: int, number: str = "f8") -> np.dtype[Any]:
    """The agent's state, with the number of states rounded up.

    The number of actions is not: a rule may take the best of a row, and one that is not there must not be it.
    """
    shapes = agent.state(rounded(n_states), n_actions)
    return np.dtype([(name, number, shape) for name, shape in shapes.items()] or [("none", number, ())])


def memory_type(task: type[Task]) -> np.dtype[Any]:
    """What the task remembers within a trial, one number a field."""
    return np.dtype([(name, "f8") for name in task.memory or ("none",)])


def signal_type(agent: type[Agent], number: str = "f8") -> np.dtype[Any]:
    """What the agent's `learn` writes for the recorder."""
    return np.dtype([(name, number) for name in agent.signals or ("none",)])


def sum_type(agent: type[Agent], n_actions: int) -> np.dtype[Any]:
    """Sums over a phase, one record a subject."""
    counts: list[Any] = [("steps", "i8"), ("terminated", "i8"), ("outcome", "f8")]
    return np.dtype([*counts, ("actions", "i8", (n_actions,)), *((s, "f8") for s in agent.signals)])


def row_type(agent: type[Agent]) -> np.dtype[Any]:
    """One recorded step."""
    numbers = [("subject", "i4"), ("trial", "i4"), ("step", "i4"), ("state", "i2"), ("action", "i2"), ("outcome", "f4")]
    end = [("terminated", "i1"), ("truncated", "i1"), ("next_state", "i2")]
    return np.dtype([*numbers, *end, *((name, "f4") for name in agent.signals)], align=True)


def padded(by_state: Sequence[float]) -> np.ndarray[Any, Any]:
    """Numbers by state, filled up with zeros to the rounded number of states."""
    return np.array([*by_state, *[0.0] * (rounded(len(by_state)) - len(by_state))])


def padded_table(by_state: Sequence[Sequence[float]], n_actions: int) -> np.ndarray[Any, Any]:
    """Numbers by state and action, filled up with zeros to the rounded number of states."""
    table = np.zeros((rounded(len(by_state)), n_actions))
    for s, row in enumerate(by_state):
        table[s, : len(row)] = row
    return table


def packed(declared: type[Parameters], values: Mapping[str, Any], n: int, number: str = "f8") -> np.ndarray[Any, Any]:
    """`n` parameter records; a value is one number for all or an array with one for each subject."""
    records = np.zeros(n, parameter_type(declared, number))
    for name in records.dtype.names or ():
        if name in values:
            records[name] = values[name]
    return records


def one(dtype: np.dtype[Any]) -> Any:
    """One record of zeros with attribute access, for plain Python."""
    return np.zeros(1, dtype).view(np.recarray)[0]
