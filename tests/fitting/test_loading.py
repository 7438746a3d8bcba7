"""Choices as people keep them become one table, or are refused by file, row and column."""

import json

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import QLearning
from habenula_rl.fitting.choice_data import DECLARED

PEOPLE = pd.DataFrame(
    {
        "participant": ["07", "07", "07", "8", "8", "8"],
        "key": ["f", "j", None, "j", "f", "j"],
        "points": [1.0, 0.0, np.nan, 1.0, 0.0, 1.0],
        "ms": [500, 420, np.nan, 700, 310, 333],
        "shaps": [3, 3, 3, 9, 9, 9],
    }
)
NAMES = {"subject": "participant", "action": "key", "outcome": "points"}


def test_a_table_with_keys_becomes_numbers_and_keeps_the_rest():
    data = hrl.load_choices(PEOPLE, NAMES, actions={"j": "right", "f": "left"}, outcomes=(0, 1))
    assert data["action"].tolist()[:2] == [1.0, 0.0] and np.isnan(data["action"][2])  # right first, as in the mapping
    assert data["shaps"].tolist() == [3, 3, 3, 9, 9, 9] and data["subject"].tolist()[0] == "07"
    said = data.attrs[DECLARED]
    assert said["actions"] == 2 and said["action_names"] == ["right", "left"] and said["seen"] == [0.0, 1.0]


def test_several_codes_may_have_one_name_and_a_task_says_the_order():
    table = PEOPLE.assign(key=["f", "J", "j", "F", "f", "j"], points=1.0)
    data = hrl.load_choices(table, NAMES, actions={"f": "l", "F": "l", "j": "r", "J": "r"})
    assert data["action"].tolist() == [0, 1, 1, 0, 0, 1]
    task = hrl.tasks.ReversalLearning()
    first, second = task.actions[:2]
    table = table.assign(key=["f", "j"] * 3, state=0)
    data = hrl.load_choices(table, NAMES, actions={"j": second, "f": first}, task=task)
    assert data["action"].tolist() == [0, 1] * 3


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".csv", {"index": False}),
        (".tsv", {"sep": "\t", "index": False}),
        (".txt", {"sep": "\t", "index": False}),
        (".csv", {"sep": ";", "decimal": ",", "index": False}),
        (".parquet", {}),
    ],
)
def test_every_kind_of_file_is_read_to_the_same(tmp_path, suffix, options):
    path = tmp_path / f"choices{suffix}"
    getattr(PEOPLE, "to_parquet" if suffix == ".parquet" else "to_csv")(path, **options)
    data = hrl.load_choices(path, NAMES, actions=["f", "j"])
    pd.testing.assert_frame_equal(data, hrl.load_choices(PEOPLE, NAMES, actions=["f", "j"]), check_dtype=False)
    with pytest.warns(UserWarning, match="1 of 6 responses are missing"):
        assert hrl.Likelihood(QLearning, data).counts["choices"].tolist() == [2, 3]


def test_hbayesdm_names_gain_minus_loss_and_choices_from_1(tmp_path):
    table = pd.DataFrame(
        {"subjID": [1, 1, 2, 2], "choice": [1, 3, 2, 3], "gain": [50, 0, 100, 0], "loss": [0, -5, -50, 0]}
    )
    path = tmp_path / "igt.txt"
    table.to_csv(path, sep="\t", index=False)
    data = hrl.load_choices(path)
    assert data["subject"].tolist() == [1, 1, 2, 2] and data["action"].tolist() == [0, 2, 1, 2]
    assert data["outcome"].tolist() == [50, -5, 50, 0]
    assert hrl.load_choices(table.assign(loss=table["loss"].abs()))["outcome"].tolist() == [50, -5, 50, 0]
    with pytest.raises(ValueError, match=r"row 3, column 'loss': 7 has another sign than the losses before it"):
        hrl.load_choices(table.assign(loss=[0, -5, -50, 7]))


@pytest.mark.parametrize("choices", [[1, 3, 2, 3], [1, 1, 1, 1]])
def test_hbayesdm_choices_of_a_task_whose_last_action_nobody_chose_may_count_from_0_or_1(choices):
    """Read from 0 they would be choices of other arms, without a word."""
    from habenula_rl.tasks import Bandit

    table, task = pd.DataFrame({"subjID": [1, 1, 2, 2], "choice": choices, "outcome": [1, 0, 1, 0]}), Bandit()
    why = r"column 'choice': neither 0 nor 4 occurs.* give actions=\[1, 2, 3, 4\], or actions=4 if they count from 0"
    with pytest.raises(ValueError, match=why):
        hrl.load_choices(table, task=task)
    from_1 = hrl.load_choices(table, task=task, actions=[1, 2, 3, 4])["action"]
    assert from_1.tolist() == [choice - 1 for choice in choices]
    assert hrl.load_choices(table, task=task, actions=4)["action"].tolist() == choices


