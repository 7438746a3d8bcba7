"""Ma et al. 2023, Nature 622:802, doi 10.1038/s41586-023-06624-1: from 10 minutes to 7 days after one dose of ketamine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import Ketamine, figures, readouts, statistics, summary
from habenula_rl.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "How can ketamine work within the hour, and still work a day after it has left the blood?"
PREDICTION = (
    "While it is there it gets into receptors that bursts open, and where they close it stays. So a helpless habenula "
    "holds what a healthy one never took up, and failures come back with the receptors, over days."
)

TRAITS = {"healthy": style.BLUE, "helpless": style.VERMILION}
HOURS = {"10min": 1 / 6, "1h": 1.0, "4h": 4.0, "24h": 24.0, "3d": 72.0, "7d": 168.0}
DOSES = {
    "mouse": Ketamine(dose="10 mg/kg", species="mouse"),
    "human": Ketamine(dose="0.5 mg/kg", route="infusion", species="human"),
}
TITLES = {"mouse": "Mouse, 10 mg/kg i.p.", "human": "Human, 0.5 mg/kg in 40 min"}
MEASURES = {"blocked": "rest", "bursts": "rest", "failures": "shuttle"}
LEAST_UM = 1e-4  # less than this is not drawn
NO_DRUG_H = 0.035  # where those without the drug stand on the scale of time
ASIDE = {"healthy": -0.06, "helpless": 0.06}  # decades


def group_of(trait: str, species: str, time: str) -> str:
    """The name of a group in the config."""
    return f"{trait}_{species}_{time}"


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Receptors blocked, neurons that burst at rest, failures (all %), the drug's effect, and its concentration (µM).

    The effect beside a group with the drug is against the animals of its trait that had none.
    """
    subjects = behaviour(trials)
    groups = summary.group_rows(subjects)
    for trait in TRAITS:
        for group in (group_of(trait, species, time) for species in DOSES for time in HOURS):
            for measure, phase in MEASURES.items():
                pair = [summary.values(subjects, measure, g, phase) for g in (group, f"{trait}_vehicle")]
                groups = summary.with_effect(groups, statistics.hedges_g(*pair), measure, group, phase)
    return summary.tidy(groups, subjects, *(_concentration(species) for species in DOSES))


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """Every subject's readouts in per cent, as subject rows."""
    import pandas as pd

    rest = readouts.at_rest(trials, ["burst", "hyperactivity"], ["rest"]).rename(columns={"burst": "bursts"})
    blocked = pd.concat([_blocked(str(name), rows) for name, rows in rest.groupby("group", observed=True)])
    escaped = readouts.escapes(trials, ["shuttle"])[[*readouts.WHO, "failed"]].rename(columns={"failed": "failures"})
    parts = ((rest, "bursts"), (blocked, "blocked"), (escaped, "failures"))
    return pd.concat([summary.subject_rows(t, [m], percent=[m]) for t, m in parts], ignore_index=True)


def _blocked(group: str, rest: pd.DataFrame) -> pd.DataFrame:
    """The share of receptors that the drug of this group holds, from each subject's own hyperactivity."""
    _, given, *time = group.split("_")
    if given not in DOSES:
        return rest.assign(blocked=0.0)
    drug = DOSES[given].replace(hours_before=HOURS[time[0]])
    return rest.assign(blocked=drug.block(rest["hyperactivity"].to_numpy()))


def _concentration(species: str) -> pd.DataFrame:
    """Free ketamine at the receptors (µM); the time is in hours."""
    import pandas as pd

    hours = np.geomspace(1 / 60, max(HOURS.values()), 400)
    named = {"level": "trace", "group": species, "phase": "rest", "measure": "concentration"}
    return pd.DataFrame(named | {"time": hours, "value": DOSES[species].course()(3600.0 * hours)})


def figure(table: pd.DataFrame) -> Figure:
    """Drug, receptors, bursts and failures over time, mice on the left and people on the right."""
    with figures.styled():
        fig, axes = figures.canvas(["AB", "CD", "EF", "GH"], height_mm=200)
        for letter, species in zip("AB", DOSES, strict=True):
            _draw_concentration(axes[letter], table, species)
            figures.caption(axes[letter], letter, f"{TITLES[species]}: free drug in the brain")
        for letters, measure, label, text in (
            ("CD", "blocked", "NMDA receptors blocked (%)", "What the habenula holds"),
            ("EF", "bursts", "Neurons bursting at rest (%)", "Bursts"),
            ("GH", "failures", "Trials without escape (%)", "Failures to escape"),
        ):
            for letter, species in zip(letters, DOSES, strict=True):
                _draw_groups(axes[letter], table, measure, species)
                axes[letter].set_ylabel(label)
                figures.caption(axes[letter], letter, text)
            figures.alike(*(axes[letter] for letter in letters))
        for letter in "GH":
            axes[letter].set_ylim(-4, 104)
        figures.thinned(fig, table, "subjects")
    return fig


def _draw_groups(axes: Axes, table: pd.DataFrame, measure: str, species: str) -> None:
    for trait, colour in TRAITS.items():
        groups = {f"{trait}_vehicle": NO_DRUG_H} | {group_of(trait, species, t): h for t, h in HOURS.items()}
        places = {group: float(np.log10(hours)) + ASIDE[trait] for group, hours in groups.items()}
        figures.over(axes, table, measure, places=places, colour=colour, label=trait)
    _time_scale(axes)


def _draw_concentration(axes: Axes, table: pd.DataFrame, species: str) -> None:
    rows = figures.select(table, "trace", "concentration", group=species)
    shown = rows[rows["value"] >= LEAST_UM]
    axes.plot(np.log10(shown["time"]), shown["value"], color=style.BLACK)
    axes.set(yscale="log", ylabel="Free ketamine (µM)", ylim=(LEAST_UM, 10))
    _time_scale(axes)


def _time_scale(axes: Axes) -> None:
    """Logarithmic, with the animals that had no drug on the left."""
    places = {"no drug": NO_DRUG_H} | HOURS
    names = [name.replace("min", " min").replace("h", " h").replace("d", " d") for name in HOURS]
    axes.set_xticks([float(np.log10(hours)) for hours in places.values()], ["no drug", *names])
    axes.set_xlim(np.log10(NO_DRUG_H) - 0.25, np.log10(max(HOURS.values())) + 0.25)
    axes.set_xlabel("Time since the drug was given")
