"""Shabel et al. 2014, doi 10.3389/fnhum.2014.00001: what a hyperactive habenula does to decisions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.findings import Claim, Criterion, above, below, require
from habenula_rl.tasks import MagnitudeShift, PavlovianConditioning, RiskChoice

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from habenula_rl.analysis.statistics import Estimate

QUESTION = "Does hyperactivity of the habenula alone make animals decide as congenitally helpless rats do?"
PREDICTION = (
    "Helpless animals expect less: they take to what has become better more slowly and leave what has become worse "
    "sooner, prefer the sure thing, lick less at a cue of reward, and are as accurate between two responses."
)

STORY = (
    "Shifts (A, B): in the 30 trials after one side has become better healthy animals choose it in {up[healthy]:.0f} "
    "%, helpless ones in {up[helpless]:.0f} %; after it has become worse in {down[healthy]:.0f} and "
    "{down[helpless]:.0f} %. Shabel et al. 2014 found helpless rats slower to take to the better, and sooner to "
    "leave the worse.",
    "Risk (C): the constant amount is chosen in {safe[healthy]:.0f} %, by helpless animals in {safe[helpless]:.0f} "
    "%. In the paper helpless rats preferred it more.",
    "Conditioning and discrimination (D, E): a cue of reward adds licks in {licking[healthy]:.0f} % of its seconds, "
    "in helpless animals in {licking[helpless]:.0f} %; of two responses the rewarded one is made in "
    "{right[healthy]:.0f} and {right[helpless]:.0f} %. In the paper helpless rats licked less, and were more "
    "accurate.",
)

SHIFT, READ = 100, 130  # trials: of the shift, and until which the new preference is read
LATE = 200  # trials of risk choice that the bias is read from
CONDITIONING = PavlovianConditioning(schedule="30 A+", interval_s=15.0)


def shifted(trials: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Choices of the shifted side in the first thirty trials after the shift, %."""
    found = readouts.choice_share(trials, action="shifting", task=MagnitudeShift(), from_trial=SHIFT, until_trial=READ)
    return summary.percent(found, **{measure: "share"})


def risk(trials: pd.DataFrame) -> pd.DataFrame:
    """Choices of the constant amount, %, and how much less is expected than received."""
    safe = summary.percent(readouts.choice_share(trials, action="safe", task=RiskChoice()), safe="share")
    bias = readouts.value_bias(trials, last=LATE).assign(pessimism=lambda t: -t["bias"])
    return safe.merge(bias[[*readouts.WHO, "pessimism"]], on=readouts.WHO)


def conditioning(trials: pd.DataFrame) -> pd.DataFrame:
    """Licks in the cue beyond those before it, % of seconds."""
    return summary.percent(readouts.conditioned_response(trials, cues=["A"], task=CONDITIONING), licking="elevation")


def discrimination(trials: pd.DataFrame) -> pd.DataFrame:
    """Choices of the one of two that is rewarded, %."""
    return summary.percent(readouts.best_choices(trials), right="best")


READS = {
    "upshift": partial(shifted, measure="up"),
    "downshift": partial(shifted, measure="down"),
    "risk": risk,
    "conditioning": conditioning,
    "discrimination": discrimination,
}
LIMITS = dict.fromkeys(("up", "down", "safe", "right"), (0.0, 100.0)) | {"licking": (-100.0, 100.0)}


def story(table: pd.DataFrame) -> list[str]:
    """Decisions of healthy and of helpless animals, and what the paper's rats did."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """The five tests."""
    return figures.grid(table, PANELS, "animals", "The paper gives signs alone.")


TWO = {"healthy": "healthy", "helpless": "helpless"}
PANELS = (
    figures.Panel(
        "up",
        "Chosen after upshift (%)",
        "Upshift",
        TWO,
        {"helpless": figures.less("healthy", "shabel2014/upshift")},
        level=50.0,
    ),
    figures.Panel(
        "down",
        "Chosen after downshift (%)",
        "Downshift",
        TWO,
        {"helpless": figures.less("healthy", "shabel2014/downshift")},
        level=50.0,
    ),
    figures.Panel(
        "safe", "Constant amount (%)", "Risk", TWO, {"helpless": figures.more("healthy", "shabel2014/risk")}, level=50.0
    ),
    figures.Panel(
        "licking",
        "Licks, cue - before (% of s)",
        "Conditioning",
        TWO,
        {"helpless": figures.less("healthy", "shabel2014/conditioning")},
        level=0.0,
    ),
    figures.Panel(
        "right",
        "Rewarded response (%)",
        "Discrimination",
        TWO,
        {"helpless": figures.more("healthy", "shabel2014/discrimination")},
        level=50.0,
    ),
    figures.Panel("pessimism", "Received - expected", "Negative bias", TWO | {"varied": "varied"}, level=0.0),
)

# Claims. How each is read stands in the docstring; the bounds are 0, while what `python -m calibration.predictions` had
# said of an earlier reading of them was known (calibration/README.md).

SHABEL = (
    "Shabel SJ, Murphy RT, Malinow R (2014) Negative learning bias is associated with risk aversion in a genetic "
    "animal model of depression. Front Hum Neurosci 8:1, doi 10.3389/fnhum.2014.00001"
)


def _more(tables: dict[str, pd.DataFrame], measure: str) -> Estimate:
    both = summary.side_by_side(tables["subjects"], measure, ["helpless", "healthy"])
    return summary.compared(np.subtract, both["helpless"], both["healthy"])


def shabel2014(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Five differences between helpless and healthy rats, and a correlation across individuals: signs, whole intervals.

    Slower after an upshift, and faster after a downshift, is fewer choices of the shifted side over thirty trials;
    negative bias is what is received less what is expected.
    """
    rows = tables["subjects"]
    require(rows, "shabel2014", ["risk"], ["healthy", "helpless", "varied"])
    bias, safe = (summary.side_by_side(rows, name, ["varied"])["varied"] for name in ("pessimism", "safe"))
    choices, difference = "choices in %, helpless - healthy", "helpless - healthy"
    return [
        below("upshift", "slower to take what has become better", choices, _more(tables, "up")),
        below("downshift", "faster to leave what has become worse", choices, _more(tables, "down")),
        above("risk", "the constant amount is preferred", choices, _more(tables, "safe")),
        below(
            "conditioning", "a cue of reward is licked at less", f"licks in %, {difference}", _more(tables, "licking")
        ),
        above(
            "discrimination", "more accurate between two responses", f"right in %, {difference}", _more(tables, "right")
        ),
        above(
            "correlation",
            "negative bias goes with risk aversion",
            "r across individuals",
            statistics.pearson(bias, safe),
        ),
    ]


CLAIMS = (Claim("shabel2014", SHABEL, "Helpless rats learn with a negative bias, and avoid risk", shabel2014),)
