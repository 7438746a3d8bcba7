"""What holds for all tasks of value, effort and threat: environments and runs agree, any parameters in range run."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.agents import HabenulaAgent
from habenula_rl.engine.population import simulate
from habenula_rl.environments.registration import environment_id
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import TASKS

VARIANTS = [
    ("ActiveAvoidance", {"shocked_trials": 6}),
    ("ActiveAvoidance", {"escapable": False, "warning_s": 2}),
    ("ApproachAvoidance", {"shock_s": 2}),
    ("EffortChoice", {"amounts": (0.5, 1.0), "odds": (0.5, 0.9), "presses": 2}),
    ("GridWorld", {"slip": 0.5, "hazard_ends": False, "limit_steps": 20}),
    ("MagnitudeShift", {"baseline_trials": 6}),
    ("PassiveAvoidance", {"shocked_trials": 9, "cutoff_s": 20}),
    ("ProbabilisticDiscounting", {"forced_trials": 2, "free_trials": 2}),
    ("ProbabilisticDiscounting", {"cued": False, "free": True, "forced_trials": 2, "free_trials": 2}),
    ("ProgressiveRatio", {"ratios": (2, 70), "limit_s": 300, "session_s": 1200}),
    ("RiskChoice", {"free": True}),
]
NAMES = sorted({name for name, _ in VARIANTS})
COLUMNS = ["subject", "trial", "step", "state", "action", "outcome", "next_state", "terminated", "truncated"]


def run(name, parameters, seed):
    task = TASKS[name](**parameters)
    agent = HabenulaAgent(vigour=0.0)
    return simulate(agent, task, n_subjects=2, n_trials=12, seed=seed, compiled=False, record=["rpe"])


@pytest.mark.parametrize(("name", "parameters"), VARIANTS)
def test_gymnasium_finds_nothing_wrong(name, parameters):
    check_env(gymnasium.make(environment_id(name), **parameters).unwrapped)


@pytest.mark.parametrize(("name", "parameters"), VARIANTS)
def test_an_environment_and_a_run_agree_and_a_run_can_be_made_again(name, parameters):
    trials = run(name, parameters, seed=3).trials[COLUMNS]
    assert trials.equals(run(name, parameters, seed=3).trials[COLUMNS])
    env = gymnasium.make(environment_id(name), **parameters)
    for row in trials.itertuples():
        if row.step == 0:
            first = {"seed": 3, "options": {"subject": row.subject}} if row.trial == 0 else {}
            assert env.reset(**first)[0] == row.state
        state, reward, terminated, truncated, _ = env.step(row.action)
        assert (state, terminated, truncated) == (row.next_state, row.terminated, row.truncated)
        assert reward == pytest.approx(row.outcome, rel=1e-6)


def values(field):
    """Any value of a parameter in its range, a list with at most four."""
    low, high, default = field.metadata["low"], field.metadata["high"], field.default
    if isinstance(default, bool):
        return st.booleans()
    if isinstance(default, int):
        return st.integers(low, high) | st.integers(low, min(high, low + 4))
    numbers = st.floats(low, high, allow_subnormal=False)
    whole = st.integers(int(low), min(int(high), 9)).map(float)
    return st.lists(numbers | whole, min_size=1, max_size=4) if isinstance(default, tuple) else numbers


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_parameters_in_range_run_or_are_refused_in_one_sentence(name, data):
    fields = TASKS[name].fields()
    changed = data.draw(st.sets(st.sampled_from(sorted(fields))), "changed")
    task, why = made(name, {key: data.draw(values(fields[key]), key) for key in sorted(changed)})
    if task is None:
        assert why.startswith(f"{name}: ")
        assert "\n" not in why
    elif len(task.states) <= 100:
        play(task, data.draw(st.lists(st.integers(0, len(task.actions) - 1), min_size=30, max_size=30), "actions"))


def made(name, parameters):
    """The task, or why there is none."""
    try:
        return TASKS[name](**parameters), ""
    except ValueError as error:
        return None, str(error)


def play(task, actions):
    """Trial after trial; every state is one of the task's, every outcome finite, and no trial is longer than it may."""
    env = TaskEnvironment(task)
    state, _ = env.reset(seed=1)
    seconds = 0
    for action in actions:
        assert 0 <= state < len(task.states)
        state, reward, terminated, truncated, _ = env.step(action)
        seconds += 1
        assert np.isfinite(reward)
        assert seconds <= task.max_steps
        if terminated or truncated:
            state, _ = env.reset()
            seconds = 0


@pytest.mark.parametrize("name", NAMES)
def test_a_task_describes_its_states_once_each(name):
    task = TASKS[name]()
    assert len(set(task.states)) == len(task.states) == len(task.aversive) == len(task.reflex)
    assert all(len(row) == len(task.actions) for row in task.reflex)
    assert len(task.elements) == len(task.states)
    assert all(task.elements[part] == (part,) for parts in task.elements for part in parts)
