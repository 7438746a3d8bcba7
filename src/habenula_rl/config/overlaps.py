"""Interventions that a config puts in force together, though that has no meaning."""

from __future__ import annotations

from collections.abc import Iterator

from ..interventions import Intervention, contradiction
from .draft import LenientConfig
from .limits import given_in, hours_of_phases
from .problems import KeyPath, Problem, shown

Entry = tuple[KeyPath, float, Intervention]  # where it is written, the phase's time, and what is given


def overlaps(draft: LenientConfig) -> Iterator[Problem]:
    """For each group the first phase in which two of its interventions exclude each other, placed at the later one."""
    hours = hours_of_phases(draft)
    reported: set[KeyPath] = set()
    for group in draft.groups if hours is not None else ():
        given: list[Entry] = []
        for phase in (index for index in range(len(draft.phases)) if group in draft.members(index)):
            assert hours is not None
            if not given:
                given += _entries(draft.groups[group].get("interventions"), hours[phase], ("groups", group))
            given += _entries(draft.phases[phase].get("interventions"), hours[phase], ("phases", phase))
            for trail, why in _excluded(given, hours[phase]):
                if trail not in reported:
                    reported.add(trail)
                    yield Problem(trail, f"{why} (group {shown(group)})", at_key=True)


def _entries(written: object, hour: float, owner: KeyPath) -> list[Entry]:
    return [((*owner, "interventions", index, name), hour, made) for index, name, made in given_in(written)]


def _excluded(given: list[Entry], now: float) -> Iterator[tuple[KeyPath, str]]:
    """Entries that one before them excludes at this time."""
    acting: list[Intervention] = []
    for trail, hour, made in given:
        acting.append(made.replace(hours_before=min(made.hours_before + now - hour, 1e6)))
        if why := contradiction(acting):
            yield trail, why
            acting.pop()
