"""What a population run recorded, as columns and as pandas tables."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..compiler import module as compiler
from ..contract import Agent

if TYPE_CHECKING:
    import pandas as pd

    from .phase import Phase

Array = np.ndarray[Any, Any]
Columns = dict[str, Array]
BEHAVIOUR = ("subject", "trial", "step", "state", "action", "outcome", "next_state", "terminated", "truncated")
TRUTHS = ("terminated", "truncated")
BLOCK = 2048  # rows that stay in the processor's cache while NumPy copies their columns one after the other
MANY = 2_000_000  # steps of a run for which it pays to load compiled code that copies them
AT_ONCE = 64  # rows that it takes at a time


@dataclass(frozen=True)
class Trials:
    """Recorded steps as columns: behaviour and the wanted signals.

    Columns whose numbers are equally wide are rows of one array of unsigned numbers, (columns, steps): few large pieces
    of memory are quicker to get and to copy. `n` of the steps, from `first` on, are meant.
    """

    kinds: Mapping[str, np.dtype[Any]]
    blocks: Mapping[int, Array]  # by width in bytes
    first: int
    n: int

    @classmethod
    def empty(cls, row: np.dtype[Any], signals: Sequence[str], n: int) -> Trials:
        """Room for `n` steps that are recorded as `row`."""
        kinds = {name: np.dtype(bool) if name in TRUTHS else row[name] for name in (*BEHAVIOUR, *signals)}
        widths = Counter(kind.itemsize for kind in kinds.values())
        return cls(kinds, {width: np.empty((k, n), f"u{width}") for width, k in widths.items()}, 0, n)

    def like(self, n: int) -> Trials:
        """Room for `n` other steps with the same columns."""
        return replace(self, blocks={w: np.empty((len(b), n), b.dtype) for w, b in self.blocks.items()}, first=0, n=n)

    def part(self, start: int, n: int) -> Trials:
        """`n` of these steps, in the same memory."""
        return replace(self, first=self.first + start, n=n)

    @property
    def columns(self) -> Columns:
        """The columns by name, over the same memory."""
        span = slice(self.first, self.first + self.n)
        return {name: self.blocks[kind.itemsize][k, span].view(kind) for name, kind, k in self._places()}

    def _places(self) -> Iterator[tuple[str, np.dtype[Any], int]]:
        """Each column's name, kind, and row in its block."""
        taken: Counter[int] = Counter()
        for name, kind in self.kinds.items():
            yield name, kind, taken[kind.itemsize]
            taken[kind.itemsize] += 1

    def filled(self, rows: Array, *, compiled: bool) -> Trials:
        """These steps, cut to the recorded `rows` and filled with them."""
        trials = self.part(0, len(rows))
        if compiled:
            trials._gather(rows)
            return trials
        columns = trials.columns
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            for name, column in columns.items():
                column[start : start + BLOCK] = block[name]
        return trials

    def _gather(self, rows: Array) -> None:
        """The same in compiled code, which lets other threads go on."""
        gather_fields = compiler.bound({"gather": gather}, {}, compiled=True)["gather"]
        for width, block in self.blocks.items():
            names = [name for name, kind, _ in self._places() if kind.itemsize == width]
            fields = np.array([rows.dtype.fields[name][1] // width for name in names])
            gather_fields(rows.view(f"u{width}").reshape(len(rows), rows.itemsize // width), fields, block, self.first)
        for name in TRUTHS:
            column = self.columns[name]
            np.not_equal(column.view(np.int8), 0, out=column)

    def put(self, trials: Trials, start: int) -> None:
        """Other steps into these, from place `start` on."""
        for width, block in trials.blocks.items():
            taken = block[:, trials.first : trials.first + trials.n]
            self.blocks[width][:, self.first + start : self.first + start + trials.n] = taken


def gather(rows: Any, fields: Any, block: Any, first: int) -> None:
    """Some fields of `rows` (rows, fields) into `block` (columns, steps), from step `first` on."""
    for start in range(0, rows.shape[0], AT_ONCE):
        end = min(start + AT_ONCE, rows.shape[0])
        for k in range(fields.size):
            source, column = rows[start:end, fields[k]], block[k, first + start : first + end]
            for i in range(source.size):
                column[i] = source[i]


def trial_table(rows: Array, signals: Sequence[str]) -> pd.DataFrame:
    """Recorded steps as a table: behaviour and the wanted signals."""
    import pandas as pd

    trials = Trials.empty(rows.dtype, signals, len(rows)).filled(rows, compiled=False)
    return pd.DataFrame(trials.columns, copy=False)


def joined(pieces: list[Trials], room: Trials, threads: int) -> Trials:
    """The pieces, one after the other: in `room` where they lie in it, as far as it is filled.

    Else they are copied by threads, and each is let go when it is copied, so that little is in memory twice.
    """
    starts = [0, *itertools.accumulate(piece.n for piece in pieces)]
    if starts[-1] == room.n or len(pieces) == 1:
        return room if starts[-1] == room.n else pieces[0]
    whole = room.part(0, starts[-1]) if room.n else pieces[0].like(starts[-1])

    def move(k: int) -> None:
        whole.put(pieces[k], starts[k])
        pieces[k] = room

    with ThreadPoolExecutor(1 if room.n else threads) as pool:  # in their room the pieces move up in order
        list(pool.map(move, range(len(pieces))))
    return whole


class Described(Protocol):
    """Of the subjects of a run, what their tables say: `population.Subjects`, which knows these tables."""

    agent: Agent
    state: Array
    first: int
    n: int


def subject_columns(phase: Phase, subjects: Described, actions: Sequence[str]) -> Columns:
    """One row a subject: what it did on average, its mean signals, and the state that it carries on.

    Columns: subject, steps, terminated (trials that ended by their own rule), outcome (mean for a step, 0 where it
    was not shown), the fraction of each action, the mean of each signal, `final_` state, and `failed_trial`,
    `failed_step` and `failed_reason`, where and why it had to stop, -1 and "" where it did not.
    """
    sums = phase.sums
    steps = np.maximum(sums["steps"], 1)
    columns: Columns = {"subject": np.arange(subjects.first, subjects.first + subjects.n), "steps": sums["steps"]}
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
