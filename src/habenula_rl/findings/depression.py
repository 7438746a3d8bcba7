"""Congenital helplessness: Yang et al. 2018, Belujon & Grace 2014, and the pessimism that the thesis predicts.

Where a criterion is stated loosely, the plain reading that is tested stands beside it; all were fixed before the claims
were first run, but for that of pessimism/helpless, which docs/explanation/findings.md tells about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..analysis import readouts, statistics, summary
from ..tasks import ForcedSwim, SucrosePreference
from .verdict import Claim, Criterion, above, at_most, below, require, within

if TYPE_CHECKING:
    import pandas as pd

GROUPS = ("healthy_vehicle", "healthy_ketamine", "helpless_vehicle", "helpless_ketamine")
MARGIN = 0.05  # of a mean outcome of 0.5: what still counts as expecting what one gets


def yang2018_rescue(trials: pd.DataFrame) -> list[Criterion]:
    """Ketamine reverses immobility and sucrose preference in helpless animals and hardly changes healthy ones.

    Reversal is read as a change against a deficit that is there, whole intervals; the interaction is the drug's effect
    in helpless minus that in healthy animals, whole interval; hardly is read as no more than 25 % of the change in
    helpless animals.
    """
    require(trials, "yang2018", ["forced_swim", "sucrose"], GROUPS)
    swim = readouts.immobility(trials, ["forced_swim"], task=ForcedSwim())
    bottles = readouts.drinking(trials, ["sucrose"], task=SucrosePreference(free=True))
    return [
        *_rescued("immobility", _by_group(swim, "immobility"), worse=1.0),
        *_rescued("preference", _by_group(bottles, "preference"), worse=-1.0),
    ]


def _by_group(readout: pd.DataFrame, measure: str) -> list[pd.Series]:
    """The values of the four groups by subject, in per cent, in the order of GROUPS."""
    values = 100.0 * readouts.matched(readout, measure, GROUPS)
    return [values[group] for group in GROUPS]


def _rescued(measure: str, samples: list[pd.Series], worse: float) -> list[Criterion]:
    """`worse` is 1 where helplessness raises the measure, -1 where it lowers it."""
    healthy, healthy_drug, helpless, helpless_drug = samples
    name = "immobility" if measure == "immobility" else "sucrose preference"
    deficit = summary.compared(np.subtract, helpless, healthy)
    change = summary.compared(np.subtract, helpless_drug, helpless)
    interaction = summary.compared(lambda a, b, c, d: (d - c) - (b - a), *samples)
    hardly = summary.compared(
        lambda a, b, c, d: np.abs(b - a) / np.abs(d - c), healthy, healthy_drug, helpless, helpless_drug
    )
    up, down = (above, below) if worse > 0 else (below, above)
    return [
        up(f"{measure}_deficit", f"helpless rats differ in {name}", f"{name} in %, helpless - healthy", deficit),
        down(
            f"{measure}_change",
            f"ketamine reverses {name} in helpless rats",
            f"{name} in %, ketamine - vehicle",
            change,
        ),
        down(f"{measure}_interaction", "and more than in healthy ones", f"{name} in %, group × drug", interaction),
        at_most(
            f"{measure}_healthy",
            f"healthy rats' {name} hardly changes",
            "size of their change over helpless rats'",
            hardly,
            0.25,
        ),
    ]


def belujon2014(trials: pd.DataFrame) -> list[Criterion]:
    """Tonic dopamine at rest: helpless about half of healthy (read as .4 to .6), within 10 % of it after ketamine.

    "No difference in resistant rats" is read as: ketamine leaves healthy rats within 10 %. A group of rats that were
    shocked and did not become helpless is not part of this study.
    """
    require(trials, "belujon2014", ["rest"], GROUPS)
    rest = readouts.at_rest(trials, ["tonic_dopamine"], ["rest"])
    dopamine = readouts.matched(rest, "tonic_dopamine", GROUPS)

    def ratio(name: str) -> statistics.Estimate:
        return summary.compared(np.divide, dopamine[name], dopamine["healthy_vehicle"])

    of = "tonic dopamine over that of healthy rats"
    return [
        within("half", "helpless rats have half the active dopamine neurons", of, ratio("helpless_vehicle"), 0.4, 0.6),
        within("ketamine", "20 minutes after ketamine they have all", of, ratio("helpless_ketamine"), 0.9, 1.1),
        within("healthy", "ketamine leaves healthy rats as they are", of, ratio("healthy_ketamine"), 0.9, 1.1),
    ]


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


YANG = (
    "Yang Y, Cui Y, Sang K, Dong Y, Ni Z, Ma S, Hu H (2018) Ketamine blocks bursting in the lateral habenula to "
    "rapidly relieve depression. Nature 554:317-322, doi 10.1038/nature25509"
)
BELUJON = (
    "Belujon P, Grace AA (2014) Restoring mood balance in depression: ketamine reverses deficit in dopamine-dependent "
    "synaptic plasticity. Biol Psychiatry 76(12):927-936, doi 10.1016/j.biopsych.2014.04.014"
)
THESIS = (
    "this package's thesis; habenula and dopamine as in Matsumoto M, Hikosaka O (2007) Lateral habenula as a source of "
    "negative reward signals in dopamine neurons. Nature 447:1111-1115, doi 10.1038/nature05860"
)
CLAIMS = (
    Claim(
        "yang2018_rescue", YANG, "Ketamine ends despair and anhedonia in congenitally helpless rats", "yang2018",
        yang2018_rescue,
    ),
    Claim(
        "belujon2014", BELUJON, "Dopamine is halved in helpless rats until ketamine", "belujon2014", belujon2014
    ),
    Claim(
        "pessimism", THESIS, "A hyperactive habenula makes an animal expect less than it gets", "pessimism", pessimism
    ),
)  # fmt: skip
