"""Environments of older interfaces: a sentence with the environment's name, what came and what Gymnasium asks for."""

import functools

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv
from gymnasium.wrappers.vector import DictInfoToList

import habenula_rl as hrl

AGENT = hrl.HabenulaAgent()
TWO = "and Gymnasium asks for two values, the observation and a dict of info"
FIVE = "and Gymnasium asks for five values, observation, reward, terminated, truncated and a dict of info"
RESETS = {
    "observation": (0.5, f"reset gave 0.5, {TWO}"),
    "one": ((0.5,), f"reset gave 1 value, (0.5,), {TWO}"),
    "info": ((0.5, None), f"reset gave its info as a NoneType, {TWO}"),
}
STEPS = {
    "four": ((0.5, 1.0, True, {}), f"step gave 4 values, (0.5, 1.0, True, {{}}), {FIVE}"),
    "six": ((0.5, 1.0, True, False, {}, 1), f"step gave 6 values, (0.5, 1.0, True, False, {{}}, 1), {FIVE}"),
    "list": ((0.5, 1.0, True, False, []), f"step gave its info as a list, {FIVE}"),
    "nothing": (None, f"step gave None, {FIVE}"),
}
READ = {  # by one of Gymnasium's own wrappers, which does not say what came
    "four": f"step gave 4 values, {FIVE}",
    "six": f"step gave (6|too many) values, {FIVE}",
}
VALUES = {
    "array": ({"reward": np.array([1.0])}, r"reward must be one number, not array\(\[1.\]\)"),
    "text": ({"reward": "1.0"}, "reward must be one number, not '1.0'"),
    "none": ({"reward": None}, "reward must be one number, not None"),
    "ends": ({"terminated": np.array([True])}, r"terminated must be one truth value, not array\(\[ True\]\)"),
}


class Box(gymnasium.Env):
    """One number from 0 to 1 is seen, and each trial is a step; `answer` names what it answers wrongly."""

    observation_space, action_space = spaces.Box(0.0, 1.0, ()), spaces.Discrete(2)
    render_mode = "rgb_array"

    def __init__(self, answer="", render_mode=None):
        self.answer = answer

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return RESETS[self.answer][0] if self.answer in RESETS else (self.seen(), {})

    def step(self, action):
        if self.answer in STEPS:
            return STEPS[self.answer][0]
        values = {"reward": 1.0, "terminated": True} | VALUES.get(self.answer, [{}])[0]
        return self.seen(), values["reward"], values["terminated"], False, {}

    def seen(self):
        return np.float32(0.5)


class Places(Box):
    """The same with two states to be in."""

    observation_space = spaces.Discrete(2)

    def seen(self):
        return 1


class Unseeded(Places):
    """Its `reset` is of the time in which environments had a method `seed`."""

    def reset(self):
        return self.seen(), {}


gymnasium.register("TestPlaces-v0", Places, order_enforce=False)
gymnasium.register("TestLimited-v0", Places, max_episode_steps=5)
gymnasium.register("TestUnseeded-v0", Unseeded)


def simulated(id, answer=""):
    return hrl.simulate(AGENT, hrl.Environment(id, answer=answer), n_subjects=2, n_trials=2, compiled=False)


