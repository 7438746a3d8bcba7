"""An agent or a task that cannot work is refused when its class is defined: one sentence, with file and line."""

import importlib.util
import re
import sys

import pytest

from habenula_rl.agents import AGENTS
from habenula_rl.contract import EVENT_FIELDS, EVENT_RANKS, definition
from habenula_rl.errors import RuleError
from habenula_rl.tasks import TASKS

AGENT = '''"""A user's own agent."""
from dataclasses import dataclass

import numpy as np
import {helpers}
from habenula_rl.contract import Agent, parameter

LEVELS = (1.0, 2.0)


def start(p, w, reflex):
    """A naive subject."""
    w.Q[:] = 0.0
    w.level = p.first


def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * w.Q[e.state, a]


def learn(p, w, e, y):
    """Learns."""
    y.rpe = later(e.reward, w.Q[e.state, e.action])
    w.Q[e.state] *= 1.0 - p.alpha
    w.Q[e.state, e.action] += p.alpha * y.rpe
    {helpers}.note(w, out=y, factor=LEVELS[0])


@dataclass(frozen=True)
class Own(Agent):
    start, prefer, learn = start, prefer, learn
    signals = ("rpe", "level")
    carried = ("level",)
    alpha: float = parameter(0.2, doc="learning rate", low=0, high=1)
    beta: float = parameter(3.0, doc="choice consistency", low=0, high=100)
    first: float = parameter(0.0, doc="level to start with")
    doses: tuple[float, ...] = parameter((1.0, 2.0), doc="doses")

    @staticmethod
    def state(n_states, n_actions):
        return {"Q": (n_states, n_actions), "level": ()}


def later(reward, expected):
    return reward - expected
'''.replace("{helpers}", "own_helpers")

HELPERS = '''
def note(w, factor, out):
    # in another file
    w.level = bounded(factor * w.level, 3)
    out.level = w.level


def bounded(x, depth):
    """Calls itself, without a record."""
    return x if depth == 0 or np.abs(x) < 1.0 else bounded(0.5 * x, depth - 1)


import numpy as np
'''

TASK = '''"""A user's own task."""
from dataclasses import dataclass

from habenula_rl.contract import Task, parameter
from habenula_rl.randomness import uniform


def begin(q, x, e):
    e.state = 0
    x.visits = 0.0


def step(q, x, e):
    x.visits += 1.0
    e.reward = 1.0 if uniform(e, 0) < q.chance else e.scripted
    e.next_state, e.terminated = 0, 1


@dataclass(frozen=True)
class Own(Task):
    begin = begin
    step = step
    memory = ("visits",)
    states = ("here",)
    actions = ("take",)
    chance: float = parameter(0.5, doc="probability of a reward", low=0, high=1)
'''


