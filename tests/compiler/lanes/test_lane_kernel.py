"""The loop over lanes with rules by hand: who runs when, what is kept, and that nobody's numbers reach another's."""

import numpy as np
import pytest

from habenula_rl.compiler.lanes import lane_kernel
from habenula_rl.compiler.module import bound

# slots of a subject: whether it runs, kept, steps, trial, script, turns left, sum
RUNNING, KEPT, STEPS, TRIAL, SCRIPT, LEFT, SUM = range(7)
ROW = np.dtype([("left", "f8"), ("script", "f8")])


def start(numbers):
    numbers[6] = 100.0


def prepare(numbers):
    numbers[6] += 0.5


def keep_slots(row, slots, whole, lane):
    row.left = slots[5 * 2 + lane]
    row.script = slots[4 * 2 + lane]


def turn(slots):
    """Two subjects: each counts down, adds what its script says, and stops at 0."""
    whole = slots.view(np.int64)
    for lane in range(2):
        whole[1 * 2 + lane] = 0
        if whole[0 * 2 + lane] > 0:
            slots[6 * 2 + lane] += slots[4 * 2 + lane]
            slots[5 * 2 + lane] -= 1.0
            whole[1 * 2 + lane] = 1
            whole[2 * 2 + lane] += 1
            whole[3 * 2 + lane] += 1
            if slots[5 * 2 + lane] <= 0.0:
                whole[0 * 2 + lane] = 0


def run(lengths, script, *, naive, compiled):
    declared = {"start": start, "prepare": prepare, "turn": turn, "keep_slots": keep_slots, "WIDTH": 2, "SLOTS": 7}
    declared |= {"SCRIPTED": 1, "RECORD": 1, "TRIAL": TRIAL, "SCRIPT": SCRIPT, "RUNNING": RUNNING, "KEPT": KEPT}
    declared |= {"STEPS": STEPS}
    population = bound({"population": lane_kernel.population}, declared, compiled=compiled)["population"]
    numbers = np.zeros((len(lengths), 7))
    numbers[:, LEFT] = lengths
    numbers.view(np.int64)[:, RUNNING] = 1
    room = max(lengths)
    rows = np.zeros(len(lengths) * room, ROW)
    population(numbers, int(naive), np.asarray(script), room, rows if compiled else rows.view(np.recarray))
    return numbers, rows.reshape(len(lengths), room)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("naive", [True, False])
def test_each_subject_runs_to_its_own_end_with_its_own_script(naive, compiled):
    lengths, script = [3, 1, 4, 1, 2], [[1.0, 10.0], [2.0, 0.0], [3.0, 30.0], [4.0, 0.0], [5.0, 50.0]]
    numbers, rows = run(lengths, script, naive=naive, compiled=compiled)
    begin = 100.5 if naive else 0.5
    sums = [1 + 10 + 1, 2, 3 + 30 + 3 + 30, 4, 5 + 50]  # a script is used over again
    assert numbers[:, SUM].tolist() == [begin + total for total in sums]
    assert numbers.view(np.int64)[:, STEPS].tolist() == lengths
    assert not numbers.view(np.int64)[:, RUNNING].any()
    assert rows["left"].tolist() == [[2, 1, 0, 0], [0, 0, 0, 0], [3, 2, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert rows["script"].tolist() == [[1, 10, 1, 0], [2, 0, 0, 0], [3, 30, 3, 30], [4, 0, 0, 0], [5, 50, 0, 0]]


def test_one_subject_leaves_a_lane_idle():
    numbers, rows = run([2], [[7.0]], naive=False, compiled=True)
    assert numbers[0, SUM] == 14.5 and rows["left"].tolist() == [[1.0, 0.0]]
