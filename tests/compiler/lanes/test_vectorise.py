"""A function for several subjects at once gives each of them the bits that it gives it alone."""

import numpy as np
import pytest

from habenula_rl.circuit import neuron
from habenula_rl.compiler.lanes.vectorise import abreast
from habenula_rl.compiler.module import bound
from habenula_rl.neurons import HabenulaNeurons, drawn
from habenula_rl.neurons.recording import WIDTH

N = 200


def shifted(p, y, k):
    y[0] += k * p.gain
    y[1] = y[0] * y[0] if y[0] > 2.0 else p.floor


def many(slots, n):
    for _ in range(n):
        step(slots)  # noqa: F821


def alone(c, y, n):
    for _ in range(n):
        neuron.advance(c, y, 1.5, 0.05)


def test_slots_come_in_the_order_asked_for_and_values_by_hand():
    code = abreast(shifted, {"k": None, "y": 2, "p": ("gain", "floor")}, 2)
    assert list(code.slots) == ["k", "y.0", "y.1", "p.gain", "p.floor"]
    slots = np.array([1.0, 2.0, 1.0, 2.0, 0.0, 0.0, 0.5, 3.0, -7.0, -8.0])  # two subjects side by side
    bound({"many": many}, {"step": code.block}, compiled=True)["many"](slots, 1)
    assert slots[2:6].tolist() == [1.5, 8.0, -7.0, 64.0]  # 1 + 1·0.5 and 2 + 2·3; the floor, and 8²
    assert slots[6:].tolist() == [0.5, 3.0, -7.0, -8.0]


@pytest.mark.parametrize("width", [1, WIDTH])
def test_neurons_abreast_have_the_bits_of_neurons_alone(width):
    cells = drawn(HabenulaNeurons(), width, 5)
    names = cells.dtype.names
    code = abreast(neuron.advance, {"y": neuron.STATES, "c": names, "injected": None, "dt": None}, width)
    slots = np.zeros((len(code.slots), width))
    slots[0], slots[neuron.AVAILABLE], slots[-2], slots[-1] = -55.0, 0.8, 1.5, 0.05
    for name in names:
        slots[code.slots[f"c.{name}"]] = cells[name]
    one = bound({"alone": alone}, {}, compiled=True)["alone"]
    expected = np.zeros((neuron.STATES, width))
    expected[0], expected[neuron.AVAILABLE] = -55.0, 0.8
    for lane in range(width):
        y = expected[:, lane].copy()
        one(cells[lane], y, N)
        expected[:, lane] = y
    bound({"many": many}, {"step": code.block}, compiled=True)["many"](slots.reshape(-1), N)
    assert np.array_equal(slots[: neuron.STATES], expected)
    assert np.ptp(slots[0]) > 0.0 or width == 1
