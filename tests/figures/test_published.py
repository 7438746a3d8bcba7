"""Marks of what was published: numbers worked by hand, and the claims' rows that they are taken from."""

from __future__ import annotations

import re
from math import inf, isnan
from pathlib import Path

import pytest

from habenula_rl import figures
from habenula_rl.experiment.study_file import load_experiment
from habenula_rl.figures import Published, published, style

ROOT = Path(__file__).parents[2]
MEANS = {"full": 10.0, "none": 90.0, "dip": -1.0}


@pytest.mark.parametrize(
    ("bounds", "ends"),
    [
        (Published(40.0, 60.0, "r"), (40.0, 60.0)),
        (Published(-5.0, 5.0, "r", than="full"), (5.0, 15.0)),
        (figures.more("full", "r"), (10.0, inf)),
        (figures.less("none", "r"), (-inf, 90.0)),
        (Published(0.8, 1.2, "r", of=("none",)), (72.0, 108.0)),
        (Published(-inf, 0.5, "r", of=("dip",)), (-0.5, inf)),  # at most half of a dip: above it
        (Published(-inf, 0.25, "r", "full", ("full", "none")), (-inf, 30.0)),  # a quarter of the way from 10 to 90
        (Published(-0.25, 0.25, "r", "none", ("none", "full")), (70.0, 110.0)),
    ],
)
def test_bounds_in_the_panels_unit(bounds, ends):
    assert bounds.bounds(MEANS) == pytest.approx(ends)


def test_bounds_without_the_mean_that_they_rest_on_are_none():
    assert isnan(figures.more("elsewhere", "r").bounds(MEANS)[0])
    assert isnan(Published(0.8, 1.2, "r", of=("elsewhere",)).bounds(MEANS)[0])


def test_each_kind_is_drawn_and_named_in_its_groups_colour():
    axes = figures.canvas(["A"], height_mm=60)[1]
    marks = {"full": 7.0, "none": Published(40.0, 60.0, "r"), "dip": figures.more("full", "r")}
    marks |= {"elsewhere": 1.0, "open": Published(-inf, inf, "r"), "lost": figures.more("elsewhere", "r")}
    places = {name: float(x) for x, name in enumerate(["full", "none", "dip", "open", "lost"])}
    figures.mark(axes["A"], marks, places, MEANS, dict.fromkeys(places, style.BLUE))
    diamonds = [line for line in axes["A"].lines if line.get_marker() == "D"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in diamonds] == [(0.0, 7.0)]
    (box,) = axes["A"].patches
    assert (box.get_y(), box.get_height()) == (40.0, 20.0)
    (arrow,) = axes["A"].texts
    assert arrow.xy == (2.0, 10.0) and arrow.xyann[1] > 0.0
    assert diamonds[0].get_markeredgecolor() == style.BLUE == arrow.arrowprops["edgecolor"]
    assert published.drawn(axes["A"]) == [
        "open diamonds: published values",
        "open boxes: what a published finding allows",
        "arrows: a published direction, from the mean compared with",
    ]


def test_a_legend_names_published_values_once():
    axes = figures.canvas(["A"], height_mm=60)[1]["A"]
    figures.mark(axes, {"full": 1.0, "none": 2.0}, {"full": 0.0, "none": 1.0}, {}, {})
    figures.key(axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["published"]


def expected() -> dict[str, str]:
    """By row what it expects, from the generated table of verdicts."""
    page = (ROOT / "docs/explanation/findings.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")]
    return {row[0]: row[3] for row in rows if re.fullmatch(r"\w+/\w+", row[0])}


def found(value: object) -> list[Published]:
    """Every mark of a module's constant, wherever it stands in it."""
    if isinstance(value, Published):
        return [value]
    if isinstance(value, figures.Panel):
        return found(value.published)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return [mark for one in inside for mark in found(one)]


OF_THE_NEGATIVE = {"tian2015/intact_dips"}  # the row is of how deep the dip is
STUDIES = [path.stem for path in sorted((ROOT / "experiments").glob("*.py"))]


@pytest.mark.parametrize("study", STUDIES)
def test_marks_have_the_bounds_of_the_claims_row(study):
    """A row of a size, as |change| ≤ 0.25, is drawn to both sides; one of a fraction, which has no less, from 0."""
    known = expected()
    marks = [
        mark for value in vars(load_experiment(ROOT / f"experiments/{study}.py")).values() for mark in found(value)
    ]
    for mark in marks:
        if mark.row in OF_THE_NEGATIVE:
            mark = Published(-mark.high, -mark.low, mark.row)
        said, numbers = known[mark.row], [float(x) for x in re.findall(r"-?[\d.]+", known[mark.row])]
        if " to " in said:
            assert [mark.low, mark.high] == pytest.approx(numbers), mark.row
        elif said[0] in "<≤":
            assert mark.high == numbers[0] and mark.low in (-inf, -numbers[0], 0.0), mark.row
        else:
            assert mark.low == numbers[0] and mark.high == inf, mark.row


def test_most_studies_draw_what_was_published():
    silent = {study for study in STUDIES if not re.search("published|figures.(more|less)", text(study), re.IGNORECASE)}
    assert silent <= {"phase_diagram", "dose_response", "ketamine_accounts", "ketamine_blockers"}


def text(study: str) -> str:
    return (ROOT / f"experiments/{study}.py").read_text(encoding="utf-8")
