"""What the explorer shows is a run of the config that it gives: the same numbers, and the studies' own settings."""

from __future__ import annotations

import re

import numpy as np
import pytest

from habenula_rl import HabenulaAgent, Ketamine
from habenula_rl.config.study import bundled_study, known_studies, read_study
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.run import run
from habenula_rl.explorer import seen, svg
from habenula_rl.explorer.scene import PRESETS, TESTS, Paradigm, Scene, presets
from habenula_rl.tasks import TASKS


def test_the_page_shows_what_habenula_run_gives_for_its_config(tmp_path):
    scene = presets()["wu2021"]
    path = tmp_path / "explored.yaml"
    path.write_text(scene.config(), encoding="utf-8")
    trials = load_trials(run(path, tmp_path / "results", figure=False, summary=False))
    for phase, group in (("test", seen.animals(scene)), ("reference", seen.healthy(scene.test))):
        of = trials[trials["phase"] == phase]
        ended = of.groupby(["subject", "trial"], observed=True)["terminated"].max().unstack()
        assert ended.shape == (200, 30)
        assert group.overall[0] == pytest.approx(100 * (1 - ended.to_numpy()).mean(), abs=1e-9)
        np.testing.assert_allclose(group.curve[:, 0], 100 * (1 - ended.to_numpy()).mean(0), atol=1e-9)
        first = of[of["subject"] == 0]
        assert [*group.steps["action"]] == [*first["action"]]


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_is_what_its_study_says(name):
    scene, study = presets()[name], read_study(bundled_study(name))
    _, phase, test = PRESETS[name]
    written = next(one for one in study.phases if one.name == phase)
    assert TESTS[test].made() == TASKS[written.task](**dict(written.parameters))
    assert scene.plan().groups["animals"].phases[-1].place == TESTS[test].made()


def test_every_study_that_has_one_of_the_tests_has_a_preset():
    made = [test.made() for test in TESTS.values()]
    ours = {name: read_study(bundled_study(name)) for name in known_studies() if bundled_study(name).is_file()}
    shown = {
        name
        for name, study in ours.items()
        if any(TASKS[phase.task](**dict(phase.parameters)) in made for phase in study.phases)
    }
    assert {*PRESETS} == shown


def test_the_first_view_shows_the_models_point_and_the_drug_undoes_it():
    from habenula_rl.explorer.page import START, TREATED

    healthy, helpless, treated = seen.healthy(START.test), seen.animals(START), seen.animals(TREATED)
    assert healthy.overall[2] + 50.0 < helpless.overall[1]  # % of shocks not escaped, whole intervals
    assert treated.overall[2] + 50.0 < helpless.overall[1]


def test_every_study_has_a_preset():
    assert {*PRESETS} == {name for name in known_studies() if bundled_study(name).is_file()}


