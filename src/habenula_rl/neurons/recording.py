"""Cells in time: their spikes, and their membrane potential where it is asked for."""

from __future__ import annotations

import functools
import math
import numbers
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import randomness
from ..circuit import neuron
from ..compiler.lanes.vectorise import Abreast, abreast
from ..compiler.module import bound
from ..contract import short_repr
from ..cores import cores
from .population import KEY, HabenulaNeurons, drawn

Array = np.ndarray[Any, Any]
START_MV = -60.0
SPIKE_MV, REARM_MV = -10.0, -30.0  # a spike is counted on crossing the one, and the next after falling below the other
ABOVE_MV = 10.0  # of V_T: what is higher belongs to a spike
WIDTH = 16  # cells at once; a multiple of the numbers in a processor's vector
MOST_HZ = 500  # the spike currents cannot follow faster
ARMED, CROSSED, BELOW, BELOW_STEPS = range(4)  # what is kept of a cell while it runs
KEPT = 4

if TYPE_CHECKING:  # bound where `run` is compiled

    def advance(slots: Any) -> None: ...


@dataclass(frozen=True)
class Pulse:
    """A current injected into every cell: `pa` pA from `start_s` to `end_s`, seconds of the recording.

    The seconds in which cells settle are those below 0. Raises ValueError for what is no finite number, and for a
    current that ends before it begins.
    """

    pa: float = 0.0
    start_s: float = 0.0
    end_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("pa", "start_s", "end_s"):
            value = getattr(self, name)
            if not _real(value):
                raise ValueError(f"Pulse: {name} must be a finite number, not {short_repr(value)}")
        if self.pa and not self.start_s < self.end_s:
            raise ValueError(f"Pulse: end_s must be above start_s, {self.start_s!r}, not {self.end_s!r}")


@dataclass(frozen=True)
class Recording:
    """Spikes of n cells in `seconds`: cell and time (s) of each, ordered by cell and time.

    `potential` is (cells, samples), mV, one sample each `sample_ms`, without samples where none was asked for.
    `below_spikes` is each cell's mean potential (mV) while below its V_T + 10 mV, spikes left out.
    """

    n_neurons: int
    seconds: float
    cell: Array
    time: Array
    below_spikes: Array
    potential: Array
    sample_ms: float


def watched(c: Any, y: Any, seen: Any, injected: float, dt: float) -> None:
    """A step of one cell, and what is kept of it.

    `seen`: whether a spike would count, where in the step one was counted (0 to 1, else -1), the sum of potentials
    below V_T + 10 mV and their number.
    """
    before = y[neuron.POTENTIAL]
    neuron.advance(c, y, injected, dt)
    v = y[neuron.POTENTIAL]
    seen[CROSSED] = (SPIKE_MV - before) / (v - before) if v >= SPIKE_MV and seen[ARMED] > 0.0 else -1.0
    seen[ARMED] = 1.0 if v < REARM_MV else (0.0 if v >= SPIKE_MV else seen[ARMED])
    below = 1.0 if v < c.threshold + ABOVE_MV else 0.0
    seen[BELOW] += below * v
    seen[BELOW_STEPS] += below


def until_event(c: Any, n: int) -> float:
    """The time (ms) from a cell's synaptic event n - 1, or the beginning, to event n: a Poisson process."""
    u = randomness.draw(c.key, randomness.U(n))
    return -1000.0 * np.log(1.0 - u) / c.synaptic_rate if c.synaptic_rate > 0.0 else np.inf


