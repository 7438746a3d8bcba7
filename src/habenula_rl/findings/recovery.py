"""What recovers when: a prediction of this package, and what an animal without a habenula does in its place.

The criteria were fixed before the study was first run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis import readouts, statistics, summary
from ..tasks import SucrosePreference
from .depression import THESIS
from .verdict import Claim, Criterion, above, below, require, within

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
FIRST = 3  # trials of a session that show what an animal brought along
TRIALS = 30
SPOUTS = ("before", "helpless", "ketamine", "later")
DRINKERS = ("home", "lesioned_ketamine")
FAMILIAR = ("ketamine", "vehicle", "lesioned_ketamine", "lesioned_vehicle", "low_motivation")
MARGIN = 5.0  # points of a percentage that count as no change
ALIKE = 10.0  # points between the same animals' failures on two occasions


def recovery(trials: pd.DataFrame) -> list[Criterion]:
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
    for phases, groups in ((SPOUTS, DRINKERS), (("familiar",), FAMILIAR), (("new",), ("new_ketamine",))):
        require(trials, "recovery", phases, groups)
    require(trials, "recovery", ("before", "helpless"), ("low_motivation",))
    require(trials, "recovery", ("again",), ("home", "ketamine"))
    return [*_state(trials), *_memory(trials), *_rivals(trials)]


def _state(trials: pd.DataFrame) -> list[Criterion]:
    home = readouts.in_groups(trials, ["home"])
    rest = readouts.by_phase(readouts.at_rest(home, ["tonic_dopamine"], SPOUTS), "tonic_dopamine", SPOUTS).to_numpy()
    drunk = preference(trials, "home")
    of = "tonic dopamine over that"

    def ratio(phase: str, reference: str) -> statistics.Estimate:
        at, by = SPOUTS.index(phase), SPOUTS.index(reference)
        return statistics.contrast(lambda mean: mean[..., at] / mean[..., by], rest)

    fall = statistics.mean_interval(rest[:, 1] - rest[:, 0])
    back, gone = ratio("ketamine", "before"), ratio("later", "helpless")
    less, more = (statistics.mean_interval(drunk[:, k] - drunk[:, k - 1]) for k in (1, 2))
    return [
        below("dopamine_lost", "shock lowers tonic dopamine", "tonic dopamine, after - before shock", fall),
        within("dopamine_back", "ketamine alone brings it back", f"{of} before shock", back, 0.9, 1.1),
        within("dopamine_gone", "without the drug it is gone again", f"{of} after shock", gone, 0.9, 1.1),
        below("preference_lost", "shock lowers sucrose preference", "preference in %, after - before shock", less),
        above("preference_back", "ketamine alone brings it back", "preference in %, ketamine - after shock", more),
    ]  # fmt: skip


def _memory(trials: pd.DataFrame) -> list[Criterion]:
    known, new = first_failures(trials, "familiar", "ketamine"), first_failures(trials, "new", "new_ketamine")
    course = statistics.mean_interval(first_failures(trials, "familiar", "ketamine", last=True) - known)
    taught, home = (first_failures(trials, "again", group) for group in ("ketamine", "home"))
    of = "failures in %"
    return [
        above(
            "familiar_first", "under ketamine animals still fail where they were shocked",
            f"{of} of 3 trials, familiar - new box", summary.compared(np.subtract, known, new),
        ),
        below("familiar_course", "and unlearn it trial by trial", f"{of}, last 3 - first 3 trials", course),
        below(
            "experience", "at the next dose those that had trials fail less than those that had the drug alone",
            f"{of} of 3 trials, with - without experience", summary.compared(np.subtract, taught, home),
        ),
        within(
            "drug_alone", "the drug alone has taught nothing", f"{of} of 3 trials, second dose - first",
            summary.compared(np.subtract, home, known), -ALIKE, ALIKE,
        ),
    ]  # fmt: skip


def _rivals(trials: pd.DataFrame) -> list[Criterion]:
    drinking = preference(trials, "lesioned_ketamine")
    unmotivated = preference(trials, "low_motivation", ("before", "helpless"))
    drugged, plain = (first_failures(trials, "familiar", f"lesioned_{drug}") for drug in ("ketamine", "vehicle"))
    of = "preference in %, after - before shock"
    return [
        within(
            "lesioned_state", "without a habenula there is no state to lose", of,
            statistics.mean_interval(drinking[:, 1] - drinking[:, 0]), -MARGIN, MARGIN,
        ),
        within(
            "lesioned_drug", "nor one that ketamine brings back", "failures in % of 3 trials, ketamine - vehicle",
            summary.compared(np.subtract, drugged, plain), -MARGIN, MARGIN,
        ),
        within(
            "motivation_state", "low motivation is a trait that shock leaves alone", of,
            statistics.mean_interval(unmotivated[:, 1] - unmotivated[:, 0]), -MARGIN, MARGIN,
        ),
    ]  # fmt: skip


def preference(trials: pd.DataFrame, group: str, phases: tuple[str, ...] = SPOUTS) -> Array:
    """(subjects, phases): sucrose preference in per cent, of the subjects that drank in all of them."""
    bottles = readouts.drinking(readouts.in_groups(trials, [group]), phases, task=SucrosePreference(free=True))
    return 100.0 * readouts.by_phase(bottles, "preference", phases).to_numpy()


def first_failures(trials: pd.DataFrame, phase: str, group: str, *, last: bool = False) -> pd.Series:
    """By subject: failures in per cent of the first 3 trials of a session, or of the last 3 of its 30."""
    course = readouts.failure_course(readouts.in_groups(trials, [group]), [phase])
    among = course["trial"] >= TRIALS - FIRST if last else course["trial"] < FIRST
    return 100.0 * course[among].groupby("subject")["failed"].mean().sort_index()


CLAIMS = (
    Claim(
        "recovery", THESIS, "Ketamine brings back the state, and only new experience what was learned", "recovery",
        recovery,
    ),
)  # fmt: skip
