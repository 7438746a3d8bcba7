"""A Dask cluster, a few items under way at a time, so that memory here does not grow with their number."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

from .work import DEATHS, INTERRUPTED, Asked, Compute, Item, Lost, Result, Work, pickled, sendable, unpickled

PORT = re.compile(r"[^/]:[0-9]{1,5}$")
AHEAD = 4  # items under way for each thread of the workers, so that none waits for us
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
    if not (address == "local" or address.startswith("inproc://") or PORT.search(address)):  # a Client would wait long
        raise ValueError(f"--dask must be local, or a scheduler's address as tcp://host:8786, not '{address}'")
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        cluster: Any = address
        if address == "local":
            cluster = stack.enter_context(LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0"))
            cluster.adapt(minimum=workers, maximum=workers)  # a worker that dies as it starts takes its nanny with it
        try:
            client = stack.enter_context(Client(cluster, timeout="10s", set_as_default=False))
        except (OSError, ValueError) as error:
            raise ValueError(f"no Dask scheduler answers at {address}: {error}") from None
        said(f"Dask dashboard: {client.dashboard_link}")
        yield Cluster(client, said)


@dataclass(frozen=True)
class Cluster(Compute):
    """The workers that a Dask client reaches, those that come later too. Interrupted, what is under way is left.

    An item whose worker dies is tried again by Dask, then alone, because beside others an innocent one may have been,
    and is lost where it is killed then too. Raises ConnectionError where the scheduler is lost. `said` is called when
    there is no worker any more, which are waited for.
    """

    client: Any
    said: Callable[[str], None]

    def each(self, asked: Asked[Item, Result]) -> Generator[tuple[Item, Result | Lost]]:
        from concurrent.futures import CancelledError

        from dask.distributed import KilledWorker
        from distributed.comm import CommClosedError

        client, topic, keep, hear = self.client, os.urandom(8).hex(), asked.keep, asked.hear
        # a task and no scattered datum: where the worker that has it dies, it is made again
        given = client.submit(bytes, pickled(asked.work), key=f"work-{topic}", pure=False)
        under_way, done = dict[str, Item](), queue.SimpleQueue[Any]()

        def submit(item: Item) -> None:
            key = f"{getattr(item, 'name', type(item).__name__)}-{os.urandom(8).hex()}"  # by its name on the dashboard
            under_way[key] = item
            future = client.submit(remotely, given, item, topic if hear else None, key=key, pure=False)
            future.add_done_callback(done.put)

        def heard(event: tuple[float, tuple[str, Any]]) -> None:
            key, what = event[1]
            if hear and key in under_way:
                hear(under_way[key], *what)

        def computed(waiting: deque[Item], most: int) -> Generator[tuple[Item, Result | KilledWorker]]:
            """Each with its result, or with what killed it; at most so many for each thread under way at a time."""
            looked, threads = -1.0, 1
            while waiting or under_way:
                if time.monotonic() > looked + 1.0:  # workers come and go
                    before, threads = threads, sum(client.nthreads().values())
                    looked = time.monotonic()
                    if before and not threads:
                        self.said("the Dask cluster has no worker: waiting for one")
                while waiting and len(under_way) < max(1, most * threads):
                    submit(waiting.popleft())
                try:
                    batch = [done.get(timeout=1.0)]
                except queue.Empty:
                    continue
                with contextlib.suppress(queue.Empty):
                    while True:
                        batch.append(done.get_nowait())
                sound = [future for future in batch if future.status == "finished"]
                keys = [future.key for future in sound]
                try:
                    fetched = dict(zip(keys, client.gather(sound), strict=True))  # one way to the workers for all
                except OSError as error:  # nobody answers there any more; an item's own OSError is raised below
                    raise CommClosedError(str(error)) from error
                outcomes = list[tuple[Item, Result | KilledWorker]]()
                for future in batch:
                    item = under_way.pop(future.key)
                    try:
                        result: Result = fetched[future.key] if future.key in fetched else future.result()
                    except KilledWorker as killed:
                        outcomes.append((item, killed))
                        continue
                    if keep:
                        keep(item, result)
                    outcomes.append((item, result))
                yield from outcomes

        if hear:
            client.subscribe_topic(topic, heard)
        try:
            suspects = deque[Item]()
            for item, result in computed(deque(asked.items), AHEAD):
                if isinstance(result, KilledWorker):
                    suspects.append(item)
                else:
                    yield item, result
            for item, result in computed(suspects, 0):
                if isinstance(result, KilledWorker):
                    yield item, Lost(f"the workers that computed it died, {DEATHS} times when it was alone")
                else:
                    yield item, result
        except INTERRUPTED:
            if keep and asked.stopping:
                asked.stopping()
            raise
        except (CancelledError, TimeoutError, CommClosedError) as error:
            raise ConnectionError(
                f"the Dask cluster was lost ({type(error).__name__}); what was finished is kept"
            ) from error
        finally:
            if hear:
                client.unsubscribe_topic(topic)


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
