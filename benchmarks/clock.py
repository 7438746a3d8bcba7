"""Interleaved timing: the machine's moods hit all contestants of a round alike, so ratios are taken within rounds."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

CPU = time.process_time
WALL = time.perf_counter
Prepare = Callable[[], Callable[[], object]]  # what is not timed; it returns what is


@dataclass(frozen=True)
class Spread:
    """The median of some repeats and the lowest and highest of them."""

    median: float
    low: float
    high: float

    def show(self, digits: str = ".2f") -> str:
        return f"{self.median:{digits}} ({self.low:{digits}}-{self.high:{digits}})"


def spread(values: list[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def interleaved(
    contestants: Mapping[str, Prepare], repeats: int, clock: Callable[[], float] = CPU
) -> dict[str, list[float]]:
    """Seconds of each contestant in each round; each round begins with another one of them."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for k in range(repeats):
        for name in names[k % len(names) :] + names[: k % len(names)]:
            seconds[name].append(timed(contestants[name], clock))
    return seconds


def timed(prepare: Prepare, clock: Callable[[], float]) -> float:
    work = prepare()
    gc.collect()
    gc.disable()
    begun = clock()
    kept = work()
    ended = clock()
    gc.enable()
    del kept  # giving memory back is not timed, for no contestant
    return ended - begun


def ratio(others: list[float], ours: list[float]) -> Spread:
    """How many times as long the other takes, round by round: above 1 the package is quicker."""
    return spread([other / own for other, own in zip(others, ours, strict=True)])
