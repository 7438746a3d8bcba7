"""The probabilistic reward task against schedules worked out by hand."""

from itertools import groupby

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import ProbabilisticReward

RICH, LEAN = 0, 1
CLEAR = {"confusion": 0.0}


def honest(state):
    return state


def shown(rows):
    return [end - 2 for *_, end, _ in rows]


def blocks(rows, n):
    return [rows[k : k + n] for k in range(0, len(rows), n)]


def test_the_published_session(chosen):
    rows = chosen(ProbabilisticReward(**CLEAR), honest, 300)
    for block in blocks(rows, 100):
        assert (shown(block).count(RICH), shown(block).count(LEAN)) == (50, 50)
        assert max(len(list(run)) for _, run in groupby(shown(block))) <= 3
        assert sum(reward for _, _, reward, end, _ in block if end == 2 + RICH) == 30.0
        assert sum(reward for _, _, reward, end, _ in block if end == 2 + LEAN) == 10.0


def test_only_right_answers_to_what_was_shown_are_rewarded(chosen):
    task = ProbabilisticReward(stimuli=[5, 5], rewarded=[1, 1], confusion=0.5, reward=2.0)
    for _, action, reward, end, _ in chosen(task, [RICH] * 200, 200):
        assert reward == (2.0 if action == end - 2 else 0.0)


def test_a_reward_that_is_due_waits_for_the_next_right_answer_of_its_kind():
    """Rich only, by turns with lean: each rich stimulus has a reward due, answers are wrong, right, right, right."""
    task = ProbabilisticReward(stimuli=[3, 3], rewarded=[1 / 3, 0], longest_run=1, **CLEAR)
    env = TaskEnvironment(task)
    for subject in range(30):
        rewards = []
        for t in range(6):
            state, _ = env.reset(seed=1, options={"subject": subject}) if t == 0 else env.reset()
            rewards.append((state, env.step(state if len(rewards) > 1 else 1 - state)[1]))
        rich = [reward for state, reward in rewards if state == RICH]
        assert rich[0] == 0.0  # the first answer to rich is wrong, and one reward came later wherever it was due
        assert (sum(rich), sum(reward for state, reward in rewards if state == LEAN)) == (1.0, 0.0)


def test_rewards_that_were_not_earned_are_gone_with_the_block(chosen):
    task = ProbabilisticReward(stimuli=[4, 4], rewarded=[0.75, 0.75], **CLEAR)
    wrong_then_right = [1 - row[0] for row in chosen(task, honest, 8)] + [
        row[0] for row in chosen(task, honest, 16)[8:]
    ]
    rows = chosen(task, wrong_then_right, 16)
    assert [sum(row[2] for row in block) for block in blocks(rows, 8)] == [0.0, 6.0]


def test_rewards_that_are_due_add_up(chosen):
    """Wrong, wrong, right, right: whichever two of the four have a reward, the last two bring both."""
    task = ProbabilisticReward(stimuli=[4, 4], rewarded=[0.5, 0], **CLEAR)
    for subject in range(40):
        states = [row[0] for row in chosen(task, honest, 8, subject=subject)]
        rich = [t for t, state in enumerate(states) if state == RICH]
        answers = [LEAN if t in rich[:2] else state for t, state in enumerate(states)]
        rewards = [row[2] for row in chosen(task, answers, 8, subject=subject)]
        assert [t for t in range(8) if rewards[t]] == rich[2:]


def test_missed_rewards_are_made_up_within_the_block(chosen):
    task = ProbabilisticReward(stimuli=[4, 4], rewarded=[0.5, 0.5], **CLEAR)
    made_up = 0
    for subject in range(40):
        states = [row[0] for row in chosen(task, honest, 8, subject=subject)]
        answers = [1 - states[0], *states[1:]]
        rewards = chosen(task, answers, 8, subject=subject)
        due_first = chosen(task, honest, 8, subject=subject)[0][2]
        assert rewards[0][2] == 0.0
        total = sum(row[2] for row in rewards)
        assert 3.0 <= total <= 4.0
        made_up += due_first == 1.0 and total == 4.0
    assert made_up > 5


def test_every_place_in_a_block_is_as_likely_to_be_rewarded(chosen):
    task = ProbabilisticReward(stimuli=[4, 4], rewarded=[0.25, 0.75], **CLEAR)
    first = {RICH: 0.0, LEAN: 0.0}
    for subject in range(400):
        rows = chosen(task, honest, 8, subject=subject)
        for kind in first:
            first[kind] += next(row[2] for row in rows if row[0] == kind)
    assert abs(first[RICH] - 100) < 4 * 8.7
    assert abs(first[LEAN] - 300) < 4 * 8.7


def test_a_stimulus_looks_like_the_other_one_as_often_as_declared(chosen):
    rows = chosen(ProbabilisticReward(), honest, 2000)
    confused = sum(state != end - 2 for state, _, _, end, _ in rows)
    assert abs(confused - 400) < 4 * 17.9


@settings(deadline=None, max_examples=50)
@given(
    stimuli=st.tuples(st.integers(1, 9), st.integers(1, 9)), longest_run=st.integers(1, 4), subject=st.integers(0, 99)
)
def test_runs_stay_short_and_every_stimulus_comes(stimuli, longest_run, subject):
    assume(max(stimuli) <= longest_run * (min(stimuli) + 1))
    task = ProbabilisticReward(stimuli=stimuli, longest_run=longest_run)
    env, kinds = TaskEnvironment(task), []
    for t in range(2 * sum(stimuli)):
        env.reset(seed=0, options={"subject": subject}) if t == 0 else env.reset()
        kinds.append(env.step(RICH)[0] - 2)
    for block in blocks(kinds, sum(stimuli)):
        assert (block.count(RICH), block.count(LEAN)) == stimuli
        assert max(len(list(run)) for _, run in groupby(block)) <= longest_run


def test_runs_are_longer_only_where_they_have_to_be(chosen):
    task = ProbabilisticReward(stimuli=[9, 1], longest_run=2)
    kinds = shown(chosen(task, [RICH] * 10, 10))
    assert (kinds.count(RICH), kinds.count(LEAN)) == (9, 1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"stimuli": [50]}, "stimuli must hold two numbers, for rich and lean, not .50"),
        ({"rewarded": [0.6, 0.2, 0.1]}, "rewarded must hold two numbers"),
        ({"stimuli": [50, 0.5]}, "stimuli must be a whole number, not 0.5"),
    ],
)
def test_what_means_nothing_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        ProbabilisticReward(**parameters)


def test_shares_of_rewarded_stimuli_are_rounded_to_the_nearest_number():
    env = TaskEnvironment(ProbabilisticReward(stimuli=(5, 5), rewarded=(0.3, 0.1), confusion=0.0))
    earned = [0, 0]
    for t in range(10):
        shown, _ = env.reset(seed=3) if t == 0 else env.reset()
        earned[shown] += env.step(shown)[1]
    assert earned == [2, 1]  # 1.5 and 0.5
