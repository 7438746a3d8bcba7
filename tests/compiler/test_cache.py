"""The folder of compiled programs: whatever is damaged or torn in it is compiled again, and only ours is removed."""

import itertools
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from habenula_rl.compiler import cache, kept_files, numba_patches
from habenula_rl.compiler import module as compiler

COUNTER = itertools.count()


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def program(place):
    """A function that makes the program anew, as another process would, and calls it on 2.0."""
    source = f"from numba import njit\n@njit\ndef entry(x):\n    return {next(COUNTER)} + 10.0 * x\n"
    expected = float(source.split("return ")[1].split(" ")[0]) + 20.0

    def run():
        sys.modules.pop(f"hrl_{cache.fingerprint(source)}", None)
        entry = cache.module(source, ["entry"]).entry
        assert entry(2.0) == expected
        return "loaded" if sum(entry.stats.cache_hits.values()) else "compiled"

    return run


def machine_code(place):
    (path,) = place.glob("hrl_*.bin")
    return path


def test_a_program_is_compiled_once(place, program):
    assert [program(), program(), program()] == ["compiled", "loaded", "loaded"]
    assert len(list(place.iterdir())) == 2  # the module and its machine code, nothing beside them


DAMAGES = {
    "cut short": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "shorter than a checksum": lambda content: content[:7],
    "zeros": lambda content: bytes(len(content)),
    "text": lambda content: b"not machine code",
    "longer": lambda content: content + b"\0",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_machine_code_is_compiled_again(place, program, damage):
    program()
    path = machine_code(place)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert program() == "compiled"
    assert len(path.read_bytes()) == pytest.approx(len(whole), rel=0.01)
    assert program() == "loaded"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"raise SystemExit('run')\n"])
def test_a_damaged_module_is_never_run(place, program, content):
    program()
    (module,) = place.glob("hrl_*.py")
    whole = module.read_bytes()
    module.write_bytes(content)
    assert program() == "loaded"
    assert module.read_bytes() == whole


def test_machine_code_for_other_types_is_not_taken(place, program):
    """A file under the name of another is whole, but says itself what it is for."""
    from numba.core.registry import cpu_target

    program()
    path = machine_code(place)
    kept = numba_patches.MachineCode(path.with_name(path.name.rsplit(".", 2)[0]))
    other = kept._path("other types")
    path.rename(other)
    kept._path = lambda key: other
    assert kept.load_overload((), cpu_target.target_context) is None


@pytest.mark.parametrize("broken", ["mkstemp", "replace"])
def test_a_disk_that_is_full_costs_only_the_next_start(place, program, monkeypatch, broken):
    def full(*args, **keywords):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(kept_files.tempfile if broken == "mkstemp" else kept_files.os, broken, full)
        assert [program(), program()] == ["compiled", "compiled"]
    assert list(place.iterdir()) == []
    assert [program(), program()] == ["compiled", "loaded"]


def test_without_a_home_it_compiles_all_the_same(monkeypatch, tmp_path):
    for name in ("HABENULA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(cache.Path, "home", homeless)
    monkeypatch.chdir(tmp_path)
    assert cache.folder() is None
    assert compiler.bound({"entry": homeless_rule}, {}, compiled=True)["entry"](2.0) == 5.0
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match=r"there is no home .*HABENULA_CACHE_DIR can name a folder"):
        cache.contents()


def homeless_rule(x):
    return x + 3.0


PROCESS = """
import sys, time
from pathlib import Path
import numpy as np
from habenula_rl.compiler import module as compiler
sys.path.insert(0, sys.argv[1])
import rule
answers = []
for size in (2, 4) if sys.argv[2] == "up" else (4, 2):  # two record types, met in either order
    entry = compiler.bound({"entry": rule.entry}, {}, compiled=True)["entry"]
    w = np.zeros(3, np.dtype([("v", "f8", (size,)), ("after", "f8")]))
    w["after"] = 5.0
    answers.append(entry(w))
print(*answers, "loaded" if not entry.stats.cache_misses else "compiled")
"""
RULE = """
def entry(w):
    total = 0.0
    for i in range(w.shape[0]):
        w[i].v[1] += 1.0
        total += w[i].after + w[i].v[1]
    return total
"""


