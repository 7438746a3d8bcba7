"""What recovers when: the state of the habenula with ketamine's block, what was learned only by new experience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from habenula_rl import figures, readouts, statistics, summary
from habenula_rl.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Which part of helplessness does ketamine itself undo, and which part only what is lived through under it?"
PREDICTION = (
    "Dopamine, serotonin and the taste for sucrose come back within the hour, without any new experience, and go again "
    "with the drug. Failures in the box where the shock was come down trial by trial, and only in animals that are put there."
)

STATE = ("before", "helpless", "ketamine", "later")
STATE_LABELS = {"before": "before", "helpless": "shocked", "ketamine": "ketamine", "later": "2 weeks"}
STATE_COLOURS = dict(zip(STATE, (style.BLUE, style.VERMILION, style.GREEN, style.GREY), strict=True))
LEVELS = ("tonic_dopamine", "serotonin")
BOXES = ("familiar", "new", "again")
RIVALS = ("lesioned_ketamine", "lesioned_vehicle", "low_motivation")
COLOURS = {
    "naive": style.GREY, "home": style.PINK, "ketamine": style.GREEN, "vehicle": style.VERMILION,
    "new_ketamine": style.GREEN, "new_vehicle": style.VERMILION,
    "lesioned_ketamine": style.GREEN, "lesioned_vehicle": style.VERMILION, "low_motivation": style.BLACK,
}  # fmt: skip
TRIALS_BIN = 3


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """State before shock, after it, under ketamine and two weeks later; failures (%) in each box, and their course.

    The effect beside a phase of the group that had the drug alone is that of the change since the phase before. The
    courses have the trial (from 1, the middle of three) as their time.
    """
    subjects = behaviour(trials)
    groups = summary.group_rows(subjects)
    for before, after in zip(STATE[:-1], STATE[1:], strict=True):
        for measure in (*LEVELS, "preference"):
            groups = summary.with_effect(groups, _change(subjects, measure, before, after), measure, "home", after)
    course = readouts.failure_course(trials, BOXES).assign(failures=lambda t: 100.0 * t["failed"])
    binned = readouts.course(course, ["failures"], course["trial"], bin_width=TRIALS_BIN)
    binned["time"] += 0.5  # trials are counted from 1 in the figure
    return summary.tidy(groups, subjects, summary.trace_rows(binned, ["failures"]))


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """Every animal's readouts, as subject rows: preference and failures (%), tonic levels at the spouts."""
    import pandas as pd

    spouts = (*STATE, "vehicle")
    rest = readouts.at_rest(trials, LEVELS, spouts).dropna(subset=list(LEVELS))
    drinking = readouts.drinking(trials, spouts, sucrose=1, water=2)
    escaped = readouts.escapes(trials, BOXES).drop(columns="failures").rename(columns={"failed": "failures"})
    parts = (
        summary.subject_rows(rest, LEVELS),
        summary.subject_rows(drinking, ["preference", "drinks"], percent=["preference", "drinks"]),
        summary.subject_rows(escaped, ["failures"], percent=["failures"]),
    )
    return pd.concat(parts, ignore_index=True)


def _change(subjects: pd.DataFrame, measure: str, before: str, after: str) -> statistics.Estimate:
    """Of the animals that have both."""
    import pandas as pd

    pair = [summary.values(subjects, measure, "home", phase).rename(phase) for phase in (before, after)]
    both = pd.concat(pair, axis=1).dropna()
    return statistics.paired_effect(both[after], both[before])


def figure(table: pd.DataFrame) -> Figure:
    """Above, the state of the animals that were never put back; below, failures trial by trial."""
    with figures.styled():
        fig, axes = figures.canvas(["ABC", "DEF"], height_mm=125)
        home = table[table["group"] == "home"]
        for letter, measure, label, text in (
            ("A", "tonic_dopamine", "Tonic dopamine (healthy 0.5)", "Dopamine, never put back"),
            ("B", "serotonin", "Tonic serotonin (healthy 0.5)", "Serotonin, never put back"),
            ("C", "preference", "Sucrose (% of drinks)", "Sucrose, never put back"),
        ):
            figures.paired(axes[letter], home, measure, order=STATE, colours=STATE_COLOURS)
            figures.name_places(axes[letter], home, measure, order=STATE, by="phase", labels=STATE_LABELS)
            axes[letter].set_ylabel(label)
            figures.caption(axes[letter], letter, text)
        _courses(axes, table)
    return fig


def _courses(axes: dict[str, Axes], table: pd.DataFrame) -> None:
    """Failures over the trials of a session."""
