"""The statistics that papers report: means, standardised effects, repeated measures, correlation.

Every interval is a 95 % interval that follows from the data alone, without resampling. Which kind each one is was
chosen by how often it covers the true value at n = 5, 8 and 20 (docs/reference/readouts.md,
tests/analysis/test_statistics.py):

means and all that is made of means   Student's t; of several samples with Welch's degrees of freedom
standardised effects                  the noncentral t distribution
partial η²                            the noncentral F distribution, degrees of freedom by Greenhouse & Geisser
Pearson's r                           Fisher's z

One rule for missing values (NaN) in all of them: a subject that misses one is left out, the whole subject where it was
measured several times, and `n` counts those that were used. An infinite value is refused: it is not a missing one.
An interval needs two subjects in each sample; with fewer it is NaN, and so is an effect without spread.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray[Any, Any]
LOW, HIGH = 0.025, 0.975  # the tails that a 95 % interval leaves out
BEYOND = 1e4  # in units of the standard deviation; noncentral distributions of more cannot be computed
ROUNDING = 1e-13  # of the values' size: a spread that is no more is the rounding of numbers that are equal


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval and the number of subjects (or points) used for it; NaN where not defined."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Anova:
    """A one-way repeated-measures analysis of variance.

    `df_effect` and `df_error` are corrected by Greenhouse-Geisser's `epsilon` (1: spherical); `eta_squared` is partial;
    `n` counts the subjects without missing values.
    """

    f: float
    df_effect: float
    df_error: float
    epsilon: float
    eta_squared: float
    n: int


def limits(values: ArrayLike) -> tuple[float, float]:
    """The ends of `mean_interval`: a function for seaborn's `errorbar`, whose own interval would be another."""
    found = mean_interval(values)
    return found.low, found.high


def mean_interval(values: ArrayLike) -> Estimate:
    """The mean of `values` (n,) with Student's t interval.

    One value has a mean and no interval; none has neither. Where all values are equal the interval has no width.
    """
    return contrast(lambda mean: mean, _flat("mean_interval", values))


def mean_intervals(values: ArrayLike) -> tuple[Array, Array, Array, Array]:
    """Mean, low, high and n (each (k,)) of every column of `values` (n, k), each by itself as in `mean_interval`."""
    from scipy.special import stdtrit

    table = _numbers("mean_intervals", values)
    known = ~np.isnan(table)
    n = known.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, table, 0.0).sum(axis=0) / n
        squares = (np.where(known, table - mean, 0.0) ** 2).sum(axis=0)
        reach = stdtrit(n - 1.0, HIGH) * np.sqrt(squares / (n - 1.0) / n)
    reach = np.where(n > 1, reach, math.nan)
    return mean, mean - reach, mean + reach, n


def contrast(of: Callable[..., Any], *samples: ArrayLike) -> Estimate:
    """`of` the means of independent samples, as in `contrast(lambda a, b: a - b, a, b)`, with its t interval.

    A sample is (n,), or (n, k) where k things were measured in the same subjects: then `of` is given an array whose
    last axis is k. `of` has to work on arrays, because it is called once with the means without each subject of a
    sample. From these, the jackknife (Efron & Stein 1981, doi 10.1214/aos/1176345462), come the variance of each sample
    and, by Welch-Satterthwaite, the degrees of freedom: for a mean this is Student's interval, for a difference
    Welch's. `n` counts the subjects of all samples. NaN where `of` is not finite.
    """
    from scipy.special import stdtrit

    if not samples:
        raise ValueError("contrast: give at least one sample")
    arrays = [_complete("contrast", sample) for sample in samples]
    counts = [len(array) for array in arrays]
    n = sum(counts)
    if min(counts) == 0:
        return Estimate(math.nan, math.nan, math.nan, n)
    means = [array.mean(axis=0) for array in arrays]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(of(*means))
    if min(counts) < 2 or not math.isfinite(value):
        return Estimate(value, math.nan, math.nan, n)
    variances = np.array([_jackknifed(of, means, array, place) for place, array in enumerate(arrays)])
    total = float(variances.sum())
    if total == 0.0:
        return Estimate(value, value, value, n)
    df = total**2 / (variances**2 / (np.array(counts) - 1.0)).sum()
    reach = float(stdtrit(df, HIGH)) * math.sqrt(total)
    return Estimate(value, value - reach, value + reach, n)


