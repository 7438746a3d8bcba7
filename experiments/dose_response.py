"""How much ketamine: block, bursts, immobility and sucrose preference an hour after 0.1 to 30 mg/kg, in mice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import HabenulaAgent, figures, tasks
from habenula_rl.agents.habenula import receptors_blocked
from habenula_rl.analysis import readouts, summary
from habenula_rl.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Is there a dose that ends despair and anhedonia in helpless mice, and leaves healthy ones as they are?"
PREDICTION = (
    "Bursts open the receptors that ketamine gets into, so at every dose a helpless habenula takes up more of it. "
    "Floating and the distaste for sucrose end at doses that hardly change a healthy mouse."
)

STORY = (
    "Forced swim (C): helpless mice float in {immobility[helpless_vehicle]:.0f} % of minutes 3 to 6 without "
    "ketamine, in {immobility[helpless_1mg]:.0f} % after 1 mg/kg, {immobility[helpless_10mg]:.0f} % after 10 and "
    "{immobility[helpless_30mg]:.0f} % after 30; healthy ones in {immobility[healthy_vehicle]:.0f} % without it and "
    "{immobility[healthy_10mg]:.0f} % after 10 mg/kg.",
    "Block (A): 10 mg/kg block {blocked[helpless_10mg]:.0f} % of the NMDA receptors of helpless mice and "
    "{blocked[healthy_10mg]:.0f} % of those of healthy ones.",
    "Bursts (B): {bursts[helpless_vehicle]:.0f} % of helpless mice's neurons burst at rest without it, "
    "{bursts[helpless_10mg]:.0f} % after 10 mg/kg. No paper is drawn here: it is what the model says of doses.",
)

TRAITS = {"healthy": style.BLUE, "helpless": style.VERMILION}
DOSES = {"100ug": 0.1, "300ug": 0.3, "1mg": 1.0, "3mg": 3.0, "10mg": 10.0, "30mg": 30.0}  # mg/kg
MEASURES = {"blocked": "rest", "bursts": "rest", "immobility": "forced_swim", "preference": "sucrose"}
PANELS = (
    ("A", "blocked", "Blocked (%)", "NMDA receptors blocked"),
    ("B", "bursts", "Bursting (%)", "Neurons that burst at rest"),
    ("C", "immobility", "Immobile in min 3-6 (%)", "Forced swim"),
    ("D", "preference", "Sucrose (% of drinks)", "Sucrose preference"),
)
NO_DRUG = 0.03  # mg/kg: where those without the drug stand on the scale of doses


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Receptors blocked, neurons that burst at rest, immobility and sucrose preference (all %), and the drug's effect.

    The effect beside a group with the drug is against the mice of its trait that had none.
    """
    subjects = behaviour(trials)
    groups = summary.group_rows(subjects)
    for trait in TRAITS:
        for group in (f"{trait}_{dose}" for dose in DOSES):
            for measure, phase in MEASURES.items():
                pair = [summary.values(subjects, measure, g, phase) for g in (group, f"{trait}_vehicle")]
                groups = summary.with_effect(groups, summary.effect(*pair), measure, group, phase)
    return summary.tidy(groups, subjects)


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """Every mouse's readouts in per cent, as subject rows; the block follows from the remaining bursts."""
    import pandas as pd

    rest = readouts.at_rest(trials, ["burst", "hyperactivity"], ["rest"]).rename(columns={"burst": "bursts"})
    blocked = receptors_blocked(HabenulaAgent(), rest["bursts"], rest["hyperactivity"])
    rest["blocked"] = blocked.clip(lower=0.0).round(6)  # the table of trials holds seven digits
    parts = (
        (rest, ["blocked", "bursts"]),
        (readouts.immobility(trials, ["forced_swim"]), ["immobility"]),
        (readouts.drinking(trials, ["sucrose"], task=tasks.SucrosePreference(free=True)), ["preference"]),
    )
    return pd.concat([summary.subject_rows(t, m, percent=m) for t, m in parts], ignore_index=True)


def story(table: pd.DataFrame) -> list[str]:
    """Floating, block and bursts at some of the doses."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Receptors, bursts and behaviour of each mouse over the dose that it was given."""
    with figures.styled():
        fig, axes = figures.canvas(["AB", "CD"], height_mm=125)
        for letter, measure, label, text in PANELS:
            _draw(axes[letter], table, measure)
            axes[letter].set_ylabel(label)
            figures.caption(axes[letter], letter, text)
        for letter in "AB":
            figures.from_zero(axes[letter])
        for letter in "CD":
            axes[letter].set(ylim=(-4, 104), xlabel="Ketamine an hour before (mg/kg i.p.)")
        figures.level(axes["D"], 50.0)
        figures.shared_key(fig, axes["A"])
        lines = "Dashed: mean of those that had none. Full line in D: no preference."
        new = f"naive at each dose, {figures.group_sizes(table)}"
        figures.footnote(fig, f"{figures.marks(fig, table, f'mice, {new}')}\n{lines}")
    return fig


def _draw(axes: Axes, table: pd.DataFrame, measure: str) -> None:
    scale = [float(np.log10(dose)) for dose in (NO_DRUG, *DOSES.values())]
    groups = {trait: [f"{trait}_{dose}" for dose in ("vehicle", *DOSES)] for trait in TRAITS}
    places = {trait: dict(zip(names, scale, strict=True)) for trait, names in groups.items()}
    figures.over(axes, table, measure, places=places, colours=TRAITS)
    axes.set_xticks(scale, ["none", *(f"{dose:g}" for dose in DOSES.values())])
    axes.set_xlim(scale[0] - 0.45, scale[-1] + 0.25)
