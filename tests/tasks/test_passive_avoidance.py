"""Passive avoidance against sequences worked out by hand."""

from habenula_rl.tasks import PassiveAvoidance

WAIT, ENTER = 0, 1
WORTH = {"dark": 0.25, "cost": 0.5}


def test_the_dark_pays_at_once_and_the_shock_follows(played):
    [trial] = played(PassiveAvoidance(shock_s=2, **WORTH), [WAIT, ENTER, WAIT, ENTER])
    assert trial == [
        "light",
        ("light", 0.0, "on"),
        ("shock", 0.25, "on"),
        ("shock", -0.5, "on"),
        ("dark", -0.5, "ended"),
    ]


def test_only_the_first_trials_are_shocked(played):
    _, second = played(PassiveAvoidance(shock_s=1, **WORTH), [ENTER, WAIT], [WAIT, ENTER])
    assert second == ["light", ("light", 0.0, "on"), ("dark", 0.25, "ended")]


def test_waiting_is_safe_until_the_cutoff(played):
    task = PassiveAvoidance(cutoff_s=3, **WORTH)
    assert played(task, [WAIT] * 3) == [
        ["light", ("light", 0.0, "on"), ("light", 0.0, "on"), ("light", 0.0, "cut off")]
    ]


def test_an_entry_in_the_last_second_is_punished_in_full(played):
    task = PassiveAvoidance(cutoff_s=2, shock_s=3, **WORTH)
    [trial] = played(task, [WAIT, ENTER, WAIT, WAIT, WAIT])
    assert [end for *_, end in trial[1:]] == ["on", "on", "on", "on", "ended"]
    assert task.max_steps == 5


def test_a_weak_shock_costs_and_hurts_less(played):
    task = PassiveAvoidance(shock=0.5, shock_s=1, **WORTH)
    assert played(task, [ENTER, WAIT])[0][2] == ("dark", -0.25, "ended")
    assert task.aversive == (0.0, 0.0, 0.5)


def test_entering_the_dark_is_what_a_rodent_does_by_nature():
    assert PassiveAvoidance(entering_reflex=0.5).reflex == ((0.0, 0.5), (0.0, 0.0), (0.0, 0.0))
