"""An agent that remembers one thing for each state: what it did there last, and whether that was good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Agent, parameter
from .lapse import as_preference, choices, lapse, lapsed


def start(p: Any, w: Any, reflex: Any) -> None:
    """Nothing has been done yet, anywhere."""
    w.last[:] = 0.0
    w.won[:] = 0.0


def repeated(last: Any, won: Any, action: int, n: float) -> float:
    """The probability of an action, of n: `last` is 1 more than the last one's number there, 0 where there is none."""
    if last == 0.0 or n == 1.0:
        return 1.0 / n
    again = 1.0 if last == action + 1.0 else 0.0
    return again if won > 0.0 else (1.0 - again) / (n - 1.0)


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """What won is done again, what lost is not, but for lapses."""
    n = choices(e.available, z.size)
    for a in range(z.size):
        z[a] = as_preference(lapsed(repeated(w.last[e.state], w.won[e.state], a, n), p.lapse, n))


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """Remember the action, and whether its outcome was above the aspiration."""
    w.last[e.state] = e.action + 1.0
    w.won[e.state] = 1.0 if e.reward > p.aspiration else 0.0
    y.rpe = e.reward - p.aspiration
    y.value = p.aspiration


def show(p: Any, w: Any, e: Any, y: Any) -> None:
    """Nothing of what it shows has been learned."""


@dataclass(frozen=True)
class WinStayLoseShift(Agent):
    """Win-stay lose-shift: repeats in each state what won there last, and does anything else after a loss.

    P(a|s) = (1 - ξ)·P₀ + ξ/n; P₀ is 1 for the last action after a win, 1/(n - 1) for each other one after a loss, and
    1/n before the first

    An outcome above the `aspiration` is a win, one that is not a loss. It looks at the outcome of this step alone, so
    in tasks where costs are all there is, every outcome is a loss unless the aspiration lies below 0. It remembers what
    it did in each state, compounds too, and knows nothing of their elements. Pain and doing nothing: as QLearning.

    It is QLearning with learning rate 1, no discount and an infinite β only up to the first outcome in a state, of two
    actions and outcomes ±1: QLearning also keeps what the other action brought before. What has this rule as its limit
    is Rescorla-Wagner learning that forgets all but the last outcome.

    Signals: `rpe` the outcome against the aspiration, whose sign decides; `value` the aspiration, which never learns.
    Source: Nowak & Sigmund 1993, doi 10.1038/364056a0; with lapses: Wilson & Collins 2019, doi 10.7554/eLife.49547.
    """

    start = start
    prefer = prefer
    learn = learn
    show = show
    signals = ("rpe", "value")

    aspiration: float = parameter(
        0.0, doc="outcome above which there is a win", unit="reward", low=-1000.0, high=1000.0, source="scale"
    )
    lapse: float = lapse()

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        return {"last": (n_states,), "won": (n_states,)}
