"""A population of people: the distribution of a parameter over them, found together with each one's own value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .importance import LogLikelihood, Normal, Proposed, Weighted, moments, propose
from .optimise import Minima, hessians, minimise

Array = np.ndarray[Any, Any]
SMALLEST_SD = 0.05  # on the line
NO_VARIANCE = 0.1  # below which an sd is called none: of a rate about 0.5 it is 0.025
AGAIN = (1, 3, 6, 10, 20, 40)  # iterations at which each person is searched from the population's mean, too
STEADY = 0.005  # change of all people's evidence in five iterations that is none: an sd may creep to 0 without an end
ROUNDS = 20  # at most, of drawing points anew about what the last ones said
FAR = 0.5  # that a mean moves, in sd, or ln sd, after which they are
LAST, NOISE = 4, 1.0  # rounds whose evidence differs by no more end the search, too
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
    one after the other, `sd` (n_groups, d), `weighted` each person's posterior with what not knowing these adds to it,
    `evidence` ln p(all choices), `history` of it, by Laplace and then by importance sampling, in each iteration.
    """

    design: Array
    group: Array
    weights: Array
    covariance: Array
    sd: Array
    posterior: Posterior
    weighted: Weighted
    evidence: float
    converged: bool
    history: list[float]

    @property
    def means(self) -> Array:
        """Each person's μ, (n, d)."""
        found: Array = self.design @ self.weights
        return found


@dataclass(frozen=True)
class Found:
    """What a search ends with: modes, the posterior's points but for "mle", how many searches of each person ended as
    high, and the population of "em".
    """

    posterior: Posterior
    weighted: Weighted | None
    agreeing: Array
    population: Population | None


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


def normal_of(laplace: Posterior, mean: Array, sd: Array) -> Normal:
    """The likelihood near each mode under N(mean, sd²), to second order; flat where there is no curvature."""
    d = mean.shape[1]
    bad = np.asarray(~np.isfinite(laplace.covariances).all(axis=(1, 2)))
    pull = (laplace.modes - mean) / sd**2
    precision = np.linalg.inv(np.where(bad[:, None, None], np.eye(d), laplace.covariances))
    curvature = np.where(bad[:, None, None], 0.0, precision - np.einsum("ij,jk->ijk", sd**-2.0, np.eye(d)))
    off = 0.5 * ((laplace.modes - mean) ** 2 / sd**2).sum(axis=1) + np.log(sd).sum(axis=1) + 0.5 * d * np.log(2 * np.pi)
    return Normal(laplace.modes, off - laplace.values, np.where(bad[:, None], 0.0, pull), curvature)


def posterior_of(objective: LoseLog, start: Array, metric: Array) -> Posterior:
    """From a start near the mode."""
    found: Minima = minimise(objective, start, metric)
    return Posterior(found.points, inverted(hessians(objective, found.points)), found.values, found.converged)


def estimate_population(
    lose: LoseLog,
    log_likelihood: LogLikelihood,
    labels: list[str],
    design: Array,
    group: Array,
    start: Posterior,
    middle: Array,
    sd: Array,
) -> Population:
    """Empirical Bayes: first with Laplace's approximation (Huys et al. 2011, doi 10.1371/journal.pcbi.1002028), then,
    from there, with each person's posterior by importance sampling, since a normal about a mode is a poor likeness of
    what few choices say of a fraction, and its error does not average out over people.

    Means are held by a normal about `middle` with three times the `sd` of a person's prior, effects by one about 0,
    standard deviations by a half-normal of twice that `sd`, which keeps a number that no choice depends on from
    running away. `sample` has the same priors.
    """
    first = _Numbers.started(design, group, start, middle, sd)
    laplace, posterior, converged, history = _by_laplace(lose, first, start)
    numbers, by_points, ends = laplace, list[float](), list[float]()
    at = posterior.modes, laplace.sound(posterior.covariances)
    for _ in range(ROUNDS):
        proposed = propose(
            log_likelihood,
            labels,
            *at,
            numbers.mean,
            numbers.spread,
            normal_of(posterior, numbers.mean, numbers.spread),
        )
        before = numbers
        numbers, steady, found = _by_points(proposed, before)
        by_points += found
        weighted = proposed.under(numbers.mean, numbers.spread)
        objective = with_prior(lose, numbers.mean, numbers.spread)
        posterior = posterior_of(objective, posterior.modes, numbers.sound(posterior.covariances))
        at = weighted.mean, weighted.covariance + 1e-4 * np.einsum("ij,jk->ijk", numbers.spread**2, np.eye(len(sd)))
        ends.append(float(weighted.evidence.sum()))
        flat = len(ends) >= LAST and float(np.ptp(ends[-LAST:])) < NOISE  # along what no choice depends on
        steady = steady or flat
        if steady and len(ends) > 1:
            break
    step = numbers.step(weighted.mean, weighted.covariance)
    levels, directions = np.linalg.eigh(step.information)
    if not levels[0] > numbers.hold.min():  # choices take nothing away from what held the means: too few points
        by_modes = numbers.step(posterior.modes, numbers.sound(posterior.covariances))
        levels, directions = np.linalg.eigh(by_modes.information)
        levels = np.maximum(levels, numbers.hold.min())
    covariance = directions / levels @ directions.T
    return Population(
        design,
        group,
        numbers.weights,
        covariance,
        numbers.sd,
        posterior,
        _in_doubt(proposed, numbers, covariance, step.of_log_sd),
        float(weighted.evidence.sum()),
        converged and steady,
        history + by_points,
    )


