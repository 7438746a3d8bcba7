"""Progressive ratio: each reward costs more presses than the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from .sucrose_preference import SucrosePreference

PAUSE, WORK = 0, 1


def begin(q: Any, x: Any, e: Any) -> None:
    """A new session, from the first ratio on."""
    x.rewards = 0.0
    x.presses = 0.0
    x.paused = 0.0
    e.state = 0


def step(q: Any, x: Any, e: Any) -> None:
    """A bout of presses, or a pause as long."""
    e.next_state = e.state
    if e.action == WORK:
        press(q, x, e)
    else:
        x.paused += q.bout_s
    given_up = x.paused >= q.limit_s
    e.truncated = 1 if e.terminated == 0 and (given_up or (e.step + 1) * q.bout_s >= q.session_s) else 0


def press(q: Any, x: Any, e: Any) -> None:
    """Presses until the pellet comes or the bout is over; what was pressed before a pause still counts."""
    missing = q.ratios[int(x.rewards)] - x.presses
    paid = missing <= q.bout
    made = missing if paid else q.bout
    x.paused = 0.0
    x.presses = 0.0 if paid else x.presses + made
    x.rewards += 1.0 if paid else 0.0
    e.next_state = int(x.rewards)
    e.reward = (q.pellet if paid else 0.0) - q.effort * made
    e.terminated = 1 if x.rewards >= q.ratios.size else 0


@dataclass(frozen=True)
class ProgressiveRatio(Task):
    """Progressive ratio schedule of reinforcement.

    Description: a lever that pays after a number of presses which grows from pellet to pellet (`ratios`). At each ratio
        the animal decides whether to work or to pause, again and again: a decision to work is for a bout of up to
        `bout` presses, which ends with the pellet. It knows how many pellets it has had in this session, and so the
        ratio; how far it has come within the ratio is not shown. Pauses come before a ratio and grow long near the
        end of a session (pigeons: Stafford & Branch 1998, doi 10.1901/jeab.1998.70-123). The readout is the breakpoint,
        the last ratio that was completed. Animals are trained until it is steady: in the first sessions a learner only
        finds out what each ratio costs (of QLearning the breakpoint falls from 282 to 85 in 20 sessions, and to 74 in
        60).
    Action space: Discrete(2): 0 pause, 1 work. A step lasts `bout_s`.
    Observation space: one state for each ratio, 0 … the ratio that is being worked for; then the last one, all done.
    Start: at the first ratio.
    Outcomes: `pellet` for a completed ratio; -effort for each press.
    End: truncated when the animal has paused for `limit_s`, or after `session_s`; terminated by the last ratio. With
        the default list that is a ceiling of 603 presses. WinStayLoseShift, which works in every second step
        whatever it costs, always gets there; others may in their first sessions. A trial is a session.
    Source: Hodos 1961, doi 10.1126/science.134.3483.943; Richardson & Roberts 1996,
        doi 10.1016/0165-0270(95)00153-0.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("rewards", "presses", "paused")

    ratios: tuple[float, ...] = parameter(
        (1, 2, 4, 6, 9, 12, 15, 20, 25, 32, 40, 50, 62, 77, 95, 118, 145, 178, 219, 268, 328, 402, 492, 603),
        doc="presses for each pellet of a session",
        unit="presses",
        low=1,
        high=100_000,
        source="5·e^(0.2·n) - 5, rounded: Richardson & Roberts 1996",
    )
    bout: int = parameter(
        60,
        doc="most presses that one decision to work is for",
        unit="presses",
        low=1,
        high=100_000,
        source="set: one a second",
    )
    bout_s: int = parameter(60, doc="how long a bout, or a pause, lasts", unit="s", low=1, high=3600, source="set")
    limit_s: int = parameter(
        900,
        doc="time without a press that ends the session",
        unit="s",
        low=1,
        high=100_000,
        source="15 min: Hodos & Kalman 1963, doi 10.1901/jeab.1963.6-387",
    )
    session_s: int = parameter(
        3 * 3600, doc="longest session", unit="s", low=1, high=100_000, source="set: long enough for all ratios"
    )
    pellet: float = parameter(
        1.0, doc="what a pellet is worth", unit="reward", low=-100, high=100, source="set: the largest reward is 1"
    )
    effort: float = parameter(
        SucrosePreference.effort, doc="what a press costs", unit="reward", low=0, high=100, source="as a lick"
    )

    @property
    def states(self) -> tuple[str, ...]:
        return (*(f"ratio {k + 1}" for k in range(len(self.ratios))), "done")

    @property
    def actions(self) -> tuple[str, ...]:
        return ("pause", "work")

    @property
    def passive(self) -> int:
        return PAUSE

    @property
    def step_s(self) -> float:
        return float(self.bout_s)

    @property
    def max_steps(self) -> int:
        return -(-self.session_s // self.bout_s)
