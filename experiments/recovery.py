"""What recovers when: the state of the habenula with ketamine's block, what was learned only by new experience.

The prediction was written before the first run. What it does not say: in the box they know, one in five
finds escape within a few trials and keeps it, and the others are no better for the drug.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from habenula_rl import figures, tasks
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Which part of helplessness does ketamine itself undo, and which part only what is lived through under it?"
PREDICTION = (
    "Dopamine, serotonin and the taste for sucrose come back within the hour, without any new experience, and go "
    "again with the drug. Failures in the box where the shock was come down trial by trial, and only in animals that "
    "are put there."
)

STATE = ("before", "helpless", "ketamine", "later")
STATE_LABELS = {"before": "before", "helpless": "shock", "ketamine": "ket.", "later": "later"}
STATE_COLOURS = dict(zip(STATE, (style.BLUE, style.VERMILION, style.GREEN, style.ORANGE), strict=True))
LEVELS = ("tonic_dopamine", "serotonin")
BOXES = ("familiar", "new", "again")
COLOURS = {
    "naive": style.GREY, "home": style.PINK, "ketamine": style.GREEN, "vehicle": style.VERMILION,
    "new_ketamine": style.SKY, "new_vehicle": style.ORANGE,
    "lesioned_ketamine": style.GREEN, "lesioned_vehicle": style.VERMILION, "low_motivation": style.BLACK,
}  # fmt: skip
DASHES = {"new_ketamine": "--", "new_vehicle": "--", "naive": ":", "lesioned_vehicle": "--", "low_motivation": ":"}
SESSIONS = {  # by session: its phases, and its groups with their names in the course and below the animals
    "First dose": (("familiar", "new"), {
        "naive": ("naive", "naive\n"),
        "new_vehicle": ("new, veh.", "new\nveh."), "new_ketamine": ("new, ket.", "new\nket."),
        "vehicle": ("same, veh.", "same\nveh."), "ketamine": ("same, ket.", "same\nket."),
    }),
    "Second dose to all, same box": (("again",), {
        "vehicle": ("vehicle, trials", "veh.\n"), "ketamine": ("ket., trials", "ket.\n"),
        "home": ("ket., no trials", "no\ntrials"),
    }),
    "Rivals, first dose, same box": (("familiar",), {
        "lesioned_vehicle": ("lesion, vehicle", "lesion\nveh."),
        "lesioned_ketamine": ("lesion, ket.", "lesion\nket."),
        "low_motivation": ("low motivation", "low\nmotiv."),
    }),
}  # fmt: skip
TRIALS_BIN = 3
NOTE = (
    "A-C: before shock, a day after it, an hour after ketamine, and two weeks later; not put back into the box.\n"
    "D, G: an hour after the first dose, in a new box or in that of the shock. E, H: 15 days later, all an hour\n"
    "after ketamine; before, 30 trials under vehicle or ketamine, or ketamine alone. Courses: means of three trials."
)


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """State before shock, after it, under ketamine and two weeks later; failures (%) in each box, and their course.

    The effect beside preference in a phase is its change since the phase before, in animals that had the drug alone.
    The courses have the trial (counted from 1, the middle of three) as their time.
    """
    subjects = behaviour(trials)
    groups = summary.group_rows(subjects)
    for before, after in pairwise(STATE):
        groups = summary.with_effect(groups, _change(subjects, before, after), "preference", "home", after)
    course = readouts.failure_course(trials, BOXES).assign(failures=lambda t: 100.0 * t["failed"])
    binned = readouts.course(course, ["failures"], course["trial"], bin_width=TRIALS_BIN)
    counted = binned.assign(time=binned["time"] + 0.5)
    return summary.tidy(groups, subjects, summary.trace_rows(counted, ["failures"]))


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """Every animal's readouts, as subject rows: preference and failures (%), tonic levels at the spouts."""
    import pandas as pd

    spouts = (*STATE, "vehicle")
    rest = readouts.at_rest(trials, LEVELS, spouts).dropna(subset=list(LEVELS))
    drinking = readouts.drinking(trials, spouts, task=tasks.SucrosePreference(free=True))
    escaped = readouts.escapes(trials, BOXES).drop(columns="failures").rename(columns={"failed": "failures"})
    parts = (
        summary.subject_rows(rest, LEVELS),
        summary.subject_rows(drinking, ["preference", "drinks"], percent=["preference", "drinks"]),
        summary.subject_rows(escaped, ["failures"], percent=["failures"]),
    )
    return pd.concat(parts, ignore_index=True)


def _change(subjects: pd.DataFrame, before: str, after: str) -> statistics.Estimate:
    """Of the animals that drank in both phases."""
    import pandas as pd

    pair = [summary.values(subjects, "preference", "home", phase).rename(phase) for phase in (before, after)]
    both = pd.concat(pair, axis=1).dropna()
    return statistics.paired_effect(both[after], both[before])


def figure(table: pd.DataFrame) -> Figure:
    """The state of animals that were never put back; failures trial by trial; failures of each animal."""
    with figures.styled():
        fig, axes = figures.canvas(["ABC", "DEF", "GHI"], height_mm=185)
        home = table[table["group"] == "home"]
        for letter, measure, label, text in (
            ("A", "tonic_dopamine", "Tonic dopamine (healthy 0.5)", "Dopamine, drug alone"),
            ("B", "serotonin", "Tonic serotonin (healthy 0.5)", "Serotonin, drug alone"),
            ("C", "preference", "Sucrose (% of drinks)", "Sucrose, drug alone"),
        ):
            figures.paired(axes[letter], home, measure, order=STATE, colours=STATE_COLOURS)
            figures.name_places(axes[letter], home, measure, order=STATE, by="phase", labels=STATE_LABELS)
            axes[letter].set(ylabel=label, ylim=(-4.0, 104.0) if letter == "C" else (-0.024, 0.624))
            figures.caption(axes[letter], letter, text)
        for (text, (phases, groups)), course, animals in zip(SESSIONS.items(), "DEF", "GHI", strict=True):
            _session(axes[course], axes[animals], table[table["phase"].isin(phases)], groups)
            figures.caption(axes[course], course, text)
            figures.caption(axes[animals], animals, "The same animals one by one")
        for letter in "DG":
            axes[letter].set_ylabel("Trials without escape (%)")
        figures.footnote(fig, f"{figures.marks(table, 'animals of each group', joined=True)}\n{NOTE}")
    return fig


def _session(course: Axes, animals: Axes, table: pd.DataFrame, groups: dict[str, tuple[str, str]]) -> None:
    look = {"colours": COLOURS, "dashes": DASHES, "labels": {name: long for name, (long, _) in groups.items()}}
    figures.trace(course, table, "failures", order=list(groups), by="group", **look)
    course.set(xlabel="Trial", xlim=(0.5, 30.5), ylim=(-4.0, 146.0), yticks=range(0, 101, 25))
    course.legend(
        loc="upper center", ncols=1 + len(groups) // 4, handlelength=1.6, columnspacing=0.8, borderaxespad=0.0
    )
    figures.individuals(animals, table, "failures", order=list(groups), by="group", colours=COLOURS)
    short = {name: below for name, (_, below) in groups.items()}
    figures.name_places(animals, table, "failures", order=list(groups), by="group", labels=short)
    animals.set_ylim(-4.0, 104.0)
