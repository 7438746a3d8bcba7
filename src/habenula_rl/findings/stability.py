"""Every row of every claim over seeds and over the ensemble: what depends on chance, or on the parameter set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..agents import HabenulaAgent
from .checking import check
from .trials import Progress
from .verdict import Ensemble, Verdict

SEEDS, SUBJECTS = 20, 50
Steady = Literal["passes", "fails", "depends", ""]  # "" where nothing varies


@dataclass(frozen=True)
class Row:
    """A row of a claim: its verdict on the study's own seed, and with how many other seeds and sets it passes."""

    id: str
    origin: str
    verdict: str
    seeds: Ensemble
    sets: Ensemble

    @property
    def over_seeds(self) -> Steady:
        """Whether the row comes out alike on the study's own seed and on all others."""
        return steady(self.seeds)

    @property
    def over_sets(self) -> Steady:
        """The same of the sets; nothing varies where all sets come to one value, or no HabenulaAgent takes part."""
        return "" if self.sets.one_value else steady(self.sets)


def steady(counted: Ensemble) -> Steady:
    """Whether all pass, none does, or it depends."""
    if not counted.sets:
        return ""
    return "passes" if counted.passed == counted.sets else "depends" if counted.passed else "fails"


def table(
    ids: Iterable[str] | None = None,
    n_subjects: int = SUBJECTS,
    seeds: int = SEEDS,
    sets: int | None = None,
    progress: Progress | None = None,
    kept: bool = False,
) -> list[Row]:
    """A row for each part of each claim, with that many seeds and sets of `HabenulaAgent.ensemble()` (None: all).

    Fewer sets are spread evenly over the ensemble, whose order is that of their distance. Other arguments are those of
    `findings.check`. A row that is undecided on a seed, or with a set, counts by its value. Raises ValueError as it
    does, and for fewer than two seeds or sets, or more sets than there are.
    """
    ensemble = HabenulaAgent.ensemble()
    wanted = len(ensemble) if sets is None else sets
    if not (2 <= wanted <= len(ensemble) and seeds >= 2):
        raise ValueError(f"two seeds and two sets at least, and at most {len(ensemble)} sets, not {seeds} and {wanted}")
    chosen = [ensemble[k * (len(ensemble) - 1) // (wanted - 1)] for k in range(wanted)]
    found = check(ids, n_subjects, progress=progress, ensemble=chosen, seeds=seeds, kept=kept)
    return [_row(verdict) for verdict in found]


def _row(verdict: Verdict) -> Row:
    none = Ensemble()
    return Row(verdict.id, verdict.origin, verdict.verdict, verdict.seeds or none, verdict.ensemble or none)


def summary(rows: Sequence[Row]) -> str:
    """How many rows pass, fail, or depend on seed or set; rows that are built in are not counted."""
    counted = [row for row in rows if row.origin != "built in"]
    said = []
    for what, outcomes in (("seed", [r.over_seeds for r in counted]), ("set", [r.over_sets for r in counted])):
        varied = [outcome for outcome in outcomes if outcome]
        numbers = f"{varied.count('passes')} pass with every {what}, {varied.count('fails')} with none"
        said.append(f"of {len(varied)} rows {numbers}, {varied.count('depends')} depend on the {what}")
    return "; ".join(said)


def fraction(counted: Ensemble) -> str:
    """As in "17 of 20"; where an undecided one counts by its value, "17 of 20, 3 by value"."""
    return str(counted) if counted.sets else "–"


def page(rows: Sequence[Row], n_subjects: int, command: str) -> str:
    """The table as a page in Markdown; a row that depends on seed or set has that in bold."""
    seeds, sets = (max((getattr(row, name).sets for row in rows), default=0) for name in ("seeds", "sets"))
    said, sizes = summary(rows), f"{seeds} seeds, {sets} sets of parameters, {n_subjects} subjects in every group."
    lines = ["# Seeds and sets", "", f"{said[:1].upper()}{said[1:]}.", "", f"{sizes} {' '.join(WHAT.split())}", ""]
    lines += [f"Made by `{command}`.", "", "| row | origin | verdict | seeds | sets |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for row in rows:
        cells = [row.id, row.origin, row.verdict]
        for counted, outcome in ((row.seeds, row.over_seeds), (row.sets, row.over_sets)):
            cells.append(f"**{fraction(counted)}**" if outcome == "depends" else fraction(counted))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


WHAT = """
With how many of them each row of each claim passes; one that is undecided at this number of subjects counts by its
value. In bold what some pass and others do not: such a row depends on chance, or on which of the sets that fit was
taken. "One value": all sets come to the same number, and the row says nothing of the ensemble.
"""


def write(rows: Sequence[Row], path: Path, n_subjects: int, command: str) -> None:
    """The page for .md, else the rows as JSON."""
    from dataclasses import asdict

    from ..experiment.store import write_bytes, write_json

    if path.suffix == ".md":
        write_bytes(path, page(rows, n_subjects, command).encode())
    else:
        write_json(path, [asdict(row) | {"over_seeds": row.over_seeds, "over_sets": row.over_sets} for row in rows])
