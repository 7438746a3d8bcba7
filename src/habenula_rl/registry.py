"""A user's own agents and tasks, known by their names wherever those of the package are."""

from __future__ import annotations

import sys
from typing import Any, TypeVar

from .agents import AGENTS
from .contract import Agent, Task, definition, short_repr
from .tasks import TASKS

Declared = TypeVar("Declared", bound=type[Any])


def register(declared: Declared) -> Declared:
    """Make an agent or a task known by the name of its class; returns the class, so that it may stand above it.

    A task is then an environment too, `gymnasium.make("habenula_rl/<name>-v0")`. In a config that lists the file under
    `own` both can be named without this. Under a name given before, a user's later class takes
    the earlier one's place.

    Raises ValueError for what is neither, and for the name of something that comes with the package.
    """
    known: dict[str, Any]
    if isinstance(declared, type) and issubclass(declared, Agent):
        known = AGENTS
    elif isinstance(declared, type) and issubclass(declared, Task):
        known = TASKS
    else:
        raise ValueError(f"register takes a class derived from Agent or Task, not {short_repr(declared)}")
    taken = known.get(declared.__name__, declared)
    if taken is not declared and definition.of_the_package(taken):
        raise ValueError(f"the package has its own {declared.__name__}: give the class another name")
    known[declared.__name__] = declared
    if known is TASKS and "gymnasium" in sys.modules:
        from .environments.registration import register as register_environments

        register_environments()
    return declared
