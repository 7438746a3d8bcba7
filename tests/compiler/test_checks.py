"""What a rule reads and writes, followed through the functions that it calls; what it may not do is named."""

import math

import numpy as np
import pytest

from habenula_rl.compiler.checks import Fields, Walk
from habenula_rl.compiler.source import from_text
from habenula_rl.errors import RuleError

STATE = Fields("field of the state", {"level": 0, "Q": 2})
EVENT = Fields("field of the event", {"state": 0, "reward": 0, "scripted": 0}, frozen="the event is not an agent's")
NUMBERS = Fields("numbers", {}, array=True)
RATE = 0.5
NAMES = {"rate": 0.5}


def learn(w, e):
    w.level += RATE * e.reward
    note(e, to=w)


def note(e, to):
    to.Q[e.state, 0] = math.exp(0.0)


def walked(function, *given):
    walk = Walk()
    walk.follow(function, given)
    return walk


def test_what_is_read_and_written_also_in_what_is_called_and_under_other_names():
    walk = walked(learn, STATE, EVENT)
    assert walk.written["field of the state"] == {"level"}
    assert walk.read["field of the state"] == {"Q"} and walk.read["field of the event"] == {"reward", "state"}
    assert walk.complete


def elsewhere(w, e):
    other = w
    other.level = e.reward


def away(w, e):
    np.copy(w)


def again(w, e):
    w = e
    w.level = 1.0


def repeated(w, e):
    w.level = 1.0
    repeated(w, e)


@pytest.mark.parametrize("function", [elsewhere, away, again, from_text("f", "def f(w, e):\n    g = w\n")])
def test_where_a_record_cannot_be_followed_not_all_is_known(function):
    assert not walked(function, STATE, EVENT).complete


def test_a_function_without_source_is_only_unknown_where_it_gets_a_record():
    scope = {}
    exec("def typed(x):\n    return x\n", scope)
    assert not walked(scope["typed"], STATE).complete and walked(scope["typed"], None).complete


def test_a_function_that_calls_itself_is_followed_once():
    walk = walked(repeated, STATE, EVENT)
    assert walk.written["field of the state"] == {"level"} and len(walk.seen) == 1


def sized(numbers, w):
    w.level = numbers.shape[0]


def used(numbers, w):
    w.level = numbers[0]


def test_of_an_array_is_asked_whether_its_numbers_are_read():
    assert not walked(sized, NUMBERS, STATE).read["numbers"]
    assert walked(used, NUMBERS, STATE).read["numbers"] == {"numbers"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("w.levle = 1.0", "w.levle: there is no field of the state 'levle', did you mean 'level'?"),
        ("e.reward = 1.0", "e.reward cannot be set: the event is not an agent's"),
        ("w.Q = 1.0", "w.Q has 2 dimensions; set its numbers, as in w.Q[:, :] = ..."),
        ("w.level = w.Q", "w.level is a number, w.Q has 2 dimensions"),
        ("w.level[0] = 1.0", "w.level is a number and has no [0]"),
        ("w.Q[0, 0, 0] = 1.0", "w.Q[0, 0, 0]: w.Q has 2 dimensions, not 3"),
        ("w.level = np.exq(1.0)", "np.exq: numpy has no 'exq', did you mean 'exp'?"),
        ("w.level = nobody", "the name 'nobody' is not defined"),
        ("w.level = 'text'", "the text 'text' cannot be used in a rule"),
        ("del w", "del cannot be used in a rule"),
    ],
)
def test_what_a_rule_may_not_do_is_named_with_its_line(line, message):
    function = from_text("rule", f"def rule(w, e):\n    w.level = 0.0\n    {line}\n")
    with pytest.raises(RuleError) as caught:
        walked(function, STATE, EVENT)
    assert str(caught.value).partition(": ")[2] == message
    assert ">:3, in rule: " in str(caught.value)


def table(w, e):
    w.level = NAMES["rate"]


def wrongly(w, e):
    note(w)


def test_a_global_that_is_no_number_and_a_wrong_call_are_named():
    with pytest.raises(RuleError, match=r"'NAMES' is dict, which a rule cannot use; rules use numbers, functions"):
        walked(table, STATE, EVENT)
    with pytest.raises(RuleError, match=r"note\(w\): missing a required argument: 'to'$"):
        walked(wrongly, STATE, EVENT)
