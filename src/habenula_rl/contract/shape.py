"""Checks what a task says of its states and actions: compiled rules check no index when they read and write.

It depends on the task's parameters, so it is checked where a task meets the engine, and not when its class is defined;
`definition` checks the rules then. What a space of Gymnasium says of its states is checked in the same way.
"""

from __future__ import annotations

import math
import numbers
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ..errors import nearest
from .task import Task


@dataclass(frozen=True)
class Shape:
    """What a task or an environment says of itself, asked once; see `Task` for what each means."""

    states: tuple[str, ...]
    actions: tuple[str, ...]
    max_steps: int
    passive: int
    aversive: Sequence[float]
    reflex: Sequence[Sequence[float]]
    elements: Sequence[Sequence[int]]
    available: Sequence[Sequence[bool]]
    script: tuple[float, ...]


def shape_of(place: Any) -> Shape:
    """The shape of a task, or of an environment, whose spaces are checked already.

    Raises ValueError, in one sentence, for the first thing that a task says of itself and that cannot be.
    """
    said = _said(place) if isinstance(place, Task) else {each.name: getattr(place, each.name) for each in fields(Shape)}
    return Shape(**{each.name: said[each.name] for each in fields(Shape)})


def misshapen(task: Task) -> str | None:
    """That sentence; None where all is well."""
    try:
        shape_of(task)
    except ValueError as error:
        return str(error)
    return None


def _said(task: Task) -> dict[str, Any]:
    name, said = type(task).__name__, {}
    for what in (*(each.name for each in fields(Shape)), "step_s"):
        try:
            said[what] = getattr(task, what)
        except NotImplementedError:
            raise ValueError(f"{name}: {what} is missing, a tuple of names, as in {what} = ('one', 'two')") from None
        except Exception as error:
            raise ValueError(f"{name}: {what} fails: {type(error).__name__}: {error}") from error
    for why in _wrong(said):
        raise ValueError(f"{name}: {why}")
    return said


def _wrong(said: Mapping[str, Any]) -> Iterator[str]:
    states, actions, passive = said["states"], said["actions"], said["passive"]
    yield from _names("states", states)
    yield from _names("actions", actions)
    if not _is_whole(said["max_steps"]) or said["max_steps"] < 1:
        yield f"max_steps must be a whole number of at least 1, not {_shown(said['max_steps'])}"
    if not _is_number(said["step_s"]) or said["step_s"] <= 0 or said["step_s"] == math.inf:
        yield f"step_s must be above 0, or NaN where there is no real time, not {_shown(said['step_s'])}"
    yield from wrong_passive(passive, actions)
    yield from wrong_tables({name: said[name] for name in ("aversive", "reflex", "elements")}, states, actions)
    if _length(said["available"]) != 0:
        yield from wrong_tables({"available": said["available"]}, states, actions)
    script = said["script"]
    if _length(script) < 1 or not all(map(_is_number, script)):
        yield f"script must be a tuple of numbers, one for each trial, not {_shown(script)}"


def wrong_passive(passive: Any, actions: Sequence[Any]) -> Iterator[str]:
    """What is wrong with the number of the passive action."""
    if not _is_whole(passive) or not -1 <= passive < len(actions):
        yield f"passive must be the number of an action, {_numbered(actions)}, or -1 for none, not {_shown(passive)}"


def wrong_tables(tables: Mapping[str, Any], states: Sequence[Any], actions: Sequence[Any]) -> Iterator[str]:
    """What is wrong with `aversive`, `reflex`, `elements` and `available`, as far as they are there."""
    checks = {"aversive": _aversive, "reflex": _reflex, "elements": _elements, "available": _available}
    for name, table in tables.items():
        if _length(table) != len(states):
            has = _length(table) if _length(table) >= 0 else _shown(table)
            yield f"{name} must be a tuple with an entry for each state, {len(states)} in all, not {has}"
        yield from checks[name](table, states, actions)


def _names(what: str, names: Any) -> Iterator[str]:
    if not isinstance(names, tuple) or not names or not all(isinstance(name, str) and name for name in names):
        yield f"{what} must be a tuple of names, as in {what} = ('one', 'two'), not {_shown(names)}"
    for k, name in enumerate(names):
        if name in names[:k]:
            yield f"{what} has '{name}' twice, as number {names.index(name)} and number {k}"


def _aversive(levels: Any, states: Sequence[Any], actions: Sequence[Any]) -> Iterator[str]:
    for state, level in zip(states, levels, strict=True):
        if not _is_level(level):
            yield f"aversive of '{state}' must be a number from 0 to 1, not {_shown(level)}"


def _reflex(rows: Any, states: Sequence[Any], actions: Sequence[Any]) -> Iterator[str]:
    for state, row in zip(states, rows, strict=True):
        yield from _row("reflex", state, row, actions)
        for action, level in zip(actions, row, strict=True):
            if not _is_level(level):
                yield f"reflex of '{state}', '{action}' must be a number from 0 to 1, not {_shown(level)}"


def _available(rows: Any, states: Sequence[Any], actions: Sequence[Any]) -> Iterator[str]:
    for state, row in zip(states, rows, strict=True):
        yield from _row("available", state, row, actions)
        for action, there in zip(actions, row, strict=True):
            if there not in (0, 1):
                yield f"available of '{state}', '{action}' must be True or False, not {_shown(there)}"
        if not any(row):
            yield f"available of '{state}' has no action that can be chosen: at least one must be True"


def _row(what: str, state: Any, row: Any, actions: Sequence[Any]) -> Iterator[str]:
    if _length(row) != len(actions):
        wanted = f"a tuple with an entry for each action, {len(actions)} in all"
        yield f"{what} of '{state}' must be {wanted}, not {_shown(row)}"


def _elements(rows: Any, states: Sequence[Any], actions: Sequence[Any]) -> Iterator[str]:
    for state, row in zip(states, rows, strict=True):
        if _length(row) < 1:
            yield f"elements of '{state}' must be a tuple of numbers of states, as in (0,), not {_shown(row)}"
        for element in row:
            if not _is_whole(element) or not 0 <= element < len(states):
                not_so = _shown(element) + (nearest(element, states) if isinstance(element, str) else "")
                yield f"elements of '{state}' must be numbers of states, {_numbered(states)}, not {not_so}"
        if len({*row}) < len(row):
            yield f"elements of '{state}' has a state twice: {_shown(row)}"
    for state, row in zip(states, rows, strict=True):
        for element in row:
            if tuple(rows[element]) != (element,):
                own = f"'{states[element]}', which must be made of itself, ({element},), not {_shown(rows[element])}"
                yield f"elements of '{state}' has {own}"


def _numbered(names: Sequence[Any]) -> str:
    last = len(names) - 1
    return f"0 ('{names[0]}')" if not last else f"0 ('{names[0]}') to {last} ('{names[last]}')"


def _length(value: Any) -> int:
    """How many entries it has, -1 where it is neither tuple nor list."""
    return len(value) if isinstance(value, tuple | list) else -1


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real)


def _is_whole(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _is_level(value: Any) -> bool:
    return _is_number(value) and 0.0 <= value <= 1.0


def _shown(value: Any) -> str:
    return " ".join(reprlib.repr(value).split())
