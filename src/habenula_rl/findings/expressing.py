"""The same claims for another agent: what a study asks of one, and the study with that agent in it.

The protocol. An agent can take the place of HabenulaAgent in a group where it has, as fields of its own,

- the parameters that the group sets. Those of `hyperactivity` are no obstacle where the group is healthy (0 on
  average): an agent without that trait is healthy, and all its subjects are alike;
- the parameters that what is given to the group acts on: `habenula_output` for a lesion, muscimol and light that
  silences, `nmda` and all that makes a habenula active for ketamine (`habenula describe Ketamine`), `dopamine_tone` for
  drugs at dopamine receptors, and so on. A vehicle asks for nothing.

A group where it lacks one is left out. A claim that reads such a group, or a signal that the agent does not record,
cannot be expressed; all that is missing for it is said at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config.draft import DEFAULT_AGENT
from ..contract import Agent, nearest

if TYPE_CHECKING:
    from ..config.study import Phase, Study

TRAIT = "hyperactivity"


@dataclass(frozen=True)
class Substitute:
    """An agent in the place of HabenulaAgent: its class by name, its values, and the file that defines it, if one does.

    `traits` says what stands for hyperactivity in it: parameter -> its value in health and what a hyperactivity of 1
    adds. Without it the agent has no such trait. `only_here`: no file can be read for it in another process, as it was
    typed at a prompt, or stands in the script that runs.
    """

    name: str
    values: Mapping[str, Any]
    path: Path | None = None
    traits: tuple[tuple[str, float, float], ...] = ()
    only_here: bool = False

    @property
    def of_the_package(self) -> bool:
        """Whether it comes with the package, whose files decide what it does."""
        package = Path(__file__).resolve().parents[1]
        return not self.only_here and (self.path is None or self.path.resolve().is_relative_to(package))

    @property
    def kind(self) -> type[Agent]:
        """The class. Raises ValueError where there is none of this name."""
        from ..agents import AGENTS

        if self.path is not None and self.name not in AGENTS:
            from ..config.user_modules import load_own

            load_own(self.path)
        if self.name not in AGENTS:
            raise ValueError(f"there is no agent '{self.name}'{nearest(self.name, AGENTS)}")
        return AGENTS[self.name]


def substitute(agent: Agent | str) -> Substitute:
    """An agent, or its name, or a file and a name in it: "mine.py:Mine". Raises ValueError for anything else."""
    if isinstance(agent, str):
        file, _, name = agent.rpartition(":")
        named = Substitute(name, {}, Path(file).resolve() if file else None)
        return Substitute(name, named.kind().values(), named.path)
    if not isinstance(agent, Agent):
        raise ValueError(f"agent must be an agent, or the name of one as in 'mine.py:Mine', not {agent!r}")
    from ..registry import register

    kind = type(agent)
    if kind.__module__.startswith(__package__.partition(".")[0] + "."):
        return Substitute(kind.__name__, agent.values())
    path = _file(kind)
    return Substitute(register(kind).__name__, agent.values(), path, only_here=path is None)


def _file(kind: type[Agent]) -> Path | None:
    """The module's file; none for the script that runs, which would run again where it is read."""
    import inspect

    try:
        return None if kind.__module__ == "__main__" else Path(inspect.getfile(kind)).resolve()
    except (OSError, TypeError):
        return None


def with_agent(study: Study, other: Substitute) -> tuple[Study | None, tuple[str, ...]]:
    """The study with this agent in the groups that it can be, None where there is none; and all that it lacks.

    As "parameter nmda (ketamine)" or "signal lhb".
    """
    from ..config.given import doses
    from ..config.plan import entries_of

    kind = other.kind
    have = kind.fields()
    lacks: dict[str, dict[str, None]] = {}
    own_entries = {name: group.interventions for name, group in study.groups.items()}
    given = doses(own_entries, [(p.name, p.groups or [*own_entries], p.interventions) for p in study.phases])
    groups = {}
    for name, group in study.groups.items():
        if group.agent != DEFAULT_AGENT:
            groups[name] = group
            continue
        own, missing = _parameters(group.parameters, other)
        missing |= {
            f"parameter {target} ({word})": None
            for word, one in entries_of([dose.entry for dose in given[name]])
            if not one.inert
            for target in one.targets
            if target not in have
        }
        lacks[name] = missing
        groups[name] = group.model_copy(update={"agent": other.name, "parameters": {**other.values, **own}})
    kept = dict(_whole(groups, lacks))
    signals = {f"signal {name}": None for name in _recorded(study) if name not in kind.signals}
    said = dict.fromkeys(line for missing in lacks.values() for line in missing) | signals
    if not any(group.agent == other.name for group in kept.values()):
        return None, tuple(said)
    phases: list[Phase] = []
    passed = 0.0  # hours before phases that are left out, in which drugs wash out and animals rest all the same
    for phase in study.phases:
        members = tuple(name for name in phase.groups if name in kept)
        gap = passed + phase.gap_hours
        if (members or not phase.groups) and (not phase.replays or phase.replays in {p.name for p in phases}):
            phases.append(phase.model_copy(update={"groups": members, "gap_hours": gap}))
            gap = 0.0
        passed = gap
    return study.model_copy(update={"groups": kept, "phases": tuple(phases)}), tuple(said)


def _parameters(given: Mapping[str, Any], other: Substitute) -> tuple[dict[str, Any], dict[str, None]]:
    """What a group sets, in this agent's parameters, and those that it does not have."""
    have = other.kind.fields()
    own: dict[str, Any] = {}
    missing: dict[str, None] = {}
    for name, value in given.items():
        if name in have:
            own[name] = value
        elif name == TRAIT and (level := _mean(value)) is not None and (level == 0.0 or other.traits):
            for parameter, healthy, more in other.traits:  # as far as its range goes
                low, high = (have[parameter].metadata[end] for end in ("low", "high"))
                own[parameter] = min(max(healthy + level * more, low), high)
        else:
            missing[f"parameter {name}"] = None
    return own, missing


def _mean(value: Any) -> float | None:
    """The mean of a number or of a distribution that has one; else None."""
    if isinstance(value, Mapping):
        (shape,) = value.values()
        return float(shape["mean"]) if isinstance(shape, Mapping) and "mean" in shape else None
    return float(value)


def _whole(groups: Mapping[str, Any], lacks: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The groups in which nothing is missing, nor in the partners to which they are yoked."""
    for name, group in groups.items():
        partners = [name]
        while (partner := groups[partners[-1]].yoked_to) is not None and partner not in partners:
            partners.append(partner)
        if not any(lacks.get(partner) for partner in partners):
            yield name, group


def _recorded(study: Study) -> tuple[str, ...]:
    """The signals that the study names; one that records all of them asks for none."""
    return () if isinstance(study.record, str) else study.record
