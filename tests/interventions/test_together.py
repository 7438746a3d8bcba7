"""Interventions one by one and together: what they change, that order does not matter, and what is refused."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl.agents import HabenulaAgent
from habenula_rl.circuit import habenula
from habenula_rl.interventions import (
    AP5,
    INTERVENTIONS,
    SSRI,
    Account,
    DeepBrainStimulation,
    DopamineAgonist,
    Ethosuximide,
    Ketamine,
    KirLoss,
    KirOverexpression,
    Lesion,
    Memantine,
    Muscimol,
    OptogeneticBursts,
    OptogeneticInhibition,
    OptogeneticTonic,
    Vehicle,
    applied,
    contradiction,
)

AGENT = HabenulaAgent(hyperactivity=1.0)


@pytest.mark.parametrize(
    ("intervention", "name", "value"),
    [
        (Lesion(extent=0.25), "habenula_output", 0.75),
        (Muscimol(share=0.8, half_life_hours=2.0, hours_before=2.0), "habenula_output", 0.6),
        (DeepBrainStimulation(share=0.8), "habenula_output", 0.2),
        (OptogeneticInhibition(share=0.7), "habenula_output", 0.3),
        (OptogeneticBursts(share=0.3), "burst_drive", 0.3),
        (Ethosuximide(block=0.8, half_life_hours=1.0, hours_before=1.0), "t_type", 0.6),
        (KirOverexpression(shift=1.5), "hyperpolarisation", 1.5),
        (KirLoss(shift=1.5), "hyperpolarisation", -1.5),
        (INTERVENTIONS["optogenetic_dopamine"](added=-0.25), "dopamine_drive", -0.25),
        (DopamineAgonist(gain=0.4, half_life_hours=1.0, hours_before=1.0), "dopamine_tone", 1.2),
        (INTERVENTIONS["serotonin_antagonist"](block=0.5, hours_before=0), "serotonin_tone", 0.5),
        (SSRI(gain=0.5, onset_days=7.0, hours_before=14 * 24.0), "serotonin_tone", 1.375),
        (AP5(concentration_um=2.8, affinity_um=1.4, half_life_min=30.0, hours_before=0.5), "nmda", 0.5),
    ],
)
def test_each_changes_what_it_names_and_nothing_else(intervention, name, value):
    treated = intervention(AGENT)
    assert getattr(treated, name) == pytest.approx(value)
    assert treated.values() | {name: getattr(AGENT, name)} == AGENT.values()
    assert treated.untreated == AGENT


def test_light_that_adds_single_spikes_adds_as_many_as_it_says():
    x = OptogeneticTonic(added_rate=0.3)(AGENT).tonic_drive
    assert habenula.tonic_rate(x) == pytest.approx(1.3)


@pytest.mark.parametrize("kind", [DeepBrainStimulation, OptogeneticBursts, OptogeneticTonic, OptogeneticInhibition])
def test_what_is_switched_off_has_no_effect(kind):
    assert kind(hours_before=1.5, duration_hours=1.0)(AGENT).values() == AGENT.values()


ALONE = [kind for kind in INTERVENTIONS.values() if not kind.by_account and not issubclass(kind, Account)]


@pytest.mark.parametrize("kind", ALONE)
def test_every_intervention_acts_at_its_default_and_a_vehicle_does_nothing(kind):
    """Those that act by an account of ketamine alone: test_accounts.py."""
    assert (kind()(AGENT).values() == AGENT.values()) == (kind is Vehicle)
    assert (kind()(AGENT) == AGENT) == (kind is Vehicle)


@given(
    st.permutations(
        [
            Ketamine(),
            Lesion(extent=0.5),
            Ketamine(dose_mg_per_kg=3.0),
            Vehicle(),
            Memantine(),
            KirLoss(shift=0.5),
            Ethosuximide(),
            DopamineAgonist(),
            OptogeneticBursts(),
        ]
    )
)
def test_order_does_not_matter(order):
    one = applied(order, HabenulaAgent, AGENT.values())
    other = applied(order[::-1], HabenulaAgent, AGENT.values())
    assert one == pytest.approx(other, rel=1e-12)
    assert one["habenula_output"] == 0.5


def test_what_leaves_a_range_stops_at_its_end():
    values = applied([DopamineAgonist(gain=0.8, hours_before=0)] * 3, HabenulaAgent, AGENT.values())
    assert values["dopamine_tone"] == 1.8


def test_values_of_many_subjects_are_scaled_together():
    values = applied([Lesion(extent=0.5)], HabenulaAgent, {"habenula_output": np.array([1.0, 0.8])})
    assert list(values["habenula_output"]) == [0.5, 0.4]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *itertools.combinations([OptogeneticBursts(), OptogeneticTonic(), OptogeneticInhibition()], 2),
        (KirLoss(), KirOverexpression()),
    ],
)
def test_an_overlap_without_meaning_is_refused(one, other):
    names = f"{type(one).__name__} and {type(other).__name__} cannot be in force together"
    assert contradiction([one, other]) == names
    assert contradiction([other, one])
    with pytest.raises(ValueError, match=names):
        applied([one, other], HabenulaAgent, AGENT.values())


def test_what_is_over_excludes_nothing():
    off = OptogeneticBursts(hours_before=2.0)
    assert contradiction([off, OptogeneticTonic()]) is None


@pytest.mark.parametrize(
    ("nothing", "other"),
    [
        (OptogeneticBursts(share=0.0), OptogeneticTonic()),
        (OptogeneticTonic(added_rate=0.0), OptogeneticInhibition()),
        (OptogeneticInhibition(share=0.0), OptogeneticBursts()),
        (KirLoss(shift=0.0), KirOverexpression()),
    ],
)
def test_what_changes_nothing_excludes_nothing(nothing, other):
    assert contradiction([nothing, other]) is contradiction([other, nothing]) is None
    assert applied([nothing, other], HabenulaAgent, AGENT.values()) == other(AGENT).values()


def test_a_subject_is_of_one_species():
    human = Ketamine(species="human", route="infusion", dose_mg_per_kg=0.5)
    why = "Ketamine is given to a mouse and Ketamine to a human: one subject cannot be both"
    assert contradiction([Ketamine(), Vehicle(), human]) == why
    assert contradiction([human, Memantine()]).startswith("Ketamine is given to a human and Memantine to a mouse")
    assert contradiction([human, human, Memantine(species="human"), Lesion()]) is None
    with pytest.raises(ValueError, match=why):
        applied([Ketamine(), human], HabenulaAgent, AGENT.values())


def test_an_agent_without_the_target_is_refused():
    with pytest.raises(ValueError, match="Ketamine acts on 'nmda', which HabenulaAgent does not have"):
        applied([Ketamine()], HabenulaAgent, {"habenula_output": 1.0})


def test_what_is_switched_off_at_this_moment_still_acts():
    assert DeepBrainStimulation(hours_before=1.0, duration_hours=1.0).on
