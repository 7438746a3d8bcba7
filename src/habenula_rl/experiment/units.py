"""A plan cut into units of work: a group and a chunk of its subjects, carried through the group's phases."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..config.limits import CHUNK
from ..config.plan import Plan, PlannedGroup, PlannedPhase
from ..contract import place_name
from ..engine import phase as engine_phase
from ..engine import population, tables
from ..interventions import History, applied

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Unit:
    """One piece of work: the subjects `first` to `first + n - 1` of a group."""

    group: str
    first: int
    n: int

    @property
    def name(self) -> str:
        return f"{self.group}-{self.first:06d}"


@dataclass(frozen=True)
class UnitResult:
    """A unit's tables: `trials` one row a step (None with record: summary), `subjects` one row a subject and phase."""

    trials: pd.DataFrame | None
    subjects: pd.DataFrame


@dataclass(frozen=True)
class PhaseResult:
    """A phase that a unit's subjects have gone through."""

    phase: PlannedPhase
    subjects: population.Subjects
    result: engine_phase.Phase


def units_of(plan: Plan, chunk: int = CHUNK) -> list[Unit]:
    """The plan's units, group after group, in the order in which their tables are joined."""
    return [
        Unit(name, first, min(chunk, group.n - first))
        for name, group in plan.groups.items()
        for first in range(0, group.n, chunk)
    ]


def run_unit(plan: Plan, unit: Unit, *, compiled: bool = True) -> UnitResult:
    """Simulate a unit's subjects through all their phases.

    Raises ValueError where phases that share a context are in two places, or a phase cannot be replayed. `compiled`
    does not go by size, as in `simulate`: a study has several groups and phases, and comes to more than a few steps.
    """
    import pandas as pd

    group = plan.groups[unit.group]
    names, phases = pd.Index([unit.group]), pd.Index([phase.name for phase in group.phases])
    values = group.parameters(unit.first, unit.n)
    traits = {f"trait_{name}": value for name, value in values.items() if isinstance(value, np.ndarray)}

    def labelled(table: pd.DataFrame, phase: int) -> pd.DataFrame:
        of_group = pd.Categorical.from_codes(np.zeros(len(table), np.int64), names)
        of_phase = pd.Categorical.from_codes(np.full(len(table), phase, np.int64), phases)
        named = pd.DataFrame({"group": of_group, "phase": of_phase})
        return pd.concat([named, table, *at_point(plan, group, len(table))], axis=1)

    trials, subjects = [], []
    for i, passed in enumerate(run_phases(plan, unit, rows=plan.records_trials, compiled=compiled)):
        if plan.records_trials:
            trials.append(labelled(tables.trial_table(passed.result.rows, group.signals), i))
        table = tables.subject_table(passed.result, passed.subjects, passed.phase.place.actions)
        subjects.append(labelled(table, i).assign(**traits))
    joined = pd.concat(trials, ignore_index=True) if plan.records_trials else None
    return UnitResult(joined, pd.concat(subjects, ignore_index=True))


def at_point(plan: Plan, group: PlannedGroup, n: int) -> Iterator[pd.Series[Any]]:
    """For each axis of a sweep `n` times the group's value: float, or a category; missing where it is on none."""
    import pandas as pd

    for name, labels in plan.axes.items():
        value = group.point[name]
        if labels is None:
            yield pd.Series(np.full(n, np.nan if value is None else value, float), name=f"axis_{name}")
        else:
            code = -1 if value is None else labels.index(str(value))
            yield pd.Series(pd.Categorical.from_codes(np.full(n, code), pd.Index(labels)), name=f"axis_{name}")


def run_phases(
    plan: Plan, unit: Unit, *, rows: bool = True, until: str | None = None, compiled: bool = True
) -> Iterator[PhaseResult]:
    """A unit's subjects, phase after phase, up to the phase `until`, which is always recorded.

    In a phase that replays something they get what their partners had.
    """
    scripts = _scripts(plan, unit, compiled)
    recorded = {phase.name for phase in plan.groups[unit.group].phases if rows or phase.name == until}
    for passed in _lived(plan, unit, scripts, recorded, compiled):
        yield passed
        if passed.phase.name == until:
            return


