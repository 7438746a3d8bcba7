"""What environments answer, checked against Gymnasium's interface, so that an older one ends in a sentence.

Gymnasium asks `reset` for two values, observation and info, and `step` for five, observation, reward, terminated,
truncated and info. The interfaces before it, and wrappers made for them, give one, four, or others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..contract import short_repr

ASKED = {
    "reset": ("two values, the observation and a dict of info", 2),
    "step": ("five values, observation, reward, terminated, truncated and a dict of info", 5),
}
READERS = ("gymnasium.core", "gymnasium.utils", "gymnasium.vector", "gymnasium.wrappers", __name__)
UNPACKED = re.compile(r"(?:not enough|(too many)) values to unpack \(expected \d(?:, got (\d+))?\)")
UNKNOWN = re.compile(r"unexpected keyword argument '(seed|options)'")


def name_of(env: Any) -> str:
    """An environment as its user knows it: by its id, else by the class inside its wrappers."""
    spec = getattr(env, "spec", None)
    return str(spec.id) if spec is not None else type(getattr(env, "unwrapped", env)).__name__


def answer(name: str, ask: Callable[..., Any], *args: Any, **options: Any) -> tuple[Any, ...]:
    """What `ask`, an environment's `reset` or `step`, gives: two values or five, the last one a dict.

    Raises ValueError with the environment's name, what came and what Gymnasium asks for; so too where one of
    Gymnasium's own wrappers could not read an answer. Other errors of the environment pass.
    """
    try:
        given = ask(*args, **options)
    except Exception as error:
        if why := unread(ask.__name__, error):
            raise ValueError(f"{name}: {why}") from error
        raise
    try:
        return checked_answer(ask.__name__, given)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def checked_answer(asked: str, given: Any) -> tuple[Any, ...]:
    """The answer to `asked`, "reset" or "step"; ValueError where it is not what Gymnasium asks for."""
    wanted, n = ASKED[asked]
    why = short_repr(given)
    if isinstance(given, tuple | list) and len(given) == n:
        if isinstance(given[-1], Mapping):
            return tuple(given)
        why = f"its info as {_kind(given[-1])}{_listed(given[-1])}"
    elif isinstance(given, tuple | list):
        why = f"{len(given)} value{'s' * (len(given) != 1)}, {short_repr(given)}"
    raise ValueError(f"{asked} gave {why}, and Gymnasium asks for {wanted}")


NUMBERS = "biuf"  # kinds of NumPy's arrays: truth values, whole numbers, floats; no texts, objects, complex numbers


def unread(asked: str, error: Exception) -> str:
    """Why Gymnasium, or this module, could not ask `reset` or read the answer; "" for an error of another kind."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not str(trace.tb_frame.f_globals.get("__name__")).startswith(READERS):
        return ""
    if asked == "reset" and (unknown := UNKNOWN.search(str(error))):
        return f"reset takes no {unknown[1]}, and Gymnasium asks for reset(*, seed=None, options=None)"
    if found := UNPACKED.search(str(error)):
        count = found[2] or ("too many" if found[1] else "too few")
        return f"{asked} gave {count} values, and Gymnasium asks for {ASKED[asked][0]}"
    checked = isinstance(error, AssertionError) or type(error).__qualname__ == "Error"  # Gymnasium's own checker
    return f"{asked}: {' '.join(str(error).split())}" if checked else ""


def checked_infos(infos: Any) -> Mapping[str, Any]:
    """What a vector environment says besides; ValueError where it is no dict, as behind DictInfoToList."""
    if isinstance(infos, Mapping):
        return infos
    raise ValueError(
        f"infos must be the dict that a vector environment's step gives, not {_kind(infos)}{_listed(infos)}"
    )


def one_number(name: str, value: Any) -> float:
    """A reward as a number; ValueError that names it where it is an array, a text or anything else."""
    try:
        if isinstance(value, float | int) or (np.shape(value) == () and np.asarray(value).dtype.kind in NUMBERS):
            return float(value)
    except OverflowError:  # a whole number beyond all floats
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        pass
    raise ValueError(f"{name} must be one number, not {short_repr(value)}")


def one_truth(name: str, value: Any) -> bool:
    """`terminated` or `truncated` as a truth value; ValueError that names it where it is none, as a text or NaN is."""
    if isinstance(value, bool):
        return value
    if np.shape(value) == () and np.asarray(value).dtype.kind in NUMBERS and value in (0, 1):
        return bool(value)
    raise ValueError(f"{name} must be one truth value, not {short_repr(value)}")


def truths(name: str, values: Any) -> Any:
    """One truth value for each environment of a vector, as an array; ValueError where one is none."""
    array = np.asarray(values)
    if array.dtype.kind not in NUMBERS or not np.isin(array, (0, 1)).all():
        raise ValueError(f"{name} must hold truth values, not {short_repr(values)}")
    return np.ascontiguousarray(array, bool)


def _listed(infos: Any) -> str:
    """A hint where a dict of arrays has become a list of dicts."""
    listed = isinstance(infos, list | tuple) and infos and all(isinstance(info, Mapping) for info in infos)
    return " of dicts, as DictInfoToList makes it (leave that wrapper out)" if listed else ""


def _kind(value: Any) -> str:
    return f"{'an' if type(value).__name__[0] in 'aeio' else 'a'} {type(value).__name__}"
