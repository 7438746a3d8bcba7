"""A sweep: axes of values, and the groups that a config's templates make at each of their points.

    sweep:
      mouse: {healthy: 0, helpless: 1}                    # named levels
      dose: [0.1 mg/kg, 1 mg/kg, 10 mg/kg]                # or {linspace: [0, 1, 11]}, {logspace: [0.1, 30, 6]}
      "alpha, beta": [[0.1, 2], [0.3, 4]]                 # zipped; or {latin_hypercube: {n, low, high, seed}}, {sobol}
    groups:
      "{mouse}_{dose}": {n: 20, parameters: {hyperactivity: $mouse}, interventions: [ketamine: {dose: $dose}]}

A group is made once for each combination of the axes that it names, that the phases it takes part in name, and that its
partners' group does. What phases name makes a world of its own for each combination: a whole study, with its own clock.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .axes import Axis, Row, WrongAxisError, axis_of, is_number
from .checks import MOST_GROUPS
from .draft import list_of, mapping_of, text_of
from .given import reached
from .problems import KeyPath, Problem, shown
from .times import time_in

MOST_WORLDS = 256
DOSE = re.compile(r"(\d+(?:\.\d*)?) ?mg/kg")
USE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
IN_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass
class Swept:
    """What a config with a sweep is written out to.

    `worlds` are configs without one, alike but for their groups and what their phases took from an axis. Of each group
    `template` has the key that it was made from and `points` its values by axis, None on an axis that it is not on.
    """

    worlds: list[dict[str, Any]] = field(default_factory=list)
    phases: list[list[int]] = field(default_factory=list)  # of each world's phases their places in the config
    template: dict[str, str] = field(default_factory=dict)
    points: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def as_written(self, world: int, problem: Problem) -> Problem:
        """A problem in a world as one in the config: at the template of its group, at its phase, in their names."""
        first, *rest = problem.trail or ("",)
        if not self.template or not rest:
            return problem
        known = tuple(dict.fromkeys(self.template.get(name, name) for name in problem.known))
        problem = replace(problem, known=known)
        if first == "groups":
            name, template = str(rest[0]), self.template.get(str(rest[0]), str(rest[0]))
            what = problem.what.replace(f"groups.{name}", f"groups.{template}")
            return replace(problem, trail=(first, template, *rest[1:]), what=what)
        if first == "phases" and isinstance(rest[0], int) and rest[0] < len(self.phases[world]):
            return replace(problem, trail=(first, self.phases[world][rest[0]], *rest[1:]))
        return problem


def swept(data: Mapping[str, Any]) -> Swept:
    """A config's data without its sweep: counted first, and written out only where it is no more than can be run."""
    made = Swept()
    try:
        _Sweep(data, made).write_out()
    except _Stop as stop:
        made.problems.append(stop.problem)
    return made


class _Stop(Exception):
    def __init__(self, trail: KeyPath, what: str, word: str = "", known: Sequence[str] = ()) -> None:
        self.problem = Problem(trail, what, word=word, known=tuple(known))


