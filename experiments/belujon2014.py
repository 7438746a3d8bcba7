"""Belujon & Grace 2014, doi 10.1016/j.biopsych.2014.04.014: dopamine at rest in helpless rats, and after ketamine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.figures import style
from habenula_rl.findings import Claim, Criterion, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Is dopamine at rest lost in helpless rats, and is it back within minutes of ketamine?"
PREDICTION = "Bursts halve tonic dopamine in helpless rats; ketamine takes the bursts, and dopamine is back."

GROUPS = ("healthy_vehicle", "healthy_ketamine", "helpless_vehicle", "helpless_ketamine")

LABELS = {name: name.replace("_", "\n") for name in GROUPS}
COLOURS = dict(zip(GROUPS, (style.BLUE, style.SKY, style.VERMILION, style.ORANGE), strict=True))
MEASURES = ("tonic_dopamine", "of_healthy")
PUBLISHED = dict(zip(GROUPS, (100.0, 100.0, 50.0, 100.0), strict=True))  # % of healthy rats': half, and all of it again


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Tonic dopamine at rest, and `of_healthy`: that in % of the mean of healthy rats with vehicle."""
    rest = readouts.at_rest(trials, ["tonic_dopamine"], ["rest"])
    healthy = rest.loc[rest["group"] == GROUPS[0], "tonic_dopamine"].mean()
    rats = rest.assign(of_healthy=100.0 * rest["tonic_dopamine"] / healthy)
    subjects = summary.subject_rows(rats, MEASURES, within={"tonic_dopamine": (0, 1)})
    groups = summary.group_rows(subjects)
    for group in GROUPS[1:]:
        for measure in MEASURES:
            own, control = (summary.values(subjects, measure, name, "rest") for name in (group, GROUPS[0]))
            groups = summary.with_effect(groups, summary.effect(own, control), measure, group, "rest")
    return summary.tidy(groups, subjects)


def story(table: pd.DataFrame) -> list[str]:
    """What there is of dopamine, and what the paper found."""
    means = figures.select(table, "group", "of_healthy").set_index("group")["value"]
    said = {name: f"{means[name]:.0f} %" for name in GROUPS if name in means}
    if len(said) < len(GROUPS):
        return []
    return [
        f"Helpless rats have {said['helpless_vehicle']} of the dopamine that healthy rats have at rest; in the paper "
        "half as many dopamine neurons were active.",
        f"20 minutes after ketamine they have {said['helpless_ketamine']}; in the paper as many were active as in "
        "healthy rats.",
        f"Healthy rats have {said['healthy_ketamine']} after ketamine; in the paper it changed nothing in rats that "
        "were not helpless.",
    ]


def figure(table: pd.DataFrame) -> Figure:
    """Each rat's dopamine at rest, in % of what healthy ones have, beside what the paper found."""
    with figures.styled():
        fig, axes = figures.canvas(["A"], height_mm=85)
        kind = {"order": GROUPS, "by": "group"}
        figures.individuals(axes["A"], table, "of_healthy", colours=COLOURS, published=PUBLISHED, **kind)
        figures.name_places(axes["A"], table, "of_healthy", labels=LABELS, **kind)
        figures.level(axes["A"], 100.0)
        figures.from_zero(axes["A"])
        axes["A"].set(ylabel="Tonic dopamine (% of healthy)")
        figures.caption(axes["A"], "A", "Dopamine at rest, 20 min after an injection")
        figures.footnote(
            fig, f"{figures.marks(fig, table, 'rats')}\nPublished: active dopamine neurons, of healthy rats'."
        )
    return fig


BELUJON = (
    "Belujon P, Grace AA (2014) Restoring mood balance in depression: ketamine reverses deficit in dopamine-dependent "
    "synaptic plasticity. Biol Psychiatry 76(12):927-936, doi 10.1016/j.biopsych.2014.04.014"
)


SHOCKED = {"shocked_vehicle": "after_vehicle", "shocked_ketamine": "after_ketamine"}
HELPLESS, RESISTANT = 0.5, 0.25  # fraction of trials that a helpless rat fails at least, a resistant one at most


def belujon2014(trials: pd.DataFrame) -> list[Criterion]:
    """Tonic dopamine at rest: helpless about half of healthy (read as .4 to .6), within 10 % of it after ketamine.

    Asked of rats that were born helpless and of those that shock made so: who fails half of the trials a day after it,
    while one that fails a quarter at most is resistant, and has the dopamine of healthy rats within 10 %, as a healthy
    one has after ketamine. Where no rat resists, that row is not defined, and fails.
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
        *_of_shocked(trials, dopamine["healthy_vehicle"]),
    ]


def _of_shocked(trials: pd.DataFrame, healthy: pd.Series) -> list[Criterion]:
    """The same of rats that were shocked, the helpless and the resistant apart; other rats than the healthy ones."""
    require(trials, "belujon2014", ["test"], list(SHOCKED))
    failed = readouts.escapes(trials, ["test"])
    found = {}
    for group, phase in SHOCKED.items():
        own = failed[failed["group"] == group].set_index("subject")["failed"]
        level = readouts.at_rest(trials, ["tonic_dopamine"], [phase]).set_index("subject")["tonic_dopamine"]
        found[group] = level[own >= HELPLESS], level[own <= RESISTANT]

    def ratio(levels: pd.Series) -> statistics.Estimate:
        return statistics.contrast(np.divide, levels, healthy)

    of = "tonic dopamine over that of healthy rats"
    (helpless, resistant), (treated, _) = found["shocked_vehicle"], found["shocked_ketamine"]
    return [
        within("shocked_half", "so have rats that shock made helpless", of, ratio(helpless), 0.4, 0.6),
        within("shocked_ketamine", "and they have all after ketamine", of, ratio(treated), 0.9, 1.1),
        within("resistant", "rats that resist shock have all", of, ratio(resistant), 0.9, 1.1),
    ]


CLAIMS = (
    Claim(
        "belujon2014",
        BELUJON,
        "Dopamine is halved in helpless rats until ketamine",
        belujon2014,
        origin="target",
        origins={"half": "built in", "resistant": "prediction"},
        sures={"resistant": "set"},
    ),
)
