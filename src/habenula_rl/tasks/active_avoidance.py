"""Active avoidance: a warning signal in which a response keeps the shock away, and its extinction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import parameter
from .shuttle_box import WARNING, Box, ShuttleBox, clear, count, settle

ALWAYS = 1_000_000


def begin(q: Any, x: Any, e: Any) -> None:
    """The warning signal comes on."""
    clear(q, x)
    e.state = WARNING


def step(q: Any, x: Any, e: Any) -> None:
    """One second. In extinction the warning signal ends without a shock."""
    count(x, e)
    responded = q.escapable > 0.0 and x.responses > 0.0
    spent = q.escapable == 0.0 and x.shocked >= x.duration
    settle(q, x, e, q.shock, responded, spent or (e.trial >= q.shocked_trials and x.elapsed >= q.warning_s))


@dataclass(frozen=True)
class ActiveAvoidance(Box):
    """Two-way active avoidance in the shuttle box, with extinction, or its classical control.

    Description: a warning signal, then shock. A crossing during the signal avoids the shock, one during the shock
        escapes it. From trial `shocked_trials` on the signal is followed by nothing: extinction. Without `escapable`
        crossing changes nothing and signal and shock take their course: classical fear conditioning. What the
        signal has come to mean is the value of state 1. Rules as in the ShuttleBox.
    Action space: Discrete(2): 0 stay, 1 cross. A step lasts 1 s.
    Observation space: Discrete(3): 0 safe, 1 warning signal, 2 shock.
    Start: the warning signal.
    Outcomes: -cost·shock for each second of shock, half of it for the one in which a crossing ends it; -effort for each
        crossing.
    End: terminated by the crossing that escapes or avoids; truncated when the signal in extinction, or the shock, has
        run out. What no crossing can end is never terminated.
    Source: the protocol for mice of the Johns Hopkins Neurogenetics and Behavior Center,
        http://nbc.jhu.edu/protocols/ActiveAvoidanceProtocol.aspx; the classical control as in Amo et al. 2014, doi
        10.1016/j.neuron.2014.10.035.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("elapsed", "shocked", "responses", "duration")

    escapable: bool = parameter(
        True, doc="whether crossing avoids and ends the shock; without, classical conditioning", source="Amo 2014"
    )
    warning_s: int = parameter(
        5,
        doc="warning signal before the shock",
        unit="s",
        low=1,
        high=3600,
        source="Johns Hopkins protocol; 10 in Seligman & Maier 1967",
    )
    max_shock_s: int = parameter(
        5, doc="longest shock", unit="s", low=1, high=3600, source="Johns Hopkins protocol; 30 in the ShuttleBox"
    )
    shocked_trials: int = parameter(
        ALWAYS,
        doc="trials with shock, after which extinction begins",
        unit="trials",
        low=0,
        high=ALWAYS,
        source="set: no extinction",
    )
    shock: float = parameter(ShuttleBox.shock, doc="intensity, 1 is full aversion", low=0, high=1, source="scale")
    cost: float = parameter(
        ShuttleBox.cost,
        doc="what a second of full aversion costs",
        unit="reward",
        low=0,
        high=100,
        source="as in the ShuttleBox",
    )
    effort: float = parameter(
        ShuttleBox.effort, doc="what a crossing costs", unit="reward", low=0, high=100, source="as in the ShuttleBox"
    )
    crossing_reflex: float = parameter(
        ShuttleBox.crossing_reflex,
        doc="how far an animal crosses under shock by nature, untaught",
        low=0,
        high=1,
        source="as in the ShuttleBox",
    )
