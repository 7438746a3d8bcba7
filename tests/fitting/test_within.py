"""Conditions within subject: a planted difference is found, none is not, and what cannot be taken apart is refused."""

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import QLearning
from habenula_rl.fitting.likelihood import Likelihood

TASK = hrl.tasks.ReversalLearning()


def sessions(n, shift, n_trials=80, seed=1):
    """Of n people twice: the rate's logit is lower by `shift` in session b; columns of `simulate`."""
    rng = np.random.default_rng(seed)
    line, beta, own = rng.normal(0.0, 0.6, n), np.exp(rng.normal(1.5, 0.3, n)), rng.normal(shift, 0.3, n)
    parts = []
    for k, name in enumerate("ab"):
        rate = 1.0 / (1.0 + np.exp(-(line + (k - 0.5) * own)))
        run = hrl.simulate(
            QLearning(),
            TASK,
            n_subjects=n,
            n_trials=n_trials,
            seed=seed + k,
            parameters={"learning_rate": rate, "beta": beta},
        )
        parts.append(run.trials.assign(session=name))
    return pd.concat(parts, ignore_index=True), line, own


def fitted(trials, **options):
    return hrl.fit(QLearning, trials, TASK, **{"method": "em", "within": "session", "reset": "session", **options})


def test_a_planted_difference_is_found_with_its_mean_variance_and_people():
    trials, line, own = sessions(50, -1.2)
    made = fitted(trials)
    assert made.names == ("learning_rate", "beta", "learning_rate: b - a", "beta: b - a")
    rows = made.group.set_index("parameter")
    rate, beta = rows.loc["learning_rate: b - a"], rows.loc["beta: b - a"]
    assert abs(rate["on_line"] + 1.2) < 2.5 * rate["se"] and rate["p"] < 1e-6 and rate["low"] < -1.2 < rate["high"]
    assert beta["p"] > 0.02 and abs(beta["on_line"]) < 2.5 * beta["se"] and np.isnan(rows.loc["beta", "p"])
    held = made.table.query("parameter == 'learning_rate: b - a'")
    assert 0.78 <= ((held["low"] <= own) & (own <= held["high"])).mean() <= 1.0
    middle = made.table.query("parameter == 'learning_rate'")
    assert np.corrcoef(np.log(middle["estimate"] / (1 - middle["estimate"])), line)[0, 1] > 0.6
    turned = fitted(trials, within=("session", "b"))  # the same people, the other way round
    assert turned.names[2] == "learning_rate: a - b"
    other = turned.group.set_index("parameter").loc["learning_rate: a - b"]
    assert other["on_line"] == pytest.approx(-rate["on_line"], abs=0.03)
    one = hrl.fit(QLearning, trials, TASK, method="em", reset="session")  # without a difference
    assert made.evidence > one.evidence + 5 and hrl.compare({"one": one, "two": made}).table["model"][0] == "two"


def test_at_no_difference_the_likelihood_and_its_slopes_are_those_of_one_value():
    from habenula_rl.fitting.ranges import default_prior
    from habenula_rl.fitting.search import Search
    from habenula_rl.fitting.within import within_search

    trials, *_ = sessions(4, -1.0, 20)
    names = ("learning_rate", "beta")
    plain = Search(
        Likelihood(QLearning, trials, TASK, reset="session"),
        names,
        {name: default_prior(QLearning.fields()[name], 1.0) for name in names},
    )
    search = within_search(plain, trials, "session", {"reset": "session"})
    who, at = np.arange(4), np.array([[-0.3, -3.0]] * 4)
    value, slope = search.lose(who, np.hstack([at, np.zeros((4, 2))]))
    one, of_one = plain.lose(who, at)
    np.testing.assert_allclose(value, one, rtol=1e-12)
    np.testing.assert_allclose(slope[:, :2], of_one, rtol=1e-9)
    point = np.array([[-0.3, -3.0, 0.4, -0.2]] * 4)
    step = 1e-6 * np.eye(4)
    numeric = [(search.lose(who, point + s)[0] - search.lose(who, point - s)[0]) / 2e-6 for s in step]
    np.testing.assert_allclose(search.lose(who, point)[1], np.stack(numeric, axis=1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"method": "map"}, "within is estimated by method='em', not 'map'"),
        ({"within": "drug", "reset": "never"}, "subject 0 goes on learning from one 'drug' to the next"),
        ({"within": "sesion"}, "no column 'sesion', did you mean 'session'"),
        ({"within": "agent"}, "all rows have 'q' in column 'agent'"),
        ({"within": ("session", "c")}, "column 'session' has no 'c'"),
        ({"within": 3}, "within must be a column, or a column and one of its values, not 3"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, why):
    trials, *_ = sessions(4, -1.0, 20)
    later = trials["session"] == "b"
    trials = trials.assign(drug=later, agent="q")
    if options.get("reset") == "never":
        trials = trials.drop(columns="session").assign(trial=trials["trial"] + 20 * later)
    with pytest.raises(ValueError, match=why.replace("(", r"\(")):
        fitted(trials, **options)


def test_who_missed_a_session_counts_by_the_other():
    """The search goes on with the last of the people alone, who may all lack the same condition."""
    trials, *_ = sessions(5, -1.0, 20)
    only_a = trials[(trials["subject"] != 3) | (trials["session"] == "a")]
    made = fitted(only_a, parameters=["learning_rate"])
    assert np.isfinite(made.log_likelihood)
    units = Likelihood(QLearning, trials, TASK, reset="session")
    value, slopes = units.at(np.empty(0, int), {}, ["beta"])
    assert value.shape == (0,) and slopes.shape == (0, 1) and units.at(np.empty(0, int), {})[0].shape == (0,)


def test_what_needs_one_value_of_each_parameter_says_so():
    made = fitted(sessions(6, -1.0, 30)[0])
    for use in (hrl.signals, lambda f: hrl.recover(f, TASK), lambda f: hrl.posterior_predictive(f, TASK, len)):
        with pytest.raises(ValueError, match="needs one value of each parameter: fit one condition"):
            use(made)
