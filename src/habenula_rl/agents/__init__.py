"""Agents: parameters, a state and three rules, composed from the circuit's equations."""

from ..contract import Agent
from .actor_critic import ActorCritic, OpAL
from .habenula import HabenulaAgent
from .low_motivation import LowMotivation
from .pavlovian_go_nogo import PavlovianGoNoGo
from .payoff_cost import PayoffCost
from .pearce_hall import PearceHall
from .q_learning import DualRate, QLearning
from .sarsa import ExpectedSarsa, Sarsa
from .win_stay_lose_shift import WinStayLoseShift

_ALL: tuple[type[Agent], ...] = (
    ActorCritic, DualRate, ExpectedSarsa, HabenulaAgent, LowMotivation, OpAL, PavlovianGoNoGo, PayoffCost, PearceHall,
    QLearning, Sarsa, WinStayLoseShift,
)  # fmt: skip
AGENTS: dict[str, type[Agent]] = {agent.__name__: agent for agent in _ALL}

__all__ = [
    "AGENTS",
    "ActorCritic",
    "DualRate",
    "ExpectedSarsa",
    "HabenulaAgent",
    "LowMotivation",
    "OpAL",
    "PavlovianGoNoGo",
    "PayoffCost",
    "PearceHall",
    "QLearning",
    "Sarsa",
    "WinStayLoseShift",
]
