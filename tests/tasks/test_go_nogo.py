"""Go/no-go against outcomes and orders worked out by hand."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import GoNoGo

NO_GO, GO = 0, 1
OUTCOMES = {"win": 8.0, "no_win": 4.0, "no_loss": 2.0, "loss": 1.0}


@pytest.mark.parametrize(
    ("validity", "brought"),  # by condition: what go brings, and what no-go brings
    [(1.0, [(8, 4), (2, 1), (4, 8), (1, 2)]), (0.0, [(4, 8), (1, 2), (8, 4), (2, 1)])],
)
def test_each_response_in_each_condition(chosen, validity, brought):
    task = GoNoGo(validity=validity, sets=1, **OUTCOMES)
    for action in (NO_GO, GO):
        found = {state: reward for state, _, reward, _, _ in chosen(task, [action] * 120, 120)}
        assert found == {state: pair[1 - action] for state, pair in enumerate(brought)}


def test_the_better_outcome_comes_when_the_draw_is_below_validity(chosen, drawn):
    task = GoNoGo(validity=0.75, **OUTCOMES)
    for trial, (state, _, reward, _, _) in enumerate(chosen(task, [GO] * 200, 200, seed=5)):
        right = state % 4 < 2
        better = (drawn(5, trial, slot=1) < 0.75) == right
        assert reward == ((8 if better else 4) if state % 2 == 0 else (2 if better else 1))


def test_the_published_session_has_thirty_trials_with_each_of_eight_cues(chosen):
    states = [row[0] for row in chosen(GoNoGo(), [GO] * 360, 360)]
    assert Counter(states[:120]) == dict.fromkeys(range(4), 30)
    assert Counter(states[120:240]) == dict.fromkeys(range(4, 8), 30)
    assert Counter(states[240:]) == dict.fromkeys(range(4), 30)
    assert states[:120] != states[240:]
    assert len(GoNoGo().states) == 8


def test_conditions_may_come_more_or_less_often_or_never(chosen):
    task = GoNoGo(exposures=[2, 0, 1, 3], sets=1)
    for start in (0, 6):
        states = [row[0] for row in chosen(task, [GO] * 12, 12)][start : start + 6]
        assert Counter(states) == {0: 2, 2: 1, 3: 3}


def test_the_order_of_cues_is_a_subjects_own_and_any_cue_may_be_first(chosen):
    task = GoNoGo(exposures=[1, 1, 1, 1], sets=1)
    first = Counter(chosen(task, [GO], 1, subject=subject)[0][0] for subject in range(400))
    assert all(60 <= first[state] <= 140 for state in range(4))  # binomial, mean 100, sd 8.7: beyond 4.6 sd


def test_outcomes_are_valid_in_four_of_five_trials(chosen):
    rows = [row for subject in range(10) for row in chosen(GoNoGo(), [NO_GO] * 240, 240, subject=subject)]
    wins = [reward == 1.0 for state, _, reward, _, _ in rows if state % 4 == 2]
    assert len(wins) == 600
    assert 480 - 4 * 9.8 < sum(wins) < 480 + 4 * 9.8


@settings(deadline=None, max_examples=30)
@given(exposures=st.lists(st.integers(0, 4), min_size=4, max_size=4).filter(any), sets=st.integers(1, 3))
def test_every_set_holds_each_cue_as_often_as_it_should(exposures, sets):
    task = GoNoGo(exposures=exposures, sets=sets)
    env, n = TaskEnvironment(task), sum(exposures)
    states = [int(env.reset(seed=1)[0])]
    for _ in range(2 * sets * n - 1):
        env.step(GO)
        states.append(int(env.reset()[0]))
    for k in range(2 * sets):
        first = 4 * (k % sets)
        expected = {first + c: count for c, count in enumerate(exposures) if count}
        assert Counter(states[k * n : (k + 1) * n]) == expected


def test_no_go_is_doing_nothing():
    assert GoNoGo().actions[GoNoGo().passive] == "no-go"
    assert GoNoGo().states[5] == "go to avoid, set 2"


@pytest.mark.parametrize(
    ("exposures", "message"),
    [
        ([30, 30], "four numbers"),
        ([0, 0, 0, 0], "not all of them 0"),
        ([1.5, 1, 1, 1], "exposures must be a whole number, not 1.5"),
    ],
)
def test_exposures_that_mean_nothing_are_refused(exposures, message):
    with pytest.raises(ValueError, match=message):
        GoNoGo(exposures=exposures)
