"""Tasks as Gymnasium environments. Warnings are errors here, so a clean check is one without warnings."""

import math
import pickle
from dataclasses import dataclass

import gymnasium
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.spaces import Discrete
from gymnasium.utils.env_checker import check_env
from gymnasium.vector.utils import batch_differing_spaces, batch_space

import habenula_rl  # noqa: F401 registers the environments
from habenula_rl.agents import HabenulaAgent
from habenula_rl.contract import Task
from habenula_rl.engine.population import simulate
from habenula_rl.environments.registration import environment_id, register
from habenula_rl.environments.spaces import ActionSpace, StateSpace
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import TASKS, ForcedSwim, ShuttleBox, SucrosePreference

VARIANTS = [
    ("ShuttleBox", {}),
    ("ShuttleBox", {"warning_s": 3, "responses": 3}),
    ("ShuttleBox", {"escapable": False, "durations_s": (4.0, 2.0)}),
    ("ForcedSwim", {"length_s": 20}),
    ("SucrosePreference", {"delivery": 0.5}),
    ("SucrosePreference", {"free": False, "delivery": 0.5}),
    ("Bandit", {"drift_sd": 0.2}),
    ("GoNoGo", {"exposures": (1, 1, 1, 1)}),
    ("ProbabilisticReward", {"stimuli": (2, 2), "rewarded": (1.0, 0.5)}),
    ("ProbabilisticSelection", {"trained": (1, 1, 1), "blocks": 2}),
    ("ReversalLearning", {"probabilities": (0.8, 0.2, 0.2), "correct": 2, "window": 3, "block": 5, "jitter": 0.2}),
]


@pytest.mark.parametrize(("name", "parameters"), VARIANTS)
def test_gymnasium_finds_nothing_wrong(name, parameters):
    env = gymnasium.make(environment_id(name), **parameters)
    check_env(env.unwrapped)
    assert env.unwrapped.task == TASKS[name](**parameters)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("name", "parameters"), [*VARIANTS, *((name, {}) for name in TASKS)])
def test_an_environment_and_a_run_agree_step_for_step(name, parameters, compiled):
    task = TASKS[name](**parameters)
    run = simulate(HabenulaAgent(), task, n_subjects=2, n_trials=12, seed=3, compiled=compiled, record=["rpe"])
    env = gymnasium.make(environment_id(name), compiled=compiled, **parameters)
    for row in run.trials.itertuples():
        if row.step == 0 and row.trial == 0:
            state, _ = env.reset(seed=3, options={"subject": row.subject})
        elif row.step == 0:
            state, _ = env.reset()
        assert state == row.state
        state, reward, terminated, truncated, info = env.step(row.action)
        shown = not math.isnan(row.outcome)
        outcome = row.outcome if shown else 0.0
        assert (np.float32(reward), terminated, truncated) == (outcome, row.terminated, row.truncated)
        mask = info.pop("action_mask", ())
        assert list(mask) == list(task.available[state] if task.available else ())
        seconds = {} if math.isnan(task.step_s) else {"seconds": (row.step + 1) * task.step_s}
        assert info == {"punishment": task.aversive[state], "feedback": shown, **seconds}


def rewards(env, trials=40, **reset):
    """What the sucrose spout brings, trial by trial."""
    out = []
    for t in range(trials):
        env.reset(**reset) if t == 0 else env.reset()
        out.append(env.step(1)[1])
    return out


def test_a_seed_opens_a_session_and_subjects_differ_in_it():
    env = TaskEnvironment(SucrosePreference(delivery=0.5))
    first = rewards(env, seed=4)
    assert rewards(env, seed=4) == first
    assert rewards(env, seed=5) != first
    assert rewards(env, seed=4, options={"subject": 1}) != first
    assert rewards(env, options={"subject": 0}) == first  # a subject alone: the same seed, from trial 0
    assert rewards(env, seed=4, options={"subject": 0}) == first


def test_reset_without_a_seed_goes_on_to_the_next_trial():
    env = TaskEnvironment(ShuttleBox(escapable=False, durations_s=(1, 3)))
    env.reset(seed=0)
    assert env.step(0)[3]
    env.reset()
    assert [env.step(0)[3] for _ in range(3)] == [False, False, True]


def test_without_any_seed_sessions_differ():
    fresh = [rewards(TaskEnvironment(SucrosePreference(delivery=0.5)), trials=64) for _ in range(2)]
    assert fresh[0] != fresh[1]


def test_a_step_after_the_end_needs_a_reset():
    env = gymnasium.make(environment_id("SucrosePreference"))
    with pytest.raises(ResetNeeded):
        env.step(0)
    env.reset(seed=0)
    env.step(0)
    with pytest.raises(ResetNeeded, match="trial is over"):
        env.step(0)
    env.reset()
    env.step(0)


