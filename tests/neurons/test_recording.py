"""The integration against scipy's on equations written out again here, and against itself at half the step."""

import math
import re

import numpy as np
import pytest

from habenula_rl.neurons import HabenulaNeurons, Pulse, at_rest, drawn, record, record_cells
from habenula_rl.neurons.recording import until_event

ALIKE = {"conductance_spread": 0.0, "kir_spread": 0.0, "leak_spread_mv": 0.0, "synaptic_rate": 0.0}


def one(**changes):
    return drawn(HabenulaNeurons(**ALIKE, **changes), 1)


def sigma(x):
    return 1.0 / (1.0 + np.exp(-x))


def vtrap(x, k):
    """x / (e^(x/k) - 1)."""
    return k if abs(x) < 1e-7 else x / np.expm1(x / k)


def rates(c, v):
    """(opening, closing) of m, h and n as Pospischil et al. 2008 print them."""
    u = v - c.threshold
    return (
        (0.32 * vtrap(13 - u, 4), 0.28 * vtrap(u - 40, 5)),
        (0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5))),
        (0.032 * vtrap(15 - u, 5), 0.5 * np.exp((10 - u) / 40)),
    )


def slope(t, y, c, pulse):
    """dy/dt in continuous time, independent of circuit/neuron.py."""
    v, m, h, n, available, sag, calcium = y
    (am, bm), (ah, bh), (an, bn) = rates(c, v)
    t_inf = 1 / (1 + np.exp((v - c.t_half) / 6.25))
    t_tau = (t_inf * np.exp((v - c.t_half + 81.3) / 17.8) + 20) / c.t_speed
    h_inf, h_tau = 1 / (1 + np.exp((v + 75) / 5.5)), 1000 / (np.exp((v + 66.4) / 9.3) + np.exp(-(v + 81.6) / 13))
    i_t = c.t_conductance * c.t_type * sigma((v + 65) / 7.8) ** 3 * available * (v - 120)
    i_n = c.nmda_conductance * c.nmda * v / (1 + np.exp(-0.062 * v) / 3.57)
    i_kir = c.kir_conductance * c.kir41 * sigma((c.kir_half - v) / c.kir_slope) * (v + 90)
    i_sk = c.sk_conductance * calcium**4 / (1 + calcium**4) * (v + 90)
    i_spike = c.sodium_conductance * m**3 * h * (v - 50) + c.potassium_conductance * n**4 * (v + 90)
    i_h, i_leak = c.h_conductance * sag**2 * (v + 40), c.leak_conductance * (v - c.leak_reversal)
    injected = pulse.pa / c.capacitance_pf if 1000 * pulse.start_s <= t < 1000 * pulse.end_s else 0.0
    entering = c.calcium_gain * (-i_t + c.nmda_calcium * max(-i_n, 0.0))
    return [
        injected - (i_t + i_n + i_kir + i_sk + i_spike + i_h + i_leak),
        am * (1 - m) - bm * m,
        ah * (1 - h) - bh * h,
        an * (1 - n) - bn * n,
        (t_inf - available) / t_tau,
        (h_inf - sag) / h_tau,
        entering - calcium / c.calcium_decay,
    ]


def solved(c, seconds, pulse):
    """Times (ms) and potentials by scipy, from the state held long at -60 mV, restarted at the pulse's edges."""
    integrate = pytest.importorskip("scipy.integrate")
    v = -60.0
    gates = [a / (a + b) for a, b in rates(c, v)]
    t_inf = 1 / (1 + np.exp((v - c.t_half) / 6.25))
    enter = c.calcium_gain * (
        c.t_conductance * c.t_type * sigma((v + 65) / 7.8) ** 3 * t_inf * (120 - v)
        + c.nmda_calcium * c.nmda_conductance * c.nmda * -v / (1 + np.exp(-0.062 * v) / 3.57)
    )
    y = [v, *gates, t_inf, 1 / (1 + np.exp((v + 75) / 5.5)), enter * c.calcium_decay]
    times, potentials = [], []
    edges = sorted({0.0, *(e for e in (1000 * pulse.start_s, 1000 * pulse.end_s) if 0 < e < 1000 * seconds)})
    for start, end in zip(edges, [*edges[1:], 1000 * seconds], strict=True):
        grid = np.arange(start, end, 0.1)
        how = {"method": "LSODA", "rtol": 1e-8, "atol": 1e-9, "max_step": 1.0}
        solution = integrate.solve_ivp(slope, (start, end), y, t_eval=[*grid, end], args=(c, pulse), **how)
        times.append(solution.t[:-1])
        potentials.append(solution.y[0, :-1])
        y = solution.y[:, -1]
    return np.concatenate(times), np.concatenate(potentials)


def crossings(t, v, level=-10.0):
    up = np.flatnonzero((v[:-1] < level) & (v[1:] >= level))
    return t[up] + (level - v[up]) / (v[up + 1] - v[up]) * (t[up + 1] - t[up])


