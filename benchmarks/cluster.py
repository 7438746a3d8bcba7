"""What a Dask cluster costs a unit of work, and whether the memory of the machine that asks grows with their number.

`python -m benchmarks.cluster [UNITS]` starts a local cluster of two processes and computes so many units, 10,000,
twice: work that does nothing, which leaves the overhead of Dask and of this package's interface to it, and a study of so many
groups of one mouse, as `habenula run --dask local` does. It prints milliseconds a unit and the resident memory here.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from habenula_rl.computing import place
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.run import run
from habenula_rl.experiment.units import units_of
from habenula_rl.experiment.workers import computed

WORKERS = 2
STUDY = """\
study: many
seed: 1
record: summary
sweep: {{h: {{linspace: [0, 2, {units}]}}}}
groups: {{mice: {{n: 1, parameters: {{hyperactivity: $h}}}}}}
phases: [{{name: only, task: SucrosePreference, trials: 2}}]
"""


def nothing(item: int, say: Callable[..., None]) -> int:
    return item


def resident() -> float:
    """This process's memory in MB (Linux)."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


class Watch:
    """When and with how much memory the first tenth, the half and all of the units were done."""

    def __init__(self, units: int) -> None:
        self.marks = {units // 10: "first tenth", units // 2: "half", units: "all"}
        self.seen: dict[str, tuple[float, float]] = {}

    def at(self, done: int) -> None:
        if done in self.marks:
            self.seen.setdefault(self.marks[done], (time.perf_counter(), resident()))

    def row(self, what: str, units: int) -> str:
        """Milliseconds a unit from the first tenth on, when every worker has what it needs, and memory."""
        (start, first), (_, half), (end, last) = self.seen.values()
        each = 1e3 * (end - start) / (units - units // 10)
        return f"| {what} | {units:,} | {each:.1f} | {first:.0f} | {half:.0f} | {last:.0f} |"


def main(units: int) -> None:
    """Print the table."""
    print(
        "| work | units | ms a unit | MB at a tenth | MB at half | MB at all |\n|---|---|---|---|---|---|", flush=True
    )
    watch = Watch(units)
    with place(WORKERS, dask="local") as compute:
        for k, _ in enumerate(compute(nothing, range(units))):
            watch.at(k + 1)
    print(watch.row("nothing", units), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "many.yaml")
        config.write_text(STUDY.format(units=units), encoding="utf-8")
        watch = Watch(units)
        run(
            config, Path(folder), workers=WORKERS, dask="local", summary=False, progress=lambda done, *_: watch.at(done)
        )
        print(watch.row("a run", units), flush=True)
        plan = plan_of(load_study(config))
        some = units_of(plan)[:200]
        start = time.perf_counter()
        for unit in some:
            computed(plan, unit)
        alone = 1e3 * (time.perf_counter() - start) / len(some)
        print(
            f"\nOne such unit takes {alone:.1f} ms here, without Dask and disk, so two processes {alone / WORKERS:.1f}."
        )


if __name__ == "__main__":
    from benchmarks import cluster as module  # by this name other processes find what they are to compute

    module.main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
