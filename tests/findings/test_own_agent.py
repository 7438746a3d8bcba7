"""The claims for an agent of one's own: what it can express, what it lacks, by command and by pytest."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from habenula_rl import findings
from habenula_rl.agents import HabenulaAgent, LowMotivation, QLearning
from habenula_rl.config.study import bundled_study, load_study
from habenula_rl.findings.expressing import Substitute, substitute, with_agent

MINE = """
from dataclasses import dataclass

from habenula_rl.contract import Agent, parameter


def start(p, w, reflex):
    w.Q[:] = 0.0


def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * w.Q[e.state, a]


def learn(p, w, e, y):
    future = 0.0 if e.terminated else p.gamma * w.Q[e.next_state].max()
    y.rpe = e.reward + future - w.Q[e.state, e.action]
    w.Q[e.state, e.action] += p.alpha * y.rpe


@dataclass(frozen=True)
class Mine(Agent):
    start, prefer, learn, signals = start, prefer, learn, ("rpe",)
    alpha: float = parameter(0.3, doc="learning rate", low=0, high=1)
    beta: float = parameter(4.0, doc="choice consistency", low=0, high=100)
    gamma: float = parameter(0.95, doc="weight of the next step", low=0, high=1)

    @staticmethod
    def state(n_states, n_actions):
        return {"Q": (n_states, n_actions)}
