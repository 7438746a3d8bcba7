"""What a readout can see of the trials that it is given: whether they can be those of its task at all."""

from __future__ import annotations

import functools
import inspect
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ..contract import brief, nearest
from .rows import in_phases, needs

if TYPE_CHECKING:
    import pandas as pd

P = ParamSpec("P")
R = TypeVar("R")
Range = tuple[float, float]
Ranges = Mapping[
    str, "Range | Callable[[Mapping[str, Any]], Range]"
]  # by column; where it hangs on an argument, of all
ANY: Range = (-math.inf, math.inf)
ZERO: Range = (0, 0)


def reads(
    task: str, *, own: Sequence[str] = (), counted: Sequence[str] = (), stays: bool = False,
    reached: Range = ANY,     **ranges: Range | Callable[[Mapping[str, Any]], Range],
) -> Callable[[Callable[P, R]], Callable[P, R]]:  # fmt: skip
    """Declares, above a readout, whose trials it reads, and between which numbers each column lies there.

    `own` and `counted` are arguments with numbers of states or actions. Where one of `own` is given the trials are of
    a user's task with numbers of its own, and may lie anywhere. `stays` says that no step leads to another state.
    `reached` is for next_state in a readout that can do without it. The readout then raises ValueError, in one
    sentence, for trials that cannot be those.
    """

    def declared(readout: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(readout)

        @functools.wraps(readout)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            given = {*bound.arguments}
            bound.apply_defaults()
            arguments, name = bound.arguments, readout.__name__
            for argument in (*own, *counted):
                check_numbers(name, argument, arguments[argument])
            rows = _rows(name, arguments["trials"], arguments.get("phases"), ranges)
            if given.isdisjoint(own):
                seen = {"next_state": reached} if "next_state" in rows.columns and reached != ANY else {}
                _within(f"{name} reads trials of {task}", rows, {**ranges, **seen}, arguments, own)
                if stays:
                    _staying(f"{name} reads trials of {task}", rows)
            return readout(*args, **kwargs)

        return checked

    return declared


def known_states(readout: str, argument: str, wanted: Iterable[int], found: pd.Series, what: str) -> None:
    """Raises ValueError for a state that is not among the `found` ones; `what` ends the sentence's first part."""
    known = [str(state) for state in sorted({*found.tolist()})]
    for state in wanted:
        if str(int(state)) not in known:
            listed = f"only {', '.join(known)}" if known else "none does"
            near = nearest(str(int(state)), known)
            raise ValueError(f"{readout}: {argument} has the state {state}, {what}; {listed}{near}")


def check_numbers(readout: str, argument: str, given: Any) -> None:
    """Raises ValueError where what is given is no number of a state or an action, or a list of these."""
    for number in given if isinstance(given, list | tuple | set | range) or hasattr(given, "tolist") else [given]:
        if not isinstance(number, numbers.Integral) or isinstance(number, bool):
            how = "the place of its name in the task's states or actions, counted from 0"
            raise ValueError(f"{readout}: {argument} takes numbers of states or actions, {how}, not {brief(given)}")


def _rows(readout: str, trials: pd.DataFrame, phases: Sequence[str] | None, ranges: Ranges) -> pd.DataFrame:
    needs(trials, list(ranges))
    rows = in_phases(trials, phases)
    if rows.empty:
        raise ValueError(f"{readout}: there are no trials; run it with record: trials")
    return rows


def _within(whose: str, rows: pd.DataFrame, ranges: Ranges, arguments: Mapping[str, Any], own: Sequence[str]) -> None:
    for column, declared in ranges.items():
        low, high = declared(arguments) if callable(declared) else declared
        outside = rows[(rows[column] < low) | (rows[column] > high)]
        if not outside.empty:
            span = f"{low:g}" if low == high else f"{low:g} or more" if high == math.inf else f"{low:g} to {high:g}"
            first, phase = outside[column].iloc[0], outside["phase"].iloc[0]
            say = f", or say {' and '.join(own)} of a task of your own" if own else ""
            here = f"in phase '{phase}' it is {float(first):g}: pick the phases of that task{say}"
            raise ValueError(f"{whose}, where {column} is {span}; {here}")


def _staying(whose: str, rows: pd.DataFrame) -> None:
    moved = rows[rows["state"] != rows["next_state"]]
    if not moved.empty:
        phase, state, after = (moved[name].iloc[0] for name in ("phase", "state", "next_state"))
        here = f"in phase '{phase}' state {state} is followed by {after}: pick the phases of that task"
        raise ValueError(f"{whose}, where each trial ends in its own state; {here}")
