"""A parameter's range as the whole line and back, and the priors on that line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass
from typing import Any

import numpy as np

from ..contract import nearest, short_repr

Array = np.ndarray[Any, Any]
MIDDLE = 1.6448536269514722  # standard deviations of a normal on each side of its mean that hold 90 %
SATURATED = 36.0  # beyond which a logistic in 64 bits is at its end


@dataclass(frozen=True)
class Range:
    """A closed range, by a logistic where both ends are finite, a logarithm where one is, as it is where none is.

    low < θ < high: z = ln((θ - low)/(high - θ)). Of 0 to 100, as β has it, that is the logarithm wherever β is far
    below 100, so that no other rule is needed for positive parameters.
    """

    low: float
    high: float

    def to_line(self, value: Any) -> Any:
        """z of a value; a value at an end, or beyond, goes to where the logistic saturates."""
        value = np.asarray(value, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            below, above = np.maximum(value - self.low, 0.0), np.maximum(self.high - value, 0.0)
            if math.isfinite(self.low) and math.isfinite(self.high):
                line = np.log(below) - np.log(above)
            elif math.isfinite(self.low):
                line = np.log(below)
            elif math.isfinite(self.high):
                line = -np.log(above)
            else:
                return value
        return np.clip(line, -SATURATED, SATURATED)

    def from_line(self, z: Any) -> Any:
        """The value, within the range."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            return np.clip(self.low + (self.high - self.low) * _logistic(z), self.low, self.high)
        if math.isfinite(self.low):
            return self.low + np.exp(np.clip(z, -700.0, 700.0))
        return self.high - np.exp(-np.clip(z, -700.0, 700.0)) if math.isfinite(self.high) else np.asarray(z)

    def slope(self, z: Any) -> Any:
        """dθ/dz."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            p = _logistic(z)
            return (self.high - self.low) * p * (1.0 - p)
        if math.isfinite(self.low):
            return np.exp(np.clip(z, -700.0, 700.0))
        return np.exp(-np.clip(z, -700.0, 700.0)) if math.isfinite(self.high) else np.ones_like(z)

    def at_end(self, value: Any) -> Any:
        """Whether a value is within a thousandth of the range of a finite end: of 0 to 100, of the upper one only,
        or below a thousandth of 1, since there all of the range is one decade after the other.
        """
        width = self.high - self.low if math.isfinite(self.high - self.low) else 1.0
        near = np.asarray(value) - self.low < 1e-3 * min(width, 1.0)
        return near | (self.high - np.asarray(value) < 1e-3 * width)


def _logistic(z: Any) -> Any:
    z = np.clip(z, -700.0, 700.0)
    return 1.0 / (1.0 + np.exp(-z))


@dataclass(frozen=True)
class Prior:
    """A normal on the line of a parameter's range; `source` says where it is from."""

    mean: float
    sd: float
    source: str


def range_of(field: Field[Any]) -> Range:
    return Range(field.metadata["low"], field.metadata["high"])


def range_named(agent: Any, name: str) -> Range:
    """The range of an agent's parameter; of a difference between conditions, which is on the line, all of it."""
    fields = agent.fields()
    return range_of(fields[name]) if name in fields else Range(-math.inf, math.inf)


def default_prior(field: Field[Any], scale: float) -> Prior:
    """What is assumed of people where nobody said anything; `scale` is the largest outcome's size.

    A fraction is nearly flat from 0 to 1. A positive parameter has the declared default as its median, per `scale`
    where it is per reward, and 90 % of people within a factor of 5. A signed one is about the
    middle of its range.
    """
    own, default = range_of(field), float(field.default)  # type: ignore[arg-type]
    if own.low == 0.0 and own.high <= 1.0:
        return Prior(0.0, 1.5, "set: nearly flat from 0 to 1")
    if own.low >= 0.0:
        middle = default if default > own.low else own.low + 1.0
        middle = middle / scale if field.metadata["unit"] == "1/reward" else middle
        return Prior(float(own.to_line(middle)), 1.0, f"set: median {middle:.3g}, 90 % within a factor of 5")
    return Prior(0.0 if math.isfinite(own.low + own.high) else default, 0.5, "set: about the middle")


def checked_priors(fields: Mapping[str, Any], names: Sequence[str], priors: Any, scale: float) -> dict[str, Prior]:
    """A prior for each name. Given are `Prior`s, or (low, high), between which 90 % of people lie."""
    given = {} if priors is None else priors
    if not isinstance(given, Mapping):
        raise ValueError(f"priors must be given by name, as in {{'beta': (1, 20)}}, not {short_repr(priors)}")
    for name in given:
        if name not in names:
            raise ValueError(f"priors: '{name}' is not fitted here{nearest(str(name), names)}")
    made = {name: default_prior(fields[name], scale) for name in names}
    for name, said in given.items():
        if isinstance(said, Prior):
            made[name] = said
            continue
        own = range_of(fields[name])
        try:
            low, high = map(float, said)
        except (TypeError, ValueError):
            low = high = math.nan
        if not own.low < low < high < own.high:
            raise ValueError(
                f"priors: '{name}' must be the two values between which 90 % of people lie, within {own.low:g} and "
                f"{own.high:g}, not {short_repr(said)}"
            )
        a, b = own.to_line(low), own.to_line(high)
        made[name] = Prior(float(a + b) / 2, float(b - a) / (2 * MIDDLE), f"given: 90 % within {low:g} and {high:g}")
    return made
