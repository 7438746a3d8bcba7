"""Recorded choices: a table of trials, ours or a user's, checked once and packed for the kernel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np

from ..analysis.readouts.rows import as_named_here
from ..contract import Task, nearest, short_repr
from ..engine import records
from .coding import (
    Codes,
    as_key,
    as_numbers,
    checked_range,
    counted,
    declared_codes,
    implausible,
    never_shown,
    numbered,
)

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
Reset = Literal["never", "session", "block"]
NEEDED = ("action", "outcome")
PERIODS = ("session", "block")
ORDER = ("subject", *PERIODS, "trial", "step")
MEANT = (*ORDER, "state", *NEEDED, "next_state", "terminated", "truncated", "forced")
COLUMNS = (*MEANT, "group", "phase")


class Reading(TypedDict, total=False):
    """How a table is to be read, as `Likelihood` describes it."""

    columns: Mapping[str, str] | None
    actions: int | Collection[Any] | None
    states: int | Collection[Any] | None
    missing: Any
    outcomes: tuple[float, float] | None
    one_subject: bool
    reset: Reset | None


@dataclass(frozen=True)
class Recorded:
    """Choices by subject, in the order in which they were made.

    `rows`, of `records.CHOICE`, are cut into stretches, in each of which values are learned from nothing on: number k
    is `rows[first[k]:first[k + 1]]` and subject number `owner[k]`'s, whose stretches follow each other. `counts` has a
    row for each subject, by label, sorted: choices, forced, missing and unseen (rows without an outcome).
    """

    counts: pd.DataFrame
    rows: Array
    first: Array
    owner: Array
    n_states: int
    n_actions: int


def recorded(
    trials: pd.DataFrame, task: Task | None, *, columns: Mapping[str, str] | None = None,
    actions: int | Collection[Any] | None = None, states: int | Collection[Any] | None = None, missing: Any = (),
    outcomes: tuple[float, float] | None = None, one_subject: bool = False, reset: Reset | None = None,
) -> Recorded:  # fmt: skip
    """The choices in a table whose columns docs/likelihood.md describes.

    Raises ValueError naming the row (counted from 0) and the column of the first thing that is wrong.
    """
    action_codes = declared_codes("action", actions, task.actions if task else None, missing)
    state_codes = declared_codes("state", states, task.states if task else None)
    within = checked_range(outcomes)
    table, trials = trials, _named(trials, columns)
    labels, subject = _subjects(trials, one_subject)
    _check_groups(trials, labels, subject)
    trial, step = _times(trials, subject, table.index, columns or {})
    period, stretch = _periods(trials, labels, subject, trial, reset)

    action = numbered(trials, "action", action_codes)
    absent = np.isnan(action)
    unseen = trials["outcome"].isna().to_numpy() & ~absent
    forced = _yes_or_no(trials, "forced", 0.0)
    reward = _finite(trials, "outcome", spared=absent | unseen)
    wrong, why = implausible(np.where(absent, np.nan, reward), within)
    _refuse(wrong, trials, "outcome", why)

    order = np.lexsort((step, trial, period, subject))
    last = _last_of_trial(trials, subject, period, trial, step, order)
    state = _states(trials, task, state_codes)
    ends = _ends(trials, task, state, state_codes, order, last)
    n_actions = counted(action_codes, action, "action", never_shown(action, unseen))
    goes_on = np.where(ends["terminated"] == 1, state, ends["next_state"])
    n_states = counted(state_codes, np.concatenate([state, goes_on]), "state")
    n_states = max(n_states, 1 + int(ends["next_state"].max()))  # an end is no state to be in, and may have any number
    _check_offered(trials, task, action_codes, state, action, chosen=~absent & (forced == 0))

    values = {"state": state, "action": action, "reward": np.where(unseen, 0.0, reward), "scored": 1.0 - forced}
    values |= {"feedback": 1.0 - unseen, **ends}
    kept = order[~absent[order]]
    rows = np.zeros(kept.size, records.CHOICE)
    for name, column in values.items():
        rows[name] = column[kept]
    owner = np.zeros(1 + int(stretch.max()), np.int64)
    owner[stretch] = subject
    first = np.searchsorted(stretch[kept], np.arange(owner.size + 1))
    counts = _counts(labels, subject, absent=absent, forced=(forced == 1) & ~absent, unseen=unseen)
    return Recorded(counts, rows, first, owner, n_states, n_actions)


def _named(table: Any, columns: Any) -> pd.DataFrame:
    """The table under this package's names."""
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"trials must be a pandas DataFrame with a row for each step, not {short_repr(table)}")
    if columns is not None and not isinstance(columns, Mapping):
        raise ValueError(f"columns must give columns by name, as in {{'action': 'choice'}}, not {short_repr(columns)}")
    trials: pd.DataFrame = as_named_here(table, columns, COLUMNS)
    for name in COLUMNS:
        if list(trials.columns).count(name) > 1:
            raise ValueError(f"trials has more than one column '{name}'")
    for name in NEEDED:
        if name not in trials:
            other = (
                nearest(name, map(str, trials.columns)) or f"; name the one that holds it, columns={{'{name}': ...}}"
            )
            raise ValueError(f"trials has no column '{name}'{other}")
    if "step" in trials and "trial" not in trials:
        raise ValueError("trials has a column 'step' but no column 'trial', which would say where a trial begins")
    if not len(trials):
        raise ValueError("trials has no rows")
    if "phase" in trials and (found := trials["phase"].nunique(dropna=False)) > 1:
        raise ValueError(
            f"trials has the rows of {found} phases; give those of one phase at a time, or, if all are of one task, "
            "columns={'session': 'phase'}"
        )
    return trials


