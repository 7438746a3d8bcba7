"""Why a subject stopped: the first thing that went wrong in its last step, by hand."""

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.engine.stopped import reason, recordable, refuse_nothing_run, where, why_nobody_finished
from habenula_rl.tasks import ShuttleBox

TASK = hrl.tasks.SucrosePreference()
KNOWN = f"SucrosePreference has the states 0 to {len(TASK.states) - 1}"
STATE = np.zeros(1, [("level", "f8"), ("Q", "f8", (2,))])[0]


def said(weights=1.0, w=STATE, signal=0.0, offset=0, **event):
    e = {"trial": 3, "step": 1, "state": offset, "next_state": offset, "action": 1, "reward": 0.0} | event
    y = dict.fromkeys(hrl.HabenulaAgent.signals, 0.0) | {hrl.HabenulaAgent.signals[0]: signal}
    return reason(e, y, weights, w, place=TASK, agent=hrl.HabenulaAgent, offset=offset)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"state": 9}, f"the trial began in state 9, and {KNOWN}"),
        ({"state": -1, "weights": np.nan}, f"the trial began in state -1, and {KNOWN}"),
        ({"weights": np.inf}, f"in state 0 ({TASK.states[0]}) the agent's preferences are not finite"),
        ({"next_state": 9, "reward": np.nan}, f"action 1 ({TASK.actions[1]}) led from state 0 to state 9, and {KNOWN}"),
        ({"reward": np.nan}, "SucrosePreference gave the reward nan"),
        ({"reward": -np.inf}, "SucrosePreference gave the reward -inf"),
        ({"reward": 1e39}, "SucrosePreference gave the reward 1e+39, more than a table holds"),
        ({"signal": np.nan}, f"the signal '{hrl.HabenulaAgent.signals[0]}' is nan"),
        ({}, "reward and signals add up to more than a number can hold"),
    ],
)
def test_the_first_thing_that_went_wrong(wrong, what):
    assert said(**wrong) == f"trial 3, step 1: {what}"


def test_states_are_counted_as_the_task_does():
    assert said(offset=8, next_state=20).endswith(f"led from state 0 to state 12, and {KNOWN}")


def test_what_is_not_finite_in_the_state_is_added():
    state = STATE.copy()
    state["Q"] = 1.0, -np.inf
    assert said(signal=np.inf, w=state).endswith("' is inf; in the agent's state 'Q' holds -inf")


@pytest.mark.parametrize(("outcome", "fits"), [(0.0, True), (-3.4e38, True), (3.5e38, False), (np.nan, False)])
def test_what_stays_a_number_in_32_bits(outcome, fits):
    assert recordable(outcome) == fits


def table(*places):
    trials, steps = zip(*places, strict=True)
    return pd.DataFrame({"failed_trial": trials, "failed_step": steps, "failed_reason": [where(*at) for at in places]})


def test_a_run_in_which_nobody_did_anything_is_refused():
    nobody = "every subject stopped in its first step, and nothing was recorded: trial 0, step 0"
    with pytest.raises(ValueError, match=f"^{nobody}$"):
        refuse_nothing_run(table((0, 0), (0, 0)))
    assert why_nobody_finished(table((0, 0), (0, 0))) == nobody
    refuse_nothing_run(table((0, 0), (0, 1)))


def test_where_one_went_through_there_is_nothing_to_say():
    early = "every subject stopped before its last trial had ended: trial 2, step 0"
    assert why_nobody_finished(table((2, 0), (0, 0))) == early
    assert why_nobody_finished(table((2, 0), (-1, -1))) == ""


def test_it_agrees_with_a_run():
    run = hrl.simulate(hrl.HabenulaAgent(), ShuttleBox(), n_subjects=2, n_trials=3, seed=1)
    assert why_nobody_finished(run.subjects) == "" and run.failed.empty
