"""Model-based and model-free control side by side: what is planned, and what was only ever reinforced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Agent, parameter
from . import action_values
from .sarsa import NOWHERE, trace_decay

COMMON = 0.7  # what people in the two-step task were taken to know of its common transitions
MEDIAN = "median of 17 people, Daw 2011, doi 10.1016/j.neuron.2011.02.027; from memory"


def start(p: Any, w: Any, reflex: Any) -> None:
    """Nothing is expected, nothing has happened, and nothing is known of what leads where."""
    action_values.clear(w.action_value)
    action_values.clear(w.paid)
    action_values.clear(w.visits)
    action_values.clear(w.offered)
    for s in range(w.near.size):
        w.near[s] = NOWHERE
        w.far[s] = NOWHERE
        w.lead[s] = 0.0
        w.irregular[s] = 0.0
        for a in range(w.visits.shape[1]):
            for following in range(w.near.size):
                w.moves[s, a, following] = 0.0
    w.last = NOWHERE
    forget(w)


def forget(w: Any) -> None:
    """The trial is over: no step is eligible any more, and none is waited for."""
    action_values.clear(w.eligibility)
    w.awaited = NOWHERE


def worth(w: Any, state: int) -> Any:
    """max_a Q(s, a) over the actions that were to be had when the state was last reached."""
    top = -np.inf
    for a in range(w.action_value.shape[1]):
        if w.offered[state, a] > 0.0 and w.action_value[state, a] > top:
            top = w.action_value[state, a]
    return top


def belief(w: Any, state: int, action: int, following: int, available: Any) -> Any:
    """How probable it is taken to be that the action leads there.

    Where two actions lead on to two states, the likelier of two mappings holds (Daw et al. 2011); else the frequency.
    """
    if w.irregular[state] > 0.0:
        return w.moves[state, action, following] / w.visits[state, action] if w.visits[state, action] > 0.0 else 0.0
    if following != w.near[state] and following != w.far[state]:
        return 0.0
    agrees = (following == w.near[state]) == is_first(available, action)
    if w.lead[state] == 0.0:
        return 0.5
    return COMMON if agrees == (w.lead[state] > 0.0) else 1.0 - COMMON


def is_first(available: Any, action: int) -> bool:
    """Whether none of the actions before it can be chosen."""
    return number_of(available, action) == 0


def number_of(available: Any, before: int) -> int:
    """How many of the actions before that number can be chosen."""
    n = 0
    for a in range(available.size):
        n += 1 if available[a] > 0 and a < before else 0
    return n


def plan(w: Any, state: int, action: int, available: Any) -> Any:
    """What the action pays at once, and what is best where it may lead: r̂(s, a) + Σ P(s'|s, a)·max_a' Q(s', a')."""
    planned = w.paid[state, action]
    for following in range(w.near.size):
        chance = belief(w, state, action, following, available)
        if chance > 0.0:
            planned += chance * worth(w, following)
    return planned


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """Softmax of the two kinds of value, weighted, and of the first choice of the trial before."""
    first = w.awaited != e.state
    for a in range(z.size):
        value = p.model_weight * plan(w, e.state, a, e.available) + (1.0 - p.model_weight) * w.action_value[e.state, a]
        if first and w.last == a:
            value += p.perseveration
        z[a] = (p.beta_first if first else p.beta_later) * value


def settle(w: Any, y: Any, following: Any) -> None:
    """Learn from the step that was kept, now that the value of what followed it is known."""
    delta = w.reward + following - w.predicted
    for s in range(w.eligibility.shape[0]):
        for a in range(w.eligibility.shape[1]):
            w.action_value[s, a] += w.eligibility[s, a] * delta
    y.rpe = delta


def map_out(w: Any, e: Any) -> None:
    """One more step from here to there, and for which of two mappings it speaks."""
    w.moves[e.state, e.action, e.next_state] += 1.0
    for a in range(w.offered.shape[1]):
        w.offered[e.next_state, a] = e.next_available[a]
    if w.near[e.state] == NOWHERE:
        w.near[e.state] = e.next_state
    elif w.near[e.state] != e.next_state and w.far[e.state] == NOWHERE:
        w.far[e.state] = e.next_state
    to_near = w.near[e.state] == e.next_state
    if (
        number_of(e.available, e.available.size) != 2
        or e.next_state == e.state
        or (not to_near and w.far[e.state] != e.next_state)
    ):
        w.irregular[e.state] = 1.0
    w.lead[e.state] += 1.0 if to_near == is_first(e.available, e.action) else -1.0


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """Settle the step before by this one's action, then keep this one, or settle it where nothing follows."""
    y.rpe = 0.0
    first = w.awaited != e.state
    if not first:
        settle(w, y, w.action_value[e.state, e.action])
    elif w.awaited != NOWHERE:  # that trial was cut off, and another has begun
        settle(w, y, w.prospect)
    if first:
        forget(w)
        w.last = e.action
    rate = p.rate_first if first else p.rate_later
    for s in range(w.eligibility.shape[0]):
        for a in range(w.eligibility.shape[1]):
            w.eligibility[s, a] *= p.trace_decay
    w.eligibility[e.state, e.action] = rate
    w.reward = e.reward
    w.predicted = w.action_value[e.state, e.action]
    w.paid[e.state, e.action] += rate * (e.reward - w.paid[e.state, e.action])
    w.visits[e.state, e.action] += 1.0
    if e.terminated:
        w.irregular[e.state] = 1.0
        settle(w, y, 0.0)
        forget(w)
    else:
        map_out(w, e)
        w.awaited = e.next_state
        w.prospect = worth(w, e.next_state)
    y.value = w.action_value[e.state, e.action]
    y.planned = plan(w, e.state, e.action, e.available)


def rate(symbol: str, which: str, median: float) -> Any:
    """The learning rate of a stage."""
    return parameter(
        median, symbol=symbol, doc=f"learning rate of {which}", unit="1/step", low=0.0, high=1.0, source=MEDIAN
    )


def consistency(symbol: str, which: str, median: float) -> Any:
    """The inverse temperature of a stage."""
    return parameter(
        median, symbol=symbol, doc=f"choice consistency of {which}", unit="1/reward", low=0.0, high=100.0, source=MEDIAN
    )


@dataclass(frozen=True)
class Hybrid(Agent):
    """Model-based and model-free control, weighted: the hybrid of the two-step task.

    δ = r + Q(s', a') - Q(s, a)        z ← λ·z, z(s, a) ← 1        Q += α·δ·z

    M(s, a) = r̂(s, a) + Σ_s' P(s'|s, a)·max_a' Q(s', a')        r̂(s, a) += α·(r - r̂(s, a))

    P(a|s) ∝ exp(β·(w·M(s, a) + (1 - w)·Q(s, a) + p·rep(a)))

    α and β are α₁ and β₁ in the first step of a trial, α₂ and β₂ in those after it; rep(a) is 1 in the first step for
    the action with which the trial before began, else 0. Q is SARSA(λ), the model-free value; an α belongs to the step
    that is changed. M looks one step ahead. Where a step ends the trial M and Q are the same, so that in the two-step
    task all is as published, and in trials of one step w has no effect.

    What leads where it knows from the transitions that it has met, which it counts. Where a state has two actions that
    led on to no more than two other states, it believes what people were taken to believe: one action leads to the one
    state with probability .7 and the other action to the other one, and which way round was the rule more often; before
    there is a majority, .5. Everywhere else P is how often the action led there (an end of the trial counts and is
    worth nothing). So in a deterministic task with two such ways it knows less than it could.

    There is no discount: values of endless trials have no bound. A compound is a state of its own, and nothing is
    expected of it by its parts. States need room: its size grows with the square of their number. Cut-offs, and that
    the next action is known one step later: as Sarsa, but in a trial that was cut off the best value stands for the
    last. Pain and doing nothing: as QLearning.

    Signals: `rpe` as Sarsa; `value` Q(s, a) and `planned` M(s, a) of the action taken, after learning.
    Source: Daw et al. 2011, doi 10.1016/j.neuron.2011.02.027, whose values of the first stage stand in M and Q, and
    Gläscher et al. 2010, doi 10.1016/j.neuron.2010.04.016. Tasks beyond two stages, and the tie, are not theirs.
    """

    start = start
    prefer = prefer
    learn = learn
    signals = ("rpe", "value", "planned")

    beta_first: float = consistency("β₁", "the first step of a trial", 5.19)
    beta_later: float = consistency("β₂", "the steps after it", 3.69)
    rate_first: float = rate("α₁", "the first step of a trial", 0.54)
    rate_later: float = rate("α₂", "the steps after it", 0.42)
    trace_decay: float = trace_decay()
    model_weight: float = parameter(
        0.39,
        symbol="w",
        doc="weight of what is planned; the rest is of what was reinforced",
        low=0.0,
        high=1.0,
        source=MEDIAN,
    )
    perseveration: float = parameter(
        0.11,
        symbol="p",
        doc="what repeating the first choice is worth",
        unit="reward",
        low=-10.0,
        high=10.0,
        source=MEDIAN,
    )

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        pair = (n_states, n_actions)
        numbers: dict[str, tuple[int, ...]] = {"awaited": (), "last": (), "reward": (), "predicted": (), "prospect": ()}
        values = action_values.state(n_states, n_actions) | {"paid": pair, "eligibility": pair}
        known = {"moves": (*pair, n_states), "visits": pair, "offered": pair}
        mapping = dict.fromkeys(("near", "far", "lead", "irregular"), (n_states,))
        return numbers | values | known | mapping
