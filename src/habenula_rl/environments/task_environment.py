"""A Gymnasium environment made from any task, by the same two rules that a population run compiles."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium.error import InvalidAction, ResetNeeded

from ..contract import EVENT_FIELDS, Task, nearest, require
from ..contract.shape import shape_of
from ..randomness import U, checked_seed, checked_subject, stream_key
from ..tasks import TASKS
from .picture import Picture
from .spaces import ActionSpace, StateSpace

DRAWS = 1  # the stream of a subject's draws by the task in its first phase


class TaskEnvironment(gymnasium.Env[Any, Any]):
    """A task as an environment; an episode is a trial.

    `reset(seed=k)` opens a session at trial 0; a `reset()` without a seed goes on to the session's next trial. What the
    task draws is what subject number `options={"subject": i}` meets in a run with that seed, bit for bit.
    A subject given without a seed opens a new session with the seed that is in force.

    Action and observation space, outcomes and end: see the task. `info` holds `punishment`, how much the state that was
    reached hurts, 0 to 1; `feedback`, False where what the action brought is not shown: do not let an agent learn from
    such a step; `seconds` since the trial's start where the paradigm is one in real time; and `action_mask` where not
    every action can be chosen.

    `task` is a task, or the name of one together with its parameters. `subject` is the subject where the options of
    `reset` name none, so that the parts of a vector environment can be subjects of one run. Raises ValueError naming a
    parameter that is unknown or out of range, InvalidAction for an action that the task does not have, ResetNeeded for
    a step after the end.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 10}  # type: ignore[misc]
    observation_space: StateSpace
    action_space: ActionSpace

    def __init__(self, task: Task | str, render_mode: str | None = None, subject: int = 0, **parameters: Any) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be 'ansi', 'rgb_array' or None, not {render_mode!r}")
        self.task = _named(task, parameters) if isinstance(task, str) else _changed(task, parameters)
        self.render_mode = render_mode
        task = self.task
        shape_of(task)
        self.observation_space = StateSpace(task.aversive, task.reflex, task.elements, task.available)
        self.action_space = ActionSpace(len(self.task.actions), self.task.passive)
        self._q = _record(self.task.numbers())
        self._x = _record(_memory(self.task))
        self._e = np.zeros(1, list(EVENT_FIELDS)).view(np.recarray)[0]
        self._subject = checked_subject(subject)
        self._seed: int | None = None
        self._over = True
        self._last = "none"
        self._picture = Picture(self.task) if render_mode == "rgb_array" else None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """The next trial's first state; with a seed or a subject, the first trial of a new session."""
        seed = None if seed is None else checked_seed(seed)
        super().reset(seed=seed)
        if seed is not None or self._seed is None or options:
            self._open_session(seed, _subject(options or {}, self._subject))
        e, script = self._e, self.task.script
        e.trial, e.step, e.feedback = e.trial + 1, 0, 1
        e.scripted = script[e.trial % len(script)]
        with np.errstate(all="ignore"):
            type(self.task).begin(self._q, self._x, e)
        self._over, self._last = False, "none"
        if self._picture:
            self._picture.begin()
        return int(e.state), self._info()

    def _open_session(self, seed: int | None, subject: int) -> None:
        if seed is None:
            seed = int(self.np_random.integers(2**63)) if self._seed is None else self._seed
        self._seed = seed
        self._e.trial = -1
        self._x = _record(_memory(self.task))
        with np.errstate(over="ignore"):
            self._e.key = stream_key(U(seed), U(DRAWS), U(subject))

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """One step: where the action leads, what it brings, whether the trial ended by its own rule, or was cut off."""
        if self._over:
            raise ResetNeeded("the trial is over: call reset() for the next one")
        if not self.action_space.contains(action):
            known = ", ".join(f"{a} ({name})" for a, name in enumerate(self.task.actions))
            raise InvalidAction(f"{type(self.task).__name__} has the actions {known}, not {action!r}")
        e = self._e
        e.action, e.reward, e.terminated, e.truncated, e.feedback = action, 0.0, 0, 0, 1
        with np.errstate(all="ignore"):
            type(self.task).step(self._q, self._x, e)
        return self._answer(int(e.step) + 1)

    def _answer(self, step: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        e = self._e
        terminated = bool(e.terminated)
        truncated = bool(e.truncated) or (not terminated and step >= self.task.max_steps)
        self._over = terminated or truncated
        self._last = self.task.actions[e.action]
        if self._picture:
            outcome = float(e.reward) if e.feedback else math.nan
            self._picture.moved(int(e.action), outcome, self.observation_space.aversive[e.state])
        e.state, e.step = e.next_state, step
        return int(e.state), float(e.reward) if e.feedback else 0.0, terminated, truncated, self._info()

    def _info(self) -> dict[str, Any]:
        state, space = int(self._e.state), self.observation_space
        info: dict[str, Any] = {"punishment": space.aversive[state], "feedback": bool(self._e.feedback)}
        if not math.isnan(self.task.step_s):
            info["seconds"] = int(self._e.step) * self.task.step_s
        if space.available:
            info["action_mask"] = np.array(space.available[state], np.int8)
        return info

    def render(self) -> Any:
        """With render_mode "ansi" one line: trial, second, state, and the action that led there; see `Picture`, else.

        "rgb_array" gives the picture as uint8 of shape (360, 640, 3); `RenderSignals` adds what goes on in the animal.
        """
        e = self._e
        if self._picture:
            seconds = "" if math.isnan(self.task.step_s) else f" ({int(e.step) * self.task.step_s:g} s)"
            return self._picture.draw(int(e.state), f"trial {e.trial}, step {e.step}{seconds}")
        if self.render_mode is None:
            return None
        return f"trial {e.trial}, second {e.step}: {self.task.states[e.state]}, last action: {self._last}"


def _named(name: str, parameters: dict[str, Any]) -> Task:
    if name not in TASKS:
        raise ValueError(f"there is no task '{name}'{nearest(name, TASKS)}")
    return TASKS[name](**parameters)


def _changed(task: Task, parameters: dict[str, Any]) -> Task:
    return require(task, Task, "task").replace(**parameters)


def _memory(task: Task) -> dict[str, Any]:
    """What the task remembers of nothing."""
    arrays = {name: (0.0,) * len(getattr(task, like)) for name, like in task.memory_like.items()}
    return dict.fromkeys(task.memory, 0.0) | arrays


def _record(values: dict[str, Any]) -> Any:
    """One record with named fields; numbers are 64 bits wide and divide as they do in a compiled rule."""
    values = values or {"none": 0.0}
    return np.array([tuple(values.values())], [(name, "f8", np.shape(v)) for name, v in values.items()]).view(
        np.recarray
    )[0]


def _subject(options: dict[str, Any], otherwise: int) -> int:
    for name in options:
        if name != "subject":
            raise ValueError(f"reset has no option '{name}', only 'subject'")
    return checked_subject(options.get("subject", otherwise))
