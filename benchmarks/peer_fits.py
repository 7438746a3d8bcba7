"""Peers' own fits of the same simulated choices: their estimates, and the time as a ratio.

    python -m benchmarks.peer_fits pyem FOLDER    a checkout of pyEM (github.com/shawnrhoads/pyEM), and joblib
    python -m benchmarks.peer_fits hbayesdm PYTHON FOLDER    one with PyStan 3, and hBayesDM's folder of Stan files
    python -m benchmarks.peer_fits cpm PYTHON    one with cpm-toolbox

20 people, 2 blocks of 40 trials of a two-armed bandit, learned anew in each; Rescorla-Wagner with a softmax. pyEM
begins at values of .5, which is ours with outcomes of -.5 and .5. Both on one thread; CPU seconds, ours when compiled.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

import habenula_rl as hrl
from habenula_rl.agents import DualRate, QLearning

TASK = hrl.tasks.Bandit(probabilities=(0.7, 0.3), rewards=(1.0, 1.0), punishments=(0.0, 0.0))
SUBJECTS, BLOCKS, TRIALS = 20, 2, 40


def choices(seed=5):
    """The choices, and the two parameters that made them."""
    rng = np.random.default_rng(seed)
    truth = {
        "learning_rate": 1.0 / (1.0 + np.exp(-rng.normal(-0.5, 0.8, SUBJECTS))),
        "beta": np.exp(rng.normal(1.2, 0.4, SUBJECTS)),
    }
    parts = []
    for block in range(BLOCKS):
        run = hrl.simulate(QLearning(), TASK, n_subjects=SUBJECTS, n_trials=TRIALS, seed=seed + block, parameters=truth)
        parts.append(run.trials.assign(block=block))
    import pandas as pd

    table = pd.concat(parts, ignore_index=True)
    kept = table[["subject", "block", "trial", "state", "action", "outcome"]]
    return kept.assign(outcome=(kept["outcome"] > 0) - 0.5).sort_values(["subject", "block", "trial"]), truth


def ours(kind, trials, method="em"):
    """Our fit, timed after what compiles."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hrl.fit(kind, trials[trials["subject"] < 4], TASK, method=method, reset="block", threads=1)
        began = time.process_time()
        fitted = hrl.fit(kind, trials, TASK, method=method, reset="block", threads=1)
    return fitted, time.process_time() - began


def said(name, fitted, theirs, truth, seconds, peer_seconds):
    """How far estimates of the two are from each other, in our standard errors where there are any, and both from the
    truth.
    """
    print(f"{name}: CPU s {peer_seconds:.1f}, ours {seconds:.2f}, ratio {peer_seconds / seconds:.0f}")
    for parameter, values in theirs.items():
        rows = fitted.table[fitted.table["parameter"] == parameter]
        estimate, se = rows["estimate"].to_numpy(), rows["se"].to_numpy()
        off = np.abs(values - estimate) / se
        r = [np.corrcoef(found, truth[parameter])[0, 1] for found in (values, estimate)] if parameter in truth else []
        line = (
            f"  {parameter}: r {np.corrcoef(values, estimate)[0, 1]:.3f}, apart by {np.nanmedian(off):.2f} se (median)"
        )
        print(
            f"{line}, {np.nanmax(off):.2f} (largest of {np.isfinite(off).sum()})"
            + (f"; r with the truth {r[0]:.2f}, ours {r[1]:.2f}" if r else "")
        )


def pyem(folder):
    sys.path.insert(0, folder)
    from pyem.api import EMModel
    from pyem.models import rl_mb, rl_mf
    from pyem.utils.math import alpha2norm, beta2norm, norm2alpha, norm2beta

    trials, truth = choices()
    letters = trials.assign(letter=np.where(trials["action"] == 0, "A", "B"))
    data = [
        [
            rows[column].to_numpy().reshape(BLOCKS, TRIALS) + shift
            for column, shift in (("letter", ""), ("outcome", 0.5))
        ]
        for _, rows in letters.groupby("subject")
    ]
    at = {"QLearning": (0.3, 0.3), "DualRate": (0.45, 0.2)}
    for kind, theirs, names in (
        (QLearning, rl_mf.rw1a1b_fit, ("learning_rate",)),
        (DualRate, rl_mf.rw2a1b_fit, ("rate_better", "rate_worse")),
    ):
        rates = at[kind.__name__][: len(names)]
        point = [beta2norm(4.0), *map(alpha2norm, rates)]
        own = {"beta": 4.0} | dict(zip(names, rates, strict=True))
        found = -np.array([theirs(point, *one, output="nll") for one in data])
        expected = hrl.Likelihood(kind, trials, TASK, reset="block").value(own)
        print(f"{kind.__name__}: log-likelihoods differ by at most {np.abs(found - expected).max():.1e}")
        began = time.process_time()
        model = EMModel(data, theirs, ["beta", *names]).fit(verbose=0, njobs=1, seed=0)
        taken = time.process_time() - began
        fitted, seconds = ours(kind, trials)
        estimates = np.asarray(model.m)
        estimates = estimates if estimates.shape[0] == 1 + len(names) else estimates.T
        values = {"beta": norm2beta(estimates[0])} | {
            n: norm2alpha(x) for n, x in zip(names, estimates[1:], strict=True)
        }
        said(f"pyEM, {theirs.__name__}", fitted, values, truth, seconds, taken)
    two_steps(rl_mb)


