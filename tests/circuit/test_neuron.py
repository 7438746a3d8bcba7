"""The neuron's channels against numbers worked out by hand, and its rest against a sum of currents written out here."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.circuit import neuron
from habenula_rl.neurons import HabenulaNeurons

MV = st.floats(-150, 100)


def cell(**changes):
    return SimpleNamespace(**HabenulaNeurons(**changes).values())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (neuron.ramp(0.0, 1.0), 1.0),
        (neuron.ramp(1.0, math.exp(-1.0)), 1.5819767),  # 1 / (1 - 0.3678794)
        (neuron.ramp(-1.0, math.e), 0.5819767),
        (neuron.spike_rates(13.0)[0], 1.28),  # α_m: 0.32·4
        (neuron.spike_rates(40.0)[1], 1.4),  # β_m: 0.28·5
        (neuron.spike_rates(17.0)[2], 0.128),  # α_h
        (neuron.spike_rates(40.0)[3], 2.0),  # β_h: 4/2
        (neuron.spike_rates(15.0)[4], 0.16),  # α_n: 0.032·5
        (neuron.spike_rates(10.0)[5], 0.5),  # β_n
        (neuron.t_activation(-57.2), 0.7310586),  # σ(7.8/7.8)
        (neuron.t_availability(-74.75, -81.0), 0.2689414),  # σ(-6.25/6.25)
        (neuron.t_rate(-81.0, -81.0, 2.0), 1 / 34.07373),  # τ (0.5·e^(81.3/17.8) + 20)/2, e^4.567416 = 96.29494
        (neuron.h_activation(-69.5), 0.2689414),  # σ(-5.5/5.5)
        (neuron.h_rate(-66.4), 1 / 763.0),  # τ 1000/(1 + e^(-15.2/13)) = 1000/1.31061
        (neuron.unblocked(0.0), 0.781182),  # 1/(1 + 1/3.57)
        (neuron.unblocked(-60.0), 0.079626),  # 1/(1 + 41.2644/3.57)
        (neuron.kir_opening(-79.0, -69.0, 10.0), 0.7310586),
        (neuron.sk_opening(1.0), 0.5),
        (neuron.sk_opening(2.0), 16 / 17),
        (neuron.moved(0.25, 0.3, 0.1, 2.0), 0.525336),  # 0.75 - 0.5·e^(-0.8)
        (neuron.settled(1.0, 3.0, 1.0), 2.264241),  # 3 - 2·0.367879
    ],
)
def test_hand_worked(value, expected):
    assert value == pytest.approx(expected, rel=2e-5)


def as_printed(u):
    """α and β of m, h and n in the form of Pospischil et al. 2008, each with exponentials of its own."""
    return (
        -0.32 * (u - 13) / math.expm1(-(u - 13) / 4),
        0.28 * (u - 40) / math.expm1((u - 40) / 5),
        0.128 * math.exp(-(u - 17) / 18),
        4 / (1 + math.exp(-(u - 40) / 5)),
        -0.032 * (u - 15) / math.expm1(-(u - 15) / 5),
        0.5 * math.exp(-(u - 10) / 40),
    )


@given(st.floats(-70, 180).filter(lambda u: min(abs(u - zero) for zero in (13.0, 15.0, 40.0)) > 1e-6))
def test_rates_of_shared_exponentials_are_those_that_are_printed(u):
    assert neuron.spike_rates(u) == pytest.approx(as_printed(u), rel=2e-12)


@given(st.sampled_from([13.0, 15.0, 40.0]), st.floats(-1e-3, 1e-3))
def test_rates_are_smooth_where_their_printed_form_is_0_over_0(zero, beside):
    here, there = neuron.spike_rates(zero), neuron.spike_rates(zero + beside)
    assert there == pytest.approx(here, rel=1e-3, abs=0.0)


@given(MV)
def test_gates_are_shares_and_rates_are_positive(v):
    for share in (neuron.t_activation(v), neuron.t_availability(v, -72.0), neuron.h_activation(v), neuron.unblocked(v)):
        assert 0.0 <= share <= 1.0
    assert min(neuron.spike_rates(v + 50.0)) >= 0.0
    assert 0.0 < neuron.t_rate(v, -72.0, 1.0) <= 0.05 and neuron.h_rate(v) > 0.0


def test_blocked_channels_carry_nothing():
    assert neuron.t_conductance(cell(t_type=0.0), -60.0, 1.0) == 0.0
    assert neuron.nmda_conductance(cell(nmda=0.0), -20.0) == 0.0
    assert neuron.nmda_conductance(cell(nmda=0.5), -20.0) == pytest.approx(0.5 * neuron.nmda_conductance(cell(), -20.0))


def test_steady_current_is_the_sum_of_the_currents():
    c = cell(sodium_conductance=1.0, potassium_conductance=1e-1, t_conductance=0.0, nmda_conductance=0.0)
    y = [0.0] * neuron.STATES
    v = c.kir_half  # half of the rectifier is open; no calcium comes in, so SK is shut
    u = v - c.threshold
    m, h, n = (opening / (opening + closing) for opening, closing in zip(*[iter(as_printed(u))] * 2, strict=True))
    by_hand = (
        m**3 * h * (v - 50.0)
        + (0.1 * n**4 + 0.5 * c.kir_conductance) * (v + 90.0)
        + c.h_conductance * (1 / (1 + math.exp((v + 75.0) / 5.5))) ** 2 * (v + 40.0)
        + c.leak_conductance * (v - c.leak_reversal)
    )
    assert neuron.steady_current(c, y, v) == pytest.approx(by_hand, rel=1e-9)


def test_a_cell_held_where_its_steady_current_is_zero_stays_there():
    c = cell(sodium_conductance=1.0, nmda=0.0)
    y = [0.0] * neuron.STATES
    low, high = -95.0, -40.0
    assert neuron.steady_current(c, y, low) < 0.0 < neuron.steady_current(c, y, high)
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if neuron.steady_current(c, y, middle) < 0.0 else (low, middle)
    rest = low
    neuron.hold(c, y, rest)
    before = list(y)
    neuron.advance(c, y, 0.0, 0.05)
    assert y == pytest.approx(before, abs=1e-9)


def test_injected_current_moves_an_empty_membrane_as_its_time_constant_says():
    off = {f"{name}_conductance": 0.0 for name in ("kir", "nmda", "t", "h", "sk")}
    c = cell(**off, leak_conductance=0.02, leak_reversal=-60.0, sodium_conductance=1.0, potassium_conductance=0.1)
    c.sodium_conductance = c.potassium_conductance = 0.0
    y = [0.0] * neuron.STATES
    neuron.hold(c, y, -60.0)
    for _ in range(1000):
        neuron.advance(c, y, -0.2, 0.05)
    # -0.2 µA/cm² over 0.02 mS/cm² is -10 mV; 50 ms are one time constant
    assert y[neuron.POTENTIAL] == pytest.approx(-60.0 - 10.0 * (1.0 - math.exp(-1.0)), abs=1e-9)


def test_calcium_comes_with_inward_current_only():
    c = cell(calcium_gain=0.01, nmda_calcium=0.5)
    assert neuron.inflow(c, -60.0, 0.1, 0.2) == pytest.approx(0.01 * (0.1 * 180.0 + 0.5 * 0.2 * 60.0))
    assert neuron.inflow(c, 20.0, 0.1, 0.2) == pytest.approx(0.01 * 0.1 * 100.0)


ANY_CELL = st.fixed_dictionaries(
    {name: st.floats(f.metadata["low"], f.metadata["high"]) for name, f in HabenulaNeurons.fields().items()}
)


@settings(max_examples=40, deadline=None)
@given(ANY_CELL, st.floats(-90.0, 120.0), st.floats(0.001, 0.1))
def test_whatever_the_cell_its_potential_stays_between_the_reversals_and_its_gates_are_shares(values, v, dt):
    c = cell(**values)
    y = [0.0] * neuron.STATES
    neuron.hold(c, y, v)
    for _ in range(30):
        neuron.advance(c, y, 0.0, dt)
    assert -90.0 - 1e-9 <= y[neuron.POTENTIAL] <= 120.0 + 1e-9
    assert all(-1e-12 <= gate <= 1.0 + 1e-12 for gate in y[neuron.OPEN : neuron.CALCIUM_INSIDE])
    assert 0.0 <= y[neuron.CALCIUM_INSIDE] < math.inf
