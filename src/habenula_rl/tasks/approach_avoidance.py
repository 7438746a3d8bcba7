"""Approach-avoidance conflict: an option that pays and sometimes hurts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import NO_PASSIVE, Task, parameter
from ..randomness import uniform
from .shuttle_box import ShuttleBox

AVOID, APPROACH = 0, 1
HURT, LEVEL, THREAT = 0, 1, 2  # what the draws of a trial's first step are for


def begin(q: Any, x: Any, e: Any) -> None:
    """One of the offers: a reward and a threat, all equally likely."""
    x.level = float(int(uniform(e, LEVEL) * q.rewards.size))
    x.threat = float(int(uniform(e, THREAT) * q.shocks.size))
    x.shocked = 0.0
    e.state = int(x.level) * q.shocks.size + int(x.threat)


def step(q: Any, x: Any, e: Any) -> None:
    """The choice, or one second of the shock that followed it."""
    shock = q.shocks[int(x.threat)]
    if e.state >= q.rewards.size * q.shocks.size:
        x.shocked += 1.0
        e.next_state = e.state
        e.reward = -q.cost * shock
        e.terminated = 1 if x.shocked >= q.shock_s else 0
    elif e.action == APPROACH:
        hurt = shock > 0.0 and uniform(e, HURT) < q.risk
        e.next_state = q.rewards.size * q.shocks.size + int(x.threat) if hurt else e.state
        e.reward = q.rewards[int(x.level)]
        e.terminated = 0 if hurt else 1
    else:
        e.next_state = e.state
        e.reward = q.safe
        e.terminated = 1


@dataclass(frozen=True)
class ApproachAvoidance(Task):
    """Approach-avoidance conflict.

    Description: each trial shows an offer, one of `rewards` with one of `shocks`, drawn independently. Approaching
        brings the reward and, with probability `risk`, the shock; avoiding brings `safe` and no shock. People respond
        either way; without `response` avoiding is doing nothing, as in punished drinking or lever pressing: the tests
        of Vogel and of Geller & Seifter, with one reward and one shock.
    Action space: Discrete(2): 0 avoid, 1 approach. A step lasts 1 s.
    Observation space: one state for each reward and shock, the shocks running faster; then one for each shock that is
        on.
    Start: an offer.
    Outcomes: the reward for approaching, `safe` for avoiding; -cost·shock for each second of shock.
    End: terminated by the choice, where a shock follows by its end after `shock_s`.
    Source: Geller & Seifter 1960, doi 10.1007/BF00429273; Vogel et al. 1971, doi 10.1007/BF00403989; Aupperle et al.
        2011, doi 10.1016/j.bbr.2011.08.003.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("level", "threat", "shocked")

    rewards: tuple[float, ...] = parameter(
        (1 / 3, 2 / 3, 1.0),
        doc="levels of the reward",
        unit="reward",
        low=-100,
        high=100,
        source="2, 4 and 6 points, Aupperle 2011, the largest as 1",
    )
    shocks: tuple[float, ...] = parameter(
        (0.0, 0.5, 1.0), doc="levels of the shock, 1 is full aversion", low=0, high=1, source="set: none, weak, strong"
    )
    risk: float = parameter(0.5, doc="probability that approaching hurts", low=0, high=1, source="set")
    safe: float = parameter(0.0, doc="what avoiding brings", unit="reward", low=-100, high=100, source="set")
    response: bool = parameter(
        True, doc="whether avoiding is a response of its own or doing nothing", source="Aupperle 2011"
    )
    shock_s: int = parameter(1, doc="length of a shock", unit="s", low=1, high=3600, source="set")
    cost: float = parameter(
        ShuttleBox.cost,
        doc="what a second of full aversion costs",
        unit="reward",
        low=0,
        high=100,
        source="as in the ShuttleBox",
    )

    @property
    def states(self) -> tuple[str, ...]:
        rewards, shocks = range(1, len(self.rewards) + 1), range(1, len(self.shocks) + 1)
        offers = [f"reward {i}, shock {j}" for i in rewards for j in shocks]
        return (*offers, *(f"shock {j} on" for j in shocks))

    @property
    def actions(self) -> tuple[str, ...]:
        return ("avoid", "approach")

    @property
    def passive(self) -> int:
        return NO_PASSIVE if self.response else AVOID

    @property
    def aversive(self) -> tuple[float, ...]:
        return (0.0,) * (len(self.rewards) * len(self.shocks)) + self.shocks

    @property
    def step_s(self) -> float:
        return 1.0

    @property
    def max_steps(self) -> int:
        return 1 + self.shock_s
