"""Does a healthy animal learn? Reward and punishment, beside 103 and 406 people and a Q-learner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.figures import style
from habenula_rl.findings import Claim, Criterion, at_least, at_most, require, within
from habenula_rl.tasks import TASKS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Does an animal with a healthy habenula learn from reward and from punishment?"
PREDICTION = (
    "It learns to act and to hold still, to win and to avoid, about as people do; it follows reversals, avoids shock "
    "and works for what is worth it at least nearly as well as a plain Q-learner with its defaults."
)

GROUPS = ("healthy", "q_learning")
ANEW = {f"{group}_{how}": group for group in GROUPS for how in ("avoiding", "crossing")}  # naive where they are shocked
COLOURS = {"healthy": style.BLUE, "q_learning": style.GREY}
NAMES = {"healthy": "healthy habenula", "q_learning": "Q-learning"}
CONDITIONS = {
    "go_to_win": ("go to win", style.GREEN),
    "go_to_avoid": ("go to avoid", style.VERMILION),
    "no_go_to_win": ("no-go to win", style.BLUE),
    "no_go_to_avoid": ("no-go to avoid", style.ORANGE),
}

# 103 people, 60 trials a condition: overall, and by exposure to the same cue.
PEOPLE = {"go_to_win": 0.937, "go_to_avoid": 0.832, "no_go_to_win": 0.700, "no_go_to_avoid": 0.808}
EXPOSURES = (1, 5, 10, 20, 30)
BY_EXPOSURE = {
    "go_to_win": (0.81, 0.91, 0.92, 0.98, 0.97),
    "go_to_avoid": (0.59, 0.71, 0.82, 0.91, 0.90),
    "no_go_to_win": (0.23, 0.55, 0.66, 0.81, 0.83),
    "no_go_to_avoid": (0.39, 0.70, 0.80, 0.90, 0.88),
}
# 406 people, six blocks of 15 trials: choices of the good arm by trial within a block, and how often they stayed.
BLOCK = 15
BY_TRIAL = (0.215, 0.337, 0.427, 0.493, 0.549, 0.599, 0.620, 0.642, 0.639, 0.663, 0.658, 0.656, 0.677, 0.668, 0.666)
STAYED = {"after reward": 0.868, "after none": 0.353}

GO_NOGO = (
    "Zorowitz S, Karni G, Paredes N, Daw N, Niv Y (2025) Improving the reliability of the Pavlovian go/no-go task. "
    "Computational Psychiatry, doi 10.5334/cpsy.127"
)
REVERSALS = (
    "Zorowitz S, Solis J, Niv Y, Bennett D (2023) Inattentive responding can induce spurious associations between task "
    "behaviour and symptom measures. Nat Hum Behav 7:1667, doi 10.1038/s41562-023-01640-7; counted from its open data"
)
AS_Q_LEARNING = "this package's own demand: what learns by prediction errors should do about as well as a Q-learner"
TOLERANCE = 0.06  # of an accuracy
NEARLY = 0.95  # of what Q-learning reaches

# phase -> its panel's name, and what is measured: the fraction of choices, or of trials, that are right
TASKS_BESIDE = {
    "two_arms": "reversal,\n80 and 20 %",
    "certain_arms": "reversal,\n100 and 0 %",
    "bandit": "four-armed\nbandit",
    "selection": "probabilistic\nselection",
    "effort": "hard work\nfor more",
    "grid": "grid world,\ngoal",
    "avoidance": "shocks\navoided",
    "two_crossings": "escapes by\ntwo crossings",
}


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Every subject's fraction of what is right (%), by phase; and the curves beside people's, in trials (`time`)."""
    import pandas as pd

    trials = trials.assign(group=trials["group"].astype(str).replace(ANEW))

    accuracy = readouts.go_nogo_accuracy(trials, ["go_no_go"])
    parts = [
        summary.subject_rows(table.rename(columns={"accuracy": condition}), [condition], percent=[condition])
        for condition in CONDITIONS
        if not (table := accuracy[accuracy["condition"] == condition]).empty
    ]
    parts += [summary.subject_rows(right(trials, phase), ["right"], percent=["right"]) for phase in TASKS_BESIDE]
    stay = readouts.stay_shift(trials, ["three_arms"]).assign(lose_stay=lambda t: 1.0 - t["lose_shift"])
    parts.append(summary.subject_rows(stay, ["win_stay", "lose_stay"], percent=["win_stay", "lose_stay"]))
    subjects = pd.concat(parts, ignore_index=True)
    return summary.tidy(summary.group_rows(subjects), subjects, _by_exposure(trials), _by_trial(trials))


