"""Tasks: parameters, a memory and two rules; each is a Gymnasium environment too."""

from ..contract import Task
from .active_avoidance import ActiveAvoidance
from .approach_avoidance import ApproachAvoidance
from .effort_choice import EffortChoice
from .forced_swim import ForcedSwim
from .grid_world import GridWorld
from .magnitude_shift import MagnitudeShift
from .passive_avoidance import PassiveAvoidance
from .pavlovian import PavlovianConditioning
from .probabilistic_discounting import ProbabilisticDiscounting
from .progressive_ratio import ProgressiveRatio
from .risk_choice import RiskChoice
from .shuttle_box import ShuttleBox
from .sucrose_preference import SucrosePreference

TASKS: dict[str, type[Task]] = {
    "ActiveAvoidance": ActiveAvoidance,
    "ApproachAvoidance": ApproachAvoidance,
    "EffortChoice": EffortChoice,
    "ForcedSwim": ForcedSwim,
    "GridWorld": GridWorld,
    "MagnitudeShift": MagnitudeShift,
    "PassiveAvoidance": PassiveAvoidance,
    "PavlovianConditioning": PavlovianConditioning,
    "ProbabilisticDiscounting": ProbabilisticDiscounting,
    "ProgressiveRatio": ProgressiveRatio,
    "RiskChoice": RiskChoice,
    "ShuttleBox": ShuttleBox,
    "SucrosePreference": SucrosePreference,
}

__all__ = [
    "TASKS",
    "ActiveAvoidance",
    "ApproachAvoidance",
    "EffortChoice",
    "ForcedSwim",
    "GridWorld",
    "MagnitudeShift",
    "PassiveAvoidance",
    "PavlovianConditioning",
    "ProbabilisticDiscounting",
    "ProgressiveRatio",
    "RiskChoice",
    "ShuttleBox",
    "SucrosePreference",
]
