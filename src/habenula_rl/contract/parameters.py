"""Named parameters with unit, range, default and source: what agents, tasks and interventions are made of."""

from __future__ import annotations

import dataclasses
import html
import math
import numbers
import reprlib
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar

from ..errors import RuleError, nearest

P = TypeVar("P", bound="Parameters")
TREATMENT = "treatment"  # the one field of an agent that is no parameter


def parameter(
    default: Any,
    *,
    doc: str,
    symbol: str = "",
    unit: str = "1",
    low: float = -math.inf,
    high: float = math.inf,
    source: str = "",
    by_trial: bool = False,
    choices: tuple[str, ...] = (),
) -> Any:
    """A dataclass field that knows its meaning, symbol, unit, closed range and source.

    `by_trial`: the one list of a task that has a number for each trial and is its script. A text is one of `choices`,
    or, without them, a number and its unit, or without a unit what its class reads; no rule sees it.
    """
    metadata = {"doc": doc, "symbol": symbol, "unit": unit, "low": low, "high": high, "source": source}
    metadata |= {"by_trial": by_trial, "choices": choices}
    return dataclasses.field(default=default, metadata=metadata)


def why_invalid(field: dataclasses.Field[Any], value: Any) -> str | None:
    """Why `value` cannot be that field's value, or None where it can."""
    default, low, high = field.default, field.metadata["low"], field.metadata["high"]
    if isinstance(default, bool):
        return None if isinstance(value, bool) else f"must be true or false, not {value!r}"
    if isinstance(default, str):
        return _text_refusal(field, value)
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple):
            return f"must be a list, not {value!r}"
        if not value:
            return "must not be empty"
        return next((why for why in (_number_refusal(v, number_like(default), low, high) for v in value) if why), None)
    return _number_refusal(value, default, low, high)


def _text_refusal(field: dataclasses.Field[Any], value: Any) -> str | None:
    choices, unit = field.metadata["choices"], field.metadata["unit"]
    if choices and value not in choices:
        return (
            f"must be {', '.join(choices[:-1])} or {choices[-1]}, not {short_repr(value)}{nearest(str(value), choices)}"
        )
    if isinstance(value, str):
        return None
    return (
        f"needs its unit, as in '{value} {unit}'"
        if unit != "1" and _is_number(value)
        else f"must be text, not {short_repr(value)}"
    )


def number_like(default: Any) -> Any:
    """The default, or of a list's one number that stands for all: a whole one where all are whole."""
    numbers = default if isinstance(default, tuple) else (default,)
    return next((number for number in numbers if not isinstance(number, int)), numbers[0])


def _number_refusal(value: Any, like: Any, low: float, high: float) -> str | None:
    if not _is_number(value):
        return f"must be a number, not {short_repr(value)}"
    if value != value or abs(value) == math.inf:
        return f"must be finite, not {short_repr(value)}"
    if isinstance(like, int) and value != int(value):
        return f"must be a whole number, not {short_repr(value)}"
    if not low <= value <= high:
        return f"must be between {low:g} and {high:g}, not {short_repr(value)}"
    if abs(value) > sys.float_info.max:
        return f"must be smaller in size than {sys.float_info.max:g}, not {short_repr(value)}"
    return None


def _is_number(value: Any) -> bool:
    """Whether it is a single real number, Python's or NumPy's; NumPy's arrays and truth values are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def as_declared(value: Any, default: Any) -> Any:
    """The value as what the parameter's default is, so that 10 and 10.0 make equal parameters and equal runs."""
    if isinstance(default, tuple):
        return tuple(map(type(number_like(default)), value))
    return type(default)(value)


def short_repr(value: Any) -> str:
    """A value as an error message shows it: on one line, and short however long it is."""
    try:
        return " ".join(reprlib.repr(value).split())
    except ValueError:  # Python writes out no whole number of more than a few thousand digits
        return f"a number of {value.bit_length()} bits"


def require(value: Any, base: type[P], role: str) -> P:
    """The value where it is an agent, a task or an intervention; ValueError names `role` where it is none."""
    if isinstance(value, base):
        return value
    what = short_repr(value)
    if isinstance(value, type):
        hint = f", did you mean {value.__name__}()?" if issubclass(value, base) else ""
        what = f"the class {value.__name__}{hint}"
    elif isinstance(value, Parameters):
        what = f"{type(value).__name__}(...)"
    article = "an" if base.__name__[0] in "AEIOU" else "a"
    raise ValueError(f"{role} must be {article} {base.__name__}, not {what}")


