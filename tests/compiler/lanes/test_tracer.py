"""Rules as straight-line code: what each kind of statement comes to, and which rules are left as they stand."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.agents import HabenulaAgent
from habenula_rl.compiler import module as compiler
from habenula_rl.compiler.lanes import tracer
from habenula_rl.compiler.lanes.ir import STEP, CannotTrace, Code, Name, Record, Value
from habenula_rl.compiler.plain import plain
from habenula_rl.compiler.source import from_text
from habenula_rl.engine import binding
from habenula_rl.engine.specialise import KERNEL
from habenula_rl.randomness import draw
from habenula_rl.tasks import SucrosePreference

SHAPES = {
    "p": {"a": (), "b": ()},
    "w": {"level": (), "Q": (3, 2), "V": (4,)},
    "e": {"state": (), "action": (), "reward": (), "trial": (), "key": ()},
    "y": {"s": (), "t": ()},
}
WHOLE = {"e.state": "i", "e.action": "i", "e.trial": "i", "e.key": "u"}
CELLS = {
    f"{record}.{field}{place}": WHOLE.get(f"{record}.{field}", "f")
    for record, fields in SHAPES.items()
    for field, shape in fields.items()
    for place in ([f".{k}" for k in range(math.prod(shape))] if shape else [""])
}
NUMPY = {"f": "f8", "i": "i8", "u": "u8"}


def followed(text):
    """A rule `learn(p, w, e, y)` and the straight-line code of it."""
    rule = from_text("learn", text)
    return rule, code_of(rule)


def code_of(rule):
    module, _ = compiler.module_source({"learn": rule}, {})
    code = Code({cell: Value(Name(cell.replace(".", "_")), kind, STEP) for cell, kind in CELLS.items()})
    tracer.Module(module).call(code, "learn", [Record(name, fields) for name, fields in SHAPES.items()])
    return code


def whole(number, kind):
    return number % 2**64 if kind == "u" else (number + 2**63) % 2**64 - 2**63


def as_kind(number, kind):
    if kind == "f":
        return float(number)
    if kind == "b":
        return number != 0
    if isinstance(number, float) and not abs(number) < 2.0**63:
        return 0  # in a branch that is not taken
    return whole(int(number), kind)


def bits(number, source, kind):
    forms = {"f": "d", "i": "q", "u": "Q"}
    return struct.unpack(forms[kind], struct.pack(forms[source], number))[0]


BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: float(np.float64(a) / np.float64(b)),
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}
UNARY = {"sqrt": np.sqrt, "floor": np.floor, "ceil": np.ceil, "abs": abs, "neg": lambda a: -a}
COMPARED = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__", "==": "__eq__", "!=": "__ne__"}


def interpreted(code, cells):
    """What the code leaves in the cells; this interpreter knows nothing of LLVM."""
    values = {name.replace(".", "_"): number for name, number in cells.items()}

    def operand(text, kind):
        if text in values:
            return values[text]
        return float(text) if kind == "f" else as_kind(int(text), kind)

    for name, kind, operation, operands in (*code.instructions[1], *code.instructions[2]):
        if operation == "select":
            condition, yes, no = (operand(one, k) for one, k in zip(operands, ("b", kind, kind), strict=True))
            result = yes if condition else no
        elif operation.startswith("from-"):
            result = as_kind(operand(operands[0], operation[5:]), kind)
        elif operation.startswith("bits-"):
            result = bits(operand(operands[0], operation[5:]), operation[5:], kind)
        elif operation[-1] in "fiu" and operation[:-1] in COMPARED:
            a, b = (operand(one, operation[-1]) for one in operands)
            result = getattr(a, COMPARED[operation[:-1]])(b)
        else:
            result = {**BINARY, **UNARY}[operation](*(operand(one, kind) for one in operands))
            result = float(result) if kind == "f" else whole(int(result), kind)
        values[name] = result
    return {cell: operand(value.operand, value.kind) for cell, value in code.cells.items()}


def by_python(rule, cells):
    """What the rule itself leaves in the cells, run by Python on records."""
    records = []
    for name, fields in SHAPES.items():
        dtype = [(f, NUMPY[WHOLE.get(f"{name}.{f}", "f")], shape) for f, shape in fields.items()]
        record = np.zeros(1, dtype).view(np.recarray)
        for f in fields:
            mine = [number for cell, number in cells.items() if cell.split(".")[:2] == [name, f]]
            record[f] = np.reshape(mine, record[f].shape)
        records.append(record[0])
    plain({"learn": rule}, {})["learn"](*records)
    flat = (
        n
        for record, fields in zip(records, SHAPES.values(), strict=True)
        for f in fields
        for n in np.ravel(record[f]).tolist()
    )
    return dict(zip(CELLS, flat, strict=True))


def seen(cells):
    """Numbers by their bits; one NaN is as good as another."""
    return {cell: "nan" if n != n else (float.hex(n) if isinstance(n, float) else n) for cell, n in cells.items()}


def numbers(seed):
    draw = np.random.default_rng(seed)
    cells = dict(zip(CELLS, draw.normal(size=len(CELLS)).round(2).tolist(), strict=True))
    cells |= {"e.state": int(draw.integers(3)), "e.action": int(draw.integers(2)), "e.trial": int(draw.integers(9))}
    return cells | {"e.key": int(draw.integers(2**64, dtype=np.uint64))}


def check(text, seeds):
    rule, code = followed(text)
    for seed in seeds:
        cells = numbers(seed)
        with np.errstate(all="ignore"):
            assert seen(interpreted(code, cells)) == seen(by_python(rule, cells))


HELPERS = """
def bump(w, amount):
    w.level += amount
    return w.level

