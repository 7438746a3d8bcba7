"""What an intervention is, and how several act together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from ..contract import MOMENTS, Agent, Parameters, Treatment, in_moment, require, short_repr
from .history import History

A = TypeVar("A", bound=Agent)
D = TypeVar("D")


class Intervention(Parameters):
    """Something done to a subject; called with an agent it gives the agent as it is `hours_before` hours later.

    `factors()` names the agent's parameters that it multiplies, `shifts()` those that it adds to; no parameter is
    multiplied by one and added to by another, so the order of interventions never matters. Drugs at NMDA receptors come
    last, because how much of them binds depends on what the others do to the habenula's activity. Applying one to an
    agent without such a parameter raises ValueError.

    `excludes` names classes of interventions that cannot be in force together with it.
    """

    always_shown = ("dose_mg_per_kg", "hours_before")

    hours_before: float
    at: str = "always"  # the moments of each step in which it acts, as `acts_at` reads it
    traps: ClassVar[bool] = False  # whether its effect depends on the past, and not only on when it was given
    by_account: ClassVar[bool] = False  # whether it does nothing but what an account of ketamine says that it does
    excludes: ClassVar[tuple[str, ...]] = ()

    def factors(self) -> Mapping[str, float]:
        """What each of the agent's parameters is multiplied by."""
        return {}

    def shifts(self) -> Mapping[str, float]:
        """What is added to each of the agent's parameters."""
        return {}

    @property
    def targets(self) -> tuple[str, ...]:
        """The agent's parameters that it acts on."""
        return (*self.factors(), *self.shifts())

    @property
    def touches(self) -> tuple[str, ...]:
        """The parameters that it acts on, or would while it is on."""
        return self.targets

    @property
    def inert(self) -> bool:
        """Whether it can never change anything, as a vehicle or a dose of 0."""
        return not self.touches

    @property
    def changes(self) -> tuple[float, ...]:
        """Hours after its beginning at which its effect changes, or has changed enough to be taken anew."""
        return (0.0,)

    @property
    def hours_left(self) -> float:
        """Hours from now until it ends all at once; infinite where it fades, stays, or has ended."""
        return math.inf

    def acts_at(self, moment: str) -> bool:
        """Whether it acts in that moment of a step (`contract.MOMENTS`)."""
        return self.at in ("always", moment) or (self.at == "before_outcome" and moment != "outcome")

    def __call__(self, agent: A) -> A:
        return given(agent, [self])


class Dosed(Intervention):
    """A drug whose doses add up: all of one class that are in force act as one course."""

    @classmethod
    def together(cls, doses: Sequence[Any], scene: InterventionContext) -> Mapping[str, Any]:
        """What each parameter is multiplied by, a number or an array with one for each subject."""
        raise NotImplementedError


class Account(Dosed):
    """What is taken to be ketamine's way to its effect. It holds from when it is given on, and acts through drugs.

    Without one, drugs at NMDA receptors act where they block the habenula's.
    """

    def heard(self, free: Any, scene: InterventionContext) -> Any:
        """NMDA receptors of the habenula, as far as behaviour knows: of the fraction `free` that a drug has left.

        All of them, unless the account goes through the habenula.
        """
        return np.ones_like(free) if np.ndim(free) else 1.0

    def effect(self, scene: InterventionContext) -> Mapping[str, Any]:
        """What each parameter is multiplied by under the drugs in force."""
        return {}

    @classmethod
    def together(cls, doses: Sequence[Any], scene: InterventionContext) -> Mapping[str, Any]:
        """An account holds or does not: given twice it is one. Raises ValueError where its numbers are two."""
        said = {account.replace(hours_before=0.0) for account in doses}
        if len(said) > 1:
            raise ValueError(f"{cls.__name__} is given with two sets of numbers: which of them holds?")
        return said.pop().effect(scene)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class InterventionContext:
    """Subjects, all that is given to them, and what they have been through."""

    agent: type[Agent]
    values: Mapping[str, Any]
    given: tuple[Intervention, ...]
    history: History

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What is taken to be ketamine's way to its effect, each account once."""
        return tuple({type(i): i for i in self.given if isinstance(i, Account)}.values())

    def doses(self, drug: type[D]) -> list[D]:
        """Those of one drug that are in force, or of all drugs of a class."""
        return [i for i in self.given if isinstance(i, drug)]

    def under(self, begun: Sequence[Intervention]) -> dict[str, Any]:
        """The agent's parameters under these interventions; without drugs at NMDA receptors."""
        return _steady(begun, self.agent, self.values)

    def begun(self, hour: float, names: Set[str]) -> list[Intervention]:
        """What acts on one of these parameters and had been given by that hour, as it was then; no doses that trap."""
        ago = self.history.now - hour
        acting = (i for i in self.given if i.hours_before >= ago and not names.isdisjoint({*i.touches}))
        return [i.replace(hours_before=i.hours_before - ago) for i in acting if not i.traps]

    def hours(self, begin: float, names: Set[str]) -> list[float]:
        """From `begin` to now all hours at which one of these parameters may change, both ends included."""
        acting = [i for i in self.given if not names.isdisjoint({*i.touches})]
        changes = [self.history.now - i.hours_before + after for i in acting for after in i.changes]
        inside = {hour for hour in (*changes, *self.history.hours()) if begin < hour < self.history.now}
        return sorted({begin, *inside, self.history.now})


