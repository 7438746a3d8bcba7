"""Agents with a state, stepping in any environment with Discrete actions and countable observations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..contract import NO_PASSIVE, Agent, require, short_repr
from ..randomness import U, checked_seed, checked_subject, stream_key
from . import records
from .answers import checked_infos, one_number, one_truth, truths
from .binding import stepper
from .conditions import conditions_of, keep, why_not_frozen
from .space_index import Array, Numbering, action_numbering, numbering, tables_of
from .state_tables import StateTables, tabulated

CHOICES = 0  # the stream of a subject's choices in its first phase
NEXT_STEP, SAME_STEP, DISABLED = "NextStep", "SameStep", "Disabled"  # Gymnasium's autoreset modes
NOT_ENDED = -1


class _Live:
    """What a LiveAgent and LiveAgents share: the rules, and the records of `n` subjects."""

    _own: ClassVar[Any]  # which of them a user sees: the only one, or all with their number in front
    decisions: Any

    def __init__(
        self, agent: Agent, observation_space: Any, action_space: Any, seed: int, subject: int, n: int, compiled: bool
    ) -> None:
        self.agent = require(agent, Agent, "agent")
        self._states, self._actions = numbering(observation_space), action_numbering(action_space)
        self._first_action = int(action_space.start)
        self._tables = _tables(observation_space, self._states.n, self._actions.n)
        numbers: Any = np.arange(n, dtype=U) + U(checked_subject(subject))
        with np.errstate(over="ignore"):
            self._keys: Any = stream_key(U(checked_seed(seed)), U(CHOICES), numbers)
        self._compiled, self._frozen = compiled, False
        self._make_records(n, plain=not compiled)
        self._event["passive"] = getattr(action_space, "passive", NO_PASSIVE)

    def _make_records(self, n: int, *, plain: bool) -> None:
        def form(array: Array) -> Array:
            return records.attributed(array) if plain else array

        kind = type(self.agent)
        self._form = form
        self._state = form(np.zeros(n, records.state_type(kind, self._states.n, self._actions.n)))
        self._event = form(np.zeros(1, self._tables.event))
        self._signals = form(np.zeros(n, records.signal_type(kind)))
        self._preference = np.empty(self._actions.n)
        self._seen = self._tables.seen
        self._bind()
        self._code.begin_all(self._parameters, self._state, self._tables.reflex)

    def _bind(self) -> None:
        """The rules, and the parameters that are in force."""
        kind, in_force = type(self.agent), self.agent.in_force({})
        conditions = conditions_of(kind, in_force, learning=not self._frozen)
        self._code = stepper(conditions.agent(kind, self._state.dtype), compiled=self._compiled)
        own = conditions.parameter_type(kind, self._state.dtype)
        self._parameters = self._form(records.packed(own, in_force, self._state.size))
        if self._frozen:
            keep(self._parameters, self._state, kind)

    @property
    def learning(self) -> bool:
        """Whether it learns. While it does not, `learn` computes the signals, and what was learned stays as it is.

        Set to True again, its whole state is what it was when it was set to False. Raises ValueError where learning
        cannot be frozen in such an agent.
        """
        return not self._frozen

    @learning.setter
    def learning(self, on: bool) -> None:
        frozen = not one_truth("learning", on)
        if frozen == self._frozen:
            return
        if frozen and (why := why_not_frozen(type(self.agent))):
            raise ValueError(why)
        if frozen:
            self._before = self._state.copy()
        else:
            self._state[:] = self._before
        self._frozen = frozen
        self._bind()

    @property
    def state(self) -> dict[str, Array]:
        """The agent's state by name, shaped by the numbers of states and actions; a copy."""
        shapes = type(self.agent).state(self._states.n, self._actions.n)
        whole = {name: _copy(self._state[name][self._own]) for name in shapes}
        return {
            name: whole[name][(slice(None),) * (whole[name].ndim - len(shape)) + tuple(map(slice, shape))]
            for name, shape in shapes.items()
        }

    def save(self) -> dict[str, Array]:
        """All that `restore` needs to go on with the same bits, and whose it is; np.savez takes it.

        Raises ValueError while learning is frozen: what is to be gone on from is then not the state that is seen.
        """
        if self._frozen:
            raise ValueError("learning is frozen: set learning to True before save or restore")
        fields, in_force = self._state.dtype.names or (), self.agent.in_force({})
        whose = {"agent": np.array(type(self.agent).__name__), "keys": np.array(self._keys)}
        whose |= {f"parameter.{name}": np.array(float(value)) for name, value in in_force.items()}
        whose["decisions"] = np.array(self.decisions)
        return whose | {f"state.{name}": _copy(self._state[name][self._own]) for name in fields}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from where `save` was called on an agent with the same parameters, seed, subject and spaces.

        Raises ValueError naming what is missing, unknown, damaged, or of another kind or shape, and where it was saved
        from an agent of another class, with another parameter, seed or subject; nothing has changed then.
        """
        own, found = self.save(), dict[str, Array]()
        for name in sorted(own.keys() | {*saved}):
            if name not in own or name not in saved:
                raise ValueError(f"{type(self.agent).__name__}: '{name}' is {'missing' if name in own else 'unknown'}")
            try:
                found[name] = array = np.array(saved[name])  # of a file, it is read only now
            except Exception as error:
                raise ValueError(f"'{name}' cannot be read: {error}") from None
            if why := _of_another(name, array, own[name]):
                raise ValueError(why)
            if array.shape != own[name].shape:
                raise ValueError(f"'{name}' has shape {array.shape} where {own[name].shape} is needed")
            if not np.can_cast(array.dtype, own[name].dtype, "same_kind"):
                raise ValueError(f"'{name}' has numbers of type {array.dtype} where {own[name].dtype} is needed")
            if array.dtype.kind == "f" and not np.isfinite(array).all() and np.isfinite(own[name]).all():
                raise ValueError(f"'{name}' holds numbers that are not finite")
            if name == "decisions" and (array < 0).any():
                raise ValueError("'decisions' must not be below 0")
        self._take(found)

    def _take(self, saved: Mapping[str, Any]) -> None:
        for name in self._state.dtype.names or ():
            self._state[name][self._own] = saved[f"state.{name}"]


def _of_another(name: str, saved: Array, own: Array) -> str | None:
    """Why an entry of what was saved is of another agent than this one; None where it is not, or is of a state."""
    if not name.startswith(("agent", "keys", "parameter.")) or np.array_equal(saved, own):
        return None
    if name == "keys":
        return "it was saved by an agent with another seed or subject, which draws other choices"
    what = "class" if name == "agent" else name.removeprefix("parameter.")
    return f"it was saved by an agent whose {what} is {short_repr(saved.tolist())}, and this one's is {own.tolist()!r}"


class LiveAgent(_Live):
    """An agent that also has a state: it acts and learns, step by step.

    In a task's environment it does, bit for bit, what subject number `subject` does in `simulate(..., seed=seed)`.
    Observations are Discrete, MultiDiscrete, or a Tuple or Dict of these (Box observations: `Binned`); actions are
    Discrete. An observation space may say with `aversive` (one number a state, 0 to 1) what hurts and with `reflex` (by
    state and action, 0 to 1) what is done there by nature, with `elements` what each state is made of and with
    `available` which actions can be chosen in it, an action space with `passive` which of its actions, counted from 0,
    is doing nothing; without, nothing hurts, there are no reflexes, and every action is active. `compiled` False runs
    the rules as plain Python, for breakpoints and print, with the same numbers.

    Raises ValueError where the agent is none, a space cannot be used, an observation or action is not in its space, or
    a reward is not finite.
    """

    _own = 0

    def __init__(
        self,
        agent: Agent,
        observation_space: Any,
        action_space: Any,
        seed: int = 0,
        subject: int = 0,
        compiled: bool = True,
    ) -> None:
        super().__init__(agent, observation_space, action_space, seed, subject, 1, compiled)
        self.decisions = 0
        self._key, self._state_number, self._action_number = self._keys[0], self._states.one, self._actions.one

    def act(self, obs: Any) -> int:
        """An action for this observation, drawn from the agent's preferences."""
        try:
            state = self._state_number(obs)
        except ValueError as error:
            raise ValueError(f"{error}{_unpacked(obs)}") from None
        action = self._code.act(
            self._parameters, self._state, self._event, self._preference, *self._seen, self._key, state, self.decisions
        )
        self.decisions += 1
        return int(action) + self._first_action

    def learn(self, obs: Any, action: Any, reward: Any, next_obs: Any, terminated: Any) -> None:
        """Learn from one step; `terminated` only where the trial ended by its own rule, not where it was truncated."""
        number = one_number("reward", reward)
        if not math.isfinite(number):
            raise ValueError(f"reward must be finite, not {number!r}")
        self._code.observe(
            self._parameters,
            self._state,
            self._event,
            self._signals,
            *self._seen,
            self._state_number(obs),
            self._action_number(action),
            number,
            self._state_number(next_obs),
            int(one_truth("terminated", terminated)),
        )

    @property
    def signals(self) -> dict[str, float]:
        """What an electrode would have seen in the last step that was learned from; zeros before the first."""
        return {name: float(self._signals[name][0]) for name in type(self.agent).signals}

    def _take(self, saved: Mapping[str, Any]) -> None:
        super()._take(saved)
        self.decisions = int(saved["decisions"])


