"""Figures of fits hold the numbers of their tables, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from habenula_rl import figures

RNG = np.random.default_rng(0)


def offsets(axes):
    return np.concatenate([np.asarray(c.get_offsets()) for c in axes.collections if len(c.get_offsets())])


def test_recovered_draws_every_person_and_says_r():
    table = pd.DataFrame({"parameter": ["a"] * 5 + ["b"] * 5, "true": RNG.uniform(1, 2, 10), "estimate": 1.5})
    summary = pd.DataFrame({"r": [0.25, 0.75], "coverage": [0.9, 0.5]}, index=["a", "b"])
    figure = figures.recovered(table, summary)
    first, second = figure.axes
    np.testing.assert_allclose(offsets(first), table[["true", "estimate"]][:5])
    assert second.get_xlabel() == "true (r 0.75, coverage 0.50)"
    assert first.get_xscale() == "linear"


def test_values_that_span_decades_are_drawn_by_decades():
    true = np.geomspace(0.1, 100, 20)
    figure = figures.recovered(pd.DataFrame({"parameter": "a", "true": true, "estimate": true}))
    assert figure.axes[0].get_xscale() == figure.axes[0].get_yscale() == "log"


@pytest.mark.parametrize("draw", [figures.correlated, figures.confused])
def test_a_square_table_has_its_first_row_on_top_and_its_numbers_in_it(draw):
    table = pd.DataFrame([[1.0, 0.25], [0.5, 0.75]], ["one", "two"], ["one", "two"])
    axes = draw(table).axes[0]
    low, high = axes.get_ylim()
    height = {text.get_text(): text.get_position() for text in axes.texts if text.get_gid() != "letter"}
    up = np.sign(high - low)
    assert up * height["0.25"][1] > up * height["0.75"][1] and height["0.25"][0] > height["0.50"][0]
    labels = {label.get_text(): at for at, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)}
    assert labels["one"] == height["0.25"][1]


def test_predicted_has_people_as_points_and_a_line_for_each_model():
    table = pd.DataFrame({"trial": [1, 2, 3], "measure": "best", "observed": [0.2, 0.4, 0.6], "predicted": 0.5})
    table = table.assign(low=0.4, high=0.6)
    axes = figures.predicted({"one": table, "two": table.assign(predicted=0.3)}, "trial").axes[0]
    assert [[1, 0.2], [2, 0.4], [3, 0.6]] in [np.asarray(c.get_offsets()).tolist() for c in axes.collections]
    lines = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 3]
    assert sorted(line[0] for line in lines) == [0.4, 0.5]  # the middle of .3, .4 and .6


def test_predicted_without_places_has_an_interval_for_each_model():
    table = pd.DataFrame({"measure": ["stay"], "observed": [0.7], "predicted": [0.6], "low": [0.5], "high": [0.65]})
    axes = figures.predicted({"one": table, "two": table}).axes[0]
    assert any(np.allclose(line.get_xdata(), 0.7) for line in axes.lines)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "two"]


def test_against_draws_the_models_own_line_and_band():
    curve = pd.DataFrame({"shaps": [0.0, 10.0], "beta": [3.0, 2.0], "low": [2.5, 1.0], "high": [3.5, 3.0]})
    people = pd.DataFrame({"shaps": [1.0, 5.0, 9.0], "beta": [3.0, 2.2, 2.1]})
    axes = figures.against(people, {"beta": curve}, "shaps", labels={"shaps": "anhedonia"}).axes[0]
    assert [line.get_ydata().tolist() for line in axes.lines] == [[3.0, 2.0]] and axes.get_xlabel() == "anhedonia"
    points = next(c.get_offsets() for c in axes.collections if len(c.get_offsets()) == 3)
    np.testing.assert_allclose(points[:, 1], people["beta"])
    assert (np.abs(points[:, 0] - people["shaps"]) <= 0.3 * 4).all()


def test_a_forest_has_its_intervals_in_the_order_of_the_table():
    table = pd.DataFrame({"parameter": ["b", "a"], "term": "shaps", "on_line": [0.1, -0.2], "low": [0.0, -0.5]})
    table["high"] = [0.3, 0.1]
    axes = figures.forest(pd.concat([table.assign(who="all"), table.assign(who="some")]), hue="who").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"] and axes.get_ylim()[
        0
    ] > axes.get_ylim()[1]
    bars = [path.vertices for c in axes.collections for path in c.get_paths() if len(path.vertices) == 2]
    np.testing.assert_allclose(sorted(bar[0, 0] for bar in bars), [-0.5, -0.5, 0.0, 0.0])
    np.testing.assert_allclose(sorted(bar[1, 0] for bar in bars), [0.1, 0.1, 0.3, 0.3])
