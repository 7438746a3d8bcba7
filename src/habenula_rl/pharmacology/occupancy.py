"""Use-dependent block: how much of the NMDA receptors a drug holds, driven by its concentration and by activity.

dO/dt = f·k_on·C(t)·P·(1 - O) - k_off·P·O. The drug gets in and out only while the channel is open (P), so it goes in
where the habenula bursts and stays trapped where it is silent (Ma et al. 2023, doi 10.1038/s41586-023-06624-1). It gets
in only where magnesium does not hold the site (f): they compete.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .kinetics import Course

Array = np.ndarray[Any, Any]
TOLERANCE = 1e-11  # of the occupancy, for each panel
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
FEWEST_S = 1e-3  # no panel is cut shorter
QUIET = 5.53e-5  # P of neurons that do not burst: half of the trapped ketamine leaves in 24 h (Ma 2023)
COINCIDENT = 0.3  # P where all burst: in bursts 30 % of the time (50 ms, 6 a second)
MAGNESIUM_FREE = 0.21  # of channels while our neurons burst (Jahr & Stevens 1990): K of ketamine 3.4 µM, memantine 7.9
BREAKS = 128  # of a dose's time, at which an activity may change
ROUGHLY = 1e-8  # of the occupancy, for each panel of a table over P
SPEEDS = np.geomspace(1e-7, 1.0, 256)  # the P of these tables; below the first it is drawn to the same
LOGS = np.log(SPEEDS)


@dataclass(frozen=True)
class Blocker:
    """How a drug binds: k_on (1/µM/s) and k_off (1/s) of open channels; trapped where it needs them open to leave.

    `magnesium_free` is the fraction of open channels that magnesium leaves to it, `untrapped` the fraction of its block
    that leaves closed channels as well, so that it follows the concentration.
    """

    k_on_per_um_s: float
    k_off_per_s: float
    trapped: bool = True
    magnesium_free: float = 1.0
    untrapped: float = 0.0

    @property
    def entering_per_um_s(self) -> float:
        """How fast it gets into an open channel (1/µM/s), beside magnesium."""
        return self.magnesium_free * self.k_on_per_um_s

    @property
    def affinity_um(self) -> float:
        """The concentration (µM) that holds half of the receptors in the end: k_off/k_on, more where magnesium is."""
        return self.k_off_per_s / self.entering_per_um_s

    def held(self, trapped: Any, concentration_um: Any) -> Any:
        """The receptors held: of what is `trapped` all but the untrapped fraction, and of that what C/(C + K) holds."""
        return trapped + self.untrapped * (concentration_um / (concentration_um + self.affinity_um) - trapped)


def open_probability(bursts: Any, tonic_rate: Any = 1.0) -> Any:
    """P = P₀·R + P_c·B³: how far a pool's free receptors are opened, 1 where agonist saturates; magnesium is apart.

    P₀ is that of neurons that do not burst, firing at R times the resting rate: 5.5e-5 frees half of the trapped
    ketamine in 24 h. A receptor opens where two molecules of glutamate and a depolarisation meet; with a fraction B
    of neurons bursting, which excite each other, each of the three is B of what it could be.
    """
    return QUIET * tonic_rate + COINCIDENT * bursts**3


def occupancy(before: Any, opening: Any, course: Course, drug: Blocker, begin_s: float, end_s: float) -> Array:
    """O at `end_s` from O = `before` at `begin_s`, at constant activity; arrays (n,) with a number for each subject.

    O(t) = O₀·exp(-A(t)) + ∫ P·f·k_on·C(s)·exp(A(s) - A(t)) ds with A = P·(f·k_on·∫C + k_off·t) is exact. The integral
    is taken by Gauss's rule on panels, cut until halving them changes nothing beyond 1e-11.
    """
    level = np.atleast_1d(np.asarray(before, float))
    speed = np.atleast_1d(np.asarray(opening if drug.trapped else np.ones_like(level), float))
    edges = mesh(course, drug, begin_s, end_s, float(speed.min()), float(speed.max()))
    return passed(level, speed, _panels(course, drug, edges))


@dataclass(frozen=True)
class Panels:
    """What a stretch of time does: A/P over all of it, A/P from each node to its end, and f·k_on·C·dt of each node."""

    length: float
    late: Array
    source: Array


def passed(level: Array, speed: Array, panels: Panels) -> Array:
    """O after the stretch, from O = `level` before it, at P = `speed`."""
    return np.asarray(level * np.exp(-speed * panels.length) + speed * _bound(speed, panels))


def _bound(speed: Array, panels: Panels) -> Array:
    """What binds and is still there at the stretch's end, over P."""
    each = np.exp(-speed[:, None] * panels.late) * panels.source  # a product of matrices would not be the same bits for
    return np.asarray(each.sum(1))  # any number of subjects


