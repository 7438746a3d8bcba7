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


def test_an_ssri_hardly_acts_and_the_page_says_so():
    """Issue 11, A5: 1,000 subjects, the same with and without, so a difference of half a point would be seen."""

    def immobile(agent):
        run = hrl.simulate(agent, hrl.tasks.ForcedSwim(), n_subjects=1000, n_trials=1, seed=1, record="summary")
        return 100.0 * run.subjects.share_float.mean()

    helpless = hrl.HabenulaAgent(hyperactivity=1.0)
    assert 0.0 < immobile(helpless) - immobile(SSRI(hours_before=5000.0)(helpless)) < 1.0
    page = (DOCS / "reference/pharmacology.md").read_text(encoding="utf-8")
    assert "serotonin drugs do next to nothing for the helpless" in page
    assert "a positive control that fails" in " ".join(SSRI.__doc__.split())
