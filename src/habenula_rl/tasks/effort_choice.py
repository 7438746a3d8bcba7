"""Effort choice: work for more, take less for free, or do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from ..randomness import uniform
from .sucrose_preference import SucrosePreference

NOTHING, TAKE, WORK = 0, 1, 2
PAID, OFFER = 0, 1  # what the draws of a trial's first step are for


def begin(q: Any, x: Any, e: Any) -> None:
    """One of the offers, all equally likely."""
    x.offer = float(int(uniform(e, OFFER) * q.amounts.size))
    x.presses = 0.0
    e.state = int(x.offer)


def step(q: Any, x: Any, e: Any) -> None:
    """One second: a press, the free reward instead, or neither."""
    e.next_state = e.state
    if e.action == WORK:
        press(q, x, e)
    elif e.action == TAKE:
        e.reward = q.easy
        e.terminated = 1
    e.truncated = 1 if e.terminated == 0 and e.step + 1 >= q.limit_s else 0


def press(q: Any, x: Any, e: Any) -> None:
    """One press of the work; the last one pays, with the odds of the offer."""
    offer = int(x.offer)
    x.presses += 1.0
    done = x.presses >= q.presses
    paid = done and uniform(e, PAID) < q.odds[offer]
    e.next_state = q.amounts.size + offer
    e.reward = (q.amounts[offer] if paid else 0.0) - q.effort
    e.terminated = 1 if done else 0


@dataclass(frozen=True)
class EffortChoice(Task):
    """Concurrent choice between a reward that takes work and a smaller one that is free.

    Description: `presses` presses pay the amount of the offer with its odds; less can be taken without work at any
        time, also when the work has begun. `amounts` and `odds` list the offers, one of which is drawn for each
        trial. The default is a rat at a lever of ratio 5 with free chow beside it; in people (EEfRT) the amounts and
        the odds of winning vary.
    Action space: Discrete(3): 0 nothing, 1 take the free reward, 2 work. A step lasts 1 s and holds one press.
    Observation space: two states for each offer: 0 … the offer, then … the same offers at work.
    Start: an offer.
    Outcomes: `easy` for the free reward; the amount of the offer, with its odds, for the last press; -effort for each
        press.
    End: terminated by the free reward or by the last press; truncated after `limit_s`.
    Source: Salamone et al. 1991, doi 10.1007/BF02245659; Treadway et al. 2009, doi 10.1371/journal.pone.0006598.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("offer", "presses")

    amounts: tuple[float, ...] = parameter(
        (1.0,), doc="what the work pays, offer by offer", unit="reward", low=-100, high=100,
        source="set: the largest reward is 1; 1.24 to 4.30 of the easy one in Treadway 2009",
    )  # fmt: skip
    odds: tuple[float, ...] = parameter(
        (1.0,), doc="probability that it pays, offer by offer", low=0, high=1,
        source="Salamone 1991; 0.12, 0.5, 0.88 in Treadway 2009",
    )  # fmt: skip
    easy: float = parameter(
        0.5, doc="what the free reward is worth", unit="reward", low=-100, high=100,
        source="set: half, as 2 pellets for 4 in a T-maze",
    )  # fmt: skip
    presses: int = parameter(
        5, doc="presses that the work takes", unit="presses", low=1, high=1000,
        source="Salamone 1991; 100 in Treadway 2009",
    )  # fmt: skip
    limit_s: int = parameter(30, doc="longest trial", unit="s", low=1, high=3600, source="set; 21 in Treadway 2009")
    effort: float = parameter(
        SucrosePreference.effort, doc="what a press costs", unit="reward", low=0, high=100, source="as a lick"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.amounts) != len(self.odds):
            raise ValueError(
                f"EffortChoice: amounts and odds must have one number for each offer, not {len(self.amounts)} amounts "
                f"and {len(self.odds)} odds"
            )
        if self.presses > self.limit_s:
            raise ValueError(
                f"EffortChoice: {self.presses} presses at one a second do not fit into limit_s {self.limit_s}"
            )

    @property
    def states(self) -> tuple[str, ...]:
        offers = [f"offer {k + 1}" for k in range(len(self.amounts))]
        return (*offers, *(f"{offer}, at work" for offer in offers))

    @property
    def actions(self) -> tuple[str, ...]:
        return ("nothing", "take", "work")

    @property
    def passive(self) -> int:
        return NOTHING

    @property
    def step_s(self) -> float:
        return 1.0

    @property
    def max_steps(self) -> int:
        return self.limit_s
