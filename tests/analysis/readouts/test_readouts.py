"""Readouts from trials written by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.tasks import SucrosePreference

COLUMNS = ["group", "phase", "subject", "trial", "step", "state", "action", "outcome", "terminated", "truncated"]
SAFE, WARNING, SHOCK = 0, 1, 2
STAY, CROSS = 0, 1


def table(rows: list[tuple]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=COLUMNS).astype({"group": "category", "phase": "category"})
    return made.assign(next_state=made["state"])


def shuttle(group: str = "a", phase: str = "test", subject: int = 0, escapes: tuple[int, ...] = ()) -> list[tuple]:
    """Trials with 1 s of warning and at most 3 s of shock; `escapes`: each trial's second of crossing, 0 for none."""
    rows = []
    for trial, second in enumerate(escapes):
        for step in range(second or 4):
            ended = step + 1 == second
            cut = not second and step == 3
            state = WARNING if step == 0 else SHOCK
            rows.append((group, phase, subject, trial, step, state, CROSS if ended else STAY, 0.0, ended, cut))
    return rows


def test_escapes_by_hand() -> None:
    # an avoidance after 1 s, an escape after 3 s, two failures of 4 s
    found = readouts.escapes(table(shuttle(escapes=(1, 3, 0, 0)))).iloc[0]
    assert (found["trials"], found["failures"], found["failed"], found["latency"]) == (4, 2, 0.5, 3.0)


def test_escapes_keep_groups_phases_and_subjects_apart() -> None:
    rows = shuttle("a", "one", 0, (1,)) + shuttle("a", "two", 0, (0,)) + shuttle("b", "one", 3, (2,))
    found = readouts.escapes(table(rows)).set_index(readouts.WHO)
    assert found["failures"].to_dict() == {("a", "one", 0): 0, ("a", "two", 0): 1, ("b", "one", 3): 0}


def test_unfinished_trials_do_not_count() -> None:
    rows = table(shuttle(escapes=(1, 3)))
    found = readouts.escapes(rows.iloc[:-1]).iloc[0]
    assert (found["trials"], found["failures"]) == (1, 0)


def test_failure_course_has_a_row_for_each_trial_that_ended() -> None:
    rows = shuttle(escapes=(0, 3)) + shuttle(subject=1, escapes=(1, 0))[:3]  # the last trial is cut off in its middle
    found = readouts.failure_course(table(rows), ["test"])
    assert found[["subject", "trial", "failed"]].to_numpy().tolist() == [[0, 0, 1.0], [0, 1, 0.0], [1, 0, 0.0]]
    assert list(found.columns) == [*readouts.WHO, "trial", "failed"]


def test_failing_nine_of_ten() -> None:
    rows = [(8, 10), (9, 10), (10, 10), (26, 30), (27, 30)]
    escaped = pd.DataFrame(rows, columns=["failures", "trials"])
    assert readouts.failing(escaped).tolist() == [False, True, True, False, True]


def test_helplessness_is_counted_in_ten() -> None:
    rows = shuttle(subject=0, escapes=(0,) * 18 + (1, 1)) + shuttle(subject=1, escapes=(0, 1, 1, 1))
    found = readouts.helplessness(table(rows))
    assert found["failures_per_10"].tolist() == [9.0, 2.5]
    assert found["failing_9_of_10"].tolist() == [1.0, 0.0]


def test_failure_classes_by_hand() -> None:
    found = readouts.failure_classes(np.array([0.0, 2.0, 3.0, 4.0, 6.0, 7.5, 8.0, 10.0]))
    assert found.sum(axis=0).tolist() == [2, 2, 2]
    assert found[[1, 3, 6]].tolist() == np.eye(3, dtype=bool).tolist()
    assert not found[[2, 5]].any()


def test_by_phase_holds_the_subjects_that_have_every_phase() -> None:
    rows = [
        ("a", "two", 1, 1.0),
        ("a", "one", 1, 2.0),
        ("a", "one", 0, 3.0),
        ("a", "two", 0, 4.0),
        ("a", "one", 2, 5.0),
        ("a", "three", 2, 6.0),
    ]
    readout = pd.DataFrame(rows, columns=[*readouts.WHO, "m"]).astype({"group": "category", "phase": "category"})
    wide = readouts.by_phase(readout, "m", ["one", "two"])
    assert wide.to_numpy().tolist() == [[3.0, 4.0], [2.0, 1.0]]
    assert readouts.by_phase(readout, "m", ["two", "one"]).to_numpy().tolist() == [[4.0, 3.0], [1.0, 2.0]]
    with pytest.raises(ValueError, match="no phase 'four'"):
        readouts.by_phase(readout, "m", ["one", "four"])
    other = pd.concat([readout, readout.assign(group="b")])
    with pytest.raises(ValueError, match="the groups a, b; pick one"):
        readouts.by_phase(other, "m", ["one", "two"])


