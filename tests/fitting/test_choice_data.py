"""People's tables of choices: what keeps their meaning keeps every bit of the likelihood, what changes it is refused.

The cases are those in which a wrong number was returned without a word; each with the value that it should have had.
"""

import functools
import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.agents import AGENTS, HabenulaAgent, LowMotivation, PavlovianGoNoGo, QLearning
from habenula_rl.contract import Agent, fields_read_by, parameter
from habenula_rl.fitting.choice_data import recorded
from habenula_rl.fitting.coding import implausible

AGENT = QLearning(learning_rate=0.2, beta=3.0)
score = functools.partial(hrl.log_likelihood, AGENT)


@pytest.fixture(scope="module")
def d():
    """A population that can be fitted: two arms, .3 and .7, which do not drift."""
    arms = hrl.tasks.Bandit(probabilities=(0.3, 0.7), rewards=(1.0, 1.0), punishments=(0.0, 0.0), decay=1, drift_sd=0)
    return hrl.simulate(AGENT, arms, n_subjects=100, n_trials=150, seed=1).trials


def fitted(trials, **reading):
    """Learning rate and β of all subjects together, with the greatest likelihood."""
    from scipy.optimize import minimize

    likelihood, names = hrl.Likelihood(QLearning, trials, **reading), ["learning_rate", "beta"]

    def loss(x):
        at = dict(zip(names, x, strict=True))
        return -likelihood.value(at).sum(), -likelihood.gradient(at, names).sum(axis=0)

    return minimize(loss, [0.5, 1.0], jac=True, bounds=[(0.001, 1), (0.01, 50)], method="L-BFGS-B").x


def refused(said, trials, **reading):
    with pytest.raises(ValueError) as caught:
        score(trials, **reading)
    assert str(caught.value) == said


def some(trials):
    """Every twentieth row."""
    return np.arange(len(trials)) % 20 == 7


# ---- which actions there are

CODED = {  # the table's codes for the arms, and what is said of them where they are not declared
    "from 1": (
        [1, 2],
        "trials, column 'action': 1 and 2 occur, 0 never: give actions=[1, 2] to map them, or actions=3 if all up to 2 "
        "can be chosen",
    ),
    "-1 and 1": (
        [-1, 1],
        "trials: row 2, column 'action': -1 is not the number of an action, 0 to 999999; give actions=[-1, 1] to map "
        "the codes that occur, or missing=-1 if it is no response",
    ),
    "keys": (
        [38, 39],
        "trials, column 'action': 38 and 39 occur, 0 to 37 never: give actions=[38, 39] to map them, or actions=40 if "
        "all up to 39 can be chosen",
    ),
    "words": (
        ["left", "right"],
        "trials: row 0, column 'action': 'right' is not a number; give actions=['left', 'right'] to map the codes that "
        "occur, or missing='right' if it is no response",
    ),
}


@pytest.mark.parametrize("coding", CODED)
def test_codes_of_actions_are_declared_or_refused(d, coding):
    codes, said = CODED[coding]
    table = d.assign(action=d.action.map(dict(enumerate(codes))))
    refused(said, table)
    pd.testing.assert_series_equal(score(table, actions=codes), score(d), check_exact=True)


def test_declared_codes_give_back_the_parameters_that_made_the_choices(d):
    table = d.assign(action=d.action + 1)
    found = fitted(table, actions=[1, 2])
    np.testing.assert_array_equal(found, fitted(d))
    assert found == pytest.approx([0.2, 3.0], rel=0.1)


@pytest.mark.parametrize("code", [9, 99, 999])
def test_codes_of_missing_responses_are_declared_or_refused(d, code):
    absent = some(d)
    table = d.assign(action=d.action.mask(absent, code))
    refused(
        f"trials, column 'action': 0, 1 and {code} occur, 2 to {code - 1} never: give actions=[0, 1, {code}] to map "
        f"them, or actions={code + 1} if all up to {code} can be chosen, or missing={code} if that is no response",
        table,
    )
    with pytest.warns(UserWarning, match=r"^750 of 15000 responses are missing, at most 8 of one subject \(\d+\): "):
        found = score(table, missing=code)
    with pytest.warns(UserWarning, match="750 of 15000"):
        empty = score(d.assign(action=d.action.astype(float).mask(absent)))
    pd.testing.assert_series_equal(found, empty, check_exact=True)


def test_several_codes_of_missing_responses(d):
    table = d.assign(action=d.action.mask(some(d), 9).mask(d.trial == 3, -1))
    with pytest.raises(ValueError, match=r"-1 is not the number of an action.*missing=-1 if it is no response"):
        score(table)
    with pytest.warns(UserWarning, match="responses are missing") as said:
        likelihood = hrl.Likelihood(AGENT, table, missing=[-1, 9])
    assert said[0].filename == __file__  # the user's line
    assert likelihood.counts["missing"].sum() == np.sum(some(d) | (d.trial == 3))
    assert repr(likelihood) == (
        "<Likelihood of QLearning without a task: 14150 choices of 100 subjects, 850 missing, 2 actions, 3 states, "
        "none a compound>"
    )


def test_an_action_that_never_brings_an_outcome_may_be_no_response(d):
    """2 leaves no gap, so that only the empty outcomes beside it show what it is."""
    table = d.assign(action=d.action.mask(some(d), 2), outcome=d.outcome.mask(some(d)))
    refused(
        "trials, column 'action': no outcome was ever shown after 2: give missing=2 if that is no response, or "
        "actions=3",
        table,
    )
    assert (score(table, actions=3) < score(table.drop(index=d.index[some(d)]))).all()
    hidden = d.assign(outcome=np.nan)  # nobody was shown anything: a test of what was learned before
    assert np.isfinite(score(hidden)).all()


def test_an_arm_that_nobody_chose_is_declared():
    table = pd.DataFrame({"subject": 0, "action": [0, 0], "outcome": [1.0, 0.0]})
    refused("trials, column 'action': only 0 occurs; give the number of actions, as in actions=2", table)
    alike = hrl.log_likelihood(QLearning(learning_rate=0.0), table, actions=3)
    assert alike[0] == pytest.approx(2 * math.log(1 / 3))
    refused("trials, column 'action': there is no response in any row", table.assign(action=np.nan))


