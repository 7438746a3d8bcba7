"""Concentrations in time against sums done by hand, mass balance, and the differential equations solved by SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl.circuit import pharmacokinetics as pk

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


@given(st.floats(0.1, 5.0), st.floats(0.05, 5.0), st.floats(0.1, 5.0), st.floats(0.01, 5.0), st.floats(1.0, 600.0))
def test_mass_balance(volume, clearance, peripheral, exchange, minutes):
    """All that got in is cleared: clearance · ∫C dt = dose, by whatever way."""
    drug = pk.Disposition(200.0, volume, clearance, peripheral, exchange)
    dose_umol_s = 50.0 * HOUR / clearance
    courses = (pk.bolus(drug, 10.0), pk.infusion(drug, 10.0, minutes), pk.absorbed(drug, 20.0, minutes, 0.5))
    for course in courses:
        assert course.integral(1e10) == pytest.approx(dose_umol_s, rel=1e-5)


def test_equal_rates_do_not_divide_by_zero():
    """t·k·exp(-kt) where absorption is as fast as what leaves: 25·ln 2·½ after one half-life."""
    assert pk.absorbed(ONE, 10.0, 60.0, 1.0)(HOUR) == pytest.approx(25.0 * math.log(2.0) / 2, rel=1e-5)


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
