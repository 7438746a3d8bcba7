"""What a task says of its states and actions is checked where it meets the engine, before any rule runs."""

import dataclasses
import math

import gymnasium
import numpy as np
import pytest

import habenula_rl as hrl
from habenula_rl.agents import QLearning
from habenula_rl.contract import Task
from habenula_rl.contract.shape import misshapen, shape_of
from habenula_rl.engine.live import LiveAgent
from habenula_rl.engine.population import Subjects
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.fitting.likelihood import log_likelihood
from habenula_rl.tasks import TASKS


def begin(q, x, e):
    e.state = 0


def step(q, x, e):
    e.next_state = 1 + e.action
    e.terminated = 1


@dataclasses.dataclass(frozen=True)
class Detour(Task):
    begin, step = begin, step
    states, actions, max_steps = ("home", "road", "shock"), ("stay", "walk"), 5


def detour(**said):
    return dataclasses.dataclass(frozen=True)(type("Detour", (Detour,), said))()


HALF, WHOLE = (0.5, 0.5), (True, True)
REFUSED = [
    ({"states": "abc"}, "states must be a tuple of names, as in states = ('one', 'two'), not 'abc'"),
    ({"states": ()}, "states must be a tuple of names, as in states = ('one', 'two'), not ()"),
    (
        {"states": ("home", "", "shock")},
        "states must be a tuple of names, as in states = ('one', 'two'), not ('home', '', 'shock')",
    ),
    ({"states": ("home", "road", "home")}, "states has 'home' twice, as number 0 and number 2"),
    ({"states": Task.states}, "states is missing, a tuple of names, as in states = ('one', 'two')"),
    ({"states": property(lambda self: ("home",)[3])}, "states fails: IndexError: tuple index out of range"),
    (
        {"actions": ["stay", "walk"]},
        "actions must be a tuple of names, as in actions = ('one', 'two'), not ['stay', 'walk']",
    ),
    ({"max_steps": 0}, "max_steps must be a whole number of at least 1, not 0"),
    ({"max_steps": 2.5}, "max_steps must be a whole number of at least 1, not 2.5"),
    ({"step_s": -1.0}, "step_s must be above 0, or NaN where there is no real time, not -1.0"),
    ({"passive": 5}, "passive must be the number of an action, 0 ('stay') to 1 ('walk'), or -1 for none, not 5"),
    (
        {"passive": "stay"},
        "passive must be the number of an action, 0 ('stay') to 1 ('walk'), or -1 for none, not 'stay'",
    ),
    ({"aversive": (0.0, 1.0)}, "aversive must be a tuple with an entry for each state, 3 in all, not 2"),
    ({"aversive": 1.0}, "aversive must be a tuple with an entry for each state, 3 in all, not 1.0"),
    ({"aversive": (0.0, 0.0, 7.0)}, "aversive of 'shock' must be a number from 0 to 1, not 7.0"),
    ({"aversive": (0.0, math.nan, 0.0)}, "aversive of 'road' must be a number from 0 to 1, not nan"),
    ({"reflex": (HALF,)}, "reflex must be a tuple with an entry for each state, 3 in all, not 1"),
    (
        {"reflex": (HALF, (0.0, 1.0, 0.0), HALF)},
        "reflex of 'road' must be a tuple with an entry for each action, 2 in all, not (0.0, 1.0, 0.0)",
    ),
    ({"reflex": (HALF, (0.0, -1.0), HALF)}, "reflex of 'road', 'walk' must be a number from 0 to 1, not -1.0"),
    ({"elements": ((0,),)}, "elements must be a tuple with an entry for each state, 3 in all, not 1"),
    (
        {"elements": ((0,), (1,), (90000,))},
        "elements of 'shock' must be numbers of states, 0 ('home') to 2 ('shock'), not 90000",
    ),
    (
        {"elements": ((0,), (1,), (-1,))},
        "elements of 'shock' must be numbers of states, 0 ('home') to 2 ('shock'), not -1",
    ),
    (
        {"elements": ((0,), (1,), ("rood",))},
        "elements of 'shock' must be numbers of states, 0 ('home') to 2 ('shock'), not 'rood', did you mean 'road'?",
    ),
    ({"elements": ((0,), (1,), ())}, "elements of 'shock' must be a tuple of numbers of states, as in (0,), not ()"),
    ({"elements": ((0,), (1,), (0, 0))}, "elements of 'shock' has a state twice: (0, 0)"),
    (
        {"elements": ((0,), (0,), (0, 1))},
        "elements of 'shock' has 'road', which must be made of itself, (1,), not (0,)",
    ),
    ({"available": (WHOLE,)}, "available must be a tuple with an entry for each state, 3 in all, not 1"),
    (
        {"available": (WHOLE, (True,), WHOLE)},
        "available of 'road' must be a tuple with an entry for each action, 2 in all, not (True,)",
    ),
    ({"available": (WHOLE, (True, 0.5), WHOLE)}, "available of 'road', 'walk' must be True or False, not 0.5"),
    (
        {"available": ((False, False),) * 3},
        "available of 'home' has no action that can be chosen: at least one must be True",
    ),
    ({"available": None}, "available must be a tuple with an entry for each state, 3 in all, not None"),
    ({"script": ()}, "script must be a tuple of numbers, one for each trial, not ()"),
]
MEETINGS = {
    "simulate": lambda task: hrl.simulate(QLearning(), task, n_subjects=2, n_trials=3, seed=1),
    "environment": TaskEnvironment,
    "study": lambda task: Subjects(QLearning(), {"here": task}, n=2, seed=1),
    "likelihood": lambda task: log_likelihood(QLearning(), hrl.simulate(QLearning(), Detour()).trials, task),
}


