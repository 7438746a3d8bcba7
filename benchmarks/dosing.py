"""What doses cost: the fraction of a study's run time in which they become parameters, 10,000 subjects.

`python -m benchmarks.dosing` prints the ratios of docs/reference/pharmacology.md.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any
from unittest import mock

from habenula_rl.config.plan import Plan, plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment import units
from habenula_rl.interventions import applied


def schedule(days: int, n: int, record: str) -> str:
    """A config: a dose a day, and thirty trials in the shuttle box an hour after it."""
    phases = "".join(
        f"  - {{name: day{k}, gap_hours: {24 if k else 0}, task: ShuttleBox, context: box, trials: 30,\n"
        f"     interventions: [ketamine: {{hours_before: 1}}]}}\n"
        for k in range(days)
    )
    helpless = f"  helpless: {{n: {n}, parameters: {{hyperactivity: {{normal: {{mean: 1.0, sd: 0.3}}}}}}}}\n"
    return f"study: schedule\nseed: 1\nrecord: {record}\ngroups:\n{helpless}phases:\n{phases}"


def seconds(plan: Plan) -> tuple[float, float]:
    """Processor time of a study, and the part of it in which doses became parameters."""
    spent = [0.0]

    def timed(*arguments: Any) -> Any:
        begun = process_time()
        values = applied(*arguments)
        spent[0] += process_time() - begun
        return values

    with mock.patch.object(units, "applied", timed):
        begun = process_time()
        for unit in units.units_of(plan):
            units.run_unit(plan, unit)
        return process_time() - begun, spent[0]


def main() -> None:
    """Print for one dose and for a dose a day what doses take of the behaviour's run time, best of three."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dosing", description=__doc__)
    parser.add_argument("--subjects", type=int, default=10_000)
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        for days, record in itertools.product((1, 30), ("trials", "summary")):
            path = Path(folder) / "schedule.yaml"
            path.write_text(schedule(days, chosen.subjects, record), encoding="utf-8")
            whole, doses = min(seconds(plan_of(load_study(path))) for _ in range(3))
            print(
                f"{days} doses, record: {record}: {whole:.2f} s, of which doses {doses:.2f} s, "
                f"{doses / (whole - doses):.1%} of the behaviour's",
                flush=True,
            )


if __name__ == "__main__":
    main()
