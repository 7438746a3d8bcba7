"""Checks an agent or a task when its class is defined, so that a mistake is an error at once, with file and line.

What the class declares is checked here; what its rules do with that, in `compiler.checks`. A rule's arguments are known
by their positions, so that their names are the author's: learn(p, w, e, y) or learn(parameters, state, event, signals).
Raises RuleError, in one sentence, for the first thing that cannot work.
"""

from __future__ import annotations

import dataclasses
import inspect
import keyword
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from ..compiler.checks import Fields, Walk
from ..compiler.source import place
from ..errors import RuleError, nearest

SIZES = (3, 2)  # of a small world, to ask an agent for the shape of its state
RESERVED = (  # columns of the tables that hold signals
    "group",
    "phase",
    "subject",
    "trial",
    "step",
    "state",
    "action",
    "outcome",
    "terminated",
    "truncated",
    "steps",
    "actions",
    "next_state",
    "failed_trial",
    "failed_step",
    "failed_reason",
)
OWN = ("fields", "replace", "values", "treatment", "interventions", "untreated", "in_force")
EVENT = "field of the event"
AGENT_RULES = {"start": ("p", "w", "reflex"), "prefer": ("p", "w", "e", "z"), "learn": ("p", "w", "e", "y")}
SHOW = {"show": ("p", "w", "e", "y")}  # a rule that an agent may do without


def of_the_package(declared: type) -> bool:
    """Whether the class comes with this package; a test checks those, and an import takes no time for it."""
    return declared.__module__.partition(".")[0] == __name__.partition(".")[0]


def check_agent(agent: Any, events: Mapping[str, int]) -> None:
    """`events` are the event's fields with the number of their dimensions."""
    if _is_base(agent, AGENT_RULES):
        return
    walk = agent_walk(agent, events)
    unwritten = [name for name in agent.signals if name not in walk.written["signal"]]
    if unwritten and walk.complete:
        raise RuleError(f"{place(_function(agent.learn))}: learn never writes the signal '{unwritten[0]}'")


def agent_walk(agent: Any, events: Mapping[str, int]) -> Walk:
    """What the rules read and write, once what the class declares is checked."""
    rules = AGENT_RULES | (SHOW if hasattr(agent, "show") else {})
    _check_rules(agent, rules)
    signals = _names(agent, "signals", RESERVED)
    shapes = _shapes(agent)
    for name in _names(agent, "carried"):
        if name not in shapes:
            _refuse(agent, f"carried names '{name}', which is no field of the state{nearest(name, shapes)}")
        if shapes[name]:
            _refuse(agent, f"carried names '{name}', which is no number but has the shape {shapes[name]}")
    for name in _names(agent, "momentary"):
        if name not in shapes:
            _refuse(agent, f"momentary names '{name}', which is no field of the state{nearest(name, shapes)}")
    ranks = {name: len(shape) for name, shape in shapes.items()}
    kinds = {
        "p": _parameters(agent),
        "w": Fields("field of the state", ranks),
        "e": Fields(EVENT, events, frozen="the event is not an agent's to change"),
        "y": Fields("signal", dict.fromkeys(signals, 0)),
        "reflex": Fields("reflex", {}, array=True),
    }
    return _follow(agent, rules, kinds)


def fields_read(agent: Any, events: Mapping[str, int]) -> frozenset[str] | None:
    """The event's fields that the rules read, with "reflex" where `start` does; None where not all can be followed."""
    walk = agent_walk(agent, events)
    return frozenset(walk.read[EVENT] | walk.read["reflex"]) if walk.complete else None


def check_task(task: Any, events: Iterable[str]) -> None:
    """`events` are the event's fields."""
    rules = {"begin": ("q", "x", "e"), "step": ("q", "x", "e")}
    if _is_base(task, rules):
        return
    _check_rules(task, rules)
    kinds = {
        "q": _parameters(task, lists=True),
        "x": Fields("field of the memory", dict.fromkeys(_names(task, "memory"), 0) | _rows(task)),
        "e": Fields(EVENT, dict.fromkeys(events, 0)),
    }
    _follow(task, rules, kinds)


def _refuse(declared: type, what: str) -> NoReturn:
    """The class is named by the line that defines it, where that is being run."""
    frame = sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__")).startswith((f"{__package__}.", "abc")):
        frame = frame.f_back
    raise RuleError(f"{frame.f_code.co_filename}:{frame.f_lineno}, class {declared.__qualname__}: {what}")


def _is_base(declared: Any, rules: Iterable[str]) -> bool:
    """A class without any rule is a base for others."""
    return not any(hasattr(declared, name) for name in rules)


def _function(rule: Any) -> Any:
    return getattr(rule, "py_func", rule)


def _check_rules(declared: Any, rules: Mapping[str, tuple[str, ...]]) -> None:
    for name, arguments in rules.items():
        call = f"{name}({', '.join(arguments)})"
        if not hasattr(declared, name):
            _refuse(declared, f"the rule {call} is missing")
        rule = _function(getattr(declared, name))
        if not isinstance(rule, types.FunctionType):
            _refuse(declared, f"{name} must be a function written with def, {call}, not {type(rule).__name__}")
        if rule.__name__ == "<lambda>":
            _refuse(declared, f"{name} must be a function written with def, {call}, not a lambda")
        code = rule.__code__
        starred = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        if code.co_argcount != len(arguments) or code.co_kwonlyargcount or starred:
            has = ", ".join(inspect.signature(rule).parameters)
            raise RuleError(f"{place(rule)}: the rule must take {call}, under any names, not ({has})")


