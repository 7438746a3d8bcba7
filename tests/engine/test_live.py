"""LiveAgent: the bits of a population run, in any environment whose observations can be counted."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from habenula_rl.agents import HabenulaAgent
from habenula_rl.contract import Agent
from habenula_rl.engine.live import LiveAgent
from habenula_rl.engine.population import simulate
from habenula_rl.environments.registration import environment_id, register
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import TASKS

SEED = 1
VARIANTS = [
    ("ShuttleBox", {"warning_s": 2}),
    ("ForcedSwim", {"length_s": 15}),
    ("SucrosePreference", {"delivery": 0.5}),
]


def lived(agent, env, subject, n_trials, compiled):
    """Rows as `simulate` records them, from a live agent in an environment."""
    live = LiveAgent(agent, env.observation_space, env.action_space, seed=SEED, subject=subject, compiled=compiled)
    for trial in range(n_trials):
        obs, _ = env.reset(seed=SEED, options={"subject": subject}) if trial == 0 else env.reset()
        step, over = 0, False
        while not over:
            action = live.act(obs)
            next_obs, reward, terminated, truncated, _ = env.step(action)
            live.learn(obs, action, reward, next_obs, terminated)
            yield subject, trial, step, obs, action, reward, next_obs, terminated, truncated, *live.signals.values()
            obs, step, over = next_obs, step + 1, terminated or truncated


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(("name", "parameters"), VARIANTS)
def test_a_live_agent_is_a_subject_of_a_run_bit_for_bit(name, parameters, compiled):
    register()
    agent = HabenulaAgent(hyperactivity=0.5)
    run = simulate(agent, TASKS[name](**parameters), n_subjects=3, n_trials=30, seed=SEED, compiled=compiled)
    env = gymnasium.make(environment_id(name), **parameters)
    rows = [row for subject in range(3) for row in lived(agent, env, subject, 30, compiled)]
    assert len(rows) == len(run.trials)
    assert set(run.trials.phase) == {name}
    trials = run.trials.drop(columns="phase")
    for column, name in zip(zip(*rows, strict=True), trials, strict=True):
        recorded = trials[name].to_numpy()
        np.testing.assert_array_equal(np.array(column).astype(recorded.dtype), recorded, err_msg=name, strict=True)


def walked(live, steps):
    """Actions and signals of a walk through three states that is the same for each agent."""
    out = []
    for k in range(steps):
        action = live.act(k % 3)
        live.learn(k % 3, action, -0.5 * (k % 2), (k + 1) % 3, k % 7 == 6)
        out.append((action, live.signals))
    return out


def test_its_representation_says_what_steps_and_where():
    live = LiveAgent(HabenulaAgent(hyperactivity=1.0), spaces.Discrete(3), spaces.Discrete(2), compiled=False)
    assert repr(live) == "<LiveAgent of HabenulaAgent(hyperactivity=1.0): 3 states, 2 actions>"


@pytest.mark.parametrize("compiled", [True, False])
def test_a_restored_agent_goes_on_with_the_same_bits(compiled):
    def fresh():
        return LiveAgent(HabenulaAgent(), spaces.Discrete(3), spaces.Discrete(2), seed=8, compiled=compiled)

    live, other = fresh(), fresh()
    walked(live, 20)
    saved = live.save()
    onwards = walked(live, 20)
    other.restore(saved)
    assert walked(other, 20) == onwards
    live.restore(saved)
    assert walked(live, 20) == onwards
    assert {type(value) for value in saved.values()} == {np.ndarray}


def test_a_saved_state_survives_a_file(tmp_path):
    live = LiveAgent(HabenulaAgent(), spaces.Discrete(3), spaces.Discrete(2), compiled=False)
    walked(live, 10)
    np.savez(tmp_path / "live.npz", **live.save())
    onwards = walked(live, 10)
    with np.load(tmp_path / "live.npz", allow_pickle=False) as saved:
        live.restore(saved)
    assert walked(live, 10) == onwards


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda saved: saved.pop("decisions"), "'decisions' is missing"),
        (lambda saved: saved.update({"decisions": np.array(-1)}), "'decisions' must not be below 0"),
        (lambda saved: saved.update({"decisions": np.array(1.5)}), "'decisions' has numbers of type float64"),
        (lambda saved: saved["state.value"].fill(np.nan), "'state.value' holds numbers that are not finite"),
        (lambda saved: saved.update({"state.valu": 0}), "'state.valu' is unknown"),
        (lambda saved: saved.update({"state.value": np.zeros(7)}), r"'state.value' has shape \(7,\)"),
        (lambda saved: saved.update({"parameter.nmda": np.array(0.5)}), "whose nmda is 0.5, and this one's is 1.0"),
        (lambda saved: saved.update({"agent": np.array("QLearning")}), "whose class is 'QLearning', and this one's is"),
        (lambda saved: saved["keys"].fill(7), "another seed or subject"),
    ],
)
def test_what_does_not_fit_is_not_restored(change, message):
    live = LiveAgent(HabenulaAgent(), spaces.Discrete(3), spaces.Discrete(2), compiled=False)
    saved = live.save()
    change(saved)
    walked(live, 5)
    with pytest.raises(ValueError, match=message):
        live.restore(saved)
    assert live.decisions == 5


def test_a_damaged_file_changes_nothing(tmp_path):
    live = LiveAgent(HabenulaAgent(), spaces.Discrete(3), spaces.Discrete(2), compiled=False)
    path = tmp_path / "live.npz"
    np.savez(path, **live.save())
    whole = path.read_bytes()
    at = whole.rindex(b"NUMPY") + 140  # in the numbers of the last array
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    walked(live, 5)
    before = live.save()
    with np.load(path, allow_pickle=False) as saved, pytest.raises(ValueError, match="cannot be read: Bad CRC-32"):
        live.restore(saved)
    after = live.save()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_the_prediction_error_is_that_of_the_step_that_was_given():
    agent = HabenulaAgent(discount=0.5, habenula_share=0.0, lift_share=0.0)
    live = LiveAgent(agent, spaces.Discrete(3), spaces.Discrete(2), compiled=False)
    live.learn(2, 1, 1.0, 0, True)  # state 2 becomes worth something
    worth = live.state["value"][2]
    assert worth == pytest.approx(agent.value_rate)
    live.learn(0, 1, -0.25, 2, True)
    assert live.signals["rpe"] == -0.25
    expected = live.state["value"][0]
    live.learn(0, 1, -0.25, 2, False)
    assert live.signals["rpe"] == -0.25 + 0.5 * worth - expected


def test_what_hurts_and_what_is_passive_come_from_the_spaces():
    env = TaskEnvironment("ShuttleBox", shock=0.5)
    told = LiveAgent(HabenulaAgent(), env.observation_space, env.action_space, compiled=False)
    untold = LiveAgent(HabenulaAgent(), spaces.Discrete(3), spaces.Discrete(2), compiled=False)
    for live in (told, untold):
        live.act(2)
        live.learn(2, 0, 0.0, 2, False)
    assert told.state["tried"].tolist() == [0.5, 0.0]  # half a shock was at stake, and doing nothing was tried on it
    assert told.state["relief"].tolist() == [0.0, 0.0]  # in vain
    assert told.state["hyperactivity"] > 0.0
    assert untold.state["tried"].tolist() == [0.0, 0.0]  # nothing is learned of control where nothing hurts
    assert untold.state["hyperactivity"] == 0.0


def test_the_best_of_a_row_is_one_of_the_actions():
    """Three actions that are all worth less than nothing: there is no fourth one that is worth nothing."""

    class Careful(Agent):
        signals = ("best",)

        @staticmethod
        def start(p, w, reflex):
            w.Q[:] = 0.0

        @staticmethod
        def prefer(p, w, e, z):
            z[:] = w.Q[e.state]

        @staticmethod
        def learn(p, w, e, y):
            w.Q[e.state, e.action] = -1.0
            y.best = w.Q[e.next_state].max()

        @staticmethod
        def state(n_states, n_actions):
            return {"Q": (n_states, n_actions)}

    live = LiveAgent(Careful(), spaces.Discrete(3), spaces.Discrete(3), compiled=False)
    for action in range(3):
        assert live.signals == {"best": 0.0}
        live.learn(1, action, 0.0, 1, False)
    assert live.signals == {"best": -1.0}
    assert live.state["Q"].shape == (3, 3)


def test_counting_starts_where_the_space_starts():
    agent = HabenulaAgent()
    plain = LiveAgent(agent, spaces.Discrete(3), spaces.Discrete(2), seed=2, compiled=False)
    moved = LiveAgent(agent, spaces.Discrete(3, start=-1), spaces.Discrete(2, start=5), seed=2, compiled=False)
    for k in range(30):
        a, b = plain.act(k % 3), moved.act(k % 3 - 1)
        assert b == a + 5
        plain.learn(k % 3, a, -0.1, (k + 1) % 3, False)
        moved.learn(k % 3 - 1, b, -0.1, (k + 1) % 3 - 1, False)
    assert plain.signals == moved.signals


@pytest.mark.parametrize("name", ["FrozenLake-v1", "Taxi", "CliffWalking-v1", "Blackjack-v1"])
def test_it_steps_through_environments_of_others(name):
    env = gymnasium.make(next(id for id in gymnasium.registry if id.startswith(name)))  # of Taxi any version
    live = LiveAgent(HabenulaAgent(), env.observation_space, env.action_space, compiled=False)
    obs, _ = env.reset(seed=0)
    for _ in range(50):
        action = live.act(obs)
        next_obs, reward, terminated, truncated, _ = env.step(action)
        live.learn(obs, action, reward, next_obs, terminated)
        obs = env.reset()[0] if terminated or truncated else next_obs
    assert all(np.isfinite(value).all() for value in live.state.values())


DISCRETE = spaces.Discrete(2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LiveAgent(HabenulaAgent(), spaces.Box(0, 1), DISCRETE), "needs Discrete, MultiDiscrete, .* not Box"),
        (
            lambda: LiveAgent(HabenulaAgent(), spaces.Tuple([DISCRETE, spaces.MultiBinary(2)]), DISCRETE),
            "not MultiBinary",
        ),
        (lambda: LiveAgent(HabenulaAgent(), DISCRETE, spaces.Box(0, 1)), "needs Discrete actions, not Box"),
        (lambda: LiveAgent(HabenulaAgent(), spaces.MultiDiscrete([99] * 9), DISCRETE), "LiveAgent can hold 1000000"),
        (lambda: LiveAgent(HabenulaAgent(), DISCRETE, DISCRETE, seed=-1), "seed must be a whole number"),
        (lambda: LiveAgent(HabenulaAgent(), DISCRETE, DISCRETE, subject=0.5), "subject must be a whole number"),
        (lambda: LiveAgent(HabenulaAgent(), DISCRETE, DISCRETE, subject=2**64), "subject must be a whole number"),
        (lambda: LiveAgent(HabenulaAgent, DISCRETE, DISCRETE), r"agent must be an Agent, .*mean HabenulaAgent\(\)\?"),
    ],
)
def test_what_cannot_be_used_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ((2, 0, 0.0, 0, False), "2 is not a whole number from 0 to 1"),
        ((0, 0, 0.0, -1, False), "-1 is not a whole number from 0 to 1"),
        ((0.5, 0, 0.0, 0, False), "0.5 is not a whole number from 0 to 1"),
        ((0, 2, 0.0, 0, False), "2 is not a whole number from 0 to 1"),
        ((0, 0, float("nan"), 0, False), "reward must be finite, not nan"),
    ],
)
def test_a_step_that_cannot_be_is_refused(step, message):
    live = LiveAgent(HabenulaAgent(), DISCRETE, DISCRETE, compiled=False)
    with pytest.raises(ValueError, match=message):
        live.learn(*step)
