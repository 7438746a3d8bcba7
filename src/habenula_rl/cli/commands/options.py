"""Options that several commands have, and what they do alike."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ...errors import Stopped

Seed = Annotated[int | None, typer.Option(help="Seed in place of the study's own.")]
Subjects = Annotated[int | None, typer.Option(help="Subjects in every group.", metavar="N")]
Out = Annotated[str, typer.Option(help="Folder for results, or an address as s3://bucket/runs.", metavar="DIR")]
OnDask = Annotated[str | None, typer.Option(help="Scheduler of a Dask cluster, or local.", metavar="ADDRESS")]


@contextlib.contextmanager
def goes_on() -> Iterator[None]:
    """For a command that keeps what it has finished: how to go on, should it be stopped."""
    try:
        yield
    except Stopped as stopped:
        stopped.advice = f"Stopped. What was finished is kept; this goes on from there:\n  {typed()}"
        raise


def typed() -> str:
    """The command as it was typed, to be typed again."""
    return shlex.join(["habenula", *sys.argv[1:]])


def writable(file: Path | None) -> Path | None:
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


def names_of(said: str | None, option: str) -> list[str] | None:
    """What an option has between its commas; None where it is not given."""
    if said is None:
        return None
    names = [name.strip() for name in said.split(",")]
    if not all(names):
        raise ValueError(f"{option} must be names with commas between, none of them empty, not '{said}'")
    return names
