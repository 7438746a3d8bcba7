"""What recovers when: the state goes with ketamine's block, what was learned changes by new experience only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from habenula_rl import figures, readouts, statistics, summary
from habenula_rl.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Is it ketamine that ends helplessness, or what an animal lives through while ketamine acts?"
PREDICTION = (
    "Dopamine at rest comes back with the block and goes with it. What was learned does not: a dose alone leaves it as "
    "it is, what a mouse lives through under a dose outlasts it, and what it lost without one no later dose gives back."
)

GROUPS = ("neither", "drug_alone", "trials_alone", "both")
REFERENCE = "neither"
LABELS = {"neither": "neither", "drug_alone": "ketamine", "trials_alone": "trials", "both": "both"}
COLOURS = dict(zip(GROUPS, (style.GREY, style.SKY, style.VERMILION, style.GREEN), strict=True))
AT_REST = {"before": "before", "drug": "4 h", "later": "14 d", "again": "4 h, again"}
REST_COLOURS = dict(zip(AT_REST, (style.BLUE, style.ORANGE, style.BLUE, style.ORANGE), strict=True))
BOX = ("experience", "test")
PAIRS = (
    ("B", "trials_alone", "Trials without ketamine, and later with it", ("without ketamine", "15 d later, with it")),
    ("C", "both", "Trials with ketamine, and later again", ("with ketamine", "15 d later, with it")),
)


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Tonic dopamine at each rest, and failures (%) in both visits to the box.

    The effect beside a group's failures in the last test is against mice that had neither ketamine nor trials before.
    """
    import pandas as pd

    rest = readouts.at_rest(trials, ["tonic_dopamine"], [*AT_REST, "no_drug"])
    escaped = readouts.escapes(trials, BOX)[[*readouts.WHO, "failed"]].rename(columns={"failed": "failures"})
    parts = [
        summary.subject_rows(rest, ["tonic_dopamine"]),
        summary.subject_rows(escaped, ["failures"], percent=["failures"]),
    ]
    subjects = pd.concat(parts, ignore_index=True)
    groups = summary.group_rows(subjects)
    for group in GROUPS[1:]:
        pair = [summary.values(subjects, "failures", g, "test") for g in (group, REFERENCE)]
        groups = summary.with_effect(groups, statistics.hedges_g(*pair), "failures", group, "test")
    return summary.tidy(groups, subjects)


def figure(table: pd.DataFrame) -> Figure:
    """Dopamine at rest over time; each mouse's failures in its first and in its last trials; the last ones of all."""
    with figures.styled():
        fig, axes = figures.canvas(["AB", "CD"], height_mm=125)
        _draw_state(axes["A"], table)
        for letter, group, text, names in PAIRS:
            _draw_pair(axes[letter], table, group, dict(zip(BOX, names, strict=True)))
            figures.caption(axes[letter], letter, text)
        _draw_test(axes["D"], table)
        lines = "A: mice that had both; times since a dose; flat line: healthy mice. B to D: the box of the shocks."
        figures.footnote(fig, f"{figures.marks(table, 'mice', joined=True)}\n{lines}")
    return fig


def _draw_state(axes: Axes, table: pd.DataFrame) -> None:
    own = table[table["group"] == "both"]
    figures.paired(axes, own, "tonic_dopamine", order=list(AT_REST), colours=REST_COLOURS)
    figures.name_places(axes, own, "tonic_dopamine", order=list(AT_REST), by="phase", labels=AT_REST)
    axes.set(ylabel="Tonic dopamine (healthy 0.5)", ylim=(-0.024, 0.624))
    figures.level(axes, 0.5)
    figures.caption(axes, "A", "Dopamine at rest, before and after ketamine")


def _draw_pair(axes: Axes, table: pd.DataFrame, group: str, labels: dict[str, str]) -> None:
    own = table[table["group"] == group]
    figures.paired(axes, own, "failures", order=BOX, colours=dict.fromkeys(BOX, COLOURS[group]))
    figures.name_places(axes, own, "failures", order=BOX, by="phase", labels=labels)
    axes.set(ylabel="Trials without escape (%)", ylim=(-4, 104))


def _draw_test(axes: Axes, table: pd.DataFrame) -> None:
    own = table[table["phase"] == "test"]
    figures.individuals(axes, own, "failures", order=GROUPS, by="group", colours=COLOURS)
    figures.name_places(axes, own, "failures", order=GROUPS, by="group", labels=LABELS)
    axes.set(ylabel="Trials without escape (%)", ylim=(-4, 104))
    figures.caption(axes, "D", "With ketamine, by what they had 15 d before")