@dataclass(frozen=True)
class _Step:
    """Of the weights (q, d) and of ln sd (n_groups, d), the information in the weights, the variance of ln sd."""

    weights: Array
    log_sd: Array
    information: Array
    of_log_sd: Array


@dataclass(frozen=True)
class _Numbers:
    """A population's weights and sd on the way, and what holds them: a normal's mean and precision, and a half-normal's
    scale.
    """

    design: Array
    group: Array
    weights: Array
    sd: Array
    held_at: Array
    hold: Array
    widest: Array

    @classmethod
    def started(cls, design: Array, group: Array, start: Posterior, middle: Array, sd: Array) -> _Numbers:
        q, n_groups, d = design.shape[1], int(group.max()) + 1, len(sd)
        held_at = np.zeros((q, d))
        held_at[:n_groups] = middle
        weights = np.linalg.lstsq(design, start.modes, rcond=None)[0]
        sd_of = np.broadcast_to(sd, (n_groups, d)).copy()
        return cls(design, group, weights, sd_of, held_at, np.tile((3.0 * sd) ** -2.0, (q, 1)), 2.0 * sd)

    @property
    def mean(self) -> Array:
        found: Array = self.design @ self.weights
        return found

    @property
    def spread(self) -> Array:
        found: Array = self.sd[self.group]
        return found

    def sound(self, covariances: Array) -> Array:
        """With the population's own where there is none, at a ridge or a kink."""
        bad = ~np.isfinite(covariances).all(axis=(1, 2))
        found: Array = covariances.copy()
        found[bad] = self.spread[bad, :, None] ** 2 * np.eye(self.sd.shape[1])
        return found

    def step(self, at: Array, covariances: Array) -> _Step:
        """Fisher scoring on the evidence, from each person's posterior mean m and covariance C under N(μ, Σ).

        Its fixed points are those of the maximisation by EM, Σ = mean((m - μ)² + C), which takes hundreds of
        iterations if the data say little of each person. With W = Σ⁻¹ - Σ⁻¹CΣ⁻¹ the information in μ is Σᵢ Wᵢ (Louis
        1982): its inverse is the weights' covariance, in which each person counts by what their choices say.
        """
        C, d, q = covariances, self.sd.shape[1], self.design.shape[1]
        off, precision = at - self.mean, self.spread**-2.0
        W = precision[:, :, None] * np.eye(d) - precision[:, :, None] * C * precision[:, None, :]
        information = np.einsum("ia,ib,ijk->ajbk", self.design, self.design, W).reshape(q * d, q * d)
        information += np.diag(self.hold.ravel())
        score = (self.design.T @ (precision * off) + self.hold * (self.held_at - self.weights)).reshape(q * d)
        far = information
        if not np.linalg.eigvalsh(information)[0] > 0.0:  # far from a maximum: EM's own step, which is shorter
            far = np.einsum("ia,ib,ij,jk->ajbk", self.design, self.design, precision, np.eye(d)).reshape(q * d, q * d)
            far = far + np.diag(self.hold.ravel())
        step = np.linalg.solve(far, score).reshape(q, d)
        step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        scaled = (off**2 + np.einsum("ijj->ij", C)) * precision - 1.0
        certain = (np.einsum("ijj->ij", W) * self.spread**2) ** 2
        slope, curve = np.zeros_like(self.sd), np.zeros_like(self.sd)
        np.add.at(slope, self.group, 0.5 * scaled)
        np.add.at(curve, self.group, 0.5 * certain)
        slope -= 0.5 * (self.sd / self.widest) ** 2
        curve += 0.5 * (self.sd / self.widest) ** 2
        change = np.clip(0.5 * slope / np.maximum(curve, 0.05 * np.bincount(self.group)[:, None]), -0.5, 0.5)
        return _Step(step, change, information, 0.25 / np.maximum(curve, 1e-3))

    def ended(self, step: _Step, history: list[float], close: float) -> bool:
        """Whether nothing moves any more, but for an sd that creeps to 0 without an end."""
        shift = np.abs(step.weights / self.sd.mean(axis=0)).max()
        vanishing = (self.sd < NO_VARIANCE) & (step.log_sd < 0.0)
        steady = len(history) > 5 and abs(history[-1] - history[-6]) < STEADY
        return bool(shift < 5.0 * close and (steady or np.abs(step.log_sd[~vanishing]).max(initial=0.0) < close))

    def moved(self, step: _Step, damping: float) -> _Numbers:
        sd = np.maximum(self.sd * np.exp(damping * step.log_sd), SMALLEST_SD)
        return replace(self, weights=self.weights + damping * step.weights, sd=sd)


