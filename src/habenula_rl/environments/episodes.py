"""Subjects in any environment, one after the other: the same rules, draws and records as in a compiled run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine import records
from ..engine.answers import checked_answer, one_number, one_truth, unread
from ..engine.binding import Stepper
from ..engine.kernel import subject_keys
from ..engine.layout import Layout
from ..engine.phase import Phase, Setting
from ..engine.stopped import reason, recordable, where
from ..errors import ends_are_errors

Array = np.ndarray[Any, Any]
SEEDS = 1 << 31  # what any environment takes as a seed
ROW = ("trial", "step", "state", "action", "outcome", "terminated", "truncated", "next_state")


@dataclass(frozen=True)
class Episodes:
    """A program for an environment of Gymnasium.

    Each subject has an environment of its own, which is seeded once, when its first trial begins, with a number that
    depends on the setting's seed and stream and on the subject's number alone.
    """

    environment: Any  # an `Environment`, which makes this program
    layout: Layout
    code: Stepper
    plain: bool

    def run(self, parameters: Array, state: Array, setting: Setting) -> Phase:
        """See `Program`."""
        P, W = self.form(parameters), self.form(state)
        if setting.naive:
            self.code.begin_all(P, W, setting.tables.reflex)
        sums = np.zeros(state.size, self.layout.sums)
        failed, why = np.full((state.size, 2), -1), np.full(state.size, "", object)
        rows = []
        with ends_are_errors():
            for i in range(len(P)):
                walk = _Walk(self, setting, P[i : i + 1], W[i : i + 1], i)
                rows.append(self._subject(walk, sums))
                if walk.failed:
                    failed[i], why[i] = (walk.trial, walk.step), walk.reason()
        return Phase(np.concatenate(rows), sums, failed, why)

    def form(self, array: Array) -> Array:
        """Plain Python needs records whose fields are attributes."""
        return records.attributed(array) if self.plain else array

    def _subject(self, walk: _Walk, sums: Array) -> Array:
        """One subject's recorded steps; its sums go into their place."""
        kept: list[tuple[Any, ...]] = []
        seen: list[Array] = []
        for row in walk.steps():
            if self.layout.record:
                kept.append(row)
                seen.append(walk.y.copy())
        sums[walk.place] = walk.sums()
        return self._rows(walk, kept, seen)

    def _rows(self, walk: _Walk, kept: list[tuple[Any, ...]], seen: list[Array]) -> Array:
        rows = np.zeros(len(kept), self.layout.row)
        rows["subject"] = walk.subject
        for name, column in zip(ROW, np.array(kept, float).reshape(-1, len(ROW)).T, strict=True):
            rows[name] = column
        for name, column in zip(walk.setting.agent.signals, np.array(seen).T, strict=False):
            rows[name] = column
        return rows


