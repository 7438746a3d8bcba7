"""The thesis: an agent whose lateral habenula turns worse-than-expected outcomes into less dopamine and serotonin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..circuit import control, dopamine, elements, habenula, raphe, striatum
from ..contract import Agent, parameter

PASSIVE, ACTIVE = 0, 1


def resting_bursts(p: Any, hyperactivity: float, nmda: float) -> float:
    """B at rest: the share of habenula neurons that burst when nothing happens."""
    return habenula.burst_share(0.0, hyperactivity, nmda, p.burst_threshold, p.burst_slope, p.nmda_power)


def receptors_blocked(p: Any, bursts: Any, hyperactivity: Any) -> Any:
    """1 - m, as told by the share B of neurons that burst at rest; for arrays too, where only receptors differ."""
    return 1.0 - (bursts / resting_bursts(p, hyperactivity, 1.0)) ** (1.0 / p.nmda_power)


def bursts_at(p: Any, w: Any, x: float) -> float:
    """B at drive x, under all that has been done to the habenula."""
    h = w.hyperactivity + p.hyperpolarisation
    natural = habenula.burst_share(x, h, p.nmda, p.burst_threshold, p.burst_slope, p.nmda_power)
    return habenula.driven(habenula.bursts_left(p.t_type, p.t_type_power) * natural, p.burst_drive)


def firing_at(p: Any, w: Any, x: float) -> float:
    """L at drive x, under all that has been done to the habenula: what is left of it fires and reaches the midbrain."""
    level = habenula.output(x + p.tonic_drive, bursts_at(p, w, x), p.burst_gain)
    return p.habenula_output * level  # type: ignore[no-any-return]


def tonic_dopamine(p: Any, w: Any) -> float:
    """T: ½ in health, less the more of the habenula bursts at rest and reaches the midbrain."""
    bursts = p.habenula_output * bursts_at(p, w, 0.0)
    healthy = resting_bursts(p, 0.0, 1.0)
    level = dopamine.tonic(bursts, healthy, p.dopamine_half, p.dopamine_slope)
    return level * p.dopamine_tone  # type: ignore[no-any-return]


def tonic_serotonin(p: Any, w: Any) -> float:
    """S: the same for the raphe."""
    bursts = p.habenula_output * bursts_at(p, w, 0.0)
    healthy = resting_bursts(p, 0.0, 1.0)
    level = raphe.tonic(bursts, healthy, p.serotonin_half, p.serotonin_slope)
    return level * p.serotonin_tone  # type: ignore[no-any-return]


def dip_weight(p: Any) -> float:
    """What scales LHb output so that a prediction error of -1 is a dopamine dip of -1 in health."""
    x = habenula.drive(-1.0, 0.0, p.worse_gain, p.better_gain, p.punishment_gain)
    bursts = habenula.burst_share(x, 0.0, 1.0, p.burst_threshold, p.burst_slope, p.nmda_power)
    change = habenula.output(x, bursts, p.burst_gain) - habenula.output(0.0, resting_bursts(p, 0.0, 1.0), p.burst_gain)
    return 1.0 / change


def start(p: Any, w: Any, reflex: Any) -> None:
    """A naive animal: it expects nothing, believes that acting helps, and has its reflexes."""
    w.hyperactivity = p.hyperactivity
    w.control = p.control_prior
    w.relief[PASSIVE] = 0.0
    w.relief[ACTIVE] = p.control_prior
    w.dip_weight = dip_weight(p)
    for s in range(reflex.shape[0]):
        w.value[s] = 0.0
        for a in range(reflex.shape[1]):
            w.go[s, a] = p.reflex_go * reflex[s, a]
            w.nogo[s, a] = 0.0


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """Every active action by its traces and the readiness to act; the passive one is their zero."""
    tonic = tonic_dopamine(p, w)
    expected = elements.expected(w.value, e.elements)
    readiness = p.bias + raphe.pavlovian_pull(expected, w.control, tonic_serotonin(p, w), p.pavlovian)
    for a in range(z.size):
        if a == e.passive:
            z[a] = 0.0
        else:
            go, nogo = elements.expected_of(w.go, e.elements, a), elements.expected_of(w.nogo, e.elements, a)
            z[a] = striatum.preference(go, nogo, tonic, p.beta) + readiness


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """Prediction error, habenula, dopamine; then value, traces, control and, under stress, hyperactivity."""
    future = 0.0 if e.terminated else p.discount * elements.expected(w.value, e.next_elements)
    delta = e.reward + future - elements.expected(w.value, e.elements)
    x = habenula.drive(delta, e.punishment, p.worse_gain, p.better_gain, p.punishment_gain)
    bursts = p.habenula_output * bursts_at(p, w, x)
    lhb = firing_at(p, w, x)
    phasic = dopamine.phasic(delta, w.dip_weight * (lhb - firing_at(p, w, 0.0)), p.habenula_share)

    elements.learned(w.value, e.elements, p.value_rate * phasic)
    learn_traces(p, w, e, phasic)
    if e.aversive > 0.0:
        learn_control(p, w, e)
        w.hyperactivity = control.sensitised(
            w.hyperactivity, bursts, w.control, e.aversive, p.growth, p.hyperactivity_max
        )

    y.value = elements.expected(w.value, e.elements)
    y.rpe = delta
    y.lhb = lhb
    y.burst = bursts
    y.dopamine = phasic
    y.tonic_dopamine = tonic_dopamine(p, w)
    y.serotonin = tonic_serotonin(p, w)
    y.control = w.control
    y.hyperactivity = w.hyperactivity


def learn_traces(p: Any, w: Any, e: Any, phasic: float) -> None:
    """Go and NoGo of what was done, for every element of what was seen."""
    a = e.action
    for k in range(e.elements.size):
        s = e.elements[k]
        if s >= 0:
            w.go[s, a] = striatum.trace(w.go[s, a], phasic, p.trace_rate, p.trace_leak)
            w.nogo[s, a] = striatum.trace(w.nogo[s, a], -phasic, p.trace_rate, p.trace_leak)


def learn_control(p: Any, w: Any, e: Any) -> None:
    """What this second of acting, or of not acting, taught about control over what hurts."""
    k = PASSIVE if e.action == e.passive else ACTIVE
    relieved = control.relief(e.aversive, e.punishment)
    w.relief[k] = control.expected_relief(w.relief[k], relieved, p.control_rate)
    w.control = control.control(w.control, w.relief[ACTIVE], w.relief[PASSIVE], p.control_rate, p.control_loss)


@dataclass(frozen=True)
class HabenulaAgent(Agent):
    """Opponent actor-critic whose negative prediction errors pass through a lateral habenula.

    `hyperactivity` is the trait that the animal starts with; stress without control adds to it. Interventions change
    parameters (ketamine: `nmda`; a lesion: `habenula_output`). Equations and sources: docs/explanation/model.md.
    """

    start = start
    prefer = prefer
    learn = learn
    signals = (
        "rpe", "lhb", "burst", "dopamine", "tonic_dopamine", "serotonin", "value", "control", "hyperactivity"
    )  # fmt: skip
    carried = ("hyperactivity", "control")
    short_session = {"nmda": 0.5, "t_type": 0.8}  # noqa: RUF012

    hyperactivity: float = parameter(
        0.0, symbol="h", doc="hyperactivity: 0 healthy, 1 congenitally helpless", low=-3.0, high=6.0,
        source="Yang 2018; Cui 2018",
    )  # fmt: skip
    nmda: float = parameter(
        1.0, symbol="m", doc="NMDA receptors open to glutamate", unit="share", low=0.0, high=1.0, source="Yang 2018"
    )
    nmda_power: float = parameter(
        4.7, symbol="ν", doc="how steeply bursts hang on NMDA receptors", low=1.0, high=20.0,
        source="neurons: 36 and 8 % of bursts left at 0.8 and 0.6 of the receptors",
    )  # fmt: skip
    habenula_output: float = parameter(
        1.0, symbol="λ", doc="LHb output that reaches the midbrain, 0 after a lesion", unit="share", low=0.0, high=1.0,
        source="Tian & Uchida 2015",
    )  # fmt: skip
    t_type: float = parameter(
        1.0, symbol="t", doc="T-type calcium channels open", unit="share", low=0.0, high=1.0, source="Yang 2018"
    )
    t_type_power: float = parameter(
        9.9, symbol="ν_T", doc="how steeply bursts hang on T-type channels", low=1.0, high=20.0,
        source="neurons: 11 % of bursts left at 0.8 of the channels",
    )  # fmt: skip
    hyperpolarisation: float = parameter(
        0.0, symbol="h_K", doc="what Kir4.1 beyond its normal level adds to hyperactivity", low=-6.0, high=6.0,
        source="Cui 2018",
    )  # fmt: skip
    burst_drive: float = parameter(
        0.0, symbol="b_L", doc="neurons that light makes burst", unit="share", low=0.0, high=1.0, source="Yang 2018"
    )
    tonic_drive: float = parameter(
        0.0, symbol="x_L", doc="drive by light that adds single spikes", low=-10.0, high=10.0, source="Yang 2018"
    )
    dopamine_tone: float = parameter(
        1.0, symbol="c_T", doc="effect of tonic dopamine, against none but its own", low=0.0, high=1.8, source="scale"
    )
    serotonin_tone: float = parameter(
        1.0, symbol="c_S", doc="effect of tonic serotonin, against none but its own", low=0.0, high=1.8, source="scale"
    )
    worse_gain: float = parameter(
        0.999,
        symbol="κ₋",
        doc="drive by a prediction error of -1",
        low=0.01,
        high=10.0,
        source="search; sign: Matsumoto 2007",
    )
    better_gain: float = parameter(
        0.104,
        symbol="κ₊",
        doc="inhibition by a prediction error of 1",
        low=0.0,
        high=10.0,
        source="search; sign: Matsumoto 2007",
    )
    punishment_gain: float = parameter(
        0.121, symbol="κ_p", doc="drive by full punishment", low=0.0, high=10.0, source="search; sign: Matsumoto 2009"
    )
    burst_threshold: float = parameter(
        1.876, symbol="θ", doc="drive at which half of the neurons burst", low=0.0, high=10.0,
        source="7 % at h 0, 23 % at h 1: Yang 2018",
    )  # fmt: skip
    burst_slope: float = parameter(
        0.725, symbol="s", doc="width of that threshold over neurons", low=0.01, high=10.0, source="as burst_threshold"
    )
    burst_gain: float = parameter(
        6.76,
        symbol="g_B",
        doc="weight of bursts in the output",
        unit="resting rates",
        low=0.0,
        high=100.0,
        source="search",
    )
    habenula_share: float = parameter(
        0.601, symbol="φ", doc="dopamine dip that passes through the habenula", unit="share", low=0.0, high=1.0,
        source="search; Tian & Uchida 2015",
    )  # fmt: skip
    dopamine_half: float = parameter(
        0.225, symbol="B½", doc="resting burst share that halves dopamine", unit="share", low=0.0, high=1.0,
        source="Belujon & Grace 2014 at Yang's 23 %",
    )  # fmt: skip
    dopamine_slope: float = parameter(
        0.055,
        symbol="s_T",
        doc="width of that fall",
        unit="share",
        low=0.01,
        high=10.0,
        source="search; Belujon & Grace 2014",
    )
    serotonin_half: float = parameter(
        0.225, symbol="B½_S", doc="resting burst share that halves serotonin", unit="share", low=0.0, high=1.0,
        source="set as dopamine_half",
    )  # fmt: skip
    serotonin_slope: float = parameter(
        0.065, symbol="s_S", doc="width of that fall", unit="share", low=0.01, high=10.0, source="search"
    )
    discount: float = parameter(0.9, symbol="γ", doc="weight of the next second", low=0.0, high=1.0, source="set")
    value_rate: float = parameter(
        0.0616, symbol="α_V", doc="learning rate of value", unit="1/step", low=0.0, high=1.0, source="search"
    )
    trace_rate: float = parameter(
        0.129, symbol="α", doc="learning rate of Go and NoGo", unit="1/step", low=0.0, high=1.0, source="search"
    )
    trace_leak: float = parameter(
        0.00341,
        symbol="ℓ",
        doc="leak of Go and NoGo",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="search; Mikhael & Bogacz 2016",
    )
    beta: float = parameter(0.847, symbol="β", doc="choice consistency", low=0.0, high=100.0, source="search")
    bias: float = parameter(
        -3.54,
        symbol="b",
        doc="readiness of an active action against doing nothing",
        low=-20.0,
        high=20.0,
        source="search",
    )
    reflex_go: float = parameter(
        5.99, symbol="G₀", doc="Go of what an animal does by nature, as struggling in water", low=0.0, high=20.0,
        source="search",
    )  # fmt: skip
    pavlovian: float = parameter(
        9.96,
        symbol="π",
        doc="pull of value on the readiness to act",
        low=0.0,
        high=100.0,
        source="search; Guitart-Masip 2012",
    )
    control_prior: float = parameter(
        0.347, symbol="Ω₀", doc="control of a naive animal", unit="probability", low=0.0, high=1.0,
        source="search; Maier & Seligman 2016",
    )  # fmt: skip
    control_rate: float = parameter(
        0.4, symbol="α_Ω", doc="learning rate of relief and of rising control", unit="1/step", low=0.0, high=1.0,
        source="search",
    )  # fmt: skip
    control_loss: float = parameter(
        5.01e-05,
        symbol="ℓ_Ω",
        doc="rate at which control is given up",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="search",
    )
    growth: float = parameter(
        0.0989, symbol="η", doc="growth of hyperactivity under stress without control", unit="1/s", low=0.0, high=1.0,
        source="search; Li 2011, 2013",
    )  # fmt: skip
    hyperactivity_max: float = parameter(
        2.44, symbol="h_max", doc="where that growth ends", low=-3.0, high=6.0, source="search"
    )

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        pair = (n_states, n_actions)
        numbers: dict[str, tuple[int, ...]] = {"hyperactivity": (), "control": (), "dip_weight": (), "relief": (2,)}
        return numbers | {"value": (n_states,), "go": pair, "nogo": pair}
