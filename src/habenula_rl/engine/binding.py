"""An agent's rules, and a task's, bound into the kernel: compiled, or as plain Python."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..compiler import module as compiler
from ..compiler.dependencies import content_key
from ..compiler.lanes import lane_kernel
from ..compiler.lanes.ir import CannotTrace
from ..compiler.source import from_text
from ..contract import Agent, Place, Rule, Task, fields_read_by
from ..errors import RuleError
from . import kernel
from .lane_program import FEWEST, WIDTH, LaneProgram
from .layout import Layout
from .phase import Program
from .record_program import RecordProgram
from .specialise import Straight, straight


@dataclass(frozen=True)
class Stepper:
    """The kernel's entry points for one agent wherever it is."""

    begin_all: Callable[..., Any]
    act: Callable[..., Any]
    observe: Callable[..., Any]
    act_all: Callable[..., Any]
    observe_all: Callable[..., Any]


@dataclass(frozen=True)
class Scorer:
    """The kernel's entry points for the likelihood of recorded choices."""

    begin_all: Callable[..., Any]
    score: Callable[..., Any]


@dataclass(frozen=True)
class Tracer:
    """The kernel's entry points for the signals of recorded choices."""

    begin_all: Callable[..., Any]
    trace: Callable[..., Any]


LANES = {"population": lane_kernel.population}
RUN = {name: getattr(kernel, name) for name in ("begin_all", "population")}
STEPPING = {name: getattr(kernel, name) for name in ("begin_all", "act", "observe", "act_all", "observe_all")}
SCORING = {name: getattr(kernel, name) for name in ("begin_all", "score")}
TRACING = {name: getattr(kernel, name) for name in ("begin_all", "trace")}


SLOT_NAMES = {
    "TRIAL": "e.trial",
    "SCRIPT": "e.scripted",
    "RUNNING": "c.running",
    "KEPT": "c.kept",
    "STEPS": "total.steps",
}


def program(agent: type[Agent], place: Place, layout: Layout, *, n_subjects: int, compiled: bool) -> Program:
    """The population run with these rules: in lanes where they can be written so, else the kernel's loop.

    An environment of Gymnasium brings its own.
    """
    if not isinstance(place, Task):
        own: Program = place.program(layout, agent, compiled=compiled)  # type: ignore[attr-defined]
        return own
    bindings = rules(agent, type(place))
    in_lanes = _in_lanes(bindings, layout, WIDTH if n_subjects >= FEWEST else 1) if compiled else None
    return in_lanes or RecordProgram(layout, **compiler.bound(RUN, bindings, compiled=compiled), plain=not compiled)


def _in_lanes(bindings: Mapping[str, Rule], layout: Layout, width: int) -> LaneProgram | None:
    """Made once for equal content; None where the rules cannot be written so.

    None and not the error is kept: an error that is raised again holds the frames of everyone who met it, and with them
    their tables.
    """
    key = (content_key(RUN, bindings), layout, width)
    with compiler.ONE_AT_A_TIME:
        if key not in _LANES:
            try:
                _LANES[key] = _written(bindings, layout, width)
            except CannotTrace:
                _LANES[key] = None
        return _LANES[key]


_LANES: dict[Any, LaneProgram | None] = {}


MOST_PLAIN = 1000  # steps that plain Python takes in the time in which compiled code is loaded
_PLAIN: Counter[Any] = Counter()


def plain_is_quicker(agent: type[Agent], task: Task, layout: Layout, n_steps: int) -> bool:
    """Whether so few steps are done sooner in plain Python than compiled code is loaded, and with the same bits.

    Steps that were done so before count too: who asks again and again is better off with compiled code.
    """
    bindings = rules(agent, type(task))
    key = content_key(RUN, bindings)
    if _PLAIN[key] + n_steps > MOST_PLAIN or any(known[0] == key for known in _LANES):
        return False
    try:
        exact = _straight(bindings, layout, 1).exact
    except (CannotTrace, RuleError):
        return False
    _PLAIN[key] += n_steps * exact
    return exact


def _straight(bindings: Mapping[str, Rule], layout: Layout, width: int) -> Straight:
    with compiler.ONE_AT_A_TIME:
        module, injected = compiler.module_source(RUN, bindings)
        if injected:
            raise CannotTrace("a rule has no source")
        return straight(module, layout, width)


