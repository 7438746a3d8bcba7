"""The page's table of what every intervention does, and that the serotonin drugs do nothing is still true of it."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import habenula_rl as hrl
from habenula_rl import interventions
from habenula_rl.interventions import INTERVENTIONS, SSRI

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("every_intervention", DOCS / "examples" / "every_intervention.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_page_has_the_table_that_the_script_makes(script, capsys):
    script.main()
    page = (DOCS / "reference/pharmacology.md").read_text(encoding="utf-8")
    rows = page.partition("<!-- every intervention -->\n")[2].partition("<!-- end -->")[0].splitlines()
    made = capsys.readouterr().out.splitlines()
    assert [row for row in made if row in rows] == rows and len(rows) > 20  # a new one is not on the page yet


def test_a_config_names_an_intervention_by_its_class():
    named = {"ap5": "AP5", "deep_brain_stimulation": "DeepBrainStimulation", "kir_loss": "KirLoss", "mk801": "MK801"}
    for name, kind in (named | {"ssri": "SSRI", "ketamine": "Ketamine", "vehicle": "Vehicle"}).items():
        assert INTERVENTIONS[name] is getattr(interventions, kind)
    assert list(INTERVENTIONS) == sorted(INTERVENTIONS) and len(INTERVENTIONS) >= 20
    assert not {interventions.Intervention, interventions.Dosed} & {*INTERVENTIONS.values()}


def test_a_mean_difference_and_its_interval_by_hand(script):
    """Differences 1, 2, 3: mean 2, sd 1, 1.96/√3 = 1.13."""
    assert script.change(np.array([2.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0])) == "+2.0 ± 1.1"


def test_weeks_of_an_ssri_help_the_helpless_a_little_and_a_single_dose_hardly():
    """The same 1,000 subjects with and without: the standard error of a difference is about 1.5 points."""

    def failing(agent):
        run = hrl.simulate(agent, hrl.tasks.ShuttleBox(), n_subjects=1000, n_trials=30, seed=1, record="summary")
        return 100.0 * (1.0 - run.subjects.terminated.mean() / 30)

    helpless = hrl.HabenulaAgent(hyperactivity=1.0)
    none, hours, weeks = (failing(agent) for agent in (helpless, SSRI(hours_before=4.0)(helpless), SSRI()(helpless)))
    assert none > hours > weeks + 20.0 and weeks > 30.0
    page = (DOCS / "reference/pharmacology.md").read_text(encoding="utf-8")
    assert f"{none - weeks:.1f} points fewer" in page
