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

SHOCKED = {"shocked_vehicle": "after_vehicle", "shocked_ketamine": "after_ketamine"}
HELPLESS, RESISTANT = 0.5, 0.25  # fraction of trials that a helpless rat fails at least, a resistant one at most
AFTER_SHOCK = tuple(f"{kind}_{group}" for group in SHOCKED for kind in ("resistant", "helpless"))

LABELS = {name: name.replace("_", "\n") for name in GROUPS}
LABELS |= {name: name.replace("_shocked_", "\n") for name in AFTER_SHOCK}
FOUR = (style.BLUE, style.SKY, style.VERMILION, style.ORANGE)
COLOURS = dict(zip(GROUPS, FOUR, strict=True))
COLOURS |= dict(zip(AFTER_SHOCK, (style.BLUE, style.VERMILION, style.SKY, style.ORANGE), strict=True))
MEASURES = ("tonic_dopamine", "of_healthy")
PUBLISHED = dict(zip(GROUPS, (100.0, 100.0, 50.0, 100.0), strict=True))  # % of healthy rats': half, and all of it again
PUBLISHED |= {"resistant_shocked_vehicle": 100.0, "helpless_shocked_vehicle": 50.0, "helpless_shocked_ketamine": 100.0}


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Tonic dopamine at rest, and `of_healthy`: that in % of the mean of healthy rats with vehicle.

    Shocked rats are groups by what they became: helpless, or resistant; those between the two are in neither.
    """
    import pandas as pd

    rest = readouts.at_rest(trials, ["tonic_dopamine"], ["rest"])
    healthy = rest.loc[rest["group"] == GROUPS[0], "tonic_dopamine"].mean()
    every = pd.concat([rest.astype({"group": str, "phase": str}), _after_shock(trials)])
    rats = every.assign(of_healthy=100.0 * every["tonic_dopamine"] / healthy)
    subjects = summary.subject_rows(rats, MEASURES, within={"tonic_dopamine": (0, 1)})
    groups = summary.group_rows(subjects)
    for group in GROUPS[1:]:
        for measure in MEASURES:
            own, control = (summary.values(subjects, measure, name, "rest") for name in (group, GROUPS[0]))
            groups = summary.with_effect(groups, summary.effect(own, control), measure, group, "rest")
    return summary.tidy(groups, subjects)


def _after_shock(trials: pd.DataFrame) -> pd.DataFrame:
    """Each shocked rat's tonic dopamine at rest, in the group of what it became a day after shock (`AFTER_SHOCK`)."""
    phases = readouts.present(trials, ["test", *SHOCKED.values()])
    if "test" not in phases or len(phases) < 2:
        return readouts.at_rest(trials, ["tonic_dopamine"], ["rest"]).head(0)
    failed = readouts.escapes(trials, ["test"])
    level = readouts.at_rest(trials, ["tonic_dopamine"], phases[1:])
    rats = level.merge(failed[["group", "subject", "failed"]], on=["group", "subject"])
    became = np.select([rats["failed"] >= HELPLESS, rats["failed"] <= RESISTANT], ["helpless_", "resistant_"], "")
    return rats.assign(group=became + rats["group"].astype(str))[became != ""]


def story(table: pd.DataFrame) -> list[str]:
    """What there is of dopamine, and what the paper found."""
    return summary.told(
        table,
        [
            "Helpless rats have {of_healthy[helpless_vehicle]:.0f} % of the dopamine that healthy rats have at rest; "
            "in the paper half as many dopamine neurons were active.",
            "20 minutes after ketamine they have {of_healthy[helpless_ketamine]:.0f} %; in the paper as many were "
            "active as in healthy rats.",
            "Healthy rats have {of_healthy[healthy_ketamine]:.0f} % after ketamine; in the paper it changed nothing in "
            "rats that were not helpless.",
            "Of shocked rats the helpless ones have {of_healthy[helpless_shocked_vehicle]:.0f} % (in the paper half), "
            "and {of_healthy[helpless_shocked_ketamine]:.0f} % after ketamine (in the paper all).",
            "Shocked rats that resist have {of_healthy[resistant_shocked_vehicle]:.0f} %; in the paper all.",
        ],
    )


def figure(table: pd.DataFrame) -> Figure:
    """Each rat's dopamine at rest, in % of what healthy ones have, beside what the paper found."""
    with figures.styled():
        fig, axes = figures.canvas(["AB"], height_mm=85)
        for letter, order, title in (
            ("A", GROUPS, "Healthy and helpless by trait"),
            ("B", AFTER_SHOCK, "A day after shock and a test of escape"),
        ):
            names = {name: LABELS[name] for name in order}
            panel = figures.Panel(
                "of_healthy", "Tonic dopamine at rest (% of healthy)", title, names, PUBLISHED, level=100.0
            )
            panel.draw(axes[letter], letter, table, COLOURS)
        figures.alike(*axes.values())
        figures.footnote(
            fig,
            f"{figures.marks(fig, table, 'rats')}\n"
            "Published: active dopamine neurons, in % of healthy rats'. All recorded 20 min after vehicle or ketamine. "
            f"Shocked rats are helpless if they fail in at least {100 * HELPLESS:.0f} % of the test's trials, "
            f"resistant if in at most {100 * RESISTANT:.0f} %; the others are not drawn.",
        )
    return fig


BELUJON = (
    "Belujon P, Grace AA (2014) Restoring mood balance in depression: ketamine reverses deficit in dopamine-dependent "
    "synaptic plasticity. Biol Psychiatry 76(12):927-936, doi 10.1016/j.biopsych.2014.04.014"
)


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
    levels = _after_shock(trials).groupby("group")["tonic_dopamine"]

    def ratio(group: str) -> statistics.Estimate:
        own = levels.get_group(group) if group in levels.groups else healthy.iloc[:0]
        return statistics.contrast(np.divide, own, healthy)

    of = "tonic dopamine over that of healthy rats"
    helpless, treated, resistant = map(
        ratio, ("helpless_shocked_vehicle", "helpless_shocked_ketamine", "resistant_shocked_vehicle")
    )
    return [
        within("shocked_half", "so have rats that shock made helpless", of, helpless, 0.4, 0.6),
        within("shocked_ketamine", "and they have all after ketamine", of, treated, 0.9, 1.1),
        within("resistant", "rats that resist shock have all", of, resistant, 0.9, 1.1),
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
