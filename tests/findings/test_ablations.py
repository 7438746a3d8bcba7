"""Terms taken out of HabenulaAgent: what turns red, what was said beforehand to, and that the terms are gone."""

import pytest

from habenula_rl.agents import AGENTS
from habenula_rl.engine.population import simulate
from habenula_rl.findings import Claim, Estimate, ablated, ablations, above
from habenula_rl.findings.catalogue import written_claims
from habenula_rl.tasks import ActiveAvoidance, PavlovianConditioning

ENDS = {"+": (1.0, 3.0), "-": (-3.0, -1.0), "?": (-1.0, 3.0)}


def rows(**outcomes):
    """A row for each sign of each claim: + passes, - fails, ? is undecided."""
    return [
        Claim(claim, "doi 10.", "Claim", list).verdict(
            above(f"row_{k}", "claim", "statistic", Estimate(sum(ENDS[one]) / 2.0, *ENDS[one], 100)), 1
        )
        for claim, signs in outcomes.items()
        for k, one in enumerate(signs)
    ]


@pytest.fixture
def effects():
    whole = rows(a="++-", b="+?", c="-", d="+")
    without = rows(a="-?+", b="+-", c="-", d="-")
    return ablations.compared("term", ["a", "b", "c"], whole, without)


def test_a_row_turns_red_from_pass_to_fail_and_from_or_to_undecided_not(effects):
    assert [(e.claim, e.passing, e.red, e.green, e.outcome) for e in effects] == [
        ("a", 2, ("row_0",), ("row_2",), "red, as said"),
        ("b", 1, (), (), "said, none red"),
        ("c", 0, (), (), "nothing to lose"),
        ("d", 1, ("row_0",), (), "red, not said"),
    ]


def test_what_was_said_is_held_against_what_turned_red(effects):
    assert ablations.summary(effects) == [
        "term: 1 of 3 claims said to depend on it turn red (not b), and 1 of the 1 others (d)"
    ]
    unsaid = ablations.compared("term", None, rows(a="+", b="+"), rows(a="-", b="+"))
    assert ablations.summary(unsaid) == ["term: 1 of 2 claims have rows that turn red"]


def test_the_page_has_the_matrix_and_the_rows_and_its_figure_a_square_for_each(effects, tmp_path):
    page, picture = ablations.write(effects, tmp_path / "ablations.md", 50)
    text = page.read_text(encoding="utf-8")
    assert "| a | 1 of 2 |" in text and "| b | *none* |" in text and "| c | – |" in text
    assert "| d | 1 of 1 **not said** |" in text and "- term, turned red: a: row_0; d: row_0." in text
    assert picture.read_bytes().startswith(b"\x89PNG")
    (axes,) = ablations.figure(effects).axes
    kinds = [*ablations.OUTCOMES]
    assert axes.collections[0].get_array().ravel().tolist() == [
        kinds.index(e.outcome) for e in reversed(effects)
    ]  # the lowest row first


def test_what_is_said_to_depend_on_a_term_is_a_claim_that_there_is():
    known = {*written_claims()}
    for name, ablation in ablated.ABLATIONS.items():
        assert {*(ablation.depends or ())} <= known, name
        assert ablation.agent() != AGENTS["HabenulaAgent"](), name  # another kind, or other values


def lhb_and_dopamine(agent, task, signals, n_trials=20):
    found = simulate(agent, task, n_subjects=20, n_trials=n_trials, seed=3, record=signals, threads=1, compiled=True)
    return found.trials


def test_flipped_the_habenula_is_excited_as_before_and_dopamine_rises_with_it():
    task = PavlovianConditioning(schedule="20 A+50%", interval_s=2.0)
    of = {}
    for name in ("whole", "flipped"):
        agent = ablated.ABLATIONS["sign of the habenula"].agent() if name == "flipped" else AGENTS["HabenulaAgent"]()
        table = lhb_and_dopamine(agent, task, ["rpe", "lhb", "dopamine"])
        worse = table[table["rpe"] < -0.1]
        assert (worse["lhb"] > table["lhb"].median()).all(), name
        of[name] = worse["dopamine"]
    assert of["whole"].max() < 0.0
    assert (of["flipped"] > 0.0).mean() > 0.9


def test_without_control_there_is_none_and_without_serotonins_part_its_tone_changes_nothing():
    no_control = ablated.ABLATIONS["control"].agent()
    assert (lhb_and_dopamine(no_control, ActiveAvoidance(), ["control"])["control"] == 0.0).all()
    tones = [
        lhb_and_dopamine(ablated.ABLATIONS[term].agent(serotonin_tone=tone), ActiveAvoidance(), ["value"])["action"]
        for term in ("serotonin", "prior control")
        for tone in (0.0, 1.8)
    ]
    assert tones[0].equals(tones[1])
    assert not tones[2].equals(tones[3])


@pytest.mark.parametrize("stake", [1.0, 0.47, 0.003])
def test_assumed_control_is_given_up_as_slowly_as_found_control_at_every_stake(stake):
    """Below full shock, as of an announced one, too: its loss in a step is the stake by the rate of found control."""
    whole = AGENTS["HabenulaAgent"]()
    assumed, found = whole.control_prior, whole.control_prior + 0.1
    left = [
        ablated.given_up_alike(belief, 0.0, stake * rate) / belief
        for belief, rate in ((assumed, whole.control_rate), (found, whole.control_loss))
    ]
    assert left == pytest.approx([1.0 - stake * whole.control_loss] * 2, rel=1e-12)


def test_without_its_sign_control_keeps_its_standard_error_and_without_that_its_sign():
    """As often relieved, .9 against .1 of 10: nothing but the sign, or the error, is another."""
    some, few = (0.9, 10.0), (0.1, 10.0)
    error = (2.0 * (9.5 / 11.0) * (1.5 / 11.0) / 11.0) ** 0.5
    assert ablated.unsigned_contingency(*some, *few) == pytest.approx(0.8 - error)
    assert ablated.unsigned_contingency(*few, *some) == pytest.approx(0.8 - error)
    assert ablated.unsigned_contingency(*few, *few) == 0.0
    assert ablated.sure_contingency(*some, *few) == pytest.approx(0.8)
    assert ablated.sure_contingency(*few, *some) == 0.0


def test_a_function_that_the_circuit_does_not_have_is_no_ablation():
    with pytest.raises(ValueError, match=r"circuit.dopamine has no function 'dips'"):
        ablated.with_others(ablated.dopamine, dips=ablated.dip_flipped)


def test_an_ablation_takes_the_agents_place_in_a_study_and_keeps_what_a_group_sets():
    from habenula_rl.config.study import bundled_study, load_study
    from habenula_rl.findings.expressing import with_agent

    study = load_study(bundled_study("avoidance"), subjects=8)
    changed, missing = with_agent(study, ablations.without("habenula"))
    assert missing == () and [*changed.groups] == [*study.groups]
    assert {group.parameters["habenula_output"] for group in changed.groups.values()} == {0.0}
    assert changed.groups["unlearning"].parameters["value_rate"] == 0.0
    with pytest.raises(ValueError, match="there is no term 'habenul', did you mean 'habenula'"):
        ablations.without("habenul")
