"""What holds for every rival beside what tests/test_contracts.py asks of all agents: compounds, cut-offs, gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl import Likelihood, LiveAgent, simulate
from habenula_rl.agents import AGENTS, HabenulaAgent
from habenula_rl.contract import Agent
from habenula_rl.engine.population import Subjects
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import ShuttleBox, SucrosePreference

RIVALS = {name: agent for name, agent in AGENTS.items() if agent is not HabenulaAgent}
COMPOUNDS = {3: (0, 1)}


@st.composite
def agents(draw, kind):
    """Any agent of that kind, the ends of every range included."""
    bounds = {name: (field.metadata["low"], field.metadata["high"]) for name, field in kind.fields().items()}
    return kind(**{name: draw(st.floats(low, high)) for name, (low, high) in bounds.items()})


def experience(it, n=40, seed=0):
    """A little of everything, trials of a few steps, some cut off; preferences and signals after each step."""
    rng = np.random.default_rng(seed)
    state = 0
    for _ in range(n):
        following = int(rng.integers(0, 4))
        action, reward = int(rng.integers(0, 3)), float(rng.normal())
        it.e.aversive, it.e.punishment = float(state % 2), float(following % 2)
        it.live(state, action, reward, None if rng.random() < 0.3 else following)
        state = following if not it.e.terminated and rng.random() < 0.8 else int(rng.integers(0, 4))
        yield it.preferences(state), it.probabilities(state), np.array(list(it.signals().values()))


@pytest.mark.parametrize("kind", RIVALS.values())
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_numbers_are_finite_and_probabilities_add_up(animal, kind, data):
    it = animal(data.draw(agents(kind)), 4, 3, data.draw(st.sampled_from([-1, 0, 2])), COMPOUNDS)
    for preferences, probabilities, signals in experience(it):
        assert np.isfinite(preferences).all()
        assert np.isfinite(signals).all()
        assert (probabilities >= 0.0).all()
        assert probabilities.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in RIVALS.values() for name in kind.fields()])
def test_every_parameter_has_an_effect(animal, kind, name):
    plain, field = kind(), kind.fields()[name]
    start = plain.values()[name]
    other = start * 0.8 if start else min(field.metadata["high"], 0.1)
    lives = [experience(animal(agent, 4, 3, 0, COMPOUNDS)) for agent in (plain, plain.replace(**{name: other}))]
    one, two = (np.array([np.concatenate(step) for step in life]) for life in lives)
    assert np.abs(one - two).max() > 1e-6


@pytest.mark.parametrize("kind", RIVALS.values())
def test_a_live_agent_does_what_a_subject_does_in_a_run(kind):
    """It is not told which trials are cut off, as half of these are."""
    task = ShuttleBox(responses=2, max_shock_s=3)
    run = simulate(kind(), task, n_subjects=1, n_trials=12, seed=2, compiled=False)
    env = TaskEnvironment(task)
    live = LiveAgent(kind(), env.observation_space, env.action_space, seed=2, compiled=False)
    rows = []
    for trial in range(12):
        obs, over = env.reset(seed=2)[0] if trial == 0 else env.reset()[0], False
        while not over:
            action = live.act(obs)
            following, reward, terminated, truncated, _ = env.step(action)
            live.learn(obs, action, reward, following, terminated)
            obs, over = following, terminated or truncated
            rows.append([action, *live.signals.values()])
    expected = run.trials[["action", *kind.signals]].to_numpy()
    np.testing.assert_array_equal(np.array(rows, dtype="f4"), expected.astype("f4"))
    assert 0 < run.subjects.terminated.iloc[0] < 12


@pytest.mark.parametrize("kind", AGENTS.values())
def test_a_task_with_more_actions_elsewhere_in_a_study_changes_nothing_here(kind):
    """The state then has a column for an action that this task does not have, and which is worth nothing, 0."""
    box = ShuttleBox(responses=2, max_shock_s=4)
    rows = [
        Subjects(kind(), contexts, n=4, seed=1).run(box, 10, context="box", compiled=False).rows
        for contexts in ({"box": box}, {"box": box, "spouts": SucrosePreference()})
    ]
    np.testing.assert_array_equal(rows[0], rows[1])


@pytest.mark.parametrize("kind", RIVALS.values())
def test_the_gradient_of_the_likelihood_is_that_of_central_differences(kind):
    """In plain Python; where a parameter decides between two things only, both are 0."""
    task = SucrosePreference(delivery=0.5)
    trials = simulate(kind(), task, n_subjects=3, n_trials=12, seed=4, compiled=False).trials
    likelihood, values = Likelihood(kind, trials, task), kind().values()
    slopes = likelihood.gradient(values, list(values)).sum(axis=0)
    for name, slope in zip(values, slopes, strict=True):
        step = 1e-5 if values[name] < kind.fields()[name].metadata["high"] else -1e-5
        at = [likelihood.value(values | {name: values[name] + k * step}).sum() for k in range(3)]
        difference = (-3.0 * at[0] + 4.0 * at[1] - at[2]) / (2.0 * step)
        assert slope == pytest.approx(difference, rel=1e-4, abs=1e-4), name


@pytest.mark.parametrize("kind", RIVALS.values())
def test_every_parameter_has_a_doc_a_unit_a_finite_range_and_a_source(kind):
    for field in kind.fields().values():
        told = field.metadata
        assert told["doc"] and told["unit"] and told["source"]
        assert -np.inf < told["low"] < told["high"] < np.inf
    assert issubclass(kind, Agent)
    assert {"rpe", "value"} <= set(kind.signals)
    assert "Source: " in kind.__doc__ and "doi" in kind.__doc__
