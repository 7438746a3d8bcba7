"""What is switched on acts on a whole phase that begins while it is on, and what outlasts it is said."""

import math
import warnings

import pytest

import habenula_rl as hrl
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.run import load_manifest, run
from habenula_rl.interventions import DeepBrainStimulation, Ketamine, Muscimol, OptogeneticTonic

AGENT = hrl.HabenulaAgent()


@pytest.mark.parametrize(("hours", "on"), [(0.0, True), (0.5, True), (1.0, True), (1.0001, False), (300.0, False)])
def test_on_from_its_beginning_to_its_end_both_included(hours, on):
    light = DeepBrainStimulation(share=0.8, duration_hours=1.0, hours_before=hours)
    assert light.on == on
    assert light(AGENT).habenula_output == (pytest.approx(0.2) if on else 1.0)


@pytest.mark.parametrize(
    ("intervention", "left"),
    [
        (DeepBrainStimulation(duration_hours=1.0, hours_before=0.25), 0.75),
        (DeepBrainStimulation(hours_before=2), None),
        (OptogeneticTonic(duration_hours=3.0), 3.0),
        (Ketamine(), None),
        (Muscimol(), None),
    ],
)
def test_hours_until_it_ends(intervention, left):
    assert intervention.hours_left == (math.inf if left is None else left)


def test_a_simulation_longer_than_the_stimulation_warns():
    """400 trials of 10 s of shock at most, with a warning signal and pauses or not: more than an hour in any case."""
    task = hrl.tasks.ShuttleBox(max_shock_s=10.0)
    hours = task.longest_hours(400)
    assert hours == 400 * task.max_steps * task.step_s / 3600 > 1.0
    with pytest.warns(UserWarning, match=rf"the phase can last {hours:.3g} h, and DeepBrainStimulation ends 1 h after"):
        hrl.simulate(DeepBrainStimulation()(AGENT), task, n_trials=400)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hrl.simulate(DeepBrainStimulation()(AGENT), task, n_trials=20)
        hrl.simulate(DeepBrainStimulation()(AGENT), hrl.tasks.Bandit(), n_trials=400)  # not in real time


TEXT = """
study: stimulated
description: stimulation and what follows it
seed: 1
groups: {mice: {n: 1}}
phases:
  - {name: before, task: ForcedSwim, trials: 20}
  - name: first
    task: ForcedSwim
    trials: 6
    gap_hours: 24
    interventions: [deep_brain_stimulation: {duration_hours: 1}]
  - {name: second, task: ForcedSwim, trials: 6}
  - {name: later, task: ForcedSwim, trials: 20, gap_hours: 1.5}
"""


def test_a_study_says_which_phases_outlast_what_they_are_under(tmp_path):
    """A swim lasts 6 min: one phase of 6 fits the hour, two without a gap do not; `later` begins when it is off."""
    (tmp_path / "stimulated.yaml").write_text(TEXT)
    study = load_study(tmp_path / "stimulated.yaml")
    on = {phase.name: [i.on for i in phase.interventions] for phase in plan_of(study).groups["mice"].phases}
    assert on == {"before": [], "first": [True], "second": [True], "later": [False]}
    says = "what is on when a phase begins acts on all of it (duration_hours)"
    line = f"phases first, second can last 1.2 h, and DeepBrainStimulation ends 1 h after the beginning: {says}"
    assert plan_of(study).warnings == (line,)
    said = []
    folder = run(study, tmp_path / "results", progress=lambda done, total, line: said.append(line))
    assert line in said and load_manifest(folder)["warnings"] == [line]


def test_a_study_within_its_hours_says_nothing(tmp_path):
    (tmp_path / "short.yaml").write_text(TEXT.replace("trials: 6", "trials: 4"))
    assert plan_of(load_study(tmp_path / "short.yaml")).warnings == ()
