"""What comes of a claim: a verdict on each of its parts, and how many there are of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, get_args

Outcome = Literal["pass", "fail", "undecided", "not expressed"]
Origin = Literal["target", "built in", "prediction"]
UNKNOWN_SIZE = 100  # subjects a group, where the paper's is not known


@dataclass(frozen=True)
class Ensemble:
    """How a row comes out with each set of parameters of an ensemble, or each seed: it passes with `passed` of `sets`.

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
    expected (the bounds), verdict ("pass", "fail" or "undecided", as `Criterion` says, or for a whole claim
    "not expressed", where an agent lacks what the statistic then names), passed (whether it is "pass"),
    margin (from the bound to the interval, + within), times_n (of an undecided line: about how many times as many
    subjects would decide it), n (simulated subjects behind the value; 0: an exact number), seed, source (citation),
    ensemble (how many sets of an ensemble pass, where `check` was given one; else None), origin and sure (as in
    `Claim`), power (how often an experiment with `group_size` subjects a group would pass, were the value here the true
    one; NaN where the row has no interval), seeds (with how many other seeds it passes, if `check` tried any).
    A sign whose power is below a half fails.
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
    origin: Origin = "prediction"
    sure: str = ""
    power: float = math.nan
    group_size: int = UNKNOWN_SIZE
    seeds: Ensemble | None = None

    def as_json(self) -> dict[str, Any]:
        """The verdict for a JSON file; a number that is not finite becomes None.

        `ensemble` and `seeds` are there only where they were judged, with what is printed of them under "says".
        """
        numbers = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in asdict(self).items()}
        counts = {name: numbers.pop(name) for name in ("ensemble", "seeds")}
        said = {name: count | {"says": str(getattr(self, name))} for name, count in counts.items() if count}
        return numbers | said


Judged = tuple[Verdict, bool]  # a verdict, and whether the value alone holds


def counted(verdicts: Sequence[Verdict]) -> str:
    """As in "61 of 70 rows pass, 5 fail, 4 undecided; 38 of 44 predictions pass; 6 rows are built in, not counted"."""
    expressed = [verdict for verdict in verdicts if verdict.verdict != "not expressed"]
    rows = [verdict for verdict in expressed if verdict.origin != "built in"]
    found = [verdict.verdict for verdict in rows]
    predicted = [verdict.passed for verdict in rows if verdict.origin == "prediction"]
    said = f"{found.count('pass')} of {len(rows)} rows pass, {found.count('fail')} fail"
    said += f", {found.count('undecided')} undecided; {sum(predicted)} of {len(predicted)} predictions pass"
    if built_in := len(expressed) - len(rows):
        said += f"; {built_in} rows are built in, and not counted"
    if others := len(verdicts) - len(expressed):
        said += f"; {others} claims cannot be expressed"
    return said


def verdict_counts(found: Sequence[str]) -> str:
    """How many there are of each, as in "70 pass, 3 fail, 8 undecided of 81"."""
    shown = [name for name in get_args(Outcome) if name != "not expressed" or name in found]
    return ", ".join(f"{found.count(name)} {name}" for name in shown) + f" of {len(found)}"
