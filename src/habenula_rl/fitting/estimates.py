"""Parameters from choices: each person's own, or a population's together with its people's."""

from __future__ import annotations

import contextlib
import numbers
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from ..computing.shown import bar
from ..contract import Agent, Task, nearest, short_repr
from .choice_data import Reading
from .prepared import Prepared
from .result import Fit
from .search import SCREENED, Search

if TYPE_CHECKING:
    import pandas as pd

    from .sampling import Sampled

POINT = ("mle", "map", "em")  # each parameter as one value with an interval
STARTS = 3  # searches for each person
METHODS = (*POINT, "mcmc")


class Options(Reading, total=False):
    """What `fit` takes by every method."""

    parameters: Sequence[str] | None
    priors: Mapping[str, Any] | None
    groups: str | Literal[False] | None
    covariates: Sequence[str] | pd.DataFrame | None
    within: str | Sequence[str] | None
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
    within: str | Sequence[str] | None = None,
    starts: int = STARTS,
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
               distribution, estimated from the same data (empirical Bayes: Huys et al. 2011); "mcmc", the
               posterior of all of that by Hamiltonian Monte Carlo: what `sample` returns of the fit by "em"
    `priors`   {"beta": (1, 20)}, the values between which 90 % of people lie, or `ranges.Prior`; "em" starts there.
               `Fit.priors` shows all that were used, each with its source
    `groups`   of "em" and "mcmc": the column with a label for each subject; each group has its own means and
               variances. A table with several groups in its column `group` is refused until this, or False for one
               population, is given
    `covariates`  of "em" and "mcmc": names of columns with one number for each subject, or a table of them by subject,
               whose labels are its index or a column of that name: their effects on every parameter, per standard
               deviation, are estimated inside the model
    `within`   of "em": a column with conditions of one person, as sessions with a drug and with placebo; or that and
               the condition that others are compared with, ("session", "placebo"). A person's parameters differ
               between conditions on the line, by differences that have a mean and a variance over people, estimated
               inside the model; what a covariate does to them, too. All must be learned anew in each (`reset`)
    `starts`   searches for each subject, from the best of 48 points drawn from the prior by `seed`
    `sampling` of "mcmc": draws, tune, chains, cores and progress, as in `sample`

    A parameter is searched on the whole line, by `ranges.Range`. Intervals hold 90 % of the posterior, by "mle" of a
    normal there. Warns where something did not converge; `repr` and `Fit.flags` say it too, and which estimates are at
    an end of a range.
    Raises ValueError for what cannot be meant, and ImportError for "mcmc" without the extra 'bayes'.
    """
    for name in reading:
        if name not in Reading.__annotations__:
            known = (*Options.__annotations__, "method", "sampling")
            raise TypeError(f"fit takes no argument '{name}'{nearest(name, known)}")
    if method not in METHODS:
        raise ValueError(
            f"method must be 'mle', 'map', 'em' or 'mcmc', not {short_repr(method)}{nearest(str(method), METHODS)}"
        )
    if isinstance(starts, bool) or not isinstance(starts, numbers.Integral) or not 1 <= starts <= SCREENED:
        raise ValueError(f"starts must be a whole number from 1 to {SCREENED}, not {short_repr(starts)}")
    if method not in ("em", "mcmc") and (groups or covariates is not None):
        raise ValueError(f"groups and covariates are estimated by method='em' or 'mcmc', not '{method}'")
    if within is not None and method != "em":
        raise ValueError(f"within is estimated by method='em', not '{method}'")
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
    made = Prepared(agent, trials, task, method, parameters, priors, groups, covariates, within, threads, reading)
    with counted(made.search):
        found = made.found(starts, seed)
    fitted = made.fit(found)
    if not fitted.converged or not fitted.subjects["converged"].all():
        warnings.warn("; ".join(flag for flag in fitted.flags if "converge" in flag), stacklevel=2)
    return fitted


@contextlib.contextmanager
def counted(search: Search) -> Iterator[None]:
    """Count its likelihoods where somebody waits at a prompt or in a notebook; commands have a bar of their own."""
    if "IPython" not in sys.modules and not hasattr(sys, "ps1"):
        yield
        return
    with bar("fit", "likelihoods") as search.advance:
        yield
    del search.advance


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
