"""Ligands in balance, what blockers leave of a signal, and synapses: by hand, and against SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from habenula_rl.pharmacology import accounts


def test_a_ligand_by_hand():
    """6 mg/kg where 2 hold half: x is 3, after two half-lives 3/4; x / (1 + x) of the receptors are held."""
    assert accounts.relative(6.0, 2.0, 0.0, 5.0) == 3.0
    assert accounts.relative(6.0, 2.0, 10.0, 5.0) == pytest.approx(0.75)
    assert accounts.relative(6.0, 2.0, -1.0, 5.0) == 0.0
    assert accounts.held(3.0) == 0.75
    assert accounts.agonism(3.0, 0.0) == 0.75
    assert accounts.agonism(3.0, 8.0) == 0.25


def test_what_a_blocker_leaves_by_hand():
    """Steady at x = 3 it leaves a quarter; falling as the signal does, ∫ 1 / (1 + x·u) du = ln(1 + x) / x."""
    assert accounts.remains(1.0, []) == 1.0
    assert accounts.remains(1.0, [(3.0, 1e9, 0.0)]) == pytest.approx(0.25)
    assert accounts.remains(2.0, [(3.0, 2.0, 0.0)]) == pytest.approx(math.log(4.0) / 3.0, abs=1e-6)
    assert accounts.remains(2.0, [(6.0, 2.0, 2.0)]) == pytest.approx(math.log(4.0) / 3.0, abs=1e-6)
    half = accounts.remains(1.0, [(1e9, 1e9, -1.0)])  # from the signal's half-life on nothing is left
    assert half == pytest.approx(0.5, abs=1e-3)


hours = st.floats(0.1, 50.0)


@given(signal=hours, blocker=hours, x=st.floats(0.0, 100.0), lead=st.floats(-5.0, 5.0))
def test_what_a_blocker_leaves_is_the_integral(signal, blocker, x, lead):
    def left(u):
        t = -signal * math.log2(u) + lead
        return 1.0 / (1.0 + (x * 0.5 ** (t / blocker) if t >= 0.0 else 0.0))

    edge = 0.5 ** (-lead / signal) if lead < 0.0 else None
    exact = quad(left, 0.0, 1.0, points=[edge] if edge and 0.0 < edge < 1.0 else None, limit=500)[0]
    assert accounts.remains(signal, [(x, blocker, lead)]) == pytest.approx(exact, abs=1e-3)


def test_two_blockers_leave_less_than_either():
    one, other = (5.0, 1.0, 0.5), (2.0, 10.0, 0.5)
    both = accounts.remains(1.0, [one, other])
    assert both < min(accounts.remains(1.0, [one]), accounts.remains(1.0, [other]))


def test_synapses_come_and_go():
    """Their number is at its highest at rise·ln(1 + fall / rise)."""
    assert accounts.synapses(0.0, 2.0, 120.0) == 0.0
    peak = minimize_scalar(lambda t: -accounts.synapses(t, 2.0, 120.0), bounds=(0.0, 100.0), method="bounded").x
    assert peak == pytest.approx(2.0 * math.log(61.0), rel=1e-3)
    assert accounts.synapses(1e9, 2.0, 120.0) == 0.0
    assert np.isclose(accounts.synapses(240.0, 1e-6, 120.0), math.exp(-2.0))
