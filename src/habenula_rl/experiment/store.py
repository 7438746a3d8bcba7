"""Results on disk: one committed set of files a unit, whole or not there at all, and every damage noticed.

    trials/<unit>.parquet   one row a step                  units/<unit>.parquet   one row a subject and phase
    units/<unit>.json       written last: the sha256 and number of rows of both, what they were computed from, by what

A unit counts as done when its JSON file is there and fits.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..files import OutsideError as OutsideError
from ..files import StoreError as StoreError
from ..files import as_store_error, inside, lock, open_in_place, parquet_settings, replaced
from .provenance import now

if TYPE_CHECKING:
    import pandas as pd

    from .units import UnitResult

LAYOUT = 3  # changes when the tables' columns or meaning do
KEYS = {"layout", "rules", "origin", "ended", "files"}
TEMPORARY = re.compile(r"\..+\.\d+(-\d+)?\.tmp")  # as `replaced` names them
FOLDERS = ("", "units", "trials", "figures")
Files = Mapping[str, tuple[bytes, int]]  # by path in the folder a table's file and its number of rows
Found = Literal["done", "missing", "outdated", "damaged"]


class DamagedError(StoreError):
    """A file does not hold what was written into it."""


class LockedError(StoreError):
    """Another run is at work in the folder."""


@dataclass(frozen=True)
class Store:
    """The folder of one study with one config. Each unit's files are written by one thread.

    Every name goes through `path`: nothing is read, written or removed where a name or a link leads out of the folder.
    """

    folder: Path

    def path(self, name: str) -> Path:
        """The path of a file in the folder. Raises OutsideError where the name, or a link, leads out of it."""
        return inside(self.folder, name)

    def commit(self, name: str, result: UnitResult, rules: str, origin: Mapping[str, Any]) -> None:
        """Write a unit's tables, and then the file that says so.

        `rules` is what the unit was computed from, `origin` when and with what (see `provenance`).

        Raises StoreError naming the file; nothing half written is left under a final name.
        """
        self.commit_files(name, files_of(name, result), rules, origin)

    def commit_files(self, name: str, given: Files, rules: str, origin: Mapping[str, Any]) -> None:
        """`commit` of a unit whose tables are files' contents already."""
        files = {}
        for path, (data, rows) in given.items():
            write_bytes(self.path(path), data)
            files[path] = {"sha256": sha256(data), "rows": rows}
        made = {"rules": rules, "origin": origin, "ended": now()}
        write_json(self._marker(name), {"layout": LAYOUT} | made | {"files": files})

    def _marker(self, name: str) -> Path:
        return self.path(f"units/{name}.json")

    def verify(self, name: str, rules: str, *, trials: bool = True) -> Found:
        """Whether a unit is there and sound: both of its tables, or without `trials` its one, and no other file.

        A damaged one is moved aside into `damaged/`.
        """
        path = self._marker(name)
        if not path.exists():
            return "missing"
        try:
            marker = read_marker(path)
            if (marker["layout"], marker["rules"]) != (LAYOUT, rules):
                return "outdated"
            if set(marker["files"]) != set(tables_of(name, trials=trials)):
                raise DamagedError(f"{path} is damaged: it names other files than its unit's")
            for file, entry in marker["files"].items():
                read_verified(self.path(file), entry["sha256"])
        except (DamagedError, FileNotFoundError):
            self._set_aside(name)
            return "damaged"
        return "done"

    def adopt(self, name: str, rules: str, *, trials: bool) -> None:
        """Copy a unit that is not here, and is whole in one of the shards' folders, each file before its marker."""
        if self._marker(name).exists():
            return
        for folder in sorted(self.path("shards").iterdir()):
            shard = Store(inside(self.folder, f"shards/{folder.name}"))
            if shard.folder.is_dir() and shard.verify(name, rules, trials=trials) == "done":
                marker = shard.marker(name)
                for file, entry in marker["files"].items():
                    write_bytes(self.path(file), read_verified(shard.path(file), entry["sha256"]))
                write_json(self._marker(name), marker)
                return

    def _set_aside(self, name: str) -> None:
        for file in (f"units/{name}.json", f"units/{name}.parquet", f"trials/{name}.parquet"):
            if self.path(file).exists():
                self._aside(file)

    def _aside(self, file: str) -> None:
        goal = _free(self.path(f"damaged/{Path(file).name}"))
        with as_store_error(goal):
            goal.parent.mkdir(exist_ok=True)
            os.replace(self.path(file), goal)

    def make_way(self, *names: str) -> None:
        """Set aside folders that stand where these files will be written."""
        for name in names:
            if self.path(name).is_dir():
                self._aside(name)

    def marker(self, name: str) -> dict[str, Any]:
        """What a committed unit says: `files` (path in the folder to sha256 and rows), `origin`, `ended`."""
        return read_marker(self._marker(name))

    def clear_derived(self, *names: str) -> None:
        """Remove files that were made from tables which are no longer there."""
        self.make_way(*names)
        for name in names:
            path = self.path(name)
            with as_store_error(path):
                path.unlink(missing_ok=True)

    def clear_temporary(self) -> None:
        """Remove what a killed run left half written."""
        for folder in FOLDERS:
            for path in self.path(folder).glob(".*.tmp"):
                if TEMPORARY.fullmatch(path.name):
                    path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One run at a time; LockedError names the process that holds the lock. The lock dies with its process."""
        path = self.folder / ".lock"
        with as_store_error(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            file = open_in_place(path)
        with file:
            if not lock(file):
                raise LockedError(f"{self.folder}: another run ({file.read(40).strip()}) is at work here")
            file.truncate(0)
            file.write(f"process {os.getpid()}\n")
            file.flush()
            yield


def tables_of(unit: str, *, trials: bool) -> tuple[str, ...]:
    """The paths of a unit's tables in the folder: of its subjects and, where they are kept, of its trials."""
    return (f"units/{unit}.parquet", f"trials/{unit}.parquet")[: 1 + trials]


