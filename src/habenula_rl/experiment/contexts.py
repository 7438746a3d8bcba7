"""A context is a place: phases may share one where their tasks are in the same place."""

from __future__ import annotations

from ..contract import Task


def difference(one: Task, other: Task) -> str | None:
    """How the place of `one` differs from the other's, "here", as the end of a sentence; None where they are one."""
    if one.states != other.states:
        return f"its states are {', '.join(one.states)}, and here they are {', '.join(other.states)}"
    if one.actions != other.actions:
        return f"its actions are {', '.join(one.actions)}, and here they are {', '.join(other.actions)}"
    if one.aversive != other.aversive:
        return "its states do not hurt as much as those here"
    if one.reflex != other.reflex:
        return "its reflexes are not as strong as those here"
    if one.elements != other.elements:
        return "its states are not made of the same elements as those here"
    return None if one.available == other.available else "not the same actions can be chosen in its states"
