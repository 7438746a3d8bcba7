"""What a table's codes for actions and states stand for, and which of its outcomes can be none: declared, or counted.

Whatever leaves open how many actions or states there are, or which is which, is refused with what was counted.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.readouts.rows import as_key as as_key
from ..analysis.readouts.rows import as_numbers as as_numbers
from ..contract import short_repr
from .cells import shown

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
MOST = 1_000_000  # states or actions; more is a slip of the pen
NINES = 10.0 ** np.arange(1, 10) - 1.0  # 9, 99, 999, ...: what people write where a number is missing
LIKE_NINES = np.array(  # 7, 8, 9, 77, 78, ..., 98, 99, 777, ...: what they write where there are several reasons
    [float("".join(digits)) for n in range(1, 6) for digits in itertools.product("789", repeat=n)]
)
FAR_FOR_NINES, FAR, FARTHEST = 4.0, 20.0, 1000.0  # times as far from 0 as other outcomes
FEW = 5  # as many codes as a table may have


@dataclass(frozen=True)
class Codes:
    """The actions or the states: their number, None where it has to be counted, and their codes, None where these are
    the numbers from 0. `kind` is "action" or "state", `missing` the codes of no response.
    """

    kind: str
    n: int | None
    codes: tuple[Any, ...] | None = None
    missing: frozenset[Any] = frozenset()

    @property
    def plural(self) -> str:
        return f"{self.kind}s"

    def shown(self, number: int) -> str:
        """How the table calls it."""
        return short_repr(self.codes[number] if self.codes else number)


def declared_codes(kind: str, given: Any, names: Sequence[str] | None, missing: Any = ()) -> Codes:
    """`given` is None, how many there are, or their codes in order; `names` are the task's, None without a task.

    Raises ValueError for what is none of these, and where they contradict each other.
    """
    absent = frozenset(as_key(code) for code in _listed(missing, "missing") if code is not None and code == code)
    if given is None:
        return Codes(kind, len(names) if names else None, missing=absent)
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        codes, n = None, int(given)
        if not 1 <= n <= MOST:
            raise ValueError(f"{kind}s must be at least 1 and at most {MOST}, not {n}")
    else:
        codes = _checked_codes(kind, given)
        n = len(codes)
    if names and n != len(names):
        what = f"{kind}s={short_repr(given)}" if codes is None else f"{kind}s has {n} codes"
        raise ValueError(f"{what}, but the task has {len(names)} {kind}s")
    both = [code for code in (codes or range(n)) if as_key(code) in absent] if absent else []
    if both:
        raise ValueError(f"missing: {short_repr(both[0])} is one of the {kind}s")
    return Codes(kind, n, codes, absent)


def _checked_codes(kind: str, given: Any) -> tuple[Any, ...]:
    if isinstance(given, str | bytes | Mapping | Set) or not isinstance(given, Collection):
        wanted = f"a number, or the list of their codes in order, as in {kind}s=['left', 'right']"
        raise ValueError(f"{kind}s must be {wanted}, not {short_repr(given)}")
    codes = tuple(_listed(given, f"{kind}s"))
    keys = [as_key(code) for code in codes]
    for k, code in enumerate(codes):
        if code is None or code != code:
            raise ValueError(f"{kind}s: {short_repr(code)} is an empty cell and no code")
        if keys[k] in keys[:k]:
            raise ValueError(f"{kind}s has {short_repr(code)} twice")
    if not codes:
        raise ValueError(f"{kind}s is empty")
    return codes


def _listed(codes: Any, what: str) -> list[Any]:
    """The codes as Python's own objects, where one may stand alone; ValueError for what can be no code."""
    if isinstance(codes, str | bytes) or not isinstance(codes, Collection):
        codes = [codes]
    listed = [code.item() if isinstance(code, np.generic) else code for code in codes]
    for code in listed:
        if not isinstance(code, Hashable) or isinstance(code, tuple):
            raise ValueError(f"{what}: {short_repr(code)} is neither a number nor a text")
    return listed