"""


def rows(*ids, agent, n=8):
    return {v.id: v for v in findings.verdicts(*ids, n_subjects=n, agent=agent)}


def test_the_packages_own_agent_in_its_own_place_changes_nothing():
    agent = HabenulaAgent()
    plain = [v.as_json() for v in findings.verdicts("pessimism", n_subjects=8)]
    assert [v.as_json() for v in findings.verdicts("pessimism", n_subjects=8, agent=agent)] == plain


def test_all_that_is_missing_is_said_at_once():
    (line,) = rows("wu2021", agent=QLearning()).values()
    assert (line.id, line.verdict, line.passed) == ("wu2021", "not expressed", False)
    assert line.statistic.startswith("lacks parameter nmda (ketamine), ")
    (line,) = rows("pessimism", agent=QLearning()).values()
    assert line.statistic == "lacks parameter hyperactivity"
    (line,) = rows("tian2015", agent=QLearning()).values()
    assert line.statistic == "lacks parameter habenula_output (lesion), signal lhb, signal dopamine"


def test_healthy_groups_need_no_trait_and_groups_that_cannot_be_are_left_out_with_their_phases():
    study = load_study(bundled_study("yang2018"), subjects=8)
    changed, missing = with_agent(study, substitute(QLearning()))
    assert [*changed.groups] == ["healthy_vehicle"] and "parameter hyperactivity" in missing
    assert changed.groups["healthy_vehicle"].parameters == QLearning().values()
    dogs, nothing = with_agent(load_study(bundled_study("seligman1967"), subjects=8), substitute(QLearning()))
    assert len(dogs.groups) == 4 and nothing == ()
    box, _ = with_agent(load_study(bundled_study("uncontrollable"), subjects=8), substitute(QLearning()))
    assert "dark" not in {phase.name for phase in box.phases} and "silenced" not in box.groups


def test_yoked_groups_go_with_their_partners():
    study = load_study(bundled_study("seligman1967"), subjects=8)
    harmed = study.groups["escapable"].model_copy(update={"parameters": {"growth": 0.5}})
    changed, missing = with_agent(
        study.model_copy(update={"groups": {**study.groups, "escapable": harmed}}), substitute(QLearning())
    )
    assert [*changed.groups] == ["naive"] and missing == ("parameter growth",)
    test = changed.phases[0]
    assert test.name == "test"
    assert test.gap_hours == 24.0 + 24.0  # before the harness that is left out, and before the test


def test_hours_pass_before_a_phase_that_is_left_out():
    study = load_study(bundled_study("seligman1967"), subjects=8)
    later = study.phases[0].model_copy(update={"gap_hours": 100.0})
    harmed = study.groups["escapable"].model_copy(update={"parameters": {"growth": 0.5}})
    changed, _ = with_agent(
        study.model_copy(
            update={"groups": {**study.groups, "escapable": harmed}, "phases": (later, *study.phases[1:])}
        ),
        substitute(QLearning()),
    )
    assert [(phase.name, phase.gap_hours) for phase in changed.phases] == [("test", 148.0)]


def test_a_trait_of_its_own_can_stand_for_hyperactivity():
    low = Substitute("LowMotivation", LowMotivation().values(), traits=(("burden", 0.0, 0.4),))
    changed, _ = with_agent(load_study(bundled_study("pessimism"), subjects=8), low)
    assert changed.groups["healthy"].parameters["burden"] == 0.0
    assert changed.groups["helpless"].parameters["burden"] == pytest.approx(0.4)
    assert all(v.verdict != "not expressed" for v in rows("pessimism", agent=low).values())


def test_an_agent_of_the_script_that_runs_is_judged_in_that_process_alone(apart):
    """In another one the script would be read, and so run, again."""
    space = {"__name__": "__main__"}
    exec(MINE, space)
    mine = substitute(space["Mine"]())
    assert mine.only_here and mine.path is None
    assert not substitute(QLearning()).only_here
    found = findings.verdicts("wu2021", "tian2015", n_subjects=8, agent=space["Mine"]())
    assert [v.verdict for v in found] == ["not expressed"] * 2


def test_what_is_no_agent_is_refused():
    with pytest.raises(ValueError, match="there is no agent 'QLearnin', did you mean 'QLearning'"):
        findings.verdicts("gonogo", agent="QLearnin")
    with pytest.raises(ValueError, match="agent must be an agent, or the name of one"):
        findings.verdicts("gonogo", agent=3)
    with pytest.raises(ValueError, match="give either it or an agent of another kind"):
        findings.verdicts("gonogo", agent="QLearning", ensemble=HabenulaAgent.ensemble()[:1])


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    return tmp_path


def ran(folder, *command):
    source = str(Path(findings.__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([source, os.environ.get("PYTHONPATH", "")])}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_command_judges_an_agent_of_ones_own(mine):
    words = ("immunisation", "wu2021", "--agent", "mine.py:Mine", "--subjects", "8", "--out", "v.json")
    done = ran(mine, "habenula_rl", "check", *words)
    assert done.returncode in (0, 1), done.stderr
    assert "1 claims cannot be expressed" in done.stdout.splitlines()[-1]
    found = {row["id"]: row for row in json.loads((mine / "v.json").read_text(encoding="utf-8"))}
    assert found["wu2021"]["verdict"] == "not expressed" and found["immunisation/harm"]["n"] == 8


@pytest.mark.slow
def test_pytest_has_a_test_for_each_claim(mine):
    plugin = ("pytest", "-p", "no:cacheprovider", "-rs")  # the plugin comes with the installed package
    choice = ("--habenula-agent", "mine.py:Mine", "--habenula-claims", "immunisation,wu2021")
    done = ran(mine, *plugin, *choice, "--habenula-subjects", "20", "--junitxml", "j.xml")
    assert "lacks parameter nmda (ketamine)" in done.stdout
    assert "immunisation/harm: shock without control does harm" in done.stdout
    cases = {case.get("name"): case for case in ElementTree.parse(mine / "j.xml").iter("testcase")}
    assert {*cases} == {f"mine.py:Mine[{id}]" for id in ("immunisation", "wu2021")}
    assert cases["mine.py:Mine[immunisation]"].find("failure") is not None
    assert cases["mine.py:Mine[wu2021]"].find("skipped") is not None


def test_junit_counts_rows(mine):
    from habenula_rl.cli.results import junit

    suite = ElementTree.fromstring(junit(list(rows("immunisation", "wu2021", agent="QLearning", n=20).values())))
    assert (suite.get("tests"), suite.get("name")) == ("3", "habenula check")
    assert int(suite.get("skipped")) >= 1 and len(suite) == 3


def test_a_claim_may_stand_above_its_test(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, name, text in (
        (
            "configs",
            "mine.yaml",
            "study: mine\nseed: 1\ngroups: {a: {n: 9}}\nphases: [{name: p, task: Bandit, trials: 9}]\n",
        ),
        (
            "experiments",
            "mine.py",
            "from habenula_rl import readouts, statistics\n"
            "from habenula_rl.findings import above, claim\n\n\n"
            '@claim("luck", "Somebody (1999)", "They find the best arm", sure="M")\n'
            "def best(trials):\n"
            '    "More often than by chance, whole interval."\n'
            '    found = readouts.best_choices(trials)["best"]\n'
            '    return [above("more", "more than chance", "fraction", statistics.mean_interval(found), 0.25)]\n',
        ),
    ):
        Path(folder).mkdir()
        (Path(folder) / name).write_text(text, encoding="utf-8")
    written = findings.catalogue.written_claims()["luck"]
    assert (written.claim, written.citation, written.words) == (
        "They find the best arm",
        "Somebody (1999)",
        {"sure": "M"},
    )
    assert written.tested == "More often than by chance, whole interval."
    assert [v.id for v in findings.verdicts("luck", n_subjects=9)] == ["luck/more"]
