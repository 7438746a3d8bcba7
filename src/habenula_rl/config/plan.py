"""A study as it is run: agents, tasks, environments and interventions as objects, made once from what the config says.

    Study  --plan_of-->  Plan: for each group its agent, its phases (place, length, hour, what is in force), its places

A subject's numbers depend on the study's seed and its number in its group, so that groups hold the same subjects, and
where they are to be independent, on its group's name too. A group added, another n or another chunk size changes nobody
else's.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..agents import AGENTS
from ..contract import Agent, Place, Task
from ..engine.population import Places, checked_record, places_of
from ..environments.gymnasium_task import Environment
from ..interventions import INTERVENTIONS, Intervention, outlasting
from ..randomness import UNIT, U, draw, stream_key
from ..tasks import TASKS
from .contexts import difference
from .distributions import DISTRIBUTIONS, Distribution
from .given import REACH, Dose, doses, intervention_in, reached
from .problems import KeyPath
from .study import SUBJECTS, Group, Phase, Study

Array = np.ndarray[Any, Any]
PARAMETER_STREAMS = 1 << 33  # above the kernel's two streams for each phase
NO_MEANING = {"description", "unit_seconds"}  # what changes no number
Entry = tuple[str, Intervention]  # an intervention and what the config calls it


@dataclass(frozen=True)
class PlannedPhase:
    """A phase as one group goes through it: so many trials in a place, at an `hour` since the study began.

    `interventions` are those in force, each as it is at that hour; `replays` names the phase in which a yoked group's
    partners had what its subjects are given here, None where nothing is replayed. Without `learning` they act and learn
    nothing.
    """

    name: str
    place: Place
    trials: int
    hour: float
    context: str
    interventions: tuple[Intervention, ...]
    replays: str | None
    learning: bool = True

    @property
    def stream(self) -> int:
        """The phase's random stream, which depends on its name alone."""
        return crc(self.name)

    @property
    def longest_hours(self) -> float:
        """How long it can last (h); 0 where its place is not one in real time."""
        return self.place.longest_hours(self.trials) if isinstance(self.place, Task) else 0.0


@dataclass(frozen=True)
class PlannedGroup:
    """`n` subjects of one agent: `agent` has the parameters that they share, `spread` how they differ in the others.

    `signals` are recorded of them beside what they do, where trials are recorded at all; `elsewhere` holds the contexts
    that only other groups meet, each with its place. `point` has its values on a sweep's axes.
    """

    name: str
    n: int
    agent: Agent
    spread: Mapping[str, Distribution]
    signals: tuple[str, ...]
    seed: int
    phases: tuple[PlannedPhase, ...]
    elsewhere: Mapping[str, Place]
    partners: PlannedGroup | None
    point: Mapping[str, Any]

    @cached_property
    def places(self) -> Places:
        """Those of all contexts of the study, those that it meets first: no number depends on the others.

        So few shapes need compiling. Raises ValueError where phases share a context that is not the same place.
        """
        met: dict[str, PlannedPhase] = {}
        for phase in self.phases:
            other = met.setdefault(phase.context, phase)
            if why := difference(other.place, phase.place):
                shared = f"phase '{other.name}' has its context '{phase.context}' too"
                raise ValueError(f"phase '{phase.name}': {shared}, but {why}")
        return places_of({context: phase.place for context, phase in met.items()} | dict(self.elsewhere))

    def parameters(self, first: int, n: int) -> dict[str, Any]:
        """The agent's parameter values before any intervention, for the `n` subjects from number `first` on.

        An array (n,) where subjects differ, else a number.
        """
        return self.agent.values() | {name: self._drawn(name, first, n) for name in self.spread}

    def _drawn(self, name: str, first: int, n: int) -> Array:
        """A parameter's value for each subject, at its own quantile, clipped to the declared range."""
        field = self.agent.fields()[name]
        subjects = np.arange(first, first + n, dtype=np.uint64)
        with np.errstate(over="ignore"):
            key = stream_key(U(self.seed), U(PARAMETER_STREAMS + crc(name)), subjects)  # type: ignore[arg-type]
            uniform = [max(float(u), UNIT / 2) for u in np.atleast_1d(draw(key, U(0)))]  # in the open interval (0, 1)
        values = np.array([self.spread[name].quantile(u) for u in uniform])
        if isinstance(field.default, int):
            values = np.round(values)
        clipped: Array = np.clip(values, field.metadata["low"], field.metadata["high"])
        return clipped


