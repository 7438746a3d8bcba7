"""What a config asks that time or memory cannot give.

Drugs given before an earlier phase, drugs given longer ago than their models go, and tables larger than any memory.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..engine import records
from ..interventions import INTERVENTIONS, Intervention
from .draft import LenientConfig, list_of
from .problems import KeyPath, Problem, shown
from .values import parameter_mistakes

CHUNK = 256  # subjects of a unit of work
MOST_IN_FORCE = 40_000  # interventions, counted in each group and phase
MOST_BYTES = 8 * 2**30  # for the steps of one phase and one unit, in case no trial ends early


def beyond_counting(draft: LenientConfig) -> Iterator[Problem]:
    """Interventions that are in force in so many groups and phases that looking at each would take minutes.

    They are counted, and none is made; nothing else is looked at in such a config.
    """
    by_phase = [len(list_of(phase.get("interventions"))) for phase in draft.phases]
    by_group = {name: len(list_of(group.get("interventions"))) for name, group in draft.groups.items()}
    total, in_force = 0, dict(by_group)
    for index, given in enumerate(by_phase):
        for name in draft.members(index):
            in_force[name] += given
            total += in_force[name]
    if total > MOST_IN_FORCE:
        most = f"{MOST_IN_FORCE:,}: give repeated doses in fewer phases, or cut the study in two"
        yield Problem(
            ("phases",), f"interventions in force, counted in each group and phase, are {total:,}; at most {most}"
        )


def beyond_limits(draft: LenientConfig) -> Iterator[Problem]:
    """The mistakes in a draft's times and sizes."""
    hours = hours_of_phases(draft)
    if hours is not None:
        yield from _clock(_Course(draft, hours))
    yield from _memory(draft)


def hours_of_phases(draft: LenientConfig) -> list[float] | None:
    """When each phase takes place, None where a gap is none."""
    gaps = [phase.get("gap_hours", 0.0) for phase in draft.phases]
    if all(not isinstance(gap, bool) and isinstance(gap, int | float) and 0 <= gap <= 1e6 for gap in gaps):
        return list(itertools.accumulate(gaps))
    return None


@dataclass
class _Course:
    """What each group goes through, in time: its first and last phase, and what came before each phase."""

    draft: LenientConfig
    hours: list[float]
    first: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    before: dict[int, tuple[float, str, int]] = field(default_factory=dict)
    """For a phase the shortest time since a phase before it that a group was in, the group, and that phase."""

    def __post_init__(self) -> None:
        for phase in range(len(self.draft.phases)):
            members = self.draft.members(phase)
            gaps = [(self.hours[phase] - self.hours[self.last[g]], g, self.last[g]) for g in members if g in self.last]
            if gaps:
                self.before[phase] = min(gaps)
            self.last |= dict.fromkeys(members, phase)
            self.first = dict.fromkeys(members, phase) | self.first


def _clock(course: _Course) -> Iterator[Problem]:
    hours = course.hours
    for name, group in course.draft.groups.items():
        if name in course.first:
            passing = hours[course.last[name]] - hours[course.first[name]]
            yield from _too_long_ago(group.get("interventions"), passing, ("groups", name, "interventions"))
    for index, phase in enumerate(course.draft.phases):
        trail: KeyPath = ("phases", index, "interventions")
        if members := course.draft.members(index):
            passing = max(hours[course.last[name]] for name in members) - hours[index]
            yield from _too_long_ago(phase.get("interventions"), passing, trail)
            yield from _before_the_last_phase(course, index, trail)


def _too_long_ago(entries: Any, passing: float, trail: KeyPath) -> Iterator[Problem]:
    for index, name, given in given_in(entries):
        most = given.fields()["hours_before"].metadata["high"]
        if given.hours_before + passing > most:
            since = f"hours_before is {given.hours_before:g}, and {passing:g} h pass until the last phase"
            yield Problem((*trail, index, name, "hours_before"), f"{since}: more than the {most:g} h that {name} knows")


def _before_the_last_phase(course: _Course, phase: int, trail: KeyPath) -> Iterator[Problem]:
    gap, group, earlier = course.before.get(phase, (math.inf, "", 0))
    for index, name, given in given_in(course.draft.phases[phase].get("interventions")):
        if given.hours_before > gap * (1 + 1e-9):  # sums of gaps are not exact
            other = shown(course.draft.phases[earlier].get("name"))
            why = f"but group {shown(group)} was in phase {other} {gap:g} h before this one: give {name} there"
            yield Problem((*trail, index, name, "hours_before"), f"hours_before is {given.hours_before:g}, {why}")


def given_in(entries: Any) -> Iterator[tuple[int, str, Intervention]]:
    """The interventions of a list that can be made: their places, names and themselves."""
    for index, entry in enumerate(list_of(entries)):
        if isinstance(entry, dict) and len(entry) == 1:
            ((name, values),) = entry.items()
            declared = INTERVENTIONS.get(name)
            if declared and isinstance(values, dict) and not parameter_mistakes(declared, values, ()):
                yield index, name, declared(**values)


def _memory(draft: LenientConfig) -> Iterator[Problem]:
    """The engine makes room for every step that there could be."""
    replayed = {phase["replays"] for phase in draft.phases if isinstance(phase.get("replays"), str)}
    rows = {name: records.row_type(agent).itemsize for name in draft.groups if (agent := draft.agent(name))}
    for index, phase in enumerate(draft.phases):
        recorded = draft.data.get("record") != "summary" or phase.get("replays") or phase.get("name") in replayed
        if recorded and (task := draft.made(index)):
            steps = _count(phase.get("trials")) * task.max_steps
            needed = {g: _in_a_unit(draft.groups[g]) * steps * rows.get(g, 0) for g in draft.members(index)}
            group = max(needed, key=lambda name: needed[name], default="")
            if group and needed[group] > MOST_BYTES:
                what = f"{_in_a_unit(draft.groups[group])} subjects with up to {steps} steps each"
                size = f"{needed[group] / 2**30:,.0f} GiB, more than {MOST_BYTES // 2**30} GiB"
                yield Problem(("phases", index, "trials"), f"{what} (group {shown(group)}) may fill {size}")


def _in_a_unit(group: dict[str, Any]) -> int:
    return min(_count(group.get("n")), CHUNK)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
