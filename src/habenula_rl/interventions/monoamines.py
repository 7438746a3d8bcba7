"""Dopamine and serotonin drugs: how much of the tonic level has its effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..contract import parameter
from .base import Intervention
from .channels import Washed, half_life, hours
from .habenula import Switched, duration, moment

DAY_HOURS = 24.0
INJECTED = "hours from injection to test"


def _gain(default: float) -> float:
    doc = "fraction of the transmitter's effect that it adds at first"
    field: float = parameter(default, doc=doc, unit="fraction", low=0.0, high=0.8, source="set")
    return field


def _block(default: float) -> float:
    doc = "fraction of the transmitter's effect that it takes away at first"
    field: float = parameter(default, doc=doc, unit="fraction", low=0.0, high=1.0, source="set")
    return field


@dataclass(frozen=True)
class DopamineAgonist(Washed):
    """A dopamine agonist: more effect of tonic dopamine."""

    gain: float = _gain(0.4)
    hours_before: float = hours(0.5, INJECTED, "set")
    half_life_hours: float = half_life(2.0, "set")

    def factors(self) -> Mapping[str, float]:
        return {"dopamine_tone": 1.0 + self.gain * self.left()}


@dataclass(frozen=True)
class DopamineAntagonist(Washed):
    """A dopamine antagonist: less effect of tonic dopamine."""

    block: float = _block(0.5)
    hours_before: float = hours(0.5, INJECTED, "set")
    half_life_hours: float = half_life(2.0, "set")

    def factors(self) -> Mapping[str, float]:
        return {"dopamine_tone": 1.0 - self.block * self.left()}


@dataclass(frozen=True)
class OptogeneticDopamine(Switched):
    """Light on dopamine neurons: `added` to each phasic answer while it is on, below 0 where it silences them.

    At an outcome it is the experiment of Steinberg et al. 2013 (doi 10.1038/nn.3413: a predicted reward teaches again)
    and of Chang et al. 2016 (doi 10.1038/nn.4191: what is rewarded as expected is unlearned).
    """

    added: float = parameter(
        0.5, doc="phasic dopamine that it adds, in units of an error", low=-1.0, high=1.0, source="set"
    )
    hours_before: float = hours(0.0, "hours from its beginning to test", "during the test: Steinberg 2013")
    duration_hours: float = duration(1.0, "set")
    at: str = moment()

    def shifts(self) -> Mapping[str, float]:
        return {"dopamine_drive": self.added} if self.on else {}


@dataclass(frozen=True)
class SerotoninAgonist(Washed):
    """A serotonin agonist: more effect of tonic serotonin."""

    gain: float = _gain(0.4)
    hours_before: float = hours(0.5, INJECTED, "set")
    half_life_hours: float = half_life(2.0, "set")

    def factors(self) -> Mapping[str, float]:
        return {"serotonin_tone": 1.0 + self.gain * self.left()}


@dataclass(frozen=True)
class SerotoninAntagonist(Washed):
    """A serotonin antagonist: less effect of tonic serotonin."""

    block: float = _block(0.5)
    hours_before: float = hours(0.5, INJECTED, "set")
    half_life_hours: float = half_life(2.0, "set")

    def factors(self) -> Mapping[str, float]:
        return {"serotonin_tone": 1.0 - self.block * self.left()}


@dataclass(frozen=True)
class SSRI(Intervention):
    """A serotonin reuptake inhibitor taken daily since its first dose: its effect builds up over weeks.

    What serotonin lacks costs vigour, so it gives back a part of what helpless animals have lost; in health it shortens
    immobility more than was found (docs/reference/pharmacology.md, "What each does, and what does nothing").
    """

    gain: float = _gain(0.5)
    hours_before: float = hours(504.0, "hours from the first dose to test", "three weeks: set")
    onset_days: float = parameter(
        7.0, doc="half-time of the build-up", unit="d", low=0.01, high=1000.0, source="weeks: set"
    )

    def factors(self) -> Mapping[str, float]:
        reached = 1.0 - 0.5 ** (self.hours_before / DAY_HOURS / self.onset_days)
        return {"serotonin_tone": 1.0 + self.gain * reached}
