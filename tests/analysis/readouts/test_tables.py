"""Tables that a readout must not misread: of another task, with numbers as texts, with codes, counted from 1."""

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl import tasks
from habenula_rl.agents import QLearning
from habenula_rl.analysis import readouts


def run(task, n_trials=30):
    return hrl.simulate(QLearning(), task, n_subjects=3, n_trials=n_trials, seed=1, compiled=False).trials


def choices(action, outcome=1.0, **columns):
    """A user's table of one subject."""
    return pd.DataFrame({"subject": 1, "trial": range(len(action)), "action": action, "outcome": outcome}).assign(
        **columns
    )


def test_a_forced_group_is_not_hidden_by_a_free_one():
    free, forced = run(tasks.SucrosePreference(free=True)), run(tasks.SucrosePreference(free=False))
    both = pd.concat([free.assign(group="free"), forced.assign(group="forced")], ignore_index=True)
    with pytest.raises(ValueError, match="in group 'forced', phase 'SucrosePreference', no action is 'water'"):
        readouts.drinking(both)
    assert set(readouts.drinking(free.assign(group="free"))["group"]) == {"free"}


@pytest.mark.parametrize(
    ("readout", "task"),
    [
        ("drinking", tasks.EffortChoice()),
        ("escapes", tasks.ForcedSwim()),
        ("step_through", tasks.ForcedSwim()),
        ("best_choices", tasks.GoNoGo()),
        ("effort_choices", tasks.SucrosePreference()),
    ],
)
def test_a_phase_with_the_name_of_another_task_is_refused(readout, task):
    name = type(task).__name__
    with pytest.raises(ValueError, match=f"^{readout} reads trials of .*, and phase '{name}' is by its name one of"):
        getattr(readouts, readout)(run(task))


def test_choices_of_another_task_than_the_given_one_are_refused():
    with pytest.raises(ValueError, match=r"^choice_share reads trials of RiskChoice, and phase 'EffortChoice'"):
        readouts.choice_share(run(tasks.EffortChoice()), action="risky", task=tasks.RiskChoice())


def test_numbers_of_an_unknown_table_need_the_task():
    rows = choices([1, 2, 2, 1, 0])
    with pytest.raises(ValueError, match="column 'action' has numbers, and nothing says that they are those of"):
        readouts.drinking(rows)
    for known in (rows.assign(phase="SucrosePreference"), rows):
        task = None if "phase" in known else tasks.SucrosePreference()
        assert readouts.drinking(known, task=task)["preference"].tolist() == [0.5]
    recorded = run(tasks.SucrosePreference()).assign(phase="bottles")
    assert len(readouts.drinking(recorded)) == 3
    arms = choices([0, 1, 1, 0], state=0, next_state=[1, 1, 2, 2])
    with pytest.raises(ValueError, match=r"^best_choices: nothing says that columns 'state' and 'next_state'"):
        readouts.best_choices(arms)


def test_numbers_as_texts_are_numbers():
    best = [0] * 4 + [1] * 8
    rows = choices([0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1], [1.0, 0.0] * 6, best=best)
    texts = rows.assign(**{name: rows[name].astype(str) for name in ("trial", "action", "best", "outcome")})
    for readout in (readouts.stay_shift, readouts.reversals, readouts.best_choices):
        pd.testing.assert_frame_equal(readout(texts), readout(rows))
    anew = rows.assign(trial=[0] * 12, block=[str(k) for k in range(12)])
    pd.testing.assert_frame_equal(readouts.stay_shift(anew), readouts.stay_shift(rows))


def test_unordered_names_and_empty_cells_of_blocks_are_refused():
    rows = choices([0, 1, 0, 1]).assign(trial=[0, 1, 0, 1], block=["b", "b", "a", "a"])
    with pytest.raises(ValueError, match="column 'block' has 'b', and trial numbers start anew: number the blocks"):
        readouts.stay_shift(rows)
    ordered = rows.assign(block=pd.Categorical(rows["block"], ["b", "a"], ordered=True))
    found = readouts.stay_shift(ordered)
    pd.testing.assert_frame_equal(found, readouts.stay_shift(rows.assign(block=[1, 1, 2, 2])))
    with pytest.raises(ValueError, match="row 2 has no block"):
        readouts.stay_shift(rows.assign(block=[1.0, 1.0, None, None]))
    with pytest.raises(ValueError, match="row 0, column 'trial': 'one' is not a whole number"):
        readouts.stay_shift(rows.assign(trial=["one", "two", "3", "4"]))


@pytest.mark.parametrize("column", ["group", "phase"])
def test_subjects_without_a_group_or_phase_do_not_vanish(column):
    rows = choices([0, 1, 0, 1])
    empty = readouts.stay_shift(rows.assign(**{column: np.nan}))
    pd.testing.assert_frame_equal(empty, readouts.stay_shift(rows))
    with pytest.raises(ValueError, match=f"no {column} in row 1"):
        readouts.stay_shift(rows.assign(**{column: ["a", None, "a", "a"]}))