def difference(a: ArrayLike, b: ArrayLike) -> Estimate:
    """The mean of `a` minus that of `b`, two independent samples (n_a,) and (n_b,), with Welch's t interval."""
    return contrast(lambda x, y: x - y, *(_flat("difference", sample) for sample in (a, b)))


def interaction(control: ArrayLike, control_treated: ArrayLike, other: ArrayLike, other_treated: ArrayLike) -> Estimate:
    """How much more a treatment changes the other group than the control group, with its t interval.

    (mean of `other_treated` - `other`) - (mean of `control_treated` - `control`), four independent samples (n,).
    """
    samples = (_flat("interaction", sample) for sample in (control, control_treated, other, other_treated))
    return contrast(lambda a, b, c, d: (d - c) - (b - a), *samples)


def in_experiments(of: Callable[..., float], *tables: ArrayLike, size: int) -> list[float]:
    """`of` the same subjects of all `tables` (n,) or (n, k), in experiments with `size` subjects each.

    Experiments are cut in the order of the subjects, missing values and all; those left over are left out. Empty where
    n is below `size`.
    """
    if isinstance(size, bool) or size != int(size) or size < 1:
        raise ValueError(f"in_experiments: size must be a whole number of at least 1, not {size!r}")
    arrays = [_floats("in_experiments", table) for table in tables]
    cuts = range(0, len(arrays[0]) - size + 1, size)
    return [float(of(*(array[first : first + size] for array in arrays))) for first in cuts]


def hedges_g(a: ArrayLike, b: ArrayLike) -> Estimate:
    """Hedges' g of two independent groups (n_a,) and (n_b,), positive where `a` is larger, with its interval.

    Mean difference over pooled standard deviation, times 1 - 3/(4·df - 1) (Hedges & Olkin 1985). The interval is that
    of the noncentral t distribution, exact for normal groups of equal variance. NaN without spread.
    """
    x, y = _complete("hedges_g", a), _complete("hedges_g", b)
    n, df = len(x) + len(y), len(x) + len(y) - 2
    if min(len(x), len(y)) < 2:
        return Estimate(math.nan, math.nan, math.nan, n)
    spread = math.sqrt(((len(x) - 1) * x.var(ddof=1) + (len(y) - 1) * y.var(ddof=1)) / df)
    size = max(np.abs(x).max(), np.abs(y).max())
    return _standardised(float(x.mean() - y.mean()), spread, ROUNDING * size, df, len(x) * len(y) / n, n)


def paired_effect(a: ArrayLike, b: ArrayLike) -> Estimate:
    """The standardised mean change from `b` to `a` (n,) of the same subjects, with its interval.

    Mean difference over the standard deviation of the differences, corrected and with an interval as in `hedges_g`.
    Raises ValueError where the lengths differ. NaN without spread, and with fewer than 3 subjects, where the correction
    leaves nothing.
    """
    x, y = _pairs("paired_effect", a, b)
    n = len(x)
    if n < 3:
        return Estimate(math.nan, math.nan, math.nan, n)
    change, size = x - y, max(np.abs(x).max(), np.abs(y).max())
    return _standardised(float(change.mean()), float(change.std(ddof=1)), ROUNDING * size, n - 1, n, n)


