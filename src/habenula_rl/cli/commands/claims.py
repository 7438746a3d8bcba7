"""Commands that hold the model, its rivals and its parts against published findings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import terminal
from ..results import said_of_ensemble, say_what_runs, write_verdicts
from .options import OnDask, Seed, goes_on, names_of, typed, writable

Claims = Annotated[list[str] | None, typer.Argument(help="Claims; all without one.", metavar="[ID]...")]
Number = Annotated[int, typer.Option(help="Subjects in every group.", metavar="N")]
Page = Annotated[
    Path | None,
    typer.Option(help="Write a page, with its figure if any, for .md, else JSON.", metavar="FILE", callback=writable),
]


def check(
    ids: Claims = None,
    subjects: Annotated[
        int | None, typer.Option(help="Subjects in every group; 1,000, with --ensemble 100.", metavar="N")
    ] = None,
    seed: Seed = None,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Count with how many sets of parameters that fit each row passes.")
    ] = False,
    seeds: Annotated[
        int, typer.Option(help="Count with how many other seeds each row passes.", metavar="K", min=0)
    ] = 0,
    agent: Annotated[
        str | None, typer.Option(help="Judge this agent instead: a name, or FILE:NAME.", metavar="AGENT")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Simulate what was simulated before, too.")] = False,
    dask: OnDask = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the verdicts there too: a table for .md (between its marks), JUnit for .xml, else JSON.",
            metavar="FILE",
            callback=writable,
        ),
    ] = None,
) -> None:
    """Check published findings against the model.

    The studies are the package's own, whatever lies in ./configs. A row passes where its 95 % interval lies within the
    bounds, fails where it lies outside, and is undecided at this number of subjects where a bound lies in it: more
    subjects decide it. Ends with exit status 1 if a row fails; undecided rows are counted and change nothing.

    A sign has to be one that an experiment of the published size would find in half of all cases at least (column
    power). Verdicts are kept, and a study is simulated again once anything that decides them has changed.

    With --ensemble every study is simulated once more with each set of HabenulaAgent.ensemble(), in place of those
    parameters that the study does not set itself; verdicts and exit status stay those of the default parameters.
    """
    from ... import HabenulaAgent, findings
    from ...findings.checking import SUBJECTS_WITH_ENSEMBLE

    say_what_runs(ids)
    with terminal.progress_of("check") as progress:

        def show(rows: list[findings.Verdict]) -> None:
            passed = sum(row.passed for row in rows)
            progress(0, 0, f"{rows[0].id.partition('/')[0]:20} {passed} of {len(rows)} rows pass")

        sets = HabenulaAgent.ensemble() if ensemble else None
        verdicts = findings.check(
            ids or None,
            subjects,
            seed,
            progress=progress,
            ensemble=sets,
            seeds=seeds,
            kept=not fresh,
            agent=agent,
            found=show if sys.stderr.isatty() else None,  # a live table above the bar
            dask=dask,
        )
    terminal.print_table(terminal.verdict_table(verdicts))
    if out is not None:
        write_verdicts(out, verdicts)
    print(findings.counted(verdicts))
    if sets is not None:
        n = SUBJECTS_WITH_ENSEMBLE if subjects is None else subjects  # and so with seeds
        for line in said_of_ensemble(len(sets), n, verdicts):
            print(line)
    if any(verdict.verdict == "fail" for verdict in verdicts):
        raise typer.Exit(1)


def rivals(
    ids: Claims = None,
    subjects: Number = 100,
    agents: Annotated[
        str | None, typer.Option(help="Rivals, with commas between; seven of them without.", metavar="NAMES")
    ] = None,
    out: Page = None,
) -> None:
    """Judge rivals by the same claims, as a matrix.

    They have the values that were searched for them, as HabenulaAgent's were, within a smaller budget (calibration/);
    one that was not searched has those that it comes with. A claim passes where all its rows pass that are not built
    in, fails where one fails, and is not expressed where the agent lacks what it reads.
    """
    from ...findings import rivals as beside

    names = names_of(agents, "--agents") or beside.RIVALS
    with terminal.progress_of("rivals") as progress:
        cells = beside.matrix(ids or None, subjects, names, progress=progress, kept=True)
    columns = dict.fromkeys(cell.agent for cell in cells)
    by_claim: dict[str, list[str]] = {}
    for cell in cells:
        by_claim.setdefault(cell.claim, [cell.claim]).append(f"{beside.MARKS[cell.outcome]}, {cell.said}")
    terminal.print_table(terminal.table(["claim", *columns], list(by_claim.values())))
    print(beside.summary(cells))
    for path in beside.write(cells, out, subjects) if out else ():
        print(f"wrote {path}")


def ablations(
    ids: Claims = None,
    subjects: Number = 100,
    terms: Annotated[
        str | None, typer.Option(help="Names of terms with commas between; eight of them without.", metavar="NAMES")
    ] = None,
    out: Page = None,
) -> None:
    """Take terms out of the model, and see which claims fail.

    Beside it stands which claims were said beforehand to depend on the term (findings/ablated.py). A row turns red
    where it passes with the whole model and fails without the term.
    """
    from ...findings import ablations as taken_out

    names = names_of(terms, "--terms") or taken_out.DECLARED
    with terminal.progress_of("ablations") as progress:
        effects = taken_out.matrix(ids or None, subjects, names, progress=progress, kept=True)
    red = [[e.term, e.claim, e.outcome, ", ".join(e.red)] for e in effects if e.outcome != "neither"]
    terminal.print_table(terminal.table(["without", "claim", "", "rows that turn red"], red))
    for line in taken_out.summary(effects):
        print(line)
    for path in taken_out.write(effects, out, subjects) if out else ():
        print(f"wrote {path}")


def falsifiers(subjects: Number = 400, seed: Annotated[int, typer.Option(help="Seed.")] = 15, out: Page = None) -> None:
    """Set findings against the model beside its predictions.

    No number was searched or set for them, and they are not counted with the claims: "contradicts" says that the whole
    95 % interval lies on the other side of what was found.
    """
    from ...findings import falsifiers as against

    found = against.rows(n_subjects=subjects, seed=seed)
    lines = [[row.id, row.statistic, against.number(row), row.published, row.outcome] for row in found]
    terminal.print_table(terminal.table(["id", "the model predicts", "value [95 %]", "found", ""], lines))
    print(against.summary(found))
    if out is not None:
        against.write(found, out, subjects)
        print(f"wrote {out}")


def stability(
    ids: Claims = None,
    subjects: Number = 50,
    seeds: Annotated[int, typer.Option(help="Seeds after each study's own.", metavar="K")] = 20,
    sets: Annotated[int | None, typer.Option(help="Sets of parameters, out of all that fit.", metavar="K")] = None,
    out: Page = None,
) -> None:
    """Show which rows depend on the seed, or on the parameter set.

    For every row of every claim: with how many seeds, and with how many sets of HabenulaAgent.ensemble(), it passes.
    What was simulated is kept, and a second call goes on.
    """
    from ...findings import stability as over

    with goes_on(), terminal.progress_of("stability") as progress:
        rows = over.table(ids or None, subjects, seeds, sets, progress=progress, kept=True)
    lines = [[r.id, r.origin, r.verdict, over.fraction(r.seeds), over.fraction(r.sets)] for r in rows]
    terminal.print_table(terminal.table(["row", "origin", "verdict", "seeds", "sets"], lines))
    print(over.summary(rows))
    if out is not None:
        over.write(rows, out, subjects, typed())
        print(f"wrote {out}")
