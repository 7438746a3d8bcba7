"""Units of work: the same subjects whatever the chunks, yoking to the second, drugs in time."""

import functools
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from habenula_rl.agents import HabenulaAgent
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.experiment.fingerprint import fingerprints
from habenula_rl.experiment.units import Unit, run_phases, run_unit, units_of
from habenula_rl.interventions import Ketamine, Lesion

TRIAD = """\
study: triad
seed: 5
groups:
  escapable: {n: 7, parameters: {hyperactivity: {normal: {mean: 0.5, sd: 0.5}}}}
  yoked: {n: 7, yoked_to: escapable}
phases:
  - {name: harness, groups: [escapable], task: ShuttleBox, parameters: {max_shock_s: 4}, trials: 12}
  - {name: same_shocks, groups: [yoked], replays: harness, task: ShuttleBox,
     parameters: {escapable: false, max_shock_s: 4}, trials: 12}
  - {name: test, gap_hours: 24, task: ShuttleBox, parameters: {max_shock_s: 5}, trials: 3}
"""
ONE_GROUP = """\
study: one
seed: 5
groups:
  mice: {n: 3}
phases:
  - {name: box, task: ShuttleBox, parameters: {max_shock_s: 5}, trials: 4}
"""


@pytest.fixture
def study(tmp_path):
    """A function from a config's text to its plan."""

    def made(text, *replacements):
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return plan_of(load_study(path))

    return made


def whole(study, group, chunk=256):
    """A group's trials and subjects, from chunks of that size."""
    parts = [run_unit(study, unit) for unit in units_of(study, chunk) if unit.group == group]
    tables = [pd.concat([getattr(part, name) for part in parts]) for name in ("trials", "subjects")]
    return [table.sort_values(["phase", "subject"], kind="stable", ignore_index=True) for table in tables]


def shock_seconds(study, group, phase):
    """Seconds of shock for each subject and trial, counted in the table with no code of the task."""
    trials, _ = whole(study, group)
    rows = trials[trials["phase"] == phase]
    return rows.assign(s=rows["state"] == 2).groupby(["subject", "trial"])["s"].sum().unstack().to_numpy()


def test_units_cover_each_group_in_order(study):
    many = study(TRIAD, ("escapable: {n: 7", "escapable: {n: 600"))
    assert units_of(many) == [
        Unit("escapable", 0, 256),
        Unit("escapable", 256, 256),
        Unit("escapable", 512, 88),
        Unit("yoked", 0, 7),
    ]
    assert units_of(many)[1].name == "escapable-000256"


@pytest.mark.parametrize("group", ["escapable", "yoked"])
def test_chunks_change_nothing(study, group):
    for one, other in zip(whole(study(TRIAD), group, 3), whole(study(TRIAD), group), strict=True):
        assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize(
    "change",
    [
        ("groups:\n", "groups:\n  first: {n: 4}\n"),
        ("yoked: {n: 7", "yoked: {n: 4"),
        ("phases:", "phases:\n  - {name: drink, groups: [yoked], task: SucrosePreference, trials: 2}"),
    ],
)
def test_what_happens_to_others_changes_nothing(study, change):
    before, after = whole(study(TRIAD), "escapable"), whole(study(TRIAD, change), "escapable")
    for one, other in zip(before, after, strict=True):
        assert_frame_equal(one, other, check_exact=True)


def test_more_subjects_leave_the_first_as_they_were(study):
    few, _ = whole(study(TRIAD), "yoked")
    more, _ = whole(study(TRIAD, ("n: 7", "n: 11")), "yoked")
    assert_frame_equal(few, more[more["subject"] < 7].reset_index(drop=True), check_exact=True)


def test_the_seed_changes_everybody(study):
    one, other = whole(study(TRIAD), "escapable")[1], whole(study(TRIAD, ("seed: 5", "seed: 6")), "escapable")[1]
    assert not np.any(one["trait_hyperactivity"].to_numpy() == other["trait_hyperactivity"].to_numpy())


