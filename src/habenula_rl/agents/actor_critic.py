"""Agents with a critic of states: the plain actor-critic, and OpAL, whose actor is opponent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..circuit import striatum
from ..circuit.elements import expected, expected_of, learned, learned_of
from ..contract import Agent, parameter
from . import action_values


def prediction_error(p: Any, w: Any, e: Any) -> Any:
    """δ = r + γ·V(s') - V(s), with no value beyond the end of a trial that has terminated."""
    future = 0.0 if e.terminated else p.discount * expected(w.value, e.next_elements)
    return e.reward + future - expected(w.value, e.elements)


def learn_value(p: Any, w: Any, e: Any, y: Any, delta: Any) -> None:
    """The critic's V(s) += α·δ, and what is seen of it."""
    learned(w.value, e.elements, p.learning_rate * delta)
    y.rpe = delta
    y.dopamine = delta
    show(p, w, e, y)


def show(p: Any, w: Any, e: Any, y: Any) -> None:
    """V(s), as it is now."""
    y.value = expected(w.value, e.elements)


def start(p: Any, w: Any, reflex: Any) -> None:
    """Nothing is expected, and no action is better than another."""
    w.value[:] = 0.0
    action_values.fill(w.actor, 0.0)


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """Softmax of the actor's weights."""
    for a in range(z.size):
        z[a] = p.beta * expected_of(w.actor, e.elements, a)


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """One prediction error teaches both."""
    delta = prediction_error(p, w, e)
    learn_value(p, w, e, y, delta)
    learned_of(w.actor, e.elements, e.action, p.actor_rate * delta)


def start_opponent(p: Any, w: Any, reflex: Any) -> None:
    """Nothing is expected; Go and NoGo weights are 1."""
    w.value[:] = 0.0
    action_values.fill(w.go, 1.0)
    action_values.fill(w.nogo, 1.0)


def prefer_opponent(p: Any, w: Any, e: Any, z: Any) -> None:
    """Softmax of Go against NoGo, weighted by tonic dopamine."""
    for a in range(z.size):
        go, nogo = expected_of(w.go, e.elements, a), expected_of(w.nogo, e.elements, a)
        z[a] = striatum.preference(go, nogo, p.dopamine, p.beta)


def learn_opponent(p: Any, w: Any, e: Any, y: Any) -> None:
    """One prediction error teaches the critic, Go, and with the other sign NoGo."""
    delta = prediction_error(p, w, e)
    learn_value(p, w, e, y, delta)
    for k in range(e.elements.size):
        if e.elements[k] >= 0:
            s, a = e.elements[k], e.action
            w.go[s, a] = striatum.hebbian(w.go[s, a], delta / p.outcome_range, p.go_rate)
            w.nogo[s, a] = striatum.hebbian(w.nogo[s, a], -delta / p.outcome_range, p.nogo_rate)
    show_opponent(p, w, e, y)


def show_opponent(p: Any, w: Any, e: Any, y: Any) -> None:
    """V(s), and Go and NoGo of the action that was taken, as they are now."""
    show(p, w, e, y)
    y.go = expected_of(w.go, e.elements, e.action)
    y.nogo = expected_of(w.nogo, e.elements, e.action)


def tonic_dopamine() -> Any:
    """The same declaration for every agent whose striatum weighs two pathways."""
    return parameter(
        0.5,
        symbol="T",
        doc="tonic dopamine: 1 leaves only Go, 0 only NoGo",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="scale: the two weigh the same",
    )


@dataclass(frozen=True)
class ActorCritic(Agent):
    """Actor-critic: the dopamine theory without a habenula.

    δ = r + γ·V(s') - V(s)        V(s) += α·δ        H(s, a) += α_H·δ        P(a|s) ∝ exp(β·H(s, a))

    With a single action V is, bit for bit, the value of QLearning; with several, V is of the state and not of the
    action, and only the actor knows one action from another. HabenulaAgent is this agent where no dopamine dip passes
    through its habenula, nothing leaks, and neither readiness nor Pavlovian pull is there. Compounds, pain and doing
    nothing: as QLearning.

    Signals: `rpe` and `dopamine` δ; `value` V(s), after learning.
    Source: Barto, Sutton & Anderson 1983, doi 10.1109/TSMC.1983.6313077; O'Doherty et al. 2004,
    doi 10.1126/science.1094285.
    """

    start = start
    prefer = prefer
    learn = learn
    show = show
    signals = ("rpe", "value", "dopamine")

    learning_rate: float = action_values.learning_rate()
    actor_rate: float = parameter(
        0.1,
        symbol="α_H",
        doc="learning rate of the actor",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="set as learning_rate",
    )
    discount: float = action_values.discount()
    beta: float = action_values.beta()

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        return {"value": (n_states,), "actor": (n_states, n_actions)}


@dataclass(frozen=True)
class OpAL(Agent):
    """Opponent actor learning: Go and NoGo weights that learn in proportion to themselves.

    δ = r + γ·V(s') - V(s)        V(s) += α·δ
    G(s, a) ← [G·(1 + α_G·δ/R)]₊        N(s, a) ← [N·(1 - α_N·δ/R)]₊        P(a|s) ∝ exp(2β·(T·G - (1 - T)·N))

    T is (1 + ρ)/2 in the authors' later notation, 2β·T their β_G and 2β·(1 - T) their β_N. R, the range of outcomes,
    keeps rates comparable where outcomes are not of size 1 (Jaskir & Frank 2023): with the right R |δ/R| is at most 1.
    Go grows exponentially as long as things go better than expected. A critic that learns ends that; one that does not
    (α = 0), or an R far below the outcomes, does not, and the authors set no bound. Here G and N are held at 1e30,
    where choice is long settled, so that numbers stay finite.

    Its critic is QLearning, bit for bit, where there is a single action, whatever the actor's rates; the actor has no
    such limit, because it multiplies. Compounds, pain and doing nothing: as QLearning.

    Signals: `rpe` and `dopamine` δ; `value` V(s); `go` and `nogo` of the action taken; after learning.
    Source: Collins & Frank 2014, doi 10.1037/a0037015; Jaskir & Frank 2023, doi 10.7554/eLife.85107.
    """

    start = start_opponent
    prefer = prefer_opponent
    learn = learn_opponent
    show = show_opponent
    signals = ("rpe", "value", "dopamine", "go", "nogo")

    learning_rate: float = action_values.learning_rate()
    go_rate: float = parameter(
        0.1, symbol="α_G", doc="learning rate of Go", unit="1/step", low=0.0, high=1.0, source="set as learning_rate"
    )
    nogo_rate: float = parameter(
        0.1, symbol="α_N", doc="learning rate of NoGo", unit="1/step", low=0.0, high=1.0, source="set as learning_rate"
    )
    outcome_range: float = parameter(
        1.0, symbol="R", doc="best minus worst outcome", unit="reward", low=0.01, high=1000.0, source="scale"
    )
    dopamine: float = tonic_dopamine()
    discount: float = action_values.discount()
    beta: float = action_values.beta()

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        pair = (n_states, n_actions)
        return {"value": (n_states,), "go": pair, "nogo": pair}