def test_matched_stands_by_subject_number_whatever_the_order_of_the_rows() -> None:
    rows = [("b", 0, 4.0), ("a", 2, 3.0), ("a", 0, 1.0), ("b", 2, 6.0), ("a", 1, 2.0)]
    readout = pd.DataFrame([(*row, "p") for row in rows], columns=["group", "subject", "m", "phase"])
    found = readouts.matched(readout, "m", ["b", "a"])
    assert found.index.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(found.to_numpy(), [[4.0, 1.0], [np.nan, 2.0], [6.0, 3.0]])
    with pytest.raises(ValueError, match="no group 'yoked'"):
        readouts.matched(readout, "m", ["a", "yoked"])


def by_number(*values: float, first: int = 0) -> pd.Series:
    return pd.Series(values, index=range(first, first + len(values)), dtype=float)


def test_the_same_shift_in_every_subject_has_an_interval_without_width() -> None:
    control = by_number(10.0, 50.0, 90.0, 30.0)
    found = summary.compared(lambda a, b: a - b, control + 2.0, control)
    assert (found.value, found.n) == (2.0, 4)
    assert [found.low, found.high] == pytest.approx([2.0, 2.0])
    assert statistics.difference(control + 2.0, control).low < -10.0  # as if they were other subjects


def test_compared_goes_by_subject_number_not_by_place() -> None:
    control = by_number(10.0, 50.0, 90.0, 30.0)
    shuffled = (control + 2.0).loc[[3, 1, 0, 2]]
    found = summary.compared(lambda a, b: a - b, shuffled, control)
    assert [found.low, found.high] == pytest.approx([2.0, 2.0])


def test_independent_groups_have_an_interval_as_wide_as_that_of_independent_samples() -> None:
    rng = np.random.default_rng(3)
    a, b = by_number(*rng.normal(1.0, 1.0, 400)), by_number(*rng.normal(0.0, 1.0, 400))
    ours, theirs = summary.compared(lambda x, y: x - y, a, b), statistics.difference(a, b)
    assert ours.value == pytest.approx(theirs.value)
    assert ours.high - ours.low == pytest.approx(theirs.high - theirs.low, rel=0.1)


def test_an_effect_is_hedges_g_with_the_interval_of_matched_subjects() -> None:
    rng = np.random.default_rng(4)
    control = by_number(*rng.normal(50.0, 10.0, 40))
    treated = control + rng.normal(1.0, 0.5, 40)
    found, unmatched = summary.effect(treated, control), statistics.hedges_g(treated, control)
    assert (found.value, found.n) == (unmatched.value, 80)
    assert 0.0 < found.low < found.value < found.high < 0.2
    assert unmatched.low < 0.0
    same = summary.effect(control, control)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    nothing = summary.effect(by_number(0.0, 0.0), by_number(0.0, 0.0))
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()


def test_by_group_keeps_the_order_that_was_asked_for() -> None:
    readout = pd.DataFrame({"group": ["a", "b", "a"], "m": [1, 2, 3]})
    found = readouts.by_group(readout, "m", ["b", "a"])
    assert {name: values.tolist() for name, values in found.items()} == {"b": [2.0], "a": [1.0, 3.0]}
    assert list(found) == ["b", "a"]
    with pytest.raises(ValueError, match="no group 'yoked'"):
        readouts.by_group(readout, "m", ["a", "yoked"])


def swim(actions: list[int], subject: int = 0) -> list[tuple]:
    last = len(actions) - 1
    return [("a", "swim", subject, 0, k, 0, a, 0.0, False, k == last) for k, a in enumerate(actions)]


def test_immobility_counts_the_window_alone() -> None:
    # struggling for 2 s, then 1 of 4 s afloat, then afloat beyond the window
    found = readouts.immobility(table(swim([1, 1, 0, 1, 1, 1, 0, 0])), from_s=2, until_s=6)
    assert found["immobility"].tolist() == [0.25]


def test_immobility_of_the_last_four_of_six_minutes() -> None:
    found = readouts.immobility(table(swim([1] * 120 + [0] * 60 + [1] * 180)))
    assert found["immobility"].tolist() == [0.25]


def test_drinking_by_hand() -> None:
    actions = {0: [0, 1, 1, 2, 0], 1: [0, 0]}
    rows = [("a", "s", who, t, 0, 0, a, 0.0, True, False) for who, acts in actions.items() for t, a in enumerate(acts)]
    found = readouts.drinking(table(rows)).set_index("subject")
    assert found.loc[0, "drinks"] == pytest.approx(0.6)
    assert found.loc[0, "preference"] == pytest.approx(2 / 3)
    assert found.loc[1, "drinks"] == 0.0
    assert math.isnan(found.loc[1, "preference"])


def test_forced_choice_has_other_action_numbers() -> None:
    rows = [("a", "s", 0, t, 0, 0, a, 0.0, True, False) for t, a in enumerate([0, 0, 0, 1])]
    found = readouts.drinking(table(rows), task=SucrosePreference(free=False)).iloc[0]
    assert (found["drinks"], found["preference"]) == (1.0, 0.75)