TWINS = """\
study: twins
seed: 5
groups:
  one: {n: 5, parameters: {hyperactivity: {normal: {mean: 0.5, sd: 0.5}}}}
  other: {n: 5, parameters: {hyperactivity: {normal: {mean: 0.5, sd: 0.5}}}}
phases:
  - {name: box, task: ShuttleBox, parameters: {max_shock_s: 5}, trials: 4}
  - {name: spouts, task: SucrosePreference, trials: 6}
"""


def test_groups_with_the_same_settings_are_the_same_to_the_last_bit(study):
    for one, other in zip(whole(study(TWINS), "one"), whole(study(TWINS), "other"), strict=True):
        assert_frame_equal(one.drop(columns="group"), other.drop(columns="group"), check_exact=True)


@pytest.mark.parametrize("table", [0, 1])
def test_independent_groups_are_other_subjects_with_other_luck(study, table):
    independent = study(TWINS, ("seed: 5", "seed: 5\nsubjects: independent"), ("{normal: {mean: 0.5, sd: 0.5}}", "0.5"))
    one, other = (whole(independent, group)[table].drop(columns="group") for group in ("one", "other"))
    assert not one.equals(other)
    drawn = study(TWINS, ("seed: 5", "seed: 5\nsubjects: independent"))
    traits = [drawn.groups[group].parameters(0, 5)["hyperactivity"] for group in ("one", "other")]
    assert not np.any(traits[0] == traits[1])


def test_the_same_subject_stands_at_the_same_quantile_of_another_distribution(study):
    shifted = study(
        TWINS,
        (
            "other: {n: 5, parameters: {hyperactivity: {normal: {mean: 0.5, sd: 0.5}}}}",
            "other: {n: 5, parameters: {hyperactivity: {normal: {mean: -1, sd: 0.25}}}}",
        ),
    )
    one, other = (shifted.groups[group].parameters(0, 5)["hyperactivity"] for group in ("one", "other"))
    np.testing.assert_allclose((one - 0.5) / 0.5, (other + 1) / 0.25, rtol=1e-12)


def test_a_yoked_subject_is_another_animal_than_its_partner_unless_the_config_says_otherwise(study):
    yoked = "yoked: {n: 7, yoked_to: escapable"
    spread = (yoked, f"{yoked}, parameters: {{hyperactivity: {{normal: {{mean: 0.5, sd: 0.5}}}}}}")

    def traits(*changes):
        made = study(TRIAD, spread, *changes)
        return [made.groups[group].parameters(0, 7)["hyperactivity"] for group in ("escapable", "yoked")]

    one, other = traits()
    assert not np.any(one == other)
    one, other = traits(("seed: 5", "seed: 5\nsubjects: same"))
    np.testing.assert_array_equal(one, other)


def test_an_unknown_choice_of_subjects_is_named_with_the_nearest(study):
    with pytest.raises(ConfigError, match=r"subjects must be same or independent, not 'indepent', did you mean 'indep"):
        study(TWINS, ("seed: 5", "seed: 5\nsubjects: indepent"))


def test_what_is_left_out_and_what_is_said_have_one_hash(study):
    for text, said in ((TWINS, "same"), (TRIAD, "independent")):
        assert study(text).hash == study(text, ("seed: 5", f"seed: 5\nsubjects: {said}")).hash
    other = study(TWINS, ("seed: 5", "seed: 5\nsubjects: independent"))
    assert study(TWINS).hash != other.hash


def test_seed_of_an_independent_group_is_what_it_was_when_results_were_published(study):
    spawned = np.random.SeedSequence(entropy=5, spawn_key=(zlib.crc32(b"escapable"),)).generate_state(1, np.uint64)[0]
    assert study(TRIAD).groups["escapable"].seed == int(spawned) // 2 < 2**63
    assert study(TRIAD).groups["escapable"].seed != study(TRIAD).groups["yoked"].seed


def drawn(study, distribution, n=2000, name="hyperactivity"):
    text = ONE_GROUP.replace("n: 3", f"n: {n}, parameters: {{{name}: {distribution}}}")
    return study(text).groups["mice"].parameters(0, n)[name]


