"""Every agent in every task, each with its defaults: the mean of one readout of each task.

`python -m benchmarks.behaviour --write` remakes the table in docs/reference/tasks.md, in some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from habenula_rl import simulate
from habenula_rl.agents import AGENTS
from habenula_rl.analysis import readouts
from habenula_rl.analysis.statistics import mean_interval
from habenula_rl.tasks import TASKS

from .tables import write_between_marks

if TYPE_CHECKING:
    import pandas as pd

PAGE = Path(__file__).parents[1] / "docs/reference/tasks.md"
FIRST = ("HabenulaAgent", "QLearning")


@dataclass(frozen=True)
class Measure:
    """A task's readout: what it says, over how many trials, and how it is read, one number a subject."""

    what: str
    trials: int
    read: Callable[[pd.DataFrame], pd.Series[float]]


def last_block(trials: pd.DataFrame) -> pd.Series[float]:
    """Response bias in the third block."""
    table = readouts.response_bias(trials)
    return table[table["block"] == 3]["log_b"]


def transfer(trials: pd.DataFrame) -> pd.Series[float]:
    """How much better the worst stimulus is avoided than the best is chosen."""
    table = readouts.selection(trials)
    return table["avoid_b"] - table["choose_a"]


def right(trials: pd.DataFrame) -> pd.Series[float]:
    """Mean accuracy of the four conditions of the go/no-go task."""
    return readouts.go_nogo_accuracy(trials).groupby("subject")["accuracy"].mean()


def slope(trials: pd.DataFrame) -> pd.Series[float]:
    """The change of the risky share from block to block in the last five sessions."""
    shares = readouts.discounting(trials, task=TASKS["ProbabilisticDiscounting"](), last_sessions=5)
    return readouts.discounting_slope(shares)["slope"]


def reached(trials: pd.DataFrame) -> pd.Series[float]:
    """The share of trials in which the goal of the grid was reached."""
    return readouts.hazards_hit(trials, task=TASKS["GridWorld"]())["goal"]


def worked_for(trials: pd.DataFrame) -> pd.Series[float]:
    """The breakpoint of trained animals."""
    return readouts.breakpoints(trials, task=TASKS["ProgressiveRatio"](), last_sessions=10)["breakpoint"]


def approached(trials: pd.DataFrame) -> pd.Series[float]:
    """The share of offers under threat that were approached."""
    by_offer = readouts.approach(trials, task=TASKS["ApproachAvoidance"]())
    return readouts.approach_index(by_offer)["conflict"]


def licked(trials: pd.DataFrame) -> pd.Series[float]:
    """The conditioned response to the cue that is always rewarded, less that before it."""
    return readouts.conditioned_response(trials, cues=["A"], task=TASKS["PavlovianConditioning"]())["elevation"]


MEASURES: Mapping[str, Measure] = {
    "ActiveAvoidance": Measure("avoided, share", 60, lambda t: readouts.avoidance(t)["avoided"]),
    "ApproachAvoidance": Measure("approach under threat, share", 300, approached),
    "Bandit": Measure("best arm, share", 300, lambda t: readouts.best_choices(t)["best"]),
    "EffortChoice": Measure("worked, share", 100, lambda t: readouts.effort_choices(t)["worked"]),
    "ForcedSwim": Measure("immobile, share of last 4 min", 1, lambda t: readouts.immobility(t)["immobility"]),
    "GoNoGo": Measure("accuracy, mean of conditions", 240, right),
    "GridWorld": Measure("goal reached, share", 500, reached),
    "MagnitudeShift": Measure(
        "chosen after upshift, share", 200,
        lambda t: readouts.choice_share(t, action="shifting", task=TASKS["MagnitudeShift"](), from_trial=100)["share"],
    ),
    "PassiveAvoidance": Measure("step-through latency, s", 20, lambda t: readouts.step_through(t)["latency"]),
    "PavlovianConditioning": Measure(
        "response to the 100 % cue less before, share", 200,
        licked,
    ),
    "ProbabilisticDiscounting": Measure("slope of risky choice, a block", 72 * 10, slope),
    "ProbabilisticReward": Measure("response bias log b, block 3", 300, last_block),
    "ProbabilisticSelection": Measure("avoid B less choose A", 420, transfer),
    "ProgressiveRatio": Measure("breakpoint, last 10 of 60 sessions", 60, worked_for),
    "ReversalLearning": Measure("reversals in 200 trials", 200, lambda t: readouts.reversals(t)["reversals"]),
    "RiskChoice": Measure(
        "constant chosen, share", 200,
        lambda t: readouts.choice_share(t, action="safe", task=TASKS["RiskChoice"]())["share"],
    ),
    "ShuttleBox": Measure("failures to escape, share", 30, lambda t: readouts.escapes(t)["failed"]),
    "SucrosePreference": Measure(
        "sucrose preferred, share", 100, lambda t: readouts.drinking(t)["preference"]
    ),
}  # fmt: skip


def measured(task: str, agent: str, n: int) -> str:
    """The mean over n subjects and its 95 % interval."""
    measure = MEASURES[task]
    run = simulate(AGENTS[agent](), TASKS[task](), n_subjects=n, n_trials=measure.trials, seed=1, threads=1)
    mean = mean_interval(measure.read(run.trials).to_numpy(float))
    return f"{mean.value:.2f} [{mean.low:.2f}, {mean.high:.2f}]"


def line(task: str, n: int) -> str:
    """A task's row."""
    names = [*FIRST, *(name for name in AGENTS if name not in FIRST)]
    cells = [measured(task, agent, n) for agent in names]
    print(task, *cells, sep=" | ", flush=True)
    return f"| {task} | {MEASURES[task].what} | {MEASURES[task].trials} | {' | '.join(cells)} |"


def main() -> None:
    """Print the table, or write it into its page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.behaviour", description=__doc__)
    parser.add_argument("--subjects", type=int, default=100)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    names = [*FIRST, *(name for name in AGENTS if name not in FIRST)]
    head = f"| task | readout | trials | {' | '.join(names)} |\n{'|---' * (3 + len(names))}|"
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        lines = list(pool.map(line, TASKS, [chosen.subjects] * len(TASKS)))
    if chosen.write:
        write_between_marks(PAGE, "\n".join([head, *lines]))


if __name__ == "__main__":
    main()
