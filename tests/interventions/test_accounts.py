"""Accounts of ketamine: which drugs act in which of them, by hand and as the published table has it."""

import itertools
import math

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.agents import HabenulaAgent, QLearning
from habenula_rl.config.study import load_study
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.interventions import (
    HNK,
    INTERVENTIONS,
    NBQX,
    Account,
    AmpaPlasticity,
    DirectOpioid,
    HabenulaBlock,
    Ketamine,
    Memantine,
    Morphine,
    Naltrexone,
    NmdaElsewhere,
    PermissiveOpioid,
    Rapamycin,
    Vehicle,
    given,
)

AGENT = HabenulaAgent(hyperactivity=1.0)
ACCOUNTS = (HabenulaBlock, PermissiveOpioid, DirectOpioid, AmpaPlasticity, NmdaElsewhere)
BLOCKERS = (Naltrexone, NBQX, Rapamycin)


def effect(account, *drugs):
    """How far the account's parameter is from where it is without drugs, as a fraction of that."""
    (name,) = account.targets
    treated = given(AGENT, [account, *drugs])
    changed = {key for key, value in treated.values().items() if value != getattr(AGENT, key)}
    assert changed <= {name}
    return abs(getattr(treated, name) / getattr(AGENT, name) - 1.0)


def test_all_accounts_are_here():
    assert {*ACCOUNTS} == {kind for kind in INTERVENTIONS.values() if issubclass(kind, Account)}


@pytest.mark.parametrize("hours", [0.5, 24.0, 168.0])
def test_the_habenula_account_is_what_holds_without_one(hours):
    drug = Ketamine(hours_before=hours)
    assert given(AGENT, [HabenulaBlock(), drug]).nmda == drug(AGENT).nmda


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_alone_and_with_a_vehicle_changes_nothing(account):
    assert effect(account()) == 0.0
    assert effect(account(), Vehicle()) == 0.0


@pytest.mark.parametrize("drug", [kind for kind in INTERVENTIONS.values() if kind.by_account])
def test_a_drug_without_an_account_is_refused(drug):
    names = ", ".join(sorted(kind.__name__ for kind in ACCOUNTS))
    with pytest.raises(ValueError, match=f"what {drug.__name__} does depends on the account of ketamine: .*{names}"):
        drug()(AGENT)
    assert drug()(DirectOpioid()(AGENT)).interventions
    nothing = {"block": 0.0} if drug is Rapamycin else {"dose_mg_per_kg": 0.0}
    assert drug(**nothing)(AGENT) == AGENT


def test_a_config_is_refused_with_the_place(tmp_path):
    config = tmp_path / "mine.yaml"
    config.write_text(
        "study: mine\nseed: 1\ngroups:\n  a: {n: 8, interventions: [naltrexone: {}]}\n"
        "phases:\n  - {name: test, task: ShuttleBox, trials: 2}\n"
    )
    with pytest.raises(ValueError, match=r"mine.yaml:4:.*what Naltrexone does depends on the account"):
        load_study(config)
    config.write_text(config.read_text().replace("[naltrexone", "[direct_opioid: {}, naltrexone"))
    load_study(config)


HALF, DAY, WEEK = 0.5, 24.0, 168.0
YES, NO = (0.1, 1.01), (0.0, 0.03)  # of its parameter; a block of .2 of the receptors ends much
TABLE = {  # design: what each account implies 30 min and 24 h after the drug, blockers half an hour before it
    HabenulaBlock: {"ketamine": (YES, YES), "naltrexone": (YES, YES), "nbqx": (YES, YES), "rapamycin": (YES, YES)},
    PermissiveOpioid: {"ketamine": (YES, YES), "naltrexone": (NO, YES), "nbqx": (YES, YES), "rapamycin": (YES, YES)},
    DirectOpioid: {"ketamine": (YES, NO), "naltrexone": (NO, NO), "nbqx": (YES, NO), "rapamycin": (YES, NO)},
    AmpaPlasticity: {"ketamine": (YES, YES), "naltrexone": (YES, YES), "rapamycin": (YES, (0.0, 0.2))},
    NmdaElsewhere: {"ketamine": (YES, NO), "naltrexone": (YES, NO), "nbqx": (YES, NO), "rapamycin": (YES, NO)},
}
OTHERS = {  # 30 min after another drug
    HabenulaBlock: {HNK: NO, Memantine: YES, Morphine: NO},
    PermissiveOpioid: {HNK: NO, Memantine: YES, Morphine: NO},
    DirectOpioid: {HNK: NO, Memantine: NO, Morphine: YES},
    AmpaPlasticity: {HNK: YES, Memantine: NO, Morphine: NO},
    NmdaElsewhere: {HNK: NO, Memantine: YES, Morphine: NO},
}


