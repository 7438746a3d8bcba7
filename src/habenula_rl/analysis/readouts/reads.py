"""How a readout sees a table of trials, this package's or a user's: columns, actions and states by their names.

A table of this package numbers actions and states; what a number means is known from the task (`task.actions`,
`task.states`) alone. A user's table says it in words. Either way a readout gets names, and compares names.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from ...contract import Task, nearest, require, short_repr
from .rows import WHO, as_key, as_named_here, as_numbers, empty, in_phases

if TYPE_CHECKING:
    import pandas as pd

Names = Mapping[str, "str | Sequence[str]"]  # this package's name: that in the table, or several
ORDER = ("session", "block", "trial", "step")
PLACES = (*WHO, *ORDER)
NAMED = {"action": "action", "state": "state", "next_state": "state"}  # columns that hold numbers or names of what
TRUTHS = ("terminated", "truncated")
NO_RESPONSE = -1  # so is an empty cell
RUN = ("terminated", "truncated", "next_state", "step")  # columns that a run writes, and that no one else has all of
NOTHING = {"none", "na", "n/a", "nan", "null", "missing", "no response", "noresponse", "timeout", "omission", "."}
NINES = 10.0 ** np.arange(2, 10) - 1.0  # 99, 999, ...: what people write where a number is missing
FAR_FOR_NINES, FAR = 4.0, 1000.0  # times as far from 0 as any other outcome
COUNTS = ("bin_trials", "bin_exposures", "block", "last", "last_sessions", "of", "window", "at_least", "correct")
FROM_ZERO = ("from_trial", "until_trial", "shift")
BELOW = (("correct", "window"), ("at_least", "of"), ("from_trial", "until_trial"), ("from_s", "until_s"))

Found = TypeVar("Found", covariant=True)
Derived = TypeVar("Derived", bound=Callable[..., Any])


class Readout(Protocol[Found]):
    """A readout as it is called: with a table, and with what is needed to understand it.

    `phases` picks phases; `columns` says which column holds what ({"action": "choice"}); `task` is the task that gives
    numbers their meaning, by default the one of that name with its defaults; `actions` and `states` say what they are
    called in the table, or in a task of one's own ({"sucrose": "left"}).
    """

    __name__: str

    def __call__(
        self,
        trials: pd.DataFrame,
        phases: Sequence[str] | None = None,
        *,
        task: Task | None = None,
        columns: Mapping[str, str] | None = None,
        actions: Names | None = None,
        states: Names | None = None,
        **options: Any,
    ) -> Found: ...


@dataclass(frozen=True)
class Measure:
    """The one number a subject by which agents are compared in a task: what it says, over how many trials, how read."""

    what: str
    trials: int
    read: Callable[[pd.DataFrame], pd.Series[float]]


@dataclass(frozen=True)
class Reading:
    """What a readout needs of a table, and what trials of its task look like.

    `tasks` are the names of its tasks, the first its default; `needs` the columns, besides subject; `actions` and
    `states` names that it looks for. `task_for`: "all" where parameters of the task enter, so that it has to be given;
    "numbers" where they decide which number means what. `shows` is an action by whose number the default task is known
    from one with other parameters. `begins` and `ends`: the states in which a step of this task begins and ends;
    `one_step`: trials have one; `stays`: no step leads to another state; `responds`: each trial has an action.
    `names_states`: states are named though no task is the readout's own. `from_first`: trials are counted from the
    first, so that a table in which they begin at 1 has to be known from one in which they begin at 0. `reported`: tasks
    whose papers report it, where it reads choices of any.
    """

    tasks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ("action",)
    actions: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    task_for: str = ""
    shows: str = ""
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    one_step: bool = False
    stays: bool = False
    responds: bool = False
    names_states: bool = False
    from_first: bool = False
    reported: tuple[str, ...] = ()

    @property
    def names(self) -> bool:
        """Whether names of actions or states enter at all."""
        return bool(self.tasks or self.task_for)

    @property
    def takes_missing(self) -> bool:
        """Whether trials without a response are left out, so that codes of no response can be given."""
        return "action" in self.needs and not self.responds


def reads(*tasks: str, gone: Sequence[str] = (), **reading: Any) -> Callable[[Callable[..., Found]], Readout[Found]]:
    """Makes a readout of a function of prepared rows (`Reading` says of what), in which actions and states are names.

    Where the function takes `task`, it gets the one that was given, or the default. `gone` are arguments of former
    versions that took numbers. ValueError, in one sentence, for a table that cannot be read so.
    """
    shape = Reading(tasks=tasks, **reading)

    def declared(readout: Callable[..., Found]) -> Readout[Found]:
        own = {name: p for name, p in inspect.signature(readout).parameters.items() if name not in ("rows", "task")}

        @functools.wraps(readout)
        def read(
            trials: pd.DataFrame,
            phases: Sequence[str] | None = None,
            *,
            task: Task | None = None,
            columns: Mapping[str, str] | None = None,
            actions: Names | None = None,
            states: Names | None = None,
            **given: Any,
        ) -> Found:
            name = readout.__name__
            _check_options(name, given, own, gone, shape)
            described = _task(name, shape, task)
            missing = given.pop("missing", ()) if shape.takes_missing else ()
            check_values(name, {**{n: p.default for n, p in own.items()}, **given})
            rows = prepared(name, shape, trials, phases, task, columns, actions, states, missing)
            more = {"task": described} if "task" in inspect.signature(readout).parameters else {}
            return readout(rows, **given, **more)

        read.__signature__ = _signature(own, shape)  # type: ignore[attr-defined]
        read.papers = shape.reported or tasks  # type: ignore[attr-defined]
        return read

    return declared


def derived_from(readout: Callable[..., Any]) -> Callable[[Derived], Derived]:
    """Marks a function of what a readout gives: papers on the same tasks report it."""

    def derived(function: Derived) -> Derived:
        function.papers = papers(readout)  # type: ignore[attr-defined]
        return function

    return derived


def papers(readout: Callable[..., Any]) -> tuple[str, ...]:
    """The tasks whose papers report it, by their names; none where it is of signals, in whatever task."""
    return getattr(readout, "papers", ())


def _signature(own: Mapping[str, inspect.Parameter], shape: Reading) -> inspect.Signature:
    """How the readout is called: a table, its own arguments, and those by which a table is understood."""
    by_place, by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    first = [inspect.Parameter("trials", by_place), inspect.Parameter("phases", by_place, default=None)]
    task = [inspect.Parameter("task", by_name, **({} if shape.task_for == "all" else {"default": None}))]
    names = [inspect.Parameter(name, by_name, default=None) for name in ("actions", "states")]
    columns = [inspect.Parameter("columns", by_name, default=None)]
    columns += [inspect.Parameter("missing", by_name, default=())] if shape.takes_missing else []
    own = {name: p.replace(kind=by_name) for name, p in own.items()}
    required = [p for p in own.values() if p.default is p.empty]
    others = [p for p in own.values() if p.default is not p.empty]
    return inspect.Signature(
        [*first, *required, *(task if shape.names else []), *others, *columns, *(names if shape.names else [])]
    )


def _check_options(
    readout: str, given: Mapping[str, Any], own: Mapping[str, inspect.Parameter], gone: Sequence[str], shape: Reading
) -> None:
    for name in given:
        if name in gone:
            task = f"{shape.tasks[0]}(...)" if shape.tasks else "the task"
            raise ValueError(
                f"{readout} takes no {name}=: numbers have their meaning from the task; give task={task} where it is "
                "not the default one, and for names of your own actions={...} or states={...}"
            )
        if name not in own and not (name == "missing" and shape.takes_missing):
            raise ValueError(f"{readout} takes no {name}={nearest(name, own)}")
    for name, parameter in own.items():
        if parameter.default is parameter.empty and name not in given:
            raise ValueError(f"{readout} needs {name}=")


def check_values(readout: str, options: Mapping[str, Any]) -> None:
    """ValueError for numbers that mean nothing: bins of no trials, a criterion that its window cannot hold."""
    for name, value in options.items():
        if name in (*COUNTS, *FROM_ZERO) and value is not None and value is not inspect.Parameter.empty:
            least = 0 if name in FROM_ZERO else 1
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not whole or value < least:
                raise ValueError(f"{readout}: {name} must be a whole number of at least {least}, not {shown(value)}")
        if name in ("win", "from_s", "until_s", "bin_width", "step_s"):
            number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
            if not number or not np.isfinite(value) or (name in ("bin_width", "step_s") and value <= 0):
                least_said = " above 0" if name in ("bin_width", "step_s") else ""
                raise ValueError(f"{readout}: {name} must be a number{least_said}, not {shown(value)}")
    for low, high in BELOW:
        a, b = options.get(low), options.get(high)
        if a is not None and b is not None and (a > b or (a == b and low.startswith("from"))):
            raise ValueError(f"{readout}: {low} is {shown(a)} and {high} {shown(b)}; give a larger {high}")


def _task(readout: str, shape: Reading, task: Task | None) -> Task | None:
    """The task that was given, or the default; ValueError where it has to be given."""
    from ...tasks import TASKS

    if task is not None:
        return require(task, Task, f"{readout}: task")
    if shape.task_for == "all":
        raise ValueError(
            f"{readout} needs the task, on whose parameters it depends: task={shape.tasks[0]}(), or the one you ran"
        )
    return TASKS[shape.tasks[0]]() if shape.tasks else None


def prepared(
    readout: str,
    shape: Reading,
    trials: pd.DataFrame,
    phases: Sequence[str] | None,
    task: Task | None = None,
    columns: Mapping[str, str] | None = None,
    actions: Names | None = None,
    states: Names | None = None,
    missing: Any = (),
) -> pd.DataFrame:
    """The rows of those phases with the columns that this package names, and in them actions and states as names."""
    known = (*PLACES, *NAMED, "outcome", "best", *TRUTHS)
    table = as_named_here(trials, columns, tuple(dict.fromkeys((*known, *shape.needs))))
    _check_columns(readout, table, shape.needs)
    run = of_a_run(table)
    table = table if "step" in table.columns else table.assign(step=0)
    table = table.assign(**{name: whole(readout, table, name) for name in ("trial", "step") if name in table.columns})
    table = in_phases(table, phases)
    if table.empty:
        raise ValueError(f"{readout}: there are no trials; run it with record: trials")
    whose = f"{readout} reads trials of {' or '.join(shape.tasks)}"
    others = {*shape.tasks, *(kind.__name__ for kind in type(task).__mro__ if task is not None)}
    if shape.tasks or (shape.names and task is not None):
        check_phases(whose if shape.tasks else f"{readout} reads trials of {type(task).__name__}", table, others)
    rows = _in_order(readout, table)
    if shape.from_first and not run and "trial" in rows.columns:
        rows = _from_zero(readout, rows)
    rows = rows.assign(**{name: _truths(readout, rows, name) for name in TRUTHS if name in rows.columns})
    if shape.one_step and (rows["step"] != 0).any():
        row = rows[rows["step"] != 0].iloc[0]
        raise ValueError(f"{whose}, where step is 0; in phase '{row['phase']}' it is {row['step']:g}: {PICK}")
    if "action" in rows.columns and "action" in shape.needs:
        rows = _responses(readout, rows, shape, missing, run)
    if "outcome" in shape.needs:
        rows = rows.assign(outcome=outcomes(readout, rows, run))
    if not shape.names:
        return rows
    described = _task(readout, shape, task)
    known_numbers = run or set(rows["phase"].astype(str)) <= {*shape.tasks}
    mappings = {"action": actions, "state": states}
    for column, kind in NAMED.items():
        if column in rows.columns and (shape.tasks or (kind == "state") == shape.names_states):
            unread = column not in shape.needs and task is None and not known_numbers
            if unread and _is_numeric(rows[column]):
                continue
            names = _Names(readout, shape, kind, task, described, mappings[kind] or {}, known_numbers)
            rows = rows.assign(**{column: names.of(rows, column, whose)})
    _check_shape(whose, rows, shape)
    if shape.shows and task is None and _is_numeric(table["action"]):
        shows = (rows["action"] == shape.shows).groupby([rows["group"], rows["phase"]], observed=True).transform("any")
        if not shows.all():
            row = rows[~shows].iloc[0]
            raise ValueError(
                f"{readout}: in group '{row['group']}', phase '{row['phase']}', no action is '{shape.shows}' in the "
                f"default {shape.tasks[0]}, so that these may be trials of one with other parameters; say which, as in "
                f"task={shape.tasks[0]}()"
            )
    return rows


PICK = "pick the phases of that task, or give yours as task="


def _check_columns(readout: str, table: pd.DataFrame, needs: Sequence[str]) -> None:
    for name in ("subject", *needs):
        if name not in table.columns:
            near = nearest(name, map(str, table.columns))
            raise ValueError(
                f"{readout} needs a column '{name}', which the trials do not have{near}: "
                f"name yours with columns={{'{name}': ...}}"
            )
    if table["subject"].isna().any():
        row = int(np.argmax(table["subject"].isna().to_numpy()))
        raise ValueError(f"{readout}: row {row} has no subject")


def of_a_run(table: pd.DataFrame) -> bool:
    """Whether a run of this package wrote the table, by its columns."""
    return {*RUN} <= {*table.columns}


def check_phases(whose: str, table: pd.DataFrame, own: Iterable[str]) -> None:
    """ValueError where a phase has the name of another task of this package, as `simulate` calls its only phase."""
    from ...tasks import TASKS

    for phase in table["phase"].unique():
        if phase in TASKS and phase not in own:
            raise ValueError(f"{whose}, and phase '{phase}' is by its name one of the task {phase}: {PICK}")


def whole(readout: str, table: pd.DataFrame, name: str) -> Any:
    """The numbers of trials or steps, which may be texts."""
    from pandas.api.types import is_integer_dtype

    if is_integer_dtype(table[name].dtype) and not table[name].isna().any():
        return table[name]
    blank, numbers = empty(table[name]), as_numbers(table[name])
    if blank.any():
        raise ValueError(f"{readout}: row {int(np.argmax(blank))} has no {name}")
    wrong = ~np.isfinite(numbers) | (numbers != np.floor(numbers))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{readout}: row {row}, column '{name}': {shown(table[name].iloc[row])} is not a whole number")
    return numbers.astype(np.int64)


def _in_time(readout: str, rows: pd.DataFrame, name: str) -> Any:
    """Sessions or blocks as what can be sorted: numbers, dates, or the places of ordered categories."""
    import pandas as pd

    column = rows[name]
    blank = empty(column)
    if blank.any():
        raise ValueError(f"{readout}: row {int(np.argmax(blank))} has no {name}, and trials are counted anew in each")
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        return column.cat.codes
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    numbers = as_numbers(column)
    if not np.isfinite(numbers).all():
        row = int(np.argmax(~np.isfinite(numbers)))
        raise ValueError(
            f"{readout}: column '{name}' has {shown(column.iloc[row])}, and trial numbers start anew: number the "
            f"{name}s in their order"
        )
    return numbers


def _from_zero(readout: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with trials counted from 0, whether the table counts them from 0 or from 1."""
    first = rows.groupby(WHO, observed=True)["trial"].transform("min")
    if first.min() == 0 and (first == 1).any():
        who = [shown(rows.loc[first == k, "subject"].iloc[0]) for k in (0, 1)]
        raise ValueError(
            f"{readout}: the trials of subject {who[0]} begin at 0 and those of subject {who[1]} at 1; count them alike"
        )
    return rows.assign(trial=rows["trial"] - 1) if first.min() == 1 else rows


