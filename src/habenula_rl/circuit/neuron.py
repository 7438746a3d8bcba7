"""One lateral habenula neuron: its channels, one equation each, and how they move its membrane potential.

A single compartment. Potentials in mV, time in ms, conductances in mS/cm², currents in µA/cm² (outward positive),
capacitance 1 µF/cm²; calcium in units of the concentration that opens half of the SK channels. `c` holds a cell's
constants (`neurons.HabenulaNeurons`), `y` its state: potential, the gates, calcium, and the conductance of synapses.
"""

from typing import Any

import numpy as np

from .nonlinearity import logistic, positive

SODIUM, POTASSIUM, CALCIUM, CATION, GLUTAMATE = 50.0, -90.0, 120.0, -40.0, 0.0  # reversal potentials, mV
MAGNESIUM = 1.0  # mM, outside
SYNAPSE_DECAY = 3.0  # ms, of AMPA receptors (set; 2.7 in Destexhe et al. 2001, doi 10.1016/S0306-4522(01)00344-X)
POTENTIAL, OPEN, AVAILABLE, RECTIFIER, T_AVAILABLE, H_OPEN, CALCIUM_INSIDE, SYNAPSES = range(8)
STATES = 8


def ramp(x: float, e: float) -> float:
    """x / (1 - e), e = e^(-x), the form of Hodgkin and Huxley's linear rates; its series near 0, where both vanish."""
    series = 1.0 + x * (0.5 + x * (0.08333333333333333 - x * x * 0.001388888888888889))
    return series if abs(x) < 0.01 else x / (1.0 - e)


def spike_rates(u: float) -> tuple[float, float, float, float, float, float]:
    """α and β (1/ms) of m, h and n, u mV from V_T (Traub & Miles 1991; Pospischil et al. 2008).

    α_m = -.32(u - 13)/(e^(-(u - 13)/4) - 1)   β_m = .28(u - 40)/(e^((u - 40)/5) - 1)
    α_h = .128·e^(-(u - 17)/18)                β_h = 4/(1 + e^(-(u - 40)/5))
    α_n = -.032(u - 15)/(e^(-(u - 15)/5) - 1)  β_n = .5·e^(-(u - 10)/40)
    (doi 10.1007/s00422-008-0263-8.) All but α_h are made of one exponential, e^(-u/40), and its powers, because
    exponentials are what a step spends most of its time on; divisions come next, so divisors stand as reciprocals.
    """
    fortieth = np.exp(u * -0.025)
    twentieth = fortieth * fortieth
    tenth = twentieth * twentieth
    fifth = tenth * tenth
    late = 2980.9579870417283 * fifth  # e^8·e^(-u/5) = e^(-(u - 40)/5)
    from_40 = 0.2 * (u - 40.0)
    return (
        1.28 * ramp(0.25 * (u - 13.0), 25.790339917193062 * (fifth * twentieth)),  # e^(13/4)
        1.4 * ramp(from_40, late) * late,
        0.128 * np.exp((u - 17.0) * -0.05555555555555555),
        4.0 / (1.0 + late),
        0.16 * ramp(0.2 * (u - 15.0), 20.085536923187668 * fifth),  # e³
        0.6420127083438707 * fortieth,  # .5·e^(1/4)
    )


def t_activation(v: float) -> float:
    """s∞ = σ((V + 65)/7.8) of the T-type channel, at once (Wang 1994, doi 10.1016/0306-4522(94)90474-X)."""
    return logistic((v + 65.0) * 0.12820512820512822)


def t_availability(v: float, half: float) -> float:
    """h∞ = σ(-(V - half)/6.25) of the T-type channel (Wang 1994, with half -81 mV)."""
    return logistic((v - half) * -0.16)


def t_rate(v: float, half: float, speed: float) -> float:
    """1/τ_h, τ_h = (h∞·e^((V - half + 81.3)/17.8) + 20) / speed ms (Wang 1994, moved with half; speed 2 there)."""
    return speed / (t_availability(v, half) * np.exp((v - half + 81.3) * 0.056179775280898875) + 20.0)  # type: ignore[no-any-return]


def h_activation(v: float) -> float:
    """H∞ = σ(-(V + 75)/5.5) of the h-current (Huguenard & McCormick 1992, doi 10.1152/jn.1992.68.4.1373)."""
    return logistic((v + 75.0) * -0.18181818181818182)


def h_rate(v: float) -> float:
    """1/τ_H = (e^((V + 66.4)/9.3) + e^(-(V + 81.6)/13)) / 1000, 1/ms (Wang 1994)."""
    return 0.001 * (np.exp((v + 66.4) * 0.1075268817204301) + np.exp((v + 81.6) * -0.07692307692307693))  # type: ignore[no-any-return]


def unblocked(v: float) -> float:
    """Fraction of NMDA receptors free of magnesium (Jahr & Stevens 1990, doi 10.1523/JNEUROSCI.10-09-03178.1990)."""
    return 1.0 / (1.0 + np.exp(-0.062 * v) * 0.2801120448179272)  # type: ignore[no-any-return]


def kir_opening(v: float, half: float, slope: float) -> float:
    """k∞ = σ(-(V - half)/slope): the inward rectifier, open where the cell is hyperpolarised, at once."""
    return logistic(-(v - half) / slope)


