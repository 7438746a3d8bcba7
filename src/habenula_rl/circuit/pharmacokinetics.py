"""Pharmacokinetics in closed form: what a dose comes to in plasma and at the receptor, in µM over time.

Every linear case is a sum of exponentials that begin at their own times (`Course`). Absorption, an infusion and the way
to the effect site each turn one such sum into another, so nothing is integrated by steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
MINUTE_S = 60.0
HOUR_S = 3600.0
NEAR = 1e-6  # rates that are nearer to each other, relatively, are set this far apart: t·exp(-rt) is no sum of the kind


@dataclass(frozen=True)
class Course:
    """A sum of amplitude·exp(-rate·(t - start)) from each `start` on: concentration (µM) over time (s)."""

    amplitude_um: Array
    rate_per_s: Array
    start_s: Array

    def __call__(self, time_s: Any) -> Array:
        """Concentration (µM) at the times (s), an array like `time_s`."""
        since = np.asarray(time_s, float)[..., None] - self.start_s
        terms = self.amplitude_um * np.exp(-self.rate_per_s * np.maximum(since, 0.0))
        total: Array = np.where(since >= 0.0, terms, 0.0).sum(-1)
        return total

    @property
    def terms(self) -> tuple[tuple[float, ...], ...]:
        """Amplitudes, rates and starts as plain numbers, which can be looked up."""
        return tuple(tuple(column.tolist()) for column in (self.amplitude_um, self.rate_per_s, self.start_s))

    def integral(self, time_s: Any) -> Array:
        """∫C dt (µM·s) from the beginning to the times (s)."""
        since = np.maximum(np.asarray(time_s, float)[..., None] - self.start_s, 0.0)
        grown = np.where(
            self.rate_per_s > 0.0,
            -np.expm1(-self.rate_per_s * since) / np.where(self.rate_per_s > 0.0, self.rate_per_s, 1.0),
            since,
        )
        area: Array = (self.amplitude_um * grown).sum(-1)
        return area

    def scaled(self, gain: float) -> Course:
        """The same course, `gain` times as high."""
        return Course(gain * self.amplitude_um, self.rate_per_s, self.start_s)

    def later(self, delay_s: float) -> Course:
        """The same course, begun `delay_s` later."""
        return Course(self.amplitude_um, self.rate_per_s, self.start_s + delay_s)

    def through(self, rate_per_s: float) -> Course:
        """What comes out of a first-order step with this rate (1/s): y' = rate·(x - y), y = 0 before."""
        rate = np.where(
            np.abs(self.rate_per_s - rate_per_s) < NEAR * rate_per_s, rate_per_s * (1.0 + NEAR), self.rate_per_s
        )
        amplitude = self.amplitude_um * rate_per_s / (rate_per_s - rate)
        both = np.concatenate([amplitude, -amplitude]), np.concatenate([rate, np.full_like(rate, rate_per_s)])
        return Course(*both, np.concatenate([self.start_s, self.start_s]))


def superposed(courses: Sequence[Course]) -> Course:
    """The courses of several doses of one drug, added up: the kinetics are linear."""
    parts = [(c.amplitude_um, c.rate_per_s, c.start_s) for c in courses]
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
    if drug.exchange_l_per_h_per_kg == 0.0:
        return Course(np.array([first]), np.array([leaving]), np.zeros(1))
    out = drug.exchange_l_per_h_per_kg / drug.volume_l_per_kg / HOUR_S
    back = drug.exchange_l_per_h_per_kg / drug.peripheral_l_per_kg / HOUR_S
    middle = 0.5 * (leaving + out + back)
    fast = middle + math.sqrt(middle * middle - leaving * back)
    slow = leaving * back / fast
    share = (fast - back) / (fast - slow)
    return Course(first * np.array([share, 1.0 - share]), np.array([fast, slow]), np.zeros(2))


def absorbed(
    drug: Disposition, dose_mg_per_kg: float, absorption_half_life_min: float, available_share: float
) -> Course:
    """Plasma concentration (µM) after a dose that is taken up by first order: i.p., s.c., intranasal."""
    rate = math.log(2.0) / (absorption_half_life_min * MINUTE_S)
    return bolus(drug, available_share * dose_mg_per_kg).through(rate)


def infusion(drug: Disposition, dose_mg_per_kg: float, duration_min: float) -> Course:
    """Plasma concentration (µM) while and after the dose runs in at a constant rate for `duration_min`.

    Boluses of dose·dt/T one after another: Σ A/(λT)·(1 - exp(-λt)), less the same begun at T.
    """
    whole, length = bolus(drug, dose_mg_per_kg), duration_min * MINUTE_S
    height = whole.amplitude_um / (whole.rate_per_s * length)
    zero = np.zeros_like(height)
    begun = Course(np.concatenate([height, -height]), np.concatenate([zero, whole.rate_per_s]), np.zeros(2 * zero.size))
    return superposed([begun, begun.scaled(-1.0).later(length)])


def effect_site(plasma: Course, free_share: float, unbound_ratio: float, equilibration_half_life_min: float) -> Course:
    """Free concentration (µM) at the receptors of the brain: C' = k·(K_p,uu·f_u·C_plasma - C).

    `free_share` f_u is what plasma proteins leave free, `unbound_ratio` K_p,uu the free concentration in the brain
    over that in plasma at equilibrium.
    """
    rate = math.log(2.0) / (equilibration_half_life_min * MINUTE_S)
    return plasma.scaled(free_share * unbound_ratio).through(rate)


def half_life_min(drug: Disposition) -> float:
    """The terminal half-life in plasma (min)."""
    return math.log(2.0) / (float(bolus(drug, 1.0).rate_per_s.min()) * MINUTE_S)
