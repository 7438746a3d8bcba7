"""Rivals on the same claims: every agent that can express a claim, beside HabenulaAgent, as one matrix.

They have the parameters that they come with: none was calibrated as HabenulaAgent was (calibration/README.md), so a
failure of theirs is one of those numbers, not of the idea. Two have a trait that can stand for hyperactivity: two
learning rates, of which the one for worse outcomes is larger, and the burden of acting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..config.draft import DEFAULT_AGENT
from .checking import Progress, check
from .expressing import Substitute, substitute
from .verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUBJECTS = 100
OWN = DEFAULT_AGENT
TRAITS = {  # parameter, its value in health, and what a hyperactivity of 1 adds, before anything was searched
    "DualRate": (("rate_worse", 0.1, 0.1),),
    "LowMotivation": (("burden", 0.0, 0.3),),
    "OpAL": (("dopamine", 0.5, -0.1),),
    "PavlovianGoNoGo": (("go_bias", 0.5, -1.0),),
}
RIVALS = ("DualRate", "LowMotivation", "QLearning", "PavlovianGoNoGo", "OpAL", "ActorCritic", "PearceHall")
CALIBRATED = Path(__file__).with_name("rivals.json")  # by calibration/rivals.py
MARKS = {"pass": "passes", "fail": "fails", "undecided": "undecided", "not expressed": "–"}
ORDER = ("not expressed", "fail", "undecided", "pass")
SHADES = ("#E8E8E8", "#D55E00", "#F0E442", "#0072B2")


@dataclass(frozen=True)
class Cell:
    """One claim and one agent: "pass" where all rows pass that are not built in, "fail" where any fails."""

    claim: str
    agent: str
    outcome: str
    said: str  # as in "3 of 4 rows", or what the agent lacks


def rival(name: str) -> Substitute:
    """The agent of that name, with the trait that stands for hyperactivity where it has one."""
    return replace(substitute(name), traits=TRAITS.get(name, ()))


def matrix(
    ids: Iterable[str] | None = None,
    n_subjects: int = SUBJECTS,
    agents: Sequence[str] = RIVALS,
    progress: Progress | None = None,
    kept: bool = False,
) -> list[Cell]:
    """A cell for each claim and agent, HabenulaAgent first. Arguments are those of `findings.check`.

    `agents` are names of agents.
    """
    wanted = None if ids is None else list(ids)
    cells = _cells(OWN, check(wanted, n_subjects, progress=progress, kept=kept))
    for name in agents:
        cells += _cells(name, check(wanted, n_subjects, progress=progress, kept=kept, agent=rival(name)))
    return cells


def _cells(agent: str, verdicts: Sequence[Verdict]) -> list[Cell]:
    by_claim: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_claim.setdefault(verdict.id.partition("/")[0], []).append(verdict)
    return [_cell(claim, agent, rows) for claim, rows in by_claim.items()]


def _cell(claim: str, agent: str, rows: Sequence[Verdict]) -> Cell:
    if rows[0].verdict == "not expressed":
        return Cell(claim, agent, "not expressed", rows[0].statistic)
    counted = [row.verdict for row in rows if row.origin != "built in"]
    outcome = next((name for name in ("fail", "undecided") if name in counted), "pass")
    return Cell(claim, agent, outcome, f"{counted.count('pass')} of {len(counted)} rows")


def summary(cells: Sequence[Cell]) -> str:
    """For each agent how many claims it can express, how many of those it passes, and how many of their rows."""
    lines = []
    for agent in dict.fromkeys(cell.agent for cell in cells):
        outcomes = [cell.outcome for cell in cells if cell.agent == agent]
        can = len(outcomes) - outcomes.count("not expressed")
        rows = [cell.said.split() for cell in cells if cell.agent == agent and cell.outcome != "not expressed"]
        passed, among = (sum(int(words[k]) for words in rows) for k in (0, 2))  # as in "3 of 4 rows"
        claims = f"{outcomes.count('pass')} of the {can} claims that it can express"
        lines.append(f"{agent} passes {claims}, and {passed} of their {among} rows")
    return "; ".join(lines) + f"; there are {len({cell.claim for cell in cells})} claims here."


def page(cells: Sequence[Cell], n_subjects: int, picture: str | None = None) -> str:
    """The matrix as a page in Markdown, that begins with who explains how much; `picture` is its figure's file."""
    agents = [*dict.fromkeys(cell.agent for cell in cells)]
    by = {(cell.claim, cell.agent): cell for cell in cells}
    claims = [*dict.fromkeys(cell.claim for cell in cells)]
    command = f"habenula rivals {' '.join(claims)} --agents {','.join(agents[1:])} --subjects {n_subjects}"
    lines = ["# Rivals on the same claims", "", summary(cells), "", " ".join(WHAT.split()), ""]
    lines += ["Made by", "", "```", f"{command} --out docs/explanation/rivals.md", "```", ""]
    lines += [f"![Claims and agents]({picture})", ""] if picture else []
    lines += [f"| claim | {' | '.join(agents)} |", f"| --- | {' | '.join('---' for _ in agents)} |"]
    for claim in claims:
        row = [by[claim, agent] for agent in agents if (claim, agent) in by]
        lines.append(f"| {claim} | {' | '.join(_text(cell) for cell in row)} |")
    if lacking := [f"| {c.claim} | {c.agent} | {c.said} |" for c in cells if c.outcome == "not expressed"]:
        lines += ["", "## What is missing", "", "What an agent lacks for a claim that it cannot express.", ""]
        lines += ["| claim | agent | |", "| --- | --- | --- |", *lacking]
    return "\n".join([*lines, ""])


WHAT = """
The rivals have the parameters that they come with; none was calibrated, while HabenulaAgent was searched for the claims
that are targets ([findings](findings.md)): a failure of a rival is one of those numbers. In DualRate a larger learning
rate for what is worse than expected stands for hyperactivity, in LowMotivation the burden of acting. A claim passes
where all its rows pass that are not built in, and fails where any fails.
"""


def _text(cell: Cell) -> str:
    return MARKS[cell.outcome] if cell.outcome == "not expressed" else f"{MARKS[cell.outcome]}, {cell.said[:-5]}"


def figure(cells: Sequence[Cell]) -> Figure:
    """The matrix as a heat map: blue passes, orange fails, yellow is undecided, grey cannot be expressed."""
    from .grid import painted

    note = "Blue: passes; orange: fails; yellow: undecided at this number of subjects; –: cannot express."
    return painted([(c.claim, c.agent, ORDER.index(c.outcome), _text(c)) for c in cells], SHADES, note)


def write(cells: Sequence[Cell], path: Path, n_subjects: int) -> list[Path]:
    """The page, with its figure beside it, for .md; else the cells as JSON. What was written."""
    from dataclasses import asdict

    from ..experiment.store import write_bytes, write_json

    if path.suffix != ".md":
        write_json(path, [asdict(cell) for cell in cells])
        return [path]
    picture = path.with_suffix(".png")
    figure(cells).savefig(picture, dpi=200)
    write_bytes(path, page(cells, n_subjects, picture.name).encode())
    return [path, picture]
