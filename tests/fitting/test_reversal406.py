"""The study of docs/explanation/reversal406.md: its agent by hand, all of it on simulated people, and the real ones."""

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import DualRate

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"  # beside the repository
DATA = Path(os.environ.get("HABENULA_DATA", SHARED)) / "reversal_learning"
PAGE = ROOT / "docs/explanation/reversal406.md"


@pytest.fixture(scope="module")
def study():
    sys.path.insert(0, str(ROOT / "docs/examples"))  # agents must come from a module that can be imported
    try:
        import reversal406

        yield reversal406
    finally:
        sys.path.remove(str(ROOT / "docs/examples"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files as those of the study, of simulated people who know better the less they are depressed."""
    made, rng, n = tmp_path_factory.mktemp("people"), np.random.default_rng(1), 30
    scores = pd.DataFrame(rng.integers(0, 20, (n, 3)), columns=["7d", "gad7", "shaps"])
    scores.insert(0, "subject", [f"p{k:02}" for k in range(n)])
    task = hrl.tasks.ReversalLearning(probabilities=(0.8, 0.2, 0.2), correct=0, block=15)
    beta = np.exp(1.5 - 0.1 * scores["7d"].to_numpy())
    trials = hrl.simulate(
        DualRate(rate_better=0.4, rate_worse=0.6), task, n_subjects=n, n_trials=60, seed=2, parameters={"beta": beta}
    ).trials
    table = pd.DataFrame(
        {
            "subject": scores["subject"].to_numpy()[trials["subject"]],
            "block": trials["trial"] // 15 + 1,
            "trial": trials["trial"] + 1,
            "correct": trials["next_state"] - 1,
            "choice": trials["action"],
            "outcome": trials["outcome"],
        }
    )
    table.to_csv(made / "trials.csv", index=False)
    scores.to_csv(made / "scores.csv", index=False)
    pd.DataFrame({"subject": scores["subject"], "infreq": [0] * 20 + [1, 2] * 5}).to_csv(
        made / "attention_checks.csv", index=False
    )
    return made


def test_a_dip_teaches_as_much_as_so_many_dips_one_after_the_other(study):
    """With d = 2, one loss is what two losses are at d = 1: Q goes .5 -> .5·.6² = .18 at a rate of .4."""
    agent = study.ReducedHabenula(value_rate=0.4, dip=2.0, beta=1.0)
    trials = pd.DataFrame({"subject": 0, "action": [0, 0, 0], "outcome": [1.0, 0.0, 0.0]})
    rpe = hrl.signals(agent, trials, actions=2)["rpe"].to_numpy()
    np.testing.assert_allclose(rpe, [1.0, -0.4, -0.4 * 0.6**2], rtol=1e-6)


def test_with_both_rates_it_is_the_agent_of_two_rates(study):
    rng = np.random.default_rng(0)
    trials = pd.DataFrame({"subject": 0, "action": rng.integers(0, 3, 90), "outcome": rng.integers(0, 2, 90) * 1.0})
    for d in (0.5, 1.0, 3.0):
        one = hrl.log_likelihood(study.ReducedHabenula(value_rate=0.3, dip=d, beta=2.0), trials)
        other = hrl.log_likelihood(DualRate(rate_better=0.3, rate_worse=1.0 - 0.7**d, beta=2.0), trials)
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_whole_study_on_simulated_people(study, folder, tmp_path, monkeypatch):
    few = ("QLearning", "DualRate", "HabenulaCritic + kernel", "ReducedHabenula + kernel")
    monkeypatch.setattr(study, "MODELS", {name: study.MODELS[name] for name in few})
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    study.main(folder, page, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "| chance |" in text and text.count("| attentive |") == 20 and text.count("<!-- end -->") == 12
    assert "| `beta` | all | 30 | -0." in text.partition("reversal406: 7d")[2].partition("<!-- end")[0]  # planted
    assert len([*tmp_path.glob("reversal406_*.png")]) == 5


def test_the_page_has_all_its_tables_and_figures():
    text = PAGE.read_text(encoding="utf-8")
    names = (
        "leaves",
        "comparison",
        "means",
        "recovery",
        "predictions",
        "correlations",
        "shaps",
        "7d",
        "gad7",
        "failed",
    )
    for name in names:
        assert f"<!-- reversal406: {name} -->\n| " in text
    for name in ("recovery", "correlation", "curves", "symptoms", "anhedonia"):
        assert f"images/reversal406_{name}.png" in text and (ROOT / f"docs/images/reversal406_{name}.png").exists()


@pytest.mark.skipif(
    not DATA.exists(), reason="needs the data of Zorowitz et al. 2023: HABENULA_DATA names their folder"
)
def test_406_people_choose_as_the_page_says(study):
    data = study.people(DATA)
    assert data["subject"].nunique() == 406 and (data.groupby("subject")["failed"].first() == 0).sum() == 301
    curve = study.best_in_block(data).groupby("trial")["best"].mean()
    np.testing.assert_allclose(curve.iloc[[0, 4, 14]], [0.215, 0.549, 0.666], atol=5e-4)  # counted by others
    fitted = hrl.fit(DualRate, data, "plain", method="em")
    row = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| DualRate | "))
    assert row.split(" | ")[2] == f"{fitted.bic:,.0f}"
