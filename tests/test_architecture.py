"""Imports follow the arrows: each part of the package may import only what stands below it."""

import ast
from pathlib import Path

import pytest

import habenula_rl

PACKAGE = Path(habenula_rl.__file__).parent
COMPILER = {"compiler", "errors"}
BASE = {"contract", "randomness"}
RULES = {"circuit", "agents", "tasks", "interventions"}
TABLES = {"readouts", "statistics", "summary"}  # they know numpy and pandas, and of ours nothing that simulates
ALLOWED = {
    "errors": set(),
    "compiler": {"errors"},
    "definition": COMPILER,
    "shape": {"errors"},
    "contract": COMPILER | {"definition"},
    "randomness": set(),
    "files": set(),
    "circuit": set(),
    "pharmacology": set(),
    "agents": {"contract", "circuit"},
    "tasks": BASE | {"canvas", "colours", "shape"},
    "canvas": set(),
    "colours": set(),
    "environments": {"contract"},
    "watching": {"canvas", "colours", "contract", "environments"},
    "interventions": BASE | {"agents", "circuit", "pharmacology"},
    "binning": {"contract", "environments"},
    "engine": BASE
    | COMPILER
    | {"binning", "environments", "files", "shape"},  # an agent's and a task's shape, none itself
    "fitting": BASE | COMPILER | {"engine", "shape", "readouts"},  # of readouts how a user's table is named
    "neurons": BASE | {"circuit", "compiler", "engine"},
    "readouts": {"contract", "tasks"},  # what actions and states are called
    "statistics": set(),
    "summary": {"statistics"},
    "figures": TABLES | {"colours"},
    "config": BASE | RULES | COMPILER | {"engine", "registry", "shape"},
    "experiment": BASE | RULES | COMPILER | {"config", "engine", "figures", "files", "shape", "summary"},
    "findings": BASE | RULES | TABLES | {"config", "engine", "experiment", "neurons", "pharmacology"},
    "registry": {"definition", "contract", "agents", "tasks"},
    "_gymnasium_hook": {"tasks"},
    "cli": BASE | RULES | COMPILER | {"config", "experiment", "files", "findings", "readouts", "shape", "__init__"},
    "__main__": {"cli"},
}
HEAVY = {"numba", "pandas", "pyarrow", "matplotlib", "seaborn", "gymnasium", "scipy"}


def imports(path):
    """(part of the package, module of ours that it imports), wherever in the file the import stands."""
    here = ("habenula_rl", *path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = list(here[: len(here) - node.level]) if node.level else []
            full = base + (node.module.split(".") if node.module else [])
            if full[:1] == ["habenula_rl"]:
                yield from ([full[1]] if len(full) > 1 else [alias.name for alias in node.names])
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("habenula_rl."))


FILES = [p for p in PACKAGE.rglob("*.py") if "_bundled" not in p.parts and p != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_follow_the_arrows(path):
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    known = {p.name.removesuffix(".py") for p in PACKAGE.iterdir()}
    reached = {name if name in known else "__init__" for name in imports(path)} - {part}
    assert reached <= ALLOWED[part], f"{part} may not import {sorted(reached - ALLOWED[part])}"


def test_nothing_heavy_is_imported_at_the_top_of_the_light_modules():
    for part in ("contract.py", "randomness.py", "interventions", "cli", "circuit", "agents"):
        place = PACKAGE / part
        for path in [place] if place.is_file() else place.rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                assert HEAVY.isdisjoint(name.partition(".")[0] for name in names), path