class _Sweep:
    def __init__(self, data: Mapping[str, Any], made: Swept) -> None:
        self.data, self.made = data, made
        self.groups, self.phases = mapping_of(data.get("groups")), list_of(data.get("phases"))
        if not isinstance(data["sweep"], dict) or not data["sweep"]:
            raise _Stop(("sweep",), "sweep must be a mapping of axes, as in sweep: {dose: [1, 10]}")
        self.axes: list[Axis] = []
        for key, written in data["sweep"].items():
            try:
                self.axes.append(axis_of(key, written))
            except WrongAxisError as why:
                raise _Stop(("sweep", key), str(why)) from None
        self.on = {name: k for k, axis in enumerate(self.axes) for name in axis.names}
        if len(self.on) < sum(len(axis.names) for axis in self.axes):
            raise _Stop(("sweep",), "two axes have one name")

    def write_out(self) -> None:
        rest = {key: value for key, value in self.data.items() if key not in ("sweep", "groups", "phases")}
        for trail, name in _uses(rest, ()):
            where = f"under {shown(trail[0])}" if trail else "in a key of the config itself"
            what = f"${name} stands where no axis can, {where}: in groups and phases only"
            raise _Stop(trail, what, str(trail[0]) if trail else "", ("groups", "phases"))
        by_phase = [self.used(phase, ("phases", k)) for k, phase in enumerate(self.phases)]
        clock = [self.used(mapping_of(phase).get("gap_hours"), ("phases", k)) for k, phase in enumerate(self.phases)]
        by_group = self.of_groups(by_phase, clock)
        if not self.groups:
            raise _Stop((), "a sweep makes groups, and the study needs the key 'groups'")
        if not any(by_group.values()):
            raise _Stop(
                ("sweep",), f"no group and no phase uses an axis: write ${next(iter(self.on))} where its value goes"
            )
        for name, k in self.on.items():
            if k not in {*itertools.chain(*by_group.values())}:
                raise _Stop(("sweep",), f"nothing uses axis {shown(name)}: write ${name} where its value goes")
        self.check_size(by_group, {*itertools.chain(*by_phase)})
        try:
            points = [axis.points() for axis in self.axes]
        except (ValueError, OverflowError) as why:  # of scipy
            raise _Stop(("sweep",), str(why)) from None
        for axis, of_axis in zip(self.axes, points, strict=True):
            _refuse_same(axis, of_axis)
        worlds: dict[tuple[int, ...], dict[str, Any]] = {}
        in_phases, in_use = sorted({*itertools.chain(*by_phase)}), {*itertools.chain(*by_group.values())}
        for key, used in by_group.items():
            for place in itertools.product(*(range(self.axes[k].n) for k in used)):
                at = dict(zip(used, place, strict=True))
                chosen = {k: points[k][at.get(k, 0)] for k in range(len(self.axes))}
                world = tuple(at.get(k, 0) for k in in_phases)
                values, labels = dict[str, Any](), dict[str, str]()
                for k, (row, words) in chosen.items():
                    values |= dict(zip(self.axes[k].names, row, strict=True))
                    labels |= dict(zip(self.axes[k].names, words, strict=True))
                name = self.name(key, labels, used)
                if name in self.made.template:
                    raise _Stop(
                        ("groups", key), f"two points have the name {shown(name)}: name its axes, as in {{dose}}"
                    )
                if world not in worlds:
                    worlds[world] = {**rest, "groups": {}, "phases": _filled(self.phases, values)}
                worlds[world]["groups"][name] = _filled(self.groups[key], values)
                self.made.template[name] = key
                self.made.points[name] = {
                    axis: _column(values[axis], labels[axis]) if k in at else None
                    for axis, k in self.on.items()
                    if k in in_use
                }
        self.made.phases = [[*range(len(self.phases))] for _ in worlds]
        for one, kept in zip(worlds.values(), self.made.phases, strict=True):
            self.made.worlds.append(self.with_members(one, kept))

    def used(self, value: Any, trail: KeyPath) -> set[int]:
        """The axes that a part of the config names."""
        found = set()
        for where, name in _uses(value, trail):
            if name not in self.on:
                raise _Stop(where, f"there is no axis {shown(name)} in sweep", name, [*self.on])
            found.add(self.on[name])
        return found

    def of_groups(self, by_phase: list[set[int]], clock: list[set[int]]) -> dict[str, list[int]]:
        """The axes of each group, in the order of the sweep."""
        found: dict[str, set[int]] = {}
        for key, group in self.groups.items():
            found[key] = self.used(group, ("groups", key)) | {*itertools.chain(*clock)}
            found[key] |= self.used([f"${name}" for name in IN_NAME.findall(key)], ("groups", key))
            for phase, used in zip(self.phases, by_phase, strict=True):
                listed = mapping_of(phase).get("groups")
                if not isinstance(listed, list) or key in listed:
                    found[key] |= used
        in_phases = {*itertools.chain(*by_phase)}
        for _ in range(min(len(self.groups), 16)):  # a partner's axes, and its partner's; in one world they all are
            for key, group in self.groups.items():
                if (partner := text_of(mapping_of(group).get("yoked_to"))) in found:
                    found[key] |= found[partner]
                    found[partner] |= found[key] & in_phases
        return {key: sorted(used) for key, used in found.items()}

    def check_size(self, by_group: Mapping[str, list[int]], in_phases: set[int]) -> None:
        groups = sum(math.prod(self.axes[k].n for k in used) for used in by_group.values())
        if groups > MOST_GROUPS:
            raise _Stop(
                ("sweep",), f"this sweep has {groups:,} groups; at most {MOST_GROUPS:,} can be run as one study"
            )
        worlds = math.prod(self.axes[k].n for k in in_phases)
        if worlds > MOST_WORLDS:
            what = f"the axes that phases name have {worlds:,} combinations; at most {MOST_WORLDS}"
            raise _Stop(("sweep",), f"{what}: axes that only groups name have no such limit")

    def name(self, key: str, labels: Mapping[str, str], used: Sequence[int]) -> str:
        """A group's name: its key with the labels of the axes named there, and those of the others behind it."""
        named = {*IN_NAME.findall(key)}
        others = [name for k in used for name in self.axes[k].names if name not in named]
        name = IN_NAME.sub(lambda found: labels[found[1]], key)
        return "_".join([name, *(f"{other}{labels[other]}" for other in others if self.axes[self.on[other]].n > 1)])

    def with_members(self, world: dict[str, Any], kept: list[int]) -> dict[str, Any]:
        """The world with its own groups where its phases and yoked groups name a template.

        A phase for none of its groups goes, but the hours before it pass.
        """
        made: dict[str, list[str]] = {}
        for name in world["groups"]:
            made.setdefault(self.made.template[name], []).append(name)
        for phase in world["phases"]:
            for key in ("groups", "frozen"):
                if isinstance(phase, dict) and isinstance(phase.get(key), list):
                    known = {name: made.get(name, []) for name in self.groups}
                    listed = [known.get(name, [name]) if isinstance(name, str) else [name] for name in phase[key]]
                    filled = [*itertools.chain(*listed)] if phase[key] else []
                    if key == "frozen" and phase[key] and not filled:
                        del phase[key]  # in this world none of these
                    else:
                        phase[key] = filled
            for entry in map(mapping_of, list_of(mapping_of(phase).get("interventions"))):
                if (named := reached(entry, "groups")) and all(isinstance(name, str) for name in entry["groups"]):
                    entry["groups"] = [*itertools.chain(*(made.get(name, [name]) for name in named))]
        for index in reversed(range(len(world["phases"]))):
            phase, after = mapping_of(world["phases"][index]), [*map(mapping_of, world["phases"][index + 1 :])]
            if phase.get("groups") == [] and self.phases[index]["groups"]:
                if after and is_number(phase.get("gap_hours", 0)) and is_number(after[0].get("gap_hours", 0)):
                    after[0]["gap_hours"] = after[0].get("gap_hours", 0) + phase.get("gap_hours", 0)
                del world["phases"][index], kept[index]
        for name, group in world["groups"].items():
            partner = text_of(mapping_of(group).get("yoked_to"))
            own = self.made.points[name]
            for other in made.get(partner or "", ()):
                if all(value is None or value == own[axis] for axis, value in self.made.points[other].items()):
                    group["yoked_to"] = other
        return world


