"""The burst mechanism as two tables: a trace of each kind of cell, and the kinds' shares under each manipulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import firing
from .population import HabenulaNeurons, drawn
from .recording import record, record_cells
from .shares import shares

if TYPE_CHECKING:
    import pandas as pd

VARIED: Mapping[str, Sequence[float]] = {
    "kir41": (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0),
    "nmda": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
    "t_type": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
}


def traces(
    neurons: HabenulaNeurons, *, n_neurons: int = 200, seconds: float = 1.0, sample_ms: float = 0.2, seed: int = 0
) -> pd.DataFrame:
    """The membrane potential of a typical cell of each kind among n: columns kind, cell, time_s, potential_mv.

    Typical: the tonic or bursting cell whose rate is the median of its kind's, the first silent one. A kind that none
    of the cells is has no rows.
    """
    import pandas as pd

    table = firing.kinds(record(neurons, n_neurons, 3.0, seed=seed))
    cells, parts = drawn(neurons, n_neurons, seed), []
    for kind in firing.KINDS:
        rows = table[table["kind"] == kind].sort_values(["rate_hz", "cell"])
        if len(rows):
            cell = int(rows["cell"].iloc[(len(rows) - 1) // 2])
            found = record_cells(cells[cell : cell + 1], seconds, sample_ms=sample_ms)
            times = np.arange(found.potential.shape[1]) * found.sample_ms / 1000.0
            columns = {"kind": kind, "cell": cell, "time_s": times, "potential_mv": found.potential[0]}
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def manipulated(
    neurons: HabenulaNeurons, varied: Mapping[str, Sequence[float]] = VARIED, *, n_neurons: int = 300,
    seconds: float = 3.0, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """`shares` for each parameter in `varied` by itself, with the columns parameter and value in front."""
    import pandas as pd

    parts = []
    for name, values in varied.items():
        table = shares(neurons, name, values, n_neurons=n_neurons, seconds=seconds, seed=seed)
        table.insert(0, "parameter", name)
        parts.append(table.rename(columns={name: "value"}))
    return pd.concat(parts, ignore_index=True)
