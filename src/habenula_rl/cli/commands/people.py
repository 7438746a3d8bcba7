"""Commands that fit models to people's choices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...cores import MOST_WORKERS
from .. import terminal
from .options import OnDask, goes_on

FitWorkers = Annotated[
    int, typer.Option(help="Processes, a model each; the tables are the same with any number.", min=1, max=MOST_WORKERS)
]


def fit(
    config: Annotated[Path, typer.Argument(help="A YAML file: data, models, and how (docs/how-to/fit_your_data.md).")],
    out: Annotated[Path, typer.Option(help="Folder for results.", metavar="DIR")] = Path("results"),
    workers: FitWorkers = 1,
    dask: OnDask = None,
) -> None:
    """Fit models to recorded choices and compare them."""
    from ..fits import Place, read_fit_config, write_fits

    folder = out / config.stem
    with goes_on(), terminal.progress_of(config.stem, "models") as progress:
        for text in write_fits(read_fit_config(config), Place(folder, workers, dask, progress)):
            print(terminal.printable(text))
    print(folder)


def recover(
    config: Annotated[Path, typer.Argument(help="A YAML file as for fit, with a task.")],
    out: Annotated[Path, typer.Option(help="Folder for results.", metavar="DIR")] = Path("results"),
    workers: FitWorkers = 1,
    dask: OnDask = None,
) -> None:
    """Show which parameters of fitted models can be known.

    People like those that were fitted are simulated, and fitted again.
    """
    from ..fits import Place, read_fit_config, write_recoveries

    folder = out / config.stem
    with goes_on(), terminal.progress_of(config.stem, "models") as progress:
        for text in write_recoveries(read_fit_config(config), Place(folder, workers, dask, progress)):
            print(terminal.printable(text))
    print(folder)
