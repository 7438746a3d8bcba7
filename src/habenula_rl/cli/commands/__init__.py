"""The command `habenula`: its commands in the order of its help, and how it ends.

What a command needs is imported when it runs, so that help comes at once.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer
import typer.core

from ...errors import Stopped, ends_are_errors
from .. import terminal
from . import claims, people, studies, tools


class Commands(typer.core.TyperGroup):
    """The commands; where a user's code ends the program in one of them, that is a mistake like any other."""

    def invoke(self, ctx: Any) -> Any:
        with ends_are_errors():
            return super().invoke(ctx)


app = typer.Typer(
    name="habenula",
    cls=Commands,
    help="Reinforcement learning models of the lateral habenula, of helplessness, and of ketamine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COMMANDS: tuple[Callable[..., None], ...] = (
    *(studies.run, studies.merge, studies.figure, studies.report, tools.explore, people.fit, people.recover),
    *(tools.list_all, tools.describe, tools.new, tools.schema),
    *(claims.check, claims.rivals, claims.ablations, claims.falsifiers, claims.stability),
)
for command in COMMANDS:
    app.command("list" if command is tools.list_all else None)(command)
cache = typer.Typer(help="Show or clear the folder of compiled rules and kept verdicts.", no_args_is_help=True)
cache.command("info")(tools.cache_info)
cache.command("clear")(tools.cache_clear)
app.add_typer(cache, name="cache")


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
        from ... import __version__

        print(f"habenula_rl {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass
