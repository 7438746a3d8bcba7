"""Parameters from choices: each person's own, or a population's together with its people's."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import numpy as np

from ..analysis.readouts.rows import as_named_here
from ..contract import Agent, Task, nearest, short_repr
from .choice_data import COLUMNS, Reading
from .design import design_of
from .likelihood import Likelihood
from .population import Population, estimate_population
from .ranges import checked_priors, range_of
from .result import Fit, result
from .search import SCREENED, Search

if TYPE_CHECKING:
    import pandas as pd

    from .sampling import Sampled

POINT = ("mle", "map", "em")  # each parameter as one value with an interval
METHODS = (*POINT, "mcmc")
MOST_FREE = 10


class Options(Reading, total=False):
    """What `fit` takes by every method."""

    parameters: Sequence[str] | None
    priors: Mapping[str, Any] | None
    groups: str | Literal[False] | None
    covariates: Sequence[str] | pd.DataFrame | None
    starts: int
    seed: int
    threads: int | None


@overload
def fit(
    agent: Agent | type[Agent],
    trials: pd.DataFrame,
    task: Task | Literal["plain"] | None = None,
    *,
    method: Literal["mle", "map", "em"] = "map",
    **options: Unpack[Options],
) -> Fit: ...
@overload
def fit(
    agent: Agent | type[Agent],
    trials: pd.DataFrame,
    task: Task | Literal["plain"] | None = None,
    *,
    method: Literal["mcmc"],
    sampling: Mapping[str, Any] | None = None,
    **options: Unpack[Options],
) -> Sampled: ...
def fit(
    agent: Agent | type[Agent],
    trials: pd.DataFrame,
    task: Task | Literal["plain"] | None = None,
    *,
    parameters: Sequence[str] | None = None,
    method: Literal["mle", "map", "em", "mcmc"] = "map",
    priors: Mapping[str, Any] | None = None,
    groups: str | Literal[False] | None = None,
    covariates: Sequence[str] | pd.DataFrame | None = None,
    starts: int = 3,
    seed: int = 0,
    threads: int | None = None,
    sampling: Mapping[str, Any] | None = None,
    **reading: Unpack[Reading],
) -> Fit | Sampled:
    """Parameters from recorded choices, with the exact gradient of the agent's own rules; all subjects at once.

    `agent` is a class of agents, or an agent whose parameters hold where they are not fitted. `parameters` are those to
    fit; without it all of type float that these data can move (`Fit.left_out` names the others), ten at most. `trials`,
    `task` and the reading are those of `Likelihood`.

    `method`   "mle", the most likely values; "map", with a prior for each subject; "em", with the population's own
               distribution, estimated from the same data (empirical Bayes by Laplace: Huys et al. 2011); "mcmc", the
               posterior of all of that by Hamiltonian Monte Carlo: what `sample` returns of the fit by "em"
    `priors`   {"beta": (1, 20)}, the values between which 90 % of people lie, or `ranges.Prior`; "em" starts there.
               `Fit.priors` shows all that were used, each with its source
    `groups`   of "em" and "mcmc": the column with a label for each subject; each group has its own means and
               variances. A table with several groups in its column `group` is refused until this, or False for one
               population, is given
    `covariates`  of "em" and "mcmc": names of columns with one number for each subject, or a table by subject: their
               effects on every parameter, per standard deviation, are estimated inside the model
    `starts`   searches for each subject, from the best of 48 points drawn from the prior by `seed`
    `sampling` of "mcmc": draws, tune, chains, cores and progress, as in `sample`

    A parameter is searched on the whole line, by `ranges.Range`. Intervals hold 90 % of a normal there. Warns where
    something did not converge; `repr` and `Fit.flags` say it too, and which estimates are at an end of a range.
    Raises ValueError for what cannot be meant, and ImportError for "mcmc" without the extra 'bayes'.
    """
    import pandas as pd

    if method not in METHODS:
        raise ValueError(
            f"method must be 'mle', 'map', 'em' or 'mcmc', not {short_repr(method)}{nearest(str(method), METHODS)}"
        )
    if isinstance(starts, bool) or not isinstance(starts, int) or not 1 <= starts <= SCREENED:
        raise ValueError(f"starts must be a whole number from 1 to {SCREENED}, not {short_repr(starts)}")
    if method not in ("em", "mcmc") and (groups or covariates is not None):
        raise ValueError(f"groups and covariates are estimated by method='em' or 'mcmc', not '{method}'")
    if sampling is not None and method != "mcmc":
        raise ValueError(f"sampling is for method='mcmc', not '{method}'")
    if method == "mcmc":
        return _sampled(
            agent,
            trials,
            task,
            dict(sampling or {}),
            seed,
            parameters=parameters,
            priors=priors,
            groups=groups,
            covariates=covariates,
            starts=starts,
            threads=threads,
            **reading,
        )
    likelihood = Likelihood(agent, trials, task, threads=threads, **reading)
    table = as_named_here(trials, reading.get("columns"), COLUMNS)
    names, left_out = _free(likelihood, parameters)
    search = Search(likelihood, names, checked_priors(likelihood.agent.fields(), names, priors, likelihood.scale))
    start, agreeing = search.modes("mle" if method == "mle" else "map", starts, seed)
    population: Population | None = None
    terms: tuple[str, ...] = ()
    given, posterior, weighted = pd.DataFrame(index=likelihood.subjects), start, None
    if method == "em":
        design, terms, group, given = design_of(likelihood, table, groups, covariates)
        labels = [str(label) for label in likelihood.subjects]
        population = estimate_population(
            search.lose, search.log_likelihood, labels, design, group, start, search.mean, search.sd
        )
        posterior, weighted = population.posterior, population.weighted
    elif method == "map":
        weighted = search.weighted(start)
    made = result(search, method, left_out, posterior, weighted, agreeing, population, terms, given, trials, reading)
    if not made.converged or not made.subjects["converged"].all():
        warnings.warn("; ".join(flag for flag in made.flags if "converge" in flag), stacklevel=2)
    return made


def checked_point(method: str, who: str) -> Any:
    """A method that ends in a `Fit`; ValueError for any other, with the name of who asks."""
    if method not in POINT:
        known = nearest(str(method), POINT)
        raise ValueError(f"{who}: method must be 'mle', 'map' or 'em', not {short_repr(method)}{known}")
    return method


def _sampled(
    agent: Agent | type[Agent], trials: pd.DataFrame, task: Any, sampling: dict[str, Any], seed: int, **options: Any
) -> Sampled:
    """The population by "em", and from there its whole posterior; what cannot be sampled is refused before it."""
    from .sampling import OPTIONS, checked_sizes, require_sampler, sample

    for name in sampling:
        if name not in OPTIONS:
            raise ValueError(f"sampling: there is no '{name}'{nearest(str(name), OPTIONS)}")
    checked_sizes(**{name: sampling[name] for name in ("draws", "tune", "chains") if name in sampling})
    require_sampler()
    return sample(fit(agent, trials, task, method="em", seed=seed, **options), seed=seed, **sampling)


def _free(likelihood: Likelihood, parameters: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters to fit, and those that nothing in these data depends on."""
    if parameters is not None:
        names = tuple(likelihood.checked_names(parameters))
        if not names:
            raise ValueError("parameters is empty: there is nothing to fit")
        if len({*names}) < len(names):
            raise ValueError(f"parameters names '{next(n for n in names if names.count(n) > 1)}' twice")
        still = [name for name in names if name in _without_effect(likelihood)]
        if still:
            raise ValueError(
                f"{likelihood.agent.__name__}: {', '.join(still)} {'has' if len(still) == 1 else 'have'} no effect on "
                "these choices, so that no fit can find it; leave it out"
            )
        return names, ()
    still = _without_effect(likelihood)
    names = tuple(name for name in likelihood.checked_names(None) if name not in still)
    if len(names) > MOST_FREE:
        raise ValueError(
            f"{likelihood.agent.__name__} has {len(names)} parameters that could be fitted, and no one's choices can "
            f"say that many: name those to fit, as in parameters=['{names[0]}', '{names[1]}']"
        )
    if not names:
        raise ValueError(f"{likelihood.agent.__name__} has no parameter that these choices depend on")
    return names, tuple(still)


def _without_effect(likelihood: Likelihood) -> list[str]:
    """At the defaults, and at values off every end: a parameter may act only where another is not 0."""
    inside = {
        name: float(range_of(f).from_line(np.clip(range_of(f).to_line(f.default), -3.0, 3.0) + 0.1))
        for name, f in likelihood.agent.fields().items()
        if name in likelihood.checked_names(None)
    }
    at_default = likelihood.without_effect()
    elsewhere = likelihood.without_effect(inside) if at_default else []
    return [name for name in at_default if name in elsewhere]
