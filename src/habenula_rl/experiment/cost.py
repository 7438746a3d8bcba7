"""What a large run will take: its size before it starts, and by its first units how long, and how much on disk."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..config.limits import CHUNK
from ..config.plan import Plan

MANY = 100  # units from which a run says what it will take
FIRST = 8  # units from which one extrapolates, none of which compiles anything


def size_of(plan: Plan) -> str | None:
    """How many units, subjects and trials a run has, counted and not made; None where they are few."""
    units = sum(math.ceil(group.n / CHUNK) for group in plan.groups.values())
    if units < MANY:
        return None
    subjects = sum(group.n for group in plan.groups.values())
    trials = sum(group.n * phase.trials for group in plan.groups.values() for phase in group.phases)
    return f"{units:,} units of work: {subjects:,} subjects, {trials:,} trials"


@dataclass
class Pace:
    """How long the `units` of a run take and how much they fill, by the first of them that were kept.

    The clock begins when the first is kept, so that what is compiled before counts for nothing.
    """

    units: int
    clock: Callable[[], float] = time.monotonic
    kept: int = field(default=0, init=False)
    filled: int = field(default=0, init=False)
    began: float = field(default=0.0, init=False)

    def keep(self, n_bytes: int) -> str | None:
        """Count a unit's files; once, when there are enough, what all of them will come to."""
        self.kept += 1
        self.filled += n_bytes
        if self.kept == 1:
            self.began = self.clock()
        if self.units < MANY or self.kept != 1 + FIRST:
            return None
        seconds = (self.clock() - self.began) / FIRST * (self.units - self.kept)
        size = self.filled / self.kept * self.units / 2**20
        return f"by the first {self.kept} units: about {_time(seconds)} more, {size:,.1f} MiB of tables"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
