"""Risk choice: a constant amount against a variable one of the same mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import parameter
from ..randomness import uniform
from .two_sides import SIDES, TwoSides, freely, response_effort


def step(q: Any, x: Any, e: Any) -> None:
    """One response: nothing, the constant amount, or one that is as often larger as it is smaller."""
    side = e.action - 1 if q.free > 0.0 else e.action
    e.next_state = SIDES
    e.terminated = 1
    if side == 0:
        e.reward = q.amount - q.effort
    elif side == 1:
        e.reward = (q.amount + q.spread if uniform(e, 0) < 0.5 else q.amount - q.spread) - q.effort


@dataclass(frozen=True)
class RiskChoice(TwoSides):
    """Choice between a constant and a variable reward of the same mean.

    Description: the safe response always gives `amount`, the risky one `spread` more or `spread` less, as often the
        one as the other. The readout is the fraction of risky choices.
    Action space: Discrete(2): 0 safe, 1 risky; with `free` Discrete(3): 0 nothing, 1 safe, 2 risky.
    Observation space: Discrete(1): 0 the sides.
    Start: before the sides.
    Outcomes: `amount`, or `amount` ± `spread`, less `effort`; 0 for nothing.
    End: each response is a trial of one step and terminates.
    Source: Shabel et al. 2014, doi 10.3389/fnhum.2014.00001. The amounts are not theirs.
    Version history: v0.
    """

    step = step
    sides = ("safe", "risky")

    amount: float = parameter(0.5, doc="mean amount of both", unit="reward", low=-100, high=100, source="set")
    spread: float = parameter(
        0.5,
        doc="how far the risky amount lies from its mean",
        unit="reward",
        low=0,
        high=100,
        source="set: all or nothing",
    )
    free: bool = freely()
    effort: float = response_effort()
