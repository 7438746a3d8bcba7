"""What an electrode would see: signals at rest and around an event, and what is expected against what comes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .rows import WHO, in_phases, needs

if TYPE_CHECKING:
    import pandas as pd


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


def course(trials: pd.DataFrame, signals: Sequence[str], time: pd.Series, *, bin_width: float = 1.0) -> pd.DataFrame:
    """Signals around an event: for each group, phase, subject and bin of `time` (one number for each row) their mean.

    Columns group, phase, subject, time (the middle of the bin), and the signals. Rows without a time are left out.
    """
    needs(trials, signals)
    middle = time if bin_width == 1.0 else (np.floor(time / bin_width) + 0.5) * bin_width
    timed = trials[[*WHO, *signals]].assign(time=middle)
    return timed.dropna(subset=["time"]).groupby([*WHO, "time"], observed=True)[list(signals)].mean().reset_index()
