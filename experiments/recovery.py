"""What recovers when: the state of the habenula with ketamine's block, what was learned only by new experience.

The prediction was written before the first run. With the default parameters few failures are left under the drug,
about a tenth of the first three trials in the box of the shock, so that its last part has little to show.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from habenula_rl import figures, tasks
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.figures import style
from habenula_rl.findings import Claim, Criterion, above, below, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
QUESTION = "Which part of helplessness does ketamine itself undo, and which part only what is lived through under it?"
PREDICTION = (
    "Dopamine, serotonin and the taste for sucrose come back within the hour, without any new experience, and go "
    "again with the drug. Failures in the box where the shock was come down trial by trial, and only in animals that "
    "are put there."
)

STORY = (
    "State, in animals with the drug alone (A-C): tonic dopamine is {tonic_dopamine[home/before]:.2f} before shock, "
    "{tonic_dopamine[home/helpless]:.2f} a day after it, {tonic_dopamine[home/ketamine]:.2f} an hour after ketamine "
    "and {tonic_dopamine[home/later]:.2f} two weeks later (½ is health); sucrose is drunk in "
    "{drinks[home/before]:.0f}, {drinks[home/helpless]:.0f}, {drinks[home/ketamine]:.0f} and "
    "{drinks[home/later]:.0f} % of visits.",
    "First dose (D, G): in the box of the shock animals fail in {failures[vehicle/familiar]:.0f} % of trials with "
    "vehicle and in {failures[ketamine/familiar]:.0f} % with ketamine, in a new box in "
    "{failures[new_vehicle/new]:.0f} and {failures[new_ketamine/new]:.0f} %.",
    "Second dose to all (E, H): those that had 30 trials under the first dose fail in {failures[ketamine/again]:.0f} "
    "%, those that had the drug alone in {failures[home/again]:.0f} %, those that had the trials without the drug in "
    "{failures[vehicle/again]:.0f} %. No paper has this experiment: it is a prediction of the model.",
)

STATE = ("before", "helpless", "ketamine", "later")
STATE_LABELS = {"before": "before", "helpless": "shock", "ketamine": "ket.", "later": "later"}
STATE_COLOURS = dict(zip(STATE, (style.BLUE, style.VERMILION, style.GREEN, style.ORANGE), strict=True))
LEVELS = ("tonic_dopamine", "serotonin")
BACK = (0.9, 1.1)  # of what dopamine was counts as that
ASKED = {  # by the thesis
    "tonic_dopamine": {
        "helpless": figures.less("before", "recovery/dopamine_lost"),
        "ketamine": figures.Published(*BACK, "recovery/dopamine_back", of=("before",)),
        "later": figures.Published(*BACK, "recovery/dopamine_gone", of=("helpless",)),
    },
    "preference": {
        "helpless": figures.less("before", "recovery/preference_lost"),
        "ketamine": figures.more("helpless", "recovery/preference_back"),
    },
}
BOXES = ("familiar", "new", "again")
COLOURS = {
    "naive": style.GREY,
    "home": style.PINK,
    "ketamine": style.GREEN,
    "vehicle": style.VERMILION,
    "new_ketamine": style.SKY,
    "new_vehicle": style.ORANGE,
    "lesioned_ketamine": style.GREEN,
    "lesioned_vehicle": style.VERMILION,
    "low_motivation": style.BLACK,
}
DASHES = {"new_ketamine": "--", "new_vehicle": "--", "naive": ":", "lesioned_vehicle": "--", "low_motivation": ":"}
SESSIONS = {  # by session: its phases, and its groups with their names below the animals
    "First dose": (
        ("familiar", "new"),
        {
            "naive": "naive\n",
            "new_vehicle": "new\nveh.",
            "new_ketamine": "new\nket.",
            "vehicle": "same\nveh.",
            "ketamine": "same\nket.",
        },
    ),
    "Second dose to all, same box": (("again",), {"vehicle": "veh.\n", "ketamine": "ket.\n", "home": "no\ntrials"}),
    "Rivals, first dose, same box": (
        ("familiar",),
        {"lesioned_vehicle": "lesion\nveh.", "lesioned_ketamine": "lesion\nket.", "low_motivation": "low\nmotiv."},
    ),
}
TRIALS_BIN = 3
NOTE = (
    "A-C: before shock, a day after it, an hour after ketamine, and two weeks later; not put back into the box.\n"
    "D, G: an hour after the first dose, in a new box or in that of the shock. E, H: 15 days later, all an hour\n"
    "after ketamine; before, 30 trials under vehicle or ketamine, or ketamine alone. D-F: means of three trials, each\n"
    "group in its colour below; dashed: in the new box, or with a lesion; dotted: naive, or of low motivation."
)


def read(trials: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All that is read of the trials, of one group at a time, which does not take part in all phases."""
    found = {}
    if spouts := readouts.present(trials, (*STATE, "vehicle")):
        levels = [name for name in LEVELS if name in trials]
        found["rest"] = readouts.at_rest(trials, levels, spouts)
        found["drinking"] = readouts.drinking(trials, spouts, task=tasks.SucrosePreference(free=True))
    if boxes := readouts.present(trials, BOXES):
        found["escapes"] = readouts.escapes(trials, boxes)
        found["course"] = readouts.failure_course(trials, boxes)
    return found


