"""Ketamine and its like: doses and their units, who binds how much, repeated doses, and the subject's own past."""

import numpy as np
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.interventions import (
    MK801,
    Ethosuximide,
    History,
    InterventionContext,
    Ketamine,
    KirOverexpression,
    Memantine,
    OptogeneticBursts,
    OptogeneticTonic,
    PhaseExposure,
    applied,
    given,
    nmda,
)
from habenula_rl.pharmacology import drugs, occupancy
from habenula_rl.pharmacology import kinetics as pk


def free(interventions, h=1.0, history=None, **own):
    """NMDA receptors that are left, in subjects with this hyperactivity."""
    values = HabenulaAgent(**own).values() | {"hyperactivity": h}
    return applied(interventions, HabenulaAgent, values, history)["nmda"]


def been(*stays, now=0.0):
    """Subjects whose hyperactivity was this from so many hours ago on."""
    return History(now, [PhaseExposure(now - ago, hyperactivity) for ago, hyperactivity in stays])


def openings(*given, h=1.0):
    """P of free and of bound receptors, in a subject with this hyperactivity, now."""
    values = HabenulaAgent(hyperactivity=h).values()
    return nmda.openings(InterventionContext(HabenulaAgent, values, given, History()), 0.0)


def test_half_lives_in_plasma():
    minutes = {name: pk.half_life_min(drug) for name, drug in drugs.KETAMINE.dispositions.items()}
    assert minutes["mouse"] == pytest.approx(13.0, abs=0.05)
    assert 25 < minutes["rat"] < 60
    assert minutes["human"] == pytest.approx(180.0, rel=0.1)


def test_the_human_infusion_reaches_the_published_peak():
    """185 ng/ml, 0.78 µM (Zanos & Gould 2018, table 1)."""
    plasma = pk.infusion(drugs.KETAMINE.dispositions["human"], 0.5, 40.0)
    assert plasma(40 * 60.0) == pytest.approx(0.78, rel=0.1)


@pytest.mark.parametrize(("kind", "times"), [(Ketamine, 3.0), (MK801, 3.0), (Memantine, 1.8)])
def test_a_helpless_habenula_binds_more_than_a_healthy_one(kind, times):
    """Less so with memantine: what is untrapped does not ask whether channels open."""
    helpless, healthy = kind().block(1.0), kind().block(0.0)
    assert 1.0 > helpless > times * healthy > 0.0


def test_a_fifth_of_memantine_follows_the_concentration():
    """By hand: at h = 0 nearly nothing is trapped after one dose, so 0.2·C/(C + K), K = 0.53/(0.21·0.32) = 7.887 µM."""
    drug = Memantine(dose="0.29 mg/kg", species="human", hours_before=8.0)
    free = float(drug.course()(8 * 3600.0))
    trapped = drug.replace(untrapped=0.0).block(0.0)
    assert drug.blocker.affinity_um == pytest.approx(7.887, abs=0.001)
    assert drug.block(0.0) == pytest.approx(0.8 * trapped + 0.2 * free / (free + 7.887), rel=1e-3)
    gone = Memantine(hours_before=14.0 * 24.0)  # 95 half-lives in plasma: only what is trapped is left
    assert gone.block(1.0) == pytest.approx(0.8 * gone.replace(untrapped=0.0).block(1.0), rel=1e-9)
    assert 0.0 < gone.block(1.0)


def test_constants_are_those_of_their_papers():
    """Gilling 2009: ketamine 0.15 ± 0.05 and 0.22 ± 0.05 with an IC50 of 0.71, memantine 0.32 and 0.53."""
    ketamine, memantine = drugs.KETAMINE.blocker, drugs.MEMANTINE.blocker
    assert ketamine.k_off_per_s / ketamine.k_on_per_um_s == pytest.approx(0.71, abs=0.005)
    off = [(ketamine.k_on_per_um_s - 0.15) / 0.05, (ketamine.k_off_per_s - 0.22) / 0.05]
    assert np.abs(off).max() <= 1.51
    for k_on in np.linspace(0.15, 0.3, 151):  # no other rates with that quotient are nearer to the measured ones
        assert np.hypot(*off) <= np.hypot((k_on - 0.15) / 0.05, (0.71 * k_on - 0.22) / 0.05) + 1e-3
    assert (memantine.k_on_per_um_s, memantine.k_off_per_s, memantine.untrapped) == (0.32, 0.53, 0.2)
    assert (ketamine.untrapped, drugs.MK801.blocker.untrapped) == (0.0, 0.0)
    assert 2.0 < ketamine.affinity_um < 5.1  # beside magnesium at -30 and at -50 mV: a burst lies between


