"""The three shapes that the circuit's equations are made of.

Nothing in them, or in any rule, is written for gradients: for those the engine itself rewrites the rules for complex
numbers (compiler/complex_step.py).
"""

import numpy as np


def positive(x: float) -> float:
    """[x]₊: x where it is positive, else 0."""
    return x if x > 0 else x * 0.0


def logistic(x: float) -> float:
    """σ(x) = 1 / (1 + exp(-x)), between 0 and 1."""
    return 1.0 / (1.0 + np.exp(-x))  # type: ignore[no-any-return]


def softplus(x: float) -> float:
    """ln(1 + exp(x)), written so that it overflows for no x."""
    return positive(x) + np.log(1.0 + np.exp(-x if x > 0 else x))  # type: ignore[no-any-return]
