"""Forced swim: water that nothing ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from .shuttle_box import ShuttleBox

WATER = 0
FLOAT, STRUGGLE = 0, 1


def begin(q: Any, x: Any, e: Any) -> None:
    """Into the water."""
    e.state = WATER


def step(q: Any, x: Any, e: Any) -> None:
    """One second in the water, which neither struggling nor floating ends."""
    e.next_state = WATER
    e.reward = -q.cost * q.water - (q.effort if e.action == STRUGGLE else 0.0)
    e.terminated = 0
    e.truncated = 1 if e.step + 1 >= q.length_s else 0


@dataclass(frozen=True)
class ForcedSwim(Task):
    """Forced swim test.

    Description: a cylinder of water without a way out; the readout is the fraction of time afloat without struggling.
    Action space: Discrete(2): 0 float, 1 struggle, which is what a naive animal does. A step lasts 1 s.
    Observation space: Discrete(1): 0 water.
    Start: in the water.
    Outcomes: -cost·water each second, -effort more while struggling.
    End: never terminated; truncated after `length_s`, when the animal is taken out.
    Source: Porsolt et al. 1977, doi 10.1038/266730a0; the last 4 of 6 minutes count.
    Version history: v0.
    """

    begin = begin
    step = step

    length_s: int = parameter(360, doc="length of the test", unit="s", low=1, high=36000, source="Porsolt 1977")
    water: float = parameter(0.01, doc="how much the water hurts, against a full shock", low=0, high=1, source="set")
    cost: float = parameter(
        ShuttleBox.cost,
        doc="what a second of full aversion costs",
        unit="reward",
        low=0,
        high=100,
        source="as in the ShuttleBox",
    )
    effort: float = parameter(
        0.036, doc="what a second of struggling costs", unit="reward", low=0, high=100, source="search"
    )

    @property
    def states(self) -> tuple[str, ...]:
        return ("water",)

    @property
    def actions(self) -> tuple[str, ...]:
        return ("float", "struggle")

    @property
    def passive(self) -> int:
        return FLOAT

    @property
    def aversive(self) -> tuple[float, ...]:
        return (self.water,)

    @property
    def reflex(self) -> tuple[tuple[float, ...], ...]:
        return ((0.0, 1.0),)

    @property
    def step_s(self) -> float:
        return 1.0

    @property
    def max_steps(self) -> int:
        return self.length_s
