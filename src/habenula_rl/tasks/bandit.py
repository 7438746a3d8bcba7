"""The bandit: arms that pay and punish with probabilities that may drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from ..randomness import normal, uniform

ARMS = 0
FIRST_DRIFT = 2  # the slots before are for what an arm brings
MOST_ARMS = 30


def drifted(p: float, noise: float, q: Any) -> float:
    """λ·p + (1 - λ)·θ + σ·noise, reflected at the bounds (Daw et al. 2006, doi 10.1038/nature04766)."""
    walked = q.decay * p + (1.0 - q.decay) * q.centre + q.drift_sd * noise
    if walked > q.highest:
        walked = 2.0 * q.highest - walked
    elif walked < q.lowest:
        walked = 2.0 * q.lowest - walked
    if walked > q.highest:  # after a step wider than the range
        return q.highest  # type: ignore[no-any-return]
    return q.lowest if walked < q.lowest else walked  # type: ignore[no-any-return]


def expected(q: Any, x: Any, arm: int) -> float:
    """What an arm brings on average."""
    return x.reward_walk[arm] * q.rewards[arm] - x.punishment_walk[arm] * q.punishments[arm]  # type: ignore[no-any-return]


def best_arm(q: Any, x: Any) -> int:
    """The first of the arms that bring most."""
    best, most = 0, expected(q, x, 0)
    for arm in range(1, x.reward_walk.size):
        if expected(q, x, arm) > most:
            best, most = arm, expected(q, x, arm)
    return best


def begin(q: Any, x: Any, e: Any) -> None:
    """Before the arms, whose probabilities have drifted since the last trial."""
    for arm in range(x.reward_walk.size):
        if e.trial == 0:
            x.reward_walk[arm] = q.rewarded[arm]
            x.punishment_walk[arm] = q.punished[arm]
        else:
            x.reward_walk[arm] = drifted(x.reward_walk[arm], normal(e, FIRST_DRIFT + 2 * arm), q)
            x.punishment_walk[arm] = drifted(x.punishment_walk[arm], normal(e, FIRST_DRIFT + 2 * arm + 1), q)
    e.state = ARMS


def step(q: Any, x: Any, e: Any) -> None:
    """One pull: a reward and a punishment, each with its own probability."""
    arm = e.action
    won = q.rewards[arm] if uniform(e, 0) < x.reward_walk[arm] else 0.0
    lost = q.punishments[arm] if uniform(e, 1) < x.punishment_walk[arm] else 0.0
    e.reward = won - lost
    e.next_state = ARMS + 1 + best_arm(q, x)
    e.terminated = 1
    e.truncated = 0


@dataclass(frozen=True)
class Bandit(Task):
    """Bandit with any number of arms, rewards and punishments, and drifting probabilities.

    Description: arm a rewards and punishes with probabilities of its own, which start at `rewarded` and `punished` and
        drift from trial to trial: p ← λ·p + (1 - λ)·θ + σ·N(0, 1), with `decay` λ, `centre` θ and `drift_sd` σ,
        reflected at `lowest` and `highest`. With decay 1 and drift_sd 0 nothing drifts. The number of arms is the
        length of the four lists.
    Action space: Discrete(arms): the arms.
    Observation space: Discrete(1 + arms): 0 the arms; a trial ends in 1 + a where arm a was the best to choose, for the
        record: an agent that learns from its last observation is told too much.
    Start: before the arms.
    Outcomes: `rewards` of the arm where it rewards, less `punishments` of the arm where it punishes.
    End: each pull is a trial of one step and terminates.
    Source: Daw et al. 2006, doi 10.1038/nature04766 (four arms; decay 0.9836, centre 50 and drift 2.8 points of 100;
        their payoffs are points around the mean, here they come with the probability); separate rewards and punishments
        as in Seymour et al. 2012, doi 10.1523/JNEUROSCI.0053-12.2012.
    Version history: v0.
    """

    begin = begin
    step = step
    memory_like = {"reward_walk": "rewarded", "punishment_walk": "punished"}  # noqa: RUF012

    rewarded: tuple[float, ...] = parameter(
        (0.2, 0.4, 0.6, 0.8), doc="probability of a reward in the first trial, by arm", low=0, high=1, source="set"
    )
    punished: tuple[float, ...] = parameter(
        (0.5, 0.5, 0.5, 0.5), doc="probability of a punishment in the first trial, by arm", low=0, high=1, source="set"
    )
    rewards: tuple[float, ...] = parameter(
        (1.0, 1.0, 1.0, 1.0), doc="reward, by arm", unit="reward", low=-100, high=100, source="scale"
    )
    punishments: tuple[float, ...] = parameter(
        (0.0, 0.0, 0.0, 0.0), doc="loss by a punishment, by arm; 0: none", unit="reward", low=-100, high=100,
        source="Daw 2006; 1 in Seymour 2012",
    )  # fmt: skip
    decay: float = parameter(
        0.9836, symbol="λ", doc="what of the distance to the centre is left one trial later", low=0, high=1,
        source="Daw 2006",
    )  # fmt: skip
    centre: float = parameter(0.5, symbol="θ", doc="where the probabilities drift to", low=0, high=1, source="Daw 2006")
    drift_sd: float = parameter(
        0.028, symbol="σ", doc="standard deviation of the drift", unit="1/trial", low=0, high=1, source="Daw 2006"
    )
    lowest: float = parameter(0.0, doc="lower bound of the drifting probabilities", low=0, high=1, source="set")
    highest: float = parameter(1.0, doc="upper bound of the drifting probabilities", low=0, high=1, source="set")

    def __post_init__(self) -> None:
        super().__post_init__()
        lengths = [len(self.rewarded), len(self.punished), len(self.rewards), len(self.punishments)]
        if len(set(lengths)) > 1 or not 1 < lengths[0] <= MOST_ARMS:
            told = ", ".join(map(str, lengths))
            raise ValueError(
                f"Bandit: rewarded, punished, rewards and punishments must hold a number for each of 2 to {MOST_ARMS} "
                f"arms, not {told}"
            )
        if self.lowest >= self.highest:
            raise ValueError(f"Bandit: lowest must be below highest, not {self.lowest:g} with {self.highest:g}")

    @property
    def states(self) -> tuple[str, ...]:
        return ("arms", *(f"arm {arm} was best" for arm in range(len(self.rewarded))))

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(f"arm {arm}" for arm in range(len(self.rewarded)))
