"""The three shapes that the circuit's equations are made of.

They branch on the real part and use NumPy's functions, so that the same source also takes complex numbers.
"""

import numpy as np


def positive(x: float) -> float:
    """[x]₊: x where it is positive, else 0."""
    return x if x.real > 0 else x * 0.0


def logistic(x: float) -> float:
    """σ(x) = 1 / (1 + exp(-x)), between 0 and 1."""
    return 1.0 / (1.0 + np.exp(-x))  # type: ignore[no-any-return]


def softplus(x: float) -> float:
    """ln(1 + exp(x)), written so that it overflows for no x."""
    return positive(x) + np.log(1.0 + np.exp(-x if x.real > 0 else x))  # type: ignore[no-any-return]
