"""Choices as other programs read them: what `load_choices` made, or a simulated run, written to files."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.readouts.rows import as_numbers
from ..contract import nearest, short_repr
from .cells import shown
from .choice_data import DECLARED
from .loading import LOADED, PARQUET, load_choices

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "tsv", "parquet", "hbayesdm", "bids_beh", "bids_events")
BY_SUFFIX = {".csv": "csv", ".tsv": "tsv", ".txt": "tsv", **dict.fromkeys(PARQUET, "parquet")}
HBAYESDM = {"subject": "subjID", "action": "choice"}
RUNS = {"subject": "sub", "session": "ses", "block": "run"}
BIDS_VERSION = "1.10.0"  # whose sidecars have Minimum and Maximum
MEANINGS = {  # of columns in a BIDS sidecar
    "action": "what was chosen",
    "outcome": "what came of it: above 0 good, below 0 bad",
    "state": "what the choice was made at",
    "response_time": "from the start of the choice to the response",
}


def save_choices(
    path: str | Path, data: Any, format: str | None = None, *, label: str = "choices", **reading: Any
) -> Path:
    """Write recorded or simulated choices to a file, or to a folder of a BIDS data set, and return its path.

    `data` and `reading` (task, columns, actions, ...) are what `load_choices` takes: its own table, a run of
    `simulate`, a pandas table. Without `format` the ending of `path` says it.

    "csv", "tsv", "parquet"  a file with this package's names; parquet keeps what was declared, too
    "hbayesdm"   a tab-separated file with subjID and choice (from 1), gain and loss where the table has them and else
                 outcome; of choices in one state, since hBayesDM's other models have a table each
    "bids_beh", "bids_events"  a new folder: for each subject, session and block a file `_beh.tsv`, or `_events.tsv`
                 with onset and duration, named sub-.._task-`label`.., a JSON sidecar (actions by name in `Levels`,
                 the range of outcomes in `Minimum` and `Maximum`) and dataset_description.json

    Without a response a cell is empty (n/a in BIDS, NA for hBayesDM). What was written is read again by `load_choices`
    before it is put in its place, and refused where anything but the table's own numbers and labels comes back: a text
    that looks like a number, or like an empty cell. Raises ValueError naming the column, and for what no format holds.
    """
    path = Path(path)
    format = BY_SUFFIX.get(path.suffix.lower()) if format is None else format
    if format not in FORMATS:
        said = f"is none of {', '.join(FORMATS)}{nearest(str(format), FORMATS)}" if format else "must be given"
        raise ValueError(f"save_choices: format {short_repr(format) + ' ' if format else ''}{said}")
    if format.startswith("bids") and path.exists():
        raise ValueError(f"save_choices: {path} is there already: a BIDS data set needs a new folder")
    if not path.parent.is_dir():
        raise ValueError(f"save_choices: there is no folder {path.parent}")
    if format == "parquet" and path.suffix.lower() not in PARQUET:
        raise ValueError(f"save_choices: a parquet file ends in .parquet, not as {path.name}")
    if format in ("csv", "tsv", "hbayesdm") and BY_SUFFIX.get(path.suffix.lower()) not in ("csv", "tsv"):
        raise ValueError(f"save_choices: a file of format '{format}' ends in .csv, .tsv or .txt, not as {path.name}")
    table = load_choices(data, **reading)
    said = table.attrs[DECLARED]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".save_choices-") as beside:
        made = Path(beside) / path.name
        again: dict[str, Any] = {"reset": said.get("reset"), "outcomes": said.get("outcomes")}
        again |= {"actions": said["actions"], "states": said.get("states")}
        if format == "parquet":
            table.to_parquet(made, index=False)
            files: Any = made
        elif format == "hbayesdm":
            files, again["actions"], again["states"] = made, list(range(1, said["actions"] + 1)), None
            _for_hbayesdm(table).to_csv(made, sep="\t" if path.suffix != ".csv" else ",", index=False, na_rep="NA")
        elif format.startswith("bids"):
            files, table = _bids(made, table, format.removeprefix("bids_"), label)
            del again["actions"], again["states"], again["outcomes"]
        else:
            table.to_csv(made, sep="," if format == "csv" else "\t", index=False)
            files = made
        try:
            found = load_choices(files, **again)
        except ValueError as error:
            why = str(error).replace(str(made), str(path))
            raise ValueError(f"save_choices: what would be written could not be read again: {why}") from None
        _refuse_what_changed(table, found, path)
        os.replace(made, path)
    return path


def _for_hbayesdm(table: pd.DataFrame) -> pd.DataFrame:
    if "state" in table and table["state"].nunique() > 1:
        raise ValueError(
            f"save_choices: column 'state' has {table['state'].nunique()} states, and hBayesDM has a table of its own "
            "for each model of several; give the choices of one state"
        )
    for name, usual in (("forced", False), ("truncated", False), ("terminated", True), ("step", 0)):
        if name in table and (unlike := (table[name] != usual).to_numpy()).any():
            row = int(np.argmax(unlike))
            raise ValueError(
                f"save_choices: row {row}, column '{name}': hBayesDM knows free choices of one step that ends the "
                f"trial, and this is {shown(table[name].iloc[row])}"
            )
    given = ["gain", "loss"] if {"gain", "loss"} <= {*table.columns} else ["outcome"]
    kept = [name for name in ("subject", "session", "block", "trial", "action", *given, "rt") if name in table]
    return table[kept].assign(action=(table["action"] + 1).astype("Int64")).rename(columns=HBAYESDM)


def _bids(folder: Path, table: pd.DataFrame, suffix: str, label: str) -> tuple[list[Path], pd.DataFrame]:
    """Write the data set; its files, and the table in their order."""
    import pandas as pd

    if not (label.isascii() and label.isalnum()):
        raise ValueError(f"save_choices: label must be letters and digits, not {short_repr(label)}")
    if suffix == "events":
        for name in ("onset", "duration"):
            if name not in table:
                raise ValueError(f"save_choices: events need a column '{name}' in seconds")
            if table[name].isna().any():
                row = int(np.argmax(table[name].isna()))
                raise ValueError(f"save_choices: row {row}, column '{name}': is empty, and an event has one")
    said = table.attrs[DECLARED]
    names = said.get("action_names") or [str(k) for k in range(said["actions"])]
    files, parts = [], []
    by = [name for name in RUNS if name in table]
    for labels, rows in table.groupby(by, sort=False, observed=True):
        found = dict(zip(by, labels, strict=True))
        entities = [f"{RUNS[name]}-{_label(name, found[name])}" for name in by]
        where = folder.joinpath(*(entity for entity in entities if entity[:3] != "run"))
        where = where / ("beh" if suffix == "beh" else "func")
        where.mkdir(parents=True, exist_ok=True)
        stem = "_".join(
            [*(e for e in entities if e[:3] != "run"), f"task-{label}"] + [e for e in entities if "run" in e[:3]]
        )
        written = rows.drop(columns=[name for name in by if name != "session" or isinstance(found[name], str)])
        spelt: Any = [None if np.isnan(k) else names[int(k)] for k in rows["action"]]
        written = written.assign(action=spelt).rename(columns={"rt": "response_time"})
        first = [name for name in ("onset", "duration") if name in written]
        written = written[[*first, *(name for name in written if name not in first)]]
        if (where / f"{stem}_{suffix}.tsv").exists():
            raise ValueError(f"save_choices: two runs would both be {stem}_{suffix}.tsv")
        written.to_csv(where / f"{stem}_{suffix}.tsv", sep="\t", index=False, na_rep="n/a")
        files.append(where / f"{stem}_{suffix}.tsv")
        parts.append(rows)
    sidecar = {name: {"Description": why} for name, why in MEANINGS.items() if name in written}
    sidecar["action"] |= {"Levels": {name: name for name in names}}  # type: ignore[dict-item]
    if "outcomes" in said:
        low, high = said["outcomes"]
        sidecar["outcome"] |= {"Minimum": low, "Maximum": high}
    if "state" in written and "states" in said:
        sidecar["state"] |= {"Levels": {str(k): f"state {k}" for k in range(said["states"])}}  # type: ignore[dict-item]
    if "response_time" in written:
        sidecar["response_time"]["Units"] = "s"
    described = {"Name": label, "BIDSVersion": BIDS_VERSION, "DatasetType": "raw"}
    for name, content in (("dataset_description", described), (f"task-{label}_{suffix}", sidecar)):
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return files, pd.concat(parts, ignore_index=True)


def _label(name: str, value: Any) -> str:
    text = str(value)
    if name == "block" and not text.isdigit():
        raise ValueError(f"save_choices: column 'block': {short_repr(value)} is no whole number, as BIDS' runs are")
    if not (text.isascii() and text.isalnum()):
        raise ValueError(f"save_choices: column '{name}': {short_repr(text)} is no BIDS label of letters and digits")
    return text


def _refuse_what_changed(table: pd.DataFrame, found: pd.DataFrame, path: Path) -> None:
    for name in _compared(table, found):
        before, after = table[name], found[name]
        numbers = before.dtype.kind in "fiub"
        if numbers:  # as exact as the column itself: a run's outcomes are single precision
            kind: Any = before.dtype if before.dtype.kind == "f" else np.dtype(float)
            a, b = as_numbers(before).astype(kind), as_numbers(after).astype(kind)
            same = (a == b) | (np.isnan(a) & np.isnan(b))
        else:
            same = np.array(
                [(x == y and type(x) is type(y)) or (x != x and y != y) for x, y in zip(before, after, strict=True)]
            )
        if not same.all():
            row = int(np.argmin(same))
            raise ValueError(
                f"save_choices: row {row}, column '{name}': {shown(before.iloc[row])} would be read as "
                f"{shown(after.iloc[row])} from {path.name}; give it another label, or save as parquet"
            )


def _compared(table: pd.DataFrame, found: pd.DataFrame) -> Iterator[str]:
    """Columns that both have, and that mean something here."""
    for name in LOADED:
        if name in table and name in found:
            yield name
