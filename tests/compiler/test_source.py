"""Reading source: what `ast.parse` does not bear in Python 3.11."""

import ast
import gc

import pytest

from habenula_rl.compiler.source import expression, parsed

TEXT = "x = " + " + ".join(f"f(a{k}, [{k}])" for k in range(200))


@pytest.fixture
def parsing_collector():
    """The collector is at work all the time, and parses whenever it is."""

    def parse(phase, info):
        if phase == "start":
            (lambda: (lambda: ast.parse("1"))())()

    threshold = gc.get_threshold()
    gc.callbacks.append(parse)
    gc.set_threshold(1, 1, 1)
    yield
    gc.set_threshold(*threshold)
    gc.callbacks.remove(parse)


def test_a_collection_that_parses_is_no_mistake_in_what_is_read(parsing_collector):
    for _ in range(20):
        assert isinstance(parsed(TEXT).body[0], ast.Assign)
        assert ast.unparse(expression("a[0] + 1")) == "a[0] + 1"
    assert gc.isenabled()


def test_the_collector_is_left_as_it_was():
    with pytest.raises(SyntaxError):
        parsed("x =")
    assert gc.isenabled()
    gc.disable()
    try:
        parsed("x = 1")
        assert not gc.isenabled()
    finally:
        gc.enable()
