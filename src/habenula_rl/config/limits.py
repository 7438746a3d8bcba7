"""What a config asks that time or memory cannot give.

Drugs given before an earlier phase, drugs given longer ago than their models go, and tables larger than any memory.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..engine import records
from ..interventions import INTERVENTIONS, Intervention
from .draft import LenientConfig, list_of
from .given import intervention_in, reached
from .problems import KeyPath, Problem, shown
from .values import parameter_mistakes

CHUNK = 256  # subjects of a unit of work
MOST_IN_FORCE = 40_000  # interventions, counted in each group and phase
MOST_BYTES = 8 * 2**30  # for the steps of one phase and one unit, in case no trial ends early


def beyond_counting(draft: LenientConfig) -> Iterator[Problem]:
    """Interventions that are in force in so many groups and phases that looking at each would take minutes.

    They are counted, and none is made; nothing else is looked at in such a config.
    """
    named = {
        name: Counter(
            phase for entry in list_of(group.get("interventions")) for phase in reached(entry, "phases") or ()
        )
        for name, group in draft.groups.items()
    }
    in_force = {
        name: sum(reached(entry, "phases") is None for entry in list_of(group.get("interventions")))
        for name, group in draft.groups.items()
    }
    total = 0
    for index, phase in enumerate(draft.phases):
        to_groups = [reached(entry, "groups") for entry in list_of(phase.get("interventions"))]
        to_all, to_some = to_groups.count(None), Counter(group for groups in to_groups for group in groups or ())
        for name in draft.members(index):
            in_force[name] += to_all + to_some[name] + named[name][str(phase.get("name"))]
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
        yield from _clock(draft, hours)
    yield from _memory(draft)


def hours_of_phases(draft: LenientConfig) -> list[float] | None:
    """When each phase takes place, None where a gap is none."""
    gaps = [phase.get("gap_hours", 0.0) for phase in draft.phases]
    if all(not isinstance(gap, bool) and isinstance(gap, int | float) and 0 <= gap <= 1e6 for gap in gaps):
        return list(itertools.accumulate(gaps))
    return None


def _clock(draft: LenientConfig, hours: list[float]) -> Iterator[Problem]:
    """What is given before an earlier phase, or longer before the last phase than its model goes."""
    last: dict[str, int] = {}
    before: dict[tuple[str, int], int] = {}  # for a group and a phase the one that the group was in before
    for phase in range(len(draft.phases)):
        for group in draft.members(phase):
            if group in last:
                before[group, phase] = last[group]
            last[group] = phase
    passing: dict[KeyPath, float] = {}  # from when it is given to the last phase, at most
    since: dict[KeyPath, tuple[float, str, int, int]] = {}  # the shortest time since a phase before, with its group
    entries: dict[KeyPath, Any] = {}
    for group, given in draft.doses.items():
        for dose in given:
            entries[dose.trail] = dose.entry
            left = hours[last[group]] - hours[dose.phase]
            passing[dose.trail] = max(left, passing.get(dose.trail, 0.0))
            if (earlier := before.get((group, dose.phase))) is not None:
                gap = (hours[dose.phase] - hours[earlier], group, earlier, dose.phase)
                since[dose.trail] = min(gap, since.get(dose.trail, gap))
    for trail, entry in entries.items():
        if (made := given_in(entry)) is not None:
            yield from _too_long_ago(*made, passing[trail], trail)
            if trail in since:
                yield from _before_the_last_phase(draft, *made, since[trail], trail)


def _too_long_ago(name: str, given: Intervention, passing: float, trail: KeyPath) -> Iterator[Problem]:
    most = given.fields()["hours_before"].metadata["high"]
    if given.hours_before + passing > most:
        since = f"hours_before is {given.hours_before:g}, and {passing:g} h pass until the last phase"
        yield Problem((*trail, name, "hours_before"), f"{since}: more than the {most:g} h that {name} knows")


def _before_the_last_phase(
    draft: LenientConfig, name: str, given: Intervention, since: tuple[float, str, int, int], trail: KeyPath
) -> Iterator[Problem]:
    gap, group, earlier, phase = since
    if given.hours_before > gap * (1 + 1e-9):  # sums of gaps are not exact
        other, own = (shown(draft.phases[k].get("name")) for k in (earlier, phase))
        this = "this one" if trail[0] == "phases" else f"phase {own}"
        why = f"but group {shown(group)} was in phase {other} {gap:g} h before {this}: give {name} there"
        yield Problem((*trail, name, "hours_before"), f"hours_before is {given.hours_before:g}, {why}")


def given_in(entry: Any) -> tuple[str, Intervention] | None:
    """The name and the intervention of an entry, where it can be made."""
    name, values = intervention_in(entry) or ("", None)
    declared = INTERVENTIONS.get(name)
    if declared and isinstance(values, dict) and not parameter_mistakes(declared, values, ()):
        return name, declared(**values)
    return None


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
