"""A choice kernel on any agent: by hand, without effect at 0, simulated and scored by one rule, kept by pickle."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import AGENTS, QLearning, WithChoiceKernel

SEVERAL = [kind for name, kind in AGENTS.items() if name != "Hybrid"]


def test_by_hand():
    # C of arm 0: ½ after the first choice, ¼ after the second, of arm 1: 0, then ½; no outcome, so that Q stays at 0
    trials = pd.DataFrame({"subject": 0, "action": [0, 1, 1], "outcome": 0.0})
    agent = WithChoiceKernel(QLearning)(perseveration=2.0, choice_rate=0.5)
    p = [0.5, 1 / (1 + math.exp(1.0)), 1 / (1 + math.exp(2 * (0.25 - 0.5)))]
    assert hrl.log_likelihood(agent, trials)[0] == pytest.approx(sum(map(math.log, p)), abs=1e-12)


@pytest.mark.parametrize("agent", SEVERAL)
def test_at_0_it_is_the_agent_itself(agent):
    kind = WithChoiceKernel(agent)
    task = hrl.tasks.SucrosePreference(free=False, delivery=0.5)
    trials = hrl.simulate(agent(), task, n_subjects=2, n_trials=20, seed=1).trials
    plain, with_kernel = (
        hrl.log_likelihood(a, trials, task, compiled=False) for a in (agent(), kind(perseveration=0.0))
    )
    np.testing.assert_array_equal(plain, with_kernel)
    assert kind is WithChoiceKernel(agent) and kind.__name__ == f"{agent.__name__}WithChoiceKernel"


def test_it_goes_through_pickle_and_carries_what_it_was_given():
    agent = hrl.Ketamine()(WithChoiceKernel(hrl.HabenulaAgent)(perseveration=-1.5))
    again = pickle.loads(pickle.dumps(agent))
    assert again == agent and type(again) is type(agent) and again.interventions == agent.interventions
    assert pickle.loads(pickle.dumps(type(agent))) is type(agent)


def test_compiled_and_plain_runs_are_the_same():
    agent = WithChoiceKernel(QLearning)(perseveration=2.0)
    one, two = (
        hrl.simulate(agent, hrl.tasks.Bandit(), n_subjects=20, n_trials=30, seed=3, compiled=c).trials
        for c in (True, False)
    )
    pd.testing.assert_frame_equal(one, two)
    repeats = one.groupby("subject")["action"].diff().eq(0).mean()
    without = hrl.simulate(QLearning(), hrl.tasks.Bandit(), n_subjects=20, n_trials=30, seed=3).trials
    assert repeats > without.groupby("subject")["action"].diff().eq(0).mean() + 0.1


@pytest.mark.parametrize(
    ("agent", "why"),
    [
        (QLearning(), "takes a class of agents"),
        (WithChoiceKernel(QLearning), "has a parameter or state of a choice kernel already"),
        (AGENTS["Hybrid"], "Hybrid has a parameter"),
    ],
)
def test_what_cannot_have_one_is_refused(agent, why):
    with pytest.raises(ValueError, match=why):
        WithChoiceKernel(agent)
