"""Readouts of value, risk and effort from trials written by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from habenula_rl.analysis import readouts
from habenula_rl.tasks import MagnitudeShift, ProbabilisticDiscounting, ProgressiveRatio, RiskChoice

COLUMNS = ["group", "phase", "subject", "trial", "step", "state", "action", "next_state", "terminated", "truncated"]


def table(rows):
    return pd.DataFrame(rows, columns=COLUMNS).astype({"group": "category", "phase": "category"})


def choices(actions, subject=0):
    """Trials of one step."""
    return [("a", "test", subject, t, 0, 0, action, 0, True, False) for t, action in enumerate(actions)]


def session(actions, pellets, trial=0, subject=0):
    """A session of progressive ratio: pause or work, step by step, and after which steps a pellet came."""
    rows, state = [], 0
    for k, action in enumerate(actions):
        reached = state + (k in pellets)
        rows.append(("a", "test", subject, trial, k, state, action, reached, False, k == len(actions) - 1))
        state = reached
    return rows


def test_choice_share_counts_only_the_actions_named():
    rows = table(choices([0, 1, 2, 2]) + choices([0, 0], subject=1))
    found = readouts.choice_share(rows, action="risky", among=["safe", "risky"], task=RiskChoice(free=True))
    assert found["share"].iloc[0] == pytest.approx(2 / 3)
    assert math.isnan(found["share"].iloc[1])


def test_choice_share_in_a_window_of_trials():
    rows = table(choices([1, 1, 0, 1, 0, 0]))
    found = readouts.choice_share(rows, action="risky", task=RiskChoice(), from_trial=1, until_trial=4)
    assert found["share"].tolist() == [pytest.approx(2 / 3)]


def test_discounting_by_hand():
    # two blocks of 1 forced and 2 free trials: session 1 is 0|11, 1|01; session 2 is 0|10, 1|00
    rows = table(choices([0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0]))
    task = ProbabilisticDiscounting(odds=(1.0, 0.5), free_trials=2, forced_trials=1)
    found = readouts.discounting(rows, task=task)
    assert found[["block", "risky"]].to_numpy().tolist() == [[0, 0.75], [1, 0.25]]
    last = readouts.discounting(rows, task=task, last_sessions=1)
    assert last["risky"].tolist() == [0.5, 0.0]


def test_discounting_leaves_omitted_trials_out():
    task = ProbabilisticDiscounting(odds=(0.5,), free_trials=4, forced_trials=0, free=True)
    found = readouts.discounting(table(choices([0, 2, 0, 1])), task=task)
    assert found["risky"].tolist() == [0.5]


def test_the_slope_is_that_of_the_line_through_the_blocks():
    shares = {0: [1.0, 0.8, 0.5, 0.1], 1: [0.5, 0.5, 0.5, 0.5], 2: [0.9]}
    rows = [("a", "test", who, block, y) for who, each in shares.items() for block, y in enumerate(each)]
    found = readouts.discounting_slope(pd.DataFrame(rows, columns=[*readouts.WHO, "block", "risky"]))
    assert found["slope"].iloc[0] == pytest.approx(np.polyfit(range(4), shares[0], 1)[0])
    assert found["slope"].iloc[0] == pytest.approx(-0.3)
    assert found["slope"].iloc[1] == 0.0
    assert math.isnan(found["slope"].iloc[2])
    assert found["risky"].tolist() == pytest.approx([0.6, 0.5, 0.9])


def test_switch_latency_is_the_start_of_the_first_window_that_holds_enough():
    # after the shift at trial 3: 0 1 0 1 1 1 0; the first 4 in a row with 3 ones start at the second of them
    rows = table(choices([1, 1, 1, 0, 1, 0, 1, 1, 1, 0]) + choices([0] * 10, subject=1))
    found = readouts.switch_latency(rows, action="constant", task=MagnitudeShift(), shift=3, of=4, at_least=3)
    assert found["latency"].iloc[0] == 1.0
    assert found["switched"].tolist() == [1.0, 0.0]
    assert math.isnan(found["latency"].iloc[1])


def test_a_preference_that_was_there_at_once_has_latency_0_and_too_few_trials_have_none():
    rows = table(choices([1] * 4))
    assert readouts.switch_latency(rows, action="constant", task=MagnitudeShift(), shift=0, of=4, at_least=4)[
        "latency"
    ].tolist() == [0.0]
    assert readouts.switch_latency(rows, action="constant", task=MagnitudeShift(), shift=1, of=4, at_least=1)[
        "switched"
    ].tolist() == [0.0]


def test_the_breakpoint_is_the_last_ratio_that_was_completed():
    # pellets with the first bout and with the second one after a pause; then two bouts that are not enough
    rows = session([1, 0, 1, 1, 1, 0, 1, 0], {0, 3})
    found = readouts.breakpoints(table(rows), task=ProgressiveRatio(ratios=(10, 70, 200))).iloc[0]
    assert (found["sessions"], found["breakpoint"], found["rewards"], found["bouts"]) == (1, 70.0, 2.0, 5.0)


def test_sessions_are_averaged_and_one_without_a_reward_has_breakpoint_0():
    rows = session([1, 1, 1], {0, 2}) + session([0, 1, 0], set(), trial=1) + session([1], {0}, subject=1)
    found = readouts.breakpoints(table(rows), task=ProgressiveRatio(ratios=(3, 8)))
    assert found["breakpoint"].tolist() == [4.0, 3.0]
    assert found["rewards"].tolist() == [1.0, 1.0]
    assert found["bouts"].tolist() == [2.0, 1.0]
    assert found["sessions"].tolist() == [2, 1]


def test_breakpoints_of_the_last_sessions():
    rows = session([1, 1], {0, 1}) + session([1], {0}, trial=1) + session([0], set(), trial=2)
    found = readouts.breakpoints(table(rows), task=ProgressiveRatio(ratios=(3, 8)), last_sessions=2).iloc[0]
    assert (found["sessions"], found["breakpoint"]) == (2, 1.5)


def test_effort_choices_by_hand():
    found = readouts.effort_choices(table(choices([2, 1, 1, 0]))).iloc[0]
    assert (found["worked"], found["took"], found["omitted"]) == (0.25, 0.5, 0.25)
    assert found["hard"] == pytest.approx(1 / 3)


def test_a_subject_that_only_omits_has_no_share_of_hard_choices():
    assert math.isnan(readouts.effort_choices(table(choices([0, 0])))["hard"].iloc[0])


def test_trials_stay_as_they_are():
    rows = table(session([1, 1, 1], {0, 2}))
    before = rows.copy()
    readouts.breakpoints(rows, task=ProgressiveRatio(ratios=(1, 2)))
    readouts.choice_share(rows, action="risky", task=RiskChoice())
    pd.testing.assert_frame_equal(rows, before)


def test_an_unknown_phase_is_named():
    with pytest.raises(ValueError, match="no phase 'tset', did you mean 'test'"):
        readouts.breakpoints(table(choices([1])), ["tset"], task=ProgressiveRatio())