def _scripts(plan: Plan, unit: Unit, compiled: bool) -> dict[str, Array]:
    """What a unit's partners went through in the phases that its subjects replay, by phase: arrays (n, trials).

    The partners are simulated once more, so no unit waits for another; where they are yoked themselves, theirs are too,
    each group of the chain once and no further than it is wanted.
    """
    chain, group = [], plan.groups[unit.group]
    phases = list(group.phases)
    while group.partners is not None and (wanted := {phase.replays for phase in phases if phase.replays}):
        group = group.partners
        phases = list(group.phases)
        while phases and phases[-1].name not in wanted:
            phases.pop()
        chain.append((group.name, {str(name) for name in wanted}, len(phases)))
    scripts: dict[str, Array] = {}
    for name, replayed, n_phases in reversed(chain):
        partners = Unit(name, unit.first, unit.n)
        lived = itertools.islice(_lived(plan, partners, scripts, replayed, compiled), n_phases)
        scripts = {one.phase.name: _replayable(one, partners) for one in lived if one.phase.name in replayed}
    return scripts


def _lived(
    plan: Plan, unit: Unit, scripts: Mapping[str, Array], recorded: Collection[str], compiled: bool
) -> Iterator[PhaseResult]:
    """A unit's subjects, phase after phase, with the rows of the phases named in `recorded` and of replaying ones."""
    group = plan.groups[unit.group]
    subjects = population.Subjects(group.agent, group.places, n=unit.n, seed=group.seed, first=unit.first)
    values, history = group.parameters(unit.first, unit.n), History()
    for phase in group.phases:
        subjects.rest(phase.hour - history.now)
        history.now = phase.hour
        in_force = applied(phase.interventions, type(group.agent), values, history)
        subjects.set_parameters(in_force)
        script = None if phase.replays is None else scripts.get(phase.replays)
        result = subjects.run(
            phase.place,
            phase.trials,
            context=phase.context,
            stream=phase.stream,
            script=script,
            compiled=compiled,
            rows=phase.name in recorded or script is not None,
            learning=phase.learning,
        )
        most_steps = phase.trials * phase.place.max_steps
        history.lived(in_force, subjects.state, result.sums, phase.longest_hours, most_steps)
        passed = PhaseResult(phase, subjects, result)
        if script is not None:
            _check_replay(passed, unit, script)
        yield passed


def _replayable(passed: PhaseResult, unit: Unit) -> Array:
    """The durations that others are given; ValueError where they do not show in what was recorded."""
    seconds = _durations(passed, unit)
    if np.isnan(seconds).any():
        raise ValueError(
            f"phase '{passed.phase.name}' of group '{unit.group}' cannot be replayed: how long its shocks lasted does "
            f"not show in what they cost in {place_name(passed.phase.place)} with these parameters: "
            f"{passed.phase.place!r}"
        )
    return seconds


def _durations(passed: PhaseResult, unit: Unit) -> Array:
    seconds: Array = passed.phase.place.durations(passed.result.rows, unit.first, unit.n, passed.phase.trials)
    return seconds


def _check_replay(passed: PhaseResult, unit: Unit, script: Array) -> None:
    """Yoked subjects get exactly what their partners had, as far as it shows, or the comparison means nothing."""
    phase = passed.phase
    trials = np.arange(phase.trials) % script.shape[1]
    sound = passed.result.failed[:, 0] < 0
    given, due = _durations(passed, unit)[sound], script[sound][:, trials]
    if not np.array_equal(np.where(np.isnan(given), due, given), due):
        raise ValueError(
            f"group '{unit.group}' cannot replay phase '{phase.replays}' in phase '{phase.name}': its subjects would "
            f"not be given the same durations by {place_name(phase.place)} with these parameters: {phase.place!r}"
        )