class LiveAgents(_Live):
    """Agents alike, one in each part of a Gymnasium vector environment, each with a state and a learning of its own.

    Agent i does, bit for bit, what `LiveAgent(..., subject=subject + i)` does in an environment of its own. `envs` says
    how many there are, their spaces, and how its episodes follow each other; all three autoreset modes are understood:

    next step (Gymnasium's default)  the step after an end is only a reset: that agent rests, it draws no action (the
                                     first one is handed to the environment, which ignores it) and learns nothing
    same step                        what an episode ended with is taken from `infos["final_obs"]`
    disabled                         you reset what has ended; no step is passed over

    So `learn` is given every step. To go on after a stretch without `learn`, and after an `envs.reset()` of your own in
    the next-step mode, call `after_reset`. State, signals, `decisions` and what `save` gives have the agent's place in
    front. What else there is to say of spaces, `compiled` and errors is said of LiveAgent.
    """

    _own = slice(None)

    def __init__(self, agent: Agent, envs: Any, seed: int = 0, subject: int = 0, compiled: bool = True) -> None:
        if not hasattr(envs, "num_envs"):
            raise ValueError(
                f"LiveAgents needs a vector environment, as gymnasium.make_vec makes one, not {envs}; "
                "for a single environment there is LiveAgent"
            )
        self.n = int(envs.num_envs)
        self.autoreset = _autoreset_mode(envs)
        spaces = envs.single_observation_space, envs.single_action_space
        checked_subject(checked_subject(subject) + self.n - 1)
        super().__init__(agent, *spaces, seed, subject, self.n, compiled)
        self.decisions = np.zeros(self.n, np.int64)
        self.after_reset()

    def after_reset(self) -> None:
        """Forget which episodes have ended: every environment has just been reset by hand."""
        self._ended = np.full(self.n, NOT_ENDED)  # the state in which an episode ended whose reset is the next step
        self._rested = False

    def act(self, obs: Any) -> Array:
        """An action for each environment's observation, shape (n,), drawn from its agent's preferences."""
        try:
            states = self._numbers(self._states, obs, "observations")
        except ValueError as error:
            raise ValueError(f"{error}{_unpacked(obs)}") from None
        if self._rested:  # a step went by without `learn`, and with it the reset
            self.after_reset()
        resting = self._ended != NOT_ENDED
        strayed = resting & (states != self._ended)
        if strayed.any():
            raise ValueError(
                f"environment {np.argmax(strayed)} does not show what its episode ended with, as it does before it is "
                "reset by the next step: call after_reset() after a reset of your own"
            )
        actions = np.zeros(self.n, np.int64)
        self._code.act_all(
            self._parameters,
            self._state,
            self._event,
            self._preference,
            *self._seen,
            self._keys,
            states,
            self.decisions,
            resting,
            actions,
        )
        self._rested = True
        return actions + self._first_action

    def learn(
        self,
        obs: Any,
        actions: Any,
        rewards: Any,
        next_obs: Any,
        terminated: Any,
        truncated: Any,
        infos: Mapping[str, Any] | None = None,
    ) -> None:
        """Learn from one step of each environment: what was seen, what was done, and all that `envs.step` returned.

        `infos` is needed in the same-step mode, and in tasks that do not show every outcome: an agent whose `feedback`
        is False there learns nothing from this step. Raises ValueError naming the environment whose observation, action
        or reward cannot be; nobody has learned then.
        """
        states, chosen = self._numbers(self._states, obs, "obs"), self._numbers(self._actions, actions, "actions")
        reached = self._numbers(self._states, next_obs, "next_obs")
        terminated = self._array(truths("terminated", terminated), "terminated", bool)
        over = terminated | self._array(truths("truncated", truncated), "truncated", bool)
        infos = {} if infos is None else checked_infos(infos)
        if self.autoreset == SAME_STEP and over.any():
            reached = self._with_final(reached, over, infos)
        resting = self._ended != NOT_ENDED
        rewards = self._array(rewards, "rewards", float)
        wrong = ~np.isfinite(rewards) & ~resting
        if wrong.any():
            place = int(np.argmax(wrong))
            raise ValueError(f"rewards must be finite, not {float(rewards[place])!r} in environment {place}")
        self._code.observe_all(
            self._parameters,
            self._state,
            self._event,
            self._signals,
            *self._seen,
            states,
            chosen,
            rewards,
            reached,
            terminated,
            resting | self._unseen(infos, over),
        )
        self.after_reset()
        if self.autoreset == NEXT_STEP:
            self._ended = np.where(over & ~resting, reached, NOT_ENDED)

    def _unseen(self, infos: Mapping[str, Any], over: Array) -> Array:
        """Which agents were not shown what their action brought."""
        shown = np.array(infos.get("feedback", np.ones(self.n)), bool)
        if self.autoreset == SAME_STEP and over.any():
            final = infos.get("final_info", {})
            shown[over] = np.array(final.get("feedback", np.ones(self.n)), bool)[over]
        return ~shown

    def _with_final(self, reached: Array, over: Array, infos: Mapping[str, Any]) -> Array:
        if "final_obs" not in infos:
            raise ValueError("in the same-step mode learn needs the infos of step(), for their 'final_obs'")
        reached = reached.copy()
        for i in np.flatnonzero(over):
            reached[i] = self._states.one(infos["final_obs"][i])
        return reached

    def _numbers(self, space: Numbering, values: Any, name: str) -> Array:
        return self._array(space.many(values), name, np.int64)

    def _array(self, values: Any, name: str, kind: Any) -> Array:
        array = np.ascontiguousarray(values, kind)
        if np.shape(values) != (self.n,):
            raise ValueError(f"{name} must hold one for each of the {self.n} environments, not {np.shape(values)}")
        return array

    @property
    def signals(self) -> dict[str, Array]:
        """What an electrode would have seen in the last step that each agent learned from; zeros before the first."""
        return {name: _copy(self._signals[name]) for name in type(self.agent).signals}

    def save(self) -> dict[str, Array]:
        return super().save() | {"ended": self._ended.copy(), "rested": np.array(self._rested)}

    def _take(self, saved: Mapping[str, Any]) -> None:
        super()._take(saved)
        self.decisions = np.array(saved["decisions"], np.int64)
        self._ended, self._rested = np.array(saved["ended"], np.int64), bool(saved["rested"])


