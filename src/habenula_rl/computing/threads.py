"""Threads of this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from .work import INTERRUPTED, Item, Lost, Result, Work


@dataclass(frozen=True)
class Threads:
    """So many threads of this process. Interrupted, they always finish what is under way."""

    workers: int

    def __call__(
        self,
        work: Work[Item, Result],
        items: Sequence[Item],
        *,
        keep: Callable[[Item, Result], None] | None = None,
        hear: Callable[..., None] | None = None,
        stopping: Callable[[], None] | None = None,
    ) -> Generator[tuple[Item, Result | Lost]]:
        def done(item: Item) -> Result:
            result = work(item, lambda *what: hear(item, *what) if hear else None)
            if keep:
                keep(item, result)
            return result

        pool = ThreadPoolExecutor(self.workers)
        waiting, under_way = deque(items), dict[Future[Result], Item]()
        try:
            while waiting or under_way:
                while waiting and len(under_way) < 2 * self.workers:  # few at a time: a sweep has a million
                    item = waiting.popleft()
                    under_way[pool.submit(done, item)] = item
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    yield under_way.pop(future), result
        except INTERRUPTED:
            if stopping:
                stopping()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
