"""A Dask cluster, a few items under way at a time, so that memory here does not grow with their number."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .work import DEATHS, INTERRUPTED, Compute, Item, Lost, Result, Work, pickled, sendable, unpickled

FEWEST, AHEAD = 8, 4  # items under way: in all, and for each thread of the workers
SETTINGS = {
    "distributed.scheduler.allowed-failures": DEATHS - 1,
    "distributed.admin.large-graph-warning-threshold": "1GB",  # a plan of ten thousand groups is large, and sent once
}


@contextlib.contextmanager
def connected(address: str, workers: int, said: Callable[[str], None]) -> Iterator[Compute]:
    """As `place` has it, with `dask`."""
    try:
        import dask
        from dask.distributed import Client, LocalCluster
    except ImportError:
        raise ValueError("--dask needs Dask: pip install 'habenula-rl[dask]'") from None
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        cluster: Any = address
        if address == "local":
            cluster = stack.enter_context(LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0"))
        try:
            client = stack.enter_context(Client(cluster, timeout="10s", set_as_default=False))
        except (OSError, ValueError) as error:
            raise ValueError(f"no Dask scheduler answers at {address}: {error}") from None
        said(f"Dask dashboard: {client.dashboard_link}")
        yield Cluster(client)


@dataclass(frozen=True)
class Cluster:
    """The workers that a Dask client reaches, those that come later too. Interrupted, what is under way is left.

    An item whose worker dies is tried again by Dask, then alone, because beside others an innocent one may have been,
    and is lost where it is killed then too. Raises ConnectionError where the scheduler is lost.
    """

    client: Any

    def __call__(
        self,
        work: Work[Item, Result],
        items: Sequence[Item],
        *,
        keep: Callable[[Item, Result], None] | None = None,
        hear: Callable[..., None] | None = None,
        stopping: Callable[[], None] | None = None,
    ) -> Generator[tuple[Item, Result | Lost]]:
        from concurrent.futures import CancelledError

        from dask.distributed import KilledWorker, as_completed

        client, run = self.client, os.urandom(8).hex()
        waiting, under_way, suspects = deque(items), dict[str, Item](), list[Item]()
        # a task and no scattered datum: where the worker that has it dies, it is made again
        given = client.submit(bytes, pickled(work), key=f"work-{run}")

        def submit(item: Item) -> Any:
            name = getattr(item, "name", type(item).__name__)
            key = f"{name}-{os.urandom(8).hex()}"  # by its name on the dashboard
            under_way[key] = item
            return client.submit(remotely, given, item, run if hear else None, key=key, pure=False)

        def heard(event: tuple[float, tuple[str, Any]]) -> None:
            key, what = event[1]
            if hear and key in under_way:
                hear(under_way[key], *what)

        def finished(future: Any, item: Item) -> tuple[Item, Result]:
            result: Result = future.result()
            if keep:
                keep(item, result)
            return item, result

        if hear:
            client.subscribe_topic(run, heard)
        try:
            done, asked, ahead = as_completed(loop=client.loop), -1.0, 0
            while waiting or under_way:
                if time.monotonic() > asked + 1.0:  # workers come and go
                    asked, ahead = time.monotonic(), max(FEWEST, AHEAD * sum(client.nthreads().values()))
                while waiting and len(under_way) < ahead:
                    done.add(submit(waiting.popleft()))
                future = next(done)
                item = under_way[future.key]
                try:
                    yield finished(future, item)
                except KilledWorker:
                    suspects.append(item)
                finally:
                    del under_way[future.key]
                    future.release()
            for item in suspects:
                try:
                    yield finished(submit(item), item)
                except KilledWorker:
                    yield item, Lost(f"the workers that computed it died, {DEATHS} times when it was alone")
        except INTERRUPTED:
            if keep and stopping:
                stopping()
            raise
        except (CancelledError, TimeoutError) as error:
            raise ConnectionError(
                f"the Dask cluster was lost ({type(error).__name__}); what was finished is kept"
            ) from error
        finally:
            if hear:
                client.unsubscribe_topic(run)


_works: dict[bytes, Work[Any, Any]] = {}
_one_at_a_time = threading.Lock()


def remotely(given: bytes, item: Any, topic: str | None) -> Any:
    """The work on one item, on a worker of a cluster, which unpickles it once."""
    from dask.distributed import get_worker

    def say(*what: Any) -> None:
        if topic:
            worker = get_worker()
            worker.log_event(topic, (worker.get_current_task(), what))

    try:
        with _one_at_a_time:
            if given not in _works:
                _works.clear()
                _works[given] = unpickled(given)
            work = _works[given]
        return work(item, say)
    except Exception as error:
        raise sendable(error) from None
