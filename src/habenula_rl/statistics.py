"""The statistics that papers report, in plain NumPy: means, standardised effects, repeated measures, correlation.

Every interval is a 95 % interval. Bootstrap intervals are percentile intervals over subjects and hang on `seed` alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray[Any, Any]
RESAMPLES = 2000
TAILS = (2.5, 97.5)
Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
AT_ONCE = 4_000_000  # numbers held by one block of resamples


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval and the number of subjects (or points) behind it; NaN where it is not defined."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Anova:
    """A one-way repeated-measures analysis of variance.

    `df_effect` and `df_error` are corrected by Greenhouse-Geisser's `epsilon` (1: spherical); `eta_squared` is partial.
    """

    f: float
    df_effect: float
    df_error: float
    epsilon: float
    eta_squared: float
    n: int


def mean_interval(values: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean of `values` (n,) with its bootstrap interval; NaN values are left out.

    One value has a mean and no interval; none has neither.
    """
    return contrast(lambda mean: mean, values, seed=seed, resamples=resamples)


def mean_intervals(values: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Array, Array, Array]:
    """Mean, low and high of each column of `values` (n, k), subjects resampled as wholes; NaN values are left out."""
    table = np.asarray(values, dtype=float)
    boot = resampled_means(table, seed=seed, resamples=resamples)
    enough = np.isfinite(table).sum(axis=0) > 1
    low, high = np.where(enough, _percentiles(boot), np.nan)
    return _mean(table), low, high


