"""Pessimism: what a hyperactive habenula makes an animal expect, against what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.findings import Claim, Criterion, below, require, within

if TYPE_CHECKING:
    import pandas as pd

QUESTION = "Does a hyperactive habenula alone make an animal expect less than it gets?"
PREDICTION = "A hyperactive animal expects less than it gets; a healthy one expects what it gets."

MARGIN = 0.05  # of a mean outcome of 0.5: what still counts as expecting what one gets

THESIS = (
    "this package's thesis; habenula and dopamine as in Matsumoto M, Hikosaka O (2007) Lateral habenula as a source of "
    "negative reward signals in dopamine neurons. Nature 447:1111-1115, doi 10.1038/nature05860"
)


def pessimism(trials: pd.DataFrame) -> list[Criterion]:
    """Value minus mean outcome over the last 100 visits: below 0 in hyperactive agents, not in healthy ones.

    Read as: below 0 in hyperactive agents, whole interval, and within ±0.05 in healthy ones (the mean outcome is 0.5);
    and lower in hyperactive than in healthy agents, whole interval.
    """
    groups = ("healthy", "helpless")
    require(trials, "pessimism", ["spouts"], groups)
    bias = readouts.value_bias(trials, ["spouts"], last=100)
    found = readouts.matched(bias, "bias", groups)
    healthy, helpless = (found[group] for group in groups)
    of = "expected - received"
    difference = summary.compared(np.subtract, helpless, healthy)
    return [
        below("helpless", "hyperactive agents expect less than they get", of, statistics.mean_interval(helpless)),
        within(
            "healthy", "healthy agents expect what they get", of, statistics.mean_interval(healthy), -MARGIN, MARGIN
        ),
        below("difference", "and more than hyperactive ones", f"{of}, helpless - healthy", difference),
    ]


CLAIMS = (
    Claim(
        "pessimism",
        THESIS,
        "A hyperactive habenula makes an animal expect less than it gets",
        pessimism,
        origin="target",
        sure="set",
    ),
)
