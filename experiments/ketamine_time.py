"""Ma et al. 2023, Nature 622:802, doi 10.1038/s41586-023-06624-1: 10 minutes to 7 days after one dose of ketamine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import HabenulaAgent, Ketamine, figures
from habenula_rl.agents.habenula import receptors_blocked
from habenula_rl.analysis import readouts, summary
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
TITLES = {"mouse": "Mouse, 10 mg/kg i.p.: drug in the brain", "human": "Human, 0.5 mg/kg in 40 min: drug in the brain"}
MEASURES = {"blocked": "rest", "bursts": "rest", "failures": "shuttle"}
ROWS = (
    ("CD", "blocked", "Blocked (%)", "NMDA receptors blocked"),
    ("EF", "bursts", "Bursting (%)", "Neurons that burst at rest"),
    ("GH", "failures", "Failures (%)", "Trials without escape"),
)
LEAST_UM = 1e-4  # less than this is not drawn
NO_DRUG_H = 1 / 30  # where those without the drug stand on the scale of time
LINES = (
    "Dashed: mean of those that had no drug; in A and B, the concentration that in the end holds half of the receptors "
    "(K_d).\nDotted: end of the infusion. The shuttle box is new to all of them."
)
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
                groups = summary.with_effect(groups, summary.effect(*pair), measure, group, phase)
    return summary.tidy(groups, subjects, *(_concentration(species) for species in DOSES))


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """Every subject's readouts in per cent, as subject rows; the block is what the bursts that are left tell of it."""
    import pandas as pd

    rest = readouts.at_rest(trials, ["burst", "hyperactivity"], ["rest"]).rename(columns={"burst": "bursts"})
    blocked = receptors_blocked(HabenulaAgent(), rest["bursts"], rest["hyperactivity"])
    rest["blocked"] = blocked.clip(lower=0.0).round(6)  # the table of trials holds seven digits
    escaped = readouts.escapes(trials, ["shuttle"])[[*readouts.WHO, "failed"]].rename(columns={"failed": "failures"})
    parts = ((rest, ["blocked", "bursts"]), (escaped, ["failures"]))
    return pd.concat([summary.subject_rows(t, m, percent=m) for t, m in parts], ignore_index=True)


def _concentration(species: str) -> pd.DataFrame:
    """Free ketamine at the receptors (µM); the time is in hours."""
    import pandas as pd

    hours = np.geomspace(1 / 60, max(HOURS.values()), 400)
    named = {"level": "trace", "group": species, "phase": "rest", "measure": "concentration"}
    return pd.DataFrame(named | {"time": hours, "value": DOSES[species].course()(3600.0 * hours)})


def figure(table: pd.DataFrame) -> Figure:
    """Drug, receptors, bursts and failures over time, mice on the left and people on the right."""
    with figures.styled():
        fig, axes = figures.canvas(["AB", "CD", "EF", "GH"], height_mm=195)
        for letter, species in zip("AB", DOSES, strict=True):
            _draw_concentration(axes[letter], table, species)
            figures.caption(axes[letter], letter, TITLES[species])
        for letters, measure, label, text in ROWS:
            for letter, species in zip(letters, DOSES, strict=True):
                _draw_groups(axes[letter], table, measure, species)
                axes[letter].set_ylabel(label)
                figures.caption(axes[letter], letter, text)
            figures.alike(*(axes[letter] for letter in letters))
        for letter in "GH":
            axes[letter].set(ylim=(-4, 104), xlabel="Time since the drug was given")
        figures.shared_key(fig, axes["C"])
        figures.event(axes["B"], float(np.log10(DOSES["human"].infusion_min / 60)))
        new = f"naive at each time, {figures.group_sizes(table)}"
        figures.footnote(fig, f"{figures.marks(table, f'subjects, {new}')}\n{LINES}")
    return fig


def _draw_groups(axes: Axes, table: pd.DataFrame, measure: str, species: str) -> None:
    for trait, colour in TRAITS.items():
        groups = {f"{trait}_vehicle": NO_DRUG_H} | {group_of(trait, species, t): h for t, h in HOURS.items()}
        places = {group: float(np.log10(hours)) + ASIDE[trait] for group, hours in groups.items()}
        figures.over(axes, table, measure, places=places, colour=colour, label=trait)
    _time_scale(axes, "no drug")


def _draw_concentration(axes: Axes, table: pd.DataFrame, species: str) -> None:
    rows = figures.select(table, "trace", "concentration", group=species)
    shown = rows[rows["value"] >= LEAST_UM]
    axes.plot(np.log10(shown["time"]), shown["value"], color=style.BLACK)
    axes.axhline(DOSES[species].blocker.affinity_um, color=style.GREY, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.set(yscale="log", ylabel="Free ketamine (µM)", ylim=(LEAST_UM, 10))
    axes.set_yticks([1e-4, 1e-2, 1.0], ["0.0001", "0.01", "1"])
    _time_scale(axes, "2 min")


def _time_scale(axes: Axes, first: str) -> None:
    """Logarithmic; on the left, for those that had no drug, or else for 2 minutes, the name `first`."""
    names = [name.replace("min", " min").replace("h", " h").replace("d", " d") for name in HOURS]
    places = [float(np.log10(hours)) for hours in (NO_DRUG_H, *HOURS.values())]
    axes.set_xticks(places, [first, *names])
    axes.set_xlim(places[0] - 0.25, places[-1] + 0.25)
