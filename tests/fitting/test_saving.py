"""What is written is what is read again, in every format, or is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.agents import Hybrid, QLearning
from habenula_rl.fitting.choice_data import DECLARED
from habenula_rl.fitting.saving import FORMATS

SUFFIX = {"csv": ".csv", "tsv": ".tsv", "parquet": ".parquet", "hbayesdm": ".txt", "bids_beh": "", "bids_events": ""}
OURS = ["subject", "session", "block", "trial", "action", "outcome", "rt"]


@st.composite
def tables(draw):
    """Choices of a few subjects in sessions and blocks, some missing, with any finite outcomes."""
    names = draw(
        st.lists(st.text("abcxyzäß -", min_size=1).map(str.strip).filter(bool), min_size=2, max_size=4, unique=True)
    )
    subjects = draw(st.lists(st.text("ABCdef0123", min_size=1, max_size=4), min_size=1, max_size=3, unique=True))
    rows = []
    for subject in subjects:
        for session in range(draw(st.integers(1, 2))):
            for block in range(1, 1 + draw(st.integers(1, 3))):
                rows += [(subject, f"s{session}", block, trial) for trial in range(draw(st.integers(1, 3)))]
    table = pd.DataFrame(rows, columns=["subject", "session", "block", "trial"])
    n = len(table)
    numbers = st.floats(-1, 1).map(lambda x: x + 0.0)
    table["outcome"] = draw(st.lists(numbers, min_size=n, max_size=n))
    table["key"] = draw(st.lists(st.sampled_from(names), min_size=n, max_size=n))
    table["rt"] = draw(st.lists(st.floats(0, 10), min_size=n, max_size=n))
    table["onset"] = np.arange(n) * 1.1
    table["duration"] = 0.5
    gone = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    gone[0] = False
    table.loc[gone, ["key", "outcome", "rt"]] = np.nan
    return table, names


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=6, deadline=None)
@given(tables())
def test_every_format_brings_back_what_was_saved(tmp_path_factory, format, drawn):
    table, names = drawn
    data = hrl.load_choices(table, {"action": "key"}, actions=names, outcomes=(-1, 1), reset="block")
    path = tmp_path_factory.mktemp("saved") / f"choices{SUFFIX[format]}"
    assert hrl.save_choices(path, data, format) == path
    options = {"reset": "block"}
    if format in ("csv", "tsv"):
        options |= {"actions": len(names)}
    elif format == "hbayesdm":
        options |= {"actions": list(range(1, len(names) + 1))}
    again = hrl.load_choices(path, **options)
    by = ["subject", "session", "block", "trial"]
    one, other = (t.astype({"subject": str}).sort_values(by, ignore_index=True)[OURS] for t in (data, again))
    pd.testing.assert_frame_equal(one, other, check_dtype=False, check_exact=True)
    if format in ("parquet", "bids_beh", "bids_events"):  # which say what was declared, too
        assert again.attrs[DECLARED] == data.attrs[DECLARED]


@pytest.mark.parametrize("format", ["csv", "parquet", "bids_beh"])
@pytest.mark.parametrize(("agent", "task"), [(QLearning(), hrl.tasks.GoNoGo()), (Hybrid(), hrl.tasks.TwoStep())])
def test_a_simulated_run_has_the_same_likelihood_when_it_was_saved(tmp_path, format, agent, task):
    run = hrl.simulate(agent, task, n_subjects=2, n_trials=20, seed=1)
    path = hrl.save_choices(tmp_path / f"run{SUFFIX[format]}", run, format, task=task)
    found = hrl.log_likelihood(agent, hrl.load_choices(path, task=task), task)
    # a run's numbers are single precision, and a text has their shortest decimals
    np.testing.assert_allclose(found, hrl.log_likelihood(agent, run.trials, task), rtol=1e-7)


def test_bids_by_hand(tmp_path):
    table = pd.DataFrame({"subject": ["07", "07"], "block": 1, "action": ["no-go", "go"], "outcome": [0.0, 1.0]})
    table = table.assign(rt=[None, 0.25], onset=[1.0, 3.5], duration=0.0)
    data = hrl.load_choices(table, actions=["no-go", "go"], outcomes=(-1, 1))
    hrl.save_choices(tmp_path / "set", data, "bids_events", label="gng")
    file = tmp_path / "set" / "sub-07" / "func" / "sub-07_task-gng_run-1_events.tsv"
    assert file.read_text() == (
        "onset\tduration\taction\toutcome\tresponse_time\n1.0\t0.0\tno-go\t0.0\tn/a\n3.5\t0.0\tgo\t1.0\t0.25\n"
    )
    said = json.loads((tmp_path / "set" / "task-gng_events.json").read_text())
    assert said["action"]["Levels"] == {"no-go": "no-go", "go": "go"}
    assert (said["outcome"]["Minimum"], said["outcome"]["Maximum"], said["response_time"]["Units"]) == (-1, 1, "s")
    assert json.loads((tmp_path / "set" / "dataset_description.json").read_text())["Name"] == "gng"


def test_hbayesdm_by_hand(tmp_path):
    table = pd.DataFrame({"subjID": [1, 1], "choice": [2, 1], "gain": [50.0, 0.0], "loss": [0.0, -5.0]})
    path = hrl.save_choices(tmp_path / "igt.txt", table, "hbayesdm", actions=[1, 2])
    assert path.read_text() == "subjID\tchoice\tgain\tloss\n1\t2\t50.0\t0.0\n1\t1\t0.0\t-5.0\n"


DATA = pd.DataFrame({"subject": ["a", "a"], "action": [0, 1], "outcome": [0.0, 1.0]})


@pytest.mark.parametrize(
    ("name", "change", "format", "why"),
    [
        ("x.csv", {}, "cvs", "format 'cvs' is none of .*csv"),
        ("x.doc", {}, None, "format must be given"),
        ("x.doc", {}, "csv", "ends in .csv, .tsv or .txt, not as x.doc"),
        ("x.csv", {"session": "01"}, None, "row 0, column 'session': '01' would be read as 1"),
        ("x.csv", {"subject": "NA"}, None, "subject"),
        ("x.txt", {"state": [0, 1]}, "hbayesdm", "column 'state' has 2 states"),
        ("x.txt", {"forced": [False, True]}, "hbayesdm", "row 1, column 'forced'.* and this is True"),
        ("set", {"subject": "a-1"}, "bids_beh", "'a-1' is no BIDS label"),
        ("set", {"block": 0.5}, "bids_beh", "0.5 is no whole number"),
        ("set", {}, "bids_events", "events need a column 'onset'"),
    ],
)
def test_what_would_not_come_back_is_refused_and_leaves_nothing(tmp_path, name, change, format, why):
    with pytest.raises(ValueError, match=why):
        hrl.save_choices(tmp_path / name, DATA.assign(**change), format)
    assert not list(tmp_path.iterdir())


def test_a_bids_folder_is_never_written_into(tmp_path):
    with pytest.raises(ValueError, match="is there already"):
        hrl.save_choices(tmp_path, DATA, "bids_beh")


def test_a_name_that_looks_empty_is_refused(tmp_path):
    data = hrl.load_choices(DATA.assign(action=["null", "go"]), actions=["null", "go"])
    with pytest.raises(ValueError, match="row 0, column 'action'"):
        hrl.save_choices(tmp_path / "set", data, "bids_beh")


def test_a_table_that_was_loaded_keeps_what_was_declared():
    data = hrl.load_choices(DATA, actions=3, outcomes=(-2, 2), reset="never")
    assert hrl.load_choices(data).attrs == data.attrs
