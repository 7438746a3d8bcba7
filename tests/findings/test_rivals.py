"""The matrix of claims and agents: cells follow from rows, and the page begins with who explains how much."""

import json

import pytest

from habenula_rl.agents import AGENTS
from habenula_rl.findings import Claim, Estimate, above, rivals
from habenula_rl.findings.rivals import Cell


def rows(claim, *outcomes, origins=None):
    """A row for each outcome: + passes, - fails, ? is undecided."""
    ends = {"+": (1.0, 3.0), "-": (-3.0, -1.0), "?": (-1.0, 3.0)}
    made = Claim(claim, "doi 10.", "Claim", list, origins=origins or {})
    parts = [
        above(f"row_{k}", "claim", "statistic", Estimate(sum(ends[one]) / 2.0, *ends[one], 100))
        for k, one in enumerate(outcomes)
    ]
    return [made.verdict(part, 1) for part in parts]


@pytest.fixture
def cells(monkeypatch):
    lacks = Claim("b", "doi 10.", "Claim", list).not_expressed(["parameter nmda (ketamine)", "signal lhb"], 1)
    found = {
        None: [*rows("a", *"++-", origins={"row_2": "built in"}), *rows("b", *"+?")],
        "DualRate": [*rows("a", *"+-?"), lacks],
        "QLearning": [*rows("a", *"++"), lacks],
    }

    def check(ids, n_subjects, progress=None, kept=False, agent=None):
        assert (ids, n_subjects) == (["a", "b"], 50)
        return found[agent and agent.name]

    monkeypatch.setattr(rivals, "check", check)
    return rivals.matrix(["a", "b"], 50, ["DualRate", "QLearning"])


def test_a_claim_passes_where_every_row_does_that_is_not_built_in(cells):
    assert [(c.claim, c.agent, c.outcome, c.said) for c in cells] == [
        ("a", "HabenulaAgent", "pass", "2 of 2 rows"),
        ("b", "HabenulaAgent", "undecided", "1 of 2 rows"),
        ("a", "DualRate", "fail", "1 of 3 rows"),
        ("b", "DualRate", "not expressed", "lacks parameter nmda (ketamine), signal lhb"),
        ("a", "QLearning", "pass", "2 of 2 rows"),
        ("b", "QLearning", "not expressed", "lacks parameter nmda (ketamine), signal lhb"),
    ]


def test_the_page_begins_with_who_explains_how_much(cells):
    lines = rivals.page(cells, 50, "rivals.png").splitlines()
    assert lines[2] == (
        "As much as HabenulaAgent, on the claims that they can express, explain: QLearning (2 against 2 of 2 rows). "
        "Less: DualRate (1 against 2 of 3 rows). "
        "HabenulaAgent passes 1 of the 2 claims that it can express, and 3 of their 4 rows; DualRate passes 0 of the 1 "
        "claims that it can express, and 1 of their 3 rows; QLearning passes 1 of the 1 claims that it can express, "
        "and 2 of their 2 rows; there are 2 claims here."
    )
    assert "habenula rivals a b --agents DualRate,QLearning --subjects 50 --out docs/explanation/rivals.md" in lines
    assert "| a | passes, 2 of 2 | fails, 1 of 3 | passes, 2 of 2 |" in lines
    assert "| b | undecided, 1 of 2 | – | – |" in lines
    assert "| b | DualRate | lacks parameter nmda (ketamine), signal lhb |" in lines


def test_page_and_figure_are_written_or_else_json(cells, tmp_path):
    page, picture = rivals.write(cells, tmp_path / "rivals.md", 50)
    assert picture.read_bytes().startswith(b"\x89PNG") and "(rivals.png)" in page.read_text(encoding="utf-8")
    (table,) = rivals.write(cells, tmp_path / "rivals.json", 50)
    assert [row["outcome"] for row in json.loads(table.read_text(encoding="utf-8"))] == [c.outcome for c in cells]


def test_the_figure_has_a_square_for_each_cell_in_its_shade(cells):
    (axes,) = rivals.figure(cells).axes
    (mesh,) = axes.collections
    assert mesh.get_array().reshape(2, 3).tolist() == [[2, 0, 0], [3, 1, 3]]  # the lowest row first
    assert [text.get_text() for text in axes.texts if text.get_gid() != "letter"][3:] == ["2 of 2", "1 of 3", "2 of 2"]


def test_a_trait_is_a_parameter_of_its_rival_at_a_healthy_value_that_it_may_have():
    for name, traits in rivals.TRAITS.items():
        for parameter, healthy, more in traits:
            AGENTS[name](**{parameter: healthy})
            AGENTS[name](**{parameter: healthy + more})
    assert set(rivals.RIVALS) <= set(AGENTS) and rivals.rival("QLearning").traits == ()


def test_a_rival_has_the_values_that_were_searched_for_it_and_its_trait_begins_at_the_healthy_one(monkeypatch):
    found = {"DualRate": {"values": {"rate_worse": 0.4, "beta": 3.0}, "slopes": {"rate_worse": 0.25}}}
    monkeypatch.setattr(rivals, "calibrated", lambda: found)
    agent = rivals.rival("DualRate")
    assert agent.traits == (("rate_worse", 0.4, 0.25),)
    assert agent.values["beta"] == 3.0 and agent.values["rate_better"] == AGENTS["DualRate"]().rate_better
    assert rivals.rival("LowMotivation").traits == rivals.TRAITS["LowMotivation"]


def test_every_set_that_is_kept_is_one_that_its_agent_can_have():
    for name, one in rivals.calibrated().items():
        AGENTS[name](**one["values"])
        assert {*one["slopes"]} == {parameter for parameter, _, _ in rivals.TRAITS.get(name, ())}
        assert one["met"] <= one["rows"] and (one["distance"] <= one["before"] or name == rivals.OWN)
    assert {*rivals.RIVALS} <= {*rivals.calibrated()} <= {*rivals.RIVALS, rivals.OWN}


def test_a_rival_that_can_express_nothing_explains_nothing():
    own, mute = Cell("a", "HabenulaAgent", "fail", "0 of 2 rows", 0, 2), Cell("a", "OpAL", "not expressed", "")
    said = rivals.compared([own, mute])
    assert "explain: none." in said
    assert "they can express no claim here: OpAL" in said


def test_the_model_is_no_rival_of_itself():
    with pytest.raises(ValueError, match="stands beside every rival"):
        rivals.matrix(["wu2021"], 8, ["HabenulaAgent"])
