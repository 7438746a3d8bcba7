"""What check simulates is what a run puts on the disk, study by study in processes of their own or here."""

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from habenula_rl import findings
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import bundled_study, load_study
from habenula_rl.experiment.recorded import RecordedTrials, load_trials
from habenula_rl.experiment.run import load_manifest, run
from habenula_rl.experiment.study_file import completed
from habenula_rl.findings import checking, kept
from habenula_rl.findings.expressing import Substitute
from habenula_rl.findings.trials import Simulated

PLAN = {"subjects": 9, "seed": 4}


def simulated(name, threads=2):
    plan = plan_of(load_study(bundled_study(name), **PLAN))
    return Simulated(plan, threads, lambda *step: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of the study that has groups of two kinds of agent, which do not have the same signals."""
    return run(bundled_study("recovery"), tmp_path_factory.mktemp("run"), summary=False, **PLAN)


def test_simulated_trials_are_those_of_a_run_to_the_last_bit(folder):
    table = load_trials(folder)
    assert table["tonic_dopamine"].dtype == np.float32 and table["tonic_dopamine"].isna().any()
    made = simulated("recovery").whole()
    assert_frame_equal(made, table, check_exact=True)
    assert made.attrs == table.attrs


def test_trials_by_group_are_the_parts_of_the_whole(folder):
    table, manifest = load_trials(folder), load_manifest(folder)
    recorded = RecordedTrials(folder, manifest["tables"], manifest["config"])
    for trials in (recorded, simulated("recovery")):
        for group, part in zip(manifest["config"]["groups"], trials.by_group(), strict=True):
            whole = table[table["group"] == group].reset_index(drop=True)
            assert_frame_equal(part, whole, check_exact=True)


def test_a_missing_signal_is_as_wide_as_one_that_is_there(folder):
    table = load_trials(folder).drop(columns="serotonin").head(3)
    assert completed(table, ["subject", "serotonin"])["serotonin"].dtype == np.float32


def test_one_process_or_several_come_to_the_same(apart, monkeypatch):
    ids = ["belujon2014", "pessimism"]
    several = [v.as_json() for v in findings.verdicts(*ids, n_subjects=8)]
    monkeypatch.setattr(checking, "cores", lambda: 1)
    assert [v.as_json() for v in findings.verdicts(*ids, n_subjects=8)] == several


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_on_dask_comes_to_the_same_and_is_kept_here(monkeypatch):
    pytest.importorskip("distributed")
    ids = ["belujon2014", "pessimism"]
    here = [v.as_json() for v in findings.verdicts(*ids, n_subjects=8)]
    keep = dict[str, object]()
    monkeypatch.setattr(kept, "keep", keep.__setitem__)
    monkeypatch.setattr(kept, "found", lambda key: None)  # whatever other tests have kept
    steps = []
    found = findings.check(ids, 8, dask="local", kept=True, progress=lambda *step: steps.append(step))
    assert [v.as_json() for v in found] == here
    assert len(keep) == 2 and steps[0][2].startswith("Dask dashboard: http") and steps[-1][:2] == (16, 16)


def test_an_agent_of_this_process_is_not_for_dask():
    with pytest.raises(ValueError, match="stands in a file: --agent FILE:NAME"):
        findings.check(["pessimism"], 8, agent=Substitute("QLearning", {}, only_here=True), dask="local")


def test_what_goes_wrong_in_another_process_is_said_here(tmp_path, apart, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "from habenula_rl.findings import Claim\nCLAIMS = (Claim('bad', '', '', test=3),)\n1 / 0\n"
    config = "study: bad\nseed: 1\ngroups: {a: {n: 8}}\nphases: [{name: p, task: Bandit, trials: 1}]\n"
    for folder, name, text in (("experiments", "bad.py", code), ("configs", "bad.yaml", config)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"experiments/bad\.py:3: ZeroDivisionError"):
        findings.verdicts("bad", "pessimism", n_subjects=8)
