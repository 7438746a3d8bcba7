"""The types of records: equal ones are one object."""

import numpy as np
import pytest

from habenula_rl.agents import HabenulaAgent, Hybrid, QLearning
from habenula_rl.engine import records
from habenula_rl.tasks import Bandit


def test_equal_types_are_one_object():
    """Numba compares types that are equal but not the same object field by field, at each call."""
    assert np.dtype([("a", "f8")]) is not np.dtype([("a", "f8")])
    for make in (
        lambda: records.parameter_type(HabenulaAgent),
        lambda: records.state_type(HabenulaAgent, 3, 2),
        lambda: records.signal_type(HabenulaAgent),
        lambda: records.event_type(1, 2),
        lambda: records.task_type(Bandit()),
        lambda: records.memory_type(Bandit()),
        lambda: records.row_type(HabenulaAgent),
        lambda: records.sum_type(HabenulaAgent, 2),
    ):
        assert make() is make()


def test_types_that_differ_are_kept_apart():
    assert records.record_type([("a", "f8")]) != records.record_type([("b", "f8")])
    assert records.record_type([("a", "i1"), ("b", "f8")], align=True) != records.record_type(
        [("a", "i1"), ("b", "f8")]
    )


def test_a_state_that_no_memory_holds_is_refused_in_no_time():
    """Of 999,999 states Hybrid counts every transition: 2^20 x 2 x 2^20 numbers."""
    with pytest.raises(ValueError, match=r"Hybrid would need 16,384\.\d GiB .* with 999,999 states and 2 actions"):
        records.state_type(Hybrid, 999_999, 2)
    assert records.state_type(QLearning, 999_999, 2).itemsize == 2**20 * 2 * 8
