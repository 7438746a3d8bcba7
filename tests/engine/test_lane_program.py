"""A run over slots: the numbers that go in and out, and the same phase as the kernel's loop over records."""

import numpy as np
import pytest

from habenula_rl.agents import DualRate, HabenulaAgent
from habenula_rl.compiler import module as compiler
from habenula_rl.contract.shape import shape_of
from habenula_rl.engine import binding, records
from habenula_rl.engine.lane_program import LaneProgram, _matrix, _records, _together
from habenula_rl.engine.layout import layout
from habenula_rl.engine.phase import Setting
from habenula_rl.engine.record_program import RecordProgram
from habenula_rl.engine.state_tables import state_tables
from habenula_rl.tasks import Bandit, SucrosePreference

KIND = np.dtype([("n", "i8"), ("Q", "f8", (2,))])


def test_records_are_rows_of_numbers_and_back():
    found = np.array([(1, (0.5, 2.0)), (-7, (np.nan, -0.0))], KIND)
    numbers = _matrix(found)
    assert numbers.shape == (2, 3) and numbers[0, 1:].tolist() == [0.5, 2.0]
    assert numbers.view(np.int64)[:, 0].tolist() == [1, -7]
    assert _records(numbers, KIND).tobytes() == found.tobytes()
    numbers[0, 1] = 9.0
    assert found["Q"][0, 0] == 9.0  # the same memory


@pytest.mark.parametrize("counts", [[2, 2, 2], [2, 0, 1], [0, 0, 0]])
def test_rows_that_were_written_stand_together(counts):
    rows = np.zeros(6, KIND)
    rows["n"] = [0, 1, 10, 11, 20, 21]
    expected = [10 * i + k for i, count in enumerate(counts) for k in range(count)]
    assert _together(rows, np.array(counts))["n"].tolist() == expected


@pytest.mark.parametrize(("agent", "task"), [(HabenulaAgent(), SucrosePreference()), (DualRate(), Bandit())])
@pytest.mark.parametrize("n", [1, 5, 40])
def test_a_phase_is_the_kernels_to_the_last_bit(agent, task, n):
    shape = shape_of(task)
    tables = state_tables([shape])
    types = layout(type(agent), task, shape, tables, record=True)
    lanes = binding.program(type(agent), task, types, n_subjects=n, compiled=True)
    loop = RecordProgram(
        types, **compiler.bound(binding.RUN, binding.rules(type(agent), type(task)), compiled=True), plain=False
    )
    assert isinstance(lanes, LaneProgram)
    script = np.resize(np.array(shape.script), (n, len(shape.script)))
    setting = Setting(type(agent), task, shape, tables, 0, 12, script, 3, 2, 100, True)
    parameters = records.packed(types.parameters, agent.values(), n)
    states = [np.zeros(n, types.state) for _ in range(2)]
    one, other = (program.run(parameters, state, setting) for program, state in zip((lanes, loop), states, strict=True))
    assert all(one.rows[field].tobytes() == other.rows[field].tobytes() for field in types.row.names)
    assert one.sums.tobytes() == other.sums.tobytes() and one.failed.tolist() == other.failed.tolist()
    assert states[0].tobytes() == states[1].tobytes()
    assert one.rows["subject"].min() == 100 and len(one.rows) >= 12 * n
