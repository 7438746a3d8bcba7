"""Figures hold the table's numbers, in every size of group, without overlaps."""

from __future__ import annotations

import functools
import io
import itertools
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from habenula_rl import figures, neurons
from habenula_rl.analysis import readouts, statistics
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.run import run
from habenula_rl.experiment.study_file import load_experiment
from habenula_rl.figures import panels, style

ROOT = Path(__file__).parents[2]
STUDIES = (
    "wu2021",
    "seligman1967",
    "yang2018",
    "yang2018_pattern",
    "ketamine_time",
    "dose_response",
    "recovery",
    "burst_mechanism",
    "helplessness_fades",
)


@pytest.fixture(scope="module", autouse=True)
def few_neurons():
    """Studies that record neurons record 60 of them, for a short time."""
    few = functools.partial(neurons.manipulated, n_neurons=60, seconds=2.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neurons, "manipulated", few)
        yield


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Each study with 3 subjects in every group: experiment, trials, table, figure."""
    made = {}
    for name in STUDIES:
        folder = run(ROOT / "configs" / f"{name}.yaml", tmp_path_factory.mktemp(name), subjects=3, figure=False)
        experiment = load_experiment(ROOT / "experiments" / f"{name}.py")
        trials = load_trials(folder)
        table = summarised(experiment, trials)
        made[name] = (experiment, trials, table, experiment.figure(table))
    return made


def summarised(experiment, trials: pd.DataFrame) -> pd.DataFrame:
    read = getattr(experiment, "read", lambda trials: trials)
    return experiment.summarise(read(trials))


def small_table() -> pd.DataFrame:
    rows = [("subject", "a", 0, 1.0, None), ("subject", "a", 1, 3.0, None), ("group", "a", None, 2.0, 2)]
    table = pd.DataFrame(rows, columns=["level", "group", "subject", "value", "n"])
    return table.assign(phase="p", measure="m", time=np.nan, low=1.5, high=2.75)


def axes_of(letters: str = "A") -> tuple:
    figure, axes = figures.canvas([letters], height_mm=60)
    return figure, axes[letters[0]]


def offsets(axes) -> list[list[float]]:
    """The heights of the points of each collection that has some, once they stand where they are drawn."""
    axes.figure.draw_without_rendering()
    heights = [np.ma.getdata(points.get_offsets())[:, 1].tolist() for points in axes.collections]
    return [found for found in heights if found and found != [0.0]]


def heights(axes) -> list[float]:
    """Where markers of lines stand: the means."""
    return [y for line in axes.lines if line.get_marker() == "o" for y in line.get_ydata() if np.isfinite(y)]


def bars(axes) -> list[list[float]]:
    """The intervals, from low to high."""
    ends = [[y for y in line.get_ydata() if np.isfinite(y)] for line in axes.lines if line.get_marker() in ("", "None")]
    return [[min(y), max(y)] for y in ends if len(y) > 1 and min(y) < max(y)]


def test_individuals_draws_each_subject_and_the_mean_with_its_interval() -> None:
    _, axes = axes_of()
    figures.individuals(
        axes, small_table(), "m", order=["a"], by="group", colours={"a": style.BLUE}, published={"a": 2.5}
    )
    assert sorted(offsets(axes)[0]) == [1.0, 3.0]
    assert heights(axes) == [2.0]
    assert bars(axes) == [[1.5, 2.75]]  # the table's, not seaborn's of 1 and 3
    assert [line.get_ydata() for line in axes.lines if line.get_label() == "published"] == [[2.5]]


def test_ends_are_three_rows_of_each_and_one_where_there_is_no_interval() -> None:
    rows = small_table().query("level == 'group'")
    assert figures.ends(rows)["y"].tolist() == [2.0, 1.5, 2.75]
    assert figures.ends(rows.assign(low=np.nan, high=np.nan))["y"].tolist() == [2.0]


def test_limits_serve_as_seaborns_errorbar() -> None:
    """Of 1 and 3: mean 2, standard error 1, t of one degree of freedom 12.706."""
    import seaborn as sns

    _, axes = axes_of()
    data = pd.DataFrame({"x": ["a", "a"], "y": [1.0, 3.0]})
    sns.pointplot(data=data, x="x", y="y", errorbar=statistics.limits, ax=axes)
    assert bars(axes)[0] == pytest.approx([2 - 12.7062, 2 + 12.7062], abs=1e-4)


def test_paired_joins_the_phases_of_a_subject() -> None:
    rows = [("subject", phase, s, float(10 * p + s)) for p, phase in enumerate("xyz") for s in range(2)]
    table = pd.DataFrame(rows, columns=["level", "phase", "subject", "value"]).assign(
        measure="m", group="a", low=0, high=0
    )
    _, axes = axes_of()
    figures.paired(axes, table, "m", order=list("xyz"), colours=dict.fromkeys("xyz", style.BLUE))
    assert [line.get_ydata().tolist() for line in axes.lines[:2]] == [[0.0, 10.0, 20.0], [1.0, 11.0, 21.0]]


def test_over_draws_a_scale_with_those_without_the_drug_apart() -> None:
    means = {"none": 7.0, "low": 5.0, "high": 1.0}
    points = [("subject", g, s, mean + s, k) for g, mean in means.items() for k, s in enumerate((-1.0, 1.0))]
    table = pd.DataFrame([*points, *(("group", g, None, mean, None) for g, mean in means.items())])
    table.columns = pd.Index(["level", "group", "which", "value", "subject"])
    table = table.assign(measure="m", low=np.nan, high=np.nan)
    _, axes = axes_of()
    places = {"mice": {"none": -2.0, "low": 0.0, "high": 1.0}}
    figures.over(axes, table, "m", places=places, colours={"mice": style.BLUE})
    points = sorted(map(tuple, np.ma.getdata(axes.collections[0].get_offsets()).round(9).tolist()))
    assert points == [(-2.3, 6.0), (-2.3, 8.0), (-0.3, 4.0), (-0.3, 6.0), (0.7, 0.0), (0.7, 2.0)]
    joined = next(
        line for line in axes.lines if line.get_xdata().tolist() == [0.0, 1.0] and line.get_marker() == "None"
    )
    assert joined.get_ydata().tolist() == [5.0, 1.0]
    assert axes.get_legend_handles_labels()[1] == ["mice"]
    assert [7.0, 7.0] in [list(line.get_ydata()) for line in axes.lines]


def test_alike_panels_have_one_scale_from_zero() -> None:
    _, axes = figures.canvas(["AB"], height_mm=60)
    axes["A"].set_ylim(0, 10)
    axes["B"].set_ylim(-3, 50)
    figures.alike(axes["A"], axes["B"])
    assert axes["A"].get_ylim() == axes["B"].get_ylim() == (-2.0, 52.0)


def test_trace_draws_line_and_band() -> None:
    table = pd.DataFrame({"level": "trace", "measure": "lhb", "group": "a", "time": [1.0, 0.0], "value": [4.0, 2.0]})
    table = table.assign(low=[3.0, 1.0], high=[5.0, 2.5])
    _, axes = axes_of()
    figures.trace(axes, table, "lhb", order=["a"], by="group", colours={"a": style.BLUE}, labels={"a": "animals"})
    assert axes.lines[0].get_xydata().tolist() == [[0.0, 2.0], [1.0, 4.0]]
    assert axes.get_legend_handles_labels()[1] == ["animals"]
    assert axes.get_legend() is None
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (1.0, 5.0)


def test_many_subjects_are_thinned_and_the_figure_says_so() -> None:
    rows = pd.DataFrame({"level": "subject", "group": "a", "phase": "p", "measure": "m", "subject": range(1000)})
    table = rows.assign(value=np.linspace(0, 1, 1000), low=np.nan, high=np.nan, n=1)
    figure, axes = axes_of()
    figures.individuals(axes, table, "m", order=["a"], by="group", colours={"a": style.BLUE})
    assert len(offsets(axes)[-1]) == panels.SHOWN
    shape = next(c for c in axes.collections if c.get_gid() == "violin").get_paths()[0].vertices[:, 1]
    assert (shape.min(), shape.max()) == (0.0, 1.0)  # of all, not of the first hundred
    assert figures.marks(figure, table, "mice") == (
        f"Small points: the first {panels.SHOWN} of 1,000 mice; shapes behind them: the distribution of all; "
        "large points: mean and 95 % interval."
    )


def test_equal_values_stand_beside_one_another() -> None:
    table = pd.DataFrame({"level": "subject", "group": "a", "measure": "m", "subject": range(4), "value": [1, 1, 1, 9]})
    _, axes = axes_of()
    figures.individuals(axes, table.assign(low=np.nan, high=np.nan), "m", order=["a"], by="group", colours={"a": "k"})
    axes.figure.draw_without_rendering()
    x, y = np.ma.getdata(axes.collections[0].get_offsets()).T
    assert len(set(x[y == 1])) == 3


def test_many_equal_values_stay_at_their_place() -> None:
    """Twenty of one height in each of six groups, more than fit side by side: none stands with the neighbours."""
    order = list("abcdef")
    rows = pd.DataFrame([(g, s, 0.0) for g in order for s in range(20)], columns=["group", "subject", "value"])
    table = rows.assign(level="subject", measure="m", low=np.nan, high=np.nan)
    _, axes = axes_of("ABC")
    figures.individuals(axes, table, "m", order=order, by="group", colours=dict.fromkeys(order, "k"))
    x = np.ma.getdata(axes.collections[0].get_offsets())[:, 0].reshape(6, 20)
    assert (np.abs(x - x.mean(axis=1, keepdims=True)) <= panels.WIDTH_OF_SWARM / 2).all()
    assert x.mean(axis=1).tolist() == pytest.approx([k + panels.POINTS_BESIDE for k in range(6)])
    assert len(set(x[0])) == 20


def test_n_is_written_once_or_below_each_group() -> None:
    table = pd.DataFrame({"level": "group", "measure": "m", "group": ["a", "b"], "n": [8, 8]})
    _, axes = axes_of()
    figures.name_places(axes, table, "m", order=["a", "b"], by="group")
    assert axes.get_xlabel() == "n = 8 each"
    figures.name_places(axes, table.assign(n=[8, 7]), "m", order=["a", "b"], by="group")
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a\n8", "b\n7"]


def test_group_sizes_are_one_number_or_a_range() -> None:
    table = pd.DataFrame({"level": ["subject", "group", "group"], "n": pd.array([pd.NA, 8, 8], "Int64")})
    assert figures.group_sizes(table) == "n = 8 each"
    table.loc[2, "n"] = 7
    assert figures.group_sizes(table) == "n = 7 to 8"


def test_style_ends_with_the_figure() -> None:
    import matplotlib

    before = matplotlib.rcParams["font.size"]
    with figures.styled():
        assert matplotlib.rcParams["font.size"] == 8
    assert matplotlib.rcParams["font.size"] == before


def saved(kind: str, settings: dict) -> bytes:
    """A figure made and saved while a user's settings are these."""
    import matplotlib

    with matplotlib.rc_context(settings), figures.styled():
        figure, letters = figures.canvas(["A"], height_mm=60)
        figures.individuals(letters["A"], small_table(), "m", order=["a"], by="group", colours={"a": style.BLUE})
        figures.caption(letters["A"], "A", "Failures")
        file = io.BytesIO()
        figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else {"CreationDate": None})
    return file.getvalue()


