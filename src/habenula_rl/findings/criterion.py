"""One thing that a claim says of a number: the bounds within which it holds, and whether it does."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..analysis.statistics import Estimate as Estimate
from .verdict import Outcome


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
