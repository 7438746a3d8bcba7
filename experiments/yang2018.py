"""Yang et al. 2018, Nature 554:317, doi 10.1038/nature25509: congenitally helpless rats and ketamine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures, tasks
from habenula_rl.analysis import readouts, summary
from habenula_rl.figures import Marks, style
from habenula_rl.findings import Claim, Criterion, above, at_most, below, require

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Does ketamine, within the hour, end despair and anhedonia in rats whose habenula bursts too much?"
PREDICTION = (
    "Hyperactivity of the habenula alone makes rats float, leave sucrose and fail to escape. Ketamine takes the bursts "
    "away and brings them back to the healthy level, and hardly changes healthy rats."
)

GROUPS = ("healthy_vehicle", "healthy_ketamine", "helpless_vehicle", "helpless_ketamine")
LABELS = {name: name.replace("_", ", ") for name in GROUPS}
COLOURS = dict(zip(GROUPS, (style.BLUE, style.SKY, style.VERMILION, style.ORANGE), strict=True))
HARDLY = 0.25  # of helpless rats' change, in healthy ones


def _asked(measure: str, worse: Callable[..., figures.Published], better: Callable[..., figures.Published]) -> Marks:
    """What the claim's rows ask of a measure that helplessness makes worse, and ketamine better."""
    row = f"yang2018_rescue/{measure}"
    change = ("helpless_vehicle", "helpless_ketamine")
    return {
        "helpless_vehicle": worse("healthy_vehicle", f"{row}_deficit"),
        "helpless_ketamine": better("helpless_vehicle", f"{row}_change"),
        "healthy_ketamine": figures.Published(-HARDLY, HARDLY, f"{row}_healthy", "healthy_vehicle", change),
    }


PUBLISHED: dict[str, Marks] = {
    "bursts": {"healthy_vehicle": 7.0, "helpless_vehicle": 23.0},  # % of neurons: Yang 2018
    "immobility": _asked("immobility", figures.more, figures.less),
    "preference": _asked("preference", figures.less, figures.more),
}
DASHES = {name: "--" if name.endswith("ketamine") else "-" for name in GROUPS}
MEASURES = {
    "immobility": "forced_swim",
    "preference": "sucrose",
    "drinks": "sucrose",
    "failures": "shuttle",
    "bursts": "forced_swim",
    "tonic_dopamine": "forced_swim",
}
COMPARED = (
    ("healthy_ketamine", "healthy_vehicle"),
    ("helpless_ketamine", "helpless_vehicle"),
    ("helpless_vehicle", "healthy_vehicle"),
)
SIGNALS = ("lhb", "dopamine")
SWIM_BIN_S, VISITS_BIN = 30, 25


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Immobility, preference, visits with a drink, failures and bursts (%), tonic dopamine, effects, and traces.

    The effect beside a ketamine group is that of the drug against its vehicle group, beside helpless vehicle that of
    helplessness; group "interaction" is how much more the drug changed the helpless than the healthy.
    """
    subjects = behaviour(trials)
    groups = summary.group_rows(subjects)
    for measure, phase in MEASURES.items():
        for treated, reference in COMPARED:
            pair = [summary.values(subjects, measure, g, phase) for g in (treated, reference)]
            groups = summary.with_effect(groups, summary.effect(*pair), measure, treated, phase)
    return summary.tidy(groups, _interactions(subjects), subjects, *_traces(trials))


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """Every rat's readouts, as subject rows: behaviour and bursts at rest in per cent, tonic dopamine at rest."""
    import pandas as pd

    escaped = readouts.escapes(trials, ["shuttle"]).rename(columns={"failed": "failures", "failures": "failed_trials"})
    rest = readouts.at_rest(trials, ["burst", "tonic_dopamine"], ["forced_swim"]).rename(columns={"burst": "bursts"})
    parts = (
        (readouts.immobility(trials, ["forced_swim"]), ["immobility"]),
        (readouts.drinking(trials, ["sucrose"], task=tasks.SucrosePreference(free=True)), ["preference", "drinks"]),
        (escaped, ["failures"]),
        (rest, ["bursts"]),
    )
    found = [summary.subject_rows(t, m, percent=m) for t, m in parts]
    return pd.concat([*found, summary.subject_rows(rest, ["tonic_dopamine"])], ignore_index=True)


