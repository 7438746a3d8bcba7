"""The choice of a place, and results in order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

from .work import Compute, Item, Lost, Result, Say, Work


@contextlib.contextmanager
def place(
    workers: int,
    *,
    dask: str | None = None,
    threads: bool = False,
    seconds: float | None = None,
    said: Callable[[str], None] = lambda line: None,
) -> Iterator[Compute]:
    """So many processes; with `dask` the workers of the cluster at that address, or, at "local", of one of so many
    processes that is started; else with `threads` so many threads.

    An item that takes longer than `seconds` is lost; this needs processes of our own. `said` is called with the address
    of Dask's dashboard. Raises ValueError where Dask is not installed or nobody answers at the address.
    """
    if dask is not None:
        from .cluster import connected

        with connected(dask, workers, said) as compute:
            yield compute
    elif threads and seconds is None:
        from .threads import Threads

        yield Threads(workers)
    else:
        from .processes import Processes

        yield Processes(workers, seconds)


def in_order(compute: Compute, work: Work[Item, Result], items: Sequence[Item]) -> list[Result]:
    """The results of all items, in the items' order. Raises ValueError where one is lost."""
    found = dict[int, Result]()
    with contextlib.closing(compute(_Numbered(work), [*enumerate(items)])) as results:
        for (k, _), result in results:
            if isinstance(result, Lost):
                raise ValueError(f"number {k} of {len(items)}, from 0: {result}")
            found[k] = result
    return [found[k] for k in range(len(items))]


@dataclass(frozen=True)
class _Numbered(Generic[Item, Result]):
    """The work, of items with their numbers."""

    work: Work[Item, Result]

    def __call__(self, numbered: tuple[int, Item], say: Say) -> Result:
        return self.work(numbered[1], say)

    def prepare(self) -> None:
        getattr(self.work, "prepare", lambda: None)()
