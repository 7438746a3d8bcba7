"""A trial record that goes into one parquet file while the run is under way."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..contract import short_repr
from ..files import StoreError, as_store_error, parquet_settings, replaced
from .tables import Trials, labelled

if TYPE_CHECKING:
    import pandas as pd

GROUP = 1 << 18  # rows in a row group, so that the file does not depend on the chunks


def checked_target(to: Any, record: Any) -> Path:
    """Where the trial record shall go, or an error before anything is simulated.

    Raises ValueError where `to` cannot be a parquet file, StoreError where there is no folder for it.
    """
    if not isinstance(to, str | os.PathLike) or isinstance(os.fspath(to), bytes):
        raise ValueError(f"to must be the path of a .parquet file, not {short_repr(to)}")
    path = Path(to).absolute()
    if path.suffix != ".parquet":
        raise ValueError(f"to must be the path of a .parquet file, not {short_repr(os.fspath(to))}")
    if isinstance(record, str) and record == "summary":
        raise ValueError("record='summary' keeps no trials that could be written: leave out to, or record='trials'")
    if path.is_dir() or not path.parent.is_dir():
        why = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise StoreError(f"cannot write {path}: {why}")
    return path


class TrialFile:
    """A parquet file of a phase's trials. It grows by chunks, and is there when its `with` block ends without an error.

    Raises StoreError naming the file where the disk fails.
    """

    def __init__(self, path: Path, phase: str) -> None:
        self.path, self.phase = path, phase
        self._whole = contextlib.ExitStack()
        self._writer: Any = None
        self._waiting: list[Any] = []

    def __enter__(self) -> Self:
        import pyarrow.parquet  # noqa: F401

        with as_store_error(self.path):
            self._file = self._whole.enter_context(replaced(self.path))
        return self

    def add(self, trials: Trials) -> None:
        """Write the rows; those that do not fill a row group wait for the next."""
        import pyarrow as pa

        table = labelled(trials.columns, self.phase)
        self._waiting.append(pa.Table.from_pandas(table, preserve_index=False, nthreads=1))
        full = sum(rows.num_rows for rows in self._waiting) // GROUP * GROUP
        if full:
            joined = pa.concat_tables(self._waiting).combine_chunks()
            with as_store_error(self.path):
                self._write(joined[:full])
            self._waiting = [joined[full:]]

    def _write(self, rows: Any) -> None:
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, rows.schema, **parquet_settings(rows.schema))
        self._writer.write_table(rows, row_group_size=GROUP)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            with as_store_error(self.path):
                self._finish()
        else:
            if self._writer is not None:
                with contextlib.suppress(OSError):
                    self._writer.close()
            self._whole.__exit__(kind, error, trace)

    def _finish(self) -> None:
        import pyarrow as pa

        with self._whole:
            try:
                self._write(pa.concat_tables(self._waiting).combine_chunks())
            finally:
                self._writer.close()


def read_trials(path: Path) -> pd.DataFrame:
    """The trial record in a file that `TrialFile` wrote, each page's checksum verified."""
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(path, page_checksum_verification=True, use_threads=False)
    except FileNotFoundError:
        raise StoreError(f"cannot read {path}: the trial record that was written there is gone") from None
    table: pd.DataFrame = rows.to_pandas(split_blocks=True, self_destruct=True)
    return table
