"""Recorded steps as columns: copied by NumPy or by compiled code, in one place or joined from pieces."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habenula_rl.agents import HabenulaAgent
from habenula_rl.engine import records, tables
from habenula_rl.engine.tables import Trials

ROW = records.row_type(HabenulaAgent)
SIGNALS = ("rpe", "lhb")


@pytest.fixture(autouse=True)
def _however_few(monkeypatch):
    monkeypatch.setattr(tables, "MANY", 1)


def some_rows(n, seed=0):
    """Rows of random bits, where truths are any whole number; outcomes may be NaN of any kind."""
    rows = np.random.default_rng(seed).integers(0, 256, n * ROW.itemsize, np.uint8).view(ROW)
    rows["terminated"], rows["truncated"] = np.arange(n) % 3, -(np.arange(n) % 2)
    return rows


def as_bytes(columns):
    return {name: (column.dtype, column.tobytes()) for name, column in columns.items()}


def expected(rows, signals=SIGNALS):
    truths = {name: rows[name] != 0 for name in tables.TRUTHS}
    return {name: truths.get(name, rows[name]) for name in (*tables.BEHAVIOUR, *signals)}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 5000])
def test_columns_hold_what_rows_do(n, compiled):
    rows = some_rows(n)
    trials = Trials.empty(ROW, SIGNALS, n + 3).part(2, n + 1).filled(rows, compiled=compiled)
    assert as_bytes(trials.columns) == as_bytes(expected(rows))


@pytest.mark.parametrize("compiled", [False, True])
def test_a_part_is_filled_and_nothing_beside_it(compiled):
    whole = Trials.empty(ROW, (), 9)
    for block in whole.blocks.values():
        block[:] = 1
    whole.part(3, 4).filled(some_rows(4), compiled=compiled)
    assert [whole.columns["trial"][k] for k in (0, 2, 7, 8)] == [1, 1, 1, 1]
    assert whole.columns["trial"][3:7].tolist() == some_rows(4)["trial"].tolist()


@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=6), threads=st.integers(1, 3), known=st.booleans())
def test_pieces_are_joined_in_their_order(sizes, threads, known):
    """`known`: they lie in a room that some of them, whose subjects stopped, do not fill."""
    rows = some_rows(sum(sizes))
    cuts = np.split(rows, np.cumsum(sizes)[:-1])
    room = Trials.empty(ROW, SIGNALS, 40 * len(sizes) if known else 0)
    rooms = [room.part(40 * k, 40) if known else Trials.empty(ROW, SIGNALS, n) for k, n in enumerate(sizes)]
    pieces = [own.filled(cut, compiled=False) for own, cut in zip(rooms, cuts, strict=True)]
    assert as_bytes(tables.joined(pieces, room, threads).columns) == as_bytes(expected(rows))


def test_a_room_that_is_full_is_the_result_itself():
    room = Trials.empty(ROW, SIGNALS, 4)
    pieces = [room.part(2 * k, 2).filled(some_rows(2, seed=k), compiled=False) for k in range(2)]
    assert tables.joined(pieces, room, 1).blocks is room.blocks


def test_a_table_does_not_copy_its_columns():
    trials = Trials.empty(ROW, SIGNALS, 5).filled(some_rows(5), compiled=False)
    table = tables.labelled(trials.columns, "swim")
    assert np.shares_memory(table["lhb"].to_numpy(), trials.blocks[4])
    assert isinstance(table["phase"].dtype, pd.CategoricalDtype)
