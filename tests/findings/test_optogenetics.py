"""The claim on the pattern of spikes judges what the trials hold: rats as published pass, others fail."""

import numpy as np
import pandas as pd
import pytest

from habenula_rl import findings

LIGHT = ("no_light", "tonic_30", "bursts_30")


def rats(floats: tuple[float, ...], sweet: tuple[float, ...], n: int = 40) -> pd.DataFrame:
    """Groups without light, under single spikes and under bursts; their shares of floating and of sucrose."""
    rng = np.random.default_rng(2)
    parts = []
    for group, afloat, sucrose in zip(LIGHT, floats, sweet, strict=True):
        for subject in range(n):
            swim = pd.DataFrame({"phase": "forced_swim", "trial": 0, "step": np.arange(120, 360)})
            drink = pd.DataFrame({"phase": "sucrose", "trial": np.arange(100), "step": 0})
            parts.append(swim.assign(group=group, subject=subject, action=(rng.random(240) > afloat).astype(int)))
            licked = np.where(rng.random(100) < sucrose, 1, 2)
            parts.append(drink.assign(group=group, subject=subject, action=licked))
    return pd.concat(parts).assign(state=0, outcome=0.0, terminated=True, truncated=False)


def by_part(table: pd.DataFrame) -> dict[str, findings.Verdict]:
    return {v.id.removeprefix("yang2018_pattern/"): v for v in findings.judge("yang2018_pattern", table)}


def failed(table: pd.DataFrame) -> set[str]:
    return {name for name, v in by_part(table).items() if v.verdict == "fail"}


def test_rats_as_published_pass() -> None:
    assert failed(rats((0.4, 0.42, 0.8), (0.9, 0.88, 0.55))) == set()


def test_spikes_that_do_as_much_as_bursts_fail() -> None:
    table = rats((0.4, 0.8, 0.8), (0.9, 0.55, 0.55))
    assert failed(table) == {"immobility_tonic", "preference_tonic"}
    alike = {name for name, v in by_part(table).items() if v.verdict == "undecided"}
    assert alike == {"immobility_pattern", "preference_pattern"}  # no difference, so no n decides on its sign


def test_bursts_that_do_nothing_or_the_reverse_fail() -> None:
    found = failed(rats((0.6, 0.6, 0.4), (0.7, 0.7, 0.9)))
    assert {"immobility_bursts", "immobility_pattern", "preference_bursts", "preference_pattern"} <= found


def test_size_of_the_change_by_hand() -> None:
    # floating 120, 132 and 168 of 240 s: 50, 55 and 70 %
    table = rats((0.5, 0.5, 0.5), (0.9, 0.9, 0.5), n=8)
    for group, seconds in zip(LIGHT, (120, 132, 168), strict=True):
        chosen = (table["group"] == group) & (table["phase"] == "forced_swim")
        table.loc[chosen, "action"] = (table.loc[chosen, "step"] >= 120 + seconds).astype(int)
    found = by_part(table)
    assert found["immobility_bursts"].value == pytest.approx(20.0)
    assert found["immobility_tonic"].value == pytest.approx(0.25)
    assert found["immobility_pattern"].value == pytest.approx(15.0)


def test_light_that_is_missing_is_named() -> None:
    table = rats((0.4, 0.4, 0.8), (0.9, 0.9, 0.5), n=2)
    with pytest.raises(ValueError, match=r"study yang2018_pattern, phase 'forced_swim': .* no group 'tonic_30'"):
        findings.judge("yang2018_pattern", table[table["group"] != "tonic_30"])
