"""What is searched: each number's range, wide enough that a value at an end would say that the equations are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Space = Mapping[str, tuple[float, float, bool]]
# name -> (lowest, highest, on a logarithmic scale); a dot stands behind a task's name
SPACE: Space = {
    "value_rate": (0.03, 0.9, True),
    "trace_rate": (0.03, 0.9, True),
    "trace_leak": (0.001, 0.3, True),
    "beta": (0.5, 20.0, True),
    "vigour": (2.0, 60.0, True),
    "reflex_go": (0.1, 6.0, True),
    "pavlovian": (0.2, 20.0, True),
    "control_prior": (0.0, 1.0, False),
    "control_loss": (1e-5, 0.01, True),
    "growth": (0.003, 1.0, True),
    "hyperactivity_max": (0.5, 4.0, False),
    "ForcedSwim.effort": (0.0005, 0.1, True),
}
EDGE = 0.05  # of a range: a value nearer to its end counts as at it


def encoded(values: Mapping[str, float], space: Space = SPACE) -> list[float]:
    """Values as places between 0 and 1."""
    return [
        float(np.log(values[k] / low) / np.log(high / low) if log else (values[k] - low) / (high - low))
        for k, (low, high, log) in space.items()
    ]


def decoded(places: Any, space: Space = SPACE) -> dict[str, float]:
    """Places as values, those beyond a range at its end."""
    pairs = zip(np.clip(places, 0.0, 1.0), space.items(), strict=True)
    return {k: float(low * (high / low) ** u if log else low + (high - low) * u) for u, (k, (low, high, log)) in pairs}


def at_an_end(values: Mapping[str, float], space: Space = SPACE) -> list[str]:
    """The names whose values lie within EDGE of an end of their range."""
    places = encoded(values, space)
    return [name for name, u in zip(space, places, strict=True) if not EDGE <= u <= 1.0 - EDGE]
