"""`habenula describe`: everything that `habenula list` names has a description, and it is what the code says."""

import re
import sys
from pathlib import Path

import pytest

from habenula_rl.agents import AGENTS
from habenula_rl.cli import commands as cli
from habenula_rl.cli import pages, terminal
from habenula_rl.cli.describe import described
from habenula_rl.config.study import known_studies
from habenula_rl.findings import CLAIMS
from habenula_rl.interventions import INTERVENTIONS
from habenula_rl.tasks import TASKS

ROOT = Path(__file__).parents[2]
DECLARED = {**AGENTS, **TASKS, **INTERVENTIONS}


@pytest.fixture
def shown(capsys, monkeypatch):
    """A function that gives what `habenula describe` prints about a name, on a wide line."""
    monkeypatch.setattr(terminal, "WIDTH_OF_FILES", 400)

    def printed(*words):
        monkeypatch.setattr(sys, "argv", ["habenula", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        return out if not end.value.code else f"{end.value.code} {err}"

    return printed


@pytest.mark.parametrize("name", DECLARED)
def test_every_parameter_with_what_is_known_of_it(shown, name):
    kind, text = DECLARED[name], shown("describe", name)
    assert kind.__doc__.splitlines()[0] in text
    for parameter, field in kind.fields().items():
        (line,) = [line for line in text.splitlines() if re.match(rf"  {parameter}  ", line)]
        for part in (field.metadata["doc"], field.metadata["unit"], field.metadata["source"]):
            assert part in line
        if isinstance(field.default, str):
            assert pages.cells(field)[4] in line
        elif not isinstance(field.default, bool):
            assert f"{field.metadata['low']:g} to {field.metadata['high']:g}" in line
            first = field.default[0] if isinstance(field.default, tuple) else field.default
            assert f"  {first:g}" in line


def test_agents_tell_their_signals_and_tasks_their_states(shown):
    assert "Signals: rpe, lhb, burst, dopamine" in shown("describe", "HabenulaAgent")
    assert shown("describe", "QLearning").count("Signals:") == 1
    text = shown("describe", "ShuttleBox")
    for part in (
        "States: 0 safe; 1 warning; 2 shock",
        "Actions: 0 stay; 1 cross",
        "In Gymnasium: habenula_rl/ShuttleBox-v0",
    ):
        assert part in text
    assert shown("describe", "Ketamine") == shown("describe", "ketamine")
    assert re.search(r"a number and its unit +– ", shown("describe", "ketamine"))  # no dose is written by default


@pytest.mark.parametrize("name", known_studies())
def test_studies_tell_their_groups_and_phases(shown, name):
    from habenula_rl.config.study import load_study

    study, text = load_study(name), shown("describe", name)
    assert study.description.splitlines()[0] in text and f"habenula run {name}" in text
    for words in (*study.groups, *(phase.name for phase in study.phases)):
        assert any(line.split()[:1] == [words] for line in text.splitlines()), words


def test_a_readout_tells_how_it_is_called_and_what_it_gives(shown):
    text = shown("describe", "breakpoints")
    assert "hrl.readouts.breakpoints(trials, phases=None, *, task, last_sessions=None" in text
    assert "Columns" in shown("describe", "stay_shift") and "doi 10.1126/science.134.3483.943" in text


def test_a_study_tells_its_question_and_its_numbers(shown):
    text = shown("describe", "wu2021")
    assert "Question: Does one dose of ketamine" in text
    assert "hyperactivity normal(mean 0.0, sd 0.3)" in text and "ketamine (dose 10 mg/kg, hours_before 4)" in text
    assert "wu2021 (study)" in text and "wu2021 (claim)" in text


def test_an_environment_is_told_as_a_task_is(shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    phases = "[{name: a, env: FrozenLake-v1, parameters: {is_slippery: false}, trials: 3}]"
    Path("configs/lake.yaml").write_text(f"study: lake\nseed: 1\ngroups: {{rats: {{n: 2}}}}\nphases: {phases}\n")
    assert "FrozenLake-v1   is_slippery false" in shown("describe", "lake")


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_tell_source_study_and_test(shown, name):
    claim, text = CLAIMS[name], shown("describe", name)
    for part in (claim.claim, claim.citation, f"Study: {claim.study}", f"habenula check {name}"):
        assert part in text
    assert claim.test.__doc__.splitlines()[0] in text


@pytest.mark.parametrize(
    ("name", "near"),
    [("ShutleBox", "ShuttleBox"), ("wu2022", "wu2021"), ("ketamin", "Ketamine"), ("habenulaagent", "HabenulaAgent")],
)
def test_an_unknown_name_ends_with_2_and_the_nearest(shown, name, near):
    said = shown("describe", name)
    assert said.startswith(f"2 habenula: there is no agent, task, intervention, readout, study or claim '{name}'")
    assert f"did you mean '{near}'" in said


def test_names_that_begin_so_are_all_offered(shown):
    assert "'Pavlovian', did you mean 'PavlovianGoNoGo' or 'PavlovianConditioning'?" in shown("describe", "Pavlovian")
    assert "did you mean 'GridWorld'?" in shown("describe", "grid")


def test_a_name_must_be_given(shown):
    assert shown("describe", " ") == (
        "2 habenula: describe takes the name of an agent, task, intervention, readout, study or claim; habenula list "
        "shows them all\n"
    )
    assert shown("describe", "zzz").endswith("habenula list shows them all, and --own FILE takes one of your own\n")


OWN_TASK = """
from dataclasses import dataclass
from habenula_rl.contract import Task, parameter

def begin(q, x, e):
    e.state = 0

def step(q, x, e):
    e.reward = q.crumb
    e.terminated = 1

@dataclass(frozen=True)
class Detour(Task):
    \"\"\"A crumb at home, or a long way.\"\"\"
    begin, step, states, actions = begin, step, ("home", "road"), ("stay", "walk")
    crumb: float = parameter(0.2, doc="what the crumb is worth", unit="reward", low=0, high=1, source="set")
"""


def test_ones_own_task_is_described_like_the_others(shown, tmp_path, monkeypatch):
    monkeypatch.setattr("habenula_rl.registry.TASKS", tasks := dict(TASKS))
    monkeypatch.setattr("habenula_rl.tasks.TASKS", tasks)
    path = tmp_path / "mine.py"
    path.write_text(OWN_TASK)
    said = shown("describe", "Detour", "--own", str(path))
    for part in ("A crumb at home", "States: 0 home; 1 road", "what the crumb is worth", "0 to 1", "0.2"):
        assert part in said
    path.write_text(OWN_TASK.replace('"walk")', '"walk"); aversive = (1.0,)'))
    assert "2 habenula: Detour: aversive must be a tuple" in shown("describe", "Detour", "--own", str(path))
    path.write_text(OWN_TASK.replace("q.crumb", "q.crum"))
    assert "there is no parameter 'crum', did you mean 'crumb'?" in shown("describe", "Detour", "--own", str(path))
    assert "there is no Python file 'no.py' here" in shown("describe", "Detour", "--own", "no.py")


def test_list_names_everything_that_can_be_described(shown):
    listed = {line.split()[0] for line in shown("list").splitlines() if line.startswith("  ")}
    assert listed == {*DECLARED, *pages.readouts(), *known_studies(), *CLAIMS}
    for name in listed:
        assert list(described(name))


def test_a_class_without_a_docstring_is_not_described_by_its_signature(shown, tmp_path):
    code = """
from dataclasses import dataclass
from habenula_rl.contract import Task, parameter


def begin(q, x, e):
    e.state = 0


def step(q, x, e):
    e.next_state = 0
    e.reward = q.worth
    e.terminated = 1


@dataclass(frozen=True)
class Undescribed(Task):
    begin, step = begin, step
    states, actions = ("box",), ("press", "wait")
    worth: float = parameter(1.0, doc="what it is worth", low=0, high=1, source="set")
"""
    (tmp_path / "undescribed.py").write_text(code)
    text = shown("describe", "Undescribed", "--own", str(tmp_path / "undescribed.py"))
    assert "Undescribed (task)\n\nIts class has no docstring.\n" in text and "worth: float" not in text
