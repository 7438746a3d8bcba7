"""A study cut into units of work: a group and a chunk of its subjects, carried through the group's phases.

A subject's numbers depend on the study's seed and its number in its group, so that groups hold the same subjects, and
where they are to be independent, on its group's name too. A group added, another n or another chunk size changes nobody
else's.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents import AGENTS
from ..config.contexts import difference
from ..config.limits import CHUNK
from ..contract import Agent, Task
from ..engine import phase as engine_phase
from ..engine import population, tables
from ..engine.environments import Environment, Place
from ..interventions import INTERVENTIONS, History, Intervention, Stay, applied, outlasting, unblocked
from ..randomness import UNIT, U, draw, stream_key
from ..tasks import TASKS

if TYPE_CHECKING:
    import pandas as pd

    from ..config.study import Phase, Study

Array = np.ndarray[Any, Any]
PARAMETER_STREAMS = 1 << 33  # above the kernel's two streams for each phase


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
class Passed:
    """A phase that a unit's subjects have gone through."""

    phase: Phase
    task: Place
    subjects: population.Subjects
    result: engine_phase.Phase


def units_of(study: Study, chunk: int = CHUNK) -> list[Unit]:
    """The study's units, group after group, in the order in which their tables are joined."""
    return [
        Unit(name, first, min(chunk, group.n - first))
        for name, group in study.groups.items()
        for first in range(0, group.n, chunk)
    ]


def run_unit(study: Study, unit: Unit, *, compiled: bool = True) -> UnitResult:
    """Simulate a unit's subjects through all their phases.

    Raises ValueError where the study asks for what its agent or task does not have. `compiled` does not go by size, as
    in `simulate`: a study has several groups and phases, and comes to more than a few steps.
    """
    import pandas as pd

    agent = AGENTS[study.groups[unit.group].agent]
    signals = population.checked_record(recorded(study, agent), agent)
    rows = study.record != "summary"
    trials, subjects = [], []
    for passed in walk(study, unit, rows=rows, compiled=compiled):
        if rows:
            table = tables.trial_table(type(passed.subjects.agent), passed.result.rows, signals)
            trials.append(_labelled(table, study, unit, passed.phase))
        table = tables.subject_table(passed.result, passed.subjects, passed.task)
        subjects.append(_labelled(table, study, unit, passed.phase).assign(**_traits(study, unit)))
    return UnitResult(pd.concat(trials, ignore_index=True) if rows else None, pd.concat(subjects, ignore_index=True))


def recorded(study: Study, agent: type[Agent]) -> str | list[str]:
    """`record` as the engine takes it: of a list the signals that this agent has."""
    return study.record if isinstance(study.record, str) else [name for name in study.record if name in agent.signals]


def _labelled(table: pd.DataFrame, study: Study, unit: Unit, phase: Phase) -> pd.DataFrame:
    import pandas as pd

    phases = pd.Index([p.name for p in phases_of(study, unit.group)])
    codes = np.full(len(table), phases.get_loc(phase.name), np.int64)
    group = pd.Categorical.from_codes(np.zeros_like(codes), pd.Index([unit.group]))
    labels = pd.DataFrame({"group": group, "phase": pd.Categorical.from_codes(codes, phases)})
    return pd.concat([labels, table], axis=1)


def _traits(study: Study, unit: Unit) -> dict[str, Array]:
    values = parameters_of(study, unit)
    return {f"trait_{name}": value for name, value in values.items() if isinstance(value, np.ndarray)}


def walk(
    study: Study, unit: Unit, *, rows: bool = True, until: str | None = None, compiled: bool = True
) -> Iterator[Passed]:
    """A unit's subjects, phase after phase, up to the phase `until`, which is always recorded."""
    values = parameters_of(study, unit)
    subjects = _naive(study, unit)
    hours, history = hours_of(study), History()
    for phase in phases_of(study, unit.group):
        task = task_of(phase)
        subjects.rest(hours[phase.name] - history.now)
        history.now = hours[phase.name]
        working = applied(in_force(study, unit.group, phase), type(subjects.agent), values, history)
        subjects.set_parameters(working)
        script = _script(study, unit, phase, compiled)
        result = subjects.run(
            task, phase.trials, context=_context(phase), stream=crc(phase.name), script=script, compiled=compiled,
            rows=rows or phase.name == until or script is not None,
        )  # fmt: skip
        passed = Passed(phase, task, subjects, result)
        if "hyperactivity" in (subjects.state.dtype.names or ()):
            history.add(_stay(passed, history.now, working))
        if script is not None:
            _check_replay(passed, unit, script)
        yield passed
        if phase.name == until:
            return


