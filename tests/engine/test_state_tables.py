"""What a task can say of its states: compounds, actions that are not there, outcomes not shown, lists, memory."""

from dataclasses import dataclass
from functools import partial

import gymnasium
import numpy as np
import pandas as pd
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.compiler.lanes.ir import CannotTrace
from habenula_rl.contract import Agent, Task, parameter
from habenula_rl.engine import binding
from habenula_rl.engine.live import LiveAgent, LiveAgents
from habenula_rl.engine.population import simulate
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.errors import RuleError
from habenula_rl.fitting.likelihood import log_likelihood
from habenula_rl.randomness import uniform

LIGHT, TONE, BOTH = 0, 1, 2
UNSEEN_FROM = 9


def begin(q, x, e):
    e.state = int(3.0 * uniform(e, 0))


def step(q, x, e):
    x.chosen[e.action] += 1.0
    e.reward = q.amounts[e.action] * (1.0 if uniform(e, 1) < 0.5 else 0.5) + 0.25 * (x.chosen[0] > x.trials)
    x.trials += 0.5
    e.feedback = 0 if e.trial >= UNSEEN_FROM else 1
    e.terminated = 1


@dataclass(frozen=True)
class Cues(Task):
    begin = begin
    step = step
    memory = ("trials",)
    memory_like = {"chosen": "amounts"}  # noqa: RUF012

    amounts: tuple = parameter((1.0, -1.0, 0.5), doc="what each action brings", low=-10, high=10)
    masked: bool = parameter(True, doc="whether the third action is there with both cues only")

    @property
    def states(self):
        return ("light", "tone", "both")

    @property
    def actions(self):
        return tuple(f"lever {a}" for a in range(len(self.amounts)))

    @property
    def elements(self):
        return ((LIGHT,), (TONE,), (LIGHT, TONE))

    @property
    def available(self):
        alone = (True,) * (len(self.amounts) - 1) + (False,)
        return (alone, alone, (True,) * len(self.amounts)) if self.masked else ()


SIZE = {"n_subjects": 20, "n_trials": 14, "seed": 3}
AGENT = HabenulaAgent(pavlovian=0.5, reflex_go=0.5)


def same(one, other):
    pd.testing.assert_frame_equal(one.trials, other.trials, check_exact=True)
    pd.testing.assert_frame_equal(one.subjects, other.subjects, check_exact=True)


@pytest.fixture(scope="module")
def lanes():
    return simulate(AGENT, Cues(), **SIZE)


def test_plain_python_gives_the_same_bits(lanes):
    same(lanes, simulate(AGENT, Cues(), **SIZE, compiled=False))


def test_one_at_a_time_gives_the_same_bits(lanes):
    same(lanes, simulate(AGENT, Cues(), **SIZE, chunk=1, threads=1))


def test_the_kernel_gives_the_same_bits(lanes, monkeypatch):
    def refuse(*args):
        raise CannotTrace("for the test")

    monkeypatch.setattr(binding, "straight", refuse)
    monkeypatch.setattr(binding, "_LANES", {})
    same(lanes, simulate(AGENT, Cues(), **SIZE))


def test_an_action_that_is_not_there_is_never_chosen(lanes):
    third = lanes.trials[lanes.trials.action == 2]
    assert set(third.state) == {BOTH} and len(third) > 10
    everywhere = simulate(AGENT, Cues(masked=False), **SIZE)
    assert set(everywhere.trials[everywhere.trials.action == 2].state) == {LIGHT, TONE, BOTH}


def test_what_is_not_shown_is_not_learned_from(lanes):
    unseen = lanes.trials[lanes.trials.trial >= UNSEEN_FROM]
    assert unseen.outcome.isna().all() and not unseen[["rpe", "value"]].to_numpy().any()
    seen = lanes.trials[lanes.trials.trial < UNSEEN_FROM]
    assert seen.outcome.notna().all()
    total = seen.groupby("subject").outcome.sum()
    assert lanes.subjects.outcome.to_numpy() == pytest.approx(total.to_numpy() / SIZE["n_trials"])


