"""The agent, task, intervention and study of CONTRIBUTING.md, in a copy of the package, work as the page says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = re.findall(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
LAST_IMPORT = re.compile(r"(.*^from \.[^\n]*(?: import [^(\n]*|\(.*?^\))\n)", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The package, with the page's files in it and the page's lines below the imports of theirs."""
    copy = tmp_path_factory.mktemp("house")
    for folder in ("src", "configs", "experiments"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tests").mkdir()
    for name in ("conftest.py", "test_contracts.py"):
        shutil.copy(ROOT / "tests" / name, copy / "tests")
    for name, text in FILES:
        path = copy / name
        if path.exists():
            known = path.read_text(encoding="utf-8")
            text = LAST_IMPORT.sub(lambda found, line=text: found[1] + line, known, count=1)
            assert text != known
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return copy


def ran(house, *command):
    """What a command prints, with the copy's package."""
    environment = os.environ | {"PYTHONPATH": str(house / "src")}
    done = subprocess.run([sys.executable, *command], cwd=house, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_has_a_file_for_each_and_a_line_that_registers_it():
    assert [Path(name).name for name, _ in FILES] == [
        "repeater.py",
        "__init__.py",
        "test_repeater.py",
        "nose_poke.py",
        "__init__.py",
        "chemogenetics.py",
        "__init__.py",
        "habit.yaml",
        "habit.py",
    ]
    assert all(len(text.splitlines()) == 1 for name, text in FILES if name.endswith("__init__.py"))


def test_what_is_registered_is_listed_and_described(house):
    assert {"Repeater", "NosePoke", "habit"} <= set(ran(house, "-m", "habenula_rl", "list").split())
    assert "how fast a habit grows" in ran(house, "-m", "habenula_rl", "describe", "Repeater")
    assert "habenula_rl/NosePoke-v0" in ran(house, "-m", "habenula_rl", "describe", "NosePoke")


def test_the_agents_test_passes(house):
    assert "2 passed" in ran(house, "-m", "pytest", "-q", "-n", "0", "tests/agents/test_repeater.py")


def test_the_intervention_silences_by_hand(house):
    """60 % at first, 2 hours half-life: after 2 hours 1 - 0.6/2 = 0.7 of the output is left."""
    script = """
import habenula_rl as hrl
from habenula_rl.interventions import ChemogeneticInhibition
print(ChemogeneticInhibition(hours_before=2.0)(hrl.HabenulaAgent()).habenula_output)
print(hrl.interventions.INTERVENTIONS["chemogenetic_inhibition"] is ChemogeneticInhibition)
"""
    output, named = ran(house, "-c", script).split()
    assert float(output) == pytest.approx(0.7) and named == "True"


def test_the_study_runs_and_shows_what_it_predicts(house):
    ran(house, "-m", "habenula_rl", "run", "habit", "--out", "results")
    [folder] = (house / "results" / "habit").iterdir()
    assert (folder / "figures" / "habit.png").exists()
    rows = [line.split(",") for line in (folder / "summary.csv").read_text(encoding="utf-8").splitlines()]
    column = {name: k for k, name in enumerate(rows[0])}
    groups = [row for row in rows if row[column["level"]] == "group"]
    pokes = {(row[column["group"]], row[column["phase"]]): float(row[column["value"]]) for row in groups}
    assert pokes["values", "paid"] - pokes["values", "unpaid"] > 10.0
    assert abs(pokes["habits", "paid"] - pokes["habits", "unpaid"]) < 10.0


def test_the_studys_claim_is_judged(house):
    """Criterion by criterion: id, claim, statistic, expected, margin, verdict."""
    ran(house, "-m", "habenula_rl", "check", "habit", "--subjects", "20", "--out", "verdicts.md")
    [row] = [line for line in (house / "verdicts.md").read_text(encoding="utf-8").splitlines() if "habit/" in line]
    assert row.startswith("| habit/extinction | pokes that are no longer paid become rare |") and row.endswith(
        "| pass |"
    )


@pytest.mark.slow
def test_the_contracts_hold_for_the_new_agent_and_task(house):
    output = ran(house, "-m", "pytest", "-q", "-n", "0", "tests/test_contracts.py", "-k", "Repeater or NosePoke")
    assert int(re.search(r"(\d+) passed", output)[1]) > 30
