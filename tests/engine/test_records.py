"""The types of records: equal ones are one object."""

import numpy as np

from habenula_rl.agents import HabenulaAgent
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
