"""From tables to a summary and a figure, by the study's own experiments/<study>.py or else the standard ones."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import re
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..agents import AGENTS
from ..compiler.source import parsed
from ..config.bundled import bundled
from ..config.loading import module_of
from ..config.problems import shown
from ..config.study import study_name
from ..contract import short_repr
from ..errors import EndsError, ends_are_errors
from . import standard
from .store import Store, sha256, write_bytes

if TYPE_CHECKING:
    import pandas as pd

COUNTS = {"n", "subject", "trial", "step", "time"}  # columns of a summary that are no measure
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ExperimentError(ValueError):
    """A study's experiments/<study>.py failed; the message says on which line."""


class NotRecordedError(ValueError):
    """A study's experiments/<study>.py reads signals that the study did not record; the message names them."""


@dataclass(frozen=True)
class Published:
    """The summary and the files made from the tables, by their path in the results folder with their sha256."""

    summary: pd.DataFrame | None = None
    files: dict[str, dict[str, Any]] = field(default_factory=dict)


def find_experiment(study: str) -> Path | None:
    """The study's Python file, or None: in ./experiments, or among those that the package brings.

    Raises ValueError where `study` cannot be the name of a study: no file outside these two folders is ever found.
    """
    file = f"{study_name(study)}.py"
    paths = [folder / file for folder in (Path("experiments"), bundled("experiments"))]
    return next((path for path in paths if path.is_file()), None)


def load_experiment(path: Path) -> Any:
    """The module in that file. Raises ExperimentError where it does not run or lacks `summarise` or `figure`."""
    with _blamed(path):
        module = module_of(path.absolute(), f"habenula_experiment_{path.stem}")
    for name in ("summarise", "figure"):
        if not callable(getattr(module, name, None)):
            raise ExperimentError(f"{path} has no function {name}")
    return module


def publish(
    folder: Path, config: Mapping[str, Any], subjects: pd.DataFrame, trials: pd.DataFrame | None, *, figure: bool = True
) -> Published:
    """Write summary.csv and figures/<study>.png and .svg into the results folder.

    They are made from `trials` by the study's Python file; where there is no file, or no trials (None), by `standard`
    from `subjects`. `config` is the run's, with every default filled in. What was there before goes first: whatever
    fails, no old figure stands beside new tables.

    Raises ExperimentError, also where the file finds nothing to summarise, and NotRecordedError where it reads signals
    that the trials do not have.
    """
    study = str(config["study"])
    Store(folder).clear_derived(*derived(study))
    path = find_experiment(study)
    if path is None or trials is None:
        summary = standard.summarise(subjects, config)
        drawn = functools.partial(standard.figure, config=config)
        return _published(folder, study, summary, drawn if figure and (summary["level"] == "subject").any() else None)
    module = load_experiment(path)
    with _blamed(path, _unrecorded(trials)):
        summary = module.summarise(trials)
    _check_found(path, summary, trials)
    with _blamed(path):
        return _published(folder, study, summary, module.figure if figure else None)


def _published(folder: Path, study: str, summary: pd.DataFrame, figure: Callable[..., Any] | None) -> Published:
    text = _without_formulas(summary).to_csv(index=False, lineterminator="\n")
    files = _written(folder, "summary.csv", text.encode())
    for name, data in _drawn(_checked_figure(figure(summary)), study).items() if figure else ():
        files |= _written(folder, name, data)
    return Published(summary, files)


def _check_found(path: Path, summary: Any, trials: pd.DataFrame) -> None:
    """Raises ExperimentError where `summarise` returned no table or an empty one: a blank figure is no result."""
    import pandas as pd

    if not isinstance(summary, pd.DataFrame):
        raise ExperimentError(f"{path}: summarise must return a table (a pandas DataFrame), not {shown(summary)}")
    if _has_a_number(summary):
        return
    here = {column: [str(name) for name in trials[column].unique()] for column in ("phase", "group")}
    sought = [name for name in _compared(path) if name not in (*here["phase"], *here["group"])]
    looked = f"; it looks for {', '.join(map(repr, sought))}, no phase or group of this study" if sought else ""
    there = ", ".join(f"the {column}s {', '.join(names)}" for column, names in here.items())
    raise ExperimentError(f"{path}: summarise found nothing{looked}: the trials have {there}")


def _has_a_number(summary: pd.DataFrame) -> bool:
    """Whether a column besides those that only count or name holds a finite number, of at least one subject."""
    import numpy as np

    numbers = summary.select_dtypes("number")
    measured = (
        summary[["value"]].select_dtypes("number") if "value" in summary else numbers.drop(columns=COUNTS & {*numbers})
    )
    of_some = "n" not in numbers or bool((numbers["n"].fillna(1) > 0).any())
    return of_some and bool(np.isfinite(measured.to_numpy(float)).any())


def _compared(path: Path) -> list[str]:
    """The texts that a file compares something with, by ==, in or isin: phases and groups that it looks for."""
    found = []
    for node in ast.walk(parsed(path.read_text(encoding="utf-8"))):
        isin = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("isin", "in_phases", "in_groups")
        if isinstance(node, ast.Compare) or isin:
            found += [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    columns = ("group", "phase", "level", "measure", "subject", "__main__")
    return [name for name in dict.fromkeys(found) if isinstance(name, str) and name not in columns]


def derived(study: str) -> tuple[str, ...]:
    """The files that `publish` makes, by their path in the results folder."""
    return "summary.csv", f"figures/{study}.png", f"figures/{study}.svg"


def _unrecorded(trials: pd.DataFrame) -> set[str]:
    return {signal for agent in AGENTS.values() for signal in agent.signals} - set(trials)


def _written(folder: Path, name: str, data: bytes) -> dict[str, dict[str, Any]]:
    write_bytes(Store(folder).path(name), data)
    return {name: {"sha256": sha256(data)}}


def _checked_figure(figure: Any) -> Any:
    """What a study's `figure` returned; ExperimentError where it is no figure, as without a return."""
    if hasattr(figure, "savefig"):
        return figure
    raise ExperimentError(f"figure must return a Matplotlib figure, not {short_repr(figure)}")


def _drawn(figure: Any, study: str) -> dict[str, bytes]:
    """The figure's files, the same bytes for the same figure."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    png, svg = io.BytesIO(), io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": study}):
        figure.savefig(png, format="png", dpi=200)
        figure.savefig(svg, format="svg", metadata={"Date": None})
    plt.close(figure)
    return dict(zip(derived(study)[1:], (png.getvalue(), svg.getvalue()), strict=True))


def _without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before text that a spreadsheet would compute."""

    def safe(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value

    words = [str(name) for name in table if table[name].dtype.kind not in "biuf"]
    return table.assign(**{name: table[name].astype(object).map(safe) for name in words})


@contextlib.contextmanager
def _blamed(path: Path, unrecorded: Collection[str] = ()) -> Iterator[None]:
    """Whatever goes wrong in a user's file becomes one sentence with the file's line, or says what was not recorded."""
    try:
        with ends_are_errors():
            yield
    except EndsError as error:
        raise ExperimentError(str(error)) from error
    except ExperimentError as error:
        raise ExperimentError(f"{path}: {error}") from error
    except Exception as error:
        if missed := sorted({*re.findall(r"\w+", str(error))} & {*unrecorded}):
            raise NotRecordedError(f"{path} reads {', '.join(missed)}, which the study does not record") from error
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
        line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else (lines or [None])[-1]
        raise ExperimentError(f"{path}:{line or 1}: {type(error).__name__}: {error}") from error
