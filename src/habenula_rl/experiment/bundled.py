"""Where the studies are that the package brings."""

from __future__ import annotations

from pathlib import Path


def bundled(folder: str) -> Path:
    """The package's `configs` or `experiments`: inside an installed wheel, or else in the repository."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_bundled" / folder
    return inside if inside.is_dir() else package.parents[1] / folder
