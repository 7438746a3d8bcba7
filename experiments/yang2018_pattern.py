"""Yang et al. 2018, Nature 554:317, doi 10.1038/nature25509: bursts evoked by light, against as many single spikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures, tasks
from habenula_rl.analysis import readouts, summary
from habenula_rl.figures import style
from habenula_rl.findings import Claim, Criterion, above, at_most, below, require

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = (
    "Is it how many spikes the habenula fires, or that it fires them in bursts, that makes healthy animals despair?"
)
PREDICTION = (
    "Light that makes neurons burst makes healthy animals float and leave sucrose. Light that adds the same number of "
    "single spikes does neither, because bursts weigh more on the midbrain and they alone set its tonic level."
)

STORY = (
    "Forced swim (A, D): healthy animals float in {immobility[no_light]:.0f} % of minutes 3 to 6 without light, in "
    "{immobility[bursts_30]:.0f} % under light that makes neurons burst, and in {immobility[tonic_30]:.0f} % under "
    "light that adds as many single spikes. Yang et al. 2018 found more floating under bursts, and no change under "
    "single spikes.",
    "Sucrose (B, E): under bursts animals drink at {drinks[bursts_30]:.0f} % of visits, under single spikes at "
    "{drinks[tonic_30]:.0f} %, without light at {drinks[no_light]:.0f} %; of what they drink "
    "{preference[tonic_30]:.0f} % is sucrose under single spikes and {preference[no_light]:.0f} % without light. "
    "Yang et al. found less preference under bursts, and no change under single spikes.",
    "Dopamine at rest (C, F): {tonic_dopamine[no_light]:.2f} without light, {tonic_dopamine[bursts_30]:.2f} under "
    "bursts, {tonic_dopamine[tonic_30]:.2f} under single spikes (½ is health).",
)
HARDLY = 0.25  # of the change under bursts
PUBLISHED = {
    measure: {
        "bursts_30": way("no_light", f"yang2018_pattern/{measure}_bursts"),
        "tonic_30": figures.Published(
            -HARDLY, HARDLY, f"yang2018_pattern/{measure}_tonic", "no_light", ("no_light", "bursts_30")
        ),
    }
    for measure, way in (("immobility", figures.more), ("preference", figures.less))
}

REFERENCE = "no_light"
RATES = (10, 20, 30, 50)  # spikes that the light adds, in % of the resting rate
GROUPS = (REFERENCE, "tonic_30", "bursts_30")
COLOURS = {REFERENCE: style.GREY, "tonic": style.BLUE, "bursts": style.VERMILION}
LABELS = {REFERENCE: "no light", "tonic_30": "tonic", "bursts_30": "bursts"}
MEASURES = {"immobility": "forced_swim", "preference": "sucrose", "drinks": "sucrose", "tonic_dopamine": "forced_swim"}


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Immobility, preference, visits with a drink (%), dopamine at rest; each light's effect; means against its rate.

    The effect beside a group is that of its light against no light. The rows of level "trace" are groups "tonic" and
    "bursts" with the added rate (% of the resting rate) as their time; 0 is no light.
    """
    subjects = behaviour(trials)
    groups = summary.group_rows(subjects)
    for measure, phase in MEASURES.items():
        dark = summary.values(subjects, measure, REFERENCE, phase)
        for group in (f"{pattern}_{rate}" for pattern in ("tonic", "bursts") for rate in RATES):
            effect = summary.effect(summary.values(subjects, measure, group, phase), dark)
            groups = summary.with_effect(groups, effect, measure, group, phase)
    return summary.tidy(groups, subjects, _against_rate(groups))


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """Every animal's readouts, as subject rows: behaviour in per cent, dopamine at rest (½ in health)."""
    import pandas as pd

    fractions = (
        (readouts.immobility(trials, ["forced_swim"]), ["immobility"]),
        (readouts.drinking(trials, ["sucrose"], task=tasks.SucrosePreference(free=True)), ["preference", "drinks"]),
    )
    rest = readouts.at_rest(trials, ["tonic_dopamine"], ["forced_swim"])
    parts = [summary.subject_rows(table, names, percent=names) for table, names in fractions]
    return pd.concat([*parts, summary.subject_rows(rest, ["tonic_dopamine"])], ignore_index=True)


def _against_rate(groups: pd.DataFrame) -> pd.DataFrame:
    """The groups' means once more, a course over the added rate for each pattern; both begin without light."""
    import pandas as pd

    parts = []
    for pattern in ("tonic", "bursts"):
        rates = {REFERENCE: 0} | {f"{pattern}_{rate}": rate for rate in RATES}
        rows = groups[groups["group"].isin(rates)]
        parts.append(rows.assign(level="trace", time=rows["group"].map(rates).astype(float), group=pattern))
    return pd.concat(parts)[["level", "group", "phase", "measure", "time", "value", "low", "high", "n"]]


