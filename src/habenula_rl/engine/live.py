"""An agent with a state, stepping in any environment with Discrete actions and countable observations."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..contract import NO_PASSIVE, Agent, made
from ..randomness import U, checked_seed, checked_subject, stream_key
from . import records
from .programs import stepper

Array = np.ndarray[Any, Any]
Numbering = Callable[[Any], int]
CHOICES = 0  # the stream of a subject's choices in its first phase
MOST_STATES = 1_000_000


class LiveAgent:
    """An agent that also has a state: it acts and learns, step by step.

    In a task's environment it does, bit for bit, what subject number `subject` does in `simulate(..., seed=seed)`.
    Observations are Discrete, MultiDiscrete, or a Tuple or Dict of these; actions are Discrete. An observation space
    may say with `aversive` (one number a state, 0 to 1) what hurts and with `reflex` (by state and action, 0 to 1) what
    is done there by nature, an action space with `passive` which of its actions, counted from 0, is doing nothing;
    without, nothing hurts, there are no reflexes, and every action is active. `compiled` False runs
    the rules as plain Python, for breakpoints and print, with numbers that agree to rounding.

    Raises ValueError where the agent is none, a space cannot be used, an observation or action is not in its space, or
    a reward is not finite.
    """

    def __init__(
        self, agent: Agent, observation_space: Any, action_space: Any, seed: int = 0, subject: int = 0,
        compiled: bool = True,
    ) -> None:  # fmt: skip
        self.agent, self.decisions = made(agent, Agent, "agent"), 0
        self._n_states, self._state_number = numbering(observation_space)
        self._n_actions, self._action_number = _action_numbering(action_space)
        self._first_action = int(action_space.start)
        self._aversive = records.padded(_by_state(observation_space, "aversive", 0.0, self._n_states))
        reflexes = _by_state(observation_space, "reflex", (), self._n_states)
        self._reflex = records.padded_table(reflexes, self._n_actions)
        with np.errstate(over="ignore"):
            self._key = stream_key(U(checked_seed(seed)), U(CHOICES), U(checked_subject(subject)))
        self._code = stepper(type(agent), compiled=compiled)
        self._make_records(plain=not compiled)
        self._event["passive"] = getattr(action_space, "passive", NO_PASSIVE)

    def _make_records(self, *, plain: bool) -> None:
        def form(array: Array) -> Array:
            return array.view(np.recarray) if plain else array

        kind = type(self.agent)
        self._parameters = form(records.packed(kind, self.agent.values(), 1))
        self._state = form(np.zeros(1, records.state_type(kind, self._n_states, self._n_actions)))
        self._event = form(np.zeros(1, records.EVENT))
        self._signals = form(np.zeros(1, records.signal_type(kind)))
        self._preference = np.empty(self._n_actions)
        self._code.begin_all(self._parameters, self._state, self._reflex)

    def act(self, obs: Any) -> int:
        """An action for this observation, drawn from the agent's preferences."""
        action = self._code.act(
            self._parameters, self._state, self._event, self._preference, self._aversive, self._key,
            self._state_number(obs), self.decisions,
        )  # fmt: skip
        self.decisions += 1
        return int(action) + self._first_action

    def learn(self, obs: Any, action: Any, reward: Any, next_obs: Any, terminated: Any) -> None:
        """Learn from one step; `terminated` only where the trial ended by its own rule, not where it was truncated."""
        reward = float(reward)
        if not math.isfinite(reward):
            raise ValueError(f"reward must be finite, not {reward!r}")
        self._code.observe(
            self._parameters, self._state, self._event, self._signals, self._aversive, self._state_number(obs),
            self._action_number(action), reward, self._state_number(next_obs), 1 if terminated else 0,
        )  # fmt: skip

    @property
    def signals(self) -> dict[str, float]:
        """What an electrode would have seen in the last step that was learned from; zeros before the first."""
        return {name: float(self._signals[name][0]) for name in type(self.agent).signals}

    @property
    def state(self) -> dict[str, Array]:
        """The agent's state by name, shaped by the numbers of states and actions; a copy."""
        shapes = type(self.agent).state(self._n_states, self._n_actions)
        return {name: _copy(self._state[name][0])[tuple(map(slice, shape))] for name, shape in shapes.items()}

    def save(self) -> dict[str, Array]:
        """All that `restore` needs to go on with the same bits; np.savez takes it."""
        fields = self._state.dtype.names
        return {"decisions": np.array(self.decisions)} | {
            f"state.{name}": _copy(self._state[name][0]) for name in fields
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from where `save` was called on an agent with the same parameters, seed, subject and spaces.

        Raises ValueError naming what is missing, unknown or of another shape; nothing has changed then.
        """
        own = self.save()
        for name in sorted(own.keys() | saved.keys()):
            if name not in own or name not in saved:
                raise ValueError(f"{type(self.agent).__name__}: '{name}' is {'missing' if name in own else 'unknown'}")
            if np.shape(saved[name]) != own[name].shape:
                raise ValueError(f"'{name}' has shape {np.shape(saved[name])} where {own[name].shape} is needed")
        self.decisions = int(saved["decisions"])
        for name in self._state.dtype.names:
            self._state[name][0] = saved[f"state.{name}"]


def numbering(space: Any) -> tuple[int, Numbering]:
    """How many observations a space has, and the function that numbers them from 0; the last part varies fastest.

    Raises ValueError where the space is not Discrete, MultiDiscrete, or a Tuple or Dict of these.
    """
    from gymnasium import spaces

    if isinstance(space, spaces.Discrete):
        return _numbered(int(space.start), int(space.n))
    if isinstance(space, spaces.MultiDiscrete):
        ranges = zip(np.ravel(space.start), np.ravel(space.nvec), strict=True)
        return _joined([_numbered(int(start), int(n)) for start, n in ranges], np.ravel)
    if isinstance(space, spaces.Tuple):
        return _joined([numbering(part) for part in space.spaces], tuple)
    if isinstance(space, spaces.Dict):
        names = sorted(space.spaces, key=str)  # whatever order this Gymnasium keeps them in
        return _joined([numbering(space.spaces[name]) for name in names], lambda obs: [obs[name] for name in names])
    raise ValueError(f"LiveAgent needs Discrete, MultiDiscrete, or Tuple or Dict observations of these, not {space}")


def _numbered(start: int, n: int) -> tuple[int, Numbering]:
    def number(value: Any) -> int:
        try:
            k = operator.index(value) - start
        except TypeError:
            k = -1
        if 0 <= k < n:
            return k
        raise ValueError(f"{value!r} is not a whole number from {start} to {start + n - 1}")

    return n, number


def _joined(parts: list[tuple[int, Numbering]], taken_apart: Callable[[Any], Iterable[Any]]) -> tuple[int, Numbering]:
    n = math.prod(size for size, _ in parts)
    if n > MOST_STATES:
        raise ValueError(f"the observation space has {n} states, LiveAgent can hold {MOST_STATES}")

    def number(obs: Any) -> int:
        k = 0
        for value, (size, numbered) in zip(taken_apart(obs), parts, strict=True):
            k = k * size + numbered(value)
        return k

    return n, number


def _action_numbering(space: Any) -> tuple[int, Numbering]:
    from gymnasium import spaces

    if isinstance(space, spaces.Discrete):
        return _numbered(int(space.start), int(space.n))
    raise ValueError(f"LiveAgent needs Discrete actions, not {space}")


def _by_state(space: Any, name: str, default: Any, n_states: int) -> Sequence[Any]:
    """What the space says of each state, or the default."""
    given: Sequence[Any] = getattr(space, name, ()) or (default,) * n_states
    if len(given) != n_states:
        raise ValueError(f"the observation space has {n_states} states, but '{name}' has {len(given)} numbers")
    return given


def _copy(value: Any) -> Array:
    return np.array(value, dtype=float)