def two_steps(rl_mb):
    """pyEM's hybrid of model-based and model-free values: the likelihood of 20 people's choices, at one point, without
    planning and with. With it only of those in whom both mappings of transitions were never seen as often after the
    first trial: there it takes the second one, ours neither.
    """
    from habenula_rl.agents import Hybrid

    task = hrl.tasks.TwoStep()
    for weight in (0.0, 0.6):
        rates, betas = {"rate_first": 0.5, "rate_later": 0.4}, {"beta_first": 4.0, "beta_later": 3.0}
        agent = Hybrid(**rates, **betas, perseveration=0.1, model_weight=weight, trace_decay=0.6)
        trials = hrl.simulate(agent, task, n_subjects=20, n_trials=60, seed=2).trials
        expected, apart = hrl.Likelihood(agent, trials, task).value(), []
        for subject, rows in trials.groupby("subject"):
            first, second = rows[rows["step"] == 0], rows[rows["step"] == 1]
            chosen, there = first["action"].to_numpy(), second["state"].to_numpy() - 1
            lead = np.cumsum(np.where(chosen == there, 1, -1))
            if weight > 0.0 and (lead == 0).any():
                continue
            point = (4.0, 3.0, 0.5, 0.4, 0.6, weight, 0.1)
            choices = chosen, there, second["action"].to_numpy(), second["outcome"].to_numpy()
            apart.append(expected[subject] + rl_mb._twostep_negll(*point, *choices))
        print(f"Hybrid, model_weight {weight}: {len(apart)} people, apart by at most {np.abs(apart).max():.1e}")


def hbayesdm(python, folder):
    """The posterior of its bandit2arm_delta, by Stan in an environment of its own, beside our EM, on one block."""
    trials, truth = choices()
    trials = trials[trials["block"] == 0].assign(outcome=lambda d: d["outcome"] + 0.5)
    with tempfile.TemporaryDirectory() as there:
        path = Path(there) / "choices.csv"
        trials.assign(choice=trials["action"] + 1)[["subject", "choice", "outcome"]].to_csv(path, index=False)
        script = Path(__file__).with_name("peer_hbayesdm.py")
        done = subprocess.run([python, str(script), folder, str(path)], capture_output=True, text=True, check=True)
    said_by_it = json.loads(done.stdout.splitlines()[-1])
    theirs = {name: np.array(said_by_it["found"][their]) for name, their in (("learning_rate", "A"), ("beta", "tau"))}
    fitted, seconds = ours(QLearning, trials)
    means = {name: mean for name, (mean, _) in theirs.items()}
    said("hBayesDM, bandit2arm_delta", fitted, means, truth, seconds, said_by_it["seconds"])


def cpm(python):
    """cpm-toolbox's most likely parameters of each person, and ours, on one block; its values begin at .5, too."""
    trials, truth = choices()
    trials = trials[trials["block"] == 0]
    with tempfile.TemporaryDirectory() as there:
        path = Path(there) / "choices.csv"
        trials.assign(outcome=trials["outcome"] + 0.5).to_csv(path, index=False)
        script = Path(__file__).with_name("peer_cpm.py")
        done = subprocess.run([python, str(script), "fit", str(path)], capture_output=True, text=True, check=True)
    said_by_it = json.loads(done.stdout.splitlines()[-1])
    theirs = {name: np.array(values) for name, values in said_by_it["found"].items()}
    at_theirs = hrl.Likelihood(QLearning, trials, TASK).value(theirs)
    print(f"QLearning: log-likelihoods differ by at most {np.abs(at_theirs + said_by_it['fun']).max():.1e}")
    fitted, seconds = ours(QLearning, trials, "mle")
    best = fitted.subjects["log_likelihood"].to_numpy()
    print(f"ours less theirs at the best: {(best - at_theirs).min():.1e} to {(best - at_theirs).max():.1e}")
    said("cpm-toolbox, RLRW", fitted, theirs, truth, seconds, said_by_it["seconds"])


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