def _refuse(wrong: Array, trials: pd.DataFrame, name: str, why: str) -> None:
    """ValueError for the first row in which something is wrong."""
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"trials: row {row}, column '{name}': {_shown(trials[name].iloc[row])} {why}")


def _shown(value: Any) -> str:
    return short_repr(value.item() if isinstance(value, np.generic) else value)


def _subjects(trials: pd.DataFrame, one_subject: Any) -> tuple[pd.Index[Any], Array]:
    """The labels, sorted, and for each row the place of its own among them."""
    import pandas as pd

    if not isinstance(one_subject, bool):
        raise ValueError(f"one_subject must be True or False, not {short_repr(one_subject)}")
    if "subject" not in trials:
        if one_subject:
            return pd.Index([0], name="subject"), np.zeros(len(trials), np.int64)
        others = [str(name) for name in trials.columns if name not in COLUMNS]
        which = f"one of {short_repr(others)}" if others else "the one that holds it"
        raise ValueError(
            "trials has no column 'subject', nor a level of the index of that name: name "
            f"{which} in columns={{'subject': ...}}, or give one_subject=True if all rows are one subject's"
        )
    _refuse(trials["subject"].isna().to_numpy(), trials, "subject", "names no subject")
    _refuse_alike(trials, "subject")
    try:
        codes, labels = pd.factorize(trials["subject"], sort=True)
    except TypeError:  # labels of several kinds, which cannot be sorted: in the order of the table
        codes, labels = pd.factorize(trials["subject"])
    if one_subject and len(labels) > 1:
        raise ValueError(f"one_subject is True, but trials has {len(labels)} subjects")
    return pd.Index(labels, name="subject"), codes


def _refuse_alike(trials: pd.DataFrame, name: str) -> None:
    """ValueError where one label is there as a number and as a text, 1 and '1', which would be two."""
    try:
        labels = trials[name].unique().tolist()
    except TypeError:
        raise ValueError(f"trials, column '{name}': its cells must be numbers or texts") from None
    numbers = {float(label): label for label in labels if isinstance(label, int | float)}
    if numbers:
        for label in labels:
            key = as_key(label) if isinstance(label, str) else None
            if isinstance(key, float) and key in numbers:
                both = f"{_shown(numbers[key])} and {_shown(label)}"
                raise ValueError(f"trials, column '{name}': {both} would be two {name}s; make them one, or all texts")


