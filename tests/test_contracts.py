"""What every registered agent and task keeps to: it runs, is reproducible, stays finite, and each parameter matters."""

import contextlib
import dataclasses
import functools
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.agents import AGENTS, HabenulaAgent, QLearning
from habenula_rl.contract import Task, number_like, parameter
from habenula_rl.engine.live import LiveAgent
from habenula_rl.engine.population import Subjects, simulate
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import TASKS, PavlovianConditioning

PAIRS = list(itertools.product(AGENTS, TASKS))
N_PAIRS = max(len(AGENTS), len(TASKS))  # enough for each agent and each task to be compiled once
COVER = [(list(AGENTS)[k % len(AGENTS)], list(TASKS)[k % len(TASKS)]) for k in range(N_PAIRS)]
STEPS = 25
LONG = 120
COMPOUND = PavlovianConditioning(schedule="8 A+ | 8 A+ AX- Y! | 8 AX+ X-", interval_s=1.0)
TEXTS = {"schedule": ("blocking", "20 A+ | 20 AX!")}  # of parameters that are texts without choices
FIRST_TRIALS = 3


def trace(agent, task, *, seed=1, steps=STEPS):
    """What an agent sees, does and gets in the task, with its signals; checks probabilities and numbers on the way."""
    env = TaskEnvironment(task)
    live = LiveAgent(agent, env.observation_space, env.action_space, seed=seed, compiled=False)
    state, info = env.reset(seed=seed)
    lived = []
    for _ in range(steps):
        action = live.act(state)
        weights = live._preference  # where `choose` leaves exp(z - max)
        assert np.isfinite(weights).all() and weights.max() == 1.0 and (weights >= 0.0).all(), weights
        assert not env.observation_space.available or info["action_mask"][action]
        reached, reward, terminated, truncated, info = env.step(action)
        assert math.isfinite(reward) and reached in env.observation_space
        if info["feedback"]:
            live.learn(state, action, reward, reached, terminated)
        signals = tuple(live.signals.values())
        assert np.isfinite(signals).all() and all(np.isfinite(field).all() for field in live.state.values())
        lived.append((int(state), action, reward, int(reached), terminated, truncated, tuple(weights), *signals))
        state, info = env.reset() if terminated or truncated else (reached, info)
    return lived


@pytest.mark.parametrize(("agent", "task"), PAIRS)
def test_every_agent_goes_through_every_task_again_and_again_alike(agent, task):
    lived = trace(AGENTS[agent](), TASKS[task]())
    assert lived == trace(AGENTS[agent](), TASKS[task]())
    assert len({entry[6:] for entry in lived}) > 1  # it did not stay as it was


@pytest.mark.parametrize(("agent", "task"), COVER)
def test_compiled_code_and_plain_python_give_the_same_bits(agent, task):
    agent, task = AGENTS[agent](), short(TASKS[task]())
    runs = [simulate(agent, task, n_subjects=2, n_trials=FIRST_TRIALS, seed=3, compiled=c) for c in (True, False)]
    pd.testing.assert_frame_equal(runs[0].trials, runs[1].trials, check_exact=True)
    pd.testing.assert_frame_equal(runs[0].subjects, runs[1].subjects, check_exact=True)
    assert runs[0].failed.empty


def short(task):
    """The task with short trials, where it has a time that could be long."""
    least = {name: max(field.metadata["low"], 5) for name, field in task.fields().items() if name.endswith("_s")}
    for name, low in least.items():
        if not isinstance(getattr(task, name), tuple) and task.max_steps > 400:
            task = task.replace(**{name: min(getattr(task, name), low)})
    return task


def in_range(field):
    """Values of a parameter from all over its range."""
    low, high = field.metadata["low"], field.metadata["high"]
    if isinstance(field.default, bool):
        return st.booleans()
    if isinstance(field.default, str):
        return st.sampled_from(field.metadata["choices"] or TEXTS[field.name])
    if isinstance(field.default, int):
        return st.integers(math.ceil(low), math.floor(high)) | st.sampled_from([math.ceil(low), math.floor(high)])
    if isinstance(field.default, tuple):
        whole = isinstance(number_like(field.default), int)
        number = st.integers(math.ceil(low), math.floor(high)) if whole else st.floats(low, high)
        return st.tuples(*[number] * len(field.default))
    return st.floats(low, high) | st.sampled_from([float(low), float(high)])


@st.composite
def made(draw, kind):
    """An agent or a task with any values that it may have together, one after the other."""
    sample = kind()
    for name, field in kind.fields().items():
        with contextlib.suppress(ValueError):  # beside the others it means nothing
            sample = sample.replace(**{name: draw(in_range(field))})
    return sample


@pytest.mark.parametrize("agent", AGENTS)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_an_agent_stays_finite_over_the_whole_range_of_its_parameters(agent, data):
    task = data.draw(st.sampled_from([*(kind() for kind in TASKS.values()), COMPOUND]))
    trace(data.draw(made(AGENTS[agent])), task, seed=data.draw(st.integers(0, 99)))


def drawn(kind, n):
    """For each parameter n values from all over its range, its ends among them."""
    draw = np.random.default_rng(1)
    values = {}
    for name, field in kind.fields().items():
        low, high = field.metadata["low"], field.metadata["high"]
        between = draw.choice([low, high, *draw.uniform(low, high, 2)], n)
        values[name] = np.round(between) if isinstance(field.default, int) else between
    return values


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_stays_finite_for_some_hundred_steps_with_compounds(agent):
    """Whatever the parameters of each of 6 subjects: 100 trials of 3 steps or so."""
    kind = AGENTS[agent]
    size = {"n_subjects": 6, "n_trials": 100, "seed": 2, "compiled": False}
    run = simulate(kind(), COMPOUND, parameters=drawn(kind, size["n_subjects"]), **size)
    assert run.failed.empty and {"AX"} <= {COMPOUND.states[s] for s in set(run.trials.state)}
    assert np.isfinite(run.trials[list(kind.signals)]).all(axis=None)


