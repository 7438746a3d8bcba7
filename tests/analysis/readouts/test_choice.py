"""Readouts of choice learning from trials written by hand."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from habenula_rl.analysis import readouts
from habenula_rl.tasks import ProbabilisticSelection

WAIT, GO = 0, 1
RICH, LEAN = 0, 1
PAIR = {"ABCDEF"[a] + "ABCDEF"[b]: k + 1 for k, (a, b) in enumerate(combinations(range(6), 2))}


def table(rows, group="a", phase="test", subject=0, first=0):
    """Trials of one step; a row is (state, action, outcome, next_state)."""
    columns = ["state", "action", "outcome", "next_state"]
    made = pd.DataFrame(rows, columns=columns).assign(group=group, phase=phase, subject=subject, step=0)
    return made.assign(trial=range(first, first + len(rows)), terminated=True, truncated=False)


def arms(choices, best, outcomes=None):
    outcomes = outcomes or [0.0] * len(choices)
    return table([(0, choice, outcome, 1 + arm) for choice, outcome, arm in zip(choices, outcomes, best, strict=True)])


def together(*tables):
    return pd.concat(tables, ignore_index=True).astype({"group": "category", "phase": "category"})


def test_best_choices_by_hand():
    rows = arms([0, 1, 1, 2, 2], [0, 0, 1, 2, 1])
    assert readouts.best_choices(rows)["best"].tolist() == [0.6]
    binned = readouts.best_choices(rows, bin_trials=2)
    assert binned[["trial", "best"]].to_numpy().tolist() == [[0.0, 0.5], [2.0, 1.0], [4.0, 0.0]]


def test_stay_and_shift_by_hand():
    # after wins: stay, shift; after losses: shift, stay, shift; the last outcome is followed by nothing
    rows = arms([0, 0, 1, 0, 0, 1], [0] * 6, [1.0, 1.0, 0.0, 0.0, 0.0, 1.0])
    found = readouts.stay_shift(rows).iloc[0]
    assert (found["wins"], found["losses"]) == (2, 3)
    assert (found["win_stay"], found["lose_shift"]) == (0.5, pytest.approx(2 / 3))


def test_stay_and_shift_compare_with_the_last_choice_in_the_same_state():
    rows = table([(0, 0, 1.0, 0), (1, 1, 0.0, 1), (0, 0, 0.0, 0), (1, 1, 0.0, 1)])
    found = readouts.stay_shift(rows).iloc[0]
    assert (found["wins"], found["losses"], found["win_stay"], found["lose_shift"]) == (1, 1, 1.0, 0.0)


def test_withheld_outcomes_count_neither_as_wins_nor_as_losses():
    found = readouts.stay_shift(arms([0, 1, 1], [0] * 3, [math.nan, 0.5, 1.0]), win=0.5).iloc[0]
    assert (found["wins"], found["losses"], found["lose_shift"]) == (0, 1, 0.0)
    assert math.isnan(found["win_stay"])


def test_stages_by_hand():
    best = [0] * 4 + [1] * 5 + [0] * 2
    choices = [*(1, 0, 0, 0), *(0, 0, 1, 0, 1), *(0, 1)]
    found = readouts.stages(arms(choices, best), correct=2, window=2)
    assert found[["stage", "first", "trials", "errors"]].to_numpy().tolist() == [
        [0, 0, 4, 1],
        [1, 4, 5, 3],
        [2, 9, 2, 1],
    ]
    assert found["perseverative"].tolist()[1:] == [2.0, 0.0]
    assert math.isnan(found["perseverative"][0])
    assert found["to_criterion"].tolist()[0] == 3.0
    assert found["to_criterion"].isna().tolist() == [False, True, True]
    assert readouts.stages(arms(choices, best), correct=2, window=3)["to_criterion"].tolist()[:2] == [3.0, 5.0]


def test_the_window_holds_choices_of_its_own_stage_and_subject_only():
    one = arms([0, 0, 0, 1], [0, 0, 0, 1])
    found = readouts.stages(together(one, one.assign(subject=1)), correct=2, window=2)
    assert found["to_criterion"].isna().tolist() == [False, True, False, True]
    assert found["stage"].tolist() == [0, 1, 0, 1]


def test_reversals_by_hand():
    best = [0] * 4 + [1] * 5 + [0] * 2
    choices = [*(1, 0, 0, 0), *(0, 0, 1, 1, 1), *(1, 0)]
    found = readouts.reversals(arms(choices, best), correct=2, window=2).iloc[0]
    assert (found["reversals"], found["first_criterion"], found["to_criterion"]) == (2, 3.0, 3.5)
    assert (found["perseverative"], found["errors"]) == (2.0, 2.0)


def test_a_stage_that_the_end_of_the_phase_cuts_off_is_in_no_mean_of_errors():
    # stages of 4, 5, 4 and 2 trials: errors 3, 2 and, cut off, 0; perseverative 2, 0 and 0
    best = [0] * 4 + [1] * 5 + [2] * 4 + [0] * 2
    choices = [*(0, 0, 0, 0), *(0, 0, 2, 1, 1), *(0, 0, 2, 2), *(0, 0)]
    found = readouts.reversals(together(arms(choices, best), arms([0, 0, 0], [0, 0, 1]).assign(subject=1))).set_index(
        "subject"
    )
    assert found.loc[0, ["reversals", "perseverative", "errors"]].tolist() == [3, 1.0, 2.5]
    assert found.loc[1, "reversals"] == 1
    assert found.loc[1, ["perseverative", "errors"]].isna().all()


def test_reversals_of_a_subject_without_any():
    found = readouts.reversals(arms([1, 1], [0, 0])).iloc[0]
    assert found["reversals"] == 0
    assert found[["first_criterion", "to_criterion", "perseverative", "errors"]].isna().all()


def test_go_nogo_by_hand():
    rows = together(
        table(
            [(0, GO, 1, 0), (0, WAIT, 1, 0), (4, GO, 1, 4), (1, GO, 0, 1), (2, GO, 0, 2), (3, WAIT, 0, 3)], subject=0
        ),
        table([(2, WAIT, 1, 2)], subject=1),
    )
    found = readouts.go_nogo_accuracy(rows).set_index(["subject", "condition"])
    assert found["trials"].to_dict() == {
        (0, "go_to_win"): 3,
        (0, "go_to_avoid"): 1,
        (0, "no_go_to_win"): 1,
        (0, "no_go_to_avoid"): 1,
        (1, "no_go_to_win"): 1,
    }
    accuracy = found["accuracy"].to_dict()
    assert accuracy.pop((0, "go_to_win")) == pytest.approx(2 / 3)
    assert list(accuracy.values()) == [1.0, 1.0, 0.0, 1.0]


def test_go_nogo_by_exposure_counts_each_cue_for_itself():
    rows = table([(0, GO, 1, 0), (4, WAIT, 1, 4), (0, GO, 1, 0), (0, WAIT, 0, 0)])
    found = readouts.go_nogo_accuracy(rows, bin_exposures=1)
    assert found[["exposure", "trials", "accuracy"]].to_numpy().tolist() == [[1, 2, 0.5], [2, 1, 1.0], [3, 1, 0.0]]
    assert readouts.go_nogo_accuracy(rows, bin_exposures=2)["exposure"].tolist() == [2, 4]


def test_pavlovian_biases_of_the_published_means():
    # accuracies of Zorowitz et al.: congruence .107, go bias .131
    shares = {0: 937, 1: 832, 2: 700, 3: 808}
    rows = [(s, GO if (k < n) == (s < 2) else WAIT, 0.0, s) for s, n in shares.items() for k in range(1000)]
    found = readouts.go_nogo_biases(table(rows)).iloc[0]
    assert [found[name] for name in ("go_to_win", "go_to_avoid", "no_go_to_win", "no_go_to_avoid")] == [
        0.937,
        0.832,
        0.7,
        0.808,
    ]
    assert (found["congruence"], found["go_bias"]) == (pytest.approx(0.1065), pytest.approx(0.1305))


def test_pavlovian_biases_need_all_conditions():
    found = readouts.go_nogo_biases(table([(0, GO, 1.0, 0)])).iloc[0]
    assert found["go_to_win"] == 1.0
    assert math.isnan(found["congruence"])
    assert math.isnan(found["go_bias"])


def answers(rich_right, rich_wrong, lean_right, lean_wrong):
    counts = {(RICH, RICH): rich_right, (LEAN, RICH): rich_wrong, (LEAN, LEAN): lean_right, (RICH, LEAN): lean_wrong}
    return [(shown, answer, 0.0, 2 + shown) for (answer, shown), n in counts.items() for _ in range(n)]


def test_response_bias_by_hand():
    rows = table(answers(4, 1, 2, 3) + answers(5, 0, 5, 0))
    found = readouts.response_bias(rows, block=10)
    assert found["block"].tolist() == [1, 2]
    assert found["log_b"].tolist() == pytest.approx([0.5 * math.log10(4.5 * 3.5 / (1.5 * 2.5)), 0.0])
    assert found["log_d"].tolist() == pytest.approx([0.5 * math.log10(4.5 * 2.5 / (1.5 * 3.5)), math.log10(11.0)])
    assert found[["rich_accuracy", "lean_accuracy"]].to_numpy().tolist() == [[0.8, 0.4], [1.0, 1.0]]


def test_response_bias_goes_by_what_was_shown_not_by_how_it_looked():
    looked_wrong = table([(LEAN, RICH, 0.0, 2 + RICH), (RICH, LEAN, 0.0, 2 + LEAN)])
    assert readouts.response_bias(looked_wrong)[["rich_accuracy", "lean_accuracy"]].to_numpy().tolist() == [[1.0, 1.0]]


def test_selection_by_hand():
    a, b, c, d, e, f = range(6)
    training = [("AB", a, 1.0), ("AB", a, 0.0), ("AB", b, 1.0), ("CD", d, 0.0), ("EF", e, 1.0), ("EF", a, math.nan)]
    new = [("AC", a), ("AD", d), ("AE", a), ("AF", a), ("BC", c), ("BF", b), ("AB", b), ("CD", c), ("AC", e), ("BD", f)]
    rows = training + [(pair, choice, math.nan) for pair, choice in new]
    found = readouts.selection(
        table([(PAIR[pair], choice, outcome, PAIR[pair]) for pair, choice, outcome in rows])
    ).iloc[0]
    assert (found["AB"], found["CD"], found["EF"]) == (pytest.approx(2 / 3), 0.0, 1.0)
    assert (found["choose_a"], found["avoid_b"]) == (0.75, 0.5)


def test_selection_without_a_test_has_no_transfer():
    found = readouts.selection(table([(PAIR["AB"], 0, 1.0, PAIR["AB"])])).iloc[0]
    assert found["AB"] == 1.0
    assert found[["CD", "EF", "choose_a", "avoid_b"]].isna().all()


def test_the_pairs_are_numbered_as_in_the_task():
    assert {name: k for k, name in enumerate(ProbabilisticSelection().states) if k} == PAIR


@pytest.mark.parametrize(
    "readout",
    [
        "best_choices",
        "stay_shift",
        "stages",
        "reversals",
        "go_nogo_accuracy",
        "go_nogo_biases",
        "response_bias",
        "selection",
    ],
)
def test_groups_phases_and_subjects_are_kept_apart_and_phases_are_picked(readout):
    function = getattr(readouts, readout)
    state, after = 1 if readout == "response_bias" else 0, (3, 3, 2)
    if readout in ("go_nogo_accuracy", "go_nogo_biases", "selection"):
        state, after = 1, (1, 1, 1)
    choices = zip((0, 1, 0), (1.0, 0.0, 0.0), after, strict=True)
    one = table([(state, *choice) for choice in choices])
    other = [one.assign(group="b"), one.assign(phase="late"), one.assign(subject=7)]
    alone, found = function(together(one)), function(together(one, *other))
    places = [("a", "test", 0), ("b", "test", 0), ("a", "late", 0), ("a", "test", 7)]
    for group, phase, subject in places:
        at = (found["group"] == group) & (found["phase"] == phase) & (found["subject"] == subject)
        same = found[at].drop(columns=readouts.WHO).reset_index(drop=True)
        pd.testing.assert_frame_equal(same, alone.drop(columns=readouts.WHO))
    assert set(function(together(one, *other), ["late"])["phase"]) == {"late"}
    with pytest.raises(ValueError, match="no phase 'lat', did you mean 'late'"):
        function(together(one, *other), ["lat"])


def test_readouts_leave_the_trials_as_they_are():
    tables = [table([(s, 0, 1.0, a), (s, 1, math.nan, b)]) for s, a, b in ((1, 3, 2), (0, 3, 2), (1, 1, 1))]
    shown, armed, paired = tables
    pairs = (
        (readouts.stages, armed),
        (readouts.stay_shift, shown),
        (readouts.selection, paired),
        (readouts.response_bias, shown),
    )
    for readout, rows in pairs:
        before = rows.copy(deep=True)
        readout(rows)
        pd.testing.assert_frame_equal(rows, before)
        assert np.array_equal(rows.columns, before.columns)


def test_the_first_subjects_first_choice_leaves_the_window():
    found = readouts.stages(arms([0, 1, 0], [0, 0, 0]), correct=2, window=2)
    assert found["to_criterion"].isna().all()