@dataclass(frozen=True)
class Given(Treatment):
    """What an agent was given. `changed` has (name, own value, value in force) of each parameter that it changes.

    Without `changed` an agent's values are the subject's own.
    """

    interventions: tuple[Intervention, ...]
    changed: tuple[tuple[str, float, float], ...] = ()

    def own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A value that is no longer what was in force was given anew, as `dataclasses.replace` does: it is own."""
        kept = {name: own for name, own, in_force in self.changed if values.get(name) == in_force}
        return dict(values) | kept

    def in_force(self, agent: type[Agent], own: Mapping[str, Any]) -> dict[str, Any]:
        return applied(self.interventions, agent, own)

    def noting(self, own: Mapping[str, Any], in_force: Mapping[str, Any]) -> Given:
        changed = ((name, value, in_force[name]) for name, value in own.items() if in_force[name] != value)
        return Given(self.interventions, tuple(changed))

    def outlasted(self, hours: float) -> list[str]:
        return outlasting(self.interventions, hours, "the phase")


def given(agent: A, interventions: Sequence[Intervention]) -> A:
    """The agent as it is under all these interventions and all that it was given before, in whatever order.

    What can never change anything, as a vehicle or a dose of 0, is left out. Raises ValueError where two cannot be
    together, or the agent lacks what one acts on.
    """
    require(agent, Agent, "agent")
    if not isinstance(interventions, list | tuple):
        raise ValueError(f"interventions must be a list of them, not {short_repr(interventions)}")
    for one in interventions:
        require(one, Intervention, "intervention")
    if why := contradiction([*agent.interventions, *interventions]):
        raise ValueError(why)
    together = [*agent.interventions, *(i for i in interventions if not i.inert)]
    return agent.untreated.replace(treatment=Given(in_one_order(together))) if together else agent


def outlasting(interventions: Sequence[Intervention], hours: float, phases: str) -> list[str]:
    """A sentence for each intervention that ends in phases of up to so many hours: it acts on the whole of them."""
    return [
        f"{phases} can last {hours:.3g} h, and {type(i).__name__} ends {i.hours_left:.3g} h after the beginning: "
        "what is on when a phase begins acts on all of it (duration_hours)"
        for i in interventions
        if i.hours_left < hours
    ]


def in_one_order(interventions: Sequence[Intervention]) -> tuple[Intervention, ...]:
    """An order that depends on nothing but what they are: sums and products come to the same bits in any other."""
    return tuple(sorted(interventions, key=repr))


def applied(
    interventions: Sequence[Intervention], agent: type[Agent], values: Mapping[str, Any], history: History | None = None
) -> dict[str, Any]:
    """An agent's parameter values (numbers, or arrays with one for each subject) under all the interventions.

    A parameter on which something acts in some moments of a step alone has one value for each of them beside its own,
    which is what it is without that, named as `in_moment` does.

    `history` has what the subjects have been through, and notes how much of each drug is bound now; without one they
    have always been as the agent's parameters say. What would leave a parameter's range stops at its end.
    Raises ValueError where two interventions cannot be together, or the agent lacks what one acts on.
    """
    if why := contradiction(interventions):
        raise ValueError(why)
    for intervention in interventions:
        for name in (*intervention.targets, *intervention.touches):
            if name not in values:
                raise ValueError(
                    f"{type(intervention).__name__} acts on '{name}', which {agent.__name__} does not have"
                )
            field = agent.fields().get(name)
            if field and isinstance(field.default, int) and name in intervention.touches:
                what = "true or false" if isinstance(field.default, bool) else "a whole number"
                why = f"is {what} in {agent.__name__}: give it a default such as {float(field.default)}"
                raise ValueError(f"{type(intervention).__name__} acts on '{name}', which {why}")
    ordered = in_one_order(interventions)
    locked = [i for i in ordered if i.at != "always"]
    changed = _steady([i for i in ordered if i not in locked], agent, values)
    moved = dict.fromkeys(name for i in locked for name in i.targets)
    by_moment = {m: _steady([i for i in ordered if i.acts_at(m)], agent, values) for m in MOMENTS if moved}
    scene = InterventionContext(agent, values, ordered, history or History())
    for kind in dict.fromkeys(type(i) for i in ordered if isinstance(i, Dosed)):
        doses = [i for i in ordered if type(i) is kind]
        _multiply(changed, kind.together(doses, scene))
    within = _within(agent, changed, ordered)
    return within | {in_moment(name, m): by_moment[m][name] for name in moved for m in by_moment}


def _steady(interventions: Sequence[Intervention], agent: type[Agent], values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameter values under interventions that act whatever the habenula does."""
    changed = dict(values)
    for intervention in interventions:
        _multiply(changed, intervention.factors())
        for name, shift in intervention.shifts().items():
            changed[name] = changed[name] + shift
    return _within(agent, changed, interventions)


