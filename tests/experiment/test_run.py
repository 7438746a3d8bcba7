"""A run: the same bytes with any number of threads, killed or not, and no damaged number passed on."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from habenula_rl.cli.template import write_new
from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.experiment import study_file
from habenula_rl.experiment.recorded import load_subjects, load_trials
from habenula_rl.experiment.run import load_manifest, redraw, run
from habenula_rl.experiment.store import DamagedError, LockedError, Store
from habenula_rl.experiment.study_file import ExperimentError

STUDY = """\
study: small
seed: 3
groups:
  mice: {n: 300, parameters: {hyperactivity: {normal: {mean: 0, sd: 0.3}}}}
  rats: {n: 5}
phases:
  - {name: swim, groups: [rats], task: SucrosePreference, trials: 2}
  - {name: box, task: ShuttleBox, parameters: {max_shock_s: 5}, trials: 4}
"""
EXPERIMENT = """\
def summarise(trials):
    means = trials.groupby(["group", "phase"], observed=True)["outcome"].mean().rename("value").reset_index()
    return means.assign(level="group", measure="=outcome")

def figure(table):
    from matplotlib.figure import Figure
    drawn = Figure(figsize=(2, 2))
    drawn.add_subplot().plot(table["value"])
    return drawn
"""


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    """An empty folder to work in, with one config and its experiment."""
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    Path("experiments").mkdir()
    Path("configs/small.yaml").write_text(STUDY, encoding="utf-8")
    Path("experiments/small.py").write_text(EXPERIMENT, encoding="utf-8")


def hashes(folder):
    """What the tables' files hold: path in the folder to sha256."""
    files = [path for path in Path(folder).rglob("*") if path.suffix in (".parquet", ".csv")]
    sound = [path for path in files if "damaged" not in path.parts]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sound}


def told():
    """A progress function and the lines and numbers that it was given."""
    calls = []
    return calls, lambda done, total, line: calls.append((done, total, line))


def test_tables_do_not_depend_on_workers():
    one, two = run("small", "one", workers=1), run("small", "two", workers=2)
    assert one.name == two.name
    assert hashes(one) == hashes(two)
    assert set(hashes(one)) == {
        "summary.csv",
        "subjects.parquet",
        "units/mice-000000.parquet",
        "units/mice-000256.parquet",
        "units/rats-000000.parquet",
        "trials/mice-000000.parquet",
        "trials/mice-000256.parquet",
        "trials/rats-000000.parquet",
    }


def test_tables_hold_all_groups_phases_and_subjects():
    folder = run("small", workers=2)
    trials, subjects = load_trials(folder), load_subjects(folder)
    assert list(trials["group"].cat.categories) == ["mice", "rats"]
    assert list(trials["phase"].cat.categories) == ["swim", "box"]
    counts = trials[trials["phase"] == "box"].groupby("group", observed=True)["subject"].agg(["nunique", "max"])
    assert counts.to_numpy().tolist() == [[300, 299], [5, 4]]
    assert len(subjects) == 300 + 2 * 5
    boxed = trials[trials["phase"] == "box"].groupby(["group", "subject"], observed=True).size()
    assert boxed.to_numpy().tolist() == subjects[subjects["phase"] == "box"]["steps"].tolist()


def test_a_second_run_uses_what_is_there():
    folder = run("small")
    times = {path: path.stat().st_mtime_ns for path in folder.glob("trials/*")}
    calls, progress = told()
    assert run("small", progress=progress) == folder
    assert calls == [(305, 305, "")]
    assert times == {path: path.stat().st_mtime_ns for path in folder.glob("trials/*")}
    assert load_manifest(folder)["units"] == {"computed": 0, "reused": 3}


def test_progress_counts_subjects():
    calls, progress = told()
    run("small", workers=1, progress=progress)
    assert calls[0] == (0, 305, "")
    assert calls[-1] == (305, 305, "")
    assert [call[0] for call in calls] == sorted(call[0] for call in calls)


def test_damage_is_told_mended_and_kept_aside():
    folder = run("small")
    before = hashes(folder)
    path = folder / "trials/mice-000256.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    calls, progress = told()
    run("small", progress=progress)
    lines = [line for _, _, line in calls if line]
    assert lines == [f"mice-000256 was damaged: moved to {folder / 'damaged'}, computed again"]
    assert hashes(folder) == before
    assert (folder / "damaged/mice-000256.parquet").exists()
    assert load_manifest(folder)["units"] == {"computed": 1, "reused": 2}


