"""Wu et al. 2021, eLife 10:e64041, doi 10.7554/eLife.64041: mice after learned helplessness and ketamine."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.figures import style
from habenula_rl.findings import Claim, Criterion, above, at_least, below, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
QUESTION = "Does one dose of ketamine bring back the escape that mice lost to inescapable shock?"
PREDICTION = (
    "Stress without control makes the habenula burst: mice fail to escape and dopamine is low. "
    "Ketamine takes the bursts away, dopamine comes back, and the same mice escape again."
)

GROUP = "mice"
PHASES = ("baseline", "helpless", "ketamine")
COLOURS = {"baseline": style.BLUE, "helpless": style.VERMILION, "ketamine": style.GREEN}
MEASURES = ("failures", "latency", "hyperactivity", "tonic_dopamine", "lhb_shock", "dopamine_shock", "dopamine_escape")
PUBLISHED = {"failures_eta_squared": 0.80, "latency_eta_squared": 0.81, "r_failures_latency": 0.93}  # of 8 mice
NAMES = {phase: phase for phase in PHASES}
PANELS = {
    "A": figures.Panel("failures", "Trials without escape (%)", "Failures to escape", NAMES, ends=(0, 100), by="phase"),
    "B": figures.Panel("latency", "Latency (s)", "Latency to escape", NAMES, by="phase"),
    "D": figures.Panel(
        "tonic_dopamine", "Dopamine (health 0.5)", "Dopamine at rest", NAMES, level=0.5, ends=(0, 0.6), by="phase"
    ),
    "E": figures.Panel("lhb_shock", "LHb output (resting rates)", "Habenula at shock onset", NAMES, by="phase"),
}
STATISTICS = {
    "failures_eta_squared": "partial η²,\nfailures",
    "latency_eta_squared": "partial η²,\nlatency",
    "r_failures_latency": "r, latency\nand failures",
}


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Failures (%), latency (s), hyperactivity, tonic dopamine and signals under shock of each phase; statistics."""
    own = readouts.in_groups(trials, [GROUP])
    escaped = readouts.escapes(own, PHASES).assign(failures=lambda t: 100.0 * t["failed"])
    rest = readouts.at_rest(own, ("hyperactivity", "tonic_dopamine"), PHASES)
    mice = escaped.merge(rest, on=readouts.WHO).merge(_under_shock(own), on=readouts.WHO)
    subjects = summary.subject_rows(mice, MEASURES, within={"failures": (0, 100), "tonic_dopamine": (0, 1)})
    groups = summary.group_rows(subjects)
    for before, after in (("baseline", "helpless"), ("helpless", "ketamine")):
        for measure in MEASURES:
            groups = summary.with_effect(groups, _change(mice, measure, before, after), measure, GROUP, after)
    return summary.tidy(groups, _tests(mice), subjects)


def _under_shock(own: pd.DataFrame) -> pd.DataFrame:
    """Of each mouse and phase: the habenula's output in the first second of shock, in which all mice are in all trials;
    phasic dopamine while a shock goes on, and in the second that ends it. No value where there was no such second.
    """
    test = readouts.in_phases(own, PHASES)
    second, ended = readouts.shock_onset(test), test["terminated"].astype(bool)
    parts = {
        "lhb_shock": test["lhb"].where(second == 1.0),
        "dopamine_shock": test["dopamine"].where((second >= 1.0) & ~ended),
        "dopamine_escape": test["dopamine"].where((second >= 1.0) & ended),
    }
    return test[readouts.WHO].assign(**parts).groupby(readouts.WHO, observed=True).mean().reset_index()


def _change(mice: pd.DataFrame, measure: str, before: str, after: str) -> statistics.Estimate:
    table = readouts.by_phase(mice, measure, PHASES)
    return statistics.paired_effect(table[after], table[before])


def _tests(mice: pd.DataFrame) -> pd.DataFrame:
    """The statistics of the paper: repeated measures over the phases, and the correlation over mice and phases."""
    import pandas as pd

    failures, latency = (readouts.by_phase(mice, measure, PHASES) for measure in ("failures", "latency"))
    rows = [] if len(failures) < 2 else [*_anova_rows("failures", failures), *_anova_rows("latency", latency)]
    r = correlation(failures.to_numpy(), latency.to_numpy())
    return pd.DataFrame([*rows, summary.estimate_row(r, GROUP, "all", "r_failures_latency")])


def correlation(failures: Array, latency: Array) -> statistics.Estimate:
    """Pearson's r over all mice and phases at once, of (mice, phases) each."""
    return statistics.pearson(failures.ravel(), latency.ravel())


