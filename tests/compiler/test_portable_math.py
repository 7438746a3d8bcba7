"""The engine's own exp and log: as exact as they say, and the same bits compiled and plain."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from habenula_rl.compiler import module as compiler
from habenula_rl.compiler import portable_math
from habenula_rl.compiler.source import from_text

TOP, BOTTOM = portable_math.LARGEST_EXPONENT, portable_math.SMALLEST_EXPONENT
NORMAL = portable_math.SMALLEST_NORMAL
BORDER = math.log(2.0) / 2  # where exp goes over to another power of two, and again every ln 2
EDGES = [
    0.0,
    -0.0,
    math.inf,
    -math.inf,
    math.nan,
    1.0,
    -1.0,
    5e-324,
    -5e-324,
    NORMAL,
    math.nextafter(NORMAL, 0.0),
    1e308,
    -1e308,
    math.sqrt(0.5),
    math.sqrt(2.0),
    2.0**54,
    1e16,
    -1e16,
]
EDGES += [math.nextafter(x, to) for x in (TOP, BOTTOM) for to in (-math.inf, x, math.inf)]
BORDERS = np.array([math.nextafter((n + 0.5) * math.log(2.0), to) for n in range(-1020, 1022) for to in (-1e9, 1e9)])


def rule(name, function, argument="x"):
    return from_text(name, f"def {name}(x):\n    return {function}({argument})\n")


RULES = {"exp_of": rule("exp_of", "np.exp"), "log_of": rule("log_of", "np.log")}


@pytest.fixture(scope="module")
def modes():
    return [compiler.bound(RULES, {}, compiled=compiled) for compiled in (True, False)]


def same_bits(a, b):
    return np.array_equal(np.asarray(a, float).view(np.int64), np.asarray(b, float).view(np.int64))


def off(found, exact):
    """By how many units in the last place a finite number is off a Decimal."""
    return float(abs(Fraction(found) - Fraction(exact)) / Fraction(math.ulp(found)))


def check_exp(x):
    with localcontext() as context, np.errstate(all="ignore"):
        context.prec = 40
        found = float(portable_math.exp(x))
        if math.isnan(x):
            assert math.isnan(found)
        elif x > TOP or x < BOTTOM:
            assert same_bits(found, math.inf if x > TOP else 0.0)
        else:
            assert off(found, Decimal(x).exp()) < 1.0


def check_log(x):
    with localcontext() as context, np.errstate(all="ignore"):
        context.prec = 40
        found = float(portable_math.log(x))
        if math.isnan(x) or x < 0.0:
            assert math.isnan(found)
        elif x == 0.0 or x == math.inf:
            assert found == (math.inf if x else -math.inf)
        else:
            assert off(found, Decimal(x).ln()) < 1.0 if x != 1.0 else same_bits(found, 0.0)


@pytest.mark.parametrize("x", EDGES)
def test_exp_and_log_at_the_edges(x):
    check_exp(x)
    check_log(x)


def test_the_thresholds_are_those_of_the_numbers():
    with localcontext() as context:
        context.prec = 40
        largest, smallest = Decimal(np.finfo(float).max), Decimal(NORMAL)
        assert Decimal(TOP).exp() <= largest < Decimal(math.nextafter(TOP, math.inf)).exp()
        assert Decimal(math.nextafter(BOTTOM, -math.inf)).exp() < smallest
    assert portable_math.exp(BOTTOM) >= NORMAL


@settings(deadline=None, max_examples=300)
@given(x=st.one_of(st.floats(BOTTOM, TOP), st.floats(-1.0, 1.0), st.floats()))
@example(x=BORDER)
@example(x=-BORDER)
def test_exp_is_within_one_unit_in_the_last_place(x):
    check_exp(x)


@settings(deadline=None, max_examples=300)
@given(x=st.one_of(st.floats(0.0), st.floats(0.5, 2.0), st.floats(0.0, NORMAL), st.floats()))
def test_log_is_within_one_unit_in_the_last_place(x):
    check_log(x)


@settings(deadline=None, max_examples=150)
@given(x=st.one_of(st.floats(-750.0, 750.0), st.floats()))
def test_compiled_and_plain_give_the_same_bits(modes, x):
    (compiled, plain), number = modes, np.float64(x)
    for name in RULES:
        assert same_bits(compiled[name](number), plain[name](number)), name


@pytest.mark.parametrize("shape", [(), (0,), (1,), (len(EDGES),), (2, 3, 3)])
def test_arrays_are_taken_element_by_element(modes, shape):
    x = np.resize(EDGES, shape)
    for name in RULES:
        plain = modes[1][name](x)
        assert np.shape(plain) == shape
        alone = [float(modes[1][name](one)) for one in x.ravel()]
        assert same_bits(np.ravel(plain), alone)
        if shape:  # Numba takes no array of no dimension for a number
            compiled = modes[0][name](x)
            assert compiled.shape == shape
            assert same_bits(compiled.ravel(), alone)


@pytest.mark.parametrize("whole", [-3, 0, 1, 7])
def test_whole_numbers_are_taken_as_numbers(modes, whole):
    for mode in modes:
        assert same_bits(mode["exp_of"](whole), portable_math.exp(float(whole)))
    if whole >= 0:
        for mode in modes:
            assert same_bits(mode["log_of"](whole), portable_math.log(float(whole)))


def test_exp_rises_across_the_borders_between_powers_of_two(modes):
    values = modes[0]["exp_of"](np.sort(BORDERS))
    assert (np.diff(values) >= 0.0).all()
    fine = np.linspace(-4 * BORDER, 4 * BORDER, 200_001)
    assert (np.diff(modes[0]["exp_of"](fine)) > 0.0).all()


def test_log_rises_across_the_borders_between_powers_of_two(modes):
    powers = [2.0**n for n in range(-1073, 1024)]
    near = [math.nextafter(x * c, to) for x in powers for c in (1.0, math.sqrt(2.0)) for to in (0.0, math.inf)]
    x = np.unique([one for one in near if 0.0 < one < math.inf])
    assert (np.diff(modes[0]["log_of"](x)) >= 0.0).all()


def test_what_exp_returns_can_be_divided_by_in_plain_python_as_in_compiled_code():
    functions = {"inverse": from_text("inverse", "def inverse(x):\n    return 1.0 / np.exp(x)\n")}
    for compiled in (True, False):
        assert compiler.bound(functions, {}, compiled=compiled)["inverse"](-800.0) == math.inf
