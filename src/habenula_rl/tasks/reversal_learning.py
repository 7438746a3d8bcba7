"""Reversal learning: the arm that pays best is another one after a while, or once it has been found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Task, parameter
from ..randomness import uniform

ARMS = 0
PAY, START, LENGTH, MOVE = 0, 1, 2, 3  # slots of the draws
LONGEST_WINDOW = 50  # choices that one number holds, one bit each
ARM_COUNTS = (2, 3)


def begin(q: Any, x: Any, e: Any) -> None:
    """Before the arms, after a reversal where one is due."""
    n = q.probabilities.size
    if e.trial == 0:
        x.best = np.floor(uniform(e, START) * n)
        x.oldest = 1.0  # worth of the bit of the oldest choice in the window
        for k in range(1, LONGEST_WINDOW):
            x.oldest *= 2.0 if k < q.window else 1.0
        open_stage(q, x, e)
    elif is_due(q, x):
        x.best += 1.0 + np.floor(uniform(e, MOVE) * (n - 1))
        x.best -= n if x.best >= n else 0.0
        open_stage(q, x, e)
    e.state = ARMS


def open_stage(q: Any, x: Any, e: Any) -> None:
    """From here until the next reversal: nothing counted yet."""
    x.trials = 0.0
    x.history = 0.0
    x.right = 0.0
    spread = np.floor(q.block * q.jitter)
    x.length = q.block - spread + np.floor(uniform(e, LENGTH) * (2.0 * spread + 1.0))


def is_due(q: Any, x: Any) -> bool:
    """Whether the criterion is reached or the block over."""
    if q.correct > 0.0 and x.right >= q.correct:
        return True
    return q.block > 0.0 and x.trials >= x.length  # type: ignore[no-any-return]


def step(q: Any, x: Any, e: Any) -> None:
    """One choice. The best arm has the first of the probabilities, the arms after it, in a circle, the next."""
    rank = e.action - int(x.best)
    rank += q.probabilities.size if rank < 0 else 0
    e.reward = q.reward if uniform(e, PAY) < q.probabilities[rank] else q.otherwise
    e.next_state = ARMS + 1 + int(x.best)
    e.terminated = 1
    e.truncated = 0
    count(x, 1.0 if rank == 0 else 0.0)


def count(x: Any, right: float) -> None:
    """One more choice in the window, and the oldest one out of it; `history` holds them as the bits of a number."""
    x.trials += 1.0
    if x.history >= x.oldest:
        x.history -= x.oldest
        x.right -= 1.0
    x.history = 2.0 * x.history + right
    x.right += right


@dataclass(frozen=True)
class ReversalLearning(Task):
    """Probabilistic reversal learning, by blocks and by a criterion.

    Description: one of two or three arms pays best. Which one changes after `block` trials, give or take a fraction
        `jitter`, and as soon as `correct` of the last `window` choices since the last reversal were of the best arm,
        whichever is first; 0 switches either off. The new best arm is any other, with equal probability; the arms after
        the best one, in a circle, have the other probabilities.
    Action space: Discrete(2) or Discrete(3): the arms.
    Observation space: Discrete(1 + arms): 0 the arms; a trial ends in 1 + a where arm a was the best, for the record:
        an agent that learns from its last observation learns too much.
    Start: before the arms; the first best arm is random.
    Outcomes: `reward` with the arm's probability, else `otherwise`.
    End: each choice is a trial of one step and terminates.
    Source: Bari et al. 2010, doi 10.1038/npp.2009.233 (rats, 80/20, 8 correct in a row, 200 trials a session).
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("best", "trials", "length", "history", "oldest", "right")
    short_session = {"block": 30}  # noqa: RUF012

    probabilities: tuple[float, ...] = parameter(
        (0.8, 0.2), doc="probability of a reward, best arm first", low=0, high=1, source="Bari 2010"
    )
    correct: int = parameter(
        8,
        doc="correct choices in the window that bring a reversal, 0: none does",
        unit="choices",
        low=0,
        high=LONGEST_WINDOW,
        source="Bari 2010",
    )
    window: int = parameter(
        8, doc="choices in which they are counted", unit="choices", low=1, high=LONGEST_WINDOW, source="Bari 2010"
    )
    block: int = parameter(
        0,
        doc="trials after which a reversal comes in any case, 0: none does",
        unit="trials",
        low=0,
        high=100000,
        source="Bari 2010",
    )
    jitter: float = parameter(
        0.0, doc="by what fraction of it a block may be shorter or longer", unit="fraction", low=0, high=1, source="set"
    )
    reward: float = parameter(1.0, doc="reward", unit="reward", low=-100, high=100, source="scale")
    otherwise: float = parameter(
        0.0,
        doc="what comes in the place of a reward; below 0 a loss",
        unit="reward",
        low=-100,
        high=100,
        source="Bari 2010",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        n = len(self.probabilities)
        if n not in ARM_COUNTS:
            raise ValueError(f"ReversalLearning: probabilities must hold 2 or 3 numbers, one for each arm, not {n}")
        if self.correct > self.window:
            raise ValueError(
                f"ReversalLearning: correct must be at most window, not {self.correct} in {self.window} choices"
            )

    @property
    def states(self) -> tuple[str, ...]:
        return ("arms", *(f"arm {arm} was best" for arm in range(len(self.probabilities))))

    @property
    def choice_states(self) -> tuple[int, ...]:
        return (ARMS,)

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(f"arm {arm}" for arm in range(len(self.probabilities)))