def _anova_rows(measure: str, table: pd.DataFrame) -> list[dict[str, object]]:
    test = statistics.repeated_measures_anova(table)
    numbers = {"F": test.f, "df_effect": test.df_effect, "df_error": test.df_error, "greenhouse_geisser": test.epsilon}
    single = {k: statistics.Estimate(v, float("nan"), float("nan"), test.n) for k, v in numbers.items()}
    found = single | {"eta_squared": statistics.eta_squared(table)}
    return [summary.estimate_row(v, GROUP, "all", f"{measure}_{k}") for k, v in found.items()]


def figure(table: pd.DataFrame) -> Figure:
    """Behaviour of each mouse above, with the paper's statistics; below, its dopamine and habenula."""
    with figures.styled():
        fig, axes = figures.canvas(["ABC", "DEF"], height_mm=122)
        for letter, panel in PANELS.items():
            panel.draw(axes[letter], letter, table, COLOURS)
        figures.from_zero(axes["B"])
        figures.from_zero(axes["E"])
        _statistics(axes["C"], table)
        _dopamine(axes["F"], table)
        what = (
            "C: η² of phases, r over mice and phases. E: the first second of shock.\nF, left, "
            "while shock goes on; right, in the second that ends it."
        )
        figures.footnote(fig, f"{figures.marks(fig, table, 'mice')}\n{what}")
    return fig


def story(table: pd.DataFrame) -> list[str]:
    """What the mice did, and what the paper's did."""
    means = figures.select(table, "group", "failures").set_index("phase")["value"]
    dopamine = figures.select(table, "group", "tonic_dopamine").set_index("phase")["value"]
    eta = figures.select(table, "group", "failures_eta_squared")["value"]
    before, after, drug = (f"{means[phase]:.0f} %" for phase in PHASES)
    lines = [
        f"Failures: the mice failed to escape in {before} of trials at baseline, in {after} after shock that they "
        f"could not end, and in {drug} after ketamine. In the paper they rose and fell again.",
        f"Dopamine at rest: {dopamine['baseline']:.2f} at baseline, {dopamine['helpless']:.2f} in helpless mice, "
        f"{dopamine['ketamine']:.2f} after ketamine (½ is health).",
    ]
    effect = PUBLISHED["failures_eta_squared"]
    return lines + [
        f"Size of the effect: the phases explain {100 * value:.0f} % of the variance in failures within mice "
        f"(partial η²); in the paper's eight, {100 * effect:.0f} %."
        for value in eta
    ]


def _statistics(axes: Axes, table: pd.DataFrame) -> None:
    """The statistics that the paper reports, of these mice and of its own eight."""
    rows = table[table["measure"].isin(STATISTICS)]
    figures.individuals(
        axes,
        rows.assign(measure="statistic", place=rows["measure"]),
        "statistic",
        order=list(STATISTICS),
        by="place",
        colours=dict.fromkeys(STATISTICS, style.SKY),
        published=PUBLISHED,
    )
    axes.set_xticks([x + 0.42 for x in range(len(STATISTICS))], list(STATISTICS.values()))
    axes.set(xlim=(-0.2, 3.0), ylim=(0.0, 1.04), ylabel="Statistic")
    figures.key(axes, loc="lower left")
    figures.caption(axes, "C", "What the paper reports")


def _dopamine(axes: Axes, table: pd.DataFrame) -> None:
    """Each phase twice: while shock goes on, and in the second of escape."""
    places = [f"{phase} {moment}" for phase in PHASES for moment in ("shock", "escape")]
    rows = table.assign(place=table["phase"] + " " + table["measure"].str.removeprefix("dopamine_"))
    both = rows[rows["place"].isin(places)].assign(measure="dopamine")
    colours = {place: COLOURS[place.split()[0]] for place in places}
    figures.individuals(axes, both, "dopamine", order=places, by="place", colours=colours)
    axes.set_xticks([0.62, 2.62, 4.62], PHASES)
    figures.level(axes, 0.0)
    axes.set(xlabel="shock goes on | shock ends", ylabel="Phasic dopamine (units of δ)")
    axes.xaxis.label.set_size(7)
    figures.caption(axes, "F", "Dopamine, shock and escape")


# Claims. Where a finding is stated loosely, the plain reading that is tested stands in the test's docstring; all were
# fixed before the claims were first run.

BASELINE, HELPLESS, KETAMINE = range(3)
PUBLISHED_MICE = 8
WU = (
    "Wu M, Minkowicz S, Dumrongprechachan V, Hamilton P, Xiao L, Kozorovitskiy Y (2021) Attenuated dopamine signaling "
    "after aversive learning is restored by ketamine to rescue escape actions. eLife 10:e64041, doi 10.7554/eLife.64041"
)


