"""What a folder says of itself is true: nothing of another run stands in it, and nobody else's versions."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment import provenance
from habenula_rl.experiment.fingerprint import fingerprints
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.run import load_manifest, redraw, run
from habenula_rl.experiment.study_file import ExperimentError, NotRecordedError
from habenula_rl.tasks import ShuttleBox

STUDY = """\
study: small
seed: 3
groups:
  mice: {n: 3}
  rats: {n: 2, yoked_to: mice}
phases:
  - {name: box, task: ShuttleBox, groups: [mice], parameters: {max_shock_s: 5}, trials: 4}
  - {name: same, task: ShuttleBox, groups: [rats], parameters: {max_shock_s: 5, escapable: false}, trials: 4,
     replays: box}
"""
EXPERIMENT = """\
def summarise(trials):
    return trials.groupby("group", observed=True)["rpe"].mean().rename("value").reset_index()

def figure(table):
    from matplotlib.figure import Figure
    return Figure(figsize=(1, 1))
"""
DRAWN = tuple(f"figures/small.{kind}" for kind in ("png", "svg", "pdf", "txt"))
DERIVED = ("summary.csv", *DRAWN, "verdicts.json")
WHEN = ("started", "ended", "versions", "git", "machine", "earlier_runs")


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    """An empty folder to work in, with one config and its experiment."""
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    Path("experiments").mkdir()
    Path("configs/small.yaml").write_text(STUDY, encoding="utf-8")
    Path("experiments/small.py").write_text(EXPERIMENT, encoding="utf-8")


def made_by(monkeypatch, version, time):
    """From now on that version of everything is installed, and it is that time."""
    monkeypatch.setattr(provenance, "version", lambda name="habenula-rl": version)
    monkeypatch.setattr(provenance, "now", lambda: time)


def test_a_run_that_only_finds_tables_says_who_made_them(monkeypatch):
    made_by(monkeypatch, "1.0", "2026-01-01")
    folder = run("small", figure=False)
    before = load_manifest(folder)
    made_by(monkeypatch, "2.0", "2026-02-02")
    assert run("small", figure=False) == folder
    after = load_manifest(folder)
    assert after["units"] == {"computed": 0, "reused": 2}
    assert {key: after[key] for key in WHEN} == {key: before[key] for key in WHEN}
    assert after["versions"]["numpy"] == "1.0"
    assert after["earlier_runs"] == []


def test_tables_of_two_runs_are_told_apart(monkeypatch):
    made_by(monkeypatch, "1.0", "2026-01-01")
    folder = run("small", figure=False)
    (folder / "units/rats-000000.json").unlink()
    made_by(monkeypatch, "2.0", "2026-02-02")
    run("small", figure=False)
    manifest = load_manifest(folder)
    assert (manifest["versions"]["numpy"], manifest["started"]) == ("2.0", "2026-01-01")
    assert [run["versions"]["numpy"] for run in manifest["earlier_runs"]] == ["1.0"]


def test_what_was_made_of_other_tables_goes_with_them():
    folder = run("small")
    (folder / "verdicts.json").write_text("[]", encoding="utf-8")
    assert all((folder / name).exists() for name in DERIVED)
    Path("experiments/small.py").write_text("1 / 0", encoding="utf-8")
    (folder / "units/rats-000000.json").unlink()
    with pytest.raises(ExperimentError):
        run("small")
    assert not any((folder / name).exists() for name in DERIVED)


def test_a_figure_that_is_not_drawn_again_goes():
    folder = run("small")
    run("small", figure=False)
    assert (folder / "summary.csv").exists()
    assert not (folder / "figures/small.png").exists()
    Path("experiments/small.py").unlink()
    redraw(folder)  # without the experiment: the standard ones
    assert (folder / "figures/small.png").exists()
    assert "share_stay" in (folder / "summary.csv").read_text(encoding="utf-8")


def test_without_summary_the_experiment_is_left_alone():
    Path("experiments/small.py").write_text("1 / 0", encoding="utf-8")
    folder = run("small", summary=False)
    assert len(load_trials(folder)) > 0
    assert not (folder / "summary.csv").exists()


def test_signals_that_were_not_recorded_are_told_as_that():
    with pytest.raises(NotRecordedError) as caught:
        run("small", overrides=["record=[lhb]"])
    said, kept = str(caught.value).splitlines()
    path = Path("experiments/small.py")
    assert said.startswith(f"{path} reads rpe, which the study does not record; run it with record: trials")
    assert load_trials(kept.rpartition(" ")[2])["lhb"].notna().all()
    assert "summary.csv" in load_manifest(run("small", overrides=["record=[rpe]"]))["tables"]


def test_an_experiment_that_fails_by_itself_is_blamed_whatever_was_recorded():
    Path("experiments/small.py").write_text(EXPERIMENT.replace('["rpe"]', '["rep"]'), encoding="utf-8")
    with pytest.raises(ExperimentError, match=r"small\.py:2"):
        run("small", overrides=["record=[lhb]"])


# Fingerprints: what decides the numbers beside the config


@pytest.mark.parametrize(
    ("name", "value"), [("max_steps", property(lambda task: 3)), ("passive", property(lambda task: 1))]
)
def test_fingerprint_sees_what_a_task_says_of_itself(monkeypatch, name, value):
    study = load_study("small")
    before = fingerprints(plan_of(study))["mice"]
    monkeypatch.setattr(ShuttleBox, name, value)
    assert fingerprints(plan_of(study))["mice"] != before


def test_fingerprint_sees_the_script(monkeypatch):
    study = load_study("small")
    before = fingerprints(plan_of(study))
    monkeypatch.setattr(ShuttleBox, "script", property(lambda task: (1.0, 2.0)))
    assert fingerprints(plan_of(study))["mice"] != before["mice"]


def longer(self, rows, first, n_subjects, n_trials):
    return real_durations(self, rows, first, n_subjects, n_trials) + EXTRA


EXTRA = 1.0
real_durations = ShuttleBox.durations


def test_fingerprint_sees_what_partners_hand_on(monkeypatch):
    study = load_study("small")
    before = fingerprints(plan_of(study))["rats"]
    monkeypatch.setattr(ShuttleBox, "durations", longer)
    longer_by_1 = fingerprints(plan_of(study))["rats"]
    monkeypatch.setitem(globals(), "EXTRA", 2.0)
    assert len({before, longer_by_1, fingerprints(plan_of(study))["rats"]}) == 3


def typed(text):
    """A rule as it is after typing it at a prompt: no source to be found."""
    scope = {}
    exec(compile(text, "<prompt>", "exec"), scope)
    return scope["begin"]


RULE = "FIRST = {first}\ndef begin(q, x, e):\n    x.duration = e.scripted\n    e.state = FIRST + {second}\n"


def test_fingerprint_sees_rules_without_source(monkeypatch):
    study = load_study("small")
    found = set()
    for first, second in ((2, 0), (1, 0), (1, 1), (1, 1)):
        monkeypatch.setattr(ShuttleBox, "begin", typed(RULE.format(first=first, second=second)))
        found.add(fingerprints(plan_of(study))["mice"])
    assert len(found) == 3


HOSTILE = "def begin(q, x, e):\n    e.state = 2 if e.trial in {1, 2, 3} or e.step in {'a', 'b', 'c', 'd'} else 2\n"


def test_fingerprint_is_the_same_in_every_process():
    """Sets of words have another order in each process, code another place."""
    code = f"""
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.fingerprint import fingerprints
from habenula_rl.tasks import ShuttleBox
scope = {{}}
exec({HOSTILE!r}, scope)
ShuttleBox.begin = scope["begin"]
print(fingerprints(plan_of(load_study("small")))["mice"])
"""
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1] != ""


def test_units_say_when_and_with_what_they_were_made():
    folder = run("small", figure=False)
    marker = json.loads((folder / "units/mice-000000.json").read_text(encoding="utf-8"))
    assert set(marker["origin"]) == {"started", "versions", "git", "machine"}
    assert marker["origin"]["versions"] == load_manifest(folder)["versions"]
