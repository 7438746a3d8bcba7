"""Recorded choices: a table of trials, ours or a user's, checked once and packed for the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import Task, brief, nearest
from . import records

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
MOST = 1_000_000  # states or actions counted from data; more is a slip of the pen
MISSING = -1
NEEDED = ("action", "outcome")
COLUMNS = ("subject", "trial", "step", "state", *NEEDED, "next_state", "terminated", "truncated", "forced")
ORDER = ("subject", "trial", "step")


@dataclass(frozen=True)
class Recorded:
    """Choices by subject, trial and step: subject number i has `rows[first[i]:first[i + 1]]`, of `records.CHOICE`.

    `subjects` holds their labels, sorted.
    """

    subjects: pd.Index[Any]
    rows: Array
    first: Array
    n_states: int
    n_actions: int


def recorded(trials: pd.DataFrame, task: Task | None) -> Recorded:
    """The choices in a table whose columns docs/likelihood.md describes.

    Raises ValueError naming the row (counted from 0) and the column of the first thing that is wrong.
    """
    _check_table(trials)
    labels, subject = _subjects(trials)
    trial, step = _times(trials, subject)
    missing = _missing(trials)
    hidden = _hidden(trials, missing)
    n_states, n_actions = (len(task.states), len(task.actions)) if task else (MOST, MOST)
    columns = {
        "state": _among(trials, "state", n_states),
        "action": _among(trials, "action", n_actions, spared=missing),
        "reward": np.where(hidden, 0.0, _finite(trials, "outcome", spared=missing | hidden)),
        "feedback": 1.0 - hidden,
        "scored": 1.0 - _yes_or_no(trials, "forced", 0.0),
    }
    order = np.lexsort((step, trial, subject))
    last = _last_of_trial(trials, subject, trial, step, order)
    columns |= _ends(trials, columns["state"], n_states, order, last)
    kept = order[~missing[order]]
    rows = np.zeros(kept.size, records.CHOICE)
    for name, values in columns.items():
        rows[name] = values[kept]
    first = np.searchsorted(subject[kept], np.arange(len(labels) + 1))
    if task is None:
        n_states = 1 + int(max(columns["state"].max(), columns["next_state"].max()))
        n_actions = max(2, 1 + int(rows["action"].max(initial=0)))
    return Recorded(labels, rows, first, n_states, n_actions)


def _check_table(trials: Any) -> None:
    import pandas as pd

    if not isinstance(trials, pd.DataFrame):
        raise ValueError(f"trials must be a pandas DataFrame with a row for each step, not {brief(trials)}")
    for name in COLUMNS:
        if list(trials.columns).count(name) > 1:
            raise ValueError(f"trials has more than one column '{name}'")
    for name in NEEDED:
        if name not in trials:
            raise ValueError(f"trials has no column '{name}'{nearest(name, map(str, trials.columns))}")
    if "step" in trials and "trial" not in trials:
        raise ValueError("trials has a column 'step' but no column 'trial', which would say where a trial begins")
    if not len(trials):
        raise ValueError("trials has no rows")
    for name in ("group", "phase"):
        if name in trials and (found := trials[name].nunique(dropna=False)) > 1:
            raise ValueError(f"trials has the rows of {found} {name}s; give those of one {name} at a time")


def _refuse(wrong: Array, trials: pd.DataFrame, name: str, why: str) -> None:
    """ValueError for the first row in which something is wrong."""
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"trials: row {row}, column '{name}': {_shown(trials[name].iloc[row])} {why}")


def _shown(value: Any) -> str:
    return brief(value.item() if isinstance(value, np.generic) else value)


def _subjects(trials: pd.DataFrame) -> tuple[pd.Index[Any], Array]:
    """The labels, sorted, and for each row the place of its own among them."""
    import pandas as pd

    if "subject" not in trials:
        return pd.Index([0], name="subject"), np.zeros(len(trials), np.int64)
    _refuse(trials["subject"].isna().to_numpy(), trials, "subject", "names no subject")
    try:
        codes, labels = pd.factorize(trials["subject"], sort=True)
    except TypeError:  # labels of several kinds, which cannot be sorted: in the order of the table
        codes, labels = pd.factorize(trials["subject"])
    return pd.Index(labels, name="subject"), codes


def _times(trials: pd.DataFrame, subject: Array) -> tuple[Array, Array]:
    """The trial, counted within the subject where the table does not say, and the step."""
    import pandas as pd

    if "trial" in trials:
        return _whole(trials, "trial"), _whole(trials, "step")
    return pd.Series(subject).groupby(subject).cumcount().to_numpy(), np.zeros(len(trials))


def _last_of_trial(trials: pd.DataFrame, subject: Array, trial: Array, step: Array, order: Array) -> Array:
    """Whether a row, in that order, is its trial's last; ValueError where a step is there twice."""
    same_trial = (np.diff(subject[order]) == 0) & (np.diff(trial[order]) == 0)
    twice = same_trial & (np.diff(step[order]) == 0)
    if twice.any():
        row = int(order[1:][twice].min())
        known = [name for name in ORDER if name in trials]
        what = ", ".join(f"{name} {_shown(trials[name].iloc[row])}" for name in known)
        hint = "" if "step" in trials else "; the steps of a trial need a column 'step'"
        raise ValueError(f"trials: row {row}, columns {', '.join(map(repr, known))}: {what} is there twice{hint}")
    return np.append(~same_trial, True)