def pair(a, b):
    return b - 1.0, a * 2.0

def sign(x):
    if x > 0.0:
        return 1.0
    elif x < 0.0:
        return -1.0
    return 0.0

def best(w, s):
    top = 0
    for a in range(1, w.Q.shape[1]):
        if w.Q[s, a] > w.Q[s, top]:
            top = a
    return top

def first_above(w, x):
    for s in range(w.V.size):
        if w.V[s] > x:
            return s
    return -1

def clipped(x):
    return min(max(x, -1.0), 1.0)
"""
RULES = """\
# arrays as a whole
w.V[:] = p.a
w.Q[e.state] *= 0.5
w.Q[:, 1] = w.Q[:, 0] * 2.0 + 1.0
# elements of parts of arrays
y.s = (w.V * 2.0)[0] + w.Q[e.state][1]
# the largest and the smallest element
w.V[e.state] = p.b
y.s = w.V.max() - w.Q[e.state].min()
# the largest of three
y.s = max(p.a, p.b, 0.0) - min(w.level, 0.25, p.a)
# a square and constants
y.s = p.a ** 2 + np.pi - np.abs(p.b)
# assignment in one branch
if p.a > 0.0:
    w.level = 2.0
elif p.b > 0.0:
    w.V[1] += 1.0
else:
    y.s = 3.0
# a local in every branch
x = 1.0
if p.a > 0.0:
    x = p.b
elif w.level > 0.0:
    x = x - 4.0
y.s = x
# nested branches
if p.a > 0.0:
    if p.b > 0.0:
        y.s = 1.0
    else:
        y.t = 2.0
y.s += 1.0
# an early return
y.s = 1.0
if p.a > 0.0:
    return
y.s = 2.0
if p.b > 0.0:
    y.t = 1.0
    return
y.t = 3.0
# an early return in a loop
y.s = first_above(w, p.a)
# an early return in a loop, after a change
for s in range(3):
    w.V[s] += 1.0
    if w.V[s] > p.a:
        y.s = s
        return
y.t = 1.0
# helpers that return from each branch
y.s = sign(p.a) + sign(w.level) * sign(e.reward)
# nested calls
y.s = clipped(sign(clipped(p.a * 3.0)) * bump(w, clipped(p.b)))
y.t = bump(w, 0.5)
# a call for what it does
bump(w, p.a)
bump(w, p.a)
# tuples
a, (b, c) = p.a, pair(p.b, w.level)
y.s, y.t = b, c
a, b = b, a
w.level = a - b
# a tuple of constants
levels = (0.5, 1.5, -2.0)
for k in range(3):
    y.s += levels[k] * w.V[k]
y.t = levels[-1]
# a tuple in one branch
a, b = (p.a, p.b) if w.level > 0.0 else (p.b, 1.0)
y.s = a
y.t = b
# a loop over an array
total = 0.0
for s in range(w.V.size):
    total += w.V[s] * (s + 1)
y.s = total
# a loop backwards and within a loop
for s in range(2, -1, -1):
    for a in range(2):
        y.s = y.s / 2.0 + w.Q[s, a]