def _by_laplace(
    lose: LoseLog, numbers: _Numbers, start: Posterior, most: int = 100, close: float = 2e-3
) -> tuple[_Numbers, Posterior, bool, list[float]]:
    """Modes and curvatures, searched again under each new population."""
    d = numbers.sd.shape[1]
    modes, metric = start.modes, np.where(np.isfinite(start.covariances), start.covariances, np.eye(d))
    history: list[float] = []
    for _ in range(most):
        objective = with_prior(lose, numbers.mean, numbers.spread)
        again = len(history) in AGAIN
        if again:  # a mode that was best under an earlier population need not be so now
            own = np.tile(np.eye(d), (len(modes), 1, 1)) * numbers.spread[:, :, None] ** 2 * 0.2
            other, here = minimise(objective, numbers.mean, own), minimise(objective, modes, metric)
            modes = np.where((other.values < here.values - 1e-3)[:, None], other.points, here.points)
        posterior = posterior_of(objective, modes, metric)
        modes, metric = posterior.modes, numbers.sound(posterior.covariances)
        history.append(float(replace(posterior, covariances=metric).evidence().sum()))
        step = numbers.step(modes, metric)
        if not again and numbers.ended(step, history, close):
            return numbers, posterior, True, history
        # full steps may go back and forth between two places
        numbers = numbers.moved(step, 1.0 if len(history) < 25 else 0.5)
    return numbers, posterior, False, history


def _by_points(
    proposed: Proposed, numbers: _Numbers, most: int = 100, close: float = 1e-3
) -> tuple[_Numbers, bool, list[float]]:
    """The same with each person's posterior as weighted points, which are good until the population moves far."""
    begun = numbers
    history: list[float] = []
    for _ in range(most):
        weighted = proposed.under(numbers.mean, numbers.spread)
        history.append(float(weighted.evidence.sum()))
        step = numbers.step(weighted.mean, weighted.covariance)
        if numbers.ended(step, history, close):
            return numbers, True, history
        most_far = FAR * numbers.sd.mean(axis=0)
        step = replace(step, weights=np.clip(step.weights, -most_far, most_far))
        numbers = numbers.moved(step, 1.0 if len(history) < 25 else 0.5)
        shift = np.abs(numbers.mean - begun.mean) / begun.spread
        if max(shift.max(), np.abs(np.log(numbers.sd / begun.sd)).max()) > FAR:
            break
    return numbers, False, history


def _in_doubt(proposed: Proposed, numbers: _Numbers, covariance: Array, of_log_sd: Array) -> Weighted:
    """Each person's posterior over what the population may be (Kass & Steffey 1989, doi 10.2307/2289653).

    The weights have their normal; each ln sd has its evidence, and the half-normal on sd, on a grid of four standard
    errors to each side: where a variance is estimated as next to none it may be more. Each point goes where the
    posterior goes to first order, if μ moves (C Σ⁻¹) and if ln σ does: its mean by 2 C Σ⁻¹ (m - μ), its width by C Σ⁻¹.
    """
    rng = np.random.default_rng(0)
    known = proposed.under(numbers.mean, numbers.spread)
    (n, m, d), q = known.points.shape, len(numbers.weights)
    drawn = rng.standard_normal((m // 2, q * d)) @ np.linalg.cholesky(covariance).T
    of_mean = np.einsum("ia,baj->ibj", numbers.design, np.concatenate([drawn, -drawn]).reshape(m, q, d))
    of_sd = np.empty((n, m, d))
    for g, k in np.ndindex(numbers.sd.shape):
        grid = np.linspace(-4.0, 4.0, 17) * min(float(np.sqrt(of_log_sd[g, k])), 0.5)
        likely = np.empty(grid.size)
        for i, change in enumerate(grid):
            sd = numbers.sd.copy()
            sd[g, k] *= np.exp(change)
            likely[i] = proposed.under(numbers.mean, sd[numbers.group]).evidence.sum()
            likely[i] += change - 0.5 * (sd[g, k] / numbers.widest[k]) ** 2  # ln sd: the density's change of variable
        below = np.cumsum(np.exp(likely - likely.max()))
        of_sd[numbers.group == g, :, k] = np.interp((rng.permutation(m) + 0.5) / m, below / below[-1], grid)
    which = rng.permuted(np.tile(np.arange(m), (n, 1)), axis=1)[:, :, None]
    of_mean, of_sd = (np.take_along_axis(moves, which, axis=1) for moves in (of_mean, of_sd))
    along = known.covariance * numbers.spread[:, None, :] ** -2.0
    moves = of_mean + 2.0 * of_sd * (known.mean - numbers.mean)[:, None]
    wider = np.exp(of_sd * np.clip(np.einsum("ijj->ij", along), 0.0, 1.0)[:, None])
    middle = known.mean[:, None]
    points = middle + np.einsum("ijk,imk->imj", along, moves) + wider * (known.points - middle)
    return Weighted(points, known.weights, known.evidence, *moments(points, known.weights))