def _stay(passed: Passed, hour: float, working: Mapping[str, Any]) -> Stay:
    """What a phase was to the subjects' receptors. One that is not in real time takes none."""
    after, task, sums = passed.subjects.state["hyperactivity"].copy(), passed.task, passed.result.sums
    if not isinstance(task, Task) or math.isnan(task.step_s) or "burst" not in (sums.dtype.names or ()):
        return Stay(hour, after)
    steps = np.maximum(sums["steps"], 1)
    most = passed.phase.trials * task.max_steps
    bursts = unblocked(sums["burst"] / steps, working)
    return Stay(hour, after, task.longest_hours(passed.phase.trials), sums["steps"] / most, bursts)


def _naive(study: Study, unit: Unit) -> population.Subjects:
    """A unit's subjects before their first phase.

    Each gets room for the contexts and actions of the whole study: few shapes need compiling, and no number changes.
    """
    contexts = contexts_of(study, unit.group)
    others = [phase for phase in study.phases if _context(phase) not in contexts]
    contexts |= {_context(phase): task_of(phase) for phase in others}
    agent = AGENTS[study.groups[unit.group].agent]()
    seed = group_seed(study, unit.group)
    return population.Subjects(agent, contexts, n=unit.n, seed=seed, first=unit.first)


def contexts_of(study: Study, group: str) -> dict[str, Place]:
    """A task for each context that a group meets, in phase order.

    Raises ValueError where phases share a context that is not the same place.
    """
    places: dict[str, tuple[str, Place]] = {}
    for phase in phases_of(study, group):
        task = task_of(phase)
        name, other = places.setdefault(_context(phase), (phase.name, task))
        if why := difference(other, task):
            raise ValueError(f"phase '{phase.name}': phase '{name}' has its context '{_context(phase)}' too, but {why}")
    return {context: task for context, (_, task) in places.items()}


def phases_of(study: Study, group: str) -> list[Phase]:
    """The phases that a group takes part in, in order."""
    return [phase for phase in study.phases if not phase.groups or group in phase.groups]


def task_of(phase: Phase) -> Place:
    """The phase's task or environment with its parameters."""
    if phase.task is None:
        return Environment(str(phase.env), bins=phase.bins, **phase.parameters)
    return TASKS[phase.task](**phase.parameters)


def _context(phase: Phase) -> str:
    return phase.context or phase.name


def crc(name: str) -> int:
    """A number from 0 to 2³² - 1 for a name, the same everywhere and always."""
    return zlib.crc32(name.encode())


def group_seed(study: Study, group: str) -> int:
    """The seed of a group's subjects, 0 to 2⁶³ - 1: from the study's seed, not from the group's place.

    One for all groups, which are the same subjects then; in a study with independent ones the group's name counts too.
    """
    key = (crc(group),) if study.independent else ()
    sequence = np.random.SeedSequence(entropy=study.seed, spawn_key=key)
    return int(sequence.generate_state(1, np.uint64)[0] >> U(1))


QUANTILES: dict[str, Callable[[float, Mapping[str, float]], float]] = {
    "normal": lambda u, p: p["mean"] + p["sd"] * NormalDist().inv_cdf(u),
    "uniform": lambda u, p: p["low"] + (p["high"] - p["low"]) * u,
    "lognormal": lambda u, p: p["median"] * float(np.exp(p["sigma"] * NormalDist().inv_cdf(u))),
}


def parameters_of(study: Study, unit: Unit) -> dict[str, Any]:
    """The agent's parameter values before any intervention, an array (n,) where the config gives a distribution."""
    group = study.groups[unit.group]
    numbers = {name: value for name, value in group.parameters.items() if not isinstance(value, Mapping)}
    drawn = {name: _drawn(study, unit, name, value) for name, value in group.parameters.items() if name not in numbers}
    return AGENTS[group.agent](**numbers).values() | drawn


