"""The command `habenula`. What a command needs is imported when it runs, so that help comes at once."""

from __future__ import annotations

import contextlib
import importlib
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from .experiment.run import Progress

app = typer.Typer(
    name="habenula",
    help="Reinforcement learning models of the lateral habenula, of helplessness, and of ketamine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
WIDTH_OF_FILES = 140  # where the output is not a terminal
SHOWN = 60

Seed = Annotated[int | None, typer.Option(help="Seed in place of the study's own.")]
Subjects = Annotated[int | None, typer.Option(help="Subjects in every group.", metavar="N")]


class Stopped(BaseException):
    """The process was asked to end, by Ctrl-C or SIGTERM."""

    def __init__(self, number: int) -> None:
        self.number = number


def main() -> None:
    """Run the command line. Exits with 0, 1 (a claim or the disk failed), 2 (wrong input), 130 or 143 (stopped)."""
    os.environ.setdefault("MPLBACKEND", "agg")
    with _signals():
        try:
            app(prog_name="habenula")
        except Stopped as stopped:
            _say(f"Stopped. What was finished is kept; this goes on from there:\n  {_same_command()}")
            sys.exit(128 + stopped.number)
        except (ValueError, OSError) as error:
            _say(f"habenula: {error}")
            sys.exit(_exit_code(error))


def _exit_code(error: Exception) -> int:
    """2 for what the user can put right in the command or its files, 1 where the disk failed."""
    return 2 if isinstance(error, ValueError | FileNotFoundError) else 1


def _same_command() -> str:
    return shlex.join(["habenula", *sys.argv[1:]])


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


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        from . import __version__

        print(f"habenula_rl {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    study: Annotated[str, typer.Argument(help="A study's name or the path of its config.", metavar="STUDY")],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another value, as in groups.mice.n=100; any number of times.", metavar="KEY=VALUE"),
    ] = None,
    seed: Seed = None,
    out: Annotated[Path, typer.Option(help="Folder for results.", metavar="DIR")] = Path("results"),
    workers: Annotated[int | None, typer.Option(help="Threads; the tables are the same with any number.")] = None,
    subjects: Subjects = None,
    no_figure: Annotated[bool, typer.Option("--no-figure", help="Tables only.")] = False,
) -> None:
    """Run a study, or what is missing of it, and draw its figure."""
    from .experiment.run import run as run_study

    with _progress(study) as progress:
        folder = run_study(
            study, out, overrides=overrides or (), seed=seed, workers=workers, subjects=subjects, progress=progress,
            figure=not no_figure,
        )  # fmt: skip
    _show(folder)
    _judge(folder)


@app.command()
def figure(folder: Annotated[Path, typer.Argument(help="A run's folder, as printed by run.", metavar="DIR")]) -> None:
    """Draw a run's figure again from its tables."""
    from .experiment.run import redraw

    if redraw(folder).summary is None:
        raise ValueError(f"{folder}: its study has no experiments/<study>.py that could draw a figure")
    _show(folder)


@app.command("list")
def list_all() -> None:
    """Show studies, agents, tasks, interventions and claims."""
    from .agents import AGENTS
    from .interventions import INTERVENTIONS
    from .tasks import TASKS

    _section("Studies", _studies())
    for title, known in (("Agents", AGENTS), ("Tasks", TASKS), ("Interventions", INTERVENTIONS)):
        _section(title, {name: _first_line(kind) for name, kind in known.items()})
    _section("Claims", _claims())


@app.command()
def new(name: Annotated[str, typer.Argument(help="Name of the study.", metavar="NAME")]) -> None:
    """Start a study with configs/NAME.yaml and experiments/NAME.py.

    Both are commented, and run as they are.
    """
    from .experiment.template import write_new

    for path in write_new(name):
        print(f"wrote {path}")
    print(f"next: habenula run {name}")


@app.command()
def schema() -> None:
    """Print the JSON schema of a config, for editors."""
    import json

    from .experiment.config import study_schema

    print(json.dumps(study_schema(), indent=2, allow_nan=False))


@app.command()
def check(
    ids: Annotated[list[str] | None, typer.Argument(help="Claims; all without one.", metavar="[ID]...")] = None,
    subjects: Annotated[int, typer.Option(help="Subjects in every group.", metavar="N")] = 1000,
    seed: Seed = None,
) -> None:
    """Check published findings against the model.

    Ends with exit status 1 if a claim fails.
    """
    findings = _findings()
    with _progress("check") as progress:
        verdicts = findings.check(ids or None, n_subjects=subjects, seed=seed, progress=progress)
    _print_table(_verdict_table(verdicts))
    if not all(verdict.passed for verdict in verdicts):
        raise typer.Exit(1)


