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

from calibration import rows, search, space, targets  # noqa: E402


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
