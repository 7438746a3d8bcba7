"""The claim on what recovers when, by hand; and a rival whose drug brings back all at once."""

from __future__ import annotations

import copy
import functools

import numpy as np
import pandas as pd
import pytest

from habenula_rl import findings
from habenula_rl.agents import HabenulaAgent, LowMotivation
from habenula_rl.analysis import readouts
from habenula_rl.config.bundled import bundled
from habenula_rl.engine.population import Subjects
from habenula_rl.experiment.study_file import load_experiment
from habenula_rl.tasks import ShuttleBox

recovery = load_experiment(bundled("experiments") / "recovery.py")
SPOUTS = recovery.STATE
BOX = ShuttleBox(max_shock_s=10)
HEALTHY, LOW = 0.5, 0.1
STATES = {  # sucrose (% of drinks) and tonic dopamine before shock, after it, under ketamine, two weeks later
    "home": ((80, 50, 78, 52), (HEALTHY, LOW, HEALTHY, LOW)),
    "lesioned_ketamine": ((80, 79, 80, 81), (HEALTHY,) * 4),
    "low_motivation": ((80, 80, 80, 80), (np.nan,) * 4),
}
SESSIONS = {  # of 30 trials the first that are failed, at the first dose and at the second
    ("familiar", "ketamine"): 15,
    ("familiar", "vehicle"): 30,
    ("familiar", "lesioned_ketamine"): 10,
    ("familiar", "lesioned_vehicle"): 10,
    ("familiar", "low_motivation"): 0,
    ("new", "new_ketamine"): 0,
    ("again", "ketamine"): 0,
    ("again", "home"): 15,
}


def drinking(group: str, sucrose: tuple[int, ...], dopamine: tuple[float, ...], n: int) -> pd.DataFrame:
    """Of 100 visits each, so many to the sucrose, one more or less by subject; both are 1 and 2."""
    parts = []
    for phase, sweet, level in zip(SPOUTS, sucrose, dopamine, strict=True):
        for subject in range(n):
            visit = np.arange(100)
            rows = pd.DataFrame({"trial": visit, "action": np.where(visit < sweet + subject % 3 - 1, 1, 2)})
            parts.append(rows.assign(group=group, phase=phase, subject=subject, tonic_dopamine=level + 0.001 * subject))
    return pd.concat(parts).assign(step=0, terminated=True, truncated=False)


def boxed(phase: str, group: str, failures: int, n: int) -> pd.DataFrame:
    """The last step of 30 trials; the first of them are failures."""
    trial = np.tile(np.arange(30), n)
    rows = pd.DataFrame({"trial": trial, "subject": np.repeat(np.arange(n), 30), "truncated": trial < failures})
    return rows.assign(group=group, phase=phase, step=0, action=0, terminated=~rows["truncated"])


def animals(states: dict | None = None, sessions: dict | None = None, n: int = 12) -> pd.DataFrame:
    spouts = [drinking(group, *levels, n) for group, levels in (STATES | (states or {})).items()]
    boxes = [boxed(*where, failures, n) for where, failures in (SESSIONS | (sessions or {})).items()]
    return pd.concat([*spouts, *boxes], ignore_index=True).assign(state=0, outcome=0.0)


def by_part(table: pd.DataFrame) -> dict[str, findings.Verdict]:
    return {v.id.removeprefix("recovery/"): v for v in findings.judge("recovery", table)}


def failed(table: pd.DataFrame) -> set[str]:
    return {name for name, v in by_part(table).items() if v.verdict == "fail"}


def test_animals_as_predicted_pass() -> None:
    assert failed(animals()) == set()


def test_numbers_by_hand() -> None:
    found = by_part(animals())
    assert found["preference_lost"].value == pytest.approx(-30.0)
    assert found["preference_back"].value == pytest.approx(28.0)
    assert found["dopamine_lost"].value == pytest.approx(-0.4)
    assert found["dopamine_back"].value == pytest.approx(1.0)
    assert found["familiar_first"].value == 100.0
    assert found["familiar_course"].value == -100.0
    assert found["experience"].value == -100.0
    assert found["drug_alone"].value == 0.0
    assert found["drug_alone"].n == 12


@pytest.mark.parametrize(
    ("states", "sessions", "expected"),
    [
        # a drug that brings nothing back
        ({"home": ((80, 50, 50, 50), (HEALTHY, LOW, LOW, LOW))}, {}, {"dopamine_back", "preference_back"}),
        # a state that stays once it is back
        ({"home": ((80, 50, 80, 80), (HEALTHY, LOW, HEALTHY, HEALTHY))}, {}, {"dopamine_gone"}),
        # no state to lose
        ({"home": ((80, 80, 80, 80), (HEALTHY,) * 4)}, {}, {"dopamine_lost", "preference_lost", "preference_back"}),
        # a drug that undoes what was learned
        ({}, {("familiar", "ketamine"): 0, ("again", "home"): 0}, {"familiar_first", "familiar_course", "experience"}),
        # trials that teach nothing
        ({}, {("familiar", "ketamine"): 30, ("again", "ketamine"): 30}, {"familiar_course", "experience"}),
        # a drug that teaches, later
        ({}, {("again", "home"): 2}, {"drug_alone"}),
        # rivals with a state, and with a drug that works
        ({"lesioned_ketamine": ((80, 60, 80, 60), (HEALTHY,) * 4)}, {}, {"lesioned_state"}),
        ({"low_motivation": ((80, 60, 60, 60), (HEALTHY,) * 4)}, {}, {"motivation_state"}),
        ({}, {("familiar", "lesioned_ketamine"): 0}, {"lesioned_drug"}),
    ],
)
def test_what_is_not_as_predicted_fails(states: dict, sessions: dict, expected: set[str]) -> None:
    assert failed(animals(states, sessions)) == expected


