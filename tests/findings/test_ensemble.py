"""With how many sets of an ensemble a row passes, in studies small enough to count it by hand."""

import json
import math
from pathlib import Path

import pytest

from habenula_rl import HabenulaAgent, findings
from habenula_rl.agents import AGENTS
from habenula_rl.analysis.statistics import Estimate
from habenula_rl.cli.commands import app
from habenula_rl.findings import Claim, Ensemble, above, at_least, checking, job, within

CONFIG = """
study: traits
seed: 1
record: [hyperactivity]
groups:
  free: {n: 8}
  set_here: {n: 8, parameters: {hyperactivity: 0.25}}
  learner: {n: 8, agent: QLearning}
phases: [{name: rest, task: SucrosePreference, parameters: {free: true}, trials: 1}]
"""
CODE = '''
import math

from habenula_rl import statistics
from habenula_rl.analysis.statistics import Estimate
from habenula_rl.findings import Claim, above, at_least


def traits(trials):
    """Hyperactivity of the animals, which nothing here changes."""
    if trials["hyperactivity"].max() > 2.0:
        raise ValueError("too much of it")
    first = trials[trials["step"] == 0].groupby("group", observed=True)["hyperactivity"]
    free, here = (first.get_group(name).to_numpy() for name in ("free", "set_here"))
    return [
        above("more", "", "h", statistics.mean_interval(free), 0.5),
        at_least("least", "", "h", statistics.mean_interval(free), 0.5),
        above("unknown_more", "", "h", Estimate(float(free.mean()), math.nan, math.nan, 8), 0.5),
        at_least("unknown_least", "", "h", Estimate(float(free.mean()), math.nan, math.nan, 8), 0.5),
        at_least("set_here", "", "h", statistics.mean_interval(here), 0.25),
    ]


CLAIMS = (Claim("traits", "nobody", "", traits),)
'''
LEARNERS = """
study: learners
seed: 1
groups: {a: {n: 8, agent: QLearning}}
phases: [{name: rest, task: Bandit, trials: 1}]
"""
LEARNERS_CODE = """
from habenula_rl.findings import Claim, Estimate, at_least


def one(trials):
    "A number that is there."
    return [at_least("one", "", "n", Estimate(1.0, 1.0, 1.0, 8), 1.0)]


CLAIMS = (Claim("learners", "", "", one),)
"""
SETS = [HabenulaAgent(hyperactivity=h) for h in (0.25, 0.5, 1.0)]  # exact in the float32 of the tables


def write_study(name, config, code):
    for folder, suffix, text in (("configs", "yaml", config), ("experiments", "py", code)):
        Path(folder).mkdir(exist_ok=True)
        (Path(folder) / f"{name}.{suffix}").write_text(text, encoding="utf-8")


@pytest.fixture
def traits(tmp_path, monkeypatch):
    """A study of yours whose animals show the hyperactivity that a set gives them, where the config gives none."""
    monkeypatch.chdir(tmp_path)
    write_study("traits", CONFIG, CODE)


def said(verdicts):
    return {v.id.partition("/")[2]: str(v.ensemble) for v in verdicts}


def test_a_row_counts_the_sets_with_which_it_passes(traits):
    found = findings.verdicts("traits", n_subjects=8, ensemble=SETS)
    assert said(found) == {
        "more": "1 of 3",  # of ¼, ½ and 1 only 1 is more than ½
        "least": "2 of 3",
        "unknown_more": "1 of 3, 3 by value",  # without an interval, by the value: ½ is not more than ½
        "unknown_least": "2 of 3, 3 by value",
        "set_here": "3 of 3, one value",  # what the study sets, no set changes
    }


def test_the_verdict_itself_is_that_of_the_default_parameters(traits):
    plain = findings.verdicts("traits", n_subjects=8)
    found = findings.verdicts("traits", n_subjects=8, ensemble=SETS)
    assert [v.value for v in plain] == [0.0, 0.0, 0.0, 0.0, 0.25]
    assert [v.ensemble for v in plain] == [None] * 5
    for before, after in zip(plain, found, strict=True):
        rest = {key: value for key, value in after.as_json().items() if key != "ensemble"}
        assert rest == before.as_json()


def test_one_process_or_several_count_the_same(traits, apart, monkeypatch):
    write_study(
        "again", CONFIG.replace("study: traits", "study: again"), CODE.replace('Claim("traits"', 'Claim("again"')
    )
    ids = ["again", "traits"]
    several = [v.as_json() for v in findings.verdicts(*ids, n_subjects=8, ensemble=SETS)]
    monkeypatch.setattr(checking, "cores", lambda: 1)
    assert [v.as_json() for v in findings.verdicts(*ids, n_subjects=8, ensemble=SETS)] == several
    assert [row["id"].partition("/")[0] for row in several] == ["again"] * 5 + ["traits"] * 5


