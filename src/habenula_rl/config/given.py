"""Who is given what before which phase.

groups: {mice: {interventions: [light: {...}]}}                    # before the first phase of the group
groups: {mice: {interventions: [{light: {...}, phases: [test]}]}}  # before each of these phases in its stead
phases: [{interventions: [{ketamine: {...}, groups: [mice]}]}]     # of those who take part, to these groups alone
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .problems import KeyPath

REACH = {"groups": "phases", "phases": "groups"}  # an entry of a phase names groups, one of a group names phases


@dataclass(frozen=True)
class Dose:
    """An entry of `interventions` that a group is given before the phase of this number."""

    phase: int
    trail: KeyPath
    entry: Any


def intervention_in(entry: Any) -> tuple[str, Any] | None:
    """The name of an entry's one intervention and its values; None where it is no such entry."""
    if not isinstance(entry, Mapping):
        return None
    named = [(name, values) for name, values in entry.items() if name not in REACH]
    return named[0] if len(named) == 1 else None


def reached(entry: Any, key: str) -> list[str] | None:
    """The groups, or phases, that an entry names, each once; None where it does not say."""
    given = entry.get(key) if isinstance(entry, Mapping) else None
    if not isinstance(given, list | tuple):
        return None
    return [*dict.fromkeys(name for name in given if isinstance(name, str))]


def doses(
    own: Mapping[str, Sequence[Any]], phases: Sequence[tuple[Any, Sequence[str], Sequence[Any]]]
) -> dict[str, list[Dose]]:
    """All that each group is given, phase after phase, what the group brings first.

    `own` has the entries of each group, `phases` the name of each phase, the groups that take part, and its entries.
    """
    brought = {group: _brought(entries) for group, entries in own.items() if entries}
    found: dict[str, list[Dose]] = {group: [] for group in own}
    begun: set[str] = set()
    for index, (name, members, entries) in enumerate(phases):
        for group in (group for group in members if group in brought):
            now = [*brought[group].get(name, ()), *(() if group in begun else brought[group].get(None, ()))]
            found[group] += [Dose(index, ("groups", group, "interventions", k), own[group][k]) for k in sorted(now)]
        taking_part = {*members}
        for k, entry in enumerate(entries):
            named = reached(entry, "groups")
            for group in members if named is None else (group for group in named if group in taking_part):
                found[group].append(Dose(index, ("phases", index, "interventions", k), entry))
        begun |= taking_part
    return found


def _brought(entries: Sequence[Any]) -> dict[str | None, list[int]]:
    """The places of a group's own entries by the phase before which they are given; None is the group's first."""
    found: dict[str | None, list[int]] = {}
    for k, entry in enumerate(entries):
        named = reached(entry, "phases")
        for phase in [None] if named is None else named:
            found.setdefault(phase, []).append(k)
    return found
