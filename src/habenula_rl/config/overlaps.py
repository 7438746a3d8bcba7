"""Interventions that a config puts in force together, though that has no meaning."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..interventions import Intervention, contradiction
from .draft import LenientConfig
from .limits import given_in, hours_of_phases
from .problems import KeyPath, Problem, shown

Entry = tuple[KeyPath, float, Intervention]  # where it is written, the phase's time, and what is given


def overlaps(draft: LenientConfig) -> Iterator[Problem]:
    """For each group the first phase in which two of its interventions exclude each other, placed at the later one."""
    hours = hours_of_phases(draft)
    reported: set[KeyPath] = set()
    seen: set[tuple[Any, ...]] = set()
    made: dict[KeyPath, tuple[str, Intervention] | None] = {}
    for group, doses in draft.doses.items() if hours is not None else ():
        phases = tuple(index for index in range(len(draft.phases)) if group in draft.taking_part[index])
        course = (phases, *((dose.phase, dose.trail) for dose in doses))
        if course in seen:  # what one is given, the other is, and it is reported once
            continue
        seen.add(course)
        by_phase = {phase: [*now] for phase, now in itertools.groupby(doses, lambda dose: dose.phase)}
        given: list[Entry] = []
        for phase in phases:
            assert hours is not None
            for dose in by_phase.get(phase, ()):
                if dose.trail not in made:
                    made[dose.trail] = given_in(dose.entry)
                if (one := made[dose.trail]) is not None:
                    given.append(((*dose.trail, one[0]), hours[phase], one[1]))
            for trail, why in _excluded(given, hours[phase]):
                if trail not in reported:
                    reported.add(trail)
                    yield Problem(trail, f"{why} (group {shown(group)})", at_key=True)


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
