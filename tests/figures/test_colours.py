"""Colours that stand together are distinguished by the colour-blind too."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from habenula_rl.experiment.study_file import load_experiment
from habenula_rl.figures import colours

ROOT = Path(__file__).parents[2]
SEEN = {  # of linear RGB, all cones of a kind missing: Machado, Oliveira & Fernandes 2009, doi 10.1109/TVCG.2009.113
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
TOO_NEAR = ("#9a8f00", "#e8703a")
APART = 10.0  # ΔE of 1976: 2.3 is just noticeable side by side; thin lines and small points need a multiple


def lab(colour: str, seen: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as it is seen."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x = XYZ @ np.clip(seen @ linear, 0, 1) / (XYZ @ np.ones(3))
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(palette, seen: str) -> float:
    return min(
        float(np.linalg.norm(lab(a, SEEN[seen]) - lab(b, SEEN[seen]))) for a, b in itertools.combinations(palette, 2)
    )


def test_white_black_and_red_by_hand():
    """L* 100 and 0; sRGB red has L* 53.24, a* 80.09, b* 67.20 (Lindbloom's table)."""
    assert lab("white", np.eye(3)) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab("black", np.eye(3)) == pytest.approx([0, 0, 0], abs=0.01)
    assert lab("#ff0000", np.eye(3)) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)


@pytest.mark.parametrize("seen", SEEN)
def test_the_palette(seen):
    assert nearest(colours.PALETTE, seen) > APART


def test_red_and_green_would_not_do():
    """Tomato and olive: plainly two colours, and hardly to a deuteranope."""
    assert nearest(TOO_NEAR, "all cones") > 5 * APART
    assert nearest(TOO_NEAR, "deuteranopia") < APART


@pytest.mark.parametrize("path", sorted((ROOT / "experiments").glob("*.py")), ids=lambda path: path.stem)
@pytest.mark.parametrize("seen", SEEN)
def test_the_colours_of_each_study(path, seen):
    chosen = getattr(load_experiment(path), "COLOURS", {})
    if len(set(chosen.values())) > 1:
        assert nearest(set(chosen.values()), seen) > APART
