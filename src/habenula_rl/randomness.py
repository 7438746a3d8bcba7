"""Counter-based randomness: a draw depends on seed, stream, subject and time alone, so on no thread, chunk or order.

The mixing function is SplitMix64's finaliser (Steele, Lea & Flood 2014, doi 10.1145/2660193.2660195).
"""

import numbers
from typing import Any

import numpy as np

U = np.uint64
GOLDEN = U(0x9E3779B97F4A7C15)
MIX_1 = U(0xBF58476D1CE4E5B9)
MIX_2 = U(0x94D049BB133111EB)
S_11 = U(11)
S_27 = U(27)
S_30 = U(30)
S_31 = U(31)
ONE = U(1)
TRIAL_STRIDE = U(1 << 28)
STEP_STRIDE = U(16)
UNIT = 1.0 / 9007199254740992.0
HALF_UNIT = 0.5 * UNIT


def mix(z: np.uint64) -> np.uint64:
    """64 well-mixed bits from 64 others."""
    z = (z ^ (z >> S_30)) * MIX_1
    z = (z ^ (z >> S_27)) * MIX_2
    return z ^ (z >> S_31)


def stream_key(seed: np.uint64, stream: np.uint64, subject: np.uint64) -> np.uint64:
    """The key of one subject's draws in one stream."""
    return mix(mix(mix(seed) + (stream + ONE) * GOLDEN) + (subject + ONE) * GOLDEN)


def draw(key: np.uint64, counter: np.uint64) -> float:
    """The number of that key and counter, uniform in [0, 1)."""
    return np.float64(mix(key + (counter + ONE) * GOLDEN) >> S_11) * UNIT


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


def checked_seed(seed: Any) -> int:
    """The seed, or ValueError where it is not a whole number from 0 to 2⁶³ - 1."""
    return _checked("seed", seed)


def checked_subject(subject: Any) -> int:
    """A subject's number, or ValueError where it is not a whole number from 0 to 2⁶³ - 1."""
    return _checked("subject", subject)


def _checked(name: str, value: Any) -> int:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not 0 <= value < 2**63:
        raise ValueError(f"{name} must be a whole number from 0 to 2^63 - 1, not {value!r}")
    return int(value)
