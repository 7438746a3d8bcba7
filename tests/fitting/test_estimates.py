"""Estimates: against another optimiser, by hand, against planted truth; what is flagged, and what is refused."""

import math
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from scipy.special import logsumexp

import habenula_rl as hrl
from habenula_rl.agents import DualRate, PearceHall, QLearning
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.fitting.optimise import hessians, minimise
from habenula_rl.fitting.ranges import Prior, Range

TASK = hrl.tasks.Bandit()


def people(n, n_trials=150, seed=0, **parameters):
    return hrl.simulate(DualRate(), TASK, n_subjects=n, n_trials=n_trials, seed=seed, parameters=parameters).trials


@pytest.fixture(scope="module")
def some():
    rng = np.random.default_rng(3)
    truth = {
        "rate_better": rng.beta(3, 3, 40),
        "rate_worse": rng.beta(3, 3, 40),
        "beta": np.exp(rng.normal(1.3, 0.4, 40)),
    }
    return truth, people(40, **truth)


# ---- the line and the search


@pytest.mark.parametrize(
    "own",
    [Range(0, 1), Range(0, 100), Range(-3, 6), Range(0, math.inf), Range(-math.inf, 2), Range(-math.inf, math.inf)],
)
def test_a_range_is_a_line_there_and_back_with_its_slope(own):
    z = np.linspace(-6, 6, 25)
    value = own.from_line(z)
    np.testing.assert_allclose(own.to_line(value), z, atol=1e-9)
    assert ((value > own.low) & (value < own.high)).all()
    np.testing.assert_allclose((own.from_line(z + 1e-6) - own.from_line(z - 1e-6)) / 2e-6, own.slope(z), rtol=1e-4)


def test_many_minima_are_those_of_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.5, 2, 6), rng.uniform(5, 20, 6)

    def rosenbrock(k, x):
        value = (a[k] - x[:, 0]) ** 2 + b[k] * (x[:, 1] - x[:, 0] ** 2) ** 2
        inner = x[:, 1] - x[:, 0] ** 2
        return value, np.stack([-2 * (a[k] - x[:, 0]) - 4 * b[k] * x[:, 0] * inner, 2 * b[k] * inner], axis=1)

    found = minimise(rosenbrock, np.tile([-1.0, 1.0], (6, 1)), np.tile(np.eye(2) * 0.1, (6, 1, 1)))
    assert found.converged.all()
    np.testing.assert_allclose(found.points, np.stack([a, a**2], axis=1), atol=1e-4)
    at = np.stack([a, a**2], axis=1)
    np.testing.assert_allclose(hessians(rosenbrock, at)[:, 0, 0], 2 + 8 * b * a**2, rtol=1e-5)


def test_estimates_are_those_of_scipy_for_one_subject_at_a_time(some):
    _, trials = some
    fitted = hrl.fit(DualRate, trials, TASK, method="map")
    priors = fitted.priors.set_index("parameter")
    ranges = {name: Range(0.0, 100.0 if name == "beta" else 1.0) for name in fitted.names}
    for subject in (0, 7, 23):
        own = hrl.Likelihood(DualRate, trials[trials.subject == subject], TASK)

        def lose(z, own=own):
            value = own.value({name: float(ranges[name].from_line(v)) for name, v in zip(fitted.names, z, strict=True)})
            return -value[0] - sum(
                stats.norm.logpdf(v, priors["mean"][n], priors["sd"][n]) for n, v in zip(fitted.names, z, strict=True)
            )

        options = {"xatol": 1e-6, "fatol": 1e-9, "maxiter": 4000}
        ended = [optimize.minimize(lose, x, method="Nelder-Mead", options=options) for x in ([0, 0, -3], [1, -1, -2])]
        best = min(ended, key=lambda end: end.fun)
        mine = fitted.posterior.modes[list(fitted.likelihood.subjects).index(subject)]
        assert lose(mine) <= best.fun + 1e-6
        np.testing.assert_allclose(mine, best.x, atol=2e-3)


# ---- by hand


def test_the_most_likely_beta_and_its_error_by_hand():
    # Q = (1, 0) after a first forced reward at rate 1, then n choices without an outcome, k of the better arm:
    # β = ln(k / (n - k)), information n p (1 - p)
    k, n = 30, 40
    first = pd.DataFrame({"action": [0], "outcome": [1.0], "forced": [True]})
    rest = pd.DataFrame({"action": [0] * k + [1] * (n - k), "outcome": np.nan, "forced": False})
    trials = pd.concat([first, rest], ignore_index=True).assign(subject="ann")
    fitted = hrl.fit(QLearning(learning_rate=1.0), trials, parameters=["beta"], method="mle", actions=2)
    row = fitted.table.iloc[0]
    assert row["estimate"] == pytest.approx(math.log(3.0), abs=1e-5)
    assert row["se"] == pytest.approx(1.0 / math.sqrt(n * 0.75 * 0.25), rel=1e-4)
    assert fitted.bic == pytest.approx(math.log(n) - 2 * fitted.log_likelihood)
    assert fitted.subjects["chance"].tolist() == [pytest.approx(-n * math.log(2.0))]


