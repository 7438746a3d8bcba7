"""An agent that learns more about what has surprised it of late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Agent, parameter
from . import action_values


def start(p: Any, w: Any, reflex: Any) -> None:
    """Nothing is expected, and every state is as associable as a new one is."""
    action_values.clear(w.action_value)
    w.associability[:] = p.initial_associability


def associability(before: Any, delta: Any, rate: Any) -> Any:
    """η·|δ| + (1 - η)·before, at most 1."""
    surprise = delta if delta > 0.0 else -delta
    after = rate * surprise + (1.0 - rate) * before
    return after if after < 1.0 else 1.0


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """Each element present learns at its own rate, which then follows the surprise."""
    delta = action_values.prediction_error(p, w, e)
    y.associability = w.associability[e.elements[0]]
    for k in range(e.elements.size):
        if e.elements[k] >= 0:
            s = e.elements[k]
            w.action_value[s, e.action] += p.learning_rate * w.associability[s] * delta
            w.associability[s] = associability(w.associability[s], delta, p.associability_rate)
    y.rpe = delta
    y.value = action_values.chosen(w, e)


@dataclass(frozen=True)
class PearceHall(Agent):
    """Rescorla-Wagner and Pearce-Hall in one: errors teach values, and their size sets how fast.

    δ = r + γ·max_a' Q(s', a') - Q(s, a)        Q(s, a) += κ·α(s)·δ        α(s) ← min(1, η·|δ| + (1 - η)·α(s))

    P(a|s) ∝ exp(β·Q(s, a)). Associability α belongs to a state, or to each element of a compound. It is a fraction, as
    in Pearce & Hall, whose outcomes are at most 1; with larger ones it would grow without bound, and is held at 1.

    With η = 0 it is QLearning at the rate κ·α₀. Pain and doing nothing: as QLearning.

    Signals: `rpe` δ; `value` Q(s, a), after learning; `associability` α(s) of the first element, with which this step
    was learned.
    Source: Pearce & Hall 1980, doi 10.1037/0033-295X.87.6.532; Li et al. 2011, doi 10.1038/nn.2904.
    """

    start = start
    prefer = action_values.prefer
    learn = learn
    show = action_values.show
    signals = ("rpe", "value", "associability")

    learning_rate: float = parameter(
        0.3,
        symbol="κ",
        doc="learning rate of value at full associability",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="set",
    )
    associability_rate: float = parameter(
        0.3, symbol="η", doc="learning rate of associability", unit="1/step", low=0.0, high=1.0, source="set"
    )
    initial_associability: float = parameter(
        1.0,
        symbol="α₀",
        doc="associability of what is new",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="scale: full; Pearce & Hall 1980",
    )
    discount: float = action_values.discount()
    beta: float = action_values.beta()

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        return action_values.state(n_states, n_actions) | {"associability": (n_states,)}
