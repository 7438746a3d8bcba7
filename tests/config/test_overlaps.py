"""Overlaps in a config: what is over excludes nothing, and each is reported once, at the later one."""

from habenula_rl.config import overlaps
from habenula_rl.config.checks import mistakes
from habenula_rl.config.draft import LenientConfig


def study(group, *phases):
    swim = {"task": "ForcedSwim", "trials": 1}
    return {
        "study": "s",
        "seed": 1,
        "groups": {"g": {"n": 2, "interventions": group}},
        "phases": [swim | {"name": f"p{k}"} | phase for k, phase in enumerate(phases)],
    }


def where(data):
    return [problem.trail for problem in mistakes(data)]


BURSTS, TONIC = {"optogenetic_bursts": {}}, {"optogenetic_tonic": {}}


def test_light_that_has_gone_out_excludes_nothing_in_a_later_phase():
    first, later = {"interventions": [BURSTS]}, {"interventions": [TONIC]}
    assert where(study([], first, later | {"gap_hours": 2})) == []
    assert where(study([], first, later | {"gap_hours": 0.5})) == [
        ("phases", 1, "interventions", 0, "optogenetic_tonic")
    ]


def test_an_overlap_is_told_once_at_the_later_one():
    given = [{"kir_loss": {}}, {"kir_overexpression": {}}, {"lesion": {}}]
    assert where(study(given, {}, {})) == [("groups", "g", "interventions", 1, "kir_overexpression")]


def test_what_a_group_is_given_begins_with_its_first_phase_only():
    assert where(study([BURSTS], {}, {"gap_hours": 2, "interventions": [TONIC]})) == []


def test_interventions_beyond_counting_are_refused_before_one_is_made(monkeypatch):
    doses = [{"ketamine": {"dose": "1 mg/kg", "hours_before": 1}}]
    phases = [{"name": f"p{k}", "task": "ForcedSwim", "trials": 1, "interventions": doses} for k in range(100)]
    data = {"study": "x", "seed": 1, "groups": {f"g{k}": {"n": 1} for k in range(100)}, "phases": phases}
    monkeypatch.setattr("habenula_rl.config.limits.INTERVENTIONS", {})  # nothing could be made
    (problem,) = mistakes(data)
    assert problem.what.startswith("interventions in force, counted in each group and phase, are 505,000; at most")


def test_groups_that_are_given_the_same_are_looked_at_once(monkeypatch):
    calls = []
    monkeypatch.setattr(overlaps, "_excluded", lambda given, now: calls.append(len(given)) or ())
    doses = [{"ketamine": {"dose": "1 mg/kg", "hours_before": 1}}]
    phases = [{"name": f"p{k}", "task": "ForcedSwim", "trials": 1, "interventions": doses} for k in range(5)]
    data = {"study": "x", "seed": 1, "groups": {f"g{k}": {"n": 1} for k in range(50)}, "phases": phases}
    assert [*overlaps.overlaps(LenientConfig(data))] == []
    assert calls == [1, 2, 3, 4, 5]
