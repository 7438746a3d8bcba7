"""helplessness_fades: its config says what its experiment draws, and its claim judges made-up mice as it should."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from habenula_rl import findings
from habenula_rl.config.study import load_study
from habenula_rl.experiment.study_file import load_experiment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def module():
    return load_experiment(ROOT / "experiments/helplessness_fades.py")


def test_each_group_is_tested_at_the_hour_of_its_name(module):
    study = load_study(ROOT / "configs/helplessness_fades.yaml")
    clock = dict(zip([p.name for p in study.phases], np.cumsum([p.gap_hours for p in study.phases]), strict=True))
    for time, days in module.DAYS.items():
        assert clock[f"test_{time}"] == pytest.approx(24.0 * days)
        (phase,) = (p for p in study.phases if p.name == f"test_{time}")
        assert f"shocked_{time}" in phase.groups
    assert module.SHOCKED.keys() | {module.UNSHOCKED} == {*study.groups}


def made_up(module, failures):
    """40 mice a group, ten trials each: how many of them fail on average, from unshocked to 14 d."""
    parts = []
    groups = zip((module.UNSHOCKED, *module.SHOCKED), (module.TESTS[0], *module.TESTS), failures, strict=True)
    for group, phase, mean in groups:
        for subject in range(40):
            failed = np.arange(10) < mean + (subject % 2)
            ends = {"step": 0, "state": 2, "action": 1, "terminated": ~failed, "truncated": failed}
            who = {"group": group, "phase": phase, "subject": subject, "trial": np.arange(10)}
            parts.append(pd.DataFrame(who | ends | {"outcome": 0.0, "hyperactivity": 0.0}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("failures", "not_passed"),
    [
        ((1, 8, 6, 4, 1, 1), set()),
        ((1, 8, 1, 0, 0, 0), {"day", "fall_7d"}),  # gone after a day: there is nothing left to fall
        ((1, 8, 6, 5, 4, 4), {"week"}),
        ((1, 8, 8, 6, 1, 1), {"fall_24h"}),
        ((1, 8, 6, 7, 1, 1), {"fall_48h"}),
        ((1, 8, 6, 4, 1, 4), {"stays_away"}),
    ],
)
def test_made_up_mice(module, failures, not_passed):
    found = findings.judge("helplessness_fades", made_up(module, failures))
    assert {v.id.split("/")[1] for v in found if not v.passed} == not_passed


def test_a_group_that_is_missing_is_named(module):
    table = made_up(module, (1, 8, 6, 4, 1, 1))
    with pytest.raises(ValueError, match=r"study helplessness_fades, phase 'test_7d': .* no phase 'test_7d'"):
        findings.judge("helplessness_fades", table[table["group"] != "shocked_7d"])
