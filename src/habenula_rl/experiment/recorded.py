"""What a finished run recorded, read from its folder and checked against its manifest."""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import inside
from .manifest import load_manifest
from .store import DamagedError, read_table, read_verified
from .study_file import completed

if TYPE_CHECKING:
    import pandas as pd

Files = Mapping[str, Mapping[str, Any]]


def load_trials(folder: str | Path) -> pd.DataFrame:
    """The trials of a finished run, one row a step, checked against the manifest.

    Raises FileNotFoundError where there is no finished run, DamagedError where a file is not as it was written,
    ValueError where the study recorded no trials.
    """
    manifest = _whole_or_warned(folder)
    if manifest["config"]["record"] == "summary":
        raise ValueError(f"{folder} holds no trials: its study says record: summary")
    return joined(Path(folder), manifest["tables"], "trials/", manifest["config"])


def load_subjects(folder: str | Path) -> pd.DataFrame:
    """One row a group, subject and phase of a finished run, checked like `load_trials` and with the same errors."""
    manifest = _whole_or_warned(folder)
    return joined(Path(folder), manifest["tables"], "subjects.parquet", manifest["config"])


def _whole_or_warned(folder: str | Path) -> dict[str, Any]:
    """The manifest, with a warning where its tables lack units that failed."""
    manifest = load_manifest(folder)
    if failed := manifest.get("failed"):
        warnings.warn(
            f"{folder} lacks the subjects of {len(failed)} units that failed: {', '.join(failed)}", stacklevel=3
        )
    return manifest


@dataclass(frozen=True)
class RecordedTrials:
    """The trials in a run's folder, checked against the sha256 in `files` as they are read."""

    folder: Path
    files: Files
    config: Mapping[str, Any]

    @cached_property
    def columns(self) -> dict[str, None]:
        """Those that any group has, in the order of the joined table."""
        found = columns_by_group(self.folder, self.files, "trials/")
        return dict.fromkeys(name for names in found for name in names)

    def whole(self, columns: Collection[str] | None = None) -> pd.DataFrame:
        """All of them, or of their columns these alone."""
        return joined(self.folder, self.files, "trials/", self.config, columns)

    def by_group(self, columns: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
        """Raises DamagedError, as `whole` does."""
        for group in self.config["groups"]:
            yield self._part([path for path in self.files if _group_of(path) == group], columns)

    def by_subjects(self, columns: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
        """Those of some subjects of a group, unit after unit. Raises DamagedError, as `whole` does."""
        for path in self.files:
            if path.startswith("trials/"):
                yield self._part([path], columns)

    def _part(self, paths: Sequence[str], columns: Collection[str] | None) -> pd.DataFrame:
        own = {path: self.files[path] for path in paths}
        wanted = [name for name in self.columns if columns is None or name in columns]
        return completed(joined(self.folder, own, "trials/", self.config, columns), wanted)


def in_batches(folder: Path, files: Files, config: Mapping[str, Any], most: float) -> Iterator[pd.DataFrame]:
    """All subjects' rows, so many at a time, or one unit's."""
    batch, rows = dict[str, Any](), 0
    for path, entry in files.items():
        if path.startswith("units/"):
            if batch and rows + entry["rows"] > most:
                yield joined(folder, batch, "units/", config)
                batch, rows = {}, 0
            batch[path], rows = entry, rows + entry["rows"]
    yield joined(folder, batch, "units/", config)


def columns_by_group(folder: Path, files: Files, start: str) -> Iterator[list[str]]:
    """The columns of each group's first table whose path starts so."""
    import pyarrow.parquet as pq

    first = {_group_of(path): path for path in reversed([*files]) if path.startswith(start)}
    for path in first.values():
        yield pq.read_schema(io.BytesIO(read_verified(inside(folder, path), files[path]["sha256"]))).names


def _group_of(path: str) -> str:
    """The group that a unit's table is of, by its path in the folder."""
    return Path(path).stem.rpartition("-")[0]


def joined(
    folder: Path, files: Files, start: str, config: Mapping[str, Any], columns: Collection[str] | None = None
) -> pd.DataFrame:
    """The tables whose path starts so, as one, groups and phases in the config's order; `attrs` has the seed.

    Of their columns those that are wanted alone, with which no more is in memory than these and one file.
    """
    import pyarrow as pa

    paths = {path: entry for path, entry in files.items() if path.startswith(start)}
    if not paths:
        raise DamagedError(f"{folder} is damaged: its manifest names no {start.rstrip('/')}")
    parts = [read_table(inside(folder, path), entry["sha256"], columns) for path, entry in paths.items()]
    wide = pa.dictionary(pa.int32(), pa.string())  # a unit's own index, of 8 bits, holds 127 groups
    try:
        for name in ("group", "phase"):
            parts = [part.set_column(part.schema.names.index(name), name, part[name].cast(wide)) for part in parts]
        arrow = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries()
        del parts
        table: pd.DataFrame = arrow.to_pandas(split_blocks=True, self_destruct=True)  # no second copy of it all
        phases = [phase["name"] for phase in config["phases"]]
        table["group"] = table["group"].cat.set_categories(list(config["groups"]))
        table["phase"] = table["phase"].cat.set_categories(phases)
    except (KeyError, AttributeError, ValueError, NotImplementedError) as error:
        raise DamagedError(f"{folder} is damaged: {start.rstrip('/')} is not as a run writes it ({error})") from error
    table.attrs["seed"] = config["seed"]
    return table
