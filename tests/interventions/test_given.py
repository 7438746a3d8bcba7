"""What an agent was given acts on the subject that is simulated, is seen on it, and counts as often as it was given."""

import copy
import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.agents import HabenulaAgent, QLearning
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.contract import parameter
from habenula_rl.engine.population import Subjects
from habenula_rl.experiment.units import Unit, run_phases
from habenula_rl.interventions import (
    AP5,
    DeepBrainStimulation,
    Given,
    Ketamine,
    KirOverexpression,
    Lesion,
    Memantine,
    OptogeneticBursts,
    Vehicle,
    applied,
    given,
)
from habenula_rl.tasks import ShuttleBox

HEALTHY, HELPLESS = HabenulaAgent(), HabenulaAgent(hyperactivity=1.0)
DRUG = Ketamine(dose_mg_per_kg=10.0)
LEVELS = np.array([0.0, 0.5, 1.0, 1.67])


def bound(agent, **own):
    """The open receptors of subjects of that agent."""
    n = max([np.size(value) for value in own.values()] or [1])
    return Subjects(agent, {"box": ShuttleBox()}, n=n, seed=1, parameters=own).parameters["nmda"]


def failing(agent, **settings):
    run = hrl.simulate(agent, ShuttleBox(), n_subjects=60, n_trials=30, seed=1, **settings)
    return run.subjects


def test_a_swept_parameter_is_the_subjects_and_the_drug_acts_on_it():
    """Issue 11, A1: with h = 1 by `parameters` it failed 74 % of trials, with h = 1 on the agent none."""
    swept = failing(DRUG(HEALTHY), parameters={"hyperactivity": np.full(60, 1.0)})
    own = failing(DRUG(HELPLESS))
    assert swept.equals(own)
    assert swept.equals(failing(DRUG(HEALTHY).replace(hyperactivity=1.0)))
    assert swept["terminated"].mean() > failing(HELPLESS)["terminated"].mean() + 1.0  # of 30 trials: it does act


def test_each_subject_of_a_sweep_has_the_block_of_its_own():
    animal = HabenulaAgent(burst_threshold=1.88, burst_slope=0.725)  # 7 and 23 % of it bursts at 0 and 1: Yang 2018
    alone = [DRUG(animal.replace(hyperactivity=h)).nmda for h in LEVELS]
    assert list(bound(DRUG(animal), hyperactivity=LEVELS)) == alone
    assert alone == sorted(alone, reverse=True) and alone[0] > 0.9 and alone[-1] < 0.75


def test_a_config_a_sweep_and_an_agent_give_one_block(tmp_path):
    (tmp_path / "ways.yaml").write_text("""
study: ways
description: one dose in subjects that differ
seed: 3
groups:
  mice:
    n: 5
    parameters: {hyperactivity: {uniform: {low: 0, high: 2}}, burst_slope: 0.8}
    interventions: [ketamine: {}, lesion: {extent: 0.2}]
phases:
  - {name: test, task: ShuttleBox, trials: 2}
""")
    plan = plan_of(load_study(tmp_path / "ways.yaml"))
    (passed,) = run_phases(plan, Unit("mice", 0, 5))
    config = passed.subjects.parameters
    agent = given(HabenulaAgent(burst_slope=0.8), [Ketamine(), Lesion(extent=0.2)])
    traits = plan.groups["mice"].parameters(0, 5)["hyperactivity"]
    np.testing.assert_array_equal(config["nmda"], bound(agent, hyperactivity=traits))
    assert [agent.replace(hyperactivity=h).nmda for h in traits] == list(config["nmda"])


def test_a_live_agent_is_the_subject_of_the_same_number():
    import gymnasium

    treated = DRUG(HEALTHY).replace(hyperactivity=1.0)
    env = gymnasium.make("habenula_rl/ShuttleBox-v0")
    live = hrl.LiveAgent(treated, env.observation_space, env.action_space)
    assert live._parameters["nmda"][0] == treated.nmda == bound(DRUG(HEALTHY), hyperactivity=1.0)[0]


def test_the_likelihood_is_of_the_subject_under_the_drug():
    """The probability of an animal's own choices, from its agent and by `parameters`; by beta alone a derivative."""
    task, treated = hrl.tasks.SucrosePreference(), DRUG(HEALTHY)
    h = np.array([0.0, 1.0, 1.67])
    trials = hrl.simulate(treated, task, n_subjects=3, n_trials=40, seed=1, parameters={"hyperactivity": h}).trials
    by_parameter = hrl.log_likelihood(treated, trials, task, parameters={"hyperactivity": h})
    alone = [
        hrl.log_likelihood(treated.replace(hyperactivity=level), trials, task).iloc[i] for i, level in enumerate(h)
    ]
    assert list(by_parameter) == alone
    assert list(by_parameter) != list(hrl.log_likelihood(HEALTHY, trials, task, parameters={"hyperactivity": h}))
    slope = hrl.log_likelihood_gradient(treated, trials, ["beta"], task, parameters={"hyperactivity": h})["beta"]
    step = 1e-5
    up, down = (
        hrl.log_likelihood(treated, trials, task, parameters={"hyperactivity": h, "beta": HEALTHY.beta + d})
        for d in (step, -step)
    )
    assert list(slope) == pytest.approx(list((up - down) / (2 * step)), rel=1e-6)
    assert {"nmda", "hyperactivity"}.isdisjoint(hrl.log_likelihood_gradient(treated, trials, task=task).columns)
    why = "HabenulaAgent: there is no derivative by hyperactivity: Ketamine, which the agent was given, acts on it"
    with pytest.raises(ValueError, match=why):
        hrl.log_likelihood_gradient(treated, trials, ["hyperactivity"], task)


