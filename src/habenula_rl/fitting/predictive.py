"""Would these people do what the data show? Fitted people simulated anew, read as their data are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.readouts.rows import WHO, as_named_here
from ..contract import Task, nearest, refuse_more, require, short_repr
from ..engine.population import simulate
from .choice_data import COLUMNS
from .ranges import range_of
from .result import Fit

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
Readout = Callable[..., Any]


@dataclass(frozen=True, repr=False)
class Predictive:
    """What `posterior_predictive` returns.

    `table`   a row for each place (as a trial, a stage, a condition) and measure: observed, the mean over people;
              predicted, its mean over simulated data sets; low and high, between which 90 % of these lie; and tail, the
              fraction of them that are as high as the data or higher: near 0 or 1 the model does not do what people do
    `people`  a row for each subject, place and measure: observed, and the mean over simulated data sets
    """

    agent: str
    draws: int
    table: pd.DataFrame
    people: pd.DataFrame

    @property
    def missed(self) -> pd.DataFrame:
        """The rows of `table` whose observed value lies outside the interval."""
        rows = self.table
        return rows[(rows["observed"] < rows["low"]) | (rows["observed"] > rows["high"])]

    def __repr__(self) -> str:
        n = self.people["subject"].nunique()
        lines = [f"<Predictions of {self.agent}: {n} subjects, {self.draws} simulated data sets each"]
        for measure, rows in self.table.groupby("measure", sort=False):
            out = int(self.missed["measure"].eq(measure).sum())
            if len(rows) == 1:
                row = rows.iloc[0]
                told = f"observed {row.observed:.3g}, predicted {row.predicted:.3g} ({row.low:.3g} to {row.high:.3g})"
                lines.append(f"  {'!' if out else ' '} {measure}: {told}")
            else:
                lines.append(
                    f"  {'!' if out else ' '} {measure}: {out} of {len(rows)} places outside the 90 % interval"
                )
        return "\n".join(lines) + ">"


def posterior_predictive(
    fitted: Fit, task: Task, readout: Readout, *, by: Sequence[str] = (), draws: int = 20, seed: int = 0, **options: Any
) -> Predictive:
    """Simulate the fitted people in their task, and read both them and their data by the same readout.

    `readout` is one of `hrl.readouts`, or any function of a table of trials that returns a row for each subject, or for
    each subject and place; `options` go to it. `by` names its columns that are places, as "trial" of
    `best_choices(bin_trials=5)`; all other columns of numbers are measures. In each of the `draws` data sets every
    person has parameters drawn from their posterior, and the trials that they had. `task` is what they did.

    The observed table has the columns that the fit's data have: `options` such as columns={"best": "correct"} hold for
    it alone, since simulated trials have this package's names. Source: Gelman, Meng & Stern 1996 (Stat Sin 6:733);
    for learning models Palminteri et al. 2017, doi 10.1016/j.tics.2017.03.011.
    """
    import pandas as pd

    fitted.refuse_within("posterior_predictive")
    require(task, Task, "task")
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 2:
        raise ValueError(f"draws must be a whole number of 2 or more, not {short_repr(draws)}")
    refuse_more("draws", int(draws), 1_000_000)
    likelihood = fitted.likelihood
    if likelihood._data.owner.size > len(likelihood.subjects):
        raise ValueError("posterior_predictive simulates people who learn on: give a fit of one session or block each")
    columns = options.pop("columns", None)
    observed = as_named_here(fitted.trials, fitted.columns, COLUMNS)
    done = _done_by_each(observed, likelihood.subjects)
    by = [by] if isinstance(by, str) else list(by)
    seen = _measured(_read(readout, observed, options | ({} if columns is None else {"columns": columns})), by)
    rng = np.random.default_rng(seed)
    parts = []
    for draw in range(draws):
        run = simulate(
            fitted.agent,
            task,
            n_subjects=len(likelihood.subjects),
            n_trials=done.shape[1],
            seed=int(rng.integers(2**31)),
            parameters=_drawn(fitted, rng),
        )
        trials = run.trials
        if draw == 0:
            fitted.warn_of_outcomes("posterior_predictive", trials)
        trials = trials[done[trials["subject"].to_numpy(), trials["trial"].to_numpy()]]
        part = _measured(_read(readout, trials, options), by)
        parts.append(part.assign(draw=draw, subject=likelihood.subjects[part["subject"].to_numpy(int)]))
    made = pd.concat(parts, ignore_index=True)
    where = [*by, "measure"]
    people = seen.rename(columns={"value": "observed"}).merge(
        made.groupby(["subject", *where], sort=False)["value"].mean().rename("predicted").reset_index(), "left"
    )
    sets = made.groupby(["draw", *where], sort=False)["value"].mean().rename("value").reset_index()
    table = seen.groupby(where, sort=False)["value"].mean().rename("observed").reset_index()
    sets = sets.merge(table, "inner", where)
    grouped = sets.assign(above=sets["value"] >= sets["observed"]).groupby(where, sort=False)
    found = grouped.agg(
        predicted=("value", "mean"),
        low=("value", lambda values: values.quantile(0.05)),
        high=("value", lambda values: values.quantile(0.95)),
        tail=("above", "mean"),
    )
    return Predictive(type(fitted.agent).__name__, draws, table.merge(found.reset_index(), "left", where), people)


def _done_by_each(observed: pd.DataFrame, subjects: pd.Index[Any]) -> Array:
    """Which trials each person had, with those without a response: truths, (subjects, trials).

    A trial's place is that of its number, counted from the person's first, among the numbers that anybody has: what one
    person lacks in the middle is not read of the simulated one either. Where trials have no number, or a person has one
    twice, they are the first so many.
    """
    import pandas as pd

    first = observed[observed["step"] == 0] if "step" in observed else observed
    people = subjects.get_indexer(pd.Index(first["subject"])) if "subject" in first else np.zeros(len(first), int)
    who = first.assign(person=people)[["person"]]
    place = who.groupby("person").cumcount()
    if "trial" in first and first["trial"].dtype.kind in "iuf" and first["trial"].notna().all():
        number = first["trial"] - first.groupby(people)["trial"].transform("min")
        if not who.assign(number=number).duplicated().any():
            place = number.rank(method="dense").astype(int) - 1
    done = np.zeros((len(subjects), int(place.max()) + 1), bool)
    done[people, place.to_numpy()] = True
    return done


def _drawn(fitted: Fit, rng: np.random.Generator) -> dict[str, Array]:
    """Parameters of each person from their posterior; by "mle", from a normal about their mode, or the mode itself
    where it has no curvature.
    """
    if fitted.weighted is not None:
        points = fitted.weighted.drawn(rng)
    else:
        modes, covariances = fitted.posterior.modes, fitted.posterior.covariances
        sound = np.asarray(np.isfinite(covariances).all(axis=(1, 2)))
        levels, directions = np.linalg.eigh(np.where(sound[:, None, None], covariances, 0.0))
        spread = directions * np.sqrt(np.maximum(levels, 0.0))[:, None, :]
        points = modes + np.einsum("ijk,ik->ij", spread, rng.standard_normal(modes.shape))
    fields = fitted.agent.fields()
    return {name: range_of(fields[name]).from_line(points[:, k]) for k, name in enumerate(fitted.names)}


def _read(readout: Readout, trials: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    found = readout(trials, **options)
    if not isinstance(found, pd.DataFrame) or "subject" not in found:
        name = getattr(readout, "__name__", "readout")
        raise ValueError(f"posterior_predictive: {name} must return a table with a column 'subject'")
    return found


def _measured(found: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The readout's table with a row for each subject, place and measure."""
    for name in by:
        if name not in found:
            raise ValueError(f"by: the readout has no column '{name}'{nearest(name, map(str, found.columns))}")
    numbers = [n for n in found.columns if n not in (*WHO, *by) and found[n].dtype.kind in "iufb"]
    if not numbers:
        raise ValueError(f"posterior_predictive: the readout has no column of numbers besides {', '.join(by) or WHO}")
    long = found.melt(["subject", *by], numbers, "measure", "value").astype({"value": float})
    if lost := next((name for name in numbers if found[name].isna().all()), None):
        raise ValueError(f"posterior_predictive: the readout's '{lost}' is empty in every row")
    return long
