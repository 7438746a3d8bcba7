"""The types of records: equal ones are one object."""

import copy
import pickle

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


def test_fields_of_a_record_in_plain_python_are_attributes_and_the_arrays_own_memory():
    inner = np.dtype([("x", "f8")])
    array = np.zeros(2, [("a", "f8"), ("n", "i8"), ("q", "f8", (2, 2)), ("in", inner)])
    one = records.attributed(array)[1]
    one.a, one.n = 1.5, 3
    one.q[0, 1] += 2.0
    getattr(one, "in").x = 4.0
    assert (
        array["a"].tolist() == [0.0, 1.5] and array["n"].tolist() == [0, 3] and array["in"]["x"].tolist() == [0.0, 4.0]
    )
    assert array["q"][1].tolist() == [[0.0, 2.0], [0.0, 0.0]]
    assert type(one.a) is np.float64 and type(one.n) is np.int64
    for wrong in (lambda: one.b, lambda: setattr(one, "b", 1.0)):
        with pytest.raises(AttributeError, match="the record has no field 'b'"):
            wrong()


def test_such_records_are_copied_and_pickled_whole():
    array = records.attributed(np.ones(3, [("a", "f8")]))
    for again in (pickle.loads(pickle.dumps(array)), copy.deepcopy(array), array[:].copy()):
        assert again.tolist() == array.tolist() and again[0].a == 1.0
        again[0].a = 2.0
    assert array[0].a == 1.0