# an element by a changing index
w.Q[e.state, e.action] += p.a * (e.reward - w.Q[e.state, e.action])
y.s = w.Q[e.state, 1]
# a write and a read at another place
w.V[e.state] = 9.0
w.V[e.action] *= 0.5
y.s = w.V[e.state] + w.V[3]
# the best of a row
y.s = w.Q[e.state, best(w, e.state)]
# a place below 0
y.s = w.V[e.state - 1]
w.V[e.action - 2] = 7.0
# a place below 0 in a row
y.s = w.Q[e.state, -1]
w.Q[e.state - 1, e.action - 1] += 1.0
# a place below 0 that is known
y.s = w.V[-1] + w.Q[-1, -2]
w.V[-4] = 1.0
# operations in place
w.level += 1
w.level *= p.a
w.level -= p.b
w.level /= 4
w.V[2] += w.level
# and, or, not
if p.a > 0.0 and not p.b > 0.0 or w.level > 1.0:
    y.s = 1.0
if not (p.a > 0.0 or p.b > 0.0):
    y.t = 1.0
# and, or with numbers
y.s = w.level or 1.5
y.t = p.a and p.b
w.V[0] = e.state or p.a
w.V[1] = e.action and 2.0
# and, or as conditions
if e.action or w.level:
    y.s = 1.0
if e.state and not e.action:
    y.t = 1.0
# a chained comparison
if -0.5 < p.a < 0.5 <= p.b + 1.0:
    y.s = 1.0
y.t = 1.0 if 0 <= e.state < e.action else 2.0
# equality
y.s = 1.0 if e.state == 1 else 0.0
y.t = 1.0 if e.action != e.state else p.a
# min, max, abs
y.s = max(min(p.a, p.b), w.level)
y.t = abs(p.a) + abs(e.state - 2) + min(1, 2) + max(e.state, 1)
# min and max of what is not a number, or 0 of either sign
x = np.sqrt(-1.0 - abs(p.a))
y.s = max(x, p.b)
y.t = min(p.b, x)
w.level = max(0.0 * p.a, -0.0 * p.a) + min(x, p.b)
w.V[0] = max(p.b, x)
w.V[1] = min(0.0 * p.b, -0.0 * p.b)
# whole numbers and others
y.s = e.state * 2 + 0.5
y.t = e.trial / 4 - e.action
w.level = 7 * 3 - 2
# whole numbers of others
y.s = int(p.a * 10.0)
y.t = float(e.state) + int(-2.7)
w.V[int(abs(p.b)) & 3] = 1.0
# shifts and bits
y.s = (e.trial << 3) + (e.trial >> 1) + (e.trial & 5) + (e.trial | 2) + (e.trial ^ 7)
# truth as a number
y.s = (p.a > 0.0) * 2.5 + p.b * (w.level > 0.0)
w.level = p.a > p.b
y.t = True
# minus
y.s = -p.a - -p.b
y.t = -e.state - (-2.5)
w.level = -(w.level * 0.0)
# roots and whole parts
y.s = np.sqrt(abs(p.a)) + np.sqrt(2)
y.t = np.floor(p.b * 3.0) + np.ceil(w.level)
# a root below 0
y.s = np.sqrt(-abs(p.a) - 1.0)
y.t = 1.0 if np.sqrt(-1.0 - abs(p.b)) != 0.0 else 2.0
# infinite and undefined
y.s = np.inf
y.t = np.nan
w.level = p.a * -np.inf
w.V[0] = 1.0 if p.a < np.nan else 2.0
# exponential and logarithm
y.s = np.exp(p.a) + np.exp(-800.0 + p.b)
y.t = np.log(abs(p.b)) + np.log(w.level)
# one over an exponential
y.s = 1.0 / np.exp(-800.0 + p.a)
y.t = 1.0 / (1.0 + np.exp(-p.b))
# records and arrays under other names
Q, own = w.Q, w
own.level = Q[e.state, 0]
Q[0, 1] = own.level + 1.0
# statements that do nothing
pass
if p.a > 0.0:
    pass
else:
    y.s = 1.0
# a skipped loop
for k in range(0):
    y.s = 1.0
for k in range(3, 1):
    y.t = 1.0
