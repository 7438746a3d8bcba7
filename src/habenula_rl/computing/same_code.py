"""By what two processes know that they compute the same."""

import functools
import hashlib
import platform
from importlib import metadata
from pathlib import Path

from ..imported_at import IMPORTED_AT

PACKAGE = Path(__file__).resolve().parents[1]
COMPUTES = ("numba", "numpy", "pandas", "scipy")


def sources() -> list[Path]:
    """The package's files that decide a number."""
    paths = (path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".json"))
    return sorted(path for path in paths if "_bundled" not in path.parts)


def edited() -> bool:
    """Whether one of them has changed since this process imported the package."""
    return max(path.stat().st_mtime for path in sources()) > IMPORTED_AT


@functools.cache
def code() -> bytes:
    """A hash of the package as it lies on the disk, and of the versions of what computes with it."""
    text = hashlib.sha256(" ".join([platform.python_version(), *map(metadata.version, COMPUTES)]).encode())
    for path in sources():
        text.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode())
        text.update(b"\n".join(path.read_bytes().splitlines()))  # whatever a checkout ends its lines with
    return text.digest()
