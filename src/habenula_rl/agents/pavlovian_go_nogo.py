"""Instrumental values in competition with a bias to act and with what good and bad prospects do to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..circuit.elements import expected, expected_of, learned, learned_of
from ..contract import Agent, parameter
from . import action_values
from .lapse import as_preference, choices, lapse, lapsed


def start(p: Any, w: Any, reflex: Any) -> None:
    """Nothing is expected of any state or action."""
    w.value[:] = 0.0
    action_values.clear(w.action_value)


def weight(p: Any, w: Any, e: Any, action: int) -> Any:
    """W: an action's value, and where it is not doing nothing, the bias and the pull of the state's value."""
    go = 0.0 if action == e.passive else p.go_bias + p.pavlovian * expected(w.value, e.elements)
    return expected_of(w.action_value, e.elements, action) + go


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """Softmax of the weights, but for lapses."""
    top, total = -np.inf, 0.0
    for a in range(z.size):
        z[a] = weight(p, w, e, a)
        if e.available[a] > 0:
            top = z[a] if z[a] > top else top
    for a in range(z.size):
        z[a] = np.exp(z[a] - top) if e.available[a] > 0 else 0.0
        total += z[a]
    for a in range(z.size):
        z[a] = as_preference(lapsed(z[a] / total, p.lapse, choices(e.available, z.size)))


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """The values of state and action learn alike, from what the outcome means to the subject."""
    sensitivity = p.reward_sensitivity if e.reward > 0.0 else p.punishment_sensitivity
    felt = sensitivity * e.reward
    beyond, best = 0.0, 0.0
    if not e.terminated:
        beyond = p.discount * expected(w.value, e.next_elements)
        best = p.discount * action_values.best(w.action_value, e.next_elements, e.next_available)
    delta = felt + best - action_values.chosen(w, e)
    learned(w.value, e.elements, p.learning_rate * (felt + beyond - expected(w.value, e.elements)))
    learned_of(w.action_value, e.elements, e.action, p.learning_rate * delta)
    y.rpe = delta
    show(p, w, e, y)


def show(p: Any, w: Any, e: Any, y: Any) -> None:
    """The values of state and action, as they are now."""
    y.value = action_values.chosen(w, e)
    y.state_value = expected(w.value, e.elements)


@dataclass(frozen=True)
class PavlovianGoNoGo(Agent):
    """Go/no-go learning with a Pavlovian bias: good prospects invigorate, bad ones inhibit.

    Q(s, a) += α·(ρ·r + γ·max_a' Q(s', a') - Q(s, a))        V(s) += α·(ρ·r + γ·V(s') - V(s))
    W(s, a) = Q(s, a) + b + π·V(s) for go, Q(s, a) for the passive action
    P(a|s) = (1 - ξ)·exp(W(s, a)) / Σ exp(W) + ξ/n

    ρ is `reward_sensitivity` for a reward above 0, else `punishment_sensitivity`; it takes the place of β. The task's
    passive action is no-go, all others are go; a task without one gives bias and pull nothing to act on. γ is for
    tasks with more than one step, which the authors' have not.

    With b = π = ξ = 0 and both sensitivities β it is QLearning. Compounds and pain: as QLearning.

    Signals: `rpe` the error of Q, in units of ρ·r; `value` Q(s, a); `state_value` V(s); after learning.
    Source: Guitart-Masip et al. 2012, doi 10.1016/j.neuroimage.2012.04.024; two sensitivities: Cavanagh et al. 2013,
    doi 10.1523/JNEUROSCI.5754-12.2013.
    """

    start = start
    prefer = prefer
    learn = learn
    show = show
    signals = ("rpe", "value", "state_value")

    learning_rate: float = action_values.learning_rate()
    reward_sensitivity: float = parameter(
        5.0, symbol="ρ₊", doc="weight of rewards", unit="1/reward", low=0.0, high=100.0, source="set as QLearning's β"
    )
    punishment_sensitivity: float = parameter(
        5.0,
        symbol="ρ₋",
        doc="weight of punishments",
        unit="1/reward",
        low=0.0,
        high=100.0,
        source="set as QLearning's β",
    )
    go_bias: float = parameter(
        0.5,
        symbol="b",
        doc="readiness to act against doing nothing",
        low=-20.0,
        high=20.0,
        source="set; sign: Guitart-Masip 2012",
    )
    pavlovian: float = parameter(
        0.5,
        symbol="π",
        doc="pull of the state's value on the readiness to act",
        low=0.0,
        high=100.0,
        source="set; sign: Guitart-Masip 2012",
    )
    lapse: float = lapse()
    discount: float = action_values.discount()

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        return {"value": (n_states,)} | action_values.state(n_states, n_actions)