def test_the_clinic():
    """What people take holds a few per cent; ketamine's is gone in a week, memantine's steady block is no larger."""
    infusion = Ketamine(dose="0.5 mg/kg", species="human", route="infusion")
    hour, day, three, week = (infusion.replace(hours_before=hours).block(1.0) for hours in (1.0, 24.0, 72.0, 168.0))
    assert 0.15 > hour > day > three > week
    assert three < 0.2 * hour and week < 0.02 * hour
    daily = Memantine(dose="0.29 mg/kg", species="human")
    agent = HabenulaAgent(hyperactivity=1.0)
    steady = 1.0 - given(agent, [daily.replace(hours_before=24.0 * k + 8.0) for k in range(28)]).nmda
    assert steady < hour


def test_more_dose_more_block_and_none_without():
    blocks = [Ketamine(dose_mg_per_kg=dose).block(1.0) for dose in (0.0, 0.1, 1.0, 10.0, 30.0)]
    assert blocks[0] == 0.0
    assert (np.diff(blocks) > 0).all()


def test_the_block_outlasts_the_drug_and_halves_in_a_day():
    day, two = (Ketamine(hours_before=hours).block(1.0) for hours in (24.0, 48.0))
    assert Ketamine().course()(6 * 3600.0) < 1e-5
    assert two / day == pytest.approx(0.5 ** (86400 / 86443), rel=1e-3)


@pytest.mark.parametrize(
    ("written", "dose"), [("10 mg/kg", 10.0), ("500 ug/kg", 0.5), ("500µg/kg", 0.5), ("1e-2 g/kg", 10.0)]
)
def test_a_dose_with_its_unit(written, dose):
    assert Ketamine(dose=written) == Ketamine(dose_mg_per_kg=dose)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"dose": 10}, "dose needs its unit, as in '10 mg/kg'"),
        ({"dose": "10"}, "dose must be written as in '10 mg/kg': it has no unit in '10'"),
        ({"dose": "10 mg"}, "dose must be written as in '10 mg/kg': the unit 'mg' is not known in '10 mg'"),
        ({"dose": "-1 mg/kg"}, "dose must be a number and its unit, as in '10 mg/kg', not '-1 mg/kg'"),
        ({"dose": "2000 mg/kg"}, "dose_mg_per_kg must be between 0 and 1000, not 2000.0"),
        ({"dose": "1.2.3 mg/kg"}, "dose must be a number and its unit, as in '10 mg/kg', not '1.2.3 mg/kg'"),
        ({"dose": "5 mg/kg", "dose_mg_per_kg": 3}, "give dose or dose_mg_per_kg, not both"),
        ({"dose": "5 mg/kg", "dose_mg_per_kg": 10}, "give dose or dose_mg_per_kg, not both"),
        ({"infusion_min": 10}, "infusion_min is 10, but it belongs to route infusion, not to ip"),
        (
            {"clearance_l_per_h_per_kg": 0},
            "clearance_l_per_h_per_kg must be 0.01 to 100, or -1 for the drug's own, not 0",
        ),
        ({"free_share": -0.5}, "free_share must be 0 to 1, or -1 for the drug's own, not -0.5"),
        ({"free_share": 2}, "free_share must be between -1 and 1, not 2"),
        (
            {"route": "iv", "available_share": 0.5},
            "available_share is 0.5, but it belongs to routes with uptake (ip, sc, intranasal), not to iv",
        ),
        ({"exchange_l_per_h_per_kg": 1}, "peripheral_l_per_kg must be above 0 and finite, not 0.0"),
        ({"peripheral_l_per_kg": 3}, "peripheral_l_per_kg is 3, but exchange_l_per_h_per_kg is 0: nothing gets there"),
        ({"dose_mg_per_kg": "10 mg/kg"}, "dose_mg_per_kg must be a number, not '10 mg/kg'"),
        ({"dose_mg_per_kg": float("inf")}, "dose_mg_per_kg must be finite, not inf"),
        ({"hours_before": -1}, "hours_before must be between 0 and 1e+06, not -1"),
        (
            {"route": "nasal"},
            "route must be iv, infusion, ip, sc or intranasal, not 'nasal', did you mean 'intranasal'?",
        ),
        ({"species": 3}, "species must be mouse, rat or human, not 3"),
    ],
)
def test_bad_doses_are_refused(values, message):
    with pytest.raises(ValueError) as caught:
        Ketamine(**values)
    assert str(caught.value) == f"Ketamine: {message}"


