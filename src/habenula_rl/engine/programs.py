"""An agent's rules, and a task's, bound into the kernel: compiled, or as plain Python."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..contract import Agent, Rule, Task
from . import compiler, kernel
from .source import from_text


@dataclass(frozen=True)
class Program:
    """The kernel's entry points for one agent in one task."""

    begin_all: Callable[..., Any]
    population: Callable[..., Any]


@dataclass(frozen=True)
class Stepper:
    """The kernel's entry points for one agent wherever it is."""

    begin_all: Callable[..., Any]
    act: Callable[..., Any]
    observe: Callable[..., Any]


@dataclass(frozen=True)
class Scorer:
    """The kernel's entry points for the likelihood of recorded choices."""

    begin_all: Callable[..., Any]
    score: Callable[..., Any]


RUN = {name: getattr(kernel, name) for name in ("begin_all", "population")}
STEPPING = {name: getattr(kernel, name) for name in ("begin_all", "act", "observe")}
SCORING = {name: getattr(kernel, name) for name in ("begin_all", "score")}


def program(agent: type[Agent], task: type[Task], *, compiled: bool) -> Program:
    """The population run with these rules."""
    rules = (agent.start, agent.prefer, agent.learn, task.begin, task.step)
    return Program(**compiler.bound(RUN, _bindings(rules, agent.signals), compiled=compiled))


def stepper(agent: type[Agent], *, compiled: bool) -> Stepper:
    """Single decisions with these rules."""
    bindings = {"start": agent.start, "prefer": agent.prefer, "learn": agent.learn}
    return Stepper(**compiler.bound(STEPPING, bindings, compiled=compiled))


def scorer(agent: type[Agent], *, compiled: bool, analytic: bool = False) -> Scorer:
    """The likelihood under these rules; `analytic` for complex records."""
    bindings = {"start": agent.start, "prefer": agent.prefer, "learn": agent.learn}
    return Scorer(**compiler.bound(SCORING, bindings, compiled=compiled, analytic=analytic))


def rules_source(agent: type[Agent], task: type[Task]) -> str:
    """Everything that decides what a run of this agent in this task does, as text."""
    rules = (agent.start, agent.prefer, agent.learn, task.begin, task.step)
    return compiler.module_source(RUN, _bindings(rules, agent.signals))[0]


def _bindings(rules: tuple[Rule, ...], signals: tuple[str, ...]) -> dict[str, Rule]:
    names = ("start", "prefer", "learn", "begin", "step")
    recorder = {"keep": _keep(signals), "tally": _tally(signals), "signal_sum": _signal_sum(signals)}
    return dict(zip(names, rules, strict=True)) | recorder


@functools.lru_cache(maxsize=256)
def _keep(signals: tuple[str, ...]) -> Rule:
    lines = "".join(f"    row.{name} = y.{name}\n" for name in signals)
    return from_text(
        "keep",
        "def keep(row, e, y, subject, offset):\n"
        "    row.subject = subject\n    row.trial = e.trial\n    row.step = e.step\n    row.state = e.state - offset\n"
        "    row.action = e.action\n    row.outcome = e.reward\n"
        "    row.next_state = e.next_state - offset\n"
        f"    row.terminated = e.terminated\n    row.truncated = e.truncated\n{lines}",
    )


@functools.lru_cache(maxsize=256)
def _tally(signals: tuple[str, ...]) -> Rule:
    lines = "".join(f"    total.{name} += y.{name}\n" for name in signals)
    return from_text(
        "tally",
        "def tally(total, e, y):\n    total.steps += 1\n    total.outcome += e.reward\n"
        f"    total.terminated += e.terminated\n    total.actions[e.action] += 1\n{lines}",
    )


@functools.lru_cache(maxsize=256)
def _signal_sum(signals: tuple[str, ...]) -> Rule:
    """Not finite where any signal is not."""
    total = " + ".join(f"y.{name}" for name in signals) or "0.0"
    return from_text("signal_sum", f"def signal_sum(y):\n    return {total}\n")
