"""Which model? Fits of the same choices side by side, with chance; selection over people; blocks that were held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from ..analysis.readouts.rows import as_named_here
from ..contract import Agent, Task, nearest
from .cells import refuse_row, shown, truths_in
from .choice_data import Reading
from .estimates import checked_point, fit
from .likelihood import Likelihood
from .result import Fit

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
CHANCE = "chance"
SAMPLES = 100_000  # of the Dirichlet distribution, for exceedance probabilities


@dataclass(frozen=True)
class Selection:
    """Random-effects selection: how frequent each model is among people.

    `frequency` expected, `exceedance` the probability that a model is more frequent than all others, `protected` the
    same if it may be that all are as frequent, whose probability is `omnibus_risk`. `attribution` (n_subjects,
    n_models): the probability that a subject is one of the model's.
    """

    frequency: Array
    exceedance: Array
    protected: Array
    omnibus_risk: float
    attribution: Array


def select(evidence: Array, seed: int = 0) -> Selection:
    """From each subject's log evidence under each model, (n_subjects, n_models).

    Source: Stephan et al. 2009, doi 10.1016/j.neuroimage.2009.03.025; protected: Rigoux et al. 2014,
    doi 10.1016/j.neuroimage.2013.08.065. Exceedance is sampled by `seed`, to about .002.
    """
    from scipy.special import digamma, gammaln, logsumexp

    evidence = np.asarray(evidence, float)
    if evidence.ndim != 2 or evidence.shape[1] < 2 or not np.isfinite(evidence).all():
        raise ValueError(
            "select needs finite log evidence, a row for each subject and a column for each of 2 models or more"
        )
    n, k = evidence.shape
    alpha = np.ones(k) + n / k
    for _ in range(1000):
        logs = evidence + digamma(alpha)
        g = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
        before, alpha = alpha, 1.0 + g.sum(axis=0)
        if np.abs(alpha - before).max() < 1e-8 * n:
            break
    expected = digamma(alpha) - digamma(alpha.sum())
    entropy = -np.sum(g * np.log(np.maximum(g, 1e-300)))
    prior, posterior = gammaln(k), gammaln(alpha.sum()) - gammaln(alpha).sum() + ((alpha - 1.0) * expected).sum()
    varied = np.sum(g * (evidence + expected)) + entropy + prior - posterior
    same = logsumexp(evidence, axis=1).sum() - n * np.log(k)
    risk = float(1.0 / (1.0 + np.exp(np.clip(varied - same, -700.0, 700.0))))
    drawn = np.random.default_rng(seed).dirichlet(alpha, SAMPLES)
    exceedance = np.bincount(drawn.argmax(axis=1), minlength=k) / SAMPLES
    return Selection(alpha / alpha.sum(), exceedance, (1.0 - risk) * exceedance + risk / k, risk, g)


@dataclass(frozen=True, repr=False)
class Comparison:
    """What `compare` returns.

    `table`      the best first: model, parameters (free ones of a person), log_likelihood, bic (of "em" the integrated
                 one), evidence (ln, by Laplace), probability (geometric mean of that of a choice), frequency,
                 exceedance, protected (of `select`). The row "chance" chooses at random
    `evidence`   a row for each subject, a column for each model: what `selection` is made of. By "map"
                 Laplace's evidence; by "em" that less each one's part of the penalty for the population's numbers; by
                 "mle" -BIC/2
    """

    table: pd.DataFrame
    evidence: pd.DataFrame
    selection: Selection
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        text = self.table.to_string(index=False, float_format="{:.6g}".format)
        notes = "".join(f"\n! {note}" for note in self.notes)
        return f"{text}\nall as frequent with probability {self.selection.omnibus_risk:.3g}{notes}"

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{note}</li>" for note in self.notes)
        return f"{self.table.to_html(index=False, float_format='{:.6g}'.format)}<ul>{notes}</ul>"


def compare(fits: Mapping[str, Fit] | Sequence[Fit], seed: int = 0) -> Comparison:
    """Fits of the same choices side by side, with chance; all by one method.

    Says where none of them has a choice kernel (`hrl.agents.WithChoiceKernel`): without one, perseveration may look
    like learning. Raises ValueError for fits of other choices, or by other methods.
    """
    import pandas as pd

    named = dict(fits) if isinstance(fits, Mapping) else {type(f.agent).__name__: f for f in fits}
    if not named or len(named) < len(fits):
        raise ValueError("compare needs fits, each under a name of its own, as in {'one': ..., 'other': ...}")
    if CHANCE in named:
        raise ValueError("compare: 'chance' is the row for choosing at random; give the fit another name")
    first, *others = named.items()
    for name, other in others:
        if not first[1].likelihood.same_choices(other.likelihood):
            raise ValueError(f"compare: '{name}' is a fit of other choices than '{first[0]}'")
        if other.method != first[1].method:
            raise ValueError(f"compare: '{name}' was fitted by '{other.method}', '{first[0]}' by '{first[1].method}'")
    n, each = first[1].n_choices, {CHANCE: first[1].subjects["chance"]}
    each |= {name: _evidence(f) for name, f in named.items()}
    evidence = pd.DataFrame(each)
    selection = select(evidence.to_numpy(), seed)
    chance = float(evidence[CHANCE].sum())
    rows = [{"model": CHANCE, "parameters": 0, "log_likelihood": chance, "bic": -2.0 * chance, "evidence": chance}]
    rows += [
        {
            "model": name,
            "parameters": len(f.names),
            "log_likelihood": f.log_likelihood,
            "bic": f.bic,
            "evidence": f.evidence,
        }
        for name, f in named.items()
    ]
    table = pd.DataFrame(rows)
    table["probability"] = np.exp(table["log_likelihood"] / n)
    for name in ("frequency", "exceedance", "protected"):
        table[name] = getattr(selection, name)
    notes = [f"{name}: {flag}" for name, f in named.items() for flag in f.flags if "converge" in flag]
    if not any("perseveration" in f.names for f in named.values()):
        notes.append("none has a choice kernel (hrl.agents.WithChoiceKernel): perseveration may look like learning")
    return Comparison(table.sort_values("bic", ignore_index=True), evidence, selection, tuple(notes))


def _evidence(fitted: Fit) -> pd.Series[Any]:
    rows, n = fitted.subjects, len(fitted.subjects)
    if fitted.method == "mle":
        penalty: Any = 0.5 * len(fitted.names) * np.log(np.maximum(rows["n_choices"], 1))
        return rows["log_likelihood"].sub(penalty)
    if fitted.population is None:
        return rows["evidence"]
    k = fitted.population.weights.size + fitted.population.sd.size
    return rows["evidence"].sub(0.5 * k * float(np.log(fitted.n_choices)) / n)


def held_out(
    agents: Mapping[str, Agent | type[Agent]] | Sequence[Agent | type[Agent]],
    trials: pd.DataFrame,
    task: Task | Literal["plain"] | None = None,
    *,
    by: str = "block",
    parameters: Mapping[str, Sequence[str]] | None = None,
    method: Literal["mle", "map", "em"] = "map",
    seed: int = 0,
    threads: int | None = None,
    **reading: Unpack[Reading],
) -> pd.DataFrame:
    """How probable choices are that were not fitted: each block in turn is held out, and predicted from the others.

    A block that is held out is lived through, and its choices are not scored; then it alone is scored, at what was
    estimated from the rest. A row for each model, "chance" too: log_likelihood of all choices, each held out once, and
    the geometric mean probability of one. `by` is the column whose labels are held out; `parameters` those of a model.
    """
    import pandas as pd

    named = (
        dict(agents)
        if isinstance(agents, Mapping)
        else {(a if isinstance(a, type) else type(a)).__name__: a for a in agents}
    )
    if not named or len(named) < len(agents):
        raise ValueError("held_out needs agents, each under a name of its own, as in {'one': ..., 'other': ...}")
    if by not in trials.columns:
        raise ValueError(f"held_out: trials has no column '{by}'{nearest(str(by), map(str, trials.columns))}")
    refuse_row(trials[by].isna().to_numpy(), trials, by, "is no label")
    labels = trials[by].unique()
    if len(labels) < 2:
        raise ValueError(f"held_out: column '{by}' has one label only, so that nothing is left to fit")
    whose = as_named_here(trials, reading.get("columns"), ("subject",))
    if method == "mle" and "subject" in whose and (alone := whose.groupby("subject")[by].nunique() < 2).any():
        raise ValueError(
            f"held_out: subject {shown(alone.index[alone.to_numpy()][0])} has one {by} only, so that nothing is "
            "left to fit; by method='map' or 'em' there is at least a prior"
        )
    forced = truths_in(trials, "forced", 0.0).astype(bool)
    totals = dict.fromkeys([CHANCE, *named], 0.0)
    n = 0
    for label in labels:
        out = (trials[by] == label).to_numpy()
        learned, scored = (trials.assign(forced=forced | rows) for rows in (out, ~out))
        test = None
        for name, agent in named.items():
            fitted = fit(
                agent,
                learned,
                task,
                parameters=(parameters or {}).get(name),
                method=checked_point(method, "held_out"),
                seed=seed,
                threads=threads,
                **reading,
            )
            test = Likelihood(fitted.agent, scored, task, threads=threads, **reading)
            totals[name] += float(test.value({p: fitted.parameters[p] for p in fitted.names}).sum())
        assert test is not None
        totals[CHANCE] += float(test.chance().sum())
        n += int(test.counts["choices"].sum())
    table = pd.DataFrame({"model": list(totals), "log_likelihood": list(totals.values())})
    table["probability"] = np.exp(table["log_likelihood"] / max(n, 1))
    return table.sort_values("log_likelihood", ascending=False, ignore_index=True)
