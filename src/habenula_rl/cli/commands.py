"""The command `habenula`. What a command needs is imported when it runs, so that help comes at once."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from ..errors import Stopped, ends_are_errors
from . import terminal
from .results import (
    report_run,
    said_of_ensemble,
    say_what_runs,
    show_run,
    write_report,
    write_report_of,
    write_verdicts,
)


class Commands(typer.core.TyperGroup):
    """The commands; where a user's code ends the program in one of them, that is a mistake like any other."""

    def invoke(self, ctx: Any) -> Any:
        with ends_are_errors():
            return super().invoke(ctx)


def _studies(incomplete: str) -> list[str]:
    """Studies that begin so, for the Tab key: those of ./configs and of the package, and nothing of them is read."""
    from ..config.bundled import bundled

    found = {path.stem for folder in (Path("configs"), bundled("configs")) for path in folder.glob("*.yaml")}
    return sorted(name for name in found if name.startswith(incomplete))


app = typer.Typer(
    name="habenula",
    cls=Commands,
    help="Reinforcement learning models of the lateral habenula, of helplessness, and of ketamine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cache_app = typer.Typer(help="Show or clear the folder of compiled rules and kept verdicts.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")
Seed = Annotated[int | None, typer.Option(help="Seed in place of the study's own.")]
OnDask = Annotated[str | None, typer.Option(help="Scheduler of a Dask cluster, or local.", metavar="ADDRESS")]
Out = Annotated[str, typer.Option(help="Folder for results, or an address as s3://bucket/runs.", metavar="DIR")]
FitWorkers = Annotated[
    int, typer.Option(help="Processes, a model each; the tables are the same with any number.", min=1)
]
Subjects = Annotated[int | None, typer.Option(help="Subjects in every group.", metavar="N")]


def main() -> None:
    """Run the command line. Exits with 0, 1 (a claim or the disk failed), 2 (wrong input), 130 or 143 (stopped)."""
    os.environ.setdefault("MPLBACKEND", "agg")
    for stream in (sys.stdout, sys.stderr):  # what an encoding such as Windows' cp1252 lacks is written as \\u2192
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with _signals(), warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: terminal.say(f"habenula: {message}")
        try:
            app(prog_name="habenula")
        except Stopped as stopped:
            terminal.say(stopped.advice)
            sys.exit(128 + stopped.number)
        except MemoryError:
            terminal.say("habenula: not enough memory; try fewer subjects, trials or --workers, or record: summary")
            sys.exit(1)
        except (ValueError, OSError) as error:
            terminal.say(f"habenula: {error}")
            theirs = isinstance(
                error, ValueError | FileNotFoundError
            )  # what the user can put right; else the disk failed
            sys.exit(2 if theirs else 1)


@contextlib.contextmanager
def _goes_on() -> Iterator[None]:
    """For a command that keeps what it has finished: how to go on, should it be stopped."""
    try:
        yield
    except Stopped as stopped:
        command = shlex.join(["habenula", *sys.argv[1:]])
        stopped.advice = f"Stopped. What was finished is kept; this goes on from there:\n  {command}"
        raise


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: Any) -> None:
    signal.signal(number, signal.SIG_DFL)  # asked a second time, the process ends at once
    raise Stopped(number)


def _print_version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        print(f"habenula_rl {__version__}")
        raise typer.Exit


def _writable(file: Path | None) -> Path | None:
    """The file that --out names, refused before anything is computed for it; its folder is made."""
    if file is not None:
        if not file.name or file.is_dir():
            raise ValueError(f"--out must be a file, as {file / 'page.md'}, not the folder '{file}'")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"--out {file}: cannot make its folder: {error.strerror}") from None
        if not os.access(file.parent, os.W_OK):
            raise ValueError(f"--out {file}: its folder cannot be written to")
    return file


def _names(said: str | None, option: str) -> list[str] | None:
    """What an option has between its commas; None where it is not given."""
    if said is None:
        return None
    names = [name.strip() for name in said.split(",")]
    if not all(names):
        raise ValueError(f"{option} must be names with commas between, none of them empty, not '{said}'")
    return names


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
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
    from ..experiment.run import run as run_study
    from ..experiment.user_code import code_line

    if line := code_line(study, overrides or ()):
        terminal.say(line)
    with _goes_on(), terminal.progress_of(study) as progress:
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


@app.command()
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
    from ..experiment.run import run as run_study
    from ..experiment.user_code import code_line

    if line := code_line(study, overrides or ()):
        terminal.say(line)
    with _goes_on(), terminal.progress_of(study) as progress:
        folder = run_study(
            study, out, overrides=overrides or (), seed=seed, subjects=subjects, progress=progress, compute=False
        )
        report_run(folder, out)


