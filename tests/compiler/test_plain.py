"""Plain Python: chosen by itself for the smallest runs, with the bits of compiled code."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.compiler.module import bound
from habenula_rl.contract import Agent, parameter
from habenula_rl.contract.shape import shape_of
from habenula_rl.engine import binding
from habenula_rl.engine.layout import layout
from habenula_rl.engine.population import simulate
from habenula_rl.engine.state_tables import state_tables
from habenula_rl.tasks import ForcedSwim, ShuttleBox, SucrosePreference

TASKS = [SucrosePreference(), ShuttleBox(max_shock_s=4), ForcedSwim(length_s=20)]
FIRST = """
import sys, habenula_rl as hrl
run = hrl.simulate(hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), n_trials=50, seed=4)
print("numba" in sys.modules, len(run.trials))
"""


def start(p, w, reflex):
    w.level = 0.0


def prefer(p, w, e, z):
    z[0] = p.beta * w.level


def learn(p, w, e, y):
    w.level += p.rate * (e.reward - w.level)
    y.level = w.level


def count(p, w, e, y):
    w.level += (e.reward > 0.5) + (e.reward > 0.9)  # 2 in compiled code, True for NumPy
    y.level = w.level


def halve(p, w, e, y):
    w.level = e.reward / int(1.0 + p.rate)  # by Python's own 0 it would be an error, and in compiled code infinite
    y.level = w.level


@dataclass(frozen=True)
class Small(Agent):
    signals = ("level",)
    rate: float = parameter(0.1, doc="learning rate", low=0, high=1)
    beta: float = parameter(2.0, doc="choice consistency", low=0, high=100)

    @staticmethod
    def state(n_states, n_actions):
        return {"level": ()}


@dataclass(frozen=True)
class Learns(Small):
    start, prefer, learn = start, prefer, learn


@dataclass(frozen=True)
class Counts(Small):
    start, prefer, learn = start, prefer, count


@dataclass(frozen=True)
class Halves(Small):
    start, prefer, learn = start, prefer, halve


@pytest.fixture(autouse=True)
def nothing_done_yet(monkeypatch):
    """As in a new process, with room for 1000 steps."""
    monkeypatch.setattr(binding, "MOST_PLAIN", 1000)
    monkeypatch.setattr(binding, "_PLAIN", Counter())
    monkeypatch.setattr(binding, "_LANES", {})


def test_a_new_process_runs_few_steps_without_numba():
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "50"]


def quicker(agent, task, n_steps):
    shape = shape_of(task)
    return binding.plain_is_quicker(
        agent, task, layout(agent, task, shape, state_tables([shape]), record=True), n_steps
    )


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_every_bit_is_that_of_compiled_code(task):
    size = {"n_subjects": 5, "n_trials": 3, "seed": 2}
    assert quicker(HabenulaAgent, task, 15)
    plain, compiled = (simulate(HabenulaAgent(), task, **size, compiled=c) for c in (None, True))
    pd.testing.assert_frame_equal(plain.trials, compiled.trials, check_exact=True)
    pd.testing.assert_frame_equal(plain.subjects, compiled.subjects, check_exact=True)


def test_where_numba_is_switched_off_all_is_plain():
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    code = FIRST.replace("n_trials=50", "n_trials=50, compiled=True")
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split()[1] == "50"


def test_many_steps_are_compiled_at_once_or_one_after_the_other():
    task = SucrosePreference()
    assert not quicker(Learns, task, 1001)
    assert [quicker(Learns, task, 400) for _ in range(3)] == [True, True, False]
    assert quicker(HabenulaAgent, task, 400)


def test_what_is_compiled_already_is_used():
    task = SucrosePreference()
    simulate(Learns(), task, n_trials=5, compiled=True)
    assert not quicker(Learns, task, 5)


@pytest.mark.parametrize("agent", [Counts, Halves])
def test_rules_that_plain_python_may_take_otherwise_are_compiled(agent):
    assert not quicker(agent, SucrosePreference(), 5)


def inside(scale):
    def rise(x):
        return scale * np.exp(x)

    def entry(x):
        return rise(x) + rise(0.5)

    return entry


def test_a_function_around_a_rule_has_the_portable_exponential_too(tmp_path, monkeypatch):
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path))
    xs = np.linspace(-3.0, 3.0, 301)
    fast, slow = (bound({"entry": inside(1.5)}, {}, compiled=compiled)["entry"] for compiled in (True, False))
    assert [fast(x) for x in xs] == [slow(x) for x in xs] != [inside(1.5)(x) for x in xs]