def contrast(of: Callable[..., Any], *samples: ArrayLike, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """`of` the means of independent samples, as in `contrast(lambda a, b: a - b, a, b)`, with its bootstrap interval.

    A sample is (n,), or (n, k) where k things were measured in the same subjects: then `of` is given an array whose
    last axis is k. `of` has to work on arrays, because it is called once with the means of all resamples. NaN values
    are left out; `n` counts the subjects of all samples that have a value.
    """
    arrays = [np.asarray(sample, dtype=float) for sample in samples]
    counts = [int(np.isfinite(a).all(axis=tuple(range(1, a.ndim))).sum()) for a in arrays]
    if min(counts) == 0:
        return Estimate(math.nan, math.nan, math.nan, sum(counts))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(of(*(_mean(a) for a in arrays)))
        boot = of(*(resampled_means(a, seed=seed, stream=i, resamples=resamples) for i, a in enumerate(arrays)))
    low, high = _percentiles(boot) if min(counts) > 1 else (math.nan, math.nan)
    return Estimate(value, float(low), float(high), sum(counts))


def difference(a: ArrayLike, b: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean of `a` minus that of `b`, two independent samples (n_a,) and (n_b,), with its bootstrap interval."""
    return contrast(lambda x, y: x - y, a, b, seed=seed, resamples=resamples)


def interaction(
    control: ArrayLike, control_treated: ArrayLike, other: ArrayLike, other_treated: ArrayLike, *,
    seed: int = 0, resamples: int = RESAMPLES,
) -> Estimate:  # fmt: skip
    """How much more a treatment changes the other group than the control group, with its bootstrap interval.

    (mean of `other_treated` - `other`) - (mean of `control_treated` - `control`), four independent samples (n,).
    """
    return contrast(
        lambda a, b, c, d: (d - c) - (b - a), control, control_treated, other, other_treated,
        seed=seed, resamples=resamples,
    )  # fmt: skip


def in_experiments(of: Callable[..., float], *tables: ArrayLike, size: int) -> list[float]:
    """`of` the same subjects of all `tables` (n,) or (n, k), in experiments with `size` subjects each.

    Experiments are cut in the order of the subjects; those left over are left out. Empty where n is below `size`.
    """
    arrays = [np.asarray(table, dtype=float) for table in tables]
    cuts = range(0, len(arrays[0]) - size + 1, size)
    return [float(of(*(array[first : first + size] for array in arrays))) for first in cuts]


def resampled_means(values: ArrayLike, *, seed: int = 0, stream: int = 0, resamples: int = RESAMPLES) -> Array:
    """The means, (resamples,) or (resamples, k), of samples drawn with replacement from `values` (n,) or (n, k)."""
    table = np.asarray(values, dtype=float)
    known = np.isfinite(table)
    filled = np.where(known, table, 0.0)
    complete = bool(known.all())
    means = []
    for draws in _draws(len(table), seed, stream, resamples):
        weights = _weights(draws)
        with np.errstate(invalid="ignore"):
            means.append(weights @ filled / (len(table) if complete else weights @ known.astype(float)))
    return np.concatenate(means)


def hedges_g(a: ArrayLike, b: ArrayLike) -> Estimate:
    """Hedges' g of two independent groups (n_a,) and (n_b,), positive where `a` is larger, with its normal interval.

    Mean difference over pooled standard deviation, times 1 - 3/(4·df - 1) (Hedges & Olkin 1985). NaN without spread.
    """
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n, df = len(x) + len(y), len(x) + len(y) - 2
    if min(len(x), len(y)) < 2:
        return Estimate(math.nan, math.nan, math.nan, n)
    spread = math.sqrt(((len(x) - 1) * x.var(ddof=1) + (len(y) - 1) * y.var(ddof=1)) / df)
    if not spread > 0.0:
        return Estimate(math.nan, math.nan, math.nan, n)
    d = (x.mean() - y.mean()) / spread
    variance = n / (len(x) * len(y)) + d**2 / (2 * n)
    return _standardised(d, variance, df, n)


def paired_effect(a: ArrayLike, b: ArrayLike) -> Estimate:
    """The standardised mean change from `b` to `a` (n,) of the same subjects, with its normal interval.

    Mean difference over the standard deviation of the differences, with the small-sample correction of `hedges_g`.
    Raises ValueError where the lengths differ. NaN without spread.
    """
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if x.shape != y.shape:
        raise ValueError(
            f"paired_effect: the two samples have {len(x)} and {len(y)} subjects, and must be the same subjects"
        )
    change, n = x - y, len(x)
    spread = change.std(ddof=1) if n > 1 else 0.0
    if not spread > 0.0:
        return Estimate(math.nan, math.nan, math.nan, n)
    d = change.mean() / spread
    return _standardised(d, 1 / n + d**2 / (2 * n), n - 1, n)


def repeated_measures_anova(table: ArrayLike) -> Anova:
    """One-way repeated measures on `table` (n subjects, k conditions), n and k at least 2.

    Raises ValueError where the table is smaller or has missing values.
    """
    x = np.asarray(table, dtype=float)
    if x.ndim != 2 or min(x.shape) < 2:
        raise ValueError(
            f"repeated_measures_anova: needs at least 2 subjects and 2 conditions, not a table of shape {x.shape}"
        )
    if not np.isfinite(x).all():
        raise ValueError("repeated_measures_anova: the table has missing values; leave those subjects out")
    n, k = x.shape
    effect, error = _sums_of_squares(x)
    epsilon = greenhouse_geisser(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = float((effect / (k - 1)) / (error / ((n - 1) * (k - 1))))
        share = float(effect / (effect + error))
    return Anova(f, (k - 1) * epsilon, (n - 1) * (k - 1) * epsilon, epsilon, share, n)


def greenhouse_geisser(table: ArrayLike) -> float:
    """ε = tr(C)² / ((k - 1)·tr(C²)) of the doubly centred covariance C of `table` (n, k): from 1/(k - 1) to 1."""
    covariance = np.cov(np.asarray(table, dtype=float), rowvar=False)
    k = len(covariance)
    centring = np.eye(k) - 1.0 / k
    centred = centring @ covariance @ centring
    squares = float((centred**2).sum())
    return float(np.trace(centred) ** 2 / ((k - 1) * squares)) if squares > 0.0 else math.nan


def eta_squared(table: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Partial η² of a one-way repeated-measures `table` (n, k), with its bootstrap interval over subjects."""
    x = np.asarray(table, dtype=float)
    value = repeated_measures_anova(x).eta_squared
    shares = []
    for draws in _draws(len(x), seed, 0, resamples, width=x.shape[1]):
        effect, error = _sums_of_squares(x[draws])
        with np.errstate(invalid="ignore"):
            shares.append(effect / (effect + error))
    low, high = _percentiles(np.concatenate(shares))
    return Estimate(value, float(low), float(high), len(x))


def pearson(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Pearson's r of `x` and `y` (n,) with the interval of Fisher's z, which needs 4 points; NaN without spread.

    Raises ValueError where the lengths differ.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"pearson: x has {len(a)} points and y has {len(b)}")
    n = len(a)
    if n < 2 or not (np.ptp(a) > 0.0 and np.ptp(b) > 0.0):
        return Estimate(math.nan, math.nan, math.nan, n)
    r = min(1.0, max(-1.0, float(np.corrcoef(a, b)[0, 1])))
    if n < 4:
        return Estimate(r, math.nan, math.nan, n)
    if abs(r) == 1.0:
        return Estimate(r, r, r, n)
    reach = Z / math.sqrt(n - 3)
    return Estimate(r, math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach), n)


def _standardised(d: float, variance: float, df: int, n: int) -> Estimate:
    correction = 1.0 - 3.0 / (4.0 * df - 1.0)
    g, reach = correction * d, Z * correction * math.sqrt(variance)
    return Estimate(float(g), float(g - reach), float(g + reach), n)


def _sums_of_squares(x: Array) -> tuple[Any, Any]:
    """Sums of squares of conditions and of error, of tables (..., n, k)."""
    n = x.shape[-2]
    grand = x.mean(axis=(-2, -1), keepdims=True)
    conditions = x.mean(axis=-2, keepdims=True)
    residual = x - conditions - x.mean(axis=-1, keepdims=True) + grand
    return n * ((conditions - grand) ** 2).sum(axis=(-2, -1)), (residual**2).sum(axis=(-2, -1))


def _mean(values: Array) -> Any:
    """The mean over subjects without NaN; NaN where nothing is left."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)


def _percentiles(boot: Array) -> Array:
    """The two ends of the 95 % interval over the resamples in which the statistic is defined, NaN where it never is."""
    if np.isfinite(boot).all():
        return np.percentile(boot, TAILS, axis=0)
    never = ~np.isfinite(boot).any(axis=0)
    usable = np.where(np.isfinite(boot) | never, np.where(never, 0.0, boot), np.nan)
    return np.where(never, np.nan, np.nanpercentile(usable, TAILS, axis=0))


def _draws(n: int, seed: int, stream: int, resamples: int, width: int = 1) -> Iterator[Array]:
    """Subject numbers drawn with replacement, (resamples, n) in blocks that fit into memory."""
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream,)))
    block = max(1, AT_ONCE // max(1, n * width))
    for first in range(0, resamples, block):
        yield generator.integers(0, n, size=(min(block, resamples - first), n))


def _weights(draws: Array) -> Array:
    """How often each subject was drawn in each resample."""
    rows, n = draws.shape
    flat = (draws + np.arange(rows)[:, None] * n).ravel()
    return np.bincount(flat, minlength=rows * n).reshape(rows, n).astype(float)
