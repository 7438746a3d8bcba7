"""Rules bound into the kernel: made once for equal content, and whatever their arguments are called."""

import weakref
from dataclasses import dataclass

import gymnasium
import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.compiler.lanes.ir import CannotTrace
from habenula_rl.contract import Agent, Task, parameter
from habenula_rl.contract.shape import shape_of
from habenula_rl.engine import binding
from habenula_rl.engine.lane_program import LaneProgram
from habenula_rl.engine.layout import layout
from habenula_rl.engine.record_program import RecordProgram
from habenula_rl.engine.state_tables import state_tables
from habenula_rl.randomness import uniform


def start(p, w, reflex):
    for s in range(w.Q.shape[0]):
        for a in range(w.Q.shape[1]):
            w.Q[s, a] = 0.5 * reflex[s, a]


def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * w.Q[e.state, a]


def learn(p, w, e, y):
    y.rpe = surprise(w, e)
    w.Q[e.state, e.action] += p.alpha * y.rpe


def surprise(w, e):
    return np.exp(-e.reward) - w.Q[e.state, e.action]


def whole_start(parameters, state, reflexes):
    for s in range(state.Q.shape[0]):
        for a in range(state.Q.shape[1]):
            state.Q[s, a] = 0.5 * reflexes[s, a]


def whole_prefer(parameters, state, event, preferences):
    for a in range(preferences.size):
        preferences[a] = parameters.beta * state.Q[event.state, a]


def whole_learn(parameters, state, event, signals):
    signals.rpe = whole_surprise(state, event)
    state.Q[event.state, event.action] += parameters.alpha * signals.rpe


def whole_surprise(memory, happened):
    return np.exp(-happened.reward) - memory.Q[happened.state, happened.action]


def crossed_start(e, y, w):
    """The names that others use for something else, and the kernel for its own."""
    for s in range(y.Q.shape[0]):
        for a in range(y.Q.shape[1]):
            y.Q[s, a] = 0.5 * w[s, a]


def crossed_prefer(z, row, p, draw):
    for a in range(draw.size):
        draw[a] = z.beta * row.Q[p.state, a]


def crossed_learn(y, e, w, p):
    p.rpe = surprise(e, w)
    e.Q[w.state, w.action] += y.alpha * p.rpe


@dataclass(frozen=True)
class Short(Agent):
    start, prefer, learn = start, prefer, learn
    signals = ("rpe",)
    alpha: float = parameter(0.3, doc="learning rate", low=0, high=1)
    beta: float = parameter(3.0, doc="choice consistency", low=0, high=100)

    @staticmethod
    def state(n_states, n_actions):
        return {"Q": (n_states, n_actions)}


@dataclass(frozen=True)
class Whole(Short):
    start, prefer, learn = whole_start, whole_prefer, whole_learn


@dataclass(frozen=True)
class Crossed(Short):
    start, prefer, learn = crossed_start, crossed_prefer, crossed_learn


def begin(q, x, e):
    x.steps = 0.0
    e.state = int(uniform(e, 0) * 2.0)


def step(q, x, e):
    x.steps += 1.0
    e.reward = q.gain * x.steps * uniform(e, 1)
    e.next_state = 1 - e.state
    e.terminated = x.steps > 2.0


def whole_begin(settings, memory, event):
    memory.steps = 0.0
    event.state = int(uniform(event, 0) * 2.0)


def whole_step(settings, memory, event):
    memory.steps += 1.0
    event.reward = settings.gain * memory.steps * uniform(event, 1)
    event.next_state = 1 - event.state
    event.terminated = memory.steps > 2.0


@dataclass(frozen=True)
class Box(Task):
    begin, step = begin, step
    memory = ("steps",)
    gain: float = parameter(0.75, doc="size of rewards")
    states = ("left", "right")
    actions = ("stay", "go")
    passive = 0
    aversive = (0.0, 1.0)
    reflex = ((0.0, 1.0), (1.0, 0.0))
    max_steps = 5