def _section(title: str, lines: Mapping[str, str]) -> None:
    if lines:
        width = max(len(name) for name in lines)
        print(f"{title}\n" + "".join(f"  {name:{width}}  {line}\n" for name, line in lines.items()))


def _first_line(described: Any) -> str:
    lines = (described.__doc__ or "").strip().splitlines()
    return lines[0] if lines else ""


def _studies() -> dict[str, str]:
    from .experiment.config import ConfigError, known_studies, load_study

    lines = {}
    for name, path in known_studies().items():
        try:
            lines[name] = load_study(path).description.partition("\n")[0]
        except ConfigError as error:
            lines[name] = f"cannot be read: {str(error).splitlines()[0]}"
    return lines


def _claims() -> dict[str, str]:
    """The claims and what each says, where the findings are installed."""
    claims: Mapping[str, Any] = getattr(_findings(), "CLAIMS", {})
    return {name: getattr(claim, "claim", None) or _first_line(claim) for name, claim in claims.items()}


def _findings() -> Any:
    return importlib.import_module("habenula_rl.findings")


@contextlib.contextmanager
def _progress(title: str) -> Iterator[Progress]:
    """A bar with the time left on a terminal, else a line for each tenth."""
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)

        def progress(done: int, total: int, line: str) -> None:
            if line:
                bar.console.print(line, markup=False, highlight=False)
            else:
                bar.update(task, completed=done, total=total)

        yield progress


def _lines(title: str) -> Callable[[int, int, str], None]:
    told = -1

    def progress(done: int, total: int, line: str) -> None:
        nonlocal told
        tenth = 10 * done // max(total, 1)
        if line:
            _say(line)
        elif tenth > told:
            told = tenth
            _say(f"{title}: {done} of {total} subjects")

    return progress


def _show(folder: Path) -> None:
    """The summary's group means, and where everything is."""
    import pandas as pd

    if (folder / "summary.csv").is_file():
        _print_table(_summary_table(pd.read_csv(folder / "summary.csv")))
    for path in sorted(folder.glob("figures/*.png")):
        print(f"figure  {path}")
    print(f"folder  {folder}")


def _judge(folder: Path) -> None:
    """What the claims about this study say of this run, into verdicts.json."""
    from .experiment.store import write_json

    try:
        verdicts = _findings().judge_run(folder)
    except ValueError as reason:
        return print(f"claims  none judged: {reason}")
    if verdicts:
        write_json(folder / "verdicts.json", [verdict.as_json() for verdict in verdicts])
        hold = sum(verdict.passed for verdict in verdicts)
        print(f"claims  {hold} of {len(verdicts)} criteria met with these subjects: {folder / 'verdicts.json'}")


def _summary_table(summary: pd.DataFrame) -> Table:
    """The rows of level "group", with the interval in one column."""
    if "level" in summary:
        summary = summary[summary["level"] == "group"]
    names = [name for name in ("group", "phase", "measure", "value", "effect", "n") if name in summary]
    names = names or list(summary.columns)
    rows = [[_cell(row[name], row, name) for name in names] for row in summary.head(SHOWN).to_dict("records")]
    caption = f"{len(summary) - SHOWN} more rows in summary.csv" if len(summary) > SHOWN else None
    return _table([f"{name} [95 %]" if name in ("value", "effect") else name for name in names], rows, caption)


def _cell(value: Any, row: Mapping[Any, Any], name: str) -> str:
    """A number, with its interval where the row has one; nothing where there is no number."""
    if value != value or value is None:
        return ""
    ends = {"value": ("low", "high"), "effect": ("effect_low", "effect_high")}.get(name, ())
    limits = [row[end] for end in ends if row.get(end) == row.get(end, float("nan"))]
    return _number(value) + (f" [{_number(limits[0])}, {_number(limits[1])}]" if len(limits) == 2 else "")


def _number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _verdict_table(verdicts: Sequence[Any]) -> Table:
    def measured(v: Any) -> str:
        interval = f" [{v.low:.3g}, {v.high:.3g}]" if v.low == v.low else ""  # NaN where there is none
        return f"{v.statistic} = {v.value:.3g}{interval}"

    rows = [[v.id, v.claim, measured(v), str(v.expected), "pass" if v.passed else "FAIL"] for v in verdicts]
    return _table(["id", "claim", "statistic [95 %]", "expected", "verdict"], rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str | None = None) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, caption=caption)
    for head in heads:
        table.add_column(Text(head), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _print_table(table: Table) -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES).print(table)
