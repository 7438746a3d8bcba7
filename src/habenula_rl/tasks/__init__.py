"""Tasks: parameters, a memory and two rules; each is a Gymnasium environment too."""

from ..contract import Task
from .active_avoidance import ActiveAvoidance
from .approach_avoidance import ApproachAvoidance
from .bandit import Bandit
from .effort_choice import EffortChoice
from .forced_swim import ForcedSwim
from .go_nogo import GoNoGo
from .grid_world import GridWorld
from .magnitude_shift import MagnitudeShift
from .passive_avoidance import PassiveAvoidance
from .pavlovian import PavlovianConditioning
from .probabilistic_discounting import ProbabilisticDiscounting
from .probabilistic_reward import ProbabilisticReward
from .probabilistic_selection import ProbabilisticSelection
from .progressive_ratio import ProgressiveRatio
from .reversal_learning import ReversalLearning
from .risk_choice import RiskChoice
from .shuttle_box import ShuttleBox
from .sucrose_preference import SucrosePreference

TASKS: dict[str, type[Task]] = {
    "ActiveAvoidance": ActiveAvoidance,
    "ApproachAvoidance": ApproachAvoidance,
    "Bandit": Bandit,
    "EffortChoice": EffortChoice,
    "ForcedSwim": ForcedSwim,
    "GoNoGo": GoNoGo,
    "GridWorld": GridWorld,
    "MagnitudeShift": MagnitudeShift,
    "PassiveAvoidance": PassiveAvoidance,
    "PavlovianConditioning": PavlovianConditioning,
    "ProbabilisticDiscounting": ProbabilisticDiscounting,
    "ProbabilisticReward": ProbabilisticReward,
    "ProbabilisticSelection": ProbabilisticSelection,
    "ProgressiveRatio": ProgressiveRatio,
    "ReversalLearning": ReversalLearning,
    "RiskChoice": RiskChoice,
    "ShuttleBox": ShuttleBox,
    "SucrosePreference": SucrosePreference,
}

__all__ = [
    "TASKS",
    "ActiveAvoidance",
    "ApproachAvoidance",
    "Bandit",
    "EffortChoice",
    "ForcedSwim",
    "GoNoGo",
    "GridWorld",
    "MagnitudeShift",
    "PassiveAvoidance",
    "PavlovianConditioning",
    "ProbabilisticDiscounting",
    "ProbabilisticReward",
    "ProbabilisticSelection",
    "ProgressiveRatio",
    "ReversalLearning",
    "RiskChoice",
    "ShuttleBox",
    "SucrosePreference",
]
