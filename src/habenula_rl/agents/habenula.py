"""The thesis: an agent whose lateral habenula turns worse-than-expected outcomes into less dopamine and serotonin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ..circuit import control, dopamine, elements, habenula, raphe, striatum
from ..circuit.nonlinearity import positive
from ..contract import Agent, parameter

PASSIVE, ACTIVE = 0, 1
DAY_HOURS = 24.0
HALF = 0.5  # the prediction error at which a healthy habenula's part in dopamine is as large as the rest


def resting_bursts(p: Any, hyperactivity: float, nmda: float) -> float:
    """B at rest: the fraction of habenula neurons that burst when nothing happens."""
    return habenula.burst_share(0.0, hyperactivity, nmda, p.burst_threshold, p.burst_slope, p.nmda_power)


def receptors_blocked(p: Any, bursts: Any, hyperactivity: Any) -> Any:
    """1 - m, as the fraction B of neurons that burst at rest shows it; for arrays too, if only receptors differ."""
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


def tonic_level(p: Any, w: Any) -> float:
    """T without drugs at its receptors: ½ in health, less the more of the habenula bursts at rest and is heard."""
    bursts = p.habenula_output * bursts_at(p, w, 0.0)
    healthy = resting_bursts(p, 0.0, 1.0)
    return dopamine.tonic(bursts, healthy, p.dopamine_half, p.dopamine_slope, p.dopamine_floor)


def tonic_dopamine(p: Any, w: Any) -> float:
    """T: what tonic dopamine there is has its effect."""
    return tonic_level(p, w) * p.dopamine_tone  # type: ignore[no-any-return]


def tonic_serotonin(p: Any, w: Any) -> float:
    """S: the raphe loses as much to the habenula as dopamine neurons do."""
    return tonic_level(p, w) * p.serotonin_tone  # type: ignore[no-any-return]


def weight(p: Any, delta: float) -> float:
    """What scales a change of LHb output so that this prediction error, in health, moves dopamine by its own size."""
    x = habenula.drive(delta, p.error_gain)
    bursts = habenula.burst_share(x, 0.0, 1.0, p.burst_threshold, p.burst_slope, p.nmda_power)
    change = habenula.output(x, bursts, p.burst_gain) - habenula.output(0.0, resting_bursts(p, 0.0, 1.0), p.burst_gain)
    return -delta / change


def start(p: Any, w: Any, reflex: Any) -> None:
    """A naive animal: it expects nothing, believes that acting helps, and has its reflexes."""
    w.hyperactivity = p.hyperactivity
    w.control = p.control_prior
    w.largest = 1.0
    for k in range(2):  # PASSIVE, ACTIVE
        w.relief[k] = 0.0
        w.tried[k] = 0.0
    w.dip_weight = weight(p, -HALF)
    w.lift_weight = weight(p, HALF)
    for s in range(reflex.shape[0]):
        w.value[s] = 0.0
        for a in range(reflex.shape[1]):
            w.innate[s, a] = p.reflex_go * reflex[s, a]
            w.go[s, a] = 0.0
            w.nogo[s, a] = 0.0


def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
    """Every option by its traces, doing nothing too; what has to be initiated also by vigour and the state's pull."""
    expected = elements.expected(w.value, e.elements)
    pull = raphe.pavlovian_pull(expected, w.control, tonic_serotonin(p, w), p.pavlovian)
    readiness = pull - striatum.vigour_cost(tonic_dopamine(p, w), tonic_serotonin(p, w), p.vigour)
    for a in range(z.size):
        go, nogo = elements.expected_of(w.go, e.elements, a), elements.expected_of(w.nogo, e.elements, a)
        z[a] = p.beta * (elements.expected_of(w.innate, e.elements, a) + go - nogo)
        if e.passive >= 0 and a != e.passive:
            z[a] += readiness


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """Prediction error, habenula, dopamine; then value, traces, control and, under stress, hyperactivity."""
    expected, ahead = elements.expected(w.value, e.elements), elements.expected(w.value, e.next_elements)
    future = 0.0 if e.terminated else p.discount * ahead
    worth = dopamine.utility(e.reward)
    w.largest = dopamine.largest(w.largest, worth)
    outcome = worth / w.largest
    delta = outcome + future - expected
    x = habenula.drive(delta, p.error_gain)
    bursts, lhb = p.habenula_output * bursts_at(p, w, x), firing_at(p, w, x)
    change = lhb - firing_at(p, w, 0.0)
    harm = dopamine.harm(max(e.aversive, e.punishment), future, delta)
    share = p.habenula_share + (p.pain_share - p.habenula_share) * harm
    burst = dopamine.burst(delta, -w.lift_weight * change, p.lift_share, tonic_dopamine(p, w))
    phasic = burst - dopamine.dip(delta, w.dip_weight * change, share) + p.dopamine_drive

    learn_control(p, w, e, expected, -(outcome + future))
    elements.learned(w.value, e.elements, p.value_rate * phasic)
    for k in range(e.elements.size):
        s, a = e.elements[k], e.action
        if s >= 0:
            w.go[s, a] = striatum.payoff(w.go[s, a], phasic, p.trace_rate, 1.0, p.trace_leak)
            w.nogo[s, a] = striatum.payoff(w.nogo[s, a], -phasic, p.trace_rate, 1.0, p.trace_leak)
    if e.aversive > 0.0:
        w.hyperactivity = control.sensitised(
            w.hyperactivity, bursts, w.control, e.aversive, p.growth, p.hyperactivity_max
        )

    y.rpe = delta
    y.lhb = lhb
    y.burst = bursts
    y.dopamine = phasic
    show(p, w, e, y)