def test_shifts_and_factors_act_on_what_is_swept():
    virus = KirOverexpression(shift=0.5)(Lesion(extent=0.5)(HEALTHY))
    swept = virus.in_force({"hyperpolarisation": np.array([0.0, 1.0]), "habenula_output": 0.8})
    assert list(swept["hyperpolarisation"]) == [0.5, 1.5] and swept["habenula_output"] == 0.4


# doses


@settings(deadline=None, max_examples=30)
@cases(
    st.sampled_from([Ketamine, Memantine, hrl.interventions.MK801]),
    st.integers(2, 6),
    st.floats(0.05, 20.0),
    st.floats(0.0, 30.0),
    st.floats(-1.0, 2.0),
)
def test_n_equal_doses_at_one_time_are_one_n_fold_dose(drug, n, dose, hours, h):
    animal = HabenulaAgent(hyperactivity=h)
    many = given(animal, [drug(dose_mg_per_kg=dose, hours_before=hours)] * n)
    assert many.nmda == pytest.approx(drug(dose_mg_per_kg=n * dose, hours_before=hours)(animal).nmda, rel=1e-9)


@settings(deadline=None, max_examples=30)
@cases(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6), st.permutations(range(6)))
def test_splitting_a_dose_at_one_time_changes_nothing(parts, order):
    shares = [part / math.fsum(parts) for part in parts]
    order = [i for i in order if i < len(parts)]
    agent = HELPLESS
    for i in order:
        agent = Ketamine(dose_mg_per_kg=10.0 * shares[i])(agent)
    assert agent.nmda == pytest.approx(DRUG(HELPLESS).nmda, rel=1e-9)


def test_the_same_dose_twice_counts_twice():
    once, twice, double = DRUG(HELPLESS), DRUG(DRUG(HELPLESS)), Ketamine(dose_mg_per_kg=20.0)(HELPLESS)
    assert twice.nmda == pytest.approx(double.nmda, rel=1e-12)
    assert double.nmda < once.nmda**1.5


def test_the_same_dose_twice_in_a_config_counts_twice(tmp_path):
    def nmda(*entries):
        listed = ", ".join(f"ketamine: {{dose_mg_per_kg: {dose}}}" for dose in entries)
        (tmp_path / "doses.yaml").write_text(f"""
study: doses
description: doses at one time
seed: 3
groups: {{mice: {{n: 1, parameters: {{hyperactivity: 1.0}}, interventions: [{listed}]}}}}
phases: [{{name: test, task: ShuttleBox, trials: 1}}]
""")
        (passed,) = run_phases(plan_of(load_study(tmp_path / "doses.yaml")), Unit("mice", 0, 1))
        return passed.subjects.parameters["nmda"][0]

    assert nmda(10, 10) == pytest.approx(nmda(20), rel=1e-12) and nmda(20) < 0.85 * nmda(10)
    assert nmda(10, 10) == DRUG(DRUG(HELPLESS)).nmda


def test_infusions_of_an_antagonist_add_up():
    assert AP5()(AP5()(HELPLESS)).nmda == pytest.approx(AP5(concentration_um=100.0)(HELPLESS).nmda)


# what an agent is


def test_equal_agents_have_equal_futures():
    """Issue 11, A3: equal by == and unequal after the next dose, .586 against .527."""
    treated = DRUG(HELPLESS)
    again = treated.replace(beta=treated.beta)
    assert again == treated and hash(again) == hash(treated)
    assert DRUG(again) == DRUG(treated) and DRUG(again).nmda == DRUG(treated).nmda
    lookalike = HELPLESS.replace(nmda=treated.nmda)
    assert lookalike.values() == treated.values() and lookalike != treated


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        lambda agent: pickle.loads(pickle.dumps(agent)),
        lambda agent: agent.replace(),
        dataclasses.replace,
        lambda agent: given(agent.untreated, agent.interventions),
        lambda agent: eval(repr(agent), vars(hrl.interventions) | {"HabenulaAgent": HabenulaAgent, "Given": Given}),
    ],
)
def test_a_copy_is_the_same_and_goes_on_alike(copied):
    treated = OptogeneticBursts(hours_before=0.5)(DRUG(HELPLESS))
    twin = copied(treated)
    assert twin == treated and hash(twin) == hash(treated) and repr(twin) == repr(treated)
    assert twin.untreated == HELPLESS
    assert twin.interventions == treated.interventions
    assert Ketamine(hours_before=3.0)(twin) == Ketamine(hours_before=3.0)(treated)
    assert twin.in_force({"hyperactivity": 0.3}) == treated.in_force({"hyperactivity": 0.3})


