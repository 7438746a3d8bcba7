"""The axes of a sweep: lists, evenly spaced numbers, named levels and designs, counted before they are made."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .problems import shown

AXIS = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
SPACED = ("linspace", "logspace")
DESIGNS = ("latin_hypercube", "sobol")

Row = tuple[Any, ...]


class WrongAxisError(Exception):
    """What is wrong with an axis, in a sentence."""


@dataclass(frozen=True)
class Axis:
    """One axis, or several that go together: so many points, each with a value and a label for each name."""

    names: tuple[str, ...]
    n: int
    written: Any

    def points(self) -> list[tuple[Row, tuple[str, ...]]]:
        """Its points: values and labels. Raises WrongAxisError where the numbers make none."""
        if isinstance(self.written, list):
            rows = [tuple(row) if len(self.names) > 1 else (row,) for row in self.written]
            return [(row, tuple(map(label_of, row))) for row in rows]
        kind = next(iter(self.written))
        if kind in SPACED:
            return [((x,), (label_of(x),)) for x in _spaced(kind, *self.written[kind])]
        if kind in DESIGNS:
            return [(row, tuple(map(label_of, row))) for row in _design(kind, len(self.names), self.written[kind])]
        return [((value,), (name,)) for name, value in self.written.items()]


def label_of(value: Any) -> str:
    """A value as part of a group's name."""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return re.sub(r"[^A-Za-z0-9._-]+", "", text) or "none"


def _spaced(kind: str, start: float, end: float, n: int) -> list[float]:
    import numpy as np

    points = np.linspace(start, end, n) if kind == "linspace" else np.geomspace(start, end, n)
    return [float(f"{x:.12g}") for x in points]  # 0.3, not 0.30000000000000004: what one would have written


def _design(kind: str, d: int, said: Mapping[str, Any]) -> list[Row]:
    import numpy as np
    from scipy.stats import qmc

    rng = np.random.default_rng(said.get("seed", 0))
    n, low, high = said["n"], np.array(said["low"], float), np.array(said["high"], float)
    sampler = qmc.LatinHypercube(d, rng=rng) if kind == "latin_hypercube" else qmc.Sobol(d, rng=rng)
    unit = sampler.random(n)
    if said.get("log"):
        return [tuple(map(float, row)) for row in np.exp(np.log(low) + unit * (np.log(high) - np.log(low)))]
    return [tuple(map(float, row)) for row in low + unit * (high - low)]


def axis_of(key: str, written: Any) -> Axis:
    """The axis that stands in a config under that key, counted and not yet made. Raises WrongAxisError."""
    names = tuple(name.strip() for name in key.split(","))
    for name in names:
        if not AXIS.fullmatch(name):
            raise WrongAxisError(f"an axis is named by letters, digits and _, not {shown(name)}")
    if isinstance(written, list):
        for row in written if len(names) > 1 else ():
            if not isinstance(row, list) or len(row) != len(names):
                raise WrongAxisError(f"each point of {shown(key)} is a list of {len(names)} values, not {shown(row)}")
        if not written:
            raise WrongAxisError("an axis must not be empty")
        return Axis(names, len(written), written)
    if not isinstance(written, dict) or not written:
        raise WrongAxisError(
            "an axis is a list of values, {linspace: [first, last, n]}, or named values, as {low: 0.1, high: 1}"
        )
    kind = next(iter(written))
    if kind in SPACED:
        return Axis(names, _count_spaced(kind, names, written[kind]), written)
    if kind in DESIGNS:
        return Axis(names, _count_design(kind, names, written[kind]), written)
    if len(names) > 1:
        raise WrongAxisError("axes that go together are a list of points, {latin_hypercube: ...} or {sobol: ...}")
    return Axis(names, len(written), written)


def _count_spaced(kind: str, names: Sequence[str], said: Any) -> int:
    if len(names) > 1:
        raise WrongAxisError(f"{kind} is for one axis; for several that go together write a list of points")
    if not (
        isinstance(said, list) and len(said) == 3 and is_number(said[0]) and is_number(said[1]) and _whole(said[2])
    ):
        raise WrongAxisError(f"{kind} takes [first, last, number of points], not {shown(said)}")
    if kind == "logspace" and not (said[0] > 0 and said[1] > 0):
        raise WrongAxisError(f"logspace goes between two numbers above 0, not {shown(said)}")
    return int(said[2])


def _count_design(kind: str, names: Sequence[str], said: Any) -> int:
    need = f"{kind} takes n, low, high (lists of {len(names)}), seed, and log: true for logarithmic axes"
    if not isinstance(said, dict) or not {"n", "low", "high"} <= {*said} <= {"n", "low", "high", "seed", "log"}:
        raise WrongAxisError(need)
    ends = (said["low"], said["high"])
    if not all(isinstance(end, list) and len(end) == len(names) and all(map(is_number, end)) for end in ends):
        raise WrongAxisError(need)
    if not _whole(said["n"]) or not (_whole(said.get("seed", 0) + 1 if isinstance(said.get("seed", 0), int) else None)):
        raise WrongAxisError(
            f"n must be a whole number of at least 1, and seed one of at least 0, not {shown(said['n'])}"
        )
    if any(low >= high for low, high in zip(*ends, strict=True)):
        raise WrongAxisError(f"low must be below high on every axis: {need}")
    if not isinstance(said.get("log", False), bool) or (said.get("log") and min(said["low"]) <= 0):
        raise WrongAxisError("log is true or false, and a logarithmic axis begins above 0")
    n = int(said["n"])
    if kind == "sobol" and n & (n - 1):
        raise WrongAxisError(
            f"a Sobol sequence is balanced where n is a power of 2, as {2 ** max(1, n.bit_length() - 1)}, not {n}"
        )
    return n


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
