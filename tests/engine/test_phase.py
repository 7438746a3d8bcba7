"""What came out of a phase: who stopped where, and why."""

import numpy as np

from habenula_rl.agents import HabenulaAgent
from habenula_rl.contract.shape import shape_of
from habenula_rl.engine import records
from habenula_rl.engine.layout import CLOCK
from habenula_rl.engine.phase import Setting, phase_of
from habenula_rl.engine.state_tables import state_tables
from habenula_rl.tasks import SucrosePreference


def test_those_that_stopped_have_their_place_and_reason_and_the_others_none():
    task = SucrosePreference()
    shape = shape_of(task)
    tables = state_tables([shape])
    setting = Setting(HabenulaAgent, task, shape, tables, 0, 9, np.zeros((3, 1)), 1, 0, 0, True)
    state = np.zeros(3, records.state_type(HabenulaAgent, tables.n_states, tables.n_actions))
    sums = np.zeros(3, records.sum_type(HabenulaAgent, tables.n_actions))
    event, clock = np.zeros(1, tables.event), np.zeros(1, CLOCK)
    signals = np.zeros(1, records.signal_type(HabenulaAgent))
    event["trial"], event["step"], event["reward"] = 4, 0, np.nan
    rows = np.zeros(0, records.row_type(HabenulaAgent))
    phase = phase_of(rows, sums, np.array([1]), [event, signals, clock], state, setting)
    assert phase.rows is rows and phase.sums is sums
    assert phase.failed.tolist() == [[-1, -1], [4, 0], [-1, -1]]
    assert phase.reasons.tolist() == ["", "trial 4, step 0: SucrosePreference gave the reward nan", ""]
