"""Wu et al. 2021, eLife 10:e64041, doi 10.7554/eLife.64041: mice after learned helplessness and ketamine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Does one dose of ketamine bring back the escape that mice lost to inescapable shock?"
PREDICTION = (
    "Stress without control makes the habenula burst: mice fail to escape and dopamine is low. "
    "Ketamine takes the bursts away, dopamine comes back, and the same mice escape again."
)

GROUP = "mice"
PHASES = ("baseline", "helpless", "ketamine")
COLOURS = {"baseline": style.BLUE, "helpless": style.VERMILION, "ketamine": style.GREEN}
MEASURES = ("failures", "latency", "hyperactivity", "tonic_dopamine")
SIGNALS = ("lhb", "dopamine")


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Failures (%), latency (s), hyperactivity and tonic dopamine of each phase, their statistics, and two traces."""
    own = readouts.in_groups(trials, [GROUP])
    escaped = readouts.escapes(own, PHASES).assign(failures=lambda t: 100.0 * t["failed"])
    rest = readouts.at_rest(own, ("hyperactivity", "tonic_dopamine"), PHASES)
    mice = escaped.merge(rest, on=readouts.WHO)
    subjects = summary.subject_rows(mice, MEASURES, within={"failures": (0, 100), "tonic_dopamine": (0, 1)})
    groups = summary.group_rows(subjects)
    for before, after in (("baseline", "helpless"), ("helpless", "ketamine")):
        for measure in MEASURES:
            groups = summary.with_effect(groups, _change(mice, measure, before, after), measure, GROUP, after)
    test = readouts.in_phases(own, PHASES)
    course = readouts.course(test, SIGNALS, readouts.shock_onset(test))
    return summary.tidy(groups, _tests(mice), subjects, summary.trace_rows(course, SIGNALS))


def _change(mice: pd.DataFrame, measure: str, before: str, after: str) -> statistics.Estimate:
    table = readouts.by_phase(mice, measure, PHASES)
    return statistics.paired_effect(table[after], table[before])


def _tests(mice: pd.DataFrame) -> pd.DataFrame:
    """The statistics of the paper: repeated measures over the phases, and the correlation over mice and phases."""
    import pandas as pd

    failures, latency = (readouts.by_phase(mice, measure, PHASES) for measure in ("failures", "latency"))
    rows = [] if len(failures) < 2 else [*_anova_rows("failures", failures), *_anova_rows("latency", latency)]
    r = statistics.pearson(failures.to_numpy().ravel(), latency.to_numpy().ravel())
    return pd.DataFrame([*rows, summary.estimate_row(r, GROUP, "all", "r_failures_latency")])


def _anova_rows(measure: str, table: pd.DataFrame) -> list[dict[str, object]]:
    test = statistics.repeated_measures_anova(table)
    numbers = {"F": test.f, "df_effect": test.df_effect, "df_error": test.df_error, "epsilon": test.epsilon}
    single = {k: statistics.Estimate(v, float("nan"), float("nan"), test.n) for k, v in numbers.items()}
    found = single | {"eta_squared": statistics.eta_squared(table)}
    return [summary.estimate_row(v, GROUP, "all", f"{measure}_{k}") for k, v in found.items()]


def figure(table: pd.DataFrame) -> Figure:
    """Behaviour of each mouse above; below, its dopamine at rest, and what habenula and dopamine did under shock."""
    with figures.styled():
        fig, axes = figures.canvas(["ABC", "DEF"], height_mm=122)
        for letter, measure, label, text in (
            ("A", "failures", "Trials without escape (%)", "Failures to escape"),
            ("B", "latency", "Latency (s)", "Latency to escape"),
            ("D", "tonic_dopamine", "Tonic dopamine (healthy 0.5)", "Dopamine at rest"),
        ):
            figures.paired(axes[letter], table, measure, order=PHASES, colours=COLOURS)
            figures.name_places(axes[letter], table, measure, order=PHASES, by="phase")
            axes[letter].set_ylabel(label)
            figures.caption(axes[letter], letter, text)
        axes["A"].set_ylim(-4, 104)
        figures.from_zero(axes["B"])
        axes["D"].set_ylim(-0.024, 0.62)
        figures.level(axes["D"], 0.5)
        _correlation(axes["C"], table)
        for letter, signal, label, text in (
            ("E", "lhb", "LHb output (resting rates)", "Habenula under shock"),
            ("F", "dopamine", "Phasic dopamine (units of δ)", "Dopamine under shock"),
        ):
            figures.trace(axes[letter], table, signal, order=PHASES, by="phase", colours=COLOURS)
            axes[letter].set(xlabel="Time since shock onset (s)", ylabel=label)
            figures.whole_ticks(axes[letter])
            figures.caption(axes[letter], letter, text)
        axes["E"].set_ylim(0)
        figures.level(axes["F"], 0.0)
        figures.key(axes["F"])
        figures.thinned(fig, table, "mice", joined=True)
    return fig


def _correlation(axes: Axes, table: pd.DataFrame) -> None:
    figures.scatter(axes, table, "failures", "latency", order=PHASES, by="phase", colours=COLOURS)
    r = figures.select(table, "group", "r_failures_latency").iloc[0]
    text = f"r = {r['value']:.2f} [{r['low']:.2f}, {r['high']:.2f}]\n{int(r['n']):,} points"
    axes.text(0.04, 0.98, text, transform=axes.transAxes, va="top", fontsize=7)
    axes.legend(loc="lower right", handletextpad=0.2)
    axes.set(xlabel="Trials without escape (%)", ylabel="Latency (s)", xlim=(-4, 104))
    figures.from_zero(axes)
    figures.caption(axes, "C", "Latency against failures")
