"""A published finding as a claim: its source, and the test of its study's trials."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from ..analysis import readouts
from .criterion import Criterion
from .verdict import UNKNOWN_SIZE, Judged, Origin, Verdict

if TYPE_CHECKING:
    import pandas as pd

CERTAINTY = {
    "V": "seen in the published abstract, legend or table",
    "C": "computed from open data",
    "D": "derived from a number that was seen or computed",
    "H": "remembered with high confidence",
    "M": "remembered with medium confidence",
    "set": "a size that is ours, where the source gives a sign alone",
}
LEAST_POWER = 0.5  # a sign that most experiments of the published size would miss is none that was reproduced


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
        return [(self.verdict(part, seed, n), part.holds) for part in parts]

    def verdicts(self, read: Any, seed: int, n: int | None = None) -> list[Verdict]:
        """The verdict on each part, in what the study's file reads of a run with this seed and `n` subjects a group.

        Without `n` a group has as many as stand behind the part's value.
        """
        return [found for found, _ in self.judged(read, seed, n)]

    def verdict(self, part: Criterion, seed: int, n: int | None = None) -> Verdict:
        """The verdict on one of its parts, with `n` subjects a group."""
        found = part.estimate
        power = part.power((found.n if n is None else n) / self.group_size)
        outcome, margin = part.outcome, float(part.margin)
        if outcome == "pass" and part.is_sign and power < LEAST_POWER:
            reach = max(found.value - found.low, found.high - found.value)
            outcome = "fail"
            margin = abs(found.value) - reach * math.sqrt((found.n if n is None else n) / self.group_size)
        return Verdict(
            id=f"{self.id}/{part.name}",
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
            source=self.citation,
            origin=self.origins.get(part.name, self.origin),
            sure=self.sures.get(part.name, self.sure),
            power=power,
            group_size=self.group_size,
        )

    def not_expressed(self, missing: Sequence[str], seed: int) -> Verdict:
        """The line of this claim where an agent cannot express it, with all that it lacks."""
        return Verdict(
            id=self.id,
            claim=self.claim,
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
            source=self.citation,
            origin=self.origin,
        )


def claim(id: str, citation: str, says: str, **words: Any) -> Callable[[Callable[[Any], list[Criterion]]], Claim]:
    """Makes a claim of the test below it: `@claim("mine", "Somebody (1999)", "Shocked mice fail")`.

    `words` are the other fields of `Claim`. A study's file without CLAIMS has those that are made so, in their order.
    """
    return lambda test: Claim(id, citation, says, test, **words)


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
