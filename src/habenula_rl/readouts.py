"""What papers report, read out of a table of trials: one row a group, subject and phase.

Every function takes trials as `habenula run` writes them (one row a step, with columns group, phase, subject, trial,
step, state, action, outcome, next_state, terminated, truncated and the signals) and leaves them as they are. `phases`
picks the phases that the readout means something in; None takes all. An unknown phase raises ValueError. `by_phase` and
`by_group` turn a readout into the arrays that statistics take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .contract import nearest

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
WHO = ["group", "phase", "subject"]
SWIM_WATER, SWIM_FLOAT = 0, 0
SHOCK = 2


def in_phases(trials: pd.DataFrame, phases: Sequence[str] | None) -> pd.DataFrame:
    """The rows of those phases. Raises ValueError for a phase that the table does not have."""
    return trials if phases is None else _chosen(trials, "phase", phases)


def in_groups(trials: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """The rows of those groups, of trials or of a readout. Raises ValueError for a group that it does not have."""
    return _chosen(trials, "group", groups)


def _chosen(table: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    known = [str(name) for name in table[column].unique()]
    for name in names:
        if name not in known:
            raise ValueError(f"the trials have no {column} '{name}'{nearest(name, known)}")
    return table[table[column].isin(list(names))]


def needs(trials: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raises ValueError where the trials lack a signal, because the study was told to record less."""
    missing = [name for name in columns if name not in trials.columns]
    if missing:
        raise ValueError(f"the trials hold no {', '.join(missing)}; run the study with record: trials")


def escapes(trials: pd.DataFrame, phases: Sequence[str] | None = None) -> pd.DataFrame:
    """The shuttle box: columns trials, failures, failed (share of trials, 0 to 1) and latency (s).

    A failure is a trial that does not end by the subject's own doing (truncated, never terminated). The latency is the
    mean length of the trials from their start, warning signal included, a failure counting with its full length.
    """
    rows = in_phases(trials, phases)
    ends = rows[rows["terminated"] | rows["truncated"]]
    ends = ends.assign(seconds=ends["step"] + 1.0, failure=~ends["terminated"])
    table = ends.groupby(WHO, observed=True).agg(
        trials=("failure", "size"), failures=("failure", "sum"), failed=("failure", "mean"), latency=("seconds", "mean")
    )
    return table.reset_index()


def failing(escaped: pd.DataFrame, at_least: int = 9, of: int = 10) -> pd.Series:
    """For each row of `escapes`, whether the subject failed `at_least` in `of` trials, or that share of its own."""
    return escaped["failures"] * of >= at_least * escaped["trials"]


def helplessness(trials: pd.DataFrame, phases: Sequence[str] | None = None) -> pd.DataFrame:
    """`escapes` with the columns that Seligman & Maier 1967 report: failures_per_10 and failing_9_of_10 (0 or 1)."""
    escaped = escapes(trials, phases)
    return escaped.assign(
        failures_per_10=10.0 * escaped["failed"], failing_9_of_10=failing(escaped, 9, of=10).astype(float)
    )


def failure_classes(failures_per_10: Array) -> Array:
    """(n, 3): whether each subject failed 0 to 2, 4 to 6, or 8 to 10 times in 10."""
    count = np.asarray(failures_per_10, dtype=float)
    return np.stack([count <= 2.0, (count >= 4.0) & (count <= 6.0), count >= 8.0], axis=1)


def immobility(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, from_s: float = 120, until_s: float = 360,
    state: int = SWIM_WATER, action: int = SWIM_FLOAT,
) -> pd.DataFrame:  # fmt: skip
    """The forced swim: column immobility, the share (0 to 1) of the time in `state` that was spent on `action`.

    Counted are the seconds in [from_s, until_s), by default the last 4 of 6 minutes (Porsolt et al. 1977,
    doi 10.1038/266730a0).
    """
    rows = in_phases(trials, phases)
    rows = rows[(rows["step"] >= from_s) & (rows["step"] < until_s) & (rows["state"] == state)]
    still = rows.assign(immobility=rows["action"] == action)
    return still.groupby(WHO, observed=True)["immobility"].mean().reset_index()