def test_without_spikes_the_potential_is_scipys():
    cells, pulse = one(sodium_conductance=0.0, t_type=0.5), Pulse(pa=-30.0, start_s=0.05, end_s=0.15)
    t, v = solved(cells[0], 0.3, pulse)
    assert v.max() < -30.0 and np.ptp(v) > 10.0
    off = []
    for dt in (0.05, 0.025):
        r = record_cells(cells, 0.3, settle_s=0.0, dt_ms=dt, pulse=pulse, sample_ms=0.1)
        ours = np.interp(t, dt + np.arange(r.potential.shape[1]) * r.sample_ms, r.potential[0])
        off.append(np.abs(ours - v)[5:].max())
    assert off[0] < 0.2
    assert off[1] < 0.6 * off[0]  # first order


def test_spikes_come_when_scipys_come():
    cells, pulse = one(), Pulse(pa=60.0, start_s=0.02, end_s=0.3)
    t, v = solved(cells[0], 0.3, pulse)
    expected = crossings(t, v)
    assert expected.size >= 5
    off = []
    for dt in (0.02, 0.01):
        ours = 1000.0 * record_cells(cells, 0.3, settle_s=0.0, dt_ms=dt, pulse=pulse).time
        assert ours.size == expected.size
        off.append(np.abs(ours - expected).max())
    assert off[0] < 1.0
    assert off[1] < 0.65 * off[0]


def test_the_same_numbers_from_any_number_of_threads():
    one_thread, three = (record(HabenulaNeurons(), 40, 0.3, settle_s=0.1, threads=n, sample_ms=1.0) for n in (1, 3))
    assert one_thread.time.size > 0
    for name in ("cell", "time", "below_spikes", "potential"):
        assert np.array_equal(getattr(one_thread, name), getattr(three, name)), name


def test_a_cell_does_the_same_alone_as_among_others():
    cells = drawn(HabenulaNeurons(), 20, 2)
    among, alone = record_cells(cells, 0.4, settle_s=0.1), record_cells(cells[18:19], 0.4, settle_s=0.1)
    assert alone.time.size > 0
    assert np.array_equal(among.time[among.cell == 18], alone.time)


def wait(cell, n):
    with np.errstate(over="ignore"):  # whole numbers of 64 bits are meant to wrap around
        return until_event(cell, n)


def test_synaptic_events_are_a_poisson_process_of_their_rate():
    cells = drawn(HabenulaNeurons(synaptic_rate=50.0), 200, 4)
    waits = np.array([[wait(cell, n) for n in range(40)] for cell in cells])  # ms
    assert waits.mean() == pytest.approx(20.0, rel=0.03) and waits.std() == pytest.approx(20.0, rel=0.04)
    assert abs(np.corrcoef(waits[:, 0], waits[:, 1])[0, 1]) < 0.2
    assert wait(one()[0], 3) == math.inf


def test_an_event_moves_an_empty_membrane_by_its_charge():
    """By hand: g·τ·55 mV = 0.005·3·55 µA/cm²·ms are 0.825 mV on 1 µF/cm², before leak takes any."""
    off = {f"{name}_conductance": 0.0 for name in ("kir", "nmda", "t", "h", "sk", "sodium")}
    quiet = one(**off, leak_conductance=0.001, leak_reversal=-55.0, potassium_conductance=0.1)
    loud = quiet.copy()
    loud["synaptic_rate"] = 2.0
    for key in range(100):
        loud["key"] = key
        if 50.0 < wait(loud[0], 0) < 200.0 < wait(loud[0], 1):  # one event alone, early
            break
    seconds = wait(loud[0], 0) / 1000.0 + 0.03
    v = record_cells(loud, seconds, settle_s=0.0, sample_ms=0.1, dt_ms=0.02)
    still = record_cells(quiet, seconds, settle_s=0.0, sample_ms=0.1, dt_ms=0.02)
    rise = (v.potential - still.potential)[0].max()
    assert rise == pytest.approx(0.825, rel=0.06)


def test_synapses_make_a_tonic_cell_irregular_and_every_block_meets_the_same_events():
    tonic = dict.fromkeys(("conductance_spread", "kir_spread", "leak_spread_mv"), 0.0) | {"t_type": 0.0}
    spread = []
    for rate in (0.0, 200.0):
        time = record(HabenulaNeurons(**tonic, synaptic_rate=rate), 1, 3.0, seed=1).time
        spread.append(np.std(np.diff(time)) / np.mean(np.diff(time)))
    assert spread[0] < 0.01 < 5 * spread[0] + 0.02 < spread[1]
    keys = [drawn(HabenulaNeurons(nmda=m, kir41=k), 5, 3).key for m, k in ((1.0, 1.0), (0.0, 3.0))]
    assert np.array_equal(*keys) and len(set(keys[0].tolist())) == 5


def test_a_cell_is_the_same_in_any_population_and_under_any_block():
    few, many = drawn(HabenulaNeurons(nmda=0.0), 3, 7), drawn(HabenulaNeurons(), 50, 7)
    assert np.array_equal(few.kir_conductance, many.kir_conductance[:3])
    assert not np.array_equal(many.kir_conductance, drawn(HabenulaNeurons(), 50, 8).kir_conductance)


