"""Commands that look things up, start things, and open the explorer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import terminal


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
    from ...explorer.page import serve

    serve(port, browser=not no_browser)


def list_all() -> None:
    """Show studies, agents, tasks, drugs, readouts and claims."""
    from ..listing import sections

    for title, lines in sections():
        terminal.section(title, lines)


def describe(
    name: Annotated[
        str, typer.Argument(help="Of an agent, task, intervention, readout, study or claim.", metavar="NAME")
    ],
    own: Annotated[
        Path | None, typer.Option(help="Your own file with agents and tasks, which may be named too.", metavar="FILE")
    ] = None,
) -> None:
    """Show what one of them is, with its parameters."""
    from ...config.user_modules import load_own
    from ..describe import described

    if own is not None:
        load_own(own)
    for part in list(described(name)):
        if isinstance(part, str):
            print(terminal.printable(part))
        else:
            terminal.print_table(part)


def new(
    name: Annotated[str, typer.Argument(help="Name of the study.", metavar="NAME")],
    slurm: Annotated[
        bool, typer.Option("--slurm", help="Print a SLURM script that runs it in shards instead.")
    ] = False,
) -> None:
    """Start a study with configs/NAME.yaml and experiments/NAME.py.

    Both are commented, and run as they are.
    """
    from ..template import slurm_script, write_new

    if slurm:
        print(slurm_script(name), end="")
        return

    for path in write_new(name):
        print(f"wrote {path}")
    print(f"next: habenula run {name}")


def schema() -> None:
    """Print the JSON schema of a config, for editors."""
    from ...config.schema import schema_text

    print(schema_text(), end="")


def cache_info() -> None:
    """Show where compiled rules and verdicts are kept, and how much that is."""
    from ...compiler import cache

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


def cache_clear() -> None:
    """Remove compiled rules and kept verdicts, and nothing else, from their folder; both are made again when used."""
    from ...compiler import cache

    freed = cache.clear()
    print(f"removed {freed.files} files, {terminal.megabytes(freed.size)}, from {freed.folder}")
