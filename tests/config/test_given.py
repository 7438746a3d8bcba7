"""Interventions that name the groups, or the phases, that they are for."""

import json
import textwrap

import pytest

import habenula_rl as hrl
from habenula_rl.cli.describe import _given
from habenula_rl.config.given import doses
from habenula_rl.config.plan import plan_of
from habenula_rl.config.schema import study_schema
from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.experiment.units import Unit, run_unit
from habenula_rl.report.page import _design

LIGHT, DRUG = {"optogenetic_tonic": {}}, {"ketamine": {"dose": "10 mg/kg", "hours_before": 1}}
SWIM = {"task": "ForcedSwim", "trials": 2}


def config(own=(), *given, groups=("a", "b"), **keys):
    """Groups a (that brings `own`) and b, and phases p0, p1, ... 24 h apart, each with what is given before it."""
    made = {name: {"n": 2, "interventions": [*own] if name == "a" else []} for name in groups}
    phases = [SWIM | {"name": f"p{k}", "gap_hours": 24, "interventions": [*entry]} for k, entry in enumerate(given)]
    return {"study": "s", "seed": 1, "groups": made, "phases": phases} | keys


def in_force(data):
    """For each group and phase what is in force: kinds with the hours since they were given."""
    plan = plan_of(load_study(data))
    return {
        (name, phase.name): [(type(one).__name__, one.hours_before) for one in phase.interventions]
        for name, group in plan.groups.items()
        for phase in group.phases
    }


def refused(data):
    with pytest.raises(ConfigError) as caught:
        load_study(data)
    return [problem.removeprefix("study: ") for problem in caught.value.problems]


def test_a_phase_gives_to_the_groups_that_its_entry_names_alone():
    found = in_force(config([], [], [DRUG | {"groups": ["b"]}, LIGHT], []))
    assert found["a", "p1"] == [("OptogeneticTonic", 0)]
    assert found["b", "p1"] == [("Ketamine", 1), ("OptogeneticTonic", 0)]
    assert found["b", "p2"][0] == ("Ketamine", 25) and found["a", "p0"] == found["b", "p0"] == []


def test_a_group_is_given_its_own_before_each_phase_that_the_entry_names():
    found = in_force(config([DRUG | {"phases": ["p1", "p2"]}, {"vehicle": {}}], [], [], []))
    assert found["a", "p0"] == [("Vehicle", 1)]
    assert sorted(found["a", "p1"]) == [("Ketamine", 1), ("Vehicle", 25)]
    assert sorted(found["a", "p2"]) == [("Ketamine", 1), ("Ketamine", 25), ("Vehicle", 49)]
    assert found["b", "p2"] == []


def test_both_ways_of_writing_it_are_the_same_numbers_and_those_of_a_study_without_it():
    in_group = config([DRUG | {"phases": ["p1"]}], [], [])
    in_phase = config([], [], [DRUG | {"groups": ["a"]}])
    alone = config([], [], [DRUG], groups=("a",))
    tables = [run_unit(plan_of(load_study(data)), Unit("a", 0, 2)).trials for data in (in_group, in_phase, alone)]
    assert tables[0].equals(tables[1]) and tables[0].equals(tables[2])
    untreated = run_unit(plan_of(load_study(in_phase)), Unit("b", 0, 2)).trials
    plain = run_unit(plan_of(load_study(config([], [], []))), Unit("b", 0, 2)).trials
    assert untreated.equals(plain)
    hashes = {plan_of(load_study(data)).hash for data in (in_group, in_phase, config([], [], []))}
    assert len(hashes) == 3


def test_what_is_not_named_is_written_as_before_and_names_keep_no_order():
    assert plan_of(load_study(config([DRUG], [], []))).config["groups"]["a"]["interventions"][0].keys() == {"ketamine"}
    one, other = (plan_of(load_study(config([], [DRUG | {"groups": names}]))) for names in (["a", "b"], ["b", "a"]))
    assert one.hash == other.hash
    assert json.loads(json.dumps(one.config))["phases"][0]["interventions"][0]["groups"] == ["a", "b"]


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        ([], DRUG | {"groups": ["c"]}, "unknown group 'c'"),
        ([], DRUG | {"groups": ["aa"]}, "unknown group 'aa', did you mean 'a'?"),
        ([], DRUG | {"groups": []}, "groups must be a list of names of groups, not []"),
        ([], DRUG | {"groups": "a"}, "groups must be a list of names of groups, not 'a'"),
        ([], DRUG | {"groups": ["a", 1]}, "groups must be a list of names of groups, not 1"),
        ([], DRUG | {"groups": ["a", "a"]}, "group 'a' stands here twice"),
        (
            [],
            DRUG | {"phases": ["p0"]},
            "an intervention under phases names groups, not phases: it is given before the",
        ),
        ([], {"groups": ["a"]}, "an intervention is written as ketamine: {}"),
        (
            [DRUG | {"groups": ["a"]}],
            LIGHT,
            "an intervention under groups names phases, not groups: it is given to the",
        ),
        ([DRUG | {"phases": ["q"]}], LIGHT, "unknown phase 'q'"),
        ([DRUG | {"phases": ["p0", "p0"]}], LIGHT, "phase 'p0' stands here twice"),
    ],
)
def test_what_cannot_be_named_is_refused(own, given, expected):
    (said,) = refused(config(own, [given]))
    assert said.startswith(expected)


