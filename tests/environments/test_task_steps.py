"""A task's trials step by step: plain Python, compiled, and a population run give the same bits."""

import copy
import pickle
from dataclasses import dataclass

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from habenula_rl.agents import WinStayLoseShift
from habenula_rl.contract import Task
from habenula_rl.engine.population import simulate
from habenula_rl.environments import task_steps
from habenula_rl.environments.registration import environment_id
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import TASKS, GridWorld, ProbabilisticSelection, ReversalLearning, ShuttleBox

VARIANTS = [
    *(task() for task in TASKS.values()),
    ShuttleBox(escapable=False, durations_s=(4.0, 2.5)),
    ShuttleBox(warning_s=3, responses=3),
    GridWorld(slip=0.5),
    ProbabilisticSelection(trained=(1, 1, 1), blocks=2),
    ReversalLearning(probabilities=(0.8, 0.2, 0.2), correct=2, window=3, block=5, jitter=0.2),
]


def lived(env, seed, n=300):
    """What `n` steps of random actions show, and what the task remembers: numbers of 64 bits, as they are."""
    rng, shown = np.random.default_rng(seed), [env.reset(seed=seed)]
    for _ in range(n):
        action = int(rng.integers(env.action_space.n))
        state, reward, terminated, truncated, info = env.step(action)
        assert [type(value) for value in (state, reward, terminated, truncated)] == [int, float, bool, bool]
        shown.append((state, reward, terminated, truncated, info, env._record["x"].tobytes()))
        if terminated or truncated:
            shown.append(env.reset())
    return [repr(entry) for entry in shown]


@pytest.mark.parametrize("task", VARIANTS, ids=repr)
def test_compiled_and_plain_steps_have_the_same_bits(task):
    plain, compiled = (TaskEnvironment(task, compiled=c) for c in (False, True))
    for seed in (0, 1):
        assert lived(plain, seed) == lived(compiled, seed)
    assert (plain._steps.compiled, compiled._steps.compiled) == (False, True)


@pytest.mark.parametrize("task", TASKS)
def test_gymnasium_finds_nothing_wrong_in_compiled_steps(task):
    check_env(gymnasium.make(environment_id(task), compiled=True).unwrapped)


def test_a_session_goes_on_with_the_same_bits_when_it_is_compiled(monkeypatch):
    monkeypatch.setattr(task_steps, "MOST_PLAIN", 40)
    task_steps._TAKEN.clear()
    env = TaskEnvironment("Bandit")
    shown = lived(env, 3, 41)
    assert env._steps.compiled
    assert shown == lived(TaskEnvironment("Bandit", compiled=False), 3, 41)
    env = TaskEnvironment("Bandit")  # another one does not begin to count again
    lived(env, 3, 1)
    assert env._steps.compiled


def test_a_session_that_is_to_be_plain_stays_so(monkeypatch):
    monkeypatch.setattr(task_steps, "MOST_PLAIN", 0)
    env = TaskEnvironment("Bandit", compiled=False)
    lived(env, 3, 2)
    assert not env._steps.compiled


def test_the_switch_that_turns_numba_off_leaves_steps_plain(monkeypatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert not TaskEnvironment("Bandit", compiled=True)._steps.compiled


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("again", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_its_own_way_from_where_it_was_made(again, compiled):
    env = TaskEnvironment(ShuttleBox(responses=3), compiled=compiled)
    env.reset(seed=1)
    env.step(1)
    other = again(env)
    assert not other.step(1)[2]
    assert other.step(1)[2]  # the third crossing
    assert [env.step(0)[2], env.step(1)[2], env.step(1)[2]] == [False, False, True]


def begin(q, x, e):
    e.state = e.trial % 2
    x.seen = e.decision


def step(q, x, e):
    """All that an event shows a task, in one number."""
    e.reward = e.aversive + 10.0 * e.punishment + 100.0 * e.passive + 1000.0 * e.decision + 1e5 * x.seen
    if e.step > 0:
        e.next_state = 1 - e.state


@dataclass(frozen=True)
class Watcher(Task):
    begin, step = begin, step
    memory = ("seen",)
    states = ("calm", "pain")
    actions = ("rest", "go")
    passive = 1
    max_steps = 3
    aversive = (0.0, 0.5)


@pytest.mark.parametrize("compiled", [False, True])
def test_rules_see_what_they_see_in_a_run(compiled):
    trials = simulate(WinStayLoseShift(), Watcher(), n_trials=4, seed=5, compiled=True).trials
    env, shown = TaskEnvironment(Watcher(), compiled=compiled), []
    for row in trials.itertuples():
        if row.step == 0:
            env.reset(seed=5) if row.trial == 0 else env.reset()
        state, reward, *_ = env.step(row.action)
        shown.append((state, reward))
    assert shown == list(zip(trials["next_state"], trials["outcome"], strict=True))
    assert shown[:4] == [(0, 100.0), (1, 1100.0), (0, 2105.5), (1, 3e5 + 3100.5)]


def step_exponential(q, x, e):
    e.reward = np.exp(0.1 * e.trial - 3.0)
    e.terminated = 1


def step_astray(q, x, e):
    e.next_state = 7 - 8 * e.action


@dataclass(frozen=True)
class Exponential(Watcher):
    step = step_exponential


@dataclass(frozen=True)
class Astray(Watcher):
    step = step_astray


def test_plain_steps_have_the_exponential_that_a_run_has():
    """One of NumPy's may differ in the last bit, and from machine to machine."""
    environments = [TaskEnvironment(Exponential(), compiled=c) for c in (False, True)]
    assert lived(environments[0], 1) == lived(environments[1], 1)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("action", "state"), [(0, 7), (1, -1)])
def test_a_state_that_the_task_does_not_have_is_refused(compiled, action, state):
    env = TaskEnvironment(Astray(), compiled=compiled)
    env.reset(seed=0)
    wanted = f"Astray, trial 0, step 0: action {action} led from state 0 to state {state}, and .* has the states 0 to 1"
    with pytest.raises(ValueError, match=wanted):
        env.step(action)


def test_a_task_of_ones_own_is_not_compiled_by_itself(monkeypatch):
    monkeypatch.setattr(task_steps, "MOST_PLAIN", 0)
    env = TaskEnvironment(Watcher())
    lived(env, 0, 5)
    assert not env._steps.compiled
