"""Cells at rest: where they come to rest without spikes, and what a small current does to them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit import neuron
from ..compiler.module import bound
from .population import HabenulaNeurons, drawn

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
LOWEST_MV, HIGHEST_MV, GRID_MV = -95.0, -20.0, 0.25
HALVINGS = 50
STEP_MV = 5.0


def potential(cells: Any, rest: Any) -> None:
    """Writes into `rest` (mV) the lowest potential at which each cell's steady current is 0 and turns outward."""
    y = np.empty(neuron.STATES)
    for i in range(rest.size):
        c = cells[i]
        low = LOWEST_MV
        while low < HIGHEST_MV and neuron.steady_current(c, y, low + GRID_MV) < 0.0:
            low += GRID_MV
        high = low + GRID_MV
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if neuron.steady_current(c, y, middle) < 0.0:
                low = middle
            else:
                high = middle
        rest[i] = 0.5 * (low + high)


def passive(cells: Any, rest: Any, resistance: Any, time: Any) -> None:
    """Input resistance (MΩ), from rest to 5 mV below it and for long, and time constant C/Σg at rest (ms)."""
    y = np.empty(neuron.STATES)
    for i in range(rest.size):
        c = cells[i]
        current = neuron.steady_current(c, y, rest[i]) - neuron.steady_current(c, y, rest[i] - STEP_MV)
        neuron.hold(c, y, rest[i])
        t_open, nmda_open = neuron.t_conductance(c, rest[i], y[neuron.T_AVAILABLE]), neuron.nmda_conductance(c, rest[i])
        total, _ = neuron.pull(c, y, t_open, nmda_open, 0.0)
        resistance[i] = 1000.0 * STEP_MV / (current * c.capacitance_pf)
        time[i] = 1.0 / total


def at_rest(neurons: HabenulaNeurons, n_neurons: int, seed: int = 0) -> pd.DataFrame:
    """One row a cell, with its spikes blocked as by tetrodotoxin: rest potential, input resistance, time constant.

    Columns `rest_mv`, `resistance_mohm` (5 mV below rest, after all gates have settled), `time_constant_ms`.
    """
    import pandas as pd

    cells = drawn(neurons, n_neurons, seed)
    cells["sodium_conductance"] = 0.0
    rest, resistance, time = (np.empty(n_neurons) for _ in range(3))
    rules = bound({"potential": potential, "passive": passive}, {}, compiled=True)
    rules["potential"](cells, rest)
    rules["passive"](cells, rest, resistance, time)
    return pd.DataFrame(
        {"cell": np.arange(n_neurons), "rest_mv": rest, "resistance_mohm": resistance, "time_constant_ms": time}
    )
