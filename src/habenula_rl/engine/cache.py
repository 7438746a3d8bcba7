"""The folder of compiled programs: for each a generated module, named by its content, and the machine code made of it.

Nothing in the folder is believed. A module is compared with the text that it should have, and machine code carries a
checksum: what is damaged, cut short or not ours is compiled again and written over.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
import tempfile
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

OURS = re.compile(r"hrl_[0-9a-f]{32}\.[\w.-]+")  # beside our own files those that Numba and Python once made of them
DIGEST = hashlib.sha256().digest_size


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
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "habenula_rl"
    except RuntimeError:
        return None


def folder() -> Path | None:
    """Where programs are kept, or None where nothing can be written."""
    place = chosen()
    try:
        if place is not None:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                return place
    except OSError:
        pass
    return None


def module(source: str, entries: Iterable[str]) -> types.ModuleType | None:
    """The generated module with that text, whose functions `entries` are kept compiled; None without a folder."""
    place = folder()
    if place is None:
        return None
    name = f"hrl_{fingerprint(source)}"
    if name not in sys.modules:
        text = f"# {versions()}\n{source}"
        path = place / f"{name}.py"
        if _read(path) != text.encode():
            _write_whole(path, text.encode())
        made = types.ModuleType(name)
        exec(compile(text, str(path), "exec", dont_inherit=True), vars(made))
        for entry in entries:
            vars(made)[entry]._cache = MachineCode(place / f"{name}.{entry}")
        sys.modules[name] = made  # where Numba looks for the globals of the code that it loads
    return sys.modules[name]


class MachineCode:
    """The compiled forms of one function, a file for each; stands in a Numba dispatcher for Numba's own cache.

    Numba's keeps an index beside numbered files (0.61 to 0.68). Two processes that compile at once can write the same
    number into two indexes, and then run the machine code for one record type on another; and neither file is checked,
    so that a damaged one ends in a traceback, a crash or a wrong number. Here the file's name and content say what it
    is for, and its first bytes are the checksum of the rest. What is read has been pickled, as all that Numba keeps:
    the folder has to be the user's own, and its files can be read by no one else.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.cache_path = str(base.parent)

    def load_overload(self, signature: Any, context: Any) -> Any:
        """The compiled form for that signature, None where it is not there whole."""
        import pickle

        from numba.core.compiler import CompileResult

        context.refresh()
        key = _key(signature, context.codegen())
        content = _read(self._path(key))
        checksum, data = content[:DIGEST], content[DIGEST:]
        if hashlib.sha256(data).digest() != checksum:
            return None
        kept_for, payload = pickle.loads(data)
        if kept_for != key:
            return None
        return CompileResult._rebuild(context, *payload)  # type: ignore[no-untyped-call]

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep a compiled form. A folder that cannot take it any more costs the next start some seconds, no more."""
        from numba.core.serialize import dumps

        if result.library.has_dynamic_globals or any(not lifted.can_cache for lifted in result.lifted):
            return
        key = _key(signature, result.codegen)
        data = dumps((key, result._reduce()))  # type: ignore[no-untyped-call]
        _write_whole(self._path(key), hashlib.sha256(data).digest() + data)

    def _path(self, key: str) -> Path:
        return self.base.with_name(f"{self.base.name}.{hashlib.sha256(key.encode()).hexdigest()[:16]}.bin")

    def enable(self) -> None:
        """For Numba, which never finds it disabled."""

    def flush(self) -> None:
        """For Numba's `recompile`: forget the compiled forms of this function."""
        for path in self.base.parent.glob(f"{self.base.name}.*"):
            path.unlink(missing_ok=True)


def _key(signature: Any, codegen: Any) -> str:
    """The argument types, records field by field, and the processor."""
    return f"{[str(kind) for kind in signature]} {codegen.magic_tuple()}"


def _read(path: Path) -> bytes:
    """The file's content, empty where there is none that can be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _write_whole(path: Path, content: bytes) -> None:
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


@dataclass(frozen=True)
class Contents:
    """What the folder holds of ours; `unused` programs are from other versions of Python, NumPy, Numba or ours."""

    folder: Path
    programs: int
    unused: int
    files: int
    size: int


def contents() -> Contents:
    """What is kept now. Raises ValueError where there is no folder to keep it in."""
    place = _place()
    files = [path for path in _files(place) if path.is_file()]
    programs = [path for path in files if path.parent == place and path.name.count(".") == 1 and path.suffix == ".py"]
    used = sum(_read(path).startswith(f"# {versions()}\n".encode()) for path in programs)
    size = sum(path.stat().st_size for path in files)
    return Contents(place, len(programs), len(programs) - used, len(files), size)


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
    """Our files, at the place and where Python and Numba used to put theirs."""
    for directory in (place, place / "__pycache__"):
        try:
            yield from [path for path in directory.iterdir() if OURS.fullmatch(path.name) and not path.is_dir()]
        except (FileNotFoundError, NotADirectoryError):
            continue
