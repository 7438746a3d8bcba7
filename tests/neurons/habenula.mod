: The neuron of habenula_rl written a third time, for NEURON: densities in mS/cm2, potentials in mV, times in ms.
NEURON {
    SUFFIX habenula
    NONSPECIFIC_CURRENT i
    RANGE leak, leak_e, kir, kir_half, kir_slope, nmda, lva, t_half, t_speed, ih, sk, ca_decay, ca_gain, ca_nmda, vt, na, k
}
PARAMETER {
    leak = 0.02 leak_e = -50 kir = 0.01 kir_half = -75 kir_slope = 10 nmda = 0.05 lva = 0.2 t_half = -77 t_speed = 1
    ih = 0.002 sk = 0.1 ca_decay = 200 ca_gain = 0.0025 ca_nmda = 1 vt = -50 na = 50 k = 5
}
ASSIGNED { v (mV) i (mA/cm2) open_t free }
STATE { m h n available sag ca }
INITIAL {
    m = am(v) / (am(v) + bm(v))
    h = ah(v) / (ah(v) + bh(v))
    n = an(v) / (an(v) + bn(v))
    available = sigma((t_half - v) / 6.25)
    sag = sigma(-(v + 75) / 5.5)
    channels()
    ca = entering() * ca_decay
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    channels()
    i = 0.001 * (na * m^3 * h * (v - 50) + (k * n^4 + sk * ca^4 / (1 + ca^4) + kir * sigma((kir_half - v) / kir_slope)) * (v + 90)
        + open_t * (v - 120) + ih * sag^2 * (v + 40) + nmda * free * v + leak * (v - leak_e))
}
DERIVATIVE states {
    channels()
    m' = am(v) * (1 - m) - bm(v) * m
    h' = ah(v) * (1 - h) - bh(v) * h
    n' = an(v) * (1 - n) - bn(v) * n
    available' = (sigma((t_half - v) / 6.25) - available) * t_speed / (sigma((t_half - v) / 6.25) * exp((v - t_half + 81.3) / 17.8) + 20)
    sag' = (sigma(-(v + 75) / 5.5) - sag) * (exp((v + 66.4) / 9.3) + exp(-(v + 81.6) / 13)) / 1000
    ca' = entering() - ca / ca_decay
}
PROCEDURE channels() {
    open_t = lva * sigma((v + 65) / 7.8)^3 * available
    free = 1 / (1 + exp(-0.062 * v) / 3.57)
}
FUNCTION entering() {
    LOCAL inward
    inward = -nmda * free * v
    if (inward < 0) { inward = 0 }
    entering = ca_gain * (open_t * (120 - v) + ca_nmda * inward)
}
FUNCTION sigma(x) { sigma = 1 / (1 + exp(-x)) }
FUNCTION trap(x, y) {
    if (fabs(x / y) < 1e-6) { trap = y * (1 - x / y / 2) } else { trap = x / (exp(x / y) - 1) }
}
FUNCTION am(v) { am = 0.32 * trap(13 - v + vt, 4) }
FUNCTION bm(v) { bm = 0.28 * trap(v - vt - 40, 5) }
FUNCTION ah(v) { ah = 0.128 * exp((17 - v + vt) / 18) }
FUNCTION bh(v) { bh = 4 / (1 + exp((40 - v + vt) / 5)) }
FUNCTION an(v) { an = 0.032 * trap(15 - v + vt, 5) }
FUNCTION bn(v) { bn = 0.5 * exp((10 - v + vt) / 40) }
