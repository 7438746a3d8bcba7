"""What was given, and lived through, when: nothing later changes what a drug did before."""

import itertools

import numpy as np
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.interventions import (
    AP5,
    DeepBrainStimulation,
    Ethosuximide,
    History,
    Ketamine,
    KirOverexpression,
    Lesion,
    Memantine,
    Muscimol,
    OptogeneticBursts,
    OptogeneticInhibition,
    OptogeneticTonic,
    PhaseExposure,
    applied,
    given,
    unblocked,
)

HELPLESS = HabenulaAgent(hyperactivity=1.0)


def block(*interventions, history=None, values=None):
    return 1.0 - applied(interventions, HabenulaAgent, values or HELPLESS.values(), history)["nmda"]


YESTERDAY = Ketamine(hours_before=24.0)


@pytest.mark.parametrize("now", [OptogeneticBursts(), Ethosuximide(hours_before=0), KirOverexpression(hours_before=0)])
def test_what_is_given_now_leaves_what_was_bound(now):
    assert block(YESTERDAY, now) == block(YESTERDAY)


def test_light_of_yesterday_counts_though_it_is_off():
    """With the drug there it adds block, in the night after it takes it away (Ma 2023)."""
    early = OptogeneticBursts(share=0.8, hours_before=24.0, duration_hours=0.25)
    late = OptogeneticBursts(share=0.8, hours_before=12.0, duration_hours=0.25)
    assert block(YESTERDAY, early) > 1.05 * block(YESTERDAY)
    assert block(YESTERDAY, late) < 0.5 * block(YESTERDAY)


@pytest.mark.parametrize(
    "silenced",
    [
        Muscimol(hours_before=1.5),
        Lesion(),
        DeepBrainStimulation(hours_before=1.5, duration_hours=2),
        OptogeneticInhibition(hours_before=1.5, duration_hours=2),
    ],
)
def test_a_silenced_habenula_binds_little(silenced):
    assert block(Ketamine(), silenced) < 0.15 * block(Ketamine())


def test_an_antagonist_in_glutamates_place_keeps_the_channel_shut():
    there = AP5(concentration_um=500.0, half_life_min=1e5, hours_before=1.5)
    kept_out = block(Ketamine(), there)
    bound = 1.0 - (1.0 - kept_out) / (1.0 - block(there))
    assert 0.0 < bound < 0.02 < block(Ketamine())


@pytest.mark.parametrize(
    "order", list(itertools.permutations([Ketamine(), OptogeneticBursts(), Memantine(), Lesion()]))
)
def test_one_after_the_other_is_all_at_once_in_any_order(order):
    agent = HELPLESS
    for intervention in order:
        agent = intervention(agent)
    assert agent == given(HELPLESS, order)
    assert agent.nmda == pytest.approx(given(HELPLESS, order[::-1]).nmda, rel=1e-12)


def test_two_doses_one_after_the_other_are_one_course():
    twice = Ketamine(hours_before=1.0)(Ketamine(hours_before=2.0)(HELPLESS))
    assert 1.0 - twice.nmda == block(Ketamine(hours_before=1.0), Ketamine(hours_before=2.0))


def test_what_cannot_be_together_is_refused_one_after_the_other_too():
    with pytest.raises(ValueError, match="cannot be in force together"):
        OptogeneticTonic()(OptogeneticBursts()(HELPLESS))


def test_going_on_from_what_was_bound_is_starting_over():
    """Doses day after day, looked at each day, or only at the end."""
    values = HELPLESS.values() | {"hyperactivity": np.array([0.0, 1.0, 1.67])}
    days = [24.0 * day for day in range(6)]
    looked, h = History(), np.array([0.5, 1.5, 2.0])
    for now in days:
        looked.now = now
        doses = [Ketamine(hours_before=now - then + 1.0) for then in days if then <= now]
        each = block(*doses, history=looked, values=values)
        looked.add(PhaseExposure(now, h))
    unseen = History(days[-1], [PhaseExposure(day, h) for day in days[:-1]])
    np.testing.assert_allclose(each, block(*doses, history=unseen, values=values), atol=1e-5)


def test_a_dose_told_later_is_not_forgotten():
    """A phase may be given a dose from before the phase that came before it."""
    history = History()
    block(Ketamine(hours_before=1.0), history=history)
    history.now = 24.0
    both = Ketamine(hours_before=25.0), Ketamine(hours_before=30.0)
    assert block(*both, history=history) == block(*both, history=History(24.0))


def test_what_the_habenula_does_in_a_phase_decides_what_binds():
    """A phase of an hour right after the injection, with the habenula silent, at rest, or in bursts."""
    dose = Ketamine(hours_before=1.0)

    def after(bursts, share=1.0):
        return block(dose, history=History(0.0, [PhaseExposure(-1.0, 1.0, 1.0, share, bursts)]))

    silent, rest, busy = after(0.0), after(None), after(0.6)
    assert silent < 0.2 * rest < rest < busy
    assert rest < after(0.6, share=0.5) < busy
    assert after(np.nan) == rest


def test_a_phase_is_over_when_the_next_begins():
    history = History(stays=[PhaseExposure(0.0, 1.0, 2.0, 0.25, 0.5)])
    history.add(PhaseExposure(1.0, 2.0))
    assert (history.stays[0].hours, history.stays[0].share) == (1.0, 0.5)
    assert history.hyperactivity(0.5, 0.0, 3.0) == 0.0 and history.hyperactivity(1.0, 0.0, 3.0) == 2.0
    assert history.phase(0.5) is history.stays[0] and history.phase(1.0) is None


def test_what_stress_added_recovers_between_phases_and_the_drug_sees_it():
    """Two days after a phase that left h at 2, with a time constant of 2 days: 0.5 + 1.5/e."""
    history = History(48.0, [PhaseExposure(0.0, 2.0)])
    assert history.hyperactivity(48.0, 0.5, 2.0) == pytest.approx(0.5 + 1.5 / np.e)
    assert {0.0, 6.0, 42.0} <= {*history.hours()} and max(history.hours()) < 48.0
    quick, slow = (HabenulaAgent(recovery_days=days).values() for days in (0.1, 1e4))
    bound = [
        block(YESTERDAY, history=History(48.0, [PhaseExposure(0.0, 2.0)]), values=values) for values in (quick, slow)
    ]
    assert bound[0] < 0.5 * bound[1]


def test_bursts_without_the_block_by_hand():
    values = HabenulaAgent(nmda=0.5, nmda_power=2.0, burst_drive=0.2).values()
    assert unblocked(0.2 + 0.8 * 0.25 * 0.4, values) == pytest.approx(0.4)
    assert np.isnan(unblocked(0.2, values | {"nmda": 0.0}))
