"""The burst mechanism: a trace of each kind of cell, and the same cells under more Kir4.1 and under blocks."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from . import firing
from .population import HabenulaNeurons, drawn
from .recording import record, record_cells
from .shares import FITTED, HELPLESS_KIR41, OPEN

if TYPE_CHECKING:
    import pandas as pd

FURTHER = (2.5, 3.5)  # hyperactivity beyond where stress drives the agent at most (2.44)
VARIED: Mapping[str, tuple[float, ...]] = {
    "kir41": tuple(HELPLESS_KIR41**h for h in (*FITTED, *FURTHER)),
    "nmda": OPEN,
    "t_type": OPEN,
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


@functools.lru_cache(maxsize=2)
def manipulated(*, n_neurons: int = 1000, seconds: float = 3.0, seed: int = 0) -> pd.DataFrame:
    """`kinds` of the same cells under everything in `VARIED`, one row a cell; read it, do not write into it.

    Columns parameter (`kir41`, `nmda`, `t_type`) and value, then those of `kinds`. Kir4.1 is changed in healthy cells;
    NMDA receptors and T-type channels are blocked in those of helpless animals (Kir4.1 of 1.7).
    """
    import pandas as pd

    parts, found = [], {}  # the open channels of helpless animals stand in all three: they are recorded once
    for name, values in VARIED.items():
        typical = HabenulaNeurons() if name == "kir41" else HabenulaNeurons(kir41=HELPLESS_KIR41)
        for value in values:
            these = typical.replace(**{name: float(value)})
            if these not in found:
                found[these] = firing.kinds(record(these, n_neurons, seconds, seed=seed))
            parts.append(found[these].assign(parameter=name, value=float(value)))
    return pd.concat(parts, ignore_index=True)