def story(table: pd.DataFrame) -> list[str]:
    """Floating, drinking and dopamine under each light, and what the paper found."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Each animal under matched light above; below, the groups' means against how much light there is."""
    with figures.styled():
        fig, axes = figures.canvas(["ABC", "DEF"], height_mm=125)
        for above, below, measure, label, text in (
            ("A", "D", "immobility", "Immobile in min 3-6 (%)", "Forced swim"),
            ("B", "E", "preference", "Sucrose (% of drinks)", "Sucrose preference"),
            ("C", "F", "tonic_dopamine", "Dopamine (health 0.5)", "Dopamine at rest"),
        ):
            _animals(axes[above], table, measure, label)
            figures.caption(axes[above], above, text)
            _means(axes[below], table, measure, label)
            figures.caption(axes[below], below, f"{text}, any light")
        for letter in "BE":
            figures.level(axes[letter], 50.0)  # no preference
        figures.key(axes["D"])
        matched = (
            "A-C: light that adds 30 % of the resting rate, as bursts or as single spikes. Line at 50 %: no preference."
        )
        figures.footnote(fig, f"{figures.marks(fig, table, 'animals of each group')}\n{matched}")
    return fig


def _animals(axes: Axes, table: pd.DataFrame, measure: str, label: str) -> None:
    colours = {name: COLOURS[name.removesuffix("_30")] for name in GROUPS}
    published = PUBLISHED.get(measure)
    figures.individuals(axes, table, measure, order=GROUPS, by="group", colours=colours, published=published)
    figures.name_places(axes, table, measure, order=GROUPS, by="group", labels=LABELS)
    axes.set(ylabel=label, ylim=_limits(measure))


def _means(axes: Axes, table: pd.DataFrame, measure: str, label: str) -> None:
    patterns = ("tonic", "bursts")
    figures.trace(axes, table, measure, order=patterns, by="group", colours=COLOURS)
    axes.set(xlabel="Spikes added (% of resting rate)", ylabel=label, ylim=_limits(measure), xticks=(0, *RATES))


def _limits(measure: str) -> tuple[float, float]:
    return (-0.024, 0.624) if measure == "tonic_dopamine" else (-4.0, 104.0)


# Claims. Where a finding is stated loosely, the plain reading that is tested stands in the test's docstring; all were
# fixed before the claims were first run.

YANG = (
    "Yang Y, Cui Y, Sang K, Dong Y, Ni Z, Ma S, Hu H (2018) Ketamine blocks bursting in the lateral habenula to "
    "rapidly relieve depression. Nature 554:317-322, doi 10.1038/nature25509"
)


def yang2018_pattern(trials: pd.DataFrame) -> list[Criterion]:
    """Bursts evoked in healthy animals raise immobility and lower sucrose preference; as many single spikes do not.

    Read as: a change under bursts against no light, whole interval; a change under tonic light of no more than 25 % of
    that, as "hardly" is read in yang2018_rescue; and a difference between the two patterns, whole interval.
    """
    require(trials, "yang2018_pattern", ["forced_swim", "sucrose"], GROUPS)
    swim = readouts.immobility(trials, ["forced_swim"], task=tasks.ForcedSwim())
    bottles = readouts.drinking(trials, ["sucrose"], task=tasks.SucrosePreference(free=True))
    return [
        *_patterned("immobility", "immobility", "raise", 100.0 * readouts.matched(swim, "immobility", GROUPS)),
        *_patterned(
            "preference", "sucrose preference", "lower", 100.0 * readouts.matched(bottles, "preference", GROUPS)
        ),
    ]


def _patterned(measure: str, name: str, do: str, percent: pd.DataFrame) -> list[Criterion]:
    """`percent` is (subjects, groups)."""
    dark, tonic, bursts = (percent[group] for group in GROUPS)
    worse = above if do == "raise" else below
    hardly = summary.compared(lambda d, t, b: np.abs(t - d) / np.abs(b - d), dark, tonic, bursts)
    changed = summary.compared(np.subtract, bursts, dark)
    apart = summary.compared(np.subtract, bursts, tonic)
    of = f"{name} in %"
    return [
        worse(f"{measure}_bursts", f"bursts {do} {name}", f"{of}, bursts - no light", changed),
        at_most(
            f"{measure}_tonic",
            f"as many single spikes hardly change {name}",
            "size of the change over that under bursts",
            hardly,
            HARDLY,
        ),
        worse(f"{measure}_pattern", f"bursts {do} it more than single spikes", f"{of}, bursts - tonic", apart),
    ]


CLAIMS = (
    Claim(
        "yang2018_pattern",
        YANG,
        "Bursts of the habenula make healthy animals despair, as many single spikes do not",
        yang2018_pattern,
        origins={
            "immobility_tonic": "built in",
            "preference_tonic": "built in",
            "immobility_pattern": "built in",
            "preference_pattern": "built in",
        },
    ),
)