def trapped(level: Any, entering: Array, leaving: Any, course: Course, drug: Blocker, *times_s: float) -> Array:
    """O at the last of two times from O = `level` at the first, where the block itself changes what opens receptors.

    More drug gets in than out: P is `entering`, that of the free receptors, whose neurons burst. More gets out than in:
    P is `leaving`, that of the bound ones, whose neurons it has silenced. Without net flux it makes no difference, so
    the balance is C/(C + K) all the same. Which of the two holds is decided at `BREAKS` times after each dose, and
    what binds is read off a table over P that serves all subjects; docs/reference/pharmacology.md has the errors.
    `level` and `leaving` may be numbers that all subjects share.
    """
    if not drug.trapped:
        return occupancy(level, np.ones_like(level), course, drug, *times_s)
    if np.ndim(level) == 0 and np.ndim(leaving) == 0:
        table = _from_one_level(float(level), float(leaving), course.terms, drug, *times_s)
        return np.asarray(np.interp(np.log(np.maximum(entering, SPEEDS[0])), LOGS, table))
    stretches = stretches_of(course.terms, drug, *times_s)
    for into, enters, out, leaves in zip(*_way(entering, *stretches), *_way(leaving, *stretches), strict=True):
        level = np.maximum(level + enters * (into - level), level + leaves * (out - level))
    return np.asarray(level)


@functools.lru_cache(maxsize=256)
def _from_one_level(
    level: float, leaving: float, terms: tuple[tuple[float, ...], ...], drug: Blocker, *times_s: float
) -> Array:
    """`trapped` over P, from a level that all subjects share."""
    return trapped(np.full(SPEEDS.size, level), SPEEDS, leaving, Course(*np.array(terms)), drug, *times_s)


def _way(speed: Any, lengths: Array, towards: Array) -> tuple[Array, Array]:
    """For each stretch and subject the O that it draws to at P = `speed`, and how far it gets there (0 to 1)."""
    p = np.atleast_1d(np.asarray(speed, float))
    place = (np.log(np.maximum(p, SPEEDS[0])) - LOGS[0]) / (LOGS[1] - LOGS[0])
    row = np.minimum(place.astype(int), SPEEDS.size - 2)
    near, far = towards[:, row], towards[:, row + 1]
    return near + (place - row) * (far - near), -np.expm1(-p * lengths[:, None])


@functools.lru_cache(maxsize=512)
def stretches_of(
    terms: tuple[tuple[float, ...], ...], drug: Blocker, begin_s: float, end_s: float
) -> tuple[Array, Array]:
    """The time between two others, cut where the concentration changes: A/P, and the O that each stretch draws to.

    That is what binds over 1 - exp(-A), a row over P: for a steady concentration it is C/(C + K_d), whatever P is.
    """
    course = Course(*np.array(terms))
    edges = np.unique(np.concatenate([[begin_s, end_s], _breaks(course, begin_s, end_s)]))
    meshes = (mesh(course, drug, *pair, QUIET, COINCIDENT, ROUGHLY) for pair in itertools.pairwise(edges))
    every = [_panels(course, drug, edges) for edges in meshes]
    towards = [SPEEDS * _bound(SPEEDS, p) / -np.expm1(-SPEEDS * p.length) for p in every]
    return np.array([p.length for p in every]), np.array(towards)