def test_states_are_declared_or_counted_without_gaps():
    table = pd.DataFrame({"subject": 0, "state": [1, 2, 1, 2], "action": [0, 1, 0, 1], "outcome": [1.0, 0, 0, 1]})
    refused(
        "trials, column 'state': 1 and 2 occur, 0 never: give states=[1, 2] to map them, or states=3 if all up to 2 "
        "are states",
        table,
    )
    from_0 = score(table.assign(state=table.state - 1))
    assert score(table, states=[1, 2]).equals(from_0) and score(table, states=3).equals(from_0)
    by_name = table.assign(state=table.state.map({1: "face", 2: "house"}))
    assert score(by_name, states=["house", "face"]).equals(from_0)
    ended = table.assign(state=0, next_state=[3, 3, 3, 3])  # no value lies behind the end of a trial
    assert score(ended).equals(score(table.assign(state=0)))
    going_on = ended.assign(terminated=False)
    with pytest.raises(ValueError, match=r"column 'state': 0 and 3 occur, 1 and 2 never"):
        score(going_on)


def test_a_table_without_states_is_of_a_task_with_one():
    task, agent = hrl.tasks.GoNoGo(), PavlovianGoNoGo()
    table = hrl.simulate(agent, task, n_subjects=3, n_trials=40, seed=1).trials
    for absent in (["state"], ["state", "next_state"]):
        with pytest.raises(ValueError) as caught:
            hrl.log_likelihood(agent, table.drop(columns=absent), task)
        assert str(caught.value) == (
            "trials has no column 'state', and the task has 8 states: name the one that holds it, "
            "columns={'state': ...}, or, if all choices were made in 'go to win, set 1', give trials.assign(state=0)"
        )
    ended = hrl.log_likelihood(agent, table.drop(columns="next_state"), task)  # nothing lies behind a trial of one step
    pd.testing.assert_series_equal(ended, hrl.log_likelihood(agent, table, task), check_exact=True)
    with pytest.raises(ValueError, match=r"^trials has no column 'state', and states says that there are 8: "):
        score(table.drop(columns="state"), states=8)
    arms = hrl.simulate(AGENT, hrl.tasks.RiskChoice(), n_subjects=3, n_trials=40, seed=1).trials
    one = score(arms.drop(columns=["state", "next_state"]), hrl.tasks.RiskChoice())
    pd.testing.assert_series_equal(one, score(arms, hrl.tasks.RiskChoice()), check_exact=True)
    pd.testing.assert_series_equal(one, score(arms.drop(columns=["state", "next_state"])), check_exact=True)
    on = arms.drop(columns="state").assign(next_state=1, terminated=False)
    refused(
        "trials has no column 'state', but row 0 goes on in another, column 'next_state': 1; name the one that holds "
        "it, columns={'state': ...}",
        on,
    )


def test_where_a_last_step_led_is_known_where_it_matters():
    box, agent = hrl.tasks.ShuttleBox(), HabenulaAgent()
    table = hrl.simulate(agent, box, n_subjects=3, n_trials=10, seed=1).trials
    with pytest.raises(ValueError) as caught:
        hrl.log_likelihood(agent, table.drop(columns="next_state"), box)
    row = int(np.argmax(table.trial.ne(table.trial.shift(-1)) | table.subject.ne(table.subject.shift(-1))))
    assert str(caught.value) == (
        f"trials: row {row}, column 'next_state': it is not known where the trial's last step led, and some states "
        "hurt; the task has 3 states"
    )
    arms = hrl.tasks.Bandit()  # five states, none of which hurts
    table = hrl.simulate(AGENT, arms, n_subjects=3, n_trials=10, seed=1).trials
    pd.testing.assert_series_equal(score(table.drop(columns="next_state"), arms), score(table, arms), check_exact=True)
    cut = table.assign(truncated=True, terminated=False)
    with pytest.raises(ValueError, match=r"^trials: row .*where the trial's last step led, and a value lies beyond it"):
        score(cut.drop(columns="next_state"), arms)


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ({"actions": 0}, "actions must be at least 1 and at most 1000000, not 0"),
        (
            {"actions": "ab"},
            "actions must be a number, or the list of their codes in order, as in actions=['left', 'right'], not 'ab'",
        ),
        (
            {"actions": {0, 1}},
            "actions must be a number, or the list of their codes in order, as in actions=['left', "
            "'right'], not {0, 1}",
        ),
        (
            {"actions": True},
            "actions must be a number, or the list of their codes in order, as in actions=['left', 'right'], not True",
        ),
        ({"actions": []}, "actions is empty"),
        ({"actions": [0, 1, 1.0]}, "actions has 1.0 twice"),
        ({"actions": [0, None]}, "actions: None is an empty cell and no code"),
        ({"actions": [0, [1]]}, "actions: [1] is neither a number nor a text"),
        ({"actions": [0, 1], "missing": 1}, "missing: 1 is one of the actions"),
        ({"actions": 3, "missing": [-1, 2]}, "missing: 2 is one of the actions"),
        (
            {"actions": [0, 2]},
            "trials: row 0, column 'action': 1 is not one of the actions 0 and 2; give missing=1 if it is no response",
        ),
        ({"columns": ["action"]}, "columns must give columns by name, as in {'action': 'choice'}, not ['action']"),
        ({"columns": {"action": ["rpe"]}}, "columns: 'action' must be the name of one column, not ['rpe']"),
        ({"columns": {"acton": "rpe"}}, "columns: 'acton' is not read here, did you mean 'action'?"),
        ({"columns": {"block": "rpe", "group": "rpe"}}, "columns: 'rpe' cannot be both 'block' and 'group'"),
        ({"outcomes": 1.0}, "outcomes must be the lowest and the highest, as in outcomes=(-1, 1), not 1.0"),
        ({"outcomes": (1, 0)}, "outcomes must be the lowest and the highest, as in outcomes=(-1, 1), not (1, 0)"),
        ({"one_subject": 1}, "one_subject must be True or False, not 1"),
        ({"one_subject": True}, "one_subject is True, but trials has 100 subjects"),
        ({"reset": "blok"}, "reset must be 'never', 'session' or 'block', not 'blok', did you mean 'block'?"),
        ({"reset": "block"}, "reset='block' needs a column 'block'"),
        ({"task": "plian"}, "task must be a Task or 'plain', not 'plian', did you mean 'plain'?"),
        ({"task": hrl.tasks.RiskChoice(), "actions": 3}, "actions=3, but the task has 2 actions"),
        ({"task": hrl.tasks.RiskChoice(), "actions": [0, 1, 2]}, "actions has 3 codes, but the task has 2 actions"),
    ],
    ids=str,
)
def test_bad_declarations_are_refused_by_name(d, reading, said):
    refused(said, d, **reading)


