"""Runs whose tables are larger than what is in memory: the same bytes, and memory that does not grow with them."""

import subprocess
import sys
from types import SimpleNamespace

import pandas as pd
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from habenula_rl.analysis import standard
from habenula_rl.experiment import publish, store
from habenula_rl.experiment import run as running
from habenula_rl.experiment.recorded import RecordedTrials, load_subjects, load_trials
from habenula_rl.experiment.results import load
from habenula_rl.experiment.run import load_manifest, run
from habenula_rl.experiment.study_file import ExperimentError, what_is_read

CONFIG = {
    "study": "size",
    "seed": 1,
    "sweep": {"rate": [0.1, 0.5]},
    "groups": {"a": {"n": 300, "agent": "QLearning", "parameters": {"learning_rate": "$rate"}}, "b": {"n": 3}},
    "phases": [{"name": "one", "task": "Bandit", "trials": 4}, {"name": "two", "task": "Bandit", "trials": 3}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return run(CONFIG, tmp_path_factory.mktemp("size"), figure=False, workers=1)


def test_a_summary_in_pieces_is_the_file_of_the_whole_table(folder, monkeypatch):
    config, subjects = load_manifest(folder)["config"], load_subjects(folder)
    subjects["failed_trial"] = [1, *[-1] * (len(subjects) - 1)]  # and one that had to stop
    written = {}
    monkeypatch.setattr(publish, "write_pieces", lambda path, pieces: written.update(text=b"".join(pieces)))
    publish._as_csv(folder, [standard.summarise(subjects, config)])
    whole = written["text"]
    monkeypatch.setattr(standard, "AT_ONCE", 100)
    pieces = [*standard.pieces(subjects, config)]
    assert len(pieces) > 20 and max(map(len, pieces)) <= 100
    publish._as_csv(folder, pieces)
    assert written["text"] == whole
    assert_frame_equal(pd.concat(pieces, ignore_index=True), standard.summarise(subjects, config))


def test_subjects_go_into_their_file_some_units_at_a_time(tmp_path, monkeypatch):
    """Groups with the same columns: the same rows however many are written together, and once the same bytes."""
    alike = CONFIG | {"groups": {"a": CONFIG["groups"]["a"] | {"n": 600}}, "record": "summary"}
    whole = run(alike, tmp_path / "whole", figure=False, workers=1)
    table = load_subjects(whole)
    assert (whole / "subjects.parquet").read_bytes() == store.parquet_bytes(table)
    monkeypatch.setattr(running, "BATCH", 1100)
    pieces = run(alike, tmp_path / "pieces", figure=False, workers=1)
    rows = pq.ParquetFile(pieces / "subjects.parquet").metadata
    assert [rows.row_group(k).num_rows for k in range(rows.num_row_groups)] == [1024, 688, 688]
    assert_frame_equal(load_subjects(pieces), table)
    assert (pieces / "summary.csv").read_bytes() == (whole / "summary.csv").read_bytes()


def test_groups_that_differ_in_columns_are_written_together(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 1)
    again = run(CONFIG, tmp_path, figure=False, workers=1)
    assert (again / "subjects.parquet").read_bytes() == (folder / "subjects.parquet").read_bytes()


def recorded(folder):
    manifest = load_manifest(folder)
    return RecordedTrials(folder, manifest["tables"], manifest["config"])


def of_each(trials):
    """Reads each subject by itself."""
    found = trials.groupby(["group", "phase", "subject"], observed=True)["outcome"].sum().reset_index()
    return {"sums": found.astype({"group": str, "phase": str}).sort_values(["group", "phase", "subject"])}


def test_what_is_read_by_subjects_is_what_is_read_by_group(folder):
    sizes = []

    def read(trials):
        sizes.append(trials["subject"].nunique())
        return of_each(trials)

    by_subjects = what_is_read(SimpleNamespace(read=read, READ_BY="subjects"), recorded(folder))["sums"]
    assert sizes == [256, 44, 256, 44, 3]  # units of work, never a group
    by_group = what_is_read(SimpleNamespace(read=of_each), recorded(folder))["sums"]
    keys = ["group", "phase", "subject"]
    assert_frame_equal(*(t.sort_values(keys, ignore_index=True) for t in (by_subjects, by_group)))


def test_columns_that_are_not_named_are_not_read(folder):
    whole = load_trials(folder)
    named = ["group", "phase", "subject", "trial", "step", "outcome"]
    read = what_is_read(SimpleNamespace(COLUMNS=("outcome", "absent")), recorded(folder))
    assert_frame_equal(read, whole[[name for name in whole if name in named]])
    found = what_is_read(SimpleNamespace(COLUMNS=["lhb"], read=lambda trials: {"all": trials}), recorded(folder))["all"]
    assert {*found} == {"group", "phase", "subject", "trial", "step", "lhb"}  # NaN where an agent has none


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"COLUMNS": "outcome"}, "COLUMNS must be names of columns"),
        ({"COLUMNS": [1]}, "COLUMNS must be names of columns"),
        ({"READ_BY": "subject"}, "READ_BY must be 'group' or 'subjects', not 'subject'"),
    ],
)
def test_what_they_cannot_be_is_said(folder, given, message):
    with pytest.raises(ExperimentError, match=message):
        what_is_read(SimpleNamespace(**given), recorded(folder))


PEAK = """
import resource, sys
import habenula_rl as hrl

def config(n):
    group = {"n": n, "agent": "QLearning"}
    phase = {"name": "p", "task": "Bandit", "trials": 400}
    return {"study": "peak", "seed": 1, "groups": {"a": group}, "phases": [phase]}

def peak(n):
    hrl.run(config(n), sys.argv[1], figure=False, workers=1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

print(peak(512), peak(4096))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="resource")
def test_memory_does_not_grow_with_subjects_and_their_trials(tmp_path):
    """1.6 million trials of 44 bytes and more as a table are 70 MB: joined, they would show."""
    done = subprocess.run([sys.executable, "-c", PEAK, str(tmp_path)], capture_output=True, text=True, check=True)
    small, large = map(float, done.stdout.split())
    assert large - small < 40.0


FEW = {
    "study": "few",
    "seed": 1,
    "groups": {"a": {"n": 2, "agent": "QLearning"}},
    "phases": [{"name": "p", "task": "Bandit", "trials": 3}],
}


@pytest.mark.parametrize(
    "name", ["subjects.parquet", "summary.csv", "manifest.json", "trials/a-000000.parquet", "units/a-000000.json"]
)
def test_a_folder_in_place_of_a_file_is_said_and_set_aside(name, tmp_path):
    found = run(FEW, tmp_path, figure=False, workers=1)
    before = {path: path.read_bytes() for path in found.rglob("*.parquet")} | {"": (found / "summary.csv").read_bytes()}
    (found / name).unlink()
    (found / name).mkdir()
    (found / name / "mine").write_text("kept")
    if name.endswith(("parquet", "csv")):
        what = {"subjects.parquet": "subjects", "summary.csv": "summary"}.get(name, "trials")
        with pytest.raises(OSError, match=f"{name} is damaged: it is not a file"):
            getattr(load(found), what)
    if name == "manifest.json":
        with pytest.raises(FileNotFoundError, match=r"its manifest.json is a folder$"):
            load(found)
    assert run(FEW, tmp_path, figure=False, workers=1) == found
    after = {path: path.read_bytes() for path in before if path} | {"": (found / "summary.csv").read_bytes()}
    assert after == before
    assert [path.read_text() for path in (found / "damaged").rglob("mine")] == ["kept"]
