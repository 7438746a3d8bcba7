"""The exponential and the logarithm of every rule, so that all ways of running a rule give the same bits.

NumPy's, Python's and LLVM's differ in the last bit from each other, and from machine to machine; these consist of
additions, multiplications and shifts that are the same everywhere, and can run on several subjects at once. The
compiler puts them in the place of np.exp, math.exp, np.log and math.log on real numbers.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

LN2_HIGH = 6.93147180369123816490e-01  # ends in 32 zero bits: exact times any exponent
LN2_LOW = 1.90821492927058770002e-10
LOG2_E = 1.4426950408889634
ROUNDER = 6755399441055744.0  # 1.5 · 2⁵²: what is added to it is rounded to a whole number, in the lowest bits
ROUNDER_BITS = 4843621399236968448
ONE_BITS = 4607182418800017408
MANTISSA_BITS = 4503599627370495
SMALLEST_NORMAL = 2.2250738585072014e-308
SCALE_54 = 18014398509481984.0  # 2⁵⁴
LARGEST_EXPONENT = 709.782712893384  # ln of the largest number
SMALLEST_EXPONENT = -708.3964185322641  # ln of the smallest normal number
ROOT_2 = 1.4142135623730951


def bits(x: float) -> int:
    """The 64 bits of a number, as an integer."""
    return np.float64(x).view(np.int64)  # type: ignore[return-value]


def number(n: int) -> float:
    """The number with these bits."""
    return np.int64(n).view(np.float64)


def exp(x: float) -> float:
    """e^x, within 1 unit in the last place; 0 where it is smaller than the smallest normal number, 2.2e-308.

    x = n·ln 2 + r, |r| ≤ ½·ln 2, and e^r by the polynomial through 11 Chebyshev nodes of (e^r - 1 - r)/r², which is off
    by 4e-19 at most; n is added to the result's exponent. Written so that few operations wait for each other.
    """
    shifted = x * LOG2_E + ROUNDER
    n = shifted - ROUNDER
    high = x - n * LN2_HIGH
    low = n * LN2_LOW
    r = high - low
    r_2 = r * r
    r_4 = r_2 * r_2
    s_0 = 0.5 + 0.1666666666666667 * r + r_2 * (0.041666666666666664 + 0.008333333333326176 * r)
    s_4 = (
        0.0013888888888889173 + 0.00019841269874757106 * r + r_2 * (2.4801587313413145e-05 + 2.755725543386416e-06 * r)
    )
    s_8 = 2.755728480209238e-07 + 2.5105212769866343e-08 * r + r_2 * 2.091101570120316e-09
    top = 1.0 + high
    rest = (1.0 - top) + high - low  # what rounding took from it
    s = top + ((rest + r_2 * s_0) + r_2 * r_4 * (s_4 + r_4 * s_8))
    result = number(bits(s) + (bits(shifted) << 52))
    result = result if x <= LARGEST_EXPONENT else x + math.inf  # NaN where x is
    return 0.0 if x < SMALLEST_EXPONENT else result


def log(x: float) -> float:
    """ln x, within 1 unit in the last place; -inf at 0 and NaN below.

    x = 2^n·m, √½ ≤ m < √2, and ln m as in FreeBSD's e_log.c (Sun Microsystems 1993).
    """
    scaled = x * SCALE_54 if x < SMALLEST_NORMAL else x
    m = number((bits(scaled) & MANTISSA_BITS) | ONE_BITS)
    n = number(ROUNDER_BITS + (bits(scaled) >> 52)) - ROUNDER - (1077.0 if x < SMALLEST_NORMAL else 1023.0)
    n = n + 1.0 if m > ROOT_2 else n
    m = 0.5 * m if m > ROOT_2 else m
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332))
    odd = z * (
        0.6666666666666735130 + w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591))
    )
    square = 0.5 * f * f
    result = n * LN2_HIGH - ((square - (s * (square + odd + even) + n * LN2_LOW)) - f)
    result = result if x > 0.0 else (-math.inf if x == 0.0 else math.nan)
    return x if x == math.inf else result


SAME_EVERYWHERE: Mapping[Any, Callable[..., Any]] = {np.exp: exp, math.exp: exp, np.log: log, math.log: log}


def portable(value: Any) -> Any:
    """The function to use in the place of NumPy's or Python's, or what was given."""
    return SAME_EVERYWHERE.get(value, value) if callable(value) and value.__hash__ else value


def plain_for_arrays(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """One of the two for plain Python, which also takes arrays."""
    elementwise = np.vectorize(function, otypes=[float])
    # Python's own numbers are quicker, but its 0.0 cannot be divided by
    return lambda x: elementwise(x) if np.ndim(x) else np.float64(function(float(x)))


def compiled_for_arrays(function: Any) -> Any:
    """One of the two, compiled, as a function for compiled code that also takes arrays."""
    from numba import types
    from numba.extending import overload

    # Numba compares the signatures, annotations included
    def elementary(x):  # type: ignore[no-untyped-def]
        raise NotImplementedError

    def alone(x):  # type: ignore[no-untyped-def]
        return function(x)

    def elementwise(x):  # type: ignore[no-untyped-def]
        result = np.empty(x.shape)
        for index, one in np.ndenumerate(x):
            result[index] = function(one)
        return result

    def chosen(x):  # type: ignore[no-untyped-def]
        if isinstance(x, types.Array | types.NestedArray):
            return elementwise
        return alone if isinstance(x, types.Number | types.Boolean) else None

    elementary.__name__ = function.py_func.__name__.rpartition("_")[2]
    overload(elementary, jit_options={"forceinline": True})(chosen)
    return elementary
