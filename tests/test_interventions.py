"""Interventions: the block's time course by hand, composition, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl.agents import HabenulaAgent
from habenula_rl.interventions import Ketamine, Lesion, Vehicle, applied

KETAMINE = {"max_block": 0.8, "half_dose_mg_per_kg": 5.0, "onset_hours": 0.5, "washout_hours": 24.0}


@pytest.mark.parametrize(
    ("dose", "hours", "block"),
    [
        (0.0, 1.0, 0.0),
        (10.0, 0.0, 0.0),
        (5.0, 24.0, 0.2),  # 0.8·½ reached, onset over, half washed out
        (15.0, 0.5, 0.295704),  # 0.8·¾·½·2^(-0.5/24) = 0.3·0.985665 = 0.295699
    ],
)
def test_block_by_hand(dose, hours, block):
    assert Ketamine(dose_mg_per_kg=dose, hours_before=hours, **KETAMINE).block() == pytest.approx(block, abs=1e-5)


def test_ketamine_and_lesion_change_what_they_name_and_nothing_else():
    agent = HabenulaAgent(hyperactivity=1.0)
    treated = Lesion(extent=0.25)(Ketamine()(agent))
    assert treated.nmda == pytest.approx(1.0 - Ketamine().block())
    assert treated.habenula_output == 0.75
    assert treated.replace(nmda=1.0, habenula_output=1.0) == agent
    assert Vehicle()(agent) == agent


@given(st.permutations([Ketamine(), Lesion(extent=0.5), Ketamine(dose_mg_per_kg=3.0), Vehicle()]))
def test_order_does_not_matter(order):
    values = applied(order, HabenulaAgent, HabenulaAgent().values())
    assert values["nmda"] == pytest.approx((1 - Ketamine().block()) * (1 - Ketamine(dose_mg_per_kg=3.0).block()))
    assert values["habenula_output"] == 0.5


def test_values_of_many_subjects_are_scaled_together():
    values = applied([Lesion(extent=0.5)], HabenulaAgent, {"habenula_output": np.array([1.0, 0.8])})
    assert list(values["habenula_output"]) == [0.5, 0.4]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ketamine(dose=10), "Ketamine has no parameter 'dose', did you mean 'dose_mg_per_kg'?"),
        (lambda: Ketamine(hours_before=-1), "Ketamine: hours_before must be between 0 and 1e+06, not -1"),
        (lambda: Ketamine(dose_mg_per_kg=float("inf")), "Ketamine: dose_mg_per_kg must be finite, not inf"),
    ],
)
def test_bad_interventions_are_refused(make, message):
    with pytest.raises(ValueError) as caught:
        make()
    assert str(caught.value) == message


def test_an_agent_without_the_target_is_refused():
    with pytest.raises(ValueError, match="Ketamine acts on 'nmda', which HabenulaAgent does not have"):
        applied([Ketamine()], HabenulaAgent, {"habenula_output": 1.0})
