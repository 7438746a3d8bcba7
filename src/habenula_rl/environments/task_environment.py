"""A Gymnasium environment made from any task, by the same two rules that a population run compiles."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NoReturn

import gymnasium
import numpy as np
from gymnasium.error import InvalidAction, ResetNeeded

from ..contract import Task, nearest, require
from ..contract.shape import shape_of
from ..randomness import U, checked_seed, checked_subject, stream_key
from ..tasks import TASKS
from .picture import Picture
from .spaces import ActionSpace, StateSpace
from .task_steps import TaskSteps, compiling_pays, session_records, task_steps

NOTHING = -1  # no action has been taken in this trial
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
    `reset` name none, so that the parts of a vector environment can be subjects of one run. `compiled` False runs the
    rules as plain Python, for breakpoints and print, True compiles them before the first step; by default the package's
    own tasks are compiled after the first 1,000 steps, so that no start is slow, with the same bits.

    Raises ValueError naming a parameter that is unknown or out of range, or a state that the rules led to and the task
    does not have, InvalidAction for an action that the task does not have, ResetNeeded for a step after the end.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 10}  # type: ignore[misc]
    observation_space: StateSpace
    action_space: ActionSpace

    def __init__(
        self,
        task: Task | str,
        render_mode: str | None = None,
        subject: int = 0,
        compiled: bool | None = None,
        **parameters: Any,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be 'ansi', 'rgb_array' or None, not {render_mode!r}")
        if not isinstance(task, str):
            self.task = require(task, Task, "task").replace(**parameters)
        elif task in TASKS:
            self.task = TASKS[task](**parameters)
        else:
            raise ValueError(f"there is no task '{task}'{nearest(task, TASKS)}")
        self.render_mode = render_mode
        self._shape = shape = shape_of(self.task)
        self.observation_space = StateSpace(shape.aversive, shape.reflex, shape.elements, shape.available)
        self.action_space = ActionSpace(len(shape.actions), shape.passive)
        self._masks = np.array(shape.available, np.int8)
        self._script, self._max_steps = tuple(map(float, shape.script)), int(shape.max_steps)
        self._n_states, self._n_actions, self._step_s = len(shape.states), len(shape.actions), self.task.step_s
        self._undecided = compiled is None
        self._use(task_steps(type(self.task), bool(compiled)), session_records(self.task, shape, U(0)))
        self._subject = checked_subject(subject)
        self._seed: int | None = None
        self._over = True
        self._trial = self._step = self._state = 0
        self._last = NOTHING
        self._picture = Picture(self.task) if render_mode == "rgb_array" else None

    def _use(self, steps: TaskSteps, record: np.ndarray[Any, Any]) -> None:
        self._steps, self._record = steps, steps.form(record)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """The next trial's first state; with a seed or a subject, the first trial of a new session."""
        if seed is not None or self._seed is None or options:
            seed = None if seed is None else checked_seed(seed)
            super().reset(seed=seed)
            self._open_session(seed, _subject(options or {}, self._subject))
        self._trial, self._step, self._over, self._last = self._trial + 1, 0, True, NOTHING
        state = self._steps.open_trial(self._record, self._script[self._trial % len(self._script)])
        if not 0 <= state < self._n_states:
            self._stray(state, "the trial began in")
        self._state = state
        self._over = False
        if self._picture:
            self._picture.begin()
        return state, self._info(state, True)

    def _open_session(self, seed: int | None, subject: int) -> None:
        if seed is None:
            seed = int(self.np_random.integers(2**63)) if self._seed is None else self._seed
        self._seed, self._trial = seed, -1
        with np.errstate(over="ignore"):
            key = stream_key(U(seed), U(DRAWS), U(subject))
        self._use(self._steps, session_records(self.task, self._shape, key))

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """One step: where the action leads, what it brings, whether the trial ended by its own rule, or was cut off."""
        if self._over:
            raise ResetNeeded("the trial is over: call reset() for the next one")
        if type(action) is not int or not 0 <= action < self._n_actions:  # asking the space takes longer than the step
            action = self._checked(action)
        if self._undecided and compiling_pays(type(self.task)):
            self._undecided = False
            self._use(task_steps(type(self.task), True), self._record)
        state, reward, terminated, truncated, shown = self._steps.take_step(self._record, action, self._max_steps)
        self._over, self._last = True, action
        if not 0 <= state < self._n_states:
            self._stray(state, f"action {action} led from state {self._state} to")
        self._state = state
        self._step += 1
        self._over = terminated or truncated
        if self._picture:
            self._picture.moved(action, reward if shown else math.nan, self._shape.aversive[state])
        return state, reward if shown else 0.0, terminated, truncated, self._info(state, shown)

    def _checked(self, action: Any) -> int:
        if not self.action_space.contains(action):
            known = ", ".join(f"{a} ({name})" for a, name in enumerate(self._shape.actions))
            raise InvalidAction(f"{type(self.task).__name__} has the actions {known}, not {action!r}")
        return int(action)

    def _stray(self, state: int, led: str) -> NoReturn:
        """The rules led to a state that the task does not have; a subject of a run stops there."""
        name = type(self.task).__name__
        where = f"{name}, trial {self._trial}, step {self._step}"
        raise ValueError(f"{where}: {led} state {state}, and {name} has the states 0 to {self._n_states - 1}")

    def _info(self, state: int, shown: bool) -> dict[str, Any]:
        info: dict[str, Any] = {"punishment": self.observation_space.aversive[state], "feedback": shown}
        if not math.isnan(self._step_s):
            info["seconds"] = self._step * self._step_s
        if self._masks.size:
            info["action_mask"] = self._masks[state].copy()
        return info

    def render(self) -> Any:
        """With render_mode "ansi" one line: trial, second, state, and the action that led there; see `Picture`, else.

        "rgb_array" gives the picture as uint8 of shape (360, 640, 3); `RenderSignals` adds what goes on in the animal.
        """
        if self._picture:
            seconds = "" if math.isnan(self._step_s) else f" ({self._step * self._step_s:g} s)"
            return self._picture.draw(self._state, f"trial {self._trial}, step {self._step}{seconds}")
        if self.render_mode is None:
            return None
        last = "none" if self._last == NOTHING else self._shape.actions[self._last]
        return f"trial {self._trial}, second {self._step}: {self._shape.states[self._state]}, last action: {last}"


def _subject(options: dict[str, Any], otherwise: int) -> int:
    for name in options:
        if name != "subject":
            raise ValueError(f"reset has no option '{name}', only 'subject'")
    return checked_subject(options.get("subject", otherwise))