@pytest.mark.parametrize("outcome_range", [0.01, 1.0])
def test_opponent_weights_stay_finite_where_the_critic_does_not_learn(outcome_range):
    agent = AGENTS["OpAL"](learning_rate=0.0, go_rate=1.0, nogo_rate=1.0, outcome_range=outcome_range)
    run = simulate(agent, TASKS["SucrosePreference"](), n_subjects=2, n_trials=1000, seed=1, compiled=False)
    assert run.failed.empty and run.trials.go.max() == np.float32(1e30)


@pytest.mark.parametrize("task", TASKS)
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_a_task_keeps_to_its_states_over_the_whole_range_of_its_parameters(task, data):
    trace(HabenulaAgent(), data.draw(made(TASKS[task])), seed=data.draw(st.integers(0, 99)))


def others(field):
    """A few other values of a parameter."""
    default, low, high = field.default, field.metadata["low"], field.metadata["high"]
    if isinstance(default, bool):
        return [not default]
    if isinstance(default, str):
        return [text for text in field.metadata["choices"] or TEXTS[field.name] if text != default]
    if isinstance(default, tuple):
        ends = [(*default[:k], end, *default[k + 1 :]) for k in range(len(default)) for end in (low, low + 1, high)]
        return [value for value in (*ends, default[::-1]) if value != default]
    near = [default + (high - default) / 4, default + (low - default) / 4, low, high]
    return [value for value in (map(round, near) if isinstance(default, int) else near) if value != default]


def parameters_of(kinds):
    return [(name, parameter) for name, kind in kinds.items() for parameter in kind.fields()]


@functools.cache
def traces(agent, task, seed):
    return trace(agent, task, seed=seed)


@pytest.mark.parametrize(("agent", "parameter"), parameters_of(AGENTS))
def test_every_parameter_of_an_agent_has_an_effect_somewhere(agent, parameter):
    kind = AGENTS[agent]
    bases = [kind(), kind(**kind.short_session)]
    values = others(kind.fields()[parameter])
    changed = [(base, base.replace(**{parameter: value})) for base in bases for value in values]
    pairs = itertools.product([task() for task in TASKS.values()], changed)
    within = any(trace(other, task) != traces(base, task, 1) for task, (base, other) in pairs)
    assert within or any(rested(base, base) != rested(base, other) for base, other in changed)


def rested(agent, resting):
    """The state of an animal that inescapable shocks have changed, after a day without a task as another agent."""
    box = TASKS["ShuttleBox"](escapable=False, durations_s=(5.0,))
    subjects = Subjects(agent, {"box": box}, n=1, seed=1)
    subjects.run(box, 3, context="box", compiled=False)
    subjects.set_parameters(resting.values())
    subjects.rest(24.0)
    return subjects.state.tobytes()


ANIMALS = (  # all try everything; the first is quick, and the last lets its reflexes speak
    QLearning(beta=1.0),
    HabenulaAgent(pavlovian=0.0, reflex_go=0.0),
    HabenulaAgent(pavlovian=0.0, reflex_go=2.0),
)


def without_effect(base, parameter, values):
    """Whether none of the values changes anything that is lived through, whatever the task says of itself."""
    for agent, value, seed in itertools.product(ANIMALS, values, range(3)):
        try:
            changed = base.replace(**{parameter: value})
        except ValueError:
            continue
        if lived_through(agent, changed, seed) != lived_through(agent, base, seed):
            return False
    return True


@functools.cache
def lived_through(agent, task, seed):
    return trace(agent, task, seed=seed, steps=LONG)


@pytest.mark.parametrize(("task", "parameter"), parameters_of(TASKS))
def test_every_parameter_of_a_task_has_an_effect_somewhere(task, parameter):
    kind = TASKS[task]
    values = others(kind.fields()[parameter])
    assert not all(without_effect(base, parameter, values) for base in (kind(**kind.short_session), kind()))


def blind_step(q, x, e):
    e.reward = q.worth
    e.terminated = 1


@dataclasses.dataclass(frozen=True)
class Blind(Task):
    """It says what its rules ignore: how many states there are, and a script."""

    begin = TASKS["SucrosePreference"].begin
    step = blind_step
    actions = ("a", "b")

    worth: float = parameter(1.0, doc="reward", low=0, high=9)
    rooms: int = parameter(1, doc="states that nobody sees", low=1, high=9)
    told: tuple = parameter((1.0, 2.0), doc="a script that nobody reads", low=0, high=9, by_trial=True)

    @property
    def states(self):
        return tuple(f"room {k}" for k in range(self.rooms))


def test_a_parameter_that_the_rules_ignore_is_noticed():
    ignored = [name for name, field in Blind.fields().items() if without_effect(Blind(), name, others(field)[:2])]
    assert ignored == ["rooms", "told"]


@pytest.mark.parametrize("kind", [*AGENTS.values(), *TASKS.values()])
def test_every_parameter_says_what_it_is_and_where_it_comes_from(kind):
    for name, field in kind.fields().items():
        assert field.metadata["doc"] and field.metadata["source"], name
        low, high = field.metadata["low"], field.metadata["high"]
        assert isinstance(field.default, bool | str) or -math.inf < low < high < math.inf, name
        assert dataclasses.is_dataclass(kind)
