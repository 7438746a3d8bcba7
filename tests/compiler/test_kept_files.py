"""Files that are written whole, and read only where nobody else could have written them."""

import os

import pytest

from habenula_rl.compiler.kept_files import read, write_whole


def test_what_was_written_is_read_and_is_ones_own(tmp_path):
    path = tmp_path / "kept.bin"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert read(path) == b"two" and path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["kept.bin"]


def test_what_is_not_there_is_empty(tmp_path):
    assert read(tmp_path / "nothing") == b"" == read(tmp_path)


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_can_write_is_not_read(tmp_path, mode):
    path = tmp_path / "kept.bin"
    write_whole(path, b"one")
    path.chmod(mode)
    assert read(path) == b""


def test_neither_a_link_nor_a_pipe_is_read(tmp_path):
    write_whole(tmp_path / "one", b"one")
    (tmp_path / "link").symlink_to(tmp_path / "one")
    os.mkfifo(tmp_path / "pipe")
    assert read(tmp_path / "link") == b"" == read(tmp_path / "pipe")


def test_where_nothing_can_be_written_nothing_is(tmp_path):
    write_whole(tmp_path / "nowhere" / "kept.bin", b"one")
    (tmp_path / "folder").mkdir()
    write_whole(tmp_path / "folder", b"one")
    assert os.listdir(tmp_path) == ["folder"]  # no temporary file either
