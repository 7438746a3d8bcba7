"""The two-step task against its draws, and its readouts by hand."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import QLearning, Sarsa
from habenula_rl.analysis import readouts
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import TwoStep

FIRST, PINK, BLUE = 0, 1, 2
LEFT, RIGHT = 0, 1


def reflected(p, low=0.25, high=0.75):
    p = 2 * high - p if p > high else 2 * low - p if p < low else p
    return min(max(p, low), high)


def test_transitions_walks_and_rewards_follow_from_the_draws(drawn):
    seed, normal, task = 5, NormalDist(), TwoStep(drift_sd=0.1, rewards=(1, 2, 3, 4))
    env, walk, reached = TaskEnvironment(task), [], []
    for trial in range(201):
        state, _ = env.reset(seed=seed) if trial == 0 else env.reset()
        first, second = trial % 2, trial // 2 % 2
        for k in range(4):
            if trial == 0:
                walk.append(0.25 + 0.5 * drawn(seed, 0, slot=1 + k))
            else:
                walk[k] = reflected(walk[k] + 0.1 * normal.inv_cdf(drawn(seed, trial, slot=5 + k)))
        own, other = (PINK, BLUE) if first == LEFT else (BLUE, PINK)
        turned, reward, over, cut, _ = env.step(first)
        assert (state, turned, reward, over, cut) == (
            FIRST,
            own if drawn(seed, trial) < 0.7 else other,
            0.0,
            False,
            False,
        )
        option = 2 * (turned - PINK) + second
        paid = option + 1.0 if drawn(seed, trial, step=1, slot=9) < walk[option] else 0.0
        assert env.step(second)[:4] == (turned, paid, True, False)
        reached.append(turned == own)
    assert 0.6 < np.mean(reached) < 0.8


@pytest.mark.parametrize(("low", "high", "sd"), [(0.25, 0.75, 0.025), (0.0, 1.0, 1.0), (0.5, 0.5, 0.1)])
def test_rewards_come_as_often_as_the_bounds_allow(low, high, sd):
    task = TwoStep(lowest=low, highest=high, drift_sd=sd)
    trials = hrl.simulate(QLearning(beta=0.0), task, n_subjects=400, n_trials=201, seed=1).trials
    last = trials[trials["step"] == 1]
    assert last["outcome"].mean() == pytest.approx(0.5, abs=0.02)
    by_subject = last.groupby("subject")["outcome"].mean()
    assert by_subject.between(low - 0.15, high + 0.15).all()


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"rewards": (1.0, 1.0)}, "TwoStep: rewards must hold 4 numbers, one for each option, not 2"),
        ({"lowest": 0.8}, r"TwoStep: lowest must be at most highest, not 0\.8 with 0\.75"),
        ({"common": 0.3}, r"TwoStep: common must be between 0\.5 and 1, not 0\.3"),
    ],
)
def test_what_cannot_be_is_refused(parameters, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        TwoStep(**parameters)


@pytest.mark.parametrize("n_subjects", [3, 40])  # one at a time, and side by side in lanes
def test_every_way_of_running_gives_the_same_bits(n_subjects):
    size = {"n_subjects": n_subjects, "n_trials": 30, "seed": 7}
    plain = hrl.simulate(Sarsa(), TwoStep(), compiled=False, **size).trials
    for threads in (1, 2):
        compiled = hrl.simulate(Sarsa(), TwoStep(), compiled=True, threads=threads, **size).trials
        pd.testing.assert_frame_equal(compiled, plain, check_exact=True)
    env = TaskEnvironment(TwoStep())
    live = hrl.LiveAgent(Sarsa(), env.observation_space, env.action_space, seed=7, subject=2)
    own, rows = plain[plain["subject"] == 2], []
    for trial in range(30):
        state, _ = env.reset(seed=7, options={"subject": 2}) if trial == 0 else env.reset()
        over = False
        while not over:
            action = live.act(state)
            reached, reward, over, _, _ = env.step(action)
            live.learn(state, action, reward, reached, over)
            rows.append((state, action, reward))
            state = reached
    assert rows == [*own[["state", "action", "outcome"]].itertuples(index=False, name=None)]


def table(*trials, subject=0):
    """Rows of trials written as (first choice, state reached, outcome); the second choice is always left."""
    rows = []
    for trial, (choice, state, outcome) in enumerate(trials):
        rows.append((subject, trial, 0, "first stage", choice, 0.0))
        rows.append((subject, trial, 1, state, "left", outcome))
    return pd.DataFrame(rows, columns=["subject", "trial", "step", "state", "action", "outcome"])


BY_HAND = table(
    ("left", "pink", 1.0),  # common, rewarded: repeated
    ("left", "blue", 1.0),  # rare, rewarded: changed
    ("right", "blue", 0.0),  # common, unrewarded: changed
    ("left", "pink", 1.0),  # common, rewarded: changed
    ("right", "pink", 0.0),  # rare, unrewarded: repeated
    ("right", "blue", 0.0),  # common, unrewarded: repeated
    ("right", "pink", 0.0),  # the last: followed by nothing
)


def test_stays_and_indices_by_hand():
    found = readouts.stays(BY_HAND).iloc[0]
    assert found[["common_rewarded", "common_unrewarded", "rare_rewarded", "rare_unrewarded"]].tolist() == [
        0.5,
        0.5,
        0.0,
        1.0,
    ]
    assert found["trials"] == 6
    indices = readouts.two_step_indices(BY_HAND).iloc[0]
    assert indices["model_free"] == pytest.approx((0.5 + 0.0 - 0.5 - 1.0) / 2)
    assert indices["model_based"] == pytest.approx((0.5 + 1.0 - 0.5 - 0.0) / 2)


def test_subjects_are_kept_apart_and_a_trial_without_both_stages_is_left_out():
    both = pd.concat([BY_HAND, table(("left", "pink", 1.0), ("right", "blue", 1.0), subject=1)])
    found = readouts.stays(both.sample(frac=1.0, random_state=1)).set_index("subject")
    assert found["trials"].tolist() == [6, 1]
    assert found.loc[1, "common_rewarded"] == 0.0 and np.isnan(found.loc[1, "rare_rewarded"])
    assert np.isnan(readouts.two_step_indices(both)["model_based"][1])
    without = BY_HAND.drop(index=3)  # the second stage of the second trial: the first is followed by the third
    assert readouts.stays(without)[["common_rewarded", "trials"]].to_numpy().tolist() == [[0.0, 5]]


def test_names_of_ones_own():
    own = BY_HAND.replace({"pink": "P", "blue": "B", "first stage": "A", "left": "f", "right": "j"})
    names = {"states": {"first stage": "A", "pink": "P", "blue": "B"}, "actions": {"left": "f", "right": "j"}}
    pd.testing.assert_frame_equal(readouts.stays(own, **names), readouts.stays(BY_HAND))


@pytest.mark.parametrize("readout", ["stays", "two_step_indices"])
def test_trials_that_cannot_be_of_the_task_are_refused(readout):
    read = getattr(readouts, readout)
    with pytest.raises(ValueError, match=f"{readout}: no trial has a choice at the first stage and one at the second"):
        read(BY_HAND[BY_HAND["step"] == 0])
    twice = BY_HAND.assign(state=BY_HAND["state"].replace("pink", "first stage"))
    with pytest.raises(ValueError, match=f"{readout}: subject 0 has two choices at the first stage in trial 0"):
        read(twice)
    with pytest.raises(ValueError, match=f"{readout} needs a column 'outcome'"):
        read(BY_HAND.drop(columns="outcome"))
    bandit = hrl.simulate(QLearning(), hrl.tasks.Bandit(), n_subjects=2, n_trials=5, seed=1, compiled=False).trials
    with pytest.raises(ValueError, match=f"{readout} reads trials of TwoStep, and phase 'Bandit'"):
        read(bandit)


def test_a_model_free_learner_has_the_effect_of_reward_alone():
    """SARSA(1) cannot distinguish the transitions: 200 subjects, whose interaction has a standard error of .02."""
    run = hrl.simulate(Sarsa(learning_rate=0.5, trace_decay=1.0), TwoStep(), n_subjects=200, n_trials=201, seed=1)
    found = readouts.two_step_indices(run.trials)[["model_free", "model_based"]]
    mean, error = found.mean(), found.std() / np.sqrt(len(found))
    assert mean["model_free"] > 10 * error["model_free"]
    assert abs(mean["model_based"]) < 4 * error["model_based"]
