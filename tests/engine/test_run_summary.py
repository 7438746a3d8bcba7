"""A run's tidy table, its plot, and how short it shows itself."""

import sys

import matplotlib as mpl
import pytest
import seaborn as sns

import habenula_rl as hrl
from habenula_rl.computing import shown


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
    assert {"Burst", "Action: sucrose"} <= {*panels}  # the task is named once, below


def test_a_run_shows_itself_in_a_line(run):
    assert repr(run) == (
        "<Run of HabenulaAgent(hyperactivity=1.0): 5 subjects, 9 trials of SucrosePreference, seed 0; "
        ".subjects .trials .summary .plot()>"
    )
    assert "share_sucrose" in run._repr_html_()
    assert "&lt;Run of" in run._repr_html_()


def test_a_long_run_shows_how_far_it_is(monkeypatch, capsys):
    """In a terminal, from the third second on: here from the start. Of 40 subjects in chunks of 10."""
    monkeypatch.setattr(shown, "SHOWN_AFTER_S", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    hrl.simulate(hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), n_subjects=40, n_trials=2, chunk=10)
    assert "simulate" in capsys.readouterr().err


def test_a_short_run_shows_nothing(capsys):
    hrl.simulate(hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), n_subjects=40, n_trials=2, chunk=10)
    assert capsys.readouterr().err == ""
