"""What a claim is made of: parts that are measured in trials, and the verdict on each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .. import readouts
from ..statistics import Estimate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Part:
    """One thing that a claim says: what was measured, what was expected, and whether it is so."""

    name: str
    claim: str
    statistic: str
    estimate: Estimate
    expected: str
    passed: bool


@dataclass(frozen=True)
class Claim:
    """A published finding: its source, one sentence, the study that shows it, and the test of that study's trials."""

    id: str
    citation: str
    claim: str
    study: str
    test: Callable[[pd.DataFrame], list[Part]]


@dataclass(frozen=True)
class Verdict:
    """One line of `habenula check`.

    id ("claim/part"), claim, statistic (what `value` is), value with its 95 % interval (NaN where it has none),
    expected (the criterion), passed, n (simulated subjects behind the value), seed, source (citation).
    """

    id: str
    claim: str
    statistic: str
    value: float
    low: float
    high: float
    expected: str
    passed: bool
    n: int
    seed: int
    source: str

    def as_json(self) -> dict[str, Any]:
        """The verdict for a JSON file; a number that is not finite becomes None."""
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in asdict(self).items()}


def require(trials: pd.DataFrame, study: str, phases: Sequence[str], groups: Sequence[str]) -> None:
    """Raises ValueError with the study's name where a phase is missing, or one of the groups in a phase."""
    present = trials[["group", "phase"]].drop_duplicates()
    for phase in phases:
        try:
            readouts.in_groups(readouts.in_phases(present, [phase]), groups)
        except ValueError as reason:
            raise ValueError(f"study {study}, phase '{phase}': {reason}") from None


def verdict(claim: Claim, part: Part, seed: int) -> Verdict:
    """The verdict on one part of a claim."""
    found = part.estimate
    return Verdict(
        id=f"{claim.id}/{part.name}", claim=part.claim, statistic=part.statistic, value=float(found.value),
        low=float(found.low), high=float(found.high), expected=part.expected, passed=bool(part.passed), n=int(found.n),
        seed=seed, source=claim.citation,
    )  # fmt: skip


def above(name: str, claim: str, statistic: str, found: Estimate, limit: float = 0.0) -> Part:
    """Passes where the whole interval lies above `limit`."""
    return Part(name, claim, statistic, found, f"interval above {limit:g}", found.low > limit)


def below(name: str, claim: str, statistic: str, found: Estimate, limit: float = 0.0) -> Part:
    """Passes where the whole interval lies below `limit`."""
    return Part(name, claim, statistic, found, f"interval below {limit:g}", found.high < limit)


def within(name: str, claim: str, statistic: str, found: Estimate, low: float, high: float) -> Part:
    """Passes where the value itself lies from `low` to `high`."""
    return Part(name, claim, statistic, found, f"value {low:g} to {high:g}", low <= found.value <= high)


def at_least(name: str, claim: str, statistic: str, found: Estimate, limit: float) -> Part:
    """Passes where the value itself is `limit` or more."""
    return Part(name, claim, statistic, found, f"value ≥ {limit:g}", found.value >= limit)


def at_most(name: str, claim: str, statistic: str, found: Estimate, limit: float) -> Part:
    """Passes where the value itself is `limit` or less."""
    return Part(name, claim, statistic, found, f"value ≤ {limit:g}", found.value <= limit)


def more_than(name: str, claim: str, statistic: str, found: Estimate, limit: float) -> Part:
    """Passes where the value itself is more than `limit`."""
    return Part(name, claim, statistic, found, f"value > {limit:g}", found.value > limit)
