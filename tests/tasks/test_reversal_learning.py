"""Reversal learning against sequences worked out by hand and an independent account of its criterion."""

from collections import Counter, deque
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import ReversalLearning

SURE = {"probabilities": (1.0, 0.0)}


def best_arms(task, right, seed=0, subject=0):
    """The best arm of each trial of a subject that knows it, and errs where `right` is False."""
    env = TaskEnvironment(task)
    best, now = [], None
    for t, hit in enumerate(right):
        env.reset(seed=seed, options={"subject": subject}) if t == 0 else env.reset()
        now = int(env.unwrapped._record["x"]["best"][0])
        arm, reward, *_ = env.step(now if hit else (now + 1) % len(task.probabilities))
        assert arm == 1 + now
        best.append(now)
        assert reward in (task.reward, task.otherwise)
    return best


def reversed_at(best):
    """The trials that begin with another best arm than the one before."""
    return [t for t in range(1, len(best)) if best[t] != best[t - 1]]


def test_three_of_four_by_hand():
    task = ReversalLearning(correct=3, window=4, **SURE)
    # right right wrong right | wrong wrong wrong right right wrong right | right
    hits = [1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1]
    assert reversed_at(best_arms(task, hits)) == [4, 11]


def test_eight_in_a_row_by_hand():
    hits = [1] * 7 + [0] + [1] * 8 + [1] * 7
    assert reversed_at(best_arms(ReversalLearning(**SURE), hits)) == [16]


def test_a_reward_by_chance_is_not_a_correct_choice():
    task = ReversalLearning(probabilities=(0.0, 1.0), correct=2, window=2)
    assert reversed_at(best_arms(task, [0] * 6)) == []
    assert reversed_at(best_arms(task, [1] * 6)) == [2, 4]


def test_blocks_by_hand():
    assert reversed_at(best_arms(ReversalLearning(correct=0, block=3), [0, 1, 0, 1, 1, 1, 1, 0])) == [3, 6]


def test_whichever_is_first():
    task = ReversalLearning(correct=2, window=2, block=4)
    assert reversed_at(best_arms(task, [0, 0, 0, 0, 1, 1, 0, 1, 0, 1, 0])) == [4, 6, 10]


def test_without_block_and_criterion_nothing_reverses():
    assert reversed_at(best_arms(ReversalLearning(correct=0), [1] * 60)) == []


def test_jittered_blocks_have_every_length_and_no_other():
    best = best_arms(ReversalLearning(correct=0, block=4, jitter=0.5), [1] * 800)
    at = [0, *reversed_at(best)]
    lengths = Counter(b - a for a, b in pairwise(at))
    assert set(lengths) == {2, 3, 4, 5, 6}
    n = sum(lengths.values())
    assert all(abs(count - n / 5) < 4 * (n * 0.16) ** 0.5 for count in lengths.values())


@settings(deadline=None, max_examples=60)
@given(
    window=st.integers(1, 50),
    share=st.floats(0.1, 1.0),
    block=st.integers(0, 30),
    hits=st.lists(st.integers(0, 3).map(bool), min_size=80, max_size=80),
)
def test_reversals_come_when_a_queue_says_so(window, share, block, hits):
    correct = max(1, round(share * window))
    task = ReversalLearning(correct=correct, window=window, block=block)
    seen, length, expected = deque(maxlen=window), 0, []
    for t, hit in enumerate(hits):
        if sum(seen) >= correct or (block and length >= block):
            expected.append(t)
            seen, length = deque(maxlen=window), 0
        seen.append(hit)
        length += 1
    assert reversed_at(best_arms(task, hits)) == expected


def test_the_arms_after_the_best_have_the_other_probabilities_in_a_circle(chosen):
    task = ReversalLearning(probabilities=(1.0, 0.5, 0.0), correct=0, block=50)
    rows = chosen(task, [t % 3 for t in range(600)], 600)
    rewards = {k: [row[2] for row in rows if (row[1] - (row[3] - 1)) % 3 == k] for k in range(3)}
    assert (set(rewards[0]), set(rewards[2])) == ({1.0}, {0.0})
    assert abs(sum(rewards[1]) - 100) < 4 * 50**0.5
    assert len({row[3] for row in rows}) == 3


def test_a_reward_comes_when_the_draw_is_below_the_arms_probability(chosen, drawn):
    task = ReversalLearning(reward=2.0, otherwise=-1.0, correct=0)
    for trial, (_, action, reward, end, _) in enumerate(chosen(task, [t % 2 for t in range(200)], 200, seed=3)):
        chance = 0.8 if action == end - 1 else 0.2
        assert reward == (2.0 if drawn(3, trial) < chance else -1.0)


def test_any_arm_may_be_the_first_best_and_the_next():
    task = ReversalLearning(probabilities=(0.8, 0.2, 0.2), correct=1, window=1)
    paths = Counter(tuple(best_arms(task, [1, 1], subject=s)) for s in range(300))
    assert set(paths) == {(a, b) for a in range(3) for b in range(3) if a != b}
    assert all(24 <= count <= 76 for count in paths.values())  # binomial, mean 50, sd 6.5


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"probabilities": [0.8]}, "must hold 2 or 3 numbers, one for each arm, not 1"),
        ({"correct": 9, "window": 8}, "correct must be at most window, not 9 in 8 choices"),
    ],
)
def test_what_means_nothing_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        ReversalLearning(**parameters)


def test_a_single_right_choice_leaves_the_window():
    task = ReversalLearning(correct=2, window=2, **SURE)
    assert reversed_at(best_arms(task, [1, 0, 0, 1, 1, 0])) == [5]
