"""Statistics against numbers worked out by hand, and against scipy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from habenula_rl.analysis import statistics

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


def test_mean_interval_is_students() -> None:
    # mean 4.5, variance 5/3, standard error √(5/12); the 97.5 % quantile of t with 3 degrees of freedom is 3.182446
    found = statistics.mean_interval(A)
    reach = 3.182446 * math.sqrt(5 / 12)
    assert (found.value, found.low, found.high) == pytest.approx((4.5, 4.5 - reach, 4.5 + reach), rel=1e-6)
    values = np.random.default_rng(1).exponential(size=40)
    theirs = stats.ttest_1samp(values, 0.0).confidence_interval()
    found = statistics.mean_interval(values)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), rel=1e-12)


def test_difference_is_welchs() -> None:
    x, y = np.random.default_rng(2).normal(size=9), 3.0 * np.random.default_rng(3).normal(size=14)
    theirs = stats.ttest_ind(x, y, equal_var=False).confidence_interval()
    found = statistics.difference(x, y)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), rel=1e-12)


def test_ratio_has_the_interval_of_the_delta_method_where_samples_are_large() -> None:
    # variance of a ratio of means a/b: (a/b)²·(var(a)/(n·a²) + var(b)/(m·b²))
    rng = np.random.default_rng(4)
    x, y = rng.normal(3.0, 1.0, 4000), rng.normal(5.0, 1.0, 4000)
    ratio = x.mean() / y.mean()
    error = ratio * math.sqrt(x.var() / (4000 * x.mean() ** 2) + y.var() / (4000 * y.mean() ** 2))
    found = statistics.contrast(lambda a, b: a / b, x, y)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=1e-3)


def test_columns_have_the_intervals_of_their_own_means() -> None:
    table = np.random.default_rng(5).normal(size=(30, 4))
    table[:4, 1] = np.nan
    table[1:, 2] = np.nan
    table[:, 3] = np.nan
    for column, found in enumerate(zip(*statistics.mean_intervals(table), strict=True)):
        one = statistics.mean_interval(table[:, column])
        assert found == pytest.approx((one.value, one.low, one.high, one.n), nan_ok=True)


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
    found = statistics.hedges_g(A, B)
    assert (found.value, found.n) == (pytest.approx(d * 20 / 23), 8)
    # with the true effect at an end of the interval, t = d·√(4·4/8) or more lies in a tail of 2.5 %
    tails = [stats.nct.cdf(d * math.sqrt(2), 6, end * math.sqrt(2)) for end in (found.low, found.high)]
    assert tails == pytest.approx([0.975, 0.025], abs=1e-6)


def test_paired_effect_by_hand() -> None:
    # differences 2, 2, 2, 4: mean 2.5, sd 1; correction 1 - 3/(4·3 - 1) = 8/11; t = 2.5·√4
    found = statistics.paired_effect(A, B)
    assert found.value == pytest.approx(20 / 11)
    tails = [stats.nct.cdf(5.0, 3, end * 2.0) for end in (found.low, found.high)]
    assert tails == pytest.approx([0.975, 0.025], abs=1e-6)


def test_huge_effects_have_the_interval_of_their_spread() -> None:
    """Where SciPy cannot compute the noncentral t any more, beyond an effect of 10,000, nothing jumps."""
    noise = np.random.default_rng(6).normal(size=20)
    near, far = (statistics.paired_effect(noise + shift, np.zeros(20)) for shift in (2_000.0, 20_000.0))
    scale = far.value / near.value
    assert (far.low / near.low, far.high / near.high) == pytest.approx((scale, scale), rel=1e-3)
    table = np.stack([noise, noise[::-1], noise + 1e9], axis=1)
    found = statistics.eta_squared(table)
    assert 0.99 < found.low <= found.value <= found.high <= 1.0


def test_effects_without_spread_are_undefined() -> None:
    assert math.isnan(statistics.hedges_g([1.0, 1.0], [1.0, 1.0]).value)
    assert math.isnan(statistics.paired_effect(A, A).value)
    assert math.isnan(statistics.hedges_g([1.0], [2.0, 3.0]).value)


def test_equal_numbers_have_no_spread_however_they_are_rounded() -> None:
    values = np.random.default_rng(12).normal(size=8)
    assert math.isnan(statistics.paired_effect(values + 0.1, values).value)
    assert math.isnan(statistics.hedges_g([0.1] * 7, [0.3] * 6).value)
    assert math.isnan(statistics.eta_squared(np.outer(values, [1.0, 1.0, 1.0])).value)


def test_two_pairs_have_no_effect_size() -> None:
    assert math.isnan(statistics.paired_effect([1.0, 3.0], [0.0, 0.5]).value)


def test_paired_samples_must_match() -> None:
    with pytest.raises(ValueError, match="4 and 2 values"):
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
    with pytest.raises(ValueError, match="at least 2 subjects without missing values and 2 conditions"):
        statistics.repeated_measures_anova([[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"not a table of shape \(1, 2\)"):
        statistics.repeated_measures_anova([[1.0, 2.0], [math.nan, 1.0]])


def test_eta_squared_interval_by_its_tails() -> None:
    table = np.random.default_rng(8).normal(size=(40, 3)) + np.array([0.0, 1.0, 0.5])
    found, test = statistics.eta_squared(table), statistics.repeated_measures_anova(table)
    assert found.value == test.eta_squared
    ends = [40 * test.df_effect * end / (1 - end) for end in (found.low, found.high)]
    tails = [stats.ncf.cdf(test.f, test.df_effect, test.df_error, end) for end in ends]
    assert tails == pytest.approx([0.975, 0.025], abs=1e-9)


def test_no_effect_has_an_eta_squared_interval_from_0() -> None:
    still = np.random.default_rng(10).normal(size=(12, 3))
    found = statistics.eta_squared(still - still.mean(axis=0))
    assert found.low == 0.0
    assert found.value <= found.high < 0.1


def test_pearson_and_fishers_z() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=30)
    y = x + rng.normal(size=30)
    found = statistics.pearson(x, y)
    r = ((x - x.mean()) * (y - y.mean())).mean() / (x.std() * y.std())
    ends = [math.tanh(math.atanh(r) + side * 1.959964 / math.sqrt(27)) for side in (-1, 1)]
    assert (found.value, found.low, found.high) == pytest.approx((r, *ends), rel=1e-6)


def test_pearson_at_its_limits() -> None:
    assert statistics.pearson([1, 2, 3, 4], [2, 4, 6, 8]).value == pytest.approx(1.0)
    assert math.isnan(statistics.pearson([1, 1, 1, 1], [1, 2, 3, 4]).value)
    few = statistics.pearson([1, 2, 3], [1, 3, 2])
    assert few.value == pytest.approx(0.5)
    assert math.isnan(few.low)
    with pytest.raises(ValueError, match="3 and 2 values, and must be pairs"):
        statistics.pearson([1, 2, 3], [1, 2])


VALUES = arrays(float, st.integers(2, 20), elements=st.floats(-100, 100, width=32))


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


# Coverage. A fraction counted in n runs lies outside `expected` ± 4 standard errors in 6 of 100,000 tests. Of 20,000
# runs four are .006 at 95 %: a method that covers .94 is found out in more than 99 of 100 tests.
def standard(kind: str, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draws with mean 0 and standard deviation 1."""
    if kind == "normal":
        return generator.normal(size=shape)
    return (generator.lognormal(size=shape) - math.exp(0.5)) / math.sqrt((math.e - 1.0) * math.e)


