"""An agent that learns as well as any, and to which acting is a burden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Agent, parameter
from . import action_values, q_learning


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """Softmax of the values, less the burden of acting for every action but doing nothing."""
    for a in range(z.size):
        burden = 0.0 if a == e.passive else p.burden
        z[a] = action_values.preference(p, w, e.elements, a) - p.beta * burden


@dataclass(frozen=True)
class LowMotivation(Agent):
    """Healthy learning, reduced vigour: QLearning to which acting costs more than the task takes.

    P(a|s) ∝ exp(β·(Q(s, a) - c)) for active actions, exp(β·Q(s, a)) for doing nothing; Q as QLearning

    The burden c holds actions back and is not learned about, as vigour is held back by its cost in Niv et al. 2007:
    the simplest account of passivity, without a habenula, helplessness or any change in learning. With c = 0 it is
    QLearning, and it is so too in a task without a passive action, where it has no effect. Compounds and pain: as
    QLearning.

    Signals: as QLearning.
    Source: Niv et al. 2007, doi 10.1007/s00213-006-0502-4; Salamone & Correa 2012, doi 10.1016/j.neuron.2012.10.021.
    """

    start = action_values.start
    prefer = prefer
    learn = q_learning.learn
    show = action_values.show
    signals = ("rpe", "value")
    state = staticmethod(action_values.state)

    burden: float = parameter(
        0.3,
        symbol="c",
        doc="what acting costs beyond the task",
        unit="reward",
        low=0.0,
        high=100.0,
        source="set: a drop of water in SucrosePreference",
    )
    learning_rate: float = action_values.learning_rate()
    discount: float = action_values.discount()
    beta: float = action_values.beta()
