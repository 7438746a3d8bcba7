"""Each person's posterior as weighted points: what Laplace's normal leaves out, by importance sampling."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
POINTS = 256  # of each person
NEAR = 192  # about the person's own posterior, the others from the population; multiples of 64, so that both are even
WIDER = 1.3  # than Laplace's normal, in every direction
FLOOR = 0.3  # of the population's sd on the line, as far as points are drawn: where a variance of 0 may be more
LogLikelihood = Callable[[Array, Array], Array]  # (which, points (m, d) on the line) -> (m,)


@dataclass(frozen=True)
class Weighted:
    """Points of each person on the line (n, m, d), their weights (n, m), which sum to 1, ln p(choices) (n,), and the
    posterior's means (n, d) and covariances (n, d, d).
    """

    points: Array
    weights: Array
    evidence: Array
    mean: Array
    covariance: Array

    @property
    def effective(self) -> Array:
        """How many points without weights would say as much, (n,): Kish's 1 / Σ w²."""
        found: Array = 1.0 / (self.weights**2).sum(axis=1)
        return found

    def quantiles(self, at: float) -> Array:
        """The point under which a fraction `at` of each person's posterior lies, of each parameter, (n, d)."""
        found = np.empty((self.points.shape[0], self.points.shape[2]))
        for k in range(found.shape[1]):
            order = np.argsort(self.points[:, :, k], axis=1)
            x = np.take_along_axis(self.points[:, :, k], order, axis=1)
            w = np.take_along_axis(self.weights, order, axis=1)
            below = np.cumsum(w, axis=1) - 0.5 * w
            found[:, k] = [np.interp(at, *pair) for pair in zip(below, x, strict=True)]
        return found

    def drawn(self, rng: np.random.Generator) -> Array:
        """One point of each person, by its weight, (n, d)."""
        below = np.cumsum(self.weights, axis=1)
        which = (below < rng.random((len(below), 1)) * below[:, -1:]).sum(axis=1)
        chosen: Array = self.points[np.arange(len(which)), which]
        return chosen


@dataclass(frozen=True)
class Normal:
    """ln likelihood of each person near a mode, to second order: its centre (n, d), and there its value (n,), slope
    (n, d) and minus its curvature (n, d, d).
    """

    centre: Array
    value: Array
    slope: Array
    curvature: Array

    def at(self, points: Array) -> Array:
        off = points - self.centre[:, None]
        bent = np.einsum("imj,ijk,imk->im", off, self.curvature, off, optimize=True)
        found: Array = self.value[:, None] + np.einsum("imj,ij->im", off, self.slope) - 0.5 * bent
        return found

    def under(self, mean: Array, sd: Array) -> tuple[Array, Array, Array, Array]:
        """Posterior means, covariances and evidence with it as the likelihood, and of whom there is such a normal."""
        d = mean.shape[1]
        precision = self.curvature + np.einsum("ij,jk->ijk", sd**-2.0, np.eye(d))
        levels = np.linalg.eigvalsh(precision)
        sound: Array = levels[:, 0] > 1e-6 * levels[:, -1]
        precision[~sound] = np.eye(d)
        covariance = np.linalg.inv(precision)
        pull = np.einsum("ijk,ik->ij", self.curvature, self.centre) + self.slope + mean / sd**2
        middle = np.einsum("ijk,ik->ij", covariance, pull)
        there = self.at(middle[:, None]) + _log_normal(middle[:, None], mean, sd)
        size = 0.5 * (d * np.log(2.0 * np.pi) + np.linalg.slogdet(covariance)[1])
        return middle, covariance, there[:, 0] + size, sound


