"""Rows over seeds and sets: what is steady, what depends, and what nothing varies in."""

import pytest

from habenula_rl import HabenulaAgent
from habenula_rl.findings import Ensemble, stability

ALL, NONE, SOME = Ensemble(4, 4), Ensemble(0, 4), Ensemble(3, 4, by_value=1)


def row(seeds, sets, origin="prediction"):
    return stability.Row("a/b", origin, "pass", seeds, sets)


def test_a_row_depends_where_some_pass_and_others_do_not():
    assert [stability.steady(one) for one in (ALL, NONE, SOME, Ensemble())] == ["passes", "fails", "depends", ""]
    assert row(ALL, Ensemble(4, 4, one_value=True)).over_sets == ""


def test_counts_leave_out_what_is_built_in_and_what_does_not_vary():
    rows = [row(ALL, SOME), row(SOME, Ensemble()), row(NONE, ALL), row(SOME, SOME, "built in")]
    assert stability.summary(rows) == (
        "of 3 rows 1 pass with every seed, 1 with none, 1 depend on the seed; "
        "of 2 rows 1 pass with every set, 0 with none, 1 depend on the set"
    )


def test_the_page_has_in_bold_what_depends():
    text = stability.page([row(ALL, SOME), row(NONE, Ensemble())], 50, "habenula stability")
    assert "| a/b | prediction | pass | 4 of 4 | **3 of 4, 1 by value** |" in text
    assert "| a/b | prediction | pass | 0 of 4 | – |" in text and "Made by `habenula stability`." in text


def test_sets_are_spread_over_the_ensemble_and_all_is_handed_to_check(monkeypatch):
    seen = {}
    monkeypatch.setattr(stability, "check", lambda ids, n, **how: seen.update(how, ids=ids, n=n) or [])
    assert stability.table(["wu2021"], 20, seeds=3, sets=2) == []
    ensemble = HabenulaAgent.ensemble()
    assert seen["ensemble"] == [ensemble[0], ensemble[-1]] and (seen["seeds"], seen["n"]) == (3, 20)
    with pytest.raises(ValueError, match="two seeds and two sets at least"):
        stability.table(["wu2021"], 20, seeds=1, sets=2)
