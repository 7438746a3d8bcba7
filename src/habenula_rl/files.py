"""Files that are whole or as they were before, and the settings of every table in parquet."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any


class StoreError(OSError):
    """Results could not be written or read."""


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A new file, written beside `path` and put in its place at the end of the block, unless that raises."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """A failure of the disk as one sentence that names the file."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error


def parquet_settings(schema: Any) -> dict[str, Any]:
    """How tables with that pyarrow schema are written: zstd, floats split by byte, all else by dictionary, a checksum
    on each page.
    """
    import pyarrow as pa

    floats = [field.name for field in schema if pa.types.is_floating(field.type)]
    others = [name for name in schema.names if name not in floats]
    return {
        "compression": "zstd", "use_byte_stream_split": floats, "use_dictionary": others, "write_page_checksum": True
    }  # fmt: skip
