"""A run's tidy table, its plot, and how short it shows itself."""

import matplotlib as mpl
import pytest
import seaborn as sns

import habenula_rl as hrl


@pytest.fixture(scope="module")
def run():
    return hrl.simulate(hrl.HabenulaAgent(hyperactivity=1.0), hrl.tasks.SucrosePreference(), n_subjects=5, n_trials=9)


def test_the_summary_has_a_row_for_each_subject_and_measure(run):
    found = run.summary[run.summary.measure == "outcome"]
    assert found.value.tolist() == run.subjects.outcome.tolist()
    assert found.subject.tolist() == [0, 1, 2, 3, 4]
    assert set(run.summary.level) == {"subject"}
    assert set(run.summary.measure) >= {"share_sucrose", "burst", "steps_per_trial"}
    assert set(run.summary[run.summary.measure == "trials"].value) == {9.0}


def test_seaborn_takes_it_in_one_line(run):
    grid = sns.catplot(data=run.summary, x="phase", y="value", col="measure", col_wrap=4, sharey=False)
    assert len(grid.axes) == run.summary.measure.nunique()
    mpl.pyplot.close(grid.figure)


def test_the_plot_has_a_panel_for_each_measure(run):
    panels = [axes.get_title(loc="left") for axes in run.plot().axes]
    assert "Burst, SucrosePreference" in panels
    assert "Action: sucrose, SucrosePreference" in panels
