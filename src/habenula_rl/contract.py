"""What agents, tasks and interventions are made of: named parameters with unit, range, default and source."""

from __future__ import annotations

import dataclasses
import math
import numbers
import reprlib
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar

from . import definition
from .compiler.source import Rule as Rule
from .errors import RuleError
from .errors import nearest as nearest

P = TypeVar("P", bound="Parameters")
NO_PASSIVE = -1
TREATMENT = "treatment"  # the one field of an agent that is no parameter
EVENT_FIELDS = (
    ("state", "i8"),  # the state the subject is in
    ("action", "i8"),  # what it does there
    ("reward", "f8"),  # what that brings
    ("next_state", "i8"),  # where that leads
    ("aversive", "f8"),  # how much `state` hurts, 0 to 1
    ("punishment", "f8"),  # how much `next_state` hurts, 0 to 1
    ("terminated", "i8"),  # 1 where the trial has ended by its own rule: no value beyond
    ("truncated", "i8"),  # 1 where it was only cut off: value goes on; an agent stepping in an environment is not told
    ("feedback", "i8"),  # 1; a task sets it to 0 where the subject is not shown what its action brought
    ("passive", "i8"),  # the number of the action that is doing nothing, -1 for none
    ("trial", "i8"),  # for tasks: an agent stepping in an environment does not see it
    ("step", "i8"),  # likewise
    ("decision", "i8"),  # likewise: how many choices came before in this phase
    ("scripted", "f8"),  # the task's script for this trial, NaN without one
    ("key", "u8"),  # key of the task's draws
)
EVENT_LISTS = ("elements", "next_elements")  # for agents: what `state` and `next_state` are made of, filled up with -1
EVENT_MASKS = ("available", "next_available")  # likewise: for each action 1 where it can be chosen there, else 0
EVENT_RANKS = {name: 0 for name, _ in EVENT_FIELDS} | dict.fromkeys((*EVENT_LISTS, *EVENT_MASKS), 1)


def parameter(
    default: Any, *, doc: str, symbol: str = "", unit: str = "1", low: float = -math.inf, high: float = math.inf,
    source: str = "", by_trial: bool = False, choices: tuple[str, ...] = (),
) -> Any:  # fmt: skip
    """A dataclass field that knows its meaning, symbol, unit, closed range and source.

    `by_trial`: the one list of a task that has a number for each trial and is its script. A text is one of `choices`,
    or, without them, a number and its unit, or without a unit what its class reads; no rule sees it.
    """
    metadata = {"doc": doc, "symbol": symbol, "unit": unit, "low": low, "high": high, "source": source}
    metadata |= {"by_trial": by_trial, "choices": choices}
    return dataclasses.field(default=default, metadata=metadata)


def refusal(field: dataclasses.Field[Any], value: Any) -> str | None:
    """Why `value` cannot be that field's value, or None where it can."""
    default, low, high = field.default, field.metadata["low"], field.metadata["high"]
    if isinstance(default, bool):
        return None if isinstance(value, bool) else f"must be true or false, not {value!r}"
    if isinstance(default, str):
        return _text_refusal(field, value)
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple):
            return f"must be a list, not {value!r}"
        if not value:
            return "must not be empty"
        return next((why for why in (_number_refusal(v, number_like(default), low, high) for v in value) if why), None)
    return _number_refusal(value, default, low, high)


def _text_refusal(field: dataclasses.Field[Any], value: Any) -> str | None:
    choices, unit = field.metadata["choices"], field.metadata["unit"]
    if choices and value not in choices:
        return f"must be {', '.join(choices[:-1])} or {choices[-1]}, not {brief(value)}{nearest(str(value), choices)}"
    if isinstance(value, str):
        return None
    return (
        f"needs its unit, as in '{value} {unit}'"
        if unit != "1" and _is_number(value)
        else f"must be text, not {brief(value)}"
    )


