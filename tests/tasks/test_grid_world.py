"""Grid world against ways worked out by hand, draws made a second time, and Gymnasium's FrozenLake."""

import gymnasium
import pytest

from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import GridWorld

LEFT, DOWN, RIGHT, UP = range(4)


def cells(trial):
    """The cells that a trial went through, as (column, row)."""
    names = [trial[0], *(name for name, *_ in trial[1:])]
    return [tuple(int(part.split()[1]) for part in name.split(", ")) for name in names]


def test_a_way_around_the_hazards_to_the_goal(played):
    task = GridWorld(width=3, hurts=(0, 1, 0, 0, 0, 0), pays=(0, 0, 2, 0, 0, 0), effort=0.125)
    [trial] = played(task, [DOWN, RIGHT, RIGHT, UP])
    assert cells(trial) == [(0, 0), (0, 1), (1, 1), (2, 1), (2, 0)]
    assert [outcome[1:] for outcome in trial[1:]] == [(-0.125, "on")] * 3 + [(1.875, "ended")]


def test_the_edge_of_the_map_stops_a_step(played):
    task = GridWorld(width=2, hurts=[0] * 6, pays=[0] * 6)
    [trial] = played(task, [LEFT, UP, RIGHT, RIGHT, DOWN, DOWN, DOWN])
    assert cells(trial) == [(0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 1), (1, 2), (1, 2)]


def test_a_hazard_hurts_and_may_end_the_trial(played):
    settings = {"width": 3, "hurts": (0, 0.5, 0), "pays": (0, 0, 1), "cost": 0.5}
    [ends] = played(GridWorld(**settings), [RIGHT])
    assert ends[1] == ("column 1, row 0", -0.25, "ended")
    [goes_on] = played(GridWorld(hazard_ends=False, **settings), [RIGHT, UP, RIGHT])
    assert [outcome[1:] for outcome in goes_on[1:]] == [(-0.25, "on"), (-0.25, "on"), (1.0, "ended")]
    assert GridWorld(**settings).aversive == (0.0, 0.5, 0.0)


def test_a_trial_is_cut_off_after_its_longest_and_the_next_one_starts_top_left(played):
    first, second = played(GridWorld(limit_steps=2), [RIGHT, DOWN], [RIGHT, RIGHT])
    assert [end for *_, end in first[1:]] == ["on", "ended"]
    assert [end for *_, end in second[1:]] == ["on", "cut off"]
    assert second[0] == "column 0, row 0"


@pytest.mark.parametrize("action", range(4))
def test_a_slip_goes_to_either_side_by_the_draw_of_the_step(drawn, action):
    env = TaskEnvironment(GridWorld(width=3, hurts=[0] * 9, pays=[0] * 9, slip=0.5))
    seen = set()
    for trial in range(60):  # to the middle of the map is two steps, if none of them slips
        env.reset(seed=4) if trial == 0 else env.reset()
        there = [env.step(move)[0] for move in (RIGHT, DOWN)] == [1, 4]
        state, luck = env.step(action)[0], drawn(4, trial, step=2)
        if there:
            ahead = {LEFT: (-1, 0), DOWN: (0, 1), RIGHT: (1, 0), UP: (0, -1)}[action]
            side = 1 if luck < 0.25 else -1
            across, down = ahead if luck >= 0.5 else (side * ahead[1], side * ahead[0])
            assert state == 4 + 3 * down + across
            seen.add(state)
    assert len(seen) == 3


def test_the_default_map_is_that_of_frozen_lake():
    lake = gymnasium.make("FrozenLake-v1", is_slippery=False).unwrapped
    env = TaskEnvironment(GridWorld())
    ways = [
        [RIGHT, RIGHT, DOWN, DOWN, DOWN, RIGHT],
        [DOWN, DOWN, DOWN],
        [RIGHT, DOWN],
        [LEFT, UP, RIGHT, UP, RIGHT, RIGHT, DOWN],
    ]
    for k, way in enumerate(ways):
        env.reset(seed=0) if k == 0 else env.reset()
        lake.reset(seed=0)
        for action in way:
            state, _, ended, *_ = env.step(action)
            lake_state, _, lake_ended, *_ = lake.step(action)
            assert (state, ended) == (lake_state, lake_ended)
    assert len(env.task.states) == lake.observation_space.n


def test_a_map_that_cannot_be_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="one number for each cell, not 2 and 3"):
        GridWorld(width=1, hurts=(0, 0), pays=(0, 0, 1))
    with pytest.raises(ValueError, match="a map of 16 cells has no rows of width 3"):
        GridWorld(width=3)
