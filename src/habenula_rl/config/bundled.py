"""Where the studies are that the package brings, and which file it is that runs under a name."""

from __future__ import annotations

from pathlib import Path


def bundled(folder: str) -> Path:
    """The package's `configs` or `experiments`: inside an installed wheel, or else in the repository."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_bundled" / folder
    return inside if inside.is_dir() else package.parents[1] / folder


def is_bundled(path: Path) -> bool:
    """Whether the file is one of the package's own configs or experiments, by whatever way it was found."""
    return path.resolve().parent in (bundled("configs").resolve(), bundled("experiments").resolve())


def instead_of(path: Path, folder: str, file: str) -> str:
    """ "in place of the package's own configs/wu2021.yaml" where the package brings that file and `path` is another.

    Empty where the file is the package's, or where it brings none of this name.
    """
    brought = (bundled(folder) / file).is_file() and not is_bundled(path)
    return f"in place of the package's own {folder}/{file}" if brought else ""
