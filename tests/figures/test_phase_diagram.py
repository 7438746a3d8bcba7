"""The phase diagram: what is left of a deficit and the block that halves it, by hand; and its figure."""

from __future__ import annotations

import io
import itertools
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from habenula_rl import Ketamine, figures
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.run import run
from habenula_rl.experiment.study_file import load_experiment

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "phase_diagram.yaml"


@pytest.fixture(scope="module")
def experiment() -> ModuleType:
    return load_experiment(ROOT / "experiments" / "phase_diagram.py")


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Trials of the config's groups without and with 10, 30 and 60 % of block, at three hyperactivities, 3 each."""
    folder = tmp_path_factory.mktemp("diagram")
    kept = re.compile(r"  h(?!(000|100|200)_block(00|10|30|60))\d+_block.*\n")
    (folder / "phase_diagram.yaml").write_text(kept.sub("", CONFIG.read_text(encoding="utf-8")), encoding="utf-8")
    return load_trials(run(folder / "phase_diagram.yaml", folder, subjects=3, figure=False))


def subjects(**means: float) -> pd.DataFrame:
    """Failures of 12 animals a group, 1 above and 1 below its mean: in turn, or by twos, so that neighbours differ."""
    placed = enumerate(means.items())
    rows = [(group, s, mean + 1 - 2 * (s >> k % 2 & 1)) for k, (group, mean) in placed for s in range(12)]
    table = pd.DataFrame(rows, columns=["group", "subject", "value"])
    return table.assign(level="subject", phase="shuttle", measure="failures")


def recovered(experiment: ModuleType, **means: float) -> pd.DataFrame:
    parts = [*experiment._recoveries(subjects(**means))]
    return pd.concat(parts) if parts else pd.DataFrame()


def test_deficit_left_and_the_block_that_halves_it_by_hand(experiment: ModuleType) -> None:
    found = recovered(experiment, h000_block00=10, h100_block00=90, h100_block05=70, h100_block10=40, h100_block20=10)
    left = found[found["level"] == "trace"]
    assert left["time"].tolist() == [0, 5, 10, 20]
    assert left["value"].tolist() == pytest.approx([100.0, 75.0, 37.5, 0.0])
    half = found[found["measure"] == "half_failures"].iloc[0]
    assert half["value"] == pytest.approx(5 + 5 * 25 / 37.5)
    assert half["low"] < half["value"] < half["high"]
    assert (half["group"], half["phase"]) == ("h100", "shuttle")


def test_no_block_is_named_where_none_halves_the_deficit(experiment: ModuleType) -> None:
    found = recovered(experiment, h000_block00=10, h100_block00=90, h100_block60=60)
    assert set(found["measure"]) == {"failures"}


def test_nothing_recovers_where_there_is_no_deficit(experiment: ModuleType) -> None:
    assert recovered(experiment, h000_block00=10, h100_block00=10.2, h100_block60=10).empty


def test_a_group_says_where_it_stands(experiment: ModuleType) -> None:
    assert experiment.place("h125_block05") == (125, 5)
    with pytest.raises(ValueError, match="named as h100_block20, not 'mice'"):
        experiment.place("mice")


def test_every_groups_name_says_its_numbers(experiment: ModuleType) -> None:
    groups = plan_of(load_study(CONFIG)).config["groups"]
    assert len(groups) == 100
    for name, group in groups.items():
        trait, block = experiment.place(name)
        assert group["parameters"]["hyperactivity"] == pytest.approx(trait / 100)
        assert group["parameters"]["nmda"] == pytest.approx(1 - block / 100)


def test_the_dotted_line_is_the_drugs_block(experiment: ModuleType, trials: pd.DataFrame) -> None:
    line = figures.select(experiment.summarise(experiment.read(trials)), "trace", "ketamine_block").set_index("time")[
        "value"
    ]
    assert line[1.0] == pytest.approx(100 * Ketamine(dose="10 mg/kg", hours_before=1.0).block(1.0))
    assert (np.diff(line) > 0).all()


def test_panels_do_not_overlap(experiment: ModuleType, trials: pd.DataFrame) -> None:
    figure = experiment.figure(experiment.summarise(experiment.read(trials)))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [axes.get_tightbbox(canvas.get_renderer()) for axes in figure.axes]
    assert all(box.x0 > -1 and box.x1 < figure.bbox.x1 + 1 for box in boxes)
    for one, other in itertools.combinations(boxes, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        assert min(across, min(one.y1, other.y1) - max(one.y0, other.y0)) < 1.0
    planes = [axes for axes in figure.axes if axes.get_xlabel() == "NMDA block (%)" and axes.collections]
    assert [axes.get_title(loc="left") for axes in planes[:4]] == ["Helplessness", "Despair", "Anhedonia", "Pessimism"]
    for axes in figure.axes:
        assert axes.get_xlabel()


def test_one_subject_is_enough_for_a_figure(experiment: ModuleType, trials: pd.DataFrame) -> None:
    figure = experiment.figure(experiment.summarise(experiment.read(trials[trials["subject"] == 0])))
    figure.savefig(io.BytesIO(), format="svg")