def run(
    cells: Any,
    warm: int,
    steps: int,
    dt: float,
    pulse: Any,
    slots: Any,
    spikes: Any,
    counts: Any,
    mean: Any,
    potential: Any,
    every: int,
) -> None:
    """WIDTH cells side by side, `warm` steps that nobody sees and `steps` that are recorded; times in ms.

    `slots` holds their states first, then what was seen, their constants, the injected current and the time step.
    `advance`, which is `watched` for all of them, is bound when this is compiled.
    """
    y, due, events = np.empty(neuron.STATES), np.empty(WIDTH), np.zeros(WIDTH, np.int64)
    seen, injected = neuron.STATES * WIDTH, 0.0
    for lane in range(WIDTH):
        neuron.hold(cells[lane], y, START_MV)
        for k in range(neuron.STATES):
            slots[k * WIDTH + lane] = y[k]
        due[lane] = -warm * dt + until_event(cells[lane], 0)
        slots[seen + ARMED * WIDTH + lane] = 1.0
        slots[slots.size - WIDTH + lane] = dt
    for s in range(-warm, steps):
        if s == 0:
            for lane in range(WIDTH):
                slots[seen + BELOW * WIDTH + lane] = slots[seen + BELOW_STEPS * WIDTH + lane] = 0.0
        pa = pulse[0] if pulse[1] <= s * dt < pulse[2] else 0.0
        if pa != injected:
            injected = pa
            for lane in range(WIDTH):
                slots[slots.size - 2 * WIDTH + lane] = pa / cells[lane].capacitance_pf
        for lane in range(WIDTH):
            while due[lane] <= s * dt:
                slots[neuron.SYNAPSES * WIDTH + lane] += cells[lane].synaptic_conductance
                events[lane] += 1
                due[lane] += until_event(cells[lane], events[lane])
        advance(slots)
        if s >= 0:
            for lane in range(WIDTH):
                crossed = slots[seen + CROSSED * WIDTH + lane]
                if crossed >= 0.0 and counts[lane] < spikes.shape[1]:
                    spikes[lane, counts[lane]] = (s + crossed) * dt
                    counts[lane] += 1
            if potential.shape[1] > 0 and s - (s // every) * every == 0:
                for lane in range(WIDTH):
                    potential[lane, s // every] = slots[lane]
    for lane in range(WIDTH):
        mean[lane] = slots[seen + BELOW * WIDTH + lane] / slots[seen + BELOW_STEPS * WIDTH + lane]


def record(
    neurons: HabenulaNeurons,
    n_neurons: int,
    seconds: float,
    *,
    seed: int = 0,
    settle_s: float = 1.0,
    dt_ms: float = 0.1,
    pulse: Pulse | None = None,
    sample_ms: float | None = None,
    threads: int | None = None,
) -> Recording:
    """Records n cells for `seconds`, after `settle_s` seconds in which they settle.

    The result does not depend on `threads` (default: one for each core). With `sample_ms` the membrane potential is
    kept too. Raises ValueError for numbers that make no sense, and for a pulse that lies outside the recording.
    """
    cells = drawn(neurons, _whole("n_neurons", n_neurons), seed)
    return record_cells(
        cells, seconds, settle_s=settle_s, dt_ms=dt_ms, pulse=pulse, sample_ms=sample_ms, threads=threads
    )


def record_cells(
    cells: Any,
    seconds: float,
    *,
    settle_s: float = 1.0,
    dt_ms: float = 0.1,
    pulse: Pulse | None = None,
    sample_ms: float | None = None,
    threads: int | None = None,
) -> Recording:
    """The same for cells drawn before."""
    dt = _within("dt_ms", dt_ms, 1e-4, 0.1)
    steps = round(1000.0 * _within("seconds", seconds, 0.001, 3600.0) / dt)
    warm = round(1000.0 * _within("settle_s", settle_s, 0.0, 3600.0) / dt)
    every = 1 if sample_ms is None else max(1, round(_within("sample_ms", sample_ms, dt, 1000.0) / dt))
    times = _times(Pulse() if pulse is None else pulse, settle_s, seconds)
    samples = 0 if sample_ms is None else -(-steps // every)
    work = functools.partial(_piece, cells, warm, steps, dt, times, samples, every)
    threads = _whole("threads", cores() if threads is None else threads)
    with ThreadPoolExecutor(threads) as pool:
        pieces = list(pool.map(work, [range(k, min(k + WIDTH, len(cells))) for k in range(0, len(cells), WIDTH)]))
    cell, time, mean, potential = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return Recording(len(cells), seconds, cell, time, mean, potential, every * dt)


def _piece(
    cells: Any,
    warm: int,
    steps: int,
    dt: float,
    pulse: tuple[float, float, float],
    samples: int,
    every: int,
    places: range,
) -> tuple[Array, Array, Array, Array]:
    """WIDTH cells or fewer; the places of missing ones are taken by the last, which nobody looks at."""
    names = tuple(name for name in cells.dtype.names if name != KEY)
    code, n = _abreast(names), len(places)
    these = cells[np.minimum(np.arange(places.start, places.start + WIDTH), places.stop - 1)]
    slots = np.zeros((len(code.slots), WIDTH))
    for name in names:
        slots[code.slots[f"c.{name}"]] = these[name]
    spikes = np.empty((WIDTH, max(10, math.ceil(steps * dt / 1000.0 * MOST_HZ))))
    counts, mean, potential = np.zeros(WIDTH, np.int64), np.zeros(WIDTH), np.empty((WIDTH, samples))
    block: Any = code.block
    compiled = bound({"run": run}, {"advance": block}, compiled=True)["run"]
    compiled(these, warm, steps, dt, pulse, slots.reshape(-1), spikes, counts, mean, potential, every)
    cell = np.repeat(np.arange(places.start, places.stop), counts[:n])
    time = np.concatenate([row[:count] for row, count in zip(spikes[:n], counts[:n], strict=True)]) / 1000.0
    return cell, time, mean[:n], potential[:n]


@functools.cache
def _abreast(names: tuple[str, ...]) -> Abreast:
    arguments: Mapping[str, Any] = {"y": neuron.STATES, "seen": KEPT, "c": names, "injected": None, "dt": None}
    return abreast(watched, arguments, WIDTH)


def _times(pulse: Pulse, settle_s: float, seconds: float) -> tuple[float, float, float]:
    """Current (pA), start and end (ms), where any of it falls into the time that is computed."""
    if not isinstance(pulse, Pulse):
        raise ValueError(
            f"pulse must be a Pulse, such as Pulse(pa=50, start_s=0.2, end_s=0.7), not {short_repr(pulse)}"
        )
    if pulse.pa and not (pulse.start_s < seconds and pulse.end_s > -settle_s):
        time = f"the recording, which goes from {-settle_s:g} (settle_s) to {seconds:g} s (seconds)"
        raise ValueError(f"pulse from {pulse.start_s:g} to {pulse.end_s:g} s lies outside {time}")
    return float(pulse.pa), 1000.0 * pulse.start_s, 1000.0 * pulse.end_s


def _real(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _within(name: str, value: float, low: float, high: float) -> float:
    if not (_real(value) and low <= value <= high):
        raise ValueError(f"{name} must be between {low:g} and {high:g}, not {short_repr(value)}")
    return float(value)


def _whole(name: str, value: int) -> int:
    if not _real(value) or value != int(value) or value < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more, not {short_repr(value)}")
    return int(value)
