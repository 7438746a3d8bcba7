"""Speed and calibration of fits: MAP of 100 × 200 × 6, a plain-Python likelihood, coverage, false positives.

    python -m benchmarks.fits [speed | calibration [SEED [POPULATIONS]] | recovery [SEED]] [--people FILE]
    python -m benchmarks.fits posterior [SEED [POPULATIONS]]

Prints CPU seconds, since machines are shared, and ratios. `calibration` takes minutes: 100 populations without an
effect, and 100 with one of .4 standard deviations in β, of 40 people with 100 trials each; those of another SEED are
other people. `recovery` simulates and fits 1,000 people of 90 trials, and draws recovery1000.png. `--people` fits five
models by "em" to the choices of a file, as those of Zorowitz et al. 2023, doi 10.1038/s41562-023-01640-7.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings

import numpy as np

import habenula_rl as hrl
from habenula_rl.agents import DualRate, PearceHall, QLearning, WithChoiceKernel
from habenula_rl.fitting.ranges import Range, checked_priors, range_of

TASK = hrl.tasks.ReversalLearning()


def seconds(job):
    """CPU seconds of all threads, and what came of it."""
    began = time.process_time()
    made = job()
    return time.process_time() - began, made


def speed():
    """100 people, 200 trials, 6 parameters by MAP on one thread; the first fit, not timed, compiles."""
    kind = WithChoiceKernel(PearceHall)
    names = ["learning_rate", "associability_rate", "initial_associability", "beta", "perseveration", "choice_rate"]
    trials = hrl.simulate(kind(), TASK, n_subjects=100, n_trials=200, seed=1).trials
    hrl.fit(kind, trials[trials.subject < 2], TASK, parameters=names, threads=1)
    taken, fitted = seconds(lambda: hrl.fit(kind, trials, TASK, parameters=names, threads=1))
    ended = fitted.subjects["converged"].sum()
    print(f"MAP of 100 subjects x 200 trials x 6 parameters: {taken:.2f} CPU s, {ended} converged")


def people(path):
    """Five models by EM on two threads."""
    data = hrl.load_choices(path, outcomes=(0, 1), reset="never")
    kinds = [QLearning, DualRate, PearceHall, WithChoiceKernel(QLearning), WithChoiceKernel(DualRate)]
    for kind in kinds:
        hrl.Likelihood(kind, data[data.subject == data.subject[0]]).gradient()
    taken, fits = seconds(lambda: [hrl.fit(kind, data, method="em", threads=2) for kind in kinds])
    print(f"{len(fits[0].subjects)} people x 5 models by EM: {taken:.1f} CPU s")
    print(hrl.compare(fits))


def recovery(seed=0, n=1000, n_trials=90):
    """Two learning rates and β of that many people from one population, by EM."""
    began = time.process_time()
    names = ["rate_better", "rate_worse", "beta"]
    people = {"priors": {"beta": (1.5, 10.0)}, "parameters": names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = hrl.recover(DualRate, TASK, n_subjects=n, n_trials=n_trials, method="em", seed=seed, **people)
    print(found, f"{time.process_time() - began:.1f} CPU s", found.summary.round(3).to_string(), sep="\n")
    hrl.figures.recovered(found.table, found.summary).savefig("recovery1000.png", dpi=150)


def calibration(seed=0, populations=100, n=40, n_trials=100):
    """Coverage of each person's 90 % intervals; how often a covariate without effect, and one with, is found at .05."""
    found = {0.0: [], 0.4: []}
    covered, signs = [], []
    for effect in found:
        for k in range(populations):
            rng = np.random.default_rng(1000 * k + int(10 * effect) + 10**6 * seed)
            score = rng.standard_normal(n)
            line = np.stack([rng.normal(0, 1, n), -3.2 + effect * score + rng.normal(0, 0.5, n)])
            truth = {"learning_rate": Range(0, 1).from_line(line[0]), "beta": Range(0, 100).from_line(line[1])}
            trials = hrl.simulate(
                QLearning(), TASK, n_subjects=n, n_trials=n_trials, seed=k + 10**6 * seed, parameters=truth
            ).trials
            trials["score"] = score[trials["subject"]]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fitted = hrl.fit(QLearning, trials, TASK, method="em", covariates=["score"], seed=k)
            row = fitted.group.query("parameter == 'beta' and term == 'score'").iloc[0]
            found[effect].append(row["p"] < 0.05)
            signs += [row["on_line"] > 0] if effect else []
            true = np.concatenate([truth[name] for name in fitted.names])
            covered.append(((fitted.table["low"] <= true) & (true <= fitted.table["high"])).mean())
    print(f"coverage of 90 % intervals: {np.mean(covered):.3f}")
    none, some = (np.mean(found[effect]) for effect in found)
    print(f"found at .05: no effect {none:.3f}, one of .4 {some:.3f}, with the right sign {np.mean(signs):.2f}")


