"""Documents say what the code has."""

from pathlib import Path

import pytest

from habenula_rl import describe

ROOT = Path(__file__).parents[1]


PAGES = ("model.md", "tasks.md", "agents.md", "pharmacology.md")


@pytest.mark.parametrize("name", PAGES)
def test_parameter_tables_are_those_of_the_code(name):
    document = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert describe.renewed(document) == document, f"renew them with: python -m habenula_rl.describe docs/{name}"


def test_every_agent_task_and_intervention_is_documented():
    document = "".join((ROOT / "docs" / page).read_text(encoding="utf-8") for page in PAGES)
    for name, kind in describe.declared().items():
        if name != "Vehicle":  # has nothing but a time
            assert describe.parameter_table(kind) in document


@pytest.mark.parametrize("kind", describe.declared().values())
def test_every_parameter_says_what_it_is(kind):
    for name, field in kind.fields().items():
        assert field.metadata["doc"], name
        assert field.metadata["unit"], name
        assert field.metadata["source"], name
        assert field.metadata["low"] < field.metadata["high"], name