def test_a_compound_is_worth_the_sum_of_its_cues():
    """Worked out by hand: with both values 0.5 the compound predicts 1, so a reward of 1 teaches nothing."""
    live = LiveAgent(AGENT, *spaces(), compiled=False)
    live._state["value"][0][[LIGHT, TONE]] = 0.5
    live.learn(BOTH, 0, 1.0, BOTH, True)
    assert live.signals["rpe"] == 0.0 and list(live.state["value"]) == [0.5, 0.5, 0.0]
    live.learn(BOTH, 0, 2.0, BOTH, True)
    light, tone, both = live.state["value"]
    assert light == tone == 0.5 + AGENT.value_rate * live.signals["dopamine"] and both == 0.0
    assert live.signals["value"] == light + tone


def spaces():
    env = TaskEnvironment(Cues())
    return env.observation_space, env.action_space


@pytest.mark.parametrize("compiled", [True, False])
def test_an_agent_in_the_environment_does_what_the_run_says(lanes, compiled):
    env = TaskEnvironment(Cues())
    live = LiveAgent(AGENT, env.observation_space, env.action_space, seed=3, subject=4, compiled=compiled)
    state, info = env.reset(seed=3, options={"subject": 4})
    for row in lanes.trials[lanes.trials.subject == 4].itertuples():
        action = live.act(state)
        assert (state, action) == (row.state, row.action)
        assert list(info["action_mask"]) == [1, 1, int(state == BOTH)]
        reached, reward, terminated, _, info = env.step(action)
        assert info["feedback"] == (row.trial < UNSEEN_FROM)
        if info["feedback"]:
            live.learn(state, action, reward, reached, terminated)
            assert np.float32(live.signals["rpe"]) == row.rpe
        state, info = env.reset()


def test_a_new_session_remembers_nothing():
    env = TaskEnvironment(Cues(), subject=2)

    def played():
        env.reset(seed=1)
        return [env.step(0)[1] for _ in range(5) if env.reset()]

    assert played() == played()


def test_the_likelihood_is_the_product_of_the_probabilities_of_the_choices(lanes):
    """By stepping: softmax over what is there; nothing learned from what was not shown."""
    rows = lanes.trials[lanes.trials.subject == 4].assign(outcome=lambda t: t.outcome.astype(float))
    live = LiveAgent(AGENT, *spaces(), compiled=False)
    expected = 0.0
    for row in rows.itertuples():
        live._code.act(
            live._parameters, live._state, live._event, live._preference, *live._seen, live._key, row.state, 0
        )
        weights = live._preference  # the kernel leaves exp(z - max) there
        expected += np.log(weights[row.action] / weights.sum())
        if not np.isnan(row.outcome):
            live.learn(row.state, row.action, row.outcome, row.next_state, row.terminated)
    assert log_likelihood(AGENT, rows, Cues()).iloc[0] == pytest.approx(expected, rel=1e-6)


def test_a_choice_that_was_not_on_offer_is_refused_by_its_row():
    rows = pd.DataFrame({"subject": 0, "state": [TONE, LIGHT], "action": [0, 2], "outcome": [1.0, 1.0]})
    said = r"^trials: row 1, column 'action': 2 was not on offer in state 'light', only 0 and 1$"
    with pytest.raises(ValueError, match=said):
        log_likelihood(AGENT, rows, Cues())
    forced = rows.assign(forced=[False, True])  # the subject did not choose it
    assert np.isfinite(log_likelihood(AGENT, forced, Cues())).all()


def test_a_longer_list_makes_more_actions():
    run = simulate(AGENT, Cues(amounts=(1.0, 0.0, 0.0, 2.0), masked=False), **SIZE)
    assert set(run.trials.action) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"memory_like": ("chosen",)}, "memory_like must give arrays by name"),
        ({"memory_like": {"chosen": "amonts"}}, "not 'amonts', did you mean 'amounts'?"),
        ({"memory_like": {"trials": "amounts"}}, "'trials' is in memory already"),
    ],
)
def test_a_slip_in_the_memory_is_told_when_the_task_is_defined(change, message):
    with pytest.raises(RuleError, match=message.replace("?", r"\?")):
        type("Slip", (Cues,), change)