@pytest.fixture
def defined(tmp_path):
    """Defines the class of a file, beside a file of helpers, as an import does."""

    def define(text, helpers=HELPERS):
        for name, content in (("own_helpers", helpers), ("own", text)):
            path = tmp_path / f"{name}.py"
            path.write_text(content)
            spec = importlib.util.spec_from_file_location(name, path)
            module = sys.modules[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        return module.Own

    return define


def changed(text, right, wrong):
    assert text.count(right) == 1
    return text.replace(right, wrong)


def refused(define, text, right, wrong, line_of, expected, helpers=HELPERS):
    """`line_of` is a part of the line that has to be named."""
    if right in helpers:
        helpers = changed(helpers, right, wrong)
    else:
        text = changed(text, right, wrong)
    with pytest.raises(RuleError) as caught:
        define(text, helpers)
    said = str(caught.value)
    where, what = re.fullmatch(r".*/(own\w*\.py:\d+, (?:in|class) \w+): ([^\n]*)", said).groups()
    lines = (helpers if where.startswith("own_helpers") else text).split("\n")
    assert line_of in lines[int(where.split(":")[1].split(",")[0]) - 1]
    assert what == expected


AGENTS_WRONG = {
    "a parameter": (
        "p.beta * w.Q",
        "p.beat * w.Q",
        "p.beat",
        "p.beat: there is no parameter 'beat', did you mean 'beta'?",
    ),
    "a state field": (
        "    w.level = p.first",
        "    w.levle = p.first",
        "w.levle",
        "w.levle: there is no field of the state 'levle', did you mean 'level'?",
    ),
    "an event field": (
        "later(e.reward,",
        "later(e.rewards,",
        "e.rewards",
        "e.rewards: there is no field of the event 'rewards', did you mean 'reward'?",
    ),
    "a signal": (
        "    y.rpe = later",
        "    y.rep = later",
        "y.rep",
        "y.rep: there is no signal 'rep', did you mean 'rpe'?",
    ),
    "in a helper": (
        "    out.level = w.level",
        "    out.levl = w.level",
        "out.levl",
        "out.levl: there is no signal 'levl', did you mean 'level'?",
    ),
    "a helper's state": (
        "bounded(factor * w.level, 3)",
        "bounded(factor * w.q, 3)",
        "w.q",
        "w.q: there is no field of the state 'q', did you mean 'Q'?",
    ),
    "a signal unwritten": (
        "    out.level = w.level",
        "    w.level = 1.0",
        "def learn",
        "learn never writes the signal 'level'",
    ),
    "a list": (
        "p.beta * w.Q",
        "p.doses * w.Q",
        "p.doses",
        "p.doses is a list, which reaches rules only as the task's script, e.scripted",
    ),
    "a parameter set": (
        "    w.level = p.first",
        "    p.first = w.level",
        "p.first = ",
        "p.first cannot be set: parameters are frozen",
    ),
    "the event set": (
        "    w.level = bounded(factor * w.level, 3)",
        "    w.level = 1.0\n    e_set(w)",
        "e_set(w)",
        "the name 'e_set' is not defined, did you mean 'set'?",
    ),
    "the event changed": (
        '"""Learns."""\n',
        '"""Learns."""\n    e.reward += 1.0\n',
        "e.reward += 1.0",
        "e.reward cannot be set: the event is not an agent's to change",
    ),
    "too many indices": (
        "z[a] = p.beta * w.Q[e.state, a]",
        "z[a] = p.beta * w.Q[e.state, a, 0]",
        "a, 0]",
        "w.Q[e.state, a, 0]: w.Q has 2 dimensions, not 3",
    ),
    "too many written": (
        "    w.Q[:] = 0.0",
        "    w.Q[:, 0, 0] = 0.0",
        ":, 0, 0",
        "w.Q[:, 0, 0]: w.Q has 2 dimensions, not 3",
    ),
    "an index of a number": (
        "    w.level = p.first",
        "    w.level[0] = p.first",
        "level[0]",
        "w.level is a number and has no [0]",
    ),
    "an index of a parameter": ("p.beta * w.Q", "p.beta[a] * w.Q", "p.beta[a]", "p.beta is a number and has no [a]"),
    "a number for an array": (
        "    w.Q[:] = 0.0",
        "    w.Q = 0.0",
        "w.Q = 0.0",
        "w.Q has 2 dimensions; set its numbers, as in w.Q[:, :] = ...",
    ),
    "an array for a number": (
        "later(e.reward, w.Q[e.state, e.action])",
        "e.reward - 2.0 * w.Q[e.state]",
        "e.reward -",
        "y.rpe is a number, e.reward - 2.0 * w.Q[e.state] has 1 dimension",
    ),
    "an array added to a number": (
        "    w.level = p.first",
        "    w.level += -w.Q[0]",
        "-w.Q",
        "w.level is a number, -w.Q[0] has 1 dimension",
    ),
    "a name": ("range(z.size)", "rnage(z.size)", "rnage", "the name 'rnage' is not defined, did you mean 'range'?"),
    "a name in a module": (
        "own_helpers.note(",
        "own_helpers.notes(",
        "notes",
        "own_helpers.notes: own_helpers has no 'notes', did you mean 'note'?",
    ),
    "a function of numpy": ("np.abs(x)", "np.abbs(x)", "np.abbs", "np.abbs: numpy has no 'abbs', did you mean 'abs'?"),
    "a helper's arguments": (
        "factor=LEVELS[0])",
        "facto=LEVELS[0])",
        "facto=",
        "own_helpers.note(w, out=y, facto=LEVELS[0]): missing a required argument: 'factor'",
    ),
    "a global": (
        "LEVELS = (1.0, 2.0)",
        "LEVELS = [1.0, 2.0]",
        "LEVELS[0]",
        "'LEVELS' is list, which a rule cannot use; rules use numbers, functions, numpy and math",
    ),
    "a dict": ("    w.level = p.first", "    w.level = {0: p.first}[0]", "{0:", "a dict cannot be used in a rule"),
    "a lambda": ("    w.level = p.first", "    f = lambda x: x", "lambda", "a lambda cannot be used in a rule"),
    "try": (
        "    w.level = p.first",
        "    try:\n        w.level = 1.0\n    finally:\n        pass",
        "try:",
        "try cannot be used in a rule",
    ),
    "with": ("    w.level = p.first", "    with w:\n        pass", "with w", "with cannot be used in a rule"),
    "import": ("    w.level = p.first", "    import math", "import math", "an import cannot be used in a rule"),
    "yield": ("    w.level = p.first", "    yield 1.0", "yield", "yield cannot be used in a rule"),
    "global": ("    w.level = p.first", "    global LEVELS", "    global", "global cannot be used in a rule"),
    "a generator": (
        "    w.level = p.first",
        "    w.level = sum(v for v in w.Q[0])",
        "sum(v",
        "a generator cannot be used in a rule",
    ),
    "an inner function": (
        "    w.level = p.first",
        "    def f():\n        pass",
        "def f",
        "a function inside a function cannot be used in a rule",
    ),
    "text": ("    w.level = p.first", "    w.level = float('1')", "'1'", "the text '1' cannot be used in a rule"),
    "an f-string": (
        "    w.level = p.first",
        "    w.level = float(f'{p.first}')",
        "f'",
        "text cannot be used in a rule",
    ),
    "starred arguments": (
        "def bounded(x, depth):",
        "def bounded(x, depth, *more):",
        "def bounded",
        "*args and **kwargs cannot be used in a rule",
    ),
    "a rule missing": (
        "start, prefer, learn = start, prefer, learn",
        "start, prefer = start, prefer",
        "class Own",
        "the rule learn(p, w, e, y) is missing",
    ),
    "no function": (
        "start, prefer, learn = start, prefer, learn",
        "start, prefer, learn = start, prefer, 3",
        "class Own",
        "learn must be a function written with def, learn(p, w, e, y), not int",
    ),
    "a lambda for a rule": (
        "= start, prefer, learn\n",
        "= start, prefer, lambda p, w, e, y: None\n",
        "class Own",
        "learn must be a function written with def, learn(p, w, e, y), not a lambda",
    ),
    "a rule's arguments": (
        "def prefer(p, w, e, z):",
        "def prefer(p, w, e):\n    z = w.Q[0]",
        "def prefer",
        "the rule must take prefer(p, w, e, z), under any names, not (p, w, e)",
    ),
    "a rule with stars": (
        "def prefer(p, w, e, z):",
        "def prefer(p, w, e, z, *more):",
        "def prefer",
        "the rule must take prefer(p, w, e, z), under any names, not (p, w, e, z, more)",
    ),
    "signals as text": (
        'signals = ("rpe", "level")',
        'signals = ("rpe")',
        "class Own",
        "signals must be a tuple of names, as in signals = ('one',), not 'rpe'",
    ),
    "signals missing": (
        '    signals = ("rpe", "level")\n',
        "",
        "class Own",
        "signals must be a tuple of names, as in signals = ('one',), not None",
    ),
    "a signal twice": (
        'signals = ("rpe", "level")',
        'signals = ("rpe", "rpe")',
        "class Own",
        "signals names 'rpe' twice",
    ),
    "a signal's name": (
        'signals = ("rpe", "level")',
        'signals = ("rpe", "a level")',
        "class Own",
        "signals: 'a level' cannot be read as a field, a name has letters, digits and _ only",
    ),
    "a column": (
        'signals = ("rpe", "level")',
        'signals = ("rpe", "steps")',
        "class Own",
        "signals: 'steps' is a column of every table already",
    ),
    "a name of numpy's": (
        '"level": ()}',
        '"level": (), "size": ()}',
        "class Own",
        "state: 'size' is something that every record of NumPy has already",
    ),
    "carried": (
        'carried = ("level",)',
        'carried = ("levels",)',
        "class Own",
        "carried names 'levels', which is no field of the state, did you mean 'level'?",
    ),
    "carried array": (
        'carried = ("level",)',
        'carried = ("Q",)',
        "class Own",
        "carried names 'Q', which is no number but has the shape (3, 2)",
    ),
    "a shape": (
        '"level": ()}',
        '"level": 1}',
        "class Own",
        "state: the shape of 'level' must be a tuple of whole numbers, () for a number, not 1",
    ),
    "no shapes": (
        'return {"Q": (n_states, n_actions), "level": ()}',
        "return (3, 2)",
        "class Own",
        "state must return the shapes by name, as in {'value': (n_states,)}, not (3, 2)",
    ),
    "state with self": (
        "    @staticmethod\n    def state(n_states",
        "    def state(self, n_states",
        "class Own",
        "state(3, 2) fails: TypeError: Own.state() missing 1 required positional argument: 'n_actions' "
        "(is it a @staticmethod?)",
    ),
    "no state": (
        "def state(n_states, n_actions)",
        "def states(n_states, n_actions)",
        "class Own",
        "state(n_states, n_actions) is missing, which gives the shape of each field of the state",
    ),
    "no doc": ('doc="learning rate"', 'doc=" "', "class Own", "alpha needs a doc that says what it is"),
    "no unit": ('doc="learning rate"', 'doc="learning rate", unit=""', "class Own", "alpha needs a unit, '1' for none"),
    "no parameter": (
        'parameter(0.2, doc="learning rate", low=0, high=1)',
        "0.2",
        "class Own",
        "alpha must be a parameter, as in alpha: float = parameter(0.1, doc='...')",
    ),
    "a range": (
        'doc="learning rate", low=0, high=1',
        'doc="learning rate", low=1, high=0',
        "class Own",
        "alpha has a range from 1 to 0: low must be below high",
    ),
    "a default outside": (
        "parameter(0.2, ",
        "parameter(2.0, ",
        "class Own",
        "alpha has the default 2, outside of 0 to 1",
    ),
    "a default of text": (
        "parameter(0.2, ",
        "parameter('0.2', ",
        "class Own",
        "alpha must have a number, true or false, or a tuple of numbers as its default, not '0.2'",
    ),
    "a method's name": (
        "    first: float",
        "    values: float",
        "class Own",
        "values is what every agent and task can do, no name for a parameter",
    ),
}
TASKS_WRONG = {
    "a parameter": (
        "q.chance",
        "q.chanec",
        "q.chanec",
        "q.chanec: there is no parameter 'chanec', did you mean 'chance'?",
    ),
    "a memory field": (
        "    x.visits += 1.0",
        "    x.visit += 1.0",
        "x.visit ",
        "x.visit: there is no field of the memory 'visit', did you mean 'visits'?",
    ),
    "an event field": (
        "    e.state = 0",
        "    e.sate = 0",
        "e.sate",
        "e.sate: there is no field of the event 'sate', did you mean 'state'?",
    ),
    "a parameter set": (
        "    x.visits += 1.0",
        "    q.chance += 1.0",
        "q.chance +=",
        "q.chance cannot be set: parameters are frozen",
    ),
    "memory as text": (
        'memory = ("visits",)',
        'memory = "visits"',
        "class Own",
        "memory must be a tuple of names, as in memory = ('one',), not 'visits'",
    ),
    "a rule's arguments": (
        "def begin(q, x, e)",
        "def begin(x, e)",
        "def begin",
        "the rule must take begin(q, x, e), under any names, not (x, e)",
    ),
    "a rule missing": ("    step = step\n", "", "class Own", "the rule step(q, x, e) is missing"),
}


@pytest.mark.parametrize(("right", "wrong", "line", "expected"), AGENTS_WRONG.values(), ids=AGENTS_WRONG)
def test_an_agent_that_cannot_work(defined, right, wrong, line, expected):
    refused(defined, AGENT, right, wrong, line, expected)


@pytest.mark.parametrize(("right", "wrong", "line", "expected"), TASKS_WRONG.values(), ids=TASKS_WRONG)
def test_a_task_that_cannot_work(defined, right, wrong, line, expected):
    refused(defined, TASK, right, wrong, line, expected)


RIGHT = {
    "as it is": ("", ""),
    "a field of another name for the record": ("    out.level = w.level", "    there = out\n    there.level = w.level"),
    "a record that goes where it cannot be followed": (
        "    out.level = w.level",
        "    both = (out, w)\n    both[0].level = 1.0",
    ),
    "a record under its own name again": ("    out.level = w.level", "    out = out\n    out.level = w.level"),
    "print and an f-string for plain Python": ("    w.level = p.first", "    print(f'{w.Q}', 'text')"),
    "a breakpoint for plain Python": ("    w.level = p.first", "    breakpoint()"),
    "an error of one's own": ("    w.level = p.first", "    if p.first > 9.0:\n        raise ValueError('too much')"),
    "an assertion": ("    w.level = p.first", "    assert p.first < 9.0, 'too much'"),
    "a comment between quotes": ("    w.level = p.first", "    'the level'"),
    "an annotation": ("    w.level = p.first", "    first: 'float' = p.first"),
    "a list": ("    w.level = p.first", "    w.level = sum([x for x in w.Q[0]])"),
    "arrays": ("    w.Q[:] = 0.0", "    w.Q[...] = w.Q[:, :] * 2.0\n    w.Q *= 0.5\n    w.Q[:, 0] = w.Q[0, 0]"),
    "numbers made of arrays": ("    w.level = p.first", "    w.level = w.Q.sum() + np.max(w.Q[0]) + w.Q[0][1]"),
    "an expression for an assignment": ("    w.level = p.first", "    w.level = (both := p.first) + both"),
    "a match": ("    w.level = p.first", "    match p.first:\n        case x:\n            w.level = x"),
    "a tuple of targets": ("    w.level = p.first", "    w.level, w.Q[0, 0] = p.first, 1.0"),
    "a name of a global for a local": ("    w.level = p.first", "    later = p.first\n    w.level = later"),
    "a rule that Numba has compiled": ("def prefer(", "from numba import njit\n@njit\ndef prefer("),
    "a static method": (
        "start, prefer, learn = start, prefer, learn",
        "start, prefer, learn = staticmethod(start), prefer, learn",
    ),
    "other names of arguments": ("def start(p, w, reflex):", "def start(parameters, w, natural):\n    p = parameters"),
    "a text without use": ("LEVELS = (1.0, 2.0)", "LEVELS = (1.0, 2.0)\nTITLE = 'title'"),
    "whole numbers": ("parameter(0.2, ", "parameter(1, "),
    "a constant of the class": ("    carried =", "    title: ClassVar[str] = 'x'\n    carried ="),
}


@pytest.mark.parametrize(("before", "after"), RIGHT.values(), ids=RIGHT)
def test_an_agent_that_works_is_taken(defined, before, after):
    text = AGENT.replace("import numpy as np", "import numpy as np\nfrom typing import ClassVar")
    if before in HELPERS and before:
        defined(text, changed(HELPERS, before, after))
    else:
        assert defined(changed(text, before, after) if before else text)().alpha in (0.2, 1)


def test_the_task_is_taken_as_it_is(defined):
    assert defined(TASK)().chance == 0.5


def test_what_comes_with_the_package_is_right():
    for declared in AGENTS.values():
        definition.check_agent(declared, EVENT_RANKS)
    for declared in TASKS.values():
        definition.check_task(declared, [name for name, _ in EVENT_FIELDS])


def test_a_class_without_rules_is_a_base_for_others(defined):
    base = "class Own(Agent):\n    carried = ('nothing',)\n"
    assert defined("from habenula_rl.contract import Agent\n" + base)


def test_a_class_derived_from_an_own_agent_is_checked_with_what_it_inherits(defined):
    derived = "\n\nclass Mine(Own):\n    signals = ('rpe', 'level', 'more')\n"
    with pytest.raises(RuleError, match=r"own\.py:22, in learn: learn never writes the signal 'more'$"):
        defined(AGENT + derived)


def test_a_rule_without_source_is_left_to_the_compiler():
    scope = {"__name__": "typed"}
    exec(TASK.replace("q.chance", "q.chanec"), scope)
    assert scope["Own"]().chance == 0.5


def test_what_the_class_declares_is_checked_without_source():
    with pytest.raises(RuleError, match=r"^<string>:\d+, class Own: memory must be a tuple"):
        exec(TASK.replace('("visits",)', "[]"), {"__name__": "typed"})


@pytest.mark.parametrize("decorator", ["", "@dataclass"])
def test_parameters_need_a_frozen_dataclass(defined, decorator):
    own = defined(changed(TASK, "@dataclass(frozen=True)", decorator))
    with pytest.raises(RuleError, match=r"^Own has parameters and needs @dataclass\(frozen=True\) above its class$"):
        own()


def whole_words(text):
    """The same class with the arguments of its rules called otherwise."""
    words = {"q": "settings", "x": "memory", "e": "event", "p": "parameters", "w": "state", "y": "signals"}
    return re.sub(r"\b([qxepwy])\b(?=[.,)])", lambda found: words[found[1]], text)


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (AGENT, "p.beta", "p.bete", "parameters.bete: there is no parameter 'bete', did you mean 'beta'?"),
        (
            AGENT,
            "p.alpha * y",
            "p.doses * y",
            "parameters.doses is a list, which reaches rules only as the task's script, event.scripted",
        ),
        (AGENT, "    w.level = p.first", "    p.first = 1.0", "parameters.first cannot be set: parameters are frozen"),
        (TASK, "q.chance", "q.chanec", "settings.chanec: there is no parameter 'chanec', did you mean 'chance'?"),
    ],
)
def test_messages_speak_in_the_authors_own_names(defined, text, old, new, message):
    assert defined(whole_words(text))
    with pytest.raises(RuleError) as caught:
        defined(whole_words(changed(text, old, new)))
    assert str(caught.value).endswith(f": {message}")
