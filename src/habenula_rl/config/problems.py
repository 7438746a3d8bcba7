"""What is wrong with a config, and where: places, problems and the one error that lists them all."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..contract import nearest

KeyPath = tuple[str | int, ...]  # the keys and indices that lead to a value
MAX_PROBLEMS = 50


class ConfigError(ValueError):
    """What is wrong with a config; `problems` has one 'file:line:column: what, did you mean ...' for each mistake."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, order=True)
class Place:
    """Where something was written: a line and column of a file or, in rank 1, the command-line option `origin`."""

    rank: int
    line: int
    column: int
    origin: str

    def __str__(self) -> str:
        return self.origin if self.rank else f"{self.origin}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """A mistake in the data: at a value or, with `at_key`, at its key; a `word` was perhaps one of `known`."""

    trail: KeyPath
    what: str
    at_key: bool = False
    word: str = ""
    known: tuple[str, ...] = ()
    place: Place | None = None

    def __str__(self) -> str:
        return self.what + (nearest(self.word[:64], self.known[:200]) if self.word else "")


@dataclass
class Source:
    """Plain data as it was written, and the place of each of its keys and values.

    Nothing is said of what lies at or below `unreadable`, beyond the `problems` that made it so.
    """

    data: Any = None
    values: dict[KeyPath, Place] = field(default_factory=dict)
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[KeyPath] = field(default_factory=set)

    def place(self, problem: Problem) -> Place:
        """The problem's own place, or else that of the innermost thing around it that was written."""
        if problem.place:
            return problem.place
        first, second = (self.keys, self.values) if problem.at_key else (self.values, self.keys)
        for trail in _outwards(problem.trail):
            if place := first.get(trail) or second.get(trail):
                return place
        raise LookupError(f"no place for {problem}")

    def error(self, found: Iterable[Problem]) -> ConfigError | None:
        """Its own problems and those `found` in its data, in the order of their places, each once; None without any."""
        listed = [*self.problems, *(p for p in found if p.place or self.unreadable.isdisjoint(_outwards(p.trail)))]
        placed = {(self.place(problem), problem.what): problem for problem in listed}
        lines = [f"{place}: {placed[place, what]}" for place, what in sorted(placed)[:MAX_PROBLEMS]]
        if len(placed) > len(lines):
            lines.append(f"and {len(placed) - len(lines)} problems more")
        return ConfigError(*lines) if lines else None


def _outwards(trail: KeyPath) -> list[KeyPath]:
    return [trail[:length] for length in range(len(trail), -1, -1)]


def shown(value: Any) -> str:
    """The value as Python writes it, cut where it is long; true, false and null as YAML does."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = 60
    return short.repr(value)
