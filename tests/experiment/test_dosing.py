"""Drugs over the phases of a study: carried from one to the next, and changed by what the habenula did in between."""

from pathlib import Path

import pytest

from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.units import run_phases, run_unit, units_of

STUDY = """\
study: dosing
seed: 3
record: [burst]
groups:
  control: {n: 4, parameters: {hyperactivity: 1.0}, interventions: [ketamine: {hours_before: 23}]}
  lit: {n: 4, parameters: {hyperactivity: 1.0}, interventions: [ketamine: {hours_before: 23}]}
  stressed: {n: 4, parameters: {hyperactivity: 1.0}}
  spared: {n: 4, parameters: {hyperactivity: 1.0}}
phases:
  - {name: first, groups: [control, lit], task: SucrosePreference, trials: 1}
  - name: light
    groups: [lit]
    gap_hours: 1
    task: SucrosePreference
    trials: 1
    interventions: [optogenetic_bursts: {duration_hours: 1}]
  - {name: last, groups: [control, lit], gap_hours: 2, task: SucrosePreference, trials: 1}
  - name: shock
    groups: [stressed]
    task: ShuttleBox
    parameters: {escapable: false, durations_s: [10], max_shock_s: 10}
    trials: 60
    interventions: [ketamine: {hours_before: 0.1}]
  - name: home
    groups: [spared]
    task: SucrosePreference
    trials: 60
    interventions: [ketamine: {hours_before: 0.1}]
  - {name: after, groups: [stressed, spared], gap_hours: 1, task: SucrosePreference, trials: 1}
"""


@pytest.fixture(scope="module")
def open_receptors(tmp_path_factory):
    """{(group, phase): NMDA receptors open in it}."""
    path = tmp_path_factory.mktemp("dosing") / "dosing.yaml"
    Path(path).write_text(STUDY, encoding="utf-8")
    study = plan_of(load_study(path))
    found = {}
    for unit in units_of(study):
        for passed in run_phases(study, unit, compiled=False):
            found[unit.group, passed.phase.name] = float(passed.subjects.parameters["nmda"][0])
    return found


def test_light_changes_what_is_bound_after_it_and_not_before(open_receptors):
    assert open_receptors["lit", "first"] == open_receptors["control", "first"]
    assert open_receptors["lit", "last"] > open_receptors["control", "last"] + 0.05  # it let the drug out


def test_shock_while_the_drug_is_there_makes_it_bind(open_receptors):
    assert open_receptors["stressed", "shock"] == open_receptors["spared", "home"]
    assert open_receptors["stressed", "after"] < open_receptors["spared", "after"] - 0.05


def test_a_study_with_doses_is_the_same_in_two_runs():
    study = plan_of(load_study("yang2018", overrides=["groups.helpless_ketamine.n=3"]))
    unit = next(unit for unit in units_of(study) if unit.group == "helpless_ketamine")
    one, other = (run_unit(study, unit, compiled=False).trials for _ in range(2))
    assert one.equals(other)