def test_a_set_counts_with_all_its_parameters_as_if_the_study_named_them():
    """The oracle is the command line's own way of setting a parameter, in a study of learning animals."""
    from habenula_rl.config.plan import plan_of
    from habenula_rl.config.study import bundled_study, load_study

    agent = HabenulaAgent.ensemble()[1]
    study = load_study(bundled_study("wu2021"), subjects=8)
    by_hand = [f"groups.mice.parameters.{name}={value!r}" for name, value in agent.values().items()]
    by_hand = [line for line in by_hand if not line.startswith("groups.mice.parameters.hyperactivity=")]  # it is set
    expected = plan_of(load_study(bundled_study("wu2021"), by_hand, subjects=8))
    changed = plan_of(job.with_set(study, agent.values()))
    assert changed.config == expected.config
    assert changed.groups["mice"].agent.beta == agent.beta != HabenulaAgent().beta
    assert "hyperactivity" in changed.groups["mice"].spread


def test_a_study_without_a_habenula_agent_says_so(traits):
    write_study("learners", LEARNERS, LEARNERS_CODE)
    (found,) = findings.verdicts("learners", n_subjects=8, ensemble=SETS)
    assert found.passed and str(found.ensemble) == "no HabenulaAgent takes part"
    assert found.as_json()["ensemble"]["says"] == "no HabenulaAgent takes part"


def test_what_goes_wrong_names_the_set(traits):
    with pytest.raises(ValueError, match=r"^set 2 of the ensemble: .*too much of it"):
        findings.verdicts("traits", n_subjects=8, ensemble=[SETS[0], HabenulaAgent(hyperactivity=3.0)])


@pytest.mark.parametrize(
    "ensemble", [(), True, "wu2021", [AGENTS["QLearning"]()], [HabenulaAgent, HabenulaAgent()], [{}], 3]
)
def test_an_ensemble_that_is_none_is_refused_in_a_sentence(ensemble):
    with pytest.raises(ValueError, match=r"^an ensemble is made of HabenulaAgents[^\n]*$"):
        findings.verdicts("pessimism", n_subjects=8, ensemble=ensemble)


def test_fractions_by_hand():
    claim = Claim("c", "", "", lambda read: read)

    def rows(*estimates):
        return [claim.judged([within("w", "", "", e, 0.0, 1.0)], 0)[0] for e in estimates]

    passes, fails = Estimate(0.5, 0.4, 0.6, 8), Estimate(2.0, 1.5, 2.5, 8)
    inside, outside = Estimate(0.9, 0.7, 1.1, 8), Estimate(1.1, 0.9, 1.3, 8)
    undefined = Estimate(math.nan, math.nan, math.nan, 8)
    found = Ensemble.of(rows(passes)[0][0], rows(passes, fails, inside, outside, undefined, passes))
    assert found == Ensemble(passed=3, sets=6, by_value=2, one_value=False)
    assert str(found) == "3 of 6, 2 by value"
    assert Ensemble.of(rows(fails)[0][0], rows(fails, fails)) == Ensemble(0, 2, 0, one_value=True)
    assert not Ensemble.of(rows(passes)[0][0], rows(fails, fails)).one_value  # the sets agree, and not with the default


@pytest.mark.parametrize(
    ("criterion", "value", "holds"),
    [(above, 0.5, False), (at_least, 0.5, True), (above, 0.6, True), (above, 0.4, False)],
)
def test_a_value_holds_by_its_side_of_the_bound(criterion, value, holds):
    assert criterion("a", "", "", Estimate(value, -9.0, 9.0, 8), 0.5).holds is holds
    assert not criterion("a", "", "", Estimate(math.nan, -9.0, 9.0, 8), 0.5).holds


def test_the_command_prints_and_writes_the_fraction(traits, monkeypatch):
    from typer.testing import CliRunner

    monkeypatch.setattr(HabenulaAgent, "ensemble", classmethod(lambda cls: tuple(SETS)))
    run = CliRunner().invoke
    done = run(app, ["check", "traits", "--ensemble", "--out", "rows.md"])
    assert done.exit_code == 1  # two rows fail with the default parameters
    assert "with how many of 3 sets of parameters the row passes; 100 subjects in every group" in done.output
    assert "by value: undecided at this number of subjects" in done.output and "\none value: " in done.output
    head, _, more, *_ = Path("rows.md").read_text(encoding="utf-8").splitlines()
    assert head.endswith("| verdict | ensemble |") and more.endswith("| FAIL | 1 of 3 |")
    run(app, ["check", "traits", "--ensemble", "--subjects", "8", "--out", "rows.json"])
    rows = json.loads(Path("rows.json").read_text(encoding="utf-8"))
    assert rows[2]["ensemble"] == {
        "passed": 1,
        "sets": 3,
        "by_value": 3,
        "one_value": False,
        "says": "1 of 3, 3 by value",
    }
    assert rows[0]["n"] == 8
    plain = run(app, ["check", "traits", "--subjects", "8", "--out", "plain.json"])
    assert "ensemble" not in plain.output and "ensemble" not in Path("plain.json").read_text(encoding="utf-8")