@app.command()
def figure(folder: Annotated[Path, typer.Argument(help="A run's folder, as printed by run.", metavar="DIR")]) -> None:
    """Draw a run's figure again from its tables."""
    from ..experiment.manifest import load_manifest
    from ..experiment.run import redraw
    from ..experiment.user_code import experiment_code

    for name in experiment_code(load_manifest(folder)):
        terminal.say(f"runs code of: {name}")
    redraw(folder)
    write_report(folder)
    show_run(folder)


@app.command()
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


@app.command()
def explore(
    port: Annotated[int, typer.Option(help="Where this machine serves the page.", min=1, max=65535)] = 8642,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address and open nothing.")] = False,
) -> None:
    """Open the model in the browser, with sliders.

    They move the trait, shocks and a drug. Needs the extra: pip install 'habenula-rl[explore]'.
    """
    try:
        import shiny  # noqa: F401
    except ImportError:
        raise ValueError("explore needs Shiny, which is an extra: pip install 'habenula-rl[explore]'") from None
    from ..explorer.page import serve

    serve(port, browser=not no_browser)


@app.command()
def fit(
    config: Annotated[Path, typer.Argument(help="A YAML file: data, models, and how (docs/how-to/fit_your_data.md).")],
    out: Annotated[Path, typer.Option(help="Folder for results.", metavar="DIR")] = Path("results"),
    workers: FitWorkers = 1,
    dask: OnDask = None,
) -> None:
    """Fit models to recorded choices and compare them."""
    from .fits import Place, read_fit_config, write_fits

    folder = out / config.stem
    with _goes_on(), terminal.progress_of(config.stem, "models") as progress:
        for text in write_fits(read_fit_config(config), Place(folder, workers, dask, progress)):
            print(terminal.printable(text))
    print(folder)


@app.command()
def recover(
    config: Annotated[Path, typer.Argument(help="A YAML file as for fit, with a task.")],
    out: Annotated[Path, typer.Option(help="Folder for results.", metavar="DIR")] = Path("results"),
    workers: FitWorkers = 1,
    dask: OnDask = None,
) -> None:
    """Show which parameters of fitted models can be known.

    People like those that were fitted are simulated, and fitted again.
    """
    from .fits import Place, read_fit_config, write_recoveries

    folder = out / config.stem
    with _goes_on(), terminal.progress_of(config.stem, "models") as progress:
        for text in write_recoveries(read_fit_config(config), Place(folder, workers, dask, progress)):
            print(terminal.printable(text))
    print(folder)


@app.command("list")
def list_all() -> None:
    """Show studies, agents, tasks, drugs, readouts and claims."""
    from .listing import sections

    for title, lines in sections():
        terminal.section(title, lines)


@app.command()
def describe(
    name: Annotated[
        str, typer.Argument(help="Of an agent, task, intervention, readout, study or claim.", metavar="NAME")
    ],
    own: Annotated[
        Path | None, typer.Option(help="Your own file with agents and tasks, which may be named too.", metavar="FILE")
    ] = None,
) -> None:
    """Show what one of them is, with its parameters."""
    from ..config.user_modules import load_own
    from .describe import described

    if own is not None:
        load_own(own)
    for part in list(described(name)):
        if isinstance(part, str):
            print(terminal.printable(part))
        else:
            terminal.print_table(part)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the study.", metavar="NAME")],
    slurm: Annotated[
        bool, typer.Option("--slurm", help="Print a SLURM script that runs it in shards instead.")
    ] = False,
) -> None:
    """Start a study with configs/NAME.yaml and experiments/NAME.py.

    Both are commented, and run as they are.
    """
    from .template import slurm_script, write_new

    if slurm:
        print(slurm_script(name), end="")
        return

    for path in write_new(name):
        print(f"wrote {path}")
    print(f"next: habenula run {name}")


@app.command()
def schema() -> None:
    """Print the JSON schema of a config, for editors."""
    from ..config.schema import schema_text

    print(schema_text(), end="")


@cache_app.command("info")
def cache_info() -> None:
    """Show where compiled rules and verdicts are kept, and how much that is."""
    from ..compiler import cache

    kept = cache.contents()
    print(f"folder    {kept.folder}")
    if why := cache.refused():
        print(f"refused   {why}")
    print(
        f"programs  {kept.programs}, {kept.unused} of them from other versions of Python, NumPy, Numba or this package"
    )
    print(f"verdicts  of {kept.verdicts} checks")
    print(f"files     {kept.files}")
    print(f"size      {terminal.megabytes(kept.size)}")


@cache_app.command("clear")
def cache_clear() -> None:
    """Remove compiled rules and kept verdicts, and nothing else, from their folder; both are made again when used."""
    from ..compiler import cache

    freed = cache.clear()
    print(f"removed {freed.files} files, {terminal.megabytes(freed.size)}, from {freed.folder}")


