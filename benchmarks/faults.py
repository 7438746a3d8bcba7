"""Faults for a given time: kills, failing system calls, flipped bits, runs at once, hostile configs; what was lost.

`python -m benchmarks.faults 600` takes ten minutes at most for all kinds together and prints a row for each: how many
were tried, in how many the tables ended with other bytes or were not there (lost), and in how many Python's traceback
was shown. Every run is forked from a process that has done the study once, so that it takes a fraction of a second of
processor. Which call fails is up to a library that is preloaded (faults.c, made with cc): open, read, write, fsync,
rename, mkdir and unlink of files of the run. Linux only; `TMPDIR=/dev/shm` spares the disk, not the calls.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

STUDY = """\
study: faulty
seed: 1
record: [rpe]
sweep: {h: {linspace: [0, 2, 8]}}
groups: {mice: {n: 4, parameters: {hyperactivity: $h}}}
phases: [{name: only, task: SucrosePreference, trials: 5}]
"""
RUN = ["run", "faulty.yaml", "--no-figure", "--workers", "2"]
SHIM = "HABENULA_FAULTS"  # names the preloaded library
HOSTILE = 1000
SECONDS, MEGABYTES = 1.0, 200  # that a config may take
Outcome = tuple[bool, bool]  # whether anything was lost, whether a traceback was shown


def tables(out: str) -> dict[str, str]:
    """The sha256 of each table of the run in that folder."""
    paths = [path for path in Path(out).rglob("*.parquet") if "damaged" not in path.parts]
    return {path.name + path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def started(out: str, at: int = 0, counted: str | None = None) -> int:
    """A process that runs the study into that folder; its `at`-th call fails. Its output goes to `out`.log."""
    if child := os.fork():
        return child
    status = 1
    try:
        log = os.open(f"{out}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(log, stream)
        shim = ctypes.CDLL(os.environ[SHIM])
        shim.fault_at(at, f"{out}/".encode())
        status = habenula(out)
        if counted:
            calls = shim.fault_calls()
            Path(counted).write_text(str(calls), encoding="utf-8")
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def habenula(out: str) -> int:
    """The command that runs the study, in this process, into that folder; its exit code."""
    from habenula_rl.cli.commands import main

    sys.argv = ["habenula", *RUN, "--out", out]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def ended(child: int) -> int:
    """The exit code of a process that was started."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def finished(out: str, whole: dict[str, str]) -> Outcome:
    """What comes of the same command once more."""
    code = ended(started(out))
    return code != 0 or tables(out) != whole, "Traceback" in Path(f"{out}.log").read_text(errors="replace")


def kills(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """kill -9 at a random moment, then the same command"""
    child = started(out)
    time.sleep(chance.uniform(0.0, 1.2 * TAKES[0]))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return finished(out, whole)


def failing_calls(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """a system call on a file fails, each of a run in turn, then the same command"""
    ended(started(out, at=next(NTH)))
    return finished(out, whole)


def flipped_bits(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """a bit of a finished run's file flips, then the same command"""
    _, shown = finished(out, whole)
    path = chance.choice(sorted(Path(out).rglob("*-000000.*")))
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))
    lost, again = finished(out, whole)
    return lost, shown or again


def at_once(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """two runs in one folder, then the same command"""
    for child in [started(out), started(out)]:
        ended(child)
    return finished(out, whole)


def hostile(chance: random.Random) -> tuple[bool, bool]:
    """configs with random edits: each read or refused within a second and 200 MB"""
    from habenula_rl.config.study import ConfigError, load_study

    pieces = ["$h", "{", "}", "[", "&a", "*a", "!!x", "1e999", "-1", "\n", "  ", ": ", "sweep", "9" * 400, '"\\e"', "~"]
    text = STUDY
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(pieces) + text[at + chance.randrange(4) :]
    Path("hostile.yaml").write_text(text, encoding="utf-8")
    start, before, shown = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, False
    try:
        load_study("hostile.yaml")
    except ConfigError:
        pass
    except Exception:
        shown = True
        traceback.print_exc()
        print(text, file=sys.stderr)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return time.process_time() - start > SECONDS or more > MEGABYTES, shown


TAKES = [1.0]  # seconds of a whole run here
NTH: Iterator[int] = iter(())


def main(seconds: float) -> None:
    """Try each kind for its part of the time, as often as it is worth, and print what came of it."""
    from habenula_rl.experiment import fingerprint

    global NTH
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("faulty.yaml").write_text(STUDY, encoding="utf-8")
        setattr(fingerprint, "_rules", functools.cache(fingerprint._rules))  # noqa: B010  # the same in every trial
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
            assert habenula("first") == 0  # imports and compiles all that a run needs, once for all
        gc.freeze()  # a child's collector would copy all of this process's memory
        start = time.monotonic()
        ended(started("whole", counted="calls"))
        TAKES[0] = time.monotonic() - start
        whole, calls = tables("whole"), int(Path("calls").read_text())
        assert len(whole) == 17, Path("whole.log").read_text()
        print("| fault | tried | lost | tracebacks |\n|---|---|---|---|", flush=True)
        found = [hostile(chance) for _ in range(HOSTILE)]
        print(row(f"{(hostile.__doc__ or '')}", found), flush=True)
        NTH = iter(chance.sample(range(1, calls + 1), calls))  # so that a part of them is from all over the run
        kinds = {kills: (0.4, 500), failing_calls: (0.5, calls), flipped_bits: (0.05, 100), at_once: (0.05, 100)}
        for kind, (part, most) in kinds.items():
            end = time.monotonic() + seconds * part
            tried = list[Outcome]()
            for number in range(most):
                if tried and time.monotonic() > end:
                    break
                out = f"{kind.__name__}{number}"
                tried.append(kind(chance, out, whole))
                if tried[-1] != (False, False):
                    print(Path(f"{out}.log").read_text(errors="replace"), file=sys.stderr, flush=True)
                shutil.rmtree(out)
            of = f" (a run has {calls})" if kind is failing_calls else ""
            print(row(f"{kind.__doc__ or ''}{of}", tried), flush=True)


def row(what: str, found: list[Outcome]) -> str:
    lost, shown = (sum(outcome[k] for outcome in found) for k in (0, 1))
    return f"| {what} | {len(found):,} | {lost} | {shown} |"


def preloaded() -> None:
    """This script once more with the library."""
    if SHIM not in os.environ:
        library = Path(tempfile.mkdtemp()) / "faults.so"
        source = Path(__file__).with_suffix(".c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        environment = os.environ | {"LD_PRELOAD": str(library), SHIM: str(library)}
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.faults", *sys.argv[1:]], environment)


if __name__ == "__main__":
    preloaded()
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
