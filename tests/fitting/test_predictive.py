"""Fitted people simulated anew: what a right model predicts, what a wrong one misses, and refusals."""

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import QLearning, WithChoiceKernel

TASK = hrl.tasks.ReversalLearning()
RESTLESS = WithChoiceKernel(QLearning)(learning_rate=0.4, beta=3.0, perseveration=-3.0, choice_rate=1.0)


def people(agent, n=40, n_trials=100, seed=1):
    return hrl.simulate(agent, TASK, n_subjects=n, n_trials=n_trials, seed=seed).trials


@pytest.fixture(scope="module")
def restless():
    """People who change their choice, and fits of them by a model that knows of that and one that does not."""
    trials = people(RESTLESS)
    return {
        kind.__name__: hrl.fit(kind, trials, TASK, method="em") for kind in (QLearning, WithChoiceKernel(QLearning))
    }


def test_the_model_that_made_the_choices_predicts_them_and_one_that_did_not_misses(restless):
    plain, kernel = (hrl.posterior_predictive(made, TASK, hrl.readouts.stay_shift) for made in restless.values())
    assert {"win_stay", "lose_shift"} <= {*plain.missed["measure"]} and not len(kernel.missed)
    assert "! win_stay: observed" in repr(plain) and "!" not in repr(kernel)
    rows = kernel.table.set_index("measure")
    assert (rows["low"] <= rows["predicted"]).all() and (rows["predicted"] <= rows["high"]).all()


def test_observed_is_the_readout_of_the_data(restless):
    made = restless["QLearning"]
    expected = hrl.readouts.best_choices(made.trials, bin_trials=25)
    found = hrl.posterior_predictive(made, TASK, hrl.readouts.best_choices, by="trial", bin_trials=25, draws=3)
    np.testing.assert_allclose(found.table["observed"], expected.groupby("trial")["best"].mean())
    assert found.table["trial"].tolist() == [0, 25, 50, 75] and len(found.people) == 4 * 40
    merged = found.people.merge(expected, on=["subject", "trial"])
    np.testing.assert_allclose(merged["observed"], merged["best"])


def test_tail_is_the_fraction_of_data_sets_as_high_as_the_data():
    """A readout that counts trials cannot differ: every simulated person has as many trials as the real one."""
    trials = people(QLearning(), n=6)
    trials = trials[trials["trial"] < 50 + 5 * trials["subject"]]
    labels = np.array(list("fedcba"))
    trials["subject"] = labels[trials["subject"]]
    made = hrl.fit(QLearning, trials, TASK, parameters=["beta"])

    def count(table):
        return table.groupby("subject").size().rename("n").reset_index()

    found = hrl.posterior_predictive(made, TASK, count, draws=2)
    assert found.table.loc[0, ["observed", "predicted", "low", "high", "tail"]].tolist() == [
        62.5,
        62.5,
        62.5,
        62.5,
        1.0,
    ]
    assert found.people.set_index("subject")["predicted"].to_dict() == dict(
        zip("fedcba", range(50, 80, 5), strict=True)
    )


def test_the_data_may_name_the_best_arm_in_a_column_of_its_own():
    trials = people(QLearning(learning_rate=0.4), n=5)
    trials["right"] = trials["next_state"] - 1
    own = trials[["subject", "trial", "action", "outcome", "right"]]
    made = hrl.fit(QLearning, own, parameters=["beta"])
    found = hrl.posterior_predictive(made, TASK, hrl.readouts.best_choices, columns={"best": "right"}, draws=2)
    assert found.table["observed"][0] == pytest.approx(hrl.readouts.best_choices(trials)["best"].mean())


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"draws": 1}, "draws must be a whole number of 2 or more, not 1"),
        ({"by": "trail"}, "the readout has no column 'trail'"),
        ({"readout": lambda t: pd.DataFrame({"x": [1.0]})}, "must return a table with a column 'subject'"),
    ],
)
def test_what_cannot_be_meant_is_refused(restless, how, why):
    readout = how.pop("readout", hrl.readouts.stay_shift)
    with pytest.raises(ValueError, match=why):
        hrl.posterior_predictive(restless["QLearning"], TASK, readout, **how)


def test_people_who_learn_anew_are_refused():
    trials = people(QLearning(), n=3)
    trials["block"] = trials["trial"] // 50
    made = hrl.fit(QLearning, trials, TASK, parameters=["beta"], reset="block")
    with pytest.raises(ValueError, match="one session or block each"):
        hrl.posterior_predictive(made, TASK, hrl.readouts.stay_shift)


def test_trials_that_a_person_lacks_in_the_middle_are_not_read_of_the_simulated_one():
    """Trials are numbered from 3 in steps of 2, and one person's block of 10 is lost: the rest keeps its place."""
    trials = people(QLearning(), n=4, n_trials=30)
    trials = trials[(trials["subject"] != 1) | ~trials["trial"].between(5, 14)]
    trials["trial"] = 3 + 2 * trials["trial"]
    made = hrl.fit(QLearning, trials, TASK, parameters=["beta"])
    read = []

    def count(table):
        read.append({who: sorted(of["trial"]) for who, of in table.groupby("subject")})
        return table.groupby("subject").size().rename("n").reset_index()

    found = hrl.posterior_predictive(made, TASK, count, draws=2)
    assert found.people["predicted"].tolist() == [30.0, 20.0, 30.0, 30.0]
    everything, lacking = [*range(30)], [*range(5), *range(15, 30)]
    assert read[1:] == 2 * [{0: everything, 1: lacking, 2: everything, 3: everything}]
