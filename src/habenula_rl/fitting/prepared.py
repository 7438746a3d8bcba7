"""A fit before its search: what it reads, checked, and how what was found becomes what is returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..analysis.readouts.rows import as_named_here
from ..contract import Agent, Task
from .choice_data import COLUMNS, Reading
from .design import design_of
from .likelihood import Likelihood
from .population import Found, estimate_population
from .ranges import checked_priors, range_of
from .result import Fit, result
from .search import Search
from .within import within_search

if TYPE_CHECKING:
    import pandas as pd

MOST_FREE = 10


class Prepared:
    """Checked data, design and objective. Arguments are those of `fit`."""

    def __init__(
        self,
        agent: Agent | type[Agent],
        trials: pd.DataFrame,
        task: Task | Literal["plain"] | None,
        method: str,
        parameters: Sequence[str] | None,
        priors: Mapping[str, Any] | None,
        groups: Any,
        covariates: Any,
        within: Any,
        threads: int | None,
        reading: Reading,
    ) -> None:
        import pandas as pd

        self.method, self.trials, self.reading = method, trials, reading
        likelihood = Likelihood(agent, trials, task, threads=threads, **reading)
        table = as_named_here(trials, reading.get("columns"), COLUMNS)
        names, self.left_out = free_names(likelihood, parameters)
        used = checked_priors(likelihood.agent.fields(), names, priors, likelihood.scale)
        self.search = Search(likelihood, names, used)
        if within is not None:
            self.search = within_search(self.search, table, within, reading)
        self.terms: tuple[str, ...] = ()
        self.given = pd.DataFrame(index=likelihood.subjects)
        if method == "em":
            self.design, self.terms, self.group, self.given = design_of(likelihood, table, groups, covariates)
            self._refuse_still(groups)

    def _refuse_still(self, groups: Any) -> None:
        """ValueError for a group in which nobody's choices depend on a parameter."""
        moved = self.search.moved()
        for k in range(int(self.group.max()) + 1):
            still = [
                name
                for name, any_ in zip(self.search.names, moved[self.group == k].any(axis=0), strict=True)
                if not any_
            ]
            if still:
                who = f"in group '{self.terms[k]}' nobody's choices" if groups else "nobody's choices"
                raise ValueError(f"{who} depend on {', '.join(still)}, as where no outcome is shown; leave them out")

    def found(self, starts: int, seed: int) -> Found:
        """What takes the time."""
        search = self.search
        start, agreeing = search.modes("mle" if self.method == "mle" else "map", starts, seed)
        if self.method == "em":
            labels = [str(label) for label in search.likelihood.subjects]
            population = estimate_population(
                search.lose, search.log_likelihood, labels, self.design, self.group, start, search.mean, search.sd
            )
            return Found(population.posterior, population.weighted, agreeing, population)
        return Found(start, search.weighted(start) if self.method == "map" else None, agreeing, None)

    def fit(self, found: Found) -> Fit:
        return result(self.search, self.method, self.left_out, found, self.terms, self.given, self.trials, self.reading)


def free_names(likelihood: Likelihood, parameters: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
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
