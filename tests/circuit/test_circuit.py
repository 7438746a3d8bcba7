"""The circuit's equations against numbers worked out by hand (the arithmetic stands beside them)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl.circuit import control, dopamine, habenula, nonlinearity, raphe, striatum

NUMBER = st.floats(-50, 50)
SHARE = st.floats(0, 1)


@pytest.mark.parametrize(("delta", "expected"), [(-1.0, 2.0), (0.5, -1.0), (0.0, 0.0)])  # -2·delta
def test_drive(delta, expected):
    assert habenula.drive(delta, 2.0) == pytest.approx(expected)


def test_tonic_rate_is_one_at_rest_and_hand_worked_elsewhere():
    assert habenula.tonic_rate(0.0) == pytest.approx(1.0)
    # softplus(1.5·2 + 1) = ln(1 + e⁴) = 4.018150; softplus(1) = 1.313262; ratio 3.059671
    assert habenula.tonic_rate(2.0) == pytest.approx(3.059671, abs=1e-6)


@pytest.mark.parametrize(("h", "share"), [(0.0, 0.07), (1.0, 0.23), (1.67, 0.43)])
def test_burst_share_at_rest_is_the_published_one(h, share):
    assert habenula.burst_share(0.0, h, 1.0, 1.876, 0.725, 1.0) == pytest.approx(share, abs=0.002)


def test_burst_share_is_half_at_threshold_and_scales_with_nmda():
    assert habenula.burst_share(0.5, 1.0, 1.0, 1.5, 0.3, 1.0) == pytest.approx(0.5)
    assert habenula.burst_share(0.5, 1.0, 0.1, 1.5, 0.3, 1.0) == pytest.approx(0.05)
    assert habenula.burst_share(0.5, 1.0, 0.5, 1.5, 0.3, 3.0) == pytest.approx(0.0625)  # ½³ of half of the neurons
    assert habenula.burst_share(9.0, 9.0, 0.0, 1.5, 0.3, 1.0) == 0.0


def test_output_adds_weighted_bursts_to_the_tonic_rate():
    assert habenula.output(0.0, 0.25, 8.0) == pytest.approx(3.0)  # 1 + 8·0.25


@pytest.mark.parametrize(
    ("delta", "inhibition", "share", "expected"),
    [
        (1.0, -1.0, 0.8, 0.0),  # better than expected: no dip
        (-1.0, 1.0, 0.8, 1.0),  # 0.2·1 + 0.8·1
        (-1.0, 0.0, 0.8, 0.2),  # lesioned: the rest of the dip
        (-1.0, 1.5, 1.0, 1.5),
        (0.0, 0.5, 0.8, 0.4),
    ],
)
def test_dip_of_dopamine(delta, inhibition, share, expected):
    assert dopamine.dip(delta, inhibition, share) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("delta", "release", "share", "tonic", "expected"),
    [
        (-1.0, -1.0, 0.2, 0.5, 0.0),  # worse than expected: no burst
        (1.0, 1.0, 0.2, 0.5, 1.0),  # in health the size of the error
        (1.0, 0.0, 0.2, 0.5, 0.8),  # lesioned: the habenula cannot fall silent
        (1.0, 1.0, 0.2, 0.25, 0.5),  # half of the neurons are active: half of the burst
    ],
)
def test_burst_of_dopamine(delta, release, share, tonic, expected):
    assert dopamine.burst(delta, release, share, tonic) == pytest.approx(expected)


def test_an_outcome_is_worth_itself_up_to_one_and_ever_less_beyond():
    for outcome in (-1.0, -0.3, 0.0, 0.1, 1.0):
        assert dopamine.utility(outcome) == outcome
    assert dopamine.utility(math.e) == pytest.approx(2.0)
    assert dopamine.utility(-(math.e**2)) == pytest.approx(-3.0)


def test_the_range_of_outcomes_only_widens():
    assert dopamine.largest(1.0, -0.7) == 1.0
    assert dopamine.largest(1.0, -3.0) == 3.0
    assert dopamine.largest(3.0, 2.0) == 3.0


def test_harm_is_what_hurts_or_how_much_of_the_dip_announces_a_loss():
    assert dopamine.harm(0.7, 5.0, -1.0) == 0.7  # good prospects harm nobody
    assert dopamine.harm(0.2, -0.3, -0.6) == 0.5
    assert dopamine.harm(0.2, -0.3, -0.3) == 1.0
    assert dopamine.harm(0.2, -3.0, -1.0) == 1.0  # at most 1
    assert dopamine.harm(0.0, 0.0, -1.0) == 0.0  # an omission


def test_tonic_dopamine_is_half_in_health_and_keeps_its_floor():
    assert dopamine.tonic(0.07, 0.07, 0.23, 0.08, 0.4) == pytest.approx(0.5)
    # ½·(0.4 + 0.6·σ(0)/σ(0.16/0.08)) = ½·(0.4 + 0.6·0.5/0.880797) = 0.370300
    assert dopamine.tonic(0.23, 0.07, 0.23, 0.08, 0.4) == pytest.approx(0.370300, abs=1e-6)
    assert dopamine.tonic(9.0, 0.07, 0.23, 0.08, 0.4) == pytest.approx(0.2)


@given(SHARE, SHARE)
def test_bursts_left_fall_with_channels_to_none(a, b):
    low, high = sorted((a, b))
    assert habenula.bursts_left(low, 9.9) <= habenula.bursts_left(high, 9.9)
    assert (habenula.bursts_left(0.0, 1.0), habenula.bursts_left(1.0, 9.9)) == (0.0, 1.0)
    assert habenula.bursts_left(0.5, 2.0) == pytest.approx(0.25)


@given(SHARE, SHARE, SHARE)
def test_tonic_dopamine_falls_with_bursts_between_floor_and_ceiling(a, b, floor):
    low, high = sorted((a, b))
    many, few = (dopamine.tonic(bursts, 0.07, 0.23, 0.08, floor) for bursts in (high, low))
    assert 0.5 * floor <= many <= few <= 0.5 / 0.88


@pytest.mark.parametrize(
    ("value", "control_", "serotonin", "expected"),
    [
        (3.0, 0.5, 0.5, 0.75),  # 2·0.5·3/4
        (-3.0, 0.5, 0.5, -0.75),  # in health bad pulls as good does
        (-3.0, 0.5, 0.25, -1.125),  # 2·0.5·(-2·0.75·3/4): less serotonin, more paralysis
        (3.0, 0.5, 0.25, 0.75),  # serotonin has no say in good prospects
        (-3.0, 1.0, 0.1, 0.0),  # full control silences it
        (1e9, 0.0, 0.5, 2.0),  # no prospect pulls by more than the gain
    ],
)
def test_pavlovian_pull(value, control_, serotonin, expected):
    assert raphe.pavlovian_pull(value, control_, serotonin, 2.0) == pytest.approx(expected)


def test_an_error_teaches_one_pathway_and_takes_back_from_the_other():
    assert striatum.payoff(1.0, 0.5, 0.2, 0.4, 0.1) == pytest.approx(1.0)  # 1 + 0.2·0.5 - 0.1·1
    assert striatum.payoff(1.0, -0.5, 0.2, 0.4, 0.1) == pytest.approx(0.86)  # 1 - 0.2·0.4·0.5 - 0.1
    assert striatum.payoff(0.1, -5.0, 0.2, 0.4, 0.1) == 0.0


@pytest.mark.parametrize(
    ("dopamine_", "serotonin", "expected"), [(0.5, 0.5, 0.0), (0.25, 0.25, 2.0), (0.25, 0.5, 1.0), (0.0, 0.0, 4.0)]
)
def test_vigour_costs_what_dopamine_and_serotonin_lack(dopamine_, serotonin, expected):
    assert striatum.vigour_cost(dopamine_, serotonin, 4.0) == pytest.approx(expected)


@pytest.mark.parametrize(("tonic", "expected"), [(0.5, 2.0), (1.0, 12.0), (0.0, -8.0), (0.25, -3.0)])
def test_preference_tips_from_go_to_nogo_as_dopamine_falls(tonic, expected):
    assert striatum.preference(3.0, 2.0, tonic, 2.0) == pytest.approx(expected)  # 4·(3T - 2(1-T))


def test_relief_is_the_share_of_the_hurt_that_went():
    assert control.relief(1.0, 0.0) == 1.0
    assert control.relief(0.8, 0.8) == 0.0
    assert control.relief(0.8, 0.2) == pytest.approx(0.75)


def test_what_hurts_more_than_before_is_no_relief_and_not_less_than_none():
    assert control.relief(0.25, 1.0) == 0.0  # 1 - 4 = -3 would be no probability
    assert control.relief(5e-324, 1.0) == 0.0  # 1/5e-324 would be no number


@given(st.floats(0.001, 1), SHARE)
def test_relief_is_a_probability(aversive, punishment):
    assert 0.0 <= control.relief(aversive, punishment) <= 1.0


def test_experience_counts_up_to_the_reach_of_the_rate():
    assert control.memory(3.0, 0.5, 0.1) == pytest.approx(3.5)
    assert control.memory(9.8, 1.0, 0.1) == pytest.approx(10.0)


def test_contingency_is_the_difference_less_its_standard_error():
    # (0.9·9 + ½)/10 = 0.86, 0.86·0.14/10 = 0.01204; (0.1·9 + ½)/10 = 0.14, the same; √0.02408 = 0.155177
    assert control.contingency(0.9, 9.0, 0.1, 9.0) == pytest.approx(0.8 - 0.155177, abs=1e-6)
    assert control.contingency(0.1, 9.0, 0.9, 9.0) == 0.0  # acting that makes things worse is no control
    assert control.contingency(0.5, 9.0, 0.45, 9.0) == 0.0  # nor is what chance brings about
    assert control.contingency(1.0, 1e9, 0.0, 1e9) == pytest.approx(1.0, abs=1e-4)


def test_control_rises_at_once_and_falls_slowly_to_the_contingency():
    assert control.control(0.2, 0.8, 0.01) == 0.8
    assert control.control(0.8, 0.0, 0.01) == pytest.approx(0.792)


def test_sensitised_needs_stress_bursts_and_lack_of_control():
    assert control.sensitised(0.5, 0.4, 0.5, 1.0, 0.1, 2.5) == pytest.approx(0.52)  # 0.5 + 0.1·0.4·0.25·2
    for stress, bursts, belief in ((0.0, 0.4, 0.5), (1.0, 0.0, 0.5), (1.0, 0.4, 1.0)):
        assert control.sensitised(0.5, bursts, belief, stress, 0.1, 2.5) == 0.5


def test_what_stress_added_decays_and_the_trait_stays():
    assert control.recovered(1.5, 0.5, 3.0, 3.0) == pytest.approx(0.5 + math.exp(-1.0))
    assert control.recovered(0.5, 0.5, 100.0, 3.0) == 0.5
    assert control.recovered(1.5, 0.5, 0.0, 3.0) == 1.5


def test_stress_does_not_calm_a_habenula_that_is_above_the_ceiling():
    assert control.sensitised(3.0, 0.4, 0.5, 1.0, 0.1, 2.5) == 3.0


@given(NUMBER)
def test_nonlinearities_keep_their_ranges_and_complements(x):
    assert 0.0 <= nonlinearity.logistic(x) <= 1.0
    assert nonlinearity.logistic(x) + nonlinearity.logistic(-x) == pytest.approx(1.0)
    assert nonlinearity.softplus(x) - nonlinearity.softplus(-x) == pytest.approx(x, abs=1e-9)
    assert nonlinearity.positive(x) - nonlinearity.positive(-x) == x


def test_softplus_overflows_for_no_number():
    assert nonlinearity.softplus(1e4) == 1e4
    assert nonlinearity.softplus(-1e4) == 0.0
    assert math.isclose(nonlinearity.softplus(0.0), math.log(2))


def test_an_opponent_weight_grows_in_proportion_to_itself_between_0_and_its_bound():
    assert striatum.hebbian(2.0, 0.5, 0.1) == pytest.approx(2.1)
    assert striatum.hebbian(2.0, -11.0, 0.1) == 0.0
    assert striatum.hebbian(9e29, 0.1, 1.0) == pytest.approx(9.9e29)
    assert striatum.hebbian(9e29, 1e5, 1.0) == striatum.hebbian(1e30, 1.0, 1.0) == 1e30


def test_light_drives_those_that_do_not_burst():
    assert habenula.driven(0.2, 0.3) == pytest.approx(0.44)
    assert habenula.driven(0.2, 1.0) == 1.0