class _Walk:
    """One subject in its own environment. `y` holds the last step's signals as a row of numbers."""

    def __init__(self, episodes: Episodes, setting: Setting, parameters: Array, state: Array, place: int) -> None:
        self.environment, self.code, self.setting = episodes.environment, episodes.code, setting
        self.records, self.place, self.subject = (parameters, state), place, setting.first + place
        layout, n_actions = episodes.layout, len(episodes.environment.actions)
        with np.errstate(over="ignore"):
            self.key = subject_keys(setting.seed, setting.stream, self.subject)[0]
            task_key = subject_keys(setting.seed, setting.stream, 0)[1]
        self.env_seed = (int(task_key) + self.subject) % SEEDS  # no two subjects have the same
        self.event = episodes.form(np.zeros(1, layout.event))
        self.event["passive"] = episodes.environment.passive
        self.signals = episodes.form(np.zeros(1, layout.signals))
        self.y: Array = self.signals.view(np.ndarray).view(np.float64)
        self.z = np.empty(n_actions)
        self.trial = self.step = self.decision = self.terminated = 0
        self.outcome, self.failed = 0.0, False
        self.strayed = ""  # what is wrong with the last observation
        self.counts, self.total = [0] * layout.most_actions, np.zeros_like(self.y)

    def sums(self) -> tuple[Any, ...]:
        """The subject's sums over the phase, as `records.sum_type` has them."""
        signals = self.total[: len(self.setting.agent.signals)]
        return (sum(self.counts), self.terminated, self.outcome, self.counts, *signals)

    def reason(self) -> str:
        """Why the subject had to stop."""
        environment = self.environment
        if self.strayed:
            return f"{where(self.trial, self.step)}: {environment.id}: {self.strayed}"
        self.event["trial"], self.event["step"] = self.trial, self.step
        return reason(
            self.event[0],
            self.signals[0],
            self.z.sum(),
            self.records[1][0],
            place=environment,
            agent=self.setting.agent,
            offset=self.setting.offset,
        )

    def steps(self) -> Iterator[tuple[Any, ...]]:
        """All steps of all trials, as `ROW`, until the subject has to stop."""
        env = self.environment.make()
        try:
            while self.trial < self.setting.n_trials and not self.failed:
                yield from self._trial(env)
                self.trial += not self.failed
        finally:
            env.close()

    def _trial(self, env: Any) -> Iterator[tuple[Any, ...]]:
        self.step, over = 0, False
        state = self._number("reset", self._asked(env.reset, seed=self.env_seed if self.trial == 0 else None)[0])
        while not over and state >= 0:
            action = self._choice(state)
            obs, reward, terminated, truncated, info = self._step(env, action)
            shown = info.get("feedback") is not False
            next_state = self._number("step", obs)
            if next_state < 0 or not self._learn(state, action, reward, next_state, terminated, shown):
                break
            over = terminated or truncated or self.step + 1 >= self.environment.max_steps
            outcome = reward if shown else math.nan
            yield self.trial, self.step, state, action, outcome, terminated, over and not terminated, next_state
            self.step, state = self.step + 1, next_state
        self.failed = not over

    def _asked(self, ask: Any, *args: Any, **options: Any) -> Any:
        """What the environment answers, if it is what Gymnasium asks for; its own errors name it."""
        try:
            given = ask(*args, **options)
        except Exception as error:
            why = unread(ask.__name__, error) or f"{ask.__name__} raised {type(error).__name__}: {error}"
            raise ValueError(f"{self._here()}: {why}") from error
        try:
            return checked_answer(ask.__name__, given)
        except ValueError as error:
            raise ValueError(f"{self._here()}: {error}") from None

    def _here(self) -> str:
        return f"{self.environment.id}, subject {self.subject}, {where(self.trial, self.step)}"

    def _step(self, env: Any, action: int) -> tuple[Any, float, bool, bool, Any]:
        obs, reward, *ends, info = self._asked(env.step, action + self.environment.first_action)
        try:
            terminated, truncated = map(one_truth, ("terminated", "truncated"), ends)
            return obs, one_number("reward", reward), terminated, truncated, info
        except ValueError as error:
            raise ValueError(f"{self._here()}: {error}") from None

    def _number(self, asked: str, obs: Any) -> int:
        """The state's number, -1 where the observation is not one of the environment's."""
        try:
            return int(self.environment.state_number(obs))
        except ValueError as error:
            self.strayed = f"{asked} gave an observation outside its space: {error}"
            return -1

    def _choice(self, state: int) -> int:
        tables = self.setting.tables
        action = self.code.act(
            *self.records, self.event, self.z, *tables.seen, self.key, self.setting.offset + state, self.decision
        )
        self.decision += 1
        return int(action)

    def _learn(self, state: int, action: int, reward: float, next_state: int, terminated: bool, shown: bool) -> bool:
        """Learn, and add to the sums, where all numbers are finite."""
        offset = self.setting.offset
        if shown and recordable(reward):
            self.code.observe(
                *self.records,
                self.event,
                self.signals,
                *self.setting.tables.seen,
                offset + state,
                action,
                reward,
                offset + next_state,
                1 if terminated else 0,
            )
        else:
            self.y[:] = 0.0
        if not (recordable(reward) and math.isfinite(self.y.sum() + self.z.sum())):
            self.event["reward"], self.event["next_state"] = reward, offset + next_state  # even if not shown
            return False
        self.total += self.y
        self.counts[action] += 1
        self.terminated += terminated
        self.outcome += reward if shown else 0.0
        return True
