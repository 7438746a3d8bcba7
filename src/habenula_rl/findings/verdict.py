"""What a claim is made of: parts that are measured in trials, and the verdict on each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from ..analysis import readouts
from ..analysis.statistics import Estimate as Estimate

if TYPE_CHECKING:
    import pandas as pd


Outcome = Literal["pass", "fail", "undecided"]


@dataclass(frozen=True)
class Criterion:
    """One thing that a claim says: what was measured, and the bounds within which the claim holds.

    The 95 % interval decides: within the bounds it is a pass, outside a fail; where a bound lies in it the part is
    undecided at this n. Exact numbers, for which nobody was simulated (n = 0), are judged by their value. A number that
    has no interval, because there are too few subjects, is undecided; one that is not defined fails. A `strict` bound
    is itself outside.
    """

    name: str
    claim: str
    statistic: str
    estimate: Estimate
    least: float = -math.inf
    most: float = math.inf
    strict: bool = False

    @property
    def expected(self) -> str:
        """The bounds as text, as in "> 0" or "0.6 to 0.95"."""
        if math.isfinite(self.least) and math.isfinite(self.most):
            return f"{self.least:g} to {self.most:g}"
        above, below = (">", "<") if self.strict else ("≥", "≤")
        return f"{above} {self.least:g}" if math.isfinite(self.least) else f"{below} {self.most:g}"

    @property
    def ends(self) -> tuple[float, float]:
        """The interval's ends; of an exact number the number itself, twice."""
        found = self.estimate
        return (found.value, found.value) if found.n == 0 else (found.low, found.high)

    @property
    def outcome(self) -> Outcome:
        """Where the interval lies: within the bounds, outside, or across one."""
        low, high = self.ends
        if math.isnan(self.estimate.value):
            return "fail"
        if math.isnan(low) or math.isnan(high):
            return "undecided"
        inside, outside = min(low - self.least, self.most - high), max(low - self.most, self.least - high)
        if inside > 0.0 or (inside == 0.0 and not self.strict):
            return "pass"
        return "fail" if outside > 0.0 or (outside == 0.0 and self.strict) else "undecided"

    @property
    def holds(self) -> bool:
        """Whether the value lies within the bounds, wherever its interval does; not where it is not defined."""
        inside = min(self.estimate.value - self.least, self.most - self.estimate.value)
        return inside > 0.0 or (inside == 0.0 and not self.strict)

    @property
    def margin(self) -> float:
        """How far the interval's nearest end is from the bound, + within, - outside; of an undecided part the value.

        In the statistic's unit; NaN where the number is not defined.
        """
        low, high = (min(end - self.least, self.most - end) for end in self.ends)
        if self.outcome == "undecided":
            return min(self.estimate.value - self.least, self.most - self.estimate.value)
        return min(low, high) if self.outcome == "pass" else max(low, high)

    @property
    def times_n(self) -> float:
        """About how many times as many subjects would decide an undecided part, if its value stayed; else NaN.

        An interval's width falls with the square root of n. Infinite where the value is on the bound.
        """
        value, (low, high) = self.estimate.value, self.ends
        crossed = [bound for bound in (self.least, self.most) if low <= bound <= high]
        if self.outcome != "undecided" or not crossed:
            return math.nan
        reach = [high - value if bound > value else value - low for bound in crossed]
        return max(math.inf if b == value else (r / (b - value)) ** 2 for r, b in zip(reach, crossed, strict=True))


@dataclass(frozen=True)
class Claim:
    """A published finding: its source, one sentence, and the test of its study's trials; it stands in the study's file.

    `test` takes what the file's `summarise` takes, and says in its docstring how the finding was read. `study` is the
    name of that file, which fills it in. With fewer than `fewest` subjects in a group, by default the published group
    size, nothing is judged.
    """

    id: str
    citation: str
    claim: str
    test: Callable[[Any], list[Criterion]]
    study: str = ""
    fewest: int = 8

    def judged(self, read: Any, seed: int) -> list[Judged]:
        """The verdict on each part, as `verdicts`, with whether its value alone holds."""
        return [(verdict(self, part, seed), part.holds) for part in self.test(read)]

    def verdicts(self, read: Any, seed: int) -> list[Verdict]:
        """The verdict on each part, in what the study's file reads of a run with this seed."""
        return [found for found, _ in self.judged(read, seed)]


