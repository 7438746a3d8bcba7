"""A user's Python file as a module."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType


class AsItStands(SourceFileLoader):
    """Runs the file as it is now: the bytecode that Python keeps goes by size and whole seconds, and can be older."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def module_of(path: Path, name: str, *, listed: bool = False) -> ModuleType:
    """The module in that file. `listed` puts it among Python's modules, where dataclasses look theirs up."""
    spec = importlib.util.spec_from_file_location(name, path, loader=AsItStands(name, str(path)))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    if listed:
        sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
