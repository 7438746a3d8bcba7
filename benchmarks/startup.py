"""Start-up: what a new process costs before it does anything, and with the first run."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from .clock import spread
from .scale import Scale
from .tables import Table

SIMULATE = (
    "import habenula_rl as hrl; "
    "hrl.simulate(hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), n_subjects=1000, n_trials=1000, seed=1, "
    "record='summary')"
)
COMMANDS = {
    "python alone": ("-c", "pass"),
    "import habenula_rl": ("-c", "import habenula_rl"),
    "habenula --help": ("-m", "habenula_rl", "--help"),
    "first simulate, nothing in the cache": ("-c", SIMULATE),
    "first simulate, compiled before": ("-c", SIMULATE),
}


def startup(scale: Scale) -> Iterator[Table]:
    """Each in new processes; simulate means 1,000 subjects × 1,000 trials as summary."""
    table = Table(
        "Start-up of a new process",
        ["what", "wall seconds", "CPU seconds (median)"],
        ['`simulate`: HabenulaAgent in SucrosePreference, 1,000 subjects × 1,000 trials, record="summary".'],
    )
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(scale.processes):
        with tempfile.TemporaryDirectory() as cache:  # the cold run fills it for the warm one
            for name, words in COMMANDS.items():
                measured[name].append(_process(words, cache))
    for name, values in measured.items():
        wall, cpu = zip(*values, strict=True)
        table.rows.append([name, spread(list(wall)).show(), f"{statistics.median(cpu):.2f}"])
    yield table


def _process(words: tuple[str, ...], cache: str) -> tuple[float, float]:
    """Wall and CPU seconds of one process."""
    environment = os.environ | {"HABENULA_CACHE_DIR": cache}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
