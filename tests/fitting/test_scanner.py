"""The page of the scanner: nilearn finds the weight that was planted in simulated BOLD, and none where none is."""

import runpy
from pathlib import Path

import pytest

pytest.importorskip("nilearn", reason="needs nilearn: pip install 'habenula-rl[scanner]'")
SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "scanner.py"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_planted_weight_is_found_and_none_where_none_is():
    script = runpy.run_path(str(SCRIPT))
    for planted in (script["WEIGHT"], 0.0):
        weights = script["found"](planted)["weight"]
        assert abs(weights.mean() - planted) < 3.0 * weights.sem() and weights.sem() < 0.2
