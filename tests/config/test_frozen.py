"""Phases without learning in a config: `learning`, `frozen`, sweeps, and what is refused."""

import numpy as np
import pytest

import habenula_rl as hrl
from habenula_rl.agents import HabenulaAgent, QLearning
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.experiment.fingerprint import fingerprints
from habenula_rl.experiment.units import Unit, run_phases, run_unit
from habenula_rl.interventions import INTERVENTIONS
from habenula_rl.tasks import Bandit

PHASES = [
    {"name": "train", "task": "Bandit", "trials": 6, "context": "box"},
    {"name": "probe", "task": "Bandit", "trials": 6, "context": "box"},
    {"name": "after", "task": "Bandit", "trials": 6, "context": "box"},
]
GROUPS = {"a": {"n": 3, "agent": "QLearning"}, "b": {"n": 3, "agent": "QLearning"}}


def study(**probe):
    phases = [phase | (probe if phase["name"] == "probe" else {}) for phase in PHASES]
    return {"study": "frozen", "seed": 1, "groups": GROUPS, "phases": phases}


def values(config, group, compiled=False):
    """What a group's subjects value after each phase, and the plan."""
    plan = plan_of(load_study(config))
    lived = run_phases(plan, Unit(group, 0, 3), compiled=compiled)
    return [passed.subjects.state["action_value"].copy() for passed in lived], plan


def test_nothing_is_learned_where_learning_is_false_or_a_group_is_frozen():
    both, _ = values(study(learning=False), "a")
    assert both[0].tobytes() == both[1].tobytes() and both[1].tobytes() != both[2].tobytes()
    for group, same in (("a", True), ("b", False)):
        one, _ = values(study(frozen=["a"]), group)
        assert (one[0].tobytes() == one[1].tobytes()) is same


def test_what_comes_after_a_frozen_phase_is_what_would_have_come_without_it():
    """The phase after has a random stream of its own: the same trials, value for value."""
    config = study(learning=False)
    trials = run_unit(plan_of(load_study(config)), Unit("a", 0, 3)).trials
    config["phases"] = [config["phases"][0], config["phases"][2]]
    without = run_unit(plan_of(load_study(config)), Unit("a", 0, 3)).trials
    columns = ["subject", "trial", "action", "outcome", "rpe", "value"]
    after = [table.loc[table["phase"] == "after", columns].reset_index(drop=True) for table in (trials, without)]
    assert after[0].equals(after[1])
    probe = trials[trials["phase"] == "probe"]
    assert probe["rpe"].nunique() > 1


def test_the_hash_of_a_config_that_says_nothing_new_stays():
    plain, said = (plan_of(load_study(study(**probe))) for probe in ({}, {"learning": True}))
    assert plain.hash == said.hash and "learning" not in plain.config["phases"][1]
    frozen = plan_of(load_study(study(learning=False)))
    assert frozen.hash != plain.hash and frozen.config["phases"][1]["learning"] is False
    assert plan_of(load_study(study(frozen=["a"]))).config["phases"][1]["frozen"] == ["a"]


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ({"frozen": ["aa"]}, "unknown group 'aa'"),
        ({"frozen": ["a", "a"]}, "'a' stands here twice"),
        ({"frozen": ["a"], "groups": ["b"]}, "group 'a' takes no part in this phase"),
        ({"frozen": ["a"], "learning": False}, "leave one of the two out"),
        ({"frozen": []}, "must not be empty"),
        ({"frozen": "a"}, "must be a list"),
        ({"learning": 0}, "must be true or false, not 0"),
        ({"learning": ["a"]}, "must be true or false"),
        ({"learn": False}, "unknown key 'learn' in phases.1, did you mean 'learning'"),
    ],
)
def test_what_cannot_be_is_refused(probe, message):
    with pytest.raises(ConfigError, match=message):
        load_study(study(**probe))


def test_an_agent_that_cannot_be_frozen_is_named_with_its_group():
    config = study(learning=False)
    config["groups"] = {"a": {"n": 1, "agent": "Sarsa"}, "b": {"n": 1, "agent": "QLearning"}}
    with pytest.raises(ConfigError, match=r"learning cannot be frozen in Sarsa: .*\(group 'a'\)"):
        load_study(config)
    config["phases"][1] = PHASES[1] | {"frozen": ["b"]}
    assert load_study(config).phases[1].frozen == ("b",)


def test_a_sweep_freezes_all_the_groups_of_a_template():
    config = study(frozen=["a"])
    config["sweep"] = {"rate": [0.1, 0.5]}
    config["groups"] = {
        "a": {"n": 2, "agent": "QLearning", "parameters": {"learning_rate": "$rate"}},
        "b": {"n": 2, "agent": "QLearning"},
    }
    plan = plan_of(load_study(config))
    learning = {name: [phase.learning for phase in group.phases] for name, group in plan.groups.items()}
    assert len(learning) == 3
    assert all(learns == [True, name == "b", True] for name, learns in learning.items())