@dataclass(frozen=True)
class Plan:
    """A study's groups, ready to be simulated.

    `config` is the study as plain data that JSON can hold, with every default filled in, and numbers of the kind that
    their parameters have, so that two configs that mean the same are the same. `warnings` has a sentence for each
    intervention that ends while phases go on that it acts on.
    """

    study: Study
    groups: Mapping[str, PlannedGroup]
    config: Mapping[str, Any]
    warnings: tuple[str, ...]

    @property
    def records_trials(self) -> bool:
        """Whether steps are kept, and not their sums alone."""
        return self.study.record != "summary"

    @property
    def axes(self) -> dict[str, tuple[str, ...] | None]:
        """The axes of a sweep: None for one of numbers, the labels of any other."""
        found: dict[str, tuple[str, ...] | None] = {}
        for name in next(iter(self.study.points.values()), {}):
            values = [at[name] for at in self.study.points.values() if at[name] is not None]
            numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
            found[name] = None if numbers else tuple(dict.fromkeys(map(str, values)))
        return found

    @cached_property
    def hash(self) -> str:
        """16 hexadecimal digits of what it computes: the same for any order of keys, file name and description."""
        meaning = {key: value for key, value in self.config.items() if key not in NO_MEANING}
        text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan_of(study: Study) -> Plan:
    """The study with everything that it names made; of a sweep over what phases say, each world by itself."""
    if not study.worlds:
        return _Maker(study).plan()
    plans = [plan_of(world) for world in study.worlds]
    made = {name: group for plan in plans for name, group in plan.groups.items()}
    groups = {name: made[name] for name in study.groups}
    worlds = [{key: plan.config[key] for key in ("groups", "phases")} for plan in plans]
    worlds = [{"groups": [*world["groups"]], "phases": world["phases"]} for world in worlds]
    config = {**_Maker(study).config(groups), "worlds": worlds}
    return Plan(study, groups, config, tuple(dict.fromkeys(line for plan in plans for line in plan.warnings)))


class _Maker:
    """Makes what a study names, each thing once: by phase its place and hour, by group and phase what is given."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.places = [_place(phase) for phase in study.phases]
        self.hours = list(itertools.accumulate(phase.gap_hours for phase in study.phases))
        self.entries: dict[KeyPath, Entry] = {}
        self.made: dict[str, PlannedGroup] = {}
        self.outlasted: dict[str, list[str]] = {}
        self.gone_through: dict[Any, tuple[tuple[PlannedPhase, ...], list[str]]] = {}

    def plan(self) -> Plan:
        groups = {name: self.group(name) for name in self.study.groups}
        warnings = dict.fromkeys(line for name in groups for line in self.outlasted[name])
        return Plan(self.study, groups, self.config(groups), tuple(warnings))

    def group(self, name: str) -> PlannedGroup:
        """The group, and before it the one that it is yoked to."""
        if name in self.made:
            return self.made[name]
        study, group = self.study, self.study.groups[name]
        numbers = {key: value for key, value in group.parameters.items() if not isinstance(value, Mapping)}
        spread = {key: _distribution(group.parameters[key]) for key in group.parameters if key not in numbers}
        agent = AGENTS[group.agent](**numbers)
        record = study.record
        if not isinstance(record, str):
            record = tuple(signal for signal in record if signal in agent.signals)
        phases = self.phases(name)
        met = {phase.context for phase in phases}
        others = (i for i, phase in enumerate(study.phases) if context_of(phase) not in met)
        self.made[name] = PlannedGroup(
            name=name,
            n=group.n,
            agent=agent,
            spread=spread,
            signals=checked_record(record, type(agent)),
            seed=_seed(study, name),
            phases=phases,
            elsewhere={context_of(study.phases[i]): self.places[i] for i in others},
            partners=None if group.yoked_to is None else self.group(group.yoked_to),
            point=study.points.get(name, {}),
        )
        return self.made[name]

    def phases(self, group: str) -> tuple[PlannedPhase, ...]:
        """The phases that a group takes part in, in order; what is given goes on from phase to phase.

        Made once for all groups that are given the same and take part in the same.
        """
        takes_part = [i for i, phase in enumerate(self.study.phases) if not phase.groups or group in phase.groups]
        given = tuple((dose.phase, self.entry(dose.trail, dose.entry)) for dose in self.doses[group])
        learning = tuple(self.study.phases[i].learns(group) for i in takes_part)
        key = (given, tuple(takes_part), learning)
        if key not in self.gone_through:
            self.gone_through[key] = self.go_through(*key)
        made, self.outlasted[group] = self.gone_through[key]
        return made

    @cached_property
    def doses(self) -> dict[str, list[Dose]]:
        """All that each group is given, in order."""
        own = {name: group.interventions for name, group in self.study.groups.items()}
        phases = [(phase.name, phase.groups or [*own], phase.interventions) for phase in self.study.phases]
        return doses(own, phases)

    def entry(self, trail: KeyPath, written: Mapping[str, Any]) -> Entry:
        """What stands at that place of the config, made once."""
        if trail not in self.entries:
            (self.entries[trail],) = entries_of([written])
        return self.entries[trail]

    def go_through(
        self, doses: Sequence[tuple[int, Entry]], takes_part: Sequence[int], learning: Sequence[bool]
    ) -> tuple[tuple[PlannedPhase, ...], list[str]]:
        """These phases of a group that is given so much, each before a phase, and what ends while they go on.

        `learning` says of each whether it learns there.
        """
        made: list[PlannedPhase] = []
        outlasted: list[str] = []
        for i, learns in zip(takes_part, learning, strict=True):
            given = [(k, intervention) for k, (_, intervention) in doses if k <= i]
            phase, hour = self.study.phases[i], self.hours[i]
            now = [one.replace(hours_before=one.hours_before + (hour - self.hours[k])) for k, one in given]
            context = context_of(phase)
            made.append(
                PlannedPhase(phase.name, self.places[i], phase.trials, hour, context, tuple(now), phase.replays, learns)
            )
            for (before, _), intervention in zip(given, now, strict=True):
                since = (other for other, k in zip(made, takes_part, strict=False) if k >= before)
                outlasted += _outlasting(intervention, [other for other in since if other.hour == hour])
        return tuple(made), outlasted

    def config(self, groups: Mapping[str, PlannedGroup]) -> dict[str, Any]:
        """What `Plan.config` is, from what was made."""
        study = self.study
        written_groups = {name: self.written_group(study.groups[name], groups[name]) for name in study.groups}
        phases = [self.written_phase(i, phase) for i, phase in enumerate(study.phases)]
        record = study.record if isinstance(study.record, str) else list(study.record)
        written = {"record": record, "own": list(study.own), "groups": written_groups, "phases": phases}
        limit = {} if study.unit_seconds is None else {"unit_seconds": study.unit_seconds}
        points = {"sweep": study.points, "templates": study.templates} if study.points else {}
        return (
            study.model_dump(exclude={"unit_seconds", "sweep"})
            | limit
            | points
            | written
            | {"subjects": SUBJECTS[study.independent]}
        )

    def written_group(self, group: Group, made: PlannedGroup) -> dict[str, Any]:
        kinds = {declared: kind for kind, declared in DISTRIBUTIONS.items()}
        spread = {name: {kinds[type(drawn)]: drawn.values()} for name, drawn in made.spread.items()}
        return group.model_dump() | {
            "parameters": _plain(made.agent.values()) | spread,
            "interventions": self.written_entries(("groups", made.name), group.interventions),
        }

    def written_phase(self, index: int, phase: Phase) -> dict[str, Any]:
        place = self.places[index]
        frozen = ({"learning": False} if not phase.learning else {}) | (
            {"frozen": sorted(phase.frozen)} if phase.frozen else {}
        )
        absent = {"learning", "frozen"} | ({"env", "bins"} if phase.env is None else {"task"})
        return (
            phase.model_dump(exclude=absent)
            | frozen
            | {
                "parameters": _plain(place.values()) if isinstance(place, Task) else dict(phase.parameters),
                "groups": sorted(phase.groups) or sorted(self.study.groups),
                "context": context_of(phase),
                "interventions": self.written_entries(("phases", index), phase.interventions),
            }
        )

    def written_entries(self, owner: KeyPath, written: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Interventions with every default filled in, and the groups or phases that they name."""
        return [
            {name: _shown(intervention)} | {key: sorted(names) for key in REACH if (names := reached(one, key))}
            for k, one in enumerate(written)
            for name, intervention in [self.entry((*owner, "interventions", k), one)]
        ]


