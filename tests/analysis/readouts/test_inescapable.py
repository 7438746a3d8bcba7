"""What cannot be escaped is never counted as escaped or avoided, read from real runs of animals that cross."""

import pytest

from habenula_rl.agents import QLearning
from habenula_rl.analysis import readouts
from habenula_rl.engine.population import simulate
from habenula_rl.tasks import ActiveAvoidance, ShuttleBox


def run(task, n_trials=12):
    """Animals that cross in every other second, whatever it brings."""
    agent = QLearning(beta=0.0)
    return simulate(agent, task, n_subjects=4, n_trials=n_trials, seed=1, compiled=False, record=["rpe"]).trials


@pytest.mark.parametrize("extinction", [False, True])
def test_the_classical_control_avoids_and_escapes_nothing(extinction):
    task = ActiveAvoidance(escapable=False, shocked_trials=0 if extinction else 1000, warning_s=2, max_shock_s=2)
    trials = run(task)
    last = trials[trials["terminated"] | trials["truncated"]]
    assert last["action"].nunique() == 2
    assert readouts.avoidance(trials)[["avoided", "escaped", "failed"]].to_numpy().tolist() == [[0.0, 0.0, 1.0]] * 4


def test_what_can_be_avoided_or_escaped_still_is():
    found = readouts.avoidance(run(ActiveAvoidance(warning_s=1, max_shock_s=1), n_trials=100)).mean(numeric_only=True)
    assert found["avoided"] == pytest.approx(0.5, abs=0.1)
    assert found["escaped"] == pytest.approx(0.25, abs=0.1)


def test_each_trial_of_inescapable_shock_is_a_failure_as_long_as_the_shock():
    found = readouts.escapes(run(ShuttleBox(escapable=False, durations_s=(2, 4))))
    assert found[["failures", "failed", "latency"]].to_numpy().tolist() == [[12, 1.0, 3.0]] * 4
