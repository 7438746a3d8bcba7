"""Studies of ketamine's accounts: their groups, the power an experiment needs, and what the page prints of findings."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from habenula_rl.config.bundled import bundled
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.findings import verdicts

ROOT = Path(__file__).parents[2]
CLAIMS = ("williams2018", "abdallah2020", "klein2020", "maeng2008", "highland2018", "li2010")


@pytest.fixture(scope="module")
def page():
    sys.path.insert(0, str(ROOT / "docs/examples"))
    try:
        import accounts

        yield accounts
    finally:
        sys.path.remove(str(ROOT / "docs/examples"))


def test_the_config_has_the_groups_that_the_figure_draws(page):
    plan = plan_of(load_study(bundled("configs") / "ketamine_accounts.yaml"))
    drawn = {group for group, *_ in page.STUDY.places()}
    assert {*plan.groups} == drawn | {"vehicle", "healthy"}


def test_animals_in_a_group_are_those_of_the_textbook(page):
    """Cohen 1988, table 2.4.1: two-sided .05, power .80."""
    assert [page.needed(d) for d in (0.2, 0.5, 0.8, 1.0)] == [394, 64, 26, 17]
    assert page.needed(50.0) == page.needed(np.inf) == page.FEWEST
    with pytest.raises(ValueError, match="no number of animals"):
        page.needed(0.0)


def test_d_by_hand(page):
    """Means 1 and 4, both variances 2; without spread any difference is sure."""
    a, b = np.array([0.0, 2.0]), np.array([3.0, 5.0])
    assert page.standardised(a, b) == pytest.approx(3.0 / np.sqrt(2.0))
    assert page.standardised(a * 0.0, a * 0.0) == 0.0
    assert page.standardised(a * 0.0, a * 0.0 + 1.0) == np.inf


def test_an_account_agrees_with_a_sign_and_with_nothing(page):
    rng = np.random.default_rng(0)
    samples = {("x", "m"): pd.Series(rng.normal(0, 5, 50)), ("y", "m"): pd.Series(rng.normal(20, 5, 50))}
    agrees = [page.agrees(samples, "m", "y", "x", sign) for sign in (-1, 0, 1)]
    assert agrees == [False, False, True]
    assert [page.agrees(samples, "m", "x", "x", sign) for sign in (-1, 0, 1)] == [False, True, False]


def test_evidence_and_experiments_are_of_groups_that_there_are(page):
    groups = {group for group, *_ in page.STUDY.places()} | {"vehicle", "healthy"}
    for account in page.STUDY.ACCOUNTS:
        for _, _, measure, group, control, sign in page.EVIDENCE:
            assert {group.format(account), control.format(account)} <= groups
            assert measure in page.STUDY.MEASURES and sign in (-1, 0, 1)
        for drug in page.STUDY.DRUGS:
            assert page.control_of(drug, account, "24h") in groups


def test_the_verdicts_are_those_that_each_account_implies():
    """Of ours everything that names another receptor fails; what a rival was made for, it does, where it has power."""
    found = {v.id: v for v in verdicts(*CLAIMS, n_subjects=60)}
    ours = [v for id, v in found.items() if "/habenula_" in id]
    assert len(ours) >= 8 and all(v.origin == "prediction" and v.verdict == "fail" and v.value == 0.0 for v in ours)
    assert found["abdallah2020/day1"].passed and found["klein2020/agonist"].passed
    assert found["abdallah2020/day14"].verdict == "fail"
    for id in ("klein2020/permissive_naltrexone", "maeng2008/plasticity_nbqx", "li2010/plasticity_failures"):
        assert found[id].passed and found[id].origin == "built in"
    assert found["highland2018/plasticity_immobility"].passed
