"""Interventions: functions of parameters and time; they compose, and no agent knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .contract import Agent, Parameters, parameter

A = TypeVar("A", bound=Agent)


class Intervention(Parameters):
    """What is done to a subject; calling it with an agent gives the agent as it is `hours_before` hours later.

    `factors()` names the agent's parameters that it scales, and by how much. Factors multiply, so any two interventions
    compose in any order. Applying one to an agent without that parameter raises ValueError.
    """

    hours_before: float

    def factors(self) -> Mapping[str, float]:
        """What each of the agent's parameters is multiplied by."""
        raise NotImplementedError

    def __call__(self, agent: A) -> A:
        return agent.replace(**applied([self], type(agent), agent.values()))


def applied(interventions: Sequence[Intervention], agent: type[Agent], values: Mapping[str, Any]) -> dict[str, Any]:
    """An agent's parameter values (numbers, or arrays with one for each subject) under all the interventions."""
    changed = dict(values)
    for intervention in interventions:
        for name, factor in intervention.factors().items():
            if name not in changed:
                raise ValueError(
                    f"{type(intervention).__name__} acts on '{name}', which {agent.__name__} does not have"
                )
            changed[name] = changed[name] * factor
    return changed


@dataclass(frozen=True)
class Ketamine(Intervention):
    """Ketamine: blocks NMDA receptors, and with them the habenula's bursts.

    A simple block with onset and washout: it rises with half-time `onset_hours` to a share set by the dose, and falls
    with half-time `washout_hours`, long after the drug has left the plasma, because it stays trapped in the channel
    (Ma et al. 2023, doi 10.1038/s41586-023-06624-1: plasma half-life 13 min in mice, block for up to 24 h).
    """

    dose_mg_per_kg: float = parameter(
        10.0, doc="systemic dose", unit="mg/kg", low=0.0, high=1000.0, source="Wu 2021: 10; Yang 2018: 25"
    )
    hours_before: float = parameter(
        1.0, doc="hours from injection to test", unit="h", low=0.0, high=1e6, source="Yang 2018"
    )
    max_block: float = parameter(1.0, doc="block by a very large dose", unit="share", low=0.0, high=1.0, source="set")
    half_dose_mg_per_kg: float = parameter(
        1.1,
        doc="dose that gives half of max_block",
        unit="mg/kg",
        low=1e-6,
        high=1000.0,
        source="set: 10 mg/kg blocks 90 %",
    )
    onset_hours: float = parameter(
        0.1, doc="half-time of the onset", unit="h", low=1e-6, high=1e6, source="within 20 min: Belujon & Grace 2014"
    )
    washout_hours: float = parameter(
        24.0, doc="half-time of the washout", unit="h", low=1e-6, high=1e6, source="Ma 2023"
    )

    def block(self) -> float:
        """Share of NMDA receptors blocked `hours_before` hours after the injection."""
        t, dose = self.hours_before, self.dose_mg_per_kg
        reached = self.max_block * dose / (dose + self.half_dose_mg_per_kg)
        return float(reached * (1.0 - 0.5 ** (t / self.onset_hours)) * 0.5 ** (t / self.washout_hours))

    def factors(self) -> Mapping[str, float]:
        return {"nmda": 1.0 - self.block()}


@dataclass(frozen=True)
class Vehicle(Intervention):
    """Vehicle: the injection without the drug; changes nothing."""

    hours_before: float = parameter(1.0, doc="hours from injection to test", unit="h", low=0.0, high=1e6, source="set")

    def factors(self) -> Mapping[str, float]:
        return {}


@dataclass(frozen=True)
class Lesion(Intervention):
    """Lesion of the lateral habenula: what is left of its output reaches the midbrain."""

    extent: float = parameter(
        1.0, doc="share of the habenula lost", unit="share", low=0.0, high=1.0, source="Tian & Uchida 2015"
    )
    hours_before: float = parameter(168.0, doc="hours from surgery to test", unit="h", low=0.0, high=1e6, source="set")

    def factors(self) -> Mapping[str, float]:
        return {"habenula_output": 1.0 - self.extent}


INTERVENTIONS: dict[str, type[Intervention]] = {"ketamine": Ketamine, "lesion": Lesion, "vehicle": Vehicle}