def agrees(covered: float, expected: float, runs: int) -> bool:
    return abs(covered - expected) <= 4.0 * math.sqrt(expected * (1.0 - expected) / runs)


@pytest.mark.parametrize(
    ("kind", "n", "expected"),
    [
        ("normal", 5, 0.95),
        ("normal", 8, 0.95),
        ("normal", 20, 0.95),
        ("lognormal", 5, 0.824),
        ("lognormal", 8, 0.835),
        ("lognormal", 20, 0.866),
    ],
)
def test_coverage_of_a_mean(kind: str, n: int, expected: float) -> None:
    _, low, high, _ = statistics.mean_intervals(standard(kind, np.random.default_rng(n), (n, 20_000)))
    assert agrees(((low <= 0.0) & (high >= 0.0)).mean(), expected, 20_000)


SPREAD = np.array([0.0, 1.0, 0.5]) - 0.5
CONTRASTS = {
    "difference": (0.0, lambda draw: statistics.difference(draw(), 3.0 * draw())),
    "interaction": (0.0, lambda draw: statistics.interaction(draw(), draw(), draw(), draw())),
    "ratio": (1.0, lambda draw: statistics.contrast(lambda a, b: a / b, draw() + 3.0, draw() + 3.0)),
    "the worse of two": (
        3.0,
        lambda draw: statistics.contrast(lambda a, b, c: c - np.maximum(a, b), draw(), draw() - 1.0, draw() + 3.0),
    ),
    "hedges_g": (1.0, lambda draw: statistics.hedges_g(draw() + 1.0, draw())),
    "paired_effect": (1.0, lambda draw: statistics.paired_effect(draw() + 1.0, 0.0 * draw())),
    "eta_squared": (0.2, lambda draw: statistics.eta_squared(np.stack([draw() for _ in SPREAD], axis=1) + SPREAD)),
}
RUNS = 400  # covered .95 of them or more: below .905 in 1 of 10,000 tests; what covers .85 passes in 1 of 1,000


