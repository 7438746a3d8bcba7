"""Concentrations in time against sums done by hand, mass balance, and the differential equations solved by SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl.pharmacology import kinetics as pk

ONE = pk.Disposition(200.0, 2.0, 2.0 * math.log(2.0))  # half-life 1 h
TWO = pk.Disposition(237.73, 0.8, 1.3, 2.2, 1.6)
HOUR = 3600.0


def test_one_compartment_by_hand():
    """10 mg/kg of 200 g/mol are 50 µmol/kg, in 2 L/kg 25 µM; half of it after an hour."""
    course = pk.bolus(ONE, 10.0)
    np.testing.assert_allclose(course([-1.0, 0.0, HOUR, 2 * HOUR]), [0.0, 25.0, 12.5, 6.25])
    assert course.integral(1e9) == pytest.approx(25.0 * HOUR / math.log(2.0))
    assert pk.half_life_min(ONE) == pytest.approx(60.0)


def test_absorption_by_hand():
    """Half taken up per half hour, half available: 12.5·2k/(2k - k)·(½^t - ¼^t) = 25·(½ - ¼) after 1 h."""
    course = pk.absorbed(ONE, 10.0, 30.0, 0.5)
    assert course(HOUR) == pytest.approx(25.0 * 0.25)
    assert course(0.0) == 0.0


def test_infusion_by_hand():
    """Over 1 h: 25/ln 2·½ at its end, half of that an hour later; an infusion of a second is a bolus."""
    course = pk.infusion(ONE, 10.0, 60.0)
    np.testing.assert_allclose(course([HOUR, 2 * HOUR]), 25.0 / math.log(2.0) * np.array([0.5, 0.25]))
    assert pk.infusion(ONE, 10.0, 1e-3)(HOUR) == pytest.approx(12.5, rel=1e-4)


def test_an_infusion_leaves_nothing_behind():
    """Long after it nothing is left, relative to what a bolus leaves, and its area stays that of the dose."""
    slow = pk.Disposition(200.0, 1000.0, 0.001)
    for drug in (ONE, slow):
        times = np.array([1e2, 1e3, 1e4]) * pk.half_life_min(drug) * pk.MINUTE_S / 20.0
        brain = [
            pk.effect_site(plasma, 1.0, 1.0, 0.01) for plasma in (pk.infusion(drug, 10.0, 0.1), pk.bolus(drug, 10.0))
        ]
        np.testing.assert_allclose(brain[0](times), brain[1](times), rtol=2e-3)
        np.testing.assert_allclose(brain[0].integral(times), brain[1].integral(times), rtol=2e-3)


@given(st.floats(0.1, 5.0), st.floats(0.05, 5.0), st.floats(0.1, 5.0), st.floats(0.01, 5.0), st.floats(1.0, 600.0))
def test_mass_balance(volume, clearance, peripheral, exchange, minutes):
    """All that got in is cleared: clearance · ∫C dt = dose, by whatever way."""
    drug = pk.Disposition(200.0, volume, clearance, peripheral, exchange)
    dose_umol_s = 50.0 * HOUR / clearance
    courses = (pk.bolus(drug, 10.0), pk.infusion(drug, 10.0, minutes), pk.absorbed(drug, 20.0, minutes, 0.5))
    for course in courses:
        assert course.integral(1e10) == pytest.approx(dose_umol_s, rel=1e-5)


def cascade(rates_per_s, times_s):
    """Three first-order steps in a row, from 1 in the first, by SciPy: what is in the second and the third."""
    solve_ivp = pytest.importorskip("scipy.integrate").solve_ivp
    a, b, c = rates_per_s
    flow = np.array([[-a, 0.0, 0.0], [b, -b, 0.0], [0.0, c, -c]])
    span, begin = (0.0, times_s[-1]), [1.0, 0.0, 0.0]
    done = solve_ivp(lambda t, y: flow @ y, span, begin, "DOP853", times_s, rtol=3e-14, atol=1e-22)
    return done.y[1:]


@pytest.mark.parametrize("second", [1.0, 1.0 + 1e-12, 1.0 - 1e-8, 1.0 + 1e-6, 1.0 + 1e-4, 0.993, 1.0099, 1.0101, 1.5])
@pytest.mark.parametrize("third", [1.0, 1.0 - 1e-9, 1.0 + 2e-6, 0.9999, 1.008, 0.98, 0.5])
def test_equal_and_nearly_equal_rates_against_scipy(second, third):
    rates, times = 1e-3 * np.array([1.0, second, third]), np.linspace(200.0, 25e3, 30)
    begun = pk.Course(np.array([1.0]), rates[:1], np.zeros(1))
    once = begun.through(rates[1])
    twice = once.through(rates[2])
    np.testing.assert_allclose([once(times), twice(times)], cascade(rates, times), rtol=1e-8)
    for course, rate, before in ((once, rates[1], begun), (twice, rates[2], once)):  # in, less out, is what is there
        left = rate * (before.integral(times) - course.integral(times))
        np.testing.assert_allclose(course(times), left, rtol=0.0, atol=1e-9)


def test_equal_rates_by_hand():
    """25·kt·exp(-kt) where absorption is as fast as what leaves; 25·(kt)²/2·exp(-kt) with the way to the brain."""
    hour = math.log(2.0)
    plasma = pk.absorbed(ONE, 10.0, 60.0, 1.0)
    assert plasma(HOUR) == pytest.approx(25.0 * hour / 2, rel=1e-13)
    assert pk.effect_site(plasma, 1.0, 1.0, 60.0)(HOUR) == pytest.approx(25.0 * hour**2 / 2 / 2, rel=1e-13)
    assert hash(plasma.terms) == hash(pk.Course(*np.array(plasma.terms)).terms)


def test_equal_rates_after_several_doses():
    one = pk.absorbed(ONE, 10.0, 60.0, 1.0)
    both = pk.effect_site(pk.superposed([one, one.later(HOUR).scaled(2.0)]), 1.0, 1.0, 60.0)
    alone = pk.effect_site(one, 1.0, 1.0, 60.0)
    np.testing.assert_allclose(both(3 * HOUR), alone(3 * HOUR) + 2.0 * alone(2 * HOUR), rtol=1e-13)


@pytest.mark.parametrize("minutes", [0.0, -1.0, math.nan, math.inf])
def test_times_that_are_none_are_refused(minutes):
    for call, what in (
        (lambda: pk.infusion(ONE, 10.0, minutes), "duration_min"),
        (lambda: pk.absorbed(ONE, 10.0, minutes, 1.0), "absorption_half_life_min"),
        (lambda: pk.effect_site(pk.bolus(ONE, 1.0), 1.0, 1.0, minutes), "equilibration_half_life_min"),
    ):
        with pytest.raises(ValueError, match=f"{what} must be above 0 and finite, not {minutes}"):
            call()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((200.0, 2.0, 1.0, 0.0, 1.6), "peripheral_l_per_kg must be above 0 and finite, not 0.0"),
        ((200.0, 0.0, 1.0), "volume_l_per_kg must be above 0 and finite, not 0.0"),
        ((200.0, 2.0, 0.0), "clearance_l_per_h_per_kg must be above 0 and finite, not 0.0"),
        ((0.0, 2.0, 1.0), "molar_mass_g_per_mol must be above 0 and finite, not 0.0"),
        ((200.0, 2.0, 1.0, 1.0, -1.0), "exchange_l_per_h_per_kg must not be below 0, not -1.0"),
    ],
)
def test_bodies_that_are_none_are_refused(values, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        pk.Disposition(*values)


@pytest.mark.parametrize("exchange", [1e-300, 1e-12, 1e-6])
def test_hardly_any_exchange_is_one_compartment(exchange):
    """Also where both compartments would leave as fast: the two rates then meet."""
    two = pk.Disposition(200.0, 2.0, 2.0, 1.0, exchange)
    same = pk.Disposition(200.0, 2.0, 2.0, exchange, exchange)
    for drug in (two, same):
        np.testing.assert_allclose(pk.bolus(drug, 10.0)([0.0, HOUR]), [25.0, 25.0 / math.e], rtol=1e-5)


def test_doses_add_up():
    one = pk.bolus(ONE, 10.0)
    both = pk.superposed([one, one.later(HOUR)])
    np.testing.assert_allclose(both([0.0, HOUR, 2 * HOUR]), [25.0, 37.5, 18.75])
    assert both.integral(1e9) == pytest.approx(2 * one.integral(1e9))


def test_two_compartments_and_effect_site_against_scipy():
    solve_ivp = pytest.importorskip("scipy.integrate").solve_ivp
    out, cross = TWO.clearance_l_per_h_per_kg / HOUR, TWO.exchange_l_per_h_per_kg / HOUR
    rate_in, rate_effect, length = math.log(2.0) / 300.0, math.log(2.0) / 120.0, 2400.0
    dose_umol = 1000.0 * 10.0 / TWO.molar_mass_g_per_mol

    def flow(t, y, infused):
        gut, centre, side, site = y
        entering = dose_umol / length * (t < length) if infused else rate_in * gut
        plasma, other = centre / TWO.volume_l_per_kg, side / TWO.peripheral_l_per_kg
        exchange = cross * (plasma - other)
        return [-rate_in * gut, entering - out * plasma - exchange, exchange, rate_effect * (0.6 * plasma - site)]

    times = np.linspace(60.0, 6 * HOUR, 40)
    for infused, plasma in ((False, pk.absorbed(TWO, 10.0, 5.0, 1.0)), (True, pk.infusion(TWO, 10.0, 40.0))):
        begin = [0.0 if infused else dose_umol, 0.0, 0.0, 0.0]
        first = solve_ivp(flow, (0, length), begin, args=(infused,), rtol=1e-11, atol=1e-12, dense_output=True)
        rest = solve_ivp(
            flow, (length, times[-1]), first.y[:, -1], args=(infused,), rtol=1e-11, atol=1e-12, dense_output=True
        )
        y = np.array([(first if t <= length else rest).sol(t) for t in times])
        np.testing.assert_allclose(plasma(times), y[:, 1] / TWO.volume_l_per_kg, atol=1e-8)
        np.testing.assert_allclose(pk.effect_site(plasma, 0.5, 1.2, 2.0)(times), y[:, 3], atol=1e-8)
