"""The benchmarks compare like with like: C and NumPy compute what the package does. Nothing here is timed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMPILER = shutil.which(os.environ.get("CC", "gcc")) or shutil.which("cc")


def bench(*words):
    command = [sys.executable, "-m", "benchmarks", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler to compile the benchmarks' models with")
@pytest.mark.skipif(not (ROOT / "benchmarks").is_dir(), reason="the benchmarks are not installed with the package")
def test_all_contestants_compute_the_same():
    done = bench("--quick", "--check")
    assert done.returncode == 0, done.stderr
    assert "C and NumPy compute the same averages" in done.stdout