def refused(call, *args, **options):
    with pytest.raises(ValueError) as caught:
        call(*args, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_good_environment_passes():
    assert simulated("TestLimited-v0").failed.empty
    assert walked(hrl.Binned(Box(), 4)) == walked(watched(Places())) == 1.0
    assert simulated("TestPlaces-v0").trials["outcome"].tolist() == [1.0] * 4


@pytest.mark.parametrize("answer", RESETS)
def test_simulate_names_an_answer_of_reset(answer):
    for id in ("TestPlaces-v0", "TestLimited-v0"):
        assert refused(simulated, id, answer) == f"{id}, subject 0, trial 0, step 0: {RESETS[answer][1]}"


@pytest.mark.parametrize("answer", STEPS)
def test_simulate_names_an_answer_of_step(answer):
    said = refused(simulated, "TestPlaces-v0", answer)
    assert said == f"TestPlaces-v0, subject 0, trial 0, step 0: {STEPS[answer][1]}"


@pytest.mark.parametrize("answer", READ)
def test_simulate_names_an_answer_that_a_wrapper_could_not_read(answer):
    with pytest.raises(ValueError, match=f"^TestLimited-v0, subject 0, trial 0, step 0: {READ[answer]}$"):
        simulated("TestLimited-v0", answer)


@pytest.mark.parametrize("answer", VALUES)
def test_simulate_names_a_value_that_is_not_one(answer):
    with pytest.raises(ValueError, match=f"^TestPlaces-v0, subject 0, trial 0, step 0: {VALUES[answer][1]}$"):
        simulated("TestPlaces-v0", answer)


def test_a_reward_without_dimensions_is_a_number():
    class Zero(Places):
        def step(self, action):
            return 1, np.array(0.25), np.bool_(True), np.array(False), {}

    gymnasium.register("TestZero-v0", Zero)
    assert hrl.simulate(AGENT, "TestZero-v0", n_trials=3, compiled=False).trials["outcome"].tolist() == [0.25] * 3


def test_a_reset_without_a_seed_is_named():
    expected = "reset takes no seed, and Gymnasium asks for reset(*, seed=None, options=None)"
    assert refused(simulated_unseeded) == f"TestUnseeded-v0, subject 0, trial 0, step 0: {expected}"
    assert refused(walked, hrl.Binned(Unbinned(), 2)) == f"Unbinned: {expected}"


def simulated_unseeded():
    return hrl.simulate(AGENT, "TestUnseeded-v0", compiled=False)


class Unbinned(Box):
    def reset(self):
        return self.seen(), {}


def walked(env):
    """The reward of one step."""
    live = hrl.LiveAgent(AGENT, env.observation_space, env.action_space, compiled=False)
    obs, _ = env.reset(seed=1)
    action = live.act(obs)
    next_obs, reward, terminated, _, _ = env.step(action)
    live.learn(obs, action, reward, next_obs, terminated)
    return reward


def watched(env):
    return hrl.Watched(env, hrl.LiveAgent(AGENT, env.observation_space, env.action_space, compiled=False))


WRAPPERS = {"Binned": (lambda env: hrl.Binned(env, 4), Box), "Watched": (watched, Places)}


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("answer", [*RESETS, *STEPS])
def test_wrappers_name_the_class_and_the_answer(wrapper, answer):
    wrap, kind = WRAPPERS[wrapper]
    assert refused(walked, wrap(kind(answer))) == f"{kind.__name__}: {(RESETS | STEPS)[answer][1]}"


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")  # Gymnasium's checker has its say
@pytest.mark.parametrize("answer", [*RESETS, *STEPS])
def test_behind_the_checker_of_gymnasium_the_environment_is_named_too(answer):
    """`gymnasium.make` puts its own checker around an environment; some answers it refuses, others it lets through."""
    env = gymnasium.make("TestLimited-v0", answer=answer)
    asked = "reset" if answer in RESETS else "step"
    assert refused(walked, watched(env)).startswith(f"TestLimited-v0: {asked}")


@pytest.mark.parametrize("answer", VALUES)
def test_a_live_agent_names_a_value_that_is_not_one(answer):
    with pytest.raises(ValueError, match=f"^{VALUES[answer][1]}$"):
        walked(Places(answer))


def test_the_whole_answer_of_reset_is_no_observation():
    env = Places()
    live = hrl.LiveAgent(AGENT, env.observation_space, env.action_space, compiled=False)
    hint = "; reset gives two values, the observation and its info: obs, info = env.reset()"
    assert refused(live.act, env.reset()) == f"(1, {{}}) is not a whole number from 0 to 1{hint}"
    envs = SyncVectorEnv([Places] * 2)
    assert refused(hrl.LiveAgents(AGENT, envs, compiled=False).act, envs.reset(seed=1)).endswith(hint)


LISTED = "a list of dicts, as DictInfoToList makes it (leave that wrapper out)"


def test_infos_in_a_list_are_named():
    """A list would have hidden `feedback`, and the last observations of episodes, without a word."""
    envs = DictInfoToList(SyncVectorEnv([functools.partial(gymnasium.make, "habenula_rl/SucrosePreference-v0")] * 2))
    live = hrl.LiveAgents(AGENT, envs, compiled=False)
    obs, _ = envs.reset(seed=1)
    actions = live.act(obs)
    step = envs.step(actions)
    assert isinstance(step[-1], list)
    said = f"infos must be the dict that a vector environment's step gives, not {LISTED}"
    assert refused(live.learn, obs, actions, *switched(step)) == said
    assert not live.state["go"].any()


def switched(step):
    """What `envs.step` gives, as `LiveAgents.learn` takes it."""
    next_obs, rewards, terminated, truncated, infos = step
    return rewards, next_obs, terminated, truncated, infos


def test_bins_in_a_vector_need_the_dict():
    envs = hrl.BinnedVector(DictInfoToList(SyncVectorEnv([Box] * 2)), 4)
    assert refused(envs.reset, seed=1) == f"SyncVectorEnv: reset gave its info as {LISTED}, {TWO}"


def test_an_error_of_the_environment_itself_passes_through_the_wrappers():
    class Broken(Box):
        def step(self, action):
            _one, _two = (1,)

    with pytest.raises(ValueError, match=r"^not enough values to unpack \(expected 2, got 1\)$"):
        walked(hrl.Binned(Broken(), 4))
    env = watched(gymnasium.make("habenula_rl/ShuttleBox-v0", render_mode="rgb_array"))
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(0)


@pytest.mark.parametrize(
    ("space", "obs", "message"),
    [
        (spaces.MultiDiscrete([2, 3]), 1.0, "an observation has 1 parts where its space has 2"),
        (spaces.MultiDiscrete([2, 3]), [0.0, 1.0], "0.0.? is not a whole number from 0 to 1"),
        (spaces.Tuple([spaces.Discrete(2)] * 2), 3, "3 is no observation of 2 parts"),
        (spaces.Dict(a=spaces.Discrete(2)), 3, "3 is no observation of 1 parts"),
        (spaces.Dict(a=spaces.Discrete(2)), {"b": 0}, "an observation has 0 parts where its space has 1"),
        (spaces.Dict(a=spaces.Discrete(2)), {"a": 0, "b": 0}, "an observation has 2 parts where its space has 1"),
    ],
)
def test_an_observation_of_another_shape_is_refused(space, obs, message):
    live = hrl.LiveAgent(AGENT, space, spaces.Discrete(2), compiled=False)
    with pytest.raises(ValueError, match=message):
        live.act(obs)


@pytest.mark.parametrize("obs", [{"a": 1.0}, "high", [[1.0], [1.0, 2.0]], None])
def test_no_numbers_are_in_no_bin(obs):
    with pytest.raises(ValueError, match=r"no observation of the shape \(2,\)|NaN|has the shape"):
        hrl.Binned(gymnasium.make("MountainCar-v0"), 4).observation(obs)