def _check_groups(trials: pd.DataFrame, labels: pd.Index[Any], subject: Array) -> None:
    """ValueError for a subject of two groups, which is two subjects of one label."""
    import pandas as pd

    if "group" not in trials:
        return
    group, names = pd.factorize(trials["group"], use_na_sentinel=False)
    own = group[np.unique(subject, return_index=True)[1]][subject]
    wrong = group != own
    if wrong.any():
        row = int(np.argmax(wrong))
        who, other, here = labels[subject[row]], names[own[row]], names[group[row]]
        raise ValueError(
            f"trials: row {row}, column 'group': subject {_shown(who)} is in group {_shown(here)} here and in "
            f"{_shown(other)} before; give those of one group at a time, or each subject a label of its own"
        )


def _times(
    trials: pd.DataFrame, subject: Array, index: pd.Index[Any], columns: Mapping[str, str]
) -> tuple[Array, Array]:
    """The trial, counted within the subject where the table does not say, and the step."""
    import pandas as pd

    if "trial" in trials:
        return _whole(trials, "trial"), _whole(trials, "step")
    period = subject
    for name in PERIODS:
        period = _within(period, pd.factorize(trials[name])[0]) if name in trials else period
    _check_in_order(index, {*COLUMNS, *columns.values()} - {None}, subject, period)
    return pd.Series(subject).groupby(subject).cumcount().to_numpy(), np.zeros(len(trials))


def _check_in_order(index: pd.Index[Any], read: Collection[Any], subject: Array, period: Array) -> None:
    """ValueError for the first row that stands behind a later one of its subject, by an index that says an order.

    That is one whose numbers, dates, or texts of numbers, are each there once within a subject, or within its session
    and block, or that has dates or no name; without a name it may start anew. Repeated numbers under a name are labels,
    but for several levels that are an order together. `read` are the names of levels that are columns here.
    """
    levels = [k for k, name in enumerate(index.names) if name is None or name not in read]
    repeated: list[tuple[int, Array]] = []
    for k in levels:
        at = _clock(index.get_level_values(k))
        if at is None:
            continue
        once = next((group for group in (subject, period) if _all_differ(group, at)), None)
        if once is not None:
            _refuse_back(index, k, _falls(once, at))
            return
        if index.names[k] is None:
            _refuse_back(index, k, _falls(subject, at, anew=True))
        elif index.get_level_values(k).dtype.kind == "M":
            _refuse_back(index, k, _falls(subject, at))
        else:
            repeated.append((k, at))
    if len(repeated) > 1:
        together = subject
        for _, at in repeated:
            together = _within(together, at)
        if len(np.unique(together)) == len(together):
            _refuse_back(index, repeated[-1][0], _falls(subject, together))


def _clock(level: pd.Index[Any]) -> Array | None:
    """Numbers in the order that the level says, NaN where it is empty; None where it says none."""
    import pandas as pd

    values = level.to_series().reset_index(drop=True)
    if isinstance(level.dtype, pd.CategoricalDtype):
        if level.dtype.ordered:
            return values.cat.codes.to_numpy(dtype=float)
        values = values.astype(object)
    if pd.api.types.is_bool_dtype(values.dtype):
        return None
    if values.dtype.kind in "mM" or isinstance(values.dtype, pd.PeriodDtype):
        return values.rank(method="dense").to_numpy(dtype=float)
    if not pd.api.types.is_numeric_dtype(values.dtype) and values.map(lambda v: isinstance(v, str)).all():
        parts = values.str.extract(r"^(\D*)(\d+)(\D*)$")  # trial_1, trial_2, ..., trial_10
        same = parts.notna().all(axis=None) and len(parts[[0, 2]].drop_duplicates()) == 1
        values = parts[1] if same else values
    numbers = as_numbers(values)
    known = np.isfinite(numbers)
    if known.any() and (known | values.isna().to_numpy()).all():
        return numbers
    try:
        dates = pd.to_datetime(values) if not values.map(lambda v: isinstance(v, str)).any() else None
    except (TypeError, ValueError):
        return None
    return None if dates is None else dates.rank(method="dense").to_numpy(dtype=float)


