"""Subjects cut into chunks that keep all threads busy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl.engine.chunks import ROOM, chosen, cut


@pytest.mark.parametrize(
    ("n", "threads", "steps", "size", "chunks"),
    [
        (10_000, 2, 400, 14_800, 10),  # 1133 fill the room: 9 chunks, of which the last would leave a thread idle
        (10_000, 2, 400, 24_400, 16),
        (1000, 2, 300, 500, 2),  # 667 are worth a chunk
        (1000, 2, 200, 500, 1),  # all of them just are
        (5, 2, 10, 1000, 1),
    ],
)
def test_in_the_last_round_all_threads_have_work(n, threads, steps, size, chunks):
    found = [len(chunk) for chunk in cut(n, chosen(n, threads, steps, size))]
    assert len(found) == chunks
    assert max(found) - min(found) < 16 * chunks  # as even as whole blocks of lanes allow


@given(n=st.integers(1, 10**6), threads=st.integers(1, 8), steps=st.integers(1, 10**6), size=st.integers(1, 2 * ROOM))
def test_each_subject_is_in_one_chunk_and_chunks_fit_their_room(n, threads, steps, size):
    chunk = chosen(n, threads, steps, size)
    ranges = cut(n, chunk)
    assert [ranges[0].start, *(r.stop for r in ranges)] == [*(r.start for r in ranges), n]
    assert all(len(r) * size <= max(ROOM, 16 * size) + 31 * size for r in ranges)  # but for whole blocks of lanes
