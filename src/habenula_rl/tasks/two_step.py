"""The two-step task: whether a choice is repeated after a reward depends on how the reward was reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from ..randomness import normal, uniform
from .bandit import reflected

FIRST, PINK, BLUE = 0, 1, 2
TURN, FIRST_START, FIRST_DRIFT, PAY = 0, 1, 5, 9  # slots of the draws
OPTIONS = 4  # of the second stage: two in each state


def begin(q: Any, x: Any, e: Any) -> None:
    """At the first stage; the options of the second have drifted since the last trial."""
    for option in range(x.walk.size):
        if e.trial == 0:
            x.walk[option] = q.lowest + (q.highest - q.lowest) * uniform(e, FIRST_START + option)
        else:
            noise = normal(e, FIRST_DRIFT + option)
            x.walk[option] = reflected(x.walk[option] + q.drift_sd * noise, q.lowest, q.highest)
    e.state = FIRST


def step(q: Any, x: Any, e: Any) -> None:
    """A choice at the first stage leads on, one at the second may be rewarded."""
    if e.state == FIRST:
        own = PINK if e.action == 0 else BLUE
        e.next_state = own if uniform(e, TURN) < q.common else PINK + BLUE - own
    else:
        option = 2 * (e.state - PINK) + e.action
        e.reward = q.rewards[option] if uniform(e, PAY) < x.walk[option] else 0.0
        e.next_state = e.state
        e.terminated = 1


@dataclass(frozen=True)
class TwoStep(Task):
    """The two-step task: model-based against model-free control.

    Description: a choice at the first stage leads to one of two states of the second: left to pink and right to blue
        with probability `common`, otherwise the other way round. A choice there is rewarded with a probability of its
        own; the four probabilities start anywhere between `lowest` and `highest`, uniformly, and walk from trial to
        trial by normal steps of sd `drift_sd`, reflected at these bounds. Who repeats a rewarded choice whatever the
        transition was is model-free; who repeats it after a common transition, and takes the other after a rare one,
        has a model of the task. People made 201 trials.
    Action space: Discrete(2): 0 left, 1 right, at both stages.
    Observation space: Discrete(3): 0 first stage, 1 pink, 2 blue; a trial ends in the state of its second choice.
    Start: the first stage.
    Outcomes: 0 at the first stage; at the second what the option pays (`rewards`: pink left, pink right, blue left,
        blue right), with its probability of the moment, else 0.
    End: the second choice terminates.
    Source: Daw et al. 2011, doi 10.1016/j.neuron.2011.02.027. Where the walks start is not theirs.
    Version history: v0.
    """

    begin = begin
    step = step
    states = ("first stage", "pink", "blue")
    actions = ("left", "right")
    max_steps = 2
    memory_like = {"walk": "rewards"}  # noqa: RUF012

    common: float = parameter(0.7, doc="probability of the common transition", low=0.5, high=1, source="Daw 2011")
    drift_sd: float = parameter(
        0.025, symbol="σ", doc="sd of a step of the walk", unit="1/trial", low=0, high=1, source="Daw 2011"
    )
    lowest: float = parameter(0.25, doc="lower bound of the walk", low=0, high=1, source="Daw 2011")
    highest: float = parameter(0.75, doc="upper bound of the walk", low=0, high=1, source="Daw 2011")
    rewards: tuple[float, ...] = parameter(
        (1.0,) * OPTIONS,
        doc="reward of each option of the second stage",
        unit="reward",
        low=-100,
        high=100,
        source="scale: all alike in Daw 2011",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.rewards) != OPTIONS:
            raise ValueError(
                f"TwoStep: rewards must hold {OPTIONS} numbers, one for each option, not {len(self.rewards)}"
            )
        if self.lowest > self.highest:
            raise ValueError(f"TwoStep: lowest must be at most highest, not {self.lowest:g} with {self.highest:g}")