def _drawn(study: Study, unit: Unit, name: str, distribution: Mapping[str, Any]) -> Array:
    """A parameter's value for each subject, clipped to its declared range."""
    field = AGENTS[study.groups[unit.group].agent].fields()[name]
    ((kind, shape),) = distribution.items()
    values = np.array([QUANTILES[kind](u, shape) for u in _uniforms(study, unit, name)])
    if isinstance(field.default, int):
        values = np.round(values)
    clipped: Array = np.clip(values, field.metadata["low"], field.metadata["high"])
    return clipped


def _uniforms(study: Study, unit: Unit, name: str) -> list[float]:
    """One draw a subject, in the open interval (0, 1): its quantile in any distribution of this parameter."""
    subjects = np.arange(unit.first, unit.first + unit.n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        key = stream_key(U(group_seed(study, unit.group)), U(PARAMETER_STREAMS + crc(name)), subjects)  # type: ignore[arg-type]
        return [max(float(u), UNIT / 2) for u in np.atleast_1d(draw(key, U(0)))]


def hours_of(study: Study) -> dict[str, float]:
    """When each phase takes place, in hours: the gaps up to and including its own, added up."""
    hours = itertools.accumulate(phase.gap_hours for phase in study.phases)
    return {phase.name: time for phase, time in zip(study.phases, hours, strict=True)}


def in_force(study: Study, group: str, phase: Phase) -> list[Intervention]:
    """The interventions that a group is under in a phase, each as it is at that time."""
    return [intervention for _, intervention in _given(study, group, phase)]


def _given(study: Study, group: str, phase: Phase) -> list[tuple[Phase, Intervention]]:
    """What a group was given until a phase, each as it is at that time, with the phase before which it was given."""
    hours, phases = hours_of(study), phases_of(study, group)
    until_now = phases[: phases.index(phase) + 1]
    given = [(phases[0], entry) for entry in study.groups[group].interventions]
    given += [(earlier, entry) for earlier in until_now for entry in earlier.interventions]
    return [(before, _later(entry, hours[phase.name] - hours[before.name])) for before, entry in given]


def outlasted(study: Study) -> list[str]:
    """A sentence for each intervention that ends while phases go on that it acts on.

    Phases without a gap between them begin at the same hour, and last one after the other.
    """
    hours, found = hours_of(study), dict[str, None]()
    for group in study.groups:
        phases = phases_of(study, group)
        for last, phase in enumerate(phases):
            for before, intervention in _given(study, group, phase):
                since = phases[phases.index(before) : last + 1]
                together = [p for p in since if hours[p.name] == hours[phase.name]]
                lasting = sum(place.longest_hours(p.trials) for p in together if isinstance(place := task_of(p), Task))
                names = f"phase{'s' * (len(together) > 1)} {', '.join(p.name for p in together)}"
                found |= dict.fromkeys(outlasting([intervention], lasting, names))
    return list(found)


def _later(entry: Mapping[str, Mapping[str, Any]], hours: float) -> Intervention:
    ((name, values),) = entry.items()
    intervention = INTERVENTIONS[name](**values)
    return intervention.replace(hours_before=intervention.hours_before + hours)


def _script(study: Study, unit: Unit, phase: Phase, compiled: bool) -> Array | None:
    """What a yoked unit's partners went through: an array (n, trials), or None in a phase that replays nothing.

    The partners are simulated once more, so no unit waits for another.
    """
    yoked_to = study.groups[unit.group].yoked_to
    if phase.replays is None or yoked_to is None:
        return None
    partners = Unit(yoked_to, unit.first, unit.n)
    *_, last = walk(study, partners, rows=False, until=phase.replays, compiled=compiled)
    return _durations(last, partners)


def _durations(passed: Passed, unit: Unit) -> Array:
    seconds: Array = passed.task.durations(passed.result.rows, unit.first, unit.n, passed.phase.trials)
    return seconds


def _check_replay(passed: Passed, unit: Unit, script: Array) -> None:
    """Yoked subjects get exactly what their partners had, or the comparison means nothing."""
    trials = np.arange(passed.phase.trials) % script.shape[1]
    sound = passed.result.failed[:, 0] < 0
    if not np.array_equal(_durations(passed, unit)[sound], script[sound][:, trials]):
        raise ValueError(
            f"group '{unit.group}' cannot replay phase '{passed.phase.replays}' in phase '{passed.phase.name}': its "
            "subjects would not be given the same durations; is max_shock_s too short, or can the shock be escaped?"
        )
