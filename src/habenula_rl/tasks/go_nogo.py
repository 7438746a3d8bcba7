"""Orthogonal go/no-go: acting or waiting, to win or to avoid losing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from ..randomness import pile_drawn, uniform

NO_GO, GO = 0, 1
CONDITIONS = ("go to win", "go to avoid", "no-go to win", "no-go to avoid")


def begin(q: Any, x: Any, e: Any) -> None:
    """The next cue, drawn from those that are left of its set; the first set follows the last."""
    left = 0.0
    for k in range(x.left.size):
        left += x.left[k]
    if left == 0.0:
        x.cue_set = x.cue_set + 1.0 if x.cue_set < q.sets else 1.0
        for k in range(x.left.size):
            x.left[k] = q.exposures[k]
    condition = pile_drawn(x.left, uniform(e, 0))
    x.left[condition] -= 1.0
    e.state = int(x.cue_set - 1.0) * 4 + condition


def step(q: Any, x: Any, e: Any) -> None:
    """The right response brings the better outcome with probability `validity`, the wrong one with 1 - `validity`."""
    condition = e.state - int(x.cue_set - 1.0) * 4
    right = e.action == (GO if condition < 2 else NO_GO)
    better = right == (uniform(e, 1) < q.validity)
    if condition == 0 or condition == 2:
        e.reward = q.win if better else q.no_win
    else:
        e.reward = q.no_loss if better else q.loss
    e.next_state = e.state
    e.terminated = 1
    e.truncated = 0


@dataclass(frozen=True)
class GoNoGo(Task):
    """Orthogonal go/no-go task.

    Description: each cue asks for a response or for none, in order to win or in order not to lose, so that what is
        learned and what good and bad prospects do by themselves can be separated. The four conditions of a set of cues
        come in random order, each as often as `exposures` says, then those of the next set; after the last set the
        first comes again.
    Action space: Discrete(2): 0 no-go, 1 go.
    Observation space: Discrete(4·sets): 0 go to win, 1 go to avoid, 2 no-go to win, 3 no-go to avoid, then so on for
        the next sets.
    Start: at a cue.
    Outcomes: after the right response the better outcome (`win`, `no_loss`) with probability `validity`, else the
        worse one (`no_win`, `loss`); after the wrong response the reverse.
    End: each trial has one step and terminates.
    Source: Guitart-Masip et al. 2012, doi 10.1016/j.neuroimage.2012.04.024; as in Experiment 1 of Zorowitz et al. 2025,
        doi 10.5334/cpsy.127: 8 cues (robots), 30 trials each, 240 in all; 10 points are 1 here.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("cue_set",)
    memory_like = {"left": "exposures"}  # noqa: RUF012
    short_session = {"exposures": (2, 2, 2, 2)}  # noqa: RUF012

    sets: int = parameter(2, doc="sets of four cues, one after the other", low=1, high=8, source="Zorowitz 2025")
    exposures: tuple[int, ...] = parameter(
        (30, 30, 30, 30),
        doc="trials with each cue of a set, in the order of the conditions",
        unit="trials",
        low=0,
        high=1000,
        source="Zorowitz 2025",
    )
    validity: float = parameter(
        0.8, doc="probability that the right response brings the better outcome", low=0, high=1, source="Zorowitz 2025"
    )
    win: float = parameter(
        1.0,
        doc="better outcome where there is something to win",
        unit="reward",
        low=-100,
        high=100,
        source="Zorowitz 2025: +10 points",
    )
    no_win: float = parameter(
        0.1,
        doc="worse outcome where there is something to win",
        unit="reward",
        low=-100,
        high=100,
        source="Zorowitz 2025: +1 point",
    )
    no_loss: float = parameter(
        -0.1,
        doc="better outcome where there is something to lose",
        unit="reward",
        low=-100,
        high=100,
        source="Zorowitz 2025: -1 point",
    )
    loss: float = parameter(
        -1.0,
        doc="worse outcome where there is something to lose",
        unit="reward",
        low=-100,
        high=100,
        source="Zorowitz 2025: -10 points",
    )
    go_reflex: float = parameter(
        0.34,
        doc="how far responding is what people do at a cue that they do not know",
        low=0,
        high=1,
        source="set; 0.7 go at the first exposure: Zorowitz 2025",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.exposures) != len(CONDITIONS) or not sum(self.exposures):
            raise ValueError(
                "GoNoGo: exposures must hold four numbers, the trials of go to win, go to avoid, no-go to win and "
                f"no-go to avoid, not all of them 0, not {list(self.exposures)}"
            )

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(f"{name}, set {k + 1}" for k in range(self.sets) for name in CONDITIONS)

    @property
    def actions(self) -> tuple[str, ...]:
        return ("no-go", "go")

    @property
    def passive(self) -> int:
        return NO_GO

    @property
    def reflex(self) -> tuple[tuple[float, ...], ...]:
        return ((0.0, self.go_reflex),) * len(self.states)
