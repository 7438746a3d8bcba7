"""The agents and tasks that a user has written, from the files that a config lists under `own`."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..contract import Agent, Task
from ..mistakes import RuleError
from ..registry import register
from .problems import Problem, shown


def load_own(listed: Any, folder: Path) -> Iterator[Problem]:
    """Register what is defined in the files `listed`, whose paths begin at the config's folder; what is wrong there."""
    for index, name in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(name, str) and (why := _load(folder / name, name)):
            yield Problem(("own", index), why)


def _load(path: Path, name: str) -> str | None:
    """Register the agents and tasks in that file, or say why not."""
    if path.suffix != ".py" or not path.is_file():
        return f"there is no Python file {shown(name)} beside the config"
    try:
        found = _defined(path)
        for declared in found:
            register(declared)
    except RuleError as error:  # says file and line itself
        return str(error)
    except Exception as error:
        return f"{name}:{_line(error, path)}: {type(error).__name__}: {error}"
    return None if found else f"{shown(name)} defines no class derived from Agent or Task"


def _defined(path: Path) -> list[type[Any]]:
    """The agents and tasks that the file itself defines."""
    full = str(path.resolve())
    module_name = f"habenula_own_{hashlib.sha256(full.encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(module_name, full)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Agent | Task) and value.__module__ == module_name
        and hasattr(value, "learn" if issubclass(value, Agent) else "step")
    ]  # fmt: skip


def _line(error: Exception, path: Path) -> int:
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path.resolve())
    ]
    return (lines or [1])[-1] or 1