def test_other_rules_make_other_tables(monkeypatch):
    from habenula_rl.interventions import Vehicle

    Path("configs/small.yaml").write_text(
        STUDY.replace("{n: 5}", "{n: 5, interventions: [vehicle: {}]}"), encoding="utf-8"
    )
    folder = run("small")
    monkeypatch.setattr(Vehicle, "factors", lambda self: {"nmda": 0.0})
    calls, progress = told()
    run("small", progress=progress)
    assert [line for _, _, line in calls if line] == ["rats-000000 was made by other rules or defaults: computed again"]
    assert load_manifest(folder)["units"] == {"computed": 1, "reused": 2}


def test_damage_is_never_read():
    folder = run("small")
    for name, load in (("trials/rats-000000.parquet", load_trials), ("subjects.parquet", load_subjects)):
        path = folder / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        with pytest.raises(DamagedError, match=f"{path.name} is damaged"):
            load(folder)


def test_the_folder_above_a_run_leads_to_it():
    folder = run("small", subjects=2)
    with pytest.raises(FileNotFoundError, match=f"did you mean '{folder}'"):
        load_trials("results")


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no finished run"):
        load_trials(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ValueError, match=r"manifest\.json is not readable"):
        load_trials(tmp_path)


def test_manifest_says_what_was_run():
    folder = run("small", seed=8, overrides=["groups.rats.n=6"], subjects=None)
    manifest = json.loads((folder / "manifest.json").read_text(), parse_constant=lambda word: pytest.fail(word))
    assert manifest["seed"] == manifest["config"]["seed"] == 8
    assert manifest["config"]["groups"]["rats"]["n"] == 6
    assert manifest["config"]["phases"][1]["parameters"]["max_shock_s"] == 5
    assert manifest["config_hash"] == folder.name
    assert set(manifest["versions"]) == {"python", "habenula-rl", "numpy", "numba", "pandas", "pyarrow"}
    assert manifest["started"] <= manifest["ended"]
    hashed = {path: entry["sha256"] for path, entry in manifest["tables"].items() if not path.startswith("figures")}
    assert hashed == hashes(folder)
    for path, entry in manifest["tables"].items():
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == entry["sha256"]


def test_manifest_names_the_commit_that_the_run_was_started_in():
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    state = load_manifest(run("small"))["git"]
    assert len(state["commit"]) == 40
    assert state["changed"] is True


def test_subjects_sets_every_group():
    folder = run("small", subjects=4)
    assert load_subjects(folder).groupby("group", observed=True)["subject"].nunique().tolist() == [4, 4]


def test_a_study_object_is_run_as_it_is():
    assert run(load_study("small"), subjects=2) == run("small", subjects=2)
    with pytest.raises(ValueError, match="overrides and seed go with"):
        run(load_study("small"), seed=3)


@pytest.mark.parametrize(("name", "value"), [("workers", 0), ("workers", True), ("subjects", 0), ("subjects", 2.5)])
def test_wrong_numbers_are_named(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number of at least 1, not {value}"):
        run("small", **{name: value})


def test_an_unknown_study_is_a_config_error():
    with pytest.raises(ConfigError, match="did you mean 'small'"):
        run("smal")


def test_a_folder_takes_one_run_at_a_time():
    folder = run("small", subjects=2)
    with Store(folder).locked(), pytest.raises(LockedError, match=f"another run .process {os.getpid()}. is at work"):
        run("small", subjects=2)


def test_summary_and_figure_come_from_the_experiment():
    folder = run("small", subjects=3)
    summary = pd.read_csv(folder / "summary.csv")
    assert summary["measure"].tolist() == ["'=outcome"] * 3  # a spreadsheet would compute it without the apostrophe
    expected = load_trials(folder).groupby(["group", "phase"], observed=True)["outcome"].mean()
    assert summary["value"].tolist() == pytest.approx(expected.tolist())
    assert (folder / "figures/small.png").read_bytes()[:4] == b"\x89PNG"
    assert b"<svg" in (folder / "figures/small.svg").read_bytes()


def test_a_figure_drawn_again_is_the_same():
    folder = run("small", subjects=3)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.suffix in (".svg", ".png", ".json", ".csv")}
    assert redraw(folder).summary is not None
    assert before == {path: path.read_bytes() for path in before}
    other = EXPERIMENT.replace("figsize=(2, 2)", "figsize=(3, 2)")
    Path("experiments/small.py").write_text(other, encoding="utf-8")
    redraw(folder)
    assert before[folder / "figures/small.png"] != (folder / "figures/small.png").read_bytes()
    figure = load_manifest(folder)["tables"]["figures/small.png"]["sha256"]
    assert figure == hashlib.sha256((folder / "figures/small.png").read_bytes()).hexdigest()


