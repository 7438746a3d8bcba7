"""The folder of compiled programs: one generated module each, named by its content."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import sys
import tempfile
import types
from pathlib import Path


def fingerprint(source: str) -> str:
    """The name of a generated module: changes with its text and with all that compiles it."""
    import numba
    import numpy as np

    versions = f"{platform.python_version()} {np.__version__} {numba.__version__} records by content"
    return hashlib.sha256(f"{versions}\n{source}".encode()).hexdigest()[:32]


def folder() -> Path | None:
    """Where compiled rules are kept, or None where nothing can be written. HABENULA_CACHE_DIR sets it."""
    chosen = os.environ.get("HABENULA_CACHE_DIR")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    place = Path(chosen) if chosen else Path(base) / "habenula_rl"
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return place
    except OSError:
        return None


def module(source: str) -> types.ModuleType | None:
    """The generated module with that text, imported from the folder; None where there is no folder."""
    place = folder()
    if place is None:
        return None
    name = f"hrl_{fingerprint(source)}"
    if name in sys.modules:
        return sys.modules[name]
    path = place / f"{name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != source:
        _write_whole(path, source)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    sys.modules[name] = made
    return made


def _write_whole(path: Path, text: str) -> None:
    """Other processes see the whole file or none of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
