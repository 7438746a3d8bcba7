"""The layout of a run: which numbers its records hold, in which order, and the sizes its code is written for."""

from dataclasses import replace

import numpy as np

from habenula_rl.agents import DualRate, HabenulaAgent
from habenula_rl.contract.shape import shape_of
from habenula_rl.engine.layout import CLOCK, layout
from habenula_rl.engine.state_tables import state_tables
from habenula_rl.tasks import Bandit, ShuttleBox, SucrosePreference


def made(agent, task, *others, record=True):
    shapes = [shape_of(each) for each in (task, *others)]
    return layout(agent, task, shapes[0], state_tables(shapes), record=record)


def test_sizes_are_those_of_the_task_and_of_all_that_are_met():
    box, cup = ShuttleBox(), SucrosePreference()
    alone, together = made(HabenulaAgent, cup), made(HabenulaAgent, cup, box)
    n_cup, n_box = len(cup.states), len(box.states)
    assert (alone.task_states, together.task_states) == (n_cup, n_cup)
    assert together.n_states >= n_cup + n_box > alone.n_states >= n_cup
    assert together.n_states & (together.n_states - 1) == 0  # a power of two
    assert alone.n_actions == len(cup.actions) and alone.one_step and not made(HabenulaAgent, box).one_step
    assert alone.harmless and not made(HabenulaAgent, box).harmless


def test_equal_runs_have_equal_layouts_and_others_do_not():
    first = made(HabenulaAgent, ShuttleBox())
    assert first == made(HabenulaAgent, ShuttleBox()) and hash(first) == hash(made(HabenulaAgent, ShuttleBox()))
    assert first != made(DualRate, ShuttleBox()) != made(DualRate, Bandit())
    assert first != made(HabenulaAgent, ShuttleBox(), record=False)


def test_cells_are_the_numbers_in_their_order_in_memory():
    found = made(DualRate, Bandit())
    kinds = dict(found.cells())
    assert [cell for cell in kinds if cell.startswith("c.")] == ["c.running", "c.kept", "c.failed", "c.weights"]
    assert [kinds[f"c.{name}"] for name in CLOCK.names] == ["i", "i", "i", "f"]
    for name, dtype in found.types().items():
        cells = [cell for cell in kinds if cell.startswith(f"{name}.")]
        assert len(cells) == sum(int(np.prod(dtype[field].shape)) for field in dtype.names)
        if name != "row":  # all others are read as numbers of 64 bits
            assert dtype.itemsize == 8 * len(cells)
    state = next(field for field in found.state.names if found.state[field].shape)
    size = int(np.prod(found.state[state].shape))
    assert [cell for cell in kinds if cell.startswith(f"w.{state}.")] == [f"w.{state}.{k}" for k in range(size)]


def test_the_recording_is_part_of_it():
    assert replace(made(HabenulaAgent, ShuttleBox()), record=False) == made(HabenulaAgent, ShuttleBox(), record=False)
