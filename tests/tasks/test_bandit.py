"""The bandit against walks worked out by hand and by the standard library's normal distribution."""

from collections import Counter
from statistics import NormalDist, fmean, stdev
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl.tasks import Bandit
from habenula_rl.tasks.bandit import drifted

STILL = {"decay": 1.0, "drift_sd": 0.0}
TWO = {"rewards": [1, 1], "punishments": [0, 0]}


def walk(decay=1.0, centre=0.5, drift_sd=0.1, lowest=0.25, highest=0.75):
    return SimpleNamespace(decay=decay, centre=centre, drift_sd=drift_sd, lowest=lowest, highest=highest)


@pytest.mark.parametrize(
    ("p", "noise", "parameters", "then"),
    [
        (0.5, 1.0, {}, 0.6),
        (0.5, 1.0, {"decay": 0.5, "centre": 0.3}, 0.5),
        (0.7, 1.0, {}, 0.7),  # 0.8 is 0.05 beyond, and reflected
        (0.3, -1.0, {}, 0.3),
        (0.5, 9.0, {}, 0.25),  # 1.4 is reflected to 0.1, and stopped at the other bound
        (0.5, -9.0, {}, 0.75),
    ],
)
def test_a_step_of_the_walk_by_hand(p, noise, parameters, then):
    assert drifted(p, noise, walk(**parameters)) == pytest.approx(then)


@given(p=st.floats(0, 1), noise=st.floats(-9, 9), drift_sd=st.floats(0, 1), decay=st.floats(0, 1))
def test_a_walk_stays_within_its_bounds(p, noise, drift_sd, decay):
    assert 0.25 <= drifted(p, noise, walk(decay=decay, drift_sd=drift_sd)) <= 0.75


def test_walks_outcomes_and_best_arms_follow_from_the_draws(chosen, drawn):
    task = Bandit(probabilities=[0.3, 0.5, 0.7], rewards=[2, 1, 1], punishments=[1, 0.5, 0.25], drift_sd=0.1)
    seed, normal, p = 8, NormalDist(), list(task.probabilities)
    q = walk(decay=task.decay, drift_sd=0.1, lowest=0.0, highest=1.0)
    for trial, (_, arm, reward, end, _) in enumerate(chosen(task, [t % 3 for t in range(300)], 300, seed=seed)):
        for a in range(3) if trial else ():
            p[a] = drifted(p[a], normal.inv_cdf(drawn(seed, trial, slot=1 + a)), q)
        assert reward == (task.rewards[arm] if drawn(seed, trial) < p[arm] else -task.punishments[arm])
        means = [p[a] * task.rewards[a] - (1 - p[a]) * task.punishments[a] for a in range(3)]
        assert end == 1 + means.index(max(means))


def test_without_drift_the_arms_pay_as_declared(chosen):
    task = Bandit(probabilities=[0.2, 0.9], **TWO | STILL | {"punishments": [0, 8]})
    rows = chosen(task, [t % 2 for t in range(2000)], 2000)
    assert {row[3] for row in rows} == {1}  # arm 0 brings 0.2, arm 1 0.9 - 0.8
    counts = Counter(row[1:3] for row in rows)
    expected = {(0, 1.0): 0.2, (0, 0.0): 0.8, (1, 1.0): 0.9, (1, -8.0): 0.1}
    assert set(counts) == set(expected)
    for outcome, chance in expected.items():
        assert abs(counts[outcome] - 1000 * chance) < 4 * (1000 * chance * (1 - chance)) ** 0.5


def test_arms_that_only_punish_have_a_best_one(chosen):
    task = Bandit(probabilities=[0, 0, 0], rewards=[0, 0, 0], punishments=[3, 1, 2], **STILL)
    assert [row[2:4] for row in chosen(task, [0, 1, 2], 3)] == [(-3.0, 2), (-1.0, 2), (-2.0, 2)]


def test_the_first_of_the_best_arms_is_the_best(chosen):
    assert chosen(Bandit(probabilities=[0.5, 0.5], **TWO), [0], 1)[0][3] == 1


def test_probabilities_wander_as_published(chosen):
    """A walk with decay λ and noise σ has the sd σ/√(1 - λ²) in the long run, .155 with the defaults."""
    task = Bandit(probabilities=[0.5, 0.5], **TWO)
    payoff = [row[2] for subject in range(60) for row in chosen(task, [0] * 40, 40, subject=subject)]
    assert 0.4 < fmean(payoff) < 0.6
    by_subject = [fmean(payoff[40 * s : 40 * s + 40]) for s in range(60)]
    assert stdev(by_subject) > 1.2 * (0.25 / 40) ** 0.5  # binomial noise alone would give 0.079


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"probabilities": [0.1, 0.2]}, "a number for each of 2 to 30 arms, not 2, 4 and 4"),
        ({"probabilities": [0.1], "rewards": [1], "punishments": [0]}, "2 to 30 arms, not 1, 1 and 1"),
        ({"lowest": 0.5, "highest": 0.5}, "lowest must be below highest, not 0.5 with 0.5"),
    ],
)
def test_what_means_nothing_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        Bandit(**parameters)
