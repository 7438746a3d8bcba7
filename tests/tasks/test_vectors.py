"""Every registered task side by side in vector environments, with an agent in each part."""

import functools

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

import habenula_rl as hrl
from habenula_rl.environments.registration import environment_id
from habenula_rl.tasks import TASKS

AGENT = hrl.HabenulaAgent()
MODES = (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP)


def lived(envs, steps=25, seeds=1):
    """What the agents of a vector environment do and have learned; its environments are closed."""
    try:
        live = hrl.LiveAgents(AGENT, envs, seed=1, compiled=False)
        obs, _ = envs.reset(seed=seeds)
        done = []
        for _ in range(steps):
            actions = live.act(obs)
            next_obs, rewards, terminated, truncated, infos = envs.step(actions)
            live.learn(obs, actions, rewards, next_obs, terminated, truncated, infos)
            done.append((actions.tolist(), rewards.tolist()))
            obs = next_obs
        return done, live.state
    finally:
        envs.close()


def alike(one, other):
    assert one[0] == other[0]
    for name, value in one[1].items():
        assert np.array_equal(value, other[1][name]), name


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("mode", MODES)
def test_every_task_runs_side_by_side(task, mode):
    envs = gymnasium.make_vec(
        environment_id(task), num_envs=2, vectorization_mode="sync", vector_kwargs={"autoreset_mode": mode}
    )
    done, state = lived(envs)
    assert all(np.isfinite(rewards).all() for _, rewards in done)
    assert all(np.isfinite(value).all() for value in state.values())


@pytest.mark.parametrize("task", ["ShuttleBox", "SucrosePreference"])
@pytest.mark.parametrize("mode", MODES)
def test_processes_give_what_one_process_gives(task, mode):
    made = functools.partial(gymnasium.make_vec, environment_id(task), num_envs=2)
    kinds = ({"vectorization_mode": kind, "vector_kwargs": {"autoreset_mode": mode}} for kind in ("sync", "async"))
    alike(*(lived(made(**kind)) for kind in kinds))


@pytest.mark.parametrize("task", TASKS)
def test_each_part_is_a_subject_of_a_run(task):
    """What its agent does, and what that brings, in the first trials."""
    parts = [functools.partial(gymnasium.make, environment_id(task), subject=i) for i in range(2)]
    done, _ = lived(SyncVectorEnv(parts, autoreset_mode=AutoresetMode.SAME_STEP), seeds=[1, 1])
    n_trials = 25 if TASKS[task]().max_steps < 50 else 1
    trials = hrl.simulate(AGENT, TASKS[task](), n_subjects=2, n_trials=n_trials, seed=1, compiled=False).trials
    for subject in range(2):
        own = trials[trials["subject"] == subject].head(25)
        assert [actions[subject] for actions, _ in done[: len(own)]] == own["action"].tolist()
        expected = own["outcome"].fillna(0.0)
        assert np.allclose([rewards[subject] for _, rewards in done[: len(own)]], expected, rtol=1e-6)


def test_all_tasks_run_in_processes():
    for task in TASKS:
        envs = AsyncVectorEnv([functools.partial(gymnasium.make, environment_id(task))] * 2)
        assert lived(envs, steps=3)[0]
