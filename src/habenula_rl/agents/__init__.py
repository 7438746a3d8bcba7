"""Agents: parameters, a state and three rules, composed from the circuit's equations. A line here registers one."""

from ..contract import Agent
from .actor_critic import ActorCritic as ActorCritic
from .actor_critic import OpAL as OpAL
from .choice_kernel import WithChoiceKernel as WithChoiceKernel
from .habenula import HabenulaAgent as HabenulaAgent
from .hybrid import Hybrid as Hybrid
from .low_motivation import LowMotivation as LowMotivation
from .pavlovian_go_nogo import PavlovianGoNoGo as PavlovianGoNoGo
from .payoff_cost import PayoffCost as PayoffCost
from .pearce_hall import PearceHall as PearceHall
from .q_learning import DualRate as DualRate
from .q_learning import QLearning as QLearning
from .sarsa import ExpectedSarsa as ExpectedSarsa
from .sarsa import Sarsa as Sarsa
from .win_stay_lose_shift import WinStayLoseShift as WinStayLoseShift

AGENTS: dict[str, type[Agent]] = {
    name: kind
    for name, kind in sorted(globals().items())
    if isinstance(kind, type) and kind.__module__ != Agent.__module__
}