def test_a_bids_folder_with_its_sidecar(tmp_path):
    (tmp_path / "dataset_description.json").write_text("{}")
    said = {"response": {"Levels": {"face": "left key", "house": "right key"}}, "response_time": {"Units": "ms"}}
    (tmp_path / "task-rl_beh.json").write_text(json.dumps(said))
    for subject in ("01", "02"):
        folder = tmp_path / f"sub-{subject}" / "beh"
        folder.mkdir(parents=True)
        for run in (1, 2):
            rows = "response\treward\tresponse_time\nhouse\t1\t500\nn/a\tn/a\tn/a\nface\t0\t250\n"
            (folder / f"sub-{subject}_task-rl_run-{run}_beh.tsv").write_text(rows)
    names = {"action": "response", "outcome": "reward"}
    data = hrl.load_choices(tmp_path, names, reset="block")
    assert data["subject"].unique().tolist() == ["01", "02"] and data["block"].unique().tolist() == [1, 2]
    assert data["action"].tolist()[:3:2] == [1, 0] and data["rt"].tolist()[:3:2] == [0.5, 0.25]
    with pytest.warns(UserWarning, match="4 of 12 responses are missing"):
        likelihood = hrl.Likelihood(QLearning(learning_rate=0.5, beta=2.0), data)  # reset="block" came with the table
    # in each block ln ½ for the first; then Q of house is ½, and face has 1/(1 + e)
    assert likelihood.value() == pytest.approx(2 * (np.log(0.5) - np.log(1 + np.e)) * np.ones(2), abs=1e-12)


def test_only_the_rows_that_are_choices():
    table = PEOPLE.assign(kind=["choice", "choice", "instruction", "choice", "choice", "choice"]).dropna(
        subset="points"
    )
    assert (
        len(hrl.load_choices(PEOPLE.assign(kind=table["kind"]), NAMES, where={"kind": "choice"}, actions=["f", "j"]))
        == 5
    )


def test_a_simulated_run_goes_in_as_it_is():
    task = hrl.tasks.ReversalLearning()
    run = hrl.simulate(QLearning(), task, n_subjects=3, n_trials=20, seed=1)
    data = hrl.load_choices(run, task=task)
    assert (hrl.log_likelihood(QLearning(), data, task) == hrl.log_likelihood(QLearning(), run.trials, task)).all()


def test_what_was_declared_goes_with_a_part_of_the_table():
    data = hrl.load_choices(PEOPLE.assign(points=[0, 0, 0, 1, 0, 1], key="f"), NAMES, actions=["f", "j", "k"])
    part = data[data["subject"] == "8"]
    assert "3 actions" in repr(hrl.Likelihood(QLearning, part))


@pytest.mark.parametrize(
    ("change", "arguments", "why"),
    [
        (
            {"key": ["f", "j", "x", "j", "f", "j"]},
            {"actions": ["f", "j"]},
            r"one\.csv: row 2, column 'key': 'x' is not one of the actions 'f' and 'j'",
        ),
        (
            {"points": [1, 0, 1, "many", 0, 1]},
            {"actions": ["f", "j"]},
            r"one\.csv: row 3, column 'points': 'many' is not a number",
        ),
        (
            {"points": [1, 0, 2, 2, 0, 1]},
            {"actions": ["f", "j"], "outcomes": (0, 1)},
            r"row 3, column 'points': 2\.? .*within outcomes",
        ),
        (
            {"participant": ["a", None, "a", "b", "b", "b"]},
            {"actions": ["f", "j"]},
            r"row 1, column 'participant': nan names no subject",
        ),
        ({"rt": [1, -1, 1, 1, 1, 1]}, {"actions": ["f", "j"]}, r"row 1, column 'rt': -1 is below 0"),
        ({}, {"actions": {"f": "l"}}, r"row 1, column 'key': 'j' is not one of the actions"),
        ({}, {"actions": ["f", "j"], "where": {"kind": 1}}, r"where: the table has no column 'kind'"),
    ],
)
def test_a_refusal_names_file_row_and_column(tmp_path, change, arguments, why):
    path = tmp_path / "one.csv"
    PEOPLE.assign(**change).to_csv(path, index=False)
    with pytest.raises(ValueError, match=why):
        hrl.load_choices(path, NAMES, **arguments)


def test_of_several_files_the_row_is_that_of_its_own(tmp_path):
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    PEOPLE.to_csv(paths[0], index=False)
    PEOPLE.assign(participant="9", key=["f", "f", "f", "?", "f", "f"]).to_csv(paths[1], index=False)
    with pytest.raises(ValueError, match=r"b\.csv: row 3, column 'key': '\?' is not one"):
        hrl.load_choices(paths, NAMES, actions=["f", "j"])


@pytest.mark.parametrize(
    ("source", "columns", "why"),
    [
        ("nowhere.csv", None, "nowhere.csv: there is no such file"),
        (3, None, "takes a file, a folder, a list of files or a table, not 3"),
        (PEOPLE, {"acton": "key"}, "'acton' is not read here, did you mean 'action'"),
        (PEOPLE, {"action": "kee"}, "no column 'kee', did you mean 'key'"),
        (
            PEOPLE.assign(subjID=1, participant_id=2),
            {"action": "key"},
            "'subjID' and 'participant_id': say which one is 'subject'",
        ),
        (PEOPLE, {"subject": "participant", "action": "key"}, "no column 'outcome'"),
        (PEOPLE.assign(gain=1), {"subject": "participant", "action": "key"}, "a column 'gain' but none for 'loss'"),
    ],
)
def test_what_cannot_be_read_is_refused(source, columns, why):
    with pytest.raises(ValueError, match=why):
        hrl.load_choices(source, columns, actions=["f", "j"])
