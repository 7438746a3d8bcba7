"""What kind of cell it is, by its spikes alone: silent, tonic or bursting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .recording import Recording

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
FIRST_S = 0.02  # a burst begins with an interval below this
LAST_S = 0.1  # and goes on until one above this: the definition that distinguishes the kinds
WITHIN_S = 0.05  # set: what a burst is like is measured up to one above this; the neurons have hardly any of 40-60 ms
LEAST_BURSTS = 2  # set: of a bursting cell
IN_BURSTS = 0.5  # set: the fraction of a bursting cell's spikes that stand in bursts
SILENT_HZ = 0.5  # set: the highest rate of a silent cell
SHORTEST_S = 1.0 / SILENT_HZ  # of recordings: in a shorter one a single spike is more than that rate
KINDS = ("silent", "tonic", "bursting")


def bursts(cell: Array, time: Array, last_s: float = LAST_S) -> pd.DataFrame:
    """Each burst's cell, start (s), duration (s) and number of spikes.

    A burst begins with an interval below 20 ms and ends before one above `last_s`. 20 and 100 ms are limits in common
    use for habenula neurons (Yang et al. 2018, doi 10.1038/nature25509; from memory, its Methods were not at hand).
    With 100 ms a burst goes on through any tonic firing above 10 Hz that follows it; with 50 ms it does not.
    """
    import pandas as pd

    if time.size < 2:
        return pd.DataFrame({"cell": np.zeros(0, int), "start": np.zeros(0), "duration": np.zeros(0), "spikes": 0})
    interval = np.where(np.diff(cell) == 0, np.diff(time), np.inf)
    stretch = np.concatenate([[0], np.cumsum(interval > last_s)])  # the number of the spike's stretch without a pause
    begins = np.flatnonzero(interval < FIRST_S)  # spikes that the next one follows at once
    _, first = np.unique(stretch[begins], return_index=True)
    start = begins[first]
    end = np.searchsorted(stretch, stretch[start], side="right") - 1
    return pd.DataFrame(
        {"cell": cell[start], "start": time[start], "duration": time[end] - time[start], "spikes": end - start + 1}
    )


def kinds(recording: Recording) -> pd.DataFrame:
    """One row a cell: kind, rate (Hz), mean potential between spikes (mV), and how it bursts.

    Bursting: two bursts or more, which hold at least half of its spikes. Silent: any other at 0.5 Hz or less. Tonic:
    the rest. `burst_hz` is bursts a second; `spikes_per_burst` and `within_hz`, the rate in a burst, are means over its
    bursts; the three are NaN in cells that do not burst. The kinds go by bursts that end before a pause of 100 ms, the
    three by bursts that end before one of 50 ms, so that no tonic firing is counted in. Raises ValueError where the
    recording is shorter than 2 s, in which a single spike would be more than 0.5 Hz.
    """
    import pandas as pd

    if recording.seconds < SHORTEST_S:
        wanted = f"a recording of {SHORTEST_S:g} s or more, not {recording.seconds:g} s"
        raise ValueError(f"silent, tonic and bursting cells are distinguished in {wanted}")
    every = pd.RangeIndex(recording.n_neurons, name="cell")
    spikes = np.bincount(recording.cell, minlength=recording.n_neurons)
    bursting = _bursting(bursts(recording.cell, recording.time), spikes)
    rate = spikes / recording.seconds
    columns = {
        "cell": every,
        "kind": np.where(bursting, KINDS[2], np.where(rate > SILENT_HZ, KINDS[1], KINDS[0])),
        "rate_hz": rate,
        "potential_mv": recording.below_spikes,
    }
    like = _like(bursts(recording.cell, recording.time, WITHIN_S)).reindex(every)
    return pd.DataFrame(columns | {name: np.where(bursting, like[name], np.nan) for name in like})


def _bursting(table: pd.DataFrame, spikes: Array) -> Array:
    """Whether each cell, with so many spikes in all, is a bursting one by these bursts."""
    number = np.bincount(table["cell"], minlength=spikes.size)
    inside = np.bincount(table["cell"], weights=table["spikes"], minlength=spikes.size)
    found: Array = (number >= LEAST_BURSTS) & (inside >= IN_BURSTS * spikes)
    return found


def _like(table: pd.DataFrame) -> pd.DataFrame:
    """One row a cell that has any of these bursts: what they are like; `burst_hz` is NaN where it has one only."""
    import pandas as pd

    of_cell = table.assign(hz=(table["spikes"] - 1) / table["duration"]).groupby("cell")
    spaced = of_cell["start"].max() - of_cell["start"].min()
    return pd.DataFrame(
        {
            "burst_hz": (of_cell.size() - 1) / spaced.where(spaced > 0.0),
            "spikes_per_burst": of_cell["spikes"].mean(),
            "within_hz": of_cell["hz"].mean(),
        }
    )
