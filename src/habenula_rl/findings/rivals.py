"""Rivals on the same claims: every agent that can express a claim, beside HabenulaAgent, as one matrix.

They have the values that were searched for them by HabenulaAgent's own rows and rules, within one budget for each
(calibration/rivals.py); one that was not searched has those that it comes with. Some have a trait that can stand for
hyperactivity: a learning rate for worse outcomes, the burden of acting, the readiness to act, tonic dopamine.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config.draft import DEFAULT_AGENT
from .catalogue import chosen
from .checking import check
from .expressing import Substitute, substitute
from .trials import Progress
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
    passed: int = 0
    rows: int = 0


@functools.cache
def calibrated() -> Mapping[str, Any]:
    """What calibration/rivals.py found, by the rival's name."""
    found: dict[str, Any] = json.loads(CALIBRATED.read_text("utf-8"))
    return found


def rival(name: str) -> Substitute:
    """The agent of that name as it was calibrated, with the trait that stands for hyperactivity where it has one."""
    plain = substitute(name)
    if name not in calibrated():
        return replace(plain, traits=TRAITS.get(name, ()))
    found = calibrated()[name]
    values = {**plain.values, **found["values"]}
    return replace(plain, values=values, traits=tuple((k, values[k], more) for k, more in found["slopes"].items()))


def matrix(
    ids: Iterable[str] | None = None,
    n_subjects: int = SUBJECTS,
    agents: Sequence[str] = RIVALS,
    progress: Progress | None = None,
    kept: bool = False,
) -> list[Cell]:
    """A cell for each claim and agent, HabenulaAgent first. Arguments are those of `findings.check`.

    `agents` are names of agents. Raises ValueError as `findings.check` does, and where one is HabenulaAgent.
    """
    if OWN in agents:
        raise ValueError(f"{OWN} stands beside every rival and is none itself")
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
    passed = counted.count("pass")
    return Cell(claim, agent, outcome, f"{passed} of {len(counted)} rows", passed, len(counted))


def summary(cells: Sequence[Cell]) -> str:
    """For each agent how many claims it can express, how many of those it passes, and how many of their rows."""
    lines = []
    for agent in dict.fromkeys(cell.agent for cell in cells):
        own = [cell for cell in cells if cell.agent == agent]
        outcomes = [cell.outcome for cell in own]
        can = len(outcomes) - outcomes.count("not expressed")
        passed, among = sum(cell.passed for cell in own), sum(cell.rows for cell in own)
        claims = f"{outcomes.count('pass')} of the {can} claims that it can express"
        lines.append(f"{agent} passes {claims}, and {passed} of their {among} rows")
    return "; ".join(lines) + f"; there are {len({cell.claim for cell in cells})} claims here."


def compared(cells: Sequence[Cell]) -> str:
    """Whether a rival explains as much as the first agent: rows passed of the claims that the rival can express.

    A rival that can express none explains nothing, and is named apart.
    """
    own = {cell.claim: cell for cell in cells if cell.agent == cells[0].agent}
    as_much: list[str] = []
    less: list[str] = []
    nothing: list[str] = []
    for agent in dict.fromkeys(cell.agent for cell in cells if cell.agent != cells[0].agent):
        can = [cell for cell in cells if cell.agent == agent and cell.outcome != "not expressed"]
        if not can:
            nothing.append(agent)
            continue
        theirs, ours = sum(cell.passed for cell in can), sum(own[cell.claim].passed for cell in can)
        line = f"{agent} ({theirs} against {ours} of {sum(cell.rows for cell in can)} rows)"
        (as_much if theirs >= ours else less).append(line)
    said = f"As much as {cells[0].agent}, on the claims that they can express, explain: {', '.join(as_much) or 'none'}."
    said += f" Less: {', '.join(less)}." if less else ""
    return said + (f" Nothing, as they can express no claim here: {', '.join(nothing)}." if nothing else "")


