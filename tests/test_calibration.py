"""The calibration: its split, its distance and its space; that every target has a row, and that the set is in range."""

import math
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]
if not (ROOT / "calibration").is_dir():
    pytest.skip("the calibration is not installed with the package", allow_module_level=True)
sys.path.insert(0, str(ROOT))

from calibration import rivals, rows, search, space, targets  # noqa: E402
from habenula_rl.agents import AGENTS, HabenulaAgent  # noqa: E402
from habenula_rl.findings.ablated import ABLATIONS  # noqa: E402


def test_at_most_half_of_the_findings_are_used_and_none_of_those_held_out():
    assert len(targets.USED) <= 12 <= len(targets.HELD_OUT) and len({*targets.USED, *targets.HELD_OUT}) == 24
    sources = {target.finding for target in targets.TARGETS.values()} - {targets.LEARNING}
    assert sources <= {*targets.USED}


def test_distance_is_nothing_inside_and_tolerances_to_the_power_of_three_halves_outside():
    target = targets.Target(1.0, 2.0, 0.5, "", "", "set", weight=2.0)
    assert [target.distance(value) for value in (1.0, 1.5, 2.0)] == [0.0, 0.0, 0.0]
    assert target.distance(4.0) == pytest.approx(2.0 * 8.0)  # four tolerances: 4^1.5 = 8
    assert target.distance(0.5) == pytest.approx(2.0)
    assert target.distance(1e9) == target.distance(math.nan) == pytest.approx(2.0 * 5.0**1.5)
    assert target.met(2.0) and not target.met(2.01) and not target.met(math.nan)


@given(st.lists(st.floats(0, 1), min_size=len(space.SPACE), max_size=len(space.SPACE)))
def test_places_and_values_are_each_others_inverse(places):
    assert space.encoded(space.decoded(places)) == pytest.approx(places, abs=1e-9)


def test_no_value_of_the_package_stands_at_an_end_of_its_range():
    assert space.at_an_end(search.defaults()) == []
    assert space.at_an_end({**search.defaults(), "beta": space.SPACE["beta"][1]}) == ["beta"]


def test_places_beyond_an_edge_cost_and_others_do_not():
    middle = [0.5] * len(space.SPACE)
    assert search.beyond(middle) == 0.0
    assert search.beyond([1.0, *middle[1:]]) == pytest.approx(0.25)  # half of a tenth of the range, squared


def test_every_target_has_a_row_and_most_are_met():
    found = rows.rows({}, n=40, seed=3)
    assert set(found) == set(targets.TARGETS)
    assert search.met(found) > 0.6 * len(found)


def test_ranges_of_a_rival_follow_from_its_declaration_and_its_start_lies_in_them():
    assert rivals.space_of("DualRate") == {
        "rate_better": (0.01, 1.0, True),
        "rate_worse": (0.01, 1.0, True),
        "beta": (0.02, 50.0, True),
        "trait.rate_worse": (0.0, 0.5, False),
    }
    assert rivals.space_of("PavlovianGoNoGo")["go_bias"] == (-5.0, 5.0, False)
    for name in (*rivals.RIVALS, "HabenulaAgent"):
        ranges, start = rivals.space_of(name), rivals.start_of(name)
        assert all(low <= start[k] <= high for k, (low, high, _) in ranges.items()), name
        assert {*AGENTS[name].fields()} - {*ranges} >= {"discount"}, name


def test_a_slope_begins_at_the_healthy_value_and_ends_where_the_parameter_does():
    what = search.Searched(AGENTS["DualRate"], rivals.space_of("DualRate"))
    found = what.candidate({"rate_better": 0.2, "rate_worse": 0.4, "beta": 3.0, "trait.rate_worse": 0.5})
    assert dict(found) == {"rate_better": 0.2, "rate_worse": 0.4, "beta": 3.0}
    assert [rows.at_hyperactivity(found, h) for h in (0.0, 1.0, 2.0)] == [
        {"rate_worse": pytest.approx(level)} for level in (0.4, 0.9, 1.0)
    ]
    assert rows.at_hyperactivity({}, 0.5) == {"hyperactivity": 0.5}
    assert rows.at_hyperactivity(rows.Candidate({}, AGENTS["QLearning"]), 1.0) == {}


def test_an_agent_that_learns_nothing_has_no_learning_rate():
    assert rows.untaught({}) == HabenulaAgent(value_rate=0.0, trace_rate=0.0)
    assert rows.untaught(rows.Candidate({}, AGENTS["DualRate"])) == AGENTS["DualRate"](rate_better=0.0, rate_worse=0.0)


def test_a_rival_has_the_rows_that_it_can_express_and_they_move_the_distance():
    """With a trait 46 of the rows, without one 35: none of recordings, lesions and drugs."""
    for name, n in (("DualRate", 46), ("QLearning", 35)):
        start = {k: v for k, v in rivals.start_of(name).items() if "." not in k}
        found = rows.rows(rows.Candidate(start, AGENTS[name], rivals.TRAITS.get(name, ())), n=12, seed=3)
        assert len(found) == n and {*found} < {*targets.TARGETS}
        assert not [row for row in found if "ketamine" in row or "lesion" in row or "wu2021" in row]
        some = {row: targets.TARGETS[row].low for row in found}
        assert search.distance(some) == 0.0 < search.distance(found) and search.met(some) == n


def test_without_harm_announced_a_cue_of_pain_loses_its_dip_with_the_habenula():
    ablation = ABLATIONS["harm announced"]
    found = dict(rows.physiology(rows.Candidate(ablation.values, ablation.kind), 1, 1))
    whole = dict(rows.physiology({}, 1, 1))
    row = "lesion, air-puff's cue's dip left"
    assert (
        found[row] < 0.5 * whole[row] and found["lesion, air-puff's dip left"] == whole["lesion, air-puff's dip left"]
    )
