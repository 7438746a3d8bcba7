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
    seen: set[tuple[int, ...]] = set()
    by_phase = [_entries(phase.get("interventions"), ("phases", i)) for i, phase in enumerate(draft.phases)]
    members = [{*draft.members(index)} for index in range(len(draft.phases))]
    for group in draft.groups if hours is not None else ():
        given: list[Entry] = []
        own = _entries(draft.groups[group].get("interventions"), ("groups", group))
        phases = tuple(index for index in range(len(draft.phases)) if group in members[index])
        if not own and phases in seen:  # what one is given, the other is, and it is reported once
            continue
        if not own:
            seen.add(phases)
        for phase in phases:
            assert hours is not None
            given += [(trail, hours[phase], made) for trail, made in (*own, *by_phase[phase])]
            own = []
            for trail, why in _excluded(given, hours[phase]):
                if trail not in reported:
                    reported.add(trail)
                    yield Problem(trail, f"{why} (group {shown(group)})", at_key=True)


def _entries(written: object, owner: KeyPath) -> list[tuple[KeyPath, Intervention]]:
    return [((*owner, "interventions", index, name), made) for index, name, made in given_in(written)]


def _excluded(given: list[Entry], now: float) -> Iterator[tuple[KeyPath, str]]:
    """Entries that one before them excludes at this time."""
    in_force = [made.replace(hours_before=min(made.hours_before + now - hour, 1e6)) for _, hour, made in given]
    if not contradiction(in_force):
        return
    acting: list[Intervention] = []
    for (trail, _, _), made in zip(given, in_force, strict=True):
        acting.append(made)
        if why := contradiction(acting):
            yield trail, why
            acting.pop()
