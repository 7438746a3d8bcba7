"""Occupancy against hand-worked limits and the differential equation solved by SciPy."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl import neurons
from habenula_rl.circuit import habenula
from habenula_rl.pharmacology import drugs, occupancy
from habenula_rl.pharmacology import kinetics as pk

KETAMINE = occupancy.Blocker(0.15, 0.22)
STEADY = pk.Course(np.array([3.0]), np.zeros(1), np.zeros(1))
GONE = pk.Course(np.zeros(1), np.zeros(1), np.zeros(1))
DAY = 86400.0
DRUG = pk.Disposition(237.73, 3.0, 3.0 * 60 * math.log(2.0) / 13)


@given(st.floats(1e-4, 1.0), st.floats(0.0, 1.0))
def test_detailed_balance(opening, before):
    """Held long enough, 3 µM holds 3/(3 + K_d) of the receptors, whatever the activity and the beginning."""
    long = 60.0 / (opening * 0.67)
    found = occupancy.occupancy(before, opening, STEADY, KETAMINE, 0.0, long)
    assert found[0] == pytest.approx(3.0 / (3.0 + 0.22 / 0.15), abs=1e-9)


def test_trapped_drug_leaves_with_a_half_life_of_a_day_at_the_quiet_opening():
    """ln 2/(0.22·3.6e-5) = 87,519 s; in a closed channel it stays for ever."""
    opening = np.array([3.6e-5, 0.0])
    found = occupancy.occupancy([0.8, 0.8], opening, GONE, KETAMINE, 0.0, 87519.0)
    np.testing.assert_allclose(found, [0.4, 0.8], rtol=1e-4)


def test_ketamine_leaves_with_a_half_life_of_a_day():
    """ln 2/(0.145·5.53e-5) = 86,443 s."""
    found = occupancy.occupancy(0.8, occupancy.QUIET, GONE, drugs.KETAMINE.blocker, 0.0, 86443.0)
    np.testing.assert_allclose(found, 0.4, rtol=1e-4)


def test_magnesium_competes_by_hand():
    """It lets in a seventh: (0.145/0.204)/0.14 = 5.08 µM hold half in the end; it leaves as fast as ever."""
    beside = occupancy.Blocker(0.204, 0.145, magnesium_free=0.14)
    assert beside.affinity_um == pytest.approx(5.077, abs=1e-3)
    long = occupancy.occupancy(0.0, 0.5, pk.Course(np.array([5.077]), np.zeros(1), np.zeros(1)), beside, 0.0, 1e4)
    assert long[0] == pytest.approx(0.5, abs=1e-3)
    left = occupancy.occupancy(0.8, 0.01, GONE, beside, 0.0, 100.0)
    assert left[0] == pytest.approx(0.8 * math.exp(-0.145), rel=1e-9)
    soon = occupancy.occupancy(0.0, 0.01, STEADY, beside, 0.0, 1.0)
    assert soon[0] == pytest.approx(3.0 * 0.14 * 0.204 * 0.01, rel=2e-3)


def test_magnesium_leaves_what_it_leaves_in_the_neurons_bursts():
    """Jahr & Stevens' gate, written out again, over the potentials of bursting cells while a burst lasts."""
    recording = neurons.record(neurons.HabenulaNeurons(kir41=1.7), 256, 2.0, sample_ms=0.5)
    bursting = np.flatnonzero(neurons.kinds(recording)["kind"] == "bursting")
    of_bursts = neurons.bursts(recording.cell, recording.time, last_s=0.05)
    free = []
    for burst in of_bursts[of_bursts["cell"].isin(bursting)].itertuples():
        first, last = (round(2000.0 * t) for t in (burst.start, burst.start + burst.duration))
        free += list(1.0 / (1.0 + np.exp(-0.062 * recording.potential[burst.cell, first : last + 1]) / 3.57))
    assert np.mean(free) == pytest.approx(occupancy.MAGNESIUM_FREE, abs=0.01)


def test_what_is_untrapped_follows_the_concentration():
    """By hand: 0.8 of .5 trapped and 0.2 of 3/(3 + 12); without drug a fifth of the block is gone at once."""
    loose = occupancy.Blocker(0.1, 1.2, untrapped=0.2)
    assert loose.held(0.5, 3.0) == pytest.approx(0.44)
    assert loose.held(0.5, 0.0) == pytest.approx(0.4)
    assert occupancy.Blocker(0.1, 1.2).held(0.5, 3.0) == 0.5


def test_constant_concentration_by_hand():
    """1 - exp(-(k_on·C + k_off)·P·t) of the equilibrium: (0.45 + 0.22)·0.01·100 = 0.67."""
    expected = 0.45 / 0.67 * -math.expm1(-0.67)
    assert occupancy.occupancy(0.0, 0.01, STEADY, KETAMINE, 0.0, 100.0)[0] == pytest.approx(expected, abs=1e-12)


def test_a_competitive_drug_is_not_trapped():
    """Its balance does not ask whether channels open."""
    free = occupancy.Blocker(10.0, 15.0, trapped=False)
    np.testing.assert_allclose(occupancy.occupancy([0.0, 1.0], [0.0, 1.0], STEADY, free, 0.0, 60.0), 3 / 4.5)
    np.testing.assert_allclose(occupancy.occupancy(0.9, 0.0, GONE, free, 0.0, 60.0), 0.0, atol=1e-12)


