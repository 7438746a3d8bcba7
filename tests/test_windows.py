"""What other systems lack or do otherwise, made to be so here: nothing in this file has run on Windows."""

import builtins
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from habenula_rl import files
from habenula_rl.compiler import cache, kept_files
from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.experiment.store import LockedError, Store

BOX = {"name": "box", "task": "SucrosePreference", "trials": 2}


@pytest.fixture
def windows(monkeypatch):
    """No fcntl, no folder that can be opened, no uid, and a lock of bytes as msvcrt has it."""
    held = {}

    def locking(handle, mode, n):
        key = (os.fstat(handle).st_ino, os.lseek(handle, 0, os.SEEK_CUR))
        if held.setdefault(key, handle) != handle:
            raise OSError("deadlock avoided")

    real = builtins.__import__

    def without_fcntl(name, *args, **kwargs):
        if name == "fcntl":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_fcntl)
    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_NBLCK=2))
    monkeypatch.setattr(files, "NO_FOLLOW", None)
    monkeypatch.setattr(files, "WITHOUT_WAITING", 0)
    return held


def test_a_folder_is_locked_by_a_byte_behind_what_it_says(tmp_path, windows):
    first, second = Store(tmp_path), Store(tmp_path)
    with first.locked(), pytest.raises(LockedError, match=f"process {os.getpid()}"), second.locked():
        pass
    assert {at for _, at in windows} == {files.LOCKED_BYTE}
    assert (tmp_path / ".lock").stat().st_size < 40


def test_a_lock_that_is_a_link_is_refused_without_o_nofollow(tmp_path, windows):
    (tmp_path / "other").write_text("precious", encoding="utf-8")
    (tmp_path / ".lock").symlink_to(tmp_path / "other")
    with pytest.raises(files.OutsideError, match="is a link"), Store(tmp_path).locked():
        pass
    assert (tmp_path / "other").read_text(encoding="utf-8") == "precious"


def test_no_folder_is_synced(tmp_path, monkeypatch):
    opened = []
    real = os.open
    monkeypatch.setattr(files.os, "open", lambda path, *how: opened.append(Path(path)) or real(path, *how))
    monkeypatch.setattr(files, "SYNCS_FOLDERS", False)
    with files.replaced(tmp_path / "x") as file:
        file.write(b"1")
    assert tmp_path not in opened


def test_compiled_rules_are_kept_without_a_uid(tmp_path, monkeypatch):
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path))
    monkeypatch.delattr(os, "geteuid")
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
        monkeypatch.delattr(os, name)
    assert cache.refused() is None
    kept_files.write_whole(tmp_path / "hrl_x", b"code")
    assert kept_files.read(tmp_path / "hrl_x") == b"code"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_output_in_another_encoding(encoding):
    done = subprocess.run(
        [sys.executable, "-m", "habenula_rl", "list"],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert "ShuttleBox" in done.stdout.decode(encoding)


@pytest.mark.parametrize("name", ["con", "NUL.x", "Lpt1", "ends."])
def test_names_that_no_file_can_have_there(name):
    with pytest.raises(ConfigError, match="must be one that a file can have on Windows too"):
        load_study({"study": "s", "seed": 1, "groups": {name: {"n": 1}}, "phases": [BOX]})
    load_study({"study": "s", "seed": 1, "groups": {"control": {"n": 1}, "console": {"n": 1}}, "phases": [BOX]})


def test_groups_that_differ_by_capitals_alone():
    with pytest.raises(ConfigError, match="its files are those of group 'Mice' where capitals do not count"):
        load_study({"study": "s", "seed": 1, "groups": {"Mice": {"n": 1}, "mice": {"n": 1}}, "phases": [BOX]})
