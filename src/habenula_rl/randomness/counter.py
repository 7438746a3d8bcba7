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
