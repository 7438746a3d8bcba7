"""What an intervention is, and how several act together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np

from ..contract import Agent, Parameters

A = TypeVar("A", bound=Agent)
Past = Sequence[tuple[float, Any]]  # (hours ago, hyperactivity from then on), the earliest first


class Intervention(Parameters):
    """What is done to a subject; calling it with an agent gives the agent as it is `hours_before` hours later.

    `factors()` names the agent's parameters that it multiplies, `shifts()` those that it adds to; no parameter is among
    the one here and the other there, so the order of interventions never matters. Drugs at NMDA receptors come last,
    because how much of them binds hangs on what the others do to the habenula's activity. Applying one to an agent
    without such a parameter raises ValueError.

    `excludes` names classes of interventions that cannot be in force together with it.
    """

    hours_before: float
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

    def __call__(self, agent: A) -> A:
        return agent.replace(**applied([self], type(agent), agent.values()))


class Dosed(Intervention):
    """A drug whose doses add up: all of one class that are in force act as one course."""

    @classmethod
    def together(
        cls, doses: Sequence[Any], agent: type[Agent], values: Mapping[str, Any], past: Past
    ) -> Mapping[str, Any]:
        """What each parameter is multiplied by, a number or an array with one for each subject."""
        raise NotImplementedError


def applied(
    interventions: Sequence[Intervention], agent: type[Agent], values: Mapping[str, Any], past: Past = ()
) -> dict[str, Any]:
    """An agent's parameter values (numbers, or arrays with one for each subject) under all the interventions.

    `past` tells the subjects' hyperactivity since when it was what it was; without it, it is the agent's parameter.
    What would leave a parameter's range stops at its end. Raises ValueError where two interventions cannot be together,
    or the agent lacks what one acts on.
    """
    if why := contradiction(interventions):
        raise ValueError(why)
    changed = dict(values)
    for intervention in interventions:
        for name in intervention.targets:
            if name not in changed:
                raise ValueError(
                    f"{type(intervention).__name__} acts on '{name}', which {agent.__name__} does not have"
                )
        _multiply(changed, agent, intervention.factors())
        for name, shift in intervention.shifts().items():
            changed[name] = _within(agent, name, changed[name] + shift)
    for kind in dict.fromkeys(type(i) for i in interventions if isinstance(i, Dosed)):
        doses = [i for i in interventions if type(i) is kind]
        _multiply(changed, agent, kind.together(doses, agent, changed, past))
    return changed


def _multiply(changed: dict[str, Any], agent: type[Agent], factors: Mapping[str, Any]) -> None:
    for name, factor in factors.items():
        changed[name] = _within(agent, name, changed[name] * factor)


def _within(agent: type[Agent], name: str, value: Any) -> Any:
    """The value, or the end of the parameter's range that it has passed."""
    field = agent.fields().get(name)
    clipped = np.clip(value, field.metadata["low"], field.metadata["high"]) if field else np.asarray(value)
    return clipped if np.ndim(clipped) else float(clipped)


def contradiction(interventions: Sequence[Intervention]) -> str | None:
    """Why these interventions cannot be in force together, or None where they can.

    What changes nothing excludes nothing. Doses for different species cannot be one subject's.
    """
    acting = [i for i in interventions if _acts(i)]
    names = {type(i).__name__ for i in acting}
    for one in acting:
        for other in one.excludes:
            if other in names:
                return f"{type(one).__name__} and {other} cannot be in force together"
    return _of_two_species([i for i in acting if hasattr(i, "species")])


def _of_two_species(doses: Sequence[Any]) -> str | None:
    for one in doses:
        if one.species != doses[0].species:
            first = f"{type(doses[0]).__name__} is given to a {doses[0].species}"
            return f"{first} and {type(one).__name__} to a {one.species}: one subject cannot be both"
    return None


def _acts(one: Intervention) -> bool:
    return isinstance(one, Dosed) or any(f != 1.0 for f in one.factors().values()) or any(one.shifts().values())
