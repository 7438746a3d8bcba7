"""Pizzagalli et al. 2008, Frank et al. 2004, Stopper & Floresco 2014: choice under uncertainty, and the habenula."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.findings import Claim, Criterion, above, at_least, below, require, within
from habenula_rl.tasks import ProbabilisticDiscounting

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from habenula_rl.analysis.statistics import Estimate

QUESTION = "Does the habenula's state decide how much reward biases choice, what is avoided, and whether odds count?"
PREDICTION = (
    "Depressed people build less of a bias and tell stimuli apart as others do; with less dopamine the worst is "
    "avoided better than the best is chosen; rats without a habenula choose as if the odds did not matter."
)

STORY = (
    "Response bias (A, B): log b is {bias[controls]:.2f} in controls and {bias[depressed]:.2f} in depressed people, "
    "log d {discriminability[controls]:.2f} and {discriminability[depressed]:.2f}. Pizzagalli et al. 2008 found less "
    "bias in depressed people, and no difference in telling stimuli apart.",
    "Worst and best (C): avoiding the worst less choosing the best is {avoids[choosing]:+.0f} points without a drug, "
    "{avoids[less_dopamine]:+.0f} with little dopamine and {avoids[more_dopamine]:+.0f} with much. Frank et al. 2004 "
    "found more than 0 with little, and less than 0 with much.",
    "Odds (D, E): from one block to the next rats change their choices of the risky lever by {slope[rats]:+.0f} "
    "points, with the habenula silenced by {slope[rats_off]:+.0f}, and then take it in {risky[rats_off]:.0f} % of "
    "trials. Stopper and Floresco 2014 found flat choices near half.",
)
HALF, FLAT = (40.0, 60.0), 5.0  # % risky, and points from one block to the next
ALIKE, KEPT = (0.9, 1.1), 0.85  # of discriminability, and of choices of the larger reward

ODDS, EQUAL = ProbabilisticDiscounting(), ProbabilisticDiscounting(odds=(1.0,))


def bias(trials: pd.DataFrame) -> pd.DataFrame:
    """Response bias in the first and the last block, and over the last two; discriminability over the last two."""
    blocks = readouts.response_bias(trials)
    wide = blocks.pivot(index=readouts.WHO, columns="block", values=["log_b", "log_d"])
    b, d = wide["log_b"], wide["log_d"]
    late = [2, 3]
    found = {"bias": b[late].mean(axis=1), "bias_gained": b[3] - b[1], "discriminability": d[late].mean(axis=1)}
    table: pd.DataFrame = d[3].to_frame().assign(**found)
    return table[list(found)].reset_index()


def selection(trials: pd.DataFrame) -> pd.DataFrame:
    """Avoiding the worst less choosing the best, in points."""
    found = readouts.selection(trials)
    return found.assign(avoids=100.0 * (found["avoid_b"] - found["choose_a"]))[[*readouts.WHO, "avoids"]]


def slope(trials: pd.DataFrame) -> pd.DataFrame:
    """How choices of the risky lever change from one block to the next, in points, and their mean (%)."""
    found = readouts.discounting_slope(readouts.discounting(trials, task=ODDS))
    return summary.percent(found, "slope", "risky")


def larger(trials: pd.DataFrame) -> pd.DataFrame:
    """Choices of four pellets over one, both for certain (%)."""
    return summary.percent(readouts.discounting(trials, task=EQUAL), larger="risky")


READS = {"bias": bias, "selection": selection, "odds": slope, "odds_off": slope, "equal": larger, "equal_off": larger}
LIMITS = dict.fromkeys(("risky", "larger"), (0.0, 100.0))


def story(table: pd.DataFrame) -> list[str]:
    """Bias, the worst and the best, and odds, and what the papers found."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Response bias and discriminability; avoiding the worst; discounting with a habenula and without."""
    return figures.grid(table, PANELS, "subjects", "C: above 0, the worst is avoided better than the best is chosen.")


PEOPLE = {"controls": "controls", "depressed": "depressed"}
CHOOSING = {"choosing": "none", "less_dopamine": "less\nDA", "more_dopamine": "more\nDA"}
CHOOSING |= {"helpless": "help-\nless", "helpless_ketamine": "+ ket."}
RATS = {"rats": "habenula", "rats_off": "silenced"}
PANELS = (
    figures.Panel(
        "bias",
        "log b, blocks 2 and 3",
        "Response bias",
        PEOPLE,
        {"depressed": figures.less("controls", "pizzagalli2008/less")},
        level=0.0,
    ),
    figures.Panel(
        "discriminability",
        "log d, blocks 2 and 3",
        "Discriminability",
        PEOPLE,
        {"depressed": figures.Published(*ALIKE, "pizzagalli2008/discriminability", of=("controls",))},
        level=0.0,
    ),
    figures.Panel(
        "avoids",
        "Avoid B - choose A (%)",
        "Worst and best",
        CHOOSING,
        {
            "less_dopamine": figures.Published(0.0, math.inf, "frank2004/little"),
            "more_dopamine": figures.Published(-math.inf, 0.0, "frank2004/much"),
            "helpless": figures.more("choosing", "frank2004/helpless"),
            "helpless_ketamine": figures.less("helpless", "frank2004/ketamine"),
        },
        level=0.0,
    ),
    figures.Panel(
        "slope",
        "Risky choice, change a block (%)",
        "Discounting",
        RATS,
        {
            "rats": figures.Published(-math.inf, 0.0, "stopper2014/follows"),
            "rats_off": figures.Published(-FLAT, FLAT, "stopper2014/flat"),
        },
        level=0.0,
    ),
    figures.Panel(
        "risky",
        "Risky choice (%)",
        "Risk",
        RATS,
        {"rats_off": figures.Published(*HALF, "stopper2014/half")},
        level=50.0,
        ends=(0.0, 100.0),
    ),
    figures.Panel(
        "larger",
        "Four pellets (%)",
        "Equal cost",
        RATS,
        {"rats_off": figures.Published(KEPT, math.inf, "stopper2014/equal_cost", of=("rats",))},
        level=50.0,
        ends=(0.0, 100.0),
    ),
)