@pytest.mark.parametrize(
    ("phase", "group"), [("familiar", "lesioned_vehicle"), ("new", "new_ketamine"), ("again", "home")]
)
def test_what_is_missing_is_named(phase: str, group: str) -> None:
    table = animals(n=8)
    without = table[(table["phase"] != phase) | (table["group"] != group)]
    with pytest.raises(ValueError, match=f"study recovery, phase '{phase}'"):
        findings.judge("recovery", without)


def test_animals_that_do_not_drink_are_left_out() -> None:
    table = animals(n=8)
    dry = (table["group"] == "home") & (table["phase"] == "later") & (table["subject"] == 3)
    table.loc[dry, "action"] = 0
    assert recovery.preference(recovery.read(table), "home").shape == (7, 4)
    assert recovery.first_failures(recovery.read(table), "again", "home").shape == (8,)


@functools.cache
def shocked(burden: float) -> Subjects:
    """Animals to which acting is a burden, after 60 inescapable shocks in the box."""
    subjects = Subjects(LowMotivation(burden=burden), {"box": BOX, "other": BOX}, n=100, seed=1)
    subjects.run(BOX.replace(escapable=False, durations_s=[3.0]), 60, context="box")
    return subjects


def failures(burden: float, lifted: float, context: str) -> float:
    """In the first 3 trials, with the burden that the drug leaves."""
    subjects = copy.deepcopy(shocked(burden))
    subjects.set_parameters(LowMotivation(burden=lifted).values())
    rows = pd.DataFrame(subjects.run(BOX, 3, context=context, stream=2).rows)
    rows = rows.assign(group="all", phase="test", terminated=rows["terminated"] == 1, truncated=rows["truncated"] == 1)
    return float(100.0 * readouts.failure_course(rows)["failed"].mean())


def test_a_rival_whose_drug_lifts_its_burden_recovers_at_once_everywhere() -> None:
    """Where the habenula's animals fail on in the box that they know, this one has nothing left to unlearn."""
    assert failures(2.0, 2.0, "box") > 95.0
    assert failures(2.0, 2.0, "other") > 95.0
    assert failures(2.0, 0.0, "box") < 5.0
    assert failures(2.0, 0.0, "other") < 5.0


def test_the_habenulas_animals_lose_dopamine_and_get_it_back() -> None:
    """State, in the study's own animals; `habenula check recovery` has all of the claim with 1,000."""
    found = {v.id.removeprefix("recovery/"): v for v in findings.verdicts("recovery", n_subjects=120)}
    assert found["dopamine_lost"].passed
    assert found["dopamine_back"].passed


REMEMBERING = HabenulaAgent(  # what helplessness and its memory depend on
    value_rate=0.5,
    trace_rate=0.3,
    trace_leak=0.008,
    beta=3.4,
    vigour=12.7,
    reflex_go=3.5,
    pavlovian=3.2,
    control_prior=0.2,
    control_loss=1e-4,
    growth=0.35,
    hyperactivity_max=1.8,
    burst_gain=1.0,
)


@functools.cache
def under_half_a_block(context: str) -> pd.Series:
    """Failures (%) of each trial, of animals that 60 inescapable shocks in the box made helpless."""
    subjects = Subjects(REMEMBERING, {"box": BOX, "other": BOX}, n=100, seed=1)
    subjects.run(BOX.replace(escapable=False, durations_s=[3.0]), 60, context="box")
    subjects.set_parameters(REMEMBERING.replace(nmda=0.5).values())
    rows = pd.DataFrame(subjects.run(BOX, 30, context=context, stream=2).rows)
    rows = rows.assign(group="all", phase="test", terminated=rows["terminated"] == 1, truncated=rows["truncated"] == 1)
    return 100.0 * readouts.failure_course(rows).groupby("trial")["failed"].mean()


def test_the_habenulas_animals_fail_on_where_they_were_shocked_and_unlearn_it() -> None:
    """Memory: the drug undoes none of it, trials do. How much of it there is to see depends on the parameters."""
    familiar, new = under_half_a_block("box"), under_half_a_block("other")
    assert familiar[0] > new[0] + 20.0
    assert familiar[-3:].mean() < 5.0
