"""Magnitude shift: two sides pay alike, then one of them pays a little more, or a little less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import parameter
from .two_sides import SIDES, TwoSides, freely, response_effort


def step(q: Any, x: Any, e: Any) -> None:
    """One response: nothing, the side whose amount shifts, or the other one."""
    side = e.action - 1 if q.free > 0.0 else e.action
    e.next_state = SIDES
    e.terminated = 1
    if side == 0:
        e.reward = (q.amount if e.trial < q.baseline_trials else q.shifted) - q.effort
    elif side == 1:
        e.reward = q.constant - q.effort


@dataclass(frozen=True)
class MagnitudeShift(TwoSides):
    """Small shift in the size of a reward.

    Description: two responses, each rewarded for certain. After `baseline_trials` the first pays `shifted` instead of
        `amount`: an upshift or a downshift. The readout is how soon the preference switches.
    Action space: Discrete(2): 0 shifting, 1 constant; with `free` Discrete(3): 0 nothing, 1 shifting, 2 constant.
    Observation space: Discrete(1): 0 the sides.
    Start: before the sides.
    Outcomes: the amount of the side, less `effort`; 0 for nothing.
    End: each response is a trial of one step and terminates.
    Source: Shabel et al. 2014, doi 10.3389/fnhum.2014.00001. Amounts and the length of the baseline are not theirs.
    Version history: v0.
    """

    step = step
    sides = ("shifting", "constant")

    amount: float = parameter(
        0.5, doc="what the shifting side gives before the shift", unit="reward", low=-100, high=100, source="set"
    )
    shifted: float = parameter(
        0.75,
        doc="what it gives after the shift",
        unit="reward",
        low=-100,
        high=100,
        source="set: an upshift by half; 0.25 is the downshift",
    )
    constant: float = parameter(
        0.5, doc="what the other side gives", unit="reward", low=-100, high=100, source="set: as before the shift"
    )
    baseline_trials: int = parameter(
        100, doc="trials before the shift", unit="trials", low=0, high=1_000_000, source="set"
    )
    free: bool = freely()
    effort: float = response_effort()