def test_a_task_says_how_many_there_are_and_codes_can_still_be_mapped(d):
    arms = hrl.tasks.RiskChoice()
    table = d.assign(action=d.action.map({0: "f", 1: "j"}), state=0, next_state=0)
    coded = score(table, arms, actions=["f", "j"])
    np.testing.assert_array_equal(coded, score(d))
    with pytest.raises(
        ValueError,
        match=r"row 4, column 'action': 2 is not one of the 2 actions, 0 to 1; "
        r"give missing=2 if it is no response$",
    ):
        score(table.assign(action=d.action.where(d.index != 4, 2)), arms)


# ---- which outcomes can be


@pytest.mark.parametrize("code", [-999, 99, 999, 9, -9, -99, 9999, -2147483648.0, 1e20])
def test_codes_of_missing_outcomes_are_refused(d, code):
    shown = code if isinstance(code, float) else float(code)
    table = d.assign(outcome=d.outcome.astype(float).mask(some(d), code))
    refused(
        f"trials: row 7, column 'outcome': {shown} is so much further from 0 than other outcomes that it looks like a "
        "code; empty the cell where no outcome was shown, or give the range of outcomes, as in outcomes=(-1, 1)",
        table,
    )
    refused(f"trials: row 7, column 'outcome': {shown} is not within outcomes=(0.0, 1.0)", table, outcomes=(0, 1))
    assert np.isfinite(score(table, outcomes=(-1e21, 1e21))).all()  # as the user says
    shown_to_all = d.assign(outcome=d.outcome.astype(float))
    unseen = shown_to_all.assign(outcome=shown_to_all.outcome.mask(some(d)))
    assert hrl.Likelihood(AGENT, unseen).counts["unseen"].sum() == some(d).sum()


CODES = [-777, 77, -77, 88, -88, 7, 8, 98, 100, -100, 500, -500, 998, 9, -9, 99, -999, 1e9]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("often", [0.001, 0.2, 0.8])
def test_codes_beside_0_and_1_are_seen_however_often_and_beside_each_other(code, often):
    rng = np.random.default_rng(4)
    outcomes = rng.integers(0, 2, 4000).astype(float)
    coded, other = rng.random(4000) < often, rng.random(4000) < 0.1
    alone = np.where(coded, code, outcomes)
    np.testing.assert_array_equal(implausible(alone, None)[0], coded)
    both = np.where(other, CODES[CODES.index(code) - 1], alone)
    np.testing.assert_array_equal(implausible(both, None)[0], coded | other)


@pytest.mark.parametrize(
    ("outcomes", "codes"),
    [
        ([0, 50], [-99]),
        ([0, 50], [-99, -88, 999]),
        ([0, 1], [-777, -888]),
        ([-1, 0, 1], [-99, 99]),
        ([10, -10, 0], [999, -999, -99]),
        (range(1, 101), [-999, 999]),
        ([0, 0], [99, -999]),
        ([0.1, 0.25], [8]),
    ],
    ids=str,
)
def test_codes_beside_outcomes_of_other_scales(outcomes, codes):
    values = np.array([*outcomes, *codes] * 3, dtype=float)
    np.testing.assert_array_equal(implausible(values, None)[0], np.isin(values, codes))
    assert not implausible(values, (-1e9, 1e9))[0].any()


@pytest.mark.parametrize(
    "outcomes",
    [
        [10, -10, 0],
        range(1, 101),
        [0, 10],
        [-1, 0, 1, 10],
        [2, 8],
        [0, 8],
        [8, -8],
        [0, 80],
        [1, 10, 100],
        [0, 100, 50, -50, -150, -250, -1250],
        [-80, 80, -20, 20],
        [-99, -98, -97, -30],
        [7, 0, 10],
        [0, 50, 99],
        [0, 1, -1],
    ],
    ids=str,
)
def test_real_outcomes_are_no_codes(outcomes):
    assert not implausible(np.array(outcomes, dtype=float), None)[0].any()


@given(seed=st.integers(0, 10**6), scale=st.floats(-3, 6), mean=st.floats(-2, 2), n=st.integers(20, 400))
def test_continuous_outcomes_are_no_codes(seed, scale, mean, n):
    values = 10.0**scale * np.random.default_rng(seed).normal(mean, 1, n)
    for outcomes in (values, values.astype(np.float32).astype(float), values.round(1), values.round()):
        wrong = implausible(outcomes, None)[0]
        assert not wrong.any(), outcomes[wrong]


@pytest.mark.parametrize("task", hrl.tasks.TASKS.values(), ids=hrl.tasks.TASKS)
def test_no_outcome_of_a_task_is_a_code(task):
    outcomes = hrl.simulate(AGENT, task(), n_subjects=5, n_trials=50, seed=1).trials.outcome.to_numpy(float)
    assert not implausible(outcomes, None)[0].any()


