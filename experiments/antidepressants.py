"""Page et al. 1999, Valentine et al. 2008, Willner 2005: what serotonin reuptake inhibitors do, and in how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from habenula_rl import figures
from habenula_rl.analysis import readouts, summary
from habenula_rl.findings import Claim, Criterion, above, below, require, within
from habenula_rl.tasks import SucrosePreference

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from habenula_rl.analysis.statistics import Estimate

QUESTION = "Does an SSRI do in the model what it does in rats, where the habenula goes on bursting?"
PREDICTION = (
    "A day of it shortens the floating of healthy rats a little. Three weeks give helpless ones back a part of what "
    "they lack, and less than ketamine does, since dopamine stays as low as it was."
)


STORY = (
    "Forced swim (A): healthy rats float in {immobility[healthy]:.0f} % of minutes 3 to 6, and in "
    "{immobility[day]:.0f} % after a day of an SSRI. Page et al. 1999 found less floating under fluoxetine.",
    "Sucrose (B): helpless rats take {preference[helpless]:.0f} % of what they drink from the bottle with sucrose, and "
    "{preference[weeks]:.0f} % after three weeks of an SSRI; healthy ones {preference[healthy]:.0f} %. By Willner 2005 "
    "nearly all studies found that it comes back.",
    "Shuttle box (C): helpless rats fail in {failures[helpless]:.0f} % of trials, and in {failures[weeks]:.0f} % after "
    "three weeks. Valentine et al. 2008 found the deficit after weeks of mild stress gone.",
)
ALL = (0.0, 100.0)  # %


def swim(trials: pd.DataFrame) -> pd.DataFrame:
    """Immobile in the last four of six minutes, %."""
    return summary.percent(readouts.immobility(trials), "immobility")


def sucrose(trials: pd.DataFrame) -> pd.DataFrame:
    """Sucrose, % of drinks."""
    return summary.percent(readouts.drinking(trials, task=SucrosePreference(free=True)), "preference")


def shuttle(trials: pd.DataFrame) -> pd.DataFrame:
    """Failures, % of trials."""
    return summary.percent(readouts.escapes(trials), failures="failed")


READS = {"forced_swim": swim, "sucrose": sucrose, "shuttle": shuttle}
LIMITS = dict.fromkeys(("immobility", "preference", "failures"), ALL)


def story(table: pd.DataFrame) -> list[str]:
    """What a day and three weeks of an SSRI do, and what they did in rats."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Floating after a day; sucrose and escape after three weeks."""
    return figures.grid(table, PANELS, "rats")


SWIM = {"healthy": "healthy", "day": "healthy,\nSSRI"}
THREE = {"healthy": "healthy", "helpless": "helpless", "weeks": "helpless,\nSSRI"}
PANELS = (
    figures.Panel(
        "immobility",
        "Immobile in min 3-6 (%)",
        "Forced swim, a day",
        SWIM,
        {"day": figures.less("healthy", "page1999/fluoxetine")},
        ends=ALL,
    ),
    figures.Panel(
        "preference",
        "Sucrose (% of drinks)",
        "Sucrose, three weeks",
        THREE,
        {"weeks": figures.more("helpless", "willner2005/sucrose")},
        level=50.0,
        ends=ALL,
    ),
    figures.Panel(
        "failures",
        "Failures (%)",
        "Shuttle box, three weeks",
        THREE,
        {"weeks": figures.less("helpless", "valentine2008/rescue")},
        ends=ALL,
    ),
)

# Claims. How each is read stands in the docstring. The bounds were fixed before the claims were first run; that an SSRI
# shortens floating and failing by the present equation of vigour, which was changed for it, was known.

PAGE = (
    "Page ME, Detke MJ, Dalvi A, Kirby LG, Lucki I (1999) Serotonergic mediation of the effects of fluoxetine, but not "
    "desipramine, in the rat forced swimming test. Psychopharmacology 147:162-167, doi 10.1007/s002130051156"
)
VALENTINE = (
    "Valentine G, Dow A, Banasr M, Pittman B, Duman R (2008) Differential effects of chronic antidepressant treatment "
    "on shuttle box escape deficits induced by uncontrollable stress. Psychopharmacology, doi 10.1007/s00213-008-1239-z"
)
WILLNER = (
    "Willner P (2005) Chronic mild stress (CMS) revisited: consistency and behavioural-neurobiological concordance in "
    "the effects of CMS. Neuropsychobiology 52:90-110, doi 10.1159/000087097"
)


def _less(tables: dict[str, pd.DataFrame], measure: str, one: str, other: str) -> Estimate:
    return summary.less(tables["subjects"], measure, one, other)


def page1999(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Three injections of fluoxetine within a day shorten immobility: a sign, the whole interval."""
    require(tables["subjects"], "antidepressants", ["forced_swim"], list(SWIM))
    of = "immobility in %, SSRI - none"
    return [below("fluoxetine", "an SSRI makes rats float less", of, _less(tables, "immobility", "day", "healthy"))]


def valentine2008(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """21 days of fluoxetine reverse the deficit that weeks of mild stress left, at the first test, completely.

    The sign, the whole interval; and that no more than a quarter of the deficit is left, which is our reading of
    "completely".
    """
    rows = tables["subjects"]
    require(rows, "antidepressants", ["shuttle"], list(THREE))
    failures = summary.side_by_side(rows, "failures", list(THREE))
    left = summary.compared(
        lambda healthy, helpless, weeks: (weeks - healthy) / (helpless - healthy), *(failures[g] for g in THREE)
    )
    of = "failures in % of trials, SSRI - none"
    return [
        below(
            "rescue",
            "three weeks of an SSRI help helpless rats to escape",
            of,
            _less(tables, "failures", "weeks", "helpless"),
        ),
        within(
            "reversed", "and nothing of the deficit is left", "fraction of the deficit that is left", left, -0.25, 0.25
        ),
    ]


def willner2005(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Weeks of an antidepressant bring the preference for sucrose back: a sign, the whole interval."""
    require(tables["subjects"], "antidepressants", ["sucrose"], list(THREE))
    of = "sucrose preference in %, SSRI - none"
    return [
        above("sucrose", "weeks of an SSRI bring sucrose back", of, _less(tables, "preference", "weeks", "helpless"))
    ]


CLAIMS = (
    Claim("page1999", PAGE, "A day of fluoxetine shortens immobility", page1999, origin="target"),
    Claim(
        "valentine2008",
        VALENTINE,
        "Three weeks of fluoxetine end the escape deficit of stressed rats",
        valentine2008,
        origins={"rescue": "target"},
        sures={"reversed": "set"},
    ),
    Claim("willner2005", WILLNER, "Weeks of an antidepressant bring back the taste for sucrose", willner2005),
)