def test_the_laplace_evidence_is_the_integral(some):
    _, trials = some
    one = trials[trials.subject == 3]
    fitted = hrl.fit(
        QLearning(learning_rate=0.4), one, TASK, parameters=["beta"], priors={"beta": Prior(-3.0, 0.7, "test")}
    )
    z = np.linspace(-7, 1, 4001)
    own = hrl.Likelihood(QLearning(learning_rate=0.4), one, TASK)
    logs = own.at(np.zeros(z.size, int), {"beta": Range(0, 100).from_line(z)})[0] + stats.norm.logpdf(z, -3.0, 0.7)
    integral = np.log(np.exp(logs - logs.max()).sum() * (z[1] - z[0])) + logs.max()
    assert fitted.evidence == pytest.approx(integral, abs=0.02)


# ---- against the truth


@pytest.mark.parametrize("method", ["mle", "map", "em"])
def test_what_was_planted_is_found(some, method):
    truth, trials = some
    fitted = hrl.fit(DualRate, trials, TASK, method=method)
    assert fitted.left_out == ("discount",) and fitted.names == ("rate_better", "rate_worse", "beta")
    for name, values in truth.items():
        assert stats.spearmanr(values, fitted.parameters[name]).statistic > 0.6
        rows = fitted.table[fitted.table.parameter == name]
        assert 0.75 <= ((rows.low <= values) & (values <= rows.high)).mean() <= 1.0
    assert fitted.parameters.index.equals(fitted.likelihood.subjects)


def test_a_population_is_a_maximum_of_its_evidence_by_numerical_integrals():
    rng = np.random.default_rng(3)
    trials = people(20, 60, rate_better=0.4, rate_worse=0.4, beta=np.exp(rng.normal(1.0, 0.6, 20)))
    fitted = hrl.fit(DualRate(rate_better=0.4, rate_worse=0.4), trials, TASK, parameters=["beta"], method="em")
    z = np.linspace(-9, 2, 1101)
    own = {"beta": np.tile(Range(0, 100).from_line(z), 20)}
    logs = fitted.likelihood.at(np.repeat(np.arange(20), z.size), own)[0].reshape(20, -1)

    def lost(x):  # minus the evidence and what holds the population's two numbers, which are in fit.priors
        mean, sd = x[0], np.exp(x[1])
        each = logsumexp(logs + stats.norm.logpdf(z, mean, sd), axis=1) + np.log(z[1] - z[0])
        prior = fitted.priors.iloc[0]
        held = 0.5 * ((mean - prior["mean"]) / (3 * prior["sd"])) ** 2 + 0.5 * (sd / (2 * prior["sd"])) ** 2
        return held - each.sum(), each

    best = optimize.minimize(lambda x: lost(x)[0], [-3.0, -0.5], tol=1e-8).x
    p = fitted.population
    assert p.converged
    np.testing.assert_allclose([p.weights[0, 0], np.log(p.sd[0, 0])], best, atol=0.02)
    np.testing.assert_allclose(fitted.subjects["evidence"], lost(best)[1], atol=0.02)
    # an interval holds 90 % of a person's posterior over all populations
    below = np.zeros((20, z.size))
    total = 0.0
    for mean in best[0] + np.linspace(-0.7, 0.7, 15):
        for log_sd in best[1] + np.linspace(-1.0, 0.8, 15):
            held, _ = lost([mean, log_sd])
            weight = np.exp(lost(best)[0] - held + log_sd - best[1])
            density = np.exp(logs - logs.max(axis=1, keepdims=True) + stats.norm.logpdf(z, mean, np.exp(log_sd)))
            below += weight * np.cumsum(density, axis=1) / density.sum(axis=1, keepdims=True)
            total += weight
    for column, at in (("low", 0.05), ("high", 0.95)):
        right = [np.interp(at, b / total, z) for b in below]
        off = np.abs(Range(0, 100).to_line(fitted.table[column]) - right)
        assert np.median(off) < 0.03 and off.max() < 0.3


