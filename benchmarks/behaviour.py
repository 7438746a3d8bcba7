"""Every agent in every task, each with its defaults: the mean of one readout of each task, its measure.

A measure stands beside the readouts of its task (`readouts.MEASURES`).

`python -m benchmarks.behaviour --write` remakes the table in docs/reference/tasks.md, in some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from habenula_rl import simulate
from habenula_rl.agents import AGENTS
from habenula_rl.analysis import readouts
from habenula_rl.analysis.statistics import mean_interval
from habenula_rl.tasks import TASKS

from .tables import write_between_marks

PAGE = Path(__file__).parents[1] / "docs/reference/tasks.md"
FIRST = ("HabenulaAgent", "QLearning")


def measured(task: str, agent: str, n: int) -> str:
    """The mean over n subjects and its 95 % interval."""
    measure = readouts.MEASURES[task]
    run = simulate(AGENTS[agent](), TASKS[task](), n_subjects=n, n_trials=measure.trials, seed=1, threads=1)
    mean = mean_interval(measure.read(run.trials).to_numpy(float))
    return f"{mean.value:.2f} [{mean.low:.2f}, {mean.high:.2f}]"


def line(task: str, n: int) -> str:
    """A task's row."""
    names = [*FIRST, *(name for name in AGENTS if name not in FIRST)]
    cells = [measured(task, agent, n) for agent in names]
    print(task, *cells, sep=" | ", flush=True)
    return f"| {task} | {readouts.MEASURES[task].what} | {readouts.MEASURES[task].trials} | {' | '.join(cells)} |"


def main() -> None:
    """Print the table, or write it into its page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.behaviour", description=__doc__)
    parser.add_argument("--subjects", type=int, default=100)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    names = [*FIRST, *(name for name in AGENTS if name not in FIRST)]
    head = f"| task | readout | trials | {' | '.join(names)} |\n{'|---' * (3 + len(names))}|"
    tasks = [task for task in TASKS if task in readouts.MEASURES]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        lines = list(pool.map(line, tasks, [chosen.subjects] * len(tasks)))
    if chosen.write:
        write_between_marks(PAGE, "\n".join([head, *lines]))


if __name__ == "__main__":
    main()
