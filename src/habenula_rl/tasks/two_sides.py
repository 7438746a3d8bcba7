"""Two sides to choose from in trials of one step, and, where responding is free, the option of leaving both."""

from __future__ import annotations

from typing import Any, ClassVar

from ..contract import NO_PASSIVE, Task, parameter
from .sucrose_preference import SucrosePreference

SIDES = 0


def begin(q: Any, x: Any, e: Any) -> None:
    """Before the two sides."""
    e.state = SIDES


def freely() -> Any:
    """Whether doing nothing is an option."""
    return parameter(False, doc="whether doing nothing is an option", source="set: trained animals respond")


def response_effort() -> Any:
    """What a response costs."""
    return parameter(
        SucrosePreference.effort, doc="what a response costs", unit="reward", low=0, high=100, source="as a lick"
    )


class TwoSides(Task):
    """What the tasks with two sides have in common."""

    begin = begin
    sides: ClassVar[tuple[str, str]]
    free: bool

    @property
    def states(self) -> tuple[str, ...]:
        return ("sides",)

    @property
    def actions(self) -> tuple[str, ...]:
        return ("nothing", *self.sides) if self.free else self.sides

    @property
    def passive(self) -> int:
        return 0 if self.free else NO_PASSIVE