def test_normal_has_its_mean_and_sd(study):
    values = drawn(study, "{normal: {mean: 0.5, sd: 0.3}}")
    assert values.mean() == pytest.approx(0.5, abs=4 * 0.3 / 2000**0.5)
    assert values.std() == pytest.approx(0.3, rel=0.07)


def test_uniform_fills_its_range(study):
    values = drawn(study, "{uniform: {low: -1, high: 2}}")
    assert -1 <= values.min() < -0.98
    assert 1.98 < values.max() <= 2
    assert values.mean() == pytest.approx(0.5, abs=0.08)


def test_lognormal_has_its_median(study):
    values = drawn(study, "{lognormal: {median: 0.2, sigma: 0.5}}", name="beta")
    assert np.median(values) == pytest.approx(0.2, rel=0.06)
    assert np.log(values).std() == pytest.approx(0.5, rel=0.07)


def test_draws_are_clipped_to_the_declared_range(study):
    values = drawn(study, "{normal: {mean: 1, sd: 9}}")
    assert values.min() == -3.0  # the range that HabenulaAgent declares for hyperactivity
    assert values.max() == 6.0


@given(first=st.integers(0, 10**6), n=st.integers(1, 20))
def test_a_draw_hangs_on_the_subject_alone(first, n):
    many = triad().groups["escapable"].parameters(first, n)["hyperactivity"]
    last = triad().groups["escapable"].parameters(first + n - 1, 1)["hyperactivity"]
    assert many[-1] == last[0]


