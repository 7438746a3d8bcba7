"""Magnitude shift against sequences worked out by hand."""

from habenula_rl.tasks import MagnitudeShift

SHIFTING, CONSTANT = 0, 1


def test_one_side_shifts_after_the_baseline_and_the_other_does_not(played):
    task = MagnitudeShift(amount=0.5, shifted=0.75, constant=0.25, baseline_trials=2, effort=0.125)
    trials = played(task, [SHIFTING], [CONSTANT], [SHIFTING], [CONSTANT])
    assert [trial[1] for trial in trials] == [("sides", reward, "ended") for reward in (0.375, 0.125, 0.625, 0.125)]


def test_without_a_baseline_the_shift_comes_first(played):
    assert played(MagnitudeShift(shifted=0.25, baseline_trials=0, effort=0.0), [SHIFTING])[0][1][1] == 0.25


def test_doing_nothing_may_be_an_option(played):
    task = MagnitudeShift(amount=0.5, constant=0.25, free=True, effort=0.125)
    assert [trial[1][1] for trial in played(task, [0], [1], [2])] == [0.0, 0.375, 0.125]
    assert (task.actions, task.passive) == (("nothing", "shifting", "constant"), 0)
    assert MagnitudeShift().passive == -1