def summarise(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """State before shock, after it, under ketamine and two weeks later; failures (%) in each box, and their course.

    The effect beside preference in a phase is its change since the phase before, in animals that had the drug alone.
    The courses have the trial (counted from 1, the middle of three) as their time.
    """
    subjects = behaviour(tables)
    groups = summary.group_rows(subjects)
    for before, after in pairwise(STATE):
        groups = summary.with_effect(groups, _change(subjects, before, after), "preference", "home", after)
    course = tables["course"].assign(failures=lambda t: 100.0 * t["failed"])
    binned = readouts.course(course, ["failures"], course["trial"], bin_width=TRIALS_BIN)
    counted = binned.assign(time=binned["time"] + 0.5)
    return summary.tidy(groups, subjects, summary.trace_rows(counted, ["failures"]))


def behaviour(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every animal's readouts, as subject rows: preference and failures (%), tonic levels at the spouts."""
    import pandas as pd

    rest = tables["rest"].dropna(subset=list(LEVELS))
    escaped = tables["escapes"].drop(columns="failures").rename(columns={"failed": "failures"})
    parts = (
        summary.subject_rows(rest, LEVELS),
        summary.subject_rows(tables["drinking"], ["preference", "drinks"], percent=["preference", "drinks"]),
        summary.subject_rows(escaped, ["failures"], percent=["failures"]),
    )
    return pd.concat(parts, ignore_index=True)


def _change(subjects: pd.DataFrame, before: str, after: str) -> statistics.Estimate:
    """Of the animals that drank in both phases."""
    import pandas as pd

    pair = [summary.values(subjects, "preference", "home", phase).rename(phase) for phase in (before, after)]
    both = pd.concat(pair, axis=1).dropna()
    return statistics.paired_effect(both[after], both[before])


def story(table: pd.DataFrame) -> list[str]:
    """State with the drug alone, failures in both boxes, and failures at the second dose."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """The state of animals that were never put back; failures trial by trial; failures of each animal."""
    with figures.styled():
        fig, axes = figures.canvas(["ABC", "DEF", "GHI"], height_mm=197)
        home = table[table["group"] == "home"]
        for letter, measure, label, text, ends in (
            ("A", "tonic_dopamine", "Dopamine (health 0.5)", "Dopamine, drug alone", (0.0, 0.6)),
            ("B", "preference", "Sucrose (% of drinks)", "Sucrose, drug alone", (0.0, 100.0)),
            ("C", "drinks", "Visits with a drink (%)", "Drinking, drug alone", (0.0, 100.0)),
        ):
            panel = figures.Panel(measure, label, text, STATE_LABELS, ASKED.get(measure, {}), ends=ends, by="phase")
            panel.draw(axes[letter], letter, home, STATE_COLOURS)
        for (text, (phases, groups)), course, animals in zip(SESSIONS.items(), "DEF", "GHI", strict=True):
            own = table[table["phase"].isin(phases)]
            figures.trace(axes[course], own, "failures", order=list(groups), by="group", colours=COLOURS, dashes=DASHES)
            axes[course].set(xlabel="Trial", xlim=(0.5, 30.5), ylim=(-4.0, 104.0), yticks=range(0, 101, 25))
            figures.caption(axes[course], course, text)
            title = f"{text.partition(',')[0]}, each animal"
            figures.Panel("failures", "", title, groups, ends=(0.0, 100.0)).draw(axes[animals], animals, own, COLOURS)
        for letter in "DG":
            axes[letter].set_ylabel("Trials without escape (%)")
        figures.footnote(fig, f"{figures.marks(fig, table, 'animals of each group')}\n{NOTE}")
    return fig


# Claims. The criteria were fixed before the study was first run.

FIRST = 3  # trials of a session that show what an animal brought along
TRIALS = 30
DRINKERS = ("home", "lesioned_ketamine")
FAMILIAR = ("ketamine", "vehicle", "lesioned_ketamine", "lesioned_vehicle", "low_motivation")
MARGIN = 5.0  # points of a percentage that count as no change
ALIKE = 10.0  # points between the same animals' failures on two occasions
THESIS = (
    "this package's thesis; habenula and dopamine as in Matsumoto M, Hikosaka O (2007) Lateral habenula as a source of "
    "negative reward signals in dopamine neurons. Nature 447:1111-1115, doi 10.1038/nature05860"
)


def recovery(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """State recovers with the block alone and goes with it; what was learned in a place changes by trials there.

    State is read in animals that never go back to the box: tonic dopamine and sucrose preference fall after shock,
    whole interval; under ketamine dopamine is within 10 % of what it was before shock, and preference rises, whole
    interval; two weeks later dopamine is within 10 % of that of helplessness. Memory is read as failures in the first 3
    of 30 trials: more in the box of the shock than in a new one, both under ketamine, whole interval; fewer by the
    last 3, whole interval; under a second dose fewer in animals that had those 30 trials than in those that had only
    the drug, whole interval, and in these no more than 10 points from what the first dose showed. A lesioned animal has
    nothing that the drug brings back: preference after shock and failures under the drug change by 5 points at most. So
    does the preference of one with low motivation.
    """
    import pandas as pd

    there = pd.concat([tables["drinking"], tables["escapes"]])
    for phases, groups in ((STATE, DRINKERS), (("familiar",), FAMILIAR), (("new",), ("new_ketamine",))):
        require(there, "recovery", phases, groups)
    require(there, "recovery", ("before", "helpless"), ("low_motivation",))
    require(there, "recovery", ("again",), ("home", "ketamine"))
    return [*_state(tables), *_memory(tables), *_rivals(tables)]


def _state(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    home = readouts.in_groups(tables["rest"], ["home"])
    rest = readouts.by_phase(home, "tonic_dopamine", STATE).to_numpy()
    drunk = preference(tables, "home")
    of = "tonic dopamine over that"

    def ratio(phase: str, reference: str) -> statistics.Estimate:
        at, by = STATE.index(phase), STATE.index(reference)
        return statistics.contrast(lambda mean: mean[..., at] / mean[..., by], rest)

    fall = statistics.mean_interval(rest[:, 1] - rest[:, 0])
    back, gone = ratio("ketamine", "before"), ratio("later", "helpless")
    less, more = (statistics.mean_interval(drunk[:, k] - drunk[:, k - 1]) for k in (1, 2))
    return [
        below("dopamine_lost", "shock lowers tonic dopamine", "tonic dopamine, after - before shock", fall),
        within("dopamine_back", "ketamine alone brings it back", f"{of} before shock", back, *BACK),
        within("dopamine_gone", "without the drug it is gone again", f"{of} after shock", gone, *BACK),
        below("preference_lost", "shock lowers sucrose preference", "preference in %, after - before shock", less),
        above("preference_back", "ketamine alone brings it back", "preference in %, ketamine - after shock", more),
    ]


def _memory(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    known, new = first_failures(tables, "familiar", "ketamine"), first_failures(tables, "new", "new_ketamine")
    course = statistics.mean_interval(first_failures(tables, "familiar", "ketamine", last=True) - known)
    taught, home = (first_failures(tables, "again", group) for group in ("ketamine", "home"))
    of = "failures in %"
    return [
        above(
            "familiar_first",
            "under ketamine animals still fail where they were shocked",
            f"{of} of 3 trials, familiar - new box",
            summary.compared(np.subtract, known, new),
        ),
        below("familiar_course", "and unlearn it trial by trial", f"{of}, last 3 - first 3 trials", course),
        below(
            "experience",
            "at the next dose those that had trials fail less than those that had the drug alone",
            f"{of} of 3 trials, with - without experience",
            summary.compared(np.subtract, taught, home),
        ),
        within(
            "drug_alone",
            "the drug alone has taught nothing",
            f"{of} of 3 trials, second dose - first",
            summary.compared(np.subtract, home, known),
            -ALIKE,
            ALIKE,
        ),
    ]


def _rivals(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    drinking = preference(tables, "lesioned_ketamine")
    unmotivated = preference(tables, "low_motivation", ("before", "helpless"))
    drugged, plain = (first_failures(tables, "familiar", f"lesioned_{drug}") for drug in ("ketamine", "vehicle"))
    of = "preference in %, after - before shock"
    return [
        within(
            "lesioned_state",
            "without a habenula there is no state to lose",
            of,
            statistics.mean_interval(drinking[:, 1] - drinking[:, 0]),
            -MARGIN,
            MARGIN,
        ),
        within(
            "lesioned_drug",
            "nor one that ketamine brings back",
            "failures in % of 3 trials, ketamine - vehicle",
            summary.compared(np.subtract, drugged, plain),
            -MARGIN,
            MARGIN,
        ),
        within(
            "motivation_state",
            "low motivation is a trait that shock leaves alone",
            of,
            statistics.mean_interval(unmotivated[:, 1] - unmotivated[:, 0]),
            -MARGIN,
            MARGIN,
        ),
    ]


def preference(tables: dict[str, pd.DataFrame], group: str, phases: tuple[str, ...] = STATE) -> Array:
    """(subjects, phases): sucrose preference in per cent, of the subjects that drank in all of them."""
    bottles = readouts.in_groups(tables["drinking"], [group])
    return 100.0 * readouts.by_phase(bottles, "preference", phases).to_numpy()


def first_failures(tables: dict[str, pd.DataFrame], phase: str, group: str, *, last: bool = False) -> pd.Series:
    """By subject: failures in per cent of the first 3 trials of a session, or of the last 3 of its 30."""
    course = readouts.in_phases(readouts.in_groups(tables["course"], [group]), [phase])
    among = course["trial"] >= TRIALS - FIRST if last else course["trial"] < FIRST
    return 100.0 * course[among].groupby("subject")["failed"].mean().sort_index()


CLAIMS = (
    Claim(
        "recovery",
        THESIS,
        "Ketamine brings back the state, and only new experience what was learned",
        recovery,
        sure="set",
        origins={
            "drug_alone": "built in",
            "lesioned_state": "built in",
            "lesioned_drug": "built in",
            "motivation_state": "built in",
        },
    ),
)
