"""The kernel's parts by hand, as plain Python and compiled."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from habenula_rl.compiler.module import bound
from habenula_rl.engine import kernel
from habenula_rl.randomness import U, stream_key

BOTH = pytest.mark.parametrize("compiled", [True, False])


def of_the_kernel(name, compiled):
    return bound({name: getattr(kernel, name)}, {}, compiled=compiled)[name]


@BOTH
@pytest.mark.parametrize(
    ("u", "action"), [(0.0, 0), (0.2499, 0), (0.2501, 1), (0.7499, 1), (0.7501, 2), (1.0 - 2.0**-53, 2)]
)
def test_the_action_in_whose_interval_the_draw_lies(u, action, compiled):
    z = np.log(np.array([1.0, 2.0, 1.0]))  # probabilities 1/4, 1/2, 1/4
    assert of_the_kernel("choose", compiled)(z, u) == action
    assert z.tolist() == pytest.approx([0.5, 1.0, 0.5])  # the weights, the largest of which is 1


@BOTH
def test_the_log_probability_is_that_of_the_choice(compiled):
    z = np.log(np.array([1.0, 2.0, 1.0])) + 700.0
    found = [of_the_kernel("log_softmax", compiled)(z, a) for a in range(3)]
    assert found == pytest.approx([math.log(0.25), math.log(0.5), math.log(0.25)])


@BOTH
@pytest.mark.parametrize(("number", "is_finite"), [(0.0, True), (-1e308, True), (math.inf, False), (math.nan, False)])
def test_what_is_finite(number, is_finite, compiled):
    assert of_the_kernel("finite", compiled)(number) == is_finite


@BOTH
def test_an_action_that_cannot_be_chosen_has_no_weight(compiled):
    def prefer(p, w, e, z):
        z[1] += 2.0

    event = np.zeros(1, [("available", "i8", (3,)), ("more", "f8")])
    event["available"] = 1, 1, 0
    run = bound({"each": each}, {"prefer": prefer, "preferences": kernel.preferences}, compiled=compiled)["each"]
    z = np.full(3, 7.0)  # what stood there before counts for nothing
    run(event if compiled else event.view(np.recarray), z)
    assert z.tolist() == [0.0, 2.0, -math.inf]


def each(events, z):
    preferences(0, 0, events[0], z)  # noqa: F821


def event(**fields):
    return SimpleNamespace(**fields)


def test_a_state_and_what_an_action_leads_to():
    e = event(
        elements=np.zeros(2, int),
        available=np.zeros(2, int),
        next_elements=np.zeros(2, int),
        next_available=np.zeros(2, int),
    )
    aversive, elements, available = np.array([0.0, 0.5]), np.array([[0, -1], [0, 1]]), np.array([[1, 0], [1, 1]])
    kernel.present(e, aversive, elements, available, 1)
    kernel.outcome(e, aversive, elements, available, 0)
    assert (e.state, e.aversive, e.next_state, e.punishment) == (1, 0.5, 0, 0.0)
    assert (e.elements.tolist(), e.available.tolist()) == ([0, 1], [1, 1])
    assert (e.next_elements.tolist(), e.next_available.tolist()) == ([0, -1], [1, 0])


def test_without_tables_a_state_is_its_own_element_and_everything_can_be_chosen():
    seen = np.zeros(1, int)
    kernel.present_elements(np.zeros((0, 0)), seen, 3)
    assert seen.tolist() == [3]
    seen = np.zeros(2, int)
    kernel.available_actions(np.zeros((0, 0)), seen, 3)
    assert seen.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("terminated", "truncated", "expected"), [(0, 0, (5, 2, 4, 8)), (1, 0, (6, 0, 7, 8)), (0, 1, (6, 0, 7, 8))]
)
def test_the_clock_goes_to_the_next_step_or_trial(terminated, truncated, expected):
    e = event(trial=5, step=1, state=7, next_state=4, decision=7, terminated=terminated, truncated=truncated)
    kernel.advance_clock(e)
    assert (e.trial, e.step, e.state, e.decision) == expected


def test_nothing_has_happened_yet():
    e = event(passive=2, scripted=0.5, key=9)
    kernel.reset_event(e)
    assert vars(e) == {
        "passive": 2,
        "scripted": 0.5,
        "key": 9,
        "state": 0,
        "action": 0,
        "next_state": 0,
        "trial": 0,
        "step": 0,
        "decision": 0,
        "reward": 0.0,
        "aversive": 0.0,
        "punishment": 0.0,
        "terminated": 0,
        "truncated": 0,
        "feedback": 1,
    }


def test_choices_and_the_tasks_draws_have_keys_of_their_own():
    with np.errstate(over="ignore"):
        choices, draws = kernel.subject_keys(U(3), U(4), 5)
        assert choices == stream_key(U(3), U(8), U(5)) and draws == stream_key(U(3), U(9), U(5))
        assert kernel.subject_keys(U(3), U(5), 5)[0] not in (choices, draws)
