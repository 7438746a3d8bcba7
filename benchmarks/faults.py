"""Faults for a given time: kills, failing system calls, flipped bits, runs at once, hostile configs; what was lost.

`python -m benchmarks.faults 60` takes a minute for all kinds together and prints a row for each: how many were tried,
in how many the tables ended with other bytes or were not there (lost), and in how many Python's traceback was shown.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

STUDY = """\
study: faulty
seed: 1
sweep: {h: {linspace: [0, 2, 8]}}
groups: {mice: {n: 40, parameters: {hyperactivity: $h}}}
phases: [{name: only, task: SucrosePreference, trials: 20}]
"""
RUN = [sys.executable, "-m", "habenula_rl", "run", "faulty.yaml", "--no-figure", "--workers", "2"]
FAILING = """
import errno, os, sys
at, calls = int(sys.argv.pop(1)), 0
def failing(real, why):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == at:
            raise OSError(why, os.strerror(why))
        return real(*args, **kwargs)
    return call
from habenula_rl import files
from habenula_rl.cli.commands import main
import habenula_rl.experiment.run
for name, why in (("fsync", errno.EIO), ("replace", errno.ENOSPC), ("open", errno.EACCES)):
    setattr(files.os, name, failing(getattr(os, name), why))
main()
"""
Outcome = tuple[bool, bool]  # whether anything was lost, whether a traceback was shown


def tables(out: str) -> dict[str, str]:
    """The sha256 of each table of the run in that folder."""
    paths = [path for path in Path(out).rglob("*.parquet") if "damaged" not in path.parts]
    return {path.name + path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def finished(out: str, whole: dict[str, str]) -> Outcome:
    """What comes of the same command once more."""
    done = subprocess.run([*RUN, "--out", out], capture_output=True, text=True)
    return done.returncode != 0 or tables(out) != whole, "Traceback" in done.stderr


def kills(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """kill -9 at a random moment, then the same command."""
    run = subprocess.Popen([*RUN, "--out", out], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(chance.uniform(0.3, 4.0))
    run.send_signal(signal.SIGKILL)
    run.wait()
    return finished(out, whole)


def failing_calls(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """One of the file operations fails, then the same command."""
    at = str(chance.randrange(1, 90))
    command = [sys.executable, "-c", FAILING, at, *RUN[3:], "--out", out]
    done = subprocess.run(command, capture_output=True, text=True)
    lost, shown = finished(out, whole)
    return lost, shown or "Traceback" in done.stderr


def flipped_bits(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """A bit of one of a finished run's files flips, then the same command."""
    _, shown = finished(out, whole)
    path = chance.choice(sorted(Path(out).rglob("*-000000.*")))
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))
    lost, again = finished(out, whole)
    return lost, shown or again


def at_once(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """Two runs in one folder; either may be refused, and then the same command."""
    runs = [subprocess.Popen([*RUN, "--out", out], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in range(2)]
    shown = any(b"Traceback" in run.communicate()[1] for run in runs)
    lost, again = finished(out, whole)
    return lost, shown or again


def hostile(chance: random.Random, out: str, whole: dict[str, str]) -> Outcome:
    """200 configs with random edits: each is read or refused within a second of the processor's time."""
    from habenula_rl.config.study import ConfigError, load_study

    lost = shown = False
    pieces = ["$h", "{", "}", "[", "&a", "*a", "!!x", "1e999", "-1", "\n", "  ", ": ", "sweep", "9" * 400, '"\\e"', "~"]
    for k in range(200):
        text = STUDY
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(pieces) + text[at + chance.randrange(4) :]
        path = Path(out) / f"hostile{k}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        start = time.process_time()
        try:
            load_study(path)
        except ConfigError:
            pass
        except Exception:
            shown = True
        lost |= time.process_time() - start > 1.0
    return lost, shown


def main(seconds: float) -> None:
    """Try each kind for its part of the time and print what came of it."""
    kinds: list[Callable[[random.Random, str, dict[str, str]], Outcome]]
    kinds = [kills, failing_calls, flipped_bits, at_once, hostile]
    chance = random.Random(0)
    print("| fault | tried | lost | tracebacks |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("faulty.yaml").write_text(STUDY, encoding="utf-8")
        finished("whole", {})
        whole = tables("whole")
        assert len(whole) == 17, whole
        for kind in kinds:
            end = time.monotonic() + seconds / len(kinds)
            found = [kind(chance, out, whole) for out in names(kind.__name__, end)]
            lost, shown = (sum(outcome[k] for outcome in found) for k in (0, 1))
            print(f"| {(kind.__doc__ or '').splitlines()[0]} | {len(found)} | {lost} | {shown} |", flush=True)


def names(start: str, end: float) -> Iterator[str]:
    """A new folder's name as long as there is time, one at least."""
    number = 0
    while number == 0 or time.monotonic() < end:
        yield f"{start}{number}"
        number += 1


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
