"""Large runs: memory bounded, trials streamed into one file that is whole or not there, subjects that stopped named."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.agents import HabenulaAgent
from habenula_rl.contract import Agent, Task, parameter
from habenula_rl.engine import chunks, streaming
from habenula_rl.engine.population import simulate
from habenula_rl.files import StoreError
from habenula_rl.tasks import ShuttleBox, SucrosePreference

SOURCE = str(Path(hrl.__file__).parents[1])
TASKS = {"one step a trial": SucrosePreference(), "some steps a trial": ShuttleBox()}
COMMON = {"n_subjects": 70, "n_trials": 12, "seed": 5}


def tick_begin(q, x, e):
    e.state = 0


def tick_step(q, x, e):
    e.next_state = 0
    e.reward = float(e.trial)
    e.terminated = 1 if e.step == 1 else 0


@dataclass(frozen=True)
class Ticking(Task):
    """Two steps a trial, whose reward is the trial's number."""

    begin, step = tick_begin, tick_step
    states = ("here",)
    actions = ("wait",)
    max_steps = 2


def limit_start(p, w, reflex):
    w.seen = 0.0


def limit_prefer(p, w, e, z):
    z[0] = 0.0


def limit_learn(p, w, e, y):
    w.seen += e.reward
    y.rpe = w.seen
    if w.seen > p.limit:
        y.rpe = np.inf


@dataclass(frozen=True)
class Limited(Agent):
    """Its signal is the sum of all rewards, as long as that is not above the limit."""

    start, prefer, learn = limit_start, limit_prefer, limit_learn
    signals = ("rpe",)
    limit: float = parameter(100.0, doc="what it can bear", low=0, high=1000)
    other: int = parameter(3, doc="nothing", low=0, high=5)

    @staticmethod
    def state(n_states, n_actions):
        return {"seen": ()}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("record", ["trials", ["rpe", "dopamine"]], ids=["all signals", "two signals"])