@pytest.mark.parametrize(
    "outcomes", [[0, 1], [0, 1000], [-0.001, 1], [100, -1250], [3, 9], [30, 99], [0, 0], [0, 1e-9], [250, 999]]
)
def test_outcomes_of_any_scale_are_no_codes(outcomes):
    table = pd.DataFrame({"subject": 0, "action": [0, 1, 0, 1], "outcome": [*outcomes, *outcomes]})
    assert np.isfinite(score(table)).all()


def test_what_stands_beside_a_missing_response_is_no_outcome(d):
    absent = some(d)
    table = d.assign(action=d.action.mask(absent, 9), outcome=d.outcome.mask(absent, -999))
    with pytest.warns(UserWarning, match="750 of 15000"):
        assert np.isfinite(score(table, missing=9)).all()


# ---- whose choices they are


def test_subjects_in_the_index_are_read_and_a_table_without_is_refused(d):
    expected = score(d)
    for table in (
        d.set_index("subject"),
        d.set_index(["subject", "trial"]),
        pd.concat({k: g.drop(columns="subject") for k, g in d.groupby("subject")}, names=["subject"]),
    ):
        pd.testing.assert_series_equal(score(table), expected, check_exact=True, check_index_type=False)
    refused(
        "trials has no column 'subject', nor a level of the index of that name: name one of ['rpe', 'value'] in "
        "columns={'subject': ...}, or give one_subject=True if all rows are one subject's",
        d.drop(columns="subject"),
    )
    one = d[d.subject == 4].drop(columns="subject")
    assert score(one, one_subject=True).tolist() == [expected[4]]


def test_groups_are_as_good_as_no_groups_where_each_subject_is_in_one(d):
    expected = score(d)
    pd.testing.assert_series_equal(score(d.assign(group=d.subject % 2)), expected, check_exact=True)
    alike = d.assign(subject=d.subject % 50, group=np.where(d.subject < 50, "patient", "control"))
    refused(
        "trials: row 7500, column 'group': subject 0 is in group 'control' here and in 'patient' before; give those of "
        "one group at a time, or each subject a label of its own",
        alike,
    )


# ---- the order of rows