@pytest.fixture
def started(tmp_path, place):
    (tmp_path / "rule.py").write_text(textwrap.dedent(RULE))
    (tmp_path / "process.py").write_text(PROCESS)

    def start(order):
        command = [sys.executable, str(tmp_path / "process.py"), str(tmp_path), order]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


def test_four_processes_fill_an_empty_cache_together(started, place):
    together = [started(order) for order in ("up", "down", "up", "down")]
    for process in together:
        out, err = process.communicate(timeout=120)
        assert (out.split()[:2], err) == (["18.0", "18.0"], "")
    assert started("up").communicate(timeout=60)[0].split() == ["18.0", "18.0", "loaded"]
    assert len(list(place.iterdir())) == 3


def test_a_process_killed_while_it_compiles_leaves_a_usable_cache(started, place):
    process = started("up")
    until = time.monotonic() + 60
    while not list(place.glob("hrl_*.py")) and time.monotonic() < until:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert started("down").communicate(timeout=60)[0].split()[:2] == ["18.0", "18.0"]
    assert started("down").communicate(timeout=60)[0].split() == ["18.0", "18.0", "loaded"]


def filled(place):
    """Files of ours, of today and of earlier versions, and files that only look a little like ours."""
    name = "hrl_" + "0123456789abcdef" * 2
    (place / "__pycache__").mkdir(parents=True)
    ours = [place / f"{name}.py", place / f"{name}.population.0011223344556677.bin", place / f"{name}.py.x_1.tmp"]
    earlier = ("cpython-311.pyc", "act-9.py311.nbi", "act-9.py311.1.nbc")
    ours += [place / "__pycache__" / f"{name}.{end}" for end in earlier]
    ours[0].write_text("# Python 2.7.18, numpy 1.0, numba 0.1\n")
    for path in ours[1:]:
        path.write_bytes(bytes(1000))
    (place / name).mkdir()
    (place / f"{name}.folder").mkdir()
    (place / "verdicts").mkdir()
    ours += [place / "verdicts" / f"{'ab' * 16}.json"]
    ours[-1].write_bytes(b"{}")
    alike = (
        "hrl_notes.py",
        f"{name}",
        f"{name}.folder",
        f"my_{name}.py",
        "data.csv",
        "__pycache__/x.pyc",
        "verdicts/mine.json",
    )
    others = [place / other for other in alike]
    for path in others:
        if not path.is_dir():
            path.write_text("mine")
    return ours, others


def test_clear_removes_what_is_ours_and_nothing_else(place):
    ours, others = filled(place)
    kept = cache.contents()
    assert (kept.folder, kept.programs, kept.unused, kept.verdicts, kept.files) == (place, 1, 1, 1, 7)
    assert kept.size == 5002 + len("# Python 2.7.18, numpy 1.0, numba 0.1\n")
    assert cache.clear() == kept
    assert not any(path.exists() for path in ours)
    assert all(path.exists() for path in others)


def test_a_program_of_these_versions_is_counted_as_used(place, program):
    program()
    assert (cache.contents().programs, cache.contents().unused) == (1, 0)
    cache.clear()
    assert program() == "compiled"


def habenula(*arguments, **environment):
    code = "import sys; from habenula_rl.cli.commands import main; main()"
    command = [sys.executable, "-X", "importtime", "-c", code, *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)


def test_the_command(place):
    ours, _ = filled(place)
    done = habenula("cache", "info")
    assert done.stdout.splitlines() == [
        f"folder    {place}",
        "programs  1, 1 of them from other versions of Python, NumPy, Numba or this package",
        "verdicts  of 1 checks",
        "files     7",
        "size      0.0 MB",
    ]
    assert "numba" not in done.stderr and "numpy" not in done.stderr
    assert habenula("cache", "clear").stdout == f"removed 7 files, 0.0 MB, from {place}\n"
    assert not any(path.exists() for path in ours)


def test_the_command_without_a_folder(place):
    assert habenula("cache", "clear").stdout == f"removed 0 files, 0.0 MB, from {place}\n"
    assert habenula("cache", "info").stdout.startswith(f"folder    {place}\nprograms  0")
    assert not place.exists()


