"""What an agent is, and the interventions that it was given."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from ..compiler.source import Rule
from . import definition
from .events import EVENT_RANKS
from .parameters import TREATMENT, Parameters, as_declared, short_repr


class Treatment:
    """What an agent was given (base of `interventions.Given`), and what that makes of its own parameters."""

    interventions: tuple[Any, ...]

    def own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The subject's own parameters, from those of an agent under this treatment."""
        raise NotImplementedError

    def in_force(self, agent: type[Agent], own: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters that are in force for subjects with these of their own, numbers or arrays (n_subjects,)."""
        raise NotImplementedError

    def noting(self, own: Mapping[str, Any], in_force: Mapping[str, Any]) -> Treatment:
        """The same treatment of a subject with these parameters."""
        raise NotImplementedError

    def outlasted(self, hours: float) -> list[str]:
        """A sentence for each intervention that ends in a phase of so many hours, all of which is under it."""
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Agent(Parameters):
    """An agent: parameters, a state, and three rules over records with named fields.

    start(p, w, reflex)     makes `w` the state of a naive animal; `reflex[s, a]` says how far
                            action a is what an animal does by nature in state s, 0 to 1
    prefer(p, w, e, z)      writes the preference of every action into `z`, from the event's `state`
    learn(p, w, e, y)       learns from the event and writes what an electrode would see into the signals `y`

    show(p, w, e, y)        optional: writes again those signals that read what `learn` has changed,
                            for phases without learning

    `p` holds the parameters, `w` the state, `e` the event (`EVENT_FIELDS`). State fields that `carried` names
    are reported for every subject at the end of a phase, and `momentary` names those that only remember
    what has just happened, as eligibility: they go on where learning is frozen. All others are learned.

    The parameters of an agent that was given interventions are those in force; `treatment` holds what was given, and
    `untreated` is the agent before. Agents are equal only if they were given the same. `replace` and `parameters=` of a
    simulation change what is the subject's own, and the interventions act on that. (Python's dataclasses.replace takes
    a given value that equals the one in force for no change; use `replace`.)

    A class derived from this is checked when it is defined: RuleError names file and line of what cannot work.
    """

    treatment: Treatment | None = dataclasses.field(default=None, kw_only=True)
    start: ClassVar[Rule]
    prefer: ClassVar[Rule]
    learn: ClassVar[Rule]
    signals: ClassVar[tuple[str, ...]]
    carried: ClassVar[tuple[str, ...]] = ()
    momentary: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not definition.of_the_package(cls):
            definition.check_agent(cls, EVENT_RANKS)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.treatment is None:
            return
        if not isinstance(self.treatment, Treatment):
            how = "what an intervention gives when it is called with an agent"
            raise ValueError(f"{type(self).__name__}: treatment must be {how}, not {short_repr(self.treatment)}")
        own = self.treatment.own(self.values())
        in_force = self.treatment.in_force(type(self), own)
        for name, field in self.fields().items():
            object.__setattr__(self, name, as_declared(in_force[name], field.default))
        object.__setattr__(self, TREATMENT, self.treatment.noting(own, in_force))

    def __repr__(self) -> str:
        """Its own parameters that differ from the defaults, and what it was given; as one would write it."""
        own = super(Agent, self.untreated).__repr__()
        return f"given({own}, {list(self.interventions)})" if self.interventions else own

    @property
    def interventions(self) -> tuple[Any, ...]:
        """All that the agent was given, in no order of time: each has its `hours_before`."""
        return self.treatment.interventions if self.treatment else ()

    @property
    def untreated(self) -> Self:
        """The agent with its own parameters, without interventions."""
        return type(self)(**self.treatment.own(self.values())) if self.treatment else self

    def in_force(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters that are in force under what the agent was given.

        `own` are those in which the subjects differ from the untreated agent, numbers or arrays (n_subjects,).
        """
        values = self.untreated.values() | dict(own)
        return self.treatment.in_force(type(self), values) if self.treatment else values

    def replace(self, **values: Any) -> Self:
        """The agent with these of its own parameters changed, under the same interventions."""
        kept = {TREATMENT: self.treatment and self.treatment.noting({}, {})}  # nothing changed yet: the values are own
        return type(self)(**(self.untreated.values() | kept | values))

    @staticmethod
    def rest(p: Any, w: Any, hours: float) -> None:
        """What so many hours without a task do to the states `w` of subjects with parameters `p`: nothing by default.

        Both are structured arrays, one record a subject; `w` is changed in place. A study calls it where hours pass
        between two phases.
        """

    @staticmethod
    def state(n_states: int, n_actions: int) -> Mapping[str, tuple[int, ...]]:
        """The state's fields and their shapes, () for a number."""
        raise NotImplementedError


def fields_read_by(agent: type[Agent]) -> frozenset[str] | None:
    """The event's fields that its rules read, with "reflex" where `start` does; None where not all can be followed."""
    return definition.fields_read(agent, EVENT_RANKS)


def show_of(agent: type[Agent]) -> Rule | None:
    """Its rule `show`; None without one, and where the class that has it has a `learn` that was replaced since."""
    own = next((c for c in agent.__mro__ if "learn" in vars(c) or "show" in vars(c)), Agent)
    return agent.show if "show" in vars(own) else None  # type: ignore[attr-defined]
