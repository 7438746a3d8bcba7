"""Probabilistic discounting against sequences worked out by hand and draws made a second time."""

import pytest

from habenula_rl.tasks import ProbabilisticDiscounting

SMALL, RISKY = 0, 1
FREE = {"forced_trials": 0, "free_trials": 2, "effort": 0.0}


def test_blocks_follow_each_other_and_the_session_begins_again(played):
    task = ProbabilisticDiscounting(odds=(1.0, 0.0, 1.0), **FREE)
    trials = played(task, *[[RISKY]] * 8)
    assert [trial[0] for trial in trials] == [f"block {k}" for k in (1, 1, 2, 2, 3, 3, 1, 1)]
    assert [trial[1][1] for trial in trials] == [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]


def test_the_small_reward_is_certain_and_a_press_costs(played):
    task = ProbabilisticDiscounting(odds=(0.0,), forced_trials=0, effort=0.125)
    assert played(task, [SMALL], [RISKY]) == [
        ["block 1", ("block 1", 0.125, "ended")],
        ["block 1", ("block 1", -0.125, "ended")],
    ]


def test_the_risky_reward_comes_when_the_draw_is_below_the_odds_of_the_block(played, drawn):
    odds, per_block, seed = (0.75, 0.25), 30, 5
    task = ProbabilisticDiscounting(odds=odds, forced_trials=0, free_trials=per_block, effort=0.0)
    found = [trial[1][1] for trial in played(task, *[[RISKY]] * 60, seed=seed)]
    assert found == [1.0 if drawn(seed, t) < odds[t // per_block] else 0.0 for t in range(60)]
    assert 0.0 < sum(found[30:]) < sum(found[:30]) < 30.0


def test_forced_trials_show_each_lever_as_often_in_random_order_in_pairs(played, drawn):
    task = ProbabilisticDiscounting(odds=(1.0,), forced_trials=8, free_trials=2)
    first = [trial[0] for trial in played(task, *[[SMALL]] * 10, seed=3)]
    expected = []
    for pair in range(4):
        order = ["small", "risky"] if drawn(3, 2 * pair, slot=1) < 0.5 else ["risky", "small"]
        expected += [f"block 1, {lever} alone" for lever in order]
    assert first == [*expected, "block 1", "block 1"]
    assert len(set(expected[::2])) == 2  # else this seed would not distinguish a random order from a fixed one


def test_a_lever_that_is_not_there_pays_nothing(played):
    task = ProbabilisticDiscounting(odds=(1.0,), forced_trials=2, free_trials=1, effort=0.0)
    pays = {"block 1, small alone": {SMALL: 0.25, RISKY: 0.0}, "block 1, risky alone": {SMALL: 0.0, RISKY: 1.0}}
    for action in (SMALL, RISKY):
        for state, outcome in played(task, [action], [action]):
            assert outcome == (state, pays[state][action], "ended")


def test_what_is_learned_from_one_lever_is_learned_about_the_block():
    task = ProbabilisticDiscounting(odds=(1.0, 0.5))
    assert task.states == (
        "block 1",
        "block 2",
        "block 1, small alone",
        "block 2, small alone",
        "block 1, risky alone",
        "block 2, risky alone",
    )
    assert task.elements == ((0,), (1,), (0,), (1,), (0,), (1,))
    assert task.available == ((True, True),) * 2 + ((True, False),) * 2 + ((False, True),) * 2


def test_doing_nothing_may_be_an_option(played):
    task = ProbabilisticDiscounting(odds=(1.0,), forced_trials=0, free=True, effort=0.0)
    assert [trial[1][1] for trial in played(task, [0], [1], [2])] == [0.0, 0.25, 1.0]
    assert (task.actions, task.passive) == (("nothing", "small", "risky"), 0)
    assert ProbabilisticDiscounting(free=True).available[-1] == (True, False, True)


@pytest.mark.parametrize("forced", [0, 2])
def test_without_a_cue_all_blocks_look_the_same(played, forced):
    task = ProbabilisticDiscounting(odds=(1.0, 0.0), cued=False, forced_trials=forced, free_trials=1, effort=0.0)
    trials = played(task, *[[RISKY]] * (2 * (forced + 1)))
    free = trials[forced :: forced + 1]
    assert free == [["levers", ("levers", 1.0, "ended")], ["levers", ("levers", 0.0, "ended")]]
    assert {trial[0] for trial in trials} == set(task.states)
    assert task.elements == ((0,),) * len(task.states)
