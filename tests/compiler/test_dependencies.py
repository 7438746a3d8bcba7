"""The content of functions: equal for the same code and constants, another wherever a name stands for another thing."""

import subprocess
import sys
import types

import numpy as np
import pytest

from habenula_rl.compiler import module as compiler
from habenula_rl.compiler.dependencies import content, content_key, is_constant, literal
from habenula_rl.compiler.lanes.llvm import Block


def typed(text, **scope):
    exec(text, scope)
    return scope


TWO = (
    "def a(x):\n    return x + 1.0\n\ndef b(x):\n    return 2.0 * x\n\ndef entry(x):\n    return first(x) - second(x)\n"
)


def test_the_same_typed_twice_is_the_same_content():
    one, other = (typed(TWO + "first, second = a, b\n") for _ in range(2))
    assert content({"entry": one["entry"]}, {}) == content({"entry": other["entry"]}, {})
    assert content_key({"entry": one["entry"]}, {}) == content_key({"entry": other["entry"]}, {})


def test_other_content_is_another_key_each_time_it_changes_and_the_first_when_it_changes_back():
    scope, keys = typed(TWO), []
    for first, second in ("ab", "ba", "aa", "bb", "ab"):
        scope["first"], scope["second"] = scope[first], scope[second]
        keys.append(content_key({"entry": scope["entry"]}, {}))
    assert keys[0] == keys[4] and len(set(keys)) == 4


def test_which_function_a_name_stands_for_counts_where_both_are_reached_anyway(monkeypatch, tmp_path):
    """Else the run after the change is the one of before it."""
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path))
    scope = typed(TWO + "\ndef run(x):\n    return entry(x) + 0.0 * (a(x) + b(x))\n")
    for compiled in (True, False):
        scope["first"], scope["second"] = scope["a"], scope["b"]
        assert compiler.bound({"run": scope["run"]}, {}, compiled=compiled)["run"](3.0) == 4.0 - 6.0
        scope["second"] = scope["a"]
        assert compiler.bound({"run": scope["run"]}, {}, compiled=compiled)["run"](3.0) == 0.0


@pytest.mark.parametrize("other", [np.log, np.tanh, 2.0])
def test_another_function_of_numpys_under_a_name_is_other_content(other):
    scope = typed("def entry(x):\n    return f(x)\n", f=np.exp)
    before = content({"entry": scope["entry"]}, {})
    scope["f"] = other
    assert content({"entry": scope["entry"]}, {}) != before
    scope["f"] = np.exp
    assert content({"entry": scope["entry"]}, {}) == before


def test_a_helper_in_a_module_of_a_module_counts():
    outer, inner = types.ModuleType("outer"), types.ModuleType("inner")
    outer.inner = inner
    scope = typed("def entry(x):\n    return outer.inner.half(x)\n", outer=outer)
    keys = []
    for factor in (0.5, 0.25):
        exec(f"def half(x):\n    return {factor} * x\n", vars(inner))
        keys.append(content_key({"entry": scope["entry"]}, {}))
    assert keys[0] != keys[1]


def test_a_name_that_comes_to_stand_before_a_binding_counts():
    scope = typed("def entry(x):\n    return rule(x)\n")
    other = typed(TWO)
    before = content_key({"entry": scope["entry"]}, {"rule": other["a"]})
    scope["rule"] = other["b"]
    assert content_key({"entry": scope["entry"]}, {"rule": other["a"]}) != before


CONTENT = """
import numpy as np
from habenula_rl.compiler.dependencies import content
scope = {"np": np, "f": np.exp, "kind": int, "RATE": 0.5}
exec("def entry(x):\\n    return RATE * kind(f(np.abs(x)))\\n", scope)
((code, *rest),) = content({"entry": scope["entry"]}, {})
print(rest)
"""


def test_its_text_is_the_same_in_every_process():
    texts = {subprocess.run([sys.executable, "-c", CONTENT], check=True, capture_output=True).stdout for _ in range(2)}
    (text,) = texts
    assert b"0x" not in text and b"exp" in text and b"('RATE', '0.5')" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1.0"),
        (True, "True"),
        (-0.0, "-0.0"),
        (float("inf"), "math.inf"),
        (-float("inf"), "-math.inf"),
        (float("nan"), "math.nan"),
        (np.uint64(3), "np.uint64(3)"),
        (np.float64(0.5), "np.float64(0.5)"),
        ((1, 2.0), "(1, 2.0, )"),
        ((), "()"),
    ],
)
def test_a_constant_as_source(value, text):
    assert is_constant(value) and literal(value) == text


@pytest.mark.parametrize("value", ["text", None, [1.0], {"a": 1}, (1.0, "text"), np.zeros(2)])
def test_what_is_no_constant(value):
    assert not is_constant(value)


def test_a_block_is_a_constant():
    assert is_constant(Block((), 1))


@pytest.mark.parametrize(
    ("before", "after"),
    [("(2.0, 1.0)", "(5.0, 1.0)"), ("(2, 1.0)", "(2.0, 1.0)"), ("2.0", "5.0"), ("0.0", "-0.0"), ("2", "2.0")],
)
def test_a_constant_typed_again_is_other_content(before, after):
    scope = {}
    exec(f"LEVELS = {before}\n\ndef entry(x):\n    return LEVELS\n", scope)
    keys = [content({"entry": scope["entry"]}, {})]
    exec(f"LEVELS = {before}\n", scope)
    keys.append(content({"entry": scope["entry"]}, {}))
    exec(f"LEVELS = {after}\n", scope)
    keys.append(content({"entry": scope["entry"]}, {}))
    assert keys[0] == keys[1] != keys[2]


def test_what_has_the_place_of_something_forgotten_in_memory_is_not_taken_for_it():
    """Functions that come and go, as compiled ones of a prompt do, come to have the same id."""

    class Shell:
        """As Numba's dispatchers, it stands for a function."""

        def __init__(self, function):
            self.py_func = function

    def shell(k):
        scope = {}
        exec(f"def entry(x):\n    return x + {k}", scope)
        return Shell(scope["entry"])

    assert len({content({"entry": shell(k)}, {}) for k in range(20)}) == 20
