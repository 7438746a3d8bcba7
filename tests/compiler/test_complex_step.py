"""Rules rewritten for complex numbers: the same values, exact slopes, and nothing decided by an imaginary part."""

import math

import numpy as np
import pytest

from habenula_rl.compiler import module as compiler
from habenula_rl.compiler.complex_step import STEP, functions, is_own


def every_function(x, y):
    smooth = np.exp(x) + np.exp2(x) + np.expm1(x) + np.log(y) + np.log1p(y) + np.log2(y) + np.log10(y) + np.sqrt(y)
    smooth += np.tanh(x) + np.sinh(x) + np.cosh(x) + np.sin(x) + np.cos(x) + np.tan(x)
    smooth += np.arcsin(x) + math.acos(x) + math.atan(x) + math.exp(1) + math.log(2) + np.sqrt(2) + np.tanh(True * 1)
    smooth += x / y + 1 / y + x / 2 - 3 / 2 + (1.0 / np.array([y, x]))[0]
    powers = x**2 + y**-1 + y**x + 2**x + math.pow(y, 3) + np.power(y, 0.5) + (-y) ** 3 + pow(x, 2)
    kinks = abs(x) + np.abs(-y) + math.fabs(x) + max(x, y, 0) + min(x, y, 2) + np.maximum(x, 1) + np.fmin(y, 3)
    steps = int(y) + np.floor(x) + math.ceil(y) + np.sign(x) + round(y)
    return smooth + powers * 1.3 + kinks * 1.7 + steps * x + float(x) + max((1, 2))


@pytest.mark.parametrize("y", [0.3, 1.9])
@pytest.mark.parametrize("x", [-0.7, 0.2, 0.6])
def test_every_function_of_the_rewriting(x, y):
    real, rewritten = (
        compiler.bound({"every_function": every_function}, {}, compiled=True, analytic=a)["every_function"]
        for a in (False, True)
    )
    assert rewritten(x + 0j, y).real == pytest.approx(real(x, y), rel=1e-14)
    h = 1e-4
    for dx, dy in ((1, 0), (0, 1)):
        low, lower, high, higher = (real(x + k * h * dx, y + k * h * dy) for k in (-1, -2, 1, 2))
        difference = (lower - 8 * low + 8 * high - higher) / (12 * h)
        assert rewritten(x + 1e-30j * dx, y + 1e-30j * dy).imag / 1e-30 == pytest.approx(difference, rel=1e-9)


def conditions(x):
    n = 0
    while x and n < 3:
        n += 1
    if x:
        n += 5
    return n + (10 if not x else 20) + (100 if x else 200) + (1000 if x == 0 else 2000)


def test_an_imaginary_part_decides_nothing():
    rewritten = compiler.bound({"conditions": conditions}, {}, compiled=True, analytic=True)["conditions"]
    assert rewritten(0.0 + 1e-30j) == 1210
    assert rewritten(1.0 + 1e-30j) == 3 + 5 + 20 + 100 + 2000


SLOPES_BY_HAND = {
    "exp": (0.5, math.exp(0.5)),
    "log": (2.0, 0.5),
    "sqrt": (4.0, 0.25),
    "tanh": (0.0, 1.0),
    "sin": (0.0, 1.0),
    "cos": (math.pi / 2, -1.0),
    "arctan": (1.0, 0.5),
    "log1p": (1.0, 0.5),
    "log2": (1.0, 1.0 / math.log(2.0)),
    "magnitude": (-2.0, -1.0),
}


@pytest.mark.parametrize(("name", "at", "slope"), [(name, *by_hand) for name, by_hand in SLOPES_BY_HAND.items()])
def test_a_slope_by_hand(name, at, slope):
    assert functions()[name](at + 1j * STEP).imag / STEP == pytest.approx(slope, rel=1e-12)


def test_quotient_power_and_extremes_by_hand():
    own, d = functions(), 1j * STEP
    assert own["quotient"](3.0 + d, 2.0).imag / STEP == pytest.approx(0.5)
    assert own["quotient"](3.0, 2.0 + d).imag / STEP == pytest.approx(-0.75)
    assert own["power"](3.0 + d, 2.0).imag / STEP == pytest.approx(6.0)
    assert own["power"](2.0, 3.0 + d).imag / STEP == pytest.approx(8.0 * math.log(2.0))
    assert own["larger"](1.0 + d, 2.0) == 2.0 and own["smaller"](1.0 + d, 2.0) == 1.0 + d
    assert own["real"](1.0 + d) == 1.0


def test_a_slope_beyond_all_numbers_leaves_zero_alone():
    with np.errstate(all="ignore"):
        assert functions()["exp"](1000.0 + 0j) == complex(np.inf, 0.0)


def test_the_functions_know_themselves():
    assert all(is_own(own) for own in functions().values()) and not is_own(np.exp)
