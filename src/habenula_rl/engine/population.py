"""A population run: subjects alike, carried from phase to phase, in chunks over threads."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import Agent, Task, brief, made, nearest, refusal
from ..randomness import checked_seed
from . import records
from .phase import Phase, Setting, run_phase
from .programs import program

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
CHUNK = 256


class Subjects:
    """Subjects of one agent: parameters and state as records, one a subject, carried from phase to phase.

    `contexts` names the places that the subjects will meet, each with a task that has its states and actions; what is
    learned in a context stays with it. `parameters` holds one number or an array (n,) for each parameter. A
    subject's draws hang on `seed`, the phase's stream and its global number, `first` plus its place, alone.
    """

    def __init__(
        self, agent: Agent, contexts: Mapping[str, Task], *, n: int, seed: int,
        first: int = 0, parameters: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.agent, self.n, self.first, self.seed = agent, n, first, seed
        self.n_states = sum(len(task.states) for task in contexts.values())
        self.n_actions = max(len(task.actions) for task in contexts.values())
        ends = itertools.accumulate(len(task.states) for task in contexts.values())
        self.offsets = dict(zip(contexts, (0, *ends), strict=False))
        self.aversive = records.padded([level for task in contexts.values() for level in task.aversive])
        self.reflex = records.padded_table([row for task in contexts.values() for row in task.reflex], self.n_actions)
        self.parameters = records.packed(type(agent), agent.values() | dict(parameters or {}), n)
        self.state = np.zeros(n, records.state_type(type(agent), self.aversive.size, self.n_actions))
        self._naive = True

    def set_parameters(self, values: Mapping[str, Any]) -> None:
        """Other parameter values from the next phase on, one number or an array (n,) each; the state stays as it is."""
        self.parameters = records.packed(type(self.agent), values, self.n)

    def run(
        self, task: Task, n_trials: int, *, context: str, stream: int = 0, rows: bool = True,
        script: Array | None = None, compiled: bool = True,
    ) -> Phase:  # fmt: skip
        """One phase: `n_trials` of the task for every subject; their state goes on from where it was.

        `script` (n, k) holds a number for each subject and trial, used over again after k trials; it takes the place of
        the task's own. `compiled` False runs the rules as plain Python.
        """
        code = program(
            type(self.agent), task, n_subjects=self.n, n_states=self.n_states, n_actions=self.n_actions, record=rows,
            compiled=compiled,
        )  # fmt: skip
        if script is None:
            script = np.broadcast_to(np.array(task.script, dtype=float), (self.n, len(task.script)))
        if script.ndim != 2 or script.shape[0] != self.n or script.shape[1] < 1:  # compiled code does not check bounds
            raise ValueError(f"script must have a row for each of the {self.n} subjects, not the shape {script.shape}")
        setting = Setting(
            task=task, n_trials=n_trials, offset=self.offsets[context], aversive=self.aversive, reflex=self.reflex,
            script=np.ascontiguousarray(script), seed=self.seed, stream=stream, first=self.first,
            n_actions=self.n_actions, naive=self._naive, record=rows,
        )  # fmt: skip
        self._naive = False
        return run_phase(code, type(self.agent), self.parameters, self.state, setting, plain=not compiled)


@dataclass(frozen=True)
class Run:
    """A run's tables: `trials` with a row for each step (empty with record="summary"), `subjects` with a row for each.

    The phase is the task's name.
    """

    trials: pd.DataFrame
    subjects: pd.DataFrame


def simulate(
    agent: Agent, task: Task, *, n_subjects: int = 1, n_trials: int = 100, seed: int = 0,
    record: str | Sequence[str] = "trials", parameters: Mapping[str, Any] | None = None, threads: int | None = None,
    chunk: int = CHUNK, compiled: bool = True,
) -> Run:  # fmt: skip
    """Simulate subjects alike in one task.

    `record` is "trials" (every step, every signal), "summary" (one row a subject) or a list of the signals to keep
    beside the behaviour. `parameters` gives single parameters one value for each subject, shape (n_subjects,). The
    tables do not depend on `threads` (default: one for each core) or `chunk`. `compiled` False runs the same rules as
    plain Python, for breakpoints and print; its numbers agree to rounding, so no run chooses it by itself.

    Raises ValueError naming the argument that is out of range.
    """
    import pandas as pd

    made(agent, Agent, "agent")
    made(task, Task, "task")
    threads = (os.cpu_count() or 1) if threads is None else threads
    counts = {"n_subjects": n_subjects, "n_trials": n_trials, "chunk": chunk, "threads": threads}
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"simulate: {name} must be a whole number of at least 1, not {brief(value)}")
    seed = checked_seed(seed)
    wanted = checked_record(record, type(agent))
    values = checked_values(type(agent), parameters or {}, n_subjects)

    def part(first: int) -> tuple[Phase, Subjects]:
        n = min(chunk, n_subjects - first)
        own = {k: v[first : first + n] for k, v in values.items()}
        subjects = Subjects(agent, {"task": task}, n=n, seed=seed, first=first, parameters=own)
        return subjects.run(task, n_trials, context="task", rows=record != "summary", compiled=compiled), subjects

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(part, range(0, n_subjects, chunk)))
    trials = trial_table(np.concatenate([phase.rows for phase, _ in parts]), wanted)
    summary = pd.concat([subject_table(phase, subjects, task) for phase, subjects in parts], ignore_index=True)
    for table in (trials, summary):  # as in an experiment, where there are several
        codes = np.zeros(len(table), np.int64)
        table.insert(1, "phase", pd.Series(pd.Categorical.from_codes(codes, pd.Index([type(task).__name__]))))
    return Run(trials, summary)


def checked_values(agent: type[Agent], values: Mapping[str, Any], n: int) -> dict[str, Array]:
    """Parameter values as arrays (n,), or ValueError naming the first that is unknown or wrong."""
    arrays = {}
    for name, value in values.items():
        field = agent.fields().get(name)
        if field is None:
            raise ValueError(f"{agent.__name__} has no parameter '{name}'{nearest(name, agent.fields())}")
        try:
            array = np.asarray(value)
        except ValueError:  # lists of different lengths inside a list
            array = np.empty((0, 0))
        if array.shape not in ((), (n,)):
            raise ValueError(f"parameters: '{name}' must be one number or {n} of them, one for each subject")
        why = next((why for why in (refusal(field, v) for v in array.ravel().tolist()) if why), None)
        if why:
            raise ValueError(f"{agent.__name__}: {name} {why}")
        arrays[name] = np.broadcast_to(array.astype(float), n)
    return arrays


def checked_record(record: str | Sequence[str], agent: type[Agent]) -> tuple[str, ...]:
    """The signals to keep; ValueError names one that the agent does not have."""
    if record in ("trials", "summary"):
        return agent.signals
    if isinstance(record, str) or not isinstance(record, Iterable):
        known = ["trials", "summary"]
        raise ValueError(
            f"record must be 'trials', 'summary' or a list of signals, not {brief(record)}{nearest(str(record), known)}"
        )
    for name in record:
        if name not in agent.signals:
            raise ValueError(f"{agent.__name__} has no signal {name!r}{nearest(str(name), agent.signals)}")
    return tuple(record)


BEHAVIOUR = ("subject", "trial", "step", "state", "action", "outcome", "next_state", "terminated", "truncated")


def trial_table(rows: Array, signals: Sequence[str]) -> pd.DataFrame:
    """Recorded steps as a table: behaviour and the wanted signals."""
    import pandas as pd

    table = pd.DataFrame({name: np.ascontiguousarray(rows[name]) for name in (*BEHAVIOUR, *signals)}, copy=False)
    return table.astype({"terminated": bool, "truncated": bool})


def subject_table(phase: Phase, subjects: Subjects, task: Task) -> pd.DataFrame:
    """One row a subject: what it did on average, its mean signals, and the state that it carries on.

    Columns: subject, steps, terminated (trials that ended by their own rule), outcome (mean for a step), the share of
    each action, the mean of each signal, `final_` state, and `failed_trial`, -1 where all numbers stayed finite.
    """
    import pandas as pd

    sums = phase.sums
    steps = np.maximum(sums["steps"], 1)
    columns: dict[str, Any] = {
        "subject": np.arange(subjects.first, subjects.first + subjects.n),
        "steps": sums["steps"],
    }
    columns |= {"terminated": sums["terminated"], "outcome": sums["outcome"] / steps}
    columns |= {f"share_{name}": sums["actions"][:, a] / steps for a, name in enumerate(task.actions)}
    columns |= {name: sums[name] / steps for name in subjects.agent.signals}
    columns |= {f"final_{name}": subjects.state[name].copy() for name in subjects.agent.carried}
    return pd.DataFrame(columns | {"failed_trial": phase.failed[:, 0]})