def files_of(name: str, result: UnitResult) -> Files:
    """A unit's tables as the files that they are kept in."""
    given = [table for table in (result.subjects, result.trials) if table is not None]
    tables = dict(zip(tables_of(name, trials=result.trials is not None), given, strict=True))
    return {path: (parquet_bytes(table), len(table)) for path, table in sorted(tables.items())}


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """The table as a parquet file."""
    return b"".join(parquet_pieces([table]))


class _Drained(io.RawIOBase):
    """A file whose bytes are taken away as it grows."""

    def __init__(self) -> None:
        self.at, self.written = 0, list[bytes]()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def write(self, data: Any) -> int:
        self.written.append(bytes(data))
        self.at += len(self.written[-1])
        return len(self.written[-1])

    def drain(self) -> bytes:
        data, self.written = b"".join(self.written), []
        return data


def parquet_pieces(tables: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """Tables with the same columns as one parquet file, a piece of its bytes for each, so that one is in memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink, writer = _Drained(), None
    for table in tables:
        rows = pa.Table.from_pandas(table, preserve_index=False)
        writer = writer or pq.ParquetWriter(sink, rows.schema, **parquet_settings(rows.schema))
        writer.write_table(rows)
        yield sink.drain()
    if writer:
        writer.close()
    yield sink.drain()


def read_table(path: Path, expected: str, columns: Collection[str] | None = None) -> Any:
    """The pyarrow table in a file with that sha256, or these of its columns; DamagedError where it is another."""
    import pyarrow.parquet as pq

    data = io.BytesIO(read_verified(path, expected))
    wanted = None if columns is None else [name for name in pq.read_schema(data).names if name in columns]
    return pq.read_table(
        data, columns=wanted, page_checksum_verification=True, use_threads=False
    )  # threads: three times the CPU seconds


def read_verified(path: Path, expected: str) -> bytes:
    """A file's bytes; DamagedError where their sha256 is not the expected one."""
    data = _content(path)
    if sha256(data) != expected:
        raise DamagedError(f"{path} is damaged: its contents are not those that were written")
    return data


def _content(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a pipe would be waited for without end
        raise DamagedError(f"{path} is damaged: it is not a file")
    return path.read_bytes()


def read_marker(path: Path) -> dict[str, Any]:
    """A unit's JSON file; DamagedError where it cannot be one."""
    try:
        marker = json.loads(_content(path))
        described = all(is_entry(entry) and "rows" in entry for entry in marker["files"].values())
        dated = isinstance(marker["ended"], str) and isinstance(marker["origin"]["started"], str)
        if KEYS <= set(marker) and described and dated:
            return dict(marker)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise DamagedError(f"{path} is damaged: it does not describe a unit's files")


def is_entry(entry: Any) -> bool:
    """Whether that can be what a marker or a manifest says of one file: its sha256 and, of a table, its rows."""
    rows = entry.get("rows", 0)
    return bool(re.fullmatch("[0-9a-f]{64}", entry["sha256"])) and type(rows) is int and rows >= 0


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """A value in a file, as `json_bytes` has it."""
    write_bytes(path, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """A value as JSON that any parser reads: ValueError for NaN and infinity."""
    text = json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False, sort_keys=False)
    return f"{text}\n".encode()


def write_bytes(path: Path, data: bytes) -> None:
    """All of `data` in the file, on the disk, or the file as it was before; StoreError says why."""
    write_pieces(path, [data])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> str:
    """The same of pieces that are made one after the other, only one of which is in memory; returns the sha256."""
    made = hashlib.sha256()
    with as_store_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as file:
            for piece in pieces:
                made.update(piece)
                file.write(piece)
    return made.hexdigest()


def _free(path: Path) -> Path:
    """The path itself, or with a number where there is such a file."""
    numbered = (path.with_name(f"{path.stem}-{k}{path.suffix}") for k in range(2, 10_000))
    return path if not path.exists() else next(p for p in numbered if not p.exists())
