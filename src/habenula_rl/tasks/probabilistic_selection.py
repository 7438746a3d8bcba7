"""Probabilistic selection: three pairs of stimuli are learned, then all pairs are chosen from without feedback."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ..contract import Task, parameter
from ..randomness import pile_drawn, uniform

STIMULI = "ABCDEF"
PAIRS = tuple(combinations(range(len(STIMULI)), 2))
SCREEN = 0  # what all pairs are made of: what is learned about a stimulus holds in each of its pairs
AB, CD, EF = PAIRS.index((0, 1)), PAIRS.index((2, 3)), PAIRS.index((4, 5))


def begin(q: Any, x: Any, e: Any) -> None:
    """The next pair: of this block of training, or of the test."""
    if x.testing == 0.0 and total(x.training_left) == 0.0:
        open_block(q, x)
    if x.testing > 0.0:
        if total(x.test_left) == 0.0:
            for k in range(x.test_left.size):
                x.test_left[k] = q.tested[k]
        e.state = SCREEN + 1 + pile_drawn(x.test_left, uniform(e, 0))
    else:
        e.state = SCREEN + 1 + trained_pair(pile_drawn(x.training_left, uniform(e, 0)))


def total(numbers: Any) -> float:
    """Their sum."""
    found = 0.0
    for k in range(numbers.size):
        found += numbers[k]
    return found


def open_block(q: Any, x: Any) -> None:
    """Another block of training, or the test after the last one."""
    if x.blocks >= q.blocks or (x.blocks > 0.0 and has_learned(q, x)):
        x.testing = 1.0
    x.blocks += 1.0
    for k in range(x.training_left.size):
        x.training_left[k] = q.trained[k]
        x.right[k] = 0.0


def has_learned(q: Any, x: Any) -> bool:
    """Whether the better stimulus was chosen often enough in each pair of the block that is over."""
    missed = 0
    for k in range(x.right.size):
        if x.right[k] < q.criteria[k] * q.trained[k]:
            missed += 1
    return q.to_criterion > 0.0 and missed == 0


def trained_pair(k: int) -> int:
    """The number of the k-th pair of training: AB, CD or EF."""
    if k == 0:
        return AB
    return CD if k == 1 else EF


def first_of(pair: int) -> int:
    """The first stimulus of a pair: five pairs begin with A, four with B, three with C, two with D, one with E."""
    if pair < 9:
        return 0 if pair < 5 else 1
    if pair < 14:
        return 2 if pair < 12 else 3
    return 4


def second_of(pair: int) -> int:
    """The second stimulus of a pair."""
    if pair < 9:
        return pair + 1 if pair < 5 else pair - 3
    if pair < 14:
        return pair - 6 if pair < 12 else pair - 8
    return pair - 9


def step(q: Any, x: Any, e: Any) -> None:
    """One choice. A stimulus that is not there is no choice: nothing is shown, and the pair will come again."""
    pair = e.state - SCREEN - 1
    first, second = first_of(pair), second_of(pair)
    e.next_state = e.state
    e.terminated = 1
    e.truncated = 0
    e.feedback = 0
    if e.action == first or e.action == second:
        if x.testing > 0.0:
            x.test_left[pair] -= 1.0
        else:
            e.feedback = 1
            train(q, x, e, 0 if pair == AB else (1 if pair == CD else 2), e.action == first)


def train(q: Any, x: Any, e: Any, k: int, better: bool) -> None:
    """A trial of training: feedback is "correct" with the probability of the stimulus."""
    x.training_left[k] -= 1.0
    x.right[k] += 1.0 if better else 0.0
    chance = q.valid[k] if better else 1.0 - q.valid[k]
    e.reward = q.correct if uniform(e, 1) < chance else q.incorrect


@dataclass(frozen=True)
class ProbabilisticSelection(Task):
    """Probabilistic selection task: training with three pairs, then a transfer test with all of them.

    Description: stimuli A to F. In training the pairs AB, CD and EF come in random order; choosing the first of a pair
        is correct with probability `valid` (80, 70, 60 %), the second in the rest. Training ends after a block in which
        the first was chosen at least as often as `criteria` say, and at the latest after `blocks`. The test presents
        old and new pairs, each as often as `tested` says, without feedback; then it starts anew. With blocks 0 there is
        only the test. All pairs are made of one state, the screen, and a choice is that of a stimulus: what an agent
        has learned about A and B decides in the new pairs too.
    Action space: Discrete(6): the stimuli A to F; available are the two that are shown. Another one counts for nothing:
        no feedback, and the pair comes again.
    Observation space: Discrete(16): 0 the screen (never alone), then the pairs AB, AC, … EF.
    Start: before a pair.
    Outcomes: `correct` or `incorrect` in training; withheld in the test.
    End: each choice is a trial of one step and terminates; at most 420 trials with the defaults.
    Source: Frank, Seeberger & O'Reilly 2004, doi 10.1126/science.1102941 (blocks of 60 trials).
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("blocks", "testing")
    memory_like = {"training_left": "trained", "right": "trained", "test_left": "tested"}  # noqa: RUF012
    short_session = {"trained": (1, 1, 1), "criteria": (0.65, 0.0, 0.0)}  # noqa: RUF012

    valid: tuple[float, ...] = parameter(
        (0.8, 0.7, 0.6), doc="probability that A, C, E are correct against B, D, F", low=0, high=1, source="Frank 2004"
    )
    trained: tuple[int, ...] = parameter(
        (20, 20, 20), doc="trials a block with AB, CD, EF", unit="trials", low=0, high=1000, source="Frank 2004"
    )
    blocks: int = parameter(6, doc="most blocks of training", unit="blocks", low=0, high=1000, source="set")
    to_criterion: bool = parameter(True, doc="whether training ends once it is learned", source="Frank 2004")
    criteria: tuple[float, ...] = parameter(
        (0.65, 0.6, 0.5),
        doc="fraction of choices of A, C, E in a block that is learning",
        low=0,
        high=1,
        source="Frank 2004",
    )
    tested: tuple[int, ...] = parameter(
        (4,) * len(PAIRS),
        doc="trials of the test with AB, AC, AD, AE, AF, BC, … EF",
        unit="trials",
        low=0,
        high=1000,
        source="set; all pairs: Frank 2004",
    )
    correct: float = parameter(
        1.0,
        doc='feedback "correct"',
        unit="reward",
        low=-100,
        high=100,
        source="scale; 1 and 0 in Frank 2007, doi 10.1073/pnas.0706111104",
    )
    incorrect: float = parameter(
        0.0, doc='feedback "incorrect"', unit="reward", low=-100, high=100, source="as correct"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, n in {"valid": 3, "criteria": 3, "trained": 3, "tested": len(PAIRS)}.items():
            if len(getattr(self, name)) != n:
                raise ValueError(
                    f"ProbabilisticSelection: {name} must hold {n} numbers, not {len(getattr(self, name))}"
                )
        for name in ("trained", "tested"):
            if not sum(getattr(self, name)):
                raise ValueError(f"ProbabilisticSelection: {name} must not hold zeros only")

    @property
    def states(self) -> tuple[str, ...]:
        return ("screen", *(STIMULI[first] + STIMULI[second] for first, second in PAIRS))

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(STIMULI)

    @property
    def elements(self) -> tuple[tuple[int, ...], ...]:
        return ((SCREEN,),) * (1 + len(PAIRS))

    @property
    def available(self) -> tuple[tuple[bool, ...], ...]:
        return ((True,) * 6, *(tuple(s in pair for s in range(len(STIMULI))) for pair in PAIRS))