def ranks(seed, populations, n, n_trials, priors, kept=39, every=8):
    """Simulation-based calibration of `hrl.sample`: populations drawn from its own priors, simulated and sampled; the
    place of each true number among `kept` draws, each eighth one, as (rank + 1/2) / (kept + 1).

    Those of a right posterior are uniform: of each parameter's mean and sd over people, and of its first person's own
    value. Returns them by name, (populations,). Source: Talts et al. 2018, arXiv 1804.06788.
    """
    rng, found, kind = np.random.default_rng(seed), {}, QLearning
    priors = checked_priors(kind.fields(), [*priors], priors, 1.0)
    logging.getLogger("arviz").setLevel(logging.ERROR)  # which asks for two chains where one is enough
    for k in range(populations):
        true, people = {}, {}
        for name, prior in priors.items():
            mean, sd = prior.mean + 3.0 * prior.sd * rng.standard_normal(), 2.0 * prior.sd * abs(rng.standard_normal())
            people[name] = range_of(kind.fields()[name]).from_line(mean + sd * rng.standard_normal(n))
            true |= {f"{name}_mean": mean, f"{name}_sd": sd, name: people[name][0]}
        own = {"n_subjects": n, "n_trials": n_trials, "seed": int(rng.integers(2**31)), "parameters": people}
        trials = hrl.simulate(kind(), TASK, **own).trials
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = hrl.fit(kind, trials, TASK, parameters=[*priors], priors=priors, method="em", threads=1)
            sampled = hrl.sample(fitted, draws=kept * every, tune=300, chains=1, cores=1, seed=k)
        for name, value in true.items():
            draws = sampled.data.posterior[name].to_numpy()[0, ::every, 0]
            found.setdefault(name, []).append(((draws < value).sum() + 0.5) / (kept + 1))
    return {name: np.array(places) for name, places in found.items()}


def posterior(seed=0, populations=100, n=6, n_trials=50):
    """How uniform the ranks are: their mean (0.5), their spread beside that of uniform ones (1), and χ² of 10 bins."""
    from scipy import stats

    priors = {"learning_rate": (0.15, 0.75), "beta": (2.0, 8.0)}
    for name, places in ranks(seed, populations, n, n_trials, priors).items():
        spread = np.sqrt(12.0 * np.mean((places - 0.5) ** 2))
        p = stats.chisquare(np.histogram(places, 10, (0.0, 1.0))[0]).pvalue
        print(f"{name}: mean rank {places.mean():.3f}, spread {spread:.3f}, uniform p {p:.3f}", flush=True)


if __name__ == "__main__":
    if "--people" in sys.argv:
        people(sys.argv[sys.argv.index("--people") + 1])
    elif {"calibration", "recovery", "posterior"} & {*sys.argv[1:2]}:
        globals()[sys.argv[1]](*map(int, sys.argv[2:]))
    else:
        speed()