@pytest.mark.parametrize("action", [2, -1, 0.0, "cross", None])
def test_an_action_that_the_task_does_not_have_is_named(action):
    env = TaskEnvironment(ShuttleBox())
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match=r"ShuttleBox has the actions 0 \(stay\), 1 \(cross\), not"):
        env.step(action)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gymnasium.make("habenula_rl/ShuttleBox-v0", shok=1), "no parameter 'shok', did you mean 'shock'"),
        (lambda: gymnasium.make("habenula_rl/ShuttleBox-v0", shock=2), "shock must be between 0 and 1, not 2"),
        (lambda: TaskEnvironment("ShutleBox"), "no task 'ShutleBox', did you mean 'ShuttleBox'"),
        (lambda: TaskEnvironment(ShuttleBox(), render_mode="human"), "render_mode must be 'ansi', 'rgb_array' or None"),
        (lambda: TaskEnvironment(ShuttleBox()).reset(options={"subjct": 1}), "no option 'subjct'"),
        (lambda: TaskEnvironment(ShuttleBox()).reset(options={"subject": -1}), "subject must be a whole number"),
        (lambda: TaskEnvironment(ShuttleBox()).reset(seed=2**63), "seed must be a whole number from 0"),
        (lambda: TaskEnvironment(ShuttleBox()).reset(seed=-1), "seed must be a whole number from 0"),
        (lambda: TaskEnvironment(ShuttleBox()).reset(seed=1.5), "seed must be a whole number from 0"),
        (lambda: TaskEnvironment(ShuttleBox()).reset(options={"subject": 2**64}), "subject must be a whole number"),
        (lambda: TaskEnvironment(ShuttleBox), r"task must be a Task, not the class ShuttleBox, .* ShuttleBox\(\)\?"),
    ],
)
def test_what_is_wrong_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_ansi_shows_the_trial_in_one_line():
    env = gymnasium.make(environment_id("ShuttleBox"), render_mode="ansi")
    env.reset(seed=0)
    assert env.render() == "trial 0, second 0: shock, last action: none"
    env.step(0)
    assert env.render() == "trial 0, second 1: shock, last action: stay"
    env.step(1)
    assert env.render() == "trial 0, second 2: safe, last action: cross"
    env.reset()
    assert env.render() == "trial 1, second 0: shock, last action: none"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_environments_run_side_by_side(mode):
    envs = gymnasium.make_vec(environment_id("ShuttleBox"), num_envs=2, vectorization_mode=mode, shock=0.5)
    try:
        states, infos = envs.reset(seed=1)
        assert (states.tolist(), infos["punishment"].tolist()) == ([2, 2], [0.5, 0.5])
        states, _, terminated, truncated, infos = envs.step([0, 1])
        assert states.tolist() == [2, 0]
        assert (terminated.tolist(), truncated.tolist()) == ([False, True], [False, False])
        assert infos["punishment"].tolist() == [0.5, 0.0]
        states, *_ = envs.step([0, 0])  # the second environment has ended and is reset here
        assert states.tolist() == [2, 2]
        assert (envs.single_observation_space.aversive, envs.single_action_space.passive) == ((0.0, 0.0, 0.5), 0)
    finally:
        envs.close()


def test_environments_whose_shocks_differ_run_side_by_side():
    shocks = [lambda s=s: TaskEnvironment(ShuttleBox(shock=s)) for s in (0.25, 1.0)]
    envs = gymnasium.vector.SyncVectorEnv(shocks, observation_mode="different")
    assert envs.reset(seed=0)[1]["punishment"].tolist() == [0.25, 1.0]


@pytest.mark.parametrize("space", [StateSpace((0.0, 0.5, 1.0)), ActionSpace(3, passive=1)])
def test_a_space_is_a_value(space):
    copy = pickle.loads(pickle.dumps(space))
    assert copy == space
    assert vars(copy).keys() == vars(space).keys()
    assert eval(repr(space)) == space
    assert space != Discrete(3)
    assert Discrete(3) != space
    assert batch_space(space, 2) == batch_space(Discrete(3), 2)
    assert batch_differing_spaces([space, copy]) == batch_differing_spaces([Discrete(3), Discrete(3)])


def test_spaces_differ_where_what_they_know_differs():
    assert StateSpace((0.0, 1.0)) != StateSpace((0.0, 0.5))
    assert ActionSpace(2, passive=0) != ActionSpace(2)


def test_an_environment_can_be_made_again_from_its_description():
    env = gymnasium.make(environment_id("ShuttleBox"), shock=0.5)
    again = gymnasium.make(gymnasium.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.task == ShuttleBox(shock=0.5)


def test_registering_twice_changes_nothing():
    before = dict(gymnasium.registry)
    register()
    assert gymnasium.registry == before


def begin(q, x, e):
    e.state = 0


def step(q, x, e):
    e.next_state, e.reward, e.terminated, e.truncated = 0, 0.0, 0, 0


@dataclass(frozen=True)
class Endless(Task):
    begin, step = begin, step
    states = ("here",)
    actions = ("wait",)
    max_steps = 3


def test_a_trial_that_its_rule_does_not_end_is_cut_off_after_max_steps():
    env = TaskEnvironment(Endless())
    env.reset(seed=0)
    assert [env.step(0)[2:4] for _ in range(3)] == [(False, False), (False, False), (False, True)]


def test_the_swim_has_no_safe_state():
    env = TaskEnvironment(ForcedSwim(water=0.25))
    assert env.reset(seed=0)[1] == {"punishment": 0.25, "feedback": True, "seconds": 0.0}