USERS = {
    "text.usetex": True,
    "axes.grid": True,
    "axes.prop_cycle": "cycler(color='rgb')",
    "savefig.dpi": 17,
    "figure.dpi": 33,
    "svg.fonttype": "path",
    "lines.linewidth": 9.0,
    "xtick.labelsize": 20,
    "axes.facecolor": "red",
    "font.family": "serif",
    "pdf.fonttype": 3,
    "savefig.bbox": "tight",
}


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_a_users_settings_do_not_leak_in(kind: str) -> None:
    assert saved(kind, USERS) == saved(kind, {})


def test_text_is_text() -> None:
    assert b">Failures</text>" in saved("svg", USERS)


def test_what_the_user_sets_through_the_package_counts() -> None:
    plain = saved("svg", {})
    try:
        figures.set_style({"axes.facecolor": "red"})
        assert saved("svg", {}) != plain
    finally:
        figures.set_style()
    assert saved("svg", {}) == plain


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"font.sise": 9}, "no setting 'font.sise'; did you mean font.size?"), ({"font.size": "x"}, "cannot be 'x'")],
)
def test_a_style_that_is_none_is_refused(settings: dict, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        figures.set_style(settings)


def test_a_caption_is_what_stands_in_the_figure() -> None:
    with figures.styled():
        figure, axes = figures.canvas(["A"], height_mm=60)
        axes["A"].set(xlabel="Dose (mg/kg)", ylabel="Failures (%)")
        figures.caption(axes["A"], "A", "Shuttle box")
        figures.footnote(figure, "Points:\nmice.")
    assert figures.described(figure) == "A, Shuttle box: Failures (%) against Dose (mg/kg). Points: mice."


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_says_what_it_asks(drawn: dict, name: str) -> None:
    experiment = drawn[name][0]
    assert experiment.QUESTION.endswith("?")
    assert experiment.PREDICTION.endswith(".")


@pytest.mark.parametrize("name", STUDIES)
def test_figure_is_drawn_without_overlapping_panels(drawn: dict, name: str) -> None:
    figure = drawn[name][3]
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    for axes in figure.axes:
        marks = [tick.get_window_extent(renderer) for tick in axes.get_xticklabels() if tick.get_text()]
        assert all(left.x1 < right.x0 for left, right in itertools.pairwise(marks))
    boxes = [axes.get_tightbbox(renderer) for axes in figure.axes]
    for i, one in enumerate(boxes):
        assert one.x0 > -1
        assert one.x1 < figure.bbox.x1 + 1
        for other in boxes[i + 1 :]:
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            along = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(across, along) < 1.0


@pytest.mark.parametrize("name", STUDIES)
def test_every_panel_is_named(drawn: dict, name: str) -> None:
    for axes in drawn[name][3].axes:
        assert axes.get_title(loc="left")
        assert axes.get_xlabel() or axes.get_xticklabels()
        assert axes.get_ylabel() or axes.get_subplotspec().colspan.start > 0


def test_wu_table_agrees_with_the_trials(drawn: dict) -> None:
    _, trials, table, _ = drawn["wu2021"]
    escaped = readouts.escapes(trials, ["helpless"])
    mean = figures.select(table, "group", "failures", phase="helpless").iloc[0]
    assert mean["value"] == pytest.approx(100 * escaped["failed"].mean())
    assert mean["n"] == 3
    shown = figures.select(table, "subject", "latency", phase="helpless")["value"]
    assert shown.tolist() == pytest.approx(escaped["latency"].tolist())
    measures = set(table.loc[table["level"] == "group", "measure"])
    assert {"failures_F", "failures_eta_squared", "latency_F", "r_failures_latency", "tonic_dopamine"} <= measures


def test_seligman_spread_counts_every_dog(drawn: dict) -> None:
    table = drawn["seligman1967"][2]
    share = figures.select(table, "trace", "dogs_by_failures").groupby("group")["value"].sum()
    assert share.to_dict() == pytest.approx(dict.fromkeys(("naive", "escapable", "yoked", "immunised"), 100.0))


def test_yang_interaction_is_the_difference_of_the_drug_effects(drawn: dict) -> None:
    table = drawn["yang2018"][2]
    mean = {g: figures.select(table, "group", "drinks", group=g).iloc[0]["value"] for g in drawn["yang2018"][0].GROUPS}
    found = figures.select(table, "group", "drinks", group="interaction").iloc[0]["value"]
    expected = mean["helpless_ketamine"] - mean["helpless_vehicle"] - mean["healthy_ketamine"] + mean["healthy_vehicle"]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("name", STUDIES)
def test_one_subject_is_enough_for_a_figure(drawn: dict, name: str) -> None:
    experiment, trials, _, _ = drawn[name]
    figure = experiment.figure(summarised(experiment, trials[trials["subject"] == 0]))
    figure.savefig(io.BytesIO(), format="svg")


def test_importing_figures_loads_neither_matplotlib_nor_pandas() -> None:
    heavy = {"matplotlib", "seaborn", "pandas", "numba"}
    code = f"import sys, habenula_rl.figures; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
