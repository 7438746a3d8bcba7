"""Imports follow the arrows: each part of the package may import only what stands below it."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

import habenula_rl

PACKAGE = Path(habenula_rl.__file__).parent
BASE = {"contract", "cores", "randomness", "compiler", "computing", "errors"}
RULES = {"circuit", "agents", "tasks", "interventions"}
ALLOWED = {
    "errors": set(),
    "cores": set(),
    "files": set(),
    "randomness": set(),
    "computing": {"errors", "imported_at"},
    "imported_at": set(),
    "circuit": set(),
    "pharmacology": set(),
    "compiler": {"errors"},
    "contract": {"compiler", "errors"},
    "agents": {"contract", "circuit"},
    "tasks": {"contract", "randomness"},
    "interventions": {"contract", "agents", "circuit", "pharmacology"},
    "neurons": BASE | {"circuit"},
    "registry": {"contract", "agents", "tasks", "environments"},
    "analysis": {"contract", "tasks"},  # what actions and states are called
    "figures": {"analysis"},
    "engine": BASE | {"files", "analysis", "figures"},  # a run's summary and its plot
    "environments": BASE | {"engine", "tasks", "figures"},  # of figures the palette
    "fitting": BASE | {"engine", "analysis"},  # of readouts how a user's table is named
    "config": BASE | RULES | {"engine", "environments", "registry"},
    "experiment": BASE | {"interventions", "config", "engine", "environments", "figures", "files", "analysis"},
    "findings": BASE
    | {"agents", "analysis", "circuit", "config", "engine", "experiment", "figures", "files", "registry"}
    | {"interventions", "tasks"},  # what the falsifiers are simulated with
    "report": RULES | {"config", "experiment", "files", "findings", "figures", "analysis"},
    "explorer": RULES
    | {"analysis", "circuit", "config", "contract", "environments", "experiment", "figures", "neurons", "pharmacology"},
    "cli": BASE
    | RULES
    | {"config", "environments", "experiment", "explorer", "figures", "files", "findings", "fitting", "analysis"}
    | {"report"}
    | {"__init__"},
    "__main__": {"cli"},
}
ROOT = {
    "__init__",
    "__main__",
    "cores",
    "registry",
    "errors",
    "files",
    "imported_at",
}  # the only modules that may stand in no folder
DOCS = Path(__file__).parents[1] / "docs"
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
    for part in ("contract", "randomness", "interventions", "cli", "circuit", "agents"):
        place = PACKAGE / part
        for path in [place] if place.is_file() else place.rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                assert HEAVY.isdisjoint(name.partition(".")[0] for name in names), path


def test_no_module_stands_in_no_folder():
    assert {path.stem for path in PACKAGE.glob("*.py")} <= ROOT


def test_every_folder_says_what_lives_there():
    for path in FILES:
        if path.name == "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_the_table_of_arrows_has_no_circle():
    done: set[str] = set()
    while left := ALLOWED.keys() - done:
        free = {part for part in left if ALLOWED[part] - {"__init__"} <= done}
        assert free, f"a circle among {sorted(left)}"
        done |= free


def test_the_page_has_every_part_above_those_that_import_it():
    page = (DOCS / "explanation/architecture.md").read_text(encoding="utf-8")
    order = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(order) == sorted(ALLOWED.keys() - {"__main__"})
    for k, part in enumerate(order):
        assert ALLOWED[part] - {"__init__"} <= {*order[:k]}, f"{part} stands above what it imports"


def test_what_the_page_says_to_begin_with_is_there():
    page = (DOCS / "explanation/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", page, re.MULTILINE)
    assert all((PACKAGE / part / name).exists() for part, begin in rows for name in re.findall(r"`(.+?)`", begin))


def test_the_plan_is_of_folders_and_classes_that_are_there(tmp_path):
    spec = importlib.util.spec_from_file_location("architecture", DOCS / "examples/architecture.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.main(tmp_path)
    assert (tmp_path / "architecture.svg").stat().st_size > 10_000
    for *_, parts, text in script.BOXES.values():
        folders = [PACKAGE / part.replace(".", "/") for part in parts.split(", ") if part]
        assert all(folder.is_dir() for folder in folders), parts
        code = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py"))
        for name in re.findall(r"\b([A-Z][a-z]\w+):", text):
            assert not folders or f"class {name}" in code, f"{parts} has no {name}"


def named(path):
    """A file's name as a module."""
    parts = ("habenula_rl", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {named(path): path for path in [*FILES, PACKAGE / "__init__.py"]}


def modules_imported(name):
    """The package's modules that one imports, wherever in the file, for types only too."""
    package = name.split(".") if MODULES[name].name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            parts = [f"{source}.{alias.name}" for alias in node.names]
            yield from (part if part in MODULES else source for part in parts)


def test_no_two_modules_import_each_other_in_a_circle():
    graph = {name: set(modules_imported(name)) & MODULES.keys() - {name} for name in MODULES}
    assert graph["habenula_rl.engine.streaming"] >= {"habenula_rl.engine.tables", "habenula_rl.files"}
    while free := {name for name, reached in graph.items() if not reached & graph.keys()}:
        graph = {name: reached for name, reached in graph.items() if name not in free}
    while ends := graph.keys() - set().union(*graph.values()):  # what only leads into a circle
        graph = {name: reached for name, reached in graph.items() if name not in ends}
    circles = {name: sorted(reached & graph.keys()) for name, reached in graph.items()}
    assert not graph, f"modules import each other in a circle: {circles}"


@pytest.mark.parametrize("part", ["compiler", "engine"])
def test_each_module_of_the_compiler_and_the_engine_has_tests_under_its_own_name(part):
    for path in (PACKAGE / part).rglob("*.py"):
        if path.name != "__init__.py":
            tests = Path(__file__).parent / path.relative_to(PACKAGE).with_name(f"test_{path.name}")
            assert tests.is_file(), f"{path.relative_to(PACKAGE)} needs {tests.name}"
