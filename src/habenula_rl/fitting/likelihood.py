"""How probable recorded choices are under an agent's own rules, and how that changes with its parameters."""

from __future__ import annotations

import itertools
import sys
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from ..compiler.complex_step import STEP
from ..contract import NO_PASSIVE, Agent, Task, nearest, refuse_more, require, short_repr
from ..contract.shape import shape_of
from ..cores import MOST_WORKERS, cores
from ..engine import records
from ..engine.binding import Scorer, fields_read, scorer, tracer
from ..engine.population import by_subject, checked_values
from ..engine.state_tables import StateTables, state_tables, tabulated
from ..errors import RuleError
from .choice_data import Reading, Reset, recorded

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
Values = Mapping[str, Any]


PLAIN = "plain"
FEW = {"forced": "forced", "missing": "missing", "unseen": "without an outcome"}
ONLY_A_TASK_SAYS = {  # the event's fields that nothing in a table of choices stands for
    "passive": "which action is doing nothing",
    "aversive": "which states hurt",
    "punishment": "which states hurt",
    "reflex": "what is done by nature",
}
NOT_SHOWN = ("trial", "step", "decision", "scripted", "key")  # a simulation's clock and draws


class Likelihood:
    """The likelihood of one table of choices, checked and packed once, so that a fit may ask for it again and again.

    `agent` is an agent, whose parameters hold where `value` and `gradient` are given no others, or a class of agents,
    for its defaults. `trials` has a row for each step, with the columns of `simulate(...).trials` or as few as
    `subject`, `action` and `outcome`, or levels of its index with these names (docs/how-to/likelihood.md).

    `task` says how many states and actions there are, what hurts, which action is passive and what reflexes there are;
    its other parameters do not matter. Without it states and actions are counted from the data. An agent whose rules
    read what only a task says is refused without one; "plain" says that nothing hurts, no action is passive, and there
    are no reflexes. Without a task no state is a compound, and every action can be chosen.

    How the table is to be read:
    `columns`      for a name of this package the table's own: {"action": "choice"}
    `actions`      how many there are, numbered from 0, or the list of their codes in order: ["left", "right"]
    `states`       the same for states
    `missing`      the code, or codes, of no response, beside an empty cell
    `outcomes`     the lowest and the highest that there can be; others are refused. Without it those are refused that
                   look like codes: far from 0 beside the others, behind a wide gap or written in 7, 8 and 9 only
    `one_subject`  True if all rows of a table without subjects are one subject's
    `reset`        what becomes of learned values where a subject has more than one `session` or `block`: "never", they
                   carry over; "session" or "block", all is learned anew in each

    `parameters` are one number, an array (n_subjects,) in the order of `subjects`, or a Series by their labels; their
    ranges are not checked here. They are the subjects' own: what the agent was given acts on them, as in a simulation.
    Results do not depend on `threads` (default: one for each core).

    Raises ValueError naming row and column where the data cannot be used, what was counted where they leave open which
    actions or states there are, and the parameter that is unknown. Warns of missing responses, with their number.
    """

    def __init__(
        self,
        agent: Agent | type[Agent],
        trials: pd.DataFrame,
        task: Task | Literal["plain"] | None = None,
        *,
        threads: int | None = None,
        compiled: bool = True,
        columns: Mapping[str, str] | None = None,
        actions: int | Collection[Any] | None = None,
        states: int | Collection[Any] | None = None,
        missing: Any = (),
        outcomes: tuple[float, float] | None = None,
        one_subject: bool = False,
        reset: Reset | None = None,
    ) -> None:
        self.own = _agent(agent)
        self.agent = type(self.own)
        self.task = _checked_task(self.agent, task)
        self.threads, self.compiled = _checked_threads(threads), compiled
        self._data = data = recorded(
            trials,
            self.task,
            columns=columns,
            actions=actions,
            states=states,
            missing=missing,
            outcomes=outcomes,
            one_subject=one_subject,
            reset=reset,
        )
        self._tables = (
            state_tables([shape_of(self.task)]) if self.task else _plain_tables(data.n_states, data.n_actions)
        )
        self._passive = self.task.passive if self.task else NO_PASSIVE
        if said := self._missing():
            warnings.warn(f"{said}: they have no likelihood, and nothing is learned from them", stacklevel=_outside())

    def __repr__(self) -> str:
        counts, data = self.counts, self._data
        parts = [f"{_several(int(counts['choices'].sum()), 'choice')} of {_several(len(counts), 'subject')}"]
        parts += [f"{counts[name].sum()} {what}" for name, what in FEW.items() if counts[name].any()]
        parts += [f"learned anew in {data.owner.size} stretches"] if data.owner.size > len(counts) else []
        parts += [_several(data.n_actions, "action"), _several(data.n_states, "state")]
        where = f"in {self.task}" if self.task else "without a task"
        if not self.task and data.n_states > 1:
            parts[-1] += ", none a compound"
        return f"<Likelihood of {self.agent.__name__} {where}: {', '.join(parts)}>"

    def __getstate__(self) -> dict[str, Any]:
        """Without compiled code, which another process makes for itself."""
        return {name: value for name, value in vars(self).items() if name not in ("_real", "_complex")}

    @property
    def subjects(self) -> pd.Index[Any]:
        """The subjects' labels, sorted."""
        return self._data.counts.index

    @property
    def counts(self) -> pd.DataFrame:
        """A row for each subject: `choices`, which the likelihood is of; `forced` ones; `missing` responses; and
        `unseen`, actions after which no outcome was shown.
        """
        return self._data.counts.copy()

    @property
    def scale(self) -> float:
        """The largest outcome's distance from 0, and 1 where all are 0."""
        return float(np.abs(self._data.rows["reward"]).max(initial=0.0)) or 1.0

    def chance(self) -> Array:
        """The log-probability of each subject's choices if all that could be chosen were as likely, (n_subjects,)."""
        data, offered = self._data, np.asarray(self._tables.available)
        rows, n = data.rows, np.full(self._tables.n_states, data.n_actions)
        if offered.size:
            n = (offered > 0).sum(axis=1)
        each = np.where(rows["scored"] > 0, -np.log(n[rows["state"]]), 0.0)
        owner = np.repeat(data.owner, np.diff(data.first))
        return np.bincount(owner, each, minlength=len(self.subjects))

    def same_choices(self, other: Likelihood) -> bool:
        """Whether both are of the same people's same actions and outcomes, in the same order."""
        mine, its = self._data, other._data
        return self.subjects.equals(other.subjects) and all(
            np.array_equal(mine.rows[name], its.rows[name]) for name in ("action", "reward", "scored", "feedback")
        )

    def outcomes(self) -> tuple[float, float]:
        """The lowest and the highest outcome that was shown, NaN where there was none."""
        shown = self._data.rows["reward"][self._data.rows["feedback"] > 0]
        return (float(shown.min()), float(shown.max())) if shown.size else (np.nan, np.nan)

    def one_action(self) -> Array:
        """Which subjects chose, and always the same action, (n_subjects,)."""
        data = self._data
        scored = data.rows["scored"] > 0
        owner, action = np.repeat(data.owner, np.diff(data.first))[scored], data.rows["action"][scored]
        low, high = np.full(len(self.subjects), np.inf), np.full(len(self.subjects), -np.inf)
        np.minimum.at(low, owner, action)
        np.maximum.at(high, owner, action)
        return np.asarray(low == high)

    def _missing(self) -> str:
        """How many responses are, empty where all are there."""
        missing = self._data.counts["missing"]
        if not missing.any():
            return ""
        n, most = int(self._data.counts[["choices", "forced", "missing"]].to_numpy().sum()), missing.idxmax()
        return f"{missing.sum()} of {n} responses are missing, at most {missing.max()} of one subject ({most})"

    def without_effect(self, parameters: Values | None = None) -> list[str]:
        """The float parameters whose derivative is 0 for every subject at these values: no fit can find them here."""
        names = self.checked_names(None)
        return [name for name, slope in zip(names, self.gradient(parameters).T, strict=True) if not slope.any()]

    def value(self, parameters: Values | None = None) -> Array:
        """The log-probability of each subject's choices, (n_subjects,); -inf where numbers stop being finite."""
        values = self._values(parameters)
        total = self._over_chunks(np.arange(len(self.subjects)), [(self._real, values)])[0]
        return np.where(np.isfinite(total), total, -np.inf)

    def gradient(self, parameters: Values | None = None, names: Sequence[str] | None = None) -> Array:
        """The derivative of `value` by each named parameter, (n_subjects, len(names)); None names all that are float.

        Exact to rounding, by a complex step; not for a parameter on which an intervention acts. NaN where numbers stop
        being finite. Where a rule has a kink, as max(x, 0) at 0, it is the derivative along the way that the rule takes
        there.
        """
        values, names = self._values(parameters), self.checked_names(names)
        if not names:
            return np.empty((len(self.subjects), 0))
        return self._slopes(np.arange(len(self.subjects)), values, names)[1]

    def at(self, who: Array, own: Values, names: Sequence[str] = ()) -> tuple[Array, Array]:
        """Value (n,) and derivatives (n, len(names)) of a batch: entry k is subject number `who[k]`, which may come
        again, with the k-th of each parameter of its `own`, (n,) or a number. What a fit asks for; nothing is checked.
        """
        values = self.own.in_force(dict(own))
        if names:
            return self._slopes(who, values, names)
        total = self._over_chunks(who, [(self._real, values)])[0]
        return np.where(np.isfinite(total), total, -np.inf), np.empty((len(who), 0))

    def _slopes(self, who: Array, values: Values, names: Sequence[str]) -> tuple[Array, Array]:
        """Value and derivatives, by a complex step in one parameter after the other."""
        jobs = [(self._complex, {**values, name: np.asarray(values[name]) + STEP * 1j}) for name in names]
        parts = _explained(self.agent, lambda: self._over_chunks(who, jobs))
        slopes = parts.imag / STEP
        total = parts.real[0]
        slopes = np.where(np.isfinite(parts.real + slopes), slopes, np.nan).T
        return np.where(np.isfinite(total), total, -np.inf), slopes

    def checked_names(self, names: Sequence[str] | None) -> list[str]:
        """The parameters to differentiate by, by default all float ones on which nothing that was given acts.

        ValueError names one that is unknown, not continuous, or acted upon.
        """
        fields = self.agent.fields()
        acted_on = {name: type(i).__name__ for i in self.own.interventions for name in i.targets}
        if names is None:
            floats = (name for name, field in fields.items() if isinstance(field.default, float))
            return [name for name in floats if name not in acted_on]
        names = [names] if isinstance(names, str) else list(names)
        for name in names:
            self._check_known(name)
            if not isinstance(fields[name].default, float):
                kind = type(fields[name].default).__name__
                raise ValueError(f"{self.agent.__name__}: {name} is of type {kind} and has no derivative")
            if name in acted_on:
                why = f"{acted_on[name]}, which the agent was given, acts on it or goes by it"
                raise ValueError(f"{self.agent.__name__}: there is no derivative by {name}: {why}")
        return names

    def _check_known(self, name: str) -> None:
        known = self.agent.fields()
        if name not in known:
            raise ValueError(f"{self.agent.__name__} has no parameter '{name}'{nearest(str(name), known)}")

    def _values(self, parameters: Values | None) -> dict[str, Any]:
        """All parameters by name, in one of the two shapes that they may have."""
        n, own = len(self.subjects), {}
        parameters = {} if parameters is None else parameters
        if not hasattr(parameters, "items"):
            raise ValueError(
                f"parameters must give values by name, as in {{'beta': 2.0}}, not {short_repr(parameters)}"
            )
        for name, value in parameters.items():
            self._check_known(name)
            own[name] = by_subject(name, value, self.subjects)
            if value is None or np.shape(own[name]) not in ((), (n,)):
                raise ValueError(f"parameters: '{name}' must be one number or {n} of them, one for each subject")
        return self.own.in_force(own)

    @cached_property
    def _real(self) -> Scorer:
        return scorer(self.agent, compiled=self.compiled)

    @cached_property
    def _complex(self) -> Scorer:
        return scorer(self.agent, compiled=True, analytic=True)

    def _over_chunks(self, who: Array, jobs: Sequence[tuple[Scorer, Values]]) -> Array:
        """Every job for this batch of subjects, (n_jobs, n), in pieces that the threads share."""
        n = len(who)
        if n == 0:  # as of a condition in which nobody of a batch has been
            return np.zeros((len(jobs), 0))
        ends = np.linspace(0, n, min(self.threads, n) + 1).astype(int).tolist()
        pieces = [(*job, who, a, b) for job in jobs for a, b in itertools.pairwise(ends)]
        if self.threads == 1:
            parts = [self._chunk(*piece) for piece in pieces]
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                parts = list(pool.map(lambda piece: self._chunk(*piece), pieces))
        return np.concatenate(parts).reshape(len(jobs), n)

    def _chunk(self, code: Scorer, values: Values, who: Array, a: int, b: int) -> Array:
        """The log-likelihood of entries a to b of the batch, real or complex."""
        number = "f8" if code is self._real else "c16"
        entry, first, last = self._stretches(who[a:b])
        own = {name: value if np.ndim(value) == 0 else np.asarray(value)[a:b][entry] for name, value in values.items()}
        n, rows = len(entry), self._data.rows
        P, W, E, z = self._records(own, n, number)
        Y, total = np.zeros(n, records.signal_type(self.agent, number)), np.zeros(n, number)
        if code is self._real and not self.compiled:
            P, W, E, Y, rows = (records.attributed(array) for array in (P, W, E, Y, rows))
        code.begin_all(P, W, self._tables.reflex)
        code.score(P, W, E, Y, z, *self._tables.seen, rows, first, last, total)
        if n == b - a:
            return total
        total = total[np.lexsort((total.imag, total.real, entry))]  # the same sum, to the last bit, in any order
        return np.add.reduceat(total, np.searchsorted(entry, np.arange(b - a)))

    def _stretches(self, who: Array) -> tuple[Array, Array, Array]:
        """The stretches of these subjects: the place of its subject in `who`, its first row, and the row behind it."""
        data = self._data
        begin, end = np.searchsorted(data.owner, who), np.searchsorted(data.owner, who, side="right")
        entry = np.repeat(np.arange(len(who)), end - begin)
        which = np.arange(len(entry)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin) + begin[entry]
        return entry, data.first[which], data.first[which + 1]

    def _records(self, own: Values, n: int, number: str) -> tuple[Array, Array, Array, Array]:
        """Parameters, state and event of n stretches, and room for preferences."""
        P = records.packed(records.parameter_type(self.agent, number), own, n)
        W = np.zeros(n, records.state_type(self.agent, self._tables.n_states, self._data.n_actions, number))
        E = np.zeros(n, self._tables.event)
        E["passive"], E["feedback"] = self._passive, 1
        return P, W, E, np.empty(self._data.n_actions, number)

    def trace(self, parameters: Values | None = None) -> tuple[Array, Array]:
        """The log-probability of each choice and the signals of each step, by row of the table that was given, in its
        order: (n_rows,) and records of `agent.signals`. NaN where there was no response or no choice of one's own, and
        for signals where no outcome was shown.
        """
        values, data = self._values(parameters), self._data
        entry, first, last = self._stretches(np.arange(len(self.subjects)))
        own = {name: value if np.ndim(value) == 0 else np.asarray(value)[entry] for name, value in values.items()}
        P, W, E, z = self._records(own, len(entry), "f8")
        rows, n = data.rows, len(data.rows)
        chosen, Y = np.zeros(n), np.zeros(n, records.signal_type(self.agent))
        code = tracer(self.agent, compiled=self.compiled)
        given = (array if self.compiled else records.attributed(array) for array in (P, W, E, Y, rows))
        P, W, E, Y, rows = given
        code.begin_all(P, W, self._tables.reflex)
        code.trace(P, W, E, Y, z, *self._tables.seen, rows, first, last, chosen)
        chosen = np.where(data.rows["scored"] > 0, chosen, np.nan)
        logs: Array = np.full(data.n_rows, np.nan)
        signals: Array = np.zeros(data.n_rows, Y.dtype)
        logs[data.place] = chosen
        for name in self.agent.signals:
            signals[name] = np.nan
            signals[name][data.place] = np.where(data.rows["feedback"] > 0, Y[name], np.nan)
        return logs, signals


