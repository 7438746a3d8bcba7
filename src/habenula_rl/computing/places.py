"""The choice of a place."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from .work import Compute


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