@pytest.mark.parametrize(("chunk", "threads"), [(None, 2), (33, 1), (16, 3)])
def test_the_file_holds_the_table_of_a_run_in_memory(tmp_path, monkeypatch, task, record, chunk, threads):
    monkeypatch.setattr(streaming, "GROUP", 500)
    memory = simulate(HabenulaAgent(), task, record=record, **COMMON)
    options = {"chunk": chunk, "threads": threads, "to": tmp_path / "trials.parquet"}
    run = simulate(HabenulaAgent(), task, record=record, **COMMON, **options)
    pd.testing.assert_frame_equal(run.trials, memory.trials, check_exact=True)
    pd.testing.assert_frame_equal(run.subjects, memory.subjects, check_exact=True)
    assert os.listdir(tmp_path) == ["trials.parquet"]
    sizes = [pq.ParquetFile(run.trial_file).metadata.row_group(k).num_rows for k in range(len(memory.trials) // 500)]
    assert set(sizes) == {500}


def test_the_file_has_the_same_bytes_however_the_run_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "GROUP", 500)
    for name, options in {"a": {}, "b": {"chunk": 16, "threads": 2}, "c": {"chunk": 40}}.items():
        simulate(HabenulaAgent(), ShuttleBox(), **COMMON, **options, to=str(tmp_path / f"{name}.parquet"))
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_the_file_is_compressed_split_and_checked_as_an_experiments_tables_are(tmp_path):
    simulate(HabenulaAgent(), SucrosePreference(), **COMMON, to=tmp_path / "t.parquet")
    group = pq.ParquetFile(tmp_path / "t.parquet").metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert {c.compression for c in columns.values()} == {"ZSTD"}
    assert "BYTE_STREAM_SPLIT" in columns["rpe"].encodings
    assert columns["phase"].has_dictionary_page
    data = bytearray((tmp_path / "t.parquet").read_bytes())
    data[columns["rpe"].data_page_offset + columns["rpe"].total_compressed_size - 3] ^= 1
    (tmp_path / "t.parquet").write_bytes(data)
    with pytest.raises(OSError, match=r"CRC|crc|checksum"):
        streaming.read_trials(tmp_path / "t.parquet")


def test_a_file_of_that_name_is_replaced_and_one_that_is_gone_is_named(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"old")
    monkeypatch.chdir(tmp_path)
    run = simulate(HabenulaAgent(), SucrosePreference(), n_trials=3, to="t.parquet")
    monkeypatch.chdir("/")
    assert len(run.trials) == 3
    assert run.trials is run.trials
    assert run.trial_file == path
    again = simulate(HabenulaAgent(), SucrosePreference(), n_trials=3, to=path)
    path.unlink()
    with pytest.raises(StoreError, match=r"cannot read .*t.parquet: the trial record that was written there is gone"):
        again.trials  # noqa: B018


@pytest.mark.parametrize(
    ("to", "record", "message"),
    [
        ("trials.csv", "trials", "to must be the path of a .parquet file, not 'trials.csv'"),
        (7, "trials", "to must be the path of a .parquet file, not 7"),
        (b"t.parquet", "trials", "to must be the path of a .parquet file, not b't.parquet'"),
        ("", "trials", "to must be the path of a .parquet file, not ''"),
        (
            "t.parquet",
            "summary",
            "record='summary' keeps no trials that could be written: leave out to, or record='trials'",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_sentence(tmp_path, monkeypatch, to, record, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError) as caught:
        simulate(HabenulaAgent(), SucrosePreference(), record=record, to=to)
    assert str(caught.value) == message
    assert not os.listdir(tmp_path)


def test_a_folder_that_is_not_there_is_named_before_anything_is_simulated(tmp_path):
    with pytest.raises(StoreError) as caught:
        simulate(HabenulaAgent(), SucrosePreference(), n_trials=10**12, to=tmp_path / "no" / "t.parquet")
    assert str(caught.value) == f"cannot write {tmp_path}/no/t.parquet: there is no folder {tmp_path}/no"
    (tmp_path / "folder.parquet").mkdir()
    with pytest.raises(StoreError, match=r"folder.parquet: it is a folder"):
        simulate(HabenulaAgent(), SucrosePreference(), n_trials=10**12, to=tmp_path / "folder.parquet")


FULL = """
import errno, os, resource, signal, sys
import habenula_rl as hrl
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    hrl.simulate(hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), n_subjects=64, n_trials=500, compiled=COMPILED,
        to="t.parquet")
except OSError as error:
    print(type(error).__name__, error)
print(os.listdir())
"""


def python(code, folder, **options):
    """A fresh interpreter at work in a folder."""
    environment = os.environ | {"PYTHONPATH": SOURCE}
    return subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=environment, text=True, **options)


def test_a_disk_that_is_full_leaves_nothing_and_is_told_in_one_sentence(tmp_path):
    process = python(FULL.replace("COMPILED", "True"), tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, errors = process.communicate(timeout=60)
    assert said.splitlines() == [f"StoreError cannot write {tmp_path}/t.parquet: File too large", "[]"]
    assert errors == ""


@pytest.mark.parametrize("what", ["fsync", "replace"])
def test_a_disk_that_fails_at_the_end_leaves_the_file_as_it_was(tmp_path, monkeypatch, what):
    def fails(*_):
        raise OSError(5, "Input/output error")

    (tmp_path / "t.parquet").write_bytes(b"old")
    monkeypatch.setattr(os, what, fails)
    with pytest.raises(StoreError, match=r"cannot write .*t.parquet: Input/output error"):
        simulate(HabenulaAgent(), SucrosePreference(), n_trials=3, to=tmp_path / "t.parquet")
    assert (tmp_path / "t.parquet").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["t.parquet"]


@pytest.mark.parametrize("groups", [1 << 18, 100], ids=["nothing written yet", "some written"])
def test_a_chunk_that_fails_leaves_no_file(tmp_path, monkeypatch, groups):
    from habenula_rl.engine import tables

    real = tables.subject_columns

    def fails_late(phase, subjects, task):
        if subjects.first >= 48:
            raise ZeroDivisionError("in a chunk")
        return real(phase, subjects, task)

    monkeypatch.setattr(streaming, "GROUP", groups)
    monkeypatch.setattr(tables, "subject_columns", fails_late)
    with pytest.raises(ZeroDivisionError, match="in a chunk"):
        simulate(HabenulaAgent(), SucrosePreference(), **COMMON, chunk=16, threads=2, to=tmp_path / "t.parquet")
    assert os.listdir(tmp_path) == []


KILLED = """
import habenula_rl as hrl
hrl.simulate(hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), n_subjects=10**6, n_trials=10**4, to="t.parquet")
"""


def test_a_killed_run_leaves_no_file_of_that_name(tmp_path):
    process = python(KILLED, tmp_path)
    try:
        end = time.monotonic() + 60
        while not any(path.stat().st_size > 1000 for path in tmp_path.iterdir()) and time.monotonic() < end:
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert [path.suffix for path in tmp_path.iterdir()] == [".tmp"]


MEASURED = """
import resource
import habenula_rl as hrl
from habenula_rl.engine import streaming
streaming.GROUP = 20_000
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def run(n):
    options = {"n_subjects": n, "n_trials": {TRIALS}, "threads": 2} | {KEPT}
    return hrl.simulate(hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), **options)
run(64)
before = peak()
run({SUBJECTS})
print(peak() - before)
"""
SIZES = {  # in MB: records of all subjects would take 160, all rows 75
    "summary": ('{"record": "summary"}', 1, 200_000, 115),
    "streamed": ('{"chunk": 16, "to": "t.parquet"}', 500, 2_000, 25),
}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_memory_is_bounded(tmp_path, size):
    code = MEASURED
    for name, value in zip(("KEPT", "TRIALS", "SUBJECTS"), size, strict=False):
        code = code.replace(f"{{{name}}}", str(value))
    process = python(code, tmp_path, stdout=subprocess.PIPE)
    assert float(process.communicate(timeout=60)[0]) < size[3]


LONG = """
import resource
import habenula_rl as hrl
from habenula_rl.engine import chunks, streaming
streaming.GROUP, chunks.ROOM, chunks.MOST_ROOM = 20_000, 2 << 20, 4 << 20
def run(n):
    hrl.simulate(hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), n_trials=n, threads=2, to="t.parquet")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = run(100_000)
print(run(1_000_000) - before)
"""


def test_memory_does_not_grow_with_the_trials_of_one_subject(tmp_path):
    """Its records alone would take 56 MB."""
    process = python(LONG, tmp_path, stdout=subprocess.PIPE)
    assert float(process.communicate(timeout=120)[0]) < 15


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_subject_in_pieces_leaves_the_same_bytes(tmp_path, monkeypatch, task, compiled):
    how = {"n_subjects": 3, "n_trials": 60, "seed": 5, "compiled": compiled}
    whole = simulate(HabenulaAgent(), task, **how, to=tmp_path / "whole.parquet")
    monkeypatch.setattr(chunks, "MOST_ROOM", 0)
    monkeypatch.setattr(chunks, "ROOM", 2_000)
    pieces = simulate(HabenulaAgent(), task, **how, to=tmp_path / "pieces.parquet")
    assert (tmp_path / "whole.parquet").read_bytes() == (tmp_path / "pieces.parquet").read_bytes()
    pd.testing.assert_frame_equal(whole.subjects, pieces.subjects, check_exact=True)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_subject_that_stops_in_a_later_piece_is_named_and_the_next_one_goes_on(tmp_path, monkeypatch, compiled):
    how = {"n_subjects": 3, "n_trials": 30, "parameters": {"limit": [10.0, 1000.0, 300.0]}, "compiled": compiled}
    whole = simulate(Limited(), Ticking(), **how, to=tmp_path / "whole.parquet")
    monkeypatch.setattr(chunks, "MOST_ROOM", 0)
    monkeypatch.setattr(chunks, "ROOM", 1_500)
    pieces = simulate(Limited(), Ticking(), **how, to=tmp_path / "pieces.parquet")
    assert list(pieces.failed.subject) == [0, 2] and list(pieces.failed.trial) == [3, 17]  # t(t + 1) after trial t
    pd.testing.assert_frame_equal(whole.failed, pieces.failed)
    pd.testing.assert_frame_equal(whole.subjects, pieces.subjects, check_exact=True)
    assert (tmp_path / "whole.parquet").read_bytes() == (tmp_path / "pieces.parquet").read_bytes()


@pytest.mark.parametrize("compiled", [True, False])
def test_pieces_have_their_own_rows_and_sums_from_the_first_trial_on(compiled):
    from habenula_rl.engine.population import Subjects

    agent, task = HabenulaAgent(), ShuttleBox()
    once, cut = (Subjects(agent, {"task": task}, n=1, seed=3) for _ in range(2))
    whole = once.run(once._bound(task, True, compiled, True), 25, context="task")
    found = list(cut.pieces(cut._bound(task, True, compiled, True), 25, 10, context="task"))
    assert [len(np.unique(piece.rows["trial"])) for piece in found] == [10, 10, 5]
    assert np.concatenate([piece.rows for piece in found]).tobytes() == whole.rows.tobytes()
    assert found[-1].sums.tobytes() == whole.sums.tobytes()
    assert [int(piece.sums["steps"][0]) for piece in found] == np.cumsum([len(piece.rows) for piece in found]).tolist()
    assert cut.state.tobytes() == once.state.tobytes()


@given(n=st.integers(1, 10_000), chunk=st.integers(1, 3_000))
def test_every_subject_is_in_one_chunk_and_no_rest_leaves_lanes_empty(n, chunk):
    cut = chunks.cut(n, chunk)
    assert [i for part in cut for i in part] == list(range(n))
    assert all(len(part) >= min(chunk, 16, n) for part in cut)


@given(n=st.integers(1, 10**7), threads=st.integers(1, 64), steps=st.integers(1, 10**7), size=st.integers(100, 10**9))
def test_a_chosen_chunk_fits_and_fills_the_lanes(n, threads, steps, size):
    chunk = chunks.chosen(n, threads, steps, size)
    assert chunk % 16 == 0
    assert chunk == 16 or (chunk - 16) * size < chunks.ROOM


def test_few_subjects_with_long_lives_are_shared_out_to_the_threads():
    assert len(chunks.cut(100, chunks.chosen(100, 2, 100_000, 500))) == 6
    assert len(chunks.cut(100, chunks.chosen(100, 2, 100, 500))) == 1


def test_who_takes_slowly_holds_the_threads_back():
    begun = []
    parts = chunks.in_order(lambda chunk: begun.append(chunk.start), chunks.cut(1000, 10), 3)
    next(parts)
    time.sleep(0.05)
    assert len(begun) <= 4
    parts.close()
    assert len(begun) <= 4


def test_a_failure_is_handed_on_after_the_chunks_under_way():
    gate, ended = Event(), []

    def work(chunk):
        if chunk.start == 0:
            gate.set()
            raise KeyError("first")
        gate.wait()
        time.sleep(0.02)
        ended.append(chunk.start)

    with pytest.raises(KeyError, match="first"):
        list(chunks.in_order(work, chunks.cut(1000, 10), 2))
    assert len(ended) <= 2


@pytest.mark.parametrize(("compiled", "chunk"), [(True, None), (False, None), (False, 2)])
def test_a_subject_that_stops_is_named_with_trial_step_and_parameters(compiled, chunk):
    """Rewards 0 0 1 1 2 2 3 3 add up to 0 0 1 2 4 6 9 12: above 5 in trial 2, step 1, above 10 in trial 3, step 1."""
    limits = np.array([100.0, 5.0, 12.0, 10.0, 0.0])
    run = simulate(
        Limited(other=4),
        Ticking(),
        n_subjects=5,
        n_trials=4,
        parameters={"limit": limits},
        compiled=compiled,
        chunk=chunk,
    )
    stopped = {"subject": [1, 3, 4], "trial": [2, 3, 1], "step": [1, 1, 0]}
    stopped["reason"] = [
        f"trial {t}, step {s}: the signal 'rpe' is inf" for t, s in zip(stopped["trial"], stopped["step"], strict=True)
    ]
    stopped |= {"limit": [5.0, 10.0, 0.0], "other": [4] * 3}
    pd.testing.assert_frame_equal(run.failed, pd.DataFrame(stopped))
    assert list(run.subjects.failed_trial) == [-1, 2, -1, 3, 1]
    assert list(run.subjects.failed_step) == [-1, 1, -1, 1, 0]
    assert list(run.trials.groupby("subject").size()) == [8, 5, 8, 7, 2]
    assert list(run.trials.rpe[run.trials.subject == 3]) == [0, 0, 1, 2, 4, 6, 9]


def test_where_no_subject_stops_the_table_of_those_is_empty():
    failed = simulate(HabenulaAgent(), SucrosePreference(), n_trials=3, record="summary").failed
    assert failed.empty
    assert list(failed.columns) == ["subject", "trial", "step", "reason", *HabenulaAgent.fields()]
