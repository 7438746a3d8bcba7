"""LiveAgents: each part of a vector environment does what a LiveAgent of its own does, in every autoreset mode."""

import functools
from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from habenula_rl.agents import HabenulaAgent
from habenula_rl.engine.live import LiveAgent, LiveAgents
from habenula_rl.engine.population import simulate
from habenula_rl.environments.registration import environment_id, register
from habenula_rl.tasks import ShuttleBox

SEED, N = 5, 3
AGENT = HabenulaAgent(hyperactivity=0.7, growth=0.0)  # helpless, but not for good: it escapes some shocks
KINDS = [(SyncVectorEnv, mode) for mode in AutoresetMode] + [(AsyncVectorEnv, AutoresetMode.NEXT_STEP)]


def walked(live, envs, seed, steps, before=None):
    """What each environment went through: a list of steps each, without the steps that only reset."""
    lives, only_reset = [[] for _ in range(N)], np.full(N, before is not None)  # `before`: all have just ended
    obs = envs.reset(seed=seed)[0] if before is None else before
    for _ in range(steps):
        actions = live.act(obs)
        next_obs, rewards, terminated, truncated, infos = envs.step(actions)
        live.learn(obs, actions, rewards, next_obs, terminated, truncated, infos)
        for i in np.flatnonzero(~only_reset):
            signals = [float(value[i]) for value in live.signals.values()]
            lives[i].append((obs[i], actions[i], rewards[i], terminated[i], truncated[i], *signals))
        over, obs = terminated | truncated, next_obs
        only_reset = over if live.autoreset == "NextStep" else only_reset
        if live.autoreset == "Disabled" and over.any():
            obs, _ = envs.reset(options={"reset_mask": over})
    return lives, obs


def lived_alone(live, env, seed, steps):
    """The same of a single environment."""
    life, obs = [], env.reset(seed=seed)[0]
    for _ in range(steps):
        action = live.act(obs)
        next_obs, reward, terminated, truncated, _ = env.step(action)
        live.learn(obs, action, reward, next_obs, terminated)
        life.append((obs, action, reward, terminated, truncated, *live.signals.values()))
        obs = env.reset()[0] if terminated or truncated else next_obs
    return life


@pytest.mark.parametrize(("kind", "mode"), KINDS)
def test_a_part_of_a_vector_environment_is_a_subject_of_a_run_bit_for_bit(kind, mode):
    register()
    made = [
        functools.partial(gymnasium.make, environment_id("ShuttleBox"), subject=i, warning_s=2, max_shock_s=4)
        for i in range(N)
    ]
    envs = kind(made, autoreset_mode=mode)
    lives, _ = walked(LiveAgents(AGENT, envs, seed=SEED), envs, [SEED] * N, 150)
    envs.close()
    trials = simulate(
        AGENT, ShuttleBox(warning_s=2, max_shock_s=4), n_subjects=N, n_trials=150, seed=SEED, record="trials"
    ).trials
    assert trials.truncated[:100].any() and trials.terminated[:100].any()  # both kinds of ends are in it
    columns = ["state", "action", "outcome", "terminated", "truncated", *AGENT.signals]
    for i, life in enumerate(lives):
        recorded = trials.loc[trials.subject == i, columns].to_numpy(dtype=np.float32)
        np.testing.assert_array_equal(np.array(life, dtype=np.float32), recorded[: len(life)])
        assert len(life) >= 100


@pytest.mark.parametrize("mode", AutoresetMode)
def test_a_part_is_a_live_agent_of_its_own(mode):
    """In the cliff an episode is cut off far from where the next one starts, and every step has a worth."""
    make = functools.partial(gymnasium.make, "CliffWalking-v1", max_episode_steps=7)
    envs = SyncVectorEnv([make] * N, autoreset_mode=mode)
    live = LiveAgents(AGENT, envs, seed=SEED, subject=4, compiled=False)
    lives, _ = walked(live, envs, SEED, 120)
    for i, life in enumerate(lives):
        env = make()
        alone = LiveAgent(AGENT, env.observation_space, env.action_space, seed=SEED, subject=4 + i, compiled=False)
        assert lived_alone(alone, env, SEED + i, len(life)) == life
        assert live.decisions[i] == alone.decisions == len(life)
        for name, value in alone.state.items():
            np.testing.assert_array_equal(live.state[name][i], value, err_msg=name)
    assert len({tuple(step[1] for step in life) for life in lives}) == N  # three lives, not one


@pytest.mark.parametrize("compiled", [True, False])
def test_restored_agents_go_on_with_the_same_bits(compiled, tmp_path):
    def fresh():
        envs = SyncVectorEnv([functools.partial(gymnasium.make, "CliffWalking-v1", max_episode_steps=5)] * N)
        return LiveAgents(AGENT, envs, seed=8, compiled=compiled), envs

    (live, envs), (twin, others) = fresh(), fresh()
    _, obs = walked(live, envs, SEED, 5)  # all have just been cut off, so the next step only resets
    np.savez(tmp_path / "live.npz", **live.save())
    onwards = walked(live, envs, SEED, 20, before=obs)[0]
    walked(twin, others, SEED, 5)
    other = LiveAgents(AGENT, others, seed=8, compiled=compiled)
    with np.load(tmp_path / "live.npz", allow_pickle=False) as saved:
        other.restore(saved)
        assert walked(other, others, SEED, 20, before=obs)[0] == onwards
        assert other.decisions.tolist() == live.decisions.tolist() == [5 + 16] * N
        single = LiveAgent(AGENT, envs.single_observation_space, envs.single_action_space, compiled=compiled)
        with pytest.raises(ValueError, match=r"'decisions' has shape \(3,\) where \(\) is needed"):
            single.restore(saved)


