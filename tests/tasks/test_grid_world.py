"""Grid world against ways worked out by hand, draws made a second time, and Gymnasium's FrozenLake."""

import gymnasium
import pytest

from habenula_rl.tasks import GridWorld
from habenula_rl.tasks.environment import TaskEnvironment

LEFT, DOWN, RIGHT, UP = range(4)


def cells(trial):
    """The cells that a trial went through, as (column, row)."""
    names = [trial[0], *(name for name, *_ in trial[1:])]
    return [tuple(int(part.split()[1]) for part in name.split(", ")) for name in names]


def test_a_way_around_the_hazards_to_the_goal(played):
    task = GridWorld(width=3, height=2, hazards=(1,), goal_column=2, goal_row=0, effort=0.125)
    [trial] = played(task, [DOWN, RIGHT, RIGHT, UP])
    assert cells(trial) == [(0, 0), (0, 1), (1, 1), (2, 1), (2, 0)]
    assert [outcome[1:] for outcome in trial[1:]] == [(-0.125, "on")] * 3 + [(0.875, "ended")]


def test_the_edge_of_the_map_stops_a_step(played):
    task = GridWorld(width=2, height=2, hazards=(-1,), goal_column=1, goal_row=1)
    [trial] = played(task, [LEFT, UP, RIGHT, RIGHT, UP, DOWN])
    assert cells(trial) == [(0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (1, 1)]


def test_a_hazard_hurts_and_may_end_the_trial(played):
    settings = {"width": 3, "height": 1, "hazards": (1,), "goal_column": 2, "goal_row": 0, "cost": 0.5, "hazard": 0.5}
    [ends] = played(GridWorld(**settings), [RIGHT])
    assert ends[1] == ("column 1, row 0", -0.25, "ended")
    [goes_on] = played(GridWorld(hazard_ends=False, **settings), [RIGHT, UP, RIGHT])
    assert [outcome[1:] for outcome in goes_on[1:]] == [(-0.25, "on"), (-0.25, "on"), (1.0, "ended")]
    assert GridWorld(**settings).aversive == (0.0, 0.5, 0.0)


def test_a_trial_is_cut_off_after_its_longest(played):
    [trial] = played(GridWorld(limit_steps=2), [LEFT, LEFT])
    assert [end for *_, end in trial[1:]] == ["on", "cut off"]


@pytest.mark.parametrize("action", range(4))
def test_a_slip_goes_to_either_side_by_the_draw_of_the_step(played, drawn, action):
    ahead = {LEFT: (-1, 0), DOWN: (0, 1), RIGHT: (1, 0), UP: (0, -1)}[action]
    start = {"start_column": 1, "start_row": 1, "goal_column": 2, "goal_row": 2}
    task = GridWorld(width=3, height=3, hazards=(-1,), slip=0.5, **start)
    landed = [cells(trial)[1] for trial in played(task, *[[action]] * 60, seed=4)]
    sides = {-1: (1 - ahead[1], 1 - ahead[0]), 0: (1 + ahead[0], 1 + ahead[1]), 1: (1 + ahead[1], 1 + ahead[0])}
    luck = [drawn(4, t) for t in range(60)]
    assert landed == [sides[1 if u < 0.25 else (-1 if u < 0.5 else 0)] for u in luck]
    assert len(set(landed)) == 3


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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 3}, "goal at column 3, row 3 is not on the map of 3 times 4"),
        ({"start_row": 4}, "start at column 0, row 4 is not on the map"),
        ({"hazards": (16,)}, "cells of the map, 0 to 15, not 16"),
        ({"hazards": (5.5,)}, "cells of the map, 0 to 15, not 5.5"),
        ({"hazards": (5, 0)}, "hazard 0 is the start or the goal"),
        ({"hazards": (15,)}, "hazard 15 is the start or the goal"),
        ({"goal_column": 0, "goal_row": 0}, "two different cells"),
    ],
)  # fmt: skip
def test_a_map_that_cannot_be_is_refused_in_one_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        GridWorld(**settings)
