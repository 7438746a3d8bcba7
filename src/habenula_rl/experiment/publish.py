"""From tables to a summary and a figure, by the study's own experiments/<study>.py."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .store import sha256, write_bytes

if TYPE_CHECKING:
    import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ExperimentError(ValueError):
    """A study's experiments/<study>.py failed; the message says on which line."""


@dataclass(frozen=True)
class Published:
    """The summary and the files made from the tables, by their path in the results folder with their sha256."""

    summary: pd.DataFrame | None = None
    files: dict[str, dict[str, Any]] = field(default_factory=dict)


def find_experiment(study: str) -> Path | None:
    """The study's Python file, or None: in ./experiments, in the installed package, or in the repository."""
    package = Path(__file__).resolve().parents[1]
    folders = (Path("experiments"), package / "_bundled" / "experiments", package.parents[1] / "experiments")
    return next((folder / f"{study}.py" for folder in folders if (folder / f"{study}.py").is_file()), None)


def load_experiment(path: Path) -> Any:
    """The module in that file. Raises ExperimentError where it does not run or lacks `summarise` or `figure`."""
    spec = importlib.util.spec_from_file_location(f"habenula_experiment_{path.stem}", path.absolute())
    if spec is None or spec.loader is None:
        raise ExperimentError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    with _blamed(path):
        spec.loader.exec_module(module)
    for name in ("summarise", "figure"):
        if not callable(getattr(module, name, None)):
            raise ExperimentError(f"{path} has no function {name}")
    return module


def publish(folder: Path, study: str, trials: pd.DataFrame, *, figure: bool = True) -> Published:
    """Write summary.csv and figures/<study>.png and .svg into the results folder, if the study has a Python file."""
    path = find_experiment(study)
    if path is None:
        return Published()
    module = load_experiment(path)
    with _blamed(path):
        summary = module.summarise(trials)
    text = _without_formulas(summary).to_csv(index=False, lineterminator="\n")
    files = _written(folder, "summary.csv", text.encode())
    if figure:
        with _blamed(path):
            drawn = _drawn(module.figure(summary), study)
        for name, data in drawn.items():
            files |= _written(folder, name, data)
    return Published(summary, files)


def _written(folder: Path, name: str, data: bytes) -> dict[str, dict[str, Any]]:
    write_bytes(folder / name, data)
    return {name: {"sha256": sha256(data)}}


def _drawn(figure: Any, study: str) -> dict[str, bytes]:
    """The figure's files, the same bytes for the same figure."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    png, svg = io.BytesIO(), io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": study}):
        figure.savefig(png, format="png", dpi=200)
        figure.savefig(svg, format="svg", metadata={"Date": None})
    plt.close(figure)
    return {f"figures/{study}.png": png.getvalue(), f"figures/{study}.svg": svg.getvalue()}


def _without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before text that a spreadsheet would compute."""

    def safe(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value

    words = [str(name) for name in table if table[name].dtype.kind not in "biuf"]
    return table.assign(**{name: table[name].astype(object).map(safe) for name in words})


@contextlib.contextmanager
def _blamed(path: Path) -> Iterator[None]:
    """Whatever goes wrong in a user's file becomes one sentence with the file's line."""
    try:
        yield
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
        line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else (lines or [None])[-1]
        raise ExperimentError(f"{path}:{line or 1}: {type(error).__name__}: {error}") from error
