"""The interface of all places (see the folder's docstring), and how work is sent to another process."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..errors import Stopped, sentence
from .same_code import code

Item = TypeVar("Item")
Result = TypeVar("Result")
Say = Callable[..., None]
Work = Callable[[Item, Say], Result]
INTERRUPTED = (Stopped, KeyboardInterrupt, GeneratorExit)  # the last where whoever takes the results is
DEATHS = 3  # of the processes that compute an item, before it is set aside


class Lost(str):
    """Why an item has no result."""


@dataclass(frozen=True)
class Asked(Generic[Item, Result]):
    """What a place is asked: work, its items, and who is called meanwhile (see the folder's docstring)."""

    work: Work[Item, Result]
    items: Sequence[Item]
    keep: Callable[[Item, Result], None] | None
    hear: Callable[..., None] | None
    stopping: Callable[[], None] | None


class Compute:
    """What `place` gives; each place has its own `each`."""

    def __call__(
        self,
        work: Work[Item, Result],
        items: Sequence[Item],
        *,
        keep: Callable[[Item, Result], None] | None = None,
        hear: Callable[..., None] | None = None,
        stopping: Callable[[], None] | None = None,
    ) -> Generator[tuple[Item, Result | Lost]]:
        return self.each(Asked(work, items, keep, hear, stopping))

    def each(self, asked: Asked[Item, Result]) -> Generator[tuple[Item, Result | Lost]]:
        raise NotImplementedError


def pickled(work: Work[Any, Any]) -> bytes:
    """The work as it is sent to another process, with the code that is to compute it."""
    return pickle.dumps((code(), pickle.dumps(work)))


def unpickled(given: bytes) -> Work[Any, Any]:
    """The work that was sent to this process, prepared. Raises ValueError where it would be other work here."""
    sent, inside = pickle.loads(given)
    if sent != code():
        raise ValueError(
            "a worker has another version of habenula-rl, Python, NumPy, Numba, pandas or SciPy than the one that asks "
            "it, or its files were edited: its numbers could be others"
        )
    try:
        work: Work[Any, Any] = pickle.loads(inside)
    except (AttributeError, ImportError) as error:
        raise ValueError(f"a worker cannot import what it is to compute: {error}") from None
    getattr(work, "prepare", lambda: None)()
    return work


def sendable(error: Exception) -> Exception:
    """The error itself where another process can make it anew, else a ValueError with its sentence."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return ValueError(sentence(error))
    return error
