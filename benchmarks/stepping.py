"""Single steps: an agent outside any environment, and environments without an agent."""

from collections.abc import Callable, Iterator
from typing import Any

import habenula_rl as hrl

from .clock import Spread, interleaved, ratio, spread
from .opponent import Opponent
from .scale import Scale
from .tables import Table

WARM = 1500  # steps, behind which our environments are compiled
FROZEN_LAKE = "FrozenLake-v1"
TASKS = (
    "ShuttleBox",
    "ForcedSwim",
    "ActiveAvoidance",
    "GridWorld",
    "SucrosePreference",
    "Bandit",
    "ReversalLearning",
    "ProbabilisticSelection",
)


def stepping(scale: Scale) -> Iterator[Table]:
    """Pairs of act and learn in a second, and steps of our environments against what Gymnasium does."""
    import gymnasium

    box = gymnasium.make("habenula_rl/ShuttleBox-v0")
    steps, repeats = 10 * scale.slow, min(scale.repeats, 5)
    agents = {a.__name__: _pairs(a(), box, steps) for a in (Opponent, hrl.HabenulaAgent)}
    table = Table("Stepping: act and learn", ["agent", "thousand pairs a second"])
    seconds = interleaved(agents, repeats)
    table.rows += [[name, _thousands(values, steps).show(".0f")] for name, values in seconds.items()]
    yield table
    names = [FROZEN_LAKE, *(f"habenula_rl/{task}-v0" for task in TASKS)]
    seconds = interleaved({name: _steps(name, steps) for name in names}, repeats)
    table = Table(
        "Stepping: environments alone",
        ["environment", "thousand steps a second", "FrozenLake's seconds / its own"],
        [
            "As `gymnasium.make` makes them, warm; steps, and resets where an episode ends; from SucrosePreference on "
            "a trial is one step, and each step has its reset."
        ],
    )
    for name, values in seconds.items():
        table.rows.append([name, _thousands(values, steps).show(".0f"), ratio(seconds[FROZEN_LAKE], values).show()])
    yield table


def _thousands(seconds: list[float], steps: int) -> Spread:
    return spread([steps / s / 1e3 for s in seconds])


def _pairs(agent: Any, env: Any, steps: int) -> Callable[[], Callable[[], None]]:
    live = hrl.LiveAgent(agent, env.observation_space, env.action_space)
    live.learn(0, live.act(0), 0.0, 0, False)  # compiled, or read from the cache

    def work() -> None:
        for _ in range(steps):
            live.learn(0, live.act(0), 0.5, 0, False)

    return lambda: work


def _steps(name: str, steps: int) -> Callable[[], Callable[[], None]]:
    import gymnasium

    env = gymnasium.make(name)

    def walk(n: int) -> None:
        env.reset(seed=0)
        for _ in range(n):
            _, _, terminated, truncated, _ = env.step(0)
            if terminated or truncated:
                env.reset()

    walk(WARM)
    return lambda: lambda: walk(steps)
