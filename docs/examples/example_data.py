"""The example data sets that come with the package: simulated people with these numbers.

    python docs/examples/example_data.py [FOLDER]

QLearning in a reversal task. In "reversal_scores" a score goes with ln β by -.4 per standard deviation; in
"reversal_sessions" the learning rate's logit is lower by 1 with the drug, by .3 more or less between people.
"""

import shutil
import sys
from pathlib import Path

import numpy as np

import habenula_rl as hrl
from habenula_rl.agents import QLearning
from habenula_rl.fitting.examples import EXAMPLES, FOLDER

TASK = hrl.tasks.ReversalLearning()


def people(n, n_trials, rng, seed, line, beta):
    """Trials of n people with learning rates on the logit `line`."""
    own = {"learning_rate": 1.0 / (1.0 + np.exp(-line)), "beta": beta}
    trials = hrl.simulate(QLearning(), TASK, n_subjects=n, n_trials=n_trials, seed=seed, parameters=own).trials
    rt = np.exp(rng.normal(-0.7, 0.3, len(trials))).round(3)
    return trials[["subject", "trial", "action", "outcome"]].assign(outcome=trials["outcome"].astype(int), rt=rt)


def write(folder):
    rng = np.random.default_rng(406)
    folder.mkdir(parents=True, exist_ok=True)
    one = people(20, 80, rng, 1, rng.normal(-0.3, 0.7, 20), np.exp(rng.normal(1.4, 0.4, 20)))
    one = one.drop(columns="rt").assign(subject=one["subject"] + 1)
    hrl.save_choices(folder / EXAMPLES["reversal_hbayesdm"][0], one, "hbayesdm", actions=2, one_subject=False)

    score = rng.normal(size=40)
    beta = np.exp(1.3 - 0.4 * score + 0.2 * rng.normal(size=40))
    other = people(40, 80, rng, 2, rng.normal(-0.3, 0.7, 40), beta)
    other["anhedonia"] = (20 + 6 * score).round().astype(int)[other["subject"]]
    other["participant"] = [f"p{k:02d}" for k in other["subject"] + 1]
    other["key"] = np.where(other["action"] == 0, "f", "j")
    other = other.assign(points=10 * other["outcome"], ms=(1000 * other["rt"]).round().astype(int))
    columns = ["participant", "trial", "key", "points", "ms", "anhedonia"]
    other[columns].to_csv(folder / EXAMPLES["reversal_scores"][0], index=False, lineterminator="\n")

    line, beta = rng.normal(0.3, 0.6, 12), np.exp(rng.normal(1.5, 0.3, 12))
    shift = rng.normal(-1.0, 0.3, 12)
    sessions = []
    for k, name in enumerate(("placebo", "drug")):
        own = people(12, 60, rng, 3 + k, line + k * shift, beta)
        own["onset"] = (own["trial"] * 4.0 + rng.uniform(0.0, 1.0, len(own))).round(2)
        own["subject"] = [f"{subject + 1:02d}" for subject in own["subject"]]
        sessions.append(own.assign(session=name, duration=0.5))
    import pandas as pd

    made = folder / EXAMPLES["reversal_sessions"][0]
    shutil.rmtree(made, ignore_errors=True)
    both = pd.concat(sessions, ignore_index=True)
    hrl.save_choices(
        made, both, "bids_events", actions={0: "left", 1: "right"}, outcomes=(0, 1), reset="session", label="reversal"
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