def test_a_species_without_kinetics_is_refused():
    """The sentence names what has to be given, and no more than that."""
    none = "MK801: there are no kinetics of MK-801 for rat, only for mouse: give"
    uptake = "absorption_half_life_min and available_share"
    with pytest.raises(ValueError) as caught:
        MK801(species="rat")
    assert str(caught.value) == f"{none} volume_l_per_kg, clearance_l_per_h_per_kg, {uptake}"
    with pytest.raises(ValueError) as caught:
        MK801(species="rat", route="iv", volume_l_per_kg=10)
    assert str(caught.value) == f"{none} clearance_l_per_h_per_kg"


def test_own_kinetics_make_a_species_that_the_drug_does_not_know():
    """Given as the mouse's they are the mouse's, and one of two compartments is as that of the formula."""
    mouse = {"volume_l_per_kg": 25, "clearance_l_per_h_per_kg": 19.3}
    uptake = {"absorption_half_life_min": 5, "available_share": 0.67}
    assert MK801(species="rat", **mouse, **uptake).block(1.0) == MK801().block(1.0)
    two = MK801(species="rat", route="iv", **mouse, peripheral_l_per_kg=3.0, exchange_l_per_h_per_kg=1.6)
    plasma = pk.bolus(pk.Disposition(221.30, 25.0, 19.3, 3.0, 1.6), 0.1)
    assert two.course()(600.0) == pk.effect_site(plasma, 0.4, 1.0, 5.0)(600.0)


@pytest.mark.parametrize(
    ("values", "ratio"),
    [
        ({"free_share": 0.93}, 2.0),
        ({"available_share": 0.3}, 0.5),
        ({"volume_l_per_kg": 6.0, "clearance_l_per_h_per_kg": 19.2}, 0.5),
    ],
)
def test_each_given_number_stands_in_the_place_of_the_drugs_own(values, ratio):
    times = np.array([60.0, 600.0, 3600.0])
    np.testing.assert_allclose(Ketamine(**values).course()(times), ratio * Ketamine().course()(times))


def test_the_area_is_that_of_the_given_clearance_and_the_ways_have_their_half_lives():
    def area(**values):
        return Ketamine(**values).course().integral(1e9)

    slow = {"absorption_half_life_min": 20.0, "equilibration_half_life_min": 30.0}
    assert area(clearance_l_per_h_per_kg=4.8) == pytest.approx(2 * area())
    assert area(**slow) == pytest.approx(area())
    rates = Ketamine(**slow).course().rate_per_s
    assert np.isclose(np.log(2) / 1200, rates).any()
    assert np.isclose(np.log(2) / 1800, rates).any()
    one = Ketamine(species="human", route="iv", exchange_l_per_h_per_kg=0)
    assert np.isclose(1.36 / 1.5 / 3600, one.course().rate_per_s).any()


@pytest.mark.parametrize("values", [{}, *({name: least} for name, (*_, least, most) in drugs.SETTABLE.items())])
def test_the_ends_of_the_ranges_run(values):
    ends = {name: most for name, (*_, most) in drugs.SETTABLE.items()} | values
    for route in ("ip", "infusion"):
        fits = {name: v for name, v in ends.items() if route == "ip" or name not in drugs.TAKEN_UP}
        if not fits["exchange_l_per_h_per_kg"]:
            fits["peripheral_l_per_kg"] = -1
        if fits["peripheral_l_per_kg"] != 0:
            assert 0.0 <= Ketamine(route=route, **fits).block(1.0) <= 1.0


