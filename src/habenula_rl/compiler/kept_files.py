"""Files that are written whole, and read only where nobody else could have written them."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def read(path: Path) -> bytes:
    """The file's content, empty where there is none that can be read, or anyone else could have written it."""
    try:
        handle = os.open(path, _how())
    except OSError:
        return b""
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or not _ours(found):
            return b""
        with open(handle, "rb", closefd=False) as file:
            return file.read()
    except OSError:
        return b""
    finally:
        os.close(handle)


def _how() -> int:
    """Flags for reading: no link is followed and no pipe waited for, where the system knows these."""
    known = ("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
    return sum(getattr(os, name, 0) for name in known)


def _ours(found: os.stat_result) -> bool:
    """Whether nobody else could have written a file; on Windows its folder, which is the user's, says so."""
    return not hasattr(os, "geteuid") or (found.st_uid == os.geteuid() and not found.st_mode & OTHERS_WRITE)


def write_whole(path: Path, content: bytes) -> None:
    """Other processes see the whole file or none of it; it stays out where it cannot be written."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".tmp")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
