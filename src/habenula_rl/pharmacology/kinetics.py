"""Pharmacokinetics in closed form: the concentration of a dose in plasma and at the receptor, in µM over time.

Every linear case is a sum of terms t^n·exp(-λt) that begin at their own times (`Course`). Absorption, an infusion and
the way to the effect site each turn one such sum into another, so nothing is integrated by steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
MINUTE_S = 60.0
HOUR_S = 3600.0
NEAR = 0.01  # rates that differ by less than this fraction are taken together: their difference would cancel
LEAST = 1e-300  # in the place of 0 under a logarithm
LONGEST = 745.0  # time constants after which exp(-x) is 0


@dataclass(frozen=True)
class Course:
    """A sum of amplitude·x^n/n!·exp(-x), x = rate·(t - start), from each `start` on: concentration (µM) over time (s).

    `order` is n: 0, a plain exponential, but where steps of (nearly) equal rates follow each other. A term is over
    at its `end_s`, as those of an infusion are; what it has left behind then is another term.
    """

    amplitude_um: Array
    rate_per_s: Array
    start_s: Array
    order: Array = field(default_factory=lambda: np.zeros(1))
    end_s: Array = field(default_factory=lambda: np.full(1, np.inf))

    def __post_init__(self) -> None:
        for name in ("order", "end_s"):
            object.__setattr__(self, name, np.broadcast_to(getattr(self, name), np.shape(self.rate_per_s)))

    def __call__(self, time_s: Any) -> Array:
        """Concentration (µM) at the times (s), an array like `time_s`."""
        time = np.asarray(time_s, float)[..., None]
        since = np.maximum(time - self.start_s, 0.0)
        terms = self.amplitude_um * _shape(self.order, self.rate_per_s * since)
        total: Array = np.where((time >= self.start_s) & (time < self.end_s), terms, 0.0).sum(-1)
        return total

    @property
    def terms(self) -> tuple[tuple[float, ...], ...]:
        """Amplitudes, rates, starts, orders and ends as plain numbers, which can be looked up."""
        columns = (self.amplitude_um, self.rate_per_s, self.start_s, self.order, self.end_s)
        return tuple(tuple(column.tolist()) for column in columns)

    def integral(self, time_s: Any) -> Array:
        """∫C dt (µM·s) from the beginning to the times (s)."""
        until = np.minimum(np.asarray(time_s, float)[..., None], self.end_s)
        since = np.maximum(until - self.start_s, 0.0)
        rate = np.where(self.rate_per_s > 0.0, self.rate_per_s, 1.0)
        grown = np.where(self.rate_per_s > 0.0, _area(self.order, self.rate_per_s * since) / rate, since)
        area: Array = (self.amplitude_um * grown).sum(-1)
        return area

    def scaled(self, gain: float) -> Course:
        """The same course, `gain` times as high."""
        return replace(self, amplitude_um=gain * self.amplitude_um)

    def later(self, delay_s: float) -> Course:
        """The same course, begun `delay_s` later."""
        return replace(self, start_s=self.start_s + delay_s, end_s=self.end_s + delay_s)

    def through(self, rate_per_s: float) -> Course:
        """What comes out of a first-order step with this rate (1/s): y' = rate·(x - y), y = 0 before."""
        found: list[tuple[float, ...]] = []
        for (rate, start, end), by_order in self._by_order().items():
            passed = _together if abs(rate - rate_per_s) < NEAR * rate_per_s else _apart
            terms = passed(by_order, rate, rate_per_s)
            found += [(a, r, start, n, end) for a, r, n in terms]
            if end < math.inf:
                amplitude, own, order = np.array(terms).T
                left = float((amplitude * _shape(order, own * (end - start))).sum())
                found.append((left, rate_per_s, end, 0, math.inf))
        return Course(*np.array(found).T)

    def _by_order(self) -> dict[tuple[float, float, float], list[float]]:
        """For each rate, start and end the amplitudes of order 0, 1, 2 and so on."""
        found: dict[tuple[float, float, float], list[float]] = {}
        for amplitude, rate, start, order, end in zip(*self.terms, strict=True):
            amplitudes = found.setdefault((rate, start, end), [])
            amplitudes += [0.0] * (int(order) + 1 - len(amplitudes))
            amplitudes[int(order)] += amplitude
        return found


