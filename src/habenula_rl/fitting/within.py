"""Conditions within subject: one person's parameters in each, as a mean over them and differences between them."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import nearest, short_repr
from .cells import refuse_alike, shown
from .choice_data import DECLARED, Reading
from .likelihood import Likelihood
from .ranges import Prior, Range
from .search import Search

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
NO_SHIFT = Prior(0.0, 0.5, "set: no difference between conditions")


class WithinSearch(Search):
    """The objective of people in c conditions, on the line of d parameters: a point has each parameter's mean over
    conditions (d), and then the differences of conditions 2 to c from the first ((c - 1)·d).

    In condition k the parameter is mean + Σⱼ (1[j = k] - 1/c) differenceⱼ, so that no condition's variance is the
    larger for how this is written. `unit` (n, c) is each person's row of `units` in each condition, -1 where none.
    """

    def __init__(self, search: Search, units: Likelihood, unit: Array, conditions: tuple[str, ...]) -> None:
        pairs = [f"{name}: {other} - {conditions[0]}" for other in conditions[1:] for name in search.names]
        self.likelihood, self.n, self.fitted = search.likelihood, search.n, search.names
        self.names = (*search.names, *pairs)
        self.priors = {**search.priors, **dict.fromkeys(pairs, NO_SHIFT)}
        self.ranges = search.ranges + [Range(-math.inf, math.inf)] * len(pairs)
        self.mean = np.array([prior.mean for prior in self.priors.values()])
        self.sd = np.array([prior.sd for prior in self.priors.values()])
        self.units, self.unit, self.conditions = units, unit, conditions
        c = len(conditions)
        self.coding = np.column_stack([np.ones(c), np.eye(c)[:, 1:] - 1.0 / c])  # of a condition: mean, differences

    def lose(self, which: Array, points: Array) -> tuple[Array, Array]:
        total, slopes = self._over_conditions(which, points, self.fitted)
        return -total, -slopes

    def log_likelihood(self, which: Array, points: Array) -> Array:
        return self._over_conditions(which, points, ())[0]

    def _over_conditions(self, which: Array, points: Array, names: tuple[str, ...]) -> tuple[Array, Array]:
        d, c = len(self.fitted), len(self.conditions)
        self.advance(len(which))
        parts = points.reshape(-1, c, d)
        total, slopes = np.zeros(len(which)), np.zeros_like(parts)
        for k, coded in enumerate(self.coding):
            there = np.flatnonzero(self.unit[which, k] >= 0)
            line = np.einsum("j,ijd->id", coded, parts[there])
            own = {name: self.ranges[j].from_line(line[:, j]) for j, name in enumerate(self.fitted)}
            value, gradient = self.units.at(self.unit[which[there], k], own, names)
            total[there] += value
            if names:
                of_line = gradient * np.stack([r.slope(line[:, j]) for j, r in enumerate(self.ranges[:d])], axis=1)
                slopes[there] += coded[:, None] * of_line[:, None, :]
        return total, slopes.reshape(points.shape)


def within_search(search: Search, table: pd.DataFrame, within: Any, reading: Reading) -> WithinSearch:
    """For `within`, a column, or (column, the condition that others are compared with), of the table under this
    package's names. ValueError where its conditions cannot be told apart in each person's learning.
    """
    import pandas as pd

    likelihood = search.likelihood
    if not isinstance(within, str) and (not isinstance(within, (list, tuple)) or len(within) != 2):
        raise ValueError(f"within must be a column, or a column and one of its values, not {short_repr(within)}")
    column, first = (within, None) if isinstance(within, str) else within
    if column not in table.columns:
        raise ValueError(f"within: trials has no column '{column}'{nearest(str(column), map(str, table.columns))}")
    if "subject" not in table.columns:
        raise ValueError("within: trials has no column 'subject'")
    if table[column].isna().any():
        raise ValueError(f"within: row {int(np.argmax(table[column].isna()))}, column '{column}': is empty")
    refuse_alike(table, column, "condition")
    labels = table[column].map(str)
    conditions = sorted(labels.unique())
    if len(conditions) < 2:
        raise ValueError(f"within: all rows have {short_repr(conditions[0])} in column '{column}'; it takes two values")
    if first is not None:
        if str(first) not in conditions:
            raise ValueError(f"within: column '{column}' has no '{first}'{nearest(str(first), conditions)}")
        conditions = [str(first), *(name for name in conditions if name != str(first))]
    reset = reading.get("reset") or table.attrs.get(DECLARED, {}).get("reset")
    anew = [name for name in ("session", "block") if name in table and reset in ("block", name)]
    changing = table.assign(condition=labels).groupby(["subject", *anew])["condition"].nunique() > 1
    if changing.any():
        who = changing.index[changing.to_numpy()][0]
        who = who[0] if isinstance(who, tuple) else who
        raise ValueError(
            f"within: subject {shown(who)} goes on learning from one '{column}' to the next, and what was learned "
            "there cannot be taken apart; give reset='session' or 'block' if all is learned anew in each"
        )
    person, place = likelihood.subjects.get_indexer(pd.Index(table["subject"])), labels.map(conditions.index).to_numpy()
    both = np.unique(np.stack([person, place]), axis=1)
    if (n := int((np.bincount(both[0]) > 1).sum())) < 3:
        raise ValueError(f"within: {n} subjects have two conditions in column '{column}'; a variance needs 3")
    number = person * len(conditions) + place
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of missing responses, which `likelihood` has warned of
        options: Any = {name: value for name, value in reading.items() if name not in ("columns", "one_subject")}
        own = table.assign(subject=number)
        task: Any = likelihood.task or "plain"
        units = Likelihood(
            likelihood.own, own, task, threads=likelihood.threads, compiled=likelihood.compiled, **options
        )
    unit = units.subjects.get_indexer(pd.RangeIndex(likelihood.subjects.size * len(conditions)))
    return WithinSearch(search, units, unit.reshape(-1, len(conditions)), tuple(conditions))