@pytest.mark.parametrize("code", ["-1", "99", "NA", "none"])
def test_a_word_for_no_response_is_no_choice(code):
    rows = choices(["left", "left", code, "right", "left"])
    with pytest.raises(ValueError, match=f"action '{code}' may say that there was no response: give missing='{code}'"):
        readouts.stay_shift(rows)
    found = readouts.stay_shift(rows, missing=code)
    for blank in ("", " ", None):
        pd.testing.assert_frame_equal(found, readouts.stay_shift(rows.replace({"action": {code: blank}})))


def test_a_gap_in_the_numbers_of_actions_is_refused():
    rows = choices([0, 1, 5, 0, 8, 1])
    with pytest.raises(ValueError, match=r"actions 0, 1, 5, 8 occur, 2 to 4 never: give missing=\[5, 8\] if that"):
        readouts.stay_shift(rows)
    left_out = choices([0, 1, None, 0, None, 1])
    pd.testing.assert_frame_equal(readouts.stay_shift(rows, missing=[5, 8]), readouts.stay_shift(left_out))


@pytest.mark.parametrize("code", [-999.0, 999.0, 99.0])
def test_an_outcome_that_looks_like_a_code_is_refused(code):
    with pytest.raises(ValueError, match=f"stay_shift: outcome {code} is so much further from 0"):
        readouts.stay_shift(choices([0, 1, 0, 1], [1.0, code, 0.0, 1.0]))
    with pytest.raises(ValueError, match="outcome 'win' is not a number"):
        readouts.stay_shift(choices([0, 1, 0, 1], ["win", "loss", "win", "win"]))
    assert readouts.stay_shift(choices([0, 1, 0, 1], [100.0, 99.0, 50.0, 98.0]))["wins"].tolist() == [3]


def test_trials_counted_from_1_are_counted_from_0():
    rows = choices([0, 1, 1, 0], best=[0, 1, 0, 1])
    from_1 = rows.assign(trial=rows["trial"] + 1)
    for table in (rows, from_1):
        found = readouts.best_choices(table, bin_trials=2)
        assert found[["trial", "best"]].to_numpy().tolist() == [[0.0, 1.0], [2.0, 0.0]]
    task = tasks.RiskChoice()
    share = readouts.choice_share(from_1, action=task.actions[0], task=task, until_trial=2)["share"]
    assert share.tolist() == [0.5]
    with pytest.raises(ValueError, match="trials of subject 1 begin at 0 and those of subject 2 at 1; count them"):
        readouts.best_choices(pd.concat([rows, from_1.assign(subject=2)], ignore_index=True), bin_trials=2)


READOUT = pd.DataFrame({"group": ["a", "a", "b", "b"], "phase": ["p", "q"] * 2, "subject": 1, "x": [1.0, 2, 3, 4]})


@pytest.mark.parametrize("function", [readouts.by_group, readouts.matched])
def test_phases_are_not_pooled(function):
    name = function.__name__
    with pytest.raises(ValueError, match=f"{name}: the readout has the phases p, q; pick one of them with in_phases"):
        function(READOUT, "x", ["a", "b"])
    with pytest.raises(ValueError, match=f"{name}: the readout has no measure 'y'"):
        function(READOUT, "y", ["a", "b"])
    one = readouts.in_phases(READOUT, ["p"])
    with pytest.raises(ValueError, match=f"{name}: subject 1 has several rows in group 'a'"):
        function(pd.concat([one, one]), "x", ["a", "b"])
    assert np.ravel(list(readouts.by_group(one, "x", ["b", "a"]).values())).tolist() == [3.0, 1.0]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"columns": ["a"]}, "columns must give columns by name"),
        ({"phases": "test"}, "phases must be a list"),
        ({"phases": [1]}, "no phase '1'"),
        ({"win": np.nan}, "win must be a number"),
        ({"missing": {}}, "missing: {} is neither"),
    ],
)
def test_slips_in_arguments_get_one_sentence(how, why):
    with pytest.raises(ValueError, match=why):
        readouts.stay_shift(choices([0, 1]), **how)


def test_slips_in_tables_get_one_sentence():
    rows = choices([0, 1])
    for table, why in (
        ([1, 2], "trials must be a pandas DataFrame"),
        (pd.concat([rows, rows[["action"]]], axis=1), "more than one column 'action'"),
        (rows.set_axis(pd.MultiIndex.from_product([["a"], rows.columns]), axis=1), "2 levels of column names"),
    ):
        with pytest.raises(ValueError, match=why):
            readouts.stay_shift(table)
    for function in (readouts.approach_index, readouts.discounting_slope, readouts.failing):
        with pytest.raises(ValueError, match=f"^{function.__name__} takes what .* gives, which has a column"):
            function(rows)


@pytest.mark.parametrize(
    ("readout", "options"),
    [
        ("best_choices", {"bin_trials": 0}),
        ("best_choices", {"bin_trials": 2.5}),
        ("response_bias", {"block": -1}),
        ("stages", {"correct": 9}),
        ("switch_latency", {"action": "a", "of": 3, "at_least": 4}),
        ("immobility", {"from_s": 360}),
        ("value_bias", {"last": 0}),
        ("cue_value", {"cues": ["A"], "last": 0}),
    ],
)
def test_options_that_mean_nothing_are_refused(readout, options):
    with pytest.raises(ValueError, match=f"^{readout}: .*(must be a whole number|give a larger)"):
        getattr(readouts, readout)(choices([0, 1]).assign(value=0.0), **options)
