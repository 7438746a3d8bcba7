"""Results on disk: whole or absent, and no damage unnoticed."""

import errno
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from habenula_rl import files as written
from habenula_rl.experiment import store as module
from habenula_rl.experiment.store import DamagedError, LockedError, Store, StoreError
from habenula_rl.experiment.units import UnitResult

ORIGIN = {"started": "2026-01-01T00:00:00+00:00", "versions": {"numpy": "2.0"}}
FILES = ("units/mice-000000.json", "units/mice-000000.parquet", "trials/mice-000000.parquet")


def result(n=50):
    labels = {"group": pd.Categorical(["mice"] * n), "phase": pd.Categorical(["box"] * n)}
    subject = np.arange(n, dtype="i4")
    rpe = np.sin(subject).astype("f4")
    trials = pd.DataFrame(labels | {"subject": subject, "terminated": subject % 2 == 0, "rpe": rpe})
    return UnitResult(trials, pd.DataFrame(labels | {"subject": subject, "outcome": np.cos(subject)}))


@pytest.fixture
def filled(tmp_path):
    """A store with one committed unit."""
    store = Store(tmp_path / "run")
    store.commit("mice-000000", result(), "rules", ORIGIN)
    return store


def test_what_is_committed_is_there(filled):
    assert filled.verify("mice-000000", "rules") == "done"
    assert filled.verify("mice-000256", "rules") == "missing"
    assert filled.verify("mice-000000", "other rules") == "outdated"
    for path, entry in filled.marker("mice-000000")["files"].items():
        read = module.read_table(filled.folder / path, entry["sha256"]).to_pandas()
        assert_frame_equal(read, result().trials if path.startswith("trials") else result().subjects)
        assert entry["rows"] == 50


def test_same_table_same_bytes():
    assert module.parquet_bytes(result().trials) == module.parquet_bytes(result().trials)


def test_parquet_is_compressed_split_and_checked(filled):
    group = pq.ParquetFile(filled.folder / FILES[2]).metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert {c.compression for c in columns.values()} == {"ZSTD"}
    assert "BYTE_STREAM_SPLIT" in columns["rpe"].encodings
    assert columns["group"].has_dictionary_page
    assert columns["phase"].has_dictionary_page


def test_pages_carry_a_checksum(filled):
    """Bytes in the middle of the file changed: without the check pyarrow may read other numbers in silence."""
    path = filled.folder / FILES[2]
    data = bytearray(path.read_bytes())
    column = pq.ParquetFile(path).metadata.row_group(0).column(4)
    data[column.data_page_offset + column.total_compressed_size - 3] ^= 1
    path.write_bytes(data)
    with pytest.raises(OSError, match=r"CRC|crc|checksum"):
        pq.read_table(path, page_checksum_verification=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_bit_is_noticed(tmp_path, data):
    store = Store(tmp_path / "run")
    store.commit("mice-000000", result(), "rules", ORIGIN)
    path = store.folder / data.draw(st.sampled_from(FILES[1:]))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    assert store.verify("mice-000000", "rules") == "damaged"
    assert store.verify("mice-000000", "rules") == "missing"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.binary(max_size=80), st.sampled_from([b"", b"{}", b"[]", b"null", b'{"layout": 1}', b"NaN"])))
def test_a_marker_that_is_none_is_damage(tmp_path, text):
    store = Store(tmp_path / "run")
    store.commit("mice-000000", result(), "rules", ORIGIN)
    (store.folder / FILES[0]).write_bytes(text)
    assert store.verify("mice-000000", "rules") == "damaged"


def test_a_marker_with_strange_files_is_damage(filled):
    path = filled.folder / FILES[0]
    for files in ({"a": 1}, [1], {"a": {}}, {"units/none.parquet": {"sha256": "x"}}):
        marker = {"layout": module.LAYOUT, "rules": "rules", "origin": ORIGIN, "ended": "", "files": files}
        path.write_text(json.dumps(marker), encoding="utf-8")
        assert filled.verify("mice-000000", "rules") == "damaged"


@pytest.mark.parametrize("file", FILES[1:])
def test_a_truncated_or_missing_table_is_damage(filled, file):
    path = filled.folder / file
    path.write_bytes(path.read_bytes()[:-10])
    assert filled.verify("mice-000000", "rules") == "damaged"
    filled.commit("mice-000000", result(), "rules", ORIGIN)
    path.unlink()
    assert filled.verify("mice-000000", "rules") == "damaged"