def sk_opening(calcium: float) -> float:
    """Ca⁴ / (1 + Ca⁴): SK channels, at once; the power is set (Hirschberg et al. 1998, doi 10.1085/jgp.111.4.565)."""
    fourth = calcium * calcium * calcium * calcium
    return fourth / (1.0 + fourth)


def moved(gate: float, opening: float, closing: float, dt: float) -> float:
    """A gate dt later, exact for these rates (Rush & Larsen 1978, doi 10.1109/TBME.1978.326270)."""
    total = opening + closing
    return settled(gate, opening / total, total * dt)


def settled(value: float, target: float, passed: float) -> float:
    """What decays towards a target, `passed` time constants later."""
    return target + (value - target) * np.exp(-passed)  # type: ignore[no-any-return]


def t_conductance(c: Any, v: float, available: float) -> float:
    """g_T·s∞³·h of those T-type channels that are not blocked."""
    s = t_activation(v)
    return c.t_type * c.t_conductance * s * s * s * available  # type: ignore[no-any-return]


def nmda_conductance(c: Any, v: float) -> float:
    """g_N·B(V) of those NMDA receptors that no drug blocks."""
    return c.nmda * c.nmda_conductance * unblocked(v)  # type: ignore[no-any-return]


def inflow(c: Any, v: float, t_open: float, nmda_open: float) -> float:
    """Calcium's rise (1/ms) by the T-type current and by its part in the NMDA current."""
    return c.calcium_gain * (t_open * (CALCIUM - v) + c.nmda_calcium * nmda_open * positive(GLUTAMATE - v))  # type: ignore[no-any-return]


def pull(c: Any, y: Any, t_open: float, nmda_open: float, injected: float) -> tuple[float, float]:
    """Σg and Σg·E + injected, of all channels at this state."""
    v, m, n, h = y[POTENTIAL], y[OPEN], y[RECTIFIER], y[H_OPEN]
    sodium = c.sodium_conductance * m * m * m * y[AVAILABLE]
    kir = c.kir41 * c.kir_conductance * kir_opening(v, c.kir_half, c.kir_slope)
    potassium = c.potassium_conductance * n * n * n * n + c.sk_conductance * sk_opening(y[CALCIUM_INSIDE]) + kir
    cation = c.h_conductance * h * h
    glutamate = nmda_open + y[SYNAPSES]
    total = sodium + potassium + t_open + cation + glutamate + c.leak_conductance
    towards = sodium * SODIUM + potassium * POTASSIUM + t_open * CALCIUM + cation * CATION + glutamate * GLUTAMATE
    return total, towards + c.leak_conductance * c.leak_reversal + injected


def advance(c: Any, y: Any, injected: float, dt: float) -> None:
    """The state dt later: gates by Rush and Larsen, the potential by exponential Euler (first order in dt)."""
    v = y[POTENTIAL]
    alpha_m, beta_m, alpha_h, beta_h, alpha_n, beta_n = spike_rates(v - c.threshold)
    y[OPEN] = moved(y[OPEN], alpha_m, beta_m, dt)
    y[AVAILABLE] = moved(y[AVAILABLE], alpha_h, beta_h, dt)
    y[RECTIFIER] = moved(y[RECTIFIER], alpha_n, beta_n, dt)
    y[T_AVAILABLE] = settled(y[T_AVAILABLE], t_availability(v, c.t_half), dt * t_rate(v, c.t_half, c.t_speed))
    y[H_OPEN] = settled(y[H_OPEN], h_activation(v), dt * h_rate(v))
    t_open, nmda_open = t_conductance(c, v, y[T_AVAILABLE]), nmda_conductance(c, v)
    calcium = inflow(c, v, t_open, nmda_open) * c.calcium_decay
    y[CALCIUM_INSIDE] = settled(y[CALCIUM_INSIDE], calcium, dt / c.calcium_decay)
    y[SYNAPSES] = settled(y[SYNAPSES], 0.0, dt / SYNAPSE_DECAY)
    total, towards = pull(c, y, t_open, nmda_open, injected)
    y[POTENTIAL] = settled(v, towards / total, total * dt)


def hold(c: Any, y: Any, v: float) -> None:
    """The state of a cell that has long been held at v, its synapses silent."""
    alpha_m, beta_m, alpha_h, beta_h, alpha_n, beta_n = spike_rates(v - c.threshold)
    y[POTENTIAL] = v
    y[OPEN] = alpha_m / (alpha_m + beta_m)
    y[AVAILABLE] = alpha_h / (alpha_h + beta_h)
    y[RECTIFIER] = alpha_n / (alpha_n + beta_n)
    y[T_AVAILABLE] = t_availability(v, c.t_half)
    y[H_OPEN] = h_activation(v)
    t_open, nmda_open = t_conductance(c, v, y[T_AVAILABLE]), nmda_conductance(c, v)
    y[CALCIUM_INSIDE] = inflow(c, v, t_open, nmda_open) * c.calcium_decay
    y[SYNAPSES] = 0.0


def steady_current(c: Any, y: Any, v: float) -> float:
    """The current that flows out of a cell long held at v (µA/cm²), 0 at rest; leaves that cell's state in y."""
    hold(c, y, v)
    total, towards = pull(c, y, t_conductance(c, v, y[T_AVAILABLE]), nmda_conductance(c, v), 0.0)
    return total * v - towards