@pytest.mark.parametrize(("account", "drug"), [(a, d) for a in TABLE for d in TABLE[a]])
def test_what_each_account_implies(account, drug):
    for hours, (low, high) in zip((HALF, DAY), TABLE[account][drug], strict=True):
        before = [] if drug == "ketamine" else [INTERVENTIONS[drug](hours_before=hours + 0.5)]
        assert low <= effect(account(), Ketamine(hours_before=hours), *before) <= high


@pytest.mark.parametrize(("account", "drug"), [(a, d) for a in OTHERS for d in OTHERS[a]])
def test_what_other_drugs_do_in_each_account(account, drug):
    low, high = OTHERS[account][drug]
    assert low <= effect(account(), drug(hours_before=HALF)) <= high


def test_new_synapses_last_longer_than_what_blocks_the_habenula():
    habenula, plasticity = (
        effect(account, Ketamine(hours_before=WEEK)) / effect(account, Ketamine(hours_before=DAY))
        for account in (HabenulaBlock(), AmpaPlasticity())
    )
    assert plasticity > 0.2 > habenula


@settings(deadline=None)
@examples(
    account=st.sampled_from(ACCOUNTS),
    blocker=st.sampled_from(BLOCKERS),
    hours=st.floats(0.0, 200.0),
    lead=st.floats(0.0, 5.0),
)
def test_no_blocker_adds_to_ketamine(account, blocker, hours, lead):
    """Property: whatever the account and the times, with a blocker the effect is the same or less."""
    alone = effect(account(), Ketamine(hours_before=hours))
    assert effect(account(), Ketamine(hours_before=hours), blocker(hours_before=hours + lead)) <= alone + 1e-12


def test_nbqx_at_the_test_hides_what_synapses_do():
    """Given 24 h after ketamine it cannot touch what was made, only what is heard: 1 - x / (1 + x) of it, x = 10."""
    alone = effect(AmpaPlasticity(gain=0.5), Ketamine(hours_before=24.0))
    hidden = effect(AmpaPlasticity(gain=0.5), Ketamine(hours_before=24.0), NBQX(hours_before=0.0))
    assert hidden == pytest.approx(alone / 11.0)
    assert effect(AmpaPlasticity(gain=0.5), Ketamine(hours_before=24.0), NBQX(hours_before=12.0)) == pytest.approx(
        alone, rel=1e-3
    )


def test_direct_opioid_by_hand():
    """20 mg/kg where 10 activate half: x = 2 after no time; beside naltrexone at y = 3 it holds 2 / 6 of κ = .6."""
    account, drug = DirectOpioid(reach=0.6), Morphine(dose="20 mg/kg", half_dose_mg_per_kg=10.0, hours_before=0.0)
    assert effect(account, drug) == pytest.approx(0.6 * 2.0 / 3.0)
    blocker = Naltrexone(dose_mg_per_kg=0.15, hours_before=0.0)
    assert effect(account, drug, blocker) == pytest.approx(0.6 * 2.0 / 6.0)


def test_naltrexone_in_people_is_as_it_was_measured():
    """50 mg hold 92 to 98 % of µ receptors, 5 mg 43 to 58 (Trøstheim 2022); half-time 72 to 108 h (Lee 1988)."""

    def held(mg, hours):
        x = Naltrexone(dose_mg_per_kg=mg / 70.0, species="human", hours_before=hours).x()
        return x / (1.0 + x)

    assert 0.92 <= held(50.0, 1.0) <= 0.98
    assert 0.43 <= held(5.0, 1.0) <= 0.6
    assert held(50.0, 72.0) > held(50.0, 0.0) / 2.0 > held(50.0, 108.0)


def test_species_doses_and_numbers_are_checked():
    with pytest.raises(ValueError, match="one subject cannot be both"):
        given(AGENT, [DirectOpioid(), Ketamine(species="human"), Naltrexone(species="rat")])
    with pytest.raises(ValueError, match="half_life_hours must be above 0"):
        Naltrexone(half_life_hours=0.0)
    with pytest.raises(ValueError, match="give dose or dose_mg_per_kg, not both"):
        NBQX(dose="1 mg/kg", dose_mg_per_kg=1.0)
    with pytest.raises(ValueError, match="HNK: dose must be written as in '10 mg/kg'"):
        HNK(dose="10 g")
    assert Naltrexone(dose="1 mg/kg").dose_mg_per_kg == 1.0
    assert Naltrexone(species="rat").half_life == 8.0
    assert Naltrexone(half_life_hours=3.0).half_life == 3.0


