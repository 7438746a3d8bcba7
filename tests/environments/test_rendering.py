"""Pictures: of every task in every moment, with the right things in the right places, and the agent's signals below."""

import subprocess
import sys
import warnings
from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import habenula_rl as hrl
from habenula_rl.environments.canvas import Canvas, mixed, signed
from habenula_rl.environments.picture import HEIGHT, WIDTH, Picture
from habenula_rl.environments.registration import environment_id
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.figures.colours import BLUE, GREEN, ORANGE, VERMILION
from habenula_rl.tasks import TASKS


def rgb(colour):
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def amount(picture, colour):
    """How many pixels have that colour."""
    return int((picture == rgb(colour)).all(axis=-1).sum())


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("mode", [None, "ansi", "rgb_array"])
def test_gymnasium_finds_nothing_wrong(task, mode):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gymnasium.make(environment_id(task), render_mode=mode, disable_env_checker=True)
        check_env(env.unwrapped)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_a_picture_from_its_start_on(task):
    env = TaskEnvironment(task, render_mode="rgb_array")
    env.reset(seed=1)
    before = env.render()
    assert before.shape == (HEIGHT, WIDTH, 3) and before.dtype == np.uint8
    assert len(np.unique(before.reshape(-1, 3), axis=0)) > 5
    env.step(0)
    after = env.render()
    assert amount(before, ORANGE) == 0 < amount(after, ORANGE)  # what was done
    assert (env.render() == after).all()


def test_a_grid_world_marks_its_goal():
    """The last of 4 × 4 cells pays: green in the lower right quarter of the cells, and nowhere else."""
    env = TaskEnvironment("GridWorld", render_mode="rgb_array")
    env.reset(seed=1)
    picture = env.render()
    goal = amount(picture[128:215, WIDTH // 2 :], mixed(GREEN, 0.6))
    assert goal > 300 and amount(picture, mixed(GREEN, 0.6)) == goal


def test_the_picture_follows_the_animal():
    env = TaskEnvironment("ShuttleBox", render_mode="rgb_array")
    env.reset(seed=1)
    shocked = env.render()
    env.step(1)
    safe = env.render()
    third = WIDTH // 3
    animal = [[amount(p[40:215, k * third : (k + 1) * third], "#5A5A5A") for k in range(3)] for p in (shocked, safe)]
    assert [np.argmax(counts) for counts in animal] == [2, 0]
    assert [sum(n > 50 for n in counts) for counts in animal] == [1, 1]


def test_better_is_blue_and_worse_is_vermilion_and_what_is_not_shown_is_no_bar():
    task = TASKS["SucrosePreference"]()
    bars = []
    for outcome in (1.0, -1.0, float("nan")):
        picture = Picture(task)
        picture.moved(1, outcome, 0.0)
        lane = picture.draw(0, "")[260:350, 100:]
        bars.append((amount(lane, BLUE) > 0, amount(lane, VERMILION) > 0))
    assert bars == [(True, False), (False, True), (False, False)]


def many(n, **said):
    """What a picture needs of a task with so many states and actions."""
    blank = {
        "states": tuple(f"a state with a long name {s}" for s in range(n)),
        "aversive": (0.5,) * n,
        "actions": tuple(f"an action {a}" for a in range(n)),
        "available": (),
    }
    return SimpleNamespace(**blank | said)


@pytest.mark.parametrize("n", [1, 2, 7, 25, 41, 500])
def test_any_number_of_states_and_actions_has_room(n):
    picture = Picture(many(n))
    for _ in range(70):
        picture.moved(n - 1, -1.0, 0.5)
    drawn = picture.draw(n - 1, "trial 10000000, step 1000000 (1000000 s)")
    assert drawn.shape == (HEIGHT, WIDTH, 3)
    assert (drawn[:, -3:] == 255).all() and (drawn[-3:] == 255).all()  # nothing is cut off


def test_a_grid_is_drawn_as_a_grid():
    task = many(6)
    task.states = tuple(f"column {c}, row {r}" for r in range(3) for c in range(2))
    drawn = [Picture(task).draw(s, "") for s in range(6)]
    spots = [np.argwhere((p[40:215] == rgb("#5A5A5A")).all(axis=-1)).mean(axis=0) for p in drawn]
    rows, columns = (np.array(spots)[:, k].reshape(3, 2) for k in (0, 1))
    assert (np.diff(rows, axis=0) > 40).all() and (np.abs(np.diff(rows, axis=1)) < 5).all()
    assert (np.diff(columns, axis=1) > 200).all()


class Probe:
    """Signals that are set by hand."""

    def __init__(self, **signals):
        self.signals = signals


def watched(**options):
    live = Probe(lhb=1.0, dopamine=0.0, serotonin=0.5)
    return hrl.Watched(TaskEnvironment("ForcedSwim", render_mode="rgb_array"), live, **options), live


def test_the_lanes_show_each_step_once_rendered_or_not():
    env, live = watched()
    env.reset(seed=1)
    assert env.render().shape == (HEIGHT + 2 * 78 + 16, WIDTH, 3)
    for k in range(3):
        env.step(0)
        live.signals = {"lhb": 1.0 + k, "dopamine": -k, "serotonin": 0.5}
        if k != 1:
            env.render()
    env.reset()
    assert list(env._seen) == [[1.0, 0], [2.0, -1], [3.0, -2]]
    for _ in range(100):
        env.step(0)
        env.reset()
    assert len(env._seen) == 60


def test_a_rising_habenula_rises():
    env, live = watched(signals=["lhb"])
    env.reset(seed=1)
    env.step(0)
    live.signals = live.signals | {"lhb": 5.0}
    rows = np.argwhere((env.render()[HEIGHT:, 500:] == rgb(VERMILION)).all(axis=-1))[:, 0]
    live.signals = live.signals | {"lhb": 0.0}
    lower = np.argwhere((env.render()[HEIGHT:, 500:] == rgb(VERMILION)).all(axis=-1))[:, 0]
    assert rows.max() < lower.min()


def test_next_to_nothing_looks_like_it():
    env, live = watched(signals=["dopamine"])
    env.reset(seed=1)
    for k in range(20):
        env.step(0)
        live.signals = live.signals | {"dopamine": -0.001 * (k % 2)}
    rows = np.argwhere((env.render()[HEIGHT:, 100:] == rgb(BLUE)).all(axis=-1))[:, 0]
    assert rows.max() - rows.min() < 10


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: hrl.Watched(TaskEnvironment("ForcedSwim"), Probe(lhb=1.0)), "render_mode 'rgb_array', not None"),
        (lambda: watched(signals=["lbh"]), "the agent has no signal 'lbh', did you mean 'lhb'"),
    ],
)
def test_what_is_wrong_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_numbers_and_colours():
    assert [signed(v) for v in (0.0, 1.0, -0.25, 12345.0)] == ["0", "+1", "−0.25", "+1.23e+04"]
    assert (mixed("#000000", 1), mixed("#000000", 0), mixed("#D55E00", 0.5)) == ("#000000", "#ffffff", "#eaae80")


def test_text_is_cut_where_there_is_no_room():
    whole, cut = Canvas(200, 30), Canvas(200, 30)
    whole.text(5, 15, "a rather long line of words")
    cut.text(5, 15, "a rather long line of words", room=60)
    assert (whole.array()[:, 70:] < 255).any() and not (cut.array()[:, 70:] < 255).any()


def test_stepping_loads_nothing_to_draw_with():
    code = "import sys, gymnasium, habenula_rl; gymnasium.make('habenula_rl/ShuttleBox-v0').reset(seed=1)"
    code += "; print([m for m in ('PIL', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
