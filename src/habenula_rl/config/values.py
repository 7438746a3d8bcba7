"""What is wrong with the values that a config gives parameters: names, kinds, ranges, distributions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..contract import Parameters, why_invalid
from .distributions import DISTRIBUTIONS
from .problems import KeyPath, Problem, shown

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}  # the units in which a time may be written


def unknown(what: str, name: str, known: Iterable[str], trail: KeyPath, *, at_key: bool = False) -> Problem:
    """`what` says whose unknown name it is, as in "unknown task" or "ShuttleBox has no parameter"."""
    return Problem(trail, f"{what} {shown(name)}", at_key=at_key, word=name, known=tuple(known))


def parameter_mistakes(
    declared: type[Parameters], values: Any, trail: KeyPath, *, spread: bool = False
) -> list[Problem]:
    """What is wrong with the values of an agent's, a task's or an intervention's parameters.

    `spread` allows distributions over subjects in the place of numbers.
    """
    given = values if isinstance(values, dict) else {}
    found = [
        problem
        for name, value in given.items()
        for problem in _parameter(declared, name, value, (*trail, name), spread)
    ]
    return found or _together(declared, given, trail)


def _together(declared: type[Parameters], values: Mapping[str, Any], trail: KeyPath) -> list[Problem]:
    """Whether values that are each fine make up a whole."""
    try:
        declared(**{name: value for name, value in values.items() if not isinstance(value, dict)})
    except ValueError as error:
        return [Problem(trail, str(error))]
    return []


def _parameter(declared: type[Parameters], name: str, value: Any, trail: KeyPath, spread: bool) -> Iterator[Problem]:
    fields = declared.fields()
    if name not in fields:
        yield unknown(f"{declared.__name__} has no parameter", name, fields, trail, at_key=True)
    elif isinstance(value, dict) and spread and not isinstance(fields[name].default, bool | tuple):
        yield from _distribution(fields[name], value, trail)
    elif isinstance(value, list) and isinstance(fields[name].default, tuple):
        refusals = [(index, why_invalid(fields[name], [item])) for index, item in enumerate(value)]
        yield from (Problem((*trail, index), f"{name} {why}") for index, why in refusals if why)
        if not value:
            yield Problem(trail, f"{name} must not be empty")
    elif why := _refusal(fields[name], value):
        yield Problem(trail, f"{name} {why}")


def _refusal(declared: Any, value: Any) -> str | None:
    """Why the parameter cannot have this value, in a sentence that no value makes long."""
    if not isinstance(declared.default, str) and (isinstance(value, str | list | dict) or value is None):
        if isinstance(value, str) and declared.metadata["unit"] in SECONDS and type(declared.default) in (int, float):
            return no_time(value, declared.metadata["unit"])
        kind = {bool: "true or false", tuple: "a list"}.get(type(declared.default), "a number")
        return f"must be {kind}, not {shown(value)}"
    return why_invalid(declared, value)


def no_time(value: str, unit: str) -> str:
    """Why a text is no time, where a number of that unit or a time is wanted."""
    return f"must be a number of {unit} or a time, as 90 min, 2 h or 7 d, not {shown(value)}"


def _distribution(target: Any, value: dict[str, Any], trail: KeyPath) -> Iterator[Problem]:
    """`target` is the field of the parameter that is drawn from it."""
    if len(value) != 1:
        yield Problem(trail, "a distribution is written as {normal: {mean: 0, sd: 1}}, with one kind")
        return
    ((kind, shape),) = value.items()
    if kind not in DISTRIBUTIONS:
        yield unknown("unknown distribution", kind, DISTRIBUTIONS, (*trail, kind), at_key=True)
        return
    declared, inside = DISTRIBUTIONS[kind], (*trail, kind)
    if not isinstance(shape, dict):
        yield Problem(inside, f"{kind} needs {' and '.join(declared.fields())}")
        return
    found = [*_shape(declared, shape, target, inside)]
    yield from found
    if not found and (why := declared.contradiction(shape)):
        yield Problem(inside, why)


def _shape(declared: Any, shape: dict[str, Any], target: Any, trail: KeyPath) -> Iterator[Problem]:
    for name in declared.fields():
        if name not in shape:
            yield Problem(trail, f"{trail[-1]} needs '{name}'", at_key=True)
    for name, value in shape.items():
        found = [*_parameter(declared, name, value, (*trail, name), spread=False)]
        yield from found
        low, high = target.metadata["low"], target.metadata["high"]
        if not found and name in declared.located and not low <= value <= high:
            where = f"between {low:g} and {high:g}, the range of {target.name}"
            yield Problem((*trail, name), f"{name} must be {where}, not {value!r}")
