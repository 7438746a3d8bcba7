"""Counter-based draws: a published reference, uniformity, and no two streams alike."""

from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest

from habenula_rl.randomness import (
    GOLDEN,
    HALF_UNIT,
    U,
    checked_seed,
    checked_subject,
    draw,
    mix,
    normal,
    normal_quantile,
    pile_drawn,
    stream_key,
)


@pytest.fixture(autouse=True)
def _wrap_around_silently():
    with np.errstate(over="ignore"):
        yield


def test_mix_is_splitmix64():
    """First outputs of SplitMix64 from state 0, as in the reference implementation by Vigna."""
    outputs = [int(mix(U((k + 1) * int(GOLDEN) % 2**64))) for k in range(3)]
    assert outputs == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


@pytest.mark.parametrize("seed", [0, 1, 7, 2**63 - 1])
def test_draws_are_uniform_and_uncorrelated(seed):
    key = stream_key(U(seed), U(0), U(3))
    u = np.array([draw(key, U(k)) for k in range(20_000)])
    assert 0.0 <= u.min() and u.max() < 1.0
    counts = np.histogram(u, bins=20, range=(0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8  # chi-square, 19 degrees of freedom, p = .001
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 3.3 / np.sqrt(u.size)


def test_seeds_streams_and_subjects_all_change_the_key():
    keys = {int(stream_key(U(a), U(b), U(c))) for a in range(8) for b in range(8) for c in range(64)}
    assert len(keys) == 8 * 8 * 64


@pytest.mark.parametrize(("check", "name"), [(checked_seed, "seed"), (checked_subject, "subject")])
@pytest.mark.parametrize("value", [-1, 2**63, 1.0, True, np.bool_(True), "1", None, np.array(1)])
def test_what_is_no_seed_or_subject_is_named(check, name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be a whole number from 0 to 2\^63 - 1, not "):
        check(value)


def test_seeds_and_subjects_become_pythons_own_numbers():
    values = [check(value) for check in (checked_seed, checked_subject) for value in (0, np.uint64(2**63 - 1))]
    assert values == [0, 2**63 - 1] * 2
    assert {type(value) for value in values} == {int}


@pytest.mark.parametrize("p", [HALF_UNIT, 1e-12, 1e-9, 0.001, 0.07, 0.08, 0.3, 0.5, 0.6, 0.92, 0.93, 0.99, 1 - 2**-53])
def test_the_normal_quantile_is_the_standard_librarys_to_seven_digits(p):
    assert normal_quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=2e-7)


def test_normal_draws_are_normal_and_take_one_slot():
    with np.errstate(over="ignore"):
        events = [SimpleNamespace(key=U(7), trial=trial, step=0) for trial in range(4000)]
        draws = np.array([[normal(e, 0), normal(e, 1)] for e in events])
    assert np.abs(draws.mean(axis=0)).max() < 4 / 4000**0.5
    assert np.abs(draws.std(axis=0) - 1.0).max() < 4 / 8000**0.5
    assert abs(np.corrcoef(draws.T)[0, 1]) < 4 / 4000**0.5


@pytest.mark.parametrize(
    ("cards", "u", "pile"),
    [
        ([2, 1, 1], 0.0, 0),
        ([2, 1, 1], 0.49, 0),
        ([2, 1, 1], 0.5, 1),
        ([2, 1, 1], 0.74, 1),
        ([2, 1, 1], 0.75, 2),
        ([0, 3], 0.0, 1),
        ([3, 0], 1 - 2**-53, 0),
        ([0, 1, 0, 1, 0], 0.49, 1),
        ([0, 1, 0, 1, 0], 0.5, 3),
    ],
)
def test_a_card_comes_from_a_pile_as_often_as_it_holds_cards(cards, u, pile):
    assert pile_drawn(np.array(cards, float), u) == pile
