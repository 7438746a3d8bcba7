"""What a study says of itself in sentences: the numbers are those of its table."""

import re

import pandas as pd
import pytest

from habenula_rl.experiment.manifest import load_manifest
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.run import run


@pytest.mark.parametrize("study", ["belujon2014", "pessimism", "seligman1967", "wu2021", "yang2018"])
def test_a_story_is_of_the_table(study, tmp_path):
    folder = run(study, tmp_path, subjects=6, figure=False)
    lines, table = load_manifest(folder)["story"], pd.read_csv(folder / "summary.csv")
    assert len(lines) >= 2 and "nan" not in " ".join(lines)
    shown = {f"{value:.{digits}f}" for value in table["value"].dropna() for digits in (0, 1, 2)}
    shown |= {f"{100 * value:.0f}" for value in table["value"].dropna()}
    for line in lines:
        ours = re.findall(r"(?<![\d.])\d+(?:\.\d+)?", line)
        assert any(number in shown for number in ours), line


def test_pessimism_by_hand(tmp_path):
    """Both numbers are means of the last 100 visits, over animals."""
    folder = run("pessimism", tmp_path, subjects=5, figure=False)
    trials = load_trials(folder)
    last = trials[trials["trial"] >= 300]
    for line, group in zip(load_manifest(folder)["story"], ("healthy", "helpless"), strict=True):
        own = last[last["group"] == group]
        assert line == (
            f"The {group} animals expect {own['value'].mean():.2f} of a visit that brings {own['outcome'].mean():.2f}."
        )


def test_belujon_in_percent_of_healthy_by_hand(tmp_path):
    folder = run("belujon2014", tmp_path, subjects=5, figure=False)
    trials = load_trials(folder)
    rest = trials[trials["phase"] == "rest"].groupby("group", observed=True)["tonic_dopamine"].mean()
    table = pd.read_csv(folder / "summary.csv")
    of = table[(table["level"] == "group") & (table["measure"] == "of_healthy")].set_index("group")["value"]
    for group in rest.index:
        assert of[group] == pytest.approx(100 * rest[group] / rest["healthy_vehicle"], rel=1e-3)
