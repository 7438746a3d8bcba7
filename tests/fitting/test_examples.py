"""The example data sets: made by the script in the repository, small, and read as the docs say."""

import runpy
from pathlib import Path

import pytest

import habenula_rl as hrl
from habenula_rl.fitting.examples import EXAMPLES, FOLDER

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "example_data.py"


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_they_are_what_the_script_writes_and_small(tmp_path):
    runpy.run_path(str(SCRIPT))["write"](tmp_path)
    kept, made = files(FOLDER), files(tmp_path)
    assert kept.keys() == made.keys() and len(kept) == 2 + 24 + 2
    assert all(kept[name].replace(b"\r\n", b"\n") == made[name].replace(b"\r\n", b"\n") for name in kept)
    assert sum(map(len, kept.values())) < 200_000


@pytest.mark.parametrize(
    ("name", "reading", "n"),
    [
        ("reversal_hbayesdm", {}, 1600),
        (
            "reversal_scores",
            {
                "columns": {"subject": "participant", "action": "key", "outcome": "points"},
                "actions": ["f", "j"],
                "outcomes": (0, 10),
            },
            3200,
        ),
        ("reversal_sessions", {"reset": "session"}, 1440),
    ],
)
def test_each_is_read(name, reading, n):
    data = hrl.load_choices(hrl.example_data(name), **reading)
    assert len(data) == n and set(data["action"].unique()) == {0, 1} and data["outcome"].max() > 0
    assert name in EXAMPLES


def test_another_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="no example 'reversal_score', did you mean 'reversal_scores'"):
        hrl.example_data("reversal_score")