def _plain_tables(n_states: int, n_actions: int) -> StateTables:
    """Nothing hurts, there are no reflexes and no compounds, and every action can be chosen."""
    nothing = ((0.0,) * n_actions,) * n_states
    return tabulated(aversive=(0.0,) * n_states, reflex=nothing, elements=(), available=(), n_actions=n_actions)


def _agent(agent: Any) -> Agent:
    """The agent; of a class the one with its defaults."""
    if isinstance(agent, str):
        raise ValueError(f"agent must be an agent, or a class of agents as hrl.agents.QLearning, not {agent!r}")
    made = agent() if isinstance(agent, type) and issubclass(agent, Agent) else require(agent, Agent, "agent")
    if locked := next((i for i in made.interventions if i.at != "always"), None):
        raise ValueError(
            f"{type(locked).__name__} is locked to an event (at: {locked.at}), which a likelihood cannot express: "
            "fit choices without it, or give it always"
        )
    return made


def _checked_task(agent: type[Agent], task: Any) -> Task | None:
    """The task, None for none and for "plain"; ValueError where the agent's rules read what is then not known."""
    if isinstance(task, str) and task != PLAIN:
        meant = nearest(task, [PLAIN]) or "; a task is an object, as hrl.tasks.ReversalLearning()"
        raise ValueError(f"task must be a Task or '{PLAIN}', not {short_repr(task)}{meant}")
    if task is not None and task != PLAIN:
        shape_of(require(task, Task, "task"))
    read = fields_read(agent)
    unknown = [name for name in NOT_SHOWN if read is not None and name in read]
    if unknown:
        raise ValueError(f"{agent.__name__} reads e.{unknown[0]}, which a table of choices does not show to its rules")
    if task is not None:
        return None if task == PLAIN else task
    wanted = [name for name in ONLY_A_TASK_SAYS if read is None or name in read]
    if wanted:
        verb = "may read" if read is None else "reads"
        what = ", ".join(dict.fromkeys(ONLY_A_TASK_SAYS[name] for name in wanted))
        raise ValueError(
            f"{agent.__name__} {verb} {what} ({', '.join(wanted)}), which only a task says: give the task, or "
            f"task='{PLAIN}' if nothing hurts, no action is doing nothing, and nothing is done by nature"
        )
    return None