@given(st.floats(0.0, 1.0), st.floats(0.01, 0.99), st.floats(1e-6, 0.01))
def test_pieces_make_up_the_whole(before, cut, opening):
    course, end = pk.bolus(DRUG, 10.0), 2.0 * 3600.0
    middle = occupancy.occupancy(before, opening, course, KETAMINE, 0.0, cut * end)
    whole = occupancy.occupancy(before, opening, course, KETAMINE, 0.0, end)
    np.testing.assert_allclose(occupancy.occupancy(middle, opening, course, KETAMINE, cut * end, end), whole, atol=1e-9)
    assert 0.0 <= whole[0] <= 1.0


@pytest.mark.parametrize("seed", range(3))
def test_thirty_days_of_random_doses_and_activities_against_scipy(seed):
    solve_ivp = pytest.importorskip("scipy.integrate").solve_ivp
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0.0, 30 * DAY, 5))
    doses = [pk.absorbed(DRUG, d, 3.0, 0.6).later(t) for d, t in zip(rng.uniform(1, 30, 5), times, strict=True)]
    course = pk.superposed([pk.effect_site(dose, 0.6, 1.0, 1.5) for dose in doses])
    edges = np.sort(np.concatenate([[0.0, 30 * DAY], times, rng.uniform(0.0, 30 * DAY, 4)]))
    openings = 10.0 ** rng.uniform(-6.0, -2.0, (edges.size - 1, 3))
    exact, solved = np.zeros(3), np.zeros(3)

    def flow(t, y, opening):
        return opening * (0.15 * course(t) * (1.0 - y) - 0.22 * y)

    for opening, begin, end in zip(openings, edges[:-1], edges[1:], strict=True):
        exact = occupancy.occupancy(exact, opening, course, KETAMINE, begin, end)
        stops = np.unique(np.clip([begin, begin + 600, begin + 7200, end], begin, end))
        for span in itertools.pairwise(stops):  # shorter steps where a dose has just been given
            found = solve_ivp(flow, span, solved, args=(opening,), method="LSODA", rtol=1e-11, atol=1e-13)
            solved = found.y[:, -1]
        np.testing.assert_allclose(exact, solved, atol=1e-8)


def mouse(dose, h):
    """Occupancy 40 minutes and a day after an i.p. dose, at rest."""
    course = pk.effect_site(pk.absorbed(DRUG, dose, 3.0, 0.6), 0.6, 1.0, 1.5)
    bursts = np.array([habenula.burst_share(0.0, x, 1.0, 1.876, 0.725, 1.0) for x in h])
    entering, leaving = occupancy.open_probability(bursts), occupancy.open_probability(np.zeros(len(h)))
    times = (40 * 60.0, DAY)
    none, drug = np.zeros(len(h)), drugs.KETAMINE.blocker
    return [occupancy.trapped(none, entering, leaving, course, drug, 0.0, t) for t in times]


def test_selectivity_comes_out_of_activity():
    """10 mg/kg i.p. in a mouse: a helpless habenula binds most, a healthy one little, a silent one next to nothing."""
    soon, day = mouse(10.0, (1.67, 1.0, 0.0, -9.0))
    assert (np.diff(soon) < 0).all()
    assert soon[2] < 0.05 < 4 * soon[2] < soon[1]
    np.testing.assert_allclose((day / soon)[:2], 0.5 ** (1400 / 1440.7), rtol=0.02)  # a little still enters


def test_finer_breaks_change_little(monkeypatch):
    found = mouse(10.0, (1.67, 1.0, 0.0))
    monkeypatch.setattr(occupancy, "BREAKS", 800)
    occupancy.stretches_of.cache_clear()
    np.testing.assert_allclose(mouse(10.0, (1.67, 1.0, 0.0)), found, atol=5e-4)
    occupancy.stretches_of.cache_clear()


def test_trapping_keeps_the_balance():
    """A concentration held for long brings C/(C + K_d), though drug enters and leaves through different neurons."""
    found = occupancy.trapped(np.array([0.0, 1.0]), np.full(2, 0.01), np.full(2, 0.001), STEADY, KETAMINE, 0.0, 2e5)
    np.testing.assert_allclose(found, 3.0 / (3.0 + 0.22 / 0.15), atol=1e-9)


def test_the_tables_over_p_are_what_they_stand_for():
    """Where the drug only gets in, against the exact update."""
    course = pk.effect_site(pk.absorbed(DRUG, 10.0, 3.0, 0.6), 0.6, 1.0, 1.5)
    entering = np.geomspace(1e-9, 0.1, 301)
    found = occupancy.trapped(np.full(301, 0.1), entering, entering, course, KETAMINE, 0.0, 7200.0)
    exact = occupancy.occupancy(np.full(301, 0.1), entering, course, KETAMINE, 0.0, 7200.0)
    np.testing.assert_allclose(found, exact, atol=2e-6)


def test_a_subject_is_the_same_in_any_company():
    course = pk.effect_site(pk.absorbed(DRUG, 10.0, 3.0, 0.6), 0.6, 1.0, 1.5)
    speed = np.geomspace(1e-5, 0.05, 77)
    many = occupancy.trapped(np.full(77, 0.1), speed, speed / 2, course, KETAMINE, 0.0, 7200.0)
    few = occupancy.trapped(np.full(3, 0.1), speed[70:73], speed[70:73] / 2, course, KETAMINE, 0.0, 7200.0)
    assert (many[70:73] == few).all()
