"""The figure of a sweep that draws none of its own."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from habenula_rl.figures import swept

H, BETA = [0.0, 2 / 3, 4 / 3, 2.0], [1.0, 3.0, 5.0]


def summary(h=H, beta=BETA):
    """A summary.csv in which the mean at h and beta is 10 h + beta, and the config of its sweep."""
    points = {f"m{i}{j}": {"h": x, "beta": y} for i, x in enumerate(h) for j, y in enumerate(beta)}
    rows = [
        {"level": "group", "group": name, "phase": "swim", "measure": "outcome", "n": 5, "axis_h": at["h"]}
        | {"axis_beta": at["beta"], "value": 10 * at["h"] + at["beta"], "low": 0.0, "high": 99.0}
        for name, at in points.items()
    ]
    table = pd.DataFrame(rows).sample(frac=1.0, random_state=1)  # in any order
    return table, {"sweep": points, "templates": dict.fromkeys(points, "mice")}


def drawn(*axes):
    figure = swept.figure(*summary(*axes))
    figure.canvas.draw()
    found = next(one for one in figure.axes if one.get_xlabel() == "h")
    words = {side: [word.get_text() for word in getattr(found, f"get_{side}ticklabels")()] for side in "xy"}
    plt.close(figure)
    return found, words


def test_two_axes_of_numbers_are_a_heat_map_with_each_mean_in_its_cell():
    axes, words = drawn()
    assert axes.get_ylabel() == "beta" and words == {"x": ["0", "0.667", "1.33", "2"], "y": ["1", "3", "5"]}
    (cells,) = axes.collections
    found = np.asarray(cells.get_array()).reshape(3, 4)
    assert found == pytest.approx(np.add.outer(BETA, 10 * np.array(H)))
    low, high = axes.get_ylim()
    assert low < high  # the first row stands at the bottom


def test_names_of_cells_overlap_nowhere():
    axes, _ = drawn()
    boxes = [word.get_window_extent() for word in axes.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))


def test_an_axis_of_two_values_is_drawn_as_lines():
    axes, _ = drawn(H, BETA[:2])
    found = [(line.get_label(), *line.get_ydata()) for line in axes.get_lines()]
    expected = [(f"beta {beta:g}", *(10 * np.array(H) + beta)) for beta in BETA[:2]]
    assert sorted(found) == [(label, *map(pytest.approx, ys)) for label, *ys in expected]


def test_ticks_have_as_few_digits_as_keep_them_apart():
    assert swept.ticks([0.0, 1 / 3]) == ["0", "0.333"]
    assert swept.ticks([100.1, 100.2]) == ["100.1", "100.2"]
    assert swept.ticks([1.0, 1.0]) == ["1", "1"]