def _refuse_same(axis: Axis, points: Sequence[tuple[Row, tuple[str, ...]]]) -> None:
    """Raises _Stop where the tables' columns would not tell two points apart, nor doses from concentrations."""
    key, seen = ", ".join(axis.names), dict[Row, Row]()
    for k, name in enumerate(axis.names):
        doses = {isinstance(row[k], str) and DOSE.fullmatch(row[k]) is not None for row, _ in points}
        if len(doses) > 1:
            raise _Stop(
                ("sweep",), f"axis {shown(name)} has values in mg/kg and others: give all of them a unit, or none"
            )
    for row, labels in points:
        found = tuple(map(_column, row, labels))
        if found in seen:
            raise _Stop(
                ("sweep",), f"axis {shown(key)} has one point twice: {_said(seen[found])} and {_said(row)} are the same"
            )
        seen[found] = row


def _said(row: Row) -> str:
    return ", ".join(shown(value) for value in row)


def _uses(value: Any, trail: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Where axes are named, $dose or ${dose}, in keys too."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from ((trail, one or other) for one, other in USE.findall(key))
            yield from _uses(inside, (*trail, key))
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from _uses(inside, (*trail, index))
    elif isinstance(value, str):
        yield from ((trail, one or other) for one, other in USE.findall(value))


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A copy with the axes' values in place of their names; one that stands alone keeps its kind."""
    if isinstance(value, dict):
        return {str(_filled(key, values)): _filled(inside, values) for key, inside in value.items()}
    if isinstance(value, list):
        return [_filled(inside, values) for inside in value]
    if not isinstance(value, str):
        return value
    if alone := USE.fullmatch(value):
        return values[alone[1] or alone[2]]
    return USE.sub(lambda found: str(values[found[1] or found[2]]), value)


def _column(value: Any, label: str) -> Any:
    """A value as the tables' column has it: a number, or a text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and (found := DOSE.fullmatch(value)):
        return float(found[1])
    return time_in(value, "h") if isinstance(value, str) else label
