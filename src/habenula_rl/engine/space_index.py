"""The numbers of observations and actions: spaces that can be counted, counted from 0."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..contract import short_repr
from ..contract.shape import wrong_tables

Array = np.ndarray[Any, Any]
MOST_STATES = 1_000_000
TABLES = ("aversive", "reflex", "elements", "available")


class Numbering(NamedTuple):
    """How many values a space has, and their numbers from 0.

    `one` takes a value, `many` a batch of N as a vector environment has it (arrays with N in front, or a tuple or dict
    of these) and gives (N,) numbers. Both raise ValueError for what is not in the space.
    """

    n: int
    one: Callable[[Any], int]
    many: Callable[[Any], Array]


def numbering(space: Any) -> Numbering:
    """The numbering of an observation space; the last part varies fastest, a Dict's parts go by name.

    Raises ValueError where the space is not Discrete, MultiDiscrete, or a Tuple or Dict of these, or is too large.
    """
    found = _numbering(space)
    if found.n > MOST_STATES:
        raise ValueError(f"the observation space has {found.n} states, LiveAgent can hold {MOST_STATES}")
    return found


def action_numbering(space: Any) -> Numbering:
    """The numbering of a Discrete space of actions; ValueError where it is none."""
    from gymnasium import spaces

    if isinstance(space, spaces.Discrete):
        return _counted(int(space.start), int(space.n))
    hint = "; LiveAgents steps in vector environments" if isinstance(space, spaces.MultiDiscrete) else ""
    raise ValueError(f"LiveAgent needs Discrete actions, not {space}{hint}")


def tables_of(space: Any, n_states: int, n_actions: int) -> dict[str, Sequence[Any]]:
    """What an observation space says of each state, () where it says nothing. Raises ValueError for what cannot be."""
    said: dict[str, Sequence[Any]] = {name: _plain(getattr(space, name, ())) for name in TABLES}
    given = {name: table for name, table in said.items() if table != ()}
    for why in wrong_tables(given, range(n_states), range(n_actions)):
        raise ValueError(f"the observation space: {why}")
    return said


def _plain(table: Any) -> tuple[Any, ...]:
    """The table with tuples in the place of lists and arrays."""
    return tuple(tuple(row) if hasattr(row, "__len__") and not isinstance(row, str) else row for row in table)


def _numbering(space: Any) -> Numbering:
    from gymnasium import spaces

    if isinstance(space, spaces.Discrete):
        return _counted(int(space.start), int(space.n))
    if isinstance(space, spaces.MultiDiscrete):
        return _grid(np.ravel(space.start).astype(np.int64), np.ravel(space.nvec).astype(np.int64))
    if isinstance(space, spaces.Tuple):
        return _joined([_numbering(part) for part in space.spaces], tuple, tuple)
    if isinstance(space, spaces.Dict):
        names = sorted(space.spaces, key=str)  # whatever order this Gymnasium keeps them in

        def by_name(obs: Any) -> list[Any]:
            return [obs[name] for name in names if name in obs] if len(obs) == len(names) else list(obs)

        return _joined([_numbering(space.spaces[name]) for name in names], by_name, by_name)
    raise ValueError(f"LiveAgent needs Discrete, MultiDiscrete, or Tuple or Dict observations of these, not {space}")


def _counted(start: int, n: int) -> Numbering:
    wanted = f"a whole number from {start} to {start + n - 1}"

    def one(value: Any) -> int:
        try:
            k = operator.index(value) - start
        except TypeError:
            k = -1
        if 0 <= k < n:
            return k
        raise ValueError(f"{value!r} is not {wanted}")

    def many(values: Any) -> Array:
        array = np.asarray(values)
        k = _whole(array) - start
        _refuse_any((k < 0) | (k >= n), array, wanted)
        return k

    return Numbering(n, one, many)


def _grid(start: Array, nvec: Array) -> Numbering:
    """Numbers in rows: a batch is an array, so that all of it is counted at once."""
    joined = _joined([_counted(int(first), int(n)) for first, n in zip(start, nvec, strict=True)], np.ravel, tuple)
    weights = np.append(np.cumprod(nvec[:0:-1])[::-1], 1)[: nvec.size]
    wanted = f"{nvec.size} whole numbers from {start} to {start + nvec - 1}"

    def many(batch: Any) -> Array:
        array = np.asarray(batch)
        rows = array.reshape(len(array) if array.ndim else 1, -1)
        if rows.shape[1] != nvec.size:
            _refuse_any(np.ones(len(rows), bool), rows, wanted)
        k = _whole(rows) - start
        _refuse_any(((k < 0) | (k >= nvec)).any(axis=1), rows, wanted)
        return np.asarray(k @ weights)

    return joined._replace(many=many)


def _whole(array: Array) -> Array:
    """The array as whole numbers; where it holds others, numbers that are in no space."""
    return array.astype(np.int64) if array.dtype.kind in "iu" else np.full(array.shape, np.iinfo(np.int64).min // 2)


def _refuse_any(wrong: Any, values: Array, wanted: str) -> None:
    if np.any(wrong):
        place = np.argwhere(wrong)[0]
        raise ValueError(f"{values[tuple(place)]}, of environment {place[0] if place.size else 0}, is not {wanted}")


def _joined(parts: Sequence[Numbering], one_apart: Callable[[Any], Any], many_apart: Callable[[Any], Any]) -> Numbering:
    def matched(apart: Callable[[Any], Any], obs: Any) -> Any:
        try:
            values = apart(obs)
        except (TypeError, IndexError, KeyError):  # not even something that has parts
            raise ValueError(f"{short_repr(obs)} is no observation of {len(parts)} parts") from None
        if len(values) != len(parts):
            raise ValueError(f"an observation has {len(values)} parts where its space has {len(parts)}")
        return zip(values, parts, strict=True)

    def one(obs: Any) -> int:
        k = 0
        for value, part in matched(one_apart, obs):
            k = k * part.n + part.one(value)
        return k

    def many(obs: Any) -> Array:
        k: Any = 0
        for values, part in matched(many_apart, obs):
            k = k * part.n + part.many(values)
        return np.asarray(k)

    return Numbering(math.prod(part.n for part in parts), one, many)
