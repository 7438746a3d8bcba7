"""SARSA and expected SARSA with eligibility traces: what is learned reaches back to the steps before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Agent, parameter
from . import action_values

NOWHERE = -1.0


def start(p: Any, w: Any, reflex: Any) -> None:
    """Nothing is expected, and nothing has happened."""
    action_values.clear(w.action_value)
    forget(w)


def forget(w: Any) -> None:
    """The trial is over: no step is eligible any more, and none is waited for."""
    action_values.clear(w.eligibility)
    w.awaited = NOWHERE


def mark(p: Any, w: Any, elements: Any, action: int) -> None:
    """Eligibility fades by γ·λ and is 1 for what is done now (replacing traces)."""
    for s in range(w.eligibility.shape[0]):
        for a in range(w.eligibility.shape[1]):
            w.eligibility[s, a] *= p.discount * p.trace_decay
    for k in range(elements.size):
        if elements[k] >= 0:
            w.eligibility[elements[k], action] = 1.0


def change(p: Any, w: Any, delta: Any) -> None:
    """Q += α·δ·eligibility, for all states and actions."""
    for s in range(w.eligibility.shape[0]):
        for a in range(w.eligibility.shape[1]):
            w.action_value[s, a] += p.learning_rate * delta * w.eligibility[s, a]


def settle(p: Any, w: Any, y: Any, following: Any) -> None:
    """Learn from the step that was kept, now that the value of what followed it is known."""
    delta = w.reward + p.discount * following - w.predicted
    change(p, w, delta)
    y.rpe = delta


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """Settle the step before by this one's action, then keep this one, or settle it where nothing follows."""
    y.rpe = 0.0
    if w.awaited == e.state:
        settle(p, w, y, action_values.chosen(w, e))
    elif w.awaited != NOWHERE:  # that trial was cut off, and another has begun
        settle(p, w, y, w.prospect)
        forget(w)
    mark(p, w, e.elements, e.action)
    w.reward = e.reward
    w.predicted = action_values.chosen(w, e)
    if e.terminated:
        settle(p, w, y, 0.0)
        forget(w)
    else:
        w.awaited = e.next_state
        w.prospect = action_values.mean(p, w, e.next_elements, e.next_available)
    y.value = action_values.chosen(w, e)


def learn_expected(p: Any, w: Any, e: Any, y: Any) -> None:
    """Learn at once, from what the policy brings on average in the next state."""
    if w.awaited != e.state:
        forget(w)
    mark(p, w, e.elements, e.action)
    future = 0.0 if e.terminated else p.discount * action_values.mean(p, w, e.next_elements, e.next_available)
    delta = e.reward + future - action_values.chosen(w, e)
    change(p, w, delta)
    w.awaited = NOWHERE if e.terminated else e.next_state
    y.rpe = delta
    y.value = action_values.chosen(w, e)


def trace_decay() -> Any:
    """The same declaration for both agents."""
    return parameter(
        0.57,
        symbol="λ",
        doc="eligibility that is left one step later, before discounting",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="median of 17 people, Daw 2011, doi 10.1016/j.neuron.2011.02.027",
    )


@dataclass(frozen=True)
class Sarsa(Agent):
    """SARSA(λ): values of what is really done next, with replacing eligibility traces.

    δ = r + γ·Q(s', a') - Q(s, a)        z ← γ·λ·z, z(s, a) ← 1        Q += α·δ·z        P(a|s) ∝ exp(β·Q(s, a))

    a' is known only one step later. A step is therefore kept and learned from when the next action has been taken, or
    at once where the trial terminates. That a trial was cut off shows when the next one does not begin where the last
    one stopped: then the average under the policy, Σ_a π(a|s')·Q(s', a), takes the place of Q(s', a'), and the traces
    start anew. Where it does begin there, as in the forced swim, life goes on: its first action is a'. So an agent that
    steps in an environment, which learns nothing of cut-offs, learns the same as in a run.

    With λ = 0 it is QLearning wherever the next action is the best one: in trials of one step, or with one action.
    Pain and doing nothing: as QLearning.

    Signals: `rpe`, the error that was learned from in this step: this step's own where the trial terminates, else that
    of the step before, 0 in the first; `value` Q(s, a), after learning.
    Source: Rummery & Niranjan 1994; Singh & Sutton 1996, doi 10.1007/BF00114726.
    """

    start = start
    prefer = action_values.prefer
    learn = learn
    signals = ("rpe", "value")

    learning_rate: float = action_values.learning_rate()
    trace_decay: float = trace_decay()
    discount: float = action_values.discount()
    beta: float = action_values.beta()

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        numbers: dict[str, tuple[int, ...]] = {"awaited": (), "reward": (), "predicted": (), "prospect": ()}
        return action_values.state(n_states, n_actions) | {"eligibility": (n_states, n_actions)} | numbers


@dataclass(frozen=True)
class ExpectedSarsa(Agent):
    """Expected SARSA(λ): values of what the policy brings on average next, with replacing eligibility traces.

    δ = r + γ·Σ_a' π(a'|s')·Q(s', a') - Q(s, a), π the softmax by which it chooses, and all else as Sarsa

    Nothing has to wait for the next action. Traces start anew where a step does not begin where the last one ended.
    With λ = 0 it is QLearning in trials of one step, with one action, and, as β grows, everywhere.
    Pain and doing nothing: as QLearning.

    Signals: as QLearning.
    Source: van Seijen et al. 2009, doi 10.1109/ADPRL.2009.4927542.
    """

    start = start
    prefer = action_values.prefer
    learn = learn_expected
    show = action_values.show
    signals = ("rpe", "value")
    momentary = ("eligibility", "awaited")

    learning_rate: float = action_values.learning_rate()
    trace_decay: float = trace_decay()
    discount: float = action_values.discount()
    beta: float = action_values.beta()

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        table = {"eligibility": (n_states, n_actions)}
        return action_values.state(n_states, n_actions) | table | {"awaited": ()}
