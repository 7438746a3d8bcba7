"""Conditioned responses, cue values and peri-event averages from trials written by hand."""

import itertools

import pandas as pd
import pytest

from habenula_rl.analysis import readouts
from habenula_rl.tasks import PavlovianConditioning

INTERVAL, REWARD, NOTHING, A, B = 0, 1, 2, 4, 5
TASK = PavlovianConditioning()
COLUMNS = ["group", "phase", "subject", "trial", "step", "state", "action", "next_state", "value", "lhb"]


def trial(number, cue, outcome, licks, value=0.0, subject=0, interval=2):
    """`interval` seconds, two of the cue, one of the outcome; the signal lhb is the step and 10 for each trial."""
    states = [INTERVAL] * interval + [cue, cue, outcome]
    following = [*states[1:], INTERVAL]
    steps = zip(states, licks, following, strict=True)
    return [("g", "p", subject, number, k, s, a, n, value, 10 * number + k) for k, (s, a, n) in enumerate(steps)]


def table(*trials):
    rows = pd.DataFrame([row for rows in trials for row in rows], columns=COLUMNS)
    return rows.astype({"group": "category", "phase": "category"})


def test_the_conditioned_response_by_hand():
    rows = table(
        trial(0, A, REWARD, [0, 1, 1, 1, 0]),  # a lick just before the cue, two in it
        trial(1, A, REWARD, [1, 0, 1, 0, 1]),  # none just before, one in it
        trial(2, B, NOTHING, [0, 0, 0, 0, 1]),
    )
    found = readouts.conditioned_response(rows, cues=["A", "B"], task=TASK).set_index("cue")
    assert found.loc["A", ["presentations", "response", "before", "elevation"]].tolist() == [2, 0.75, 0.5, 0.25]
    assert found.loc["B", ["presentations", "response", "before", "elevation"]].tolist() == [1, 0.0, 0.0, 0.0]


def test_the_curve_of_acquisition_counts_the_presentations_of_each_cue():
    licks = [[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 1, 0]]
    rows = table(*(trial(2 * k, A, REWARD, lick) for k, lick in enumerate(licks)), trial(1, B, NOTHING, licks[2]))
    found = readouts.conditioned_response(rows, cues=["A", "B"], task=TASK, block=2).set_index(["cue", "block"])
    assert found["response"].to_dict() == {("A", 0): 0.25, ("A", 1): 1.0, ("B", 0): 1.0}


def test_what_a_cue_was_worth_after_its_last_presentations():
    still = [0] * 5
    rows = table(*(trial(k, A, REWARD, still, value) for k, value in enumerate([9.0, 0.5, 1.0])))
    rows.loc[(rows["state"] == A) & (rows["step"] == 2), "value"] = 7.0  # after its first second: not yet its last
    assert readouts.cue_value(rows, cues=["A"], task=TASK, last=2)["value"].tolist() == [0.75]


EVENTS = {"cue": ("A", "B"), "outcome": ("reward", "nothing")}


def test_signals_around_the_cue_by_cue_and_outcome():
    still = [0] * 5
    rows = table(
        trial(0, A, REWARD, still),
        trial(1, A, REWARD, [0] * 6, interval=3),
        trial(2, A, NOTHING, still),
        trial(3, B, NOTHING, still),
    )
    found = readouts.peri_event(rows, ["lhb"], task=TASK, events=EVENTS, at="cue", from_s=-1, until_s=2)
    seen = found.set_index(["cue", "outcome", "time"])["lhb"]
    # the cue is reached by step 1, and by step 2 in trial 1, whose interval is longer
    assert seen["A", "reward"].to_dict() == {-1.0: 5.5, 0.0: 6.5, 1.0: 7.5, 2.0: 8.5}
    assert seen["A", "nothing"].tolist() == [20.0, 21.0, 22.0, 23.0]
    assert seen["B", "nothing"].tolist() == [30.0, 31.0, 32.0, 33.0]
    assert ("B", "reward", 0.0) not in seen.index


def test_signals_around_the_outcome_in_seconds():
    rows = table(trial(0, A, REWARD, [0] * 5))
    found = readouts.peri_event(rows, ["lhb"], task=TASK, events=EVENTS, at="outcome", step_s=0.5)
    assert dict(zip(found["time"], found["lhb"], strict=True)) == {-1.5: 0.0, -1.0: 1.0, -0.5: 2.0, 0.0: 3.0, 0.5: 4.0}


def test_a_trial_without_one_of_the_other_events_is_kept():
    rows = table(trial(0, A, REWARD, [0] * 5), trial(1, B, REWARD, [0] * 5))
    found = readouts.peri_event(rows, ["lhb"], task=TASK, events={"cue": ("A",), "outcome": ("reward",)}, at="outcome")
    assert found[["cue", "time", "lhb"]].query("time == 0").to_numpy().tolist() == [["", 0, 13], ["A", 0, 3]]


def test_an_unknown_event_is_refused():
    with pytest.raises(ValueError, match="at is 'outcom', which is none of the events cue, outcome, did you mean"):
        readouts.peri_event(table(trial(0, A, REWARD, [0] * 5)), ["lhb"], task=TASK, events=EVENTS, at="outcom")


def test_the_trials_stay_as_they_are():
    rows = table(trial(0, A, REWARD, [0] * 5), trial(1, B, NOTHING, [1] * 5))
    before = rows.copy()
    readouts.conditioned_response(rows, cues=["A"], task=TASK, block=1)
    readouts.cue_value(rows, cues=["A"], task=TASK)
    readouts.peri_event(rows, ["lhb"], task=TASK, events=EVENTS, at="cue")
    pd.testing.assert_frame_equal(rows, before)


def test_an_event_is_the_first_arrival_and_none_where_a_trial_begins_in_it():
    path = [A, A, INTERVAL, A, INTERVAL, A, REWARD]  # it comes back twice
    steps = itertools.pairwise(path)
    rows = pd.DataFrame([("g", "p", 0, 0, k, s, 0, n, 0.0, k) for k, (s, n) in enumerate(steps)], columns=COLUMNS)
    found = readouts.peri_event(rows, ["lhb"], task=TASK, events={"cue": ["A"]}, at="cue", from_s=-9, until_s=9)
    assert dict(zip(found["time"], found["lhb"], strict=True))[0.0] == 2.0
    rows.loc[2, "action"] = 1
    assert readouts.conditioned_response(rows, cues=["A"], task=TASK)["before"].tolist() == [1.0]
