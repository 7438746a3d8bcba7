"""Progressive ratio against sequences worked out by hand, the ratios against their formula, breakpoints of learners."""

import math

import pytest

from habenula_rl.agents import QLearning, WinStayLoseShift
from habenula_rl.analysis import readouts
from habenula_rl.engine.population import simulate
from habenula_rl.tasks import ProgressiveRatio

PAUSE, WORK = 0, 1
RATIOS = ProgressiveRatio().ratios


def test_the_ratios_are_those_of_the_published_formula():
    assert RATIOS == tuple(round(5.0 * math.exp(0.2 * n) - 5.0) for n in range(1, len(RATIOS) + 1))


def test_a_bout_ends_with_the_pellet_and_the_state_tells_the_ratio(played):
    task = ProgressiveRatio(ratios=[2, 3, 5], bout=3, effort=0.125)
    [session] = played(task, [WORK, WORK, PAUSE, WORK])
    assert session == [
        "ratio 1",
        ("ratio 2", 0.75, "on"),
        ("ratio 3", 0.625, "on"),
        ("ratio 3", 0.0, "on"),
        ("ratio 3", -0.375, "on"),
    ]


def test_what_was_pressed_before_a_pause_counts(played):
    task = ProgressiveRatio(ratios=[8, 1], bout=3, effort=0.125)
    [session] = played(task, [WORK, WORK, PAUSE, WORK])
    assert [reward for _, reward, _ in session[1:]] == [-0.375, -0.375, 0.0, 0.75]
    assert session[-1][0] == "ratio 2"


def test_the_last_ratio_ends_the_session_by_itself(played):
    task = ProgressiveRatio(ratios=[1, 2], bout=3, effort=0.125, session_s=120, bout_s=60)
    assert played(task, [WORK, WORK])[0][-1] == ("done", 0.75, "ended")


def test_pausing_for_too_long_ends_the_session_and_work_puts_that_off(played):
    task = ProgressiveRatio(ratios=[100], bout=3, bout_s=60, limit_s=120, effort=0.125)
    [session] = played(task, [PAUSE, WORK, PAUSE, PAUSE])
    assert [end for *_, end in session[1:]] == ["on", "on", "on", "cut off"]


@pytest.mark.parametrize(("session_s", "steps"), [(120, 2), (121, 3)])
def test_the_session_ends_in_any_case_after_its_length(played, session_s, steps):
    task = ProgressiveRatio(session_s=session_s, bout_s=60, ratios=[1] * 9)
    [session] = played(task, [WORK] * steps)
    assert [end for *_, end in session[1:]] == ["on"] * (steps - 1) + ["cut off"]
    assert (task.max_steps, task.step_s) == (steps, 60.0)


def test_a_new_session_starts_from_the_first_ratio(played):
    task = ProgressiveRatio(ratios=[1, 5, 9], bout=3, effort=0.125, limit_s=60, bout_s=60)
    first, second = played(task, [WORK, WORK, PAUSE], [WORK, WORK, PAUSE])
    assert first == second
    assert first[-1] == ("ratio 2", 0.0, "cut off")


def broken(agent=None, n_subjects=60, **changed):
    """Mean breakpoint after 20 sessions of training, and the share of sessions in which all ratios were completed."""
    run = simulate(agent or QLearning(), ProgressiveRatio(**changed), n_subjects=n_subjects, n_trials=30, seed=4)
    found = readouts.breakpoints(run.trials, task=ProgressiveRatio(**changed), last_sessions=10)
    rewards = run.trials.groupby(["subject", "trial"])["next_state"].max()
    return found["breakpoint"].mean(), (rewards[rewards.index.get_level_values("trial") >= 20] == len(RATIOS)).mean()


def test_the_breakpoint_measures_motivation():
    usual, at_ceiling = broken()
    harder, _ = broken(effort=2.0 * ProgressiveRatio().effort)
    better, _ = broken(pellet=2.0 * ProgressiveRatio().pellet)
    assert at_ceiling == 0.0
    assert harder < 0.7 * usual
    assert better > 1.4 * usual


def test_who_works_in_every_second_step_whatever_it_costs_is_at_the_ceiling():
    assert broken(WinStayLoseShift(), n_subjects=2) == (603.0, 1.0)