def test_accounts_together():
    """Two that act through different parameters both act; two readings of the habenula exclude each other."""
    both = given(AGENT, [HabenulaBlock(), DirectOpioid(), Ketamine()])
    assert both.nmda == Ketamine()(AGENT).nmda and both.habenula_output < 1.0
    with pytest.raises(ValueError, match="HabenulaBlock and PermissiveOpioid cannot be in force together"):
        given(AGENT, [HabenulaBlock(), PermissiveOpioid()])
    twice = given(AGENT, [DirectOpioid(), DirectOpioid(hours_before=3.0), Ketamine()])
    assert twice.habenula_output == given(AGENT, [DirectOpioid(), Ketamine()]).habenula_output
    with pytest.raises(ValueError, match="DirectOpioid is given with two sets of numbers"):
        given(AGENT, [DirectOpioid(), DirectOpioid(reach=0.1), Ketamine()])


def test_order_does_not_matter():
    parts = [AmpaPlasticity(), Ketamine(), NBQX(), Rapamycin()]
    values = {given(AGENT, list(order)).vigour for order in itertools.permutations(parts)}
    assert len(values) == 1


@pytest.mark.parametrize("drug", [Ketamine, HNK])
@pytest.mark.parametrize("account", [HabenulaBlock, PermissiveOpioid, DirectOpioid, AmpaPlasticity, NmdaElsewhere])
def test_a_dose_in_parts_at_one_time_is_one_dose(account, drug):
    gain = {"gain": 0.1} if account is AmpaPlasticity else {}
    for hours in (0.5, 24.0):
        whole = given(AGENT, [account(**gain), drug(dose_mg_per_kg=10.0, hours_before=hours)]).values()
        parts = [drug(dose_mg_per_kg=dose, hours_before=hours) for dose in (1.0, 2.0, 3.0, 4.0)]
        assert given(AGENT, [account(**gain), *parts]).values() == pytest.approx(whole, rel=1e-9)


def test_doses_that_raise_throughput_by_hand():
    """3 mg/kg hold half, .5; an hour later .25 is left, as by 1 mg/kg, so that 3 more come to 4 / 7."""
    account = AmpaPlasticity(gain=0.1, rise_hours=1e5, fall_hours=1e5)  # no synapses to speak of
    both = [Ketamine(dose_mg_per_kg=3.0, hours_before=1.0), HNK(dose_mg_per_kg=3.0, hours_before=0.0)]
    assert effect(account, *both) == pytest.approx(0.1 * 4.0 / 7.0, rel=1e-4)
    far = [HNK(dose_mg_per_kg=3.0, hours_before=hours) for hours in (24.0, 48.0)]
    apart = [effect(AmpaPlasticity(gain=0.1), dose) for dose in far]
    assert effect(AmpaPlasticity(gain=0.1), *far) == pytest.approx(sum(apart), rel=1e-6)


def test_rapamycin_a_time_constant_after_ketamine_leaves_what_was_signalled_by_then():
    """Synapses are made with the time constant rise_hours: 1 - 1/e of the signal is over when it has passed."""
    account, dose = AmpaPlasticity(gain=0.1, rise_hours=2.0), Ketamine(hours_before=24.0)  # the surge is over
    late = Rapamycin(block=1.0, hours_before=22.0, half_life_hours=1e3)
    assert effect(account, dose, late) / effect(account, dose) == pytest.approx(1.0 - 1.0 / math.e, abs=2e-3)


def test_an_agent_without_the_parameter_is_refused_by_name():
    with pytest.raises(ValueError, match="AmpaPlasticity acts on 'vigour', which QLearning does not have"):
        given(QLearning(), [AmpaPlasticity(), HNK()])


@pytest.mark.parametrize("account", [DirectOpioid, AmpaPlasticity, NmdaElsewhere])
def test_in_other_accounts_receptors_blocked_in_the_habenula_are_not_heard(account):
    assert given(AGENT, [account(), Ketamine()]).nmda == 1.0


def test_an_account_holds_through_the_phases_of_a_study(tmp_path):
    """Naltrexone before ketamine keeps its block unheard in the first phase; a day later, gone, it does so no more."""
    rest = {"task": "SucrosePreference", "trials": 1, "parameters": {"free": True, "delivery": 0, "effort": 0}}
    given_to = {"vehicle": [], "free": [{"ketamine": {}}], "blocked": [{"ketamine": {}}, {"naltrexone": {}}]}
    study = {
        "study": "two_days",
        "seed": 1,
        "record": ["burst"],
        "groups": {
            name: {"n": 8, "parameters": {"hyperactivity": 1.0}, "interventions": [{"permissive_opioid": {}}, *drugs]}
            for name, drugs in given_to.items()
        },
        "phases": [{"name": "first"} | rest, {"name": "second", "gap_hours": 24} | rest],
    }
    trials = load_trials(hrl.run(study, tmp_path, figure=False, summary=False))
    bursts = trials.groupby(["phase", "group"], observed=True)["burst"].mean()
    none, free, blocked = (bursts["first"][name] for name in given_to)
    assert free < 0.8 * none and blocked == pytest.approx(none, rel=0.01)
    none, free, blocked = (bursts["second"][name] for name in given_to)
    assert free < 0.95 * none and blocked == pytest.approx(free, rel=0.01)
