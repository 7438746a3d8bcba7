"""Each term taken out of HabenulaAgent in turn, on every claim: what turns red, beside what was said beforehand to.

The terms, and what is said of them, stand in `ablated`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..config.draft import DEFAULT_AGENT
from ..contract import nearest
from . import ablated
from .catalogue import chosen
from .checking import check
from .expressing import Substitute
from .trials import Progress
from .verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUBJECTS = 100
DECLARED = tuple(name for name, ablation in ablated.ABLATIONS.items() if ablation.depends is not None)
OUTCOMES = {  # what a cell is, the shade of its square, and what that says
    "neither": ("#F4F4F4", "nothing was said and no row turns red"),
    "red, as said": ("#0072B2", "rows turn red, as said"),
    "said, none red": ("#F0E442", "said to depend, and no row turns red"),
    "red, not said": ("#D55E00", "rows turn red of which that was not said"),
    "nothing to lose": ("#CFCFCF", "said to depend, and no row passes with the whole model"),
}


@dataclass(frozen=True)
class Effect:
    """One term and one claim: how many rows pass with the whole model, and which of them fail without the term.

    `green` are those that fail with the whole model and pass without the term. `said`: whether the claim was said to
    depend on the term, None where nothing was said of the term.
    """

    term: str
    claim: str
    said: bool | None
    passing: int
    red: tuple[str, ...]
    green: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """One of OUTCOMES."""
        if self.said:
            return "red, as said" if self.red else "said, none red" if self.passing else "nothing to lose"
        return "red, not said" if self.red else "neither"


def without(term: str) -> Substitute:
    """HabenulaAgent without that term; a group that sets its parameter itself keeps it. ValueError for another name."""
    if term not in ablated.ABLATIONS:
        known = ", ".join(ablated.ABLATIONS)
        raise ValueError(f"there is no term '{term}'{nearest(term, ablated.ABLATIONS)}; known: {known}")
    agent = ablated.ABLATIONS[term].agent()
    name = type(agent).__name__
    return Substitute(name, agent.values(), None if name == DEFAULT_AGENT else Path(ablated.__file__))


def matrix(
    ids: Iterable[str] | None = None,
    n_subjects: int = SUBJECTS,
    terms: Sequence[str] = DECLARED,
    progress: Progress | None = None,
    kept: bool = False,
) -> list[Effect]:
    """An effect for each term and claim. Arguments are those of `findings.check`."""
    wanted = None if ids is None else list(ids)
    agents = {term: without(term) for term in terms}
    whole = check(wanted, n_subjects, progress=progress, kept=kept)
    effects = []
    for term, agent in agents.items():
        found = check(wanted, n_subjects, progress=progress, kept=kept, agent=agent)
        effects += compared(term, ablated.ABLATIONS[term].depends, whole, found)
    return effects


def compared(
    term: str, depends: Sequence[str] | None, whole: Sequence[Verdict], without: Sequence[Verdict]
) -> list[Effect]:
    """The effects of one term by claim; a row that turns from or to undecided has turned neither red nor green."""
    outcome = {verdict.id: verdict.verdict for verdict in without}
    by_claim: dict[str, list[Verdict]] = {}
    for verdict in whole:
        by_claim.setdefault(verdict.id.partition("/")[0], []).append(verdict)

    def turned(rows: Sequence[Verdict], before: str, after: str) -> tuple[str, ...]:
        names = [row.id for row in rows if row.verdict == before and outcome.get(row.id) == after]
        return tuple(name.partition("/")[2] for name in names)

    return [
        Effect(
            term,
            claim,
            None if depends is None else claim in depends,
            sum(row.passed for row in rows),
            turned(rows, "pass", "fail"),
            turned(rows, "fail", "pass"),
        )
        for claim, rows in by_claim.items()
    ]


def summary(effects: Sequence[Effect]) -> list[str]:
    """For each term how many claims turn red of those that were said to, and which others do."""
    lines = []
    for term in dict.fromkeys(effect.term for effect in effects):
        of_term = [effect for effect in effects if effect.term == term]
        red = [effect for effect in of_term if effect.red]
        if of_term[0].said is None:
            lines.append(f"{term}: {len(red)} of {len(of_term)} claims have rows that turn red")
            continue
        said = [effect for effect in of_term if effect.said]
        beyond = [effect.claim for effect in red if not effect.said]
        silent = [effect.claim for effect in said if effect.outcome == "said, none red"]
        line = f"{term}: {sum(bool(e.red) for e in said)} of {len(said)} claims said to depend on it turn red"
        line += f" (not {', '.join(silent)})" if silent else ""
        line += f", and {len(beyond)} of the {len(of_term) - len(said)} others"
        lines.append(line + (f" ({', '.join(beyond)})" if beyond else ""))
    return lines


def figure(effects: Sequence[Effect]) -> Figure:
    """The matrix, claims down and terms across; in a square how many rows turn red of those that pass."""
    from .grid import painted

    kinds = [*OUTCOMES]
    squares = [(e.claim, e.term, kinds.index(e.outcome), _text(e)) for e in effects]
    note = (
        "What is taken out (of the sign: it is flipped). Blue: as said; orange: not said; yellow: said, and none turns "
        "red; grey: none passes with the whole model."
    )
    return painted(squares, [shade for shade, _ in OUTCOMES.values()], note)


def _text(effect: Effect) -> str:
    return f"{len(effect.red)} of {effect.passing}" if effect.red else ""


def page(effects: Sequence[Effect], n_subjects: int, picture: str) -> str:
    """The matrix as a page in Markdown, that begins with the terms and what turned red; `picture` is its figure."""
    terms = [*dict.fromkeys(effect.term for effect in effects)]
    by = {(effect.claim, effect.term): effect for effect in effects}
    claims = [*dict.fromkeys(effect.claim for effect in effects)]
    lines = [
        "# Ablations",
        "",
        "What each term of HabenulaAgent is there for: taken out, every claim judged again.",
        "",
    ]
    lines += [*(f"- {line}" for line in summary(effects)), "", " ".join(WHAT.split()), ""]
    words = ["habenula ablations", *([] if claims == [claim.id for claim in chosen(None)] else claims)]
    words += [] if tuple(terms) == DECLARED else [f'--terms "{",".join(terms)}"']
    command = " ".join([*words, f"--subjects {n_subjects} --out docs/explanation/ablations.md"])
    lines += [f"Made by `{command}`.", ""]
    lines += [f"![Claims and terms]({picture})", "", f"| claim | {' | '.join(terms)} |"]
    lines += [f"| --- | {' | '.join('---' for _ in terms)} |"]
    for claim in claims:
        cells = [by[claim, term] for term in terms]
        lines.append(f"| {claim} | {' | '.join(_cell(effect) for effect in cells)} |")
    lines += ["", "## Rows", ""]
    for term in terms:
        of_term = [effect for effect in effects if effect.term == term]
        for what, rows in (("red", "red"), ("green", "green")):
            named = [f"{e.claim}: {', '.join(getattr(e, rows))}" for e in of_term if getattr(e, rows)]
            if named:
                lines += [f"- {term}, turned {what}: {'; '.join(named)}."]
    return "\n".join([*lines, ""])


WHAT = """
Which claims depend on a term was written down before it was first taken out (`findings/ablated.py`), from the equations
alone. A row turns red where it passes with the whole model and fails without the term; one that becomes undecided has
not. In the table: rows that turn red of those that pass with the whole model; **not said**: nobody said that they
would; *none*: said, and none does; –: said, and no row passes with the whole model either. An orange square is a term
that does more than it is there for, or a claim that rests on the numbers which were searched together with it.
"""


def _cell(effect: Effect) -> str:
    words = {"said, none red": "*none*", "nothing to lose": "–", "red, not said": f"{_text(effect)} **not said**"}
    return words.get(effect.outcome, _text(effect))


def write(effects: Sequence[Effect], path: Path, n_subjects: int) -> list[Path]:
    """The page, with its figure beside it, for .md; else the effects as JSON. What was written."""
    from ..experiment.store import write_bytes, write_json

    if path.suffix != ".md":
        write_json(path, [asdict(effect) | {"outcome": effect.outcome} for effect in effects])
        return [path]
    picture = path.with_suffix(".png")
    figure(effects).savefig(picture, dpi=200)
    write_bytes(path, page(effects, n_subjects, picture.name).encode())
    return [path, picture]
