"""One tonic and one bursting cell against NEURON (Hines & Carnevale 1997), with its own channels and integrator.

The channels are written out again in habenula.mod. Skipped where NEURON or a compiler for its mechanisms is missing:
`pip install neuron`, and gcc and make on the path.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from habenula_rl.neurons import HELPLESS_KIR41, HabenulaNeurons, drawn, kinds, record_cells

SECONDS = 0.4
OURS = {  # name in habenula.mod by ours
    "leak": "leak_conductance",
    "leak_e": "leak_reversal",
    "kir": "kir_conductance",
    "kir_half": "kir_half",
    "kir_slope": "kir_slope",
    "nmda": "nmda_conductance",
    "lva": "t_conductance",
    "t_half": "t_half",
    "t_speed": "t_speed",
    "ih": "h_conductance",
    "sk": "sk_conductance",
    "ca_decay": "calcium_decay",
    "ca_gain": "calcium_gain",
    "ca_nmda": "nmda_calcium",
    "vt": "threshold",
    "na": "sodium_conductance",
    "k": "potassium_conductance",
}
SIMULATION = """
import json, sys
from neuron import h
cells, seconds = json.load(sys.stdin)
times = []
for cell in cells:
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20.0
    soma.insert("habenula")
    for name, value in cell.items():
        setattr(soma(0.5), name + "_habenula", value)
    spikes, watch = h.Vector(), h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    watch.threshold = -10.0
    watch.record(spikes)
    integrator = h.CVode()
    integrator.active(True)
    integrator.atol(1e-8)
    integrator.rtol(1e-8)
    integrator.maxstep(0.1)
    integrator.condition_order(2)
    h.finitialize(-60.0)
    h.continuerun(1000.0 * seconds) if hasattr(h, "continuerun") else integrator.solve(1000.0 * seconds)
    times.append(list(spikes))
print(json.dumps(times))
"""


@pytest.fixture(scope="module")
def neurons_own(tmp_path_factory):
    """A function that gives spike times (ms) of cells, a dict of mechanism constants each, run by NEURON."""
    pytest.importorskip("neuron", reason="NEURON is not installed: pip install neuron")
    compiler = shutil.which("nrnivmodl") or shutil.which("nrnivmodl", path=str(Path(sys.executable).parent))
    if compiler is None or shutil.which("gcc") is None or shutil.which("make") is None:
        pytest.skip("NEURON's nrnivmodl, gcc or make is missing, so that its mechanism cannot be compiled")
    folder = tmp_path_factory.mktemp("mechanism")
    shutil.copy(Path(__file__).with_name("habenula.mod"), folder)
    subprocess.run([compiler], cwd=folder, check=True, capture_output=True)

    def run(cells, seconds):
        given = json.dumps([cells, seconds])
        done = subprocess.run(
            [sys.executable, "-c", SIMULATION], cwd=folder, input=given, check=True, capture_output=True, text=True
        )
        return [np.array(times) for times in json.loads(done.stdout.splitlines()[-1])]

    return run


def test_spikes_come_when_those_of_neuron_come(neurons_own):
    cells = drawn(HabenulaNeurons(kir41=HELPLESS_KIR41, synaptic_rate=0.0), 60, 1)
    kind = kinds(record_cells(cells, 2.0)).kind
    ours = cells[[int(np.flatnonzero(kind == k)[0]) for k in ("tonic", "bursting")]]
    constants = [{name: float(cell[own]) for name, own in OURS.items()} for cell in ours]
    for cell, given in zip(ours, constants, strict=True):
        given["kir"] *= float(cell.kir41)
    expected = neurons_own(constants, SECONDS)
    off = []
    for dt in (0.01, 0.005):
        found = record_cells(ours, SECONDS, settle_s=0.0, dt_ms=dt)
        for i, times in enumerate(expected):
            spikes = 1000.0 * found.time[found.cell == i]
            assert spikes.size == times.size >= 3
            off.append(np.abs(spikes - times).max())
    tonic, bursting = off[:2]
    assert tonic < 1.0 and bursting < 2.0  # ms over 0.4 s
    assert off[2] < 0.65 * tonic and off[3] < 0.65 * bursting  # and halves with the step: what is off is ours
