"""A population of people: the distribution of a parameter over them, found together with each one's own value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .optimise import Minima, hessians, minimise

Array = np.ndarray[Any, Any]
SMALLEST_SD = 0.02  # on the line
NO_VARIANCE = 0.1  # below which an sd that still falls is called none: of a rate about 0.5 it is 0.025
AGAIN = (1, 3, 6, 10, 20, 40)  # iterations at which each person is searched from the population's mean, too
STEADY = 0.005  # change of all people's evidence in five iterations that is none: an sd may creep to 0 without an end
LoseLog = Callable[
    [Array, Array], tuple[Array, Array]
]  # as `optimise.Objective`: minus the log-likelihood, on the line


@dataclass(frozen=True)
class Posterior:
    """Each subject's mode (n, d) on the line, its covariance (n, d, d) by Laplace, NaN where it does not exist,
    minus the log-posterior there, and whether the search ended where it is flat.
    """

    modes: Array
    covariances: Array
    values: Array
    converged: Array

    def evidence(self) -> Array:
        """ln ∫ likelihood · prior of each subject, by Laplace; `values` must hold the prior with its constant."""
        d = self.modes.shape[1]
        found: Array = -self.values + 0.5 * d * np.log(2.0 * np.pi) + 0.5 * np.linalg.slogdet(self.covariances)[1]
        return found


@dataclass(frozen=True)
class Population:
    """The distribution of d parameters, on the line, over people: μ = `design` @ `weights`, standard deviations by
    variance group.

    `design` (n, q), `group` (n,) each person's variance group, `weights` (q, d), `covariance` (q·d, q·d) of its rows
    one after the other, `sd` (n_groups, d), `doubt` what not knowing these adds to each person's covariance, `history`
    the evidence at each iteration.
    """

    design: Array
    group: Array
    weights: Array
    covariance: Array
    sd: Array
    posterior: Posterior
    doubt: Array
    evidence: float
    converged: bool
    history: list[float]

    @property
    def means(self) -> Array:
        """Each person's μ, (n, d)."""
        found: Array = self.design @ self.weights
        return found


def with_prior(lose: LoseLog, mean: Array, sd: Array) -> LoseLog:
    """Minus the log-posterior: `mean` and `sd` (n, d) of a normal on the line."""

    def objective(which: Array, points: Array) -> tuple[Array, Array]:
        value, gradient = lose(which, points)
        off = (points - mean[which]) / sd[which]
        constant = np.log(sd[which]).sum(axis=1) + 0.5 * points.shape[1] * np.log(2.0 * np.pi)
        return value + 0.5 * (off**2).sum(axis=1) + constant, gradient + off / sd[which]

    return objective


def inverted(hessian: Array) -> Array:
    """The inverse of each (d, d), NaN where it is no minimum's."""
    found = np.full_like(hessian, np.nan)
    sound = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
    sound[sound] = np.linalg.eigvalsh(hessian[sound])[:, 0] > 1e-8
    found[sound] = np.linalg.inv(hessian[sound])
    return found


def posterior_of(objective: LoseLog, start: Array, metric: Array) -> Posterior:
    """From a start near the mode."""
    found: Minima = minimise(objective, start, metric)
    return Posterior(found.points, inverted(hessians(objective, found.points)), found.values, found.converged)


