"""Instructions and the code that they are collected in, worked out by hand."""

import functools
import math

import pytest

from habenula_rl.compiler.lanes import ir
from habenula_rl.compiler.lanes.ir import (
    KNOWN,
    NOTHING,
    STEP,
    SUBJECT,
    CannotTrace,
    Code,
    Instruction,
    Name,
    Number,
    Value,
    constant,
    load,
    needed,
    store,
)

A = Value(Name("a"), "f", SUBJECT)
B = Value(Name("b"), "f", STEP)
K = Value(Name("k"), "i", STEP)
U = Value(Name("u"), "u", STEP)
T = Value(Name("t"), "b", STEP)


def code():
    return Code({"w.x": B, "w.k": K, "w.t": T})


def test_an_operation_stands_at_the_level_at_which_its_operands_come_to_be():
    under_way = code()
    once = under_way.operation("*", A, constant(2.0))
    again = under_way.operation("+", once, B)
    assert (once.level, again.level) == (SUBJECT, STEP)
    assert under_way.instructions[SUBJECT] == [Instruction(Name("v0"), "f", "*", (Name("a"), Number("2.0")))]
    assert under_way.instructions[STEP] == [Instruction(Name("v1"), "f", "+", (Name("v0"), Name("b")))]
    assert under_way.instructions[KNOWN] == []


def test_the_same_operation_is_written_once_but_zeros_of_two_signs_are_two_numbers():
    under_way = code()
    assert under_way.operation("+", B, constant(0.0)) is under_way.operation("+", B, constant(0.0))
    assert under_way.operation("+", B, constant(-0.0)) != under_way.operation("+", B, constant(0.0))
    assert under_way.comparison("<", K, constant(1)) != under_way.comparison("<", B, constant(1.0))
    assert len(under_way.instructions[STEP]) == 4


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [(1, "1", "i"), (1.0, "1.0", "f"), (-0.0, "-0.0", "f"), (True, "1", "b"), (math.inf, "inf", "f"), (-7, "-7", "i")],
)
def test_a_number_that_is_known(number, text, kind):
    value = constant(number)
    assert (value.operand, value.kind, value.level) == (Number(text), kind, KNOWN) and value.known is number


def test_what_is_no_plain_number():
    with pytest.raises(CannotTrace, match="'one' is not a plain number"):
        constant("one")


@pytest.mark.parametrize(("symbol", "number"), [("+", 5), ("-", -1), ("*", 6)])
def test_known_numbers_are_worked_out(symbol, number):
    under_way = code()
    assert under_way.operation(symbol, constant(2), constant(3)) == constant(number)
    assert under_way.comparison("<", constant(2), constant(3)) == constant(True)
    assert under_way.instructions == ([], [], [])


def test_kinds_of_results_by_hand():
    under_way = code()
    assert under_way.operation("+", K, K).kind == "i"
    assert under_way.operation("+", K, B).kind == "f"
    assert under_way.operation("/", K, K).kind == "f"
    assert under_way.operation("^", U, U).kind == "u"
    assert under_way.comparison("<", K, B).kind == "b"
    assert under_way.instructions[STEP][-1].operation == "<f"  # whole numbers are compared as floats
    assert under_way.cast(T, "i").kind == "i" and under_way.cast(constant(2.5), "i") == constant(2)


@pytest.mark.parametrize("values", [(U, K), (U, B)])
def test_unsigned_and_other_numbers_are_not_mixed(values):
    with pytest.raises(CannotTrace, match="unsigned"):
        code().operation("+", *values)
    with pytest.raises(CannotTrace, match="unsigned"):
        code().comparison("<", *values)
    with pytest.raises(CannotTrace, match="unsigned"):
        code().select(T, *values)


def test_a_choice_that_is_made_or_makes_no_difference_is_no_instruction():
    under_way = code()
    assert under_way.select(constant(True), A, B) is A and under_way.select(constant(False), A, B) is B
    assert under_way.select(T, A, A) is A
    assert under_way.instructions == ([], [], [])
    assert under_way.select(T, A, B).operand == "v0"


@pytest.mark.parametrize(
    ("act", "exact"),
    [
        (lambda c: c.operation("+", B, B), True),
        (lambda c: c.operation("+", T, K), False),  # True + 1 is NumPy's True in plain Python
        (lambda c: c.operation("/", B, K), False),  # by Python's own 0 it would be an error
        (lambda c: c.operation("/", B, constant(0.0)), False),
        (lambda c: c.select(T, K, B), False),
    ],
)
def test_where_plain_python_may_differ_it_is_said(act, exact):
    under_way = code()
    act(under_way)
    assert under_way.exact is exact


def test_a_cell_keeps_its_kind():
    under_way = code()
    under_way.store("w.x", constant(2))
    assert under_way.cells["w.x"] == constant(2.0)


def test_only_what_the_ends_depend_on_is_needed_in_its_order():
    one = Instruction(Name("one"), "f", "+", (Name("a"), Number("1.0")))
    idle = Instruction(Name("idle"), "f", "*", (Name("one"), Name("one")))
    two = Instruction(Name("two"), "f", "neg", (Name("one"),))
    end = store("f", 7, Name("two"))
    lines, operands = needed([load(Name("a"), "f", 0), load(Name("b"), "f", 1), one, idle, two], [end])
    assert lines == [load(Name("a"), "f", 0), one, two, end]
    assert operands == {0, 7, "a", "1.0", "one", "two"}
    assert end == Instruction(NOTHING, "f", "store", (7, Name("two")))


def test_what_is_too_long_is_left(monkeypatch):
    monkeypatch.setattr(ir, "MOST_INSTRUCTIONS", 3)
    under_way = code()
    with pytest.raises(CannotTrace, match="it is too long"):
        functools.reduce(lambda value, _: under_way.operation("+", value, B), range(5), B)
    monkeypatch.setattr(ir, "MOST_STATEMENTS", 3)
    with pytest.raises(CannotTrace, match="it is too long"):
        functools.reduce(lambda _, __: under_way.count(), range(5))