def _place(phase: Phase) -> Place:
    """The phase's task or environment with its parameters."""
    if phase.task is None:
        return Environment(str(phase.env), bins=phase.bins, **phase.parameters)
    return TASKS[phase.task](**phase.parameters)


def context_of(phase: Phase) -> str:
    """The context that a phase is in: by default its own."""
    return phase.context or phase.name


def entries_of(written: Sequence[Mapping[str, Mapping[str, Any]]]) -> tuple[Entry, ...]:
    """The interventions that a config gives, with their names there."""
    named = (intervention_in(entry) for entry in written)
    return tuple((one[0], INTERVENTIONS[one[0]](**one[1])) for one in named if one)


def _outlasting(intervention: Intervention, together: Sequence[PlannedPhase]) -> list[str]:
    """That it ends while phases go on that it acts on, without a gap between them, and so one after the other."""
    names = f"phase{'s' * (len(together) > 1)} {', '.join(phase.name for phase in together)}"
    return outlasting([intervention], sum(phase.longest_hours for phase in together), names)


def _shown(intervention: Intervention) -> dict[str, Any]:
    """All its parameters, but for the moment of what acts always."""
    return {name: value for name, value in intervention.values().items() if (name, value) != ("at", "always")}


def _distribution(written: Mapping[str, Mapping[str, float]]) -> Distribution:
    ((kind, shape),) = written.items()
    return DISTRIBUTIONS[kind](**shape)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def crc(name: str) -> int:
    """A number from 0 to 2³² - 1 for a name, the same everywhere and always."""
    return zlib.crc32(name.encode())


def _seed(study: Study, group: str) -> int:
    """The seed of a group's subjects, 0 to 2⁶³ - 1: from the study's seed, not from the group's place.

    One for all groups, which are the same subjects then; in a study with independent ones the group's name counts too.
    """
    key = (crc(study.sown(group)),) if study.independent else ()
    sequence = np.random.SeedSequence(entropy=study.seed, spawn_key=key)
    return int(sequence.generate_state(1, np.uint64)[0] >> U(1))