def wu2021(trials: pd.DataFrame) -> list[Criterion]:
    """Order, partial η² .6 to .95 and r > .85, with all mice and as experiments with 8 mice each.

    Order is read as the two published comparisons: failures rise from baseline to helpless and fall from helpless to
    ketamine. For 8 mice the subjects are cut into experiments of 8; the median over these experiments has to meet the
    criterion, and at least 95 % of them have to show the order. Both have the exact interval of their kind: with few
    experiments nothing is decided, even where all of them agree.
    """
    require(trials, "wu2021", PHASES, ["mice"])
    escaped = readouts.in_groups(readouts.escapes(trials, PHASES), ["mice"])
    failed, latency = (readouts.by_phase(escaped, m, PHASES).to_numpy(float) for m in ("failed", "latency"))
    failures = 100.0 * failed
    rise = statistics.mean_interval(failures[:, HELPLESS] - failures[:, BASELINE])
    fall = statistics.mean_interval(failures[:, KETAMINE] - failures[:, HELPLESS])
    parts = [
        above("rise", "inescapable shock makes mice fail to escape", "change of failures in % of trials", rise),
        below("rescue", "ketamine brings escape back", "change of failures in % of trials", fall),
    ]
    parts += [
        _eta("eta2_failures", "failures", statistics.eta_squared(failures)),
        _eta("eta2_latency", "latency", statistics.eta_squared(latency)),
        _r("r", correlation(failures, latency)),
    ]
    return parts + _as_published(failures, latency)


def _as_published(failures: Array, latency: Array) -> list[Criterion]:
    """The same in experiments with 8 mice each; mice left over are left out."""
    if len(failures) < PUBLISHED_MICE:
        raise ValueError(f"wu2021 needs at least {PUBLISHED_MICE} mice with all three phases, not {len(failures)}")
    experiments = partial(statistics.in_experiments, size=PUBLISHED_MICE)
    eta_failures, eta_latency = (experiments(_eta_squared, table) for table in (failures, latency))
    r = experiments(lambda x, y: correlation(x, y).value, failures, latency)
    ordered = experiments(_ordered, failures)
    parts = [
        at_least(
            "order_n8",
            "the order shows with 8 mice",
            "fraction of experiments with 8 mice in that order",
            _share(ordered),
            0.95,
        ),
        _eta("eta2_failures_n8", "failures, 8 mice", _median(eta_failures), "median "),
        _eta("eta2_latency_n8", "latency, 8 mice", _median(eta_latency), "median "),
        _r("r_n8", _median(r), "median "),
    ]
    return [replace(part, of_subjects=False) for part in parts]


def _eta_squared(table: Array) -> float:
    return statistics.repeated_measures_anova(table).eta_squared


def _ordered(failures: Array) -> float:
    means = failures.mean(axis=0)
    return float(means[BASELINE] < means[HELPLESS] > means[KETAMINE])


def _share(held: list[float]) -> statistics.Estimate:
    """The fraction of experiments in which something held (1.0, else 0.0), with its exact binomial interval."""
    from scipy.stats import binomtest

    found = binomtest(int(sum(held)), len(held))
    interval = found.proportion_ci()
    return statistics.Estimate(found.statistic, float(interval.low), float(interval.high), len(held) * PUBLISHED_MICE)


def _median(values: list[float]) -> statistics.Estimate:
    """The median of a statistic over experiments, with its exact interval, which needs 6; undefined where one is."""
    from scipy.stats import quantile_test

    middle, n = float(np.median(values)), len(values) * PUBLISHED_MICE
    if math.isnan(middle):
        return statistics.Estimate(middle, math.nan, math.nan, n)
    interval = quantile_test(values).confidence_interval()
    return statistics.Estimate(middle, float(interval.low), float(interval.high), n)


def _eta(name: str, measure: str, found: statistics.Estimate, prefix: str = "") -> Criterion:
    return within(name, f"the phases explain most of the variance ({measure})", f"{prefix}partial η²", found, 0.6, 0.95)


def _r(name: str, found: statistics.Estimate, prefix: str = "") -> Criterion:
    return above(name, "mice that fail more are slower", f"{prefix}r of failures and latency", found, 0.85)


CLAIMS = (
    Claim(
        "wu2021",
        WU,
        "Mice fail to escape after inescapable shock, and escape again after ketamine",
        wu2021,
        origin="target",
        origins={"r": "built in", "r_n8": "built in"},
        sures={"eta2_failures": "D", "eta2_latency": "D", "eta2_failures_n8": "D", "eta2_latency_n8": "D"},
        group_size=8,
    ),
)
