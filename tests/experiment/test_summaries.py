"""A summary without a number, and a figure that is none, are refused; own files take no id that is taken."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.experiment.publish import _has_a_number, publish
from habenula_rl.experiment.study_file import ExperimentError

CONFIG = {"study": "mine", "seed": 1, "groups": {"a": {"agent": "QLearning", "n": 1}}}
CONFIG["phases"] = [{"name": "p", "trials": 1}]
TRIALS = pd.DataFrame({"group": ["a"], "phase": ["p"], "subject": [0], "action": [0]})


@pytest.mark.parametrize(
    ("table", "has"),
    [
        ({"value": [1.0, math.nan]}, True),
        ({"mean": [0.0], "n": [3]}, True),
        ({"value": [math.nan]}, False),
        ({"mean": [math.nan], "group": ["a"]}, False),
        ({"value": ["a"]}, False),
        ({"value": [math.inf]}, False),
        ({"value": [0.0], "n": [0]}, False),
        ({"n": [3], "subject": [1]}, False),
        ({}, False),
    ],
)
def test_what_is_a_number(table, has):
    assert _has_a_number(pd.DataFrame(table)) is has


def test_a_figure_that_is_not_returned_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "mine.py").write_text(
        "import pandas as pd\ndef summarise(trials):\n    return pd.DataFrame({'value': [1.0]})\n"
        "def figure(table):\n    pass\n"
    )
    with pytest.raises(ExperimentError, match=r"mine\.py: figure must return a Matplotlib figure, not None$"):
        publish(tmp_path, CONFIG, pd.DataFrame(), SimpleNamespace(whole=lambda columns=None: TRIALS, columns=[*TRIALS]))


OWN = """
import gymnasium
class Room(gymnasium.Env):
    pass
gymnasium.register({id!r}, Room)
"""
TEXT = (
    "study: x\nseed: 1\nown: [one.py{more}]\ngroups: {{a: {{n: 1}}}}\nphases: [{{name: p, task: Bandit, trials: 1}}]\n"
)


@pytest.mark.filterwarnings("ignore:.*Overriding environment")
def test_an_own_file_takes_no_id_that_gymnasium_has(tmp_path):
    import gymnasium

    before = gymnasium.registry["FrozenLake-v1"]
    (tmp_path / "one.py").write_text(OWN.format(id="FrozenLake-v1"))
    (tmp_path / "x.yaml").write_text(TEXT.format(more=""))
    with pytest.raises(ConfigError, match=r"'one\.py' registers FrozenLake-v1, which Gymnasium has already"):
        load_study(tmp_path / "x.yaml")
    assert gymnasium.registry["FrozenLake-v1"] is before
    (tmp_path / "one.py").write_text(OWN.format(id="Mine-v7"))
    for _ in range(2):  # the same file again is the same environment
        load_study(tmp_path / "x.yaml")
    assert "Mine-v7" in gymnasium.registry


def test_two_own_files_may_not_define_one_class(tmp_path):
    text = (
        "from dataclasses import dataclass\nfrom habenula_rl.agents import QLearning\n"
        "@dataclass(frozen=True)\nclass Zed(QLearning):\n    pass\n"
    )
    (tmp_path / "one.py").write_text(text)
    (tmp_path / "two.py").write_text(text)
    (tmp_path / "x.yaml").write_text(TEXT.format(more=", two.py"))
    with pytest.raises(ConfigError, match=r"'two\.py' and 'one\.py' both define Zed"):
        load_study(tmp_path / "x.yaml")
