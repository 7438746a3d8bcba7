"""From neurons to the agent: the fraction of bursting cells, and the agent's burst share fitted to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.habenula import burst_share
from . import firing
from .population import HabenulaNeurons
from .recording import record

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
FITTED = (-1.0, -0.5, 0.0, 0.5, 1.0, 1.67)  # hyperactivity; beyond it more and more cells fall silent
OPEN = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # fraction of a channel
POWERS = (1.0, 20.0)  # as the agent allows
HELPLESS_KIR41 = 1.7  # set: where about 23 % of the cells burst, as in congenitally helpless rats (Yang 2018)


def hyperactivity(kir41: float, helpless_kir41: float = HELPLESS_KIR41) -> float:
    """h = ln(kir41) / ln(that of helpless animals): 0 healthy, 1 helpless. Raises ValueError for 0 and below."""
    if not kir41 > 0.0:
        raise ValueError(f"kir41 must be above 0, not {kir41!r}: hyperactivity is its logarithm")
    return math.log(kir41) / math.log(helpless_kir41)


def shares(
    neurons: HabenulaNeurons,
    vary: str,
    values: Sequence[float],
    *,
    n_neurons: int = 500,
    seconds: float = 5.0,
    seed: int = 0,
    threads: int | None = None,
) -> pd.DataFrame:
    """One row a value of the parameter `vary` (`kir41`, `nmda`, `t_type` or another), always of the same cells.

    Columns: the parameter; `silent`, `tonic` and `bursting`, fractions of cells; `tonic_hz`, tonic cells' rate; and, of
    the bursting cells, `burst_hz`, `spikes_per_burst` and `within_hz`.
    """
    import pandas as pd

    rows = []
    for value in values:
        changed = neurons.replace(**{vary: float(value)})
        table = firing.kinds(record(changed, n_neurons, seconds, seed=seed, threads=threads))
        tonic, bursting = table[table["kind"] == "tonic"], table[table["kind"] == "bursting"]
        row = {vary: float(value)} | {kind: float((table["kind"] == kind).mean()) for kind in firing.KINDS}
        row["tonic_hz"] = tonic["rate_hz"].mean()
        rows.append(row | bursting[["burst_hz", "spikes_per_burst", "within_hz"]].mean().to_dict())
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Steepness:
    """How steeply bursts depend on a channel: the fraction `left` of the helpless animal's at so much of it `open`.

    `power` is that of the open^power which comes nearest, `worst` the largest difference to it.
    """

    power: float
    worst: float
    open: tuple[float, ...]
    left: tuple[float, ...]


@dataclass(frozen=True)
class BurstMap:
    """Between neurons and an agent: Kir4.1 ↔ hyperactivity, the agent's burst share fitted, and how well it holds.

    `helpless_kir41` is the Kir4.1 that hyperactivity 1 stands for, in that of healthy animals. `threshold` and `slope`
    are those of the agent's burst share that fit the neurons best; `worst` is the largest difference in burst `share`
    that is left over `hyperactivity`. `nmda` and `t_type` are the blocks of these channels.
    """

    helpless_kir41: float
    threshold: float
    slope: float
    worst: float
    hyperactivity: tuple[float, ...]
    share: tuple[float, ...]
    nmda: Steepness
    t_type: Steepness

    def kir41(self, hyperactivity: float) -> float:
        """The Kir4.1 of that hyperactivity, in that of healthy animals."""
        return float(self.helpless_kir41**hyperactivity)

    def of_kir41(self, kir41: float) -> float:
        """The hyperactivity of that Kir4.1. Raises ValueError where it is not above 0."""
        return hyperactivity(kir41, self.helpless_kir41)

    def agent(self) -> dict[str, float]:
        """The agent's parameters that follow from neurons: `HabenulaAgent(**fitted(...).agent())`."""
        powers = {"nmda_power": self.nmda.power, "t_type_power": self.t_type.power}
        return {"burst_threshold": self.threshold, "burst_slope": self.slope} | powers


def fitted(
    neurons: HabenulaNeurons | None = None,
    *,
    helpless_kir41: float = HELPLESS_KIR41,
    n_neurons: int = 500,
    seconds: float = 5.0,
    seed: int = 0,
    threads: int | None = None,
) -> BurstMap:
    """Records the population over Kir4.1, NMDA block and T-type block and fits the agent's burst share to it.

    The agent's own defaults are what 1,500 of the default neurons give (`fitted(n_neurons=1500)`).

    Threshold and slope are those of a straight line through logit B over h, each point weighted as a fraction of that
    size is known; the powers are those of least squares in the bursts left. Raises ValueError where fewer than two of
    the fractions lie between 0 and 1, so that there is nothing to fit.
    """
    if not helpless_kir41 > 1.0:
        raise ValueError(f"helpless_kir41 must be above 1, more than in healthy animals, not {helpless_kir41!r}")
    neurons = neurons or HabenulaNeurons()
    h = np.array(FITTED)
    amount: dict[str, Any] = {"n_neurons": n_neurons, "seconds": seconds, "seed": seed, "threads": threads}
    share = shares(neurons, "kir41", list(helpless_kir41**h), **amount)["bursting"].to_numpy()
    threshold, slope = _line(h, share)
    agents = np.array([burst_share(0.0, float(x), 1.0, threshold, slope, 1.0) for x in h])
    helpless = neurons.replace(kir41=helpless_kir41)
    nmda, t_type = (
        _steepness(shares(helpless, channel, OPEN, **amount)["bursting"].to_numpy()) for channel in ("nmda", "t_type")
    )
    return BurstMap(
        helpless_kir41, threshold, slope, _apart(agents, share), FITTED, tuple(map(float, share)), nmda, t_type
    )


def _steepness(bursting: Array) -> Steepness:
    """Of the fractions that burst with `OPEN` of a channel."""
    left = bursting / bursting[-1] if bursting[-1] > 0.0 else bursting
    power = _power(np.array(OPEN), left)
    return Steepness(power, _apart(np.array(OPEN) ** power, left), OPEN, tuple(map(float, left)))


def _apart(one: Array, other: Array) -> float:
    return float(np.abs(one - other).max())


def _line(h: Array, share: Array) -> tuple[float, float]:
    """Threshold and slope of the logistic function through these fractions."""
    known = (share > 0.0) & (share < 1.0)
    if known.sum() < 2:
        raise ValueError("fewer than two recorded burst shares lie between 0 and 1: nothing to fit; take more neurons")
    p = share[known]
    rise, at_zero = np.polyfit(h[known], np.log(p / (1.0 - p)), 1, w=np.sqrt(p * (1.0 - p)))
    return float(-at_zero / rise), float(1.0 / rise)


def _power(channels: Array, left: Array) -> float:
    """The power of `channels`, fractions, that comes nearest to these of the bursts, within the agent's range."""
    powers = np.arange(POWERS[0], POWERS[1], 0.001)
    miss = np.sum((channels ** powers[:, None] - left) ** 2, axis=1)
    return round(float(powers[np.argmin(miss)]), 3)
