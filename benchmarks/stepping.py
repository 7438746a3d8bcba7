"""Single steps: an agent outside any environment, and environments without an agent."""

from collections.abc import Callable, Iterator
from typing import Any

import habenula_rl as hrl

from .clock import Spread, interleaved, spread
from .opponent import Opponent
from .scale import Scale
from .tables import Table


def stepping(scale: Scale) -> Iterator[Table]:
    """Pairs of act and learn in a second, and what Gymnasium does in one for scale."""
    import gymnasium

    box = gymnasium.make("habenula_rl/ShuttleBox-v0")
    steps = 10 * scale.slow
    agents = {f"act and learn, {a.__name__}": _pairs(a(), box, steps) for a in (Opponent, hrl.HabenulaAgent)}
    environments = {
        f"step alone, {name}": _steps(name, steps) for name in ("habenula_rl/ShuttleBox-v0", "FrozenLake-v1")
    }
    seconds = interleaved(agents | environments, min(scale.repeats, 5))
    table = Table("Stepping", ["what", "thousand a second"], ["Environments: steps, and resets where an episode ends."])
    table.rows += [[name, _thousands(values, steps).show(".0f")] for name, values in seconds.items()]
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

    def work() -> None:
        env.reset(seed=0)
        for _ in range(steps):
            _, _, terminated, truncated, _ = env.step(0)
            if terminated or truncated:
                env.reset()

    return lambda: work