def _in_order(readout: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, each of which has a trial and a step of its own; trials of sessions and blocks are counted through."""
    if "trial" not in rows.columns:
        return rows
    if not _twice(rows).any():
        return rows
    parts = [name for name in ("session", "block") if name in rows.columns]
    if parts:
        rows = rows.assign(**{name: _in_time(readout, rows, name) for name in parts})
        number = rows.groupby([*WHO, *parts, "trial"], observed=True).ngroup()
        first = number.groupby([rows[name] for name in WHO], observed=True).transform("min")
        rows = rows.assign(trial=number - first)
    twice = _twice(rows)
    if twice.any():
        row = rows[twice].iloc[0]
        raise ValueError(
            f"{readout}: subject {shown(row['subject'])} has trial {shown(row['trial'])} twice; where trials are "
            "counted anew the table needs a column 'block' or 'session', where they have several steps 'step', and "
            "where subjects of several groups or phases have one name 'group' or 'phase'"
        )
    return rows


def _twice(rows: pd.DataFrame) -> Any:
    """For each row whether another one before it has its place; where rows are in order, one look is enough."""
    import pandas as pd

    who = [pd.factorize(rows[name])[0] for name in WHO]
    trial, step = rows["trial"].to_numpy(), rows["step"].to_numpy()
    new = np.append(True, np.any([np.diff(codes) != 0 for codes in who], axis=0))
    later = (trial[1:] > trial[:-1]) | ((trial[1:] == trial[:-1]) & (step[1:] > step[:-1]))
    if (new[1:] | later).all() and not rows.loc[new, WHO].duplicated().any():
        return np.zeros(len(rows), bool)
    return rows.duplicated([*WHO, "trial", "step"]).to_numpy()


def _truths(readout: str, rows: pd.DataFrame, name: str) -> Any:
    if rows[name].dtype == bool:
        return rows[name]
    if not rows[name].isin([0, 1]).all():
        wrong = rows.loc[~rows[name].isin([0, 1]), name].iloc[0]
        raise ValueError(f"{readout}: column '{name}' has {short_repr(wrong)}, which is neither true nor false")
    return rows[name].astype(bool)


def _responses(readout: str, rows: pd.DataFrame, shape: Reading, given: Any, run: bool) -> pd.DataFrame:
    """The rows with a response, in which texts of numbers are numbers; `given` are codes that say there was none.

    In a run of this package actions that nobody chose are no gap.
    """
    codes = _codes(readout, given)
    action, missing = rows["action"], empty(rows["action"]).copy()
    if codes:
        missing = missing | action.map(as_key).isin(list(codes)).to_numpy(bool)
    if not _is_numeric(action):
        numbers = as_numbers(action)
        if not missing.all() and np.isfinite(numbers[~missing]).all():
            action = action.astype(object).where(~missing, np.nan).map(as_key).astype(float)
            rows = rows.assign(action=action)
        elif not shape.tasks:
            _check_words(readout, action[~missing])
    if _is_numeric(action):
        missing = missing | (action == NO_RESPONSE).fillna(False).to_numpy(bool)
        found = np.unique(action[~missing].to_numpy(float))
        declared = NO_RESPONSE in codes
        if not declared and (action == NO_RESPONSE).any() and found.tolist() == [1.0]:
            raise ValueError(f"{readout}: actions -1 and 1 occur, and -1 says that there was no response: name them")
        _check_numbers(readout, found, run)
    if shape.responds and missing.any():
        row = rows[missing].iloc[0]
        raise ValueError(
            f"{readout}: subject {shown(row['subject'])} has no action in row {np.argmax(missing)}; "
            "where to do nothing is an action it has to be named"
        )
    rows = rows[~missing] if missing.any() else rows
    if rows.empty:
        raise ValueError(f"{readout}: there is no response in any trial")
    return rows


def _codes(readout: str, given: Any) -> set[Any]:
    listed = list(given) if isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping) else [given]
    for code in listed:
        if not isinstance(code, str | int | float | np.generic):
            raise ValueError(f"{readout}: missing: {short_repr(code)} is neither a number nor a text")
    return {as_key(code) for code in listed}


def _check_words(readout: str, actions: pd.Series) -> None:
    """ValueError for a word that may say that nothing was chosen, or a number among words."""
    for label in actions.unique():
        key = as_key(label)
        if isinstance(key, float) or str(label).strip().lower() in NOTHING:
            raise ValueError(
                f"{readout}: action {shown(label)} may say that there was no response: give missing={shown(label)}, "
                "or, if it is a choice, another name"
            )


def _check_numbers(readout: str, codes: Any, run: bool) -> None:
    """ValueError for numbers of actions that are none, or that leave a gap."""
    listed = ", ".join(f"{code:g}" for code in codes)
    wrong = codes[(codes < 0) | (codes != np.floor(codes)) | ~np.isfinite(codes)]
    gaps = np.flatnonzero(np.diff(codes) > 1)
    if not wrong.size and (run or not gaps.size):
        return
    behind = codes[gaps[0] + 1 :] if not wrong.size else wrong
    which = ", ".join(f"{code:g}" for code in behind)
    why = f"{which} {'is' if len(behind) == 1 else 'are'} no number of an action"
    if not wrong.size:
        low, high = codes[gaps[0]] + 1, codes[gaps[0] + 1] - 1
        why = f"{low:g} never" if low == high else f"{low:g} to {high:g} never"
    raise ValueError(
        f"{readout}: actions {listed} occur, {why}: give missing={f'[{which}]' if len(behind) > 1 else which} if that "
        "is no response, or names instead of numbers where all are actions"
    )


def outcomes(readout: str, rows: pd.DataFrame, run: bool) -> Any:
    """Outcomes as numbers, NaN where none was shown; ValueError for what is none, or looks like a code.

    An outcome is taken for a code as the likelihood takes it: where it is written in nines only, and at least 4 times
    as far from 0 as any other and as 1, or 1,000 times as far as any other that is not 0. A run has no codes.
    """
    if run and rows["outcome"].dtype.kind == "f":
        return rows["outcome"]
    numbers = as_numbers(rows["outcome"])
    size = np.abs(numbers)
    sizes = np.unique(size[np.isfinite(size)])
    others = sizes[~np.isin(sizes, NINES)]
    code = np.isin(size, NINES) & (size >= FAR_FOR_NINES * max(1.0, others.max(initial=0.0)))
    if sizes[:-1].max(initial=0.0) > 0.0:
        code |= size >= FAR * max(1.0, sizes[-2])
    for wrong, why in (
        (np.isnan(numbers) & ~empty(rows["outcome"]), "is not a number"),
        (np.isinf(numbers), "is not finite"),
        (
            code & (not run),
            "is so much further from 0 than any other outcome that it looks like a code; empty the cell "
            "where no outcome was shown, or give outcomes in another unit",
        ),
    ):
        if wrong.any():
            found = rows["outcome"].iloc[int(np.argmax(wrong))]
            raise ValueError(f"{readout}: outcome {shown(found)} {why}")
    return numbers


def _is_numeric(column: pd.Series) -> bool:
    from pandas.api.types import is_numeric_dtype

    return bool(is_numeric_dtype(column))


@dataclass(frozen=True)
class _Names:
    """What actions or states are called: in this package, in the task that was given, and in the table."""

    readout: str
    shape: Reading
    kind: str  # action or state
    given: Task | None
    task: Task | None  # the same, or the default
    mapping: Names
    known_numbers: bool  # whether the table is known to be of the default task

    def of(self, rows: pd.DataFrame, column: str, whose: str) -> Any:
        """The column as names, a categorical in the task's order."""
        self._check_mapping()
        numeric = _is_numeric(rows[column])
        names = self._by_number(column) if numeric else self._in_words()
        for name in getattr(self.shape, f"{self.kind}s"):
            if names is not None and name not in names:
                raise ValueError(
                    f"{self.readout}: the {self.kind}s {', '.join(names)} have no '{name}'; say which it is with "
                    f"{self.kind}s={{'{name}': ...}}"
                )
        return self._numbers(rows, column, names or (), whose) if numeric else self._words(rows, column, names)

    def _check_mapping(self) -> None:
        pairs = [(here, label) for here, there in self.mapping.items() for label in _listed(there)]
        for here, label in pairs:
            if not isinstance(label, str):
                raise ValueError(
                    f"{self.readout}: {self.kind}s takes names, as in {{'{here}': 'left'}}, not {short_repr(label)}; "
                    f"where the table has numbers of its own, name them first: "
                    f"table['{self.kind}'].map({{{short_repr(label)}: '{here}'}})"
                )
        if len({label for _, label in pairs}) < len(pairs):
            raise ValueError(f"{self.readout}: {self.kind}s has one name for two: {short_repr(dict(self.mapping))}")

    def _labels(self) -> dict[str, str]:
        """This package's name for each of the others."""
        return {label: here for here, there in self.mapping.items() for label in _listed(there)}

    def _own(self) -> tuple[str, ...] | None:
        """The names in the task; None where nobody knows."""
        if self.task is None or (self.kind == "state" and self.given is None and self.shape.task_for == "numbers"):
            return None
        return tuple(getattr(self.task, f"{self.kind}s"))

    def _by_number(self, column: str) -> tuple[str, ...]:
        """The names in the order of the numbers."""
        if self.given is None and self.shape.task_for:
            example = f"{self.shape.tasks[0]}()" if self.shape.tasks else "RiskChoice()"
            raise ValueError(
                f"{self.readout}: column '{column}' has numbers, and which number is which depends on the task: give "
                f"it, as in task={example}"
            )
        if self.given is None and self.shape.tasks and not self.known_numbers:
            name = self.shape.tasks[0]
            raise ValueError(
                f"{self.readout}: column '{column}' has numbers, and nothing says that they are those of the default "
                f"{name}: give task={name}(), or the one you ran, or words instead of numbers"
            )
        own = self._own() or ()
        labels = self._labels()
        for label, here in labels.items():
            if label not in own:
                raise ValueError(
                    f"{self.readout}: {self.kind}s has '{label}' for '{here}', but the {self.kind}s are numbers in the "
                    f"table, and in the task they are {', '.join(own)}{nearest(label, own)}"
                )
        return tuple(labels.get(name, name) for name in own)

    def _in_words(self) -> tuple[str, ...] | None:
        own = self._own()
        if own is None:
            return None
        for here in self.mapping:
            if here not in own and here not in getattr(self.shape, f"{self.kind}s"):
                raise ValueError(f"{self.readout}: there is no {self.kind} '{here}'{nearest(here, own)}")
        return tuple(dict.fromkeys((*(n for n in own if n not in self._labels()), *self.mapping)))

    def _numbers(self, rows: pd.DataFrame, column: str, names: Sequence[str], whose: str) -> Any:
        import pandas as pd

        numbers = rows[column].to_numpy(float)
        wrong = ~((numbers >= 0) & (numbers < len(names)) & (numbers == np.floor(numbers)))
        if wrong.any():
            found, phase = numbers[wrong][0], rows["phase"].to_numpy()[wrong][0]
            span = f"0 to {len(names) - 1}" if len(names) > 1 else "0"
            of = whose if self.shape.tasks else f"{self.readout} reads trials of {type(self.task).__name__}"
            raise ValueError(f"{of}, where {column} is {span}; in phase '{phase}' it is {found:g}: {PICK}")
        return pd.Categorical.from_codes(numbers.astype(np.intp), pd.Index(names))

    def _words(self, rows: pd.DataFrame, column: str, names: Sequence[str] | None) -> Any:
        import pandas as pd

        labels = self._labels()
        found = pd.Categorical(rows[column])
        ours = [labels.get(str(label), str(label)) for label in found.categories]
        if names is not None:
            for label, name in zip(found.categories, ours, strict=True):
                if name not in names:
                    raise ValueError(
                        f"{self.readout}: {column} '{label}' is none of {', '.join(names)}"
                        f"{nearest(str(label), names)}; say what it is with {self.kind}s={{...: '{label}'}}"
                    )
        if (found.codes < 0).any():
            raise ValueError(f"{self.readout}: row {int(np.argmax(found.codes < 0))} has no {column}")
        order = list(names if names is not None else dict.fromkeys(ours))
        places = np.array([order.index(name) for name in ours], dtype=np.intp)
        return pd.Categorical.from_codes(places[found.codes], pd.Index(order))


def shown(value: Any) -> str:
    """A cell of a table, as an error message shows it."""
    return short_repr(value.item() if isinstance(value, np.generic) else value)


def _listed(names: Any) -> list[Any]:
    return list(names) if isinstance(names, Iterable) and not isinstance(names, str) else [names]


def _check_shape(whose: str, rows: pd.DataFrame, shape: Reading) -> None:
    """ValueError where steps begin or end in states in which those of that task do not."""
    for column, wanted, verb in (("state", shape.begins, "begins"), ("next_state", shape.ends, "ends")):
        if wanted and column in rows.columns:
            wrong = ~rows[column].isin(list(wanted))
            if wrong.any():
                row = rows[wrong].iloc[0]
                raise ValueError(
                    f"{whose}, where a step {verb} in {' or '.join(wanted)}; in phase '{row['phase']}' one {verb} in "
                    f"{row[column]}: {PICK}"
                )
    if shape.stays and {"state", "next_state"} <= {*rows.columns}:
        wrong = rows["state"].astype(object) != rows["next_state"].astype(object)
        if wrong.any():
            row = rows[wrong].iloc[0]
            raise ValueError(
                f"{whose}, where each trial ends in its own state; in phase '{row['phase']}' '{row['state']}' is "
                f"followed by '{row['next_state']}': {PICK}"
            )


def known_states(readout: str, argument: str, wanted: str | Iterable[str], found: pd.Series, what: str) -> None:
    """Raises ValueError for a state that is not among the `found` ones; `what` ends the sentence's first part."""
    known = list(dict.fromkeys(found.astype(str)))
    for state in _listed(wanted):
        if not isinstance(state, str):
            said = f"takes the names of states, as in the task, not {short_repr(state)}"
            raise ValueError(f"{readout}: {argument} {said}")
        if state not in known:
            listed = f"only {', '.join(known)}" if known else "none does"
            raise ValueError(f"{readout}: {argument} has '{state}', {what}; {listed}{nearest(state, known)}")


def known_actions(readout: str, argument: str, wanted: str | Iterable[str], actions: pd.Series) -> None:
    """Raises ValueError for an action that is none of those of the task, or of those in the table."""
    known = [str(name) for name in actions.cat.categories]
    for action in _listed(wanted):
        if not isinstance(action, str):
            raise ValueError(
                f"{readout}: {argument} takes the name of an action ({', '.join(known)}), not {short_repr(action)}"
            )
        if action not in known:
            raise ValueError(f"{readout}: {argument} has '{action}'; only {', '.join(known)}{nearest(action, known)}")
