"""The objective of a fit, on the line of each parameter's range, and the search for each subject's mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .importance import Weighted, propose
from .likelihood import Likelihood
from .optimise import hessians, minimise
from .population import LoseLog, Posterior, inverted, normal_of, with_prior
from .ranges import Prior, Range, range_of

Array = np.ndarray[Any, Any]
SCREENED = 48  # points at which every subject's likelihood is looked at before the search


class Search:
    """The objective on the line, and the search for each subject's mode.

    `advance` is called with the number of likelihoods at each look at some, for a progress bar.
    """

    advance: Callable[[int], Any] = staticmethod(lambda n: None)

    def __init__(self, likelihood: Likelihood, names: tuple[str, ...], priors: Mapping[str, Prior]) -> None:
        fields = likelihood.agent.fields()
        self.likelihood, self.names, self.priors = likelihood, names, priors
        self.ranges: list[Range] = [range_of(fields[name]) for name in names]
        self.mean = np.array([priors[name].mean for name in names])
        self.sd = np.array([priors[name].sd for name in names])
        self.n = len(likelihood.subjects)
        self.conditions: tuple[str, ...] = ()

    def values(self, points: Array) -> dict[str, Array]:
        """Parameters by name at points (m, d) on the line."""
        return {
            name: r.from_line(points[:, k]) for k, (name, r) in enumerate(zip(self.names, self.ranges, strict=True))
        }

    def slopes(self, points: Array) -> Array:
        return np.stack([r.slope(points[:, k]) for k, r in enumerate(self.ranges)], axis=1)

    def lose(self, which: Array, points: Array) -> tuple[Array, Array]:
        """Minus the log-likelihood of a batch of subjects, and its slopes on the line."""
        self.advance(len(which))
        value, gradient = self.likelihood.at(which, self.values(points), self.names)
        return -value, -gradient * self.slopes(points)

    def moved(self) -> Array:
        """Whose likelihood depends on which number, (n, d): at the prior's middle, or off it, since a parameter may act
        only where another is not at its own.
        """
        found = np.zeros((self.n, len(self.mean)), bool)
        for off in (0.0, 0.3):
            found |= self.lose(np.arange(self.n), np.tile(self.mean + off * self.sd, (self.n, 1)))[1] != 0.0
        return found

    def log_likelihood(self, which: Array, points: Array) -> Array:
        """Of a batch of subjects, at points on the line."""
        self.advance(len(which))
        return self.likelihood.at(which, self.values(points))[0]

    def weighted(self, laplace: Posterior) -> Weighted:
        """Each person's posterior under the prior, from points about their mode."""
        mean, sd = np.tile(self.mean, (self.n, 1)), np.tile(self.sd, (self.n, 1))
        labels = [str(label) for label in self.likelihood.subjects]
        bad = np.asarray(~np.isfinite(laplace.covariances).all(axis=(1, 2)))
        at = laplace.modes, np.where(bad[:, None, None], np.diag(self.sd**2), laplace.covariances)
        normal = normal_of(laplace, mean, sd)
        return propose(self.log_likelihood, labels, *at, mean, sd, normal).under(mean, sd)

    def modes(self, method: str, starts: int, seed: int) -> tuple[Posterior, Array]:
        """Each subject's best of several searches, and how many of them ended as high."""
        d, n = len(self.mean), self.n
        everyone = np.arange(n)
        objective: LoseLog = self.lose
        if method == "map":
            objective = with_prior(self.lose, np.tile(self.mean, (n, 1)), np.tile(self.sd, (n, 1)))
        points = self.mean + self.sd * np.random.default_rng(seed).standard_normal((SCREENED, d))
        points[0] = self.mean
        found = np.empty((SCREENED, n))
        for k, point in enumerate(points):
            value = self.log_likelihood(everyone, np.tile(point, (n, 1)))
            off = ((point - self.mean) / self.sd) ** 2
            found[k] = -value + (0.5 * off.sum() if method == "map" else 0.0)
        best = np.argsort(found, axis=0, kind="stable")[:starts]  # (starts, n)
        which = np.tile(everyone, starts)
        metric = np.tile(np.diag(self.sd**2) * 0.2, (starts * n, 1, 1))
        ended = minimise(lambda k, x: objective(which[k], x), points[best.ravel()], metric)
        values = ended.values.reshape(starts, n)
        at = values.argmin(axis=0) * n + everyone
        agreeing = (values <= values.min(axis=0) + 0.01).sum(axis=0)
        modes = ended.points[at]
        covariances = inverted(hessians(objective, modes))
        return Posterior(modes, covariances, ended.values[at], ended.converged[at]), agreeing
