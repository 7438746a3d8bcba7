"""What a rule reaches: each name, where it was found and what stands there."""

import ast
import math
import types

import numpy as np
import pytest

from habenula_rl.compiler.reach import UNKNOWN, Scope, is_function, resolve, unwrapped


def typed(text, **scope):
    """Functions as from a prompt, with what they see."""
    exec(text, scope)
    return scope


def reached(function, bindings=None):
    """By function's name its references with something behind them, by theirs."""
    walked = resolve([function], bindings or {})
    return {f.__name__: {r.name: r.value for r in found if r.value is not UNKNOWN} for f, found in walked}


def test_globals_attributes_and_what_these_reach_by_hand():
    helper = types.ModuleType("helper")
    exec("RATE = 0.5\n\ndef half(x):\n    return RATE * x\n", vars(helper))
    scope = typed("def entry(x):\n    return GAIN * helper.half(np.exp(x))\n", GAIN=2.0, helper=helper, np=np)
    assert reached(scope["entry"]) == {
        "entry": {"GAIN": 2.0, "helper": helper, "helper.half": helper.half, "np": np},
        "half": {"RATE": 0.5},
    }


def test_a_module_in_a_module_is_looked_into():
    outer, inner = types.ModuleType("outer"), types.ModuleType("outer.inner")
    exec("def half(x):\n    return 0.5 * x\n", vars(inner))
    outer.inner, inner.back = inner, outer  # a circle ends
    scope = typed("def entry(x):\n    return outer.inner.half(x) + outer.inner.back.inner.half(x)\n", outer=outer)
    assert list(reached(scope["entry"])) == ["entry", "half"]


def around(rate, later=False):
    def entry(x):
        return rate * other(x)

    if later:
        return entry

    def other(x):
        return x

    return entry


def test_functions_around_are_seen_as_far_as_they_are_set():
    assert reached(around(3.0))["entry"].keys() == {"rate", "other"}
    assert reached(around(3.0, later=True))["entry"] == {"rate": 3.0}
    assert Scope(around(3.0, later=True)).local >= {"other", "x"}


def test_a_functions_own_module_goes_before_the_bindings():
    scope = typed("def entry(x):\n    return rule(x) + RATE\n", RATE=1.0)
    found = reached(scope["entry"], {"rule": half, "RATE": 5.0})
    assert found["entry"] == {"rule": half, "RATE": 1.0} and "half" in found
    assert Scope(scope["entry"], {"rule": half, "RATE": 5.0}).known["RATE"] == 1.0


def half(x):
    return 0.5 * x


def test_what_is_missing_is_watched_where_it_may_come_to_be():
    scope = typed("def entry(x):\n    return later(x)\n")
    ((_, found),) = resolve([scope["entry"]], {})
    assert {(r.name, id(r.place)) for r in found if r.value is UNKNOWN} >= {("later", id(scope))}


def test_only_what_is_asked_for_is_entered_and_each_once():
    scope = typed("def a(x):\n    return b(x) + a(x)\n\ndef b(x):\n    return a(x)\n")
    assert [f.__name__ for f, _ in resolve([scope["a"], scope["a"]], {})] == ["a", "b"]
    assert [f.__name__ for f, _ in resolve([scope["a"]], {}, into=lambda f: f.__name__ != "b")] == ["a"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("half", half),
        ("math.exp", math.exp),
        ("np.random.rand", np.random.rand),
        ("x", UNKNOWN),
        ("y", UNKNOWN),
        ("nobody", UNKNOWN),
        ("math.nothing", UNKNOWN),
        ("half(1)", UNKNOWN),
        ("x.exp", UNKNOWN),
    ],
)
def test_what_an_expression_stands_for(text, value):
    def entry(x):
        return [x * y for y in (1.0, 2.0)]

    scope = Scope(entry, {})
    assert scope.value(ast.parse(text, mode="eval").body) is value


def test_a_compiled_function_stands_for_its_own():
    from numba import njit

    assert unwrapped(njit(half)) is half and unwrapped(1.0) == 1.0
    assert is_function(half) and is_function(njit(half)) and not is_function(np.exp)
