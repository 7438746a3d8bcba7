"""T-type calcium channels and Kir4.1: what makes a habenula neuron ready to burst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..contract import parameter
from .base import Intervention

FADING = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)  # half-lives


class Washed(Intervention):
    """A drug whose effect falls by half each `half_life_hours`."""

    half_life_hours: float

    @property
    def changes(self) -> tuple[float, ...]:
        """Hours between which the effect is taken as constant, at the value of the middle."""
        return tuple(self.half_life_hours * n for n in FADING)

    def left(self) -> float:
        """The fraction of the effect that remains `hours_before` hours later."""
        return float(0.5 ** (self.hours_before / self.half_life_hours))


def hours(default: float, doc: str, source: str) -> float:
    """The parameter `hours_before`."""
    field: float = parameter(default, doc=doc, unit="h", low=0.0, high=1e6, source=source)
    return field


def half_life(default: float, source: str) -> float:
    """The parameter `half_life_hours`."""
    doc = "half-life of the effect"
    field: float = parameter(default, doc=doc, unit="h", low=1e-3, high=1e6, source=source)
    return field


def _block(default: float) -> float:
    doc = "T-type channels blocked at first"
    field: float = parameter(default, doc=doc, unit="fraction", low=0.0, high=1.0, source="set")
    return field


class TTypeBlocker(Washed):
    """A drug that closes T-type calcium channels, without which a hyperpolarised neuron does not burst."""

    block: float

    def factors(self) -> Mapping[str, float]:
        return {"t_type": 1.0 - self.block * self.left()}


@dataclass(frozen=True)
class Ethosuximide(TTypeBlocker):
    """Ethosuximide: blocks T-type channels; rapid antidepressant in helpless rats (Yang 2018)."""

    block: float = _block(0.8)
    hours_before: float = hours(1.0, "hours from injection to test", "Yang 2018")
    half_life_hours: float = half_life(10.0, "rats; from memory")


@dataclass(frozen=True)
class Mibefradil(TTypeBlocker):
    """Mibefradil infused into the lateral habenula: blocks T-type channels (Yang 2018)."""

    block: float = _block(0.9)
    hours_before: float = hours(0.5, "hours from infusion to test", "within the hour: Yang 2018")
    half_life_hours: float = half_life(2.0, "set")


def _shift(doc: str) -> float:
    field: float = parameter(1.0, doc=doc, unit="hyperactivity", low=0.0, high=6.0, source="set: 1 is that of cLH rats")
    return field


@dataclass(frozen=True)
class KirOverexpression(Intervention):
    """More Kir4.1 in astrocytes of the habenula: hyperpolarised neurons, more bursts, helplessness (Cui 2018)."""

    excludes = ("KirLoss",)
    shift: float = _shift("hyperactivity that it adds")
    hours_before: float = hours(336.0, "hours from injection of the virus to test", "two weeks: set")

    def shifts(self) -> Mapping[str, float]:
        return {"hyperpolarisation": self.shift}


@dataclass(frozen=True)
class KirLoss(Intervention):
    """Less Kir4.1, by shRNA or a dominant negative: fewer bursts, rescue (Cui 2018)."""

    excludes = ("KirOverexpression",)
    shift: float = _shift("hyperactivity that it takes away")
    hours_before: float = hours(336.0, "hours from injection of the virus to test", "two weeks: set")

    def shifts(self) -> Mapping[str, float]:
        return {"hyperpolarisation": -self.shift}
