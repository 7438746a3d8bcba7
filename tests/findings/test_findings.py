"""Claims judge what the trials hold: made-up animals that behave as published pass, others fail."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl import findings
from habenula_rl.analysis.statistics import Estimate
from habenula_rl.config.bundled import bundled
from habenula_rl.experiment.study_file import load_experiment
from habenula_rl.findings import criterion

IDS = [  # by study, in the order of its file
    "autry2011",
    "gideons2014",
    "page1999",
    "valentine2008",
    "willner2005",
    "waelti2001",
    "tobler2003",
    "sadacca2016",
    "bromberg2010",
    "bromberg2009",
    "avoidance",
    "amo2014",
    "song2017",
    "belujon2014",
    "yang2018_bursts",
    "cui2018",
    "treadway2012",
    "murphy2003",
    "li2011",
    "li2013",
    "donaire2019",
    "thapa2019",
    "baker2015",
    "jean2014",
    "sevigny2021",
    "gonogo",
    "three_arms",
    "competence",
    "helplessness_fades",
    "williams2018",
    "abdallah2020",
    "klein2020",
    "maeng2008",
    "highland2018",
    "li2010",
    "ketamine_time",
    "volpicelli1983",
    "seligman1968",
    "transfer",
    "hunziker2007",
    "seligman1970",
    "pessimism",
    "pizzagalli2008",
    "frank2004",
    "stopper2014",
    "matsumoto2007",
    "matsumoto2009",
    "tian2015",
    "recovery",
    "seligman1967",
    "immunisation",
    "shabel2014",
    "controllability",
    "amat2001",
    "andalman2019",
    "wu2021",
    "yang2018_rescue",
    "yang2018_pattern",
]


def trials(**columns: object) -> pd.DataFrame:
    defaults = {"step": 0, "state": 0, "action": 0, "outcome": 0.0, "terminated": True, "truncated": False}
    return pd.DataFrame(defaults | columns)


def escaping(group: str, phase: str, failures: np.ndarray, n_trials: int = 10) -> pd.DataFrame:
    """Subjects that fail so many of their trials; a failure lasts 10 s, an escape 1 s (last rows only)."""
    parts = []
    for subject, count in enumerate(failures):
        failed = np.arange(n_trials) < count
        who = {"group": group, "phase": phase, "subject": subject, "trial": np.arange(n_trials)}
        parts.append(trials(**who, step=np.where(failed, 9, 0), terminated=~failed, truncated=failed))
    return pd.concat(parts)


PHASES = ("baseline", "helpless", "ketamine")


def mice(baseline: float, helpless: float, ketamine: float, n: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    means = {"baseline": baseline, "helpless": helpless, "ketamine": ketamine}
    return pd.concat([escaping("mice", phase, rng.binomial(10, p, n)) for phase, p in means.items()])


def dogs(yoked: np.ndarray, immunised: np.ndarray) -> pd.DataFrame:
    ordinary = np.tile([2, 2, 2, 3, 3], 20)
    groups = {"naive": ordinary, "escapable": ordinary, "yoked": yoked, "immunised": immunised}
    tested = [escaping(group, "test", failures) for group, failures in groups.items()]
    return pd.concat([*tested, escaping("yoked", "retest", yoked)])


def by_part(id: str, table: pd.DataFrame) -> dict[str, findings.Verdict]:
    return {v.id.removeprefix(f"{id}/"): v for v in findings.judge(id, table, seed=5)}


def failed(id: str, table: pd.DataFrame) -> set[str]:
    return {name for name, v in by_part(id, table).items() if v.verdict != "pass"}


def test_mice_as_published_pass() -> None:
    assert failed("wu2021", mice(0.1, 0.65, 0.3, n=800)) == set()


def test_mice_that_do_not_recover_fail_the_rescue() -> None:
    assert {"rescue", "order_n8"} <= failed("wu2021", mice(0.1, 0.65, 0.65))


def test_effect_that_is_too_clean_fails() -> None:
    table = mice(0.0, 1.0, 0.0)
    assert {"eta2_failures", "eta2_failures_n8"} <= failed("wu2021", table)


def test_experiments_of_eight_by_hand() -> None:
    # 16 mice: in the first 8 failures go 1, 6, 3, in the other 8 they go 1, 6, 6
    phases = {"baseline": [1] * 16, "helpless": [6] * 16, "ketamine": [3] * 8 + [6] * 8}
    table = pd.concat([escaping("mice", phase, np.array(count)) for phase, count in phases.items()])
    found = by_part("wu2021", table)
    assert found["order_n8"].value == 0.5
    assert found["rise"].value == pytest.approx(50.0)
    assert found["rescue"].value == pytest.approx(-15.0)
    assert found["rescue"].n == 16


def test_dogs_as_published_pass() -> None:
    yoked = np.tile([10, 10, 9, 10, 9, 9, 1, 0], 12)
    assert failed("seligman1967", dogs(yoked, yoked)) == set()
    assert failed("immunisation", dogs(yoked, np.tile([2, 3], 40))) == set()


def test_yoked_dogs_that_are_all_half_helpless_are_not_bimodal() -> None:
    found = failed("seligman1967", dogs(np.tile([5, 6, 7], 30), np.array([2, 3])))
    assert found == {"bimodal", "order_criterion", "week"}


def test_dogs_that_recover_within_a_week_are_counted_among_those_that_failed() -> None:
    yoked = np.array([10, 9, 9, 10, 1, 0] * 10)
    table = dogs(yoked, yoked)
    again = escaping("yoked", "retest", np.where(yoked == 10, 10, 2))
    found = by_part("seligman1967", pd.concat([table[table["phase"] == "test"], again]))["week"]
    assert (found.value, found.n, found.verdict) == (0.5, 40, "undecided")


def test_dogs_without_helplessness_show_nothing_to_prevent() -> None:
    ordinary = np.tile([2, 2, 2, 3, 3], 20)
    assert failed("immunisation", dogs(ordinary, ordinary)) == {"harm", "prevented"}
    assert {"order_failures", "order_latency", "failures_yoked"} <= failed("seligman1967", dogs(ordinary, ordinary))


def test_immunised_dogs_half_way_fail() -> None:
    found = by_part("immunisation", dogs(np.full(60, 10), np.tile([6, 7], 30)))
    assert found["prevented"].value == pytest.approx((6.5 - 2.4) / (10 - 2.4))
    assert not found["prevented"].passed


def rats(floats: dict[str, float], sweet: dict[str, float], n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    parts = []
    for group, p in floats.items():
        for s in range(n):
            who = {"group": group, "subject": s}
            action = (rng.random(240) > p).astype(int)  # 0 is afloat
            parts.append(trials(**who, phase="forced_swim", trial=0, step=np.arange(120, 360), action=action))
            lick = np.where(rng.random(100) < sweet[group], 1, 2)
            parts.append(trials(**who, phase="sucrose", trial=np.arange(100), action=lick))
    return pd.concat(parts)


GROUPS = ("healthy_vehicle", "healthy_ketamine", "helpless_vehicle", "helpless_ketamine")


RATS = (*GROUPS, "helpless_ap5", "helpless_mibefradil")


def test_rats_as_published_pass() -> None:
    table = rats(
        dict(zip(RATS, (0.4, 0.4, 0.7, 0.4, 0.4, 0.4), strict=True)),
        dict(zip(RATS, (0.9, 0.9, 0.6, 0.9, 0.9, 0.9), strict=True)),
    )
    assert failed("yang2018_rescue", table) == set()


def test_block_in_the_habenula_that_does_nothing_fails() -> None:
    floats = dict(zip(RATS, (0.4, 0.4, 0.7, 0.4, 0.8, 0.4), strict=True))
    table = rats(floats, dict(zip(RATS, (0.9, 0.9, 0.6, 0.9, 0.9, 0.5), strict=True)))
    assert failed("yang2018_rescue", table) == {"immobility_ap5", "preference_mibefradil"}


def test_drug_that_moves_every_rat_fails_the_interaction() -> None:
    floats = dict(zip(RATS, (0.6, 0.3, 0.8, 0.5, 0.5, 0.5), strict=True))
    table = rats(floats, dict(zip(RATS, (0.7, 0.9, 0.6, 0.8, 0.8, 0.8), strict=True)))
    expected = {f"{m}_{part}" for m in ("immobility", "preference") for part in ("interaction", "healthy")}
    assert failed("yang2018_rescue", table) == expected


def resting(levels: tuple[float, ...], shocked: tuple[float, float], resistant: float = 0.5) -> pd.DataFrame:
    """Rats at rest; of those that were shocked half fail all their trials and have these levels, half fail none."""
    parts = [
        trials(group=g, phase="rest", subject=range(10), trial=0, tonic_dopamine=t)
        for g, t in zip(GROUPS, levels, strict=True)
    ]
    helpless = np.tile([True, False], 10)
    for drug, level in zip(("vehicle", "ketamine"), shocked, strict=True):
        tonic = np.where(helpless, level, resistant)
        who = {"group": f"shocked_{drug}", "subject": range(20)}
        parts.append(trials(**who, phase=f"after_{drug}", trial=0, tonic_dopamine=tonic))
        parts.append(escaping(f"shocked_{drug}", "test", 10 * helpless))
    return pd.concat(parts)


def test_dopamine_ratios_by_hand() -> None:
    assert failed("belujon2014", resting((0.5, 0.52, 0.25, 0.48), (0.3, 0.5))) == set()
    found = by_part("belujon2014", resting((0.5, 0.6, 0.4, 0.3), (0.4, 0.35), 0.25))
    ratios = {"half": 0.8, "ketamine": 0.6, "healthy": 1.2}
    ratios |= {"shocked_half": 0.8, "shocked_ketamine": 0.7, "resistant": 0.5}
    assert {name: round(v.value, 9) for name, v in found.items()} == ratios
    assert not any(v.passed for v in found.values())


def test_the_table_has_shocked_rats_by_what_they_became() -> None:
    """Half of 20 fail all trials and are helpless, half none and resist; who fails 4 of 10 is neither."""
    rows = resting((0.5, 0.5, 0.25, 0.5), (0.25, 0.45))
    fails = (rows["phase"] == "test") & (rows["group"] == "shocked_vehicle") & (rows["subject"] == 1)
    rows.loc[fails & (rows["trial"] < 4), ["terminated", "truncated"]] = [False, True]
    table = load_experiment(bundled("experiments") / "belujon2014.py").summarise(rows)
    means = table[(table["level"] == "group") & (table["measure"] == "of_healthy")].set_index("group")
    assert means["value"].round(9).to_dict() == dict(zip(GROUPS, (100, 100, 50, 100), strict=True)) | {
        "helpless_shocked_vehicle": 50,
        "resistant_shocked_vehicle": 100,
        "helpless_shocked_ketamine": 90,
        "resistant_shocked_ketamine": 100,
    }
    assert means.loc[["resistant_shocked_vehicle", "resistant_shocked_ketamine"], "n"].tolist() == [9, 10]


def test_where_no_rat_resists_shock_nothing_is_said_of_those_that_do() -> None:
    table = resting((0.5, 0.5, 0.25, 0.5), (0.25, 0.5))
    table.loc[table["phase"] == "test", ["terminated", "truncated"]] = [False, True]
    found = by_part("belujon2014", table)["resistant"]
    assert math.isnan(found.value) and found.verdict == "fail"


def spouts(healthy: float, helpless: float) -> pd.DataFrame:
    """Outcomes of 1 and 0 in turn over 200 visits; the value is what the group expects, and 9 before the last 100."""
    parts = []
    for group, value in (("healthy", healthy), ("helpless", helpless)):
        for s in range(5):
            visit = np.arange(200)
            expected = np.where(visit < 100, 9.0, value + 0.001 * s)
            parts.append(trials(group=group, phase="spouts", subject=s, trial=visit, outcome=visit % 2, value=expected))
    return pd.concat(parts)


def test_pessimism_by_hand() -> None:
    assert failed("pessimism", spouts(0.5, 0.35)) == set()
    assert by_part("pessimism", spouts(0.5, 0.35))["helpless"].value == pytest.approx(0.352 - 0.5)
    assert failed("pessimism", spouts(0.4, 0.52)) == {"healthy", "helpless", "difference"}


SICK, WELL = (0.25, 9), (0.05, 1)  # share that bursts at rest, failures in 10 trials
TREATED = ("mouse_1h", "mouse_24h", "human_4h", "human_24h", "human_3d", "mouse_7d")


def over_time(*treated: tuple[float, int]) -> pd.DataFrame:
    groups = {"healthy_vehicle": WELL, "helpless_vehicle": SICK}
    groups |= {f"helpless_{name}": level for name, level in zip(TREATED, (*treated, SICK)[:6], strict=True)}
    parts = []
    for group, (bursts, failures) in groups.items():
        shift = np.tile([-1, 0, 1], 8)
        parts.append(escaping(group, "shuttle", failures + shift))
        who = {"group": group, "phase": "rest", "subject": range(24), "trial": 0}
        parts.append(trials(**who, burst=bursts + 0.01 * shift))
    return pd.concat(parts)


def test_ketamine_over_time_as_published_passes() -> None:
    assert failed("ketamine_time", over_time(*[WELL] * 5)) == set()


def test_ketamine_that_lasts_a_week_in_mice_is_not_spent() -> None:
    assert failed("ketamine_time", over_time(*[WELL] * 6)) == {"mouse_failures_7d"}


def test_ketamine_that_is_over_within_a_day_fails() -> None:
    found = by_part("ketamine_time", over_time(WELL, SICK, WELL, SICK, SICK))
    expected = {"mouse_bursts_24h", "mouse_failures_24h", "mouse_failures_left"}
    assert {k for k, v in found.items() if v.verdict != "pass"} == expected | {
        "human_failures_24h",
        "human_failures_3d",
        "human_failures_left",
    }
    assert found["mouse_failures_1h"].value == pytest.approx(-80.0)
    assert found["mouse_bursts_1h"].value == pytest.approx(-20.0)


def test_a_third_of_the_effect_after_a_day_is_not_most_of_it() -> None:
    found = by_part("ketamine_time", over_time(WELL, (0.2, 6), WELL, WELL, WELL))
    assert found["mouse_failures_left"].value == pytest.approx(3 / 8)
    assert not found["mouse_failures_left"].passed
    undefined = by_part("ketamine_time", over_time(SICK, WELL, WELL, WELL, WELL))["mouse_failures_left"]
    assert math.isnan(undefined.value) and not undefined.passed


def test_a_trace_of_the_effect_after_three_days_is_not_most_of_it() -> None:
    found = by_part("ketamine_time", over_time(WELL, WELL, WELL, WELL, (0.2, 8)))
    assert {k for k, v in found.items() if v.verdict != "pass"} == {"human_failures_left"}
    assert found["human_failures_3d"].value == pytest.approx(-10.0)
    assert found["human_failures_left"].value == pytest.approx(1 / 8)
    assert found["human_failures_left"].expected == "≥ 0.5"
    undefined = by_part("ketamine_time", over_time(WELL, WELL, SICK, WELL, WELL))["human_failures_left"]
    assert math.isnan(undefined.value) and not undefined.passed


LEVELS = dict.fromkeys(RATS, 0.4)
STUDIES = {
    "wu2021": (["wu2021"], lambda: mice(0.1, 0.65, 0.3, 8).assign(group="mice_2"), "mice", ", did you mean 'mice_2'?"),
    "seligman1967": (["seligman1967", "immunisation"], lambda: dogs(np.full(8, 9), np.full(8, 2)), "yoked", ""),
    "yang2018": (["yang2018_rescue"], lambda: rats(LEVELS, LEVELS, n=2), "helpless_ketamine", ""),
    "belujon2014": (["belujon2014"], lambda: resting((0.5, 0.5, 0.25, 0.5), (0.25, 0.5)), "healthy_vehicle", ""),
    "pessimism": (["pessimism"], lambda: spouts(0.5, 0.35), "helpless", ""),
    "ketamine_time": (["ketamine_time"], lambda: over_time(*[WELL] * 5), "helpless_mouse_24h", ""),
}


@pytest.mark.parametrize("study", STUDIES)
def test_group_that_is_missing_is_named_with_its_study(study: str) -> None:
    ids, make, group, hint = STUDIES[study]
    table = make()
    for id in ids:
        without = table[table["group"] != group]
        with pytest.raises(ValueError, match=f"study {study}, phase '.*': .* no group '{group}'{re.escape(hint)}"):
            findings.judge(id, without)


def test_group_that_a_phase_leaves_out_is_named() -> None:
    table = rats(LEVELS, LEVELS, n=2)
    without = table[(table["group"] != "healthy_ketamine") | (table["phase"] != "sucrose")]
    with pytest.raises(
        ValueError, match="study yang2018, phase 'sucrose': the trials have no group 'healthy_ketamine'"
    ):
        findings.judge("yang2018_rescue", without)
    with pytest.raises(ValueError, match="study yang2018, phase 'sucrose': the trials have no phase 'sucrose'"):
        findings.judge("yang2018_rescue", table[table["phase"] != "sucrose"])


def test_undefined_numbers_never_pass_and_go_into_json() -> None:
    undefined = Estimate(math.nan, math.nan, math.nan, 3)
    claim = findings.CLAIMS["wu2021"]
    for make in (criterion.above, criterion.below, criterion.at_least, criterion.at_most):
        assert make("part", "claim", "statistic", undefined, 0.0).outcome == "fail"
    part = criterion.within("part", "claim", "statistic", undefined, 0.0, 1.0)
    line = claim.verdict(part, 7)
    assert not line.passed
    stored = json.loads(json.dumps(line.as_json(), allow_nan=False))
    assert stored == {
        "id": "wu2021/part",
        "claim": "claim",
        "statistic": "statistic",
        "value": None,
        "low": None,
        "high": None,
        "expected": "0 to 1",
        "verdict": "fail",
        "passed": False,
        "margin": None,
        "times_n": None,
        "n": 3,
        "seed": 7,
        "source": claim.citation,
        "origin": "target",
        "sure": "V",
        "power": None,
        "group_size": 8,
    }


FOUND = Estimate(2.0, 1.0, 3.0, 100)  # value, interval, subjects


@pytest.mark.parametrize(
    ("make", "limits", "expected", "outcome", "margin", "times"),
    [
        # the interval 1 to 3 lies within the bounds: margin from the bound to the nearest end
        (criterion.above, (0.5,), "> 0.5", "pass", 0.5, None),
        (criterion.below, (3.25,), "< 3.25", "pass", 0.25, None),
        (criterion.at_least, (1.0,), "≥ 1", "pass", 0.0, None),  # the bound itself will do
        (criterion.at_most, (3.0,), "≤ 3", "pass", 0.0, None),
        (criterion.within, (0.5, 3.25), "0.5 to 3.25", "pass", 0.25, None),
        # it lies outside
        (criterion.above, (3.0,), "> 3", "fail", 0.0, None),  # the bound itself will not do
        (criterion.above, (4.0,), "> 4", "fail", -1.0, None),
        (criterion.below, (0.5,), "< 0.5", "fail", -0.5, None),
        (criterion.at_least, (3.5,), "≥ 3.5", "fail", -0.5, None),
        (criterion.at_most, (0.0,), "≤ 0", "fail", -1.0, None),
        (criterion.within, (3.5, 9.0), "3.5 to 9", "fail", -0.5, None),
        (criterion.within, (-9.0, 0.25), "-9 to 0.25", "fail", -0.75, None),
        # a bound lies in it: margin from the bound to the value; (1 / distance)² times the subjects
        (criterion.above, (1.0,), "> 1", "undecided", 1.0, 1.0),
        (criterion.above, (1.5,), "> 1.5", "undecided", 0.5, 4.0),
        (criterion.below, (1.75,), "< 1.75", "undecided", -0.25, 16.0),
        (criterion.at_least, (3.0,), "≥ 3", "undecided", -1.0, 1.0),
        (criterion.at_most, (2.0,), "≤ 2", "undecided", 0.0, math.inf),
        (criterion.within, (1.5, 9.0), "1.5 to 9", "undecided", 0.5, 4.0),
        (criterion.within, (1.5, 2.25), "1.5 to 2.25", "undecided", 0.25, 16.0),
    ],
)
def test_three_verdicts_with_their_margins_by_hand(make, limits, expected, outcome, margin, times) -> None:
    part = make("part", "claim", "statistic", FOUND, *limits)
    line = findings.CLAIMS["wu2021"].verdict(part, 1)
    assert (line.expected, line.verdict, line.passed) == (expected, outcome, outcome == "pass")
    assert line.margin == pytest.approx(margin)
    assert math.isnan(line.times_n) if times is None else line.times_n == pytest.approx(times)


@given(
    value=st.floats(-5, 5),
    reach=st.floats(0.01, 5),
    bound=st.floats(-5, 5),
    wider=st.floats(1.0, 9.0),
    make=st.sampled_from([criterion.above, criterion.below, criterion.at_least, criterion.at_most]),
)
def test_fewer_subjects_never_turn_a_pass_into_a_fail_or_back(value, reach, bound, wider, make) -> None:
    """A wider interval around the same value leaves a verdict as it is or undecided."""
    narrow, wide = (
        make("part", "claim", "statistic", Estimate(value, value - r, value + r, 50), bound).outcome
        for r in (reach, reach * wider)
    )
    assert wide in (narrow, "undecided")


def test_an_exact_number_is_judged_by_its_value_and_one_of_too_few_subjects_is_undecided() -> None:
    exact, few = (Estimate(13.0, math.nan, math.nan, n) for n in (0, 1))
    assert criterion.within("part", "claim", "statistic", exact, 12.5, 13.5).outcome == "pass"
    assert criterion.within("part", "claim", "statistic", exact, 12.5, 13.5).margin == 0.5
    assert criterion.below("part", "claim", "statistic", exact, 12.0).outcome == "fail"
    assert criterion.below("part", "claim", "statistic", exact, 12.0).margin == -1.0
    assert criterion.within("part", "claim", "statistic", few, 12.5, 13.5).outcome == "undecided"


def of(origin: str, limit: float) -> findings.Verdict:
    claim = findings.Claim("id", "citation", "claim", lambda read: [], origin=origin)
    return claim.verdict(criterion.above("part", "claim", "statistic", FOUND, limit), 1)


def test_verdicts_are_counted_predictions_apart_and_what_is_built_in_not_at_all() -> None:
    lines = [of("target", 0.5), of("prediction", 0.5), of("prediction", 2.5), of("prediction", 4.0)]
    said = "2 of 4 rows pass, 1 fail, 1 undecided; 1 of 3 predictions pass"
    assert findings.counted(lines) == said
    assert findings.counted([*lines, of("built in", 0.5)]) == f"{said}; 1 rows are built in, and not counted"


@pytest.mark.parametrize(
    ("make", "limits", "n", "power"),
    [
        # 2 ± 1 of 100; of 100 subjects again: passes where the value is beyond .5 + 1, (2 - 1.5)·1.96 = .98 deviations
        (criterion.above, (0.5,), 100, 0.8365),
        (criterion.above, (0.0,), 25, 0.5),  # ± 2: half of the experiments
        (criterion.below, (4.0,), 100, 0.975),
        (criterion.within, (0.0, 4.0), 100, 0.95),
        (criterion.within, (1.5, 2.5), 100, 0.0),  # narrower than an interval: no experiment can pass
    ],
)
def test_power_by_hand(make, limits, n, power) -> None:
    part = make("part", "claim", "statistic", FOUND, *limits)
    assert part.power(100 / n) == pytest.approx(power, abs=1e-4)


def test_a_sign_that_most_experiments_of_that_size_would_miss_fails() -> None:
    """2 ± 1 of 100 is 2 ± 3.16 of 10, and of 25 just at the edge."""
    part = criterion.above("part", "claim", "statistic", FOUND)
    small, large = (findings.Claim("id", "citation", "claim", list, group_size=n) for n in (10, 26))
    line = small.verdict(part, 1)
    assert (line.verdict, line.passed) == ("fail", False)
    assert line.margin == pytest.approx(2.0 - math.sqrt(10.0)) and line.power == pytest.approx(0.234, abs=0.02)
    assert large.verdict(part, 1).passed
    assert small.verdict(part, 1, n=10).passed  # as many as in the experiment: what its interval says
    beyond = criterion.above("part", "claim", "statistic", FOUND, 0.5)  # more than a sign: the interval alone decides
    assert small.verdict(beyond, 1).passed


def test_what_a_claim_says_of_its_rows_is_checked() -> None:
    with pytest.raises(ValueError, match="claim id: an origin is target, built in, prediction, not 'guess'"):
        findings.Claim("id", "", "", list, origin="guess")
    with pytest.raises(ValueError, match="claim id: how sure a threshold is, is V, C, D, H, M, set, not 'sure'"):
        findings.Claim("id", "", "", list, sures={"part": "sure"})
    claim = findings.Claim("id", "", "", lambda read: [], origins={"parts": "target"})
    with pytest.raises(ValueError, match="claim id has no row 'parts'"):
        claim.verdicts(None, 1)


@pytest.mark.parametrize(("n", "outcome", "low"), [(200, "undecided", 0.8628), (800, "pass", 0.9638)])
def test_few_experiments_do_not_decide_even_where_all_agree(n: int, outcome: str, low: float) -> None:
    """Clopper & Pearson: with k of k, the interval begins at .025 to the power of 1/k."""
    table = pd.concat([escaping("mice", phase, np.full(n, k)) for phase, k in zip(PHASES, (1, 8, 3), strict=True)])
    found = by_part("wu2021", table)["order_n8"]
    assert (found.verdict, found.value) == (outcome, 1.0)
    assert found.low == pytest.approx(low, abs=1e-4)


def test_claims_have_a_sentence_and_a_source() -> None:
    assert list(findings.CLAIMS) == IDS
    for claim in findings.CLAIMS.values():
        assert "doi 10." in claim.citation or claim.citation.startswith("this package's own demand")
        assert claim.claim[0].isupper()


def test_check_runs_a_study_and_is_the_same_every_time() -> None:
    told = []
    first = findings.check(["belujon2014", "pessimism"], 8, progress=lambda *step: told.append(step))
    assert [v.id for v in first] == [
        "belujon2014/half",
        "belujon2014/ketamine",
        "belujon2014/healthy",
        "belujon2014/shocked_half",
        "belujon2014/shocked_ketamine",
        "belujon2014/resistant",
        "pessimism/helpless",
        "pessimism/healthy",
        "pessimism/difference",
    ]
    assert {v.seed for v in first} == {2014, 1}
    assert told[-1][0] == told[-1][1]
    assert [v.as_json() for v in findings.verdicts("belujon2014", "pessimism", n_subjects=8)] == [
        v.as_json() for v in first
    ]
    other = findings.verdicts("belujon2014", n_subjects=8, seed=3)
    assert other[0].seed == 3
    assert other[0].value != first[0].value


def test_claims_are_about_the_studies_of_the_package(tmp_path, monkeypatch) -> None:
    """A config and an experiment of the same name in the folder where one works are somebody's own."""
    from habenula_rl.config.study import known_studies

    own = known_studies()["pessimism"].read_text(encoding="utf-8").replace("delivery: 0.5", "delivery: 1.0")
    expected = findings.verdicts("pessimism", n_subjects=8)
    monkeypatch.chdir(tmp_path)
    for folder, name, text in (("configs", "pessimism.yaml", own), ("experiments", "pessimism.py", "1 / 0")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text, encoding="utf-8")
    assert [v.as_json() for v in findings.verdicts("pessimism", n_subjects=8)] == [v.as_json() for v in expected]


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="no claim 'wu2012', did you mean 'wu2021'"):
        findings.check(["wu2012"])
    for n in (7, 8.0, True):
        with pytest.raises(ValueError, match="at least 8 subjects"):
            findings.check(["pessimism"], n)
    with pytest.raises(ValueError, match="seed must be"):
        findings.check(["pessimism"], 8, seed=-1)
