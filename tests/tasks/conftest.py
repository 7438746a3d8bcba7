"""What the tests of single tasks share: a task played by hand, and an independent account of its draws."""

import pytest

from habenula_rl.environments.task_environment import TaskEnvironment

GOLDEN = 0x9E3779B97F4A7C15


@pytest.fixture
def played():
    return _played


@pytest.fixture
def drawn():
    return _drawn


def _played(task, *trials, seed=0):
    """What each trial of actions shows: its first state, then (state, reward, how it went on) by step."""
    env = TaskEnvironment(task)
    shown = []
    for t, actions in enumerate(trials):
        first, _ = env.reset(seed=seed) if t == 0 else env.reset()
        steps = [env.step(action) for action in actions]
        names = task.states
        shown.append([names[first], *((names[state], reward, _end(te, tr)) for state, reward, te, tr, _ in steps)])
    return shown


def _end(terminated, truncated):
    return {(False, False): "on", (True, False): "ended", (False, True): "cut off"}[terminated, truncated]


def _drawn(seed, trial, step=0, slot=0, subject=0):
    """The task's draw, in Python's own whole numbers."""
    key = _mixed(_mixed(_mixed(seed) + 2 * GOLDEN) + (subject + 1) * GOLDEN)
    counter = (trial << 28) + 16 * step + slot
    return (_mixed(key + (counter + 1) * GOLDEN) >> 11) / 2**53


def _mixed(z):
    z %= 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


@pytest.fixture
def chosen():
    return _chosen


def _chosen(task, choose, n_trials, seed=0, subject=0):
    """What trials of one step show: (state, action, reward, state at the end, whether that was shown) by trial.

    `choose` is a list of actions, or gives the action of a state.
    """
    env = TaskEnvironment(task)
    shown = []
    for t in range(n_trials):
        state, _ = env.reset(seed=seed, options={"subject": subject}) if t == 0 else env.reset()
        action = choose(state) if callable(choose) else choose[t]
        end, reward, terminated, truncated, info = env.step(action)
        assert (terminated, truncated) == (True, False)
        shown.append((state, action, reward, end, info["feedback"]))
    return shown