def number_like(default: Any) -> Any:
    """The default, or of a list's one number that stands for all: a whole one where all are whole."""
    numbers = default if isinstance(default, tuple) else (default,)
    return next((number for number in numbers if not isinstance(number, int)), numbers[0])


def _number_refusal(value: Any, like: Any, low: float, high: float) -> str | None:
    if not _is_number(value):
        return f"must be a number, not {brief(value)}"
    if value != value or abs(value) == math.inf:
        return f"must be finite, not {brief(value)}"
    if isinstance(like, int) and value != int(value):
        return f"must be a whole number, not {brief(value)}"
    if not low <= value <= high:
        return f"must be between {low:g} and {high:g}, not {brief(value)}"
    if abs(value) > sys.float_info.max:
        return f"must be smaller in size than {sys.float_info.max:g}, not {brief(value)}"
    return None


def _is_number(value: Any) -> bool:
    """Whether it is a single real number, Python's or NumPy's; NumPy's arrays and truth values are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _stored(value: Any, default: Any) -> Any:
    """The value as what the parameter's default is, so that 10 and 10.0 make equal parameters and equal runs."""
    if isinstance(default, tuple):
        return tuple(map(type(number_like(default)), value))
    return type(default)(value)


def brief(value: Any) -> str:
    """A value as an error message shows it: on one line, and short however long it is."""
    try:
        return " ".join(reprlib.repr(value).split())
    except ValueError:  # Python writes out no whole number of more than a few thousand digits
        return f"a number of {value.bit_length()} bits"


def made(value: Any, base: type[P], role: str) -> P:
    """The value where it is an agent, a task or an intervention; ValueError names `role` where it is none."""
    if isinstance(value, base):
        return value
    what = brief(value)
    if isinstance(value, type):
        hint = f", did you mean {value.__name__}()?" if issubclass(value, base) else ""
        what = f"the class {value.__name__}{hint}"
    elif isinstance(value, Parameters):
        what = f"{type(value).__name__}(...)"
    article = "an" if base.__name__[0] in "AEIOU" else "a"
    raise ValueError(f"{role} must be {article} {base.__name__}, not {what}")


