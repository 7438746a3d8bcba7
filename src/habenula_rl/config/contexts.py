"""A context is a place: phases may share one where their tasks are in the same place."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract import Place

LISTED = 12  # names; more are only counted


def difference(one: Place, other: Place) -> str | None:
    """How the place of `one` differs from the other's, "here", as the end of a sentence; None where they are one."""
    if one.states != other.states:
        return _named("states", one.states, other.states)
    if one.actions != other.actions:
        return _named("actions", one.actions, other.actions)
    if one.aversive != other.aversive:
        return "its states do not hurt as much as those here"
    if one.reflex != other.reflex:
        return "its reflexes are not as strong as those here"
    if one.elements != other.elements:
        return "its states are not made of the same elements as those here"
    return None if one.available == other.available else "not the same actions can be chosen in its states"


def _named(what: str, one: Sequence[str], other: Sequence[str]) -> str:
    if max(len(one), len(other)) > LISTED:
        return f"it has {len(one)} {what}, and here there are {len(other)}"
    return f"its {what} are {', '.join(one)}, and here they are {', '.join(other)}"