def _missing(trials: pd.DataFrame) -> Array:
    """Whether the subject gave no response."""
    action = _numbers(trials, "action")
    missing: Array = np.isnan(action) | (action == MISSING)
    return missing


def _hidden(trials: pd.DataFrame, missing: Array) -> Array:
    """Whether the subject was not shown what its action brought: an empty outcome."""
    return trials["outcome"].isna().to_numpy() & ~missing


def _ends(trials: pd.DataFrame, state: Array, n_states: int, order: Array, last: Array) -> dict[str, Array]:
    """Where each step leads, and whether the trial ends there; what the table leaves open follows from its rows."""
    following = np.where(last, state[order], np.roll(state[order], -1))
    next_state = np.empty_like(following)
    next_state[order] = following
    if "next_state" in trials:
        given = _among(trials, "next_state", n_states, spared=trials["next_state"].isna().to_numpy())
        next_state = np.where(np.isnan(given), next_state, given)
    is_last = np.empty_like(last)
    is_last[order] = last
    truncated = _yes_or_no(trials, "truncated", 0.0)
    terminated = _yes_or_no(trials, "terminated", is_last * (1.0 - truncated))
    return {"next_state": next_state, "terminated": terminated, "truncated": truncated}


def _numbers(trials: pd.DataFrame, name: str, default: Any = 0.0) -> Array:
    """A column as floats, NaN where a cell is empty; the default where there is no such column."""
    import pandas as pd

    if name not in trials:
        return np.broadcast_to(np.asarray(default, dtype=float), len(trials))
    column = trials[name]
    if not (isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf"):
        column = pd.to_numeric(column.astype(object), errors="coerce")
    numbers: Array = column.to_numpy(dtype=float, na_value=np.nan)
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


def _among(trials: pd.DataFrame, name: str, n: int, spared: Array | None = None) -> Array:
    """Numbers of states or actions."""
    numbers = _whole(trials, name, spared)
    wrong = (numbers < 0) | (numbers >= n)
    kind = name.removeprefix("next_")
    why = (
        f"is not one of the {n} {kind}s"
        if n < MOST
        else f"is not the number of {'an' if kind[0] == 'a' else 'a'} {kind}"
    )
    _refuse(wrong if spared is None else wrong & ~spared, trials, name, f"{why}, 0 to {n - 1}")
    return numbers


def _yes_or_no(trials: pd.DataFrame, name: str, default: Any) -> Array:
    numbers = _numbers(trials, name, default)
    _refuse((numbers != 0) & (numbers != 1), trials, name, "is neither true nor false")
    return numbers
