"""What kind of cell it is, by its spikes alone: silent, tonic or bursting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .recording import Recording

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
FIRST_S = 0.02  # a burst begins with an interval below this
LAST_S = 0.1  # and goes on until one above this
IN_BURSTS = 0.5  # the share of a bursting cell's spikes that stand in bursts
KINDS = ("silent", "tonic", "bursting")


def bursts(cell: Array, time: Array) -> pd.DataFrame:
    """Each burst's cell, start (s), duration (s) and number of spikes.

    A burst begins with an interval below 20 ms and ends before one above 100 ms: limits in common use for habenula
    neurons (as in Yang et al. 2018, doi 10.1038/nature25509; known, not re-read).
    """
    import pandas as pd

    if time.size < 2:
        return pd.DataFrame({"cell": np.zeros(0, int), "start": np.zeros(0), "duration": np.zeros(0), "spikes": 0})
    interval = np.where(np.diff(cell) == 0, np.diff(time), np.inf)
    stretch = np.concatenate([[0], np.cumsum(interval > LAST_S)])  # the number of the spike's stretch without a pause
    begins = np.flatnonzero(interval < FIRST_S)  # spikes that the next one follows at once
    _, first = np.unique(stretch[begins], return_index=True)
    start = begins[first]
    end = np.searchsorted(stretch, stretch[start], side="right") - 1
    return pd.DataFrame(
        {"cell": cell[start], "start": time[start], "duration": time[end] - time[start], "spikes": end - start + 1}
    )


def kinds(recording: Recording) -> pd.DataFrame:
    """One row a cell: kind, rate (Hz), mean potential between spikes (mV), and how it bursts.

    Silent: at most one spike. Bursting: two bursts or more, which hold at least half of its spikes. Tonic: the rest.
    `burst_hz` is bursts a second, `spikes_per_burst` and `within_hz`, the rate in a burst, are means over its bursts;
    the three are NaN in cells that do not burst.
    """
    import pandas as pd

    table = bursts(recording.cell, recording.time)
    table["hz"] = (table["spikes"] - 1) / table["duration"]
    every = pd.RangeIndex(recording.n_neurons, name="cell")
    of_cell = table.groupby("cell")
    spikes = np.bincount(recording.cell, minlength=recording.n_neurons)
    number = of_cell.size().reindex(every, fill_value=0).to_numpy()
    inside = of_cell["spikes"].sum().reindex(every, fill_value=0).to_numpy()
    bursting = (number >= 2) & (inside >= IN_BURSTS * spikes)
    means = of_cell[["spikes", "hz"]].mean().reindex(every)
    spaced = (of_cell["start"].max() - of_cell["start"].min()).reindex(every).to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        burst_hz = np.where(bursting, (number - 1) / spaced, np.nan)
    return pd.DataFrame(
        {
            "cell": every,
            "kind": np.where(spikes < 2, KINDS[0], np.where(bursting, KINDS[2], KINDS[1])),
            "rate_hz": spikes / recording.seconds,
            "potential_mv": recording.below_spikes,
            "burst_hz": burst_hz,
            "spikes_per_burst": np.where(bursting, means["spikes"], np.nan),
            "within_hz": np.where(bursting, means["hz"], np.nan),
        }
    )
