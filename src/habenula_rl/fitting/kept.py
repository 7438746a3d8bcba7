"""What a search found, and what a recovery is, as plain arrays: so that a fit that was interrupted can go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from .importance import Weighted
from .population import Found, Population, Posterior
from .recovery import Recovery

Array = np.ndarray[Any, Any]


def arrays_of(found: Found | Recovery) -> dict[str, Array]:
    """Named arrays without objects."""
    if isinstance(found, Recovery):
        table = {f"table.{name}": found.table[name].to_numpy() for name in found.table}
        summary = {f"summary.{name}": found.summary[name].to_numpy(float) for name in found.summary}
        names = {
            "parameter": found.summary.index.to_numpy(str),
            "table.parameter": table["table.parameter"].astype(str),
        }
        return table | summary | names | {"agent": np.array(found.agent), "n_trials": np.array(found.n_trials)}
    parts: dict[str, Any] = {"found": found, "posterior": found.posterior, "weighted": found.weighted}
    if found.population is not None:
        parts |= {"population": found.population}
    return {
        f"{part}.{field.name}": np.asarray(value)
        for part, one in parts.items()
        if one is not None
        for field in fields(one)
        if not isinstance(value := getattr(one, field.name), Found | Posterior | Weighted | Population | None)
    }


def found_of(arrays: Mapping[str, Array]) -> Found:
    """What `arrays_of` wrote of a search."""

    def part(name: str) -> dict[str, Any]:
        return {key.partition(".")[2]: value for key, value in arrays.items() if key.partition(".")[0] == name}

    posterior = Posterior(**part("posterior"))
    weighted = Weighted(**part("weighted")) if part("weighted") else None
    population = None
    if numbers := part("population"):
        assert weighted is not None
        for name, kind in (("evidence", float), ("converged", bool), ("history", list)):
            numbers[name] = kind(numbers[name])
        population = Population(**numbers, posterior=posterior, weighted=weighted)
    return Found(posterior, weighted, arrays["found.agreeing"], population)


def recovery_of(arrays: Mapping[str, Array]) -> Recovery:
    """What `arrays_of` wrote of a recovery."""
    import pandas as pd

    table, summary = (
        pd.DataFrame({key.partition(".")[2]: value for key, value in arrays.items() if key.startswith(f"{name}.")})
        for name in ("table", "summary")
    )
    summary.index = pd.Index(arrays["parameter"], name="parameter")
    return Recovery(str(arrays["agent"]), int(arrays["n_trials"]), table, summary)