# Claims. How each is read stands in the docstring; the bounds were fixed before the claims were first run.

PIZZAGALLI = (
    "Pizzagalli DA, Iosifescu D, Hallett LA, Ratner KG, Fava M (2008) Reduced hedonic capacity in major depressive "
    "disorder: evidence from a probabilistic reward task. J Psychiatr Res 43:76-87, "
    "doi 10.1016/j.jpsychires.2008.03.001"
)
FRANK = (
    "Frank MJ, Seeberger LC, O'Reilly RC (2004) By carrot or by stick: cognitive reinforcement learning in "
    "parkinsonism. Science 306:1940-1943, doi 10.1126/science.1102941"
)
STOPPER = (
    "Stopper CM, Floresco SB (2014) What's better for me? Fundamental role for lateral habenula in promoting "
    "subjective decision biases. Nat Neurosci 17:33-35, doi 10.1038/nn.3587"
)


def _compared(
    tables: dict[str, pd.DataFrame], measure: str, one: str, other: str, of: np.ufunc = np.subtract
) -> Estimate:
    both = summary.side_by_side(tables["subjects"], measure, [one, other])
    return summary.compared(of, both[one], both[other])


def _mean(tables: dict[str, pd.DataFrame], measure: str, group: str) -> Estimate:
    return statistics.mean_interval(summary.side_by_side(tables["subjects"], measure, [group])[group])


def pizzagalli2008(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Controls build a bias, depressed people less of one, and both tell stimuli apart as well: within 10 %.

    Bias and discriminability over the last two of three blocks; the 10 % are ours (a test of equivalence).
    """
    require(tables["subjects"], "probabilistic_choice", ["bias"], list(PEOPLE))
    gained = _mean(tables, "bias_gained", "controls")
    less = _compared(tables, "bias", "depressed", "controls")
    as_well = _compared(tables, "discriminability", "depressed", "controls", np.divide)
    return [
        above("bias", "controls build a bias to what is rewarded more", "log b, third block - first", gained),
        below("less", "depressed people less of one", "log b, depressed - controls", less),
        within(
            "discriminability", "they tell stimuli apart as well", "log d, depressed over controls", as_well, *ALIKE
        ),
    ]


def frank2004(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Little dopamine avoids the worst better than it chooses the best, much the reverse; hyperactivity as little.

    Little and much are an antagonist and an agonist; ketamine is to bring back what hyperactivity has changed. Signs,
    whole intervals.
    """
    require(tables["subjects"], "probabilistic_choice", ["selection"], list(CHOOSING))
    of = "avoid B - choose A in %"
    drug = _compared(tables, "avoids", "helpless_ketamine", "helpless")
    return [
        above(
            "little", "with little dopamine the worst is avoided better", of, _mean(tables, "avoids", "less_dopamine")
        ),
        below("much", "with much the best is chosen better", of, _mean(tables, "avoids", "more_dopamine")),
        above(
            "helpless",
            "hyperactivity is as little dopamine",
            f"{of}, helpless - not",
            _compared(tables, "avoids", "helpless", "choosing"),
        ),
        below("ketamine", "and ketamine brings it back", f"{of}, ketamine - none", drug),
    ]


def stopper2014(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Trained rats follow the odds; with the habenula silenced choice is flat and near half, and more is still more.

    Flat is read as within 5 points a block, near half as 40 to 60 %, "stays" as within 15 % of rats with a habenula:
    intervals, so tests of equivalence; the sizes are ours.
    """
    require(tables["subjects"], "probabilistic_choice", ["odds", "odds_off"], [])
    kept = _compared(tables, "larger", "rats_off", "rats", np.divide)
    points = "risky choice in %, a block"
    return [
        below("follows", "rats follow the odds", points, _mean(tables, "slope", "rats")),
        within(
            "flat", "with the habenula silenced they do not", points, _mean(tables, "slope", "rats_off"), -FLAT, FLAT
        ),
        within("half", "and choose either as often", "risky choice in %", _mean(tables, "risky", "rats_off"), *HALF),
        at_least("equal_cost", "more is still preferred at equal cost", "silenced over not", kept, KEPT),
    ]


CLAIMS = (
    Claim(
        "pizzagalli2008",
        PIZZAGALLI,
        "Depressed people are biased less by reward",
        pizzagalli2008,
        origin="target",
        origins={"bias": "prediction"},
        sures={"discriminability": "set"},
        group_size=23,
    ),
    Claim("frank2004", FRANK, "Little dopamine teaches what to avoid, much what to choose", frank2004),
    Claim(
        "stopper2014",
        STOPPER,
        "Without a habenula choice does not follow the odds",
        stopper2014,
        origins={"follows": "target", "equal_cost": "target"},
        sures={"flat": "set", "half": "set", "equal_cost": "set"},
        group_size=16,
    ),
)
