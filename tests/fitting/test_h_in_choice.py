"""The study of docs/explanation/h_in_choice.md: its numbers by hand, and a small run of all of it."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study():
    sys.path.insert(0, str(ROOT / "docs/examples"))
    try:
        import h_in_choice

        yield h_in_choice
    finally:
        sys.path.remove(str(ROOT / "docs/examples"))


def test_cohens_d_by_hand(study):
    a, b = np.array([0.0, 2.0]), np.array([3.0, 5.0])  # means 1 and 4, both variances 2
    assert study.standardised(a, b) == pytest.approx(3 / np.sqrt(2)) and study.standardised(a * 0, b * 0) == 0.0


def test_people_in_a_group_are_those_of_the_textbook(study):
    assert 2 * (study.POWER / 0.5) ** 2 == pytest.approx(62.8, abs=0.05)  # Cohen 1988: 64 with the t distribution


def test_the_measure_is_chosen_in_one_half_and_measured_in_the_other(study):
    subjects = np.arange(40)
    rng = np.random.default_rng(0)

    def table(shift):
        lucky = rng.normal(size=40) + 5.0 * shift * (subjects % 2 == 0)  # separates the half that chooses
        steady = rng.normal(size=40) + 2.0 * shift
        signal = rng.normal(size=40) + 50.0 * shift  # what nobody sees in choices
        parts = {"lucky": lucky, "steady": steady, "burst": signal}
        return pd.concat(pd.DataFrame({"subject": subjects, "measure": name, "value": v}) for name, v in parts.items())

    name, d = study.best_measure(table(0.0), table(1.0))
    assert name == "lucky" and abs(d) < 1.0


def test_choices_of_patients_are_likelier_with_their_own_h(study):
    """In expectation, as for any likelihood."""
    task = hrl.tasks.EffortChoice()
    healthy, known = study.lived(task, 0.0, 20, 50)
    ill, own = study.lived(task, 1.0, 20, 50)
    assert study.evidence(task, healthy, known, 1.0).mean() < 0.0 < study.evidence(task, ill, own, 1.0).mean()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_whole_study_when_small(study, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "TASKS", {name: study.TASKS[name] for name in ("Bandit", "EffortChoice")})
    monkeypatch.setattr(study, "TRIALS", (50, 200))
    page = tmp_path / "page.md"
    page.write_text((ROOT / "docs/explanation/h_in_choice.md").read_text(encoding="utf-8"), encoding="utf-8")
    study.main(20, page, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert text.count("\n| Bandit |") == 3 and text.count("\n| EffortChoice |") == 4
    assert (tmp_path / "h_in_choice.png").stat().st_size > 10_000
