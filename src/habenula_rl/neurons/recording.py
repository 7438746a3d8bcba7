"""Cells in time: their spikes, and their membrane potential where it is asked for."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..circuit import neuron
from ..engine import chunks
from ..engine.compiler import bound
from .population import HabenulaNeurons, drawn

Array = np.ndarray[Any, Any]
START_MV = -60.0
SPIKE_MV, REARM_MV = -10.0, -30.0  # a spike is counted on crossing the one, and the next after falling below the other
CHUNK = 16
MOST_HZ = 500  # the spike currents cannot follow faster


@dataclass(frozen=True)
class Pulse:
    """A current injected into every cell: `pa` pA from `start_s` to `end_s`, seconds of the recording."""

    pa: float = 0.0
    start_s: float = 0.0
    end_s: float = 0.0


@dataclass(frozen=True)
class Recording:
    """Spikes of n cells in `seconds`: cell and time (s) of each, ordered by cell and time.

    `potential` is (cells, samples), mV, one sample each `sample_ms`, without cells where none was asked for.
    `below_spikes` is each cell's mean potential (mV) while below its V_T + 10 mV, spikes left out.
    """

    n_neurons: int
    seconds: float
    cell: Array
    time: Array
    below_spikes: Array
    potential: Array
    sample_ms: float


def run(
    cells: Any, first: int, warm: int, steps: int, dt: float, pulse: Any, spikes: Any, counts: Any, mean: Any,
    potential: Any, every: int,
) -> None:  # fmt: skip
    """Cells one after the other, `warm` steps that nobody sees and `steps` that are recorded; times in ms."""
    y = np.empty(neuron.STATES)
    for i in range(counts.size):
        c = cells[first + i]
        neuron.hold(c, y, START_MV)
        armed, n, summed, below = True, 0, 0.0, 0
        for s in range(-warm, steps):
            before = y[0]
            on = pulse[1] <= s * dt < pulse[2]
            neuron.advance(c, y, pulse[0] / c.capacitance_pf if on else 0.0, dt)
            if y[0] < REARM_MV:
                armed = True
            elif armed and y[0] >= SPIKE_MV:
                armed = False
                if s >= 0 and n < spikes.shape[1]:
                    spikes[i, n] = (s + (SPIKE_MV - before) / (y[0] - before)) * dt
                    n += 1
            if s >= 0 and y[0] < c.threshold + 10.0:
                summed += y[0]
                below += 1
            if potential.shape[0] > 0 and s >= 0 and s - (s // every) * every == 0:
                potential[i, s // every] = y[0]
        counts[i] = n
        mean[i] = summed / below if below > 0 else math.nan


def record(
    neurons: HabenulaNeurons, n_neurons: int, seconds: float, *, seed: int = 0, settle_s: float = 1.0,
    dt_ms: float = 0.05, pulse: Pulse | None = None, sample_ms: float | None = None, threads: int | None = None,
) -> Recording:  # fmt: skip
    """Records n cells for `seconds`, after `settle_s` seconds in which they settle.

    The result does not depend on `threads` (default: one for each core). With `sample_ms` the membrane potential is
    kept too. Raises ValueError for numbers that make no sense.
    """
    cells = drawn(neurons, _whole("n_neurons", n_neurons), seed)
    return record_cells(
        cells, seconds, settle_s=settle_s, dt_ms=dt_ms, pulse=pulse, sample_ms=sample_ms, threads=threads
    )


def record_cells(
    cells: Any, seconds: float, *, settle_s: float = 1.0, dt_ms: float = 0.05, pulse: Pulse | None = None,
    sample_ms: float | None = None, threads: int | None = None,
) -> Recording:  # fmt: skip
    """The same for cells drawn before."""
    dt = _within("dt_ms", dt_ms, 1e-4, 0.1)
    steps = round(1000.0 * _within("seconds", seconds, 0.001, 3600.0) / dt)
    warm = round(1000.0 * _within("settle_s", settle_s, 0.0, 3600.0) / dt)
    every = 1 if sample_ms is None else max(1, round(_within("sample_ms", sample_ms, dt, 1000.0) / dt))
    current = pulse or Pulse()
    times = (current.pa, 1000.0 * current.start_s, 1000.0 * current.end_s)
    samples = 0 if sample_ms is None else -(-steps // every)
    work = functools.partial(_piece, cells, warm, steps, dt, times, samples, every)
    threads = _whole("threads", (os.cpu_count() or 1) if threads is None else threads)
    pieces = list(chunks.in_order(work, chunks.cut(len(cells), CHUNK), threads))
    cell, time, mean, potential = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return Recording(len(cells), seconds, cell, time, mean, potential, every * dt)


def _piece(
    cells: Any, warm: int, steps: int, dt: float, pulse: tuple[float, float, float], samples: int, every: int,
    places: range,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    n = len(places)
    spikes = np.empty((n, max(10, math.ceil(steps * dt / 1000.0 * MOST_HZ))))
    counts, mean = np.zeros(n, np.int64), np.empty(n)
    potential = np.empty((n if samples else 0, samples))
    _compiled()(cells, places.start, warm, steps, dt, pulse, spikes, counts, mean, potential, every)
    cell = np.repeat(np.arange(places.start, places.stop), counts)
    time = np.concatenate([row[:count] for row, count in zip(spikes, counts, strict=True)]) / 1000.0
    return cell, time, mean, potential


def _compiled() -> Callable[..., Any]:
    return bound({"run": run}, {}, compiled=True)["run"]


def _within(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, not {value!r}")
    return float(value)


def _whole(name: str, value: int) -> int:
    if value != int(value) or value < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more, not {value!r}")
    return int(value)
