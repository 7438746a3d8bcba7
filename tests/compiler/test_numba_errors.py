"""What cannot be compiled is reported in one sentence with the line of the user's own file."""

import ast
import importlib.util
import re
import sys

import numpy as np
import pytest
from gymnasium import spaces

from habenula_rl.agents import AGENTS, HabenulaAgent
from habenula_rl.cli import commands as cli
from habenula_rl.compiler import module as compiler
from habenula_rl.compiler import numba_errors
from habenula_rl.compiler.source import definition
from habenula_rl.engine import binding
from habenula_rl.engine.live import LiveAgent
from habenula_rl.engine.population import simulate
from habenula_rl.errors import RuleError
from habenula_rl.tasks import ShuttleBox

P = np.zeros(1, np.dtype([("rate", "f8")]))
W = np.zeros(1, np.dtype([("level", "f8"), ("value", "f8", (4, 2))]))

HEAD = '''"""A user's file: comments, docstrings, annotations and long lines stand before what is wrong."""
import numpy as np

UNUSED: float = 1.0


def helper(w: "state", factor: float) -> float:
    """Doubles."""

    # a comment
    declared: float
    doubled: float = (
        2.0
        * factor
    )
    return doubled * w.level


def nothing(w):
    w.level = 1.0


def entry(P, W):
    """Reads one record."""
    p, w = P[0], W[0]
    if p.rate > 10.0:
        for k in range(3):
            w.level += (
                k
            )
    else:
        w.level = 0.0
    w.level += helper(w, 2.0)
'''
CASES = {
    "an attribute": ("w.value.softmax()", "an array of (4, 2) numbers has no 'softmax'"),
    "a field": ("w.levl = 1.0", "there is no field 'levl'"),
    "a field that is read": ("w.level = p.raet", "there is no field 'raet'"),
    "indices": ("w.value[0, 1, 2] = 1.0", "a number cannot be put into element (0, 1, 2) of an array"),
    "indices that are read": ("w.level = w.value[0, 1, 2]", "an array of (4, 2) numbers cannot be indexed with (0, 1"),
    "an index of a number": ("w.level = w.level[0]", "a number cannot be indexed with 0"),
    "a number for an array": ("w.value = 0.0", "a number cannot stand for an array of (4, 2) numbers"),
    "text": ("w.value[0] = 'a'", "text cannot be put into element 0 of an array of (4, 2) numbers"),
    "an operator": ("w.level = w + 1.0", "+ cannot be applied to the agent's state and a number"),
    "no result": ("w.level = nothing(w) + 1.0", "+ cannot be applied to None and a number"),
    "a function": ("w.level = np.exp('a')", "exp() cannot be applied to text"),
    "two kinds": (
        "x = 1.0 if w.level > 0.0 else np.zeros(2)",
        "a value is an array with 1 dimension(s) in one place and a number in another",
    ),
    "a name": ("w.level = unknown + 1.0", "name 'unknown' is not defined"),
    "a builtin": ("w.level = eval('1')", "'eval' cannot be compiled"),
    "arguments": ("w.level = helper(w)", "a function is called wrongly: missing a required argument: 'factor'"),
    "a deletion": ("del w.level", "it cannot be compiled (Unsupported constraint encountered: del (w).level)"),
    "an opcode": ("global UNUSED; UNUSED = 1.0", "it cannot be compiled (STORE_GLOBAL)"),
    "a generator": ("w.level = sum(v for v in w.value[0])", "it cannot be compiled (The use of yield in a closure"),
    "an array for an array": ("w.value = w.value * 2.0", "it cannot be compiled (AssertionError)"),
}


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path / "a cache"))

    def load(text):
        path = tmp_path / "a users rule.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("a_users_rule", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["a_users_rule"] = module
        spec.loader.exec_module(module)
        return module

    return load


def refused(module):
    entry = compiler.bound({"entry": module.entry}, {}, compiled=True)["entry"]
    with pytest.raises(RuleError) as caught:
        entry(P, W)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    return str(caught.value)


NEWER = pytest.mark.skipif(sys.version_info >= (3, 13), reason="Numba reads Python 3.13's code another way")
OTHERWISE_IN_3_13 = {"two kinds", "a generator"}


@pytest.mark.parametrize(
    ("wrong", "what"),
    [pytest.param(*case, id=name, marks=NEWER if name in OTHERWISE_IN_3_13 else ()) for name, case in CASES.items()],
)
def test_in_the_rule_itself(written, wrong, what):
    said = refused(written(f"{HEAD}    {wrong}\n    return w.level\n"))
    line = HEAD.count("\n") + 1
    where, told = re.fullmatch(r"(.*?, in \w+): (.*)", said).groups()
    assert where.endswith(f"a users rule.py:{line}, in entry")
    assert told.startswith(what)