def show(p: Any, w: Any, e: Any, y: Any) -> None:
    """What an electrode sees of the state as it is now."""
    y.value = elements.expected(w.value, e.elements)
    y.tonic_dopamine = tonic_dopamine(p, w)
    y.serotonin = tonic_serotonin(p, w)
    y.control = w.control
    y.hyperactivity = w.hyperactivity


def learn_control(p: Any, w: Any, e: Any, expected: float, loss: float) -> None:
    """What acting, or not acting, did about what hurts, or about a loss that is expected.

    The more is at stake the more is learned. A loss that is expected and stays away is relief, so that avoiding
    teaches control as escaping does. Control that was never found, only assumed, is given up as fast as relief is
    learned; what was found, slowly.
    """
    threat = positive(-expected)
    if e.aversive > 0.0:
        stake, relieved = e.aversive, control.relief(e.aversive, e.punishment)
    elif threat > 0.0:
        stake, relieved = min(threat, 1.0), control.relief(threat, positive(loss))
    else:
        return
    k = PASSIVE if e.action == e.passive else ACTIVE
    w.tried[k] = control.memory(w.tried[k], stake, p.control_rate)
    w.relief[k] += stake / w.tried[k] * (relieved - w.relief[k])
    found = control.contingency(w.relief[ACTIVE], w.tried[ACTIVE], w.relief[PASSIVE], w.tried[PASSIVE])
    loss = p.control_loss if w.control > p.control_prior else p.control_rate
    w.control = control.control(w.control, found, stake * loss)


