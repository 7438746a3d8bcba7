"""A plan: what a config names is made once, what is given goes on from phase to phase, hours add up."""

from collections import Counter

import pytest

from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.interventions import Ketamine, Lesion
from habenula_rl.tasks import ShuttleBox, SucrosePreference

TEXT = """\
study: planned
seed: 4
record: [rpe]
groups:
  early: {n: 3, parameters: {hyperactivity: {uniform: {low: 0, high: 1}}, beta: 2}, interventions: [lesion: {}]}
  late: {n: 2, yoked_to: early}
phases:
  - {name: box, groups: [early], task: ShuttleBox, trials: 4, gap_hours: 3,
     interventions: [ketamine: {hours_before: 2}]}
  - {name: yoked, groups: [late], replays: box, task: ShuttleBox, parameters: {escapable: false},
     trials: 4, context: box}
  - {name: spouts, gap_hours: 5, task: SucrosePreference, trials: 6}
"""


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "planned.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return plan_of(load_study(path))


def test_phases_have_their_place_and_hour_and_what_is_in_force(plan):
    box, spouts = plan.groups["early"].phases
    assert (box.place, box.trials, box.hour, box.context, box.replays) == (ShuttleBox(), 4, 3.0, "box", None)
    assert (spouts.place, spouts.hour, spouts.context) == (SucrosePreference(), 8.0, "spouts")
    assert box.interventions == (Lesion(), Ketamine(hours_before=2.0))
    assert spouts.interventions == (Lesion(hours_before=Lesion().hours_before + 5.0), Ketamine(hours_before=7.0))
    yoked, later = plan.groups["late"].phases
    assert (yoked.place, yoked.hour, yoked.replays) == (ShuttleBox(escapable=False), 3.0, "box")
    assert yoked.interventions == later.interventions == ()


def test_a_group_has_its_agent_signals_and_partners(plan):
    early, late = plan.groups.values()
    assert early.agent.beta == 2.0 and set(early.spread) == {"hyperactivity"}
    values = early.parameters(0, 3)
    assert values["beta"] == 2.0 and values["hyperactivity"].shape == (3,)
    assert late.partners is early and early.partners is None
    assert early.signals == ("rpe",)


def test_all_that_a_config_names_is_made_once(tmp_path, monkeypatch, plan):
    made = Counter()
    for kind in (ShuttleBox, SucrosePreference):
        original = kind.__post_init__

        def counted(self, original=original):
            made[type(self).__name__] += 1
            original(self)

        monkeypatch.setattr(kind, "__post_init__", counted)
    plan = plan_of(plan.study)
    assert made == {"ShuttleBox": 2, "SucrosePreference": 1}  # one a phase, though two groups meet the spouts
    assert plan.groups["early"].phases[1].place is plan.groups["late"].phases[1].place
    assert plan.groups["early"].places is plan.groups["early"].places


def test_quantiles_by_hand():
    from habenula_rl.config.distributions import LogNormal, Normal, Uniform

    assert Normal(mean=1.0, sd=2.0).quantile(0.975) == pytest.approx(1.0 + 2.0 * 1.959964, abs=1e-6)
    assert Uniform(low=-1.0, high=3.0).quantile(0.25) == 0.0
    assert LogNormal(median=0.2, sigma=0.5).quantile(0.5) == pytest.approx(0.2)
    assert LogNormal(median=0.2, sigma=0.5).quantile(0.975) == pytest.approx(0.2 * 2.718281828**0.979982, rel=1e-6)
