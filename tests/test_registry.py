"""A user's own agents and tasks by name: in Gymnasium, and in a config that lists their file."""

import gymnasium
import pytest

import habenula_rl as hrl
from habenula_rl.agents import AGENTS
from habenula_rl.config.problems import ConfigError
from habenula_rl.config.study import load_study
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.tasks import TASKS, SucrosePreference

OWN = """
from dataclasses import dataclass
from habenula_rl.contract import Agent, Task, parameter
from habenula_rl.tasks import SucrosePreference

def start(p, w, reflex):
    w.level = p.level

def prefer(p, w, e, z):
    z[0] = w.level

def learn(p, w, e, y):
    y.level = w.level

@dataclass(frozen=True)
class Stubborn(Agent):
    start, prefer, learn, signals = start, prefer, learn, ("level",)
    level: float = parameter(9.0, doc="preference of the first action", low=-9, high=9)

    @staticmethod
    def state(n_states, n_actions):
        return {"level": ()}

def begin(q, x, e):
    e.state = 0

def step(q, x, e):
    e.reward = q.worth
    e.terminated = 1

@dataclass(frozen=True)
class Gift(Task):
    begin, step = begin, step
    states, actions = ("room",), ("take", "leave")
    worth: float = parameter(1.0, doc="what it is worth", low=0, high=9)
"""
CONFIG = """
study: gifts
seed: 1
own: [own/mine.py]
groups: {stubborn: {n: 3, agent: Stubborn}}
phases: [{name: room, task: Gift, trials: 4, parameters: {worth: 2.0}}]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A config with own agents and tasks; what was registered is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study" / "own").mkdir(parents=True)
    (tmp_path / "study" / "gifts.yaml").write_text(CONFIG)
    (tmp_path / "study" / "own" / "mine.py").write_text(OWN)
    yield tmp_path / "study"
    AGENTS.pop("Stubborn", None)
    TASKS.pop("Gift", None)


def test_a_config_names_what_its_own_files_define(folder):
    trials = load_trials(hrl.run("study/gifts.yaml"))
    assert (trials.outcome == 2.0).all() and (trials.action == 0).mean() > 0.9 and (trials.level == 9.0).all()
    assert gymnasium.make("habenula_rl/Gift-v0", worth=3.0).unwrapped.task.worth == 3.0


def test_another_version_of_the_file_is_another_run(folder):
    first = hrl.run("study/gifts.yaml")
    mine = folder / "own" / "mine.py"
    mine.write_text(mine.read_text().replace("e.reward = q.worth", "e.reward = 2.0 * q.worth"))
    lines = []
    again = hrl.run("study/gifts.yaml", progress=lambda done, total, line: lines.append(line))
    assert again == first and any("made by other rules" in line for line in lines)
    assert (load_trials(again).outcome == 4.0).all()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "gifts.yaml:4:7: there is no Python file 'own/mine.py' beside the config"),
        (
            "x = 1\n",
            "gifts.yaml:4:7: 'own/mine.py' defines no class derived from Agent or Task, and "
            "registers no environment with Gymnasium",
        ),
        ("import nothing_of_this_name\n", "own/mine.py:1: ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("def begin(:\n", "own/mine.py:1: SyntaxError: invalid syntax"),
        (OWN.replace("q.worth", "q.wort"), "there is no parameter 'wort', did you mean 'worth'?"),
        (
            OWN.replace('"leave")', '"leave"); aversive = (0, 1)'),
            "gifts.yaml:6:29: Gift: aversive must be a tuple with an entry for each state, 1 in all, not 2",
        ),
        (OWN.replace("class Gift", "class ShuttleBox"), "the package has its own ShuttleBox: give the class"),
    ],
)
def test_what_is_wrong_in_an_own_file_is_told_with_the_config(folder, text, told):
    path = folder / "own" / "mine.py"
    path.write_text(text) if text else path.unlink()
    with pytest.raises(ConfigError) as caught:
        load_study("study/gifts.yaml")
    assert told in str(caught.value)
    assert TASKS["ShuttleBox"] is hrl.tasks.ShuttleBox


@pytest.mark.parametrize("text", [None, "import nothing_of_this_name\n" + OWN, OWN + "def begin(:\n"])
def test_what_a_broken_file_would_define_is_not_unknown_too(folder, text):
    path = folder / "own" / "mine.py"
    path.write_text(text) if text else path.unlink()
    config = folder / "gifts.yaml"
    with pytest.raises(ConfigError) as caught:
        load_study("study/gifts.yaml")
    assert len(caught.value.problems) == 1
    config.write_text(CONFIG.replace("phases: [", "phases: [{name: box, task: ShutleBox, trials: 1}, "))
    with pytest.raises(ConfigError) as caught:
        load_study("study/gifts.yaml")
    assert ["unknown task 'ShutleBox'" in line for line in caught.value.problems] == (
        [False, True] if text else [False]
    )


def test_register_takes_classes_of_agents_and_tasks_only():
    assert hrl.register(SucrosePreference) is SucrosePreference
    with pytest.raises(ValueError, match="register takes a class derived from Agent or Task, not 3"):
        hrl.register(3)
