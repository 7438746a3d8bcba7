"""What papers report, read out of a table of trials: one row a group, subject and phase.

Every function takes trials as `habenula run` writes them (one row a step, with columns group, phase, subject, trial,
step, state, action, outcome, next_state, terminated, truncated and the signals), or a user's table with the columns
that it needs, and leaves them as they are. `phases` picks the phases that the readout means something in; None takes
all. What a number of an action or a state means is read from the task, never given as a number (`reads`). An unknown
phase raises ValueError, and so do trials that cannot be those of the readout's task. `by_phase`, `by_group` and
`matched` turn a readout into what statistics take.

Every module here but `reads` and `rows` holds readouts, and is found: its public functions are in `READOUTS`, and
what it has in `MEASURES`, the one number by which agents are compared in a task, is in MEASURES here.
"""

# ruff: noqa: F403
from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from .reads import Measure as Measure
from .rows import WHO as WHO
from .rows import by_group as by_group
from .rows import by_phase as by_phase
from .rows import in_groups as in_groups
from .rows import in_phases as in_phases
from .rows import matched as matched
from .rows import needs as needs
from .rows import present as present

HOW_TABLES_ARE_READ = ("reads", "rows")
READOUTS: dict[str, Callable[..., Any]] = {}
MEASURES: dict[str, Measure] = {}

for _found in sorted(module.name for module in iter_modules(__path__) if module.name not in HOW_TABLES_ARE_READ):
    _module = import_module(f".{_found}", __name__)
    READOUTS |= {
        name: value
        for name, value in vars(_module).items()
        if inspect.isfunction(value) and value.__module__ == _module.__name__ and not name.startswith("_")
    }
    MEASURES |= getattr(_module, "MEASURES", {})
globals().update(READOUTS)

__all__ = sorted(["WHO", "by_group", "by_phase", "in_groups", "in_phases", "matched", "needs", "present", *READOUTS])

if TYPE_CHECKING:  # what editors complete by and mypy knows more of; a module that is missing here works all the same
    from .choice import *
    from .despair import *
    from .economic import *
    from .pavlovian import *
    from .physiology import *
    from .threat import *

    def __getattr__(name: str) -> Callable[..., Any]: ...
