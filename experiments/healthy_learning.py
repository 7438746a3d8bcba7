"""Does a healthy animal learn? Reward and punishment, beside 103 and 406 people and a Q-learner."""

from __future__ import annotations

from collections.abc import Iterable
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
AVOIDED, FAILED = 0.6, 0.25  # of shocks, and of trials, in rats
STORY = (
    "Go/no-go (A): healthy animals go right to win in {go_to_win[healthy]:.0f} % of trials and to avoid in "
    "{go_to_avoid[healthy]:.0f} %, and hold still right to win in {no_go_to_win[healthy]:.0f} % and to avoid in "
    "{no_go_to_avoid[healthy]:.0f} %; 103 people in {people[go_to_win]:.0f}, {people[go_to_avoid]:.0f}, "
    "{people[no_go_to_win]:.0f} and {people[no_go_to_avoid]:.0f} % (Zorowitz et al. 2025).",
    "Three arms (B): they stay after reward in {win_stay[healthy]:.0f} % and after none in {lose_stay[healthy]:.0f} "
    "%; 406 people in {people[after reward]:.0f} and {people[after none]:.0f} % (Zorowitz et al. 2023).",
    "Beside a Q-learner (C): of two arms that change places they choose the better in {right[healthy/two_arms]:.0f} "
    "%, a Q-learner in {right[q_learning/two_arms]:.0f} %; of four arms in {right[healthy/bandit]:.0f} and "
    "{right[q_learning/bandit]:.0f} %; they avoid {right[healthy/avoidance]:.0f} and "
    "{right[q_learning/avoidance]:.0f} % of the last 20 shocks.",
)

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


def story(table: pd.DataFrame) -> list[str]:
    """What healthy animals learn, beside people and a Q-learner."""
    people = {name: 100.0 * value for name, value in (PEOPLE | STAYED).items()}
    return summary.told(table, STORY, people=people)


def figure(table: pd.DataFrame) -> Figure:
    """Learning curves of healthy animals beside people's; below, each task beside a Q-learner."""
    with figures.styled():
        fig, axes = figures.canvas(["AB", "CC"], height_mm=146)
        _draw_exposures(axes["A"], table)
        _draw_block(axes["B"], table)
        _draw_tasks(axes["C"], table)
        lines = "Diamonds in A: 103 people; in B: 406 people. Dashed in B: chance."
        figures.footnote(fig, f"{figures.marks(fig, table, 'subjects')}\n{lines}")
    return fig


def _draw_exposures(axes: Axes, table: pd.DataFrame) -> None:
    own = table[table["group"] == "healthy"]
    curves = own.assign(condition=own["measure"].str.removeprefix("curve_"), measure="curve")
    colours = {condition: colour for condition, (_, colour) in CONDITIONS.items()}
    names = {condition: name for condition, (name, _) in CONDITIONS.items()}
    look = {"order": list(CONDITIONS), "by": "condition", "colours": colours, "labels": names}
    figures.trace(axes, curves, "curve", phase="go_no_go", **look)
    for condition, shares in BY_EXPOSURE.items():
        _people(axes, EXPOSURES, shares, colours[condition])
    axes.set(xlabel="Exposure to the cue", ylabel="Right responses (%)", ylim=(0, 104), xlim=(0, 31))
    axes.legend(*(found[: len(CONDITIONS)] for found in axes.get_legend_handles_labels()), loc="lower right", ncols=2)
    figures.caption(axes, "A", "Go/no-go")


def _draw_block(axes: Axes, table: pd.DataFrame) -> None:
    figures.trace(axes, table, "curve_block", order=GROUPS, by="group", colours=COLOURS, labels=NAMES)
    _people(axes, range(1, BLOCK + 1), BY_TRIAL, style.BLACK)
    axes.axhline(100.0 / 3.0, color=style.GREY, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.set(xlabel="Trial since the good arm changed", ylabel="Choices of the good arm (%)", ylim=(0, 104))
    axes.legend(*(found[: len(GROUPS)] for found in axes.get_legend_handles_labels()), loc="lower right")
    figures.caption(axes, "B", "Three arms, 80, 20 and 20 %, blocks of 15")


def _people(axes: Axes, places: Iterable[int], shares: Iterable[float], colour: str) -> None:
    values = {str(place): 100.0 * share for place, share in zip(places, shares, strict=True)}
    figures.mark(axes, values, {name: float(name) for name in values}, {}, dict.fromkeys(values, colour))


def _draw_tasks(axes: Axes, table: pd.DataFrame) -> None:
    rows = table.assign(place=table["phase"] + "/" + table["group"])
    places = [f"{phase}/{group}" for phase in TASKS_BESIDE for group in GROUPS]
    asked: dict[str, float | figures.Published] = {
        f"{phase}/healthy": figures.Published(NEARLY, np.inf, f"competence/{phase}", of=(f"{phase}/q_learning",))
        for phase in TASKS_BESIDE
    }
    asked["avoidance/healthy"] = figures.Published(100.0 * AVOIDED, np.inf, "competence/avoidance")
    asked["two_crossings/healthy"] = figures.Published(100.0 * (1.0 - FAILED), np.inf, "competence/two_crossings")
    colours = {place: COLOURS[place.partition("/")[2]] for place in places}
    figures.individuals(axes, rows, "right", order=places, by="place", colours=colours, published=asked)
    axes.set_xticks([2 * k + 0.6 for k in range(len(TASKS_BESIDE))], list(TASKS_BESIDE.values()))
    axes.set(ylabel="Right (%)", ylim=(-4, 110))
    figures.caption(axes, "C", "Each task, blue: a healthy habenula; grey, on its right: Q-learning")


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
            parts.append(at_least(phase, "avoids as rats do, .6 or more", "fraction avoided", mean, AVOIDED))
        elif phase == "two_crossings":
            mean = statistics.mean_interval(1.0 - found["healthy"])
            parts.append(at_most(phase, "naive animals escape by two crossings", "fraction failed", mean, FAILED))
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
