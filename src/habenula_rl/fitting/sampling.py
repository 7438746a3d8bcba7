"""Full Bayes: the posterior of a fitted model by Hamiltonian Monte Carlo, with the exact gradient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import refuse_more, short_repr
from .ranges import Prior
from .result import Fit
from .search import Search

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
OPTIONS = ("draws", "tune", "chains", "cores", "progress")
HIGH_RHAT, FEW_DRAWS = 1.01, 400.0  # Vehtari et al. 2021, doi 10.1214/20-BA1221: R-hat at most, and effective draws
POINTWISE = 400  # draws at which every choice's probability is kept for leave-one-out


@dataclass(frozen=True, repr=False)
class Sampled:
    """What `sample` returns.

    `data`     ArviZ' InferenceData: in its group posterior one variable for each parameter, of each subject (dimension
               subject, in the parameter's unit), and for a population `<parameter>_mean` on the line of the range by
               term, and `<parameter>_sd` by variance group
    `summary`  a row for each of these numbers: mean, sd, low and high (90 % interval), rhat, ess_bulk, ess_tail
    """

    fitted: Fit
    data: Any
    summary: pd.DataFrame
    divergences: int

    @property
    def flags(self) -> list[str]:
        """What a reader has to know before the numbers."""
        said = [f"{self.divergences} divergences: the posterior was not explored where they were"] * bool(
            self.divergences
        )
        bad = self.summary["rhat"] > HIGH_RHAT
        if bad.any():
            said.append(
                f"R-hat is above {HIGH_RHAT} for {bad.sum()} of {len(bad)} numbers: draw more, or do not use it"
            )
        least = self.summary[["ess_bulk", "ess_tail"]].min(axis=1)
        if (few := least < FEW_DRAWS).any():
            said.append(f"{few.sum()} of {len(few)} numbers have fewer than {FEW_DRAWS:.0f} effective draws")
        return said

    def __repr__(self) -> str:
        n, sizes = len(self.fitted.subjects), self.data.posterior.sizes
        head = f"<Posterior of {type(self.fitted.agent).__name__}: {n} subjects, {sizes['chain']} chains of "
        worst = self.summary[["rhat", "ess_bulk", "ess_tail"]].agg(
            {"rhat": "max", "ess_bulk": "min", "ess_tail": "min"}
        )
        lines = [
            f"{head}{sizes['draw']} draws, R-hat at most {worst['rhat']:.3f}, effective draws at least "
            f"{worst['ess_bulk']:.0f} (tails {worst['ess_tail']:.0f}), {self.divergences} divergences"
        ]
        whole = self.summary[~self.summary["number"].isin(self.fitted.names)]
        for row in whole.to_dict("records"):
            lines.append(f"  {row['number']}, {row['of']}: {row['mean']:.3g} ({row['low']:.3g} to {row['high']:.3g})")
        return "\n".join([*lines, *(f"  ! {flag}" for flag in self.flags)]) + ">"

    @cached_property
    def loo(self) -> Any:
        """Leave-one-choice-out by Pareto-smoothed importance sampling (Vehtari et al. 2017, doi
        10.1007/s11222-016-9696-4), as ArviZ has it; its warning says where it cannot be trusted.

        It is of single choices, given that the others of the same person are known.
        """
        import arviz as az

        posterior = self.data.posterior
        chains, draws = posterior.sizes["chain"], posterior.sizes["draw"]
        kept = np.unique(np.linspace(0, draws - 1, max(1, POINTWISE // chains)).astype(int))
        likelihood = self.fitted.likelihood
        parts = []
        for chain in range(chains):
            values = {name: posterior[name].to_numpy()[chain][kept] for name in self.fitted.names}
            logs = [likelihood.trace({name: v[k] for name, v in values.items()})[0] for k in range(len(kept))]
            parts.append(np.stack(logs))
        every = np.stack(parts)
        every = every[:, :, np.isfinite(every).all(axis=(0, 1))]
        return az.loo(az.from_dict(log_likelihood={"choice": every}), reff=1.0)


def checked_sizes(**sizes: Any) -> None:
    """ValueError for a number of draws (4 or more), tuning steps or chains that is none."""
    for name, number in sizes.items():
        least = 4 if name == "draws" else 1
        if isinstance(number, bool) or not isinstance(number, int) or number < least:
            raise ValueError(f"{name} must be a whole number of {least} or more, not {short_repr(number)}")
        refuse_more(name, number, 1000 if name == "chains" else 1_000_000)


def require_sampler() -> None:
    """ImportError that says what to install, where ArviZ or nutpie is not there."""
    try:
        import arviz  # noqa: F401
        import nutpie  # noqa: F401
    except ImportError as error:
        raise ImportError(f"{error}; sample needs the extra 'bayes': pip install 'habenula_rl[bayes]'") from None


def sample(
    fitted: Fit,
    *,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    seed: int = 0,
    cores: int | None = None,
    progress: bool = False,
) -> Sampled:
    """The posterior distribution of all parameters of a fitted model, from where the fit ended.

    Of a fit by "em" it is the whole hierarchy: people's parameters are normal about design · weights on the line; the
    weights (group means, covariates' effects) have the normal that holds them in `fit`, three times as wide as a
    person's prior; standard deviations are half-normal, with twice the prior's sd as scale. Of "map" it is each person
    alone, with the prior of the fit. Sampled with nutpie's NUTS, with people as standard normals (non-centred), which
    needs `pip install habenula_rl[bayes]`.

    R-hat (rank-normalised), effective draws and divergences are in the `repr`, and `flags` says what is wrong.
    Raises ValueError for a fit by "mle", which has no prior, and ImportError where nutpie or ArviZ is not installed.
    """
    if not isinstance(fitted, Fit):
        raise ValueError(f"fitted must be what `fit` returned, not {short_repr(fitted)}")
    if fitted.method == "mle":
        raise ValueError("sample needs a prior: fit by method='map' or 'em', not 'mle'")
    fitted.refuse_within("sample")
    checked_sizes(draws=draws, tune=tune, chains=chains)
    require_sampler()
    import arviz as az
    import nutpie
    from nutpie.compiled_pyfunc import from_pyfunc

    model = LogDensity(fitted)
    subjects, names = [str(label) for label in fitted.likelihood.subjects], fitted.names
    shapes = {name: (len(subjects),) for name in names}
    dims: dict[str, tuple[str, ...]] = dict.fromkeys(names, ("subject",))
    coords: dict[str, Any] = {"subject": subjects}
    if fitted.population is not None:
        n_groups = len(fitted.population.sd)
        coords |= {"term": list(fitted.terms), "variance": [*fitted.terms[:n_groups]]}
        for name in names:
            shapes |= {f"{name}_mean": (len(fitted.terms),), f"{name}_sd": (n_groups,)}
            dims |= {f"{name}_mean": ("term",), f"{name}_sd": ("variance",)}
    compiled = from_pyfunc(
        model.size,
        lambda: model.log_density,
        lambda *seeds: model.expanded,
        [np.dtype("f8")] * len(shapes),
        [*shapes.values()],
        [*shapes],
        coords=coords,
        dims=dims,
        make_initial_point_fn=lambda seed: model.start + 0.1 * np.random.default_rng(seed).standard_normal(model.size),
    )
    data = nutpie.sample(
        compiled,
        draws=draws,
        tune=tune,
        chains=chains,
        seed=seed,
        cores=cores,
        progress_bar=progress,
        save_warmup=False,
    )
    return Sampled(fitted, data, _summary(az, data, [*shapes]), int(data.sample_stats["diverging"].sum()))


class LogDensity:
    """The log-density of all that is unknown, and its slopes, at one vector: each person's η (n·d), and for a
    population the weights (q·d) and the logarithms of standard deviations (groups·d).
    """

    def __init__(self, fitted: Fit) -> None:
        rows = fitted.priors.to_dict("records")
        priors = {row["parameter"]: Prior(row["mean"], row["sd"], row["source"]) for row in rows}
        self.search = Search(fitted.likelihood, fitted.names, priors)
        self.n, self.d, self.population = self.search.n, len(fitted.names), fitted.population
        self.everyone = np.arange(self.n)
        modes = fitted.posterior.modes
        if self.population is None:
            self.start = ((modes - self.search.mean) / self.search.sd).ravel()
        else:
            people = self.population
            q, n_groups = people.weights.shape[0], len(people.sd)
            self.held_at = np.zeros((q, self.d))
            self.held_at[:n_groups] = self.search.mean
            sd = np.maximum(people.sd, 0.1)  # a variance of 0 is where the geometry is worst
            eta = (modes - people.means) / sd[people.group]
            self.start = np.concatenate([eta.ravel(), people.weights.ravel(), np.log(sd).ravel()])
        self.size = self.start.size

    def _parts(self, x: Array) -> tuple[Array, Array, Array, Array]:
        """η, weights, log sd, and people's points on the line."""
        n, d = self.n, self.d
        eta = x[: n * d].reshape(n, d)
        if self.population is None:
            return eta, self.search.mean[None], np.log(self.search.sd)[None], self.search.mean + self.search.sd * eta
        q = self.population.weights.shape[0]
        weights, log_sd = x[n * d : (n + q) * d].reshape(q, d), x[(n + q) * d :].reshape(-1, d)
        line = self.population.design @ weights + np.exp(log_sd)[self.population.group] * eta
        return eta, weights, log_sd, line

    def log_density(self, x: Array) -> tuple[float, Array]:
        """Up to a constant, with its slopes; -inf where the likelihood stops being finite."""
        with np.errstate(over="ignore", invalid="ignore"):
            eta, weights, log_sd, line = self._parts(x)
            if not (np.isfinite(line).all() and np.abs(eta).max() < 1e100):
                return -np.inf, np.zeros(self.size)
            lost, slopes = self.search.lose(self.everyone, line)
        if not (np.isfinite(lost).all() and np.isfinite(slopes).all()):
            return -np.inf, np.zeros(self.size)
        value, of_line = -lost.sum() - 0.5 * (eta**2).sum(), -slopes
        if self.population is None:
            return float(value), (of_line * self.search.sd - eta).ravel()
        people, sd = self.population, np.exp(log_sd)
        off = (weights - self.held_at) / (3.0 * self.search.sd)
        scaled = (sd / (2.0 * self.search.sd)) ** 2
        value += -0.5 * (off**2).sum() + (log_sd - 0.5 * scaled).sum()  # log sd: the density's change of variable
        of_eta = of_line * sd[people.group] - eta
        of_weights = people.design.T @ of_line - off / (3.0 * self.search.sd)
        of_log_sd = 1.0 - scaled
        np.add.at(of_log_sd, people.group, of_line * sd[people.group] * eta)
        return float(value), np.concatenate([of_eta.ravel(), of_weights.ravel(), of_log_sd.ravel()])

    def expanded(self, x: Array) -> dict[str, Array]:
        """What is kept of a draw, by name."""
        _, weights, log_sd, line = self._parts(x)
        kept = {name: np.asarray(value, float) for name, value in self.search.values(line).items()}
        if self.population is not None:
            for k, name in enumerate(self.search.names):
                kept |= {f"{name}_mean": weights[:, k].copy(), f"{name}_sd": np.exp(log_sd[:, k])}
        return kept


def _summary(az: Any, data: Any, names: list[str]) -> pd.DataFrame:
    """Means, intervals and diagnostics of every number, a row for each."""
    import pandas as pd

    posterior = data.posterior
    found = {"rhat": az.rhat(posterior), "ess_bulk": az.ess(posterior), "ess_tail": az.ess(posterior, method="tail")}
    parts = []
    for name in names:
        values = posterior[name]
        dimension = next(d for d in values.dims if d not in ("chain", "draw"))
        flat = values.to_numpy().reshape(-1, values.sizes[dimension])
        low, high = np.quantile(flat, [0.05, 0.95], axis=0)
        columns = {"mean": flat.mean(axis=0), "sd": flat.std(axis=0, ddof=1), "low": low, "high": high}
        columns |= {what: table[name].to_numpy() for what, table in found.items()}
        parts.append(pd.DataFrame({"number": name, "of": values[dimension].to_numpy(), **columns}))
    return pd.concat(parts, ignore_index=True)