def test_groups_and_a_covariate_are_estimated_inside_the_model():
    rng = np.random.default_rng(5)
    n = 60
    score, group = rng.normal(size=n), np.repeat(["controls", "patients"], n // 2)
    line = -3.0 + 0.5 * score + np.where(group == "patients", 0.8, 0.0) + 0.3 * rng.normal(size=n)
    trials = people(n, rate_better=0.4, rate_worse=0.4, beta=Range(0, 100).from_line(line))
    trials = trials.assign(score=score[trials.subject], group=group[trials.subject])
    with pytest.raises(ValueError, match="trials has 2 groups: give groups='group'"):
        hrl.fit(DualRate, trials, TASK, method="em")
    fitted = hrl.fit(DualRate, trials, TASK, method="em", groups="group", covariates=["score"])
    effect = fitted.group.query("parameter == 'beta' and term == 'score'").iloc[0]
    assert abs(effect["on_line"] - 0.5 * score.std(ddof=1)) < 3 * effect["se"] and effect["p"] < 1e-4
    difference = fitted.contrast("patients", "controls").set_index("parameter").loc["beta"]
    assert abs(difference["on_line"] - 0.8) < 3 * difference["se"] and difference["p"] < 1e-4
    by_table = hrl.fit(DualRate, trials, TASK, method="em", groups="group", covariates=pd.DataFrame({"score": score}))
    pd.testing.assert_frame_equal(by_table.group, fitted.group)


def test_results_do_not_depend_on_threads_or_on_who_else_is_there(some):
    _, trials = some
    one, two = (hrl.fit(DualRate, trials, TASK, threads=k).table for k in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    alone = hrl.fit(DualRate, trials[trials.subject == 5], TASK, priors=None).table
    together = one[one.subject == 5].reset_index(drop=True)
    np.testing.assert_allclose(alone["estimate"], together["estimate"], rtol=1e-6)


# ---- flags and refusals


def test_who_always_does_the_same_is_at_an_end_and_it_is_said():
    trials = pd.DataFrame({"subject": np.repeat(["a", "b"], 30), "action": 0, "outcome": 1.0})
    fitted = hrl.fit(QLearning, trials, actions=2, method="mle")
    assert any("at an end of its range" in flag for flag in fitted.flags) and "! " in repr(fitted)
    assert fitted.subjects["identified"].tolist() == [False, False]
    assert "end of its range" in fitted._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"method": "mpa"}, "method must be 'mle', 'map', 'em' or 'mcmc', not 'mpa'"),
        ({"parameters": ["discount"]}, "discount has no effect on these choices"),
        ({"parameters": ["bta"]}, "no parameter 'bta', did you mean 'beta'"),
        ({"parameters": []}, "there is nothing to fit"),
        ({"parameters": ["beta", "beta"]}, "'beta' twice"),
        ({"priors": {"discount": (0.1, 0.9)}}, "'discount' is not fitted here"),
        ({"priors": {"beta": (20, 1)}}, "between which 90 % of people lie"),
        ({"groups": "group"}, "estimated by method='em'"),
        ({"method": "em", "covariates": ["shaps"]}, "no column 'shaps'"),
        ({"method": "em", "covariates": ["outcome"]}, "not the same in all rows of subject 0"),
        ({"starts": 0}, "starts must be a whole number from 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(some, arguments, why):
    with pytest.raises(ValueError, match=why):
        hrl.fit(DualRate, some[1], TASK, **arguments)


def test_the_habenula_agent_asks_which_parameters():
    task = hrl.tasks.ShuttleBox()
    trials = hrl.simulate(hrl.HabenulaAgent(), task, n_subjects=2, n_trials=10, seed=1).trials
    with pytest.raises(ValueError, match="name those to fit"):
        hrl.fit(hrl.HabenulaAgent, trials, task)


def test_signals_of_a_fit_are_those_of_its_estimates(some):
    fitted = hrl.fit(DualRate, some[1], TASK)
    found = hrl.signals(fitted)
    np.testing.assert_allclose(
        found.groupby("subject")["log_likelihood"].sum(), fitted.subjects["log_likelihood"], rtol=1e-12
    )


def test_a_population_far_from_the_prior_is_found():
    # of QLearning's choices PearceHall's best is QLearning: no change of associability, 1 from the start, far from its
    # prior. Searched only from where each person was before, it stayed hundreds of units of evidence below
    rng = np.random.default_rng(8)
    truth = {"learning_rate": rng.beta(8, 3, 80), "beta": np.exp(rng.normal(1.4, 0.5, 80))}
    task = hrl.tasks.ReversalLearning()
    trials = hrl.simulate(QLearning(), task, n_subjects=80, n_trials=90, seed=6, parameters=truth).trials
    plain, wider = (hrl.fit(kind, trials, task, method="em").population.evidence for kind in (QLearning, PearceHall))
    assert wider > plain - 15.0


def test_a_fit_and_its_likelihood_go_through_pickle_and_into_another_process(some):
    fitted = hrl.fit(DualRate, some[1][some[1].subject < 5], TASK)
    again = pickle.loads(pickle.dumps(fitted))
    pd.testing.assert_frame_equal(again.table, fitted.table)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        value = pool.submit(again.likelihood.value, {"beta": 2.0}).result()
    np.testing.assert_array_equal(value, fitted.likelihood.value({"beta": 2.0}))


# ---- what goes with a covariate


def test_an_effect_goes_through_the_means_and_by_its_slope():
    rng = np.random.default_rng(5)
    score = rng.integers(0, 20, 30).astype(float)
    trials = people(30, 80, beta=np.exp(1.5 - 0.08 * score))
    trials["shaps"] = score[trials["subject"]]
    made = hrl.fit(DualRate, trials, TASK, parameters=["beta"], method="em", covariates=["shaps"])
    group, curve = made.group.set_index("term"), made.effect("beta", "shaps", points=20)
    line = Range(0, 100).to_line
    assert curve["shaps"].iloc[[0, -1]].tolist() == [score.min(), score.max()]
    expected = group.loc["mean", "on_line"] + group.loc["shaps", "on_line"] * (curve["shaps"] - score.mean()) / (
        score.std(ddof=1)
    )
    np.testing.assert_allclose(line(curve["beta"]), expected, rtol=1e-9)
    assert (curve["low"] < curve["beta"]).all() and (curve["beta"] < curve["high"]).all()
    width = np.interp(score.mean(), curve["shaps"], line(curve["high"]) - line(curve["low"]))
    assert width == pytest.approx(group.loc["mean", "high"] - group.loc["mean", "low"], rel=0.02)
    reach = stats.t.ppf(0.975, 28) * group["se"]
    np.testing.assert_allclose(group["high"] - group["low"], 2.0 * reach)
    with pytest.raises(ValueError, match="'beat' was not estimated, did you mean 'beta'"):
        made.effect("beat", "shaps")
    with pytest.raises(ValueError, match="needs a population"):
        hrl.fit(DualRate, trials, TASK, parameters=["beta"]).effect("beta", "shaps")


def test_a_search_at_a_kink_ends_and_is_not_called_converged():
    def vee(k, x):  # |x| has no slope of 0
        return np.abs(x[:, 0]) + np.abs(x[:, 1] - 1), np.sign(x - np.array([0.0, 1.0]))

    asked = []

    def counted(k, x):
        asked.append(len(k))
        return vee(k, x)

    found = minimise(counted, np.array([[0.7, 0.3]]), np.eye(2)[None])
    assert not found.converged[0] and found.values[0] < 0.05 and len(asked) < 150


# ---- elsewhere


@pytest.fixture(scope="module")
def jobs():
    """Methods of a likelihood, a fit and an environment: each goes to another process with what it belongs to."""
    trials = people(4, 40)
    environment = TaskEnvironment(TASK)
    environment.reset(seed=3)
    fitted = hrl.fit(DualRate, trials, TASK, method="em")
    return [
        (hrl.Likelihood(DualRate, trials, TASK).value, ({"beta": 2.0},)),
        (fitted.likelihood.gradient, (dict(fitted.parameters.items()),)),
        (hrl.signals, (fitted,)),
        (environment.step, (0,)),
    ]


@pytest.mark.parametrize("through", ["pickle", "spawn", "joblib", "dask"])
def test_a_likelihood_a_fit_and_an_environment_go_elsewhere(jobs, through):
    if through == "pickle":
        found = [call(*given) for call, given in pickle.loads(pickle.dumps(jobs))]
    elif through == "spawn":
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            found = [pool.submit(call, *given).result() for call, given in jobs]
    elif through == "joblib":
        joblib = pytest.importorskip("joblib")
        found = joblib.Parallel(n_jobs=2)(joblib.delayed(call)(*given) for call, given in jobs)
    else:
        dask = pytest.importorskip("dask")
        found = dask.compute(*[dask.delayed(call)(*given) for call, given in jobs], scheduler="processes")
    for one, (call, given) in zip(found, pickle.loads(pickle.dumps(jobs)), strict=True):
        expected = call(*given)
        if isinstance(expected, tuple):  # a step
            assert one == expected
        else:
            np.testing.assert_array_equal(np.asarray(one), np.asarray(expected))
