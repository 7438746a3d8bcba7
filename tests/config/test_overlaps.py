"""Overlaps in a config: what is over excludes nothing, and each is reported once, at the later one."""

from habenula_rl.config.checks import mistakes


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