def test_a_dose_is_replaced_by_a_written_one_or_by_a_number():
    low = Ketamine(dose="5 mg/kg", hours_before=3.0)
    high = Ketamine(dose="20 mg/kg", hours_before=3.0)
    assert low.replace(dose="20 mg/kg") == low.replace(dose_mg_per_kg=20) == high
    assert low.replace(dose="") == low.replace(route="ip") == low
    with pytest.raises(ValueError, match="not both"):
        low.replace(dose="20 mg/kg", dose_mg_per_kg=5)


def test_doses_of_one_drug_are_one_course():
    """Two at once are one of both; a day apart the second finds what the first has left."""
    assert free([Ketamine(dose_mg_per_kg=4), Ketamine(dose_mg_per_kg=6)]) == pytest.approx(free([Ketamine()]))
    twice = 1.0 - free([Ketamine(hours_before=25), Ketamine()])
    assert Ketamine().block(1.0) < twice < Ketamine().block(1.0) + Ketamine(hours_before=25).block(1.0)


def test_different_drugs_multiply():
    assert free([Ketamine(), Memantine()]) == pytest.approx(free([Ketamine()]) * free([Memantine()]))


def test_what_else_is_done_to_the_habenula_decides_what_binds():
    alone = free([Ketamine()])
    assert free([Ketamine(), KirOverexpression()]) < alone < free([Ketamine(), Ethosuximide()])
    np.testing.assert_allclose(free([Ketamine(), KirOverexpression(shift=1.0)], h=0.0), alone)


def test_light_while_the_drug_is_there_adds_block_and_later_takes_it_away():
    """Ma et al. 2023 lengthened or shortened ketamine's effect by stimulating the habenula early or late."""
    course, drug = Ketamine().course(), Ketamine().blocker
    dark, light = openings(), openings(OptogeneticBursts(share=0.8))

    def after(*stretches):
        level, times = np.zeros(1), np.array([0.0, 600.0, 4 * 3600.0, 4.25 * 3600.0, 86400.0])
        for opening, begin, end in zip(stretches, times[:-1], times[1:], strict=True):
            level = occupancy.trapped(level, *opening, course, drug, begin, end)
        return level[0]

    never = after(dark, dark, dark, dark)
    assert after(light, dark, dark, dark) > 1.05 * never
    assert after(dark, dark, light, dark) < 0.5 * never


def test_the_past_decides_not_the_trait():
    """Hyperactive when the drug was given, or only afterwards; what stress added recovers within days in between."""
    given, later = Ketamine(hours_before=4.0), np.array([1.5, 0.0])
    past = 30.0, np.array([1.5, 0.0])
    lasting = free([given], 0.0, been(past), recovery_days=1e4)
    np.testing.assert_allclose(lasting, [free([given], 1.5), free([given], 0.0)], rtol=1e-3)
    assert lasting[0] < free([given], 0.0, been(past))[0] < free([given], 0.0)
    np.testing.assert_allclose(free([given], 0.0, been((1.0, later))), free([given], 0.0), atol=0.01)
    np.testing.assert_allclose(free([given], np.array([1.5, 1.5]), been((1.0, later)))[0], free([given], 1.5))


def test_traits_drawn_for_each_subject():
    many = free([Ketamine()], np.array([0.0, 1.0]))
    np.testing.assert_allclose(many, [1 - Ketamine().block(h) for h in (0.0, 1.0)])


def test_more_drug_in_the_brain_binds_more():
    assert Ketamine(unbound_ratio=3.0).course()(600.0) == pytest.approx(3 * Ketamine(unbound_ratio=1.0).course()(600.0))
    assert Ketamine(unbound_ratio=3.0).block(1.0) > Ketamine().block(1.0)


def test_single_spikes_open_bound_receptors_too():
    assert openings(OptogeneticTonic(added_rate=0.5))[1] == pytest.approx(1.5 * openings()[1])