def right(trials: pd.DataFrame, phase: str) -> pd.DataFrame:
    """A row for each subject: column right, the fraction of its choices, or of its trials, that are right."""
    rows = readouts.in_phases(trials, [phase])
    if phase in ("two_arms", "certain_arms", "bandit"):
        return readouts.best_choices(rows).rename(columns={"best": "right"})
    if phase == "selection":
        return readouts.selection(rows).rename(columns={"AB": "right"})
    if phase == "effort":
        late = readouts.effort_choices(rows[rows["trial"] >= 50])
        return late.assign(right=late["worked"])
    if phase == "grid":
        return readouts.hazards_hit(rows, task=TASKS["GridWorld"]()).rename(columns={"goal": "right"})
    if phase == "avoidance":
        return readouts.avoidance(rows[rows["trial"] >= 80]).rename(columns={"avoided": "right"})
    escaped = readouts.escapes(rows)
    return escaped.assign(right=1.0 - escaped["failed"])


def _by_exposure(trials: pd.DataFrame) -> pd.DataFrame:
    rows = readouts.go_nogo_accuracy(trials, ["go_no_go"], bin_exposures=1)
    return _curve(rows.assign(measure="curve_" + rows["condition"], time=rows["exposure"], value=rows["accuracy"]))


def _by_trial(trials: pd.DataFrame) -> pd.DataFrame:
    rows = readouts.best_choices(trials, ["three_arms"], bin_trials=1)
    return _curve(rows.assign(measure="curve_block", time=rows["trial"] % BLOCK + 1, value=rows["best"].astype(float)))


