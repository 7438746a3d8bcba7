"""Tasks: parameters, a memory and two rules; each is a Gymnasium environment too. A line here registers one."""

from ..contract import Task
from .active_avoidance import ActiveAvoidance as ActiveAvoidance
from .approach_avoidance import ApproachAvoidance as ApproachAvoidance
from .bandit import Bandit as Bandit
from .effort_choice import EffortChoice as EffortChoice
from .forced_swim import ForcedSwim as ForcedSwim
from .go_nogo import GoNoGo as GoNoGo
from .grid_world import GridWorld as GridWorld
from .magnitude_shift import MagnitudeShift as MagnitudeShift
from .passive_avoidance import PassiveAvoidance as PassiveAvoidance
from .pavlovian import PavlovianConditioning as PavlovianConditioning
from .probabilistic_discounting import ProbabilisticDiscounting as ProbabilisticDiscounting
from .probabilistic_reward import ProbabilisticReward as ProbabilisticReward
from .probabilistic_selection import ProbabilisticSelection as ProbabilisticSelection
from .progressive_ratio import ProgressiveRatio as ProgressiveRatio
from .reversal_learning import ReversalLearning as ReversalLearning
from .risk_choice import RiskChoice as RiskChoice
from .shuttle_box import ShuttleBox as ShuttleBox
from .sucrose_preference import SucrosePreference as SucrosePreference
from .two_step import TwoStep as TwoStep

TASKS: dict[str, type[Task]] = {
    name: kind
    for name, kind in sorted(globals().items())
    if isinstance(kind, type) and kind.__module__ != Task.__module__
}