@dataclass(frozen=True)
class WholeBox(Box):
    begin, step = whole_begin, whole_step


OTHERS = [(Whole, WholeBox), (Crossed, WholeBox), (Whole, Box)]


def program(agent, task, n_subjects):
    shape = shape_of(task)
    records = layout(type(agent), task, shape, state_tables([shape]), record=True)
    return binding.program(type(agent), task, records, n_subjects=n_subjects, compiled=True)


@pytest.mark.parametrize(("agent", "task"), OTHERS)
@pytest.mark.parametrize("way", ["lanes", "one at a time", "kernel", "plain"])
def test_a_simulation_has_the_same_bits_whatever_arguments_are_called(agent, task, way, monkeypatch):
    if way == "kernel":
        monkeypatch.setattr(binding, "_LANES", {})
        monkeypatch.setattr(binding, "straight", refuse)
    else:
        assert isinstance(program(agent(), task(), 20), LaneProgram)
    size = {"n_subjects": 1 if way == "one at a time" else 20, "n_trials": 9, "seed": 6, "compiled": way != "plain"}
    one, other = hrl.simulate(Short(), Box(), **size).trials, hrl.simulate(agent(), task(), **size).trials
    pd.testing.assert_frame_equal(one.drop(columns="phase"), other.drop(columns="phase"), check_exact=True)
    assert one.rpe.nunique() > 20 and set(one.action) == {0, 1}


def refuse(*args):
    raise CannotTrace("for the test")


@pytest.mark.parametrize("agent", [Whole, Crossed])
@pytest.mark.parametrize("compiled", [True, False])
def test_a_live_agent_has_the_same_bits(agent, compiled):
    def walked(kind):
        spaces = gymnasium.spaces.Discrete(2), gymnasium.spaces.Discrete(2)
        live = hrl.LiveAgent(kind(), *spaces, seed=2, compiled=compiled)
        for k in range(50):
            action = live.act(k % 2)
            live.learn(k % 2, action, 0.1 * k, (k + 1) % 2, k % 5 == 4)
            yield action, live.signals["rpe"]

    assert list(walked(agent)) == list(walked(Short))


@pytest.mark.parametrize("agent", [Whole, Crossed])
def test_a_likelihood_and_its_gradient_have_the_same_bits(agent):
    trials = hrl.simulate(Short(), Box(), n_subjects=3, n_trials=9, seed=6).trials
    one, other = (hrl.Likelihood(kind(), trials, Box()) for kind in (Short, agent))
    at = {"alpha": 0.2, "beta": 1.5}
    assert one.value(at).tolist() == other.value(at).tolist()
    assert one.gradient(at, ["alpha", "beta"]).tolist() == other.gradient(at, ["alpha", "beta"]).tolist()


def test_lanes_are_made_once_for_equal_content_and_for_each_width():
    first = program(Short(), Box(), 20)
    assert program(Short(), Box(), 4) is first is not program(Short(), Box(), 1)


def test_what_cannot_be_traced_runs_as_the_kernels_loop(monkeypatch):
    monkeypatch.setattr(binding, "_LANES", {})
    monkeypatch.setattr(binding, "straight", refuse)
    made = program(Short(), Box(), 20)
    assert isinstance(made, RecordProgram) and not made.plain


def test_what_cannot_be_traced_holds_nothing_of_who_asked(monkeypatch):
    """A kept error that is raised anew collects the frames of all callers: a search grew by 30 MB a set."""
    monkeypatch.setattr(binding, "_LANES", {})
    monkeypatch.setattr(binding, "straight", refuse)

    def asked():
        table = np.zeros(3)
        program(Short(), Box(), 20)
        return weakref.ref(table)

    assert all(asked()() is None for _ in range(2))  # in the first the error is made, in the second it is known


def test_what_an_agents_rules_read_is_known_by_position():
    for agent in (Short, Whole, Crossed):
        assert binding.fields_read(agent) == {"state", "action", "reward", "reflex"}
