"""Passive avoidance: the dark is attractive, and whoever enters it is shocked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from .shuttle_box import ShuttleBox

LIGHT, DARK, SHOCK = 0, 1, 2
WAIT, ENTER = 0, 1


def begin(q: Any, x: Any, e: Any) -> None:
    """In the light, the door to the dark open."""
    x.shocked = 0.0
    e.state = LIGHT


def step(q: Any, x: Any, e: Any) -> None:
    """One second in the light, or of the shock that followed the step into the dark."""
    if e.state == SHOCK:
        suffer(q, x, e)
    elif e.action == ENTER:
        punished = e.trial < q.shocked_trials
        e.next_state = SHOCK if punished else DARK
        e.reward = q.dark
        e.terminated = 0 if punished else 1
    else:
        e.next_state = LIGHT
        e.truncated = 1 if e.step + 1 >= q.cutoff_s else 0


def suffer(q: Any, x: Any, e: Any) -> None:
    """One second of shock, which nothing ends before its time."""
    x.shocked += 1.0
    ended = x.shocked >= q.shock_s
    e.next_state = DARK if ended else SHOCK
    e.reward = -q.cost * q.shock
    e.terminated = 1 if ended else 0


@dataclass(frozen=True)
class PassiveAvoidance(Task):
    """Step-through passive (inhibitory) avoidance.

    Description: an animal is put into the light; the dark next door attracts it, and stepping through is punished with
        a shock in the first `shocked_trials` trials. Waiting is safe. The readout is the step-through latency.
    Action space: Discrete(2): 0 wait, 1 enter the dark. A step lasts 1 s.
    Observation space: Discrete(3): 0 light, 1 dark, 2 shock in the dark.
    Start: in the light.
    Outcomes: `dark` for stepping through; -cost·shock for each second of shock.
    End: terminated in the dark, where there is shock after it; truncated after `cutoff_s` in the light.
    Source: Jarvik & Kopp 1967, doi 10.2466/pr0.1967.21.1.221; one shocked trial and a retention test (here a phase with
        shocked_trials 0), or shock on every entry.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("shocked",)

    shocked_trials: int = parameter(
        1, doc="trials in which entering is punished", unit="trials", low=0, high=1_000_000, source="Jarvik & Kopp 1967"
    )
    cutoff_s: int = parameter(
        300, doc="longest time in the light", unit="s", low=1, high=3600, source="common in rodents"
    )
    shock_s: int = parameter(2, doc="length of the shock", unit="s", low=1, high=3600, source="common in rodents: 1-3")
    shock: float = parameter(ShuttleBox.shock, doc="intensity, 1 is full aversion", low=0, high=1, source="scale")
    cost: float = parameter(
        ShuttleBox.cost,
        doc="what a second of full aversion costs",
        unit="reward",
        low=0,
        high=100,
        source="as in the ShuttleBox",
    )
    dark: float = parameter(
        0.3, doc="what reaching the dark is worth", unit="reward", low=-100, high=100, source="set: a second of shock"
    )
    entering_reflex: float = parameter(
        0.25, doc="how far a rodent enters the dark by nature, untaught", low=0, high=1, source="set"
    )

    @property
    def states(self) -> tuple[str, ...]:
        return ("light", "dark", "shock")

    @property
    def actions(self) -> tuple[str, ...]:
        return ("wait", "enter")

    @property
    def passive(self) -> int:
        return WAIT

    @property
    def aversive(self) -> tuple[float, ...]:
        return (0.0, 0.0, self.shock)

    @property
    def reflex(self) -> tuple[tuple[float, ...], ...]:
        return ((0.0, self.entering_reflex), (0.0, 0.0), (0.0, 0.0))

    @property
    def step_s(self) -> float:
        return 1.0

    @property
    def max_steps(self) -> int:
        return self.cutoff_s + self.shock_s