def test_the_script_is_no_list_of_the_rules():
    def reads_it(q, x, e):
        e.reward = q.durations[0]

    with pytest.raises(RuleError, match="reaches rules only as the task's script"):
        type("Slip", (Cues,), {"step": reads_it, "durations": parameter((1.0,), doc="by trial", by_trial=True)})


def test_an_empty_list_is_refused():
    with pytest.raises(ValueError, match="amounts must not be empty"):
        Cues(amounts=())


def test_agents_of_a_users_own_may_look_at_the_elements():
    def start(p, w, reflex):
        w.value[:] = 0.0

    def prefer(p, w, e, z):
        z[0] = w.value[e.elements[0]]

    def learn(p, w, e, y):
        for k in range(e.elements.size):
            if e.elements[k] >= 0:
                w.value[e.elements[k]] += 0.5 * (e.reward - w.value[e.elements[k]])
        y.value = w.value[e.next_elements[0]]

    own = {"start": start, "prefer": prefer, "learn": learn, "signals": ("value",)}
    kind = type("Own", (Agent,), own | {"state": staticmethod(lambda n_states, n_actions: {"value": (n_states,)})})
    run = simulate(kind(), Cues(), n_subjects=3, n_trials=5, seed=1, compiled=False)
    assert run.failed.empty and run.trials.value.any()


def look_start(p, w, reflex):
    w.nothing = 0.0


def look_prefer(p, w, e, z):
    z[0] = 0.0


def look_learn(p, w, e, y):
    y.here = e.available[2]
    y.there = e.next_available[2]


@dataclass(frozen=True)
class Looker(Agent):
    start, prefer, learn, signals = look_start, look_prefer, look_learn, ("here", "there")

    @staticmethod
    def state(n_states, n_actions):
        return {"nothing": ()}


def move(q, x, e):
    e.next_state = BOTH if e.action == 0 else LIGHT


@dataclass(frozen=True)
class Moving(Cues):
    step = move


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_agents_are_told_what_can_be_chosen_here_and_next(masked, compiled):
    trials = simulate(Looker(), Moving(masked=masked), **SIZE, compiled=compiled).trials
    assert set(trials.next_state) == {LIGHT, BOTH}
    assert (trials.here == ((trials.state == BOTH) | (not masked))).all()
    assert (trials.there == ((trials.next_state == BOTH) | (not masked))).all()


@pytest.mark.parametrize("mode", list(gymnasium.vector.AutoresetMode))
def test_agents_in_a_vector_environment_learn_nothing_from_what_they_are_not_shown(lanes, mode):
    parts = [partial(TaskEnvironment, Cues(), subject=i) for i in range(2)]
    envs = gymnasium.vector.SyncVectorEnv(parts, autoreset_mode=mode)
    live = LiveAgents(AGENT, envs, seed=3, compiled=False)
    states, _ = envs.reset(seed=[3, 3])
    trials = 0
    while trials < SIZE["n_trials"]:
        resting = live._ended >= 0
        actions = live.act(states)
        reached, rewards, terminated, truncated, infos = envs.step(actions)
        live.learn(states, actions, rewards, reached, terminated, truncated, infos)
        rows = lanes.trials[(lanes.trials.trial == trials) & (lanes.trials.subject < 2)]
        if not resting.any():
            assert actions.tolist() == rows.action.tolist()
            trials += 1
        if mode is gymnasium.vector.AutoresetMode.DISABLED:
            reached, _ = envs.reset(options={"reset_mask": terminated | truncated})
        states = reached
    final = lanes.trials[(lanes.trials.trial == UNSEEN_FROM - 1) & (lanes.trials.subject < 2)]
    assert live.signals["rpe"].astype(np.float32).tolist() == final.rpe.tolist()