def _breaks(course: Course, begin_s: float, end_s: float) -> Array:
    """Times after each start of the course, from part of its fastest term's time constant to many of its slowest's."""
    rates = course.rate_per_s[course.rate_per_s > 0.0]
    if not rates.size:
        return np.empty(0)
    after = np.concatenate([[0.0], np.geomspace(0.05 / rates.max(), 12.0 / rates.min(), BREAKS)])
    times = (np.unique(course.start_s)[:, None] + after).ravel()
    return np.asarray(times[(times > begin_s) & (times < end_s)])


def _panels(course: Course, drug: Blocker, edges: Array) -> Panels:
    time, weight = _nodes(edges)
    end = _progress(course, drug, edges[-1:])
    length = float((end - _progress(course, drug, edges[:1]))[0])
    return Panels(length, end - _progress(course, drug, time), weight * drug.entering_per_um_s * course(time))


def _progress(course: Course, drug: Blocker, time_s: Array) -> Array:
    """A/P: what the exponent comes to at P = 1."""
    return drug.entering_per_um_s * course.integral(time_s) + drug.k_off_per_s * time_s


def _nodes(edges: Array) -> tuple[Array, Array]:
    """Times and weights of Gauss's rule on every panel."""
    half, middle = 0.5 * np.diff(edges)[:, None], 0.5 * (edges[1:] + edges[:-1])[:, None]
    return (middle + half * NODES).ravel(), (half * WEIGHTS).ravel()


def mesh(
    course: Course,
    drug: Blocker,
    begin_s: float,
    end_s: float,
    slowest: float,
    fastest: float,
    within: float = TOLERANCE,
) -> Array:
    """Edges of panels fine enough for every P between `slowest` and `fastest`: halving none changes O by `within`."""
    starts = np.unique(course.start_s)
    inside = starts[(starts > begin_s) & (starts < end_s)]
    edges = np.concatenate([[begin_s], inside, [end_s]])
    speeds = np.geomspace(max(slowest, 1e-12), max(fastest, 1e-12), 5)
    kept = [begin_s]
    most = float(np.abs(course.amplitude_um).sum())
    binding = fastest * (drug.entering_per_um_s * most + drug.k_off_per_s)
    quickest = max(float(course.rate_per_s.max()), binding)  # how fast concentration and occupancy change, at most
    if (end_s - begin_s) * quickest < 2.0:  # 12 nodes are exact to rounding
        return edges
    for left, right in itertools.pairwise(edges):
        kept += _cut(course, drug, speeds, left, right, end_s, within)
    return np.array(kept)


def _cut(
    course: Course, drug: Blocker, speeds: Array, left: float, right: float, end_s: float, within: float
) -> Iterator[float]:
    """The right edges of the panels between two times."""
    middle = 0.5 * (left + right)
    whole = _gauss(course, drug, speeds, np.array([left, right]), end_s)
    halves = _gauss(course, drug, speeds, np.array([left, middle, right]), end_s)
    if right - left <= FEWEST_S or np.abs(whole - halves).max() < within:
        yield right
    else:
        yield from _cut(course, drug, speeds, left, middle, end_s, within)
        yield from _cut(course, drug, speeds, middle, right, end_s, within)


def _gauss(course: Course, drug: Blocker, speeds: Array, edges: Array, end_s: float) -> Array:
    """What binds on these panels and is still there at the end, for each P."""
    time, weight = _nodes(edges)
    late = _progress(course, drug, time) - _progress(course, drug, np.array(end_s))
    bound: Array = speeds * (np.exp(np.outer(speeds, late)) @ (weight * drug.entering_per_um_s * course(time)))
    return bound