def test_a_file_that_cannot_be_removed_is_named(place, monkeypatch):
    ours, _ = filled(place)

    def refused(path, missing_ok=False):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(OSError, match=r"hrl_\w+\.\S+ cannot be removed: Permission denied$"):
        cache.clear()
    assert all(path.exists() for path in ours)


# Folders into which anyone else could put files


def others_may_write(place):
    place.chmod(0o777)


def group_may_write(place):
    place.chmod(0o775)


def others_may_replace(place):
    place.parent.chmod(0o777)


def through_a_link(place):
    """Its own folder is sound; the one that it leads to is not."""
    place.rename(place.with_name("elsewhere"))
    place.symlink_to("elsewhere")
    place.with_name("elsewhere").chmod(0o777)


@pytest.mark.parametrize("opened", [others_may_write, group_may_write, others_may_replace, through_a_link])
def test_a_folder_that_others_can_write_is_not_used(place, program, opened):
    program()
    before = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    opened(place)
    with pytest.warns(UserWarning, match=r"are not kept in .*: others can write into .*, and what is kept is run"):
        assert cache.module("x = 1\n", []) is None
    assert cache.folder() is None  # and nothing is said a second time
    assert compiler.bound({"entry": homeless_rule}, {}, compiled=True)["entry"](2.0) == 5.0
    assert {path: path.stat().st_mtime_ns for path in place.iterdir()} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("whose", ["folder", "above"])
def test_a_folder_of_somebody_else_is_not_used(place, program, whose):
    program()
    os.chown(place if whose == "folder" else place.parent, 12345, -1)
    with pytest.warns(UserWarning, match="belongs to another user; let HABENULA_CACHE_DIR name a folder of your own"):
        assert cache.folder() is None


def test_in_a_folder_that_all_may_write_ones_own_is_safe_where_it_is_sticky(place, program):
    place.parent.chmod(0o1777)
    assert [program(), program()] == ["compiled", "loaded"]


def test_a_folder_is_made_for_oneself_alone_whatever_the_umask(tmp_path, monkeypatch):
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path / "a/b/cache"))
    before = os.umask(0)
    try:
        assert cache.folder() == tmp_path / "a/b/cache"
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b", "a/b/cache")] == [0o700] * 3


def test_machine_code_that_others_can_write_is_compiled_again(place, program):
    program()
    machine_code(place).chmod(0o666)
    assert program() == "compiled"
    assert machine_code(place).stat().st_mode & 0o777 == 0o600
    assert program() == "loaded"


@pytest.mark.parametrize("other", ["link", "pipe", "folder"])
def test_machine_code_that_is_no_file_is_not_read(place, program, tmp_path, other):
    program()
    path = machine_code(place)
    path.rename(tmp_path / "away")
    {"link": lambda: path.symlink_to(tmp_path / "away"), "pipe": lambda: os.mkfifo(path), "folder": path.mkdir}[other]()
    assert program() == "compiled"


def test_the_command_says_that_a_folder_is_not_used(place):
    ours, _ = filled(place)
    place.chmod(0o777)
    said = habenula("cache", "info").stdout.splitlines()
    assert said[1] == (
        f"refused   compiled rules are not kept in {place}: others can write into {place}, and what is kept is run; "
        f"habenula cache clear && chmod go-w {place}, or let HABENULA_CACHE_DIR name another"
    )
    assert habenula("cache", "clear").returncode == 0 and not any(path.exists() for path in ours)


def test_a_run_goes_on_without_the_folder(place, tmp_path):
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    words = ("run", "pessimism", "--subjects", "8", "--no-figure", "--out", str(tmp_path / "out"))
    done = subprocess.run([sys.executable, "-m", "habenula_rl", *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(f"habenula: compiled rules are not kept in {place}: others can write into {place}") == 1
    assert list(place.iterdir()) == []


def test_clear_follows_no_link(place, tmp_path):
    filled(place)
    (place / "__pycache__").rename(tmp_path / "away")
    (place / "__pycache__").symlink_to(tmp_path / "away")
    kept = sorted((tmp_path / "away").iterdir())
    cache.clear()
    assert sorted((tmp_path / "away").iterdir()) == kept
