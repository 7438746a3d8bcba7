"""The agents, tasks and environments that a user has written, from the files that a config lists under `own`."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..compiler.source import statements
from ..contract import Agent, Task
from ..errors import RuleError, ends_are_errors
from ..registry import register
from .loading import module_of
from .problems import Problem, shown


class UserModules:
    """The files that a config lists under `own`, whose paths begin at its folder: what they define is registered.

    `problems` says what is wrong with them.
    """

    def __init__(self, listed: Any, folder: Path) -> None:
        self.problems: list[Problem] = []
        self._broken: list[Path] = []
        classes: dict[str, str] = {}
        for index, name in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(name, str) and (why := _load(folder / name, name, classes=classes)):
                self.problems.append(Problem(("own", index), why))
                self._broken.append(folder / name)

    def explains(self, problem: Problem) -> bool:
        """Whether an unknown agent or task is one that a broken file was to define."""
        if not problem.trail or problem.trail[-1] not in ("agent", "task") or not problem.word:
            return False
        return any(_may_define(path, problem.word) for path in self._broken)


def load_own(path: Path) -> None:
    """Register what is defined in one file, as a config's `own` does. Raises ValueError for what is wrong there."""
    if why := _load(path, str(path), "here"):
        raise ValueError(why)


def classes_in(path: Path) -> dict[str, str]:
    """The classes that stand in a file, which is read and not run, and what their docstrings say."""
    found = (node for node in statements(path) if isinstance(node, ast.ClassDef))
    return {node.name: ast.get_docstring(node) or "" for node in found}


def _may_define(path: Path, name: str) -> bool:
    """Whether the file would define a class of that name, had it been sound; a file that cannot be read may."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return True
    return re.search(rf"^class {re.escape(name)}\b", text, re.MULTILINE) is not None


def _load(path: Path, name: str, where: str = "beside the config", classes: dict[str, str] | None = None) -> str | None:
    """Register the agents and tasks in that file, or say why not. `classes` has the file of each one before it."""
    if path.suffix != ".py" or not path.is_file():
        return f"there is no Python file {shown(name)} {where}"
    before, taken = _environments(path), {} if classes is None else classes
    try:
        with ends_are_errors():
            found = _defined(path)
        if why := _replaced(before, name):
            return why
        for declared in found:
            if taken.setdefault(declared.__name__, name) != name:
                return f"{shown(name)} and {shown(taken[declared.__name__])} both define {declared.__name__}"
            register(declared)
    except RuleError as error:  # says file and line itself
        return str(error)
    except Exception as error:
        return f"{name}:{_line(error, path)}: {type(error).__name__}: {error}"
    if found or _registers_environments(path):
        return None
    return f"{shown(name)} defines no class derived from Agent or Task, and registers no environment with Gymnasium"


OWN_MODULE = "habenula_own_"


def loaded_files() -> tuple[str, ...]:
    """The files of the user's that have been loaded in this process, in that order."""
    return tuple(str(module.__file__) for name, module in [*sys.modules.items()] if name.startswith(OWN_MODULE))


def load_own_files(files: Sequence[str]) -> None:
    """Load in this process what `loaded_files` named in another. Raises RuleError for what is wrong there."""
    for file in files:
        if _module_name(Path(file)) not in sys.modules and (why := _load(Path(file), file, "here")):
            raise RuleError(why)


def _module_name(path: Path) -> str:
    return f"{OWN_MODULE}{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"


def _environments(path: Path) -> dict[str, Any]:
    """What Gymnasium knows before a file runs that speaks of it; nothing for any other file."""
    if "gymnasium" not in path.read_text(encoding="utf-8", errors="replace"):
        return {}
    import gymnasium

    return dict(gymnasium.registry)


def _replaced(before: Mapping[str, Any], name: str) -> str | None:
    """Why a file may not register what it did: an id that was there before. What was there is there again then."""
    if not before:
        return None
    import gymnasium

    def is_own(spec: Any) -> bool:  # of a user's file, this one read again among them
        return str(getattr(spec.entry_point, "__module__", "")).startswith(OWN_MODULE)

    found = [id for id, spec in before.items() if gymnasium.registry.get(id) is not spec and not is_own(spec)]
    gymnasium.registry.update({id: before[id] for id in found})
    return f"{shown(name)} registers {found[0]}, which Gymnasium has already: give it another id" if found else None


def _registers_environments(path: Path) -> bool:
    """Whether a class or function of the file makes an environment that Gymnasium knows."""
    gymnasium = sys.modules.get("gymnasium")
    registered = gymnasium.registry.values() if gymnasium else ()
    return any(getattr(spec.entry_point, "__module__", None) == _module_name(path) for spec in registered)


def _defined(path: Path) -> list[type[Any]]:
    """The agents and tasks that the file itself defines."""
    module_name = _module_name(path)
    with _may_import_beside(path.resolve().parent):
        module = module_of(path.resolve(), module_name, listed=True)
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Agent | Task)
        and value.__module__ == module_name
        and hasattr(value, "learn" if issubclass(value, Agent) else "step")
    ]


_beside: dict[str, Path] = {}  # what own files have imported from their own folders: modules by name


@contextlib.contextmanager
def _may_import_beside(folder: Path) -> Iterator[None]:
    """While an own file is loaded: it may import the files beside it, each as it stands now, after all else that has
    the name: a numpy.py there is never NumPy.
    """
    for name in _beside:
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    before, path, bytecode = {*sys.modules}, [*sys.path], sys.dont_write_bytecode
    sys.path.append(str(folder))
    sys.dont_write_bytecode = True  # which goes by whole seconds, and can be older than the file
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = path, bytecode
        for name in {*sys.modules} - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and not name.startswith(OWN_MODULE) and Path(file).resolve().is_relative_to(folder):
                _beside[name] = Path(file)


def text_beside() -> bytes:
    """The files that own files import from their folders, as one text; empty where there are none."""
    return b"".join(
        name.encode() + b"\n" + file.read_bytes() for name, file in sorted(_beside.items()) if file.is_file()
    )


def is_own(kind: type) -> bool:
    """Whether a class stands in an own file."""
    return kind.__module__.startswith(OWN_MODULE)


def _line(error: Exception, path: Path) -> int:
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path.resolve())
    ]
    return (lines or [1])[-1] or 1
