"""Sentences with a table's numbers, and each study's own."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from habenula_rl.analysis import standard, summary
from habenula_rl.experiment.study_file import load_experiment

ROOT = Path(__file__).parents[2]
ROWS = [
    ("group", "naive", "test", "failures", 2.25, 8),
    ("group", "yoked", "test", "failures", 7.26, 8),
    ("group", "yoked", "retest", "failures", 5.0, 4),
    ("group", "dogs", "test", "latency", float("nan"), 8),
    ("subject", "naive", "test", "failures", 1.0, None),
]
TABLE = pd.DataFrame(ROWS, columns=["level", "group", "phase", "measure", "value", "n"])


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("{failures[naive]:.2f}", ["2.25"]),
        ("{failures[yoked/test]:.1f} and {failures[yoked/retest]:.1f}", ["7.3 and 5.0"]),
        ("{failures[retest]:g} of {failures_n[retest]:g}", ["5 of 4"]),  # the one mean of that phase
        ("{paper[naive]:g}", ["2.2"]),
        ("{failures[yoked]:.1f}", []),  # it has two
        ("{latency[dogs]:.1f}", []),  # no number
        ("{speed[naive]:.1f}", []),
    ],
)
def test_a_sentence_is_said_where_each_of_its_numbers_is_one(sentence, said):
    assert summary.told(TABLE, [sentence], paper={"naive": 2.2}) == said


STUDIES = [path.stem for path in sorted((ROOT / "experiments").glob("*.py"))]


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_tells_what_was_found(study):
    """No number of the model stands in a sentence: all come from the table. What is said of papers has its own."""
    module = load_experiment(ROOT / f"experiments/{study}.py")
    assert callable(module.story)
    for sentence in getattr(module, "STORY", ()):
        assert re.search(r"{\w+\[", sentence), sentence


def test_a_study_without_a_file_is_told_by_where_its_groups_differ_most():
    """Means are 8 apart in `fast_one`, 2 in `far`, 0 in `same`, with one spread within groups."""
    rows, means = [], []
    for measure, centres in {"same": (1.0, 1.0), "far": (0.0, 2.0), "fast_one": (10.0, 2.0)}.items():
        for group, centre in zip("ab", centres, strict=True):
            rows += [("subject", group, "p", measure, centre + d, float("nan"), float("nan")) for d in (-0.5, 0.5)]
            means.append(("group", group, "p", measure, centre, centre - 1.0, centre + 1.0))
    columns = ["level", "group", "phase", "measure", "value", "low", "high"]
    assert standard.story(pd.DataFrame([*rows, *means], columns=columns)) == [
        "Fast one in p: 10 [9, 11] in a; 2 [1, 3] in b.",
        "Far in p: 2 [1, 3] in b; 0 [-1, 1] in a.",
    ]
    one = pd.DataFrame([means[0]], columns=columns)
    assert standard.story(pd.concat([one, pd.DataFrame([rows[0]], columns=columns)])) == ["Same in p: 1 [0, 2] in a."]