def test_damaged_files_are_kept_aside_each_time(filled):
    for _ in range(2):
        (filled.folder / FILES[2]).write_bytes(b"junk")
        assert filled.verify("mice-000000", "rules") == "damaged"
        filled.commit("mice-000000", result(), "rules", ORIGIN)
    kept = sorted(path.name for path in (filled.folder / "damaged").iterdir())
    assert "mice-000000-2.json" in kept
    assert sum("parquet" in name for name in kept) == 4
    assert filled.verify("mice-000000", "rules") == "done"


class HalfWritten:
    """A file whose disk is full after half of what is written."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        raise OSError(errno.ENOSPC, "No space left on device")


def failing(real, at, number, calls):
    """`real`, which fails the `at`-th time that it is called."""

    def faulty(*args, **kwargs):
        calls.append(args)
        if len(calls) == at + 1:
            if number == errno.ENOSPC:
                return HalfWritten(real(*args, **kwargs))
            raise OSError(number, os.strerror(number))
        return real(*args, **kwargs)

    return faulty


@pytest.mark.parametrize("what", ["open", "fsync", "replace"])
@pytest.mark.parametrize("at", range(6))
def test_a_failing_disk_leaves_no_half_file(tmp_path, monkeypatch, what, at):
    store, calls = Store(tmp_path / "run"), []
    if what == "open":
        monkeypatch.setattr(written, "open", failing(open, at, errno.ENOSPC, calls), raising=False)
    else:
        monkeypatch.setattr(written.os, what, failing(getattr(os, what), at, errno.EIO, calls))
    if at < (6 if what == "fsync" else 3):  # three files; each is synced, and so is its folder
        with pytest.raises(StoreError, match=r"cannot write .*mice-000000\.(json|parquet): (No space|Input/out)"):
            store.commit("mice-000000", result(), "rules", ORIGIN)
    else:
        store.commit("mice-000000", result(), "rules", ORIGIN)
    monkeypatch.undo()
    assert not list(tmp_path.rglob(".*.tmp"))
    for path in tmp_path.rglob("*.parquet"):
        pq.read_table(path, page_checksum_verification=True)
    assert store.verify("mice-000000", "rules") in ("missing", "done")


def test_a_failed_write_leaves_the_file_as_it_was(filled, monkeypatch):
    before = (filled.folder / FILES[1]).read_bytes()
    monkeypatch.setattr(written, "open", failing(open, 0, errno.ENOSPC, []), raising=False)
    with pytest.raises(StoreError, match="No space left"):
        module.write_bytes(filled.folder / FILES[1], b"other")
    assert (filled.folder / FILES[1]).read_bytes() == before


def test_json_holds_no_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        module.write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not list(tmp_path.iterdir())


def test_read_verified_refuses_other_bytes(filled):
    with pytest.raises(DamagedError, match=r"mice-000000\.parquet is damaged"):
        module.read_table(filled.folder / FILES[1], "0" * 64)


def test_a_second_run_is_refused_by_the_number_of_the_first(tmp_path):
    first, second = Store(tmp_path), Store(tmp_path)
    with first.locked(), pytest.raises(LockedError, match=f"process {os.getpid()}"), second.locked():
        pass
    with Store(tmp_path).locked():
        pass


HOLDER = """
import sys, time
from pathlib import Path
from habenula_rl.experiment.store import Store
with Store(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_killed_run_leaves_no_lock(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "locked\n"
    with pytest.raises(LockedError, match=f"process {holder.pid}"), Store(tmp_path).locked():
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with Store(tmp_path).locked():
        pass


def test_temporary_files_of_a_killed_run_go(filled):
    left = filled.folder / "trials" / ".mice-000000.parquet.99.tmp"
    left.write_bytes(b"half")
    filled.clear_temporary()
    assert not left.exists()
    assert filled.verify("mice-000000", "rules") == "done"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("here")
    with (
        pytest.raises(StoreError, match=r"file/run/\.lock: Not a directory"),
        Store(tmp_path / "file" / "run").locked(),
    ):
        pass
