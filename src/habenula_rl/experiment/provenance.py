"""What a run was made with: versions, commit, machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..cores import cores

PARTS = ("index", "objects", "info/exclude")  # of a repository
HARMLESS = "^core[.](autocrlf|eol|filemode|ignorecase|precomposeunicode|symlinks)$"  # how files are compared
VALUES = {"true", "false", "input", "lf", "crlf", "native"}  # what these can be
SHA256 = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"
OF_A_REPOSITORY = {"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX"}
VERSIONED = ("habenula-rl", "numpy", "numba", "pandas", "pyarrow")


def origin() -> dict[str, Any]:
    """When and with what a run that starts now makes its tables."""
    machine = {"system": platform.platform(), "processor": platform.machine(), "cores": cores()}
    return {"started": now(), "versions": versions(), "git": _git(), "machine": machine}


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


def _git() -> dict[str, Any] | None:
    """The commit of the folder that the run was started in, and whether files differ from it (None: not known).

    A repository may be somebody else's, and its settings name programs that git runs: monitors, hooks, filters,
    transports. So it is asked only for its commit and for where its parts are, which runs none of them, and its files
    are compared from an empty repository of ours, which borrows its index, its objects and its `HARMLESS` settings.
    """
    where = [word for part in PARTS for word in ("--git-path", part)]
    said = _git_says("rev-parse", "--show-toplevel", *where, "HEAD")
    if said is None or len(said) != 2 + len(PARTS):
        return None
    top, *parts, commit = said
    try:
        return {"commit": commit, "changed": _changed(top, commit, *map(os.path.abspath, parts))}
    except OSError:
        return {"commit": commit, "changed": None}


def _changed(top: str, commit: str, index: str, objects: str, exclude: str) -> bool | None:
    """Whether `git status` would show anything in the repository at `top`, whose parts lie there."""
    settings = [line.split() for line in _git_says("config", "--get-regexp", HARMLESS) or ()]
    kept = [f"{name}={value}" for name, value in (line for line in settings if len(line) == 2) if value in VALUES]
    with tempfile.TemporaryDirectory(prefix="habenula-git-") as folder:
        ours = Path(folder)
        for name in ("info", "objects", "refs"):
            (ours / name).mkdir()
        (ours / "HEAD").write_text(f"{commit}\n", encoding="ascii")
        if len(commit) == 64:
            (ours / "config").write_text(SHA256, encoding="ascii")
        if os.path.isfile(exclude):
            shutil.copyfile(exclude, ours / "info/exclude")
        found = _git_says(
            *(word for setting in kept for word in ("-c", setting)),
            *("status", "--porcelain", "--no-renames", "--ignore-submodules=dirty"),
            GIT_DIR=folder,
            GIT_WORK_TREE=top,
            GIT_INDEX_FILE=index,
            GIT_OBJECT_DIRECTORY=objects,
        )
    return None if found is None else bool(found)


def _git_says(*words: str, **variables: str) -> list[str] | None:
    """The lines that git answers, None where it cannot; with `variables`, of the repository that they name alone."""
    environment = {name: value for name, value in os.environ.items() if not variables or name not in OF_A_REPOSITORY}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", **variables}
    command = ["git", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True, env=environment)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.splitlines()