# declared locals
x: float = p.a
x += 1.0
y.s = x
"""


def indented(text):
    return "\n".join(f"    {line}" for line in text.splitlines())


def split(text):
    """The parts of a text that begin with a comment."""
    return [f"# {part}" for part in text.removeprefix("# ").split("\n# ")]


def learn(body):
    """A whole rule, with the helpers that it may call."""
    return f"def learn(p, w, e, y):\n{indented(body)}\n{HELPERS}"


@pytest.mark.parametrize("body", [pytest.param(body, id=body.partition("\n")[0][2:]) for body in split(RULES)])
def test_each_kind_of_statement_comes_to_what_python_does(body):
    check(learn(body), range(12))


def test_random_draws_come_to_what_python_draws():
    rule = from_text("learn", "def learn(p, w, e, y):\n    y.s = draw(e.key, np.uint64(e.trial))\n")
    rule.__globals__["draw"] = draw
    code = code_of(rule)
    for seed in range(20):
        cells = numbers(seed)
        with np.errstate(all="ignore"):
            expected = float(draw(np.uint64(cells["e.key"]), np.uint64(cells["e.trial"])))
        assert interpreted(code, cells)["y.s"] == expected


LEAVES = [
    "p.a",
    "p.b",
    "w.level",
    "e.reward",
    "e.state",
    "y.s",
    "w.Q[e.state, e.action]",
    "w.Q[e.state - 1, k]",
    "w.V[e.state]",
    "w.V[k]",
    "w.V[e.action - k]",
    "x0",
    "x1",
    "0.5",
    "-1.25",
    "3.0",
    "k * 0.5",
]
TARGETS = ["x0", "x1", "w.level", "w.V[e.state]", "w.V[k]", "w.Q[e.state, k]", "w.Q[k, e.action - 1]", "y.s", "y.t"]


def expressions():
    def more(inner):
        compared = st.builds("({} {} {})".format, inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner)
        truth = st.one_of(
            compared,
            st.builds("({} {} {})".format, compared, st.sampled_from(["and", "or"]), compared),
            st.builds("(not {})".format, compared),
            st.builds("({} <= {} < {})".format, inner, inner, inner),
        )
        return st.one_of(
            st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
            st.builds("({} / ({} * 1.0 + 0.3))".format, inner, inner).map(lambda x: f"(np.float64(1.0) * {x})"),
            st.builds("({} if {} else {})".format, inner, truth, inner),
            st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
            st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
            st.builds("{}({} * 1.0)".format, st.sampled_from(["abs", "np.floor", "np.sqrt", "clipped", "sign"]), inner),
            st.builds("np.exp(clipped({} * 1.0))".format, inner),
            st.builds("(-(1.0 * {}))".format, inner),
            st.builds("(2 * {})".format, inner),
        )

    return st.recursive(st.sampled_from(LEAVES), more, max_leaves=5)


def bodies():
    assignment = st.builds(
        "{} {} 1.0 * {}".format, st.sampled_from(TARGETS), st.sampled_from(["=", "+=", "-="]), expressions()
    )
    line = st.one_of(assignment, assignment, st.just("return"), st.just("x0, x1 = x1, x0"), st.just("bump(w, x0)"))

    def joined(lines):
        return indented("\n".join(lines))

    def more(inner):
        body = st.lists(inner, min_size=1, max_size=3).map(joined)
        return st.one_of(
            st.builds("if {}:\n{}".format, expressions(), body),
            st.builds("if {}:\n{}\nelif {}:\n{}\nelse:\n{}".format, expressions(), body, expressions(), body, body),
            st.builds("for k in range({}):\n{}".format, st.sampled_from(["2", "w.Q.shape[1]", "1, -1, -1"]), body),
        )

    statement = st.recursive(line, more, max_leaves=5)
    return st.lists(statement, min_size=1, max_size=5).map(
        lambda lines: "\n".join(["k, x0, x1 = 1, p.a, 0.25", *lines])
    )


@settings(deadline=None, max_examples=100)
@given(body=bodies(), seed=st.integers(0, 2**32 - 1))
def test_any_rule_of_these_comes_to_what_python_does(body, seed):
    check(learn(body), range(seed, seed + 3))


FORKS = "for k in range(40):\n    if w.level > k:\n        if p.a > k:\n            return\ny.s = 1.0"
RETURNS = "for k in range(700):\n    if w.level > k:\n        return\ny.s = 1.0"
SKIPPED = "a function that changes a record is called where Python may skip it"
NOT_LANES = {
    "while w.level > 1.0:\n    w.level -= 1.0": "it has a statement of the kind While",
    "for k in range(3):\n    if p.a > k:\n        break\n    y.s = k": "a loop is not a plain one over range(...)",
    "for k in range(3):\n    if p.a > k:\n        continue\n    y.s = k": "a loop is not a plain one over range(...)",
    "for k in range(3):\n    y.s = k\nelse:\n    y.t = 1.0": "a loop is not a plain one over range(...)",
    "for v in w.V:\n    y.s += v": "a loop is not a plain one over range(...)",
    "for k in range(e.state):\n    y.s += w.V[k]": "how often a loop turns is only known at run time",
    "for k in range(10_000_000):\n    pass": "a loop is too long",
    FORKS: "it is too long",
    RETURNS: "it may return at too many places",
    "for k in range(3000):\n    w.V[0] = w.V[0] * p.a + p.b + w.V[0]": "it is too long",
    "y.s = np.tanh(p.a)": "it uses np.tanh",
    "y.s = np.round(p.a, 1)": "it uses np.round",
    "y.s = np.sum(w.V)": "it uses a record or an array where a number belongs",
    "w.V[1:] = 0.0": "it takes a part of an array by its bounds",
    "x = w.Q[e.state]": "it gives a name to a part of an array",
    "w.V[:] = w.Q[0]": "it joins arrays of different shapes",
    "y.s = e.trial % 3": "it uses the operator Mod",
    "y.s = e.trial // 3": "it uses the operator FloorDiv",
    "y.s = p.a ** 3": "it uses the operator Pow",
    "y.s = +p.a": "it uses the operator UAdd",
    "y.s = [p.a, p.b][0]": "it has an expression of the kind List",
    "y.s = w.V[4]": "it takes an element that is not there",
    "y.s = w.V[-5]": "it takes an element that is not there",
    "y.s = w.Q[0, 2]": "it takes an element that is not there",
    "y.s = w.V[p.a]": "it takes an element that is not there",
    "x = (1.0, 2.0)\ny.s = x[e.state]": "which element of a tuple it takes is only known at run time, or there is none",
    "x = (1.0, 2.0)\ny.s = x[2]": "which element of a tuple it takes is only known at run time, or there is none",
    "if p.a > 0.0:\n    x = 1.0\ny.s = x": "'x' is not known in every branch",
    "x = (p.a, 1.0) if p.a > 0.0 else p.b\ny.s = 1.0": "a name stands for different things in two branches",
    "y.s = bump(w, 1.0) if p.a > 0.0 else 0.0": SKIPPED,
    "if p.a > 0.0 and bump(w, 1.0) > 0.0:\n    y.s = 1.0": SKIPPED,
    "if 0.0 < p.a < bump(w, 1.0):\n    y.s = 1.0": SKIPPED,
    "y.s = clipped(x=p.a)": "it calls a function with arguments by name",
    "y.s = forever(p.a)": "learn_forever is called in a way that cannot be followed",
    "y.s = by_default(p.a)": "learn_by_default is called in a way that cannot be followed",
    "y.s = e.key + e.trial": "it mixes unsigned and other numbers",
    "y.s = 1.0 if e.key > 0 else 0.0": "it compares unsigned with other numbers",
    "y.s = p.a << 1": "it uses << on numbers that are not whole",
    "assert p.a < 9.0": "it has a statement of the kind Assert",
}
ENDLESS = """
def forever(x):
    return forever(x) + 1.0

def by_default(x, times=2.0):
    return x * times
"""


@pytest.mark.parametrize(("body", "reason"), NOT_LANES.items())
def test_what_is_not_straight_says_why_and_at_once(body, reason):
    with pytest.raises(CannotTrace) as caught:
        followed(learn(body) + ENDLESS)
    assert str(caught.value).replace("habenula_rl_compiler_source_", "learn_") == reason


def test_a_helper_called_as_the_kernels_own_function_is_not_taken_for_it():
    text = "def learn(p, w, e, y):\n    y.s = step_and_record(p.a)\n\ndef step_and_record(x):\n    return x + 1.0\n"
    rule = from_text("learn", text)
    module, _ = compiler.module_source(binding.RUN, binding.rules(HabenulaAgent, SucrosePreference) | {"learn": rule})
    names = tracer.Module(module).functions
    assert KERNEL.format("step_and_record") in names and "habenula_rl_compiler_source_step_and_record" in names
