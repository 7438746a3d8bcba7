"""What an expression stands for, followed by hand: with known numbers no instruction is left."""

import ast

import pytest

from habenula_rl.compiler.lanes.expressions import Expressions
from habenula_rl.compiler.lanes.ir import KNOWN, STEP, Array, CannotTrace, Code, Name, Record, Value, constant

CELLS = {"w.level": "f", "w.Q.0": "f", "w.Q.1": "f", "w.Q.2": "f", "w.Q.3": "f", "w.k": "i"}


def under_way():
    """Expressions over a record w with a number, a 2 x 2 array and a whole number, and a few local names."""
    found = Expressions()
    found.code = Code({cell: Value(Name(cell.replace(".", "_")), kind, STEP) for cell, kind in CELLS.items()})
    found.names = {
        "w": Record("w", {"level": (), "Q": (2, 2), "k": ()}),
        "a": constant(3.0),
        "b": constant(-2.0),
        "one": constant(1),
        "pair": (constant(5), constant(7)),
        "known": Array((2,), (constant(1.5), constant(4.0))),
    }
    found.constants = {
        "RATE": ast.parse("0.25", mode="eval").body,
        "LEVELS": ast.parse("(0.5, 2.0)", mode="eval").body,
        "GOLDEN": ast.parse("np.uint64(9)", mode="eval").body,
    }
    return found


def evaluated(text):
    expressions = under_way()
    return expressions.evaluate(ast.parse(text, mode="eval").body), expressions.code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a + b", 1.0),
        ("a - b", 5.0),
        ("a * RATE", 0.75),
        ("-one", -1),
        ("a > b", True),
        ("b < one < a", True),
        ("a < b", False),
        ("pair[1]", 7),
        ("pair[-2]", 5),
        ("LEVELS[1]", 2.0),
        ("a if b < 0.0 else b", 3.0),
        ("a if b > 0.0 else b", -2.0),
        ("not a", False),
        ("a > b and one", 1),
        ("a < b or 9", 9),
        ("w.Q.size", 4),
        ("w.Q.shape[0]", 2),
        ("a.real", 3.0),
        ("known[1]", 4.0),
        ("known[-1]", 4.0),
        ("b**2", 4.0),
        ("math.inf", float("inf")),
    ],
)
def test_what_is_known_is_worked_out(text, number):
    value, code = evaluated(text)
    assert value.known == number and type(value.known) is type(number)
    assert code.instructions == ([], [], [])


def test_an_unsigned_constant_is_a_number_of_its_own_kind():
    value, _ = evaluated("GOLDEN")
    assert (value.operand, value.kind, value.level) == ("9", "u", KNOWN)


@pytest.mark.parametrize(
    ("text", "operand"), [("w.level", "w_level"), ("w.Q[1, 0]", "w_Q_2"), ("w.Q[-1, -1]", "w_Q_3"), ("w.k", "w_k")]
)
def test_cells_of_a_record(text, operand):
    value, code = evaluated(text)
    assert value.operand == operand and code.instructions == ([], [], [])


def test_a_row_of_an_array_and_an_array_times_a_number():
    row, _ = evaluated("w.Q[1]")
    assert (row.shape, [value.operand for value in row.cells]) == ((2,), ["w_Q_2", "w_Q_3"])
    product, code = evaluated("w.Q[0] * a")
    assert [i[2:] for i in code.instructions[STEP]] == [("*", ("w_Q_0", "3.0")), ("*", ("w_Q_1", "3.0"))]
    assert [value.operand for value in product.cells] == ["v0", "v1"]


def test_an_element_that_is_only_known_at_run_time_is_selected():
    value, code = evaluated("known[w.k]")
    assert [i.operation for i in code.instructions[STEP]] == ["+", "<i", "select", "==i", "select"]
    assert code.instructions[STEP][-1].operands == ("v3", "4.0", "1.5") and value.operand == "v4"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nobody", "'nobody' is not known in every branch"),
        ("w.Q", None),
        ("w + 1.0", "it joins arrays of different shapes"),
        ("w.Q[2, 0]", "it takes an element that is not there"),
        ("w.Q[0:1]", "it takes a part of an array by its bounds"),
        ("pair[2]", "which element of a tuple it takes is only known at run time, or there is none"),
        ("pair[w.k]", "which element of a tuple it takes is only known at run time, or there is none"),
        ("a // b", "it uses the operator FloorDiv"),
        ("[a]", "it has an expression of the kind List"),
        ("a in b", "it uses the operator In"),
        ("w.nothing", ".nothing cannot be followed"),
        ("not w", "it uses a record or an array where a number belongs"),
    ],
)
def test_what_cannot_be_followed_says_why(text, why):
    if why is None:
        assert isinstance(evaluated(text)[0], Array)
        return
    with pytest.raises(CannotTrace) as caught:
        evaluated(text)
    assert str(caught.value) == why