@pytest.mark.parametrize("n", [5, 8, 20])
@pytest.mark.parametrize("name", CONTRASTS)
def test_intervals_of_normal_samples_cover_at_least_what_they_say(name: str, n: int) -> None:
    true, made = CONTRASTS[name]
    generator = np.random.default_rng([n, *name.encode()])
    found = [made(lambda: standard("normal", generator, (n,))) for _ in range(RUNS)]
    covered = sum(one.low <= true <= one.high for one in found)
    assert stats.binom.cdf(covered, RUNS, 0.95) > 1e-4


# Missing values. Every public statistic with its samples; each is (n,) or (n, k), and misses subjects of its own.
X = np.random.default_rng(20).normal(size=(4, 12))
PAIRED = {"paired_effect", "pearson"}  # the same subjects in both samples
STATISTICS = {
    "contrast": (lambda a, b: statistics.contrast(lambda x, y: x[..., 0] - y, a, b), (X[:2].T, X[2])),
    "difference": (statistics.difference, (X[0], X[1])),
    "eta_squared": (statistics.eta_squared, (X[:3].T,)),
    "greenhouse_geisser": (statistics.greenhouse_geisser, (X[:3].T,)),
    "hedges_g": (statistics.hedges_g, (X[0], X[1])),
    "interaction": (statistics.interaction, tuple(X)),
    "mean_interval": (statistics.mean_interval, (X[0],)),
    "mean_intervals": (lambda a: statistics.mean_intervals(a[:, None]), (X[0],)),
    "paired_effect": (statistics.paired_effect, (X[0], X[1])),
    "pearson": (statistics.pearson, (X[0], X[1])),
    "repeated_measures_anova": (statistics.repeated_measures_anova, (X[:3].T,)),
}
OWN = {"in_experiments", "limits"}  # which call another one


def test_every_public_statistic_is_tried() -> None:
    functions = {name for name, value in vars(statistics).items() if callable(value) and not name.startswith("_")}
    made_here = {name for name in functions if getattr(statistics, name).__module__ == statistics.__name__}
    assert made_here - {"Estimate", "Anova"} - OWN == set(STATISTICS)


def numbers(found: object) -> list[float]:
    return np.ravel([vars(found)[name] for name in vars(found)] if hasattr(found, "n") else found).tolist()


