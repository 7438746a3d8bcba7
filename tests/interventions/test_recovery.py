"""What recovers when: tonic dopamine and serotonin with the block, what was learned only by new experience."""

import copy

import numpy as np
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.engine.population import Subjects
from habenula_rl.interventions import History, Ketamine, PhaseExposure, Vehicle, applied
from habenula_rl.tasks import ShuttleBox

BOX = ShuttleBox(max_shock_s=10, cost=0.3, effort=0.1)
ANIMAL = HabenulaAgent(  # what helplessness and its memory depend on
    burst_threshold=2.24,
    burst_slope=0.994,
    burst_gain=1.0,
    dopamine_half=0.162,
    dopamine_slope=0.032,
    value_rate=0.5,
    trace_rate=0.28,
    trace_leak=0.008,
    beta=3.4,
    vigour=12.7,
    reflex_go=3.5,
    pavlovian=3.2,
    control_prior=0.45,
    control_loss=8e-5,
    growth=0.345,
    hyperactivity_max=1.8,
)
SOON, GONE = Ketamine(dose_mg_per_kg=25.0, hours_before=1.0), Ketamine(dose_mg_per_kg=25.0, hours_before=24.0 * 14)


@pytest.fixture(scope="module")
def shocked():
    """Animals after ten inescapable shocks in the box, where they will be tested."""
    subjects = Subjects(ANIMAL.replace(hyperactivity=0.5), {"box": BOX}, n=200, seed=5)
    subjects.run(BOX.replace(escapable=False, durations_s=[3.0]), 10, context="box")
    return subjects


def after(subjects, given, trials):
    """The animals after as many trials under what was given, and the steps recorded."""
    animals = copy.deepcopy(subjects)
    past = History(0.0, [PhaseExposure(-given.hours_before, subjects.state["hyperactivity"].copy())])
    animals.set_parameters(applied([given], HabenulaAgent, ANIMAL.values(), past))
    return animals, animals.run(BOX, trials, context="box", stream=trials).rows


def first(rows, name):
    """A signal of each animal's first step."""
    return rows[(rows["trial"] == 0) & (rows["step"] == 0)][name]


def failures(rows):
    """Shocks that ran their full length, of all shocks."""
    ends = rows[(rows["terminated"] == 1) | (rows["truncated"] == 1)]
    return float(np.mean(ends["terminated"] == 0))


def test_the_level_of_dopamine_and_serotonin_goes_with_the_block(shocked):
    levels = {}
    for name, given in {"vehicle": Vehicle(), "soon": SOON, "gone": GONE}.items():
        _, rows = after(shocked, given, 1)
        levels[name] = np.array([first(rows, "tonic_dopamine").mean(), first(rows, "serotonin").mean()])
    assert (levels["soon"] > 1.2 * levels["vehicle"]).all()
    np.testing.assert_allclose(levels["gone"], levels["vehicle"], rtol=0.02)


def test_what_was_learned_recovers_only_by_new_experience(shocked):
    """The drug changes no memory. Trials under it do: the next dose finds animals that escape sooner."""
    untouched = copy.deepcopy(shocked)
    untouched.set_parameters(applied([SOON], HabenulaAgent, ANIMAL.values()))
    for name in ("value", "go", "nogo", "control"):
        assert (untouched.state[name] == shocked.state[name]).all()
    taught, _ = after(shocked, SOON, 12)
    _, again = after(taught, SOON, 3)
    _, at_first = after(shocked, SOON, 3)
    assert len(again) < 0.9 * len(at_first)  # seconds until they escape, over the same three trials


def test_state_without_the_drug_hides_what_was_learned(shocked):
    """A prediction: when the block has gone, animals that escaped under it fail again, though they remember."""
    taught, under = after(shocked, SOON, 12)
    _, relapsed = after(taught, GONE, 3)
    assert failures(relapsed) > failures(under) + 0.1