def _shape(order: Array, x: Array) -> Array:
    """x^n/n!·exp(-x)."""
    if not order.any():
        return np.asarray(np.exp(-x))
    factorial = np.array([math.lgamma(n + 1.0) for n in order])
    return np.asarray(np.exp(order * np.log(np.maximum(x, LEAST)) - factorial - x))


def _area(order: Array, x: Array) -> Array:
    """∫ x^n/n!·exp(-x) dx from 0: 1 - exp(-x)·(1 + x + ... + x^n/n!)."""
    area, term = -np.expm1(-x), np.exp(-x)
    for n in range(1, int(order.max()) + 1):
        term = term * x / n
        area = area - np.where(order >= n, term, 0.0)
    return np.asarray(area)


Terms = list[tuple[float, float, int]]  # amplitude, rate, order


def _apart(by_order: list[float], a: float, k: float) -> Terms:
    """Terms of rate a after a step of rate k: order n becomes k/(k - a)·itself - a/(k - a)·(what order n - 1 becomes).

    From exp(-at) comes k/(k - a)·(exp(-at) - exp(-kt)).
    """
    gain, total, found = k / (k - a), 0.0, []
    for order in reversed(range(len(by_order))):
        total = by_order[order] - a / (k - a) * total
        found.append((gain * total, a, order))
    return [*found, (-gain * total, k, 0)]


def _together(by_order: list[float], a: float, k: float) -> Terms:
    """Terms of rate a after a step of almost the same rate k: that of order n becomes one of order n + 1 and rate k.

    What a is less or more than k adds orders above: ((s + k) + (a - k))^-(n+1) as a series, until it is rounded off.
    """
    apart, size, m = (k - a) / k, 1.0, 0
    found = [0.0] * (len(by_order) + 1)
    while size > 1e-17:
        found += [0.0] * (len(by_order) + 1 + m - len(found))
        for n, amplitude in enumerate(by_order):
            found[n + m + 1] += amplitude * (a / k) ** n * apart**m * math.comb(n + m, m)
        m += 1
        size *= abs(apart) * LONGEST / m
    return [(amplitude, k, order) for order, amplitude in enumerate(found)]


def superposed(courses: Sequence[Course]) -> Course:
    """The courses of several doses of one drug, added up: the kinetics are linear."""
    parts = [(c.amplitude_um, c.rate_per_s, c.start_s, c.order, c.end_s) for c in courses]
    return Course(*(np.concatenate(column) for column in zip(*parts, strict=True)))


@dataclass(frozen=True)
class Disposition:
    """Where a drug goes once it is in the blood: one compartment, or two with exchange between them.

    `volume_l_per_kg` is the central volume; `exchange_l_per_h_per_kg` 0 leaves the second compartment out.
    """

    molar_mass_g_per_mol: float
    volume_l_per_kg: float
    clearance_l_per_h_per_kg: float
    peripheral_l_per_kg: float = 0.0
    exchange_l_per_h_per_kg: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.exchange_l_per_h_per_kg < math.inf:
            raise ValueError(f"exchange_l_per_h_per_kg must not be below 0, not {self.exchange_l_per_h_per_kg}")
        needed = ("molar_mass_g_per_mol", "volume_l_per_kg", "clearance_l_per_h_per_kg", "peripheral_l_per_kg")
        for name in needed[: 4 if self.exchange_l_per_h_per_kg else 3]:
            _positive(name, getattr(self, name))


def _positive(name: str, value: float) -> float:
    if not 0.0 < value < math.inf:
        raise ValueError(f"{name} must be above 0 and finite, not {value}")
    return value