@pytest.mark.parametrize("name", STATISTICS)
def test_missing_values_are_left_out_and_n_counts_the_rest(name: str) -> None:
    of, samples = STATISTICS[name]
    holed = [sample.copy() for sample in samples]
    gone = [np.array([2 + place, 7]) for place in range(len(samples))]
    for sample, rows in zip(holed, gone, strict=True):
        sample.reshape(len(sample), -1)[rows, 0] = math.nan  # of a subject measured several times one value
    if name in PAIRED:
        gone = [np.unique(np.concatenate(gone))] * len(gone)
    kept = [np.delete(sample, rows, axis=0) for sample, rows in zip(samples, gone, strict=True)]
    found, expected = of(*holed), of(*kept)
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-12)
    if hasattr(found, "n"):
        assert found.n == (len(kept[0]) if name in PAIRED else sum(map(len, kept)))


@pytest.mark.parametrize("name", STATISTICS)
def test_an_infinite_value_is_refused(name: str) -> None:
    of, samples = STATISTICS[name]
    broken = samples[-1].copy()
    broken[1, ...] = math.inf
    with pytest.raises(ValueError, match="values are infinite; a missing value is NaN"):
        of(*samples[:-1], broken)


@pytest.mark.parametrize("name", ["contrast", "difference", "hedges_g", "mean_interval", "paired_effect", "pearson"])
def test_one_subject_has_no_interval_and_is_counted(name: str) -> None:
    of, samples = STATISTICS[name]
    found = of(*(sample[:1] for sample in samples))
    assert math.isnan(found.low) and math.isnan(found.high)
    assert found.n == (1 if name in PAIRED else len(samples))


# labels, masks, and what is no sample


@pytest.mark.parametrize("paired", [statistics.pearson, statistics.paired_effect])
def test_pairs_are_those_of_one_label(paired):
    import pandas as pd

    a = pd.Series([1.0, 2.0, 4.0, 7.0, 3.0], index=list("abcde"))
    b = pd.Series([2.0, 2.5, 4.0, 9.0, 3.0], index=list("abcde"))
    assert paired(a, b[::-1]) == paired(a, b) == paired(a.to_numpy(), b.to_numpy())
    assert paired(a, b[::-1].to_numpy()) != paired(a, b)  # without labels the place counts
    with pytest.raises(ValueError, match=f"{paired.__name__}: the two samples have other labels than one another"):
        paired(a, b.rename({"e": "f"}))


def test_what_an_array_masks_is_missing():
    masked = np.ma.masked_array([1.0, 2.0, 999.0], mask=[False, False, True])
    assert statistics.mean_interval(masked) == statistics.mean_interval([1.0, 2.0, np.nan])
    assert (statistics.mean_interval(masked).value, statistics.mean_interval(masked).n) == (1.5, 2)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: statistics.mean_interval(np.array(["2020-01-01"], "M8[D]")), "mean_interval: the values are dates"),
        (lambda: statistics.mean_interval(["a", "b"]), "mean_interval: the values must be numbers"),
        (lambda: statistics.mean_interval([[1.0, 2.0]]), r"mean_interval: takes one value a subject, \(n,\), not"),
        (lambda: statistics.difference([[1.0], [2.0]], [1.0]), "difference: takes one value a subject"),
        (lambda: statistics.difference([1.0, np.inf], [1.0]), "difference: 1 of 2 values are infinite"),
        (lambda: statistics.greenhouse_geisser([1, 2, 3]), "greenhouse_geisser: needs a table"),
        (lambda: statistics.in_experiments(np.mean, [1.0, 2.0], size=0), "in_experiments: size must be a whole number"),
        (lambda: statistics.contrast(np.mean), "contrast: give at least one sample"),
    ],
)
def test_what_is_no_sample_is_refused_by_the_name_that_was_called(call, why):
    with pytest.raises(ValueError, match=why):
        call()
