"""Findings that speak against the model: how a number is held against the published sign, and what the page says."""

import json

import pytest

from habenula_rl import HabenulaAgent
from habenula_rl.findings import Estimate, above, below, falsifiers
from habenula_rl.findings.claims import CERTAINTY


def of(*parts):
    return falsifiers.Falsifier("one", "doi 10.", "it rises", "V", "cells", lambda agent, n, seed: [*parts])


@pytest.mark.parametrize(
    ("part", "outcome"),
    [
        (above("row", "", "x", Estimate(2.0, 1.0, 3.0, 50)), "agrees"),
        (above("row", "", "x", Estimate(-2.0, -3.0, -1.0, 50)), "contradicts"),
        (above("row", "", "x", Estimate(1.0, -1.0, 3.0, 50)), "undecided"),
        (below("row", "", "x", Estimate(0.0, 0.0, 0.0, 50)), "contradicts"),  # no effect at all
    ],
)
def test_the_interval_is_held_against_the_published_sign(monkeypatch, part, outcome):
    monkeypatch.setattr(falsifiers, "FALSIFIERS", (of(part),))
    (row,) = falsifiers.rows(n_subjects=50)
    assert (row.id, row.outcome) == ("one/row", outcome)
    name = f"**{outcome}**" if outcome == "contradicts" else outcome
    assert f"| {name} |" in falsifiers.page([row], 50)


def test_what_the_model_cannot_express_has_a_line_and_the_counts_are_of_all_lines(monkeypatch, tmp_path):
    mute = falsifiers.Falsifier("mute", "doi 10.", "it rises", "V", "nothing: no cells")
    found = above("row", "", "x", Estimate(-2.0, -3.0, -1.0, 50))
    monkeypatch.setattr(falsifiers, "FALSIFIERS", (of(found), mute))
    rows = falsifiers.rows(n_subjects=50)
    assert falsifiers.summary(rows) == (
        "2 lines: 0 agree, 1 contradicts, 0 undecided, 1 cannot be expressed. Against the model: one."
    )
    falsifiers.write(rows, tmp_path / "lines.json", 50)
    assert [line["value"] for line in json.loads((tmp_path / "lines.json").read_text())] == [-2.0, None]


def test_the_lines_come_from_the_model_that_is_given():
    """Without growth stress leaves the trait as it was; reward inhibits the habenula, stress or none."""
    given = HabenulaAgent(growth=0.0, hyperactivity=0.5)
    rows = {row.id: row for row in falsifiers.rows(given, n_subjects=12, seed=3)}
    assert rows["nuno_perez2021/synapses"].value == 0.0
    assert rows["shabel2019/reward"].high < 0.0 and rows["shabel2019/reward_before"].high < 0.0
    assert rows["zhou2021/lesioned"].value == 0.0
    song, trusel = (rows[f"lesion_and_avoidance/{name}"] for name in ("song2017", "trusel2019"))
    assert song.value == trusel.value and (song.published, trusel.published) == ("> 0", "< 0")
    assert {row.sure for row in rows.values()} <= {*CERTAINTY}


def test_too_few_subjects_are_refused():
    with pytest.raises(ValueError, match="at least 8 subjects a group, not 2"):
        falsifiers.rows(n_subjects=2)
