"""A population of lateral habenula neurons: the typical cell, and how much cells differ from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import randomness
from ..contract import Parameters, parameter, short_repr

Array = np.ndarray[Any, Any]
STREAM = 0x4E45  # of the cells' differences, apart from all streams of behaviour
EVENTS = 0x4E46  # of what comes in at their synapses
KEY = "key"  # of a cell's draws; every other constant is a float
SPREAD = ("kir_conductance", "nmda_conductance", "t_conductance", "leak_conductance")  # times e^normal


@dataclass(frozen=True)
class HabenulaNeurons(Parameters):
    """Lateral habenula neurons: a typical cell, the spread over cells, and what is done to all of them.

    `kir41`, `nmda` and `t_type` are what experiments change; the rest is the cells' own. Cell i of a seed is the same
    cell whatever is done to it. Equations: circuit/neuron.py; where each value comes from: docs/explanation/neuron.md.
    """

    kir41: float = parameter(
        1.0, doc="Kir4.1, in that of healthy animals", low=0.0, high=20.0, source="Cui 2018, doi 10.1038/nature25752"
    )
    nmda: float = parameter(
        1.0,
        doc="NMDA receptors that no drug blocks; above 1: more glutamate",
        unit="fraction",
        low=0.0,
        high=10.0,
        source="Yang 2018, doi 10.1038/nature25509",
    )
    t_type: float = parameter(
        1.0, doc="T-type channels that no drug blocks", unit="fraction", low=0.0, high=10.0, source="Yang 2018"
    )
    capacitance_pf: float = parameter(
        60.0,
        doc="capacitance, which scales resistance and injected current only",
        unit="pF",
        low=1.0,
        high=1000.0,
        source="set: input resistance 300-800 MΩ",
    )
    leak_conductance: float = parameter(0.0179, doc="leak", unit="mS/cm²", low=0.001, high=1.0, source="search")
    leak_reversal: float = parameter(-47.6, doc="leak's reversal", unit="mV", low=-90.0, high=-20.0, source="search")
    kir_conductance: float = parameter(
        0.0411, doc="inward rectifier at kir41 1, fully open", unit="mS/cm²", low=0.0, high=1.0, source="search"
    )
    kir_half: float = parameter(-78.7, doc="where half of it is open", unit="mV", low=-120.0, high=0.0, source="search")
    kir_slope: float = parameter(
        10.1, doc="its steepness; Kir4.1 rectifies weakly", unit="mV", low=1.0, high=50.0, source="search"
    )
    nmda_conductance: float = parameter(
        0.0502,
        doc="NMDA receptors that ambient glutamate opens, without magnesium",
        unit="mS/cm²",
        low=0.0,
        high=2.0,
        source="search",
    )
    t_conductance: float = parameter(
        0.315, doc="T-type channels", unit="mS/cm²", low=0.0, high=3.0, source="search; 0.3 in Wang 1994"
    )
    t_half: float = parameter(
        -80.3,
        doc="where half of them are inactivated",
        unit="mV",
        low=-100.0,
        high=-40.0,
        source="search; -81 in Wang 1994",
    )
    t_speed: float = parameter(
        0.982, doc="speed of their inactivation", low=0.1, high=10.0, source="search; 2 in Wang 1994"
    )
    h_conductance: float = parameter(
        0.00206, doc="h-current", unit="mS/cm²", low=0.0, high=1.0, source="search; 0.04 in Wang 1994"
    )
    sk_conductance: float = parameter(
        0.0556,
        doc="SK channels, fully open",
        unit="mS/cm²",
        low=0.0,
        high=5.0,
        source="search; in LHb: Authement 2018, doi 10.1126/scisignal.aan6480",
    )
    calcium_decay: float = parameter(
        180.0, doc="decay of calcium near SK channels", unit="ms", low=1.0, high=5000.0, source="search"
    )
    calcium_gain: float = parameter(
        0.0032,
        doc="calcium that current brings, in what opens half of SK",
        unit="1/ms per µA/cm²",
        low=0.0,
        high=1.0,
        source="search",
    )
    nmda_calcium: float = parameter(
        2.79, doc="how far NMDA current opens SK, against T-type current", low=0.0, high=10.0, source="search"
    )
    threshold: float = parameter(
        -54.0,
        doc="V_T of the spike currents; spikes begin about 8 mV above",
        unit="mV",
        low=-80.0,
        high=-30.0,
        source="search; form: Pospischil 2008",
    )
    sodium_conductance: float = parameter(
        50.0, doc="spike sodium", unit="mS/cm²", low=0.0, high=500.0, source="Pospischil 2008"
    )
    potassium_conductance: float = parameter(
        5.38, doc="delayed rectifier", unit="mS/cm²", low=0.1, high=100.0, source="search; 5 in Pospischil 2008"
    )
    synaptic_rate: float = parameter(
        20.0, doc="events at excitatory synapses", unit="Hz", low=0.0, high=5000.0, source="set"
    )
    synaptic_conductance: float = parameter(
        0.005,
        doc="what one event opens, with a decay of 3 ms",
        unit="mS/cm²",
        low=0.0,
        high=1.0,
        source="set: 0.3 nS, 18 pA at -60 mV",
    )
    conductance_spread: float = parameter(
        0.3,
        doc="sd of the log of leak, T-type and NMDA conductance over cells",
        low=0.0,
        high=2.0,
        source="two- to fourfold between cells of one kind: Schulz 2006, doi 10.1038/nn1639",
    )
    kir_spread: float = parameter(
        0.5, doc="sd of the log of the inward rectifier over cells", low=0.0, high=2.0, source="set"
    )
    leak_spread_mv: float = parameter(
        3.0,
        doc="sd of the leak's reversal over cells",
        unit="mV",
        low=0.0,
        high=10.0,
        source="set: rest from -60 to -40 mV",
    )


def drawn(neurons: HabenulaNeurons, n_neurons: int, seed: int = 0) -> Any:
    """The constants of n cells and the key of each one's synaptic events, a record array; cell i depends on seed and i.

    Kir, NMDA, T-type and leak conductance are log-normal around the typical cell's, the leak's reversal normal, cut at
    four spreads. Raises ValueError where `neurons` is something else.
    """
    if not isinstance(neurons, HabenulaNeurons):
        wanted = "neurons must be HabenulaNeurons, such as HabenulaNeurons(kir41=1.7)"
        raise ValueError(f"{wanted}, not {short_repr(neurons)}")
    names = [name for name in neurons.fields() if "spread" not in name]
    cells: Any = np.zeros(n_neurons, [*((name, "f8") for name in names), (KEY, "u8")])
    for name in names:
        cells[name] = getattr(neurons, name)
    unsigned = randomness.U
    z = _normals(n_neurons, randomness.checked_seed(seed))
    with np.errstate(over="ignore"):
        keys = [randomness.stream_key(unsigned(seed), unsigned(EVENTS), unsigned(i)) for i in range(n_neurons)]
    cells[KEY] = keys
    for k, name in enumerate(SPREAD):
        spread = neurons.kir_spread if name == "kir_conductance" else neurons.conductance_spread
        cells[name] *= np.exp(spread * z[:, k])
    cells["leak_reversal"] += neurons.leak_spread_mv * z[:, len(SPREAD)]
    return cells.view(np.recarray)


def _normals(n: int, seed: int) -> Array:
    """Standard normal deviates (n, 6), none beyond four, by Box and Muller's method."""
    unsigned = randomness.U
    with np.errstate(over="ignore"):
        keys = [randomness.stream_key(unsigned(seed), unsigned(STREAM), unsigned(i)) for i in range(n)]
        u = np.array([[randomness.draw(key, unsigned(k)) for k in range(6)] for key in keys]).reshape(n, 3, 2)
    radius, angle = np.sqrt(-2.0 * np.log(1.0 - u[:, :, 0])), 2.0 * math.pi * u[:, :, 1]
    z = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)
    limited: Array = np.clip(z.reshape(n, 6), -4.0, 4.0)
    return limited
