"""Distributions of a parameter over subjects, as a config writes them: `{normal: {mean: 0, sd: 0.3}}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, ClassVar

import numpy as np

from ..contract import Parameters, parameter


class Distribution(Parameters):
    """A distribution's numbers. Those named in `located` lie in the range of the parameter that is drawn from it."""

    located: ClassVar[tuple[str, ...]]

    def quantile(self, u: float) -> float:
        """The value below which a fraction `u` of subjects lies, 0 < u < 1."""
        raise NotImplementedError

    @staticmethod
    def contradiction(values: Mapping[str, Any]) -> str | None:
        """Why these numbers, each fine by itself, do not go together."""
        return None


@dataclass(frozen=True)
class Normal(Distribution):
    """Normal: symmetric about its mean; draws beyond the parameter's range are clipped to it."""

    located = ("mean",)
    mean: float = parameter(0.0, doc="mean over subjects")
    sd: float = parameter(1.0, doc="standard deviation over subjects", low=0.0)

    def quantile(self, u: float) -> float:
        return self.mean + self.sd * NormalDist().inv_cdf(u)


@dataclass(frozen=True)
class Uniform(Distribution):
    """Uniform: any value from low to high alike."""

    located = ("low", "high")
    low: float = parameter(0.0, doc="lowest value")
    high: float = parameter(1.0, doc="highest value")

    def quantile(self, u: float) -> float:
        return self.low + (self.high - self.low) * u

    @staticmethod
    def contradiction(values: Mapping[str, Any]) -> str | None:
        low, high = values["low"], values["high"]
        return f"low ({low:g}) must not be above high ({high:g})" if low > high else None


@dataclass(frozen=True)
class LogNormal(Distribution):
    """Lognormal: positive, with a long upper tail; draws beyond the parameter's range are clipped to it."""

    located = ("median",)
    median: float = parameter(1.0, doc="median over subjects", low=1e-300)
    sigma: float = parameter(1.0, doc="standard deviation of the logarithm", low=0.0, high=10.0)

    def quantile(self, u: float) -> float:
        return self.median * float(np.exp(self.sigma * NormalDist().inv_cdf(u)))


DISTRIBUTIONS: dict[str, type[Distribution]] = {"normal": Normal, "uniform": Uniform, "lognormal": LogNormal}
