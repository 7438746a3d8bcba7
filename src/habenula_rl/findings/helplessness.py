"""Learned helplessness: Wu et al. 2021, and Seligman & Maier 1967.

Where a published criterion is stated loosely, the plain reading that is tested stands beside it; all were fixed before
the claims were first run.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis import readouts, statistics, summary
from ..analysis.statistics import Estimate
from .verdict import Claim, Criterion, above, at_least, at_most, below, require, within

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
BASELINE, HELPLESS, KETAMINE = 0, 1, 2
WU_PHASES = ("baseline", "helpless", "ketamine")
PUBLISHED_MICE = 8
PUBLISHED_FAILURES = {"escapable": 2.63, "naive": 2.25, "yoked": 7.25}
TRIAD = tuple(PUBLISHED_FAILURES)
TOLERANCE = 1.5  # failures in 10 trials


def wu2021(trials: pd.DataFrame) -> list[Criterion]:
    """Order, partial η² .6 to .95 and r > .85, with all mice and as experiments with 8 mice each.

    Order is read as the two published comparisons: failures rise from baseline to helpless and fall from helpless to
    ketamine. For 8 mice the subjects are cut into experiments of 8; the median over these experiments has to meet the
    criterion, and at least 95 % of them have to show the order. Both have the exact interval of their kind: with few
    experiments nothing is decided, even where all of them agree.
    """
    require(trials, "wu2021", WU_PHASES, ["mice"])
    escaped = readouts.in_groups(readouts.escapes(trials, WU_PHASES), ["mice"])
    failed, latency = (readouts.by_phase(escaped, m, WU_PHASES).to_numpy(float) for m in ("failed", "latency"))
    failures = 100.0 * failed
    rise = statistics.mean_interval(failures[:, HELPLESS] - failures[:, BASELINE])
    fall = statistics.mean_interval(failures[:, KETAMINE] - failures[:, HELPLESS])
    parts = [
        above("rise", "inescapable shock makes mice fail to escape", "change of failures in % of trials", rise),
        below("rescue", "ketamine brings escape back", "change of failures in % of trials", fall),
    ]
    return parts + _whole(failures, latency) + _as_published(failures, latency)


def _whole(failures: Array, latency: Array) -> list[Criterion]:
    r = _correlation(failures, latency)
    return [
        _eta("eta2_failures", "failures", statistics.eta_squared(failures)),
        _eta("eta2_latency", "latency", statistics.eta_squared(latency)),
        _r("r", r),
    ]


def _as_published(failures: Array, latency: Array) -> list[Criterion]:
    """The same in experiments with 8 mice each; mice left over are left out."""
    if len(failures) < PUBLISHED_MICE:
        raise ValueError(f"wu2021 needs at least {PUBLISHED_MICE} mice with all three phases, not {len(failures)}")
    experiments = partial(statistics.in_experiments, size=PUBLISHED_MICE)
    eta_failures, eta_latency = (experiments(_eta_squared, table) for table in (failures, latency))
    r = experiments(lambda x, y: _correlation(x, y).value, failures, latency)
    ordered = experiments(_ordered, failures)
    return [
        at_least(
            "order_n8", "the order shows with 8 mice", "fraction of experiments with 8 mice in that order",
            _share(ordered), 0.95,
        ),
        _eta("eta2_failures_n8", "failures, 8 mice", _median(eta_failures), "median "),
        _eta("eta2_latency_n8", "latency, 8 mice", _median(eta_latency), "median "),
        _r("r_n8", _median(r), "median "),
    ]  # fmt: skip


def _eta_squared(table: Array) -> float:
    return statistics.repeated_measures_anova(table).eta_squared


def _correlation(failures: Array, latency: Array) -> Estimate:
    """Over all mice and phases at once."""
    return statistics.pearson(failures.ravel(), latency.ravel())


def _ordered(failures: Array) -> float:
    means = failures.mean(axis=0)
    return float(means[BASELINE] < means[HELPLESS] > means[KETAMINE])


def _share(held: list[float]) -> Estimate:
    """The fraction of experiments in which something held (1.0, else 0.0), with its exact binomial interval."""
    from scipy.stats import binomtest

    found = binomtest(int(sum(held)), len(held))
    interval = found.proportion_ci()
    return Estimate(found.statistic, float(interval.low), float(interval.high), len(held) * PUBLISHED_MICE)


def _median(values: list[float]) -> Estimate:
    """The median of a statistic over experiments, with its exact interval, which needs 6; undefined where one is."""
    from scipy.stats import quantile_test

    middle, n = float(np.median(values)), len(values) * PUBLISHED_MICE
    if math.isnan(middle):
        return Estimate(middle, math.nan, math.nan, n)
    interval = quantile_test(values).confidence_interval()
    return Estimate(middle, float(interval.low), float(interval.high), n)


def _eta(name: str, measure: str, found: Estimate, prefix: str = "") -> Criterion:
    return within(name, f"the phases explain most of the variance ({measure})", f"{prefix}partial η²", found, 0.6, 0.95)


def _r(name: str, found: Estimate, prefix: str = "") -> Criterion:
    return above(name, "mice that fail more are slower", f"{prefix}r of failures and latency", found, 0.85)


def seligman1967(trials: pd.DataFrame) -> list[Criterion]:
    """Order, bimodality of the yoked group, and failures within ±1.5 of the published means.

    Order is read as: yoked dogs exceed the worse of the two other groups, whole interval, in failures, latency and dogs
    failing 9 of 10; the escapable group is like the naive one where they differ by no more than the same 1.5 failures.
    Bimodality is read as: dogs with 4 to 6 failures are rarer than both those with 0 to 2 and those with 8 to 10,
    whole interval.
    """
    require(trials, "seligman1967", ["test"], TRIAD)
    escaped = readouts.helplessness(trials, ["test"])
    measures = ("failures_per_10", "latency", "failing_9_of_10")
    failures, latency, criterion = (readouts.matched(escaped, measure, TRIAD) for measure in measures)
    like = summary.compared(np.subtract, failures["escapable"], failures["naive"])
    parts = [
        _yoked_worst("order_failures", "yoked dogs fail most", "failures in 10", failures),
        _yoked_worst("order_latency", "yoked dogs are slowest", "latency in s", latency),
        _yoked_worst("order_criterion", "yoked dogs fail 9 of 10 most often", "share", criterion),
        within(
            "escapable_like_naive", "shock that can be ended does no harm", "failures in 10, escapable - naive", like,
            -TOLERANCE, TOLERANCE,
        ),
        _bimodal(failures["yoked"].dropna().to_numpy()),
    ]  # fmt: skip
    return parts + [_near_published(group, failures[group]) for group in PUBLISHED_FAILURES]


def _yoked_worst(name: str, claim: str, unit: str, groups: pd.DataFrame) -> Criterion:
    found = summary.compared(
        lambda yoked, naive, escapable: yoked - np.maximum(naive, escapable),
        groups["yoked"], groups["naive"], groups["escapable"],
    )  # fmt: skip
    return above(name, claim, f"{unit}, yoked - the worse of the others", found)


def _bimodal(failures: Array) -> Criterion:
    classes = readouts.failure_classes(failures)
    found = statistics.contrast(lambda share: np.minimum(share[..., 0], share[..., 2]) - share[..., 1], classes)
    return above(
        "bimodal", "yoked dogs give up or do not, few stand between",
        "share with 0-2 or with 8-10 failures, the rarer - share with 4-6", found,
    )  # fmt: skip


def _near_published(group: str, failures: pd.Series) -> Criterion:
    published = PUBLISHED_FAILURES[group]
    found = statistics.mean_interval(failures)
    claim = f"the {group} group fails as often as published, {published:g} of 10"
    return within(f"failures_{group}", claim, "failures in 10", found, published - TOLERANCE, published + TOLERANCE)


def immunisation(trials: pd.DataFrame) -> list[Criterion]:
    """Immunised dogs lie within 25 % of the way from naive to yoked, in failures; better than naive counts as within.

    The way itself has to be there: yoked dogs fail more than naive ones, whole interval.
    """
    groups = ("naive", "yoked", "immunised")
    require(trials, "seligman1967", ["test"], groups)
    escaped = readouts.helplessness(trials, ["test"])
    failures = readouts.matched(escaped, "failures_per_10", groups)
    naive, yoked, immunised = (failures[group] for group in groups)
    way = summary.compared(np.subtract, yoked, naive)
    place = summary.compared(lambda i, n, y: (i - n) / (y - n), immunised, naive, yoked)
    if not way.value > 0.0:
        place = Estimate(math.nan, math.nan, math.nan, place.n)
    return [
        above("harm", "shock without control does harm", "failures in 10, yoked - naive", way),
        at_most("prevented", "earlier control prevents it", "(immunised - naive) / (yoked - naive)", place, 0.25),
    ]


WU = (
    "Wu M, Minkowicz S, Dumrongprechachan V, Hamilton P, Xiao L, Kozorovitskiy Y (2021) Attenuated dopamine signaling "
    "after aversive learning is restored by ketamine to rescue escape actions. eLife 10:e64041, doi 10.7554/eLife.64041"
)
SELIGMAN = (
    "Seligman MEP, Maier SF (1967) Failure to escape traumatic shock. J Exp Psychol 74(1):1-9, doi 10.1037/h0024514"
)
CLAIMS = (
    Claim(
        "wu2021", WU, "Mice fail to escape after inescapable shock, and escape again after ketamine", "wu2021", wu2021
    ),
    Claim(
        "seligman1967", SELIGMAN, "Shock makes dogs helpless where they cannot end it, and only there", "seligman1967",
        seligman1967,
    ),
    Claim("immunisation", SELIGMAN, "Earlier control over shock prevents helplessness", "seligman1967", immunisation),
)  # fmt: skip