@dataclass(frozen=True)
class HabenulaAgent(Agent):
    """Opponent actor-critic whose negative prediction errors pass through a lateral habenula.

    `hyperactivity` is the trait that the animal starts with; stress without control adds to it. Interventions change
    parameters (ketamine: `nmda`; a lesion: `habenula_output`). Equations and sources: docs/explanation/model.md.
    """

    start = start
    prefer = prefer
    learn = learn
    show = show
    signals = ("rpe", "lhb", "burst", "dopamine", "tonic_dopamine", "serotonin", "value", "control", "hyperactivity")
    carried = ("hyperactivity", "control")
    short_session = {"nmda": 0.5, "t_type": 0.8}  # noqa: RUF012

    hyperactivity: float = parameter(
        0.0,
        symbol="h",
        doc="hyperactivity: 0 healthy, 1 congenitally helpless",
        low=-3.0,
        high=6.0,
        source="Yang 2018; Cui 2018",
    )
    nmda: float = parameter(
        1.0, symbol="m", doc="NMDA receptors open to glutamate", unit="fraction", low=0.0, high=1.0, source="Yang 2018"
    )
    nmda_power: float = parameter(
        1.32,
        symbol="ν",
        doc="how steeply bursts depend on NMDA receptors",
        low=1.0,
        high=20.0,
        source="neurons: 70 and 50 % of bursts left at 0.8 and 0.6 of the receptors",
    )
    habenula_output: float = parameter(
        1.0,
        symbol="λ",
        doc="LHb output that reaches the midbrain, 0 after a lesion",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="Tian & Uchida 2015",
    )
    t_type: float = parameter(
        1.0, symbol="t", doc="T-type calcium channels open", unit="fraction", low=0.0, high=1.0, source="Yang 2018"
    )
    t_type_power: float = parameter(
        2.35,
        symbol="ν_T",
        doc="how steeply bursts depend on T-type channels",
        low=1.0,
        high=20.0,
        source="neurons: 61 and 31 % of bursts left at 0.8 and 0.6 of the channels",
    )
    hyperpolarisation: float = parameter(
        0.0,
        symbol="h_K",
        doc="what Kir4.1 beyond its normal level adds to hyperactivity",
        low=-6.0,
        high=6.0,
        source="Cui 2018",
    )
    burst_drive: float = parameter(
        0.0, symbol="b_L", doc="neurons that light makes burst", unit="fraction", low=0.0, high=1.0, source="Yang 2018"
    )
    tonic_drive: float = parameter(
        0.0, symbol="x_L", doc="drive by light that adds single spikes", low=-10.0, high=10.0, source="Yang 2018"
    )
    dopamine_drive: float = parameter(
        0.0, symbol="d_L", doc="phasic dopamine by light", low=-2.0, high=2.0, source="Steinberg 2013; Chang 2016"
    )
    dopamine_tone: float = parameter(
        1.0, symbol="c_T", doc="effect of tonic dopamine, against none but its own", low=0.0, high=1.8, source="scale"
    )
    serotonin_tone: float = parameter(
        1.0, symbol="c_S", doc="effect of tonic serotonin, against none but its own", low=0.0, high=1.8, source="scale"
    )
    error_gain: float = parameter(
        1.0,
        symbol="κ",
        doc="drive by a prediction error of -1, and inhibition by one of 1",
        low=0.01,
        high=10.0,
        source="scale: an error of 1 drives as congenital helplessness does; Matsumoto 2007",
    )
    burst_threshold: float = parameter(
        2.24,
        symbol="θ",
        doc="drive at which half of the neurons burst",
        low=0.0,
        high=10.0,
        source="neurons, searched for Yang 2018's 7 and 20 % at h 0 and 1: 9.5 and 22 %",
    )
    burst_slope: float = parameter(
        0.994, symbol="s", doc="width of that threshold over neurons", low=0.01, high=10.0, source="as burst_threshold"
    )
    burst_gain: float = parameter(
        2.0,
        symbol="g_B",
        doc="weight of bursts in the output",
        unit="resting rates",
        low=0.0,
        high=100.0,
        source="set; sign: Yang 2018. From 0.1 to 2 no row of the calibration differs",
    )
    habenula_share: float = parameter(
        0.93,
        symbol="φ",
        doc="dopamine dip by an omission that passes through the habenula",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="Tian & Uchida 2015: greatly diminished by a lesion",
    )
    pain_share: float = parameter(
        0.1,
        symbol="φ_p",
        doc="dopamine dip by full pain that does",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="Tian & Uchida 2015: unimpaired by a lesion",
    )
    lift_share: float = parameter(
        0.2,
        symbol="φ₊",
        doc="burst of dopamine that is the habenula falling silent",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="set; sign: Matsumoto 2007, Tian & Uchida 2015",
    )
    dopamine_half: float = parameter(
        0.19,
        symbol="B½",
        doc="resting burst share that halves what the habenula governs of dopamine",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="Belujon & Grace 2014: half at Yang's 23 %, and nearly none lost under ketamine",
    )
    dopamine_slope: float = parameter(
        0.02, symbol="s_T", doc="width of that fall", unit="fraction", low=0.01, high=10.0, source="as dopamine_half"
    )
    dopamine_floor: float = parameter(
        0.4,
        symbol="f",
        doc="tonic dopamine that no burst takes away, against health",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="Belujon & Grace 2014: half, in shocked rats too",
    )
    discount: float = parameter(0.9, symbol="γ", doc="weight of the next second", low=0.0, high=1.0, source="set")
    value_rate: float = parameter(
        0.582, symbol="α_V", doc="learning rate of value", unit="1/step", low=0.0, high=1.0, source="search"
    )
    trace_rate: float = parameter(
        0.373, symbol="α", doc="learning rate of Go and NoGo", unit="1/step", low=0.0, high=1.0, source="search"
    )
    trace_leak: float = parameter(
        0.0128,
        symbol="ℓ",
        doc="leak of Go and NoGo",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="search; Mikhael & Bogacz 2016",
    )
    beta: float = parameter(3.23, symbol="β", doc="choice consistency", low=0.0, high=100.0, source="search")
    vigour: float = parameter(
        15.4,
        symbol="v",
        doc="readiness to initiate that is lost without tonic dopamine and serotonin",
        low=0.0,
        high=100.0,
        source="search; Niv 2007",
    )
    reflex_go: float = parameter(
        0.774,
        symbol="G₀",
        doc="added to the Go of what an animal does by nature, as struggling in water",
        low=0.0,
        high=20.0,
        source="search",
    )
    pavlovian: float = parameter(
        3.47,
        symbol="π",
        doc="most that value pulls on the readiness to act",
        low=0.0,
        high=100.0,
        source="search; Guitart-Masip 2012",
    )
    control_prior: float = parameter(
        0.586,
        symbol="Ω₀",
        doc="control of a naive animal",
        unit="probability",
        low=0.0,
        high=1.0,
        source="search; sign: Maier & Seligman 2016",
    )
    control_rate: float = parameter(
        0.05,
        symbol="α_Ω",
        doc="slowest learning rate of relief, reached with experience; rate at which assumed control is given up",
        unit="1/step",
        low=0.001,
        high=1.0,
        source="set: some 20 s of shock",
    )
    control_loss: float = parameter(
        0.00023,
        symbol="ℓ_Ω",
        doc="rate at which control that was found is given up",
        unit="1/step",
        low=0.0,
        high=1.0,
        source="search; sign: Maier & Seligman 2016",
    )
    growth: float = parameter(
        0.234,
        symbol="η",
        doc="growth of hyperactivity under stress without control",
        unit="1/s",
        low=0.0,
        high=1.0,
        source="search; sign: Li 2011, 2013",
    )
    hyperactivity_max: float = parameter(
        1.34, symbol="h_max", doc="where that growth ends", low=-3.0, high=6.0, source="search"
    )
    recovery_days: float = parameter(
        3.0,
        symbol="τ_h",
        doc="time constant with which what stress added to the trait fades at rest",
        unit="d",
        low=0.01,
        high=1e4,
        source="Overmier & Seligman 1967; Maier 2001",
    )

    @classmethod
    def ensemble(cls) -> tuple[Self, ...]:
        """Agents with the sets that hold up as the default does, the nearest to the targets first.

        What holds for all of them does not depend on which of the sets that fit was chosen (calibration/README.md).
        """
        import json
        from importlib.resources import files

        table = json.loads(files(__package__).joinpath("ensemble.json").read_text("utf-8"))
        return tuple(cls(**dict(zip(table["names"], values, strict=True))) for values in table["sets"])

    @staticmethod
    def rest(p: Any, w: Any, hours: float) -> None:
        """The synapses that stress has potentiated recover, and the belief in control that it took; the trait stays."""
        passed = hours / DAY_HOURS, p["recovery_days"]
        w["hyperactivity"] = control.recovered(w["hyperactivity"], p["hyperactivity"], *passed)
        w["control"] = np.maximum(w["control"], control.recovered(w["control"], p["control_prior"], *passed))

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        pair = (n_states, n_actions)
        single = ("hyperactivity", "control", "largest", "dip_weight", "lift_weight")
        numbers: dict[str, tuple[int, ...]] = dict.fromkeys(single, ())
        return numbers | {"relief": (2,), "tried": (2,), "value": (n_states,), "innate": pair, "go": pair, "nogo": pair}
