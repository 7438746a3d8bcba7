"""From tables to verdicts, a summary and a figure, by the study's experiments/<study>.py or else the standard ones."""

from __future__ import annotations

import ast
import copy
import functools
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analysis import standard
from ..compiler.source import parsed
from ..config.bundled import is_bundled
from ..config.problems import shown
from ..contract import short_repr
from ..figures import described, styled
from ..figures.standard import figure as standard_figure
from ..figures.swept import figure as swept_figure
from .store import Store, json_bytes, sha256, write_bytes, write_pieces
from .study_file import ExperimentError, Trials, blamed, claims_in, find_experiment, load_experiment, what_is_read

if TYPE_CHECKING:
    import pandas as pd

COUNTS = {"n", "subject", "trial", "step", "time"}  # columns of a summary that are no measure
ROWS = 1 << 14  # of a summary that are made text together
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Published:
    """What was made from the tables: the summary, and files by their path in the results folder with their sha256.

    Where nothing is drawn of it, the summary goes into its file piece by piece and is None here.
    `verdicts` are those of the study's claims on these subjects, as plain data; `not_judged` says why there are none.
    `story` has what the study's file says of the summary, a sentence for each number; without a file where the groups
    differ most.
    """

    summary: pd.DataFrame | None = None
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    verdicts: tuple[dict[str, Any], ...] = ()
    not_judged: str = ""
    story: tuple[str, ...] = ()


def publish(
    folder: Path, config: Mapping[str, Any], subjects: pd.DataFrame, trials: Trials | None, *, figure: bool = True
) -> Published:
    """Write verdicts.json, summary.csv, and figures/<study>.png, .svg, .pdf and .txt (its caption) into the folder.

    They are made from `trials` by the study's Python file; where there is no file, or no trials (None), there are no
    verdicts, and the others are made by `standard` from `subjects`. `config` is the run's, with every default filled
    in. What was there before goes first: whatever fails, no old figure stands beside new tables.

    Raises ExperimentError, also where the file finds nothing to summarise, and NotRecordedError where it reads signals
    that the trials do not have.
    """
    study = str(config["study"])
    Store(folder).clear_derived(*derived(study))
    path = find_experiment(study)
    if path is None or trials is None:
        return _standard(folder, config, subjects, figure)
    module = load_experiment(path)

    def unrecorded() -> set[str]:
        return {*standard.signals_in(subjects)} - {*trials.columns}

    with blamed(path, unrecorded):
        read = what_is_read(module, trials)
        verdicts, not_judged = _judged(claims_in(module), read, config, copied=not is_bundled(path))
    files = _written(folder, "verdicts.json", json_bytes(verdicts)) if verdicts else {}
    if not hasattr(module, "summarise"):
        made = _standard(folder, config, subjects, figure)
    else:
        with blamed(path, unrecorded):
            summary = module.summarise(read)
        del read
        _check_found(path, summary, config)
        with blamed(path):
            made = _published(folder, study, summary, module.figure if figure else None)
            story = tuple(map(str, module.story(summary))) if hasattr(module, "story") else ()
            made = replace(made, story=story)
    return replace(made, files=files | made.files, verdicts=tuple(verdicts), not_judged=not_judged)


def _judged(
    claims: Sequence[Any], read: Any, config: Mapping[str, Any], *, copied: bool
) -> tuple[list[dict[str, Any]], str]:
    """The verdicts, or why there are none: other groups or phases than a claim's, signals that were not recorded.

    A claim is silent where a group has fewer subjects than it needs. Where it is given what was read `copied`, what it
    writes there is in nobody else's table; the package's claims write nothing.
    """
    n = min(group["n"] for group in config["groups"].values())
    found: list[Any] = []
    try:
        for claim in claims:
            if n >= claim.fewest:
                found += claim.verdicts(copy.deepcopy(read) if copied else read, int(config["seed"]), n)
    except ValueError as reason:
        return [], str(reason)
    return [verdict.as_json() for verdict in found], ""


def _standard(folder: Path, config: Mapping[str, Any], subjects: pd.DataFrame, figure: bool) -> Published:
    study = str(config["study"])
    if not (figure and (subjects["failed_trial"] < 0).any()):  # nothing is drawn: no need to have it all at once
        return Published(files=_as_csv(folder, standard.pieces(subjects, config)))
    drawn = functools.partial(swept_figure if "sweep" in config else standard_figure, config=config)
    summary = standard.summarise(subjects, config)
    return replace(_published(folder, study, summary, drawn), story=tuple(standard.story(summary)))


def _published(folder: Path, study: str, summary: pd.DataFrame, figure: Callable[..., Any] | None) -> Published:
    files = _as_csv(folder, (summary.iloc[first : first + ROWS] for first in range(0, len(summary), ROWS)))
    if figure:
        with styled():
            made = figure(summary)
            if not hasattr(made, "savefig"):  # as where a study's `figure` returns nothing
                raise ExperimentError(f"figure must return a Matplotlib figure, not {short_repr(made)}")
            drawn = _drawn(made, study)
        for name, data in drawn.items():
            files |= _written(folder, name, data)
    return Published(summary, files)


def _as_csv(folder: Path, pieces: Iterable[pd.DataFrame]) -> dict[str, dict[str, Any]]:
    texts = (
        _without_formulas(piece).to_csv(index=False, header=k == 0, lineterminator="\n")
        for k, piece in enumerate(pieces)
    )
    return {"summary.csv": {"sha256": write_pieces(Store(folder).path("summary.csv"), map(str.encode, texts))}}


def _check_found(path: Path, summary: Any, config: Mapping[str, Any]) -> None:
    """Raises ExperimentError where `summarise` returned no table or an empty one: a blank figure is no result."""
    import pandas as pd

    if not isinstance(summary, pd.DataFrame):
        raise ExperimentError(f"{path}: summarise must return a table (a pandas DataFrame), not {shown(summary)}")
    if _has_a_number(summary):
        return
    here = {"phase": [phase["name"] for phase in config["phases"]], "group": [*config["groups"]]}
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
    """The files that are made of a run's tables, by their path in the results folder; the report is, by `report`."""
    drawn = (f"figures/{study}.{kind}" for kind in ("png", "svg", "pdf", "txt"))
    return *drawn, "summary.csv", "verdicts.json", "report.html"


def _written(folder: Path, name: str, data: bytes) -> dict[str, dict[str, Any]]:
    write_bytes(Store(folder).path(name), data)
    return {name: {"sha256": sha256(data)}}


def _drawn(figure: Any, study: str) -> dict[str, bytes]:
    """The figure's files, the same bytes for the same figure, each with its caption; and the caption as a text."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    said = described(figure)
    kinds: dict[str, dict[str, Any]] = {
        "png": {"dpi": 200, "metadata": {"Title": study, "Description": said}},
        "svg": {"metadata": {"Title": study, "Description": said, "Date": None}},
        "pdf": {"metadata": {"Title": study, "Subject": said, "CreationDate": None}},
    }
    files = {}
    with mpl.rc_context({"svg.hashsalt": study}):
        for kind, how in kinds.items():
            file = io.BytesIO()
            figure.savefig(file, format=kind, **how)
            files[f"figures/{study}.{kind}"] = file.getvalue()
    plt.close(figure)
    return files | {f"figures/{study}.txt": f"{said}\n".encode()}


def _without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before text that a spreadsheet would compute."""

    def safe(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value

    words = [str(name) for name in table if table[name].dtype.kind not in "biuf"]
    return table.assign(**{name: table[name].astype(object).map(safe) for name in words})
