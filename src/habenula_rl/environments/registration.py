"""The tasks' names in Gymnasium: `gymnasium.make("habenula_rl/ShuttleBox-v0", shock=0.5)`."""

from __future__ import annotations

from ..tasks import TASKS


def environment_id(task: str) -> str:
    """The name in Gymnasium of the task with this name."""
    return f"habenula_rl/{task}-v0"


def register() -> None:
    """Make every task known to Gymnasium; `import habenula_rl` does it, and doing it again changes nothing.

    A task's parameters are the keyword arguments of `gymnasium.make`.
    """
    import gymnasium

    for task in TASKS:
        if environment_id(task) not in gymnasium.registry:
            entry_point = "habenula_rl.environments.task_environment:TaskEnvironment"
            gymnasium.register(environment_id(task), entry_point=entry_point, kwargs={"task": task})