def test_an_experiment_changed_within_the_second_is_run_as_it_stands():
    """Python would take the bytecode of the one before, which has the same size and second."""
    path = Path("experiments/small.py")
    assert study_file.load_experiment(path).figure.__code__.co_consts.count((2, 2)) == 1
    second = path.stat().st_mtime_ns
    path.write_text(EXPERIMENT.replace("figsize=(2, 2)", "figsize=(3, 2)"), encoding="utf-8")
    os.utime(path, ns=(second, second))
    assert study_file.load_experiment(path).figure.__code__.co_consts.count((3, 2)) == 1


def test_without_figure_nothing_is_drawn():
    folder = run("small", subjects=3, figure=False)
    assert (folder / "summary.csv").exists()
    assert not (folder / "figures").exists()


def test_a_study_without_experiment_has_the_standard_table_and_figure():
    Path("experiments/small.py").unlink()
    folder = run("small", subjects=3)
    assert len(load_subjects(folder)) == 3 + 2 * 3
    assert (folder / "figures/small.png").read_bytes()[:4] == b"\x89PNG"
    summary, trials = pd.read_csv(folder / "summary.csv"), load_trials(folder)
    means = summary[(summary["level"] == "group") & (summary["measure"] == "outcome")]
    by_subject = trials.groupby(["group", "phase", "subject"], observed=True)["outcome"].mean()
    expected = by_subject.groupby(["group", "phase"], observed=True).mean()
    found = means.set_index(["group", "phase"])["value"]
    assert found.to_dict() == pytest.approx(expected.to_dict(), rel=1e-6)
    assert redraw(folder).summary is not None


def test_without_trials_the_standard_table_is_made_all_the_same():
    folder = run("small", overrides=["record=summary"], subjects=3)
    Path("experiments/small.py").unlink()
    other = run("small", subjects=3)
    assert pd.read_csv(folder / "summary.csv").equals(pd.read_csv(other / "summary.csv"))
    assert redraw(folder).files.keys() == {
        "summary.csv",
        *(f"figures/small.{kind}" for kind in ("png", "svg", "pdf", "txt")),
    }


def test_the_template_with_renamed_phases_is_refused_in_one_sentence():
    write_new("mine")
    config = Path("configs/mine.yaml")
    config.write_text(config.read_text(encoding="utf-8").replace("name: test", "name: tests"), encoding="utf-8")
    with pytest.raises(ExperimentError, match="the trials have no phase 'test', did you mean 'tests'"):
        run("mine")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("trials[trials['phase'] == 'tests']", "summarise found nothing; it looks for 'tests', no phase or group of"),
        ("trials[trials['group'].isin(['cats'])]", "summarise found nothing; it looks for 'cats', no phase or group"),
        ("trials[trials['subject'] < 0]", "summarise found nothing: the trials have the phases "),
        ("trials.assign(value=float('nan'))", "summarise found nothing: the trials have the phases "),
        ("None", "summarise must return a table"),
    ],
)
def test_a_summary_that_finds_nothing_says_what_it_looked_for_and_what_there_was(body, message):
    Path("experiments/small.py").write_text(
        f"def summarise(trials):\n    return {body}\ndef figure(table): 1 / 0\n", encoding="utf-8"
    )
    with pytest.raises(ExperimentError, match=message) as caught:
        run("small", subjects=2)
    if "nothing" in message:
        assert "the groups mice" in str(caught.value)
    folder = Path(str(caught.value).rpartition(" ")[2])
    assert len(load_subjects(folder)) == 2 + 2 * 2
    assert not (folder / "summary.csv").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "def summarise(trials):\n    return trials['nothing']\nfigure = summarise",
            r"small\.py:2: KeyError: 'nothing'",
        ),
        ("x = 1\nsummarise(", r"small\.py:2: SyntaxError"),
        ("import nothing_of_that_name", r"small\.py:1: ModuleNotFoundError"),
        ("def summarise(trials): pass", r"small\.py has no function figure"),
    ],
)
def test_a_failing_experiment_is_named_and_the_tables_stay(text, message):
    Path("experiments/small.py").write_text(text, encoding="utf-8")
    with pytest.raises(ExperimentError, match=message) as caught:
        run("small", subjects=2)
    folder = Path(str(caught.value).rpartition(" ")[2])
    assert len(load_subjects(folder)) == 2 + 2 * 2