@pytest.mark.parametrize("replace", [HabenulaAgent.replace, dataclasses.replace])
def test_another_parameter_makes_another_animal_under_the_same_drug(replace):
    treated = DRUG(HEALTHY)
    other = replace(treated, hyperactivity=1.0)
    assert other == DRUG(HELPLESS) and other.untreated == HELPLESS
    assert replace(treated, nmda=0.5) == DRUG(HabenulaAgent(nmda=0.5))


def test_what_was_given_is_seen():
    treated = DRUG(HELPLESS)
    assert "Ketamine(dose_mg_per_kg=10.0" in repr(treated)
    assert treated.interventions == (DRUG,) and HELPLESS.interventions == ()
    assert treated != HELPLESS and len({treated, HELPLESS, DRUG(HELPLESS)}) == 2


def test_order_leaves_no_trace():
    one, other = DRUG(Lesion(extent=0.5)(HELPLESS)), Lesion(extent=0.5)(DRUG(HELPLESS))
    assert one == other and hash(one) == hash(other) and one.nmda == other.nmda
    forwards = applied([DRUG, Lesion(extent=0.3), AP5()], HabenulaAgent, HELPLESS.values())
    assert forwards == applied([AP5(), Lesion(extent=0.3), DRUG], HabenulaAgent, HELPLESS.values())


def test_a_vehicle_leaves_none_either():
    assert Vehicle()(HELPLESS) == HELPLESS and Vehicle()(DRUG(HELPLESS)) == DRUG(HELPLESS)
    assert DeepBrainStimulation(hours_before=5.0)(HELPLESS) != HELPLESS  # off, but a drug was kept out while it was on


def test_what_is_no_treatment_is_refused():
    with pytest.raises(ValueError, match="treatment must be what an intervention gives when it is"):
        HabenulaAgent(treatment=DRUG)
    with pytest.raises(ValueError, match="Ketamine acts on 'nmda', which QLearning does not have"):
        DRUG(QLearning())


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: DRUG(HabenulaAgent),
        lambda: DRUG(None),
        lambda: DRUG(ShuttleBox()),
        lambda: given(HEALTHY, DRUG),
        lambda: given(HEALTHY, [Ketamine]),
        lambda: given(HEALTHY, ["ketamine"]),
        lambda: QLearning(treatment=DRUG(HEALTHY).treatment),
    ],
)
def test_what_is_no_agent_and_no_intervention_is_refused_in_a_sentence(wrong):
    with pytest.raises(ValueError, match=r"^(agent must be|interventions? must be|Ketamine acts on 'nmda')"):
        wrong()


@pytest.mark.parametrize("drug", [Ketamine(dose_mg_per_kg=0.0), AP5(concentration_um=0.0), Vehicle()])
def test_a_dose_of_nothing_leaves_no_trace_and_excludes_nothing(drug):
    assert drug(HELPLESS) == HELPLESS
    rat = Ketamine(dose_mg_per_kg=0.0, species="rat")
    assert given(HELPLESS, [DRUG, rat]) == DRUG(HELPLESS)


@pytest.mark.parametrize(
    "name", ["hyperactivity", "hyperpolarisation", "t_type", "t_type_power", "burst_threshold", "burst_slope"]
)
def test_whatever_decides_bursts_can_be_swept_under_a_drug(name):
    base = HabenulaAgent(hyperactivity=1.0, t_type=0.8)
    levels = np.array([5.0, 9.9, 12.0]) if name == "t_type_power" else np.array([0.5, 0.8, 1.0])
    swept = bound(DRUG(base), **{name: levels})
    assert list(swept) == [DRUG(base.replace(**{name: level})).nmda for level in levels]
    assert np.ptp(swept) > 1e-4
    with pytest.raises(ValueError, match=f"there is no derivative by {name}"):
        hrl.Likelihood(DRUG(base), TRIALS, hrl.tasks.SucrosePreference()).gradient(names=[name])


TRIALS = hrl.simulate(HEALTHY, hrl.tasks.SucrosePreference(), n_subjects=2, n_trials=10, seed=1).trials


@pytest.mark.parametrize("name", ["habenula_output", "burst_drive", "tonic_drive"])
def test_a_sweep_over_what_silences_is_within_its_error_of_single_agents(name):
    levels = np.array([0.2, 0.5, 0.9])
    swept = bound(DRUG(HELPLESS), **{name: levels})
    alone = [DRUG(HELPLESS.replace(**{name: level})).nmda for level in levels]
    np.testing.assert_allclose(swept, alone, atol=1e-4)


def test_a_whole_number_cannot_be_halved():
    @dataclasses.dataclass(frozen=True)
    class Counted(HabenulaAgent):
        habenula_output: int = parameter(1, doc="nuclei left", low=0, high=2)

    why = "Lesion acts on 'habenula_output', which is a whole number in Counted: give it a default such as 1.0"
    with pytest.raises(ValueError, match=why):
        Lesion(extent=0.5)(Counted())
