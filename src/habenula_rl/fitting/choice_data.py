"""Recorded choices: a table of trials, ours or a user's, checked once and packed for the kernel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np

from ..analysis.readouts.rows import as_named_here
from ..contract import Task, nearest, short_repr
from ..engine import records
from .cells import finite_in, refuse_alike, refuse_row, shown, truths_in
from .coding import Codes, checked_range, counted, declared_codes, implausible, never_shown, numbered, refuse_shifted
from .trial_order import ORDER, last_of_trial, periods, refuse_twice, times

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
Reset = Literal["never", "session", "block"]
NEEDED = ("action", "outcome")
MEANT = (*ORDER, "state", *NEEDED, "next_state", "terminated", "truncated", "forced")
COLUMNS = (*MEANT, "group", "phase")
DECLARED = "habenula_rl"  # under which a table from `load_choices` carries in its attrs what was declared of it


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
    row for each subject, by label, sorted: choices, forced, missing and unseen (rows without an outcome). Row k stood
    at `place[k]` of the table's `n_rows`.
    """

    counts: pd.DataFrame
    rows: Array
    first: Array
    owner: Array
    n_states: int
    n_actions: int
    place: Array
    n_rows: int


def recorded(
    trials: pd.DataFrame,
    task: Task | None,
    *,
    columns: Mapping[str, str] | None = None,
    actions: int | Collection[Any] | None = None,
    states: int | Collection[Any] | None = None,
    missing: Any = (),
    outcomes: tuple[float, float] | None = None,
    one_subject: bool = False,
    reset: Reset | None = None,
) -> Recorded:
    """The choices in a table whose columns docs/how-to/likelihood.md describes.

    What is not given here holds as `load_choices` was given it, which the table carries in its attrs.

    Raises ValueError naming the row (counted from 0) and the column of the first thing that is wrong.
    """
    said = getattr(trials, "attrs", {}).get(DECLARED, {})
    if task is None:  # which says how many actions and states there are
        actions = said.get("actions") if actions is None else actions
        states = said.get("states") if states is None else states
    outcomes = said.get("outcomes") if outcomes is None else outcomes
    reset = said.get("reset") if reset is None else reset
    action_codes = declared_codes("action", actions, task.actions if task else None, missing)
    state_codes = declared_codes("state", states, task.states if task else None)
    within = checked_range(outcomes)
    table, trials = trials, _named(trials, columns)
    labels, subject = _subjects(trials, one_subject)
    _check_groups(trials, labels, subject)
    named = {*COLUMNS, *(columns or {}).values()} - {None}
    trial, step = times(trials, subject, table.index, named)
    period, stretch = periods(trials, labels, subject, trial, reset)

    action = numbered(trials, "action", action_codes)
    absent = np.isnan(action)
    unseen = trials["outcome"].isna().to_numpy() & ~absent
    forced = truths_in(trials, "forced", 0.0)
    reward = finite_in(trials, "outcome", spared=absent | unseen)
    wrong, why = implausible(np.where(absent, np.nan, reward), within)
    refuse_row(wrong, trials, "outcome", why)
    if "trial" not in trials:
        refuse_twice(trials, labels, subject)

    order = np.lexsort((step, trial, period, subject))
    last = last_of_trial(trials, subject, period, trial, step, order)
    state = _states(trials, task, state_codes)
    ends = _ends(trials, task, state, state_codes, order, last)
    n_actions = counted(action_codes, action, "action", never_shown(action, unseen))
    if action_codes.n is None:
        refuse_shifted(action, labels[subject], n_actions)
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
    return Recorded(counts, rows, first, owner, n_states, n_actions, kept, len(trials))


def _named(table: Any, columns: Any) -> pd.DataFrame:
    """The table under this package's names."""
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        file = "; load_choices makes one of a file" if isinstance(table, str | Path) else ""
        raise ValueError(f"trials must be a pandas DataFrame with a row for each step, not {short_repr(table)}{file}")
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
    refuse_row(trials["subject"].isna().to_numpy(), trials, "subject", "names no subject")
    refuse_alike(trials, "subject")
    try:
        codes, labels = pd.factorize(trials["subject"], sort=True)
    except TypeError:  # labels of several kinds, which cannot be sorted: in the order of the table
        codes, labels = pd.factorize(trials["subject"])
    if one_subject and len(labels) > 1:
        raise ValueError(f"one_subject is True, but trials has {len(labels)} subjects")
    return pd.Index(labels, name="subject"), codes


def _check_groups(trials: pd.DataFrame, labels: pd.Index[Any], subject: Array) -> None:
    """ValueError for a subject of two groups, which is two subjects of one label."""
    import pandas as pd

    if "group" not in trials:
        return
    refuse_alike(trials, "group")
    group, names = pd.factorize(trials["group"], use_na_sentinel=False)
    own = group[np.unique(subject, return_index=True)[1]][subject]
    wrong = group != own
    if wrong.any():
        row = int(np.argmax(wrong))
        who, other, here = labels[subject[row]], names[own[row]], names[group[row]]
        raise ValueError(
            f"trials: row {row}, column 'group': subject {shown(who)} is in group {shown(here)} here and in "
            f"{shown(other)} before; give those of one group at a time, or each subject a label of its own"
        )


def _states(trials: pd.DataFrame, task: Task | None, codes: Codes) -> Array:
    """The state of each row by its number, 0 where there is one; ValueError where which of several is left open."""
    if "state" in trials:
        state = numbered(trials, "state", codes)
        refuse_row(np.isnan(state), trials, "state", "names no state")
        return state
    if task and len(task.choice_states) == 1:
        return np.full(len(trials), float(task.choice_states[0]))
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
    truncated = truths_in(trials, "truncated", 0.0)
    terminated = truths_in(trials, "terminated", is_last * (1.0 - truncated))
    beyond = terminated == 0
    _check_led(trials, task, is_last & np.isnan(given), beyond)
    elsewhere = beyond & (next_state != 0)
    if "state" not in trials and elsewhere.any():
        row = int(np.argmax(elsewhere))
        raise ValueError(
            f"trials has no column 'state', but row {row} goes on in another, column 'next_state': "
            f"{shown(trials['next_state'].iloc[row])}; name the one that holds it, columns={{'state': ...}}"
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
        refuse_row(wrong, trials, "action", why)


def _counts(labels: pd.Index[Any], subject: Array, *, absent: Array, forced: Array, unseen: Array) -> pd.DataFrame:
    """How many rows of each subject were what."""
    import pandas as pd

    kinds = {"choices": ~absent & ~forced, "forced": forced, "missing": absent, "unseen": unseen}
    columns = {name: np.bincount(subject[rows], minlength=len(labels)) for name, rows in kinds.items()}
    return pd.DataFrame(columns, index=labels)
