"""Documents say what the code has."""

import re
from pathlib import Path

import pytest

from habenula_rl.cli import pages
from habenula_rl.tasks import TASKS

ROOT = Path(__file__).parents[2]

DOCS = ROOT / "docs"
PAGES = {path: path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}
MADE = [path for path, document in PAGES.items() if pages.BLOCK.search(document)]


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.stem)
def test_parameter_tables_are_those_of_the_code(path):
    command = f"python -m habenula_rl.cli.pages {path.relative_to(ROOT)}"
    assert pages.renewed(PAGES[path]) == PAGES[path], f"renew them with: {command}"


def test_every_agent_task_and_intervention_is_documented():
    document = "".join(PAGES[path] for path in MADE)
    for name, kind in pages.declared().items():
        if name != "Vehicle":  # has nothing but a time
            assert pages.parameter_table(kind) in document


def test_every_task_has_readouts_and_every_readout_stands_on_its_page():
    document = PAGES[DOCS / "reference/readouts.md"]
    table = dict(re.findall(r"^\| (\w+) \| (`.*`) \|$", document, re.MULTILINE))
    assert set(table) == {name for name, task in TASKS.items() if task.__module__.startswith("habenula_rl")}
    assert {*re.findall(r"`(\w+)`", " ".join(table.values()))} <= {*pages.readouts()}
    assert {name for name in pages.readouts() if f"`{name}(" in document} == {*pages.readouts()}


@pytest.mark.parametrize("page", ["tasks.md", "environments.md"])
def test_results_that_a_page_announces_are_there(page):
    document = PAGES[DOCS / "reference" / page]
    [results] = re.findall(r"<!-- results: begin -->(.*?)<!-- results: end -->", document, re.DOTALL)
    assert len(results.strip().splitlines()) > 5


@pytest.mark.parametrize("text", ["δ = 1    V = 2\n    in words", "δ = 1\n    V = 2 in words"])
def test_equations_keep_their_lines(text):
    assert pages._lines(text) == "δ = 1\\\nV = 2 in words"


@pytest.mark.parametrize("kind", pages.declared().values())
def test_every_parameter_says_what_it_is(kind):
    for name, field in kind.fields().items():
        assert field.metadata["doc"], name
        assert field.metadata["unit"], name
        assert field.metadata["source"], name
        assert field.metadata["low"] < field.metadata["high"], name
