"""Effort choice against sequences worked out by hand and draws made a second time."""

import pytest

from habenula_rl.tasks import EffortChoice

NOTHING, TAKE, WORK = 0, 1, 2


def test_the_work_pays_with_its_last_press(played):
    task = EffortChoice(presses=3, effort=0.125)
    [trial] = played(task, [WORK, WORK, WORK])
    at_work = "offer 1, at work"
    assert trial == ["offer 1", (at_work, -0.125, "on"), (at_work, -0.125, "on"), (at_work, 0.875, "ended")]


def test_the_free_reward_can_be_taken_at_once_or_after_giving_up(played):
    task = EffortChoice(presses=3, easy=0.25, effort=0.125)
    at_once, later = played(task, [TAKE], [WORK, TAKE])
    assert at_once == ["offer 1", ("offer 1", 0.25, "ended")]
    assert later == ["offer 1", ("offer 1, at work", -0.125, "on"), ("offer 1, at work", 0.25, "ended")]


def test_pauses_do_not_undo_the_work(played):
    task = EffortChoice(presses=2, effort=0.125)
    [trial] = played(task, [NOTHING, WORK, NOTHING, WORK])
    assert [reward for _, reward, _ in trial[1:]] == [0.0, -0.125, 0.0, 0.875]
    assert [name for name, *_ in trial[1:]] == ["offer 1", *["offer 1, at work"] * 3]


def test_work_that_was_given_up_does_not_count_in_the_next_trial(played):
    _, second = played(EffortChoice(presses=2, effort=0.125), [WORK, TAKE], [WORK, WORK])
    assert [outcome[1:] for outcome in second[1:]] == [(-0.125, "on"), (0.875, "ended")]


def test_doing_nothing_lasts_as_long_as_the_trial(played):
    task = EffortChoice(presses=1, limit_s=2)
    assert played(task, [NOTHING, NOTHING]) == [["offer 1", ("offer 1", 0.0, "on"), ("offer 1", 0.0, "cut off")]]
    assert task.max_steps == 2


def test_a_last_press_in_the_last_second_ends_the_trial_itself(played):
    [trial] = played(EffortChoice(presses=2, limit_s=2, effort=0.125), [WORK, WORK])
    assert trial[-1][1:] == (0.875, "ended")


def test_offers_and_wins_are_drawn_trial_by_trial(played, drawn):
    amounts, odds, seed = (1.0, 2.0, 4.0), (0.25, 0.5, 0.75), 11
    task = EffortChoice(amounts=amounts, odds=odds, presses=1, effort=0.0)
    trials = played(task, *[[WORK]] * 90, seed=seed)
    offers = [int(3 * drawn(seed, t, slot=1)) for t in range(90)]
    assert [trial[0] for trial in trials] == [f"offer {k + 1}" for k in offers]
    assert [trial[1][0] for trial in trials] == [f"offer {k + 1}, at work" for k in offers]
    assert [trial[1][1] for trial in trials] == [
        amounts[k] if drawn(seed, t) < odds[k] else 0.0 for t, k in enumerate(offers)
    ]
    assert set(offers) == {0, 1, 2}


def test_what_cannot_be_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="one number for each offer, not 2 amounts and 1 odds"):
        EffortChoice(amounts=(1.0, 2.0))
    with pytest.raises(ValueError, match="40 presses at one a second do not fit into limit_s 30"):
        EffortChoice(presses=40)
