"""Each operation of straight-line code as vector instructions, one lane and several, against NumPy on the same bits."""

import numpy as np
import pytest

from habenula_rl.compiler import module as compiler
from habenula_rl.compiler.lanes.llvm import block
from habenula_rl.engine import kernel

KINDS = {"f": np.float64, "i": np.int64, "u": np.uint64}
F = [0.0, -0.0, 1.5, -1.5, 2.5, -0.5, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1e308, 2.0**53 + 2, 3.0]
I = [0, 1, -1, 2, 7, -7, 2**62, -(2**62), 2**63 - 1, -(2**63), 12345, 3]  # noqa: E741
U = [0, 1, 2, 63, 2**63, 2**64 - 1, 0x9E3779B97F4A7C15, 12345]
SHIFTS = [0, 1, 11, 31, 63]
SMALL = [0.0, -0.0, 1.5, -1.5, 2.999, -2.999, 1e15, -1e15]  # what fits a whole number
GIVEN = {"f": F, "i": I, "u": U}
PAIRS = {
    kind: [
        np.array(side, KINDS[kind]) for side in zip(*[(a, b) for a in GIVEN[kind] for b in GIVEN[kind]], strict=True)
    ]
    for kind in KINDS
}
SHIFTED = {
    kind: [np.array(side, KINDS[kind]) for side in zip(*[(a, b) for a in GIVEN[kind] for b in SHIFTS], strict=True)]
    for kind in "iu"
}
FLOATS = np.array(F)
COMPARED = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
ARITHMETIC = {"f": {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}}
ARITHMETIC["i"] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "&": np.bitwise_and,
    "|": np.bitwise_or,
    "^": np.bitwise_xor,
}
ARITHMETIC["u"] = ARITHMETIC["i"]
OF_ONE = {
    "f sqrt": np.sqrt,
    "f floor": np.floor,
    "f ceil": np.ceil,
    "f abs": np.abs,
    "f neg": np.negative,
    "i abs": np.abs,
    "i neg": np.negative,
}


def cases():
    """(line of code, kind of the result, kinds of what is given, the numbers, what NumPy makes of them)."""
    with np.errstate(all="ignore"):
        for kind, (a, b) in PAIRS.items():
            for symbol, function in ARITHMETIC[kind].items():
                yield f"{kind} {symbol} a b", kind, (kind, kind), (a, b), function(a, b)
            for symbol, function in COMPARED.items():
                expected = np.where(function(a, b), a, b)
                yield f"b {symbol}{kind} a b", kind, (kind, kind), (a, b), expected
        for kind, (a, b) in SHIFTED.items():
            yield f"{kind} << a b", kind, (kind, kind), (a, b), np.left_shift(a, b)
            yield f"{kind} >> a b", kind, (kind, kind), (a, b), np.right_shift(a, b)
        for operation, function in OF_ONE.items():
            kind = operation[0]
            a = np.array(GIVEN[kind], KINDS[kind])
            yield f"{operation} a", kind, (kind,), (a,), function(a)
        for source, kind, numbers in (("i", "f", I), ("u", "f", U), ("f", "i", SMALL), ("i", "u", I), ("u", "i", U)):
            a = np.array(numbers, KINDS[source])
            yield f"{kind} from-{source} a", kind, (source,), (a,), a.astype(KINDS[kind])
        for source, kind, numbers in (("f", "i", F), ("i", "f", I), ("f", "u", F), ("u", "f", U)):
            a = np.array(numbers, KINDS[source])
            yield f"{kind} bits-{source} a", kind, (source,), (a,), a.view(KINDS[kind])
        for source in KINDS:
            a = np.array(GIVEN[source], KINDS[source])
            yield f"b from-{source} a", source, (source,), (a,), np.where(a != 0, a, np.array(7, KINDS[source]))
        for kind in "fi":
            yield f"{kind} from-b c", kind, ("f",), (FLOATS,), (FLOATS > 1.0).astype(KINDS[kind])


CASES = list(cases())


def text(case, number):
    """The case's code, on three slots of its own; a truth value is seen in what it selects."""
    line, kind, given, _, _ = case
    names, first = "ab"[: len(given)], 3 * number
    code = [f"{name} {kind} load {first + k}" for k, (name, kind) in enumerate(zip(names, given, strict=True))]
    code += ["c b >f a 1.0"] if line.endswith(" c") else []
    code.append(f"r {line}")
    if line.startswith("b "):
        code.append(f"s {kind} select r a {'b' if 'b' in names else '7'}")
    code.append(f"- {kind} store {first + 2} {'s' if line.startswith('b ') else 'r'}")
    words = [one.split() for one in code]
    return [" ".join(f"{w}{number}" if w in "abcrs" and k != 1 else w for k, w in enumerate(one)) for one in words]


def call_for(width):
    from numba import njit

    run = block("\n".join(line for number, case in enumerate(CASES) for line in text(case, number)), width)

    @njit
    def call(slots):
        for k in range(slots.shape[0]):
            run(slots[k])

    return call


@pytest.fixture(scope="module")
def results():
    """What each case gives, by width: one block does all cases, again and again on other numbers."""
    most = max(case[3][0].size for case in CASES)
    found = {}
    for width in (1, 4):
        turns = -(-most // width)
        slots = np.zeros((turns, len(CASES), 3, width))
        for number, case in enumerate(CASES):
            for k, given in enumerate(case[3]):
                slots[:, number, k] = np.resize(given, turns * width).view(np.float64).reshape(turns, width)
        call_for(width)(slots.reshape(turns, -1))
        for number, (name, kind, _, given, _) in enumerate(CASES):
            found[width, name] = slots[:, number, 2].ravel()[: given[0].size].view(KINDS[kind])
    return found


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_an_operation_gives_numpys_bits(results, case, width):
    name, kind, _, _, expected = case
    found = results[width, name]
    assert expected.dtype == KINDS[kind]
    if kind == "f":  # one NaN is as good as another, of any sign
        assert np.array_equal(np.isnan(found), np.isnan(expected))
        found, expected = (np.where(np.isnan(x), 0.0, x) for x in (found, expected))
    assert np.array_equal(found.view(np.int64), expected.view(np.int64))


def test_nothing_else_is_written(results):
    run = block("a f load 1\nr f + a 1.0\n- f store 2 r", 4)
    from numba import njit

    @njit
    def call(slots):
        run(slots)

    slots = np.arange(20.0)
    call(slots)
    assert slots.tolist() == [*range(8), 5, 6, 7, 8, *range(12, 20)]


def test_an_edit_of_what_writes_the_instructions_is_another_module(monkeypatch):
    """The generated module imports it, so that its own text stays the same."""
    before = compiler.module_source({}, {})[0]
    monkeypatch.setattr(compiler, "llvm", kernel)
    compiler._imported.cache_clear()
    after = compiler.module_source({}, {})[0]
    compiler._imported.cache_clear()
    assert before != after