def _names(declared: Any, what: str, reserved: tuple[str, ...] = ()) -> tuple[str, ...]:
    names = getattr(declared, what, None)
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        _refuse(declared, f"{what} must be a tuple of names, as in {what} = ('one',), not {names!r}")
    for name in names:
        _check_name(declared, what, name, reserved)
        if names.count(name) > 1:
            _refuse(declared, f"{what} names '{name}' twice")
    return names


def _check_name(declared: type, what: str, name: str, reserved: tuple[str, ...] = ()) -> None:
    import numpy as np

    if not name.isidentifier() or keyword.iskeyword(name):
        _refuse(declared, f"{what}: '{name}' cannot be read as a field, a name has letters, digits and _ only")
    if name in reserved:
        _refuse(declared, f"{what}: '{name}' is a column of every table already")
    if hasattr(np.record, name):
        _refuse(declared, f"{what}: '{name}' is something that every record of NumPy has already")


def _shapes(agent: Any) -> dict[str, tuple[int, ...]]:
    """The state's shapes in a small world."""
    try:
        shapes = agent.state(*SIZES)
    except NotImplementedError:
        _refuse(agent, "state(n_states, n_actions) is missing, which gives the shape of each field of the state")
    except Exception as error:
        _refuse(agent, f"state{SIZES} fails: {type(error).__name__}: {error} (is it a @staticmethod?)")
    if not isinstance(shapes, Mapping):
        _refuse(agent, f"state must return the shapes by name, as in {{'value': (n_states,)}}, not {shapes!r}")
    for name, shape in shapes.items():
        whole = isinstance(shape, tuple) and all(isinstance(n, int) and n >= 0 for n in shape)
        if not whole:
            _refuse(
                agent, f"state: the shape of '{name}' must be a tuple of whole numbers, () for a number, not {shape!r}"
            )
        _check_name(agent, "state", str(name))
    if not shapes:
        _refuse(agent, "state has no fields")
    return dict(shapes)


def _rows(task: Any) -> dict[str, int]:
    """The memory's arrays, with the number of their dimensions."""
    like = task.memory_like
    if not isinstance(like, Mapping):
        _refuse(task, f"memory_like must give arrays by name, as in {{'walk': 'means'}}, not {like!r}")
    declared = _declared_fields(task)
    lists = [name for name, field in declared.items() if isinstance(field.default, tuple)]
    for name, parameter in like.items():
        _check_name(task, "memory_like", str(name))
        if name in task.memory:
            _refuse(task, f"memory_like: '{name}' is in memory already")
        if parameter not in lists:
            _refuse(
                task,
                f"memory_like: '{name}' must be as long as a list parameter, not "
                f"'{parameter}'{nearest(str(parameter), lists)}",
            )
    return dict.fromkeys(like, 1)


def _parameters(declared: Any, *, lists: bool = False) -> Fields:
    """The parameters with their dimensions; lists reach a task's rules (but for its script), no agent's; texts none."""
    found = _declared_fields(declared)
    for name, field in found.items():
        why = _field_refusal(field, texts=lists)
        if why:
            _refuse(declared, f"{name} {why}")
        if name in OWN:
            _refuse(declared, f"{name} is what every agent and task can do, no name for a parameter")
        _check_name(declared, "parameters", name)
    rows = {name for name, field in found.items() if isinstance(field.default, tuple)}
    texts = {name for name, field in found.items() if isinstance(field.default, str)}
    hidden = frozenset(name for name in rows if not lists or found[name].metadata["by_trial"]) | texts
    ranks = {name: int(name in rows) for name in found if name not in hidden}
    return Fields("parameter", ranks, frozen="parameters are frozen", lists=hidden)


def _declared_fields(declared: Any) -> dict[str, dataclasses.Field[Any]]:
    """By name. The dataclass decorator has not seen the class yet, only its bases."""
    found: dict[str, dataclasses.Field[Any]] = {}
    for base in reversed(declared.__mro__):
        inherited = dataclasses.fields(base) if "__dataclass_fields__" in vars(base) else ()
        found |= {field.name: field for field in inherited if field.name not in OWN}
        found |= {name: value for name, value in vars(base).items() if isinstance(value, dataclasses.Field)}
        for name, kind in inspect.get_annotations(base).items():
            if base is declared and name not in found and "ClassVar" not in str(kind):
                _refuse(declared, f"{name} must be a parameter, as in {name}: float = parameter(0.1, doc='...')")
    return found


def _field_refusal(field: dataclasses.Field[Any], *, texts: bool) -> str | None:
    """`texts`: whether it may be one, which its class reads and no rule sees."""
    metadata = field.metadata
    if "doc" not in metadata:
        return "must be made by parameter(default, doc='...')"
    default, low, high = field.default, metadata["low"], metadata["high"]
    numbers = default if isinstance(default, tuple) else (default,)
    if not (texts and isinstance(default, str)) and not all(isinstance(number, int | float) for number in numbers):
        return f"must have a number, true or false, or a tuple of numbers as its default, not {default!r}"
    if not (isinstance(metadata["doc"], str) and metadata["doc"].strip()):
        return "needs a doc that says what it is"
    if not (isinstance(metadata["unit"], str) and metadata["unit"].strip()):
        return "needs a unit, '1' for none"
    if not low < high:
        return f"has a range from {low:g} to {high:g}: low must be below high"
    outside = [n for n in numbers if not isinstance(n, bool | str) and not low <= n <= high]
    return f"has the default {outside[0]:g}, outside of {low:g} to {high:g}" if outside else None


def _follow(declared: Any, rules: Mapping[str, tuple[str, ...]], kinds: Mapping[str, Fields]) -> Walk:
    walk = Walk()
    for name, arguments in rules.items():
        rule: Callable[..., Any] = _function(getattr(declared, name))
        walk.follow(rule, tuple(kinds.get(argument) for argument in arguments))
    return walk