@dataclass(frozen=True)
class Ensemble:
    """How a row comes out with each set of parameters of an ensemble: it passes with `passed` of `sets`.

    `by_value` of the sets leave it undecided at that number of subjects; they count as passed where the value itself is
    within the bounds. `one_value` says that every set comes to the numbers of the default parameters
    to the last bit, as where the row does not depend on what the sets differ in. Without `sets`, no HabenulaAgent takes
    part in the study.
    """

    passed: int = 0
    sets: int = 0
    by_value: int = 0
    one_value: bool = False

    def __str__(self) -> str:
        if not self.sets:
            return "no HabenulaAgent takes part"
        undecided = f", {self.by_value} by value" if self.by_value else ""
        return f"{self.passed} of {self.sets}{undecided}{', one value' if self.one_value else ''}"

    @classmethod
    def of(cls, default: Verdict, rows: Sequence[Judged]) -> Self:
        """Of one row with each set, and with the default parameters."""
        undecided = [holds for found, holds in rows if found.verdict == "undecided"]
        numbers = {repr((found.value, found.low, found.high)) for found in (default, *(found for found, _ in rows))}
        return cls(
            passed=sum(found.passed for found, _ in rows) + sum(undecided),
            sets=len(rows),
            by_value=len(undecided),
            one_value=len(numbers) == 1 and len(rows) > 0,
        )


@dataclass(frozen=True)
class Verdict:
    """One line of `habenula check`.

    id ("claim/part"), claim, statistic (what `value` is), value with its 95 % interval (NaN where it has none),
    expected (the bounds), verdict ("pass", "fail" or "undecided", as `Criterion` says), passed (whether it is "pass"),
    margin (from the bound to the interval, + within), times_n (of an undecided line: about how many times as many
    subjects would decide it), n (simulated subjects behind the value; 0: an exact number), seed, source (citation),
    ensemble (how many sets of an ensemble pass, where `check` was given one; else None).
    """

    id: str
    claim: str
    statistic: str
    value: float
    low: float
    high: float
    expected: str
    verdict: Outcome
    passed: bool
    margin: float
    times_n: float
    n: int
    seed: int
    source: str
    ensemble: Ensemble | None = None

    def as_json(self) -> dict[str, Any]:
        """The verdict for a JSON file; a number that is not finite becomes None.

        `ensemble` is there only where one was judged, with what is printed of it under "says".
        """
        numbers = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in asdict(self).items()}
        with_sets = numbers.pop("ensemble")
        return numbers if with_sets is None else numbers | {"ensemble": with_sets | {"says": str(self.ensemble)}}


Judged = tuple[Verdict, bool]  # a verdict, and whether the value alone holds


def counted(verdicts: Sequence[Verdict]) -> str:
    """How many there are of each, as in "70 pass, 3 fail, 8 undecided of 81"."""
    return verdict_counts([verdict.verdict for verdict in verdicts])


def verdict_counts(found: Sequence[str]) -> str:
    """The same for words."""
    return ", ".join(f"{found.count(name)} {name}" for name in get_args(Outcome)) + f" of {len(found)}"


def require(trials: pd.DataFrame, study: str, phases: Sequence[str], groups: Sequence[str]) -> None:
    """Raises ValueError with the study's name where a phase is missing, or one of the groups in a phase.

    `trials` may be a readout as well.
    """
    present = trials[["group", "phase"]].drop_duplicates()
    for phase in phases:
        try:
            readouts.in_groups(readouts.in_phases(present, [phase]), groups)
        except ValueError as reason:
            raise ValueError(f"study {study}, phase '{phase}': {reason}") from None


def verdict(claim: Claim, part: Criterion, seed: int) -> Verdict:
    """The verdict on one part of a claim."""
    found = part.estimate
    return Verdict(
        id=f"{claim.id}/{part.name}",
        claim=part.claim,
        statistic=part.statistic,
        value=float(found.value),
        low=float(found.low),
        high=float(found.high),
        expected=part.expected,
        verdict=part.outcome,
        passed=part.outcome == "pass",
        margin=float(part.margin),
        times_n=float(part.times_n),
        n=int(found.n),
        seed=seed,
        source=claim.citation,
    )


def above(name: str, claim: str, statistic: str, found: Estimate, limit: float = 0.0) -> Criterion:
    """It is more than `limit`."""
    return Criterion(name, claim, statistic, found, least=limit, strict=True)


def below(name: str, claim: str, statistic: str, found: Estimate, limit: float = 0.0) -> Criterion:
    """It is less than `limit`."""
    return Criterion(name, claim, statistic, found, most=limit, strict=True)


def within(name: str, claim: str, statistic: str, found: Estimate, low: float, high: float) -> Criterion:
    """It lies from `low` to `high`."""
    return Criterion(name, claim, statistic, found, least=low, most=high)


def at_least(name: str, claim: str, statistic: str, found: Estimate, limit: float) -> Criterion:
    """It is `limit` or more."""
    return Criterion(name, claim, statistic, found, least=limit)


def at_most(name: str, claim: str, statistic: str, found: Estimate, limit: float) -> Criterion:
    """It is `limit` or less."""
    return Criterion(name, claim, statistic, found, most=limit)
