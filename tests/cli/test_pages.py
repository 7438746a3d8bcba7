"""Documents say what the code has."""

import re
from pathlib import Path

import pytest

from habenula_rl.agents import AGENTS
from habenula_rl.analysis.readouts import READOUTS
from habenula_rl.cli import pages
from habenula_rl.config import schema
from habenula_rl.interventions import INTERVENTIONS
from habenula_rl.tasks import TASKS

ROOT = Path(__file__).parents[2]
PAGES = pages.pages_with_tables(ROOT / "docs")
REGISTRIES = (AGENTS, TASKS, INTERVENTIONS, READOUTS)


def listed():
    """The names of all that has a chapter on some page."""
    return {*re.findall(r"^###? (\w+)$", "".join(page.read_text("utf-8") for page in PAGES), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_stands_on_a_page_is_what_the_code_says(page, monkeypatch):
    """What is registered and on no page yet comes there with `make docs-tables`; what is there has to be right."""
    for known in REGISTRIES:
        for name in {*known} - listed():
            monkeypatch.delitem(known, name)
    document = page.read_text(encoding="utf-8")
    assert pages.renewed(document) == document, "renew it with: make docs-tables"


def test_every_page_with_tables_is_found():
    assert {page.stem for page in PAGES} >= {"model", "tasks", "agents", "pharmacology", "readouts"}


def test_pages_list_all_that_is_registered():
    missing = {name for known in REGISTRIES for name in known} - listed()
    if missing:
        pytest.skip(f"not on the pages of docs/ yet: {', '.join(sorted(missing))}; run make docs-tables")


def test_tables_that_are_made_anew_hold_all_that_is_registered():
    made = "".join(pages.renewed(page.read_text(encoding="utf-8")) for page in PAGES)
    assert all(pages.parameter_table(kind) in made for kind in pages.declared().values())
    assert all(f"`{pages.call(readout)}`" in made for readout in pages.readouts().values())


def test_readouts_by_task_follow_from_what_each_readout_says():
    table = dict(re.findall(r"^\| (.+) \| (`.*`) \|$", pages.readouts_by_task(), re.MULTILINE))
    named = {task: set(re.findall(r"`(\w+)`", names)) for task, names in table.items()}
    assert [*table] == [*TASKS, pages.ANY] and set().union(*named.values()) == {*pages.readouts()}
    assert named["ApproachAvoidance"] == {"approach", "approach_index"}
    assert named["ReversalLearning"] == {"reversals", "stages", "best_choices", "stay_shift"}
    assert named[pages.ANY] == {"peri_event", "course", "at_rest", "value_bias"}


def test_one_command_renews_every_page_and_the_schema(tmp_path, monkeypatch):
    for page in ("docs/deep/tasks.md", "docs/agents.md"):
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text(f"<!-- catalogue: {Path(page).stem} -->\n<!-- end -->\n", encoding="utf-8")
    (tmp_path / "configs").mkdir()
    monkeypatch.chdir(tmp_path)
    pages.main([])
    assert "\n## Bandit\n" in Path("docs/deep/tasks.md").read_text(encoding="utf-8")
    assert "\n## QLearning\n" in Path("docs/agents.md").read_text(encoding="utf-8")
    assert Path("configs", schema.SCHEMA_FILE).read_text(encoding="utf-8") == schema.schema_text()


@pytest.mark.parametrize("page", ["tasks.md", "environments.md"])
def test_results_that_a_page_announces_are_there(page):
    document = (ROOT / "docs/reference" / page).read_text(encoding="utf-8")
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
