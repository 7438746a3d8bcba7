"""Progressive ratio: each reward costs more presses than the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Task, parameter
from .sucrose_preference import SucrosePreference

LEVER, PELLET = 0, 1
REST, PRESS = 0, 1


def required(scale: Any, growth: Any, rewards: Any) -> Any:
    """Presses for the reward after so many: scale·e^(growth·n) - scale, n = 1, 2, … (Richardson & Roberts 1996).

    They round it to the nearest whole number, which the number of presses reaches where it reaches this less ½.
    """
    return scale * np.exp(growth * (rewards + 1.0)) - scale


def begin(q: Any, x: Any, e: Any) -> None:
    """A new session, from the first ratio on."""
    x.rewards = 0.0
    x.presses = 0.0
    x.waited = 0.0
    e.state = LEVER


def step(q: Any, x: Any, e: Any) -> None:
    """One second with a press, or without one."""
    pressed = 1.0 if e.action == PRESS else 0.0
    x.presses += pressed
    x.waited += 1.0
    paid = pressed > 0.0 and x.presses >= required(q.scale, q.growth, x.rewards) - 0.5
    if paid:
        x.rewards += 1.0
        x.presses = 0.0
        x.waited = 0.0
    e.next_state = PELLET if paid else LEVER
    e.reward = (q.pellet if paid else 0.0) - q.effort * pressed
    e.truncated = 1 if x.waited >= q.limit_s or e.step + 1 >= q.session_s else 0


@dataclass(frozen=True)
class ProgressiveRatio(Task):
    """Progressive ratio schedule of reinforcement.

    Description: a lever that pays after a number of presses which grows from reward to reward: with the defaults 1, 2,
        4, 6, 9, 12, 15, 20, 25, 32, 40 … The readout is the breakpoint, the last ratio that was completed.
    Action space: Discrete(2): 0 rest, 1 press. A step lasts 1 s.
    Observation space: Discrete(2): 0 the lever, 1 the lever, a pellet just given.
    Start: at the lever.
    Outcomes: `pellet` with the press that completes a ratio; -effort for each press.
    End: never terminated; truncated after `limit_s` without a reward, or `session_s`. A trial is a session.
    Source: Hodos 1961, doi 10.1126/science.134.3483.943; Richardson & Roberts 1996,
        doi 10.1016/0165-0270(95)00153-0.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("rewards", "presses", "waited")

    scale: float = parameter(
        5.0, doc="scale of the ratios", unit="presses", low=0, high=1000, source="Richardson & Roberts 1996"
    )
    growth: float = parameter(
        0.2, doc="growth of the ratio from reward to reward", unit="1/reward", low=0, high=10,
        source="Richardson & Roberts 1996",
    )  # fmt: skip
    limit_s: int = parameter(
        900, doc="time without a reward that ends the session", unit="s", low=1, high=100_000,
        source="15 min, there without a press: Hodos & Kalman 1963, doi 10.1901/jeab.1963.6-387",
    )  # fmt: skip
    session_s: int = parameter(3600, doc="longest session", unit="s", low=1, high=100_000, source="set")
    pellet: float = parameter(
        1.0, doc="what a pellet is worth", unit="reward", low=-100, high=100, source="set: the largest reward is 1"
    )
    effort: float = parameter(
        SucrosePreference.effort, doc="what a press costs", unit="reward", low=0, high=100, source="as a lick"
    )

    @property
    def states(self) -> tuple[str, ...]:
        return ("lever", "pellet")

    @property
    def actions(self) -> tuple[str, ...]:
        return ("rest", "press")

    @property
    def passive(self) -> int:
        return REST

    @property
    def step_s(self) -> float:
        return 1.0

    @property
    def max_steps(self) -> int:
        return self.session_s