def _all_differ(group: Array, at: Array) -> bool:
    pairs = np.stack([group.astype(float), at])
    return bool(np.unique(pairs, axis=1).shape[1] == pairs.shape[1])


def _falls(group: Array, at: Array, *, anew: bool = False) -> Array:
    """For each row whether it is lower than the one before it of its group; `anew` but not where the group began."""
    rows = np.argsort(group, kind="stable")
    of, when = group[rows], at[rows]
    began = when[np.searchsorted(of, of)]
    falls = np.zeros(len(at), bool)
    falls[rows[1:]] = (np.diff(of) == 0) & (np.diff(when) < 0) & ~(anew & (when == began)[1:])
    return falls


def _refuse_back(index: pd.Index[Any], level: int, back: Array) -> None:
    if back.any():
        row, name = int(np.argmax(back)), index.names[level]
        which = "index" if name is None else f"index '{name}'"
        drop = "reset_index(drop=True)" if index.nlevels == 1 else f"droplevel({level if name is None else name!r})"
        raise ValueError(
            f"trials: row {row} stands behind a later one, by its {which}: without a column 'trial' the rows must be "
            f"in the order of the trials (sort_index(), or {drop} if they are)"
        )


def _periods(
    trials: pd.DataFrame, labels: pd.Index[Any], subject: Array, trial: Array, reset: Any
) -> tuple[Array, Array]:
    """For each row the number of its session and block, in the order in which they were met, subject by subject; and
    of the stretch that begins where all is learned anew.

    Raises ValueError where their order, or what becomes of learned values, is left open. The order of stretches does
    not matter.
    """
    choices = ("never", *PERIODS)
    if reset is not None and reset not in choices:
        known = nearest(str(reset), choices)
        raise ValueError(f"reset must be 'never', 'session' or 'block', not {short_repr(reset)}{known}")
    there = [name for name in PERIODS if name in trials]
    if reset in PERIODS and reset not in there:
        raise ValueError(f"reset='{reset}' needs a column '{reset}'")
    label = {name: _labelled(trials, name) for name in there}
    _check_said(there, label, labels, subject, reset)
    anew = PERIODS[: choices.index(reset or "never")]
    period = stretch = subject
    for name in there:
        period = _within(period, label[name] if name in anew else _rank(trials, name, label[name], period, trial))
        stretch = period if name in anew else stretch
    ordered = [name for name in there if name not in anew]
    _check_order(trials, ordered, stretch, period, trial)
    return period, stretch


def _labelled(trials: pd.DataFrame, name: str) -> Array:
    """A number for each label of a session or block, in no order that means anything."""
    import pandas as pd

    _refuse(trials[name].isna().to_numpy(), trials, name, f"names no {name}")
    _refuse_alike(trials, name)
    return pd.factorize(trials[name])[0]


def _check_said(
    there: list[str], label: dict[str, Array], labels: pd.Index[Any], subject: Array, reset: str | None
) -> None:
    """ValueError where a subject has several sessions or blocks and nothing is said of what becomes of its values."""
    if reset is not None or not there:
        return
    met = np.unique(np.stack([subject, *label.values()]), axis=1)[0]
    several = np.flatnonzero(np.bincount(met) > 1)
    if several.size:
        who, n = _shown(labels[several[0]]), int((met == several[0]).sum())
        ways = " or ".join(f"reset='{name}'" for name in there)
        raise ValueError(
            f"trials: subject {who} has {n} {there[-1]}s; say whether what was learned carries over from one to the "
            f"next, reset='never', or is learned anew in each, {ways}"
        )


def _within(outer: Array, inner: Array) -> Array:
    """Numbers from 0 for the pairs, in the order of the first and then of the second."""
    pairs = np.stack([outer.astype(float), inner], axis=1)
    number: Array = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
    return number


