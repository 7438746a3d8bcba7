# ruff: noqa: F821
"""A task's trials, a step at a time: the two rules around what a population run does before and behind them.

Written once, compiled or run as plain Python. `R` is an array of one record, `q` the task's parameters, `x` what it
remembers, `e` the event, `aversive` how much each state hurts: one argument, because crossing into compiled code costs
for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..compiler import module as compiler
from ..contract import EVENT_FIELDS, Rule, Task
from ..contract.definition import of_the_package
from ..contract.shape import Shape
from ..engine import records
from ..engine.binding import MOST_PLAIN
from ..engine.population import jit_allowed

begin: Rule
step: Rule


def open_trial(R: Any, scripted: float) -> int:
    """The next trial of the session; returns its first state."""
    q, x, e = R[0].q, R[0].x, R[0].e
    e.trial += 1
    e.step, e.state, e.scripted = 0, 0, scripted
    begin(q, x, e)
    return int(e.state)


def take_step(R: Any, action: int, max_steps: int) -> tuple[int, float, bool, bool, bool]:
    """One step: the state that is reached, reward, terminated, truncated, and whether the subject is shown them.

    A state that the task does not have is returned as it is.
    """
    q, x, e, aversive = R[0].q, R[0].x, R[0].e, R[0].aversive
    e.aversive = aversive[e.state]
    e.action = action
    e.next_state, e.reward, e.terminated, e.truncated, e.feedback = e.state, 0.0, 0, 0, 1
    step(q, x, e)
    e.step += 1
    e.decision += 1
    if e.step >= max_steps and not e.terminated:
        e.truncated = 1
    if 0 <= e.next_state < aversive.size:
        e.state = e.next_state
        e.punishment = aversive[e.state]
    return int(e.next_state), float(e.reward), bool(e.terminated), bool(e.truncated), bool(e.feedback > 0)


@dataclass(frozen=True)
class TaskSteps:
    """`open_trial` and `take_step` with a task's rules, and the records that they take."""

    task: type[Task]
    compiled: bool
    open_trial: Callable[..., int]
    take_step: Callable[..., tuple[int, float, bool, bool, bool]]

    def form(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The array as these functions take it: plain Python needs records whose fields are attributes."""
        return (
            array.view(records.record_type(array.dtype.descr), np.ndarray)
            if self.compiled
            else records.attributed(array)
        )

    def __reduce__(self) -> Any:
        """Compiled functions are made again from the task, by a copy as well as in another process."""
        return task_steps, (self.task, self.compiled)


def task_steps(task: type[Task], compiled: bool) -> TaskSteps:
    """Those with the task's rules; NUMBA_DISABLE_JIT leaves them plain."""
    compiled = compiled and jit_allowed()
    functions: dict[str, Rule] = {"open_trial": open_trial, "take_step": take_step}
    bound = compiler.bound(functions, {"begin": task.begin, "step": task.step}, compiled=compiled)
    return TaskSteps(task, compiled, **bound)


def session_records(task: Task, shape: Shape, key: np.uint64) -> np.ndarray[Any, Any]:
    """The one record of a session before its first trial; the task draws with `key`."""
    parts = [
        ("q", records.task_type(task)),
        ("x", records.memory_type(task)),
        ("e", records.record_type([*EVENT_FIELDS])),
    ]
    record = np.zeros(1, records.record_type([*parts, ("aversive", "f8", (len(shape.states),))]))
    record["q"], record["aversive"] = records.packed_task(task, record.dtype["q"], 1), shape.aversive
    event = record["e"]
    event["key"], event["trial"], event["passive"], event["feedback"] = key, -1, shape.passive, 1
    return record


_TAKEN: Counter[type[Task]] = Counter()


def compiling_pays(task: type[Task]) -> bool:
    """Counts a step in plain Python, of whichever environment, and says whether the next ones are worth compiling for.

    So it is for the package's own tasks, of which tests show that both give the same bits, and not for others: numbers
    of one session must not depend on when they were computed.
    """
    _TAKEN[task] += 1
    return _TAKEN[task] > MOST_PLAIN and of_the_package(task) and jit_allowed()
