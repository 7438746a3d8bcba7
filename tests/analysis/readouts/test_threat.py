"""Readouts of avoidance and conflict from trials written by hand."""

import math

import pandas as pd
import pytest

from habenula_rl.analysis import readouts
from habenula_rl.tasks import ApproachAvoidance, GridWorld

COLUMNS = ["group", "phase", "subject", "trial", "step", "state", "action", "next_state", "terminated", "truncated"]
STAY, CROSS = 0, 1
SAFE, WARNING, SHOCK = 0, 1, 2
OFFERS = ApproachAvoidance(rewards=(0.5, 1.0), shocks=(0.0, 0.5, 1.0))


def table(rows):
    return pd.DataFrame(rows, columns=COLUMNS).astype({"group": "category", "phase": "category"})


def trial(number, *steps, ended=True, subject=0, group="a"):
    """A trial from its (state, action, next state) by second, ended by its own rule or cut off."""
    last = len(steps) - 1
    return [
        (group, "test", subject, number, k, *step, ended and k == last, not ended and k == last)
        for k, step in enumerate(steps)
    ]


def test_avoided_escaped_and_failed_trials():
    waiting, onset = (WARNING, STAY, WARNING), (WARNING, STAY, SHOCK)
    rows = trial(0, waiting, (WARNING, CROSS, SAFE))
    rows += trial(1, waiting, onset, (SHOCK, CROSS, SAFE))
    rows += trial(2, waiting, onset, (SHOCK, STAY, SHOCK), (SHOCK, CROSS, SHOCK), ended=False)
    rows += trial(3, waiting, (WARNING, STAY, SAFE))  # extinction: nothing came, and nothing was done
    found = readouts.avoidance(table(rows)).iloc[0]
    assert (found["avoided"], found["escaped"], found["failed"]) == (0.25, 0.25, 0.5)
    assert found["trials"] == 4
    assert found["latency"] == (2 + 3 + 4 + 2) / 4


def test_a_shock_that_ends_by_itself_is_no_escape():
    rows = trial(0, (WARNING, STAY, SHOCK), (SHOCK, STAY, SAFE))
    assert readouts.avoidance(table(rows))["failed"].tolist() == [1.0]


def test_a_crossing_without_signal_and_shock_avoids_nothing():
    assert readouts.avoidance(table(trial(0, (SAFE, CROSS, SAFE))))["failed"].tolist() == [1.0]


def test_step_through_latency():
    lit, dark = 0, 1
    rows = trial(0, (lit, 0, lit), (lit, 0, lit), (lit, 1, 2), (2, 0, 2), (2, 1, dark))  # 3 s, then 2 s of shock
    rows += trial(1, *[(lit, 0, lit)] * 5, ended=False)
    found = readouts.step_through(table(rows)).iloc[0]
    assert (found["trials"], found["entered"], found["latency"]) == (2, 0.5, 4.0)


def offers(*seen):
    """Trials of (reward level, shock level, approached) with two levels of reward and three of shock."""
    rows = []
    for t, (reward, shock, approached) in enumerate(seen):
        hurt = [(6 + shock, 1, 6 + shock)] if approached and shock else []
        rows += trial(t, (3 * reward + shock, approached, 6 + shock if hurt else 3 * reward + shock), *hurt)
    return table(rows)


def test_approach_by_offer():
    rows = offers((0, 0, 1), (0, 0, 0), (1, 0, 1), (0, 1, 0), (1, 2, 1), (1, 2, 0))
    found = readouts.approach(rows, task=OFFERS)
    assert found[["reward", "shock", "approach"]].to_numpy().tolist() == [
        [0, 0, 0.5],
        [0, 1, 0.0],
        [1, 0, 1.0],
        [1, 2, 0.5],
    ]


def test_approach_index_by_hand():
    rows = offers((0, 0, 1), (0, 0, 0), (1, 0, 1), (0, 1, 0), (1, 2, 1), (1, 2, 0))
    found = readouts.approach_index(readouts.approach(rows, task=OFFERS)).iloc[0]
    assert (found["safe"], found["conflict"], found["index"]) == (0.75, 0.25, -0.5)
    assert found["suppression"] == pytest.approx(2 / 3)


def test_without_offers_free_of_threat_there_is_no_suppression():
    by_offer = readouts.approach(offers((0, 1, 1), (1, 2, 1)), task=OFFERS)
    found = readouts.approach_index(by_offer).iloc[0]
    assert (found["conflict"], found["index"]) == (1.0, 1.0)
    assert math.isnan(found["safe"])
    assert math.isnan(found["suppression"])


def test_hazards_by_hand():
    # a way to the goal 3 past hazard 1 twice, one that ends in hazard 2, and one that gets nowhere
    rows = trial(0, (0, 2, 1), (1, 2, 1), (1, 1, 3)) + trial(1, (0, 1, 2)) + trial(2, (0, 0, 0), (0, 0, 0), ended=False)
    found = readouts.hazards_hit(table(rows), task=GridWorld(width=2, hurts=(0, 1, 0.5, 0), pays=(0, 0, 0, 1))).iloc[0]
    assert (found["trials"], found["hazards"], found["steps"]) == (3, 1.0, 2.0)
    assert (found["hit"], found["goal"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_groups_and_subjects_stay_apart():
    rows = table(
        trial(0, (WARNING, CROSS, SAFE))
        + trial(0, (WARNING, STAY, SAFE), subject=1)
        + trial(0, (WARNING, CROSS, SAFE), group="b")
    )
    found = readouts.avoidance(rows).set_index(readouts.WHO)["avoided"]
    assert found.to_dict() == {("a", "test", 0): 1.0, ("a", "test", 1): 0.0, ("b", "test", 0): 1.0}


def test_trials_stay_as_they_are():
    rows = offers((0, 0, 1), (1, 1, 1))
    before = rows.copy()
    readouts.approach_index(readouts.approach(rows, task=OFFERS))
    readouts.hazards_hit(rows, task=GridWorld())
    pd.testing.assert_frame_equal(rows, before)