def _rank(trials: pd.DataFrame, name: str, label: Array, outer: Array, trial: Array) -> Array:
    """The place of each row's session or block in time, by its number or date, or, of a name, by its first trial."""
    import pandas as pd

    column = trials[name]
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        return column.cat.codes.to_numpy(dtype=float)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.rank(method="dense").to_numpy(dtype=float)
    numbers = as_numbers(column)
    if np.isfinite(numbers).all():
        return numbers
    at = pd.DataFrame({"outer": outer, "trial": trial, "label": label})
    if len(at.drop_duplicates()) > len(at[["outer", "trial"]].drop_duplicates()):
        raise ValueError(f"trials, column '{name}': trial numbers start anew, so number the {name}s in their order")
    return at.groupby(["outer", "label"])["trial"].transform("min").to_numpy(dtype=float)


def _check_order(trials: pd.DataFrame, ordered: list[str], stretch: Array, period: Array, trial: Array) -> None:
    """ValueError where trial numbers that do not start anew contradict the order of sessions and blocks."""
    import pandas as pd

    order = np.lexsort((trial, period, stretch))
    one, when, n = stretch[order], period[order], trial[order]
    back = (np.diff(one) == 0) & (np.diff(when) != 0) & (np.diff(n) <= 0)
    if not back.any():
        return
    at = pd.DataFrame({"stretch": stretch, "trial": trial, "period": period}).drop_duplicates()
    anew = at.loc[at.duplicated(["stretch", "trial"]), "stretch"].unique()
    wrong = back & ~np.isin(one[1:], anew)
    if wrong.any():
        row, names = int(order[1:][wrong].min()), ", ".join(f"'{name}'" for name in (*ordered, "trial"))
        raise ValueError(
            f"trials: row {row}, columns {names}: trial numbers neither start anew in each {ordered[-1]} nor run on in "
            f"the order of the {ordered[-1]}s"
        )


def _last_of_trial(
    trials: pd.DataFrame, subject: Array, period: Array, trial: Array, step: Array, order: Array
) -> Array:
    """Whether a row, in that order, is its trial's last; ValueError where a step is there twice."""
    same_trial = np.ones(len(order) - 1, bool)
    for column in (subject, period, trial):
        same_trial &= np.diff(column[order]) == 0
    twice = same_trial & (np.diff(step[order]) == 0)
    if twice.any():
        row = int(order[1:][twice].min())
        known = [name for name in ORDER if name in trials]
        what = ", ".join(f"{name} {_shown(trials[name].iloc[row])}" for name in known)
        needs = [] if "block" in trials else ["trial numbers that start anew need a column 'block' or 'session'"]
        needs += [] if "step" in trials else ["the steps of a trial need a column 'step'"]
        hint = "".join(f"; {need}" for need in needs)
        raise ValueError(f"trials: row {row}, columns {', '.join(map(repr, known))}: {what} is there twice{hint}")
    return np.append(~same_trial, True)


def _states(trials: pd.DataFrame, task: Task | None, codes: Codes) -> Array:
    """The state of each row by its number, 0 where there is one; ValueError where which of several is left open."""
    if "state" in trials:
        state = numbered(trials, "state", codes)
        _refuse(np.isnan(state), trials, "state", "names no state")
        return state
    if codes.n is not None and codes.n > 1:
        said = f"the task has {codes.n} states" if task else f"states says that there are {codes.n}"
        first = codes.codes[0] if codes.codes else 0
        where = f"'{task.states[0]}'" if task else f"state {short_repr(first)}"
        raise ValueError(
            f"trials has no column 'state', and {said}: name the one that holds it, columns={{'state': ...}}, or, if "
            f"all choices were made in {where}, give trials.assign(state={short_repr(first)})"
        )
    return np.zeros(len(trials))


