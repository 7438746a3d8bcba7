"""The table and the figure of a study that has no experiment of its own."""

import numpy as np
import pandas as pd
import pytest

from habenula_rl.analysis.standard import summarise
from habenula_rl.figures import standard


def subjects(groups=("a", "b"), phases=("later", "first"), n=3, **columns):
    """A run's subjects.parquet: `later` comes first in the config."""
    index = pd.MultiIndex.from_product([groups, phases, range(n)], names=["group", "phase", "subject"])
    table = index.to_frame(index=False)
    table["phase"] = pd.Categorical(table["phase"], categories=phases)
    base = {"steps": 20, "terminated": 4, "outcome": np.arange(len(table)) / 10.0, "share_left": 0.25}
    return table.assign(**base, rpe=0.5, value=1.0, failed_trial=-1, failed_step=-1, **columns)


def config(groups=("a", "b"), phases=("later", "first"), record="trials"):
    return {
        "groups": {name: {"agent": "QLearning"} for name in groups},
        "phases": [{"name": name, "trials": 10} for name in phases],
        "record": record,
    }


def test_numbers_by_hand():
    table = summarise(subjects(), config())
    means = table[table["level"] == "group"].set_index(["phase", "group", "measure"])["value"]
    # outcomes are .0 .1 .2 for a later, .3 .4 .5 for a first, .6 .7 .8 for b later, .9 1 1.1 for b first
    assert means.xs("outcome", level="measure").to_dict() == pytest.approx(
        {("later", "a"): 0.1, ("later", "b"): 0.7, ("first", "a"): 0.4, ("first", "b"): 1.0}
    )
    assert set(means.xs("trials", level="measure")) == {10.0}
    assert set(means.xs("steps_per_trial", level="measure")) == {2.0}
    assert set(means.xs("share_left", level="measure")) == {0.25}


def test_phases_are_in_the_order_of_the_config():
    table = summarise(subjects(), config())
    assert list(dict.fromkeys(table["phase"])) == ["later", "first"]


def test_only_recorded_signals_are_there():
    for record, signals in (("summary", {"rpe", "value"}), (["value"], {"value"})):
        table = summarise(subjects(), config(record=record))
        assert {*table["measure"]} & {"rpe", "value", "lhb"} == signals


def test_a_subject_that_had_to_stop_is_left_out_and_n_says_so():
    run = subjects()
    run.loc[0, ["failed_trial", "outcome"]] = 2, 1e300
    table = summarise(run, config())
    row = table[(table["level"] == "group") & (table["measure"] == "outcome")].iloc[0]
    assert (row["n"], row["value"]) == (2, pytest.approx(0.15))


def test_where_all_had_to_stop_the_table_counts_them_alone():
    table = summarise(subjects().assign(failed_trial=0), config())
    assert table[["measure", "value", "n"]].values.tolist() == [["stopped", 3.0, 3]] * 4


def test_the_note_says_who_was_left_out_and_whose_groups_these_are():
    run = subjects()
    run.loc[0, "failed_trial"] = 2
    settings = config(groups=("b", "a")) | {"subjects": "same"}
    drawn = standard.figure(summarise(run, settings), settings)
    said = "\n".join(text.get_text() for text in drawn.findobj(lambda a: hasattr(a, "get_text")))
    assert "Left out, because they had to stop: 1 of 3 of a in later." in said
    assert "groups are the same subjects." in said
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == ["b", "a"]


@pytest.mark.parametrize(("n_groups", "n_phases"), [(1, 1), (1, 3), (2, 1), (4, 3), (9, 1), (9, 2), (40, 2)])
def test_the_figure_shows_every_subject_and_labels_every_axis(n_groups, n_phases):
    groups, phases = tuple(f"g{k}" for k in range(n_groups)), tuple(f"p{k}" for k in range(n_phases))
    table = summarise(subjects(groups, phases), config(groups, phases))
    drawn = standard.figure(table)
    panels = [axes for axes in drawn.axes if axes.get_ylabel()]
    assert [axes.get_title(loc="left").partition(",")[0] for axes in panels] == [
        "Outcome",
        "Action: left",
        "RPE",
        "Value",
    ]
    shown = min(n_groups * n_phases, standard.MOST_PLACES)
    for axes in panels:
        assert sum(len(points.get_offsets()) for points in axes.collections if len(points.get_offsets())) >= 3 * shown
        assert all(label.get_text() for label in axes.get_xticklabels())
    names = {text.get_text() for axes in panels for text in (*axes.get_xticklabels(), *axes.texts)}
    key = {text.get_text() for legend in drawn.legends for text in legend.get_texts()}
    titles = {axes.get_title(loc="left").partition(", ")[2] for axes in panels}
    last = -(-shown // n_groups)
    if n_phases == 1:  # once below, and not in each title, where a long name is cut off
        assert drawn._supxlabel.get_text().startswith("Phase: p0. ") and titles == {""}
    else:
        assert {*phases[:last]} <= names | titles
    assert {*groups} <= names | key or n_groups == 1
    cut = "The first 60 groups of a panel are drawn" in drawn._supxlabel.get_text()
    assert cut == (n_groups * n_phases > standard.MOST_PLACES)


def test_more_measures_than_letters_are_said_not_to_be_drawn():
    actions = {f"share_{k}": 0.0 for k in range(30)}
    drawn = standard.figure(summarise(subjects(**actions), config()))
    assert "The first 26 measures are drawn" in drawn._supxlabel.get_text()