def _interactions(subjects: pd.DataFrame) -> pd.DataFrame:
    """(helpless ketamine - helpless vehicle) - (healthy ketamine - healthy vehicle), also in standard deviations."""
    import pandas as pd

    rows = []
    for measure, phase in MEASURES.items():
        samples = [summary.values(subjects, measure, g, phase) for g in GROUPS]
        found = summary.compared(lambda a, b, c, d: (d - c) - (b - a), *samples)
        within = np.sqrt(np.mean([np.var(x, ddof=1) if len(x) > 1 else np.nan for x in samples]))
        scale = 1.0 / within if within > 0.0 else np.nan
        effect = {"effect": found.value * scale, "effect_low": found.low * scale, "effect_high": found.high * scale}
        rows.append(summary.estimate_row(found, "interaction", phase, measure) | effect)
    return pd.DataFrame(rows)


def _traces(trials: pd.DataFrame) -> list[pd.DataFrame]:
    swim, sucrose, shuttle = (readouts.in_phases(trials, [name]) for name in ("forced_swim", "sucrose", "shuttle"))
    courses = (
        readouts.course(swim, SIGNALS, swim["step"], bin_width=SWIM_BIN_S),
        readouts.course(sucrose, SIGNALS, sucrose["trial"], bin_width=VISITS_BIN),
        readouts.course(shuttle, SIGNALS, readouts.shock_onset(shuttle)),
    )
    return [summary.trace_rows(course, SIGNALS) for course in courses]


def story(table: pd.DataFrame) -> list[str]:
    """What helpless rats do an hour after vehicle and after ketamine, and what the paper found."""
    lines = []
    for measure, said, found in (
        ("immobility", "lie still in {} of the forced swim", "it fell within the hour"),
        ("preference", "take sucrose in {} of their drinks", "it rose again within the hour"),
        ("bursts", "have {} of their habenula neurons bursting", "ketamine took the bursts"),
    ):
        means = figures.select(table, "group", measure).set_index("group")["value"]
        own = [means.get(name, float("nan")) for name in GROUPS[2:]]
        if all(value == value for value in own):
            before, after = (f"{value:.0f} %" for value in own)
            lines.append(f"Helpless rats {said.format(before)}, and {after} after ketamine; in the paper {found}.")
    return lines


def figure(table: pd.DataFrame) -> Figure:
    """Behaviour of each rat above; below, what it brought to the first test, and the habenula's course in two."""
    with figures.styled():
        fig, axes = figures.canvas(["ABCD", "EFGH"], height_mm=135)
        for letter, measure, label, text in (
            ("A", "immobility", "Immobile in min 3-6 (%)", "Forced swim"),
            ("B", "preference", "Sucrose (% of drinks)", "Sucrose preference"),
            ("C", "drinks", "Visits with a drink (%)", "Drinking"),
            ("D", "failures", "Without escape (%)", "Shuttle box"),
            ("E", "bursts", "Bursting neurons (%)", "Habenula at rest"),
            ("F", "tonic_dopamine", "Dopamine (health 0.5)", "Dopamine at rest"),
        ):
            published = PUBLISHED.get(measure)
            figures.individuals(
                axes[letter], table, measure, order=GROUPS, by="group", colours=COLOURS, published=published
            )
            _group_names(axes[letter], table, measure)
            axes[letter].set(ylabel=label)
            figures.caption(axes[letter], letter, text)
            if letter in "ABCD":
                axes[letter].set_ylim(-4, 104)
        figures.level(axes["B"], 50.0)
        figures.from_zero(axes["E"])
        axes["F"].set_ylim(-0.024, 0.62)
        figures.level(axes["F"], 0.5)
        for letter, phase, time, text in (
            ("G", "forced_swim", "Time since entry (s)", "Habenula, swim"),
            ("H", "sucrose", "Visit", "Habenula, spouts"),
        ):
            figures.trace(
                axes[letter],
                table,
                "lhb",
                order=GROUPS,
                by="group",
                colours=COLOURS,
                labels=LABELS,
                dashes=DASHES,
                phase=phase,
            )
            axes[letter].set(xlabel=time, ylabel="LHb output (resting rates)")
            figures.from_zero(axes[letter])
            figures.whole_ticks(axes[letter])
            figures.caption(axes[letter], letter, text)
        figures.alike(axes["G"], axes["H"])
        figures.shared_key(fig, axes["G"])
        figures.footnote(
            fig, f"{figures.marks(fig, table, 'rats of each group')}\nLine in B: no preference; in F: health."
        )
    return fig


def _group_names(axes: Axes, table: pd.DataFrame, measure: str) -> None:
    drugs = {name: "ket." if name.endswith("ketamine") else "veh." for name in GROUPS}
    figures.name_places(axes, table, measure, order=GROUPS, by="group", labels=drugs, lines=1)
    same = "\n" not in axes.get_xticklabels()[0].get_text()
    for middle, name in ((0.5, "healthy"), (2.5, "helpless")):
        axes.annotate(
            name,
            (middle, 0),
            (0, -15 if same else -25),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7,
        )


