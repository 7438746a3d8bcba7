"""The tutorials run as notebooks, in a real Jupyter kernel, and what a notebook shows is fit to be seen."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TUTORIALS = sorted((ROOT / "docs/tutorial").glob("*.md"))
CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.DOTALL | re.MULTILINE)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of Jupyter's own parts among each other
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
nbformat = pytest.importorskip("nbformat", reason="nbclient and ipykernel, of the dev install, run the notebooks")
nbclient = pytest.importorskip("nbclient", reason="nbclient and ipykernel, of the dev install, run the notebooks")
pytest.importorskip("ipykernel", reason="nbclient and ipykernel, of the dev install, run the notebooks")


def executed(cells, tmp_path):
    """A notebook of these cells after it ran; a cell that raises ends it."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(book, timeout=180, resources={"metadata": {"path": str(tmp_path)}}).execute()
    return book


def outputs(cell):
    """What stands below a cell, of each kind: its text, its html, its pictures."""
    shown = {}
    for output in cell.outputs:
        for kind, content in output.get("data", {"text/plain": output.get("text", "")}).items():
            shown[kind] = shown.get(kind, "") + content
    return shown


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_runs_as_a_notebook(page, tmp_path):
    cells = CELL.findall(page.read_text(encoding="utf-8"))
    book = executed(cells, tmp_path)
    shown = [outputs(cell) for cell in book.cells]
    text = " ".join(part.get("text/plain", "") for part in shown)
    assert len(cells) >= 4 and text
    assert not any(output.get("name") == "stderr" for cell in book.cells for output in cell.outputs), text


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What a kernel shows of a run, an agent, a task, a fit, and while it simulates; and what Tab offers."""
    cells = [
        "import habenula_rl as hrl\nfrom habenula_rl.agents import QLearning\ntask = hrl.tasks.ReversalLearning()",
        "run = hrl.simulate(QLearning(), task, n_subjects=4, n_trials=60)\nrun",
        "hrl.HabenulaAgent(growth=0.2)",
        "hrl.tasks.ShuttleBox(max_shock_s=10.0)",
        "hrl.fit(QLearning, run.trials, task)",
        "from habenula_rl.computing import shown\nshown.SHOWN_AFTER_S = 0\n"
        "done = hrl.simulate(QLearning(), task, n_subjects=40, n_trials=60, chunk=1, threads=1)",
        "hrl.fit(QLearning, run.trials, task)",
        "run.plot()",
        *(
            "from IPython.core.completer import provisionalcompleter\nwith provisionalcompleter():\n"
            f"    print([one.text for one in get_ipython().Completer.completions('{text}', {len(text)})])"
            for text in ("hrl.", "hrl.tasks.")
        ),
    ]
    return executed(cells, tmp_path_factory.mktemp("kernel")).cells[1:]


def test_runs_agents_tasks_and_fits_are_shown_in_short(shown):
    run, agent, task, fit = (outputs(cell) for cell in shown[:4])
    assert all(0 < len(part["text/plain"]) < 600 for part in (run, agent, task, fit))
    assert "table" in run["text/html"] and "growth" in agent["text/html"]
    rows = re.findall(r"<tr.*?</tr>", agent["text/html"], re.DOTALL)
    assert "growth" in "".join(rows[:2])  # what is not as by default comes first
    assert "max_shock_s" in task["text/html"] and "learning_rate" in fit["text/html"]


def test_a_long_simulation_has_a_progress_bar(shown):
    for cell, what in ((shown[4], "simulate"), (shown[5], "fit")):
        said = "".join(str(output) for output in cell.outputs)
        assert what in said or "widget" in said, said
        assert "IProgress" not in said


def test_a_figure_is_seen_without_pyplot(shown):
    assert "image/png" in outputs(shown[6])


def test_tab_offers_what_is_public_and_nothing_else(shown):
    package, tasks = (outputs(cell)["text/plain"] for cell in shown[7:9])
    assert "simulate" in package and "ShuttleBox" in tasks
    for name in ("importlib", "TYPE_CHECKING", "annotations", "import_hook"):
        assert f".{name}'" not in package + tasks and f" {name}'" not in package + tasks
