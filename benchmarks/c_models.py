"""The C files of this folder, compiled when needed and called on the same arrays as the package's kernel."""

import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from habenula_rl.engine import records
from habenula_rl.engine.records import sum_type

HERE = Path(__file__).parent
FLAGS = ("-O3", "-march=native", "-fopenmp-simd", "-shared", "-fPIC")
LANE_FLAGS = ("-mprefer-vector-width=512", "-fno-math-errno", "-fno-trapping-math")


def compiler() -> str | None:
    """The C compiler: CC, gcc or cc, whichever is found first."""
    return next((path for name in (os.environ.get("CC"), "gcc", "cc") if name and (path := shutil.which(name))), None)


@functools.cache
def version() -> str:
    done = subprocess.run([str(compiler()), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


@functools.cache
def _library(name: str, extra: tuple[str, ...]) -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.so"
        command = [str(compiler()), *FLAGS, *extra, "-o", str(path), str(HERE / f"{name}.c"), "-lm"]
        subprocess.run(command, check=True)
        return ctypes.CDLL(str(path))


# name: (function, further flags). GCC turns every choice and every outcome into a select, which makes a trial wait for
# the one before; with branches the processor guesses and goes on, which here is quicker. Both are shown.
VERSIONS = {
    "line by line": ("plain", ()),
    "tuned": ("tuned", ()),
    "branches": ("tuned", ("-fno-if-conversion",)),
    "fast-math": ("tuned", ("-ffast-math",)),
    "lanes": ("lanes", LANE_FLAGS),
}
SCALAR = ("line by line", "tuned", "branches", "fast-math")


class CModel:
    """One C function, compiled as `version` says."""

    def __init__(self, file: str, version: str, agent: object, task: object) -> None:
        function, flags = VERSIONS[version]
        self.function = getattr(_library(file, flags), function)
        self.function.restype = None
        self.agent, self.task = agent, task

    def run(self, n: int, n_trials: int, seed: int, rows: bool) -> tuple[np.ndarray, np.ndarray]:
        """Recorded steps (none without `rows`) and sums, laid out as the package's."""
        kind = type(self.agent)
        P = records.packed(records.parameter_type(kind), self.agent.values(), n)
        Q = records.packed_task(self.task, records.task_type(self.task), 1)
        table = np.empty(n * n_trials if rows else 0, records.row_type(kind))
        sums = np.zeros(n, sum_type(kind, len(self.task.actions)))
        self.function(
            _pointer(P),
            _pointer(Q),
            ctypes.c_uint64(seed),
            ctypes.c_int64(n),
            ctypes.c_int64(n_trials),
            _pointer(table) if rows else None,
            _pointer(sums),
        )
        return table, sums


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
