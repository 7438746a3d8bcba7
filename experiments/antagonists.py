"""Autry et al. 2011, Gideons et al. 2014: NMDA antagonists in the forced swim of mice that nobody stressed.

Where it falls short: there is little to take away in a healthy habenula, so that no drug changes immobility by more
than a few per cent, where published changes were large; and at the dose given memantine blocks more of the receptors
half an hour after injection than ketamine does, since that is what its kinetics and affinity come to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from habenula_rl import figures
from habenula_rl.analysis import readouts, summary
from habenula_rl.analysis.statistics import Estimate
from habenula_rl.findings import Claim, Criterion, above, below, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Which NMDA antagonists make mice swim whose habenula is not hyperactive?"
PREDICTION = (
    "None by much: few of a healthy habenula's neurons burst, so that there is little to take away. What there is goes "
    "with the block, whichever drug brings it."
)

STORY = (
    "Immobility (A): {immobility[vehicle]:.1f} % of the time under vehicle, {immobility[ketamine]:.1f} % under "
    "ketamine, {immobility[mk801]:.1f} % under MK-801 and {immobility[memantine]:.1f} % under memantine. Autry et al. "
    "(2011) found less under the first two, Gideons et al. (2014) none of it under memantine.",
    "Bursts (B): {burst[vehicle]:.1f}, {burst[ketamine]:.1f}, {burst[mk801]:.1f} and {burst[memantine]:.1f} % of the "
    "habenula's neurons.",
)
NO_EFFECT = 10.0  # points of immobility, as in klein2020 and abdallah2020


def forced_swim(trials: pd.DataFrame) -> pd.DataFrame:
    """Immobility in the last four minutes (%), and neurons that burst at rest (%)."""
    found = readouts.immobility(trials).merge(readouts.at_rest(trials, ["burst"]), on=readouts.WHO)
    return summary.percent(found, "immobility", "burst")


READS = {"forced_swim": forced_swim}
LIMITS = {"immobility": (0.0, 100.0), "burst": (0.0, 100.0)}


def story(table: pd.DataFrame) -> list[str]:
    """Immobility and bursts under each drug, and what the papers found."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Immobility and bursts of every mouse under each drug."""
    return figures.grid(table, PANELS, "mice", "Half an hour after the injection.")


DRUGS = {"vehicle": "vehicle", "ketamine": "keta-\nmine", "mk801": "MK-801", "memantine": "meman-\ntine"}
PANELS = (
    figures.Panel(
        "immobility",
        "Immobility (%)",
        "Forced swim",
        DRUGS,
        {
            "ketamine": figures.less("vehicle", "autry2011/ketamine"),
            "mk801": figures.less("vehicle", "autry2011/mk801"),
            "memantine": figures.Published(-NO_EFFECT, NO_EFFECT, "gideons2014/memantine", "vehicle"),
        },
        ends=(0.0, 100.0),
    ),
    figures.Panel("burst", "Bursting neurons (%)", "Habenula at rest", DRUGS),
)

# Claims. How each is read stands in the docstring; design and bounds were committed before any of them was first run.

AUTRY = (
    "Autry AE, Adachi M, Nosyreva E, Na ES, Los MF, Cheng P, Kavalali ET, Monteggia LM (2011) NMDA receptor blockade "
    "at rest triggers rapid behavioural antidepressant responses. Nature 475:91-95, doi 10.1038/nature10130"
)
GIDEONS = (
    "Gideons ES, Kavalali ET, Monteggia LM (2014) Mechanisms underlying differential effectiveness of memantine and "
    "ketamine in rapid antidepressant responses. Proc Natl Acad Sci USA 111:8649-8654, doi 10.1073/pnas.1323920111"
)
OF = "immobility in %"


def _less(tables: dict[str, pd.DataFrame], one: str, other: str) -> Estimate:
    require(tables["subjects"], "antagonists", ["forced_swim"], [one, other])
    return summary.less(tables["subjects"], "immobility", one, other)


def autry2011(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Half an hour after ketamine, and after MK-801, mice that nobody stressed float less: signs, whole intervals."""
    ketamine, mk801 = (_less(tables, drug, "vehicle") for drug in ("ketamine", "mk801"))
    return [
        below("ketamine", "ketamine makes ordinary mice swim", f"{OF}, ketamine - vehicle", ketamine),
        below("mk801", "and so does MK-801", f"{OF}, MK-801 - vehicle", mk801),
    ]


def gideons2014(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Memantine changes immobility by at most 10 %, which is ours, and mice float more under it than under ketamine."""
    memantine, apart = _less(tables, "memantine", "vehicle"), _less(tables, "memantine", "ketamine")
    return [
        within("memantine", "memantine does not", f"{OF}, memantine - vehicle", memantine, -NO_EFFECT, NO_EFFECT),
        above("apart", "ketamine does more", f"{OF}, memantine - ketamine", apart),
    ]


CLAIMS = (
    Claim("autry2011", AUTRY, "NMDA antagonists make ordinary mice swim", autry2011, sures={"mk801": "H"}),
    Claim("gideons2014", GIDEONS, "Ketamine does, memantine does not", gideons2014, sures={"memantine": "D"}),
)