def test_a_sweep_over_phases_too():
    config = study(frozen=["a"], trials="$n")
    config["sweep"] = {"n": [2, 3]}
    plan = plan_of(load_study(config))
    assert {name: group.phases[1].learning for name, group in plan.groups.items()} == {
        name: name.startswith("b") for name in plan.groups
    }


def test_light_at_the_outcome_in_a_config(tmp_path):
    def tables(at):
        light = {"optogenetic_inhibition": {"share": 1.0} | ({"at": at} if at else {})}
        config = {"study": "light", "seed": 1, "groups": {"mice": {"n": 4}}}
        config["phases"] = [{"name": "p", "task": "Bandit", "trials": 5, "interventions": [light]}]
        study = load_study(config)
        return run_unit(plan_of(study), Unit("mice", 0, 4), compiled=False).trials, plan_of(study).config

    always, written = tables(None)
    assert written["phases"][0]["interventions"][0]["optogenetic_inhibition"].keys() == {
        "share",
        "hours_before",
        "duration_hours",
    }
    outcome, written = tables("outcome")
    assert written["phases"][0]["interventions"][0]["optogenetic_inhibition"]["at"] == "outcome"
    choice, _ = tables("choice")
    assert (outcome["lhb"] == 0.0).all() and (always["lhb"] == 0.0).all() and (choice["lhb"] > 0.0).all()
    assert np.isfinite(choice["dopamine"]).all()


@pytest.mark.parametrize("at", ["choice", "cue", "outcome", "before_outcome", "always"])
def test_dopamine_that_light_adds_at_an_event_is_added_there_alone(at):
    """One step a trial, so each is an outcome; what is added once shows in the first trial, before anything differs."""

    def first(light):
        config = {"study": "light", "seed": 1, "groups": {"mice": {"n": 4, "parameters": {"discount": 0.5}}}}
        config["phases"] = [{"name": "p", "task": "Bandit", "trials": 1, "interventions": light}]
        return run_unit(plan_of(load_study(config)), Unit("mice", 0, 4), compiled=False)

    plain, lit = first([]), first([{"optogenetic_dopamine": {"added": -0.25, "at": at}}])
    added = -0.25 if at in ("outcome", "always") else 0.0
    assert lit.trials["dopamine"].to_numpy() == pytest.approx(plain.trials["dopamine"].to_numpy() + added, abs=1e-6)
    assert (lit.trials["rpe"] == plain.trials["rpe"]).all() and (lit.trials["lhb"] == plain.trials["lhb"]).all()


def test_dopamine_at_the_outcome_unlearns_what_is_rewarded_and_teaches_what_is_not():
    """Steinberg 2013, Chang 2016, as value after 60 trials of a bandit whose arms always, or never, give 1."""
    from habenula_rl.engine.population import simulate
    from habenula_rl.interventions import OptogeneticDopamine

    def value(p, light):
        agent = HabenulaAgent(beta=1.0)
        agent = light(agent) if light else agent
        run = simulate(agent, Bandit(probabilities=(p,) * 4), n_subjects=4, n_trials=60, seed=1, compiled=False)
        return run.trials.groupby("subject")["value"].last().mean()

    assert value(1.0, OptogeneticDopamine(added=-0.3, at="outcome")) < value(1.0, None) - 0.2
    assert value(0.0, OptogeneticDopamine(added=0.3, at="outcome")) > value(0.0, None) + 0.2
    assert value(1.0, OptogeneticDopamine(added=-0.3, at="cue")) == value(1.0, None)


@pytest.mark.parametrize("name", [name for name, kind in INTERVENTIONS.items() if "at" not in kind.fields()])
def test_what_cannot_be_locked_to_an_event_is_refused_in_a_sentence(name):
    config = {"study": "light", "seed": 1, "groups": {"mice": {"n": 4}}}
    config["phases"] = [{"name": "p", "task": "Bandit", "trials": 1, "interventions": [{name: {"at": "outcome"}}]}]
    with pytest.raises(ConfigError) as refused:
        load_study(config)
    (line,) = str(refused.value).splitlines()
    assert f"{name} cannot be locked to an event: only light" in line and "optogenetic_dopamine" in line


def test_a_study_in_python_can_freeze():
    made = hrl.Study({"a": hrl.HabenulaAgent()}, [PHASES[0], PHASES[1] | {"learning": False}], n=2)
    assert [phase.learning for phase in plan_of(made).groups["a"].phases] == [True, False]


def test_an_edit_of_show_makes_a_frozen_group_anew(monkeypatch):
    def prints(config):
        return fingerprints(plan_of(load_study(config)))

    frozen, learning = prints(study(frozen=["a"])), prints(study())

    def show(p, w, e, y):
        y.value = 1.0

    monkeypatch.setattr(QLearning, "show", show)
    edited = prints(study(frozen=["a"]))
    assert edited["a"] != frozen["a"] and edited["b"] == frozen["b"] and prints(study()) == learning