def test_who_takes_no_part_cannot_be_given_anything_there():
    data = config([], [], [DRUG | {"groups": ["b"]}])
    data["phases"][1]["groups"] = ["a"]
    assert refused(data) == ["group 'b' takes no part in phase 'p1'"]
    data = config([DRUG | {"phases": ["p1"]}], [], [])
    data["phases"][1]["groups"] = ["b"]
    assert refused(data) == ["group 'a' takes no part in phase 'p1'"]


def test_times_and_exclusions_are_looked_at_for_those_who_are_given_it():
    early = {"ketamine": {"hours_before": 25}}
    assert refused(config([early | {"phases": ["p1"]}], [], [])) == [
        "hours_before is 25, but group 'a' was in phase 'p0' 24 h before phase 'p1': give ketamine there"
    ]
    data = config([], [], [early | {"groups": ["b"]}])
    data["phases"][0]["groups"] = ["a"]
    assert in_force(data)["b", "p1"] == [("Ketamine", 25)]  # b was in no phase before
    kir, more = {"kir_loss": {}}, {"kir_overexpression": {"hours_before": 1}}
    load_study(config([], [kir | {"groups": ["a"]}], [more | {"groups": ["b"]}]))
    (said,) = refused(config([], [kir | {"groups": ["a"]}], [more | {"groups": ["a", "b"]}]))
    assert said == "KirLoss and KirOverexpression cannot be in force together (group 'a')"


def test_interventions_are_counted_for_those_who_are_given_them():
    many = [{"vehicle": {}} | {"groups": ["a"]}] * 150
    data = config([], *[many] * 20)  # 150 + 300 + ... + 3,000 in force = 31,500 for a, none for b
    load_study(data)
    data["phases"][0]["interventions"] = [{"vehicle": {}}] * 600
    (said,) = refused(data)  # and 450 more for a in 20 phases, 600 for b
    assert said.startswith("interventions in force, counted in each group and phase, are 52,500; at most 40,000")


def test_a_group_of_a_sweep_is_named_by_its_template():
    data = config([], [], [DRUG | {"groups": ["m"]}], groups=("b",), sweep={"h": [0, 1]})
    data["groups"]["m"] = {"n": 1, "parameters": {"hyperactivity": "$h"}}
    found = in_force(data)
    assert found["m_h0", "p1"] == found["m_h1", "p1"] == [("Ketamine", 1)] and found["b", "p1"] == []


def test_the_example_of_study_in_its_docstring_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    example = hrl.Study.__doc__.partition("        agent = ")[2].partition("\n\n    Raises")[0]
    made = {"hrl": hrl}
    exec(textwrap.dedent(f"        agent = {example}").replace("n=50", "n=2"), made)
    phases = plan_of(made["study"]).groups
    assert [len(phases[name].phases[1].interventions) for name in ("saline", "ketamine")] == [0, 1]


def test_the_pages_say_who_is_given_what():
    plan = plan_of(load_study(config([LIGHT | {"phases": ["p1"]}], [], [DRUG | {"groups": ["b"]}])))
    page = _design(plan.config)
    rows = [row for row in page.split("<tr>") if 'scope="row"' in row]
    assert ["ketamine" in row for row in rows] == [False, True]
    assert ["optogenetic_tonic" in row for row in rows] == [True, False]
    assert _given((DRUG | {"groups": ["b"]},)).endswith("groups: b")


def test_schema_lets_an_entry_name_groups_or_phases():
    jsonschema = pytest.importorskip("jsonschema")

    def valid(data):
        return jsonschema.Draft202012Validator(study_schema()).is_valid(data)

    drug = {"ketamine": {"dose": "10 mg/kg"}}
    entries = [({}, True), ({"groups": ["a"]}, True), ({"groups": []}, False), ({"phases": ["p0"]}, False)]
    for named, sound in entries:
        assert valid(config([], [drug | named])) == sound
    assert valid(config([drug | {"phases": ["p0"]}], [])) and not valid(config([drug | {"groups": ["a"]}], []))
    assert not valid(config([], [{"groups": ["a"]}])) and not valid(config([], [drug | LIGHT]))


def test_doses_come_phase_after_phase_what_a_group_brings_first():
    own = {"a": ["x", {"y": {}, "phases": ["q", "p"]}], "b": []}
    phases = [("p", ["a", "b"], ["z"]), ("q", ["a"], [{"w": {}, "groups": ["b", "a"]}])]
    found = {group: [(dose.phase, dose.trail) for dose in given] for group, given in doses(own, phases).items()}
    x, y = ("groups", "a", "interventions", 0), ("groups", "a", "interventions", 1)
    z, w = ("phases", 0, "interventions", 0), ("phases", 1, "interventions", 0)
    assert found == {"a": [(0, x), (0, y), (0, z), (1, y), (1, w)], "b": [(0, z)]}
