"""Pages of what is no run: the verdicts of `habenula check`, and the tables and figures of `fit` and `recover`."""

from __future__ import annotations

import base64
import csv
import io
import json
from html import escape
from pathlib import Path

from ..files import inside
from ..findings.verdict import verdict_counts
from .html import MOST_ROWS, cell, document, items, left_out, paragraph, picture, section, table, verdict_table

KINDS = {"png": "png", "svg": "svg+xml"}
SAYS = {  # what the tables of `habenula fit` and `recover` hold, by the ends of their names
    "comparison": "Which model predicts the choices best; what the columns are: how-to/fit_your_data.md.",
    "_table": "Each person's estimates, with their standard errors where the method has them.",
    "_subjects": "How well each person's choices are predicted.",
    "_group": "The group's distribution of each parameter.",
    "_priors": "The priors that were assumed or found.",
    "_recovery": "People like those that were fitted, simulated and fitted again: true and estimated values.",
    "_recovery_summary": "How far the estimates of simulated people agree with what they were simulated with.",
}


def page_of_verdicts(path: Path) -> str:
    """The page of a JSON file of verdicts. ValueError for a file that is none, OSError where it is not there."""
    try:
        found = json.loads(path.read_bytes())
        counts = verdict_counts([str(row["verdict"]) for row in found])
        shown = verdict_table(found)
        sources = [*dict.fromkeys(str(row["source"]) for row in found)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError(f"{path} is not a file of verdicts, as habenula check --out {path} writes it") from None
    title = "Published findings checked against the model"
    parts = [f"<h1>{title}</h1>{paragraph(counts + '.')}", *section("Verdicts", shown)]
    return document(title, [*parts, *section("Sources", items(sources))])


def page_of_tables(folder: Path) -> str:
    """The page of a folder of .csv tables and .svg or .png figures, each figure with the text beside it as caption."""
    name = folder.resolve().name
    parts = [f"<h1>{escape(name)}</h1>{paragraph('The tables and figures of ' + str(folder) + '.')}"]
    files = sorted(path.name for path in folder.iterdir())
    drawn: dict[str, str] = {Path(file).stem: file for file in files if file.endswith((".png", ".svg"))}  # svg, if both
    for stem, file in drawn.items():
        beside = f"{stem}.txt"
        caption = inside(folder, beside).read_text(encoding="utf-8").strip() if beside in files else stem
        data = base64.b64encode(inside(folder, file).read_bytes()).decode()
        parts += section(escape(stem), picture(data, KINDS[file[-3:]], caption))
    for file in files:
        if file.endswith(".csv"):
            stem = file.removesuffix(".csv")
            said = next((text for end, text in SAYS.items() if stem.endswith(end)), "")
            parts += section(
                escape(stem), paragraph(said) + _csv(file, inside(folder, file).read_text(encoding="utf-8"))
            )
    return document(name, parts)


def _csv(name: str, text: str) -> str:
    heads, *rows = csv.reader(io.StringIO(text)) or [[]]
    shown = [[_written(value) for value in row] for row in rows[:MOST_ROWS]]
    return table([escape(head) for head in heads], shown) + left_out(len(rows) - MOST_ROWS, name)


def _written(value: str) -> str:
    """A cell: numbers to the right, those with many digits to four of them; all else as it stands."""
    try:
        number = float(value)
    except ValueError:
        return cell(value)
    return cell(f"{number:.4g}" if "." in value or "e" in value.lower() else value, "number")