def indexed(d, how):
    """A table without trial numbers, whose index says their order."""
    n, within = len(d), d.groupby("subject").cumcount().to_numpy()
    levels = {
        "numbers": pd.RangeIndex(n),
        "named": pd.RangeIndex(n, name="row"),
        "floats": pd.Index(np.arange(n) / 7.0),
        "dates": pd.date_range("2024-01-01", periods=n, freq="min", name="time"),
        "date objects": pd.Index([t.date() for t in pd.date_range("2024-01-01", periods=n)], dtype=object),
        "spans": pd.to_timedelta(np.arange(n), unit="s"),
        "days": pd.period_range("2024-01-01", periods=n, freq="D"),
        "texts": pd.Index([str(k) for k in range(n)]),
        "names": pd.Index([f"trial_{k}" for k in range(n)], name="event"),
        "categories": pd.CategoricalIndex(range(n)),
        "by subject": pd.Index(within),
        "by subject, named": pd.Index(within, name="row"),
        "below subject": pd.MultiIndex.from_arrays([d.subject, within], names=["subject", None]),
        "below subject, named": pd.MultiIndex.from_arrays([d.subject, within], names=["subject", "row"]),
        "two runs": pd.Index(within % 75),
        "two runs, named": pd.MultiIndex.from_arrays([within // 75, within % 75], names=["run", "row"]),
        "two runs, not named": pd.MultiIndex.from_arrays([within // 75, within % 75]),
    }
    bare = d.drop(columns=["trial", "step", *(["subject"] if "below" in how else [])])
    return bare.set_axis(levels[how])


HOW = [
    "numbers",
    "named",
    "floats",
    "dates",
    "date objects",
    "spans",
    "days",
    "texts",
    "names",
    "categories",
    "by subject",
    "by subject, named",
    "below subject",
    "below subject, named",
    "two runs",
    "two runs, named",
    "two runs, not named",
]


@pytest.mark.parametrize("how", HOW)
def test_without_trial_numbers_rows_are_in_the_order_of_their_index(d, how):
    table = indexed(d, how)
    pd.testing.assert_series_equal(score(table), score(d), check_exact=True, check_index_type=False)
    whole_subjects = pd.concat([table.iloc[7500:], table.iloc[:7500]])
    pd.testing.assert_series_equal(score(whole_subjects), score(d), check_exact=True, check_index_type=False)
    by = np.random.default_rng(1).permutation(len(table))
    for moved in (table.iloc[by], table.iloc[np.argsort(d.outcome.to_numpy(), kind="stable")], table.iloc[::-1]):
        with pytest.raises(ValueError, match=r"^trials: row \d+ stands behind a later one, by its index"):
            score(moved)


def test_what_to_do_with_rows_out_of_order_is_said(d):
    said = (
        "trials: row {} stands behind a later one, by its {}: without a column 'trial' the rows must be in the order "
        "of the trials (sort_index(), or {} if they are)"
    )
    swapped = [0, 2, 1, *range(3, len(d))]
    refused(said.format(2, "index", "reset_index(drop=True)"), indexed(d, "numbers").iloc[swapped])
    refused(said.format(2, "index 'row'", "reset_index(drop=True)"), indexed(d, "named").iloc[swapped])
    refused(said.format(2, "index", "droplevel(1)"), indexed(d, "below subject").iloc[swapped])
    refused(said.format(2, "index 'row'", "droplevel('row')"), indexed(d, "below subject, named").iloc[swapped])
    in_order = indexed(d, "below subject, named").iloc[swapped].droplevel("row")
    assert np.isfinite(score(in_order)).all()


def test_an_index_of_labels_says_no_order(d):
    bare, rng = d.drop(columns=["trial", "step"]), np.random.default_rng(3)
    for labels in (
        pd.Index(rng.integers(0, 8, len(d)), name="condition"),
        pd.Index(rng.choice(["face", "house"], len(d))),
        pd.Index([f"{k:x}" for k in rng.integers(0, 2**60, len(d))], name="event"),  # drawn, not counted
        pd.Index(rng.random(len(d)) < 0.5),
        pd.MultiIndex.from_arrays([d.subject.to_numpy(), rng.integers(0, 8, len(d))], names=["who", "condition"]),
        pd.Index(np.zeros(len(d), int)),
    ):
        pd.testing.assert_series_equal(score(bare.set_axis(labels)), score(d), check_exact=True)
    by_block = indexed(d, "by subject, named").assign(block=d.trial.to_numpy() // 25).set_axis(d.trial % 25)
    by_block.index.name = "row"  # starts anew in each block
    pd.testing.assert_series_equal(score(by_block, reset="never"), score(d), check_exact=True)
    with pytest.raises(ValueError, match="stands behind a later one, by its index 'row'"):
        score(by_block.sample(frac=1.0, random_state=1), reset="never")


# ---- sessions and blocks


@pytest.fixture(scope="module")
def blocks(d):
    """Three blocks in each of two sessions; trial numbers start anew in each block, blocks in each session."""
    return d.assign(session=d.trial // 75, block=d.trial // 25 % 3 + 1, trial=d.trial % 25)


def test_learned_values_carry_over_or_are_learned_anew_as_the_caller_says(d, blocks):
    refused(
        "trials: subject 0 has 6 blocks; say whether what was learned carries over from one to the next, "
        "reset='never', or is learned anew in each, reset='session' or reset='block'",
        blocks,
    )
    pd.testing.assert_series_equal(score(blocks, reset="never"), score(d), check_exact=True)
    of_one_trial = d.assign(block=d.trial, trial=0)
    pd.testing.assert_series_equal(score(of_one_trial, reset="never"), score(d), check_exact=True)
    for reset, parts in (("session", ["session"]), ("block", ["session", "block"])):
        apart = [score(rows, reset="never") for _, rows in blocks.groupby(parts)]
        np.testing.assert_allclose(score(blocks, reset=reset), sum(apart), rtol=1e-13)


@pytest.mark.parametrize("compiled", [True, False])
def test_learned_anew_by_hand(compiled):
    """β = 1, α = ½: each block is ln ½ + ln σ(½); its slope by β ½·(1 - σ(½))."""
    table = pd.DataFrame({"subject": 3, "block": [1, 1, 2, 2], "action": [0, 0, 1, 1], "outcome": 1.0})
    agent = QLearning(learning_rate=0.5, beta=1.0)
    once = math.log(0.5) - math.log1p(math.exp(-0.5))
    anew = hrl.log_likelihood(agent, table, reset="block", compiled=compiled)
    assert anew.to_dict() == {3: pytest.approx(2 * once, rel=1e-12)}
    slope = hrl.log_likelihood_gradient(agent, table, ["beta"], reset="block")
    assert slope.loc[3, "beta"] == pytest.approx(2 * 0.5 * (1 - 1 / (1 + math.exp(-0.5))), rel=1e-12)
    # carried over: Q is .75, 0, then .75, .5
    on = once - math.log1p(math.exp(0.75)) - math.log1p(math.exp(0.25))
    assert hrl.log_likelihood(agent, table, reset="never", compiled=compiled)[3] == pytest.approx(on, rel=1e-12)


def test_threads_and_parameters_by_subject_go_with_stretches(blocks):
    beta = np.linspace(0.5, 6.0, 100)
    one, three = (
        hrl.Likelihood(AGENT, blocks[blocks.subject % 3 + blocks.block > 1], reset="block", threads=n) for n in (1, 3)
    )
    np.testing.assert_array_equal(one.value({"beta": beta}), three.value({"beta": beta}))
    np.testing.assert_array_equal(one.gradient({"beta": beta}), three.gradient({"beta": beta}))
    np.testing.assert_array_equal(one.value({"beta": beta})[40], one.value({"beta": beta[40]})[40])
    assert repr(one).endswith("learned anew in 532 stretches, 2 actions, 3 states, none a compound>")


def test_the_order_of_blocks_is_known_or_refused(d, blocks):
    named = d.assign(block=np.array(["rain", "sun", "fog"])[d.trial // 50])  # trial numbers run on
    pd.testing.assert_series_equal(score(named, reset="never"), score(d), check_exact=True)
    anew = named.assign(trial=d.trial % 50)
    refused(
        "trials, column 'block': trial numbers start anew, so number the blocks in their order", anew, reset="never"
    )
    by_name, by_number = (score(t, reset="block") for t in (anew, anew.assign(block=d.trial // 50)))
    pd.testing.assert_series_equal(by_name, by_number, check_exact=True)  # where all is learned anew no order matters
    dated = anew.assign(block=pd.Timestamp("2024-03-01") + pd.to_timedelta(d.trial // 50, unit="D"))
    pd.testing.assert_series_equal(score(dated, reset="never"), score(d), check_exact=True)
    order = pd.CategoricalDtype(["rain", "sun", "fog"], ordered=True)
    ordered = score(anew.assign(block=anew.block.astype(order)), reset="never")
    pd.testing.assert_series_equal(ordered, score(d), check_exact=True)
    for wrong in (
        d.assign(block=-(d.trial // 50)),
        d.assign(block=d.trial // 25 % 2),
        d.assign(block=np.array(["a", "b"])[d.trial // 25 % 2]),
    ):
        with pytest.raises(
            ValueError, match=r"^trials: row \d+, columns 'block', 'trial': trial numbers neither start"
        ):
            score(wrong, reset="never")
    refused(
        "trials: row 25, columns 'subject', 'trial', 'step': subject 0, trial 0, step 0 is there twice; trial numbers "
        "that start anew need a column 'block' or 'session'",
        blocks.drop(columns=["session", "block"]),
    )
    refused("trials: row 5, column 'block': nan names no block", d.assign(block=np.where(d.index == 5, np.nan, 1)))


# ---- the property


def table_of(seed):
    """Four subjects with trials of one or two steps, in four states with three actions; some missing, some forced."""
    rng = np.random.default_rng(seed)
    steps = [(s, t, k) for s in range(4) for t in range(6) for k in range(rng.integers(1, 3))]
    n = len(steps)
    table = pd.DataFrame(steps, columns=["subject", "trial", "step"])
    return table.assign(
        state=rng.integers(0, 4, n),
        action=np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 3, n)),
        outcome=np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
        forced=rng.random(n) < 0.1,
    )


@dataclass
class Told:
    """A table, how it is to be read, and what its subjects are called."""

    table: pd.DataFrame
    reading: dict
    names: dict

    def but(self, **columns):
        self.table = self.table.assign(**columns)


def rename_subjects(it, rng):
    it.names = dict(enumerate(rng.permutation(["zoe", "Ben", "adam", "10"]).tolist()))
    it.but(subject=it.table.subject.map(it.names))


def renumber_trials(it, rng):
    it.but(trial=it.table.trial * 2.5 * 2 + 7)


def split_into_blocks(it, rng):
    it.but(block=it.table.trial // 2 * 1.5, trial=it.table.trial % 2)
    it.reading["reset"] = "never"


def split_into_sessions(it, rng):
    it.but(session=np.array(["noon", "dusk"])[it.table.trial.to_numpy() // 3])
    it.reading["reset"] = "never"


def code_actions(it, rng):
    codes = [[-1, 0, 1], [1, 2, 3], ["a", "b", "c"], [38, 37, 39], [0.5, 1.5, 2.5]][rng.integers(5)]
    it.but(action=it.table.action.map(dict(enumerate(codes))))
    it.reading["actions"] = codes


def code_states(it, rng):
    codes = rng.permutation(["face", "house", "tool", "word"]).tolist()
    it.but(state=it.table.state.map(dict(enumerate(codes))))
    it.reading["states"] = codes


def code_missing(it, rng):
    code = [9, 999, "late"][rng.integers(3)]
    it.but(action=np.where(it.table.action.notna(), it.table.action.astype(object), code))
    it.reading["missing"] = [code, -77]


def retype(it, rng):
    for name in ("subject", "state", "action", "outcome"):
        numeric = pd.api.types.is_numeric_dtype(it.table[name])
        kinds = ["object", "category", *(["Float64", "float64"] if numeric else []), *(["string"] if numeric else [])]
        kinds += ["Int64"] if numeric and name in ("subject", "state") else []
        it.but(**{name: it.table[name].astype(kinds[rng.integers(len(kinds))])})
    if it.table.subject.dtype == "string":
        it.names = {k: str(name) for k, name in it.names.items()}


def add_columns(it, rng):
    it.but(group=it.table.subject.astype(str).map(len), rt=rng.random(len(it.table)), phase="test")


def shuffle(it, rng):
    it.table = it.table.iloc[rng.permutation(len(it.table))]


def rename_columns(it, rng):
    it.table = it.table.rename(columns={"action": "choice", "outcome": "reward"})
    it.reading["columns"] = {"action": "choice", "outcome": "reward"}


def index(it, rng):
    levels = [["subject"], ["subject", "trial"], ["trial"]][rng.integers(3)]
    it.table = it.table.set_index(levels, append=bool(rng.integers(2)))


def index_anything(it, rng):
    it.table = it.table.set_axis(rng.integers(0, 5, len(it.table)))


KEEPING = [
    rename_subjects,
    split_into_blocks,
    split_into_sessions,
    renumber_trials,
    code_missing,
    code_actions,
    code_states,
    retype,
    add_columns,
    shuffle,
    rename_columns,
    index_anything,
    index,
]


def value_of(it):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return score(it.table, **{"actions": 3, "states": 4} | it.reading)


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 10**6), chosen=st.sets(st.sampled_from(KEEPING), min_size=1))
def test_what_keeps_the_meaning_of_a_table_keeps_every_bit(seed, chosen):
    rng, table = np.random.default_rng(seed), table_of(seed)
    expected = value_of(Told(table, {}, {}))
    it = Told(table, {}, {k: k for k in range(4)})
    for change in KEEPING:
        clash = {split_into_blocks: {split_into_sessions}, code_actions: {code_missing}}.get(change, set())
        if change in chosen and not clash & chosen:
            change(it, rng)
    found = value_of(it)
    assert [found[it.names[k]] for k in range(4)] == expected.tolist()


def test_a_number_as_text_is_that_number():
    outcomes = np.random.default_rng(0).normal(size=300)
    table = pd.DataFrame({"subject": 0, "action": np.arange(300) % 2, "outcome": outcomes})
    text = table.assign(outcome=[repr(float(outcome)) for outcome in outcomes], action=table.action.map(str))
    assert score(text)[0] == score(table)[0]
    refused("trials: row 2, column 'outcome': '1_0' is not a number", text.assign(outcome=["1", "2", "1_0"] * 100))


def test_every_rearrangement_alone_keeps_every_bit():
    for seed, change in enumerate(KEEPING * 3):
        expected = value_of(Told(table_of(seed), {}, {}))
        it = Told(table_of(seed), {}, {k: k for k in range(4)})
        change(it, np.random.default_rng(seed))
        assert [value_of(it)[it.names[k]] for k in range(4)] == expected.tolist(), change.__name__


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6), names=st.permutations(["a", "b", "c"]), by=st.sampled_from(["session", "block"]))
def test_where_all_is_learned_anew_the_order_of_blocks_changes_no_bit(seed, names, by):
    table = table_of(seed).assign(**{by: lambda t: t.trial // 2}, trial=lambda t: t.trial % 2)
    renamed = table.assign(**{by: table[by].map(dict(enumerate(names)))}).sample(frac=1.0, random_state=seed)
    expected = value_of(Told(table, {"reset": by}, {}))
    pd.testing.assert_series_equal(value_of(Told(renamed, {"reset": by}, {})), expected, check_exact=True)
    slopes = [
        hrl.Likelihood(AGENT, t, actions=3, states=4, reset=by).gradient(names=["beta", "learning_rate"])
        for t in (table.dropna(subset="action"), renamed.dropna(subset="action"))
    ]
    np.testing.assert_array_equal(*slopes)


def changes(t):
    """Tables that no longer say what this one says."""
    yield "shifted", t.assign(action=t.action + 1)
    yield "spread", t.assign(action=t.action * 2)
    yield "signed", t.assign(action=t.action - 1)
    yield "halves", t.assign(action=t.action / 2)
    for code in (-1, 9, 99, 999, "late"):
        yield f"missing as {code}", t.assign(action=np.where(t.action.notna(), t.action.astype(object), code))
    for code in (-999, 99, 999, 9999, -9):
        yield f"unseen as {code}", t.assign(outcome=t.outcome.fillna(code))
    yield "states shifted", t.assign(state=t.state + 1)
    yield "states spread", t.assign(state=t.state * 2)
    yield "two subjects as one", t.assign(subject=t.subject // 2)
    yield "no subjects", t.drop(columns="subject")
    yield "no subjects, but an index without a name", t.set_index("subject").rename_axis(None)
    yield "blocks undeclared", t.assign(block=t.trial // 2)
    yield "blocks cut off", t.assign(trial=t.trial % 2)
    yield "trials lost", t.assign(trial=0)
    yield "two phases", t.assign(phase=t.trial // 3)
    yield "two groups", t.assign(group=t.trial // 3)
    yield "order lost", t.drop(columns=["trial", "step"]).iloc[::-1]
    yield "outcomes lost", t.drop(columns="outcome")
    yield "outcomes as words", t.assign(outcome=np.where(t.outcome > 0, "win", "loss"))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_what_changes_the_meaning_of_a_table_is_refused(seed):
    table = table_of(seed).assign(  # every state and action occurs, and something is missing and unseen
        action=lambda t: np.where(t.index < 4, [[0, 1, 2, np.nan][k % 4] for k in range(len(t))], t.action),
        state=lambda t: np.where(t.index < 4, np.arange(len(t)) % 4, t.state),
        outcome=lambda t: np.where(t.index == 1, np.nan, np.clip(t.outcome, -2, 2)),
    )
    assert np.isfinite(value_of(Told(table, {"actions": None, "states": None}, {}))).all()
    for name, changed in changes(table):
        with pytest.raises(ValueError):  # noqa: PT012
            value_of(Told(changed, {"actions": None, "states": None}, {}))
            pytest.fail(name)


# ---- what only a task can say


def random_choices():
    """Trials of one to four steps in four states with three actions, some cut off."""
    rng = np.random.default_rng(2)
    steps = [(s, t, k, k == n - 1) for s in range(4) for t in range(12) for n in [rng.integers(1, 5)] for k in range(n)]
    table = pd.DataFrame(steps, columns=["subject", "trial", "step", "last"])
    n = len(table)
    return table.assign(
        state=rng.integers(0, 4, n),
        action=rng.integers(0, 3, n),
        outcome=rng.normal(size=n),
        terminated=table["last"] & (rng.random(n) < 0.6),
    )


WANTED = {
    "HabenulaAgent": "which action is doing nothing, which states hurt, what is done by nature (passive, aversive, "
    "punishment, reflex)",
    "LowMotivation": "which action is doing nothing (passive)",
    "PavlovianGoNoGo": "which action is doing nothing (passive)",
}


def test_the_agents_that_need_a_task_are_refused_without_one():
    for kind in WANTED:
        with pytest.raises(ValueError) as caught:
            hrl.Likelihood(AGENTS[kind], random_choices())
        assert str(caught.value) == (
            f"{kind} reads {WANTED[kind]}, which only a task says: give the task, or task='plain' if nothing hurts, no "
            "action is doing nothing, and nothing is done by nature"
        )


@pytest.mark.parametrize("kind", AGENTS.values(), ids=AGENTS)
def test_without_a_task_every_parameter_acts_or_the_table_is_refused(kind):
    table = random_choices()
    if fields_read_by(kind) & {"passive", "aversive", "punishment", "reflex"}:
        with pytest.raises(ValueError, match=f"^{kind.__name__} reads .*, which only a task says"):
            hrl.Likelihood(kind, table)
        return
    likelihood, values = hrl.Likelihood(kind, table, compiled=False), kind().values()
    for name, field in kind.fields().items():
        other = values[name] * 0.8 if values[name] else min(field.metadata["high"], 0.5)
        changed = likelihood.value({name: other}) != likelihood.value()
        assert changed.any(), name


def test_a_plain_world_is_said_on_purpose_and_what_cannot_act_there_is_named():
    task, table = hrl.tasks.GoNoGo(), None
    table = hrl.simulate(PavlovianGoNoGo(), task, n_subjects=5, n_trials=40, seed=1).trials
    assert hrl.Likelihood(PavlovianGoNoGo, table, task).without_effect() == ["discount"]  # trials of one step
    plain = hrl.Likelihood(PavlovianGoNoGo, table, "plain", states=8)
    assert plain.without_effect() == ["go_bias", "pavlovian", "discount"]
    held = hrl.Likelihood(LowMotivation(burden=0.0), table, "plain", states=8, compiled=False).value()
    np.testing.assert_array_equal(held, hrl.Likelihood(QLearning, table, states=8, compiled=False).value())


def test_the_habenula_agent_needs_the_shuttle_box_to_know_what_hurts():
    box, helpless = hrl.tasks.ShuttleBox(), HabenulaAgent(hyperactivity=1.0, vigour=12.0)
    table = hrl.simulate(helpless, box, n_subjects=10, n_trials=30, seed=1).trials
    with pytest.raises(ValueError, match=r"^HabenulaAgent reads which action is doing nothing, which states hurt"):
        hrl.log_likelihood(helpless, table)
    known, plain = (hrl.log_likelihood(helpless, table, task, states=3) for task in (box, "plain"))
    assert known.sum() > plain.sum() + 100.0  # to cross takes vigour, and only the box says that staying does not


def clocked_learn(p, w, e, y):
    w.level += p.rate / (1.0 + e.trial)
    y.level = w.level


def plain_start(p, w, reflex):
    w.level = float(reflex.shape[0])  # its size is no reflex


def plain_prefer(p, w, e, z):
    z[0] = w.level


def natural_start(p, w, reflex):
    w.level = np.sum(reflex)


def plain_learn(p, w, e, y):
    w.level += p.rate * e.reward
    y.level = w.level


def hidden_learn(p, w, e, y):
    event = e
    w.level += p.rate * event.reward
    y.level = w.level


def shown_learn(p, w, e, y):
    w.level += p.rate * e.feedback
    y.level = w.level


@dataclass(frozen=True)
class Plain(Agent):
    start, prefer, learn = plain_start, plain_prefer, plain_learn
    signals = ("level",)
    rate: float = parameter(0.5, doc="learning rate")

    @staticmethod
    def state(n_states, n_actions):
        return {"level": ()}


@dataclass(frozen=True)
class Clocked(Plain):
    learn = clocked_learn


@dataclass(frozen=True)
class Natural(Plain):
    start = natural_start


@dataclass(frozen=True)
class Hidden(Plain):
    learn = hidden_learn


@dataclass(frozen=True)
class Shown(Plain):
    learn = shown_learn


def test_an_own_agent_is_asked_what_its_rules_read():
    table = pd.DataFrame({"subject": 0, "action": [0, 1], "outcome": [1.0, 0.0]})
    assert hrl.log_likelihood(Plain(), table, compiled=False)[0] < 0.0
    for kind, said in (
        (Clocked, "^Clocked reads e.trial, which a table of choices does not show to its rules$"),
        (Natural, r"^Natural reads what is done by nature \(reflex\), which only a task says: "),
        (Hidden, r"^Hidden may read .* \(passive, aversive, punishment, reflex\), which only a task says: "),
    ):
        with pytest.raises(ValueError, match=said):
            hrl.log_likelihood(kind(), table, compiled=False)
    with pytest.raises(ValueError, match=r"^Clocked reads e\.trial"):
        hrl.log_likelihood(Clocked(), table, hrl.tasks.RiskChoice())


def test_a_rule_sees_that_the_outcome_was_shown_as_in_a_simulation():
    run = hrl.simulate(Shown(), hrl.tasks.RiskChoice(), n_subjects=1, n_trials=3, seed=1, compiled=False).trials
    assert run.level.tolist() == [1.5, 2.0, 2.5]
    levels = np.array([1.0, 1.5, 2.0])  # before each choice
    p = np.where(run.action == 0, 1 / (1 + np.exp(-levels)), 1 / (1 + np.exp(levels)))
    found = hrl.log_likelihood(Shown(), run, hrl.tasks.RiskChoice(), compiled=False)
    assert found[0] == pytest.approx(np.log(p).sum(), rel=1e-12)


# ---- real people

SHARED = Path(__file__).parents[3] / "shared" / "data"  # beside the repository
DATA = Path(os.environ.get("HABENULA_DATA", SHARED)) / "reversal_learning" / "trials.csv"


@pytest.mark.skipif(
    not DATA.exists(), reason="needs the data of Zorowitz et al. 2023: HABENULA_DATA names their folder"
)
def test_the_choices_of_406_people():
    people = pd.read_csv(DATA)
    read = functools.partial(score, people, columns={"action": "choice"})
    with pytest.raises(ValueError, match=r"^trials: subject '02hfkd0x4jtnoiwsds69adoq' has 6 blocks; say whether"):
        read()
    expected = read(reset="never")
    assert len(expected) == 406 and recorded(people, None, columns={"action": "choice"}, reset="never").n_actions == 3
    by_key = functools.partial(score, people, columns={"action": "key"}, reset="never")
    with pytest.raises(ValueError, match=r"^trials, column 'action': 37, 38 and 39 occur, 0 to 36 never"):
        by_key()
    pd.testing.assert_series_equal(by_key(actions=[37, 38, 39]), expected, check_exact=True)
    anew = people.assign(trial=(people.trial - 1) % 15)
    blocks = score(anew, columns={"action": "choice"}, reset="never")
    pd.testing.assert_series_equal(blocks, expected, check_exact=True)


# ---- parameters by subject


def test_a_series_goes_by_its_labels():
    table = pd.DataFrame({"subject": ["a", "a", "b", "b"], "action": [0, 0, 0, 0], "outcome": 1.0})
    betas = pd.Series({"b": 0.0, "a": 5.0})
    likelihood = hrl.Likelihood(AGENT, table, actions=2)
    expected = likelihood.value({"beta": [5.0, 0.0]})
    assert expected[1] == pytest.approx(2 * math.log(0.5)) and expected[0] > expected[1]
    assert likelihood.value({"beta": betas}).tolist() == expected.tolist()
    assert score(table, actions=2, parameters={"beta": betas}).tolist() == expected.tolist()
    task = hrl.tasks.RiskChoice()
    run = functools.partial(hrl.simulate, AGENT, task, n_subjects=2, n_trials=20, seed=1)
    by_label = run(parameters={"beta": pd.Series({1: 0.0, 0: 5.0})})
    pd.testing.assert_frame_equal(by_label.trials, run(parameters={"beta": [5.0, 0.0]}).trials)
    other = {"beta": pd.Series([5.0, 0.0], index=[1, 2])}
    for call in (lambda: likelihood.value(other), lambda: run(parameters=other)):
        with pytest.raises(
            ValueError, match=r"^parameters: 'beta' is a Series whose index is not the subjects' labels"
        ):
            call()
    for wrong in ([1, 2], 3.0, {"beta": None}):
        with pytest.raises(ValueError, match=r"^parameters"):
            likelihood.value(wrong)


def test_a_label_is_a_number_or_a_text():
    table = pd.DataFrame({"subject": [1, "1", 2], "action": [0, 1, 0], "outcome": 1.0})
    refused("trials, column 'subject': 1 and '1' would be two subjects; make them one, or all texts", table)
    refused("trials, column 'subject': its cells must be numbers or texts", table.assign(subject=[[1], [2], [2]]))
    assert len(score(table.assign(subject=["01", "10", "2"]))) == 3
