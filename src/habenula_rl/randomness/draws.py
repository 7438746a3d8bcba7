"""What a task's rules draw: a number depends on the subject's key, the trial, the step and the slot alone."""

from typing import Any

import numpy as np

from .counter import HALF_UNIT, STEP_STRIDE, TRIAL_STRIDE, U, draw


def uniform(e: Any, slot: int) -> float:
    """A task's draw in this step, uniform in [0, 1); a rule that draws more than once in a step uses slots 0 to 15.

    A task whose trials have one step may use more slots.
    """
    return draw(e.key, U(e.trial) * TRIAL_STRIDE + U(e.step) * STEP_STRIDE + U(slot))


def normal(e: Any, slot: int) -> float:
    """A task's draw from the standard normal distribution; it takes one slot, as `uniform` does."""
    u = uniform(e, slot)
    return normal_quantile(u if u > 0.0 else HALF_UNIT)


def normal_quantile(p: float) -> float:
    """The number below which a standard normal draw lies with probability p, 0 < p < 1, to seven digits.

    Algorithm AS 241, PPND7 (Wichura 1988, doi 10.2307/2347330): arithmetic, logarithm and root alone, so the same bits
    everywhere.
    """
    q = p - 0.5
    if -0.425 <= q <= 0.425:
        r = 0.180625 - q * q
        top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
        return q * top / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0)
    r = np.sqrt(-np.log(p if q < 0.0 else 1.0 - p))
    x = _near_tail(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0)
    return -x if q < 0.0 else x


def _near_tail(r: float) -> float:
    top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
    return top / ((0.12021132975 * r + 0.73700164250) * r + 1.0)


def _far_tail(r: float) -> float:
    top = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
    return top / ((0.012258202635 * r + 0.24197894225) * r + 1.0)


def pile_drawn(cards: Any, u: float) -> int:
    """From which pile comes a card drawn from all of them together: pile k holds `cards[k]`, u is uniform in [0, 1)."""
    total = 0.0
    for k in range(cards.size):
        total += cards[k]
    chosen, before = 0, 0.0
    for k in range(cards.size):
        if cards[k] > 0.0 and u * total >= before:
            chosen = k
        before += cards[k]
    return chosen
