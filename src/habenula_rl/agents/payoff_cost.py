"""An agent that learns what an action pays and what it costs, and weighs them by tonic dopamine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..circuit import striatum
from ..circuit.elements import expected_of
from ..contract import Agent, parameter
from . import action_values
from .actor_critic import tonic_dopamine


def start(p: Any, w: Any, reflex: Any) -> None:
    """Weak weights, alike in both pathways."""
    action_values.fill(w.payoff, p.initial_weight)
    action_values.fill(w.cost, p.initial_weight)


def worth(w: Any, elements: Any, action: int, dopamine: float) -> Any:
    """T·G - (1 - T)·N, summed over the elements present."""
    payoff, cost = expected_of(w.payoff, elements, action), expected_of(w.cost, elements, action)
    return striatum.preference(payoff, cost, dopamine, 0.5)


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """Softmax of payoffs against costs."""
    for a in range(z.size):
        z[a] = p.beta * worth(w, e.elements, a, p.dopamine)


def best(w: Any, elements: Any, available: Any) -> Any:
    """What the best of the actions that can be chosen there brings on balance."""
    top = -np.inf
    for a in range(w.payoff.shape[1]):
        if available[a] > 0:
            value = worth(w, elements, a, 0.5)
            top = value if value > top else top
    return top


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """Both pathways learn from the error of the balance, each more from the sign that is its own."""
    a = e.action
    future = 0.0 if e.terminated else p.discount * best(w, e.next_elements, e.next_available)
    delta = e.reward + future - worth(w, e.elements, a, 0.5)
    for k in range(e.elements.size):
        if e.elements[k] >= 0:
            s = e.elements[k]
            w.payoff[s, a] = striatum.payoff(w.payoff[s, a], delta, p.learning_rate, p.slope, p.leak)
            w.cost[s, a] = striatum.payoff(w.cost[s, a], -delta, p.learning_rate, p.slope, p.leak)
    y.rpe = delta
    y.dopamine = delta
    show(p, w, e, y)


def show(p: Any, w: Any, e: Any, y: Any) -> None:
    """Balance, payoff and cost of the action that was taken, as they are now."""
    y.value = worth(w, e.elements, e.action, 0.5)
    y.payoff = expected_of(w.payoff, e.elements, e.action)
    y.cost = expected_of(w.cost, e.elements, e.action)


@dataclass(frozen=True)
class PayoffCost(Agent):
    """Learns payoff G and cost N of each action apart, and lets tonic dopamine weigh them.

    δ = r + γ·max_a' Q(s', a') - Q(s, a), Q = ½·(G - N)
    G ← [G + α·f(δ) - ℓ·G]₊        N ← [N + α·f(-δ) - ℓ·N]₊        f(x) = x above 0, ε·x below
    P(a|s) ∝ exp(β·(T·G - (1 - T)·N))

    The authors' trials have no next state; γ·max is what QLearning adds for those that have. Without leak, and as long
    as no weight comes to 0 (a large `initial_weight`), Q learns by the Rescorla-Wagner rule at the rate ½·α·(1 + ε),
    and at dopamine ½ it is QLearning at that rate. Compounds, pain and doing nothing: as QLearning.

    Signals: `rpe` and `dopamine` δ; `value` Q, `payoff` G and `cost` N of the action taken; after learning.
    Source: Möller & Bogacz 2019, doi 10.1371/journal.pcbi.1006285.
    """

    start = start
    prefer = prefer
    learn = learn
    show = show
    signals = ("rpe", "value", "dopamine", "payoff", "cost")

    learning_rate: float = action_values.learning_rate()
    slope: float = parameter(
        0.6327,
        symbol="ε",
        doc="fraction of an error of the other sign that is learned",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="Möller & Bogacz 2019, simulation of food choice",
    )
    leak: float = parameter(
        0.0204,
        symbol="ℓ",
        doc="leak of payoff and cost",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="Möller & Bogacz 2019, simulation of food choice",
    )
    initial_weight: float = parameter(
        0.1,
        symbol="G₀ = N₀",
        doc="payoff and cost before any experience",
        unit="reward",
        low=0.0,
        high=1000.0,
        source="Möller & Bogacz 2019, simulation of food choice",
    )
    dopamine: float = tonic_dopamine()
    discount: float = action_values.discount()
    beta: float = action_values.beta()

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        return {"payoff": (n_states, n_actions), "cost": (n_states, n_actions)}
