"""Tasks: parameters, a memory and two rules; each is a Gymnasium environment too."""

from ..contract import Task
from .forced_swim import ForcedSwim
from .pavlovian import PavlovianConditioning
from .shuttle_box import ShuttleBox
from .sucrose_preference import SucrosePreference

TASKS: dict[str, type[Task]] = {
    "ForcedSwim": ForcedSwim,
    "PavlovianConditioning": PavlovianConditioning,
    "ShuttleBox": ShuttleBox,
    "SucrosePreference": SucrosePreference,
}

__all__ = ["TASKS", "ForcedSwim", "PavlovianConditioning", "ShuttleBox", "SucrosePreference"]
