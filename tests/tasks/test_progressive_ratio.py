"""Progressive ratio against sequences worked out by hand, and the ratios against the published list."""

from habenula_rl.tasks import ProgressiveRatio
from habenula_rl.tasks.environment import TaskEnvironment

REST, PRESS = 0, 1
PUBLISHED = (1, 2, 4, 6, 9, 12, 15, 20, 25, 32, 40, 50, 62, 77, 95)  # Richardson & Roberts 1996


def test_the_ratios_are_the_published_ones():
    env = TaskEnvironment(ProgressiveRatio(effort=0.0))
    env.reset(seed=0)
    ratios, presses = [], 0
    for _ in range(sum(PUBLISHED)):
        state, reward, *_ = env.step(PRESS)
        presses += 1
        assert (state == 1) == (reward == 1.0)
        if reward:
            ratios.append(presses)
            presses = 0
    assert tuple(ratios) == PUBLISHED


def test_a_pellet_comes_with_the_press_that_completes_the_ratio(played):
    task = ProgressiveRatio(pellet=1.0, effort=0.25)
    [session] = played(task, [REST, PRESS, PRESS, REST, PRESS])
    assert session == [
        "lever", ("lever", 0.0, "on"), ("pellet", 0.75, "on"), ("lever", -0.25, "on"), ("lever", 0.0, "on"),
        ("pellet", 0.75, "on"),
    ]  # fmt: skip


def test_the_session_ends_when_no_reward_came_for_too_long(played):
    task = ProgressiveRatio(limit_s=3, effort=0.25)
    [session] = played(task, [REST, PRESS, PRESS, REST, REST])
    assert [end for *_, end in session[1:]] == ["on", "on", "on", "on", "cut off"]


def test_presses_that_complete_nothing_do_not_keep_the_session_open(played):
    [session] = played(ProgressiveRatio(limit_s=3, growth=2.0, effort=0.25), [PRESS, PRESS, PRESS])
    assert session[-1] == ("lever", -0.25, "cut off")


def test_the_session_ends_in_any_case_after_its_length(played):
    task = ProgressiveRatio(session_s=2, effort=0.0)
    assert played(task, [REST, PRESS]) == [["lever", ("lever", 0.0, "on"), ("pellet", 1.0, "cut off")]]
    assert task.max_steps == 2


def test_a_new_session_starts_from_the_first_ratio(played):
    task = ProgressiveRatio(session_s=2, effort=0.0)
    first, second = played(task, [PRESS, PRESS], [PRESS, PRESS])
    assert first == second == ["lever", ("pellet", 1.0, "on"), ("lever", 0.0, "cut off")]
