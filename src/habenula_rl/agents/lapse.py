"""Choices made at random, in a fraction of the trials, whatever the agent knows."""

from typing import Any

import numpy as np

from ..contract import parameter

NEVER = -746.0  # exp of it is 0


def lapse() -> Any:
    """The same declaration for every agent that lapses."""
    return parameter(
        0.1,
        symbol="ξ",
        doc="fraction of choices made at random",
        unit="probability",
        low=0.0,
        high=1.0,
        source="as simulated in Wilson & Collins 2019, doi 10.7554/eLife.49547",
    )


def choices(available: Any, n_actions: int) -> float:
    """How many of the first `n_actions` actions can be chosen."""
    n = 0.0
    for a in range(n_actions):
        n += 1.0 if available[a] > 0 else 0.0
    return n


def lapsed(probability: float, fraction: float, n: float) -> float:
    """(1 - ξ)·P + ξ/n: the probability of an action, of n, where a fraction ξ of choices is random."""
    return (1.0 - fraction) * probability + fraction / n


def as_preference(probability: float) -> float:
    """The preference that the softmax turns into this probability: its logarithm, kept finite where it is 0."""
    return np.log(probability) if probability > 0.0 else NEVER
