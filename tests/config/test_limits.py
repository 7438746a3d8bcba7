"""What time and memory cannot give is refused before anything is run, at its line."""

import pytest

from habenula_rl.config import limits
from habenula_rl.config.contexts import difference
from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.experiment.run import run
from habenula_rl.tasks import ForcedSwim, ShuttleBox, SucrosePreference

STUDY = """\
study: small
seed: 3
groups:
  mice: {n: 4}
  rats: {n: 3, yoked_to: mice}
phases:
  - name: box
    task: ShuttleBox
    groups: [mice]
    parameters: {max_shock_s: 20}
    trials: 4
  - name: again
    gap_hours: 24
    task: ShuttleBox
    parameters: {escapable: false}
    trials: 4
"""


@pytest.fixture
def problems(tmp_path, monkeypatch):
    """A function from changes of the config, and settings, to what is said about it."""
    monkeypatch.chdir(tmp_path)

    def said(*changes, settings=(), subjects=None):
        text = STUDY
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
        try:
            load_study("c.yaml", settings, subjects=subjects)
        except ConfigError as error:
            return list(error.problems)
        return []

    return said


# 20 s of shock in 4 trials are 80 steps; mice 0 to 255 make a unit
def test_tables_larger_than_memory_are_refused(problems):
    huge = ("    trials: 4\n  - name: again", "    trials: 1000000\n  - name: again")
    many = ("mice: {n: 4}", "mice: {n: 1000}")
    (said,) = problems(huge, many)
    assert said.startswith("c.yaml:11:13: 256 subjects with up to 20000000 steps each (group 'mice') may fill ")
    assert said.endswith("GiB, more than 8 GiB")
    assert problems(huge, many, ("seed: 3", "seed: 3\nrecord: summary")) == []
    assert problems(many) == []


def test_record_summary_does_not_help_where_the_steps_are_replayed(problems):
    huge = ("    trials: 4\n  - name: again", "    trials: 1000000\n  - name: again")
    replaying = ("{escapable: false}", "{escapable: false}\n    groups: [rats]\n    replays: box")
    (said,) = problems(huge, replaying, ("seed: 3", "seed: 3\nrecord: summary"), ("mice: {n: 4}", "mice: {n: 40}"))
    assert said.startswith("c.yaml:12:13: 40 subjects")


def test_the_bound_is_of_bytes(problems, monkeypatch):
    from habenula_rl.agents import HabenulaAgent
    from habenula_rl.engine.records import row_type

    needed = 4 * 4 * 30 * row_type(HabenulaAgent).itemsize  # the larger phase: 30 s is the default
    monkeypatch.setattr(limits, "MOST_BYTES", needed)
    assert problems() == []
    monkeypatch.setattr(limits, "MOST_BYTES", needed - 1)
    (said,) = problems()
    assert said.startswith("c.yaml:16:13: 4 subjects with up to 120 steps each")


GIVEN = "{escapable: false}\n    interventions: [ketamine: {hours_before: HOURS}]"


@pytest.mark.parametrize("hours", [1, 24])
def test_a_drug_may_be_given_up_to_the_phase_before(problems, hours):
    assert problems(("{escapable: false}", GIVEN.replace("HOURS", str(hours)))) == []
    sums = (
        ("gap_hours: 24", "gap_hours: 0.6"),
        ("    task: ShuttleBox\n    groups", "    gap_hours: 0.3\n    task: ShuttleBox\n    groups"),
    )
    assert problems(*sums, ("{escapable: false}", GIVEN.replace("HOURS", "0.6"))) == []


def test_a_drug_given_before_an_earlier_phase_is_refused(problems):
    assert problems(("{escapable: false}", GIVEN.replace("HOURS", "25"))) == [
        "c.yaml:16:46: hours_before is 25, but group 'mice' was in phase 'box' 24 h before this one: "
        "give ketamine there"
    ]
    own = "{escapable: false}\n    groups: [rats]\n    interventions: [ketamine: {hours_before: 25}]"
    assert problems(("{escapable: false}", own)) == []  # the rats were in no phase before


