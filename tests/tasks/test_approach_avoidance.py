"""Approach-avoidance conflict against sequences worked out by hand and draws made a second time."""

from habenula_rl.tasks import ApproachAvoidance

AVOID, APPROACH = 0, 1
ONE = {"rewards": (0.75,), "shocks": (0.5,), "cost": 0.5}


def test_approach_pays_and_then_hurts(played):
    task = ApproachAvoidance(risk=1.0, shock_s=2, **ONE)
    first, second = played(task, [APPROACH, AVOID, APPROACH], [APPROACH, APPROACH, APPROACH])
    assert (
        first
        == second
        == [
            "reward 1, shock 1",
            ("shock 1 on", 0.75, "on"),
            ("shock 1 on", -0.25, "on"),
            ("shock 1 on", -0.25, "ended"),
        ]
    )
    assert task.max_steps == 3


def test_avoiding_is_safe(played):
    task = ApproachAvoidance(risk=1.0, safe=0.125, **ONE)
    assert played(task, [AVOID]) == [["reward 1, shock 1", ("reward 1, shock 1", 0.125, "ended")]]


def test_without_risk_and_without_shock_approach_only_pays(played):
    for task in (ApproachAvoidance(risk=0.0, **ONE), ApproachAvoidance(rewards=(0.75,), shocks=(0.0,), risk=1.0)):
        assert played(task, [APPROACH])[0][1] == ("reward 1, shock 1", 0.75, "ended")


def test_offers_and_shocks_are_drawn_trial_by_trial(played, drawn):
    rewards, shocks, seed = (0.25, 1.0), (0.0, 0.5, 1.0), 2
    task = ApproachAvoidance(rewards=rewards, shocks=shocks, risk=0.5, cost=0.5)
    hurt = [drawn(seed, t) < 0.5 for t in range(60)]
    offers = [(int(2 * drawn(seed, t, slot=1)), int(3 * drawn(seed, t, slot=2))) for t in range(60)]
    actions = [[APPROACH, AVOID] if hurt[t] and j else [APPROACH] for t, (_, j) in enumerate(offers)]
    trials = played(task, *actions, seed=seed)
    for trial, (i, j), struck in zip(trials, offers, hurt, strict=True):
        offer = f"reward {i + 1}, shock {j + 1}"
        after = [(f"shock {j + 1} on", rewards[i], "on"), (f"shock {j + 1} on", -0.5 * shocks[j], "ended")]
        assert trial == [offer, *(after if struck and j else [(offer, rewards[i], "ended")])]
    assert set(offers) == {(i, j) for i in range(2) for j in range(3)}


def test_only_the_shocks_hurt_and_each_as_much_as_it_is():
    task = ApproachAvoidance(rewards=(0.5, 1.0), shocks=(0.0, 0.5, 1.0))
    assert task.aversive == (0.0,) * 6 + (0.0, 0.5, 1.0)
    assert task.states[:4] == ("reward 1, shock 1", "reward 1, shock 2", "reward 1, shock 3", "reward 2, shock 1")
    assert task.states[-1] == "shock 3 on"


def test_avoiding_is_a_response_or_doing_nothing():
    assert (ApproachAvoidance().passive, ApproachAvoidance(response=False).passive) == (-1, AVOID)
