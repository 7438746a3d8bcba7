"""Truth values and rewards that are none are refused, not guessed."""

import math

import numpy as np
import pytest

import habenula_rl as hrl
from habenula_rl.engine.answers import one_number, one_truth, truths


@pytest.mark.parametrize("value", [True, 1, 1.0, np.bool_(True), np.int8(1)])
def test_what_is_true(value):
    assert one_truth("terminated", value) is True


@pytest.mark.parametrize("value", ["False", "", None, math.nan, 2, 0.5, [True], np.array([False]), 1j])
def test_what_is_no_truth_value(value):
    with pytest.raises(ValueError, match="terminated must be one truth value, not"):
        one_truth("terminated", value)


@pytest.mark.parametrize("values", [["False", "True"], [math.nan, 0.0], [None, True], [2, 0]])
def test_what_are_no_truth_values(values):
    with pytest.raises(ValueError, match="terminated must hold truth values, not"):
        truths("terminated", values)
    assert truths("terminated", [0, 1.0]).tolist() == [False, True]


@pytest.mark.parametrize("value", [np.complex128(1 + 2j), 1j, "1", None, np.array([1.0]), np.datetime64("2020")])
def test_what_is_no_reward(value):
    with pytest.raises(ValueError, match="reward must be one number, not"):
        one_number("reward", value)


def test_a_reward_beyond_all_floats_is_not_finite():
    assert one_number("reward", 10**400) == math.inf and one_number("reward", -(10**400)) == -math.inf


def test_a_live_agent_refuses_them_too():
    import gymnasium

    env = gymnasium.make("habenula_rl/ShuttleBox-v0")
    live = hrl.LiveAgent(hrl.HabenulaAgent(), env.observation_space, env.action_space, compiled=False)
    with pytest.raises(ValueError, match="terminated must be one truth value, not 'False'"):
        live.learn(0, 0, 0.0, 0, "False")
    with pytest.raises(ValueError, match="reward must be finite"):
        live.learn(0, 0, 10**400, 0, False)


def test_a_reward_that_a_table_cannot_hold_stops_the_subject_with_its_reason():
    import gymnasium

    class Huge(gymnasium.Env):
        observation_space = action_space = gymnasium.spaces.Discrete(2)
        steps = 0

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return 0, {}

        def step(self, action):
            self.steps += 1
            return 0, 1e39 if self.steps > 1 else 1.0, self.steps % 3 == 0, False, {}

    gymnasium.register("Huge-v0", Huge)
    with pytest.warns(UserWarning, match="every subject stopped"):
        run = hrl.simulate(hrl.agents.QLearning(), "Huge-v0", n_subjects=2, n_trials=2)
    assert run.failed.reason.str.contains(r"gave the reward 1e\+39, more than a table holds").all()
    assert np.isfinite(run.trials.outcome).all()
