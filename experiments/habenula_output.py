"""Li et al. 2011, 2013: whether the habenula's output goes with despair, brings it about, and can be taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.findings import Claim, Criterion, above, below, require
from habenula_rl.tasks import SucrosePreference

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from habenula_rl.analysis.statistics import Estimate

QUESTION = "Is more output of the habenula enough to make healthy animals give up, and less enough to bring them back?"
PREDICTION = (
    "Animals are the more helpless the more their habenula fires. More output makes healthy ones float and leave "
    "sucrose; half of the output, or stimulation that silences it, brings helpless ones back."
)


STORY = (
    "Forced swim (A): healthy animals float in {immobility[healthy]:.0f} % of minutes 3 to 6, and in "
    "{immobility[raised]:.0f} % with more output of the habenula; helpless ones in {immobility[helpless]:.0f} %, and "
    "in {immobility[lowered]:.0f} % with half of the output. Li et al. 2013 found more floating with more output, "
    "and less with less.",
    "Sucrose (B): of what they drink, healthy animals take {preference[healthy]:.0f} % from the bottle with sucrose, "
    "and {preference[raised]:.0f} % with more output; helpless ones {preference[helpless]:.0f} %, and "
    "{preference[lowered]:.0f} % with half of it. With more output {preference_n[raised]:.0f} animals drink at all, "
    "without {preference_n[healthy]:.0f}. Li et al. 2013 found less sucrose with more output, and more with less.",
    "Shuttle box (C): helpless animals fail in {failures[helpless]:.0f} % of trials, and in "
    "{failures[stimulated]:.0f} % while the habenula is stimulated. Li et al. 2011 found fewer failures.",
)
ALL = (0.0, 100.0)  # %


def swim(trials: pd.DataFrame) -> pd.DataFrame:
    """Immobile in the last four of six minutes, %."""
    return summary.percent(readouts.immobility(trials), "immobility")


def sucrose(trials: pd.DataFrame) -> pd.DataFrame:
    """Sucrose, % of drinks."""
    return summary.percent(readouts.drinking(trials, task=SucrosePreference(free=True)), "preference")


def shuttle(trials: pd.DataFrame) -> pd.DataFrame:
    """Failures, %, and the habenula's output on entering the box."""
    rest = readouts.at_rest(trials, ["lhb"]).rename(columns={"lhb": "output"})
    return summary.percent(readouts.escapes(trials), failures="failed").merge(rest, on=readouts.WHO)


READS = {"forced_swim": swim, "sucrose": sucrose, "shuttle": shuttle}
LIMITS = dict.fromkeys(("immobility", "preference", "failures"), ALL)


def story(table: pd.DataFrame) -> list[str]:
    """What more and less output does, and what it did in rats."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Despair and anhedonia with more and less output; escape, and the output that goes with it."""
    return figures.grid(table, PANELS, "animals")


FOUR = {"healthy": "healthy", "raised": "healthy,\nmore", "helpless": "helpless", "lowered": "helpless,\nless"}
BOX = {"healthy": "healthy", "helpless": "helpless", "stimulated": "stimu-\nlated", "varied": "varied"}
PANELS = (
    figures.Panel(
        "immobility",
        "Immobile in min 3-6 (%)",
        "Forced swim",
        FOUR,
        {
            "raised": figures.more("healthy", "li2013/more_immobile"),
            "lowered": figures.less("helpless", "li2013/less_immobile"),
        },
        ends=ALL,
    ),
    figures.Panel(
        "preference",
        "Sucrose (% of drinks)",
        "Sucrose preference",
        FOUR,
        {
            "raised": figures.less("healthy", "li2013/more_sucrose"),
            "lowered": figures.more("helpless", "li2013/less_sucrose"),
        },
        level=50.0,
        ends=ALL,
    ),
    figures.Panel(
        "failures",
        "Failures (%)",
        "Shuttle box",
        BOX,
        {"stimulated": figures.less("helpless", "li2011/stimulation")},
        ends=ALL,
    ),
    figures.Panel("output", "LHb output (resting rates)", "Habenula on entering the box", BOX),
)

# Claims. How each is read stands in the docstring; the bounds were fixed before the claims were first run, while it was
# known that stimulation rescues (calibration/README.md).

LI_2011 = (
    "Li B, Piriz J, Mirrione M, Chung C, Proulx CD, Schulz D, Henn F, Malinow R (2011) Synaptic potentiation onto "
    "habenula neurons in the learned helplessness model of depression. Nature 470:535-539, doi 10.1038/nature09742"
)
LI_2013 = (
    "Li K, Zhou T, Liao L, Yang Z, Wong C, Henn F, Malinow R, Yates JR, Hu H (2013) βCaMKII in lateral habenula "
    "mediates core symptoms of depression. Science 341:1016-1020, doi 10.1126/science.1240729"
)


def _less(tables: dict[str, pd.DataFrame], measure: str, one: str, other: str) -> Estimate:
    return summary.less(tables["subjects"], measure, one, other)


def li2011(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Output at rest goes with failures across individuals, and stimulation lowers failures: signs, whole intervals."""
    rows = tables["subjects"]
    require(rows, "habenula_output", ["shuttle"], ["helpless", "stimulated", "varied"])
    output, failures = (summary.side_by_side(rows, name, ["varied"])["varied"] for name in ("output", "failures"))
    stimulated = _less(tables, "failures", "stimulated", "helpless")
    of = "failures in % of trials, stimulated - not"
    return [
        above(
            "individuals",
            "the more it fires, the more helpless",
            "r of output and failures",
            statistics.pearson(output, failures),
        ),
        below("stimulation", "stimulation of the habenula rescues", of, stimulated),
    ]


def li2013(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """More output brings despair and anhedonia, less takes them away: signs, whole intervals.

    More is that of Kir4.1 which makes as many neurons burst as in helpless rats; less is half of it.
    """
    rows = tables["subjects"]
    require(rows, "habenula_output", ["forced_swim", "sucrose"], list(FOUR))
    floats, drinks = "immobility in %", "sucrose preference in %"
    more, less = ("raised", "healthy"), ("lowered", "helpless")
    return [
        above("more_immobile", "more output makes healthy rats float", floats, _less(tables, "immobility", *more)),
        below("more_sucrose", "and leave sucrose", drinks, _less(tables, "preference", *more)),
        below("less_immobile", "less makes helpless rats swim", floats, _less(tables, "immobility", *less)),
        above("less_sucrose", "and drink sucrose", drinks, _less(tables, "preference", *less)),
    ]


CLAIMS = (
    Claim("li2011", LI_2011, "The habenula's drive goes with helplessness, and stimulation takes both away", li2011),
    Claim(
        "li2013",
        LI_2013,
        "More output of the habenula is enough for despair, less ends it",
        li2013,
        origins={"more_immobile": "target", "more_sucrose": "target"},
    ),
)