def _unpacked(obs: Any) -> str:
    """A hint where the whole answer of `reset` was given for an observation."""
    whole = isinstance(obs, tuple) and len(obs) == 2 and isinstance(obs[1], Mapping)
    return "; reset gives two values, the observation and its info: obs, info = env.reset()" if whole else ""


def _autoreset_mode(envs: Any) -> str:
    """Its name in Gymnasium; before there was a choice, all were reset in the next step."""
    mode = (envs.metadata or {}).get("autoreset_mode", NEXT_STEP)
    name = str(getattr(mode, "value", mode))
    if name not in (NEXT_STEP, SAME_STEP, DISABLED):
        raise ValueError(f"LiveAgents knows the autoreset modes {NEXT_STEP}, {SAME_STEP} and {DISABLED}, not {mode!r}")
    return name


def _tables(space: Any, n_states: int, n_actions: int) -> StateTables:
    """What the observation space says of its states."""
    said = tables_of(space, n_states, n_actions)
    aversive, reflex = said["aversive"] or (0.0,) * n_states, said["reflex"] or ((),) * n_states
    return tabulated(
        aversive=aversive, reflex=reflex, elements=said["elements"], available=said["available"], n_actions=n_actions
    )


def _copy(value: Any) -> Array:
    return np.array(value, dtype=float)
