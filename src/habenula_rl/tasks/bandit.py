"""The bandit: arms that reward or punish with probabilities that may drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from ..randomness import normal, uniform

ARMS = 0
PAY, FIRST_DRIFT = 0, 1  # slots of the draws
MOST_ARMS = 30


def drifted(p: float, noise: float, q: Any) -> float:
    """λ·p + (1 - λ)·θ + σ·noise, reflected at the bounds (Daw et al. 2006, doi 10.1038/nature04766)."""
    return reflected(q.decay * p + (1.0 - q.decay) * q.centre + q.drift_sd * noise, q.lowest, q.highest)


def reflected(walked: float, lowest: float, highest: float) -> float:
    """Where a walk comes out that is thrown back at its bounds; after a step wider than the range, at a bound."""
    if walked > highest:
        walked = 2.0 * highest - walked
    elif walked < lowest:
        walked = 2.0 * lowest - walked
    if walked > highest:
        return highest
    return lowest if walked < lowest else walked


def best_arm(q: Any, x: Any) -> int:
    """The first of the arms that bring most on average."""
    best, most = 0, 0.0
    for arm in range(x.walk.size):
        mean = x.walk[arm] * q.rewards[arm] - (1.0 - x.walk[arm]) * q.punishments[arm]
        if arm == 0 or mean > most:
            best, most = arm, mean
    return best


def begin(q: Any, x: Any, e: Any) -> None:
    """Before the arms, whose probabilities have drifted since the last trial."""
    for arm in range(x.walk.size):
        if e.trial == 0:
            x.walk[arm] = q.probabilities[arm]
        else:
            x.walk[arm] = drifted(x.walk[arm], normal(e, FIRST_DRIFT + arm), q)
    e.state = ARMS


def step(q: Any, x: Any, e: Any) -> None:
    """One pull: a reward, or else a punishment."""
    rewarded = uniform(e, PAY) < x.walk[e.action]
    e.reward = q.rewards[e.action] if rewarded else -q.punishments[e.action]
    e.next_state = ARMS + 1 + best_arm(q, x)
    e.terminated = 1
    e.truncated = 0


@dataclass(frozen=True)
class Bandit(Task):
    """Bandit with any number of arms, rewards and punishments, and drifting probabilities.

    Description: each arm rewards with a probability of its own, which starts at one of `probabilities` and drifts from
        trial to trial: p ← λ·p + (1 - λ)·θ + σ·N(0, 1), with `decay` λ, `centre` θ and `drift_sd` σ, reflected at
        `lowest` and `highest`. With decay 1 and drift_sd 0 nothing drifts. The length of the three lists is the number
        of arms.
    Action space: Discrete(arms): the arms.
    Observation space: Discrete(1 + arms): 0 the arms; a trial ends in 1 + a where arm a was the best to choose, for the
        record: an agent that learns from its last observation learns too much.
    Start: before the arms.
    Outcomes: one of `rewards` with the arm's probability, else the loss of one of `punishments`.
    End: each pull is a trial of one step and terminates.
    Source: Daw et al. 2006, doi 10.1038/nature04766 (four arms; decay 0.9836, centre 50 and drift 2.8 points of 100;
        their payoffs are points around the walk, here the walk is a probability).
    Version history: v0.
    """

    begin = begin
    step = step
    memory_like = {"walk": "probabilities"}  # noqa: RUF012

    probabilities: tuple[float, ...] = parameter(
        (0.2, 0.4, 0.6, 0.8), doc="probability of a reward in the first trial, by arm", low=0, high=1, source="set"
    )
    rewards: tuple[float, ...] = parameter(
        (1.0, 1.0, 1.0, 1.0), doc="reward, by arm", unit="reward", low=-100, high=100, source="scale"
    )
    punishments: tuple[float, ...] = parameter(
        (0.0, 0.0, 0.0, 0.0),
        doc="loss that comes where no reward does, by arm",
        unit="reward",
        low=-100,
        high=100,
        source="set; 0: Daw 2006 took nothing away",
    )
    decay: float = parameter(
        0.9836,
        symbol="λ",
        doc="what of the distance to the centre is left one trial later",
        low=0,
        high=1,
        source="Daw 2006",
    )
    centre: float = parameter(0.5, symbol="θ", doc="where the probabilities drift to", low=0, high=1, source="Daw 2006")
    drift_sd: float = parameter(
        0.028, symbol="σ", doc="standard deviation of the drift", unit="1/trial", low=0, high=1, source="Daw 2006"
    )
    lowest: float = parameter(0.0, doc="lower bound of the drifting probabilities", low=0, high=1, source="set")
    highest: float = parameter(1.0, doc="upper bound of the drifting probabilities", low=0, high=1, source="set")

    def __post_init__(self) -> None:
        super().__post_init__()
        n, *others = (len(self.probabilities), len(self.rewards), len(self.punishments))
        if others != [n, n] or not 1 < n <= MOST_ARMS:
            raise ValueError(
                f"Bandit: probabilities, rewards and punishments must hold a number for each of 2 to {MOST_ARMS} arms, "
                f"not {n}, {others[0]} and {others[1]}"
            )
        if self.lowest >= self.highest:
            raise ValueError(f"Bandit: lowest must be below highest, not {self.lowest:g} with {self.highest:g}")

    @property
    def states(self) -> tuple[str, ...]:
        return ("arms", *(f"arm {arm} was best" for arm in range(len(self.probabilities))))

    @property
    def choice_states(self) -> tuple[int, ...]:
        return (ARMS,)

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(f"arm {arm}" for arm in range(len(self.probabilities)))
