"""Configs: what is read, what is refused, and where each mistake is said to stand."""

import contextlib
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.agents import AGENTS
from habenula_rl.config import schema, yaml_source
from habenula_rl.config import study as config
from habenula_rl.config.bundled import bundled
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.contract import Agent
from habenula_rl.experiment import units
from habenula_rl.interventions import INTERVENTIONS
from habenula_rl.tasks import TASKS

TRIAD = """\
study: triad
seed: 7
groups:
  escapable: {n: 3}
  yoked:
    n: 2
    yoked_to: escapable
phases:
  - name: training
    groups: [escapable]
    task: ShuttleBox
    trials: 4
  - name: stress
    groups: [yoked]
    task: ShuttleBox
    parameters: {escapable: false}
    trials: 4
    replays: training
  - name: test
    gap_hours: 24
    task: ShuttleBox
    trials: 5
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(text, *overrides, seed=None):
    """What is said about a config in the file c.yaml of the working folder."""
    Path("c.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_study("c.yaml", overrides, seed)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


def loaded(text, *overrides, seed=None):
    Path("c.yaml").write_text(text, encoding="utf-8")
    return load_study("c.yaml", overrides, seed)


def changed(old, new):
    """The triad with one piece of its text changed."""
    assert TRIAD.count(old) == 1, old
    return TRIAD.replace(old, new)


# What is read


def test_study_holds_what_the_file_says(folder):
    study = loaded(TRIAD)
    assert (study.study, study.seed, study.record) == ("triad", 7, "trials")
    assert [*study.groups] == ["escapable", "yoked"]
    assert study.groups["yoked"].yoked_to == "escapable"
    assert study.groups["escapable"].agent == "HabenulaAgent"
    assert [phase.name for phase in study.phases] == ["training", "stress", "test"]
    assert study.phases[1].parameters == {"escapable": False}
    assert (study.phases[1].replays, study.phases[1].gap_hours, study.phases[2].gap_hours) == ("training", 0.0, 24.0)


def test_study_is_frozen(folder):
    with pytest.raises(ValueError, match="frozen"):
        loaded(TRIAD).seed = 3


@pytest.mark.parametrize("name", sorted(config.known_studies()))
def test_bundled_configs_are_valid_and_name_their_schema(name):
    path = config.known_studies()[name]
    assert load_study(path).study == name
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=study.schema.json\n")


def test_yaml_1_2_words(folder):
    study = loaded(changed("seed: 7", "seed: 0x1F\ndescription: no") + "    parameters: {effort: 1e-3, shock: .5}\n")
    assert (study.seed, study.description) == (31, "no")
    assert study.phases[2].parameters == {"effort": 0.001, "shock": 0.5}


def test_names_that_look_like_numbers_are_names(folder):
    text = (
        changed("escapable: {n: 3}", "2021: {n: 3}")
        .replace("to: escapable", "to: '2021'")
        .replace("[escapable]", "['2021']")
    )
    assert [*loaded(text).groups] == ["2021", "yoked"]


def test_bom_and_crlf(folder):
    Path("c.yaml").write_bytes(b"\xef\xbb\xbf" + TRIAD.replace("\n", "\r\n").encode())
    assert load_study("c.yaml").study == "triad"


# One mistake each, at its place

NAMING = "must be 1 to 64 letters, digits, '.', '_' or '-', and not begin with '.'; it is"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # unknown keys, at every level
        ("seed: 7", "seed: 7\nsede: 8", "3:1: unknown key 'sede' in the study, did you mean 'seed'?"),
        ("    n: 2", "    n: 2\n    agnet: x", "7:5: unknown key 'agnet' in groups.yoked, did you mean 'agent'?"),
        (
            "    trials: 5",
            "    trials: 5\n    trails: 5",
            "23:5: unknown key 'trails' in phases.2, did you mean 'trials'?",
        ),
        (
            "{escapable: false}",
            "{escapable: false, reponses: 2}",
            "16:36: ShuttleBox has no parameter 'reponses', did you mean 'responses'?",
        ),
        # missing keys
        ("seed: 7\n", "", "1:1: the study needs the key 'seed'"),
        ("    n: 2\n", "", "5:3: groups.yoked needs the key 'n'"),
        ("    trials: 5\n", "", "19:5: phases.2 needs the key 'trials'"),
        # kinds and ranges
        ("seed: 7", "seed: -1", "2:7: seed must be at least 0, not -1"),
        (
            "seed: 7",
            "seed: 9223372036854775808",
            "2:7: seed must be below 9223372036854775808, not 9223372036854775808",
        ),
        ("seed: 7", "seed: true", "2:7: seed must be a whole number, not true"),
        ("seed: 7", "seed: '7'", "2:7: seed must be a whole number, not '7'"),
        ("seed: 7", "seed:", "2:1: seed must be a whole number, not null"),
        ("n: 2", "n: 0", "6:8: groups.yoked.n must be at least 1, not 0"),
        ("{n: 3}", "{n: 10000001}", "4:18: groups.escapable.n must be at most 10000000, not 10000001"),
        ("n: 2", "n: 2.5", "6:8: groups.yoked.n must be a whole number, not 2.5"),
        ("n: 2", "n: .inf", "6:8: groups.yoked.n must be a whole number, not inf"),
        ("trials: 5", "trials: 1000001", "22:13: phases.2.trials must be at most 1000000, not 1000001"),
        ("gap_hours: 24", "gap_hours: -1", "20:16: phases.2.gap_hours must be at least 0, not -1"),
        ("gap_hours: 24", "gap_hours: .nan", "20:16: phases.2.gap_hours must be finite, not nan"),
        ("gap_hours: 24", "gap_hours: true", "20:16: phases.2.gap_hours must be a number, not true"),
        (
            "gap_hours: 24",
            "gap_hours: 8 weeks",
            "20:16: phases.2.gap_hours must be a number of h or a time, as 90 min, 2 h or 7 d, not '8 weeks'",
        ),
        ("study: triad", "study: [a]", "1:8: study must be text, not ['a']"),
        ("{n: 3}", "7", "4:14: groups.escapable must be a mapping, not 7"),
        ("groups: [escapable]", "groups: escapable", "10:13: phases.0.groups must be a list, not 'escapable'"),
        ("    trials: 5", "    trials: 5\n    groups: []", "23:13: phases.2.groups must not be empty"),
        # names
        ("study: triad", "study: ../x", f"1:8: study {NAMING} '../x'"),
        ("study: triad", 'study: "a\\nb"', f"1:8: study {NAMING} 'a\\nb'"),
        ("study: triad", "study: ..", f"1:8: study {NAMING} '..'"),
        ("study: triad", "study: " + 65 * "a", f"1:8: study {NAMING} '{27 * 'a'}...{28 * 'a'}'"),
        ("  escapable: {n: 3}", "  escapable: {n: 3}\n  'a/b': {n: 3}", f"5:3: the name of a group {NAMING} 'a/b'"),
        ("name: test", "name: te st", f"19:11: phases.2.name {NAMING} 'te st'"),
        # registries
        ("    n: 2", "    n: 2\n    agent: ''", "7:12: unknown agent ''"),
        (
            "    n: 2",
            "    n: 2\n    agent: HabenulaAgnt",
            "7:12: unknown agent 'HabenulaAgnt', did you mean 'HabenulaAgent'?",
        ),
        (
            "task: ShuttleBox\n    trials: 5",
            "task: SchuttleBox\n    trials: 5",
            "21:11: unknown task 'SchuttleBox', did you mean 'ShuttleBox'?",
        ),
        (
            "seed: 7",
            "record: [rpe, dopamin]\nseed: 7",
            "2:15: HabenulaAgent has no signal 'dopamin', did you mean 'dopamine'?",
        ),
        (
            "seed: 7",
            "record: trails\nseed: 7",
            "2:9: record must be trials, summary or a list of signals, not 'trails', did you mean 'trials'?",
        ),
        (
            "seed: 7",
            "record: {a: 1}\nseed: 7",
            "2:9: record must be trials, summary or a list of signals, not {'a': 1}",
        ),
        # parameters
        (
            "{n: 3}",
            "{n: 3, parameters: {nmad: 1}}",
            "4:34: HabenulaAgent has no parameter 'nmad', did you mean 'nmda'?",
        ),
        ("{n: 3}", "{n: 3, parameters: {nmda: 1.5}}", "4:40: nmda must be between 0 and 1, not 1.5"),
        ("{n: 3}", "{n: 3, parameters: {nmda: true}}", "4:40: nmda must be a number, not True"),
        ("{n: 3}", "{n: 3, parameters: {nmda: '1'}}", "4:40: nmda must be a number, not '1'"),
        ("{n: 3}", "{n: 3, parameters: {nmda: .nan}}", "4:40: nmda must be finite, not nan"),
        ("{n: 3}", "{n: 3, parameters: [nmda]}", "4:33: groups.escapable.parameters must be a mapping, not ['nmda']"),
        ("{escapable: false}", "{escapable: 0}", "16:29: escapable must be true or false, not 0"),
        (
            "{escapable: false}",
            "{escapable: false, durations_s: [2, 0]}",
            "16:53: durations_s must be between 1 and 3600, not 0",
        ),
        ("{escapable: false}", "{escapable: false, durations_s: []}", "16:49: durations_s must not be empty"),
        ("{escapable: false}", "{escapable: false, durations_s: 3}", "16:49: durations_s must be a list, not 3"),
        (
            "{escapable: false}",
            "{escapable: false, warning_s: 1.5}",
            "16:47: warning_s must be a whole number, not 1.5",
        ),
        # yoking
        ("to: escapable", "to: escapeable", "7:15: unknown group 'escapeable', did you mean 'escapable'?"),
        ("n: 2", "n: 4", "7:15: 4 subjects of 'yoked' need as many partners; group 'escapable' has 3"),
        (
            "{n: 3}",
            "{n: 3, yoked_to: escapable}",
            "4:31: group 'escapable' is yoked to itself, directly or through others",
        ),
        # phases
        ("    trials: 5", "    trials: 5\n    groups: [yokde]", "23:14: unknown group 'yokde', did you mean 'yoked'?"),
        ("groups: [yoked]", "groups: [yoked, yoked]", "14:21: group 'yoked' stands here twice"),
        ("name: test", "name: stress", "19:11: a phase before this one is called 'stress' already"),
        ("replays: training", "replays: trainig", "18:14: unknown phase 'trainig', did you mean 'training'?"),
        (
            "    replays: training",
            "    replays: test",
            "18:14: phase 'test' does not come before this one, so it cannot be replayed",
        ),
        (
            "    replays: training",
            "    replays: stress",
            "18:14: phase 'stress' does not come before this one, so it cannot be replayed",
        ),
        (
            "groups: [yoked]",
            "groups: [yoked, escapable]",
            "18:14: group 'escapable' takes part, but has no partners: it needs 'yoked_to'",
        ),
        ("{escapable: false}", "{}", "18:14: a phase that replays needs escapable: false in its parameters"),
        (
            "    groups: [escapable]\n    task: ShuttleBox",
            "    task: ForcedSwim",
            "17:14: ForcedSwim has nothing that a yoked subject could replay",
        ),
        (
            "    task: ShuttleBox\n    parameters: {escapable: false}",
            "    task: ForcedSwim",
            "17:14: ForcedSwim cannot replay anything",
        ),
    ],
)
def test_one_mistake(folder, old, new, expected):
    assert problems(changed(old, new)) == [f"c.yaml:{expected}"]


def test_partner_absent_from_the_replayed_phase(folder):
    text = changed("groups: [escapable]", "groups: [other]").replace("phases:", "  other: {n: 1}\nphases:")
    assert problems(text) == [
        "c.yaml:19:14: group 'escapable', the partners of 'yoked', take no part in phase 'training'"
    ]


def test_group_in_no_phase(folder):
    text = TRIAD.replace("trials: 5", "trials: 5\n    groups: [yoked]").replace("phases:", "  idle: {n: 1}\nphases:")
    assert problems(text) == ["c.yaml:8:3: group 'idle' takes part in no phase"]


def test_a_chain_of_partners_is_fine_and_a_circle_is_not(folder):
    chain = changed("phases:", "  third: {n: 1, yoked_to: yoked}\nphases:")
    assert loaded(chain).groups["third"].yoked_to == "yoked"
    circle = chain.replace("{n: 3}", "{n: 3, yoked_to: third}")
    circle = circle.replace("  escapable: {", "  aside: {n: 1, yoked_to: third}\n  escapable: {")
    tail = "yoked to itself, directly or through others"
    assert problems(circle) == [
        f"c.yaml:5:31: group 'escapable' is {tail}",
        f"c.yaml:8:15: group 'yoked' is {tail}",
        f"c.yaml:9:27: group 'third' is {tail}",
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{normal: {mean: 0.5, sd: 0.1}}", None),
        ("{uniform: {low: 0.2, high: 0.2}}", None),
        ("{lognormal: {median: 0.5, sigma: 0}}", None),
        ("{normal: {mean: 1.5, sd: 0.1}}", "42: mean must be between 0 and 1, the range of nmda, not 1.5"),
        ("{normal: {mean: 0.5, sd: -1}}", "51: sd must be between 0 and inf, not -1"),
        ("{normal: {mean: 0.5, sd: .inf}}", "51: sd must be finite, not inf"),
        ("{normal: {mean: true, sd: 1}}", "42: mean must be a number, not True"),
        ("{normal: {mean: 0.5}}", "27: normal needs 'sd'"),
        ("{normal: 0.5}", "35: normal needs mean and sd"),
        ("{normal: {mean: 0.5, sd: 1, s: 1}}", "54: Normal has no parameter 's', did you mean 'sd'?"),
        ("{uniform: {low: 0.3, high: 0.2}}", "36: low (0.3) must not be above high (0.2)"),
        ("{uniform: {low: -1, high: 0.2}}", "42: low must be between 0 and 1, the range of nmda, not -1"),
        ("{lognormal: {median: 0, sigma: 1}}", "47: median must be between 1e-300 and inf, not 0"),
        ("{gamma: {a: 1}}", "27: unknown distribution 'gamma'"),
        ("{nromal: {mean: 0.5, sd: 1}}", "27: unknown distribution 'nromal', did you mean 'normal'?"),
        ("{normal: {mean: 0, sd: 1}, uniform: {low: 0, high: 1}}", "26: a distribution is written as"),
        ("{}", "26: a distribution is written as"),
    ],
)
def test_distributions(folder, written, expected):
    text = changed("    n: 2", f"    n: 2\n    parameters: {{  nmda: {written} }}")
    if expected is None:
        assert loaded(text).groups["yoked"].parameters["nmda"]
    else:
        (said,) = problems(text)
        assert said.startswith(f"c.yaml:7:{expected}")


def test_a_task_takes_no_distribution_and_neither_does_a_switch(folder):
    (said,) = problems(changed("{escapable: false}", "{escapable: false, shock: {normal: {mean: 1, sd: 1}}}"))
    assert said.startswith("c.yaml:16:43: shock must be a number, not {'normal'")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[ketamine: {dose_mg_per_kg: 10, hours_before: 1}, vehicle: {}]", None),
        ("[ketmine: {}]", "21: unknown intervention 'ketmine', did you mean 'ketamine'?"),
        ("[scopolamine: {}]", "21: unknown intervention 'scopolamine'; known: ampa_plasticity, ap5, "),
        ("[ketamine: {species: rat, volume_l_per_kg: 3}]", None),
        ("[ketamine: {dose: 5 mg/kg, dose_mg_per_kg: 10}]", "31: Ketamine: give dose or dose_mg_per_kg, not both"),
        ("[ketamine: {infusion_min: 10}]", "31: Ketamine: infusion_min is 10, but it belongs to route infusion"),
        (
            "[ketamine: {}, ketamine: {species: human}]",
            "35: Ketamine is given to a mouse and Ketamine to a human: one subject cannot be both (group 'yoked')",
        ),
        ("[ketamine: {dose: 10}]", "38: dose needs its unit, as in '10 mg/kg'"),
        (
            "[ketamine: {dose: 10 mg}]",
            "31: Ketamine: dose must be written as in '10 mg/kg': the unit 'mg' is not known",
        ),
        ("[ketamine: {dose: 10 mg/kg, route: iv, hours_before: 1}]", None),
        ("[ketamine: {route: oral}]", "39: route must be iv, infusion, ip, sc or intranasal, not 'oral'"),
        ("[mk801: {species: human}]", "28: MK801: there are no kinetics of MK-801 for human, only for mouse"),
        (
            "[kir_loss: {}, kir_overexpression: {}]",
            "35: KirLoss and KirOverexpression cannot be in force together (group 'yoked')",
        ),
        ("[ketamine: {hours_before: -1}]", "46: hours_before must be between 0 and 1e+06, not -1"),
        ("[vehicle: ]", "21: vehicle must be a mapping of its parameters, or {}, not null"),
        ("[vehicle]", "21: an intervention is written as vehicle: {}, with its parameters inside the braces"),
        ("[{vehicle: {}, lesion: {}}]", "21: an intervention is written as ketamine: {}"),
        ("[[vehicle]]", "21: an intervention is written as ketamine: {}"),
        ("{vehicle: {}}", "20: groups.yoked.interventions must be a list, not {'vehicle': {}}"),
    ],
)
def test_interventions(folder, written, expected):
    text = changed("    n: 2", f"    n: 2\n    interventions: {written}")
    if expected is None:
        assert [*loaded(text).groups["yoked"].interventions[0]] == ["ketamine"]
    else:
        (said,) = problems(text)
        assert said.startswith(f"c.yaml:7:{expected}")


class Bare(Agent):
    """Bare: an agent without a habenula."""

    signals = ("rpe",)


def test_an_intervention_acts_on_what_the_agent_has(folder, monkeypatch):
    monkeypatch.setitem(AGENTS, "Bare", Bare)
    text = changed("    n: 2", "    n: 2\n    agent: Bare\n    interventions: [vehicle: {}]")
    assert loaded(text).groups["yoked"].agent == "Bare"
    assert problems(text.replace("vehicle: {}", "ketamine: {}")) == [
        "c.yaml:8:21: ketamine acts on 'nmda', which Bare (group 'yoked') does not have"
    ]
    given_later = text + "    interventions:\n      - lesion: {hours_before: 1}\n"
    assert problems(given_later) == [
        "c.yaml:26:9: lesion acts on 'habenula_output', which Bare (group 'yoked') does not have"
    ]


def test_a_signal_must_be_one_of_an_agent_of_the_study(folder):
    """An agent that does not have it has no number there."""
    text = changed("    n: 2", "    n: 2\n    agent: LowMotivation")
    study = loaded(text, "record=[lhb]")
    plan = plan_of(study)
    trials = {unit.group: units.run_unit(plan, unit, compiled=False).trials for unit in units.units_of(plan)}
    assert [("lhb" in table) for table in trials.values()].count(True) == len(study.groups) - 1
    assert problems(text, "record=[rpe, lhbs]") == [
        "--set record=[rpe, lhbs]: no agent here has a signal 'lhbs', did you mean 'lhb'?"
    ]


def test_one_context_is_one_place(folder):
    alike = TRIAD.replace("trials: 4", "trials: 4\n    context: box")
    assert [phase.context for phase in loaded(alike).phases] == ["box", "box", None]
    swim = TRIAD + "  - {name: swim, task: ForcedSwim, trials: 1, context: test}\n"
    assert problems(swim) == [
        "c.yaml:23:56: phase 'test' has this context too, "
        "but its states are safe, warning, shock, and here they are water"
    ]
    weak = TRIAD + "  - {name: weak, task: ShuttleBox, trials: 1, context: test, parameters: {shock: 0.5}}\n"
    assert problems(weak) == [
        "c.yaml:23:56: phase 'test' has this context too, but its states do not hurt as much as those here"
    ]


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("{name: a, task: ShuttleBox, trials: 2.5}", "41: phases.0.trials must be a whole number, not 2.5"),
        ("{name: a, task: ShuttleBox, trials: 0}", "41: phases.0.trials must be at least 1, not 0"),
        ("{name: a, env: 3, trials: 2}", "20: phases.0.env must be text, not 3"),
        (
            "{name: a, task: Detour, trials: 2}",
            "21: unknown task 'Detour': if it is your own, name its file under own, as in own: [mine.py]",
        ),
    ],
)
def test_a_mistake_in_the_only_phase_is_one_mistake(folder, phase, expected):
    text = f"study: one\nseed: 1\ngroups: {{rats: {{n: 2}}}}\nphases:\n  - {phase}\n"
    assert problems(text) == [f"c.yaml:5:{expected}"]
    assert problems(text.replace(f"\n  - {phase}", " []"))[0].endswith("phases must not be empty")
    assert problems(text.replace("{n: 2}", "{n: 0}").replace(phase, "{name: a, task: ShuttleBox, trials: 1}")) == [
        "c.yaml:3:20: groups.rats.n must be at least 1, not 0"
    ]


def test_an_unknown_agent_may_be_ones_own(folder):
    text = changed("    n: 2", "    n: 2\n    agent: Ratty")
    assert problems(text)[0].endswith("name its file under own, as in own: [mine.py]")


# Many mistakes at once


def test_every_mistake_is_told_in_the_order_of_lines(folder):
    text = """\
