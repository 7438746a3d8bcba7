"""What a run was made with: versions, commit, machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from typing import Any

VERSIONED = ("habenula-rl", "numpy", "numba", "pandas", "pyarrow")


def origin() -> dict[str, Any]:
    """When and with what a run that starts now makes its tables."""
    return {"started": now(), "versions": versions(), "git": _git(), "machine": _machine()}


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that decide numbers or files."""
    return {"python": platform.python_version()} | {name: version(name) for name in VERSIONED}


def version(name: str = "habenula-rl") -> str:
    """An installed package's version, "unknown" where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _machine() -> dict[str, Any]:
    return {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()}


def _git() -> dict[str, Any] | None:
    """The commit of the folder that the run was started in, and whether files differ from it."""
    commit, changes = _git_says("rev-parse", "HEAD"), _git_says("status", "--porcelain")
    return None if commit is None else {"commit": commit, "changed": bool(changes)}


def _git_says(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
