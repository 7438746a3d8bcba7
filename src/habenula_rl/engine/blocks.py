# ruff: noqa: F821
"""The population run over straight-line code, a block of WIDTH subjects at a time; the compiler binds what is declared.

The numbers of a block's subjects lie side by side in `slots`: number k of subject l at k·WIDTH + l, whole numbers by
their bits. Records come as arrays of 64-bit numbers, one row a subject.
"""

from typing import Any

import numpy as np

from ..contract import Rule
from .kernel import subject_keys

prepare: Rule
turn: Rule
keep_slots: Rule
WIDTH: int
SLOTS: int
SCRIPTED: int
RECORD: int
P_AT: int
W_AT: int
Q_AT: int
X_AT: int
E_AT: int
Y_AT: int
SUMS_AT: int
AVERSIVE_AT: int
OFFSET: int
TRIALS: int
STEPS: int
SUBJECT: int
KEY: int
E_KEY: int
E_TRIAL: int
E_STEP: int
E_SCRIPTED: int
C_RUNNING: int
C_KEPT: int
C_FAILED: int
TOTAL_STEPS: int


def put(slots: Any, at: int, lane: int, numbers: Any) -> None:
    """A subject's numbers into its slots."""
    for k in range(numbers.size):
        slots[(at + k) * WIDTH + lane] = numbers[k]


def take(slots: Any, at: int, lane: int, numbers: Any) -> None:
    """A subject's numbers out of its slots."""
    for k in range(numbers.size):
        numbers[k] = slots[(at + k) * WIDTH + lane]


def enter(
    slots: Any, whole: Any, lane: int, p: Any, w: Any, q: Any, x: Any, e: Any, y: Any, total: Any, aversive: Any
) -> None:
    """A subject's records into a lane."""
    put(slots, P_AT, lane, p)
    put(slots, W_AT, lane, w)
    put(slots, Q_AT, lane, q)
    put(slots, X_AT, lane, x)
    put(slots, E_AT, lane, e)
    put(slots, Y_AT, lane, y)
    put(slots, SUMS_AT, lane, total)
    put(slots, AVERSIVE_AT, lane, aversive)
    whole[C_RUNNING * WIDTH + lane] = 1
    whole[C_FAILED * WIDTH + lane] = 0


def leave(slots: Any, whole: Any, lane: int, w: Any, total: Any, failed: Any) -> None:
    """What a subject takes out of its lane."""
    take(slots, W_AT, lane, w)
    take(slots, SUMS_AT, lane, total)
    if whole[C_FAILED * WIDTH + lane] > 0:
        failed[0] = whole[E_TRIAL * WIDTH + lane]
        failed[1] = whole[E_STEP * WIDTH + lane]


def population(
    P: Any, W: Any, Q: Any, X: Any, e: Any, y: Any, aversive: Any, offset: int, script: Any, seed: Any, stream: Any,
    first: int, n_trials: int, max_steps: int, rows: Any, sums: Any, failed: Any,
) -> None:  # fmt: skip
    """Run each subject through `n_trials`, as `kernel.population`; a lane that is through takes the next subject.

    Subject number i writes its rows from number i·`n_trials`·`max_steps` on.
    """
    slots = np.zeros(SLOTS * WIDTH)
    whole = slots.view(np.int64)
    subjects = np.full(WIDTH, -1)
    waiting, running = 0, WIDTH
    while running > 0:
        running, entered = 0, False
        for lane in range(WIDTH):
            if whole[C_RUNNING * WIDTH + lane] == 0:
                i = subjects[lane]
                if i >= 0:
                    leave(slots, whole, lane, W[i], sums[i], failed[i])
                    subjects[lane] = -1
                if waiting < P.shape[0]:
                    i = waiting
                    enter(slots, whole, lane, P[i], W[i], Q[i], X[i], e, y, sums[i], aversive)
                    key, task_key = subject_keys(seed, stream, first + i)
                    whole[KEY * WIDTH + lane], whole[E_KEY * WIDTH + lane] = np.int64(key), np.int64(task_key)
                    whole[SUBJECT * WIDTH + lane], whole[OFFSET * WIDTH + lane] = first + i, offset
                    whole[TRIALS * WIDTH + lane], whole[STEPS * WIDTH + lane] = n_trials, max_steps
                    subjects[lane] = i
                    waiting, entered = waiting + 1, True
            if subjects[lane] >= 0:
                running += 1
                if SCRIPTED:
                    trial = whole[E_TRIAL * WIDTH + lane]
                    slots[E_SCRIPTED * WIDTH + lane] = script[subjects[lane], trial % script.shape[1]]
        if running > 0:
            if entered:
                prepare(slots)
            turn(slots)
            for lane in range(WIDTH if RECORD else 0):
                if whole[C_KEPT * WIDTH + lane] > 0:
                    row = subjects[lane] * n_trials * max_steps + whole[TOTAL_STEPS * WIDTH + lane] - 1
                    keep_slots(rows[row], slots, whole, lane)
