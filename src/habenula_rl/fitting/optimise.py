"""Many small minimisations at once: each subject's own, but every evaluation is of all of them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Objective = Callable[[Array, Array], tuple[Array, Array]]  # (which, points (m, d)) -> values (m,), gradients (m, d)
LONGEST = 2.0  # step in any direction: on a logistic's line that is far
ENOUGH = 1e-4  # part of the decrease that the slope promises
STALLED, ROUNDS = 1e-6, 15  # a fall of less over so many rounds is none: at a kink a search would go to and fro
FLAT = 1e-4  # gradient, in units of log-likelihood, at which a minimum is found


@dataclass(frozen=True)
class Minima:
    """Where each ended: points (n, d), values (n,), and whether the gradient was flat there."""

    points: Array
    values: Array
    converged: Array


def minimise(objective: Objective, start: Array, metric: Array, *, most: int = 300) -> Minima:
    """BFGS with a backtracking line search, for n problems of d numbers.

    `start` (n, d); `metric` (n, d, d) is a guess of each inverse Hessian, as a prior's covariance. In each round every
    problem that still runs has one point evaluated: it goes there if that is low enough, and halves its step if not.

    A SciPy minimiser finds the same (tests), but would ask compiled code for one subject at a time. Source: Nocedal &
    Wright 2006, algorithms 3.1 and 6.1.
    """
    n, d = start.shape
    x, inverse = start.copy(), metric.copy()
    everyone = np.arange(n)
    value, gradient = objective(everyone, x)
    step = np.ones(n)
    direction = np.empty((n, d))
    failed = np.zeros(n, int)
    running = np.isfinite(value) & np.isfinite(gradient).all(axis=1)
    fresh = running.copy()  # whose direction is to be made
    before = value.copy()
    for k_round in range(most):
        running &= ~(np.abs(gradient).max(axis=1) < FLAT * 0.1)
        if k_round % ROUNDS == ROUNDS - 1:
            running &= before - value > STALLED
            before = value.copy()
        if not running.any():
            break
        new = np.flatnonzero(running & fresh)
        direction[new] = -np.einsum("ijk,ik->ij", inverse[new], gradient[new])
        uphill = new[np.einsum("ij,ij->i", direction[new], gradient[new]) >= 0.0]
        inverse[uphill] = metric[uphill]
        direction[uphill] = -np.einsum("ijk,ik->ij", metric[uphill], gradient[uphill])
        size = np.abs(direction[new]).max(axis=1)
        direction[new] *= np.minimum(1.0, LONGEST / np.maximum(size, 1e-300))[:, None]
        step[new] = 1.0
        k = np.flatnonzero(running)
        there = x[k] + step[k, None] * direction[k]
        value_there, gradient_there = objective(k, there)
        slope = np.einsum("ij,ij->i", gradient[k], direction[k])
        low_enough = value_there <= value[k] + ENOUGH * step[k] * slope + 1e-12 * np.abs(value[k])
        good = low_enough & np.isfinite(gradient_there).all(axis=1)
        bad = k[~good]
        step[bad] *= 0.5
        failed[bad] += 1
        fresh[bad] = False
        given_up = bad[failed[bad] > 40]
        running[given_up] = False
        won = k[good]
        moved, change = there[good] - x[won], gradient_there[good] - gradient[won]
        inverse[won] = _updated(inverse[won], moved, change)
        x[won], value[won], gradient[won] = there[good], value_there[good], gradient_there[good]
        failed[won], fresh[won] = 0, True
    return Minima(x, value, np.isfinite(value) & (np.abs(gradient).max(axis=1) < FLAT * 10))


def _updated(inverse: Array, moved: Array, change: Array) -> Array:
    """The inverse Hessians after steps `moved` over which gradients changed by `change`; as before where that curves
    downwards.
    """
    curved = np.einsum("ij,ij->i", moved, change)
    ok = curved > 1e-10 * np.linalg.norm(moved, axis=1) * np.linalg.norm(change, axis=1)
    rho = np.where(ok, 1.0 / np.where(ok, curved, 1.0), 0.0)[:, None, None]
    identity = np.eye(moved.shape[1])
    left = identity - rho * moved[:, :, None] * change[:, None, :]
    made = left @ inverse @ left.transpose(0, 2, 1) + rho * moved[:, :, None] * moved[:, None, :]
    return np.where(ok[:, None, None], made, inverse)


def hessians(objective: Objective, points: Array, step: float = 1e-4) -> Array:
    """The second derivatives at each of n points, (n, d, d), by central differences of the exact gradient."""
    n, d = points.shape
    shifts = step * np.concatenate([np.eye(d), -np.eye(d)])
    which = np.repeat(np.arange(n), 2 * d)
    _, gradient = objective(which, (points[:, None, :] + shifts).reshape(-1, d))
    gradient = gradient.reshape(n, 2, d, d)
    found = (gradient[:, 0] - gradient[:, 1]) / (2.0 * step)
    return (found + found.transpose(0, 2, 1)) / 2.0
