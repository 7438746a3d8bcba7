"""Silent, tonic and bursting: spike trains classified by hand."""

import numpy as np
import pytest

from habenula_rl.neurons import Recording, bursts, kinds

BURST = np.array([0.0, 0.005, 0.010, 0.018])


def recording(*trains, seconds=2.0):
    cell = np.concatenate([np.full(len(t), i) for i, t in enumerate(trains)]).astype(int)
    time = np.concatenate([np.asarray(t, float) for t in trains])
    return Recording(len(trains), seconds, cell, time, np.full(len(trains), -50.0), np.empty((0, 0)), 1.0)


def test_a_burst_begins_below_20_ms_and_ends_above_100_ms():
    #      slow    begins here: 10 ms    99 ms still belongs to it    101 ms does not
    time = np.array([0.0, 0.05, 0.06, 0.159, 0.260, 0.5])
    table = bursts(np.zeros(6, int), time)
    assert len(table) == 1
    assert table.loc[0, ["start", "spikes"]].tolist() == [0.05, 3]
    assert table.loc[0, "duration"] == pytest.approx(0.109)


def test_bursts_do_not_reach_from_one_cell_into_the_next():
    table = bursts(np.array([0, 0, 1, 1]), np.array([0.9, 1.5, 1.505, 1.507]))
    assert table["cell"].tolist() == [1]
    assert table["spikes"].tolist() == [2]


def test_kinds():
    trains = [
        [],  # silent
        [0.3],  # one spike says nothing
        np.arange(0.05, 2.0, 0.1),  # tonic, 10 Hz
        np.arange(0.0, 2.0, 0.01),  # tonic, 100 Hz: one stretch without an end is no bursting
        np.concatenate([BURST + start for start in np.arange(0.0, 1.9, 0.2)]),  # bursting, 5 Hz
        [*np.arange(0.0, 1.3, 0.11), 1.5, 1.505, 1.8, 1.805],  # two doublets in a tonic train: tonic
    ]
    table = kinds(recording(*trains))
    assert table["kind"].tolist() == ["silent", "silent", "tonic", "tonic", "bursting", "tonic"]
    bursting = table.loc[4]
    assert bursting.burst_hz == pytest.approx(5.0)
    assert bursting.spikes_per_burst == 4.0
    assert bursting.within_hz == pytest.approx(3 / 0.018)
    assert bursting.rate_hz == pytest.approx(20.0)
    assert table["burst_hz"].notna().sum() == 1


def test_tonic_stretches_are_no_part_of_a_burst():
    #      10 ms: begins   49 ms: still in it   51 ms: over, though the cell pauses for no 100 ms
    time = np.array([0.0, 0.010, 0.059, 0.110, 0.170, 0.230])
    table = bursts(np.zeros(6, int), time, last_s=0.05)
    assert table[["start", "spikes"]].to_numpy().tolist() == [[0.0, 3]]
    assert table.loc[0, "duration"] == pytest.approx(0.059)

    bursting = np.concatenate([BURST + start for start in np.arange(0.0, 3.9, 0.2)])
    tail = np.arange(4.0, 5.6, 0.08)  # 20 spikes at 12.5 Hz, after the last burst without a pause of 100 ms
    row = kinds(recording(np.concatenate([bursting, BURST + 3.9, tail]), seconds=6.0)).loc[0]
    assert row.kind == "bursting"
    assert row.spikes_per_burst == 4.0
    assert row.within_hz == pytest.approx(3 / 0.018)
    assert row.burst_hz == pytest.approx(20 / 3.9)


def test_what_a_cell_is_hangs_on_its_rate_and_not_on_the_length_of_the_recording():
    for seconds in (2.5, 30.0):
        assert kinds(recording(np.arange(0.1, seconds, 2.5), seconds=seconds)).kind[0] == "silent"  # 0.4 Hz
    assert kinds(recording(np.arange(0.1, 30.0, 1.5), seconds=30.0)).kind[0] == "tonic"  # 0.67 Hz
    rare = np.concatenate([BURST + start for start in (1.0, 11.0, 21.0)])  # 0.4 Hz, but in bursts
    assert kinds(recording(rare, seconds=30.0)).kind[0] == "bursting"


def test_a_recording_too_short_to_tell_the_kinds_apart_is_refused():
    with pytest.raises(ValueError, match=r"a recording of 2 s or more, not 1\.9 s"):
        kinds(recording([0.1], seconds=1.9))


def test_no_spikes_at_all():
    assert kinds(recording([], []))["kind"].tolist() == ["silent", "silent"]
