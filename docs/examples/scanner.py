"""A habenula regressor in a scanner's model, on simulated BOLD: is the weight that was planted found again?

    python docs/examples/scanner.py

Writes what it finds into docs/how-to/scanner.md. Needs the extra scanner. The BOLD of 12 people's runs has a habenula's
response with a planted weight, a response to every outcome, a drift and noise; it is made without nilearn, at 20 Hz,
with a double-gamma response of one's own (Friston et al. 1998, doi 10.1006/nimg.1997.0306), and read by nilearn's
general linear model with the regressors of `to_bids_regressors`.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from nilearn.glm.contrasts import compute_contrast
from nilearn.glm.first_level import make_first_level_design_matrix, run_glm
from scipy.stats import gamma

import habenula_rl as hrl

PAGE = Path(__file__).parents[1] / "how-to/scanner.md"
TASK = hrl.tasks.ReversalLearning()
AGENT = hrl.HabenulaAgent()
SUBJECTS, TRIALS, TR, WEIGHT = 12, 60, 2.0, 0.8


def events(seed=1):
    """Trials 6 to 10 s apart, their signals, and the table that nilearn reads, one run for each person."""
    trials = hrl.simulate(AGENT, TASK, n_subjects=SUBJECTS, n_trials=TRIALS, seed=seed).trials
    gaps = np.random.default_rng(seed).uniform(6.0, 10.0, (SUBJECTS, TRIALS))
    trials["onset"] = gaps.cumsum(axis=1)[trials["subject"], trials["trial"]]
    return hrl.to_bids_regressors(hrl.signals(AGENT, trials, TASK), ["lhb"])


def bold(rows, weight, rng):
    """One voxel of the habenula's: weight · lhb and 1 · outcome, each with a response, drift, and noise of sd .3."""
    step = 0.05
    t = np.arange(0.0, 32.0, step)
    response = gamma.pdf(t, 6.0) - gamma.pdf(t, 16.0) / 6.0
    response /= response.sum() * step
    n_scans = int(rows["onset"].max() // TR) + 15
    fine = np.zeros(round(n_scans * TR / step))
    np.add.at(fine, (rows["onset"] / step).round().astype(int), (1.0 + weight * rows["modulation"]) / step)
    seen = np.convolve(fine, response)[: fine.size][:: round(TR / step)] * step
    scans = np.arange(n_scans) * TR
    return scans, seen + 0.002 * scans + rng.normal(0.0, 0.3, n_scans)


def found(weight, seed=1):
    """The weight of lhb in each person, by nilearn, in the units that were planted, with its t."""
    rng = np.random.default_rng(seed)
    rows = []
    for subject, own in events(seed).groupby("subject"):
        scans, seen = bold(own, weight, rng)
        trials = own.assign(trial_type="outcome", modulation=1.0)
        design = make_first_level_design_matrix(
            scans, pd.concat([own, trials]), hrf_model="spm", drift_model="cosine", high_pass=0.01
        )
        labels, estimates = run_glm(seen[:, None], design.to_numpy(), noise_model="ar1")
        effect, scale = (
            compute_contrast(labels, estimates, (design.columns == name).astype(float), stat_type="t")
            for name in ("lhb", "outcome")
        )
        ratio = effect.effect_size().item() / scale.effect_size().item()
        rows.append({"subject": subject, "weight": ratio, "t": effect.stat().item()})
    return pd.DataFrame(rows)


def main():
    lines = []
    for planted in (WEIGHT, 0.0):
        weights = found(planted)["weight"]
        mean, se = weights.mean(), weights.sem()
        lines.append(
            f"planted {planted:.1f}: found {mean:.2f} ± {se:.2f} (mean and standard error of {SUBJECTS} people)"
        )
    print(*lines, sep="\n")
    block = "\n".join(["<!-- scanner -->", "```text", *lines, "```", "<!-- end -->"])
    text = re.sub("<!-- scanner -->.*?<!-- end -->", block, PAGE.read_text(encoding="utf-8"), flags=re.S)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
