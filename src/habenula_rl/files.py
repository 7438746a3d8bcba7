"""Files that are whole or as they were before, and the settings of every table in parquet."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

NO_FOLLOW: int | None = getattr(os, "O_NOFOLLOW", None)  # Windows has none of these
WITHOUT_WAITING: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
SYNCS_FOLDERS = os.name != "nt"
LOCKED_BYTE = 1 << 30  # behind all that the file holds: Windows lets nobody read what is locked


class StoreError(OSError):
    """Results could not be written or read."""


class OutsideError(ValueError):
    """A name or a link leads out of the folder that it stands in."""


def inside(folder: Path, name: str) -> Path:
    """The path of that name in the folder, links followed to their end. Raises OutsideError where it is not in there.

    The folder itself may be a link: that is where its user keeps it.
    """
    path, home = folder / name, os.path.realpath(folder)
    if os.path.isabs(name) or os.pardir in Path(name).parts:
        raise OutsideError(f"{folder}: {name!r} is no name of a file in this folder")
    real = os.path.realpath(path)
    if os.path.commonpath([home, real]) != home:
        raise OutsideError(f"{path} leads to {real}, out of {folder}: remove this link first")
    return path


def open_in_place(path: Path) -> IO[str]:
    """The text file, made where it is missing, for reading and for writing over what it holds.

    Raises OutsideError, and leaves all as it is, where the path is a link, not a plain file, or another's name too.
    """
    try:
        if NO_FOLLOW is None and path.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        handle = os.open(path, os.O_RDWR | os.O_CREAT | (NO_FOLLOW or 0) | WITHOUT_WAITING, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OutsideError(
                f"{path} is a link, and what it leads to is not to be written: remove it first"
            ) from None
        raise
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        return os.fdopen(handle, "r+", encoding="utf-8", errors="replace")
    os.close(handle)
    raise OutsideError(f"{path} is not a plain file with this one name: remove it first")


def lock(file: IO[str]) -> bool:
    """Lock an open file for this process until it is closed or the process ends; False where another one holds it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        at = file.seek(LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        finally:
            file.seek(at - LOCKED_BYTE)
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A new file, written beside `path` and put in its place at the end of the block, unless that raises."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        with open(temporary, "xb") as file:  # x: never through a link that was put there
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
    """The folder's entries on the disk; Windows writes them by itself, and opens no folder."""
    if not SYNCS_FOLDERS:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def as_store_error(path: Path) -> Iterator[None]:
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
        "compression": "zstd",
        "use_byte_stream_split": floats,
        "use_dictionary": others,
        "write_page_checksum": True,
    }
