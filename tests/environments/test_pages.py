"""Every environment that README or a page of docs names runs."""

import importlib.util
import re
from pathlib import Path

import gymnasium
import pytest
from gymnasium import spaces

import habenula_rl as hrl
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.units import run_unit, units_of

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ID = re.compile(r"(?:\w+:)?(?:\w+/)?[A-Z][A-Za-z0-9]*(?:-[A-Z0-9]\w*)*-v\d+\b")
OWN = {"habenula_rl/Foraging-v0", "Places-v0"}  # made on the page itself, which a test of its own runs
SINCE = {"Taxi-v4": (1, 3)}  # the Gymnasium that brought it, where the oldest that the package allows has not
WIDE = {"low": -1.0, "high": 1.0}
NAMED = sorted({id for page in PAGES for id in ID.findall(page.read_text(encoding="utf-8"))} - OWN)
GYMNASIUM = tuple(map(int, gymnasium.__version__.split(".")[:2]))


def needs(id):
    """Skip where the package or the version that has the environment is not installed."""
    package, _, name = id.rpartition(":")
    if package and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    if SINCE.get(name, GYMNASIUM) > GYMNASIUM:
        pytest.skip(f"{name} is not in Gymnasium {gymnasium.__version__}")


def test_the_pages_name_environments():
    assert {"FrozenLake-v1", "CliffWalking-v1", "CartPole-v1", "Taxi-v4", "habenula_rl/ShuttleBox-v0"} <= set(NAMED)
    assert "minigrid:MiniGrid-Empty-5x5-v0" in NAMED


@pytest.mark.parametrize("id", [id for id in NAMED if not id.startswith("minigrid")])
def test_an_environment_that_a_page_names_runs(id):
    needs(id)
    with gymnasium.make(id) as env:
        bins = {"bins": 2} | WIDE if isinstance(env.observation_space, spaces.Box) else None
        limit = {} if id.startswith("habenula_rl/") else {"max_episode_steps": 5}
    run = hrl.simulate(
        hrl.HabenulaAgent(), hrl.Environment(id, bins=bins, **limit), n_subjects=2, n_trials=3, compiled=False
    )
    assert run.failed.empty and set(run.trials["trial"]) == {0, 1, 2}


def own_page(folder, monkeypatch):
    """The files of docs/reference/configs.md on environments of one's own, in this folder."""
    text = (ROOT / "docs/reference/configs.md").read_text(encoding="utf-8")
    text = text.partition("### An environment of your own")[2]
    monkeypatch.chdir(folder)
    monkeypatch.delitem(gymnasium.registry, "Places-v0", raising=False)
    for kind, name in (("python", "places.py"), ("yaml", "rooms.yaml")):
        Path(name).write_text(re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1], encoding="utf-8")


def ran():
    plan = plan_of(load_study("rooms.yaml"))
    return run_unit(plan, units_of(plan)[0], compiled=False)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of MiniGrid's own
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_page_on_an_environment_of_ones_own_runs(tmp_path, monkeypatch):
    needs("minigrid:MiniGrid-Empty-5x5-v0")
    own_page(tmp_path, monkeypatch)
    result = ran()
    assert result.subjects["failed_trial"].eq(-1).all() and result.trials["state"].nunique() > 4
    assert result.trials["state"].between(0, 99).all() and set(result.trials["trial"]) == set(range(50))


class Room(gymnasium.Env):
    """What the page's wrapper asks of MiniGrid: a room of 2 × 3 places, in which the agent turns, then is out."""

    observation_space, action_space = spaces.Text(9), spaces.Discrete(2)
    width, height, agent_pos = 2, 3, (1, 2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.agent_dir = 0
        return "room", {}

    def step(self, action):
        self.agent_dir += 1
        return "room", 1.0, self.agent_dir == 3, False, {}


def test_a_config_runs_an_environment_that_its_own_file_registers(tmp_path, monkeypatch):
    """(1, 2) of 2 × 3 places is number 5, and with 4 headings state 20 + heading."""
    gymnasium.register("TestRoom-v0", Room)
    own_page(tmp_path, monkeypatch)
    text = Path("rooms.yaml").read_text(encoding="utf-8").replace("minigrid:MiniGrid-Empty-5x5-v0", "TestRoom-v0")
    Path("rooms.yaml").write_text(text, encoding="utf-8")
    trials = ran().trials
    assert trials["state"].tolist() == [20, 21, 22] * 50 * 20
    assert trials["next_state"].tolist() == [21, 22, 23] * 50 * 20