def drinking(trials: pd.DataFrame, phases: Sequence[str] | None = None, *, sucrose: int, water: int) -> pd.DataFrame:
    """Sucrose preference: columns drinks (share of visits with a drink) and preference (sucrose over all drinks).

    `sucrose` and `water` are the numbers of the two actions: 1 and 2 where drinking is free, else 0 and 1. The
    preference of a subject that drank nothing is NaN.
    """
    rows = in_phases(trials, phases)
    licked = rows.assign(sweet=rows["action"] == sucrose, drink=rows["action"].isin([sucrose, water]))
    table = licked.groupby(WHO, observed=True).agg(drinks=("drink", "mean"), sweet=("sweet", "mean")).reset_index()
    preference = table["sweet"] / table["drinks"].where(table["drinks"] > 0.0)
    return table.assign(preference=preference).drop(columns="sweet")


def at_rest(
    trials: pd.DataFrame,
    signals: Sequence[str] = ("tonic_dopamine", "serotonin", "hyperactivity"),
    phases: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The tonic signals with which a subject entered a phase: their values in the phase's first step, one column each.

    Tonic levels follow hyperactivity and drugs, not single outcomes, so the first step still shows the resting level.
    """
    needs(trials, signals)
    rows = in_phases(trials, phases)
    first = rows[(rows["trial"] == 0) & (rows["step"] == 0)]
    return first[[*WHO, *signals]].reset_index(drop=True)


def value_bias(trials: pd.DataFrame, phases: Sequence[str] | None = None, *, last: int = 100) -> pd.DataFrame:
    """Pessimism over the `last` trials: columns expected (mean value), received (mean outcome), bias (difference)."""
    needs(trials, ["value"])
    rows = in_phases(trials, phases)
    count = rows.groupby(WHO, observed=True)["trial"].transform("max") + 1
    rows = rows[rows["trial"] >= count - last]
    means = rows.groupby(WHO, observed=True)[["value", "outcome"]].mean().reset_index()
    means = means.rename(columns={"value": "expected", "outcome": "received"})
    return means.assign(bias=means["expected"] - means["received"])


def shock_onset(trials: pd.DataFrame, phases: Sequence[str] | None = None, *, shock: int = SHOCK) -> pd.Series:
    """For every row of those phases the second that it ends at since shock onset: 1 is the first second of shock.

    The onset is the same in all trials of a phase: the end of the warning signal, whose seconds are 0 and below.
    """
    rows = in_phases(trials, phases)
    onset = rows["step"].where(rows["state"] == shock).groupby(rows["phase"], observed=True).transform("min")
    return rows["step"] - onset.fillna(0.0) + 1.0


def course(trials: pd.DataFrame, signals: Sequence[str], time: pd.Series, *, bin_width: float = 1.0) -> pd.DataFrame:
    """Signals around an event: for each group, phase, subject and bin of `time` (one number for each row) their mean.

    Columns group, phase, subject, time (the middle of the bin), and the signals. Rows without a time are left out.
    """
    needs(trials, signals)
    middle = time if bin_width == 1.0 else (np.floor(time / bin_width) + 0.5) * bin_width
    timed = trials[[*WHO, *signals]].assign(time=middle)
    return timed.dropna(subset=["time"]).groupby([*WHO, "time"], observed=True)[list(signals)].mean().reset_index()


def by_phase(readout: pd.DataFrame, measure: str, phases: Sequence[str]) -> pd.DataFrame:
    """A measure of one group as (subjects, phases), by subject number, of the subjects that have it in all `phases`.

    Raises ValueError for a phase that the readout does not have, and where it has more than one group.
    """
    rows = in_phases(readout, phases)
    groups = [str(name) for name in rows["group"].unique()]
    if len(groups) > 1:
        raise ValueError(f"by_phase: the readout has the groups {', '.join(groups)}; pick one of them with in_groups")
    wide = rows.pivot(index="subject", columns="phase", values=measure)
    return wide[list(phases)].dropna().sort_index()


def by_group(readout: pd.DataFrame, measure: str, groups: Sequence[str]) -> dict[str, Array]:
    """A measure of one phase as {group: (subjects,)}, in the order of `groups`; NaN where a subject has none.

    Raises ValueError for a group that the readout does not have.
    """
    rows = in_groups(readout, groups)
    return {name: rows.loc[rows["group"] == name, measure].to_numpy(float) for name in groups}