def _ends(
    trials: pd.DataFrame, task: Task | None, state: Array, codes: Codes, order: Array, last: Array
) -> dict[str, Array]:
    """Where each step leads, and whether the trial ends there; what the table leaves open follows from its rows.

    ValueError where it does not follow: where a trial's last step led in a task of several states, if a value lies
    beyond it, or if it may have hurt there.
    """
    following = np.where(last, state[order], np.roll(state[order], -1))
    next_state = np.empty_like(following)
    next_state[order] = following
    given = numbered(trials, "next_state", codes) if "next_state" in trials else np.full(len(trials), np.nan)
    next_state = np.where(np.isnan(given), next_state, given)
    is_last = np.empty_like(last)
    is_last[order] = last
    truncated = _yes_or_no(trials, "truncated", 0.0)
    terminated = _yes_or_no(trials, "terminated", is_last * (1.0 - truncated))
    beyond = terminated == 0
    _check_led(trials, task, is_last & np.isnan(given), beyond)
    elsewhere = beyond & (next_state != 0)
    if "state" not in trials and elsewhere.any():
        row = int(np.argmax(elsewhere))
        raise ValueError(
            f"trials has no column 'state', but row {row} goes on in another, column 'next_state': "
            f"{_shown(trials['next_state'].iloc[row])}; name the one that holds it, columns={{'state': ...}}"
        )
    return {"next_state": next_state, "terminated": terminated, "truncated": truncated}


def _check_led(trials: pd.DataFrame, task: Task | None, open_end: Array, beyond: Array) -> None:
    """ValueError where a task of several states leaves open where a trial's last step led, and that matters."""
    if task is None or len(task.states) == 1:
        return
    hurts = any(task.aversive)
    wrong = open_end if hurts else open_end & beyond
    if wrong.any():
        row = int(np.argmax(wrong))
        why = "a value lies beyond it" if beyond[row] else "some states hurt"
        raise ValueError(
            f"trials: row {row}, column 'next_state': it is not known where the trial's last step led, and {why}; the "
            f"task has {len(task.states)} states"
        )


def _check_offered(
    trials: pd.DataFrame, task: Task | None, codes: Codes, state: Array, action: Array, *, chosen: Array
) -> None:
    """ValueError for the first choice of what the task did not offer."""
    if not (task and task.available):
        return
    offered = np.array(task.available, bool)
    s, a = state.astype(int), np.where(chosen, action, 0).astype(int)
    wrong = chosen & ~offered[s, a]
    if wrong.any():
        row = int(np.argmax(wrong))
        there = " and ".join(codes.shown(k) for k in np.flatnonzero(offered[s[row]]).tolist())
        why = f"was not on offer in state '{task.states[s[row]]}', only {there}"
        _refuse(wrong, trials, "action", why)


def _counts(labels: pd.Index[Any], subject: Array, *, absent: Array, forced: Array, unseen: Array) -> pd.DataFrame:
    """How many rows of each subject were what."""
    import pandas as pd

    kinds = {"choices": ~absent & ~forced, "forced": forced, "missing": absent, "unseen": unseen}
    columns = {name: np.bincount(subject[rows], minlength=len(labels)) for name, rows in kinds.items()}
    return pd.DataFrame(columns, index=labels)


def _numbers(trials: pd.DataFrame, name: str, default: Any = 0.0) -> Array:
    """A column as floats, NaN where a cell is empty; the default where there is no such column."""
    if name not in trials:
        return np.broadcast_to(np.asarray(default, dtype=float), len(trials))
    numbers = as_numbers(trials[name])
    _refuse(np.isnan(numbers) & trials[name].notna().to_numpy(), trials, name, "is not a number")
    return numbers


def _finite(trials: pd.DataFrame, name: str, spared: Array | None = None) -> Array:
    numbers = _numbers(trials, name)
    wrong = ~np.isfinite(numbers)
    _refuse(wrong if spared is None else wrong & ~spared, trials, name, "is not finite")
    return numbers


def _whole(trials: pd.DataFrame, name: str, spared: Array | None = None) -> Array:
    numbers = _finite(trials, name, spared)
    wrong = np.isfinite(numbers) & (numbers != np.floor(numbers))
    _refuse(wrong, trials, name, "is not a whole number")
    return numbers


def _yes_or_no(trials: pd.DataFrame, name: str, default: Any) -> Array:
    numbers = _numbers(trials, name, default)
    _refuse((numbers != 0) & (numbers != 1), trials, name, "is neither true nor false")
    return numbers