def test_presets_by_hand():
    assert presets()["wu2021"] == Scene(0.0, 360, "ketamine", 10.0, "ip", "mouse", 4, "shuttle_box")
    assert presets()["yang2018"] == Scene(1.0, 0, "ketamine", 25.0, "ip", "rat", 1, "shuttle_box_30s")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"drug": "ketamin"}, "there is no drug 'ketamin', did you mean 'ketamine'?"),
        ({"test": "maze"}, "there is no test 'maze'"),
        ({"drug": "mk801", "dose": 0.1, "species": "rat"}, "there are no kinetics of MK-801 for rat"),
        ({"hyperactivity": float("nan")}, "hyperactivity must be a number from -1 to 2.4, not nan"),
        ({"hyperactivity": "1"}, "hyperactivity must be a number from -1 to 2.4, not '1'"),
        ({"shocks": 1.5}, "shocks must be a whole number, not 1.5"),
        ({"drug": "ketamine", "hours": -1.0}, "hours_before"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(wrong, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Scene(**wrong)


def test_resting_levels_are_the_agents_own():
    """A healthy animal has half of the tonic dopamine that could be, by the agent's definition."""
    found = seen.healthy("shuttle_box")
    assert (found.hyperactivity, found.blocked) == (0.0, 0.0)
    assert found.dopamine == pytest.approx(0.5)
    assert seen.animals(Scene(1.0)).bursts > 2 * found.bursts


def test_the_curve_of_occupancy_is_the_drugs_own():
    drug = Ketamine(dose="10 mg/kg", hours_before=float(seen.HOURS[12]))
    healthy, helpless = seen.occupied(drug, 1.0)
    assert (healthy[12], helpless[12]) == pytest.approx((drug.block(0.0), drug.block(1.0)))
    assert healthy.shape == helpless.shape == seen.HOURS.shape


def test_a_treated_animals_block_is_what_its_curve_says_at_the_test():
    scene = Scene(1.0, drug="ketamine", hours=float(seen.HOURS[15]))
    assert seen.animals(scene).blocked == pytest.approx(seen.occupied(scene.given(), 1.0)[1][15], rel=1e-6)


def test_neurons_are_the_same_cells_and_burst_without_kir_nor_block_as_they_should():
    healthy, helpless, blocked = (seen.neurons(*at) for at in ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0)))
    counts = [(found.kinds == "bursting").sum() for found in (healthy, helpless, blocked)]
    assert counts[0] < counts[1] > counts[2]
    assert (healthy.kinds.iloc[healthy.cell], helpless.kinds.iloc[helpless.cell]) != ("bursting", "bursting")
    assert helpless.kinds.iloc[helpless.cell] == "bursting"


KIND = [("subject", "i4"), ("trial", "i4"), ("step", "i4"), ("action", "i2"), ("terminated", "i1"), ("outcome", "f4")]


def test_what_is_measured_by_hand():
    rows = np.array(
        [
            (0, 0, 0, 0, 0, -1.0),
            (0, 0, 1, 1, 1, 0.0),  # escaped in the second step
            (0, 1, 0, 0, 0, -1.0),
            (1, 0, 0, 1, 1, 0.0),
            (1, 1, 0, 1, 1, 1.0),
        ],
        dtype=KIND,
    )

    def of(measure: str, block: int = 1) -> list[list[float]]:
        return seen.measured(rows, 2, Paradigm("", "ShuttleBox", {}, 2, measure, "", block)).tolist()

    assert of("failed") == [[0.0, 100.0], [0.0, 0.0]]
    assert of("share cross") == [[50.0, 0.0], [100.0, 100.0]]
    assert of("outcome", block=2) == [[pytest.approx(-2 / 3)], [0.5]]


def test_round_numbers_by_hand():
    assert svg._round_numbers(0.0, 100.0, 4) == {0.0: "0", 50.0: "50", 100.0: "100"}
    assert svg._round_numbers(-0.04, 1.04, 4) == {0.0: "0", 0.5: "0.5", 1.0: "1"}
    assert [*svg._round_numbers(0.5, 30.5, 6).values()] == ["5", "10", "15", "20", "25", "30"]


def test_a_panel_leaves_out_what_is_unknown_and_escapes_text():
    panel = svg.Panel((0.0, 1.0), (0.0, 1.0), "<b>", "y")
    panel.line([0.0, 0.5, 1.0], [0.0, float("nan"), 1.0], "#000", "a & b")
    text = panel.text('"<i>"')
    left, right, top, bottom = svg.LEFT, 480 - svg.RIGHT, svg.TOP, 200 - svg.BOTTOM
    assert f'points="{left:.1f},{bottom:.1f} {right:.1f},{top:.1f}"' in text
    assert "&lt;b&gt;" in text and "a &amp; b" in text and "<i>" not in text


def test_unlike_agents_resting_bursts_rise_with_the_trait():
    levels = [seen._rest(HabenulaAgent().values(), 1.0, h)[0] for h in (0.0, 0.5, 1.0)]
    assert levels == sorted(levels)
