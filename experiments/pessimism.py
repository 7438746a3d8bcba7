"""Pessimism: what a hyperactive habenula makes an animal expect, against what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.figures import style
from habenula_rl.findings import Claim, Criterion, below, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Does a hyperactive habenula alone make an animal expect less than it gets?"
PREDICTION = "A hyperactive animal expects less than it gets; a healthy one expects what it gets."

MARGIN = 0.05  # of a mean outcome of 0.5: what still counts as expecting what one gets

GROUPS = ("healthy", "helpless")
COLOURS = dict(zip(GROUPS, (style.BLUE, style.VERMILION), strict=True))
ASKED = {
    "healthy": figures.Published(-MARGIN, MARGIN, "pessimism/healthy"),
    "helpless": figures.less("healthy", "pessimism/difference"),
}
MEASURES = ("expected", "received", "bias")
VISITS_BIN = 20


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Expected and received outcome over the last 100 visits and their difference; what is expected, visit by visit."""
    ends = readouts.value_bias(trials, ["spouts"], last=100)
    subjects = summary.subject_rows(ends, MEASURES)
    groups = summary.group_rows(subjects)
    for measure in MEASURES:
        helpless, healthy = (summary.values(subjects, measure, name, "spouts") for name in reversed(GROUPS))
        groups = summary.with_effect(groups, summary.effect(helpless, healthy), measure, "helpless", "spouts")
    own = readouts.in_phases(trials, ["spouts"])
    course = readouts.course(own, ["value"], own["trial"], bin_width=VISITS_BIN)
    return summary.tidy(groups, subjects, summary.trace_rows(course, ["value"]))


def story(table: pd.DataFrame) -> list[str]:
    """What each group expects of what it gets."""
    means = {
        measure: figures.select(table, "group", measure).set_index("group")["value"]
        for measure in ("expected", "received")
    }
    return [
        f"The {name} animals expect {means['expected'][name]:.2f} of a visit that brings {means['received'][name]:.2f}."
        for name in GROUPS
        if name in means["expected"]
    ]


def figure(table: pd.DataFrame) -> Figure:
    """What is expected of the spouts, visit by visit, and how far that is from what they give."""
    with figures.styled():
        fig, axes = figures.canvas(["AB"], height_mm=75)
        figures.trace(axes["A"], table, "value", order=GROUPS, by="group", colours=COLOURS)
        figures.level(axes["A"], 0.5)
        axes["A"].set(xlabel="Visit", ylabel="Outcome that is expected")
        figures.from_zero(axes["A"])
        figures.key(axes["A"])
        figures.caption(axes["A"], "A", "Expectation")
        names = {name: name for name in GROUPS}
        panel = figures.Panel("bias", "Expected - received, last 100 visits", "Pessimism", names, ASKED, level=0.0)
        panel.draw(axes["B"], "B", table, COLOURS)
        lines = "Lines: 0.5, the mean outcome of a visit (A); no pessimism (B). Marks: this package's own demand."
        figures.footnote(fig, f"{figures.marks(fig, table, 'animals')}\n{lines}")
    return fig


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
