"""Probabilistic discounting: a small certain reward against a large one whose odds change from block to block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import NO_PASSIVE, Task, parameter
from ..randomness import uniform
from .sucrose_preference import SucrosePreference

NONE, SMALL, RISKY = 0, 1, 2
BOTH = 0
PAID, FORCED = 0, 1  # what the draws of a trial's first step are for


def begin(q: Any, x: Any, e: Any) -> None:
    """The next trial of the block, or the first of the next block; after the last block a new session begins."""
    if x.seen >= q.forced_trials + q.free_trials:
        x.seen = 0.0
        x.block = x.block + 1.0 if x.block + 1.0 < q.odds.size else 0.0
    x.presented = BOTH
    if x.seen < q.forced_trials:
        force(x, e)
    x.seen += 1.0
    blocks = q.odds.size if q.cued > 0.0 else 1
    e.state = int(x.presented) * blocks + (int(x.block) if q.cued > 0.0 else 0)


def force(x: Any, e: Any) -> None:
    """One lever alone: either, and in the next forced trial the other."""
    if x.forced == BOTH:
        x.presented = SMALL if uniform(e, FORCED) < 0.5 else RISKY
        x.forced = x.presented
    else:
        x.presented = SMALL + RISKY - x.forced
        x.forced = BOTH


def step(q: Any, x: Any, e: Any) -> None:
    """A press pays; a lever that is not there pays nothing."""
    lever = e.action if q.free > 0.0 else e.action + 1
    e.next_state = e.state
    e.terminated = 1
    if lever != NONE and x.presented != SMALL + RISKY - lever:
        odds = q.odds[int(x.block)] if lever == RISKY else 1.0
        pellets = q.large if lever == RISKY else q.small
        e.reward = (pellets * q.pellet if uniform(e, PAID) < odds else 0.0) - q.effort


@dataclass(frozen=True)
class ProbabilisticDiscounting(Task):
    """Probabilistic discounting (risk-based decision making of rats).

    Description: one lever gives `small` pellets for certain, the other `large` pellets with the odds of the block.
        `odds` lists the blocks of a session: descending by default, ascending in the other order, constant with one
        number; after the last block the next session begins. With odds of 1 alone it is the control: more against
        less at equal cost. A block opens with `forced_trials` in which only one lever is there, as often the one as
        the other, in random order within each pair; what is learned there is learned about the block.
    Action space: Discrete(2): 0 small, 1 risky; with `free` Discrete(3): 0 nothing, 1 small, 2 risky.
    Observation space: the levers, with `cued` a state for each block; with `forced_trials` as many states again for
        the small lever alone, and for the risky one alone.
    Start: before the levers.
    Outcomes: pellets times `pellet`, less `effort` for the press; 0 for nothing, and for a lever that is not there.
    End: each trial is one step and terminates.
    Source: St Onge & Floresco 2009, doi 10.1038/npp.2008.121; Stopper & Floresco 2014, doi 10.1038/nn.3587.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("block", "seen", "presented", "forced")

    odds: tuple[float, ...] = parameter(
        (1.0, 0.5, 0.25, 0.125),
        doc="probability of the large reward in each block",
        low=0,
        high=1,
        source="St Onge & Floresco 2009",
    )
    forced_trials: int = parameter(
        8,
        doc="trials with one lever at the start of a block",
        unit="trials",
        low=0,
        high=1000,
        source="St Onge & Floresco 2009",
    )
    free_trials: int = parameter(
        10,
        doc="trials with both levers in a block",
        unit="trials",
        low=1,
        high=100_000,
        source="St Onge & Floresco 2009",
    )
    cued: bool = parameter(
        True, doc="whether the subject knows which block it is in", source="set: rats train for weeks on one order"
    )
    free: bool = parameter(
        False, doc="whether doing nothing is an option", source="set: rats are trained until they hardly omit a trial"
    )
    small: float = parameter(
        1.0, doc="certain reward", unit="pellets", low=0, high=100, source="St Onge & Floresco 2009"
    )
    large: float = parameter(4.0, doc="risky reward", unit="pellets", low=0, high=100, source="St Onge & Floresco 2009")
    pellet: float = parameter(
        0.25,
        doc="what a pellet is worth",
        unit="reward",
        low=-100,
        high=100,
        source="set: the largest reward is 1; dopamine adapts to the range, Tobler 2005, doi 10.1126/science.1105370",
    )
    effort: float = parameter(
        SucrosePreference.effort, doc="what a press costs", unit="reward", low=0, high=100, source="as a lick"
    )

    @property
    def states(self) -> tuple[str, ...]:
        blocks = [f"block {k + 1}" for k in range(len(self.odds))] if self.cued else ["levers"]
        alone = ("small", "risky") if self.forced_trials else ()
        return (*blocks, *(f"{block}, {lever} alone" for lever in alone for block in blocks))

    @property
    def elements(self) -> tuple[tuple[int, ...], ...]:
        blocks = len(self.odds) if self.cued else 1
        lone = 2 if self.forced_trials else 0
        return tuple((block,) for block in range(blocks)) * (1 + lone)

    @property
    def actions(self) -> tuple[str, ...]:
        return ("nothing", "small", "risky") if self.free else ("small", "risky")

    @property
    def available(self) -> tuple[tuple[bool, ...], ...]:
        blocks = len(self.odds) if self.cued else 1
        omit = (True,) if self.free else ()
        alone = ((*omit, True, False), (*omit, False, True)) if self.forced_trials else ()
        return tuple(offer for offer in ((*omit, True, True), *alone) for _ in range(blocks))

    @property
    def passive(self) -> int:
        return 0 if self.free else NO_PASSIVE
