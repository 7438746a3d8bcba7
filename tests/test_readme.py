"""The Python in README and docs runs as it stands."""

import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl import tasks
from habenula_rl.agents import AGENTS
from habenula_rl.agents.habenula import bursts_at
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.interventions import INTERVENTIONS

ROOT = Path(__file__).parents[1]
PAGES = {
    "README.md": 3,
    "docs/how-to/export_and_cite.md": 1,
    "docs/how-to/stepping.md": 5,
    "docs/how-to/fit_your_data.md": 7,
    "docs/how-to/likelihood.md": 2,
    "docs/reference/readouts.md": 3,
}  # with how many examples
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)
CELL = re.compile(r"```\{code-cell\} ipython3\n(.*?)```", re.DOTALL)  # of a page that is a notebook
BLOCKS = [
    pytest.param(block, id=f"{page} {k}")
    for page in PAGES
    for k, block in enumerate(FENCED.findall((ROOT / page).read_text(encoding="utf-8")), 1)
]


@pytest.mark.filterwarnings("ignore:.* responses are missing")
@pytest.mark.parametrize("block", BLOCKS)
def test_python_in_the_pages_runs(block, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "example.py"
    path.write_text(block, encoding="utf-8")
    exec(compile(block, str(path), "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


def test_the_page_on_an_own_agent_runs_from_top_to_bottom(tmp_path, capsys):
    """And its agent is as short as the page says."""
    page = (ROOT / "docs/how-to/own_agent.md").read_text(encoding="utf-8")
    blocks = FENCED.findall(page)
    said = int(re.search(r"has (\d+) lines of code", page)[1])
    assert said == sum(bool(line.strip()) for line in blocks[0].splitlines()) <= 25
    path = tmp_path / "example.py"
    path.write_text("\n".join(blocks), encoding="utf-8")
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"__name__": "__main__"})
    told = capsys.readouterr().out
    assert int(re.search(r"goal reached in (\d+) of the last 100", told)[1]) > 90
    found = re.search(r"'alpha': \S*?(0\.\d+)\D.*?'beta': \S*?(\d\.\d+)", told)
    assert abs(float(found[1]) - 0.3) < 0.05 and abs(float(found[2]) - 4.0) < 0.4


def test_the_page_on_an_own_task_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    """And its task is as short as the page says, is an environment, and goes into a config."""
    page = (ROOT / "docs/how-to/own_task.md").read_text(encoding="utf-8")
    blocks = FENCED.findall(page)
    said = int(re.search(r"has (\d+) lines of code", page)[1])
    assert said == sum(bool(line.strip()) for line in blocks[0].splitlines()) <= 40
    monkeypatch.chdir(tmp_path)
    Path("foraging.py").write_text(blocks[0], encoding="utf-8")
    Path("foraging.yaml").write_text(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1], encoding="utf-8")
    Path("example.py").write_text("\n".join(blocks), encoding="utf-8")
    try:
        exec(compile(Path("example.py").read_text(encoding="utf-8"), "example.py", "exec"), {"__name__": "__main__"})
        told = capsys.readouterr().out
        healthy, helpless = (float(n) for n in re.findall(r"hyperactivity \d: (\S+) harvests", told))
        assert healthy > helpless + 1.0 and "tree 1.0 1.0" in told
        trials = load_trials(hrl.run("foraging.yaml", subjects=3))
        walks = trials[trials.terminated].groupby(["phase", "subject", "trial"], observed=True).size()
        assert walks["near"].sum() > walks["far"].sum() > 0 and set(trials.group) == {"healthy", "helpless"}
    finally:
        tasks.TASKS.pop("Foraging", None)


def test_the_page_from_channel_to_behaviour_runs_from_top_to_bottom(capsys):
    page = (ROOT / "docs/tutorial/from_channel_to_behaviour.md").read_text(encoding="utf-8")
    exec(compile("\n".join(CELL.findall(page)), "example.py", "exec"), {"__name__": "__main__"})
    told = capsys.readouterr().out
    untreated, treated = (float(share) for share in re.findall(r"failed trials: (\S+)", told))
    assert untreated > 0.5 > 0.1 > treated
    assert 0.1 < float(re.search(r"an hour later: (\S+)", told)[1]) < 0.6


NUMBERS = {12: "Twelve", 13: "Thirteen", 19: "Nineteen", 20: "Twenty", 30: "Thirty", 31: "Thirty-one"}  # in prose


def test_the_counts_in_readme_are_what_is_registered():
    """And the bursts of the helpless agent, and the lines that the first page says an agent and a task have."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    agents, paradigms, interventions = (  # the package's own: another page's code may have added one
        sum(kind.__module__.startswith("habenula_rl.") for kind in kinds.values())
        for kinds in (AGENTS, tasks.TASKS, INTERVENTIONS)
    )
    counted = {"rival agents": agents - 1, "paradigms": paradigms, "interventions": interventions}
    for what, n in counted.items():
        assert f"{NUMBERS.get(n, n)} {what}" in readme
    bursts = bursts_at(hrl.HabenulaAgent(hyperactivity=1.0), SimpleNamespace(hyperactivity=1.0), 0.0)
    assert f"# {bursts:.0%} of the habenula's neurons burst at rest".replace("%", " %") in readme
    first = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    for page in ("own_agent", "own_task"):
        said = re.search(r"has (\d+) lines of code", (ROOT / f"docs/how-to/{page}.md").read_text(encoding="utf-8"))[1]
        assert f"(how-to/{page}.md): {said} lines" in first


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed: there is no Rscript on the path")
def test_the_lines_in_r_run_and_find_the_size_of_the_effect_that_the_study_does(tmp_path, monkeypatch):
    """Behind the page's Python, which writes the trials. R is an oracle for the partial η²."""
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/how-to/export_and_cite.md").read_text(encoding="utf-8")
    exec(compile(FENCED.findall(page)[0], "example.py", "exec"), {"__name__": "__main__"})
    (folder,) = Path("results/wu2021").iterdir()
    Path("example.R").write_text(re.search(r"```r\n(.*?)```", page, re.DOTALL)[1].replace("HASH", folder.name), "utf-8")
    done = subprocess.run(["Rscript", "--vanilla", "example.R"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(folder / "summary.csv")
    ours = table.loc[table["measure"] == "failures_eta_squared", "value"].item()
    assert float(re.search(r"partial eta squared (\S+)", done.stdout)[1]) == pytest.approx(ours, abs=6e-4)
    steps = load_trials(folder).groupby("phase", observed=True).size()
    assert {
        name: int(n) for name, n in re.findall(r"^\d+ +(\w+) +(\d+)$", done.stdout, re.MULTILINE)
    } == steps.to_dict()


def test_there_are_examples():
    assert len(BLOCKS) == sum(PAGES.values())
