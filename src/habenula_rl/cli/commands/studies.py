"""Commands that run studies, and show what came out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from .. import terminal
from ..results import report_run, show_run, write_report, write_report_of
from .options import OnDask, Out, Seed, Subjects, goes_on


def _studies(incomplete: str) -> list[str]:
    """Studies that begin so, for the Tab key: those of ./configs and of the package, and nothing of them is read."""
    from ...config.bundled import bundled

    found = {path.stem for folder in (Path("configs"), bundled("configs")) for path in folder.glob("*.yaml")}
    return sorted(name for name in found if name.startswith(incomplete))


def run(
    study: Annotated[
        str, typer.Argument(help="A study's name or the path of its config.", metavar="STUDY", autocompletion=_studies)
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another value, as in groups.mice.n=100; any number of times.", metavar="KEY=VALUE"),
    ] = None,
    seed: Seed = None,
    out: Out = "results",
    workers: Annotated[
        int | None, typer.Option(help="Threads, one a core without; the tables are the same with any number.")
    ] = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="Workers are processes: one that is killed costs its unit alone.")
    ] = False,
    dask: OnDask = None,
    shard: Annotated[
        str | None, typer.Option(help="Only every N-th unit, from the i-th on; then habenula merge.", metavar="i/N")
    ] = None,
    subjects: Subjects = None,
    no_figure: Annotated[bool, typer.Option("--no-figure", help="Tables only.")] = False,
) -> None:
    """Run a study, or what is missing of it, and draw its figure."""
    from ...experiment.run import run as run_study
    from ...experiment.user_code import code_line

    if line := code_line(study, overrides or ()):
        terminal.say(line)
    with goes_on(), terminal.progress_of(study) as progress:
        folder = run_study(
            study,
            out,
            overrides=overrides or (),
            seed=seed,
            workers=workers,
            processes=processes,
            dask=dask,
            shard=None if shard is None else _shard(shard),
            subjects=subjects,
            progress=progress,
            figure=not no_figure,
        )
        if shard is not None:
            print(f"shard   {folder}")
            return
        report_run(folder, out)


def _shard(text: str) -> tuple[int, int]:
    """2/8 as two numbers."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", text)
    if not found:
        raise ValueError(f"--shard is written i/N, as 2/8, not {text!r}")
    return int(found[1]), int(found[2])


def merge(
    study: Annotated[str, typer.Argument(help="The study whose shards were run.", metavar="STUDY")],
    overrides: Annotated[list[str] | None, typer.Option("--set", help="As for run.", metavar="KEY=VALUE")] = None,
    seed: Seed = None,
    out: Out = "results",
    subjects: Subjects = None,
) -> None:
    """Make one run of a study's shards.

    The options are those that the shards were run with. Nothing is computed: what no shard has is named.
    """
    from ...experiment.run import run as run_study
    from ...experiment.user_code import code_line

    if line := code_line(study, overrides or ()):
        terminal.say(line)
    with goes_on(), terminal.progress_of(study) as progress:
        folder = run_study(
            study, out, overrides=overrides or (), seed=seed, subjects=subjects, progress=progress, compute=False
        )
        report_run(folder, out)


def figure(folder: Annotated[Path, typer.Argument(help="A run's folder, as printed by run.", metavar="DIR")]) -> None:
    """Draw a run's figure again from its tables."""
    from ...experiment.manifest import load_manifest
    from ...experiment.run import redraw
    from ...experiment.user_code import experiment_code

    for name in experiment_code(load_manifest(folder)):
        terminal.say(f"runs code of: {name}")
    redraw(folder)
    write_report(folder)
    show_run(folder)


def report(
    what: Annotated[
        str,
        typer.Argument(
            help="A folder of run, or its address, or of fit or recover, or a .json file of check --out.",
            metavar="PATH",
        ),
    ],
) -> None:
    """Write one HTML page of a run, of fits, or of verdicts.

    It goes into the folder, or beside the file of verdicts.
    """
    print(f"report  {write_report_of(what)}")
