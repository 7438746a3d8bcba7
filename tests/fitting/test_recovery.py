"""What can be known in a task: information by hand and by simulation, recovery, confusion."""

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import DualRate, QLearning, WithChoiceKernel
from habenula_rl.fitting.recovery import _simulated, _stretches

TASK = hrl.tasks.ReversalLearning()


def test_information_says_what_the_spread_of_most_likely_estimates_says():
    agent = QLearning(learning_rate=0.4, beta=3.0)
    found = hrl.identify(agent, TASK, parameters=["learning_rate", "beta"], n_trials=400, n_subjects=300)
    trials = hrl.simulate(agent, TASK, n_subjects=150, n_trials=400, seed=9).trials
    spread = hrl.fit(agent, trials, TASK, parameters=["learning_rate", "beta"], method="mle").parameters
    np.testing.assert_allclose(found.table["se"], spread.std(), rtol=0.25)
    assert np.corrcoef(spread.T)[0, 1] == pytest.approx(found.correlations.iloc[0, 1], abs=0.2)


def test_what_cannot_be_told_apart_is_said():
    kind = WithChoiceKernel(QLearning)  # at a learning rate of 0 β acts on nothing; here β and the rates trade off
    found = hrl.identify(hrl.HabenulaAgent, TASK, parameters=["trace_rate", "beta", "value_rate"])
    assert ("trace_rate", "beta") in [pair[:2] for pair in found.trade_offs] and "trade off" in repr(found)
    assert np.isinf(found.table.loc[["trace_rate", "beta"], "se"]).all()  # z ∝ β·α, but for a leak from 0
    assert hrl.identify(kind, TASK).without_information == ["discount"]
    with pytest.raises(ValueError, match="no choice in ReversalLearning depends on discount"):
        hrl.identify(kind, TASK, parameters=["discount"])


def test_recovery_of_a_fit_has_its_size_and_its_people():
    rng = np.random.default_rng(0)
    beta = np.exp(rng.normal(1.2, 0.5, 50))
    trials = hrl.simulate(
        QLearning(learning_rate=0.4), TASK, n_subjects=50, n_trials=120, seed=1, parameters={"beta": beta}
    ).trials
    fitted = hrl.fit(QLearning(learning_rate=0.4), trials, TASK, parameters=["beta"], method="em")
    found = hrl.recover(fitted, TASK, seed=2)
    assert found.n_trials == 120 and found.table["subject"].nunique() == 50 and not found.poor
    assert found.summary.loc["beta", "r"] > 0.7 and 0.75 <= found.summary.loc["beta", "coverage"] <= 1.0
    true = np.log(found.table["true"])
    assert true.mean() == pytest.approx(1.2, abs=0.3) and true.std() == pytest.approx(0.5, abs=0.2)


def test_recovery_of_a_fit_with_a_covariate_has_the_differences_that_go_with_it():
    rng = np.random.default_rng(3)
    score = rng.standard_normal(60)
    beta = np.exp(1.0 + 0.6 * score)  # people differ by their score alone
    trials = hrl.simulate(
        QLearning(learning_rate=0.4), TASK, n_subjects=60, n_trials=120, seed=1, parameters={"beta": beta}
    ).trials
    trials["score"] = score[trials["subject"]]
    fitted = hrl.fit(QLearning(learning_rate=0.4), trials, TASK, parameters=["beta"], method="em", covariates=["score"])
    found = hrl.recover(fitted, TASK, seed=2)
    assert np.log(found.table["true"]).std() == pytest.approx(0.6, abs=0.15) and found.summary.loc["beta", "r"] > 0.7


def test_a_parameter_that_is_not_recovered_is_printed_with_a_warning():
    with pytest.warns(UserWarning, match=r"not recovered in this task, do not interpret its estimates: rate_worse"):
        found = hrl.recover(DualRate, TASK, n_subjects=60, n_trials=8)
    assert "rate_worse" in found.poor and "! rate_worse is not recovered" in repr(found)


def test_confusion_finds_a_kernel_where_there_is_one():
    table = hrl.confuse({"plain": QLearning, "kernel": WithChoiceKernel(QLearning)}, TASK, n_subjects=30, n_trials=150)
    np.testing.assert_allclose(table.sum(axis=1), 1.0)
    assert table.loc["plain", "plain"] > 0.6 and table.loc["kernel", "kernel"] > 0.6
    with pytest.raises(ValueError, match="two models at least"):
        hrl.confuse([QLearning, QLearning(beta=1.0)], TASK)
    with pytest.raises(ValueError, match="did you mean 'bic'"):
        hrl.confuse([QLearning, DualRate], TASK, criterion="bik")


@pytest.mark.filterwarnings("ignore:not recovered")
def test_who_learned_anew_in_each_session_does_so_when_simulated():
    """Two sessions of 30 trials are no one session of 60: the table that is fitted again has as many stretches."""
    task, parts = hrl.tasks.ReversalLearning(), []
    for session in (1, 2):
        run = hrl.simulate(QLearning(learning_rate=0.4), task, n_subjects=5, n_trials=30, seed=session)
        parts.append(run.trials.assign(session=session))
    fitted = hrl.fit(QLearning, pd.concat(parts), task, reset="session", threads=1)
    trials = _simulated(fitted.agent, task, 5, 60, 1, {"beta": np.full(5, 4.0)}, _stretches(fitted))
    sizes = trials.groupby(["subject", "block"]).size()
    assert len(sizes) == 10 and (sizes == 30).all()
    blocks = [rows["action"].to_numpy() for _, rows in trials.groupby("block")]
    assert (blocks[0] != blocks[1]).any()
    assert hrl.recover(fitted, task, threads=1).table["subject"].nunique() == 5