def estimate_population(
    lose: LoseLog,
    design: Array,
    group: Array,
    start: Posterior,
    middle: Array,
    sd: Array,
    *,
    most: int = 100,
    close: float = 2e-3,
) -> Population:
    """Empirical Bayes with Laplace's approximation (Huys et al. 2011, doi 10.1371/journal.pcbi.1002028).

    Each subject's mode m and posterior covariance C under N(μ, Σ) are found; then μ and Σ are moved by a step of Fisher
    scoring on the Laplace evidence, whose fixed points are those of Huys' maximisation, Σ = mean((m - μ)² + C), and
    which takes a dozen iterations where that takes hundreds if the data say little of each person. With
    W = Σ⁻¹ - Σ⁻¹CΣ⁻¹ the information in μ is Σᵢ Wᵢ (Louis 1982): its inverse is the weights' covariance, in which
    each person counts by what their choices say. Means are held by a normal about `middle` with three times the `sd` of
    a person's prior, effects by one about 0, which keeps a number that no choice depends on from running away.
    """
    d = start.modes.shape[1]
    q, n_groups = design.shape[1], int(group.max()) + 1
    hold = np.tile((3.0 * sd) ** -2.0, (q, 1))
    held_at = np.zeros((q, d))
    held_at[:n_groups] = middle
    weights = np.linalg.lstsq(design, start.modes, rcond=None)[0]
    sd = np.broadcast_to(sd, (n_groups, d)).copy()
    modes, metric = start.modes, np.where(np.isfinite(start.covariances), start.covariances, np.eye(d))
    history: list[float] = []
    converged = False
    for _ in range(most):
        mean, spread = design @ weights, sd[group]
        objective = with_prior(lose, mean, spread)
        again = len(history) in AGAIN
        if again:  # a mode that was best under an earlier population need not be so now
            own = np.tile(np.eye(d), (len(modes), 1, 1)) * spread[:, :, None] ** 2 * 0.2
            other, here = minimise(objective, mean, own), minimise(objective, modes, metric)
            modes = np.where((other.values < here.values - 1e-3)[:, None], other.points, here.points)
        posterior = posterior_of(objective, modes, metric)
        C = posterior.covariances
        bad = ~np.isfinite(C).all(axis=(1, 2))
        C[bad] = spread[bad, :, None] ** 2 * np.eye(d)  # a ridge or a kink: these count as knowing the prior only
        history.append(float(posterior.evidence().sum()))
        modes, metric = posterior.modes, C
        precision = spread**-2.0
        W = precision[:, :, None] * np.eye(d) - precision[:, :, None] * C * precision[:, None, :]
        W[bad] = 0.0
        information = np.einsum("ia,ib,ijk->ajbk", design, design, W).reshape(q * d, q * d)
        information += np.diag(hold.ravel())
        off = modes - mean
        score = (design.T @ (precision * off) + hold * (held_at - weights)).reshape(q * d)
        step = np.linalg.solve(information, score).reshape(q, d)
        step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        scaled = (off**2 + np.einsum("ijj->ij", C)) * precision - 1.0
        certain = (np.einsum("ijj->ij", W) * spread**2) ** 2
        slope = np.zeros((n_groups, d))
        curve = np.zeros((n_groups, d))
        np.add.at(slope, group, 0.5 * scaled)
        np.add.at(curve, group, 0.5 * certain)
        change = np.clip(0.5 * slope / np.maximum(curve, 0.05 * np.bincount(group)[:, None]), -0.5, 0.5)  # of ln sd
        shift = np.abs(step / sd.mean(axis=0)).max()
        vanishing = (sd < NO_VARIANCE) & (change < 0.0)
        steady = len(history) > 5 and abs(history[-1] - history[-6]) < STEADY
        if not again and shift < 5.0 * close and (steady or np.abs(change[~vanishing]).max(initial=0.0) < close):
            converged = True
            break
        damping = 1.0 if len(history) < 25 else 0.5  # full steps may go back and forth between two places
        weights = weights + damping * step
        sd = np.maximum(sd * np.exp(damping * change), SMALLEST_SD)
    covariance = np.linalg.inv(information)
    doubt = _doubt(posterior, design, group, mean, sd[group], covariance, 0.25 / np.maximum(curve, 1e-3))
    return Population(design, group, weights, covariance, sd, posterior, doubt, history[-1], converged, history)


def _doubt(
    posterior: Posterior, design: Array, group: Array, mean: Array, spread: Array, covariance: Array, of_log_sd: Array
) -> Array:
    """What not knowing the population adds to each person's covariance, (n, d, d), to first order: how far a mode moves
    with μ (C Σ⁻¹) and with ln σ, times these numbers' own covariances (Kass & Steffey 1989, doi 10.2307/2289653).
    """
    n, d = mean.shape
    q = design.shape[1]
    C, precision = posterior.covariances, spread**-2.0
    along = C * precision[:, None, :]
    of_mean = np.einsum("ia,ajbk,ib->ijk", design, covariance.reshape(q, d, q, d), design)
    along_sd = 2.0 * along * (posterior.modes - mean)[:, None, :]
    by_sd = np.einsum("ijk,ik,ilk->ijl", along_sd, np.minimum(of_log_sd, 1.0)[group], along_sd)
    found: Array = along @ of_mean @ along.transpose(0, 2, 1) + by_sd
    return found.reshape(n, d, d)
