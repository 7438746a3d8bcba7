"""The kernel's loop over records with counting rules: how often each is called, and what is left behind."""

import numpy as np
import pytest

from habenula_rl.compiler import module as compiler
from habenula_rl.contract.shape import shape_of
from habenula_rl.engine import binding, records
from habenula_rl.engine.layout import layout
from habenula_rl.engine.phase import Setting
from habenula_rl.engine.record_program import RecordProgram
from habenula_rl.engine.state_tables import state_tables
from tests.engine.test_binding import Box, Short

N, TRIALS = 3, 4


def made(record, compiled):
    shape = shape_of(Box())
    tables = state_tables([shape])
    types = layout(Short, Box(), shape, tables, record=record)
    entries = compiler.bound(binding.RUN, binding.rules(Short, Box), compiled=compiled)
    program = RecordProgram(types, **entries, plain=not compiled)
    setting = Setting(Short, Box(), shape, tables, 0, TRIALS, np.full((N, 1), np.nan), 7, 0, 10, True)
    return program, setting, np.zeros(N, types.state)


@pytest.mark.parametrize("compiled", [True, False])
def test_each_subject_does_all_its_trials_of_three_steps(compiled):
    program, setting, state = made(True, compiled)
    phase = program.run(records.packed(program.layout.parameters, Short().values(), N), state, setting)
    assert phase.rows["subject"].tolist() == [i for i in (10, 11, 12) for _ in range(3 * TRIALS)]
    assert phase.rows["trial"].tolist() == [k // 3 for k in range(3 * TRIALS)] * N
    assert phase.rows["step"].tolist() == [0, 1, 2] * TRIALS * N
    assert phase.rows["terminated"].tolist() == [0, 0, 1] * TRIALS * N
    assert phase.sums["steps"].tolist() == [3 * TRIALS] * N and phase.sums["terminated"].tolist() == [TRIALS] * N
    assert phase.sums["actions"].sum(axis=1).tolist() == [3 * TRIALS] * N
    assert (phase.failed == -1).all() and (phase.reasons == "").all()
    assert np.ptp(state["Q"].ravel()) > 0.0


def test_summaries_are_the_same_without_rows_and_plain_is_compiled():
    phases = []
    for record, compiled in ((True, True), (False, True), (True, False)):
        program, setting, state = made(record, compiled)
        phase = program.run(records.packed(program.layout.parameters, Short().values(), N), state, setting)
        phases.append((phase.sums.tobytes(), state.tobytes()))
        assert len(phase.rows) == (3 * TRIALS * N if record else 0)
    assert phases[0] == phases[1] == phases[2]


def test_a_state_that_is_not_naive_is_gone_on_from():
    program, setting, state = made(True, True)
    state["Q"] = 5.0
    later = Setting(**{**vars(setting), "naive": False})
    program.run(records.packed(program.layout.parameters, {"alpha": 0.0, "beta": 1.0}, N), state, later)
    assert (state["Q"] == 5.0).all()