def numbered(trials: pd.DataFrame, name: str, codes: Codes) -> Array:
    """A column of codes as numbers from 0, NaN where a cell is empty or has a code for no response.

    Raises ValueError naming the row of the first code that is not known, or that cannot be a number.
    """
    import pandas as pd

    try:
        place, values = pd.factorize(trials[name])
    except TypeError:
        raise ValueError(f"trials, column '{name}': its cells must be numbers or texts") from None
    found = [value.item() if isinstance(value, np.generic) else value for value in values]
    keys = [as_key(value) for value in found]
    known = None if codes.codes is None else {as_key(code): float(k) for k, code in enumerate(codes.codes)}
    numbers = np.full(len(keys) + 1, np.nan)  # the last is for the -1 that stands for an empty cell
    present = [k for k, key in enumerate(keys) if key not in codes.missing]
    for k in present:
        why = _misfit(codes, keys[k], known)
        if why:
            row, seen = int(np.argmax(place == k)), [found[j] for j in present]
            said = f"trials: row {row}, column '{name}': {short_repr(found[k])} {why}"
            raise ValueError(said + _remedy(codes, found[k], seen, known is not None))
        numbers[k] = keys[k] if known is None else known[keys[k]]
    return numbers[place]


def _misfit(codes: Codes, key: Any, known: dict[Any, float] | None) -> str:
    """Why that cannot be the code of an action or a state, empty where it can."""
    article = "an" if codes.kind == "action" else "a"
    if known is not None:
        return (
            "" if key in known else f"is not one of the {codes.plural} {_and(list(map(short_repr, codes.codes or ())))}"
        )
    if not isinstance(key, float):
        return "is not a number"
    if not np.isfinite(key):
        return "is not finite"
    if key != np.floor(key):
        return "is not a whole number"
    if codes.n is not None:
        return "" if 0 <= key < codes.n else f"is not one of the {codes.n} {codes.plural}, 0 to {codes.n - 1}"
    return "" if 0 <= key < MOST else f"is not the number of {article} {codes.kind}, 0 to {MOST - 1}"


def _remedy(codes: Codes, code: Any, seen: list[Any], has_codes: bool) -> str:
    """What the user may have meant."""
    key, ways = as_key(code), []
    if isinstance(key, float) and not key.is_integer():  # no code of anything
        return ""
    if not has_codes and codes.n in (None, len(seen)):
        ways.append(f"{codes.plural}={_in_order(seen)} to map the codes that occur")
    if codes.kind == "action":
        ways.append(f"missing={short_repr(code)} if it is no response")
    return f"; give {', or '.join(ways)}" if ways else ""


def _in_order(codes: list[Any]) -> str:
    try:
        return short_repr(sorted(codes))
    except TypeError:
        return short_repr(codes)


def never_shown(action: Array, unseen: Array) -> list[int]:
    """The actions after which no outcome was ever shown, where outcomes were shown after others."""
    return (
        np.setdiff1d(action[unseen], action[~unseen & ~np.isnan(action)]).astype(int).tolist() if unseen.any() else []
    )


def counted(codes: Codes, numbers: Array, name: str, suspect: Sequence[int] = ()) -> int:
    """How many actions or states there are: as many as declared, else as many as these numbers imply.

    Raises ValueError, with what was counted, where they do not: where a number below the highest never occurs, where
    there is only one action, or where one of the `suspect` may stand for no response.
    """
    if codes.n is not None:
        return codes.n
    seen = np.unique(numbers[np.isfinite(numbers)]).astype(int)
    where = f"trials, column '{name}'"
    if not seen.size:
        raise ValueError(f"{where}: there is no response in any row")
    n = int(seen[-1]) + 1
    if len(suspect) and len(suspect) < len(seen) == n:
        raise ValueError(
            f"{where}: no outcome was ever shown after {_and(list(map(str, suspect)))}: give "
            f"missing={short_repr(suspect if len(suspect) > 1 else suspect[0])} if that is no response, or actions={n}"
        )
    if len(seen) == n > 1 or (n == 1 and codes.kind == "state"):
        return n
    if n == 1:
        raise ValueError(f"{where}: only 0 occurs; give the number of actions, as in actions=2")
    could, never = ("can be chosen" if codes.kind == "action" else "are states"), _runs(_between(seen))
    said = f"{where}: {_runs([(s, s) for s in seen.tolist()])} {'occurs' if len(seen) == 1 else 'occur'}, {never} never"
    ways = [
        f"{codes.plural}={short_repr(seen.tolist())} to map them",
        f"{codes.plural}={n} if all up to {n - 1} {could}",
    ]
    gaps = np.flatnonzero(np.diff(seen) > 1)
    if codes.kind == "action" and gaps.size:
        behind = seen[gaps[0] + 1 :].tolist()  # the first gap between two that occur
        ways.append(f"missing={short_repr(behind if len(behind) > 1 else behind[0])} if that is no response")
    raise ValueError(f"{said}: give {', or '.join(ways)}")