def test_cells_spread_as_the_parameters_say():
    p = HabenulaNeurons(kir_spread=0.4, conductance_spread=0.2, leak_spread_mv=2.0)
    cells = drawn(p, 4000, 1)
    assert np.std(np.log(cells.kir_conductance)) == pytest.approx(0.4, rel=0.05)
    assert np.median(cells.kir_conductance) == pytest.approx(p.kir_conductance, rel=0.03)
    for name in ("t_conductance", "nmda_conductance", "leak_conductance"):
        assert np.std(np.log(cells[name])) == pytest.approx(0.2, rel=0.05)
    assert np.std(cells.leak_reversal) == pytest.approx(2.0, rel=0.05)
    assert abs(np.corrcoef(cells.leak_reversal, np.log(cells.kir_conductance))[0, 1]) < 0.06
    assert np.ptp(cells.threshold) == 0.0


def test_at_rest_no_current_flows_and_resistance_is_that_of_the_leak_where_there_is_nothing_else():
    off = {f"{name}_conductance": 0.0 for name in ("kir", "nmda", "t", "h", "sk")}
    p = HabenulaNeurons(**ALIKE, **off, leak_conductance=0.02, leak_reversal=-70.0, capacitance_pf=100.0)
    rest = at_rest(p, 1).iloc[0]
    assert rest.rest_mv == pytest.approx(-70.0, abs=0.01)
    assert rest.resistance_mohm == pytest.approx(500.0, rel=1e-3)  # 0.02 mS/cm² on 1e-4 cm² are 2 nS
    assert rest.time_constant_ms == pytest.approx(50.0, rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seconds": -1.0}, "seconds must be between 0.001 and 3600, not -1.0"),
        ({"dt_ms": 1.0}, "dt_ms must be between"),
        ({"n_neurons": 0}, "n_neurons must be a whole number, 1 or more, not 0"),
        ({"threads": 0}, "threads must be"),
        ({"settle_s": -1.0}, "settle_s must be"),
        ({"sample_ms": 0.0}, "sample_ms must be"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_numbers_without_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        record(HabenulaNeurons(), **({"n_neurons": 1, "seconds": 0.01} | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_neurons": "x"}, "n_neurons must be a whole number, 1 or more, not 'x'"),
        ({"n_neurons": 2.5}, "n_neurons must be a whole number, 1 or more, not 2.5"),
        ({"n_neurons": math.inf}, "n_neurons must be a whole number, 1 or more, not inf"),
        ({"n_neurons": None}, "n_neurons must be a whole number, 1 or more, not None"),
        ({"threads": "2"}, "threads must be a whole number, 1 or more, not '2'"),
        ({"seconds": "1"}, "seconds must be between 0.001 and 3600, not '1'"),
        ({"dt_ms": None}, "dt_ms must be between 0.0001 and 0.1, not None"),
        ({"pulse": 5}, "pulse must be a Pulse, such as Pulse(pa=50, start_s=0.2, end_s=0.7), not 5"),
        ({"neurons": 5}, "neurons must be HabenulaNeurons, such as HabenulaNeurons(kir41=1.7), not 5"),
        (
            {"pulse": Pulse(50, 5, 9)},
            "pulse from 5 to 9 s lies outside the recording, which goes from -1 (settle_s) to 0.01 s (seconds)",
        ),
        (
            {"pulse": Pulse(50, -3, -2)},
            "pulse from -3 to -2 s lies outside the recording, which goes from -1 (settle_s) to 0.01 s (seconds)",
        ),
    ],
)
def test_what_is_no_number_or_no_pulse_is_refused_in_one_sentence(changes, message):
    given = {"neurons": HabenulaNeurons(), "n_neurons": 1, "seconds": 0.01} | changes
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        record(given.pop("neurons"), **given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((50, 2, 2), "Pulse: end_s must be above start_s, 2, not 2"),
        ((50,), "Pulse: end_s must be above start_s, 0.0, not 0.0"),
        (("x", 0, 1), "Pulse: pa must be a finite number, not 'x'"),
        ((50, 0, math.inf), "Pulse: end_s must be a finite number, not inf"),
        ((50, math.nan, 1), "Pulse: start_s must be a finite number, not nan"),
    ],
)
def test_a_pulse_that_is_none_is_refused(given, message):
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        Pulse(*given)


def test_a_pulse_may_begin_before_the_recording_and_outlast_it():
    kept = [
        record_cells(one(), 0.02, settle_s=0.1, pulse=Pulse(50, *times), sample_ms=1.0).potential
        for times in ((-9, 9), (-0.1, 0.02), (-0.1, 0.01))
    ]
    assert np.array_equal(kept[0], kept[1])
    assert not np.array_equal(kept[0], kept[2])
    assert Pulse() == Pulse(0.0, 0.0, 0.0)
