"""What accounts of ketamine other than a block of the habenula are made of: receptors in balance, and new synapses.

A ligand's concentration is given as x, in units of that which holds half of its receptors, so that a dose needs no
volume of distribution: x = dose / half dose at first, and half of it after each half-life. The minutes in which it
rises are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

EXPOSURE = (np.arange(2048) + 0.5) / 2048.0  # quantiles of what is left of a drug, each an equal part of its exposure


def relative(dose: float, half_dose: float, hours: Any, half_life_hours: float) -> Any:
    """x after that many hours: dose / half dose · 2^(-t / half-life); 0 before the dose is given."""
    return np.where(np.asarray(hours) >= 0.0, dose / half_dose * 0.5 ** (np.maximum(hours, 0.0) / half_life_hours), 0.0)


def held(x: Any) -> Any:
    """x / (1 + x): the fraction of receptors that a ligand holds."""
    return x / (1.0 + x)


def agonism(agonist: Any, antagonist: Any) -> Any:
    """x / (1 + x + y): the fraction of receptors that an agonist at x holds beside a competitive antagonist at y.

    Gaddum (1937), J Physiol 89:7P.
    """
    return agonist / (1.0 + agonist + antagonist)


def remains(half_life_hours: float, blocked: Iterable[tuple[float, float, float]]) -> float:
    """∫ s(t)·(1 - b(t)) dt / ∫ s(t) dt: what a blocker leaves of a signal s that falls by half each half-life.

    `blocked` has for each dose of the blocker x when it was given, its half-life (h), and how many hours before the
    signal began that was, below 0 for later. b is x / (1 + x) of all of them. Within 1e-3.
    """
    hours = -half_life_hours * np.log2(EXPOSURE)
    x = sum((relative(at_first, 1.0, hours + lead, own) for at_first, own, lead in blocked), np.zeros_like(hours))
    return float(np.mean(1.0 - held(x)))


def brought(doses: Iterable[tuple[float, float]], half_life_hours: float) -> list[float]:
    """What each of several doses adds to a signal of at most 1, which falls by half each half-life.

    `doses` has x and hours ago of each, the oldest first. A dose alone brings x / (1 + x); one that is given while s of
    the signal is left counts beside the x that would bring that, s / (1 - s), so that a dose in two parts is one.
    """
    added, level, last = list[float](), 0.0, 0.0
    for x, ago in doses:
        level *= 0.5 ** ((last - ago) / half_life_hours) if level else 1.0
        reached = held(level / (1.0 - level) + x)
        added.append(reached - level)
        level, last = reached, ago
    return added


def synapses(hours: float, rise_hours: float, fall_hours: float) -> float:
    """(1 - exp(-t / rise))·exp(-t / fall): new synapses of those that a signal brings about, t hours after it.

    They are there within hours to a day and lost again over days (Li et al. 2010, doi 10.1126/science.1190287;
    Moda-Sava et al. 2019, doi 10.1126/science.aat8078).
    """
    return -math.expm1(-hours / rise_hours) * math.exp(-hours / fall_hours)
