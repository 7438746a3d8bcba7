# ruff: noqa: F821
"""The population run over straight-line code, WIDTH subjects at a time; the compiler binds what is declared here.

All numbers of a subject stand in one row, whole numbers by their bits, and while it runs in a lane of `slots`: number k
of lane l at k·WIDTH + l.
"""

from typing import Any

import numpy as np

from ..source import Rule

start: Rule
prepare: Rule
turn: Rule
keep_slots: Rule
WIDTH: int
SLOTS: int
SCRIPTED: int
RECORD: int
TRIAL: int
SCRIPT: int
RUNNING: int
KEPT: int
STEPS: int


def population(numbers: Any, naive: int, script: Any, room: int, rows: Any) -> None:
    """Run each subject, a row of `numbers`, to its end; a lane that is through takes the next subject.

    Subject number i writes its recorded steps from number i·`room` of `rows` on.
    """
    slots = np.zeros(SLOTS * WIDTH)
    whole = slots.view(np.int64)
    subjects = np.full(WIDTH, -1)
    waiting, running = 0, WIDTH
    while running > 0:
        running = 0
        for lane in range(WIDTH):
            if whole[RUNNING * WIDTH + lane] == 0:
                i = subjects[lane]
                if i >= 0:
                    for k in range(SLOTS):
                        numbers[i, k] = slots[k * WIDTH + lane]
                    subjects[lane] = -1
                if waiting < numbers.shape[0]:
                    i, waiting = waiting, waiting + 1
                    subjects[lane] = i
                    if naive:
                        start(numbers[i])
                    prepare(numbers[i])
                    for k in range(SLOTS):
                        slots[k * WIDTH + lane] = numbers[i, k]
            if subjects[lane] >= 0:
                running += 1
                if SCRIPTED:
                    trial = whole[TRIAL * WIDTH + lane] % script.shape[1]
                    slots[SCRIPT * WIDTH + lane] = script[subjects[lane], trial]
        if running > 0:
            turn(slots)
            for lane in range(WIDTH if RECORD else 0):
                if whole[KEPT * WIDTH + lane] > 0:
                    row = subjects[lane] * room + whole[STEPS * WIDTH + lane] - 1
                    keep_slots(rows[row], slots, whole, lane)
