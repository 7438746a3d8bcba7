"""Effort choice: work for more, take less, or do nothing."""

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
    e.state = int(uniform(e, OFFER) * q.amounts.size)


def step(q: Any, x: Any, e: Any) -> None:
    """The choice, and all the presses that it takes."""
    e.next_state = e.state
    e.terminated = 1
    if e.action == WORK:
        paid = uniform(e, PAID) < q.odds[e.state]
        e.reward = (q.amounts[e.state] if paid else 0.0) - q.effort * q.presses
    elif e.action == TAKE:
        e.reward = q.easy - q.effort * q.easy_presses


@dataclass(frozen=True)
class EffortChoice(Task):
    """Choice between a reward that takes work and a smaller one that takes less or none.

    Description: `presses` presses pay the amount of the offer with its odds; the smaller reward is for certain. The
        choice is made once a trial and then carried out, as at the barrier in the T-maze and in people (EEfRT), where
        the amounts and the odds of winning vary. `amounts` and `odds` list the offers, one of which is drawn for each
        trial. By default there is one offer, and the smaller reward is free. Work costs effort; the time that it takes
        costs nothing.
    Action space: Discrete(3): 0 nothing, 1 take the smaller reward, 2 work.
    Observation space: one state for each offer.
    Start: an offer.
    Outcomes: the amount of the offer, with its odds, less effort·presses for the work; `easy` less effort·easy_presses;
        0 for nothing.
    End: each trial is one step and terminates.
    Source: Salamone et al. 1994, doi 10.1016/0166-4328(94)90108-2; Treadway et al. 2009,
        doi 10.1371/journal.pone.0006598.
    Version history: v0.
    """

    begin = begin
    step = step
    short_session = {"presses": 1}  # noqa: RUF012

    amounts: tuple[float, ...] = parameter(
        (1.0,),
        doc="what the work pays, offer by offer",
        unit="reward",
        low=-100,
        high=100,
        source="set: the largest reward is 1; 1.24 to 4.30 of the easy one in Treadway 2009",
    )
    odds: tuple[float, ...] = parameter(
        (1.0,),
        doc="probability that it pays, offer by offer",
        low=0,
        high=1,
        source="Salamone 1994; 0.12, 0.5, 0.88 in Treadway 2009",
    )
    easy: float = parameter(
        0.5,
        doc="what the smaller reward is worth",
        unit="reward",
        low=-100,
        high=100,
        source="half: 2 pellets against 4, Salamone 1994",
    )
    presses: int = parameter(
        5,
        doc="presses that the work takes",
        unit="presses",
        low=1,
        high=1000,
        source="ratio 5, Salamone 1991, doi 10.1007/BF02245659; 100 in Treadway 2009",
    )
    easy_presses: int = parameter(
        0,
        doc="presses that the smaller reward takes",
        unit="presses",
        low=0,
        high=1000,
        source="free: Salamone 1994; 30 in Treadway 2009",
    )
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

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(f"offer {k + 1}" for k in range(len(self.amounts)))

    @property
    def actions(self) -> tuple[str, ...]:
        return ("nothing", "take", "work")

    @property
    def passive(self) -> int:
        return NOTHING
