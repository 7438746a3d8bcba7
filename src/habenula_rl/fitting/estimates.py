"""Parameters from choices: each person's own, or a population's together with its people's."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from ..analysis.readouts.rows import as_named_here
from ..contract import Agent, Task, nearest, short_repr
from .cells import shown
from .choice_data import COLUMNS, Reading
from .likelihood import Likelihood
from .optimise import hessians, minimise
from .population import NO_VARIANCE, LoseLog, Population, Posterior, estimate_population, inverted, with_prior
from .ranges import MIDDLE, SATURATED, Prior, Range, checked_priors, range_of

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
METHODS = ("mle", "map", "em")
MOST_FREE = 10
SCREENED = 48  # points at which every subject's likelihood is looked at before the search


@dataclass(frozen=True, repr=False)
class Fit:
    """What `fit` returns.

    `table`      a row for each subject and parameter: subject, parameter, estimate, se, low and high (90 % interval),
                 at_boundary: the estimate is at an end of its range, or, by "mle", the end is as likely as it
    `subjects`   a row for each subject: n_choices, log_likelihood, chance (that of choosing at random), converged,
                 identified (there is a minimum with a curvature), starts_agreeing, and the Laplace evidence but for mle
    `group`      of "em": a row for each parameter and term (a mean, or a covariate's effect per standard deviation),
                 on the line of the parameter's range, with se, z, p, the mean as a parameter's value, and the sd
    `parameters` a row for each subject, a column for each fitted parameter
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
    population: Population | None
    terms: tuple[str, ...]

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
        """ln p(choices), by Laplace, of "map" and "em"; NaN for "mle", which has no prior."""
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
        for what, wrong in (
            ("did not converge", ~self.subjects["converged"]),
            ("have no curvature in some direction, and no standard errors there", ~self.subjects["identified"]),
        ):
            if wrong.any():
                said.append(f"{int(wrong.sum())} of {n} subjects {what}")
        ends = self.table.groupby("parameter", sort=False)["at_boundary"].sum()
        said += [f"{name} is at an end of its range in {k} of {n} subjects" for name, k in ends.items() if k]
        worse = (self.subjects["log_likelihood"] <= self.subjects["chance"]).sum()
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
        line, with se, z and p.
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
        return _tested(list(self.names), [f"{one} - {other}"] * d, row @ self.population.weights, se, self._freedom)

    @property
    def _freedom(self) -> int:
        return max(1, len(self.subjects) - len(self.terms))


def fit(
    agent: Agent | type[Agent],
    trials: pd.DataFrame,
    task: Task | Literal["plain"] | None = None,
    *,
    parameters: Sequence[str] | None = None,
    method: Literal["mle", "map", "em"] = "map",
    priors: Mapping[str, Any] | None = None,
    groups: str | Literal[False] | None = None,
    covariates: Sequence[str] | pd.DataFrame | None = None,
    starts: int = 3,
    seed: int = 0,
    threads: int | None = None,
    **reading: Unpack[Reading],
) -> Fit:
    """Parameters from recorded choices, with the exact gradient of the agent's own rules; all subjects at once.

    `agent` is a class of agents, or an agent whose parameters hold where they are not fitted. `parameters` are those to
    fit; without it all of type float that these data can move (`Fit.left_out` names the others), ten at most. `trials`,
    `task` and the reading are those of `Likelihood`.

    `method`   "mle", the most likely values; "map", with a prior for each subject; "em", with the population's own
               distribution, estimated from the same data (empirical Bayes by Laplace: Huys et al. 2011)
    `priors`   {"beta": (1, 20)}, the values between which 90 % of people lie, or `ranges.Prior`; "em" starts there.
               `Fit.priors` shows all that were used, each with its source
    `groups`   of "em": the column with a label for each subject; each group has its own means and variances. A table
               with several groups in its column `group` is refused until this, or False for one population, is given
    `covariates`  of "em": names of columns with one number for each subject, or a table by subject: their effects on
               every parameter, per standard deviation, are estimated inside the model
    `starts`   searches for each subject, from the best of 48 points drawn from the prior by `seed`

    A parameter is searched on the whole line, by `ranges.Range`. Intervals hold 90 % of a normal there. Warns where
    something did not converge; `repr` and `Fit.flags` say it too, and which estimates are at an end of a range.
    Raises ValueError for what cannot be meant.
    """
    if method not in METHODS:
        raise ValueError(
            f"method must be 'mle', 'map' or 'em', not {short_repr(method)}{nearest(str(method), METHODS)}"
        )
    if isinstance(starts, bool) or not isinstance(starts, int) or not 1 <= starts <= SCREENED:
        raise ValueError(f"starts must be a whole number from 1 to {SCREENED}, not {short_repr(starts)}")
    if method != "em" and (groups or covariates is not None):
        raise ValueError(f"groups and covariates are estimated by method='em', not '{method}'")
    likelihood = Likelihood(agent, trials, task, threads=threads, **reading)
    table = as_named_here(trials, reading.get("columns"), COLUMNS)
    names, left_out = _free(likelihood, parameters)
    search = _Search(likelihood, names, checked_priors(likelihood.agent.fields(), names, priors, likelihood.scale))
    start, agreeing = search.modes("mle" if method == "mle" else "map", starts, seed)
    population: Population | None = None
    terms: tuple[str, ...] = ()
    posterior = start
    if method == "em":
        design, terms, group = _design(likelihood, table, groups, covariates)
        population = estimate_population(search.lose, design, group, start, search.mean, search.sd)
        posterior = population.posterior
    made = _result(search, method, left_out, posterior, agreeing, population, terms, table, trials, reading)
    if not made.converged or not made.subjects["converged"].all():
        warnings.warn("; ".join(flag for flag in made.flags if "converge" in flag), stacklevel=2)
    return made


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


class _Search:
    """The objective on the line, and the search for each subject's mode."""

    def __init__(self, likelihood: Likelihood, names: tuple[str, ...], priors: Mapping[str, Prior]) -> None:
        fields = likelihood.agent.fields()
        self.likelihood, self.names, self.priors = likelihood, names, priors
        self.ranges: list[Range] = [range_of(fields[name]) for name in names]
        self.mean = np.array([priors[name].mean for name in names])
        self.sd = np.array([priors[name].sd for name in names])
        self.n = len(likelihood.subjects)

    def values(self, points: Array) -> dict[str, Array]:
        """Parameters by name at points (m, d) on the line."""
        return {
            name: r.from_line(points[:, k]) for k, (name, r) in enumerate(zip(self.names, self.ranges, strict=True))
        }

    def slopes(self, points: Array) -> Array:
        return np.stack([r.slope(points[:, k]) for k, r in enumerate(self.ranges)], axis=1)

    def lose(self, which: Array, points: Array) -> tuple[Array, Array]:
        """Minus the log-likelihood of a batch of subjects, and its slopes on the line."""
        value, gradient = self.likelihood.at(which, self.values(points), self.names)
        return -value, -gradient * self.slopes(points)

    def modes(self, method: str, starts: int, seed: int) -> tuple[Posterior, Array]:
        """Each subject's best of several searches, and how many of them ended as high."""
        d, n = len(self.names), self.n
        everyone = np.arange(n)
        objective: LoseLog = self.lose
        if method == "map":
            objective = with_prior(self.lose, np.tile(self.mean, (n, 1)), np.tile(self.sd, (n, 1)))
        points = self.mean + self.sd * np.random.default_rng(seed).standard_normal((SCREENED, d))
        points[0] = self.mean
        found = np.empty((SCREENED, n))
        for k, point in enumerate(points):
            value, _ = self.likelihood.at(everyone, self.values(np.tile(point, (n, 1))))
            off = ((point - self.mean) / self.sd) ** 2
            found[k] = -value + (0.5 * off.sum() if method == "map" else 0.0)
        best = np.argsort(found, axis=0, kind="stable")[:starts]  # (starts, n)
        which = np.tile(everyone, starts)
        metric = np.tile(np.diag(self.sd**2) * 0.2, (starts * n, 1, 1))
        ended = minimise(lambda k, x: objective(which[k], x), points[best.ravel()], metric)
        values = ended.values.reshape(starts, n)
        at = values.argmin(axis=0) * n + everyone
        agreeing = (values <= values.min(axis=0) + 0.01).sum(axis=0)
        modes = ended.points[at]
        covariances = inverted(hessians(objective, modes))
        return Posterior(modes, covariances, ended.values[at], ended.converged[at]), agreeing


def _design(
    likelihood: Likelihood, table: pd.DataFrame, groups: Any, covariates: Any
) -> tuple[Array, tuple[str, ...], Array]:
    """A column for each group's mean and each covariate, their names, and each subject's variance group."""
    import pandas as pd

    subjects = likelihood.subjects
    if groups is None and "group" in table and table["group"].nunique() > 1:
        raise ValueError(
            f"trials has {table['group'].nunique()} groups: give groups='group' for means and variances of their own, "
            "or groups=False if all are drawn from one population"
        )
    group, terms = np.zeros(len(subjects), int), ["mean"]
    if groups:
        labels = _one_each(table, groups, subjects, "groups")
        if labels.isna().any():
            raise ValueError(f"groups: subject {labels.index[labels.isna()][0]} has no label in column '{groups}'")
        group, found = pd.factorize(labels, sort=True)
        terms = [str(label) for label in found]
        few = np.bincount(group).min()
        if few < 3:
            raise ValueError(
                f"groups: '{terms[int(np.bincount(group).argmin())]}' has {few} subjects; a variance needs 3"
            )
    design = np.eye(len(terms))[group]
    if covariates is not None:
        named = [covariates] if isinstance(covariates, str) else covariates
        for name in named:
            if isinstance(covariates, pd.DataFrame):
                if not subjects.isin(covariates.index).all():
                    lost = subjects[~subjects.isin(covariates.index)][0]
                    raise ValueError(f"covariates has no row for subject {shown(lost)}")
                column = covariates[name].reindex(subjects)
            else:
                column = _one_each(table, name, subjects, "covariates")
            numbers = pd.to_numeric(column, errors="coerce").to_numpy(float)
            if not np.isfinite(numbers).all():
                who = subjects[int(np.argmin(np.isfinite(numbers)))]
                raise ValueError(f"covariates: '{name}' of subject {shown(who)} is not a number; leave them out, or it")
            if not numbers.std() > 0.0:
                raise ValueError(f"covariates: '{name}' is the same for all subjects")
            design = np.column_stack([design, (numbers - numbers.mean()) / numbers.std(ddof=1)])
            terms.append(str(name))
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError("covariates: one of them follows from the others, or from the groups; leave it out")
    return design, tuple(terms), group


def _one_each(table: pd.DataFrame, name: Any, subjects: pd.Index[Any], what: str) -> pd.Series[Any]:
    """A column's value for each subject; ValueError where one has two."""
    if name not in table.columns:
        raise ValueError(f"{what}: trials has no column '{name}'{nearest(str(name), map(str, table.columns))}")
    if "subject" not in table.columns:
        raise ValueError(f"{what}: trials has no column 'subject'")
    by = table.groupby("subject")[name]
    several = by.nunique(dropna=False)
    if (several > 1).any():
        who = several.index[several.to_numpy() > 1][0]
        raise ValueError(f"{what}: '{name}' is not the same in all rows of subject {shown(who)}")
    found: pd.Series[Any] = by.first().reindex(subjects)
    return found


def _tested(parameters: list[str], terms: list[str], estimate: Array, se: Array, freedom: int) -> pd.DataFrame:
    """Estimates on the line with their standard errors, against 0."""
    import pandas as pd
    from scipy import stats

    z = estimate / se
    p = 2.0 * stats.t.sf(np.abs(z), freedom)
    return pd.DataFrame({"parameter": parameters, "term": terms, "on_line": estimate, "se": se, "z": z, "p": p})


def _result(
    search: _Search,
    method: str,
    left_out: tuple[str, ...],
    posterior: Posterior,
    agreeing: Array,
    population: Population | None,
    terms: tuple[str, ...],
    table: pd.DataFrame,
    trials: pd.DataFrame,
    reading: Reading,
) -> Fit:
    import pandas as pd

    likelihood, names = search.likelihood, search.names
    subjects, d, n = likelihood.subjects, len(names), search.n
    modes, values = posterior.modes, search.values(posterior.modes)
    doubt = 0.0 if population is None else population.doubt
    se = np.sqrt(np.einsum("ijj->ij", posterior.covariances + doubt))
    log_likelihood, _ = likelihood.at(np.arange(n), values)
    parts = []
    for k, (name, own) in enumerate(zip(names, search.ranges, strict=True)):
        low, high = (own.from_line(modes[:, k] + side * MIDDLE * se[:, k]) for side in (-1.0, 1.0))
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
            "identified": np.isfinite(se).all(axis=1),
            "starts_agreeing": agreeing,
        },
        index=subjects,
    )
    if method != "mle":
        rows["evidence"] = posterior.evidence()
    group = pd.DataFrame()
    if population is not None:
        q = len(terms)
        errors = np.sqrt(np.diag(population.covariance)).reshape(q, d)
        group = _tested(
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
        is_mean = np.repeat(np.arange(q) < n_means, d)
        group.loc[is_mean, ["z", "p"]] = np.nan  # against what? 0 on the line is the middle of the range
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
        population=population,
        terms=terms,
    )
