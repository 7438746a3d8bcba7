"""What agents that learn the value of actions share: parameters, state, prediction error and softmax.

A value is a sum over the elements of a state (circuit/elements.py), of which there is one where there are no compounds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..circuit.elements import expected_of
from ..contract import parameter


def learning_rate() -> Any:
    """The same declaration for every agent that has it, as are those below."""
    return parameter(
        0.1,
        symbol="α",
        doc="learning rate of value",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="as simulated in Wilson & Collins 2019, doi 10.7554/eLife.49547",
    )


def discount() -> Any:
    """Weight of what the next step is worth."""
    return parameter(
        0.9, symbol="γ", doc="weight of what the next step is worth", low=0.0, high=1.0, source="set as HabenulaAgent"
    )


def beta() -> Any:
    """Inverse temperature of the softmax."""
    return parameter(
        5.0,
        symbol="β",
        doc="choice consistency",
        unit="1/reward",
        low=0.0,
        high=100.0,
        source="as simulated in Wilson & Collins 2019, doi 10.7554/eLife.49547",
    )


def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
    """Q: a value for each state and action."""
    return {"action_value": (n_states, n_actions)}


def start(p: Any, w: Any, reflex: Any) -> None:
    """Nothing is expected of any action."""
    clear(w.action_value)


def clear(table: Any) -> None:
    """Every number of a table by state and action becomes 0."""
    fill(table, 0.0)


def fill(table: Any, level: Any) -> None:
    """Every number of a table by state and action becomes `level`."""
    for s in range(table.shape[0]):
        for a in range(table.shape[1]):
            table[s, a] = level


def preference(p: Any, w: Any, elements: Any, action: int) -> Any:
    """β·Q(s, a)."""
    return p.beta * expected_of(w.action_value, elements, action)


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """Softmax of the values."""
    for a in range(z.size):
        z[a] = preference(p, w, e.elements, a)


def chosen(w: Any, e: Any) -> Any:
    """Q(s, a) of the action that was taken."""
    return expected_of(w.action_value, e.elements, e.action)


def show(p: Any, w: Any, e: Any, y: Any) -> None:
    """Q(s, a) of the action that was taken, as it is now."""
    y.value = chosen(w, e)


def best(values: Any, elements: Any, available: Any) -> Any:
    """max_a Q(s, a) over the actions that can be chosen there."""
    top = -np.inf
    for a in range(values.shape[1]):
        if available[a] > 0:
            value = expected_of(values, elements, a)
            top = value if value > top else top
    return top


def mean(p: Any, w: Any, elements: Any, available: Any) -> Any:
    """Σ_a π(a|s)·Q(s, a): what the softmax of `prefer` brings on average."""
    top = p.beta * best(w.action_value, elements, available)
    total, weighted = 0.0, 0.0
    for a in range(w.action_value.shape[1]):
        if available[a] > 0:
            weight = np.exp(preference(p, w, elements, a) - top)
            total += weight
            weighted += weight * expected_of(w.action_value, elements, a)
    return weighted / total


def prediction_error(p: Any, w: Any, e: Any) -> Any:
    """δ = r + γ·max_a' Q(s', a') - Q(s, a), with no value beyond the end of a trial that has terminated."""
    future = 0.0 if e.terminated else p.discount * best(w.action_value, e.next_elements, e.next_available)
    return e.reward + future - chosen(w, e)
