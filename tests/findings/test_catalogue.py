"""A study is two files: its claims are listed and described without running them, judged by a run, checked by id."""

import json
from pathlib import Path

import pytest

from habenula_rl import findings
from habenula_rl.cli.describe import described
from habenula_rl.config.bundled import bundled
from habenula_rl.experiment.run import load_manifest, run
from habenula_rl.findings.catalogue import written_claims

CONFIG = """\
study: mine
description: do mice that were shocked fail more?
seed: 5
groups: {mice: {n: 9, parameters: {hyperactivity: {normal: {mean: 0.5, sd: 0.5}}}}}
phases:
  - {name: stress, task: ShuttleBox, context: box, parameters: {escapable: false, durations_s: [3]}, trials: 60}
  - {name: test, task: ShuttleBox, context: box, parameters: {max_shock_s: 5}, trials: 5}
"""
EXPERIMENT = """\
from habenula_rl.analysis import readouts, statistics
from habenula_rl.findings import Claim, above, require

SOURCE = (
    "Somebody (1999) "
    "Somewhere"
)


def failing(trials):
    "Failures in the test are read as more than one in ten, whole interval."
    require(trials, "mine", ["test"], ["mice"])
    failed = readouts.escapes(trials, ["test"])["failed"]
    return [above("often", "they fail", "fraction of trials", statistics.mean_interval(failed), 0.1)]


CLAIMS = (Claim("mine_fails", SOURCE, claim="Shocked mice fail", test=failing),)
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A folder with a study of two files."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("configs/mine.yaml", CONFIG), ("experiments/mine.py", EXPERIMENT)):
        Path(name).parent.mkdir()
        Path(name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_run_judges_the_claims_in_its_studys_file(mine):
    folder = run("mine")
    (verdict,) = findings.judge_run(folder)
    assert (verdict.id, verdict.n, verdict.source) == ("mine_fails/often", 9, "Somebody (1999) Somewhere")
    (listed,) = load_manifest(folder)["verdicts"]
    assert (listed["id"], listed["verdict"], listed["margin"]) == (verdict.id, verdict.verdict, verdict.margin)
    assert (folder / "summary.csv").exists() and (folder / "figures/mine.png").exists()  # the standard ones


def test_checking_it_by_its_id_comes_to_what_the_run_came_to(mine):
    (checked,) = findings.verdicts("mine_fails", n_subjects=9)
    assert [checked] == findings.judge_run(run("mine", figure=False))
    both = {v.id.partition("/")[0] for v in findings.verdicts("mine_fails", "belujon2014", n_subjects=9)}
    assert both == {"mine_fails", "belujon2014"}


def test_without_ids_only_the_packages_claims_are_checked(mine):
    assert "mine_fails" not in findings.CLAIMS and "wu2021" in findings.CLAIMS
    assert "mine_fails" in written_claims()


def test_fewer_subjects_than_a_claim_needs_are_not_judged(mine):
    folder = run("mine", subjects=7, figure=False)
    assert load_manifest(folder)["verdicts"] == [] and findings.judge_run(folder) == []


def test_why_nothing_was_judged_is_in_the_manifest(mine):
    Path("configs/mine.yaml").write_text(CONFIG.replace("name: test", "name: later"), encoding="utf-8")
    manifest = load_manifest(run("mine", figure=False))
    assert manifest["verdicts"] == []
    assert manifest["not_judged"] == "study mine, phase 'test': the trials have no phase 'test'"


def test_listing_and_describing_run_no_code(mine):
    Path("experiments/mine.py").write_text(f"{EXPERIMENT}\nraise SystemExit('was run')\n", encoding="utf-8")
    claim = written_claims()["mine_fails"]
    assert (claim.study, claim.claim, claim.citation) == ("mine", "Shocked mice fail", "Somebody (1999) Somewhere")
    text = "\n".join(part for part in described("mine_fails") if isinstance(part, str))
    assert "Failures in the test are read as more than one in ten" in text and "Study: mine" in text


def test_a_file_with_the_name_of_one_of_the_packages_claims_nothing(mine):
    """It may not answer for the package's findings, and neither may a claim with the id of one of them."""
    Path("experiments/wu2021.py").write_text(EXPERIMENT.replace("mine_fails", "other"), encoding="utf-8")
    Path("experiments/mine.py").write_text(EXPERIMENT.replace("mine_fails", "pessimism"), encoding="utf-8")
    found = written_claims()
    assert "other" not in found and found["pessimism"].path.parent == bundled("experiments")


def test_what_is_written_of_the_packages_claims_is_what_they_are():
    for id, claim in findings.CLAIMS.items():
        written = written_claims()[id]
        assert (written.citation, written.claim, written.study) == (claim.citation, claim.claim, claim.study)
        assert written.tested and claim.study == written.path.stem


def test_a_claim_that_writes_into_its_trials_changes_nothing_for_the_next(mine):
    adding = EXPERIMENT.replace("    return [", '    trials["trial"] = 0\n    return [')
    seen = "def seen(trials):\n    assert trials['trial'].nunique() > 1\n    return failing(trials)\n\n\nCLAIMS = "
    twice = 'CLAIMS = (Claim("one", SOURCE, "One", failing), Claim("two", SOURCE, "Two", seen))'
    text = adding.partition("CLAIMS = ")[0] + seen.partition("CLAIMS")[0] + twice
    Path("experiments/mine.py").write_text(text, encoding="utf-8")
    assert [v["id"] for v in load_manifest(run("mine", figure=False))["verdicts"]] == ["one/often", "two/often"]


def test_verdicts_in_the_folder_are_checked_like_all_its_files(mine):
    folder = run("mine", figure=False)
    path = folder / "verdicts.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    rows[0]["verdict"] = "pass" if rows[0]["verdict"] != "pass" else "fail"
    path.write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(OSError, match=r"verdicts\.json is damaged"):
        findings.judge_run(folder)
