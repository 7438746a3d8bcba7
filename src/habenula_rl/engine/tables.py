"""What a population run recorded, as columns and as pandas tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..contract import Agent

if TYPE_CHECKING:
    import pandas as pd

    from .phase import Phase

Array = np.ndarray[Any, Any]
Columns = dict[str, Array]
BEHAVIOUR = ("subject", "trial", "step", "state", "action", "outcome", "next_state", "terminated", "truncated")
TRUTHS = ("terminated", "truncated")
BLOCK = 2048  # rows that stay in the processor's cache while their columns are copied one after the other


def empty_trials(kinds: np.dtype[Any], signals: Sequence[str], n: int) -> Columns:
    """Room for `n` recorded steps, which are of these `kinds`: behaviour and the wanted signals."""
    return {name: np.empty(n, bool if name in TRUTHS else kinds[name]) for name in (*BEHAVIOUR, *signals)}


def fill_trials(columns: Columns, rows: Array) -> Columns:
    """The columns, cut to the recorded steps and filled with them."""
    columns = {name: column[: len(rows)] for name, column in columns.items()}
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        for name, column in columns.items():
            column[start : start + BLOCK] = block[name]
    return columns


def trial_table(rows: Array, signals: Sequence[str]) -> pd.DataFrame:
    """Recorded steps as a table: behaviour and the wanted signals."""
    import pandas as pd

    return pd.DataFrame(fill_trials(empty_trials(rows.dtype, signals, len(rows)), rows), copy=False)


def joined(pieces: Sequence[Columns], room: Columns) -> Columns:
    """The pieces, one after the other: `room` itself where they are what fills it.

    Else they are emptied, so that two copies of one column are in memory at a time, not two of all.
    """
    if sum(len(piece["trial"]) for piece in pieces) == len(room["trial"]):
        return room
    return {name: np.concatenate([piece.pop(name) for piece in pieces]) for name in list(pieces[0])}


class Described(Protocol):
    """Of the subjects of a run, what their tables say: `population.Subjects`, which knows these tables."""

    agent: Agent
    state: Array
    first: int
    n: int


def subject_columns(phase: Phase, subjects: Described, actions: Sequence[str]) -> Columns:
    """One row a subject: what it did on average, its mean signals, and the state that it carries on.

    Columns: subject, steps, terminated (trials that ended by their own rule), outcome (mean for a step, 0 where it
    was not shown), the share of each action, the mean of each signal, `final_` state, and `failed_trial`,
    `failed_step` and `failed_reason`, where and why it had to stop, -1 and "" where it did not.
    """
    sums = phase.sums
    steps = np.maximum(sums["steps"], 1)
    columns: Columns = {
        "subject": np.arange(subjects.first, subjects.first + subjects.n),
        "steps": sums["steps"],
    }
    columns |= {"terminated": sums["terminated"], "outcome": sums["outcome"] / steps}
    columns |= {f"share_{name}": sums["actions"][:, a] / steps for a, name in enumerate(actions)}
    columns |= {name: sums[name] / steps for name in subjects.agent.signals}
    columns |= {f"final_{name}": subjects.state[name] for name in subjects.agent.carried}
    failed = {"failed_trial": phase.failed[:, 0], "failed_step": phase.failed[:, 1], "failed_reason": phase.reasons}
    return columns | failed


def subject_table(phase: Phase, subjects: Described, actions: Sequence[str]) -> pd.DataFrame:
    """The same as a table."""
    import pandas as pd

    return pd.DataFrame({name: column.copy() for name, column in subject_columns(phase, subjects, actions).items()})


def put(columns: Columns, chunk: range, part: Columns, n: int) -> None:
    """A chunk's part of columns for `n` subjects, which are made with the first."""
    for name, values in part.items():
        columns.setdefault(name, np.empty(n, values.dtype))[chunk.start : chunk.stop] = values


def labelled(columns: Columns, phase: str) -> pd.DataFrame:
    """The columns as a table that names the phase, as in an experiment, where there are several."""
    import pandas as pd

    n = len(columns["subject"])
    label = pd.Categorical.from_codes(np.zeros(n, np.int8), pd.Index([phase]))
    first = {"subject": columns["subject"], "phase": label}
    return pd.DataFrame(first | {name: c for name, c in columns.items() if name != "subject"}, copy=False)


def failed_table(agent: Agent, values: Mapping[str, Array], subjects: Columns) -> pd.DataFrame:
    """The subjects that stopped: subject, trial, step, reason, and the value of each parameter of their own."""
    import pandas as pd

    stopped = np.flatnonzero(subjects["failed_trial"] >= 0)
    names = {"subject": "subject", "trial": "failed_trial", "step": "failed_step", "reason": "failed_reason"}
    where = pd.DataFrame({name: subjects[column][stopped] for name, column in names.items()})
    own = agent.untreated.values()
    sets = {k: values[k][stopped] if k in values else [v] * stopped.size for k, v in own.items()}
    return pd.concat([where, pd.DataFrame(sets, index=where.index)], axis=1)
