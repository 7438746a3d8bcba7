"""The figure of burst_mechanism holds the table's numbers, and the table those of neurons and animals."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from habenula_rl import neurons
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.run import run
from habenula_rl.experiment.study_file import load_experiment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The study with 3 animals in every group and 60 neurons for half a second."""
    folder = run(ROOT / "configs/burst_mechanism.yaml", tmp_path_factory.mktemp("m"), subjects=3, summary=False)
    experiment = load_experiment(ROOT / "experiments/burst_mechanism.py")
    cells = neurons.manipulated(n_neurons=60, seconds=2.0, seed=2018)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neurons, "manipulated", lambda seed: cells if seed == 2018 else None)
        table = experiment.summarise(load_trials(folder))
    return experiment, table, cells, experiment.figure(table)


def test_shares_of_neurons_are_those_recorded(made):
    _, table, cells, _ = made
    rows = table[(table["level"] == "trace") & (table["group"] == "neurons") & (table["phase"] == "nmda")]
    for (measure, value), part in rows.groupby(["measure", "time"]):
        kinds = cells[(cells["parameter"] == "nmda") & (cells["value"] == value)]["kind"]
        assert part["value"].item() == pytest.approx(100.0 * (kinds == measure).mean())
    assert rows["measure"].nunique() == 3


def test_at_rest_no_animal_has_an_error_and_blocks_leave_no_bursts(made):
    _, table, _, _ = made
    rest = table[(table["level"] == "subject") & (table["measure"] == "bursts")].groupby("group")["value"]
    assert rest.max()[["kir_more_nmda_block", "kir_more_t_type_block"]].tolist() == [0.0, 0.0]
    assert rest.mean()["kir_loss"] < rest.mean()["healthy"] < rest.mean()["kir_more"]


def test_every_point_and_the_agents_line_are_drawn(made):
    experiment, table, _, figure = made
    panels = {ax.get_title(loc="left"): ax for ax in figure.axes}
    for name, (title, _) in experiment.CHANNELS.items():
        axes = panels[title]
        drawn = [c.lines[0].get_ydata() for c in axes.containers]
        assert [len(y) for y in drawn] == [len(neurons.VARIED[name])] * 3
        assert np.allclose(np.sum(drawn, axis=0), 100.0)
        line = next(line for line in axes.lines if line.get_label() == "agent, bursting")
        assert line.get_ydata()[-1] == table[(table["group"] == "agent") & (table["phase"] == name)]["value"].iloc[-1]
    assert len(panels["Animals: shuttle box"].collections[0].get_offsets()) == 3 * len(experiment.GROUPS)


def test_it_can_be_drawn(made):
    FigureCanvasAgg(made[3]).draw()
