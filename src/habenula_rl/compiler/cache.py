"""The folder of compiled programs, named by content: a generated module, the straight-line code that it was traced to,
and the machine code made of it.

Nothing in the folder is believed. A module is compared with the text that it should have; traced and machine code carry
a checksum: what is damaged, cut short or not ours is made again and written over. But a checksum can be made by
anybody, and what is read has been pickled: a folder into which anyone else could have put files is not used at all.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import stat
import sys
import tempfile
import types
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from .kept_files import OTHERS_WRITE, read, write_whole

OURS = re.compile(r"hrl_[0-9a-f]{32}\.[\w.-]+")  # beside our own files those that Numba and Python once made of them
VERDICTS = "verdicts"  # the folder beside them in which `findings.kept` keeps verdicts
VERDICT = re.compile(r"[0-9a-f]{32}\.json(\.\w+\.tmp)?")


def versions() -> str:
    """What compiled code depends on besides its source."""
    parts = ("numpy", "numba")
    return f"Python {platform.python_version()}, " + ", ".join(f"{part} {metadata.version(part)}" for part in parts)


def fingerprint(source: str) -> str:
    """The name of a generated module: changes with its text and with all that compiles it."""
    return hashlib.sha256(f"{versions()}\n{source}".encode()).hexdigest()[:32]


def chosen() -> Path | None:
    """Where programs should be kept: HABENULA_CACHE_DIR, else the user's cache folder; None for one without a home."""
    named = os.environ.get("HABENULA_CACHE_DIR")
    if named:
        return Path(named)
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "habenula_rl"
    except RuntimeError:
        return None


def folder() -> Path | None:
    """Where programs are kept, links followed; None where nothing can be written, or anyone else could have written.

    Of the latter a warning says why, once; programs are then compiled again in each process.
    """
    place = chosen()
    try:
        if place is not None:
            missing = [path for path in (place, *place.parents) if not path.exists()]
            for path in reversed(missing):  # for oneself alone whatever the umask
                path.mkdir(mode=0o700, exist_ok=True)
            if why := refused():
                if why not in _said:
                    _said.add(why)
                    warnings.warn(f"{why} (until then they are compiled again in each process)", stacklevel=1)
                return None
            real = Path(os.path.realpath(place))
            with tempfile.TemporaryFile(dir=real):
                return real
    except OSError:
        pass
    return None


def refused() -> str | None:
    """Why the folder is not used, and what helps: others can write into it, or put another in its place.

    It has to be the user's own, every folder above it the user's or root's, and none may be writable by others, but
    for one above it where nobody can rename or remove what is not his own (as /tmp, which is sticky). None where all
    is well, or where there is no folder.
    """
    place = chosen()
    if place is None or not place.exists():
        return None
    place = Path(os.path.realpath(place))
    if not hasattr(os, "geteuid"):  # Windows, where a user's own folders are closed to others
        return None
    me, root = os.geteuid(), os.stat("/").st_uid  # not 0 in a container that has no root of its own
    for path in (place, *place.parents):
        found = path.stat()
        if found.st_uid != me and (path == place or found.st_uid not in (0, root)):
            what = f"{path} belongs to another user"
            return f"compiled rules are not kept in {place}: {what}; let HABENULA_CACHE_DIR name a folder of your own"
        if found.st_mode & OTHERS_WRITE and (path == place or not found.st_mode & stat.S_ISVTX):
            what = f"others can write into {path}, and what is kept is run"
            remedy = "let HABENULA_CACHE_DIR name another"
            if path == place and place.is_dir() and not found.st_mode & stat.S_ISVTX:  # never /tmp or a device
                remedy = f"habenula cache clear && chmod go-w {shlex.quote(str(path))}, or {remedy}"
            return f"compiled rules are not kept in {place}: {what}; {remedy}"
    return None


_said: set[str] = set()


def module(source: str, entries: Iterable[str]) -> types.ModuleType | None:
    """The generated module with that text, whose functions `entries` are kept compiled; None without a folder."""
    place = folder()
    if place is None:
        return None
    name = f"hrl_{fingerprint(source)}"
    if name not in sys.modules:
        text = f"# {versions()}\n{source}"
        path = place / f"{name}.py"
        if read(path) != text.encode():
            write_whole(path, text.encode())
        from .numba_patches import keep_machine_code

        made = types.ModuleType(name)
        exec(compile(text, str(path), "exec", dont_inherit=True), vars(made))
        for entry in entries:
            keep_machine_code(vars(made)[entry], place / f"{name}.{entry}")
        sys.modules[name] = made  # where Numba looks for the globals of the code that it loads
    return sys.modules[name]


@dataclass(frozen=True)
class Contents:
    """What the folder holds of ours; `unused` programs are from other versions of Python, NumPy, Numba or ours.

    `verdicts` are the files of verdicts that were kept, one for each study, seed and number of subjects.
    """

    folder: Path
    programs: int
    unused: int
    verdicts: int
    files: int
    size: int


def contents() -> Contents:
    """What is kept now. Raises ValueError where there is no folder to keep it in."""
    place = _place()
    files = [path for path in _files(place) if path.is_file()]
    programs = [path for path in files if path.parent == place and path.name.count(".") == 1 and path.suffix == ".py"]
    used = sum(read(path).startswith(f"# {versions()}\n".encode()) for path in programs)
    size = sum(path.stat().st_size for path in files)
    verdicts = sum(path.parent.name == VERDICTS and path.suffix == ".json" for path in files)
    return Contents(place, len(programs), len(programs) - used, verdicts, len(files), size)


def clear() -> Contents:
    """Remove what is ours from the folder, and nothing else; returns what was there.

    Raises OSError where a file cannot be removed.
    """
    before = contents()
    for path in _files(before.folder):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise OSError(f"{path} cannot be removed: {error.strerror}") from None
    return before


def _place() -> Path:
    place = chosen()
    if place is None:
        raise ValueError("there is no home to keep compiled programs in; HABENULA_CACHE_DIR can name a folder")
    return place


def _files(place: Path) -> Iterator[Path]:
    """Our files: at the place, where verdicts are kept, and where Python and Numba used to put theirs."""
    for directory, ours in ((place, OURS), (place / "__pycache__", OURS), (place / VERDICTS, VERDICT)):
        if directory != place and directory.is_symlink():  # to files that are not in this folder
            continue
        try:
            yield from [path for path in directory.iterdir() if ours.fullmatch(path.name) and not path.is_dir()]
        except (FileNotFoundError, NotADirectoryError):
            continue