@pytest.mark.parametrize("meeting", MEETINGS.values(), ids=MEETINGS)
@pytest.mark.parametrize(
    ("said", "sentence"), REFUSED, ids=lambda said: "-".join(said) if isinstance(said, dict) else ""
)
def test_what_cannot_be_is_refused_in_one_sentence_wherever_the_task_meets_the_engine(said, sentence, meeting):
    with pytest.raises(ValueError, match=r"^Detour: ") as caught:
        meeting(detour(**said))
    assert str(caught.value) == f"Detour: {sentence}"


@pytest.mark.parametrize(
    "said",
    [
        {"elements": ((0,), (1,), (0, 1))},
        {"available": ()},
        {"available": ((1, 0), WHOLE, WHOLE)},
        {"passive": 1},
        {"step_s": 0.5},
        {"aversive": [0, np.float32(0.5), 1]},
        {"reflex": [HALF, [0, 1], HALF]},
        {"max_steps": np.int64(3)},
    ],
)
def test_what_can_be_is_taken(said):
    assert misshapen(detour(**said)) is None


@pytest.mark.parametrize("task", TASKS)
def test_the_shape_of_the_packages_tasks_is_what_they_say(task):
    made = TASKS[task]()
    shape = shape_of(made)
    for field in dataclasses.fields(shape):
        np.testing.assert_equal(getattr(shape, field.name), getattr(made, field.name))


class Told(gymnasium.spaces.Discrete):
    """A user's own space that says something of its states."""

    def __init__(self, n, **said):
        super().__init__(n)
        self.__dict__.update(said)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"elements": ((0,), (1,), (9,))}, "elements of '2' must be numbers of states, 0 ('0') to 2 ('2'), not 9"),
        ({"aversive": (0, 0, 7)}, "aversive of '2' must be a number from 0 to 1, not 7"),
        ({"available": ((0, 0),) * 3}, "available of '0' has no action that can be chosen: at least one must be True"),
    ],
)
def test_what_a_space_says_is_checked_in_the_same_way(said, sentence):
    with pytest.raises(ValueError, match="observation space") as caught:
        LiveAgent(QLearning(), Told(3, **said), gymnasium.spaces.Discrete(2))
    assert str(caught.value) == f"the observation space: {sentence}"