class Parameters:
    """Base of every agent, task and intervention: a frozen dataclass of `parameter`s, checked when it is made.

    A value is kept as what its default is: int, float, bool, or a tuple of floats or of ints. `short_session` names
    other values than the defaults with which every parameter soon shows an effect, for tests, where the defaults would
    take long or hide one.

    Raises ValueError naming the parameter when one is unknown, of the wrong kind or out of its range.
    """

    short_session: ClassVar[Mapping[str, Any]] = {}
    always_shown: ClassVar[tuple[str, ...]] = ()  # parameters that repr shows though they are the default

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__repr__" not in vars(cls):
            cls.__repr__ = super(cls, cls).__repr__  # type: ignore[method-assign]  # or dataclass would write its own

    def __repr__(self) -> str:
        """What differs from the defaults, as one would write it: HabenulaAgent(hyperactivity=1.0)."""
        changed = self.changed()
        shown = [name for name in self.fields() if name in changed or name in self.always_shown]
        given = [f"{name}={getattr(self, name)!r}" for name in shown]
        return f"{type(self).__name__}({', '.join(given)})"

    def _repr_html_(self) -> str:
        """For a notebook: every parameter with unit and meaning, those that differ from the default first, in bold."""
        changed = self.changed()
        order = [*changed, *(name for name in self.fields() if name not in changed)]
        rows = []
        for name in order:
            about, cell = self.fields()[name].metadata, "<b>{}</b>" if name in changed else "{}"
            value, default = (html.escape(reprlib.repr(v)) for v in (getattr(self, name), self.fields()[name].default))
            words = (name, value, default, html.escape(about["unit"]), html.escape(about["doc"]))
            rows.append("".join(f"<td>{cell.format(word)}</td>" for word in words))
        heads = "".join(f"<th>{head}</th>" for head in ("parameter", "value", "default", "unit", "meaning"))
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<p><b>{html.escape(repr(self))}</b></p><table><tr>{heads}</tr>{body}</table>"

    def changed(self) -> dict[str, Any]:
        """The parameters whose values differ from the defaults, by name."""
        default = {name: as_declared(field.default, field.default) for name, field in self.fields().items()}
        return {name: value for name, value in self.values().items() if value != default[name]}

    def __new__(cls, *args: Any, **values: Any) -> Self:
        if args:
            raise ValueError(f"{cls.__name__} takes its parameters by name, as in {cls.__name__}(name=value)")
        undecorated = any(isinstance(value, dataclasses.Field) for value in vars(cls).values())
        if undecorated or not getattr(vars(cls).get("__dataclass_params__"), "frozen", True):
            raise RuleError(f"{cls.__name__} has parameters and needs @dataclass(frozen=True) above its class")
        known = cls.fields()
        for name in values.keys() - {TREATMENT}:
            if name not in known:
                raise ValueError(f"{cls.__name__} has no parameter '{name}'{nearest(name, known)}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, field in self.fields().items():
            value = getattr(self, name)
            why = why_invalid(field, value)
            if why:
                raise ValueError(f"{type(self).__name__}: {name} {why}")
            object.__setattr__(self, name, as_declared(value, field.default))

    @classmethod
    def fields(cls) -> dict[str, dataclasses.Field[Any]]:
        """The parameters by name, in the order in which they are declared."""
        return (
            {f.name: f for f in dataclasses.fields(cls) if f.name != TREATMENT} if dataclasses.is_dataclass(cls) else {}
        )

    def replace(self, **values: Any) -> Self:
        """A copy with other values."""
        return type(self)(**(self.values() | values))

    def values(self) -> dict[str, Any]:
        """The parameters' values by name."""
        return {name: getattr(self, name) for name in self.fields()}


def refuse_more(name: str, number: int, most: int) -> None:
    """ValueError where a count is beyond what can be meant, before memory or time is spent on it."""
    if number > most:
        raise ValueError(f"{name} must be at most {most:,}, not {short_repr(number)}")