@functools.cache
def triad():
    """The plan of TRIAD, read once for all examples of a property."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "triad.yaml"
        path.write_text(TRIAD, encoding="utf-8")
        return plan_of(load_study(path))


def test_two_parameters_are_drawn_independently(study):
    both = "{hyperactivity: {uniform: {low: 0, high: 1}}, nmda: {uniform: {low: 0, high: 1}}}"
    values = study(ONE_GROUP, ("n: 3", f"n: 3, parameters: {both}")).groups["mice"].parameters(0, 2000)
    assert abs(np.corrcoef(values["hyperactivity"], values["nmda"])[0, 1]) < 0.09


def test_fixed_parameters_are_taken(study):
    one = study(ONE_GROUP, ("n: 3", "n: 3, parameters: {hyperactivity: 1.5}"))
    assert one.groups["mice"].parameters(0, 3)["hyperactivity"] == 1.5
    assert "trait_hyperactivity" not in whole(one, "mice")[1]


def test_yoked_subjects_get_their_partners_shocks_to_the_second(study):
    partners = shock_seconds(study(TRIAD), "escapable", "harness")
    np.testing.assert_array_equal(shock_seconds(study(TRIAD), "yoked", "same_shocks"), partners)
    assert partners.shape == (7, 12)
    assert (partners == 4).any()  # a partner that failed
    assert (partners < 4).any()  # and one that escaped


def test_yoked_subjects_in_later_chunks_have_the_same_partners(study):
    partners = shock_seconds(study(TRIAD), "escapable", "harness")
    script = next(iter(run_phases(study(TRIAD), Unit("yoked", 5, 2)))).result.rows
    counted = [np.bincount(script["trial"][(script["state"] == 2) & (script["subject"] == s)]) for s in (5, 6)]
    np.testing.assert_array_equal(counted, partners[5:])


AVOIDING = [  # nothing keeps these from crossing in the warning's three seconds
    ("{max_shock_s: 4}, trials: 12", "{max_shock_s: 4, warning_s: 3}, trials: 12"),
    ("{mean: 0.5, sd: 0.5}}}}", "{mean: -1, sd: 0.5}}, reflex_go: 0.0}}"),
]


def test_yoked_subjects_get_no_shock_where_the_partner_avoided_it(study):
    signalled = ("escapable: false, max_shock_s: 4", "escapable: false, warning_s: 3, max_shock_s: 4")
    yoked = study(TRIAD, *AVOIDING, signalled)
    partners = shock_seconds(yoked, "escapable", "harness")
    assert (partners == 0).any() and (partners > 0).any()
    np.testing.assert_array_equal(shock_seconds(yoked, "yoked", "same_shocks"), partners)


def test_yoked_subjects_without_the_signal_get_no_shock_where_the_partner_avoided_it(study):
    yoked = study(TRIAD, *AVOIDING)
    partners = shock_seconds(yoked, "escapable", "harness")
    assert (partners == 0).any() and (partners > 0).any()
    np.testing.assert_array_equal(shock_seconds(yoked, "yoked", "same_shocks"), partners)


def test_a_replay_that_is_cut_short_is_refused(study):
    """`load_study` refuses such a config; a Study made in Python comes here unchecked."""
    whole_study = study(TRIAD).study
    cut = whole_study.phases[1].model_copy(update={"parameters": {"escapable": False, "max_shock_s": 2}})
    short = whole_study.model_copy(update={"phases": (whole_study.phases[0], cut, whole_study.phases[2])})
    with pytest.raises(ValueError, match=r"'yoked' cannot replay phase 'harness' in phase 'same_shocks'.*max_shock_s"):
        run_unit(plan_of(short), Unit("yoked", 0, 7))


CHAIN = TRIAD.replace(
    "  yoked: {n: 7, yoked_to: escapable}", "  yoked: {n: 7, yoked_to: escapable}\n  third: {n: 7, yoked_to: yoked}"
).replace(
    "  - {name: test,",
    """  - {name: once_more, groups: [third], replays: same_shocks, task: ShuttleBox,
     parameters: {escapable: false, max_shock_s: 4}, trials: 12}
  - {name: test,""",
)


def test_yoked_subjects_of_shocks_that_cost_nothing_feel_them_as_long(study):
    """What they pay does not show how long it lasts; what they are given is known."""
    replayed = "[yoked], replays: harness, task: ShuttleBox,\n     parameters: {"
    free = study(CHAIN, (replayed, replayed + "shock: 0, "))
    assert run_unit(free, Unit("yoked", 0, 7))
    with pytest.raises(ValueError, match="'same_shocks' of group 'yoked' cannot be replayed: how long its shocks"):
        run_unit(free, Unit("third", 0, 7))


def test_a_partner_of_free_shocks_is_replayed_to_the_second(study):
    """Sources that cost nothing: a failure lasts 4 s, an escape ends half a second before a full one."""
    free = study(CHAIN, ("{max_shock_s: 4}, trials: 12}", "{max_shock_s: 4, cost: 0}, trials: 12}"))
    given = {phase.phase.name: phase for phase in run_phases(free, Unit("yoked", 0, 7))}["same_shocks"]
    partners = next(run_phases(free, Unit("escapable", 0, 7))).result.rows
    ended = partners[(partners["terminated"] > 0) | (partners["truncated"] > 0)]
    paid = given.result.rows[given.result.rows["truncated"] > 0]
    crossed = 0.05 * (paid["action"] == 1)
    np.testing.assert_allclose(-paid["outcome"] - crossed, np.where(ended["terminated"] > 0, 0.25, 0.5), atol=1e-6)


def test_a_task_without_durations_cannot_be_replayed():
    from habenula_rl.tasks import SucrosePreference

    with pytest.raises(ValueError, match="SucrosePreference has nothing that a yoked subject could replay"):
        SucrosePreference().durations(np.zeros(0), 0, 1, 1)


DRUGS = """\
study: drugs
seed: 1
groups:
  treated: {n: 2, interventions: [ketamine: {dose_mg_per_kg: 10, hours_before: 1}]}
  late: {n: 2}
phases:
  - {name: before, gap_hours: 5, groups: [late], task: SucrosePreference, trials: 2}
  - {name: first, gap_hours: 2, task: SucrosePreference, trials: 2}
  - {name: second, gap_hours: 24, groups: [late, treated], task: SucrosePreference, trials: 2,
     interventions: [ketamine: {dose_mg_per_kg: 5, hours_before: 3}, lesion: {extent: 0.25, hours_before: 3}]}
  - {name: third, gap_hours: 10, task: SucrosePreference, trials: 2}
"""


def hours(study, group):
    """Dose and hours since of each ketamine in force, by phase."""
    return {
        phase.name: [(i.dose_mg_per_kg, i.hours_before) for i in phase.interventions if isinstance(i, Ketamine)]
        for phase in study.groups[group].phases
    }


def test_interventions_last_and_wear_off(study):
    assert hours(study(DRUGS), "late") == {"before": [], "first": [], "second": [(5, 3)], "third": [(5, 13)]}
    assert hours(study(DRUGS), "treated") == {
        "first": [(10, 1)],
        "second": [(10, 25), (5, 3)],
        "third": [(10, 35), (5, 13)],
    }


def test_interventions_reach_the_parameters(study):
    """In subjects that nothing has stressed, each phase sees the block that drug and lesion have at that time."""
    passed = {p.phase.name: p.subjects.parameters.copy() for p in run_phases(study(DRUGS), Unit("late", 0, 2))}
    left = [
        Lesion(extent=0.25, hours_before=ago)(Ketamine(dose_mg_per_kg=5, hours_before=ago)(HabenulaAgent()))
        for ago in (3, 13)
    ]
    assert left[0].nmda < left[1].nmda < 0.995
    np.testing.assert_allclose(passed["first"]["nmda"], 1.0)
    np.testing.assert_allclose(passed["second"]["nmda"], left[0].nmda, rtol=1e-12)
    np.testing.assert_allclose(passed["second"]["habenula_output"], 0.75)
    np.testing.assert_allclose(passed["third"]["nmda"], left[1].nmda, atol=1e-4)


def test_what_binds_goes_by_the_hyperactivity_that_stress_has_left(study):
    """Mice that shocks have made helpless bind as helpless ones do, whatever they were born as.

    In the five hours up to the test hyperactivity decays by exp(-t/72 h), and the drug binds in the last two of them:
    as it does where hyperactivity stays as it was in the middle of those, 4 h after the shocks.
    """
    settings = "n: 3, parameters: {recovery_days: 3.0, growth: 0.3, hyperactivity_max: 2.0}"
    stressed = study(
        ONE_GROUP,
        ("n: 3", settings),
        (
            "phases:",
            """phases:
  - {name: stress, task: ShuttleBox, parameters: {escapable: false, max_shock_s: 5}, trials: 20}""",
        ),
        ("name: box", "name: box, gap_hours: 5, interventions: [ketamine: {hours_before: 2}]"),
    )
    after = [
        (p.phase.name, p.subjects.state["hyperactivity"].copy(), p.subjects.parameters["nmda"].copy())
        for p in run_phases(stressed, Unit("mice", 0, 3))
    ]
    (_, grown, untouched), (_, _, left) = after[:2]
    assert (untouched == 1.0).all()

    def open_at(hour):
        return np.array([1.0 - Ketamine(hours_before=2.0).block(h) for h in grown * np.exp(-hour / 72.0)])

    np.testing.assert_allclose(left, open_at(4.0), rtol=1e-9)
    assert (open_at(3.0) < left).all() and (left < open_at(5.0)).all()
    assert (left < 0.8 * (1.0 - Ketamine(hours_before=2.0).block(0.0))).all()


def test_hyperactivity_starts_as_the_trait_and_goes_on_as_a_state(study):
    grown = study(
        ONE_GROUP,
        ("n: 3", "n: 3, parameters: {hyperactivity: 1.0}"),
        (
            "phases:",
            """phases:
  - {name: stress, task: ShuttleBox, parameters: {escapable: false, max_shock_s: 5}, trials: 20}""",
        ),
    )
    trials, subjects = whole(grown, "mice")
    after = subjects[subjects["phase"] == "stress"]["final_hyperactivity"].to_numpy()
    later = trials[(trials["phase"] == "box") & (trials["trial"] == 0) & (trials["step"] == 0)]["hyperactivity"]
    assert (after > 1.0).all()
    assert (later.to_numpy() > after - 1e-6).all()  # it went on from there, not from the trait


def test_what_is_learned_stays_with_its_context(study):
    twice = """phases:
  - {name: before, task: ShuttleBox, parameters: {escapable: false, max_shock_s: 5}, trials: 20, context: SAME}"""

    def first_step(context):
        changes = ("phases:", twice.replace("SAME", context)), ("trials: 4}", "trials: 4, context: apparatus}")
        trials, _ = whole(study(ONE_GROUP, *changes), "mice")
        return trials[(trials["phase"] == "box") & (trials["trial"] == 0) & (trials["step"] == 0)]

    known, new = first_step("apparatus"), first_step("elsewhere")
    assert (new["rpe"] == new["outcome"]).all()  # nothing is expected where nothing has happened
    assert (known["rpe"] != known["outcome"]).all()
    assert (known["value"].to_numpy() < new["value"].to_numpy() - 0.3).all()  # more than a second of shock costs


def test_two_places_cannot_share_a_context(study):
    other = "phases:\n  - {name: swim, task: ForcedSwim, parameters: {length_s: 3}, trials: 1, context: box}"
    with pytest.raises(ConfigError, match="has this context too, but its states are water"):
        study(ONE_GROUP, ("phases:", other))
    apart = study(ONE_GROUP, ("phases:", other.replace("context: box", "context: pool"))).study
    phases = (apart.phases[0].model_copy(update={"context": "box"}), apart.phases[1])
    with pytest.raises(ValueError, match="'box': phase 'swim' has its context 'box' too, but its states are water"):
        run_unit(plan_of(apart.model_copy(update={"phases": phases})), Unit("mice", 0, 3))


def test_record_says_what_is_kept(study):
    kept = run_unit(study(ONE_GROUP, ("seed: 5", "seed: 5\nrecord: [rpe, burst]")), Unit("mice", 0, 3)).trials
    behaviour = ["subject", "trial", "step", "state", "action", "outcome", "next_state", "terminated", "truncated"]
    assert list(kept) == ["group", "phase", *behaviour, "rpe", "burst"]
    summary = run_unit(study(ONE_GROUP, ("seed: 5", "seed: 5\nrecord: summary")), Unit("mice", 0, 3))
    assert summary.trials is None
    assert len(summary.subjects) == 3


def test_record_does_not_change_what_happens(study):
    whole_record = run_unit(study(TRIAD), Unit("yoked", 0, 7)).subjects
    summary = run_unit(study(TRIAD, ("seed: 5", "seed: 5\nrecord: summary")), Unit("yoked", 0, 7)).subjects
    assert_frame_equal(whole_record, summary, check_exact=True)


def test_plain_and_compiled_agree(study):
    compiled, plain = (run_unit(study(TRIAD), Unit("yoked", 0, 7), compiled=c) for c in (True, False))
    assert_frame_equal(compiled.trials, plain.trials, rtol=1e-5)


def test_fingerprint_sees_rules_defaults_and_what_a_drug_does(study, monkeypatch):
    from habenula_rl.circuit import habenula

    before = fingerprints(study(DRUGS))["treated"]
    assert before == fingerprints(study(DRUGS))["treated"]
    with monkeypatch.context() as patch:
        patch.setattr(Ketamine, "factors", lambda self: {"nmda": 0.5})
        assert fingerprints(study(DRUGS))["treated"] != before
    with monkeypatch.context() as patch:
        patch.setattr(habenula, "drive", another_drive)
        assert fingerprints(study(DRUGS))["treated"] != before
    assert fingerprints(study(DRUGS, ("trials: 2}", "trials: 2, parameters: {water: 0.2}}")))["treated"] != before


def another_drive(delta, gain):
    return 0.5 * delta


def test_fingerprint_of_a_yoked_group_holds_its_partners():
    before, plan = fingerprints(triad()), triad()
    partners = plan.groups["escapable"]
    object.__setattr__(partners, "phases", partners.phases[:-1])
    after = fingerprints(plan)
    assert plan.groups["yoked"].partners is partners
    assert {name for name in before if before[name] != after[name]} == {"escapable", "yoked"}