study: many
seed: 1.5
recrd: trials
groups:
  naive: {n: true, yoked_to: nobody, parameters: {hyperactvity: 1, beta: -3}}
  empty:
phases:
  - name: one
    task: ShutleBox
    trials: 0
    groups: [naive, niave]
  - name: one
    task: ShuttleBox
    parameters: {durations_s: [3, -1, x]}
    replays: two
    trials: 1
"""
    assert problems(text, "groups.nosuch.n=3", "phases.one.trails=7") == [
        "c.yaml:2:7: seed must be a whole number, not 1.5",
        "c.yaml:3:1: unknown key 'recrd' in the study, did you mean 'record'?",
        "c.yaml:5:14: groups.naive.n must be a whole number, not true",
        "c.yaml:5:30: unknown group 'nobody'",
        "c.yaml:5:51: HabenulaAgent has no parameter 'hyperactvity', did you mean 'hyperactivity'?",
        "c.yaml:5:74: beta must be between 0 and 100, not -3",
        "c.yaml:6:3: groups.empty must be a mapping, not null",
        "c.yaml:9:11: unknown task 'ShutleBox', did you mean 'ShuttleBox'?",
        "c.yaml:10:13: phases.0.trials must be at least 1, not 0",
        "c.yaml:11:21: unknown group 'niave', did you mean 'naive'?",
        "c.yaml:12:11: a phase before this one is called 'one' already",
        "c.yaml:14:35: durations_s must be between 1 and 3600, not -1",
        "c.yaml:14:39: durations_s must be a number, not 'x'",
        "c.yaml:15:14: unknown phase 'two'",
        "--set groups.nosuch.n=3: there is no 'nosuch' in groups",
        "--set phases.one.trails=7: unknown key 'trails' in phases.0, did you mean 'trials'?",
    ]


def test_mistakes_of_yaml_and_of_meaning_together(folder):
    text = changed("n: 2", "n: &two 2").replace(
        "trials: 5", "trials: *two\n    trials: 6\n    tirals: !!int 7\n    <<: {}"
    )
    assert problems(text, "seed=x") == [
        "c.yaml:6:8: anchors (&two) are not allowed",
        "c.yaml:22:13: aliases (*two) are not allowed, write the value out",
        "c.yaml:23:5: duplicate key 'trials', first on line 22",
        "c.yaml:24:13: tags (tag:yaml.org,2002:int) are not allowed",
        "c.yaml:25:5: merge keys (<<) are not allowed, write the values out",
        "--set seed=x: seed must be a whole number, not 'x'",
    ]


def test_more_mistakes_than_anyone_reads_are_counted(folder):
    said = problems(TRIAD + "".join(f"x{i}: 1\n" for i in range(60)))
    assert (len(said), said[-1]) == (51, "and 10 problems more")


# --set


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ("groups.yoked.n=1", lambda study: study.groups["yoked"].n == 1),
        ("phases.test.trials=9", lambda study: study.phases[2].trials == 9),
        ("phases.2.trials = 9", lambda study: study.phases[2].trials == 9),
        ("seed=12", lambda study: study.seed == 12),
        ("record=[rpe, lhb]", lambda study: study.record == ("rpe", "lhb")),
        ("groups.yoked.agent=HabenulaAgent", lambda study: study.groups["yoked"].agent == "HabenulaAgent"),
        ("groups.yoked.parameters.hyperactivity=1", lambda s: s.groups["yoked"].parameters == {"hyperactivity": 1}),
        ("phases.test.parameters.effort=1e-2", lambda study: study.phases[2].parameters == {"effort": 0.01}),
        (
            "phases.stress.parameters.warning_s=3",
            lambda s: s.phases[1].parameters == {"escapable": False, "warning_s": 3},
        ),
        ("groups.naive={n: 4}", lambda study: study.groups["naive"].n == 4),
        ("groups.yoked.interventions=[ketamine: {}]", lambda s: s.groups["yoked"].interventions == ({"ketamine": {}},)),
        ("description=a=b", lambda study: study.description == "a=b"),
    ],
)
def test_settings(folder, setting, read):
    assert read(loaded(TRIAD, setting))


@pytest.mark.parametrize("step", ["ketamine", "0.ketamine"])
def test_setting_inside_an_intervention(folder, step):
    text = TRIAD + "    interventions: [ketamine: {}]\n"
    study = loaded(text, f"phases.test.interventions.{step}.dose_mg_per_kg=3")
    assert study.phases[2].interventions == ({"ketamine": {"dose_mg_per_kg": 3}},)


def test_names_with_dots_can_be_set(folder):
    text = changed("name: test", "name: day.2").replace("  yoked:", "  dose.1.5: {n: 1}\n  yoked:")
    study = loaded(text, "groups.dose.1.5.n=2", "phases.day.2.trials=8")
    assert (study.groups["dose.1.5"].n, study.phases[2].trials) == (2, 8)


def test_the_last_setting_wins_and_none_touches_the_file(folder):
    assert loaded(TRIAD, "seed=x", "seed=3", seed=None).seed == 3
    assert loaded(TRIAD, "seed=3", seed=4).seed == 4
    assert Path("c.yaml").read_text() == TRIAD


def test_a_setting_can_mend_the_file(folder):
    assert loaded(changed("n: 2", "n: x"), "groups.yoked.n=2").groups["yoked"].n == 2
    assert loaded(changed("seed: 7\n", ""), seed=5).seed == 5


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("groups.nosuch.n=3", "there is no 'nosuch' in groups"),
        ("groups.yokde.n=3", "there is no 'yokde' in groups, did you mean 'yoked'?"),
        ("grups.yoked.n=3", "there is no 'grups' in the study, did you mean 'groups'?"),
        ("phases.tset.trials=3", "there is no 'tset' in phases, did you mean 'test'?"),
        ("phases.3.trials=3", "there is no '3' in phases"),
        ("phases.-1.trials=3", "there is no '-1' in phases"),
        ("groups.yoked.n.x=3", "groups.yoked.n is 2, which has no 'x' in it"),
        ("groups.yoked.interventions.0.ketamine.hours_before=3", "there is no 'interventions' in groups.yoked"),
        ("groups.yoked.m=3", "unknown key 'm' in groups.yoked"),
        ("groups.yoked.agnet=3", "unknown key 'agnet' in groups.yoked, did you mean 'agent'?"),
        ("sede=3", "unknown key 'sede' in the study, did you mean 'seed'?"),
        ("parameters.x=3", "unknown key 'parameters' in the study"),
        ("groups.yoked.n=9", None),
        ("groups.yoked.n=", "groups.yoked.n must be a whole number, not null"),
        ("groups.yoked.n=true", "groups.yoked.n must be a whole number, not true"),
        ("groups.yoked.parameters.nmda=2", "nmda must be between 0 and 1, not 2"),
        ("groups.yoked.parameters.nmad=1", "HabenulaAgent has no parameter 'nmad', did you mean 'nmda'?"),
        ("groups.yoked={n: 1, n: 2}", "duplicate key 'n'"),
        ("groups.yoked.n=&a 1", "anchors (&a) are not allowed"),
        ("record=[rpe", "not YAML: expected ',' or ']', but got '<stream end>', while parsing a flow sequence"),
        ("groups.yoked.n", "a setting is written path.to.key=value"),
        ("=3", "a setting is written path.to.key=value"),
        ("groups..n=3", "a setting is written path.to.key=value"),
        ("", "a setting is written path.to.key=value"),
    ],
)
def test_wrong_settings(folder, setting, expected):
    said = problems(TRIAD, setting)
    if expected is None:
        assert said == ["c.yaml:7:15: 9 subjects of 'yoked' need as many partners; group 'escapable' has 3"]
    else:
        assert said == [f"--set {setting}: {expected}"]


def test_wrong_settings_come_together_in_their_order(folder):
    said = problems(changed("seed: 7", "seed: x"), "b=1", "groups.a.n=1", "a=1")
    assert [problem.split(":")[0] for problem in said] == ["c.yaml", "--set b=1", "--set groups.a.n=1", "--set a=1"]


def test_a_seed_out_of_range(folder):
    assert problems(TRIAD, seed=-1) == ["--seed -1: seed must be at least 0, not -1"]


# Files that are no config

STRAY_COLON = "a ':' where none can be: quote a text that holds one, else see the indentation here and the line above"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "c.yaml: is empty, where a study should be"),
        (b"# only a comment\n", "c.yaml: is empty, where a study should be"),
        (b"- a\n", "c.yaml:1:1: a config must be a mapping, not ['a']"),
        (b"just text\n", "c.yaml:1:1: a config must be a mapping, not 'just text'"),
        (b"study: a\nb:\n  c: 1\n\td: 2\n", "c.yaml:4:1: not YAML: a tab, where lines are indented with spaces only"),
        (b"study: a\nb:\n  trials 20\n  c: 2\n", f"c.yaml:4:4: not YAML: {STRAY_COLON}"),
        (
            b"study: a\nb:\n  c: 1\n d: 2\n",
            "c.yaml:4:2: not YAML: the indentation of this line does not fit the lines above",
        ),
        (
            b"study: a\nb:\n  d: 1\n  trials 20\n  c: 2\n",
            "c.yaml:4:3: not YAML: a key needs a colon and a space behind it, as in n: 8",
        ),
        (b"study: a\nb: c: d\n", f"c.yaml:2:5: not YAML: {STRAY_COLON}"),
        (TRIAD.encode() + b'description: "\\ud800"\n', "c.yaml:23:14: a character that text cannot hold: '\\ud800'"),
        (TRIAD.encode() + b'"\\e[2J": 1\n', "c.yaml:23:1: a character that text cannot hold: '\\x1b'"),
        (b"study: a\nb: \xff\n", "c.yaml:2:4: not UTF-8 text (byte 0xff)"),
        ("study: ä\n".encode("utf-16"), "c.yaml:1:1: not UTF-8 text (byte 0xff)"),
        (b"study: a\nb: \x00\n", "c.yaml:2:4: not YAML: a character that text cannot hold"),
        (b"%YAML 1.1\n---\na: 1\n", "c.yaml:1:1: % directives are not allowed"),
        (TRIAD.encode() + b"---\nstudy: b\n", "c.yaml:23:1: a second document; a config is one"),
    ],
)
def test_files_that_are_no_config(folder, content, expected):
    Path("c.yaml").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_study("c.yaml")
    assert caught.value.problems == (expected,)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wu2012", "wu2012: no file and no known study has this name, did you mean 'wu2021'?"),
        ("qqqqqqqq", "qqqqqqqq: no file and no known study has this name"),
        ("elsewhere/wu2012.yaml", "elsewhere/wu2012.yaml: there is no such file, did you mean 'wu2021'?"),
        ("../../etc", "../../etc: there is no such file"),
        (".", ".: is a folder, where a config should be"),
        ("", "config: no file and no known study has this name"),
        ("a\nb", "a\\nb: no file and no known study has this name"),
        ("a\0b", "a\\x00b: no file and no known study has this name"),
    ],
)
def test_no_such_config(folder, name, expected):
    with pytest.raises(ConfigError) as caught:
        config.find_config(name)
    assert str(caught.value) == expected


def test_a_very_long_name_is_no_config(folder):
    with pytest.raises(ConfigError, match=r"^aa.*\.\.\..*no known study has this name$"):
        config.find_config(300 * "a")


def test_unreadable_file(folder, monkeypatch):
    Path("c.yaml").write_text(TRIAD)

    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(yaml_source, "open", refuse, raising=False)
    with pytest.raises(ConfigError, match=r"^c\.yaml: cannot be read \(Permission denied\)$"):
        load_study("c.yaml")


def test_own_configs_come_before_those_of_the_package(folder):
    assert config.find_config("wu2021").is_absolute()
    Path("configs").mkdir()
    Path("configs/wu2021.yaml").write_text(TRIAD)
    Path("configs/.hidden.yaml").write_text(TRIAD)
    assert config.find_config("wu2021") == Path("configs/wu2021.yaml")
    assert ".hidden" not in config.known_studies()
    Path("wu2021").mkdir()  # a folder of results, say
    assert load_study("wu2021").study == "triad"
    Path("yang2018").write_text(TRIAD)
    assert config.find_config("yang2018") == Path("yang2018")


# Hostile files

LAUGHS = "a: &a [1, 1]\n" + "".join(
    f"{b}: &{b} [{'*' + a + ', '}*{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "billion laughs": LAUGHS,
    "merge bomb": "a: &a {x: 1}\nb:\n" + "  <<: *a\n" * 2000,
    "deep flow": "[" * 30_000,
    "deep mapping": "{a: " * 8_000,
    "deep block": "- " * 15_000,
    "deep keys": "? " * 15_000,
    "many items": "a: [" + "1,\n" * 80_000 + "]",
    "many keys": "".join(f"k{i}: 1\n" for i in range(20_000)),
    "many duplicates": "a: 1\n" * 40_000,
    "many groups": TRIAD.replace("groups:\n", "groups:\n" + "".join(f"  g{i}: 1\n" for i in range(2500)), 1),
    "groups by phases": "groups:\n"
    + "".join(f"  g{i}: {{n: 2, yoked_to: g{i + 1}}}\n" for i in range(256))
    + "phases:\n"
    + "".join(f"  - {{name: p{i}, replays: q}}\n" for i in range(256)),
    "many typos": TRIAD + "".join(f"stduy{i}: 1\n" for i in range(4000)),
    "blank lines": "\n" * 262_000,
    "comments": "#\n" * 131_000,
    "long line": "a: " + "x" * 200_000,
    "exclamation marks": ("!" * 30_000 + "\n") * 8,
    "directives": "%a\n" * 80_000,
    "long number": "seed: " + "9" * 30_000,
    "long hexadecimal": "seed: 0x" + "f" * 30_000,
    "long key": "a" * 900 + ": 1\n" + TRIAD,
    "python object": TRIAD + "x: !!python/object/apply:os.system [echo]\n",
    "too long": "#" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_once(folder, name):
    start = time.process_time()
    said = problems(HOSTILE[name])
    assert time.process_time() - start < 1.0
    assert len(said) <= 51
    assert all(len(problem) < 500 and "\n" not in problem for problem in said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [" + "1,\n" * 80_000 + "]", "c.yaml:9998:1: more than 10000 keys and values"),
        ("a: " + "[" * 30, "c.yaml:1:24: nested more than 20 deep"),
        ("a: " + "[" * 20 + "]" * 20, "c.yaml:1:1: unknown key 'a' in the study"),
        ("b: 1\n#" + "x" * 32_767, "c.yaml:1:1: unknown key 'b' in the study"),
        ("b: 1\n#" + "x" * 32_768, "c.yaml:2:32769: a line longer than 32 KiB"),
        ("#\n" * 131_072 + "b", "c.yaml: longer than 256 KiB, which no config needs to be"),
        (
            TRIAD.replace("groups:\n", "groups:\n" + "".join(f"  g{i}: {{n: 1, agent: Q}}\n" for i in range(255)), 1),
            "c.yaml:4:3: groups must not hold more than 256",
        ),
    ],
    ids=["nodes", "too deep", "deep", "long line", "too long line", "bytes", "groups"],
)
def test_bounds(folder, text, expected):
    said = problems(text)
    assert expected in said
    assert len(said) == 1 or "unknown key" in expected


@given(st.text(st.characters(codec="utf-8"), max_size=200) | st.text("ab:-[]{},&*!|>'\"%#?<@ \n\t1.~", max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_is_refused_with_places(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ConfigError) as caught:
        load_study(path)
    for problem in caught.value.problems:
        assert re.match(re.escape(str(path)) + r"(:\d+:\d+)?: .", problem)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["yoked", "test", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["n", "name", "normal", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
PLACES = [
    "seed",
    "record",
    "study",
    "groups",
    "phases",
    "groups.yoked",
    "groups.yoked.n",
    "groups.yoked.agent",
    "groups.yoked.parameters",
    "groups.yoked.parameters.nmda",
    "groups.yoked.yoked_to",
    "groups.yoked.interventions",
    "phases.0",
    "phases.1.name",
    "phases.1.task",
    "phases.1.parameters",
    "phases.1.parameters.durations_s",
    "phases.1.trials",
    "phases.1.gap_hours",
    "phases.1.groups",
    "phases.1.replays",
    "phases.1.context",
    "phases.1.interventions",
]


@given(st.sampled_from(PLACES), JUNK)
@settings(max_examples=300, deadline=None)
def test_any_value_anywhere_is_taken_or_refused(tmp_path_factory, place, value):
    path = tmp_path_factory.getbasetemp() / "junk.yaml"
    path.write_text(TRIAD, encoding="utf-8")
    written = json.dumps(value).replace("NaN", ".nan").replace("Infinity", ".inf")
    with contextlib.suppress(ConfigError):
        json.dumps(plan_of(load_study(path, [f"{place}={written}"])).config, allow_nan=False)


# What a config comes to, and its hash


def test_resolved_fills_in_every_default(folder):
    text = TRIAD + "    interventions: [ketamine: {hours_before: 2}]\n"
    full = plan_of(loaded(text, "groups.yoked.parameters.hyperactivity={normal: {mean: 1, sd: 0}}")).config
    assert json.loads(json.dumps(full, allow_nan=False)) == full
    agent = full["groups"]["yoked"]["parameters"]
    assert set(agent) == set(AGENTS["HabenulaAgent"].fields())
    assert agent["hyperactivity"] == {"normal": {"mean": 1.0, "sd": 0.0}}
    test = full["phases"][2]
    assert test["parameters"] == json.loads(json.dumps(TASKS["ShuttleBox"]().values()))
    assert (test["groups"], test["context"]) == (["escapable", "yoked"], "test")
    (given,) = test["interventions"]
    assert given["ketamine"] == INTERVENTIONS["ketamine"](hours_before=2.0).values()
    assert (full["record"], full["description"], full["phases"][0]["gap_hours"]) == ("trials", "", 0.0)


def reordered(value):
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


def test_hash_is_of_the_meaning(folder):
    study = loaded(TRIAD)
    own = plan_of(study).hash
    assert re.fullmatch("[0-9a-f]{16}", own)
    source = yaml_source.read_file(Path("c.yaml"))
    Path("other.yaml").write_text(json.dumps(reordered(source.data)))
    assert plan_of(load_study("other.yaml")).hash == own
    same = [
        "description=words",
        "phases.test.context=test",
        "phases.test.parameters={escapable: true}",
        "phases.test.groups=[yoked, escapable]",
        "groups.yoked.agent=HabenulaAgent",
        "phases.test.gap_hours=24.0",
        "phases.test.parameters={responses: 1.0}",
    ]
    assert {plan_of(loaded(TRIAD, setting)).hash for setting in same} == {own}


def test_hash_changes_with_everything_that_counts(folder):
    settings = [
        "study=x",
        "seed=8",
        "record=summary",
        "groups.yoked.n=1",
        "groups.yoked.parameters.nmda=0.5",
        "groups.naive={n: 1}",
        "groups.yoked.parameters.nmda={normal: {mean: 0.5, sd: 0}}",
        "groups.escapable.interventions=[vehicle: {}]",
        "phases.test.trials=6",
        "phases.test.gap_hours=1",
        "phases.test.context=training",
        "phases.test.groups=[yoked]",
        "phases.test.parameters.effort=0",
        "phases.test.interventions=[vehicle: {}]",
        "phases.test.name=late",
    ]
    hashes = {plan_of(loaded(TRIAD, setting)).hash for setting in ("seed=7", *settings)}
    assert len(hashes) == len(settings) + 1


# The schema


def test_what_the_schema_file_knows_is_what_the_code_says(monkeypatch):
    """What is registered and not there yet comes there with `make docs-tables`; what is there has to be right."""
    text = (bundled("configs") / "study.schema.json").read_text(encoding="utf-8")
    known = json.loads(text)["$defs"]
    for registry, names in ((AGENTS, known), (TASKS, known), (INTERVENTIONS, known["Intervention"]["properties"])):
        for name in {*registry} - {*names}:
            monkeypatch.delitem(registry, name)
    assert text == schema.schema_text(), "configs/study.schema.json is out of date; renew it with: make docs-tables"


def test_schema_knows_every_parameter_with_meaning_and_range():
    made = schema.study_schema()["$defs"]
    for name, declared in {**AGENTS, **TASKS}.items():
        assert [*made[name]["properties"]] == [*declared.fields()]
    nmda = made["HabenulaAgent"]["properties"]["nmda"]
    assert nmda["anyOf"][0] == {"type": "number", "minimum": 0.0, "maximum": 1.0}
    assert nmda["description"].endswith("[fraction]")
    box = {name: value["anyOf"] for name, value in made["ShuttleBox"]["properties"].items()}
    assert box["responses"][0]["type"] == "integer" and box["escapable"][0]["type"] == "boolean"
    assert box["durations_s"][0]["items"]["anyOf"][0]["maximum"] == 3600
    assert set(made["Intervention"]["properties"]) == {*INTERVENTIONS, "groups", "phases"}
    assert made["Distribution"]["properties"]["normal"]["anyOf"][0]["required"] == ["mean", "sd"]


def test_reading_a_config_needs_nothing_heavy():
    heavy = "{'numba', 'pandas', 'pyarrow', 'matplotlib', 'seaborn', 'gymnasium'}"
    load = "from habenula_rl.config import study; study.load_study('wu2021')"
    code = f"import sys; {load}; print({heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
