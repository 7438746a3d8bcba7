"""The same cells under everything that is done to them, and a trace of each kind."""

import numpy as np

from habenula_rl import neurons
from habenula_rl.neurons import HELPLESS_KIR41, VARIED, HabenulaNeurons


def test_manipulated_is_what_recording_each_by_itself_gives():
    table = neurons.manipulated(n_neurons=40, seconds=2.0, seed=2)
    assert list(table.groupby("parameter", sort=False)["value"].nunique()) == [len(v) for v in VARIED.values()]
    for name, value, typical in (
        ("kir41", VARIED["kir41"][0], HabenulaNeurons()),
        ("nmda", 0.8, HabenulaNeurons(kir41=HELPLESS_KIR41)),
        ("t_type", 0.8, HabenulaNeurons(kir41=HELPLESS_KIR41)),
    ):
        alone = neurons.kinds(neurons.record(typical.replace(**{name: value}), 40, 2.0, seed=2))
        rows = table[(table["parameter"] == name) & (table["value"] == value)]
        assert rows["kind"].tolist() == alone["kind"].tolist()
        assert rows["rate_hz"].tolist() == alone["rate_hz"].tolist()


def test_a_trace_of_each_kind_shows_what_the_kind_does():
    table = neurons.traces(HabenulaNeurons(kir41=HELPLESS_KIR41), n_neurons=60, seconds=0.5, seed=1)
    assert set(table["kind"]) <= {"silent", "tonic", "bursting"} and {"tonic", "bursting"} <= set(table["kind"])
    for kind, rows in table.groupby("kind"):
        v = rows["potential_mv"].to_numpy()
        spikes = np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0))
        assert (spikes.size == 0) == (kind == "silent")
        if kind == "bursting":
            assert np.diff(rows["time_s"].to_numpy()[spikes]).min() < 0.02
    assert table.groupby("kind")["cell"].nunique().eq(1).all()


def test_hyperactivity_is_the_logarithm_of_kir():
    assert neurons.hyperactivity(1.0) == 0.0
    assert abs(neurons.hyperactivity(1.7) - 1.0) < 1e-12
    assert abs(neurons.hyperactivity(4.0, 2.0) - 2.0) < 1e-12