def test_at_rest_is_the_first_step_of_each_phase() -> None:
    rows = table(shuttle(phase="one", escapes=(2, 1)) + shuttle(phase="two", escapes=(1,)))
    found = readouts.at_rest(rows.assign(tonic_dopamine=[0.5, 0.4, 0.3, 0.2]), ["tonic_dopamine"])
    assert dict(zip(found["phase"], found["tonic_dopamine"], strict=True)) == {"one": 0.5, "two": 0.2}


def test_value_bias_over_the_last_trials() -> None:
    rows = table([("a", "s", 0, t, 0, 0, 0, outcome, True, False) for t, outcome in enumerate([9.0, 9.0, 1.0, 0.0])])
    found = readouts.value_bias(rows.assign(value=[5.0, 5.0, 0.25, 0.5]), last=2, own_unit=True).iloc[0]
    assert (found["expected"], found["received"], found["bias"]) == (0.375, 0.5, -0.125)
    with pytest.raises(ValueError, match="an outcome of size 9: beyond 1 HabenulaAgent's values are of utility"):
        readouts.value_bias(rows.assign(value=0.0), last=2)


def test_shock_onset_is_the_end_of_the_warning() -> None:
    rows = table(shuttle(escapes=(1, 3)))  # an avoided trial, then one with 2 s of shock
    assert readouts.shock_onset(rows).tolist() == [0.0, 0.0, 1.0, 2.0]


def test_course_averages_each_subject_in_each_bin() -> None:
    rows = table(shuttle(escapes=(3, 1))).assign(lhb=[1.0, 2.0, 4.0, 5.0])
    by_second = readouts.course(rows, ["lhb"], rows["step"])
    assert by_second["lhb"].tolist() == [3.0, 2.0, 4.0]
    binned = readouts.course(rows, ["lhb"], rows["step"], bin_width=2)
    assert dict(zip(binned["time"], binned["lhb"], strict=True)) == {1.0: pytest.approx(8 / 3), 3.0: 4.0}
    assert set(readouts.course(rows.drop(columns="group"), ["lhb"], rows["step"])["group"]) == {"all"}


def test_unknown_phase_and_missing_signal_are_named() -> None:
    rows = table(shuttle(escapes=(1,)))
    with pytest.raises(ValueError, match="no phase 'tset', did you mean 'test'"):
        readouts.escapes(rows, ["tset"])
    with pytest.raises(ValueError, match="hold no lhb; run the study with record: trials"):
        readouts.course(rows, ["lhb"], rows["step"])


def test_trials_stay_as_they_are() -> None:
    rows = table(shuttle(escapes=(1, 0)))
    before = rows.copy()
    readouts.escapes(rows)
    readouts.shock_onset(rows)
    readouts.helplessness(rows)
    readouts.in_groups(rows, ["a"])
    pd.testing.assert_frame_equal(rows, before)


def test_summary_rows_hold_subjects_and_their_mean() -> None:
    rows = shuttle(subject=0, escapes=(0, 1)) + shuttle(subject=1, escapes=(0, 0))
    subjects = summary.subject_rows(readouts.escapes(table(rows)), ["failed", "latency"], percent=["failed"])
    tidy = summary.tidy(summary.group_rows(subjects), subjects)
    assert list(tidy.columns) == summary.COLUMNS
    mean = tidy[(tidy["level"] == "group") & (tidy["measure"] == "failed")].iloc[0]
    assert (mean["value"], mean["n"]) == (75.0, 2)
    assert summary.values(subjects, "failed", "a", "test").tolist() == [50.0, 100.0]


def test_an_interval_ends_where_no_mean_can_lie() -> None:
    """Failures of 50 and 100 %: mean 75, and Student's interval would be 75 ± 12.7·25 (t of one degree of freedom)."""
    rows = shuttle(subject=0, escapes=(0, 1)) + shuttle(subject=1, escapes=(0, 0))
    readout = readouts.escapes(table(rows))
    cut = summary.group_rows(summary.subject_rows(readout, ["failed"], percent=["failed"])).iloc[0]
    assert (cut["value"], cut["low"], cut["high"]) == (75.0, 0.0, 100.0)
    whole = summary.group_rows(summary.subject_rows(readout, ["failed"])).iloc[0]
    assert whole["low"] == pytest.approx(0.75 - 12.7062 * 0.25, rel=1e-5)
    own = summary.group_rows(summary.subject_rows(readout, ["failed"], within={"failed": (0.5, 0.9)})).iloc[0]
    assert (own["low"], own["high"]) == (0.5, 0.9)


def test_trace_leaves_out_times_that_few_subjects_reach() -> None:
    rows = table(shuttle(subject=0, escapes=(4,)) + shuttle(subject=1, escapes=(2,)) + shuttle(subject=2, escapes=(1,)))
    course = readouts.course(rows.assign(lhb=1.0), ["lhb"], rows["step"])
    trace = summary.trace_rows(course, ["lhb"])
    assert trace[["time", "n"]].to_numpy().tolist() == [[0.0, 3.0], [1.0, 2.0]]
