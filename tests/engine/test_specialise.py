"""The same tables to the last bit: 16 subjects at a time, one at a time, the ordinary kernel, and plain Python."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.agents import AGENTS, HabenulaAgent
from habenula_rl.compiler.lanes.ir import CannotTrace
from habenula_rl.contract import Agent, Task, parameter
from habenula_rl.contract.shape import shape_of
from habenula_rl.engine import binding, specialise
from habenula_rl.engine.lane_program import LaneProgram
from habenula_rl.engine.layout import layout
from habenula_rl.engine.population import Subjects, simulate
from habenula_rl.engine.state_tables import state_tables
from habenula_rl.randomness import uniform
from habenula_rl.tasks import Bandit, PavlovianConditioning, ShuttleBox

GAIN = 0.75
LEVELS = (0.25, 0.5, 1.0)
MOST = 40


# names that the kernel has for its own
def keep(x):
    return x + 1.0


def tally(x):
    return keep(x) * 2.0


def clear(w):
    w.level *= 0.5


def start(p, w):
    return p.rate + w.level


def step(x):
    return min(max(x, -1.0), 1.0)


def turn(x):
    return 3.0 * x


def choose(w, s):
    best = 0
    for a in range(1, w.Q.shape[1]):
        if w.Q[s, a] > w.Q[s, best]:
            best = a
    return best


def finite(x):
    return 1.0 if x - x == 0.0 else 0.0


def advance(x):
    for k in range(3):
        if x < LEVELS[k]:
            return k, -x
    return 3, x


def walker_start(p, w, reflex):
    w.level, w.temper = 0.0, 1.0 + p.rate  # temper stays as it is: what depends on it alone is worked out once
    for s in range(w.Q.shape[0]):
        for a in range(w.Q.shape[1]):
            w.Q[s, a] = 0.1 * reflex[s, a]


def walker_prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * w.Q[e.state, a] / (1.0 + np.exp(-w.temper))
    if e.passive >= 0:
        z[e.passive] -= 0.25 + 0.5 * e.aversive
    z[choose(w, e.state)] += GAIN


def walker_learn(p, w, e, y):
    y.named = tally(1.5) + turn(2.0)
    y.place, y.extent = advance(abs(w.level))
    future = 0.0 if e.terminated else w.Q[e.next_state, choose(w, e.next_state)]
    y.rpe = step(e.reward + 0.9 * future - w.Q[e.state, e.action]) - p.fear * e.punishment
    w.Q[e.state, e.action] += p.rate * y.rpe
    w.Q[e.state - 1, -1] *= 1.0 - 0.01 * (y.rpe > 0.0)
    if (y.rpe > 0.0 and e.action != e.passive) or e.truncated:
        w.level += start(p, w) * np.exp(-w.level * w.level)
    elif -0.1 < y.rpe <= 0.0:
        clear(w)
    else:
        w.level -= 0.125 / (1.0 + np.sqrt(abs(w.level))) * finite(y.rpe)
    y.floor = np.floor(10.0 * w.level) + (w.level or -1.0)


@dataclass(frozen=True)
class Walker(Agent):
    start = walker_start
    prefer = walker_prefer
    learn = walker_learn
    signals = ("named", "place", "extent", "rpe", "floor")
    carried = ("level",)
    rate: float = parameter(0.3, doc="learning rate", low=0, high=1)
    beta: float = parameter(3.0, doc="choice consistency", low=0, high=100)
    fear: float = parameter(0.2, doc="weight of punishment", low=0, high=1)

    @staticmethod
    def state(n_states, n_actions):
        return {"level": (), "temper": (), "Q": (n_states, n_actions)}


def walk_begin(q, x, e):
    x.visits = 0.0
    x.goal = 2.0 if e.scripted > 0.5 else 1.0
    e.state = int(uniform(e, 0) * 2.0)


def walk_step(q, x, e):
    x.visits, x.ever = x.visits + 1.0, x.ever + 1.0
    move = e.action - 1
    e.next_state = min(max(e.state + move, 0), 2)
    if e.next_state == x.goal and uniform(e, 1) < 0.6:
        e.reward = 1.0 + 0.1 * x.visits
        e.terminated = 1
    elif uniform(e, 2) < q.breaks and e.trial > 1:
        e.reward = np.inf if move < 0 else np.nan
    else:
        e.reward = -0.05 + 0.001 * x.ever


@dataclass(frozen=True)
class Walk(Task):
    begin = walk_begin
    step = walk_step
    memory = ("visits", "ever", "goal")
    breaks: float = parameter(0.0, doc="probability that a step pays no number", low=0, high=1)

    @property
    def states(self):
        return ("left", "middle", "right")

    @property
    def actions(self):
        return ("back", "stay", "on")

    @property
    def passive(self):
        return 1

    @property
    def aversive(self):
        return (1.0, 0.0, 0.25)

    @property
    def reflex(self):
        return ((0.0, 0.0, 1.0), (0.0, 0.5, 0.0), (1.0, 0.0, 0.0))

    @property
    def max_steps(self):
        return 6

    @property
    def script(self):
        return (0.0, 1.0, 1.0)


def crooked_learn(p, w, e, y):
    """Nothing here can be written as straight-line code."""
    y.rpe = np.tanh(e.reward - w.Q[e.state, e.action])
    while y.rpe > 0.5:
        y.rpe *= 0.75
    for k in range(10):
        if k * 0.1 > abs(y.rpe):
            break
        w.level += 0.01
    for k in range(e.state + 1):
        w.Q[k, e.trial % 3] += p.rate * y.rpe
    w.Q[e.state] *= 0.99
    y.floor = e.step // 2 + p.rate**2


@dataclass(frozen=True)
class Crooked(Walker):
    learn = crooked_learn
    signals = ("rpe", "floor")


def same(a, b):
    pd.testing.assert_frame_equal(a.trials, b.trials, check_exact=True)
    pd.testing.assert_frame_equal(a.subjects, b.subjects, check_exact=True)


def refuse_straight(patch):
    def refuse(*args):
        raise CannotTrace("for the test")

    patch.setattr(binding, "straight", refuse)
    patch.setattr(binding, "_LANES", {})


def by_the_kernel(monkeypatch, agent, task, **size):
    """The run by the ordinary kernel, whatever could be written as straight-line code."""
    with monkeypatch.context() as patch:
        refuse_straight(patch)
        return simulate(agent, task, **size)


def straight(agent, task, n_subjects):
    records = layout(type(agent), task, shape_of(task), state_tables([shape_of(task)]), record=True)
    program = binding.program(type(agent), task, records, n_subjects=n_subjects, compiled=True)
    return isinstance(program, LaneProgram)


@pytest.mark.parametrize("agent", AGENTS.values(), ids=list(AGENTS))
def test_every_agent_of_the_package_can_be_written_so(agent):
    """One line that cannot be traced costs a factor of 5 to 20 and changes no number, so nothing else notices."""
    assert straight(agent(), ShuttleBox(), MOST)


SIZE = {"n_subjects": MOST, "n_trials": 12, "seed": 4}
BREAKING = Walk(breaks=0.02)


@pytest.fixture(scope="module")
def lanes():
    return simulate(Walker(), BREAKING, **SIZE)


def test_the_run_holds_what_is_to_be_compared(lanes):
    assert straight(Walker(), BREAKING, MOST) and straight(Walker(), BREAKING, 1)
    failed = lanes.subjects.failed_trial
    assert 5 < (failed >= 0).sum() < 35 and failed.nunique() > 4
    lengths = lanes.trials.groupby(["subject", "trial"]).size()
    assert set(lengths) == {1, 2, 3, 4, 5, 6}
    assert set(lanes.trials.state) == {0, 1, 2} and set(lanes.trials.place) == {0, 1, 2, 3}
    assert lanes.trials.terminated.any() and lanes.trials.truncated.any()


def test_rules_use_their_own_helpers_where_the_kernel_has_others_of_that_name(lanes):
    assert set(lanes.trials.named) == {(1.5 + 1.0) * 2.0 + 3.0 * 2.0}


def test_the_kernel_gives_the_same_bits(lanes, monkeypatch):
    same(by_the_kernel(monkeypatch, Walker(), BREAKING, **SIZE), lanes)


def test_one_at_a_time_gives_the_same_bits(lanes):
    same(simulate(Walker(), BREAKING, **SIZE, chunk=1, threads=1), lanes)


@settings(deadline=None, max_examples=40)
@given(n=st.integers(1, MOST), chunk=st.integers(1, MOST))
def test_any_number_of_subjects_gives_the_same_bits(lanes, n, chunk):
    few = simulate(Walker(), BREAKING, **SIZE | {"n_subjects": n}, chunk=chunk, threads=1)
    for found, table in ((few.trials, lanes.trials), (few.subjects, lanes.subjects)):
        expected = table[table.subject < n].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_plain_python_gives_the_same_bits(lanes):
    same(simulate(Walker(), BREAKING, **SIZE, compiled=False), lanes)


def test_without_rows_the_sums_are_the_same(lanes):
    summary = simulate(Walker(), BREAKING, **SIZE, record="summary")
    assert summary.trials.empty
    pd.testing.assert_frame_equal(summary.subjects, lanes.subjects, check_exact=True)


def test_parameters_that_differ_between_subjects_stay_with_theirs(monkeypatch):
    own = {"parameters": {"rate": np.linspace(0.0, 1.0, MOST), "beta": np.linspace(0.0, 9.0, MOST)}}
    runs = [simulate(Walker(), BREAKING, **SIZE, **own, chunk=chunk) for chunk in (MOST, 1)]
    same(*runs)
    same(runs[0], by_the_kernel(monkeypatch, Walker(), BREAKING, **SIZE, **own))
    assert not math.isclose(runs[0].subjects.rpe[0], runs[0].subjects.rpe[MOST // 2])


def test_a_script_of_each_subjects_own_gives_the_same_bits(monkeypatch):
    script = np.random.default_rng(1).integers(0, 2, (MOST, 5)).astype(float)

    def run():
        subjects = Subjects(Walker(), {"box": BREAKING}, n=MOST, seed=4)
        return subjects.run(BREAKING, 12, context="box", script=script)

    lanes = run()
    refuse_straight(monkeypatch)
    kernel = run()
    assert (lanes.rows == kernel.rows).all() and (lanes.sums == kernel.sums).all()
    assert (lanes.failed == kernel.failed).all() and (lanes.failed >= 0).any()


def test_what_is_not_straight_runs_as_it_stands():
    assert not straight(Crooked(), Walk(), MOST)
    size = SIZE | {"n_subjects": 9}
    fast, plain = (simulate(Crooked(), Walk(), **size, compiled=compiled) for compiled in (True, False))
    pd.testing.assert_frame_equal(fast.trials, plain.trials, rtol=1e-6)  # np.tanh is LLVM's there and NumPy's here
    assert fast.trials.rpe.nunique() > 100
    same(fast, simulate(Crooked(), Walk(), **size, chunk=1))


# What was traced once is kept


def given_to_straight(monkeypatch, agent, task):
    """The module and the layout of a run, as they are handed on to be traced."""
    handed = []
    monkeypatch.setattr(binding, "straight", lambda *what: handed.append(what) or specialise.traced(*what))
    monkeypatch.setattr(binding, "_LANES", {})
    straight(agent, task, MOST)
    return handed[0]


@pytest.fixture
def untraced(monkeypatch):
    """Call it, and from then on nothing can be traced anew."""

    def never(*what):
        raise AssertionError("traced again")

    return lambda: monkeypatch.setattr(specialise, "traced", never)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path / "cache"))
    return lambda: [*(tmp_path / "cache").glob("hrl_*.lanes")]


@pytest.mark.parametrize("task", [ShuttleBox, Bandit, PavlovianConditioning])
def test_kept_code_is_what_was_traced(task, kept, untraced, monkeypatch):
    what = given_to_straight(monkeypatch, HabenulaAgent(), task())
    made = specialise.straight(*what)
    assert made == specialise.traced(*what)
    untraced()
    again = specialise.straight(*what)
    assert again == made and [*again.slots] == [*made.slots] and again.spans == made.spans
    text, records, width = what
    others = [(f"{text}\nx = 1\n", records, width), (text, replace(records, record=False), width), (text, records, 8)]
    for other in others:
        with pytest.raises(AssertionError, match="traced again"):
            specialise.straight(*other)


def test_that_a_rule_cannot_be_traced_is_kept_too(kept, untraced, monkeypatch):
    monkeypatch.setattr(specialise, "LARGEST_STATE", 3)
    what = given_to_straight(monkeypatch, Walker(), Walk())
    for _ in range(2):
        with pytest.raises(CannotTrace, match=r"the agent's state holds \d+ numbers, more than 3"):
            specialise.straight(*what)
        untraced()


@pytest.mark.parametrize("damage", [lambda whole: whole[:-1], lambda whole: whole[::-1], lambda whole: b""])
def test_damaged_code_is_traced_again(kept, monkeypatch, damage):
    what = given_to_straight(monkeypatch, Walker(), Walk())
    made = specialise.straight(*what)
    [path] = kept()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert specialise.straight(*what) == made and path.read_bytes() == whole


def test_a_process_whose_files_have_changed_neither_takes_nor_keeps(kept, untraced, monkeypatch):
    what = given_to_straight(monkeypatch, Walker(), Walk())
    monkeypatch.setattr(specialise, "edited", lambda: True)
    specialise.straight(*what)
    assert kept() == []
    monkeypatch.setattr(specialise, "edited", lambda: False)
    specialise.straight(*what)
    monkeypatch.setattr(specialise, "edited", lambda: True)
    untraced()
    with pytest.raises(AssertionError, match="traced again"):
        specialise.straight(*what)