def page(cells: Sequence[Cell], n_subjects: int, picture: str | None = None) -> str:
    """The matrix as a page in Markdown, that begins with who explains how much; `picture` is its figure's file."""
    agents = [*dict.fromkeys(cell.agent for cell in cells)]
    by = {(cell.claim, cell.agent): cell for cell in cells}
    claims = [*dict.fromkeys(cell.claim for cell in cells)]
    words = ["habenula rivals", *([] if claims == [claim.id for claim in chosen(None)] else claims)]
    words += [] if tuple(agents[1:]) == RIVALS else [f"--agents {','.join(agents[1:])}"]
    command = " ".join([*words, f"--subjects {n_subjects}"])
    lines = ["# Rivals on the same claims", "", f"{compared(cells)} {summary(cells)}", "", " ".join(WHAT.split()), ""]
    lines += ["Made by", "", "```", f"{command} --out docs/explanation/rivals.md", "```", ""]
    lines += [f"![Claims and agents]({picture})", ""] if picture else []
    lines += [f"| claim | {' | '.join(agents)} |", f"| --- | {' | '.join('---' for _ in agents)} |"]
    for claim in claims:
        row = [by[claim, agent] for agent in agents if (claim, agent) in by]
        lines.append(f"| {claim} | {' | '.join(_text(cell) for cell in row)} |")
    lines += _searches([agent for agent in agents if agent in calibrated()])
    if lacking := [f"| {c.claim} | {c.agent} | {c.said} |" for c in cells if c.outcome == "not expressed"]:
        lines += ["", "## What is missing", "", "What an agent lacks for a claim that it cannot express.", ""]
        lines += ["| claim | agent | |", "| --- | --- | --- |", *lacking]
    return "\n".join([*lines, ""])


WHAT = """
In DualRate a larger learning rate for what is worse than expected stands for hyperactivity, in LowMotivation the burden
of acting, in PavlovianGoNoGo less readiness to act, in OpAL less tonic dopamine; how much was searched with the rest.
The others have nothing that could stand for it, and are healthy. A claim passes where all its rows pass that are not
built in, and fails where any fails.
"""


def _searches(agents: Sequence[str]) -> list[str]:
    """What the search of each rival came to, as lines of the page."""
    if not agents:
        return []
    found = {agent: calibrated()[agent] for agent in agents}
    budget = found[agents[0]]["budget"]
    lines = ["", "## How they were calibrated", "", " ".join(HOW.format(**budget).split()), ""]
    lines += ["| agent | rows | distance before | after | rows met | default HabenulaAgent | rows met |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for agent, one in found.items():
        numbers = (one[name] for name in ("rows", "before", "distance", "met", "own_distance", "own_met"))
        lines.append(f"| {agent} | {' | '.join(map(str, numbers))} |")
    return lines


HOW = """
As HabenulaAgent was ([calibration](../../calibration/README.md)): CMA-ES over the same target rows, as far as the rival
can express them, by the same distance, all its numbers but γ at once, in ranges that follow from their declarations.
The budget is the same for each, {sets} sets with {subjects} subjects in every group, and far smaller than
HabenulaAgent's own, whose two searches tried some 1,900 sets; rivals have two to seven numbers, HabenulaAgent
twelve. Its own line, where there is one, is of that same small budget, from where its first search began. Distances are
at new random numbers; in the last two columns is HabenulaAgent's default on the same rows.
"""


def _text(cell: Cell) -> str:
    return MARKS[cell.outcome] if cell.outcome == "not expressed" else f"{MARKS[cell.outcome]}, {cell.said[:-5]}"


def figure(cells: Sequence[Cell]) -> Figure:
    """The matrix as a heat map: blue passes, orange fails, yellow is undecided, grey cannot be expressed."""
    from .grid import painted

    note = "Rows that pass. Blue: the claim passes; orange: fails; yellow: undecided at this n; –: cannot express."
    squares = [
        (c.claim, c.agent, ORDER.index(c.outcome), f"{c.passed} of {c.rows}" if c.outcome != "not expressed" else "–")
        for c in cells
    ]
    return painted(squares, SHADES, note)


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
