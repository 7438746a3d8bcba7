"""`habenula fit` and `habenula recover`: tables in a folder, and refusals with file and line."""

import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import QLearning
from habenula_rl.cli import commands as cli
from habenula_rl.cli.fits import Fitting, read_fit_config
from habenula_rl.config.problems import ConfigError
from habenula_rl.fitting import kept
from habenula_rl.fitting.examples import EXAMPLES
from habenula_rl.fitting.prepared import Prepared

CONFIG = """\
data: choices.csv
columns: {subject: who, action: arm, outcome: points}
outcomes: [0, 1]
task: ReversalLearning
models:
  - QLearning
  - {agent: QLearning, kernel: true, name: kernel}
method: em
"""


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    task = hrl.tasks.ReversalLearning()
    trials = hrl.simulate(QLearning(learning_rate=0.4), task, n_subjects=15, n_trials=80, seed=2).trials
    names = {"subject": "who", "action": "arm", "outcome": "points"}
    trials[["subject", "trial", "state", "action", "outcome"]].rename(columns=names).to_csv("choices.csv", index=False)
    Path("people.yaml").write_text(CONFIG, encoding="utf-8")


def habenula(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["habenula", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def test_fit_writes_tables_and_compares(monkeypatch, capsys):
    assert habenula(monkeypatch, "fit", "people.yaml") == 0
    said = capsys.readouterr().out
    assert "<Fit of QLearning by em: 15 subjects, 1200 choices" in said and "chance" in said
    table = pd.read_csv("results/people/QLearning_table.csv")
    assert len(table) == 30 and set(table["parameter"]) == {"learning_rate", "beta"}
    assert pd.read_csv("results/people/comparison.csv")["model"].tolist()[-1] == "chance"
    assert {p.name for p in Path("results/people").iterdir()} >= {
        "kernel_group.csv",
        "kernel_subjects.csv",
        "kernel_priors.csv",
        "kernel_correlation.png",
    }


def test_covariates_are_drawn(monkeypatch):
    choices = pd.read_csv("choices.csv")
    choices.assign(shaps=choices["who"] * 7 % 11).to_csv("choices.csv", index=False)
    Path("people.yaml").write_text(
        CONFIG.replace("  - {agent: QLearning, kernel: true, name: kernel}\n", "") + "covariates: [shaps]\n"
    )
    assert habenula(monkeypatch, "fit", "people.yaml") == 0
    drawn = {path.name: path.read_bytes()[:4] for path in Path("results/people").glob("*.png")}
    names = {"QLearning_correlation.png", "QLearning_effects.png", "QLearning_shaps.png"}
    assert drawn.keys() == names and {*drawn.values()} == {b"\x89PNG"}


@pytest.mark.filterwarnings("ignore:not recovered")
def test_recover_writes_what_can_be_known(monkeypatch, capsys):
    Path("people.yaml").write_text(CONFIG.replace("  - {agent: QLearning, kernel: true, name: kernel}\n", ""))
    assert habenula(monkeypatch, "recover", "people.yaml", "--out", "there") == 0
    said = capsys.readouterr().out
    assert "<Identifiability of QLearning in 80 trials of ReversalLearning" in said and "<Recovery of QLearning" in said
    assert pd.read_csv("there/people/QLearning_recovery_summary.csv")["parameter"].tolist() == ["learning_rate", "beta"]
    assert Path("there/people/QLearning_recovery.png").exists() and not Path("there/people/confusion.csv").exists()


@pytest.mark.filterwarnings("ignore:not recovered")
def test_recover_of_two_models_says_which_is_mistaken_for_which(monkeypatch, capsys):
    assert habenula(monkeypatch, "recover", "people.yaml") == 0
    table = pd.read_csv("results/people/confusion.csv", index_col="simulated")
    assert table.index.tolist() == ["QLearning", "kernel"] and table.sum(axis=1).round(9).eq(1.0).all()
    assert Path("results/people/confusion.png").exists() and "which model is chosen" in capsys.readouterr().out


EXAMPLE_CONFIGS = {
    "reversal_hbayesdm": "task: ReversalLearning",
    "reversal_scores": """columns: {subject: participant, action: key, outcome: points}
actions: [f, j]
outcomes: [0, 10]
task: {name: ReversalLearning, reward: 10}
covariates: [anhedonia]""",
    "reversal_sessions": """actions: [left, right]
reset: session
task: ReversalLearning""",
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:not recovered")
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_fitted_and_recovered_from_a_shell(name, monkeypatch, capsys):
    """No table of theirs has a column `state`: the arms are the one state of the task in which something is chosen."""
    Path("people.yaml").write_text(f"data: {name}\n{EXAMPLE_CONFIGS[name]}\nmodels: [QLearning]\nmethod: em\n")
    assert habenula(monkeypatch, "fit", "people.yaml") == 0, capsys.readouterr().err
    assert habenula(monkeypatch, "recover", "people.yaml") == 0, capsys.readouterr().err
    found = pd.read_csv("results/people/QLearning_recovery_summary.csv")
    assert found["parameter"].tolist() == ["learning_rate", "beta"] and (found["r"] > 0.3).all()


def test_recover_with_conditions_is_refused_before_any_fit(monkeypatch, capsys):
    Path("people.yaml").write_text(CONFIG + "within: session\n")
    assert habenula(monkeypatch, "recover", "people.yaml") == 2
    assert "leave the key 'within' out of the config" in capsys.readouterr().err


def tables(folder):
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.csv")}


def test_a_fit_that_was_killed_goes_on_and_is_the_same_in_processes(monkeypatch, capsys):
    source = str(Path(hrl.__file__).parents[1])
    command = [sys.executable, "-m", "habenula_rl", "fit", "people.yaml"]
    first, second = (Path("results/people/kept") / f"fit_{name}.npz" for name in ("QLearning", "kernel"))
    killed = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": source}, stderr=subprocess.DEVNULL)
    while not first.exists() and killed.poll() is None:
        time.sleep(0.005)
    killed.kill()
    killed.wait()
    assert first.exists() and not second.exists() and not Path("results/people/comparison.csv").exists()
    there = first.stat().st_mtime_ns
    assert habenula(monkeypatch, "fit", "people.yaml") == 0
    assert first.stat().st_mtime_ns == there and second.exists() and "1 of 2 were there" in capsys.readouterr().err
    assert habenula(monkeypatch, "fit", "people.yaml", "--workers", "2", "--out", "others") == 0
    assert len(tables("results/people")) == 9 and tables("results/people") == tables("others/people")
    Path("people.yaml").write_text(CONFIG + "seed: 3\n")  # another fit: nothing of the first is taken
    capsys.readouterr()
    assert habenula(monkeypatch, "fit", "people.yaml") == 0 and "were there" not in capsys.readouterr().err
    first.write_bytes(b"half")
    assert habenula(monkeypatch, "fit", "people.yaml") == 0


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:not recovered")
def test_on_dask_a_fit_and_a_recovery_are_the_same_to_the_byte(monkeypatch):
    """Both by the workers of a cluster of two processes, and both in this one: every table, and every figure."""
    pytest.importorskip("distributed")
    choices = pd.read_csv("choices.csv")
    choices[choices["who"] < 8].to_csv("choices.csv", index=False)
    for command in ("fit", "recover"):
        assert habenula(monkeypatch, command, "people.yaml") == 0
        assert habenula(monkeypatch, command, "people.yaml", "--dask", "local", "--workers", "2", "--out", "dask") == 0
    here, there = (
        {path.name: path.read_bytes() for path in Path(folder).glob("*.*")}
        for folder in ("results/people", "dask/people")
    )
    assert len(here) == 19 and here == there


def test_data_travel_with_the_work_so_that_a_worker_needs_no_file():
    work = Fitting(read_fit_config(Path("people.yaml")), 1)
    work.prepared("QLearning")
    Path("choices.csv").unlink()
    found = pickle.loads(pickle.dumps(work))("QLearning", lambda *what: None)
    assert len(found["posterior.modes"]) == 15


@pytest.mark.parametrize("method", ["mle", "map", "em"])
def test_what_a_search_found_and_a_recovery_come_back_from_arrays(method):
    task = hrl.tasks.ReversalLearning()
    trials = hrl.simulate(QLearning(), task, n_subjects=6, n_trials=40, seed=2).trials
    none = dict.fromkeys(("parameters", "priors", "groups", "covariates", "within"))
    made = Prepared(QLearning, trials, task, method, threads=1, reading={}, **none)
    found = made.found(2, 0)
    again = kept.found_of(kept.arrays_of(found))
    for part in ("table", "subjects", "group"):
        pd.testing.assert_frame_equal(getattr(made.fit(found), part), getattr(made.fit(again), part))
    assert repr(made.fit(found)) == repr(made.fit(again)) and made.fit(found).bic == made.fit(again).bic


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("method: em", "metod: em"), "people.yaml:8:1: unknown key 'metod', did you mean 'method'"),
        (("- QLearning", "- QLearnin"), "people.yaml:6:5: there is no agent 'QLearnin', did you mean 'QLearning'"),
        (("task: ReversalLearning", "task: Reversal"), "people.yaml:4:7: there is no task 'Reversal'"),
        (("name: kernel", "name: QLearning"), "models has 'QLearning' twice"),
        (("data: choices.csv", "data: choice.csv"), "choice.csv: there is no such file"),
        (("method: em", "method: emm"), "method must be 'mle', 'map' or 'em', not 'emm'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(monkeypatch, capsys, change, why):
    Path("people.yaml").write_text(CONFIG.replace(*change), encoding="utf-8")
    assert habenula(monkeypatch, "fit", "people.yaml") == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize("data", ["-5", "[a.csv, 3]", "{a: b}"])
def test_data_that_are_no_files_are_refused(data, tmp_path):
    config = tmp_path / "people.yaml"
    config.write_text(f"data: {data}\nmodels: [QLearning]\n")
    with pytest.raises(ConfigError, match="yaml:1:7: data must be the file of choices, or a list, not"):
        read_fit_config(config)