def repeated_measures_anova(table: ArrayLike) -> Anova:
    """One-way repeated measures on `table` (n subjects, k conditions), n and k at least 2.

    Raises ValueError where the table is smaller, without the subjects that miss a value.
    """
    x = _complete("repeated_measures_anova", table)
    if x.ndim != 2 or min(x.shape) < 2:
        raise ValueError(
            "repeated_measures_anova: needs at least 2 subjects without missing values and 2 conditions, not a table "
            f"of shape {x.shape}"
        )
    n, k = x.shape
    effect, error = _sums_of_squares(x)
    epsilon = greenhouse_geisser(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = float((effect / (k - 1)) / (error / ((n - 1) * (k - 1))))
        fraction = float(effect / (effect + error))
    return Anova(f, (k - 1) * epsilon, (n - 1) * (k - 1) * epsilon, epsilon, fraction, n)


def greenhouse_geisser(table: ArrayLike) -> float:
    """ε = tr(C)² / ((k - 1)·tr(C²)) of the doubly centred covariance C of `table` (n, k): from 1/(k - 1) to 1.

    NaN with fewer than two subjects, and where the differences between conditions have no spread.
    """
    x = _complete("greenhouse_geisser", table)
    if x.ndim != 2 or x.shape[1] < 2:
        raise ValueError(f"greenhouse_geisser: needs a table (subjects, conditions), not the shape {x.shape}")
    if len(x) < 2:
        return math.nan
    covariance = np.cov(x, rowvar=False)
    k = len(covariance)
    centring = np.eye(k) - 1.0 / k
    centred = centring @ covariance @ centring
    squares = float((centred**2).sum())
    rounding = (ROUNDING * float(np.trace(covariance))) ** 2
    return float(np.trace(centred) ** 2 / ((k - 1) * squares)) if squares > rounding else math.nan


def eta_squared(table: ArrayLike) -> Estimate:
    """Partial η² of a one-way repeated-measures `table` (n, k), with its interval.

    Of the noncentralities λ that the F value is compatible with, in the noncentral F distribution with the degrees of
    freedom by Greenhouse & Geisser: η² = λ/(λ + n·df_effect). The sample's η² itself is biased upwards, so that it can
    lie near, and where there is no effect above, the upper end; the interval then reaches up to it.
    """
    found = repeated_measures_anova(table)
    if not (math.isfinite(found.f) and math.isfinite(found.epsilon)):
        return Estimate(found.eta_squared, math.nan, math.nan, found.n)
    from scipy.stats import chi2, ncf

    df_effect, df_error = found.df_effect, found.df_error

    def end(tail: float) -> float:
        noncentrality = _noncentrality(
            lambda nc: float(ncf.cdf(found.f, df_effect, df_error, nc)),
            tail,
            found.f * df_effect,
            extreme=found.f * df_effect * chi2.ppf(1.0 - tail, df_error) / df_error,
            beyond=BEYOND**2,
            least=0.0,
        )
        return noncentrality / (noncentrality + found.n * df_effect)

    return Estimate(found.eta_squared, min(end(HIGH), found.eta_squared), max(end(LOW), found.eta_squared), found.n)


def pearson(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Pearson's r of `x` and `y` (n,) with the interval of Fisher's z, which needs 4 points; NaN without spread.

    Raises ValueError where the lengths differ.
    """
    a, b = _pairs("pearson", x, y)
    n = len(a)
    if n < 2 or not (np.ptp(a) > 0.0 and np.ptp(b) > 0.0):
        return Estimate(math.nan, math.nan, math.nan, n)
    from scipy.stats import pearsonr

    found = pearsonr(a, b)
    r = float(found.statistic)
    if n < 4:
        return Estimate(r, math.nan, math.nan, n)
    if abs(r) == 1.0:
        return Estimate(r, r, r, n)
    interval = found.confidence_interval(HIGH - LOW)
    return Estimate(r, float(interval.low), float(interval.high), n)


def _floats(statistic: str, values: ArrayLike) -> Array:
    """The values as floats, NaN where an array masks one; ValueError for what is no number, as dates and texts."""
    array = np.ma.asarray(values) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
    if array.dtype.kind in "mM":
        raise ValueError(f"{statistic}: the values are dates or times, and must be numbers")
    try:
        floats = array.astype(float)
    except (TypeError, ValueError):
        raise ValueError(f"{statistic}: the values must be numbers, NaN where one is missing") from None
    return floats.filled(math.nan) if isinstance(floats, np.ma.MaskedArray) else floats


def _flat(statistic: str, values: ArrayLike) -> Array:
    """One value a subject."""
    numbers = _numbers(statistic, values)
    if numbers.ndim != 1:
        raise ValueError(f"{statistic}: takes one value a subject, (n,), not the shape {numbers.shape}")
    return numbers


def _alike_ordered(statistic: str, a: Any, b: Any) -> Any:
    """`b` in the order of `a` where both have labels, as pandas' Series: pairs are those of one label."""
    if not (hasattr(a, "reindex") and hasattr(b, "reindex")) or a.index.equals(b.index):
        return b
    if not (a.index.is_unique and b.index.is_unique) or {*a.index} != {*b.index}:
        what = "have other labels than one another, and pairs are those of one label: give arrays to pair by place"
        raise ValueError(f"{statistic}: the two samples {what}")
    return b.reindex(a.index)


def _numbers(statistic: str, values: ArrayLike) -> Array:
    """The values as floats; ValueError where one is infinite."""
    numbers = _floats(statistic, values)
    infinite = int(np.isinf(numbers).sum())
    if infinite:
        raise ValueError(f"{statistic}: {infinite} of {numbers.size} values are infinite; a missing value is NaN")
    return numbers


def _complete(statistic: str, values: ArrayLike) -> Array:
    """The subjects (first axis) without a missing value."""
    numbers = _numbers(statistic, values)
    kept: Array = numbers[~np.isnan(numbers).any(axis=tuple(range(1, numbers.ndim)))]
    return kept


def _pairs(statistic: str, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    """The subjects that have both values."""
    x, y = _flat(statistic, a), _flat(statistic, _alike_ordered(statistic, a, b))
    if x.shape != y.shape:
        raise ValueError(f"{statistic}: the two samples have {len(x)} and {len(y)} values, and must be pairs")
    both = _complete(statistic, np.stack([x, y], axis=1))
    return both[:, 0], both[:, 1]


def _jackknifed(of: Callable[..., Any], means: list[Any], sample: Array, place: int) -> float:
    """The part of the variance of `of` that is due to the sample at that place: of the means without each subject."""
    n = len(sample)
    without = [np.broadcast_to(mean, (n, *np.shape(mean))) for mean in means]
    without[place] = means[place] + (means[place] - sample) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.broadcast_to(of(*without), n)
        return float((n - 1) / n * ((each - each.mean()) ** 2).sum())


def _standardised(change: float, spread: float, rounding: float, df: int, weight: float, n: int) -> Estimate:
    """A change over its standard deviation; t is the effect times the root of `weight`, the (harmonic) size."""
    if not spread > rounding:
        return Estimate(math.nan, math.nan, math.nan, n)
    from scipy.stats import chi2, nct

    d = change / spread
    t = d * math.sqrt(weight)

    def end(tail: float) -> float:
        upper = tail if t < 0.0 else 1.0 - tail
        extreme = t * math.sqrt(chi2.ppf(upper, df) / df)
        return _noncentrality(lambda nc: float(nct.cdf(t, df, nc)), tail, t, extreme, BEYOND) / math.sqrt(weight)

    return Estimate((1.0 - 3.0 / (4.0 * df - 1.0)) * d, end(HIGH), end(LOW), n)


def _noncentrality(
    below: Callable[[float], float], tail: float, centre: float, extreme: float, beyond: float, least: float = -math.inf
) -> float:
    """The noncentrality at which `below`, which falls with it, is `tail`; `least` where it is less even there.

    `beyond` so much the distribution cannot be computed, and it is `extreme`: the error of the spread is then all.
    """
    from scipy.optimize import brentq

    if max(abs(centre), abs(extreme)) > beyond:
        return extreme
    reach = 1.0 + abs(centre - extreme)
    low, high = max(least, centre - reach), centre + reach
    while low > least and below(low) < tail:
        low = max(least, low - 2.0 * reach)
    if low == least and below(low) <= tail:
        return least
    while below(high) > tail:
        high += 2.0 * reach
    return float(brentq(lambda noncentrality: below(noncentrality) - tail, low, high))


def _sums_of_squares(x: Array) -> tuple[Any, ...]:
    """Sums of squares of conditions and of error, of a table (n, k)."""
    n = len(x)
    conditions = x.mean(axis=0)
    residual = x - conditions - x.mean(axis=1, keepdims=True) + x.mean()
    sums = np.array([n * ((conditions - x.mean()) ** 2).sum(), (residual**2).sum()])
    return tuple(np.where(sums > ROUNDING**2 * (x**2).sum(), sums, 0.0))
