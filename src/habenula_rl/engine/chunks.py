"""Subjects cut into chunks, worked on by threads and handed over in order, a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from .lane_program import WIDTH

T = TypeVar("T")
ROOM = 16 << 20  # bytes of a chunk's records
MOST_ROOM = 64 << 20  # bytes of records of all chunks under way; with more, a subject goes into a file in pieces
FEWEST_STEPS = 200_000  # some milliseconds of work: a chunk with fewer does not pay
CHUNKS_A_THREAD = 4  # so that all threads end at about the same time


def chosen(n: int, threads: int, steps: int, size: int) -> int:
    """The number of subjects in a chunk, where each has at most `steps` steps and `size` bytes of records."""
    even = -(-n // (threads * CHUNKS_A_THREAD))
    worth = -(-FEWEST_STEPS // steps)
    most = max(1, min(max(even, worth), ROOM // size, n))
    rounds = -(-n // (most * threads))  # in the last one all threads have work, too
    subjects = most if most == n else -(-n // (rounds * threads))
    return -(-subjects // WIDTH) * WIDTH  # whole blocks of lanes


def cut(n: int, chunk: int) -> list[range]:
    """The subjects 0 to n - 1 in chunks; a rest too small to fill a block of lanes joins the chunk before it."""
    starts = list(range(0, n, chunk))
    if len(starts) > 1 and n - starts[-1] < min(chunk, WIDTH):
        starts.pop()
    return [range(start, end) for start, end in zip(starts, [*starts[1:], n], strict=True)]


def in_order(work: Callable[[range], T], chunks: Sequence[range], threads: int) -> Generator[T]:
    """What `work` makes of each chunk, in their order; threads are never more than one chunk ahead of who takes them.

    Closed early, or where `work` raises, it waits for the chunks under way and begins no other.
    """
    pool = ThreadPoolExecutor(threads)
    under_way: deque[Future[T]] = deque()
    try:
        for chunk in chunks:
            under_way.append(pool.submit(work, chunk))
            if len(under_way) > threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def one_ahead(made: Iterator[T]) -> Generator[T]:
    """What the iterator makes, in a thread that is one ahead of who takes them. Closed early, it waits for that one."""
    pool = ThreadPoolExecutor(1)
    try:
        under_way = pool.submit(next, made, None)
        while (item := under_way.result()) is not None:
            under_way = pool.submit(next, made, None)
            yield item
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