@dataclass(frozen=True)
class Proposed:
    """Points of each person (n, m, d), and ln(likelihood / density by which they were drawn) there (n, m), and the
    same of the likelihood's `normal`.
    """

    points: Array
    log_ratio: Array
    normal: Normal
    normal_ratio: Array

    def under(self, mean: Array, sd: Array) -> Weighted:
        """The posterior under N(mean, sd²), each (n, d), on the line.

        What the points get wrong of a normal, whose moments are known, is taken off (a control variate), by the part
        of the weights that both have: if the data say next to nothing beside the population, nothing of it is left.
        """
        prior = _log_normal(self.points, mean, sd)
        weights, evidence = _normalised(self.log_ratio + prior)
        near, evidence_near = _normalised(self.normal_ratio + prior)
        middle, covariance, known, sound = self.normal.under(mean, sd)
        both = np.where(sound, np.minimum(weights, near).sum(axis=1), 0.0)
        (m, C), (m_near, C_near) = moments(self.points, weights), moments(self.points, near)
        found = C + both[:, None, None] * (covariance - C_near)
        wrong = np.linalg.eigvalsh(found)[:, 0] <= 0.0
        found[wrong] = C[wrong]
        return Weighted(
            self.points,
            weights,
            evidence + np.where(both > 0.0, both * (known - evidence_near), 0.0),
            m + both[:, None] * (middle - m_near),
            found,
        )


def propose(
    log_likelihood: LogLikelihood,
    labels: list[str],
    middle: Array,
    covariance: Array,
    mean: Array,
    sd: Array,
    normal: Normal,
) -> Proposed:
    """Three of four points from a normal about each person's own posterior, the others from the population's
    N(mean, sd²), which bounds all weights (a defensive mixture: Owen & Zhou 2000, doi 10.2307/2669533).

    `middle` (n, d) and `covariance` (n, d, d), finite and positive definite. The points are those of Sobol's sequence,
    shifted for each person by their label, so that nobody's depend on who else is there, and errors of several people
    do not add up.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    n, d = middle.shape
    base = qmc.Sobol(d, scramble=False).random(POINTS)
    shift = np.stack([np.random.default_rng(zlib.crc32(label.encode())).random(d) for label in labels])
    standard = ndtri(np.clip((base + shift[:, None] + 0.5 / POINTS) % 1.0, 1e-12, 1.0 - 1e-12))
    wide = np.maximum(sd, FLOOR)
    root = WIDER * np.linalg.cholesky(covariance)
    near = middle[:, None] + np.einsum("ijk,imk->imj", root, standard[:, :NEAR])
    points = np.concatenate([near, mean[:, None] + wide[:, None] * standard[:, NEAR:]], axis=1)
    scaled = np.linalg.solve(root, (points - middle[:, None]).transpose(0, 2, 1))
    size = np.log(np.einsum("ijj->ij", root)).sum(axis=1)
    log_near = -0.5 * (scaled**2).sum(axis=1) - size[:, None] - 0.5 * d * np.log(2.0 * np.pi)
    part = NEAR / POINTS
    density = np.logaddexp(np.log(part) + log_near, np.log(1.0 - part) + _log_normal(points, mean, wide))
    found = log_likelihood(np.repeat(np.arange(n), POINTS), points.reshape(-1, d)).reshape(n, POINTS)
    return Proposed(points, found - density, normal, normal.at(points) - density)


def _log_normal(points: Array, mean: Array, sd: Array) -> Array:
    scaled = (points - mean[:, None]) / sd[:, None]
    d = points.shape[2]
    found: Array = -0.5 * (scaled**2).sum(axis=2) - np.log(sd).sum(axis=1)[:, None] - 0.5 * d * np.log(2.0 * np.pi)
    return found


def _normalised(log_weight: Array) -> tuple[Array, Array]:
    """Weights of sum 1, and the logarithm of their mean."""
    most = log_weight.max(axis=1, keepdims=True)
    weights = np.exp(log_weight - most)
    return weights / weights.sum(axis=1, keepdims=True), np.log(weights.mean(axis=1)) + most[:, 0]


def moments(points: Array, weights: Array) -> tuple[Array, Array]:
    """Means (n, d) and covariances (n, d, d)."""
    mean = np.einsum("im,imj->ij", weights, points)
    off = points - mean[:, None]
    return mean, np.einsum("im,imj,imk->ijk", weights, off, off, optimize=True)