def _written(bindings: Mapping[str, Rule], layout: Layout, width: int) -> LaneProgram:
    code = _straight(bindings, layout, width)
    declared: dict[str, Any] = {name: code.slots[cell] for name, cell in SLOT_NAMES.items()}
    declared |= {"WIDTH": width, "SLOTS": len(code.slots), "SCRIPTED": code.scripted, "RECORD": layout.record}
    declared |= {"start": code.start, "prepare": code.prepare, "turn": code.turn}
    kept = "".join(
        f"    row.{cell[4:]} = {'slots' if kind == 'f' else 'whole'}[{code.slots[cell] * width} + lane]\n"
        for cell, kind in layout.cells()
        if cell.startswith("row.")
    )
    declared["keep_slots"] = from_text("keep_slots", f"def keep_slots(row, slots, whole, lane):\n{kept}")
    return LaneProgram(layout, code, compiler.bound(LANES, declared, compiled=True)["population"])


def beginner(agent: type[Agent], *, compiled: bool) -> Callable[..., Any]:
    """What makes subjects naive."""
    return compiler.bound({"begin_all": kernel.begin_all}, {"start": agent.start}, compiled=compiled)["begin_all"]


def stepper(agent: type[Agent], *, compiled: bool) -> Stepper:
    """Single decisions with these rules."""
    bindings = {"start": agent.start, "prefer": agent.prefer, "learn": agent.learn}
    return Stepper(**compiler.bound(STEPPING, bindings, compiled=compiled))


def scorer(agent: type[Agent], *, compiled: bool, analytic: bool = False) -> Scorer:
    """The likelihood under these rules; `analytic` for complex records."""
    bindings = {"start": agent.start, "prefer": agent.prefer, "learn": agent.learn}
    return Scorer(**compiler.bound(SCORING, bindings, compiled=compiled, analytic=analytic))


def tracer(agent: type[Agent], *, compiled: bool) -> Tracer:
    """The signals under these rules."""
    bindings = {"start": agent.start, "prefer": agent.prefer, "learn": agent.learn}
    return Tracer(**compiler.bound(TRACING, bindings, compiled=compiled))


def fields_read(agent: type[Agent]) -> frozenset[str] | None:
    """The event's fields that its rules read, with "reflex" where `start` does; None where not all can be followed."""
    key = content_key({"start": agent.start, "prefer": agent.prefer, "learn": agent.learn}, {})
    if key not in _READ:
        _READ[key] = fields_read_by(agent)
    return _READ[key]


_READ: dict[Any, frozenset[str] | None] = {}


def rules_source(agent: type[Agent], task: type[Task]) -> str:
    """Everything that decides what a run of this agent in this task does, as text."""
    return compiler.module_source(RUN, rules(agent, task))[0]


def learning_source(agent: type[Agent]) -> str:
    """Everything that decides what this agent does wherever it is, as text."""
    bindings = {"start": agent.start, "prefer": agent.prefer, "learn": agent.learn}
    return compiler.module_source(STEPPING, bindings)[0]


def rules(agent: type[Agent], task: type[Task]) -> dict[str, Rule]:
    """What the kernel leaves open."""
    signals = agent.signals
    learned = {"start": agent.start, "prefer": agent.prefer, "learn": agent.learn}
    recorder = {
        "keep": _keep(signals),
        "tally": _tally(signals),
        "signal_sum": _signal_sum(signals),
        "clear": _clear(signals),
    }
    return {**learned, "begin": task.begin, "step": task.step, **recorder}


@functools.lru_cache(maxsize=256)
def _keep(signals: tuple[str, ...]) -> Rule:
    lines = "".join(f"    row.{name} = y.{name}\n" for name in signals)
    return from_text(
        "keep",
        "def keep(row, e, y, subject, offset):\n"
        "    row.subject = subject\n    row.trial = e.trial\n    row.step = e.step\n    row.state = e.state - offset\n"
        "    row.action = e.action\n    row.outcome = e.reward if e.feedback > 0 else np.nan\n"
        "    row.next_state = e.next_state - offset\n"
        f"    row.terminated = e.terminated\n    row.truncated = e.truncated\n{lines}",
    )


@functools.lru_cache(maxsize=256)
def _tally(signals: tuple[str, ...]) -> Rule:
    lines = "".join(f"    total.{name} += y.{name}\n" for name in signals)
    return from_text(
        "tally",
        "def tally(total, e, y):\n    total.steps += 1\n    total.outcome += e.reward if e.feedback > 0 else 0.0\n"
        f"    total.terminated += e.terminated\n    total.actions[e.action] += 1\n{lines}",
    )


@functools.lru_cache(maxsize=256)
def _signal_sum(signals: tuple[str, ...]) -> Rule:
    """Not finite where any signal is not."""
    total = " + ".join(f"y.{name}" for name in signals) or "0.0"
    return from_text("signal_sum", f"def signal_sum(y):\n    return {total}\n")


@functools.lru_cache(maxsize=256)
def _clear(signals: tuple[str, ...]) -> Rule:
    lines = "".join(f"    y.{name} = 0.0\n" for name in signals)
    return from_text("clear", f"def clear(y):\n{lines or '    pass'}\n")
