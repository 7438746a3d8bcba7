"""The order of a table's rows in time: trials, steps, sessions, blocks, and what an index says where none is named."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.readouts.rows import as_numbers
from ..contract import nearest, short_repr
from .cells import refuse_alike, refuse_row, shown, whole_in

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
PERIODS = ("session", "block")
ORDER = ("subject", *PERIODS, "trial", "step")


def times(trials: pd.DataFrame, subject: Array, index: pd.Index[Any], named: Collection[Any]) -> tuple[Array, Array]:
    """The trial, counted within the subject where the table does not say, and the step.

    `index` is the table's own, `named` are the names of its levels and columns that are columns here.
    """
    import pandas as pd

    if "trial" in trials:
        return whole_in(trials, "trial"), whole_in(trials, "step")
    period = subject
    for name in PERIODS:
        period = _within(period, pd.factorize(trials[name])[0]) if name in trials else period
    _check_in_order(index, named, subject, period)
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


def refuse_twice(trials: pd.DataFrame, labels: pd.Index[Any], subject: Array) -> None:
    """ValueError for a person whose rows are all there twice, as of a file that was read twice or a table joined to
    another with two rows of theirs: the same in every column, in 20 trials or more, with five changes of the choice.
    """
    import pandas as pd

    chosen = pd.factorize(trials["action"])[0]  # compared first: of thousands of people hardly one has these twice
    ends = np.cumsum(np.bincount(subject, minlength=len(labels)))
    for who, rows in zip(labels, np.split(np.argsort(subject, kind="stable"), ends[:-1]), strict=True):
        half = len(rows) // 2
        if half < 20 or len(rows) % 2:
            continue
        for one, other in ((rows[:half], rows[half:]), (rows[::2], rows[1::2])):
            twice = np.diff(chosen[one]).astype(bool).sum() >= 5 and np.array_equal(chosen[one], chosen[other])
            if twice and trials.iloc[one].reset_index(drop=True).equals(trials.iloc[other].reset_index(drop=True)):
                raise ValueError(
                    f"trials: all rows of subject {shown(who)} are there twice; take one of each, or number the trials "
                    "in a column 'trial' if they are not the same"
                )


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


def periods(
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

    refuse_row(trials[name].isna().to_numpy(), trials, name, f"names no {name}")
    refuse_alike(trials, name)
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
        who, n = shown(labels[several[0]]), int((met == several[0]).sum())
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


def last_of_trial(
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
        what = ", ".join(f"{name} {shown(trials[name].iloc[row])}" for name in known)
        needs = [] if "block" in trials else ["trial numbers that start anew need a column 'block' or 'session'"]
        needs += [] if "step" in trials else ["the steps of a trial need a column 'step'"]
        hint = "".join(f"; {need}" for need in needs)
        raise ValueError(f"trials: row {row}, columns {', '.join(map(repr, known))}: {what} is there twice{hint}")
    return np.append(~same_trial, True)