@pytest.mark.parametrize(
    ("line", "right", "wrong", "function"),
    [
        (16, "    return doubled * w.level", "    return doubled * w.levle", "helper"),
        (13, "        2.0", "        unknown", "helper"),
        (29, "                k", "                w.value", "entry"),
        (32, "        w.level = 0.0", "        w.levle = 0.0", "entry"),
    ],
)
def test_in_a_helper_and_in_a_branch(written, line, right, wrong, function):
    """A statement over several lines is named by its first."""
    lines = HEAD.split("\n")
    assert lines[line - 1] == right
    lines[line - 1] = wrong
    said = refused(written("\n".join(lines)))
    first = {13: 12, 29: 28}.get(line, line)
    assert f"a users rule.py:{first}, in {function}: " in said


@NEWER
def test_names_for_two_kinds(written):
    choice = "    if w.level > 0.0:\n        x = 1.0\n    else:\n        x = np.zeros(2)\n    return x\n"
    said = refused(written(HEAD + choice))
    assert f":{HEAD.count(chr(10)) + 5}, in entry: 'x' is " in said
    assert said.endswith("an array with 1 dimension(s) in one place and a number in another")


def test_a_function_without_source_is_named():
    scope = {"np": np}
    exec("def inner(x):\n    return x.foo\n\ndef entry(P, W):\n    return inner(W[0].level)\n", scope)
    entry = compiler.bound({"entry": scope["entry"]}, {}, compiled=True)["entry"]
    with pytest.raises(RuleError) as caught:
        entry(P, W)
    assert str(caught.value) == "<string>:2, in inner: a number has no 'foo'"


def test_a_right_call_after_a_wrong_one_works(written):
    module = written("def entry(P, W):\n    return P[0].rate + W[0].level\n")
    for _ in range(2):  # made anew the second time, from the module that is imported already
        entry = compiler.bound({"entry": module.entry}, {}, compiled=True)["entry"]
        with pytest.raises(RuleError, match=r"in entry: there is no field .rate.$"):
            entry(W, W)
        assert entry(P, W) == 0.0
        compiler._BOUND.clear()


def test_the_lines_of_every_rule_of_the_package_are_found_again():
    """Each statement of the generated functions leads back to the line on which the same statement stands."""
    writer = compiler._written(binding.RUN, binding.rules(HabenulaAgent, ShuttleBox), False)
    generated = [node for node in ast.parse(writer.module()).body if isinstance(node, ast.FunctionDef)]
    checked = 0
    for function in generated:
        origin = writer.origins[function.name]
        kinds = {node.lineno: type(node) for node in numba_errors._statements(definition(origin))}
        for statement in numba_errors._statements(function):
            assert kinds[numba_errors._original_line(function, statement.lineno, origin)] is type(statement)
            checked += 1
    assert checked > 100


AGENT = '''
from dataclasses import dataclass

import numpy as np

from habenula_rl.contract import Agent


def start(p, w, reflex):
    w.level = 0.0


def prefer(p, w, e, z):
    z[:] = 0.0


def learn(p, w, e, y):
    """What this cannot be compiled for is seen by no check on definition."""
    y.level = w.level.cumsum()


@dataclass(frozen=True)
class Wrong(Agent):
    start, prefer, learn = start, prefer, learn
    signals = ("level",)

    @staticmethod
    def state(n_states, n_actions):
        return {"level": ()}
'''
SAYS = r"a users rule\.py:19, in learn: a number has no 'cumsum'$"


def test_a_run_and_a_live_agent_say_it(written):
    agent = written(AGENT).Wrong()
    with pytest.raises(RuleError, match=SAYS):
        simulate(agent, ShuttleBox(), n_subjects=2, n_trials=1)
    live = LiveAgent(agent, spaces.Discrete(2), spaces.Discrete(2))
    with pytest.raises(RuleError, match=SAYS):
        live.learn(0, 0, 1.0, 1, False)


def test_the_command_line_says_it_in_one_line_and_exits_with_2(written, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(AGENTS, "Wrong", written(AGENT).Wrong)
    study = "study: s\ndescription: d\nseed: 3\ngroups:\n  mice: {n: 2, agent: Wrong}\nphases:\n"
    (tmp_path / "s.yaml").write_text(f"{study}  - {{name: box, task: ShuttleBox, trials: 4}}\n")
    monkeypatch.setattr(sys, "argv", ["habenula", "run", str(tmp_path / "s.yaml"), "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as end:
        cli.main()
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("habenula: ")]
    assert end.value.code == 2
    assert len(lines) == 1 and re.search(SAYS, lines[0])
