"""Shuttle box, forced swim and sucrose preference: failures, latency, immobility, drinking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .reads import ZERO, reads
from .rows import WHO, Array, in_phases

if TYPE_CHECKING:
    import pandas as pd

SWIM_WATER, SWIM_FLOAT = 0, 0
SHOCK = 2
BOXES = "ShuttleBox or ActiveAvoidance"


@reads(BOXES, reached=(0, 2), state=(0, 2), action=(0, 1))
def escapes(trials: pd.DataFrame, phases: Sequence[str] | None = None) -> pd.DataFrame:
    """The shuttle box: columns trials, failures, failed (share of trials, 0 to 1) and latency (s).

    A failure is a trial that does not end by the subject's own doing (truncated, never terminated), as every trial of
    inescapable shock is. The latency is the mean length of the trials from their start, warning signal included, a
    failure counting with its full length.
    """
    rows = in_phases(trials, phases)
    ends = rows[rows["terminated"] | rows["truncated"]]
    ends = ends.assign(seconds=ends["step"] + 1.0, failure=~ends["terminated"])
    table = ends.groupby(WHO, observed=True).agg(
        trials=("failure", "size"), failures=("failure", "sum"), failed=("failure", "mean"), latency=("seconds", "mean")
    )
    return table.reset_index()


@reads(BOXES, reached=(0, 2), state=(0, 2), action=(0, 1))
def failure_course(trials: pd.DataFrame, phases: Sequence[str] | None = None) -> pd.DataFrame:
    """The shuttle box trial by trial: columns trial (from 0) and failed (0 or 1), a row for each subject and trial."""
    rows = in_phases(trials, phases)
    ends = rows[rows["terminated"] | rows["truncated"]]
    return ends.assign(failed=(~ends["terminated"]).astype(float))[[*WHO, "trial", "failed"]].reset_index(drop=True)


def failing(escaped: pd.DataFrame, at_least: int = 9, of: int = 10) -> pd.Series:
    """For each row of `escapes`, whether the subject failed `at_least` in `of` trials, or that share of its own."""
    return escaped["failures"] * of >= at_least * escaped["trials"]


@reads(BOXES, reached=(0, 2), state=(0, 2), action=(0, 1))
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


@reads("ForcedSwim", own=("state", "action"), state=ZERO, action=(0, 1))
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


@reads("SucrosePreference", counted=("sucrose", "water"), state=ZERO, step=ZERO, action=(0, 2))
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


@reads(BOXES, own=("shock",), reached=(0, 2), state=(0, 2))
def shock_onset(trials: pd.DataFrame, phases: Sequence[str] | None = None, *, shock: int = SHOCK) -> pd.Series:
    """For every row of those phases the second that it ends at since shock onset: 1 is the first second of shock.

    The onset is the same in all trials of a phase: the end of the warning signal, whose seconds are 0 and below.
    """
    rows = in_phases(trials, phases)
    onset = rows["step"].where(rows["state"] == shock).groupby(rows["phase"], observed=True).transform("min")
    return rows["step"] - onset.fillna(0.0) + 1.0
