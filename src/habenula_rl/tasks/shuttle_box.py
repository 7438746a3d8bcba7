"""The shuttle box: shock that a crossing ends, or that ends when it will."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Task, parameter

SAFE, WARNING, SHOCK, WEAKER = 0, 1, 2, 3
STAY, CROSS = 0, 1
HALF_S = 0.5  # how long a shock is felt in the second in which a crossing ends it


def begin(q: Any, x: Any, e: Any) -> None:
    """A trial opens with the warning signal, or else with the shock; a shock of no length never comes."""
    clear(q, x)
    if q.escapable == 0.0:
        x.duration = e.scripted
    spared = x.duration <= 0.0  # the partner avoided this one
    if q.warning_s > 0.0:
        e.state = WARNING
    else:
        e.state = SAFE if spared else shock_now(q, e)


def shock_now(q: Any, e: Any) -> int:
    """The state under shock: on a leash in the trials in which the animal is dragged across."""
    if q.pulled[0] <= e.trial < q.pulled[1]:
        return WEAKER if q.lessened == 1.0 else WEAKER + 1
    return SHOCK


def step(q: Any, x: Any, e: Any) -> None:
    """One second. A crossing counts where there is control; where there is none the shock runs its course."""
    count(x, e)
    responded = q.escapable > 0.0 and x.responses >= q.responses
    shock = q.shock * (q.lessened if e.state == WEAKER else 1.0)
    settle(q, x, e, shock, responded, q.escapable == 0.0 and x.shocked >= x.duration)
    if q.lessened < 1.0 and q.escapable == 0.0 and e.next_state == SHOCK and x.responses >= q.responses:
        e.next_state = WEAKER
    if e.next_state == SHOCK:
        e.next_state = shock_now(q, e)


def clear(q: Any, x: Any) -> None:
    """Nothing has happened in this trial yet, and the shock may last as long as it can."""
    x.duration = q.max_shock_s
    x.elapsed = 0.0
    x.shocked = 0.0
    x.responses = 0.0


def count(x: Any, e: Any) -> None:
    """This second, the shock in it, and the crossing."""
    x.elapsed += 1.0
    x.responses += 1.0 if e.action == CROSS else 0.0
    if e.state >= SHOCK:
        x.shocked += 1.0


def settle(q: Any, x: Any, e: Any, shock: Any, responded: Any, over: Any) -> None:
    """Where this second leads and what it brings: `responded` where a response ends the trial, `over` where it is over.

    A second of shock costs as far as the shock lasts: half where a crossing ends it, the animal's own or a partner's.
    """
    ended = responded or over
    if ended:
        e.next_state = SAFE
    elif e.state == WARNING and x.elapsed < q.warning_s:
        e.next_state = WARNING
    else:
        e.next_state = SHOCK
    felt = HALF_S if responded else min(max(x.duration - x.shocked + 1.0, 0.0), 1.0)
    hurt = q.cost * shock * felt if e.state >= SHOCK else 0.0
    e.reward = -q.effort * (1.0 if e.action == CROSS else 0.0) - hurt
    e.terminated = 1 if responded else 0
    e.truncated = 1 if not responded and (over or x.shocked >= q.max_shock_s) else 0


class Box(Task):
    """The shuttle box itself: its places, its movements, and what is done there by nature."""

    shock: float
    crossing_reflex: float
    warning_s: int
    max_shock_s: int

    @property
    def states(self) -> tuple[str, ...]:
        return ("safe", "warning", "shock")

    @property
    def actions(self) -> tuple[str, ...]:
        return ("stay", "cross")

    @property
    def passive(self) -> int:
        return STAY

    @property
    def aversive(self) -> tuple[float, ...]:
        return (0.0, 0.0, self.shock)

    @property
    def reflex(self) -> tuple[tuple[float, ...], ...]:
        """Where nothing hurts an animal stays where it is."""
        return ((1.0, 0.0), (1.0, 0.0), (0.0, self.crossing_reflex))

    @property
    def max_steps(self) -> int:
        return self.warning_s + self.max_shock_s

    @property
    def step_s(self) -> float:
        return 1.0


@dataclass(frozen=True)
class ShuttleBox(Box):
    """Shuttle box with escapable, inescapable or yoked shock.

    Description: two compartments with a grid floor. With `escapable`, `responses` crossings end the shock (during the
        warning signal they avoid it). Without, a shock lasts as long as `durations_s` says, whatever the subject
        does; a yoked subject is given its partner's durations, trial by trial. With `lessened`, `responses` crossings
        leave that much of what cannot be escaped: control over intensity alone (Alloy & Bersh 1979). In the trials
        from the first number of `pulled` to before the second the animal is dragged across by a leash as soon as there
        is shock: crossing is all that it can do then, and what it learns of it is learned about shock (Seligman, Maier
        & Geer 1968).
    Action space: Discrete(2): 0 stay, 1 cross. A step lasts 1 s.
    Observation space: Discrete(3): 0 safe, 1 warning signal, 2 shock; with `lessened` below 1 also weaker shock, and
        with `pulled` shock on a leash, made of shock.
    Start: the warning signal where `warning_s` > 0, else the shock.
    Outcomes: -cost·shock for each second that the shock lasts, half of it for the one in which a crossing ends it, and
        for the same one of a yoked subject; of the weaker shock -cost·shock·lessened; -effort for each crossing.
    End: terminated by the crossing that escapes or avoids; truncated when the shock has run out, after its duration or
        `max_shock_s`: a failure. What no crossing can end is never terminated.
    Source: Seligman & Maier 1967, doi 10.1037/h0024514; Seligman, Maier & Geer 1968, doi 10.1037/h0025831; Alloy &
        Bersh 1979, doi 10.3758/BF03209265; Wu et al. 2021, doi 10.7554/eLife.64041.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("elapsed", "shocked", "responses", "duration")
    short_session = {"escapable": False}  # noqa: RUF012

    escapable: bool = parameter(True, doc="whether crossing ends the shock", source="Seligman & Maier 1967")
    responses: int = parameter(
        1, doc="crossings needed to end the shock", unit="crossings", low=1, high=100, source="set"
    )
    warning_s: int = parameter(
        0, doc="warning signal before the shock", unit="s", low=0, high=3600, source="set; 10 in Seligman & Maier 1967"
    )
    max_shock_s: int = parameter(
        30, doc="shock after which a trial is a failure", unit="s", low=1, high=3600, source="Seligman & Maier 1967"
    )
    durations_s: tuple[float, ...] = parameter(
        (5.0,),
        doc="durations of inescapable shocks, trial by trial, then again from the first",
        unit="s",
        low=1,
        high=3600,
        source="set; 3 in Wu 2021",
        by_trial=True,
    )
    lessened: float = parameter(
        1.0,
        doc="what crossings leave of the intensity of inescapable shock",
        unit="fraction",
        low=0,
        high=1,
        source="none; 0.47 in Alloy & Bersh 1979",
    )
    pulled: tuple[int, ...] = parameter(
        (0, 0),
        doc="trial, from 0, from which on the animal is dragged across, and the first in which it no longer is",
        unit="trials",
        low=0,
        high=100000,
        source="never; Seligman, Maier & Geer 1968",
    )
    shock: float = parameter(1.0, doc="intensity, 1 is full aversion", low=0, high=1, source="scale")
    cost: float = parameter(
        0.5, doc="what a second of full aversion costs", unit="reward", low=0, high=100, source="set"
    )
    effort: float = parameter(0.05, doc="what a crossing costs", unit="reward", low=0, high=100, source="set")
    crossing_reflex: float = parameter(
        0.0,
        doc="how far an animal crosses under shock by nature, untaught; 1: struggling in water",
        low=0,
        high=1,
        source="set: what an untaught animal does under shock leads over the hurdle by chance alone",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.pulled) != 2:
            raise ValueError(f"ShuttleBox: pulled must hold 2 numbers of trials, not {len(self.pulled)}")
        if self.pulled[0] > self.pulled[1]:  # which would pull in no trial
            raise ValueError(
                f"ShuttleBox: pulled must not end, at {self.pulled[1]}, before it begins, {self.pulled[0]}"
            )

    @property
    def states(self) -> tuple[str, ...]:
        weaker = ("weaker shock",) if self.lessened < 1.0 else ()
        return (*super().states, *weaker, *(("shock on a leash",) if self.leash else ()))

    @property
    def aversive(self) -> tuple[float, ...]:
        weaker = (self.shock * self.lessened,) if self.lessened < 1.0 else ()
        return (*super().aversive, *weaker, *((self.shock,) if self.leash else ()))

    @property
    def reflex(self) -> tuple[tuple[float, ...], ...]:
        return (*super().reflex, *(super().reflex[SHOCK],) * (len(self.states) - SHOCK - 1))

    @property
    def leash(self) -> bool:
        """Whether the animal is dragged across in any trial."""
        return self.pulled[0] < self.pulled[1]

    @property
    def elements(self) -> tuple[tuple[int, ...], ...]:
        return (*super().elements[:-1], (SHOCK,)) if self.leash else super().elements

    @property
    def available(self) -> tuple[tuple[bool, ...], ...]:
        return (*((True, True),) * (len(self.states) - 1), (False, True)) if self.leash else ()

    def durations(self, rows: Any, first: int, n_subjects: int, n_trials: int) -> Any:
        """Seconds of shock in each trial, 0 where it was avoided; a second that a crossing cut short counts as half.

        A crossing that ends a shock terminates its trial. How far a shock that no crossing can end lasted in its last
        second is read, to the millisecond, from what that second cost; NaN where it cost too little for that.
        """
        rows = rows[rows["state"] >= SHOCK]
        felt = np.where(rows["terminated"] > 0, HALF_S, 1.0)
        if not self.escapable:
            last = rows["truncated"] > 0
            end = rows[last]
            whole = self.cost * self.shock * np.where(end["state"] == WEAKER, self.lessened, 1.0)
            hurt = -end["outcome"].astype(float) - self.effort * (end["action"] == CROSS)
            legible = np.finfo(np.float32).eps * (self.effort + whole) < 1e-4 * whole  # outcomes are single precision
            felt[last] = np.round(np.divide(hurt, whole, where=legible, out=np.full(end.size, np.nan)), 3)
        trial = (rows["subject"] - np.int64(first)) * n_trials + rows["trial"]
        seconds = np.bincount(trial, felt, n_subjects * n_trials)
        return seconds.reshape(n_subjects, n_trials)