def _curve(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over subjects (%) at each time, with their 95 % intervals."""
    import pandas as pd

    each = rows.groupby(["group", "phase", "measure", "time", "subject"], observed=True)["value"].mean()
    table = []
    for _, of_one in each.reset_index().groupby(["group", "phase", "measure", "time"], observed=True):
        estimate = statistics.mean_interval(100.0 * of_one["value"].to_numpy())
        where = (of_one[name].iloc[0] for name in ("group", "phase", "measure"))
        table.append(summary.estimate_row(estimate, *where) | {"level": "trace", "time": of_one["time"].iloc[0]})
    return pd.DataFrame(table).astype({"time": float})


def figure(table: pd.DataFrame) -> Figure:
    """Learning curves of healthy animals beside people's; below, each task beside a Q-learner."""
    with figures.styled():
        fig, axes = figures.canvas(["AB", "CC"], height_mm=140)
        _draw_exposures(axes["A"], table)
        _draw_block(axes["B"], table)
        _draw_tasks(axes["C"], table)
    return fig


def _line(axes: Axes, table: pd.DataFrame, measure: str, colour: str, label: str, group: str = "healthy") -> None:
    rows = figures.select(table, "trace", measure, group=group).sort_values("time")
    axes.plot(rows["time"], rows["value"], color=colour, label=label)
    axes.fill_between(rows["time"], rows["low"], rows["high"], color=colour, alpha=0.2, linewidth=0)


def _draw_exposures(axes: Axes, table: pd.DataFrame) -> None:
    for condition, (name, colour) in CONDITIONS.items():
        _line(axes, table, f"curve_{condition}", colour, name)
        axes.plot(EXPOSURES, 100.0 * np.array(BY_EXPOSURE[condition]), "o", color=colour, markerfacecolor="white")
    axes.set(xlabel="Exposure to the cue", ylabel="Right responses (%)", ylim=(0, 104), xlim=(0, 31))
    axes.legend(loc="lower right", ncols=2)
    figures.caption(axes, "A", "Go/no-go: lines model, circles 103 people")


def _draw_block(axes: Axes, table: pd.DataFrame) -> None:
    for group in GROUPS:
        _line(axes, table, "curve_block", COLOURS[group], NAMES[group], group)
    places = range(1, BLOCK + 1)
    axes.plot(places, 100.0 * np.array(BY_TRIAL), "o", color=style.BLACK, markerfacecolor="white", label="406 people")
    axes.axhline(100.0 / 3.0, color=style.GREY, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.set(xlabel="Trial since the good arm changed", ylabel="Choices of the good arm (%)", ylim=(0, 104))
    axes.legend(loc="lower right")
    figures.caption(axes, "B", "Three arms, 80, 20 and 20 %, blocks of 15")


def _draw_tasks(axes: Axes, table: pd.DataFrame) -> None:
    import pandas as pd

    rows = table[(table["measure"] == "right") & (table["level"] == "group")]
    each = table[(table["measure"] == "right") & (table["level"] == "subject")]
    for aside, group in zip((-0.18, 0.18), GROUPS, strict=True):
        for k, phase in enumerate(TASKS_BESIDE):
            own = each[(each["group"] == group) & (each["phase"] == phase)]["value"].to_numpy(float)
            x = k + aside + np.linspace(-0.12, 0.12, own.size) if own.size else np.empty(0)
            axes.plot(x, np.sort(own), ".", color=COLOURS[group], markersize=2, alpha=0.35)
            mean = rows[(rows["group"] == group) & (rows["phase"] == phase)]
            if not mean.empty:
                value, low, high = (float(mean[name].iloc[0]) for name in ("value", "low", "high"))
                label = NAMES[group] if k == 0 else None
                axes.errorbar(
                    k + aside,
                    value,
                    [[value - low], [high - value]] if pd.notna(low) else None,
                    fmt="o",
                    color=COLOURS[group],
                    markersize=5,
                    markeredgecolor="white",
                    capsize=2,
                    label=label,
                )
    axes.set_xticks(range(len(TASKS_BESIDE)), list(TASKS_BESIDE.values()))
    axes.set(ylabel="Right (%)", ylim=(-4, 118))
    axes.legend(loc="upper left", ncols=2)
    figures.caption(axes, "C", "Each task beside a Q-learner: small dots subjects, from the lowest to the highest")


def go_no_go(trials: pd.DataFrame) -> list[Criterion]:
    """Each condition's accuracy within .06 of people's, mean over 60 trials a condition."""
    require(trials, "healthy_learning", ["go_no_go"], ["healthy"])
    accuracy = readouts.go_nogo_accuracy(trials[trials["group"] == "healthy"], ["go_no_go"])
    parts = []
    for condition, published in PEOPLE.items():
        name = CONDITIONS[condition][0]
        found = statistics.mean_interval(accuracy[accuracy["condition"] == condition]["accuracy"])
        claim = f"{name} as often right as people, {published:.3f}"
        parts.append(within(condition, claim, "fraction right", found, published - TOLERANCE, published + TOLERANCE))
    return parts


def three_arms(trials: pd.DataFrame) -> list[Criterion]:
    """Trials 5, 10 and 15 of a block, and staying after reward and after none, each within .1 of people's."""
    require(trials, "healthy_learning", ["three_arms"], ["healthy"])
    own = trials[trials["group"] == "healthy"]
    best = readouts.best_choices(own, ["three_arms"], bin_trials=1)
    best = best.assign(place=best["trial"] % BLOCK + 1)
    parts = []
    for place in (5, 10, 15):
        published = BY_TRIAL[place - 1]
        each = best[best["place"] == place].groupby("subject")["best"].mean()
        found = statistics.mean_interval(each)
        claim = f"trial {place} after a reversal: the good arm as often as people, {published:.3f}"
        parts.append(within(f"trial_{place}", claim, "fraction", found, published - 0.1, published + 0.1))
    stay = readouts.stay_shift(own, ["three_arms"]).assign(lose_stay=lambda t: 1.0 - t["lose_shift"]).dropna()
    for (name, published), measure in zip(STAYED.items(), ("win_stay", "lose_stay"), strict=True):
        found = statistics.mean_interval(stay[measure])
        claim = f"stays {name} as often as people, {published:.3f}"
        parts.append(within(measure, claim, "fraction", found, published - 0.1, published + 0.1))
    return parts


def as_q_learning(trials: pd.DataFrame) -> list[Criterion]:
    """Not below .95 of what a Q-learner with its defaults reaches, by the mean.

    In avoidance and escape, where a Q-learner is better than animals are, not below what rats reach: .6 of shocks
    avoided after 80 trials, .75 of escapes.
    """
    trials = trials.assign(group=trials["group"].astype(str).replace(ANEW))
    require(trials, "healthy_learning", list(TASKS_BESIDE), GROUPS)
    parts = []
    for phase, shown in TASKS_BESIDE.items():
        name = shown.replace("\n", " ")
        found = readouts.matched(right(trials, phase), "right", GROUPS)
        if phase == "avoidance":
            mean = statistics.mean_interval(found["healthy"])
            parts.append(at_least(phase, "avoids as rats do, .6 or more", "fraction avoided", mean, 0.6))
        elif phase == "two_crossings":
            mean = statistics.mean_interval(1.0 - found["healthy"])
            parts.append(at_most(phase, "naive animals escape by two crossings", "fraction failed", mean, 0.25))
        else:
            ratio = summary.compared(lambda own, other: own / other, found["healthy"], found["q_learning"])
            parts.append(at_least(phase, f"{name}: nearly as well as a Q-learner", "ratio of means", ratio, NEARLY))
    return parts


CLAIMS = (
    Claim(
        "gonogo",
        GO_NOGO,
        "Healthy animals learn to go and not to go, to win and to avoid, as people do",
        go_no_go,
        origin="target",
        sure="C",
        group_size=103,
    ),
    Claim(
        "three_arms",
        REVERSALS,
        "They find the good one of three arms, and follow when it changes, as people do",
        three_arms,
        origin="target",
        sure="C",
        group_size=406,
    ),
    Claim(
        "competence",
        AS_Q_LEARNING,
        "They learn in tasks of reward and punishment about as well as a Q-learner",
        as_q_learning,
        origin="target",
        sure="set",
        sures={"avoidance": "M"},
    ),
)
