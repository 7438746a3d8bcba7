"""Can it be known? Simulated people, fitted as real ones are, and what a task's choices can say of each parameter."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import Agent, Task, nearest, require, short_repr
from ..engine.population import simulate
from .estimates import checked_point, fit
from .likelihood import Likelihood
from .prepared import free_names
from .ranges import checked_priors, default_prior, range_of
from .result import Fit

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
POOR = 0.5  # correlation of true and estimated values under which nobody should read an estimate
TRADED = 0.8  # correlation of two estimates' errors from which on one stands for the other


@dataclass(frozen=True, repr=False)
class Recovery:
    """What `recover` returns: `table`, a row for each simulated subject and parameter (true, estimate, low, high), and
    `summary`, for each parameter the correlation r of true and estimated values on the line of its range, Spearman's
    rho, bias and rmse in the parameter's unit, and coverage, the fraction of 90 % intervals that hold the true value.
    """

    agent: str
    n_trials: int
    table: pd.DataFrame
    summary: pd.DataFrame

    @property
    def poor(self) -> list[str]:
        """The parameters that are not recovered: r under .5."""
        return [str(name) for name, r in self.summary["r"].items() if not r >= POOR]

    def __repr__(self) -> str:
        n = self.table["subject"].nunique()
        lines = [f"<Recovery of {self.agent}: {n} simulated subjects of {self.n_trials} trials"]
        lines += [f"  {name}: r {row.r:.2f}, coverage {row.coverage:.2f}" for name, row in self.summary.iterrows()]
        if n < 20:
            lines.append(f"  ! r of {n} people is rough: give n_subjects=100 or more")
        lines += [f"  ! {name} is not recovered in this task: do not interpret its estimates" for name in self.poor]
        return "\n".join(lines) + ">"


@dataclass(frozen=True, repr=False)
class Identifiability:
    """What `identify` returns.

    `table`         by parameter: value, se (smallest standard error that any unbiased estimate of one person can have:
                    Cramér-Rao), and r, the correlation of true and estimated values that follows for people who differ
                    as the default prior says; NaN at an end of the range
    `correlations`  of the estimates' errors
    `trade_offs`    pairs whose errors are correlated by .8 or more: (one, other, correlation)
    `without_information`  parameters that nothing in this task depends on at these values
    """

    agent: str
    task: str
    n_trials: int
    table: pd.DataFrame
    correlations: pd.DataFrame
    trade_offs: list[tuple[str, str, float]]
    without_information: list[str]

    def __repr__(self) -> str:
        lines = [f"<Identifiability of {self.agent} in {self.n_trials} trials of {self.task}"]
        lines += [f"  {name}: {row.value:.3g} ± {row.se:.2g}, r {row.r:.2f}" for name, row in self.table.iterrows()]
        lines += [
            f"  ! {name}: no choice in this task depends on it at these values" for name in self.without_information
        ]
        lines += [f"  ! {one} and {other} trade off: errors correlate {r:+.2f}" for one, other, r in self.trade_offs]
        poor = [(name, r) for name, r in self.table["r"].items() if r < POOR and name not in self.without_information]
        lines += [f"  ! {name}: people's differences would not be found (r {r:.2f})" for name, r in poor]
        return "\n".join(lines) + ">"


def recover(
    model: Agent | type[Agent] | Fit,
    task: Task,
    *,
    parameters: Sequence[str] | None = None,
    n_subjects: int | None = None,
    n_trials: int | None = None,
    method: str | None = None,
    priors: Mapping[str, Any] | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> Recovery:
    """Simulate people with parameters drawn from a population, fit them, and compare.

    `model` is a fit, whose population, sizes (subjects, and the median number of their choices) and method are taken,
    or an agent, whose people are drawn from the priors that `fit` would use (100 people, 200 trials, "map"). `task` is
    what they do; its sizes of outcome should be the data's. Who learned anew in each session does so here.

    Warns, and `repr` says, where a parameter is recovered at r under .5: its estimates mean nothing in this task.
    """
    require(task, Task, "task")
    rng = np.random.default_rng(seed)
    if isinstance(model, Fit):
        agent, names = model.agent, model.names
        if parameters is not None or priors is not None:
            raise ValueError("recover takes parameters and priors of a fit from the fit")
        middle, spread = _population(model)
        n_subjects = len(model.subjects) if n_subjects is None else n_subjects
        n_trials = int(model.subjects["n_choices"].median()) if n_trials is None else n_trials
        method = method or model.method
    else:
        agent = model() if isinstance(model, type) else model
        require(agent, Agent, "model")
        n_subjects, n_trials = 100 if n_subjects is None else n_subjects, 200 if n_trials is None else n_trials
        method = method or "map"
        names = _names(agent, task, parameters, seed)
        used = checked_priors(agent.fields(), names, priors, 1.0)
        middle, spread = np.array([(p.mean, p.sd) for p in used.values()]).T
    if isinstance(n_subjects, bool) or not isinstance(n_subjects, int | np.integer) or n_subjects < 3:
        raise ValueError(f"recover: n_subjects must be a whole number of 3 or more, not {short_repr(n_subjects)}")
    ranges = [range_of(agent.fields()[name]) for name in names]
    line = middle + spread * rng.standard_normal((n_subjects, len(names)))
    truth = {name: r.from_line(line[:, k]) for k, (name, r) in enumerate(zip(names, ranges, strict=True))}
    trials = _simulated(agent, task, n_subjects, n_trials, int(rng.integers(2**31)), truth, _stretches(model))
    if isinstance(model, Fit):
        model.warn_of_outcomes("recover", trials)
    fitted = fit(
        agent,
        trials,
        task,
        parameters=names,
        method=checked_point(method, "recover"),
        seed=seed,
        threads=threads,
        priors=None if isinstance(model, Fit) else priors,
        reset="block" if "block" in trials else None,
    )
    return _compared(type(agent).__name__, n_trials, truth, fitted)


def _population(model: Fit) -> tuple[Array, Array]:
    """Mean and sd of the fitted people, on the line: with what sets groups apart, and what goes with a covariate."""
    model.refuse_within("a simulation of fitted people")
    if (n := int((model.subjects["n_choices"] > 0).sum())) < 3:
        raise ValueError(
            f"people like those of a fit are drawn from 3 or more, and it has {n}; give the agent, whose priors "
            "say how people differ"
        )
    if model.population is not None:
        between, within = model.population.means.var(axis=0), (model.population.sd**2).mean(axis=0)
        return model.posterior.modes.mean(axis=0), np.sqrt(within + between)
    modes = model.posterior.modes
    middle = np.median(modes, axis=0)
    return middle, 1.4826 * np.median(np.abs(modes - middle), axis=0)  # who is at an end counts as one, and not more


def _stretches(model: Any) -> int:
    """In how many sessions or blocks, each learned anew, people of a fit chose; 1 of an agent."""
    if not isinstance(model, Fit):
        return 1
    return int(np.median(np.bincount(model.likelihood._data.owner)))


def _simulated(
    agent: Agent, task: Task, n_subjects: int, n_trials: int, seed: int, truth: Mapping[str, Array], stretches: int
) -> pd.DataFrame:
    """Their trials, in so many blocks that are learned anew, of as many trials together."""
    import pandas as pd

    if stretches == 1:
        return simulate(agent, task, n_subjects=n_subjects, n_trials=n_trials, seed=seed, parameters=truth).trials
    each = max(1, round(n_trials / stretches))
    seeds = np.random.SeedSequence(seed).generate_state(stretches).tolist()
    parts = [
        simulate(agent, task, n_subjects=n_subjects, n_trials=each, seed=seed, parameters=truth).trials.assign(block=k)
        for k, seed in enumerate(seeds)
    ]
    return pd.concat(parts, ignore_index=True)


def _names(agent: Agent, task: Task, parameters: Any, seed: int) -> tuple[str, ...]:
    trials = simulate(agent, task, n_subjects=4, n_trials=50, seed=seed).trials
    return free_names(Likelihood(agent, trials, task, threads=1), parameters)[0]


def _compared(agent: str, n_trials: int, truth: Mapping[str, Array], fitted: Fit) -> Recovery:
    import pandas as pd
    from scipy import stats

    table = fitted.table.copy()
    table["true"] = np.concatenate([truth[name] for name in fitted.names])
    rows = {}
    for name in fitted.names:
        own, part = range_of(fitted.agent.fields()[name]), table[table["parameter"] == name]
        true, found = part["true"].to_numpy(), part["estimate"].to_numpy()
        line = [own.to_line(values) for values in (true, found)]
        known = part["low"].notna()
        held = ((part["low"] <= true) & (true <= part["high"]))[known]
        varied = all(np.ptp(values) > 1e-9 for values in line)
        rows[name] = {
            "r": np.corrcoef(*line)[0, 1] if varied else np.nan,
            "rho": stats.spearmanr(true, found).statistic if varied else np.nan,
            "bias": (found - true).mean(),
            "rmse": np.sqrt(((found - true) ** 2).mean()),
            "coverage": held.mean() if known.any() else np.nan,
        }
    kept = table[["subject", "parameter", "true", "estimate", "low", "high", "at_boundary"]]
    made = Recovery(agent, n_trials, kept, pd.DataFrame(rows).T.rename_axis("parameter"))
    if made.poor:
        said = ", ".join(f"{name} (r {rows[name]['r']:.2f})" for name in made.poor)
        warnings.warn(f"not recovered in this task, do not interpret its estimates: {said}", stacklevel=3)
    return made


def identify(
    agent: Agent | type[Agent],
    task: Task,
    *,
    parameters: Sequence[str] | None = None,
    n_trials: int = 200,
    n_subjects: int = 200,
    seed: int = 0,
    threads: int | None = None,
) -> Identifiability:
    """How much one person's choices in this task can say of each parameter, and which stand for each other, before
    anything is fitted.

    The Fisher information at the agent's own values is the mean of the likelihood's slopes times themselves over
    `n_subjects` simulated people, from the exact gradient. `parameters` None takes all that are float.
    """
    import pandas as pd

    agent = agent() if isinstance(agent, type) else require(agent, Agent, "agent")
    require(task, Task, "task")
    trials = simulate(agent, task, n_subjects=n_subjects, n_trials=n_trials, seed=seed).trials
    likelihood = Likelihood(agent, trials, task, threads=threads)
    names = likelihood.checked_names(parameters)
    if n_subjects < 4 * len(names):  # whose slopes span no more directions than there are people
        raise ValueError(f"identify: n_subjects must be {4 * len(names)} or more for {len(names)} parameters")
    slopes = likelihood.gradient(None, names)
    information = slopes.T @ slopes / len(slopes)
    known = [k for k in range(len(names)) if information[k, k] > 1e-12]
    if not known:
        raise ValueError(f"no choice in {type(task).__name__} depends on {', '.join(names)}")
    scale = np.sqrt(np.diag(information)[known])
    scaled = information[np.ix_(known, known)] / np.outer(scale, scale)
    covariance = np.linalg.pinv(scaled, rcond=1e-9, hermitian=True)
    error = np.sqrt(np.diag(covariance))
    correlation = covariance / np.maximum(np.outer(error, error), 1e-300)
    levels, directions = np.linalg.eigh(scaled)
    for direction in directions[:, levels <= 1e-9].T:  # no information along it: what lies in it has no bound
        lost = np.flatnonzero(np.abs(direction) > 0.05)
        error[lost] = np.inf
        correlation[np.ix_(lost, lost)] = -np.sign(np.outer(direction[lost], direction[lost]))
        correlation[lost, lost] = 1.0
    fields, rows = agent.fields(), {}
    for k, name in enumerate(names):
        value, own = getattr(agent, name), range_of(fields[name])
        se = float(error[known.index(k)] / scale[known.index(k)]) if k in known else np.inf
        inside = own.low < value < own.high
        spread = default_prior(fields[name], 1.0).sd * float(own.slope(own.to_line(value))) if inside else np.nan
        rows[name] = {"value": value, "se": se, "r": spread / np.hypot(spread, se) if np.isfinite(se) else 0.0 * spread}
    labels = [names[k] for k in known]
    pairs = [
        (labels[a], labels[b], float(correlation[a, b]))
        for a in range(len(labels))
        for b in range(a + 1, len(labels))
        if abs(correlation[a, b]) >= TRADED
    ]
    return Identifiability(
        type(agent).__name__,
        type(task).__name__,
        n_trials,
        pd.DataFrame(rows).T.rename_axis("parameter"),
        pd.DataFrame(correlation, labels, labels),
        sorted(pairs, key=lambda pair: -abs(pair[2])),
        [name for k, name in enumerate(names) if k not in known],
    )


def confuse(
    models: Mapping[str, Any] | Sequence[Any],
    task: Task,
    *,
    n_subjects: int = 50,
    n_trials: int = 200,
    criterion: str = "evidence",
    seed: int = 0,
    threads: int | None = None,
) -> pd.DataFrame:
    """Which model is found where which one made the choices: a row for each that simulated, a column for each that was
    chosen, the fraction of subjects; a row sums to 1.

    `models` are agents, classes of them, or fits, whose people are simulated; names are the classes' where they are a
    list. `criterion` is "evidence", each subject's Laplace evidence, or "bic", both by "map".
    """
    import pandas as pd

    if criterion not in ("evidence", "bic"):
        near = nearest(str(criterion), ["evidence", "bic"])
        raise ValueError(f"criterion must be 'evidence' or 'bic', not {short_repr(criterion)}{near}")
    named = models if isinstance(models, Mapping) else {_called(model): model for model in models}
    if len(named) < 2 or (not isinstance(models, Mapping) and len(named) < len(models)):
        raise ValueError(
            "confuse needs two models at least, each under a name of its own, as in {'one': ..., 'other': ...}"
        )
    rng, agents, people = np.random.default_rng(seed), {}, {}
    for name, model in named.items():
        agent = model.agent if isinstance(model, Fit) else model() if isinstance(model, type) else model
        agents[name] = require(agent, Agent, f"models: '{name}'")
        if isinstance(model, Fit):
            people[name] = model.names, *_population(model)
        else:
            names = _names(agent, task, None, seed)
            priors = [default_prior(agent.fields()[n], 1.0) for n in names]
            people[name] = names, np.array([p.mean for p in priors]), np.array([p.sd for p in priors])
    rows = {}
    for k, (name, agent) in enumerate(agents.items()):
        names, middle, spread = people[name]
        line = middle + spread * rng.standard_normal((n_subjects, len(names)))
        truth = {n: range_of(agent.fields()[n]).from_line(line[:, j]) for j, n in enumerate(names)}
        trials = _simulated(agent, task, n_subjects, n_trials, seed + k, truth, _stretches(named[name]))
        if isinstance(model := named[name], Fit):
            model.warn_of_outcomes("confuse", trials)
        scores = []
        for other, rival in agents.items():
            fitted = fit(
                rival,
                trials,
                task,
                parameters=people[other][0],
                method="map",
                seed=seed,
                threads=threads,
                reset="block" if "block" in trials else None,
            )
            rows_of = fitted.subjects
            bic = len(fitted.names) * np.log(rows_of["n_choices"]) - 2.0 * rows_of["log_likelihood"]
            scores.append(rows_of["evidence"] if criterion == "evidence" else -0.5 * bic)
        best = np.argmax(np.stack(scores), axis=0)
        rows[name] = np.bincount(best, minlength=len(agents)) / n_subjects
    return pd.DataFrame(rows, index=list(agents)).T.rename_axis(index="simulated", columns="chosen")


def _called(model: Any) -> str:
    kind = model if isinstance(model, type) else type(model.agent if isinstance(model, Fit) else model)
    return kind.__name__