def _rate(name: str, half_life_min: float) -> float:
    """The rate (1/s) of a half-life (min)."""
    return math.log(2.0) / (_positive(name, half_life_min) * MINUTE_S)


def molar_um(dose_mg_per_kg: float, molar_mass_g_per_mol: float, volume_l_per_kg: float) -> float:
    """Concentration (µM) of a dose (mg/kg) in a volume (L/kg)."""
    return 1000.0 * dose_mg_per_kg / (molar_mass_g_per_mol * volume_l_per_kg)


def bolus(drug: Disposition, dose_mg_per_kg: float) -> Course:
    """Plasma concentration (µM) after an intravenous bolus at time 0, one or two compartments.

    Two: C = A·exp(-αt) + B·exp(-βt) with α + β = k₁₀ + k₁₂ + k₂₁, αβ = k₁₀·k₂₁, A = C₀·(α - k₂₁)/(α - β)
    (Gibaldi & Perrier 1982, Pharmacokinetics).
    """
    first = molar_um(dose_mg_per_kg, drug.molar_mass_g_per_mol, drug.volume_l_per_kg)
    leaving = drug.clearance_l_per_h_per_kg / drug.volume_l_per_kg / HOUR_S
    out = drug.exchange_l_per_h_per_kg / drug.volume_l_per_kg / HOUR_S
    if out == 0.0:
        return Course(np.array([first]), np.array([leaving]), np.zeros(1))
    back = drug.exchange_l_per_h_per_kg / drug.peripheral_l_per_kg / HOUR_S
    apart = math.hypot(leaving + out - back, 2.0 * math.sqrt(out) * math.sqrt(back))  # α - β
    fast = 0.5 * (leaving + out + back + apart)
    slow = leaving * back / fast
    fraction = 0.5 * (1.0 + (leaving + out - back) / apart)
    return Course(first * np.array([fraction, 1.0 - fraction]), np.array([fast, slow]), np.zeros(2))


def absorbed(
    drug: Disposition, dose_mg_per_kg: float, absorption_half_life_min: float, available_share: float
) -> Course:
    """Plasma concentration (µM) after a dose that is taken up by first order: i.p., s.c., intranasal."""
    rate = _rate("absorption_half_life_min", absorption_half_life_min)
    return bolus(drug, available_share * dose_mg_per_kg).through(rate)


def infusion(drug: Disposition, dose_mg_per_kg: float, duration_min: float) -> Course:
    """Plasma concentration (µM) while and after the dose runs in at a constant rate for `duration_min`.

    Boluses of dose·dt/T one after another: Σ A/(λT)·(1 - exp(-λt)) until T, then the level reached, falling.
    """
    whole, length = bolus(drug, dose_mg_per_kg), _positive("duration_min", duration_min) * MINUTE_S
    height = whole.amplitude_um / (whole.rate_per_s * length)
    rates = np.concatenate([np.zeros_like(height), whole.rate_per_s])
    over = np.full(rates.size, length)
    during = Course(np.concatenate([height, -height]), rates, np.zeros(rates.size), end_s=over)
    after = replace(whole, amplitude_um=-height * np.expm1(-whole.rate_per_s * length)).later(length)
    return superposed([during, after])


def effect_site(plasma: Course, free_share: float, unbound_ratio: float, equilibration_half_life_min: float) -> Course:
    """Free concentration (µM) at the receptors of the brain: C' = k·(K_p,uu·f_u·C_plasma - C).

    `free_share` f_u is what plasma proteins leave free, `unbound_ratio` K_p,uu the free concentration in the brain
    over that in plasma at equilibrium.
    """
    rate = _rate("equilibration_half_life_min", equilibration_half_life_min)
    return plasma.scaled(free_share * unbound_ratio).through(rate)


def half_life_min(drug: Disposition) -> float:
    """The terminal half-life in plasma (min)."""
    return math.log(2.0) / (float(bolus(drug, 1.0).rate_per_s.min()) * MINUTE_S)
