"""What a fit returns: estimates with their errors, the population's numbers, and what a reader has to know first."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import Agent, nearest
from .choice_data import Reading
from .importance import Weighted
from .likelihood import Likelihood
from .population import NO_VARIANCE, Found, Population, Posterior
from .ranges import MIDDLE, SATURATED, range_named
from .search import Search

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
FEW = 10.0  # effective points of a posterior, under which its quantiles mean little


@dataclass(frozen=True, repr=False)
class Fit:
    """What `fit` returns.

    `table`      a row for each subject and parameter: subject, parameter, estimate (the mode on the line), se, low and
                 high (90 % interval; but for mle the posterior's, by importance sampling, and by "em" over what the
                 population may be), at_boundary: the estimate is at an end of its range, or, by "mle", the end
                 is as likely as it
    `subjects`   a row for each subject: n_choices, log_likelihood, chance (that of choosing at random), converged,
                 identified (there is a minimum with a curvature), starts_agreeing; but for mle evidence, ln p(choices),
                 and effective_points, how many equally weighted points would say as much of the posterior
    `group`      of "em": a row for each parameter and term (a mean, or a covariate's effect per standard deviation),
                 on the line of the parameter's range, with se, its 95 % interval (low, high), z, p, the mean as a
                 parameter's value, and the sd
    `parameters` a row for each subject, a column for each fitted parameter
    `covariates` a row for each subject, as they were given
    `still`      of how many subjects, who made choices, none depends on a parameter, where there are any
    `within`     the conditions within subject, the one that others are compared with first; their differences are
                 among `names`, as "beta: drug - placebo", on the line, and their means have z and p
    """

    agent: Agent
    method: str
    names: tuple[str, ...]
    table: pd.DataFrame
    subjects: pd.DataFrame
    group: pd.DataFrame
    priors: pd.DataFrame
    left_out: tuple[str, ...]
    likelihood: Likelihood
    trials: pd.DataFrame = field(compare=False)
    columns: Mapping[str, str] | None
    converged: bool
    posterior: Posterior
    weighted: Weighted | None
    population: Population | None
    terms: tuple[str, ...]
    covariates: pd.DataFrame = field(compare=False)
    within: tuple[str, ...] = ()
    still: Mapping[str, int] = field(default_factory=dict)

    @property
    def parameters(self) -> pd.DataFrame:
        wide = self.table.pivot(index="subject", columns="parameter", values="estimate")
        return wide.reindex(self.likelihood.subjects)[list(self.names)]

    @property
    def n_choices(self) -> int:
        return int(self.subjects["n_choices"].sum())

    @property
    def log_likelihood(self) -> float:
        """Of all choices, at the estimates."""
        return float(self.subjects["log_likelihood"].sum())

    @property
    def bic(self) -> float:
        """Σ over subjects of d·ln n - 2 ln L; for "em" the integrated BIC, -2 · evidence + k·ln(all choices), of the
        population's k numbers (Huys et al. 2011).
        """
        if self.population is not None:
            k = self.population.weights.size + self.population.sd.size
            return float(k * np.log(self.n_choices) - 2.0 * self.population.evidence)
        each = (
            len(self.names) * np.log(np.maximum(self.subjects["n_choices"], 1)) - 2.0 * self.subjects["log_likelihood"]
        )
        return float(each.sum())

    @property
    def evidence(self) -> float:
        """ln p(choices), by importance sampling, of "map" and "em"; NaN for "mle", which has no prior."""
        return float(self.subjects["evidence"].sum()) if "evidence" in self.subjects else float("nan")

    @cached_property
    def flags(self) -> list[str]:
        """What a reader has to know before the numbers."""
        said, n = [], len(self.subjects)
        if self.left_out:
            said.append(f"not fitted, because these data cannot move them: {', '.join(self.left_out)}")
        if not self.converged:
            said.append("the population's estimates have not converged")
        if self.population is not None:
            same = [name for name, sd in zip(self.names, self.population.sd.T, strict=True) if (sd < NO_VARIANCE).any()]
            q, d = self.population.weights.shape
            errors = np.sqrt(np.diag(self.population.covariance)).reshape(q, d)[: len(self.population.sd)].max(axis=0)
            vague = [name for name, se, prior in zip(self.names, errors, self.priors["sd"], strict=True) if se > prior]
            said += [f"these choices hardly say where people's {name} lies: do not interpret it" for name in vague]
            said += [f"{name} does not differ between people as far as these choices say" for name in same]
        chose, whose = (
            self.subjects["n_choices"] > 0,
            {"mle": "without meaning", "map": "the prior's", "em": "the population's"},
        )
        if not chose.all():
            said.append(
                f"{int((~chose).sum())} of {n} subjects made no choice: their estimates are {whose[self.method]}"
            )
        for name, k in self.still.items():
            said.append(
                f"nothing that {k} of {n} subjects chose depends on {name}: their estimates are {whose[self.method]}"
            )
        if k := int(self.likelihood.one_action().sum()):
            said.append(f"{k} of {n} subjects chose one action only, which says little of how they learn")
        there = "no standard errors" if self.weighted is None else "only the prior"
        wrongs = [
            ("did not converge", ~self.subjects["converged"]),
            (f"have no curvature in some direction, and {there} there", ~self.subjects["identified"]),
        ]
        if self.weighted is not None:
            wrongs.append(("have rough intervals and evidence: few points", self.subjects["effective_points"] < FEW))
        for what, wrong in wrongs:
            if wrong.any():
                said.append(f"{int(wrong.sum())} of {n} subjects {what}")
        ends = self.table.groupby("parameter", sort=False)["at_boundary"].sum()
        said += [f"{name} is at an end of its range in {k} of {n} subjects" for name, k in ends.items() if k]
        worse = (chose & (self.subjects["log_likelihood"] <= self.subjects["chance"])).sum()
        if worse:
            said.append(f"{worse} of {n} subjects choose no better than by chance under this model")
        return said

    def __repr__(self) -> str:
        what, n = type(self.agent).__name__, len(self.subjects)
        head = f"<Fit of {what} by {self.method}: {n} subjects, {self.n_choices} choices"
        lines = [f"{head}, log-likelihood {self.log_likelihood:.1f}, {'i' * (self.method == 'em')}BIC {self.bic:.1f}"]
        middle = self.table.groupby("parameter", sort=False)["estimate"]
        for name in self.names:
            low, mid, high = middle.get_group(name).quantile([0.1, 0.5, 0.9])
            lines.append(f"  {name}: median {mid:.3g}, 10 to 90 % {low:.3g} to {high:.3g}")
        return "\n".join([*lines, *(f"  ! {flag}" for flag in self.flags)]) + ">"

    def _repr_html_(self) -> str:
        import html

        head, *_ = repr(self).partition("\n")
        flags = "".join(f"<li>{html.escape(flag)}</li>" for flag in self.flags)
        numbers = self.group if self.population is not None else self.table.groupby("parameter")["estimate"].describe()
        return f"<p>{html.escape(head.strip('<>'))}</p><ul>{flags}</ul>{numbers.to_html(float_format='{:.3g}'.format)}"

    def contrast(self, one: Any, other: Any) -> pd.DataFrame:
        """The difference of two terms of `group` (one - other), as of two groups' means, for each parameter: on the
        line, with se, 95 % interval, z and p.
        """
        if self.population is None:
            raise ValueError(f"contrast needs a population: fit by method='em', not '{self.method}'")
        for term in (one, other):
            if str(term) not in self.terms:
                raise ValueError(f"contrast: there is no term '{term}'{nearest(str(term), self.terms)}")
        q, d = self.population.weights.shape
        row = np.zeros(q)
        row[self.terms.index(str(one))] += 1.0
        row[self.terms.index(str(other))] -= 1.0
        covariance = self.population.covariance.reshape(q, d, q, d)
        se = np.sqrt(np.einsum("a,b,ajbj->j", row, row, covariance))
        return tested(list(self.names), [f"{one} - {other}"] * d, row @ self.population.weights, se, self._freedom)

    def effect(self, parameter: str, covariate: str, points: int = 41) -> pd.DataFrame:
        """The population's mean of a parameter over a covariate, the others at their means: columns of the covariate,
        from its lowest to its highest, of the parameter's value, and low and high, its 95 % interval.

        Of several groups it is the mean of their means on the line.
        """
        import pandas as pd
        from scipy import stats

        if self.population is None:
            raise ValueError(f"effect needs a population: fit by method='em', not '{self.method}'")
        for name, known in ((parameter, self.names), (covariate, tuple(self.covariates.columns))):
            if name not in known:
                raise ValueError(f"effect: '{name}' was not estimated{nearest(str(name), known)}")
        q, d = self.population.weights.shape
        j, n_groups = self.names.index(parameter), len(self.population.sd)
        given = self.covariates[covariate]
        at = np.linspace(given.min(), given.max(), points)
        rows = np.zeros((points, q))
        rows[:, :n_groups] = 1.0 / n_groups
        rows[:, self.terms.index(covariate)] = (at - given.mean()) / given.std()
        own = range_named(self.agent, parameter)
        middle = rows @ self.population.weights[:, j]
        covariance = self.population.covariance.reshape(q, d, q, d)[:, j, :, j]
        reach = stats.t.ppf(0.975, self._freedom) * np.sqrt(np.einsum("ia,ab,ib->i", rows, covariance, rows))
        ends = {"low": own.from_line(middle - reach), "high": own.from_line(middle + reach)}
        return pd.DataFrame({covariate: at, parameter: own.from_line(middle), **ends})

    def to_arviz(self, draws: int = 1000, seed: int = 0) -> Any:
        """ArviZ' InferenceData: in its group posterior, by subject, points of each person's posterior drawn by weight,
        in the parameter's unit, as one chain. ValueError for "mle", and ImportError without the extra 'bayes'.
        """
        if self.weighted is None:
            raise ValueError("to_arviz needs a posterior: fit by method='map', 'em' or 'mcmc', not 'mle'")
        try:
            import arviz as az
        except ImportError as error:
            raise ImportError(f"{error}; to_arviz needs the extra 'bayes': pip install 'habenula_rl[bayes]'") from None
        rng = np.random.default_rng(seed)
        line = np.stack([self.weighted.drawn(rng) for _ in range(draws)])[None]
        posterior = {
            name: np.asarray(range_named(self.agent, name).from_line(line[..., k])) for k, name in enumerate(self.names)
        }
        subject = {"subject": self.likelihood.subjects.to_numpy()}
        return az.from_dict(posterior=posterior, coords=subject, dims={name: ["subject"] for name in self.names})

    def refuse_within(self, who: str) -> None:
        """ValueError where people have two conditions, and so two values of each parameter."""
        if self.within:
            raise ValueError(f"{who} needs one value of each parameter: fit one condition, without `within`")

    def warn_of_outcomes(self, who: str, simulated: pd.DataFrame) -> None:
        """Where a task's outcomes are of another size than the data's, from which the estimates are."""
        mine, its = self.likelihood.outcomes(), (simulated["outcome"].min(), simulated["outcome"].max())
        span = max(np.abs([*mine, *its]).max(), mine[1] - mine[0], its[1] - its[0])
        if np.abs(np.subtract(mine, its)).max() > 0.4 * span:
            ranges = " and the task's from ".join(f"{low:.4g} to {high:.4g}" for low, high in (mine, its))
            warnings.warn(
                f"{who}: the data's outcomes go from {ranges}, for which the estimates do not hold; give the task with "
                "the outcomes of the data",
                stacklevel=3,
            )

    @property
    def _freedom(self) -> int:
        return max(1, len(self.subjects) - len(self.terms))


def tested(parameters: list[str], terms: list[str], estimate: Array, se: Array, freedom: int) -> pd.DataFrame:
    """Estimates on the line with their standard errors, against 0."""
    import pandas as pd
    from scipy import stats

    z = estimate / se
    p = 2.0 * stats.t.sf(np.abs(z), freedom)
    reach = stats.t.ppf(0.975, freedom) * se
    columns = {"on_line": estimate, "se": se, "low": estimate - reach, "high": estimate + reach, "z": z, "p": p}
    return pd.DataFrame({"parameter": parameters, "term": terms, **columns})


def result(
    search: Search,
    method: str,
    left_out: tuple[str, ...],
    found: Found,
    terms: tuple[str, ...],
    covariates: pd.DataFrame,
    trials: pd.DataFrame,
    reading: Reading,
) -> Fit:
    import pandas as pd

    likelihood, names = search.likelihood, search.names
    posterior, weighted, population = found.posterior, found.weighted, found.population
    subjects, d, n = likelihood.subjects, len(names), search.n
    modes, values = posterior.modes, search.values(posterior.modes)
    se = np.sqrt(np.einsum("ijj->ij", posterior.covariances))
    ends = modes - MIDDLE * se, modes + MIDDLE * se
    if weighted is not None:
        se = np.sqrt(np.einsum("ijj->ij", weighted.covariance))
        ends = weighted.quantiles(0.05), weighted.quantiles(0.95)
    log_likelihood = search.log_likelihood(np.arange(n), modes)
    parts = []
    for k, (name, own) in enumerate(zip(names, search.ranges, strict=True)):
        low, high = (own.from_line(end[:, k]) for end in ends)
        columns = {
            "subject": subjects,
            "parameter": name,
            "estimate": values[name],
            "se": se[:, k] * own.slope(modes[:, k]),
        }
        at_end = own.at_end(values[name])
        if method == "mle":  # nor does the likelihood fall on the way to an end
            for end in (-SATURATED, SATURATED):
                there, _ = likelihood.at(np.arange(n), values | {name: np.full(n, own.from_line(end))})
                at_end |= there > log_likelihood - 0.05
        parts.append(pd.DataFrame(columns | {"low": low, "high": high, "at_boundary": at_end}))
    rows = pd.DataFrame(
        {
            "n_choices": likelihood.counts["choices"],
            "log_likelihood": log_likelihood,
            "chance": likelihood.chance(),
            "converged": posterior.converged,
            "identified": np.isfinite(posterior.covariances).all(axis=(1, 2)),
            "starts_agreeing": found.agreeing,
        },
        index=subjects,
    )
    if weighted is not None:
        rows["evidence"], rows["effective_points"] = weighted.evidence, weighted.effective
    group = pd.DataFrame()
    if population is not None:
        q = len(terms)
        errors = np.sqrt(np.diag(population.covariance)).reshape(q, d)
        group = tested(
            [name for _ in terms for name in names],
            [term for term in terms for _ in names],
            population.weights.ravel(),
            errors.ravel(),
            max(1, n - q),
        )
        n_means = len(population.sd)
        group["value"] = [
            float(search.ranges[j].from_line(population.weights[a, j])) if a < n_means else np.nan
            for a in range(q)
            for j in range(d)
        ]
        group["sd"] = [population.sd[a, j] if a < n_means else np.nan for a in range(q) for j in range(d)]
        is_value = np.array([name in likelihood.agent.fields() for name in names])
        is_mean = (np.arange(q) < n_means)[:, None] & is_value
        group.loc[is_mean.ravel(), ["z", "p"]] = np.nan  # against what? 0 on the line is the middle of the range
    still = (~search.moved() & (likelihood.counts["choices"].to_numpy() > 0)[:, None]).sum(axis=0)
    priors = pd.DataFrame(
        [
            {"parameter": name, "mean": p.mean, "sd": p.sd, "median": float(r.from_line(p.mean)), "source": p.source}
            for (name, p), r in zip(search.priors.items(), search.ranges, strict=True)
        ]
    )
    if method == "mle":
        priors = priors.assign(source="none: starts only")
    return Fit(
        agent=likelihood.own,
        method=method,
        names=names,
        table=pd.concat(parts, ignore_index=True),
        subjects=rows,
        group=group,
        priors=priors,
        left_out=left_out,
        likelihood=likelihood,
        trials=trials,
        columns=reading.get("columns"),
        converged=population is None or population.converged,
        posterior=posterior,
        weighted=weighted,
        population=population,
        terms=terms,
        covariates=covariates,
        within=search.conditions,
        still={name: int(k) for name, k in zip(names, still, strict=True) if k},
    )
