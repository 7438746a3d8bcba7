"""Shuttle box, forced swim and sucrose preference: failures, latency, immobility, drinking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .reads import Measure, check_values, derived_from, reads
from .rows import WHO, Array, of_readout

if TYPE_CHECKING:
    import pandas as pd

BOXES = ("ShuttleBox", "ActiveAvoidance")
ENDS = ("trial", "step", "terminated", "truncated")


@reads(*BOXES, needs=ENDS)
def escapes(rows: pd.DataFrame) -> pd.DataFrame:
    """The shuttle box: columns trials, failures, failed (fraction of trials) and latency (s).

    A failure is a trial that does not end by the subject's own doing (truncated, never terminated), as every trial of
    inescapable shock is. The latency is the mean length of the trials from their start, warning signal included, a
    failure counting with its full length.
    """
    ends = rows[rows["terminated"] | rows["truncated"]]
    ends = ends.assign(seconds=ends["step"] + 1.0, failure=~ends["terminated"])
    table = ends.groupby(WHO, observed=True).agg(
        trials=("failure", "size"), failures=("failure", "sum"), failed=("failure", "mean"), latency=("seconds", "mean")
    )
    return table.reset_index()


@reads(*BOXES, needs=ENDS)
def failure_course(rows: pd.DataFrame) -> pd.DataFrame:
    """The shuttle box trial by trial: columns trial (from 0) and failed (0 or 1), a row for each subject and trial."""
    ends = rows[rows["terminated"] | rows["truncated"]]
    return ends.assign(failed=(~ends["terminated"]).astype(float))[[*WHO, "trial", "failed"]].reset_index(drop=True)


@derived_from(escapes)
def failing(escaped: pd.DataFrame, at_least: int = 9, of: int = 10) -> pd.Series:
    """For each row of `escapes`, whether the subject failed `at_least` in `of` trials, or that fraction of its own."""
    of_readout("failing", escaped, "escapes", ["failures", "trials"])
    check_values("failing", {"at_least": at_least, "of": of})
    return escaped["failures"] * of >= at_least * escaped["trials"]


@reads(*BOXES, needs=ENDS)
def helplessness(rows: pd.DataFrame) -> pd.DataFrame:
    """`escapes` with the columns that Seligman & Maier 1967 report: failures_per_10 and failing_9_of_10 (0 or 1)."""
    escaped = escapes(rows)
    return escaped.assign(
        failures_per_10=10.0 * escaped["failed"], failing_9_of_10=failing(escaped, 9, of=10).astype(float)
    )


@derived_from(helplessness)
def failure_classes(failures_per_10: Array) -> Array:
    """(n, 3): whether each subject failed 0 to 2, 4 to 6, or 8 to 10 times in 10."""
    count = np.asarray(failures_per_10, dtype=float)
    return np.stack([count <= 2.0, (count >= 4.0) & (count <= 6.0), count >= 8.0], axis=1)


@reads(
    "ForcedSwim",
    needs=("step", "action"),
    actions=("float",),
    states=("water",),
    responds=True,
    gone=("state", "action"),
)
def immobility(rows: pd.DataFrame, *, from_s: float = 120, until_s: float = 360) -> pd.DataFrame:
    """The forced swim: column immobility, the fraction of the time in the water that the subject floated.

    Counted are the seconds in [from_s, until_s), by default the last 4 of 6 minutes (Porsolt et al. 1977,
    doi 10.1038/266730a0).
    """
    rows = rows[(rows["step"] >= from_s) & (rows["step"] < until_s)]
    still = rows.assign(immobility=rows["action"] == "float")
    return still.groupby(WHO, observed=True)["immobility"].mean().reset_index()


@reads(
    "SucrosePreference",
    actions=("sucrose", "water"),
    shows="water",
    one_step=True,
    responds=True,
    gone=("sucrose", "water"),
)
def drinking(rows: pd.DataFrame) -> pd.DataFrame:
    """Sucrose preference: columns drinks (fraction of visits with a drink) and preference (sucrose over all drinks).

    The preference of a subject that drank nothing is NaN. Where drinking was forced the actions have other numbers:
    `task=SucrosePreference(free=False)`.
    """
    licked = rows.assign(sweet=rows["action"] == "sucrose", drink=rows["action"].isin(["sucrose", "water"]))
    table = licked.groupby(WHO, observed=True).agg(drinks=("drink", "mean"), sweet=("sweet", "mean")).reset_index()
    preference = table["sweet"] / table["drinks"].where(table["drinks"] > 0.0)
    return table.assign(preference=preference).drop(columns="sweet")


@reads(*BOXES, needs=("step", "state"), states=("shock",), gone=("shock",))
def shock_onset(rows: pd.DataFrame) -> pd.Series[float]:
    """For every row of those phases the second that it ends at since shock onset: 1 is the first second of shock.

    The onset is the same in all trials of a phase: the end of the warning signal, whose seconds are 0 and below.
    """
    onset = rows["step"].where(rows["state"] == "shock").groupby(rows["phase"], observed=True).transform("min")
    return rows["step"] - onset.fillna(0.0) + 1.0


MEASURES = {
    "ForcedSwim": Measure("immobile, fraction of last 4 min", 1, lambda t: immobility(t)["immobility"]),
    "ShuttleBox": Measure("failures to escape, fraction", 30, lambda t: escapes(t)["failed"]),
    "SucrosePreference": Measure("sucrose preferred, fraction", 100, lambda t: drinking(t)["preference"]),
}
