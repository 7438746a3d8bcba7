"""Sucrose preference: two bottles, and, where drinking is free, the option of leaving both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import NO_PASSIVE, Task, parameter
from ..randomness import uniform

SPOUTS = 0


def begin(q: Any, x: Any, e: Any) -> None:
    """Before the two spouts."""
    e.state = SPOUTS


def step(q: Any, x: Any, e: Any) -> None:
    """One visit: nothing, or a lick at a spout that gives a drop with probability `delivery`."""
    bottle = e.action - 1 if q.free > 0.0 else e.action
    e.next_state = SPOUTS
    e.terminated = 1
    e.truncated = 0
    if bottle < 0:
        e.reward = 0.0
    else:
        drop = q.sucrose if bottle == 0 else q.water
        e.reward = (drop if uniform(e, 0) < q.delivery else 0.0) - q.effort


@dataclass(frozen=True)
class SucrosePreference(Task):
    """Sucrose preference test, with free drinking or a forced choice.

    Description: two spouts, sucrose and water. With `free`, a subject may also do nothing, which is what anhedonia
        looks like; without, it has to choose a spout on each visit.
    Action space: free Discrete(3): 0 nothing, 1 sucrose, 2 water; forced Discrete(2): 0 sucrose, 1 water.
    Observation space: Discrete(1): 0 the spouts.
    Start: at the spouts.
    Outcomes: `sucrose` or `water` with probability `delivery`, else 0; -effort for a lick; 0 for nothing.
    End: each visit is a trial of one step and terminates.
    Source: Willner et al. 1987, doi 10.1007/BF00187257; Yang et al. 2018, doi 10.1038/nature25509.
    Version history: v0.
    """

    begin = begin
    step = step

    free: bool = parameter(True, doc="whether doing nothing is an option", source="Willner 1987")
    sucrose: float = parameter(
        1.0, doc="what a drop of sucrose is worth", unit="reward", low=-100, high=100, source="scale"
    )
    water: float = parameter(0.3, doc="what a drop of water is worth", unit="reward", low=-100, high=100, source="set")
    delivery: float = parameter(1.0, doc="probability that a lick brings a drop", low=0, high=1, source="Willner 1987")
    effort: float = parameter(0.02, doc="what a lick costs", unit="reward", low=0, high=100, source="set")

    @property
    def states(self) -> tuple[str, ...]:
        return ("spouts",)

    @property
    def actions(self) -> tuple[str, ...]:
        return ("nothing", "sucrose", "water") if self.free else ("sucrose", "water")

    @property
    def passive(self) -> int:
        return 0 if self.free else NO_PASSIVE
