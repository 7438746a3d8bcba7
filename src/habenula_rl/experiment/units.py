"""A plan cut into units of work: a group and a chunk of its subjects, carried through the group's phases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..config.limits import CHUNK
from ..config.plan import Plan, PlannedPhase
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
        return pd.concat([pd.DataFrame({"group": of_group, "phase": of_phase}), table], axis=1)

    trials, subjects = [], []
    for i, passed in enumerate(run_phases(plan, unit, rows=plan.records_trials, compiled=compiled)):
        if plan.records_trials:
            trials.append(labelled(tables.trial_table(passed.result.rows, group.signals), i))
        table = tables.subject_table(passed.result, passed.subjects, passed.phase.place.actions)
        subjects.append(labelled(table, i).assign(**traits))
    joined = pd.concat(trials, ignore_index=True) if plan.records_trials else None
    return UnitResult(joined, pd.concat(subjects, ignore_index=True))


def run_phases(
    plan: Plan, unit: Unit, *, rows: bool = True, until: str | None = None, compiled: bool = True
) -> Iterator[PhaseResult]:
    """A unit's subjects, phase after phase, up to the phase `until`, which is always recorded."""
    group = plan.groups[unit.group]
    subjects = population.Subjects(group.agent, group.places, n=unit.n, seed=group.seed, first=unit.first)
    values, history = group.parameters(unit.first, unit.n), History()
    for phase in group.phases:
        history.now = phase.hour
        in_force = applied(phase.interventions, type(group.agent), values, history)
        subjects.set_parameters(in_force)
        script = _script(plan, unit, phase, compiled)
        result = subjects.run(
            phase.place,
            phase.trials,
            context=phase.context,
            stream=phase.stream,
            script=script,
            compiled=compiled,
            rows=rows or phase.name == until or script is not None,
        )
        most_steps = phase.trials * phase.place.max_steps
        history.lived(in_force, subjects.state, result.sums, phase.longest_hours, most_steps)
        passed = PhaseResult(phase, subjects, result)
        if script is not None:
            _check_replay(passed, unit, script)
        yield passed
        if phase.name == until:
            return


def _script(plan: Plan, unit: Unit, phase: PlannedPhase, compiled: bool) -> Array | None:
    """What a yoked unit's partners went through: an array (n, trials), or None in a phase that replays nothing.

    The partners are simulated once more, so no unit waits for another.
    """
    group = plan.groups[unit.group]
    if phase.replays is None or group.partners is None:
        return None
    partners = Unit(group.partners.name, unit.first, unit.n)
    *_, last = run_phases(plan, partners, rows=False, until=phase.replays, compiled=compiled)
    return _durations(last, partners)


def _durations(passed: PhaseResult, unit: Unit) -> Array:
    seconds: Array = passed.phase.place.durations(passed.result.rows, unit.first, unit.n, passed.phase.trials)
    return seconds


def _check_replay(passed: PhaseResult, unit: Unit, script: Array) -> None:
    """Yoked subjects get exactly what their partners had, or the comparison means nothing."""
    phase = passed.phase
    trials = np.arange(phase.trials) % script.shape[1]
    sound = passed.result.failed[:, 0] < 0
    if not np.array_equal(_durations(passed, unit)[sound], script[sound][:, trials]):
        raise ValueError(
            f"group '{unit.group}' cannot replay phase '{phase.replays}' in phase '{phase.name}': its subjects would "
            f"not be given the same durations by {place_name(phase.place)} with these parameters: {phase.place!r}"
        )
