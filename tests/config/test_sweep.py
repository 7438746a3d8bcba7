"""Sweeps: what a template becomes at each point, counted before it is written out; and times with their units."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl import HabenulaAgent, Ketamine, tasks
from habenula_rl.config.axes import axis_of
from habenula_rl.config.plan import plan_of
from habenula_rl.config.schema import study_schema
from habenula_rl.config.study import ConfigError, load_study, with_subjects
from habenula_rl.config.sweep import swept
from habenula_rl.config.times import time_in
from habenula_rl.experiment.results import Study, sweep
from habenula_rl.experiment.units import Unit, run_unit

BOX = {"name": "box", "task": "SucrosePreference", "trials": 3}


def config(sweep, groups, *phases, **keys):
    return {"study": "s", "seed": 1, "sweep": sweep, "groups": groups, "phases": list(phases or (BOX,))} | keys


def mice(**parameters):
    return {"n": 2, "parameters": parameters}


def parameters(study):
    return [group.parameters for group in study.groups.values()]


def refused(data):
    with pytest.raises(ConfigError) as caught:
        load_study(data)
    return caught.value.problems


def test_two_axes_make_their_product_in_order():
    axes = {"h": {"no": 0, "yes": 1}, "beta": [2, 4.5]}
    study = load_study(config(axes, {"{h}": mice(hyperactivity="$h", beta="$beta")}))
    assert [*study.groups] == ["no_beta2", "no_beta4.5", "yes_beta2", "yes_beta4.5"]
    assert parameters(study) == [{"hyperactivity": h, "beta": b} for h in (0, 1) for b in (2, 4.5)]
    assert study.points["yes_beta2"] == {"h": 1.0, "beta": 2.0}


def test_a_group_is_made_over_the_axes_that_it_names_alone():
    groups = {"control": mice(), "mice": mice(beta="$b"), "h{h}": mice(hyperactivity="$h")}
    study = load_study(config({"h": [0, 1], "b": [2, 3]}, groups))
    assert [*study.groups] == ["control", "mice_b2", "mice_b3", "h0", "h1"]
    assert study.points["control"] == {"h": None, "b": None}


def test_zipped_axes_go_together():
    study = load_study(config({"h, b": [[0, 2], [1, 3]]}, {"m": mice(hyperactivity="$h", beta="$b")}))
    assert parameters(study) == [{"hyperactivity": 0, "beta": 2}, {"hyperactivity": 1, "beta": 3}]


def test_named_levels_may_be_interventions_and_axes_stand_in_keys_and_texts():
    given = {"saline": {"vehicle": {}}, "low": {"ketamine": {"dose": "1 mg/kg", "hours_before": "90 min"}}}
    groups = {"{given}": {"n": 1, "interventions": ["$given"]}}
    study = load_study(config({"given": given}, groups))
    assert study.groups["low"].interventions == ({"ketamine": {"dose": "1 mg/kg", "hours_before": 1.5}},)
    groups = {"{drug}{dose}": {"n": 1, "interventions": [{"$drug": {"dose": "${dose} mg/kg"}}]}}
    study = load_study(config({"drug": ["ketamine", "memantine"], "dose": [1, 10]}, groups))
    assert study.groups["memantine10"].interventions == ({"memantine": {"dose": "10 mg/kg"}},)


BOTH = [{"$drug": {"dose": "${dose} mg/kg"}}]


@pytest.mark.parametrize(
    ("data", "sound"),
    [
        (config({"n, b": [[2, 3], [4, 5]]}, {"m": {"n": "$n", "parameters": {"beta": "$b"}}}), True),
        (config({"h": [0, 1]}, {"h{h}": mice(hyperactivity={"normal": {"mean": "$h", "sd": 0.3}})}), True),
        (config({"a": ["QLearning", "DualRate"]}, {"m": {"n": 1, "agent": "$a"}}), True),
        (config({"given": {"none": {"vehicle": {}}}}, {"{given}": {"n": 1, "interventions": ["$given"]}}), True),
        (config({"drug": ["ketamine"], "dose": [1]}, {"m": {"n": 1, "interventions": BOTH}}), True),
        (config({"gap": ["2 h", "1 d"]}, {"m": mice()}, BOX | {"gap_hours": "$gap"}), True),
        (config({"k": ["beta"]}, {"m": mice(**{"$k": 2})}, BOX | {"gap_hours": "90 min"}), True),
        (config({"t": ["SucrosePreference"]}, {"m": mice()}, BOX | {"task": "$t", "trials": 4}), True),
        (config({"h": [0, 1]}, {"m": mice(hyperactivity="$h")}, seed="$h"), False),
        (config({"h": [0, 1]}, {"m": mice(hyperactivty="$h")}), False),
        (config({"h": [0, 1]}, {"m": mice(hyperactivity="h")}), False),
        (config({"h": [0, 1]}, {"m": mice(hyperactivity="$h")}, BOX | {"gap_hours": "2 weeks"}), False),
    ],
)
def test_the_schema_knows_axes_and_times_where_the_loader_does(data, sound):
    jsonschema = pytest.importorskip("jsonschema")
    assert jsonschema.Draft202012Validator(study_schema()).is_valid(data) == sound
    if sound:
        load_study(data)
    else:
        refused(data)


def test_values_are_spaced_as_they_would_be_written():
    def values(written, *names):
        return [row[0] for row, _ in axis_of(",".join(names) or "x", written).points()]

    assert values({"linspace": [0, 1, 11]}) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
    assert values({"logspace": [0.01, 100, 5]}) == [0.01, 0.1, 1, 10, 100]
    assert values([3, "b", True]) == [3, "b", True]


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol"])
def test_designs_fill_their_box_and_depend_on_their_seed_alone(kind):
    def points(seed, log=False):
        said = {kind: {"n": 16, "low": [1.0, 10.0], "high": [2.0, 1000.0], "seed": seed, "log": log}}
        return np.array([row for row, _ in axis_of("a, b", said).points()])

    found = points(3)
    assert np.array_equal(found, points(3)) and not np.array_equal(found, points(4))
    unit = (found - [1, 10]) / [1, 990]
    assert all({*np.floor(16 * unit[:, k]).astype(int)} == {*range(16)} for k in (0, 1))  # one point in each sixteenth
    assert np.allclose(np.log(points(3, True)[:, 1] / 10) / np.log(100), unit[:, 1])


@pytest.mark.parametrize("n", [10_001, 10**9])
def test_points_are_counted_before_any_is_made(n):
    start = time.process_time()
    (problem,) = refused(config({"x": {"linspace": [0, 1, n]}}, {"m": mice(hyperactivity="$x")}))
    assert problem == f"study: this sweep has {n:,} groups; at most 10,000 can be run as one study"
    axes = {f"x{k}": {"linspace": [0, 1, 1000]} for k in range(3)}
    (problem,) = refused(config(axes, {"m": mice(hyperactivity="$x0", beta="$x1", alpha="$x2")}))
    assert "1,000,000,000 groups" in problem
    assert time.process_time() - start < 1.0


def test_a_phase_over_an_axis_has_a_clock_of_its_own_for_each_value():
    phases = [BOX, {**BOX, "name": "later", "gap_hours": "$gap", "context": "box"}]
    drug = [{"ketamine": {"dose": "10 mg/kg", "hours_before": 1}}]
    data = config({"gap": ["2h", "7 d"]}, {"mice": {"n": 2, "interventions": drug}}, *phases)
    plan = plan_of(load_study(data))
    assert [group.phases[1].hour for group in plan.groups.values()] == [2.0, 168.0]
    assert [g.phases[1].interventions[0].hours_before for g in plan.groups.values()] == [3.0, 169.0]
    for gap, name in ((2, "mice_gap2h"), (168, "mice_gap7d")):  # as the study without a sweep
        alone = {key: value for key, value in data.items() if key != "sweep"}
        alone["phases"] = [BOX, {**phases[1], "gap_hours": gap}]
        single = run_unit(plan_of(load_study(alone)), Unit("mice", 0, 2), compiled=False).trials
        swept_ = run_unit(plan, Unit(name, 0, 2), compiled=False).trials
        assert (swept_.pop("axis_gap") == gap).all()
        assert single.drop(columns="group").equals(swept_.drop(columns="group"))


def test_a_phase_for_groups_of_another_world_passes_in_time():
    phases = [BOX, {**BOX, "name": "only", "groups": ["still"], "gap_hours": 5}]
    phases.append({**BOX, "name": "last", "groups": ["mice"], "gap_hours": 1, "trials": "$k"})
    plan = plan_of(
        load_study(
            config({"k": [1, 2]}, {"still": mice(), "mice": mice()}, BOX | {"groups": ["mice", "still"]}, *phases[1:])
        )
    )
    hours = {name: [phase.hour for phase in group.phases] for name, group in plan.groups.items()}
    assert hours == {"still": [0.0, 5.0], "mice_k1": [0.0, 6.0], "mice_k2": [0.0, 6.0]}


def test_all_points_are_the_same_subjects_unless_said_otherwise():
    groups = {"a": mice(beta="$b"), "y": mice(beta="$b") | {"yoked_to": "a"}}
    shock = {"task": "ShuttleBox", "trials": 2, "parameters": {"escapable": False, "max_shock_s": 5}}
    phases = [
        {**shock, "name": "first", "groups": ["a"]},
        {**shock, "name": "second", "groups": ["y"], "replays": "first"},
    ]
    plan = plan_of(load_study(config({"b": [1, 2]}, groups, *phases)))
    seeds = {name: group.seed for name, group in plan.groups.items()}
    assert seeds["a_b1"] == seeds["a_b2"] != seeds["y_b1"] == seeds["y_b2"]
    assert {plan.groups[f"y_b{k}"].partners.name for k in (1, 2)} == {"a_b1", "a_b2"}
    independent = plan_of(load_study(config({"b": [1, 2]}, groups, *phases, subjects="independent")))
    assert len({group.seed for group in independent.groups.values()}) == 4


def test_meaning_is_in_the_hash():
    def hashed(*gaps):
        phases = [BOX, {**BOX, "name": "later", "gap_hours": "$gap"}]
        return plan_of(load_study(config({"gap": list(gaps)}, {"m": mice()}, *phases))).hash

    assert hashed(1, 2) == hashed(1.0, "2 h") or hashed(1, 2) != hashed(1, 3)
    assert len({hashed(1, 2), hashed(1, 3), hashed(1, 2, 3)}) == 3


@pytest.mark.parametrize(
    ("sweep", "groups", "expected"),
    [
        ({"x": []}, {"m": mice(beta="$x")}, "an axis must not be empty"),
        ({"x": 3}, {"m": mice(beta="$x")}, "an axis is a list of values"),
        ({"x": [1]}, {"m": mice(beta="$xs")}, "there is no axis 'xs' in sweep, did you mean 'x'?"),
        ({"x": [1]}, {"m": mice()}, "no group and no phase uses an axis: write $x where its value goes"),
        ({"x": {"linspace": [0, 1]}}, {"m": mice(beta="$x")}, "linspace takes [first, last, number of points]"),
        ({"x": {"logspace": [0, 1, 3]}}, {"m": mice(beta="$x")}, "logspace goes between two numbers above 0"),
        ({"x, y": [[1, 2], [3]]}, {"m": mice(beta="$x")}, "each point of 'x, y' is a list of 2 values, not [3]"),
        ({"x": {"sobol": {"n": 3, "low": [0], "high": [1]}}}, {"m": mice(beta="$x")}, "where n is a power of 2"),
        ({"x": {"sobol": {"n": 2, "low": [1], "high": [1]}}}, {"m": mice(beta="$x")}, "low must be below high"),
        ({"x": {"sobol": {"n": 2, "low": [0], "high": [1], "log": True}}}, {"m": mice(beta="$x")}, "begins above 0"),
        ({"x": [1, 1]}, {"m": mice(beta="$x")}, "axis 'x' has one point twice: 1 and 1 are the same"),
        ({"x": ["24 h", "1 d"]}, {"m_{x}": mice(beta=1)}, "one point twice: '24 h' and '1 d' are the same"),
        ({"x": {"a": 1, "b": 1.0}}, {"m": mice(beta="$x")}, "axis 'x' has one point twice: 1 and 1.0 are the same"),
        ({"x, y": [[1, 2], [1, 3], [1, 2]]}, {"m": mice(beta="$x")}, "axis 'x, y' has one point twice: 1, 2 and"),
        ({"x": [1, "2 mg/kg"]}, {"m": mice(beta="$x")}, "axis 'x' has values in mg/kg and others"),
        ({"x": [1e-9, 1.0000001e-9]}, {"m": mice(beta="$x")}, "two points have the name 'm_x1e-09'"),
        ({"x": [1, -5]}, {"m": mice(beta="$x")}, "beta must be"),
        ({"x": [1], "bad name": [1]}, {"m": mice(beta="$x")}, "an axis is named by letters, digits and _"),
        ({"x": [1], "x, y": [[1, 2]]}, {"m": mice(beta="$x")}, "two axes have one name"),
        ({}, {"m": mice()}, "sweep must be a mapping of axes"),
    ],
)
def test_what_no_sweep_can_be(sweep, groups, expected):
    assert expected in "\n".join(refused(config(sweep, groups)))


def test_mistakes_stand_where_the_template_is_written(tmp_path):
    path = tmp_path / "s.yaml"
    text = "study: s\nseed: 1\nsweep:\n  x: [1, -5]\ngroups:\n  m{x}: {n: 2, parameters: {beta: $x}}\n"
    path.write_text(text + "phases:\n  - {name: box, task: SucrosePreference, trials: 3}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"s\.yaml:6:35: beta must be"):
        load_study(path)


def test_a_mistake_in_a_template_is_one_sentence_in_the_templates_names():
    groups = {"mouse": mice(beta="$x") | {"n": -2}, "other": mice(beta="$x")}
    phase = {"name": "box", "task": "SucrosePreference", "trials": 3}
    phase |= {"interventions": [{"ketamine": {"dose": "10 mg/kg"}, "groups": ["mous"]}]}
    assert refused(config({"x": [1, 2, 3]}, groups, phase)) == (
        "study: groups.mouse.n must be at least 1, not -2",
        "study: unknown group 'mous', did you mean 'mouse'?",
    )


def test_a_misspelt_groups_key_is_found_under_its_axes():
    data = config({"x": [1, 2]}, {"m": mice(beta="$x")})
    data["grups"] = data.pop("groups")
    assert refused(data)[0].endswith("under 'grups': in groups and phases only, did you mean 'groups'?")
    del data["grups"]
    assert refused(data)[0].endswith("a sweep makes groups, and the study needs the key 'groups'")


def test_the_studies_that_became_sweeps_are_what_they_were():
    """Each group by hand: its name says what it is."""
    for name, group in plan_of(load_study("phase_diagram")).groups.items():
        h, block = (int(part) for part in name.removeprefix("h").split("_block"))
        assert (group.agent.hyperactivity, group.agent.nmda) == (h / 100, pytest.approx(1 - block / 100))
        assert group.n == 64
    study = load_study("dose_response")
    doses = {"100ug": 0.1, "300ug": 0.3, "1mg": 1, "3mg": 3, "10mg": 10, "30mg": 30}
    assert [*study.groups] == [f"{mouse}_{dose}" for mouse in ("healthy", "helpless") for dose in ("vehicle", *doses)]
    for name, group in plan_of(study).groups.items():
        mouse, dose = name.split("_")
        (given,) = group.phases[0].interventions
        assert getattr(given, "dose_mg_per_kg", None) == doses.get(dose)
        assert group.spread["hyperactivity"].mean == {"healthy": 0.0, "helpless": 1.0}[mouse]


def test_more_subjects_at_every_point():
    phases = [{**BOX, "trials": "$k"}]
    study = with_subjects(load_study(config({"k": [1, 2]}, {"m": mice()}, *phases)), 7)
    assert [group.n for group in plan_of(study).groups.values()] == [7, 7]


def test_axes_by_the_path_of_their_value():
    plain = {key: value for key, value in config({}, {"m": mice(), "other": mice()}).items() if key != "sweep"}
    axes = {"groups.m.parameters.beta": [1, 2], "phases.box.trials": (3, 4)}
    study = load_study(plain, axes=axes)
    assert [*study.groups] == [
        "m_beta1_trials3",
        "m_beta1_trials4",
        "m_beta2_trials3",
        "m_beta2_trials4",
        "other_trials3",
        "other_trials4",
    ]
    both = {"groups.m.parameters.beta, groups.other.parameters.beta": [[1, 2], [3, 4]]}
    assert [g.parameters["beta"] for g in load_study(plain, axes=both).groups.values()] == [1, 3, 2, 4]
    with pytest.raises(ConfigError, match="there is no 'n0' in groups"):
        load_study(plain, axes={"groups.n0.n": [1]})


def test_a_study_in_python_may_hold_objects():
    agent = Ketamine(dose="10 mg/kg", hours_before=1.0)(HabenulaAgent(beta=3.0))
    phases = [{"name": "box", "task": tasks.ShuttleBox(max_shock_s=5), "trials": np.int64(2)}]
    study = load_study({"study": "s", "seed": 0, "groups": {"m": {"n": 1, "agent": agent}}, "phases": phases})
    (group,) = plan_of(study).groups.values()
    assert group.agent == HabenulaAgent(beta=3.0) and group.phases[0].place == tasks.ShuttleBox(max_shock_s=5)
    assert group.phases[0].interventions == (Ketamine(dose="10 mg/kg", hours_before=1.0),)
    with pytest.raises(ValueError, match=r"the study\.groups\.m\.n must be data"):
        load_study({"study": "s", "seed": 0, "groups": {"m": {"n": Path}}, "phases": phases})


@given(st.sampled_from(["s", "min", "h", "d"]), st.sampled_from(["s", "min", "h", "d"]), st.integers(0, 10**6))
def test_times_go_from_unit_to_unit(one, other, number):
    seconds = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    assert time_in(f"{number} {one}", other) == pytest.approx(number * seconds[one] / seconds[other])


@pytest.mark.parametrize("text", ["7", "7 days", "-1 h", "h", "1 h 5 min", 7, None])
def test_what_is_no_time_is_left(text):
    assert time_in(text, "h") == text


def test_a_sweep_is_written_out_without_changing_what_was_given():
    data = config({"h": [0, 1]}, {"m": mice(hyperactivity="$h")})
    swept(data)
    assert data == config({"h": [0, 1]}, {"m": mice(hyperactivity="$h")})


def test_a_study_that_is_written_out_is_not_swept_again(tmp_path):
    study = Study({"mice": {"n": 1}}, [{"name": "box", "task": "ShuttleBox", "trials": 1}])
    with pytest.raises(ValueError, match="Study its axes by sweep="):
        sweep(study, {"groups.mice.parameters.beta": [1.0, 2.0]}, tmp_path)


@pytest.mark.parametrize(
    ("axes", "lost"),
    [
        ({"groups.k.parameters.nmda": [1, 0.5], "groups.k.parameters": [{"nmda": 0.3}, {"nmda": 0.2}]}, "nmda"),
        ({"groups.m.parameters.beta": [3, 4]}, "x"),
    ],
)
def test_an_axis_that_another_has_overwritten_is_not_lost_without_a_word(axes, lost):
    data = config({"x": [1, 2]}, {"m": mice(beta="$x"), "k": mice()})
    with pytest.raises(ConfigError, match=f"nothing uses axis '{lost}': write \\${lost} where its value goes"):
        load_study(data, axes=axes)


def test_an_axis_in_a_key_of_the_config_itself_is_refused_in_a_sentence():
    data = config({"h": [0, 1]}, {"mice": {"n": 4, "parameters": {"hyperactivity": "$h"}}})
    data["pha$hses"] = data.pop("phases")
    assert "$hses stands where no axis can, in a key of the config itself" in "\n".join(refused(data))