def _multiply(changed: dict[str, Any], factors: Mapping[str, Any]) -> None:
    for name, factor in factors.items():
        changed[name] = changed[name] * factor


def _within(agent: type[Agent], changed: dict[str, Any], interventions: Sequence[Intervention]) -> dict[str, Any]:
    """The values; where interventions took one beyond its parameter's range, the end of that range."""
    for name in {name for intervention in interventions for name in intervention.targets}:
        field = agent.fields().get(name)
        value = changed[name]
        clipped = np.clip(value, field.metadata["low"], field.metadata["high"]) if field else np.asarray(value)
        changed[name] = clipped if np.ndim(clipped) else float(clipped)
    return changed


def contradiction(interventions: Sequence[Intervention]) -> str | None:
    """Why these interventions cannot be in force together, or None where they can.

    What changes nothing excludes nothing. Doses for different species cannot be one subject's, and what a drug does
    that acts by account alone is not known without one.
    """
    acting = [i for i in interventions if _acts(i)]
    names = {type(i).__name__ for i in acting}
    for one in acting:
        for other in one.excludes:
            if other in names:
                return f"{type(one).__name__} and {other} cannot be in force together"
    locked, doses = [i for i in interventions if i.at != "always"], [i for i in interventions if isinstance(i, Dosed)]
    if locked and (bound := [dose for dose in doses if not dose.inert]):
        return (
            f"{type(locked[0]).__name__} locked to an event (at: {locked[0].at}) and {type(bound[0]).__name__} cannot "
            "be given to the same subjects: how much of the drug is bound follows from a phase's mean activity"
        )
    return _without_account(acting) or _of_two_species([i for i in acting if hasattr(i, "species")])


def _without_account(acting: Sequence[Intervention]) -> str | None:
    drug = next((type(i).__name__ for i in acting if i.by_account), None)
    if drug is None or any(isinstance(i, Account) for i in acting):
        return None
    known = ", ".join(sorted(kind.__name__ for kind in Account.__subclasses__()))
    return f"what {drug} does depends on the account of ketamine: give one of {known} with it, or before it"


def _of_two_species(doses: Sequence[Any]) -> str | None:
    for one in doses:
        if one.species != doses[0].species:
            first = f"{type(doses[0]).__name__} is given to a {doses[0].species}"
            return f"{first} and {type(one).__name__} to a {one.species}: one subject cannot be both"
    return None


def _acts(one: Intervention) -> bool:
    if isinstance(one, Dosed):
        return not one.inert
    return any(f != 1.0 for f in one.factors().values()) or any(one.shifts().values())
