"""What was seen as pictures for the page, each with a sentence for those who do not see it."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

import numpy as np

from ..contract.shape import shape_of
from ..environments.picture import Picture
from ..figures.colours import BLUE, GREEN, GREY, PINK, VERMILION
from .scene import SUBJECTS, TESTS, Scene
from .seen import HOURS, SAMPLE_MS, Group, Neurons
from .svg import Panel

Array = np.ndarray[Any, Any]
HEALTHY, ANIMALS = "healthy, untreated", "these animals"
DASHES = "6 4"  # of healthy animals, so that colour is not all that distinguishes them
TICKS = {1 / 60: "1 min", 1 / 6: "10 min", 1.0: "1 h", 6.0: "6 h", 24.0: "1 d", 168.0: "7 d"}
LANES = (
    ("lhb", "Habenula", "output of the habenula", VERMILION),
    ("dopamine", "Dopamine", "phasic dopamine", BLUE),
    ("serotonin", "Serotonin", "tonic serotonin", GREEN),
)
LAST_MS, POTENTIALS = 1000.0, (-90.0, 45.0)
LEAST_SPAN = 0.1  # of a lane, so that next to nothing looks like it


def apparatus(scene: Scene, steps: Array, step: int) -> str:
    """The first animal in its apparatus after so many of its steps: an image tag."""
    import PIL.Image

    task = TESTS[scene.test].made()
    aversive, picture = shape_of(task).aversive, Picture(task)
    for row in steps[:step]:
        if row["step"] == 0:
            picture.begin()
        picture.moved(int(row["action"]), float(row["outcome"]), aversive[row["next_state"]])
    row = steps[max(step - 1, 0)]
    state = int(row["next_state"] if step else row["state"])
    place = f"trial {row['trial'] + 1}, step {row['step'] + 1}" if step else "before its first step"
    file = io.BytesIO()
    PIL.Image.fromarray(picture.draw(state, place)).save(file, "png", compress_level=1)
    did = f"it chose {task.actions[row['action']]} and" if step else "it"
    alt = f"One animal in {type(task).__name__}, {place}: {did} is in the state {task.states[state]}."
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img class="panel" width="640" height="360" alt="{escape(alt)}" src="data:image/png;base64,{data}">'


def signals(steps: Array, step: int) -> str:
    """The same animal's habenula, dopamine and serotonin, step by step."""
    x, lanes = np.arange(1, len(steps) + 1), []
    for name, label, words, colour in LANES:
        values = steps[name].astype(float)
        middle, span = (values.max() + values.min()) / 2, max(np.ptp(values), LEAST_SPAN) * 0.55
        last = name == LANES[-1][0]
        lane = Panel((0.5, len(x) + 0.5), (middle - span, middle + span), ylabel=label, height=125.0)
        lane.xlabel = "Step of this animal (upright line: the one shown above)" if last else ""
        lane.line(x, values, colour, width=1.5)
        lane.upright(max(step, 1))
        lanes.append(lane.text(f"{words} over {len(x)} steps, now {values[max(step - 1, 0)]:.2f}"))
    return "".join(lanes)


def neurons(found: Neurons) -> str:
    """The potential of one neuron, and the spikes of all in the same second."""
    recording, bursting = found.recording, (found.kinds == "bursting").to_numpy()
    kind = str(found.kinds.iloc[found.cell])
    samples = int(LAST_MS / SAMPLE_MS)
    potential = Panel((0.0, LAST_MS), POTENTIALS, ylabel="Potential (mV)", height=165.0)
    trace = recording.potential[found.cell, -samples:]
    potential.line(np.arange(samples) * SAMPLE_MS, trace, PINK if kind == "bursting" else GREY, width=1.1)
    n = recording.n_neurons
    raster = Panel((0.0, LAST_MS), (0.0, n + 1.0), "Time (ms)", f"{n} neurons", height=165.0)
    time = 1000.0 * (recording.time - recording.seconds) + LAST_MS
    for these, colour in ((bursting, PINK), (~bursting, GREY)):
        shown = (time >= 0.0) & these[recording.cell]
        raster.ticks(time[shown], recording.cell[shown] + 1.0, colour)
    counts = f"{bursting.sum()} of {n} neurons burst"
    return potential.text(f"Potential of one neuron, which is {kind}") + raster.text(f"Spikes in one second: {counts}")


def occupancy(blocked: tuple[Array, Array], hours: float, now: float) -> str:
    """NMDA receptors blocked over the hours since the dose; a point at the test."""
    panel = Panel((HOURS[0], HOURS[-1]), (0.0, 100.0), "Time since the dose", "Receptors blocked (%)", log=True)
    panel.xticks = TICKS
    panel.line(HOURS, 100 * blocked[1], VERMILION, ANIMALS)
    panel.line(HOURS, 100 * blocked[0], BLUE, "healthy, same dose", DASHES)  # over the other, so that both are seen
    panel.point(hours, 100 * now, VERMILION)
    most = f"{100 * now:.0f} % at the test, {100 * blocked[1].max():.0f} % at most"
    return panel.text(f"NMDA receptors blocked in these animals: {most}")


def learning(scene: Scene, healthy: Group, animals: Group) -> str:
    """The course of the test: means with their 95 % intervals."""
    test = TESTS[scene.test]
    single = test.trials == 1
    unit = test.block * (test.made().step_s / 60.0 if single else 1.0)
    x = (np.arange(max(len(healthy.curve), len(animals.curve))) + 0.5) * unit + (0.0 if single else 0.5)
    ends = np.concatenate([healthy.curve, animals.curve])
    low, high = (0.0, 100.0) if test.axis.endswith("(%)") else (float(np.nanmin(ends)), float(np.nanmax(ends)))
    margin = 0.04 * max(high - low, LEAST_SPAN)
    room = 6.0 * margin  # above all lines, for the key
    panel = Panel((0.0, x[-1] + unit / 2), (low - margin, high + room), "Trial", test.axis, height=230.0)
    panel.xlabel = "Time (min)" if single else "Trial"
    for group, name, colour, dashes in ((animals, ANIMALS, VERMILION, ""), (healthy, HEALTHY, BLUE, DASHES)):
        mean, below, above = group.curve.T
        panel.band(x[: len(mean)], below, above, colour)
        panel.line(x[: len(mean)], mean, colour, name, dashes)
    means = f"healthy ones {healthy.overall[0]:.3g}, these animals {animals.overall[0]:.3g}"
    return panel.text(f"{test.axis}, {SUBJECTS} animals in each group; over the whole test {means}")