def test_summary_record_keeps_no_trials():
    calls, progress = told()
    folder = run("small", overrides=["record=summary"], subjects=2, progress=progress)
    assert not (folder / "trials").exists()
    assert any("summary.csv and the figure are the standard ones" in line for _, _, line in calls)
    with pytest.raises(ValueError, match="holds no trials"):
        load_trials(folder)
    full = load_subjects(run("small", subjects=2))
    assert_frame_equal(load_subjects(folder), full, check_exact=True)


def test_a_new_study_runs_as_it_is():
    for path in write_new("mine"):
        assert path.exists()
    folder = run("mine")
    summary = pd.read_csv(folder / "summary.csv")
    assert summary[summary["level"] == "group"]["n"].tolist() == [8, 8]
    assert (folder / "figures/mine.png").exists()


def test_experiments_here_come_before_those_of_the_package():
    assert study_file.find_experiment("small") == Path("experiments/small.py")
    assert study_file.find_experiment("no_such_study") is None


def command(*words):
    return [sys.executable, "-m", "habenula_rl", "run", "small", "--workers", "2", "--no-figure", *words]


BIG = ("--set", "groups.mice.n=4000", "--set", "phases.box.trials=30")


def started(out):
    """A run in its own process, at the moment when its first unit is there."""
    process = subprocess.Popen([*command(*BIG), "--out", out], stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not list(Path(out).rglob("units/*.json")):
        time.sleep(0.005)
    return process


@pytest.mark.slow
def test_killed_runs_end_with_the_same_bytes():
    """Killed again and again, each time a little later, then left to finish."""
    whole = run("small", "whole", overrides=BIG[1::2], figure=False)
    n_killed = 0
    for delay in (0.0, 0.03, 0.08):
        process = started("killed")
        time.sleep(delay)
        n_killed += process.poll() is None
        process.kill()
        process.communicate()
    finished = subprocess.run([*command(*BIG), "--out", "killed"], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert n_killed > 0
    killed = Path("killed/small") / whole.name
    assert hashes(killed) == hashes(whole)
    assert load_manifest(killed)["units"]["reused"] > 0
    assert not list(killed.rglob(".*.tmp"))


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_runs_keep_what_is_done_and_say_how_to_go_on(number, code):
    process = started("out")
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == code, said
    assert (
        "habenula run small --workers 2 --no-figure --set groups.mice.n=4000 --set phases.box.trials=30 --out out"
        in said
    )
    assert "Traceback" not in said
    n_units = len(list(Path("out").rglob("units/*.json")))
    assert 0 < n_units < 17
    finished = subprocess.run([*command(*BIG), "--out", "out"], check=True, capture_output=True, text=True)
    (manifest,) = Path("out").rglob("manifest.json")
    assert json.loads(manifest.read_text())["units"] == {"computed": 17 - n_units, "reused": n_units}, finished.stderr


def test_the_first_subject_whose_numbers_stopped_being_finite_is_named():
    from habenula_rl.experiment.run import _stopped

    rows = {"group": pd.Categorical(["mice"] * 3), "subject": [0, 1, 2], "phase": pd.Categorical(["box"] * 3)}
    why = ["", "trial 7, step 2: the signal 'rpe' is nan", "trial 8, step 0: the signal 'rpe' is inf"]
    table = pd.DataFrame(rows | {"failed_trial": [-1, 7, 8], "failed_step": [-1, 2, 0], "failed_reason": why})
    assert _stopped(table, 2) == (
        "2 of the 3 rows of subjects.parquet have a failed_reason; the first, group mice, subject 1, phase box: "
        "trial 7, step 2: the signal 'rpe' is nan"
    )
    assert _stopped(table[1:], 2).startswith("all 2 rows of subjects.parquet have a failed_reason; ")