def _several(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _outside() -> int:
    """How many frames up the code stands that called this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__") == __name__:
        level, frame = level + 1, frame.f_back
    return level


def _checked_threads(threads: Any) -> int:
    if threads is None:
        return cores()
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer) or threads < 1:
        raise ValueError(f"threads must be a whole number of at least 1, not {short_repr(threads)}")
    refuse_more("threads", int(threads), MOST_WORKERS)
    return int(threads)


def _explained(agent: type[Agent], job: Callable[[], Array]) -> Array:
    """What the job returns; RuleError where a rule compiles for real numbers only."""
    try:
        return job()
    except RuleError as error:
        raise RuleError(f"{agent.__name__} has no gradient: {error}, a complex number") from None


def log_likelihood(
    agent: Agent,
    trials: pd.DataFrame,
    task: Task | Literal["plain"] | None = None,
    *,
    parameters: Values | None = None,
    threads: int | None = None,
    compiled: bool = True,
    **reading: Unpack[Reading],
) -> pd.Series[float]:
    """The log-probability of each subject's recorded choices, by subject.

    `agent`, `trials`, `task`, `threads` and how the table is to be read (`columns`, `actions`, `states`, `missing`,
    `outcomes`, `one_subject`, `reset`) as in `Likelihood`; `parameters` gives single parameters one value, or one
    for each subject in sorted order, shape (n_subjects,). -inf where a subject's parameters make numbers that are not
    finite. `compiled` False runs the same rules as plain Python.

    Raises ValueError naming the parameter that is unknown or out of its range, or row and column of bad data.
    """
    import pandas as pd

    require(agent, Agent, "agent")
    likelihood = Likelihood(agent, trials, task, threads=threads, compiled=compiled, **reading)
    values = checked_values(type(agent), parameters or {}, len(likelihood.subjects), likelihood.subjects)
    return pd.Series(likelihood.value(values), index=likelihood.subjects, name="log_likelihood")


def log_likelihood_gradient(
    agent: Agent,
    trials: pd.DataFrame,
    names: Sequence[str] | None = None,
    task: Task | Literal["plain"] | None = None,
    *,
    parameters: Values | None = None,
    threads: int | None = None,
    **reading: Unpack[Reading],
) -> pd.DataFrame:
    """The derivative of `log_likelihood` by each named parameter: a row a subject, a column a parameter.

    Exact to rounding, from the agent's own rules (`Likelihood.gradient`). `names` None takes all parameters that are
    float; the others are whole numbers or yes or no and have no derivative. NaN where numbers are not finite.

    Raises ValueError as `log_likelihood` does, and RuleError where a rule does not compile for complex numbers.
    """
    import pandas as pd

    likelihood = Likelihood(require(agent, Agent, "agent"), trials, task, threads=threads, **reading)
    names = likelihood.checked_names(names)
    values = checked_values(type(agent), parameters or {}, len(likelihood.subjects), likelihood.subjects)
    return pd.DataFrame(likelihood.gradient(values, names), index=likelihood.subjects, columns=pd.Index(names))
