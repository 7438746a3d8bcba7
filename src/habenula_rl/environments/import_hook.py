"""Registers the environments without importing Gymnasium.

Gymnasium 1 knows no plugins: a package registers its environments when it is imported. This one does not want to load
Gymnasium for users who simulate populations, so where it comes first it waits for the import of Gymnasium. To load it
at once would take 0.24 s: `import habenula_rl` 0.28 s of CPU time and not 0.04 (6.6 times; the median of 7 alternating
runs), `habenula --help` 0.35 and not 0.11 (3.1 times).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


def register_environments() -> None:
    """Register them now if Gymnasium is there, else when it comes."""
    if "gymnasium" in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, _Waiting())


def _register() -> None:
    from . import registration

    registration.register()


class _Waiting(MetaPathFinder):
    """Finds Gymnasium as the other finders do, and has the environments registered behind it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "gymnasium":
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next((found for finder in others if (found := finder.find_spec(fullname, path, target))), None)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = _followed(spec.loader, self)  # type: ignore[method-assign, assignment]
        return spec


def _followed(loader: Loader, waiting: _Waiting) -> Callable[[ModuleType], None]:
    """The loading of Gymnasium, and behind it the registration."""
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        if waiting in sys.meta_path:
            sys.meta_path.remove(waiting)
        _register()

    return exec_module