# Claims. Where a finding is stated loosely, the plain reading that is tested stands in the test's docstring; all were
# fixed before the claims were first run.

YANG = (
    "Yang Y, Cui Y, Sang K, Dong Y, Ni Z, Ma S, Hu H (2018) Ketamine blocks bursting in the lateral habenula to "
    "rapidly relieve depression. Nature 554:317-322, doi 10.1038/nature25509"
)
BLOCKED = {"helpless_ap5": "NMDA receptors", "helpless_mibefradil": "T-type channels"}
NAMES = {"immobility": "immobility", "preference": "sucrose preference"}


def yang2018_rescue(trials: pd.DataFrame) -> list[Criterion]:
    """Ketamine reverses immobility and sucrose preference in helpless animals and hardly changes healthy ones.

    So do AP5 and mibefradil in the habenula itself, in helpless animals: a change, whole interval.
    Reversal is read as a change against a deficit that is there, whole intervals; the interaction is the drug's effect
    in helpless minus that in healthy animals, whole interval; hardly is read as no more than 25 % of the change in
    helpless animals.
    """
    require(trials, "yang2018", ["forced_swim", "sucrose"], [*GROUPS, *BLOCKED])
    swim = readouts.immobility(trials, ["forced_swim"], task=tasks.ForcedSwim())
    bottles = readouts.drinking(trials, ["sucrose"], task=tasks.SucrosePreference(free=True))
    immobile, sweet = (
        100.0 * readouts.matched(table, measure, [*GROUPS, *BLOCKED])
        for table, measure in ((swim, "immobility"), (bottles, "preference"))
    )
    return [
        *_rescued("immobility", immobile[list(GROUPS)].dropna(), worse=1.0),
        *_rescued("preference", sweet[list(GROUPS)].dropna(), worse=-1.0),
        *(_blocked("immobility", immobile, group, worse=1.0) for group in BLOCKED),
        *(_blocked("preference", sweet, group, worse=-1.0) for group in BLOCKED),
    ]


def _blocked(measure: str, percent: pd.DataFrame, group: str, worse: float) -> Criterion:
    """What a block in the habenula itself changes in helpless animals."""
    name, what = NAMES[measure], BLOCKED[group]
    change = summary.compared(np.subtract, percent[group], percent["helpless_vehicle"])
    claim = f"a block of the habenula's {what} reverses {name} in helpless rats"
    make = below if worse > 0 else above
    return make(f"{measure}_{group.split('_')[1]}", claim, f"{name} in %, block - vehicle", change)


def _rescued(measure: str, percent: pd.DataFrame, worse: float) -> list[Criterion]:
    """`percent` is (subjects, groups); `worse` is 1 where helplessness raises the measure, -1 where it lowers it."""
    samples = [percent[group] for group in GROUPS]
    healthy, healthy_drug, helpless, helpless_drug = samples
    name = NAMES[measure]
    deficit = summary.compared(np.subtract, helpless, healthy)
    change = summary.compared(np.subtract, helpless_drug, helpless)
    interaction = summary.compared(lambda a, b, c, d: (d - c) - (b - a), *samples)
    hardly = summary.compared(
        lambda a, b, c, d: np.abs(b - a) / np.abs(d - c), healthy, healthy_drug, helpless, helpless_drug
    )
    up, down = (above, below) if worse > 0 else (below, above)
    return [
        up(f"{measure}_deficit", f"helpless rats differ in {name}", f"{name} in %, helpless - healthy", deficit),
        down(
            f"{measure}_change",
            f"ketamine reverses {name} in helpless rats",
            f"{name} in %, ketamine - vehicle",
            change,
        ),
        down(f"{measure}_interaction", "and more than in healthy ones", f"{name} in %, group × drug", interaction),
        at_most(
            f"{measure}_healthy",
            f"healthy rats' {name} hardly changes",
            "size of their change over helpless rats'",
            hardly,
            HARDLY,
        ),
    ]


CLAIMS = (
    Claim(
        "yang2018_rescue",
        YANG,
        "Ketamine ends despair and anhedonia in congenitally helpless rats",
        yang2018_rescue,
        origin="target",
        origins={
            "immobility_ap5": "prediction",
            "immobility_mibefradil": "prediction",
            "preference_ap5": "prediction",
            "preference_mibefradil": "prediction",
        },
        sures={"immobility_healthy": "set", "preference_healthy": "set"},
    ),
)