def test_a_default_time_counts_too(problems):
    (said,) = problems(("{escapable: false}", "{escapable: false}\n    interventions: [lesion: {}]"))
    assert said.startswith("c.yaml:16:29: hours_before is 168, but")


@pytest.mark.parametrize(
    ("old", "new", "where", "passing"),
    [
        ("mice: {n: 4}", "mice: {n: 4, interventions: [vehicle: {hours_before: 999977}]}", "4:56", 24),
        (
            "    groups: [mice]\n",
            "    groups: [mice]\n    interventions: [vehicle: {hours_before: 999977}]\n",
            "10:45",
            24,
        ),
    ],
)
def test_a_drug_given_longer_ago_than_its_model_goes(problems, old, new, where, passing):
    why = f"hours_before is 999977, and {passing} h pass until the last phase: more than the 1e+06 h that vehicle knows"
    assert problems((old, new)) == [f"c.yaml:{where}: {why}"]
    assert problems((old, new.replace("999977", "999976"))) == []


REPLAY = "{escapable: false}\n    groups: [rats]\n    replays: box"


def test_a_replay_shorter_than_its_source_is_refused(problems):
    shorter = REPLAY.replace("false}", "false, max_shock_s: 19}")
    assert problems(("{escapable: false}", shorter)) == [
        "c.yaml:15:49: max_shock_s is 19, but phase 'box' has shocks of up to 20 s"
    ]
    assert problems(("{escapable: false}", shorter.replace("19", "20"))) == []


def test_a_replay_of_inescapable_shocks_is_as_long_as_the_longest(problems):
    source = ("{max_shock_s: 20}", "{max_shock_s: 20, escapable: false, durations_s: [2, 6.5]}")
    shorter = REPLAY.replace("false}", "false, max_shock_s: 6}")
    assert problems(source, ("{escapable: false}", shorter)) == [
        "c.yaml:15:49: max_shock_s is 6, but phase 'box' has shocks of up to 7 s"
    ]
    assert problems(source, ("{escapable: false}", shorter.replace("6}", "7}"))) == []


def test_a_context_named_by_another_phase_is_shared_with_it(problems):
    """The phase `box` has no context of its own: it is in the place of its name, which `again` says it is in."""
    swim = ("    task: ShuttleBox\n    groups", "    task: ForcedSwim\n    groups"), ("{max_shock_s: 20}", "{}")
    (said,) = problems(*swim, ("gap_hours: 24", "context: box"))
    assert said.startswith("c.yaml:13:14: phase 'box' has this context too, but its states are water")
    first_says = ("    groups: [mice]\n", "    groups: [mice]\n    context: again\n")
    (said,) = problems(*swim, first_says)
    assert said.startswith("c.yaml:13:11: phase 'box' has this context too, but its states are water")


def test_places_differ_in_states_actions_hurt_and_reflexes():
    assert difference(ShuttleBox(), ShuttleBox(escapable=False, max_shock_s=5)) is None
    assert "its states are water" in str(difference(ForcedSwim(), ShuttleBox()))
    one = difference(SucrosePreference(free=True), SucrosePreference(free=False))
    assert one == "its actions are nothing, sucrose, water, and here they are sucrose, water"
    assert "hurt" in str(difference(ShuttleBox(), ShuttleBox(shock=0.5)))
    assert "reflexes" in str(difference(ShuttleBox(crossing_reflex=0.2), ShuttleBox(crossing_reflex=0.3)))


def test_subjects_of_the_command_line_are_checked_with_the_rest(problems):
    said = problems(subjects=10_000_001)
    assert said == [
        f"--subjects 10000001: groups.{name}.n must be at most 10000000, not 10000001" for name in ("mice", "rats")
    ]
    assert problems(("mice: {n: 4}", "mice: {n: 2}"), subjects=6) == []  # and mend what was wrong in the file


def test_subjects_of_a_study_object_are_checked(problems):
    problems()
    study = load_study("c.yaml")
    with pytest.raises(ConfigError, match=r"^--subjects 10000001: groups\.mice\.n must be at most 10000000"):
        run(study, subjects=10_000_001)
    more = load_study("c.yaml", subjects=6)
    assert {name: group.n for name, group in more.groups.items()} == {"mice": 6, "rats": 6}
