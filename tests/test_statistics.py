"""Statistics against numbers worked out by hand, and against scipy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from habenula_rl import statistics

A = np.array([3.0, 4.0, 5.0, 6.0])
B = np.array([1.0, 2.0, 3.0, 2.0])
# subjects × conditions; condition means 2, 3, 7, subject means 3, 4, 5, grand mean 4
TABLE = np.array([[1.0, 2.0, 6.0], [2.0, 2.0, 8.0], [3.0, 5.0, 7.0]])


def test_mean_of_one_value_has_no_interval() -> None:
    found = statistics.mean_interval([2.5])
    assert (found.value, found.n) == (2.5, 1)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_mean_of_nothing_is_nan() -> None:
    found = statistics.mean_interval([math.nan])
    assert math.isnan(found.value)
    assert found.n == 0
    found = statistics.difference([], A)  # a group that a study does not have
    assert math.isnan(found.value)
    assert found.n == 4


def test_mean_leaves_nan_out() -> None:
    found = statistics.mean_interval([1.0, math.nan, 3.0])
    assert (found.value, found.n) == (2.0, 2)
    assert found.low == 1.0
    assert found.high == 3.0


def test_mean_interval_agrees_with_scipy() -> None:
    values = np.random.default_rng(1).exponential(size=40)
    found = statistics.mean_interval(values, resamples=20000)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=20000, rng=2).confidence_interval
    assert found.low == pytest.approx(theirs.low, abs=0.01)
    assert found.high == pytest.approx(theirs.high, abs=0.02)


def test_difference_and_interaction_by_hand() -> None:
    found = statistics.difference(A, B)
    assert (found.value, found.n) == (2.5, 8)
    assert found == statistics.contrast(lambda a, b: a - b, A, B)
    found = statistics.interaction(A, A + 1.0, B, B + 4.0)  # the treatment adds 1 to the one and 4 to the other
    assert (found.value, found.n) == (3.0, 16)
    assert found.low < 3.0 < found.high


def test_experiments_are_cut_in_the_order_of_subjects() -> None:
    subjects = np.arange(7.0)
    assert statistics.in_experiments(np.sum, subjects, size=3) == [3.0, 12.0]  # the seventh is left over
    assert statistics.in_experiments(np.sum, subjects, size=8) == []
    paired = statistics.in_experiments(lambda x, y: (x[:, 0] * y).sum(), np.c_[subjects, -subjects], subjects, size=2)
    assert paired == [1.0, 13.0, 41.0]


def test_interval_hangs_on_the_seed_alone() -> None:
    values = np.random.default_rng(3).normal(size=25)
    assert statistics.mean_interval(values, seed=4) == statistics.mean_interval(values, seed=4)
    assert statistics.mean_interval(values, seed=4) != statistics.mean_interval(values, seed=5)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).normal(size=25)
    whole = statistics.mean_interval(values)
    monkeypatch.setattr(statistics, "AT_ONCE", 100)
    assert statistics.mean_interval(values) == whole


def test_columns_have_the_intervals_of_their_own_means() -> None:
    table = np.random.default_rng(5).normal(size=(30, 3))
    table[:4, 1] = np.nan
    mean, low, high = statistics.mean_intervals(table)
    assert mean == pytest.approx([np.nanmean(table[:, k]) for k in range(3)])
    first = statistics.mean_interval(table[:, 0])
    assert (low[0], high[0]) == pytest.approx((first.low, first.high))
    assert (low < mean).all()
    assert (mean < high).all()


def test_column_with_one_value_has_no_interval() -> None:
    mean, low, high = statistics.mean_intervals([[1.0, np.nan], [2.0, 5.0], [3.0, np.nan]])
    assert mean.tolist() == [2.0, 5.0]
    assert np.isnan([low[1], high[1]]).all()
    assert np.isfinite([low[0], high[0]]).all()


def test_contrast_of_two_samples() -> None:
    found = statistics.contrast(lambda a, b: a - b, A, B, resamples=20000)
    theirs = stats.bootstrap(
        (A, B), lambda a, b, axis: a.mean(axis) - b.mean(axis), method="percentile", n_resamples=20000, rng=2
    ).confidence_interval
    assert found.value == 2.5
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.13)
    assert found.n == 8


def test_contrast_draws_two_equal_samples_independently() -> None:
    found = statistics.contrast(lambda a, b: a - b, A, A)
    assert found.value == 0.0
    assert found.low < 0.0 < found.high


def test_contrast_of_several_measures_of_the_same_subjects() -> None:
    both = np.stack([A, 2.0 * A], axis=1)
    found = statistics.contrast(lambda mean: mean[..., 1] / mean[..., 0], both)
    assert (found.value, found.low, found.high, found.n) == pytest.approx((2.0, 2.0, 2.0, 4))


def test_ratio_without_a_denominator_is_not_finite() -> None:
    found = statistics.contrast(lambda a, b: a / b, np.zeros(5), np.zeros(5))
    assert math.isnan(found.value)
    assert math.isnan(found.low)


def test_hedges_g_by_hand() -> None:
    # means 4.5 and 2; variances 5/3 and 2/3, pooled 7/6; correction 1 - 3/(4·6 - 1) = 20/23
    d = 2.5 / math.sqrt(7 / 6)
    g = d * 20 / 23
    reach = 1.959964 * 20 / 23 * math.sqrt(8 / 16 + d**2 / 16)
    found = statistics.hedges_g(A, B)
    assert (found.value, found.low, found.high) == pytest.approx((g, g - reach, g + reach), rel=1e-6)
    assert found.n == 8


def test_paired_effect_by_hand() -> None:
    # differences 2, 2, 2, 4: mean 2.5, sd 1; correction 1 - 3/(4·3 - 1) = 8/11
    reach = 1.959964 * 8 / 11 * math.sqrt(1 / 4 + 2.5**2 / 8)
    found = statistics.paired_effect(A, B)
    assert (found.value, found.low, found.high) == pytest.approx((20 / 11, 20 / 11 - reach, 20 / 11 + reach), rel=1e-6)


def test_effects_without_spread_are_undefined() -> None:
    assert math.isnan(statistics.hedges_g([1.0, 1.0], [1.0, 1.0]).value)
    assert math.isnan(statistics.paired_effect(A, A).value)
    assert math.isnan(statistics.hedges_g([1.0], [2.0, 3.0]).value)


def test_paired_samples_must_match() -> None:
    with pytest.raises(ValueError, match="4 and 2 subjects"):
        statistics.paired_effect(A, [1.0, 2.0])


def test_anova_by_hand() -> None:
    # conditions: 3·(4 + 1 + 9) = 42; subjects: 3·(1 + 0 + 1) = 6; total: 9+4+4+4+4+16+1+1+9 = 52; error 52 - 42 - 6 = 4
    found = statistics.repeated_measures_anova(TABLE)
    assert found.f == pytest.approx((42 / 2) / (4 / 4))
    assert found.eta_squared == pytest.approx(42 / 46)
    assert found.n == 3
    assert found.df_effect == pytest.approx(2 * found.epsilon)
    assert found.df_error == pytest.approx(4 * found.epsilon)


def test_epsilon_by_eigenvalues_of_orthonormal_contrasts() -> None:
    table = np.random.default_rng(7).normal(size=(12, 4)) @ np.diag([1.0, 2.0, 0.5, 3.0])
    contrasts = np.linalg.qr(np.column_stack([np.ones(4), np.eye(4)[:, :3]]))[0][:, 1:]
    eigenvalues = np.linalg.eigvalsh(contrasts.T @ np.cov(table, rowvar=False) @ contrasts)
    expected = eigenvalues.sum() ** 2 / (3 * (eigenvalues**2).sum())
    assert statistics.greenhouse_geisser(table) == pytest.approx(expected)


def test_two_conditions_are_the_paired_t_test() -> None:
    t = stats.ttest_rel(A, B).statistic
    found = statistics.repeated_measures_anova(np.column_stack([A, B]))
    assert found.f == pytest.approx(t**2)
    assert found.epsilon == pytest.approx(1.0)
    assert found.eta_squared == pytest.approx(t**2 / (t**2 + 3))


def test_published_eta_squared_follows_from_published_f() -> None:
    # Wu 2021: F(1.89, 13.23) = 27.9 is partial η² .80, because η² = F·df1 / (F·df1 + df2)
    found = statistics.repeated_measures_anova(TABLE)
    assert found.eta_squared == pytest.approx(found.f * found.df_effect / (found.f * found.df_effect + found.df_error))
    assert pytest.approx(0.80, abs=0.005) == 27.9 * 1.89 / (27.9 * 1.89 + 13.23)


def test_anova_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="at least 2 subjects and 2 conditions"):
        statistics.repeated_measures_anova([[1.0, 2.0]])
    with pytest.raises(ValueError, match="missing values"):
        statistics.repeated_measures_anova([[1.0, 2.0], [math.nan, 1.0]])


def test_eta_squared_interval_holds_its_value() -> None:
    table = np.random.default_rng(8).normal(size=(40, 3)) + np.array([0.0, 1.0, 0.5])
    found = statistics.eta_squared(table)
    assert found.low < found.value < found.high
    assert found.value == statistics.repeated_measures_anova(table).eta_squared


def test_pearson_agrees_with_scipy() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=30)
    y = x + rng.normal(size=30)
    theirs = stats.pearsonr(x, y)
    interval = theirs.confidence_interval()
    found = statistics.pearson(x, y)
    assert (found.value, found.low, found.high) == pytest.approx((theirs.statistic, interval.low, interval.high))


def test_pearson_at_its_limits() -> None:
    assert statistics.pearson([1, 2, 3, 4], [2, 4, 6, 8]).value == pytest.approx(1.0)
    assert math.isnan(statistics.pearson([1, 1, 1, 1], [1, 2, 3, 4]).value)
    few = statistics.pearson([1, 2, 3], [1, 3, 2])
    assert few.value == pytest.approx(0.5)
    assert math.isnan(few.low)
    with pytest.raises(ValueError, match="3 points and y has 2"):
        statistics.pearson([1, 2, 3], [1, 2])


VALUES = arrays(float, st.integers(2, 20), elements=st.floats(-100, 100, width=32))


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_interval_lies_within_the_data(values: np.ndarray) -> None:
    found = statistics.mean_interval(values, resamples=200)
    slack = 1e-9 * (1 + np.abs(values).max())
    assert values.min() - slack <= found.low <= found.high + slack <= values.max() + 2 * slack


@settings(max_examples=40, deadline=None)
@given(VALUES, st.floats(0.1, 10.0), st.floats(-10.0, 10.0))
def test_effect_knows_no_unit(values: np.ndarray, scale: float, shift: float) -> None:
    other = np.arange(len(values), dtype=float)
    g = statistics.hedges_g(values, other)
    same = statistics.hedges_g(values * scale + shift, other * scale + shift)
    assert same.value == pytest.approx(g.value, rel=1e-4, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(arrays(float, (5, 3), elements=st.floats(-10, 10, width=32)))
def test_eta_and_epsilon_stay_in_range(table: np.ndarray) -> None:
    found = statistics.repeated_measures_anova(table)
    assert math.isnan(found.eta_squared) or 0.0 <= found.eta_squared <= 1.0
    assert math.isnan(found.epsilon) or 0.5 - 1e-9 <= found.epsilon <= 1.0 + 1e-9
