"""Signals of recorded choices are those of the simulation that made them, and reach a scanner's events."""

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import HabenulaAgent, QLearning

TABLE = pd.DataFrame(
    {"subject": ["b", "a", "b", "b"], "action": [0, 1, None, 0], "outcome": [1.0, np.nan, np.nan, 0.0]}
)
LOST = "ignore:.* responses are missing"


@pytest.mark.filterwarnings(LOST)
@pytest.mark.parametrize("compiled", [True, False])
def test_by_hand(compiled):
    found = hrl.signals(QLearning(learning_rate=0.5, beta=2.0), TABLE, actions=2, compiled=compiled)
    np.testing.assert_allclose(found["rpe"], [1.0, np.nan, np.nan, -0.5])
    np.testing.assert_allclose(found["value"], [0.5, np.nan, np.nan, 0.25])
    np.testing.assert_allclose(found["probability"], [0.5, 0.5, np.nan, 1 / (1 + np.exp(-1))])
    assert found["subject"].tolist() == ["b", "a", "b", "b"]


@pytest.mark.parametrize("agent", [HabenulaAgent(), QLearning(beta=3.0)])
def test_they_are_those_of_the_simulation(agent):
    task = hrl.tasks.SucrosePreference(free=False, delivery=0.5)
    table = hrl.simulate(agent, task, n_subjects=4, n_trials=60, seed=2).trials
    found = hrl.signals(agent, table.drop(columns=list(agent.signals)), task)
    for name in agent.signals:
        np.testing.assert_allclose(found[name], table[name], rtol=1e-4, atol=1e-5)
    by_subject = found.groupby("subject")["log_likelihood"].sum()
    np.testing.assert_allclose(by_subject, hrl.log_likelihood(agent, table, task), rtol=1e-12)


def test_events_for_a_scanner(tmp_path):
    table = pd.DataFrame({"subject": [1, 1, 2, 2], "action": [0, 1, 1, 0], "outcome": [1.0, 0.0, 1.0, 0.0]})
    found = hrl.signals(QLearning(learning_rate=0.5), table.assign(onset=[0.0, 4.0, 1.0, 5.0]))
    events = hrl.to_bids_regressors(found, ["rpe", "value"], tmp_path, task="rl", duration=0.5)
    assert events.query("subject == 1 and trial_type == 'rpe'")["modulation"].tolist() == [
        0.5,
        -0.5,
    ]  # 1 and 0, centred
    written = pd.read_csv(tmp_path / "sub-1_task-rl_events.tsv", sep="\t")
    assert list(written) == ["onset", "duration", "trial_type", "modulation"] and written["onset"].tolist() == [
        0,
        0,
        4,
        4,
    ]
    with pytest.raises(ValueError, match="no column 'lhb'"):
        hrl.to_bids_regressors(found, ["lhb"])
    with pytest.raises(ValueError, match="row 1, column 'onset'"):
        hrl.to_bids_regressors(found.assign(onset=[0, np.nan, 1, 2]))


@pytest.mark.parametrize("labels", [(-1, 1), ("a-b", "ab"), ("A", "a")])
def test_labels_that_would_be_one_file_are_refused_before_any_is_written(labels, tmp_path):
    rows = pd.DataFrame({"subject": labels, "onset": [0.0, 1.0], "rpe": [0.5, 1.0]}, dtype=object)
    with pytest.raises(ValueError, match=r"would both be sub-\w+_task-rl: BIDS' labels are letters and digits"):
        hrl.to_bids_regressors(rows, "rpe", tmp_path / "events", task="rl")
    assert not (tmp_path / "events").exists()
    assert len(hrl.to_bids_regressors(rows, "rpe")) == 2
