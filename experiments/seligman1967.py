"""Seligman & Maier 1967, J. Exp. Psychol. 74:1, doi 10.1037/h0024514: the triad, and dogs that were immunised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, summary
from habenula_rl.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Is it the shock, or having no control over it, that makes dogs give up?"
PREDICTION = (
    "The same shocks make yoked dogs helpless, whose habenula is left hyperactive, and leave dogs that could end them "
    "like naive ones. Earlier control immunises against later shock without it."
)

GROUPS = ("naive", "escapable", "yoked", "immunised")
COLOURS = {"naive": style.GREY, "escapable": style.BLUE, "yoked": style.VERMILION, "immunised": style.GREEN}
SHORT = {"escapable": "escape", "immunised": "immun."}
REFERENCE = "naive"
PHASE = "test"
MEASURES = ("failures_per_10", "latency", "failing_9_of_10", "hyperactivity", "tonic_dopamine")
SIGNALS = ("lhb", "dopamine")


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """At test, each group: failures in 10 trials, latency (s), dogs failing 9 or more (%), resting state, traces."""
    test = readouts.in_phases(trials, [PHASE])
    rest = readouts.at_rest(test, ("hyperactivity", "tonic_dopamine"))
    readout = readouts.helplessness(test).merge(rest, on=readouts.WHO)
    subjects = summary.subject_rows(readout, MEASURES, percent=["failing_9_of_10"], within={"failures_per_10": (0, 10)})
    groups = summary.group_rows(subjects)
    for group in GROUPS[1:]:
        for measure in MEASURES:
            naive, own = (summary.values(subjects, measure, g, PHASE) for g in (REFERENCE, group))
            groups = summary.with_effect(groups, summary.effect(own, naive), measure, group, PHASE)
    course = readouts.course(test, SIGNALS, readouts.shock_onset(test))
    return summary.tidy(groups, subjects, _spread(subjects), summary.trace_rows(course, SIGNALS))


def _spread(subjects: pd.DataFrame) -> pd.DataFrame:
    """The share of each group's dogs (%) at every number of failures, which stands in the column time."""
    import pandas as pd

    parts = []
    for group in GROUPS:
        failures = summary.values(subjects, "failures_per_10", group, PHASE).round().astype(int)
        share = 100.0 * np.bincount(failures, minlength=11) / max(1, len(failures))
        named = {"level": "trace", "group": group, "phase": PHASE, "measure": "dogs_by_failures", "n": len(failures)}
        parts.append(pd.DataFrame(named | {"time": np.arange(11.0), "value": share}))
    return pd.concat(parts)


def figure(table: pd.DataFrame) -> Figure:
    """Behaviour of each dog at test; below, the hyperactivity it brought, and habenula and dopamine around shock."""
    with figures.styled():
        fig, axes = figures.canvas(["ABC", "DEF"], height_mm=122)
        for letter, measure, label, text in (
            ("A", "failures_per_10", "Failures in 10 trials", "Failures to escape"),
            ("B", "latency", "Latency from signal onset (s)", "Latency to escape"),
            ("D", "hyperactivity", "Hyperactivity (congenital = 1)", "Habenula on entering the test"),
        ):
            figures.individuals(axes[letter], table, measure, order=GROUPS, by="group", colours=COLOURS)
            figures.name_places(axes[letter], table, measure, order=GROUPS, by="group", labels=SHORT)
            axes[letter].set_ylabel(label)
            figures.caption(axes[letter], letter, text)
        axes["A"].set(ylim=(-0.4, 10.4), yticks=range(0, 11, 2))
        figures.from_zero(axes["B"])
        figures.counts(axes["C"], table, "dogs_by_failures", order=GROUPS, by="group", colours=COLOURS)
        axes["C"].set(xlabel="Failures in 10 trials", ylabel="Dogs (% of group)", ylim=(0, 104))
        figures.whole_ticks(axes["C"])
        figures.key(axes["C"])
        figures.caption(axes["C"], "C", "Dogs by number of failures")
        for letter, signal, label, text in (
            ("E", "lhb", "LHb output (resting rates)", "Habenula around shock"),
            ("F", "dopamine", "Phasic dopamine (units of δ)", "Dopamine around shock"),
        ):
            figures.trace(axes[letter], table, signal, order=GROUPS, by="group", colours=COLOURS)
            axes[letter].set(xlabel="Time since shock onset (s)", ylabel=label)
            figures.event(axes[letter])
            figures.caption(axes[letter], letter, text)
        axes["E"].set_ylim(0)
        figures.level(axes["F"], 0.0)
        figures.thinned(fig, table, "dogs of each group")
    return fig
