"""What agents earn in Gymnasium's environments with countable states, learning from nothing, in the same steps.

`python -m benchmarks.returns --write` remakes docs/reference/environments.md, in some twenty minutes on two cores;
`python -m benchmarks.returns --seeds 3 --steps 2000` is a short one.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

import habenula_rl as hrl
from habenula_rl.agents import QLearning
from habenula_rl.analysis.statistics import mean_interval

from .tables import write_between_marks

PAGE = Path(__file__).parents[1] / "docs/reference/environments.md"
RIVAL = QLearning()
AGENTS = {"Q-learning": RIVAL, "habenula": hrl.HabenulaAgent()}
COLUMNS = [f"{name}{end}" for end in ("", ", last fifth") for name in AGENTS]
HEAD = f"| environment | steps | {' | '.join(COLUMNS)} |\n{'|---' * (2 + len(COLUMNS))}|"
LAST = 0.2  # fraction of the steps that counts as what was learned


@dataclass(frozen=True)
class World:
    """An environment and how many steps each subject has in it."""

    name: str
    steps: int
    options: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return ", ".join([self.name, *(f"{key}={value}" for key, value in self.options)])


WORLDS = (
    World("CliffWalking-v1", 20_000),
    World("FrozenLake-v1", 50_000, (("is_slippery", False),)),
    World("FrozenLake-v1", 50_000, (("is_slippery", True),)),
    World("FrozenLake-v1", 200_000, (("map_name", "8x8"), ("is_slippery", False))),
    World("FrozenLake-v1", 200_000, (("map_name", "8x8"), ("is_slippery", True))),
    World("Taxi-v4", 100_000),
    World("Blackjack-v1", 50_000),
)


def returns(agent: str, world: World, seed: int) -> tuple[float, float]:
    """A subject's mean return of an episode, over all steps and over the last fifth."""
    env = gymnasium.make(world.name, **dict(world.options))
    live = hrl.LiveAgent(AGENTS[agent], env.observation_space, env.action_space, seed=seed)
    obs, _ = env.reset(seed=seed)
    total, ends = 0.0, []
    for step in range(world.steps):
        action = live.act(obs)
        reached, reward, terminated, truncated, _ = env.step(action)
        live.learn(obs, action, reward, reached, terminated)
        total, obs = total + float(reward), reached
        if terminated or truncated:
            ends.append((step, total))
            total, (obs, _) = 0.0, env.reset()
    late = [value for step, value in ends if step >= (1.0 - LAST) * world.steps]
    return _mean([value for _, value in ends]), _mean(late)


def _mean(values: list[float]) -> float:
    """NaN where no episode ended: an environment without a time limit can be walked in for ever."""
    return float(np.mean(values)) if values else np.nan


def rows(n_seeds: int, most_steps: int) -> Iterator[str]:
    """A line of the table for each environment."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for world in WORLDS:
            world = World(world.name, min(world.steps, most_steps), world.options)
            seeds = range(n_seeds)
            earned = {name: np.array(list(pool.map(returns, repeat(name), repeat(world), seeds))) for name in AGENTS}
            rival, *others = earned.values()
            cells = []
            for k in (0, 1):
                cells += [shown(rival[:, k]), *(compared(own[:, k], rival[:, k]) for own in others)]
            yield f"| {world} | {world.steps:,} | {' | '.join(cells)} |"


def compared(own: np.ndarray, rival: np.ndarray) -> str:
    """An agent's mean, and its difference from the rival's, seed by seed; where an episode ended for all of them."""
    if np.isnan(own).any():
        return f"an episode ended in {np.isfinite(own).sum()} of {own.size} only"
    return f"{shown(own)}; {shown(own - rival, '+')}"


def shown(values: np.ndarray, sign: str = "") -> str:
    """The mean and its 95 % interval."""
    mean = mean_interval(values)
    return f"{mean.value:{sign}.3g} [{mean.low:.3g}, {mean.high:.3g}]"


def main() -> None:
    """Print the table, or write it into its page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.returns", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--steps", type=int, default=10**9, help="at most so many for each subject")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    lines = []
    for line in rows(chosen.seeds, chosen.steps):
        print(line, flush=True)
        lines.append(line)
    if chosen.write:
        write_between_marks(PAGE, "\n".join([HEAD, *lines]))


if __name__ == "__main__":
    main()
