"""The likelihood of recorded choices and its gradient, 100 subjects × 200 trials."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

import habenula_rl as hrl

from .checks import Disagreement
from .clock import Prepare, interleaved, ratio, spread
from .models import MODELS, SEED, Model
from .numpy_models import logistic
from .opponent import Opponent
from .scale import Scale
from .tables import Table

SUBJECTS, TRIALS = 100, 200
RELATIVE = 1e-9


def available() -> bool:
    return hasattr(hrl, "log_likelihood") and hasattr(hrl, "log_likelihood_gradient")


def likelihoods(scale: Scale) -> Iterator[Table]:
    """Milliseconds, and the gradient in likelihoods; a central difference needs two for each parameter."""
    if not available():
        print("Likelihood: left out, this version of the package has no log_likelihood and log_likelihood_gradient.\n")
        return
    table = Table(
        f"Likelihood and gradient, {SUBJECTS} subjects × {TRIALS} trials, one thread",
        [
            "model",
            "likelihood, ms",
            "parameters",
            "gradient, ms",
            "gradient / likelihood",
            "likelihood again, ms",
            "gradient again, ms",
            "NumPy / likelihood again",
        ],
        [
            "From the table of trials to the result, the check of the table included; `again`: from an hrl.Likelihood, "
            "which keeps the checked table, as a fit does. NumPy: vectorised over subjects, from arrays that are ready."
        ],
    )
    table.rows += [_row(model, scale) for model in MODELS]
    yield table


def _row(model: Model, scale: Scale) -> list[str]:
    names = _names(model)
    contestants = _contestants(model, _trials(model), names)
    for prepare in contestants.values():
        prepare()()  # compiled, or read from the cache
    seconds = interleaved(contestants, scale.repeats)
    ms = {name: spread([1e3 * s for s in values]).show() for name, values in seconds.items()}
    cost = ratio(seconds["gradient"], seconds["likelihood"]).show(".1f")
    both = {"numpy", "likelihood again"} <= seconds.keys()
    numpy = ratio(seconds["numpy"], seconds["likelihood again"]).show() if both else "-"
    again = [ms.get(f"{name} again", "-") for name in ("likelihood", "gradient")]
    return [model.name, ms["likelihood"], str(len(names)), ms["gradient"], cost, *again, numpy]


def _contestants(model: Model, trials: pd.DataFrame, names: list[str]) -> dict[str, Prepare]:
    agent, task = model.agent, model.task
    found: dict[str, Prepare] = {
        "likelihood": lambda: lambda: hrl.log_likelihood(agent, trials, task, threads=1),
        "gradient": lambda: lambda: hrl.log_likelihood_gradient(agent, trials, names, task, threads=1),
    }
    if hasattr(hrl, "Likelihood"):
        kept = hrl.Likelihood(agent, trials, task, threads=1)
        found["likelihood again"] = lambda: lambda: kept.value({})
        found["gradient again"] = lambda: lambda: kept.gradient({}, names)
    if model is MODELS[0]:
        check()
        arrays = _arrays(trials)
        found["numpy"] = lambda: lambda: in_numpy(agent, *arrays)
    return found


def _names(model: Model) -> list[str]:
    """All parameters, or the six of the habenula agent that a fit would take."""
    if model is MODELS[0]:
        return list(type(model.agent).fields())
    return ["hyperactivity", "habenula_share", "value_rate", "trace_rate", "beta", "vigour"]


def _trials(model: Model) -> pd.DataFrame:
    return hrl.simulate(model.agent, model.task, n_subjects=SUBJECTS, n_trials=TRIALS, seed=SEED).trials


def _arrays(trials: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    shape = (SUBJECTS, TRIALS)
    return trials.action.to_numpy().reshape(shape), trials.outcome.to_numpy(dtype=float).reshape(shape)


def in_numpy(p: Opponent, action: np.ndarray, reward: np.ndarray) -> np.ndarray:
    """The log-likelihood of the opponent learner, by subject."""
    n, n_trials = action.shape
    V, G, N, total, everyone = np.zeros(n), np.zeros((n, 2)), np.zeros((n, 2)), np.zeros(n), np.arange(n)
    rest = p.nmda * logistic((p.hyperactivity - 1.876) / 0.725)
    for t in range(n_trials):
        a, worth = action[:, t], p.beta * (G - N)
        total -= np.log1p(np.exp(worth[everyone, 1 - a] - worth[everyone, a]))
        delta = reward[:, t] - V
        burst = p.nmda * logistic((p.hyperactivity + p.k_neg * np.maximum(-delta, 0.0) - 1.876) / 0.725)
        dopamine = delta - p.burst_gain * (burst - rest)
        V += p.alpha_v * dopamine
        G[everyone, a] += p.alpha_a * np.maximum(dopamine, 0.0) - p.leak * G[everyone, a]
        N[everyone, a] += p.alpha_a * np.maximum(-dopamine, 0.0) - p.leak * N[everyone, a]
    return total


def check() -> None:
    """The package's likelihood is NumPy's, subject by subject."""
    model = MODELS[0]
    trials = _trials(model)
    ours = hrl.log_likelihood(model.agent, trials, model.task).to_numpy()
    if not np.allclose(ours, in_numpy(model.agent, *_arrays(trials)), rtol=RELATIVE, atol=0.0):
        raise Disagreement("the likelihood in NumPy is not the package's")
