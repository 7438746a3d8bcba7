"""What is done to the lateral habenula as a whole: light, current, a cannula, a lesion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..circuit.habenula import RATE_OFFSET, RATE_SLOPE, REST_RATE
from ..contract import parameter
from .base import Intervention
from .channels import Washed, half_life, hours


def _share(default: float, doc: str, source: str) -> float:
    field: float = parameter(default, doc=doc, unit="fraction", low=0.0, high=1.0, source=source)
    return field


def duration(default: float, source: str) -> float:
    doc = "hours that it is on, from its beginning"
    field: float = parameter(default, doc=doc, unit="h", low=0.0, high=1e6, source=source)
    return field


def moment() -> Any:
    """When in a step light is on: `contract.MOMENTS`."""
    doc = "when in each step it is on: always, while it chooses, at a cue, at either of these, or at an outcome"
    choices = ("always", "choice", "cue", "before_outcome", "outcome")
    return parameter("always", doc=doc, choices=choices, source="design of the experiment")


class Switched(Intervention):
    """Something that is on for `duration_hours` from its beginning, both ends included, and then has no effect.

    A phase is under what is on when it begins, for all of its length (docs/reference/pharmacology.md).
    """

    duration_hours: float

    @property
    def touches(self) -> tuple[str, ...]:
        return self.replace(hours_before=0.0).targets

    @property
    def changes(self) -> tuple[float, ...]:
        """Switched on and off."""
        return (0.0, self.duration_hours)

    @property
    def on(self) -> bool:
        """Whether it is still on, `hours_before` hours after its beginning."""
        return self.hours_before <= self.duration_hours

    @property
    def hours_left(self) -> float:
        return self.duration_hours - self.hours_before if self.on else math.inf


@dataclass(frozen=True)
class Lesion(Intervention):
    """Lesion of the lateral habenula: only the output of the remaining neurons reaches the midbrain."""

    extent: float = _share(1.0, "fraction of the habenula lost", "Tian & Uchida 2015")
    hours_before: float = hours(168.0, "hours from surgery to test", "set")

    def factors(self) -> Mapping[str, float]:
        return {"habenula_output": 1.0 - self.extent}


@dataclass(frozen=True)
class Muscimol(Washed):
    """Muscimol infused into the lateral habenula: silent until the drug has worn off (Stopper & Floresco 2014)."""

    share: float = _share(0.95, "fraction of the output silenced at first", "set")
    hours_before: float = hours(0.25, "hours from infusion to test", "Stopper & Floresco 2014, from memory")
    half_life_hours: float = half_life(4.0, "set")

    def factors(self) -> Mapping[str, float]:
        return {"habenula_output": 1.0 - self.share * self.left()}


@dataclass(frozen=True)
class DeepBrainStimulation(Switched):
    """Stimulation of the lateral habenula at 130 Hz: silences what its inputs drive (Li 2011)."""

    share: float = _share(0.8, "fraction of the output silenced", "set; 130 Hz in Li 2011")
    hours_before: float = hours(0.0, "hours from its beginning to test", "set")
    duration_hours: float = duration(1.0, "set")

    def factors(self) -> Mapping[str, float]:
        return {"habenula_output": 1.0 - self.share} if self.on else {}


@dataclass(frozen=True)
class OptogeneticBursts(Switched):
    """Light that makes a fraction of the habenula's neurons burst (Yang 2018).

    A neuron in bursts fires about a resting rate more (5 spikes six times a second), so a `share` here and the same
    `added_rate` of OptogeneticTonic are matched in spikes.
    """

    excludes = ("OptogeneticTonic", "OptogeneticInhibition")
    share: float = _share(0.3, "neurons that the light makes burst", "set")
    hours_before: float = hours(0.0, "hours from its beginning to test", "during the test: Yang 2018")
    duration_hours: float = duration(1.0, "set")
    at: str = moment()

    def shifts(self) -> Mapping[str, float]:
        return {"burst_drive": self.share} if self.on else {}


@dataclass(frozen=True)
class OptogeneticTonic(Switched):
    """Light that adds single spikes to every neuron, at the rate that bursts would add (Yang 2018)."""

    excludes = ("OptogeneticBursts", "OptogeneticInhibition")
    added_rate: float = parameter(
        0.3, doc="spikes that the light adds", unit="resting rates", low=0.0, high=5.0, source="as OptogeneticBursts"
    )
    hours_before: float = hours(0.0, "hours from its beginning to test", "during the test: Yang 2018")
    duration_hours: float = duration(1.0, "set")
    at: str = moment()

    def shifts(self) -> Mapping[str, float]:
        """The drive x at which R(x) = 1 + added_rate, by the inverse of softplus."""
        if not self.on:
            return {}
        return {"tonic_drive": (math.log(math.expm1((1.0 + self.added_rate) * REST_RATE)) - RATE_OFFSET) / RATE_SLOPE}


@dataclass(frozen=True)
class OptogeneticInhibition(Switched):
    """Light that silences the habenula (as the inhibition in Andalman 2019)."""

    excludes = ("OptogeneticBursts", "OptogeneticTonic")
    share: float = _share(0.8, "fraction of the output silenced", "set")
    hours_before: float = hours(0.0, "hours from its beginning to test", "set")
    duration_hours: float = duration(1.0, "set")
    at: str = moment()

    def factors(self) -> Mapping[str, float]:
        return {"habenula_output": 1.0 - self.share} if self.on else {}