def refuse_shifted(action: Array, subject: Any, n: int) -> None:
    """ValueError where some people's choices seem to count from 0 and others' from 1, so that n is one too many."""
    import pandas as pd

    if n < 3:
        return
    person, labels = pd.factorize(subject)
    ends = pd.Series(action).groupby(person).agg(["min", "max"]).dropna().astype(int)
    from_0, from_1 = (ends["min"] == 0) & (ends["max"] == n - 2), (ends["min"] == 1) & (ends["max"] == n - 1)
    if from_0.any() and from_1.any() and not ((ends["min"] == 0) & (ends["max"] == n - 1)).any():
        one, other = (shown(labels[ends.index[rows.to_numpy()][0]]) for rows in (from_0, from_1))
        raise ValueError(
            f"trials, column 'action': subject {one} has 0 to {n - 2}, subject {other} has 1 to {n - 1}, and "
            f"nobody all {n}: number them alike, or give actions={n} if there are so many"
        )


def _between(seen: Array) -> list[tuple[int, int]]:
    """The numbers from 0 that never occur, as runs."""
    ends = [-1, *seen.tolist()]
    return [(a + 1, b - 1) for a, b in itertools.pairwise(ends) if b - a > 1]


def _runs(runs: list[tuple[int, int]]) -> str:
    parts = [[str(a)] if a == b else [str(a), str(b)] if b == a + 1 else [f"{a} to {b}"] for a, b in runs]
    return _and([part for run in parts for part in run])


def _and(parts: list[str]) -> str:
    most = 6
    if len(parts) > most:
        parts = [*parts[: most - 1], f"{len(parts) - most + 1} more"]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def implausible(outcomes: Array, within: tuple[float, float] | None) -> tuple[Array, str]:
    """Which outcomes cannot be meant, and why: those out of the declared range, or that look like codes.

    Without a range codes are sought from 0 outwards. `rest` is how far from 0 the outcomes go, and at least 1, before
    the first gap of 20 times behind which there are only whole numbers, five different ones at the most. An outcome is
    taken for a code where it lies behind such a gap; where it is written in the digits 7, 8 and 9 and lies more than 4
    times as far from 0 as `rest`, or, with a minus and two digits or more, further than any other outcome where no
    other is below 0; or where it is 1,000 times as far as any other. If all others are 0, only those in nines are. NaN
    is no outcome.
    """
    if within is not None:
        low, high = within
        return (outcomes < low) | (outcomes > high), f"is not within outcomes={short_repr(within)}"
    size = np.abs(outcomes)
    sizes = np.unique(size[np.isfinite(size) & (size > 0.0)])
    coded = np.isin(sizes, LIKE_NINES) | np.isin(sizes, NINES)
    rest = _before_the_gap(sizes[~coded])
    scale = max(1.0, rest)
    like = np.isin(size, LIKE_NINES if rest > 0.0 else NINES) | np.isin(size, NINES)
    wrong = like & (size > FAR_FOR_NINES * scale)
    below_0 = (outcomes < 0.0) & like & (size > 10.0) & (size > rest)
    if rest > 0.0 and not (outcomes[~below_0 & ~wrong] < 0.0).any():
        wrong |= below_0
    if rest > 0.0 and rest < sizes[~coded][-1]:
        wrong |= size >= FAR * scale
    below = sizes[:-1].max(initial=0.0)
    if below > 0.0:
        wrong |= size >= FARTHEST * max(1.0, below)
    why = (
        "is so much further from 0 than other outcomes that it looks like a code; empty the cell where no outcome was "
        "shown, or give the range of outcomes, as in outcomes=(-1, 1)"
    )
    return wrong, why


def _before_the_gap(sizes: Array) -> float:
    """The last of these, sorted, before the first gap behind which there may be codes; the last of all without one."""
    beyond = np.maximum(1.0, sizes[:-1]) * FAR <= sizes[1:]
    for k in np.flatnonzero(beyond).tolist():
        codes = sizes[k + 1 :]
        if len(codes) <= FEW and (codes == np.floor(codes)).all():
            return float(sizes[k])
    return float(sizes.max(initial=0.0))


def checked_range(outcomes: Any) -> tuple[float, float] | None:
    """The range that was given; ValueError where it is none."""
    if outcomes is None:
        return None
    try:
        low, high = (float(end) for end in outcomes)
    except (TypeError, ValueError):
        low, high = np.nan, np.nan
    if not low <= high:
        raise ValueError(
            f"outcomes must be the lowest and the highest, as in outcomes=(-1, 1), not {short_repr(outcomes)}"
        )
    return low, high
