"""The cells of a user's table, read as what they must be; the first that is not is refused with its row and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.readouts.rows import as_key, as_numbers
from ..contract import short_repr

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]


def refuse_row(wrong: Array, trials: pd.DataFrame, name: str, why: str) -> None:
    """ValueError for the first row in which something is wrong."""
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"trials: row {row}, column '{name}': {shown(trials[name].iloc[row])} {why}")


def shown(value: Any) -> str:
    return short_repr(value.item() if isinstance(value, np.generic) else value)


def refuse_alike(trials: pd.DataFrame, name: str, what: str | None = None) -> None:
    """ValueError where two labels may be one, and would be two `what`s: a number and its text, 1 and '1', '07' and '7',
    'p1' and 'P1', or 'p1' and 'p1 '.
    """
    try:
        labels = trials[name].dropna().unique().tolist()
    except TypeError:
        raise ValueError(f"trials, column '{name}': its cells must be numbers or texts") from None
    met: dict[Any, Any] = {}
    for label in labels:
        key = as_key(label.strip().casefold() if isinstance(label, str) else label)
        other = met.setdefault(key, label)
        if other is not label:
            apart = "all texts"
            if isinstance(other, str) and isinstance(label, str):
                apart = "labels that differ by more than case, blanks and zeros in front"
            both = f"{shown(other)} and {shown(label)}"
            raise ValueError(f"trials, column '{name}': {both} would be two {what or name}s; make them one, or {apart}")


def numbers_in(trials: pd.DataFrame, name: str, default: Any = 0.0) -> Array:
    """A column as floats, NaN where a cell is empty; the default where there is no such column."""
    if name not in trials:
        return np.broadcast_to(np.asarray(default, dtype=float), len(trials))
    numbers = as_numbers(trials[name])
    wrong = np.isnan(numbers) & trials[name].notna().to_numpy()
    if wrong.any():
        marked = "," in str(trials[name].iloc[int(np.argmax(wrong))])
        point = "; write it with a decimal point, and without marks of thousands" if marked else ""
        refuse_row(wrong, trials, name, f"is not a number{point}")
    return numbers


def finite_in(trials: pd.DataFrame, name: str, spared: Array | None = None) -> Array:
    numbers = numbers_in(trials, name)
    wrong = ~np.isfinite(numbers)
    refuse_row(wrong if spared is None else wrong & ~spared, trials, name, "is not finite")
    return numbers


def whole_in(trials: pd.DataFrame, name: str, spared: Array | None = None) -> Array:
    numbers = finite_in(trials, name, spared)
    wrong = np.isfinite(numbers) & (numbers != np.floor(numbers))
    refuse_row(wrong, trials, name, "is not a whole number")
    return numbers


def truths_in(trials: pd.DataFrame, name: str, default: Any) -> Array:
    numbers = numbers_in(trials, name, default)
    refuse_row((numbers != 0) & (numbers != 1), trials, name, "is neither true nor false")
    return numbers
