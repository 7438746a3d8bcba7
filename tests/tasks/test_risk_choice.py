"""Risk choice against sequences worked out by hand and draws made a second time."""

from habenula_rl.tasks import RiskChoice

SAFE, RISKY = 0, 1


def test_the_safe_side_always_gives_the_same(played):
    trials = played(RiskChoice(amount=0.5, effort=0.125), *[[SAFE]] * 20)
    assert {trial[1] for trial in trials} == {("sides", 0.375, "ended")}


def test_the_risky_side_gives_more_or_less_by_the_draw_of_the_trial(played, drawn):
    task = RiskChoice(amount=0.5, spread=0.25, effort=0.125)
    found = [trial[1][1] for trial in played(task, *[[RISKY]] * 200, seed=7)]
    assert found == [0.625 if drawn(7, t) < 0.5 else 0.125 for t in range(200)]
    assert 80 < found.count(0.625) < 120


def test_doing_nothing_may_be_an_option(played):
    task = RiskChoice(amount=0.5, spread=0.0, free=True, effort=0.125)
    assert [trial[1][1] for trial in played(task, [0], [1], [2])] == [0.0, 0.375, 0.375]
    assert (task.actions, task.passive) == (("nothing", "safe", "risky"), 0)
    assert RiskChoice().passive == -1
