"""Threads of this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from .work import INTERRUPTED, Asked, Compute, Item, Lost, Result


@dataclass(frozen=True)
class Threads(Compute):
    """So many threads of this process. Interrupted, they always finish what is under way."""

    workers: int

    def each(self, asked: Asked[Item, Result]) -> Generator[tuple[Item, Result | Lost]]:
        def done(item: Item) -> Result:
            result = asked.work(item, lambda *what: asked.hear(item, *what) if asked.hear else None)
            if asked.keep:
                asked.keep(item, result)
            return result

        pool = ThreadPoolExecutor(self.workers)
        waiting, under_way = deque(asked.items), dict[Future[Result], Item]()
        try:
            while waiting or under_way:
                while waiting and len(under_way) < 2 * self.workers:  # few at a time: a sweep has a million
                    item = waiting.popleft()
                    under_way[pool.submit(done, item)] = item
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    yield under_way.pop(future), result
        except INTERRUPTED:
            if asked.stopping:
                asked.stopping()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