def batch_env(mode=AutoresetMode.NEXT_STEP, states=4):
    """All that LiveAgents asks of a vector environment."""
    return SimpleNamespace(
        num_envs=N,
        single_observation_space=spaces.Discrete(states),
        single_action_space=spaces.Discrete(2),
        metadata={"autoreset_mode": mode},
    )


NO, NOTHING = [False] * N, [0.0] * N


def ended(live):
    """The middle one of the three has ended in state 3."""
    live.learn([0, 0, 0], live.act([0, 0, 0]), NOTHING, [1, 3, 1], [False, True, False], NO)
    return live


def test_in_the_step_that_resets_an_agent_rests():
    live = ended(LiveAgents(AGENT, batch_env(), compiled=False))
    before = live.state["value"]
    actions = live.act([1, 3, 1])
    live.learn([1, 3, 1], actions, [-1.0, float("nan"), -1.0], [1, 0, 1], NO, NO)
    assert actions[1] == 0 and live.decisions.tolist() == [2, 1, 2]
    assert (live.state["value"] == before).all(axis=1).tolist() == [False, True, False]
    live.learn([1, 0, 1], live.act([1, 0, 1]), [-1.0] * N, [1, 1, 1], NO, NO)
    assert live.decisions.tolist() == [3, 2, 3]
    assert (live.state["value"] == before).all(axis=1).tolist() == [False] * N


def test_a_reset_by_hand_is_noticed():
    live = ended(LiveAgents(AGENT, batch_env(), compiled=False))
    with pytest.raises(ValueError, match=r"environment 1 does not show .*call after_reset\(\)"):
        live.act([0, 0, 0])
    live.after_reset()
    live.act([0, 0, 0])
    assert live.decisions.tolist() == [2, 2, 2]


def test_agents_that_only_act_rest_once():
    live = ended(LiveAgents(AGENT, batch_env(), compiled=False))
    for _ in range(3):
        live.act([1, 3, 1])
    assert live.decisions.tolist() == [4, 3, 4]


def test_what_an_episode_ended_with_counts_and_not_what_the_next_one_starts_with():
    live = LiveAgents(AGENT, batch_env(AutoresetMode.SAME_STEP), compiled=False)
    live.learn([3] * N, [1] * N, [1.0] * N, [0] * N, NO, NO)  # state 3 becomes worth something
    final = {"final_obs": np.array([None, 3, 3], dtype=object)}
    live.learn([2] * N, [1] * N, NOTHING, [0] * N, [False, True, False], [False, False, True], final)
    worth = live.state["value"][0, 3]
    assert worth > 0.0
    assert live.signals["rpe"].tolist() == [0.0, 0.0, AGENT.discount * worth]
    with pytest.raises(ValueError, match="same-step mode learn needs the infos"):
        live.learn([2] * N, [1] * N, NOTHING, [0] * N, [False, True, False], NO)


def learned(**changed):
    step = {
        "obs": [0, 0, 0],
        "actions": [0, 0, 0],
        "rewards": NOTHING,
        "next_obs": [1, 1, 1],
        "terminated": NO,
        "truncated": NO,
    }
    live = LiveAgents(AGENT, batch_env(), compiled=False)
    try:
        live.learn(**step | changed)
    finally:
        assert not live.state["value"].any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: learned(obs=[0, 4, 0]), "4, of environment 1, is not a whole number from 0 to 3"),
        (lambda: learned(next_obs=[0, 0, 0.5]), "0.0, of environment 0, is not a whole number from 0 to 3"),
        (lambda: learned(actions=[0, 0, -1]), "-1, of environment 2, is not a whole number from 0 to 1"),
        (lambda: learned(rewards=[0, 0, np.inf]), "rewards must be finite, not inf in environment 2"),
        (lambda: learned(rewards=0.0), r"rewards must hold one for each of the 3 environments, not \(\)"),
        (lambda: learned(obs=[0, 0]), r"obs must hold one for each of the 3 environments, not \(2,\)"),
        (lambda: learned(terminated=[[False] * N]), r"terminated must hold one for each .* not \(1, 3\)"),
        (lambda: LiveAgents(AGENT, batch_env("Sometimes")), "knows the autoreset modes .* not 'Sometimes'"),
        (lambda: LiveAgents(AGENT, gymnasium.make("CliffWalking-v1")), "for a single environment there is LiveAgent"),
        (lambda: LiveAgents(AGENT, batch_env(), subject=2**63 - 2), "subject must be a whole number"),
        (
            lambda: LiveAgent(AGENT, spaces.MultiDiscrete([4, 4]), spaces.MultiDiscrete([2, 2])),
            "LiveAgents steps in vector environments",
        ),
    ],
)
def test_what_cannot_be_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
