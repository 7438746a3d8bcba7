"""Tasks: parameters, a memory and two rules; each is a Gymnasium environment too."""

from ..contract import Task
from .bandit import Bandit
from .forced_swim import ForcedSwim
from .go_nogo import GoNoGo
from .pavlovian import PavlovianConditioning
from .probabilistic_reward import ProbabilisticReward
from .probabilistic_selection import ProbabilisticSelection
from .reversal_learning import ReversalLearning
from .shuttle_box import ShuttleBox
from .sucrose_preference import SucrosePreference

TASKS: dict[str, type[Task]] = {
    "Bandit": Bandit,
    "ForcedSwim": ForcedSwim,
    "GoNoGo": GoNoGo,
    "PavlovianConditioning": PavlovianConditioning,
    "ProbabilisticReward": ProbabilisticReward,
    "ProbabilisticSelection": ProbabilisticSelection,
    "ReversalLearning": ReversalLearning,
    "ShuttleBox": ShuttleBox,
    "SucrosePreference": SucrosePreference,
}

__all__ = [
    "TASKS", "Bandit", "ForcedSwim", "GoNoGo", "PavlovianConditioning", "ProbabilisticReward", "ProbabilisticSelection",
    "ReversalLearning", "ShuttleBox", "SucrosePreference",
]  # fmt: skip
