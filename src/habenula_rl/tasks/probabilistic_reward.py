"""Probabilistic reward: two stimuli that are hard to distinguish, and one of them pays three times as often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Task, parameter
from ..randomness import uniform

RICH, LEAN = 0, 1  # what is seen, and the answers
SHOWN = 2  # the states in which trials end: what was really shown
STIMULUS, SCHEDULE, PERCEPT = 0, 1, 2  # slots of the draws


def begin(q: Any, x: Any, e: Any) -> None:
    """The next stimulus, as it looks, and whether a reward is due for it."""
    if x.left[RICH] + x.left[LEAN] == 0.0:
        open_block(q, x)
    stimulus = next_stimulus(q, x, uniform(e, STIMULUS))
    if uniform(e, SCHEDULE) * x.left[stimulus] < x.rewards_left[stimulus]:
        x.rewards_left[stimulus] -= 1.0
        x.due[stimulus] += 1.0
    x.left[stimulus] -= 1.0
    x.run = x.run + 1.0 if x.shown == stimulus else 1.0
    x.shown = stimulus
    e.state = 1 - stimulus if uniform(e, PERCEPT) < q.confusion else stimulus


def open_block(q: Any, x: Any) -> None:
    """All stimuli and rewards of a block are to come."""
    x.run = 0.0
    for stimulus in range(x.left.size):
        x.left[stimulus] = q.stimuli[stimulus]
        x.rewards_left[stimulus] = np.floor(q.rewarded[stimulus] * q.stimuli[stimulus] + 0.5)
        x.due[stimulus] = 0.0


def next_stimulus(q: Any, x: Any, u: float) -> int:
    """One of those left in the block, unless no order of the rest would then keep its runs short."""
    drawn = RICH if u * (x.left[RICH] + x.left[LEAN]) < x.left[RICH] else LEAN
    return drawn if x.left[1 - drawn] == 0.0 or can_follow(q, x, drawn) else 1 - drawn


def can_follow(q: Any, x: Any, stimulus: int) -> bool:
    """Whether after this stimulus the rest of the block can be put in an order without a run that is too long.

    The others have places before, between and after the rest of its kind; its own kind had enough of them before.
    """
    run = x.run + 1.0 if x.shown == stimulus else 1.0
    fits = x.left[1 - stimulus] <= q.longest_run * x.left[stimulus]
    return run <= q.longest_run and fits  # type: ignore[no-any-return]


def step(q: Any, x: Any, e: Any) -> None:
    """One answer. A reward that is due comes with the next right answer to that stimulus."""
    stimulus = int(x.shown)
    e.reward = 0.0
    if e.action == stimulus and x.due[stimulus] > 0.0:
        x.due[stimulus] -= 1.0
        e.reward = q.reward
    e.next_state = SHOWN + stimulus
    e.terminated = 1
    e.truncated = 0


@dataclass(frozen=True)
class ProbabilisticReward(Task):
    """Probabilistic reward task: signal detection with asymmetric reinforcement.

    Description: in each trial one of two stimuli is shown (a short or a long mouth), and looks like the other one with
        probability `confusion`. Right answers to the rich one are rewarded three times as often, which draws answers to
        it: a response bias. A block holds `stimuli` of each kind in random order, no more than `longest_run` in a row
        where their numbers allow that; at a random fraction `rewarded` of them a reward falls due, and is given for the
        next right answer to that kind in the block.
    Action space: Discrete(2): 0 "rich", 1 "lean".
    Observation space: Discrete(4): 0 looks rich, 1 looks lean; a trial ends in 2 (rich was shown) or 3 (lean
        was shown), for the record: an agent that learns from its last observation learns too much.
    Start: before a stimulus.
    Outcomes: `reward` for a right answer where one is due, else 0.
    End: each answer is a trial of one step and terminates; a session is 3 blocks of 100.
    Source: Pizzagalli, Jahn & O'Shea 2005, doi 10.1016/j.biopsych.2004.11.026; Huys et al. 2013,
        doi 10.1186/2045-5380-3-12.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("shown", "run")
    memory_like = {"left": "stimuli", "rewards_left": "stimuli", "due": "stimuli"}  # noqa: RUF012

    confusion: float = parameter(
        0.2, doc="probability that a stimulus looks like the other one", low=0, high=1, source="set"
    )
    stimuli: tuple[int, ...] = parameter(
        (50, 50), doc="rich and lean stimuli a block", unit="trials", low=1, high=1000, source="Pizzagalli 2005"
    )
    rewarded: tuple[float, ...] = parameter(
        (0.6, 0.2),
        doc="fraction of rich and of lean stimuli at which a reward falls due",
        unit="fraction",
        low=0,
        high=1,
        source="Pizzagalli 2005: 30 and 10 of 50",
    )
    longest_run: int = parameter(
        3, doc="most trials in a row with the same stimulus", unit="trials", low=1, high=1000, source="Huys 2013"
    )
    reward: float = parameter(1.0, doc="reward", unit="reward", low=-100, high=100, source="scale; 5 cents")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("stimuli", "rewarded"):
            if len(getattr(self, name)) != 2:
                found = list(getattr(self, name))
                raise ValueError(f"ProbabilisticReward: {name} must hold two numbers, for rich and lean, not {found}")

    @property
    def states(self) -> tuple[str, ...]:
        return ("looks rich", "looks lean", "rich was shown", "lean was shown")

    @property
    def actions(self) -> tuple[str, ...]:
        return ("rich", "lean")
