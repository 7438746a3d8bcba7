"""What a claim is made of: parts that are measured in trials, and the verdict on each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from ..analysis import readouts
from ..analysis.statistics import Estimate as Estimate

if TYPE_CHECKING:
    import pandas as pd


Outcome = Literal["pass", "fail", "undecided", "not expressed"]
Origin = Literal["target", "built in", "prediction"]
CERTAINTY = {
    "V": "seen in the published abstract, legend or table",
    "C": "computed from open data",
    "D": "derived from a number that was seen or computed",
    "H": "remembered with high confidence",
    "M": "remembered with medium confidence",
    "set": "a size that is ours, where the source gives a sign alone",
}
LEAST_POWER = 0.5  # a sign that most experiments of the published size would miss is none that was reproduced
UNKNOWN_SIZE = 100  # subjects a group, where the paper's is not known


@dataclass(frozen=True)
class Criterion:
    """One thing that a claim says: what was measured, and the bounds within which the claim holds.

    The 95 % interval decides: within the bounds it is a pass, outside a fail; where a bound lies in it the part is
    undecided at this n. Exact numbers, for which nobody was simulated (n = 0), are judged by their value. A number that
    has no interval, because there are too few subjects, is undecided; one that is not defined fails. A `strict` bound
    is itself outside. The interval is `of_subjects` where it narrows as they become more, and not where it is that of
    neurons, or of whole experiments: then there is no power to speak of.
    """

    name: str
    claim: str
    statistic: str
    estimate: Estimate
    least: float = -math.inf
    most: float = math.inf
    strict: bool = False
    of_subjects: bool = True

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
    def is_sign(self) -> bool:
        """Whether it asks for no more than a sign."""
        return self.strict and 0.0 in (self.least, self.most)

    def power(self, more: float) -> float:
        """How often an experiment with 1/`more` of the subjects would pass, if the value here is the true one.

        Its interval is wider by the root of `more`, and its value normal around this one. NaN of a number without an
        interval, and of an exact one.
        """
        value, (low, high) = self.estimate.value, self.ends
        if not self.of_subjects or self.estimate.n == 0 or not math.isfinite(low + high):
            return math.nan
        reach = max(value - low, high - value) * math.sqrt(more)
        if reach == 0.0:
            return float(self.holds)
        spread = reach / NORMAL_95
        within = _normal((self.most - reach - value) / spread) - _normal((self.least + reach - value) / spread)
        return max(0.0, within)

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


NORMAL_95 = 1.959964


def _normal(z: float) -> float:
    """The standard normal distribution's share below z."""
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


@dataclass(frozen=True)
class Claim:
    """A published finding: its source, one sentence, and the test of its study's trials; it stands in the study's file.

    `test` takes what the file's `summarise` takes, and says in its docstring how the finding was read. `study` is the
    name of that file, which fills it in. With fewer than `fewest` subjects in a group nothing is judged.

    `origin` says where its rows are from: "target", where the model's numbers were searched to meet it; "built in",
    where it cannot fail, as what was put in comes out; else "prediction". `origins` has those rows for which that is
    otherwise. `sure` is how well the thresholds are known, one of CERTAINTY, and `sures` those of other rows.
    `group_size` is the paper's: `Verdict.power` is that of such an experiment. Where it is not known it is 100, so that
    a sign has to be an effect of .2 standard deviations at least.
    """

    id: str
    citation: str
    claim: str
    test: Callable[[Any], list[Criterion]]
    study: str = ""
    fewest: int = 8
    origin: Origin = "prediction"
    origins: Mapping[str, Origin] = field(default_factory=dict)
    sure: str = "V"
    sures: Mapping[str, str] = field(default_factory=dict)
    group_size: int = UNKNOWN_SIZE

    def __post_init__(self) -> None:
        for what, said, known in (
            ("an origin", {self.origin, *self.origins.values()}, get_args(Origin)),
            ("how sure a threshold is,", {self.sure, *self.sures.values()}, CERTAINTY),
        ):
            for name in said - {*known}:
                raise ValueError(f"claim {self.id}: {what} is {', '.join(known)}, not '{name}'")

    def judged(self, read: Any, seed: int, n: int | None = None) -> list[Judged]:
        """The verdict on each part, as `verdicts`, with whether its value alone holds."""
        parts = self.test(read)
        if unknown := {*self.origins, *self.sures} - {part.name for part in parts}:
            raise ValueError(f"claim {self.id} has no row '{min(unknown)}', of which it says where it is from")
        return [(verdict(self, part, seed, n), part.holds) for part in parts]

    def verdicts(self, read: Any, seed: int, n: int | None = None) -> list[Verdict]:
        """The verdict on each part, in what the study's file reads of a run with this seed and `n` subjects a group.

        Without `n` a group has as many as stand behind the part's value.
        """
        return [found for found, _ in self.judged(read, seed, n)]


def claim(id: str, citation: str, says: str, **words: Any) -> Callable[[Callable[[Any], list[Criterion]]], Claim]:
    """Makes a claim of the test below it: `@claim("mine", "Somebody (1999)", "Shocked mice fail")`.

    `words` are the other fields of `Claim`. A study's file without CLAIMS has those that are made so, in their order.
    """
    return lambda test: Claim(id, citation, says, test, **words)


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


def not_expressed(claim: Claim, missing: Sequence[str], seed: int) -> Verdict:
    """The line of a claim that an agent cannot express, with all that it lacks."""
    return Verdict(
        id=claim.id,
        claim=claim.claim,
        statistic=f"lacks {', '.join(missing)}",
        value=math.nan,
        low=math.nan,
        high=math.nan,
        expected="",
        verdict="not expressed",
        passed=False,
        margin=math.nan,
        times_n=math.nan,
        n=0,
        seed=seed,
        source=claim.citation,
        origin=claim.origin,
    )


def verdict_counts(found: Sequence[str]) -> str:
    """How many there are of each, as in "70 pass, 3 fail, 8 undecided of 81"."""
    shown = [name for name in get_args(Outcome) if name != "not expressed" or name in found]
    return ", ".join(f"{found.count(name)} {name}" for name in shown) + f" of {len(found)}"


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


def verdict(claim: Claim, part: Criterion, seed: int, n: int | None = None) -> Verdict:
    """The verdict on one part of a claim, with `n` subjects a group."""
    found = part.estimate
    power = part.power((found.n if n is None else n) / claim.group_size)
    outcome, margin = part.outcome, float(part.margin)
    if outcome == "pass" and part.is_sign and power < LEAST_POWER:
        reach = max(found.value - found.low, found.high - found.value)
        outcome = "fail"
        margin = abs(found.value) - reach * math.sqrt((found.n if n is None else n) / claim.group_size)
    return Verdict(
        id=f"{claim.id}/{part.name}",
        claim=part.claim,
        statistic=part.statistic,
        value=float(found.value),
        low=float(found.low),
        high=float(found.high),
        expected=part.expected,
        verdict=outcome,
        passed=outcome == "pass",
        margin=margin,
        times_n=float(part.times_n),
        n=int(found.n),
        seed=seed,
        source=claim.citation,
        origin=claim.origins.get(part.name, claim.origin),
        sure=claim.sures.get(part.name, claim.sure),
        power=power,
        group_size=claim.group_size,
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
