"""A config's data as it was written, read as groups and phases as far as it can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..agents import AGENTS
from ..contract import Agent, Place, Task
from ..contract.shape import misshapen
from ..environments.gymnasium_task import Environment
from ..tasks import TASKS
from .given import Dose, doses
from .values import parameter_mistakes

DEFAULT_AGENT = "HabenulaAgent"


def mapping_of(value: Any) -> dict[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str | None:
    """The value where it is text, else None."""
    return value if isinstance(value, str) else None


@dataclass
class LenientConfig:
    """The groups and phases of a config, each a mapping, empty where something else was written."""

    data: Mapping[str, Any]
    groups: dict[str, dict[str, Any]] = field(init=False)
    phases: list[dict[str, Any]] = field(init=False)
    first: dict[str, int] = field(init=False)  # where each phase's name stands first
    environments: dict[int, Environment | str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.groups = {name: mapping_of(group) for name, group in mapping_of(self.data.get("groups")).items()}
        self.phases = [mapping_of(phase) for phase in list_of(self.data.get("phases"))]
        names = [(text_of(phase.get("name")), index) for index, phase in enumerate(self.phases)]
        self.first = {name: index for name, index in reversed(names) if name is not None}

    def agent(self, group: str) -> type[Agent] | None:
        """The group's kind of agent, where there is such a kind."""
        return AGENTS.get(text_of(self.groups[group].get("agent", DEFAULT_AGENT)) or "")

    def task(self, phase: int) -> type[Task] | None:
        """The phase's kind of task, where there is such a kind."""
        return TASKS.get(text_of(self.phases[phase].get("task")) or "")

    def made(self, phase: int) -> Task | None:
        """The phase's task with its parameters, where it can be made and says what can be of itself."""
        task = self._with_parameters(phase)
        return None if task is None or misshapen(task) else task

    def misshapen(self, phase: int) -> str | None:
        """What the phase's task, where it can be made, says of itself that cannot be, in a sentence."""
        task = self._with_parameters(phase)
        return None if task is None else misshapen(task)

    def _with_parameters(self, phase: int) -> Task | None:
        declared, parameters = self.task(phase), mapping_of(self.phases[phase].get("parameters"))
        if declared is None or parameter_mistakes(declared, parameters, ()):
            return None
        return declared(**parameters)

    def environment(self, phase: int) -> Environment | str | None:
        """The phase's environment, or why there is none, in a sentence; None where it names none."""
        given = self.phases[phase]
        id, parameters = text_of(given.get("env")), mapping_of(given.get("parameters"))
        if id is None or not all(isinstance(name, str) for name in parameters):
            return None
        if "bins" in parameters:
            return "bins stand beside env, not in its parameters"
        if phase not in self.environments:
            try:
                self.environments[phase] = Environment(id, bins=given.get("bins"), **parameters)
            except ValueError as error:
                self.environments[phase] = str(error)
        return self.environments[phase]

    def place(self, phase: int) -> Place | None:
        """The phase's task or environment, where it can be made."""
        environment = self.environment(phase)
        return environment if isinstance(environment, Environment) else self.made(phase)

    def context(self, phase: int) -> str | None:
        """The phase's context, by default its name."""
        given = self.phases[phase]
        return text_of(given.get("context") or given.get("name"))

    def partner(self, group: str) -> str | None:
        """The group that this one is yoked to, where there is such a group."""
        name = text_of(self.groups[group].get("yoked_to"))
        return name if name in self.groups else None

    def members(self, phase: int) -> list[str]:
        """The groups that take part in a phase."""
        given = self.phases[phase].get("groups")
        if not isinstance(given, list):
            return list(self.groups) if self.phases[phase] else []
        listed = [name for name in given if isinstance(name, str)]
        return [name for name in dict.fromkeys(listed) if name in self.groups]

    @cached_property
    def taking_part(self) -> list[set[str]]:
        """The groups that take part in each phase."""
        return [{*self.members(index)} for index in range(len(self.phases))]

    @cached_property
    def doses(self) -> dict[str, list[Dose]]:
        """All that each group is given, in order."""
        own = {name: list_of(group.get("interventions")) for name, group in self.groups.items()}
        phases = [
            (text_of(phase.get("name")), self.members(index), list_of(phase.get("interventions")))
            for index, phase in enumerate(self.phases)
        ]
        return doses(own, phases)