class Parameters:
    """Base of every agent, task and intervention: a frozen dataclass of `parameter`s, checked when it is made.

    A value is kept as what its default is: int, float, bool, or a tuple of floats or of ints.

    Raises ValueError naming the parameter when one is unknown, of the wrong kind or out of its range.
    """

    def __new__(cls, *args: Any, **values: Any) -> Self:
        if args:
            raise ValueError(f"{cls.__name__} takes its parameters by name, as in {cls.__name__}(name=value)")
        undecorated = any(isinstance(value, dataclasses.Field) for value in vars(cls).values())
        if undecorated or not getattr(vars(cls).get("__dataclass_params__"), "frozen", True):
            raise RuleError(f"{cls.__name__} has parameters and needs @dataclass(frozen=True) above its class")
        known = cls.fields()
        for name in values.keys() - {TREATMENT}:
            if name not in known:
                raise ValueError(f"{cls.__name__} has no parameter '{name}'{nearest(name, known)}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, field in self.fields().items():
            value = getattr(self, name)
            why = refusal(field, value)
            if why:
                raise ValueError(f"{type(self).__name__}: {name} {why}")
            object.__setattr__(self, name, _stored(value, field.default))

    @classmethod
    def fields(cls) -> dict[str, dataclasses.Field[Any]]:
        """The parameters by name, in the order in which they are declared."""
        return (
            {f.name: f for f in dataclasses.fields(cls) if f.name != TREATMENT} if dataclasses.is_dataclass(cls) else {}
        )

    def replace(self, **values: Any) -> Self:
        """A copy with other values."""
        return type(self)(**(self.values() | values))

    def values(self) -> dict[str, Any]:
        """The parameters' values by name."""
        return {name: getattr(self, name) for name in self.fields()}


class Treatment:
    """Base of what an agent was given (`interventions.Given`): how the parameters of a subject's own act under it."""

    interventions: tuple[Any, ...]

    def own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The subject's own parameters, of those that an agent under this treatment has."""
        raise NotImplementedError

    def in_force(self, agent: type[Agent], own: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with which subjects act that have these of their own, numbers or arrays (n_subjects,)."""
        raise NotImplementedError

    def noting(self, own: Mapping[str, Any], in_force: Mapping[str, Any]) -> Treatment:
        """The same treatment of a subject with these parameters."""
        raise NotImplementedError

    def outlasted(self, hours: float) -> list[str]:
        """A sentence for each part of it that ends in a phase of up to so many hours, which is all under it."""
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Agent(Parameters):
    """An agent: parameters, a state, and three rules over records with named fields.

    start(p, w, reflex)     makes `w` the state of a naive animal; `reflex[s, a]` says how far
                            action a is what an animal does by nature in state s, 0 to 1
    prefer(p, w, e, z)      writes the preference of every action into `z`, from the event's `state`
    learn(p, w, e, y)       learns from the event and writes what an electrode would see into the signals `y`

    `p` holds the parameters, `w` the state, `e` the event (`EVENT_FIELDS`). State fields whose names stand in `carried`
    are reported for every subject at the end of a phase.

    An agent that was given interventions has its parameters as they are in force; `treatment` holds what was given, and
    `untreated` is the agent before. Equal agents have been given the same. `replace` and `parameters=` of a simulation
    change what is the subject's own, and the interventions act on that. (Python's dataclasses.replace cannot tell a
    value that is given anew from one in force that it equals; use `replace`.)

    A class derived from this is checked when it is defined: RuleError names file and line of what cannot work.
    """

    treatment: Treatment | None = dataclasses.field(default=None, kw_only=True)
    start: ClassVar[Rule]
    prefer: ClassVar[Rule]
    learn: ClassVar[Rule]
    signals: ClassVar[tuple[str, ...]]
    carried: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not definition.of_the_package(cls):
            definition.check_agent(cls, EVENT_RANKS)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.treatment is None:
            return
        if not isinstance(self.treatment, Treatment):
            how = "what an intervention gives when it is called with an agent"
            raise ValueError(f"{type(self).__name__}: treatment must be {how}, not {brief(self.treatment)}")
        own = self.treatment.own(self.values())
        in_force = self.treatment.in_force(type(self), own)
        for name, field in self.fields().items():
            object.__setattr__(self, name, _stored(in_force[name], field.default))
        object.__setattr__(self, TREATMENT, self.treatment.noting(own, in_force))

    @property
    def interventions(self) -> tuple[Any, ...]:
        """All that the agent was given, in no order of time: each says how many hours before."""
        return self.treatment.interventions if self.treatment else ()

    @property
    def untreated(self) -> Self:
        """The agent with the parameters of its own, and nothing given."""
        return type(self)(**self.treatment.own(self.values())) if self.treatment else self

    def in_force(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with which subjects act, under what the agent was given.

        `own` are those in which the subjects differ from the agent as it was before, numbers or arrays (n_subjects,).
        """
        values = self.untreated.values() | dict(own)
        return self.treatment.in_force(type(self), values) if self.treatment else values

    def replace(self, **values: Any) -> Self:
        """The agent with other parameters of its own, under the same interventions."""
        kept = {TREATMENT: self.treatment and self.treatment.noting({}, {})}  # nothing changed yet: the values are own
        return type(self)(**(self.untreated.values() | kept | values))

    @staticmethod
    def rest(p: Any, w: Any, hours: float) -> None:
        """What so many hours without a task do to the states `w` of subjects with parameters `p`: nothing by default.

        Both are structured arrays, one record a subject; `w` is changed in place. A study calls it where hours pass
        between two phases.
        """

    @staticmethod
    def state(n_states: int, n_actions: int) -> Mapping[str, tuple[int, ...]]:
        """The state's fields and their shapes, () for a number."""
        raise NotImplementedError


def fields_read_by(agent: type[Agent]) -> frozenset[str] | None:
    """The event's fields that its rules read, with "reflex" where `start` does; None where not all can be followed."""
    return definition.fields_read(agent, EVENT_RANKS)


class Task(Parameters):
    """A task: parameters, what it remembers within a trial, and two rules over records with named fields.

    begin(q, x, e)   starts a trial: sets the event's `state`
    step(q, x, e)    answers the event's `action`: sets `next_state`, and where they are not 0 `reward`, `terminated`
                     and `truncated`; after `max_steps` a trial is truncated in any case

    `q` holds the parameters, `x` the memory, `e` the event. A trial is an episode in Gymnasium's sense. A list
    parameter is an array in `q`. The memory is 0 before a subject's first trial and lasts until the end of the phase:
    `memory` names its numbers, `memory_like` its arrays, each with the list parameter that it is as long as. Where
    `step` sets `feedback` to 0 the subject is not shown what its action brought, and does not learn. A class derived
    from this is checked when it is defined, as an agent's is.
    """

    begin: ClassVar[Rule]
    step: ClassVar[Rule]
    memory: ClassVar[tuple[str, ...]] = ()
    memory_like: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not definition.of_the_package(cls):
            definition.check_task(cls, [name for name, _ in EVENT_FIELDS])

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states, in the order of their numbers."""
        raise NotImplementedError

    @property
    def actions(self) -> tuple[str, ...]:
        """The names of the actions, in the order of their numbers."""
        raise NotImplementedError

    @property
    def passive(self) -> int:
        """The number of the action that is doing nothing, or NO_PASSIVE where the task has none."""
        return NO_PASSIVE

    @property
    def aversive(self) -> tuple[float, ...]:
        """How much each state hurts, 0 to 1."""
        return (0.0,) * len(self.states)

    @property
    def reflex(self) -> tuple[tuple[float, ...], ...]:
        """For each state and each action how far that is what an animal does there by nature, untaught, 0 to 1."""
        return ((0.0,) * len(self.actions),) * len(self.states)

    @property
    def elements(self) -> tuple[tuple[int, ...], ...]:
        """For each state the states that it is made of, as a compound of cues is of its cues; by default only itself.

        An elementary state is made of itself. An agent that learns about cues learns about these.
        """
        return tuple((s,) for s in range(len(self.states)))

    @property
    def available(self) -> tuple[tuple[bool, ...], ...]:
        """For each state and each action whether it can be chosen there; () where each can be everywhere.

        `step` has to bear an action that is not available: an environment may be sent any.
        """
        return ()

    @property
    def step_s(self) -> float:
        """How long a step lasts (s); NaN where the paradigm is not one in real time."""
        return math.nan

    @property
    def max_steps(self) -> int:
        """The number of steps after which a trial is over in any case."""
        return 1

    def longest_hours(self, n_trials: int) -> float:
        """How long so many trials can last (h); 0 where the paradigm is not one in real time."""
        return 0.0 if math.isnan(self.step_s) else n_trials * self.max_steps * self.step_s / 3600.0

    @property
    def script(self) -> tuple[float, ...]:
        """A number for each trial, which `begin` finds as `e.scripted`; used over again in more trials."""
        lists = [name for name, field in self.fields().items() if field.metadata["by_trial"]]
        return getattr(self, lists[0]) if lists else (math.nan,)

    def numbers(self) -> dict[str, Any]:
        """The parameters that reach the rules: numbers and lists, without texts and without the script."""
        hidden = {name for name, field in self.fields().items() if field.metadata["by_trial"]}
        return {name: v for name, v in self.values().items() if name not in hidden and not isinstance(v, str)}

    def durations(self, rows: Any, first: int, n_subjects: int, n_trials: int) -> Any:
        """The script that gives yoked subjects what those in `rows` went through, an array (n_subjects, n_trials).

        `rows` are recorded steps of the subjects from number `first` on. Raises ValueError for a task that has nothing
        to replay.
        """
        raise ValueError(f"{type(self).__name__} has nothing that a yoked subject could replay")
