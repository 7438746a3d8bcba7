"""One phase of a population run: what goes in, what comes out, and how a program that runs it is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..contract import Agent, Place
from ..contract.shape import Shape
from .state_tables import StateTables
from .stopped import reason

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Phase:
    """What a phase left behind: recorded steps (a structured array), per-subject sums, and where subjects failed.

    `failed` (n, 2) holds trial and step of a subject that had to stop, because a number was not finite or its task led
    to a state that it does not have; -1 elsewhere. `reasons` (n,) holds the sentence that says why, "" elsewhere.
    """

    rows: Array
    sums: Array
    failed: Array
    reasons: Array


@dataclass(frozen=True)
class Setting:
    """What the subjects of a phase have in common, and where their draws come from."""

    agent: type[Agent]
    place: Place
    shape: Shape
    tables: StateTables  # of all places that they meet
    offset: int  # the number of the place's first state in them
    n_trials: int
    script: Array  # (subjects, trials), used over again in more trials
    seed: int
    stream: int
    first: int
    naive: bool

    def pieces(self, most: int) -> list[range]:
        """The trials, so many at a time."""
        return [range(first, min(first + most, self.n_trials)) for first in range(0, self.n_trials, most)]


class Program(Protocol):
    """An agent's rules and a place, ready to run: as a loop over records, in lanes, or in environments."""

    def run(self, parameters: Array, state: Array, setting: Setting) -> Phase:
        """Run subjects with these parameters and this state, which is written over, through a phase."""
        ...


class InPieces(Program, Protocol):
    """One that can stop on the way: any but an environment's."""

    def pieces(self, parameters: Array, state: Array, setting: Setting, most: int) -> Iterator[Phase]:
        """`run` of one subject, at most so many trials at a time; the subject's state is what it is at that time.

        Each has the rows of its own trials, and the sums from the first trial on. The one in which the subject stops is
        the last. (Of more subjects than one, there may be a single piece.)
        """
        ...


def phase_of(rows: Array, sums: Array, stopped: Array, ends: Sequence[Array], state: Array, setting: Setting) -> Phase:
    """What came out; `ends` are event, signals and clock of the subjects that stopped, as their last step left them."""
    failed, reasons = np.full((sums.size, 2), -1), np.full(sums.size, "", object)
    for i, e, y, c in zip(stopped, *ends, strict=True):
        failed[i] = e["trial"], e["step"]
        reasons[i] = reason(
            e, y, c["weights"], state[i], place=setting.place, agent=setting.agent, offset=setting.offset
        )
    return Phase(rows, sums, failed, reasons)