@app.command()
def check(
    ids: Annotated[list[str] | None, typer.Argument(help="Claims; all without one.", metavar="[ID]...")] = None,
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
            callback=_writable,
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
    from .. import HabenulaAgent, findings
    from ..findings.checking import SUBJECTS_WITH_ENSEMBLE

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


@app.command()
def rivals(
    ids: Annotated[list[str] | None, typer.Argument(help="Claims; all without one.", metavar="[ID]...")] = None,
    subjects: Annotated[int, typer.Option(help="Subjects in every group.", metavar="N")] = 100,
    agents: Annotated[
        str | None, typer.Option(help="Rivals, with commas between; seven of them without.", metavar="NAMES")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a page with its figure for .md, else JSON.", metavar="FILE", callback=_writable),
    ] = None,
) -> None:
    """Judge rivals by the same claims, as a matrix.

    They have the values that were searched for them, as HabenulaAgent's were, within a smaller budget (calibration/);
    one that was not searched has those that it comes with. A claim passes where all its rows pass that are not built
    in, fails where one fails, and is not expressed where the agent lacks what it reads.
    """
    from ..findings import rivals as beside

    names = _names(agents, "--agents") or beside.RIVALS
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


@app.command()
def ablations(
    ids: Annotated[list[str] | None, typer.Argument(help="Claims; all without one.", metavar="[ID]...")] = None,
    subjects: Annotated[int, typer.Option(help="Subjects in every group.", metavar="N")] = 100,
    terms: Annotated[
        str | None, typer.Option(help="Names of terms with commas between; eight of them without.", metavar="NAMES")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a page with its figure for .md, else JSON.", metavar="FILE", callback=_writable),
    ] = None,
) -> None:
    """Take terms out of the model, and see which claims fail.

    Beside it stands which claims were said beforehand to depend on the term (findings/ablated.py). A row turns red
    where it passes with the whole model and fails without the term.
    """
    from ..findings import ablations as taken_out

    names = _names(terms, "--terms") or taken_out.DECLARED
    with terminal.progress_of("ablations") as progress:
        effects = taken_out.matrix(ids or None, subjects, names, progress=progress, kept=True)
    red = [[e.term, e.claim, e.outcome, ", ".join(e.red)] for e in effects if e.outcome != "neither"]
    terminal.print_table(terminal.table(["without", "claim", "", "rows that turn red"], red))
    for line in taken_out.summary(effects):
        print(line)
    for path in taken_out.write(effects, out, subjects) if out else ():
        print(f"wrote {path}")


@app.command()
def falsifiers(
    subjects: Annotated[int, typer.Option(help="Subjects in every group.", metavar="N")] = 400,
    seed: Annotated[int, typer.Option(help="Seed.")] = 15,
    out: Annotated[
        Path | None, typer.Option(help="Write a page for .md, else JSON.", metavar="FILE", callback=_writable)
    ] = None,
) -> None:
    """Set findings against the model beside its predictions.

    No number was searched or set for them, and they are not counted with the claims: "contradicts" says that the whole
    95 % interval lies on the other side of what was found.
    """
    from ..findings import falsifiers as against

    found = against.rows(n_subjects=subjects, seed=seed)
    lines = [[row.id, row.statistic, against.number(row), row.published, row.outcome] for row in found]
    terminal.print_table(terminal.table(["id", "the model predicts", "value [95 %]", "found", ""], lines))
    print(against.summary(found))
    if out is not None:
        against.write(found, out, subjects)
        print(f"wrote {out}")


@app.command()
def stability(
    ids: Annotated[list[str] | None, typer.Argument(help="Claims; all without one.", metavar="[ID]...")] = None,
    subjects: Annotated[int, typer.Option(help="Subjects in every group.", metavar="N")] = 50,
    seeds: Annotated[int, typer.Option(help="Seeds after each study's own.", metavar="K")] = 20,
    sets: Annotated[int | None, typer.Option(help="Sets of parameters, out of all that fit.", metavar="K")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a page for .md, else JSON.", metavar="FILE", callback=_writable)
    ] = None,
) -> None:
    """Show which rows depend on the seed, or on the parameter set.

    For every row of every claim: with how many seeds, and with how many sets of HabenulaAgent.ensemble(), it passes.
    What was simulated is kept, and a second call goes on.
    """
    from ..findings import stability as over

    with _goes_on(), terminal.progress_of("stability") as progress:
        rows = over.table(ids or None, subjects, seeds, sets, progress=progress, kept=True)
    lines = [[r.id, r.origin, r.verdict, over.fraction(r.seeds), over.fraction(r.sets)] for r in rows]
    terminal.print_table(terminal.table(["row", "origin", "verdict", "seeds", "sets"], lines))
    print(over.summary(rows))
    if out is not None:
        over.write(rows, out, subjects, shlex.join(["habenula", *sys.argv[1:]]))
        print(f"wrote {out}")
