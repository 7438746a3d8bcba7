"""One learning rate, or two: value learned from prediction errors and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..circuit.elements import learned_of
from ..contract import Agent, parameter
from . import action_values


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """The chosen action's value moves towards what came of it."""
    delta = action_values.prediction_error(p, w, e)
    learned_of(w.action_value, e.elements, e.action, p.learning_rate * delta)
    y.rpe = delta
    y.value = action_values.chosen(w, e)


def learn_at_two_rates(p: Any, w: Any, e: Any, y: Any) -> None:
    """The same at the rate for better, or for worse, than expected."""
    delta = action_values.prediction_error(p, w, e)
    rate = p.rate_better if delta > 0.0 else p.rate_worse
    learned_of(w.action_value, e.elements, e.action, rate * delta)
    y.rpe = delta
    y.value = action_values.chosen(w, e)


@dataclass(frozen=True)
class QLearning(Agent):
    """Q-learning, which in trials of one step is the Rescorla-Wagner rule.

    δ = r + γ·max_a' Q(s', a') - Q(s, a)        Q(s, a) += α·δ        P(a|s) ∝ exp(β·Q(s, a))

    In a compound Q is the sum over its elements, and each changes by α·δ, so that one of n learns at the rate
    n·α: above 2 it does not converge. Pain counts only as far as the task puts it into reward (`e.punishment` is not
    looked at), and doing nothing is an action like any other. The best next action is one that can be chosen there.

    Signals: `rpe` δ; `value` Q(s, a) of the action taken, after learning.
    Source: Rescorla & Wagner 1972; Watkins & Dayan 1992, doi 10.1007/BF00992698.
    """

    start = action_values.start
    prefer = action_values.prefer
    learn = learn
    show = action_values.show
    signals = ("rpe", "value")
    state = staticmethod(action_values.state)

    learning_rate: float = action_values.learning_rate()
    discount: float = action_values.discount()
    beta: float = action_values.beta()


@dataclass(frozen=True)
class DualRate(Agent):
    """Q-learning with one learning rate for better and one for worse than expected: risk-sensitive.

    Q(s, a) += α₊·δ where δ > 0, else α₋·δ, and all else as QLearning

    With α₊ < α₋ a risky option is worth less than a safe one of the same mean. With α₊ = α₋ = α it is QLearning.

    Signals: as QLearning.
    Source: Mihatsch & Neuneier 2002, doi 10.1023/A:1017940631555; Niv et al. 2012, doi 10.1523/JNEUROSCI.5498-10.2012.
    """

    start = action_values.start
    prefer = action_values.prefer
    learn = learn_at_two_rates
    show = action_values.show
    signals = ("rpe", "value")
    state = staticmethod(action_values.state)

    rate_better: float = parameter(
        0.1,
        symbol="α₊",
        doc="learning rate for better than expected",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="set: that of QLearning",
    )
    rate_worse: float = parameter(
        0.2,
        symbol="α₋",
        doc="learning rate for worse than expected",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="set: twice the other, so that it avoids risk",
    )
    discount: float = action_values.discount()
    beta: float = action_values.beta()
