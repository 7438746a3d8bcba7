"""Active avoidance against sequences worked out by hand; costs are powers of two, so that sums are exact."""

import pytest

from habenula_rl.tasks import ActiveAvoidance, ShuttleBox

STAY, CROSS = 0, 1
COSTS = {"cost": 0.5, "effort": 0.25}


def test_a_crossing_during_the_signal_avoids_the_shock(played):
    [trial] = played(ActiveAvoidance(warning_s=3, **COSTS), [STAY, CROSS])
    assert trial == ["warning", ("warning", 0.0, "on"), ("safe", -0.25, "ended")]


def test_a_crossing_during_the_shock_escapes_it(played):
    [trial] = played(ActiveAvoidance(warning_s=1, max_shock_s=3, **COSTS), [STAY, STAY, CROSS])
    assert trial == ["warning", ("shock", 0.0, "on"), ("shock", -0.5, "on"), ("safe", -0.5, "ended")]


def test_a_failure_is_cut_off_after_the_longest_shock(played):
    task = ActiveAvoidance(warning_s=1, max_shock_s=2, **COSTS)
    assert played(task, [STAY, STAY, STAY]) == [
        ["warning", ("shock", 0.0, "on"), ("shock", -0.5, "on"), ("shock", -0.5, "cut off")]
    ]
    assert task.max_steps == 3


def test_in_extinction_the_signal_ends_without_shock_whatever_the_animal_does(played):
    task = ActiveAvoidance(warning_s=2, shocked_trials=1, **COSTS)
    shocked, waited, crossed = played(task, [STAY, STAY, STAY, STAY], [STAY, STAY], [CROSS])
    assert shocked[2:4] == [("shock", 0.0, "on"), ("shock", -0.5, "on")]
    assert waited == ["warning", ("warning", 0.0, "on"), ("safe", 0.0, "cut off")]
    assert crossed == ["warning", ("safe", -0.25, "ended")]


def test_in_the_classical_control_crossing_changes_nothing(played):
    task = ActiveAvoidance(escapable=False, warning_s=2, max_shock_s=2, **COSTS)
    assert played(task, [CROSS, CROSS, CROSS, STAY]) == [
        ["warning", ("warning", -0.25, "on"), ("shock", -0.25, "on"), ("shock", -0.75, "on"), ("safe", -0.5, "cut off")]
    ]


def test_the_classical_control_is_extinguished_too(played):
    task = ActiveAvoidance(escapable=False, warning_s=2, shocked_trials=0, **COSTS)
    assert played(task, [CROSS, STAY]) == [["warning", ("warning", -0.25, "on"), ("safe", 0.0, "cut off")]]


@pytest.mark.parametrize("actions", [[STAY, CROSS], [STAY, STAY, STAY, CROSS], [STAY] * 5])
def test_with_shock_in_every_trial_it_is_the_shuttle_box(played, actions):
    settings = {"warning_s": 2, "max_shock_s": 3, "shock": 0.5}
    assert played(ActiveAvoidance(**settings), actions) == played(ShuttleBox(**settings), actions)


def test_it_shares_the_numbers_of_the_shuttle_box():
    task, box = ActiveAvoidance(shock=0.5), ShuttleBox(shock=0.5)
    same = ("states", "actions", "passive", "aversive", "reflex", "step_s")
    assert [getattr(task, name) for name in same] == [getattr(box, name) for name in same]
    assert (task.cost, task.effort) == (box.cost, box.effort)
