"""What a task is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from ..compiler.source import Rule
from . import definition
from .events import EVENT_FIELDS
from .parameters import Parameters

NO_PASSIVE = -1  # the number of the passive action where there is none


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
    def choice_states(self) -> tuple[int, ...]:
        """The numbers of the states in which something is chosen; by default all. Of others, as those that only say
        what was best, recorded choices need no word: where there is one such state, a table needs no column for it.
        """
        return tuple(range(len(self.states)))

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


class Place(Protocol):
    """Where subjects act, as the engine sees it: a task, or an environment of Gymnasium seen as one.

    An environment also has `program(layout, compiled=...)`, which runs subjects in it, and its `id`.
    """

    @property
    def states(self) -> tuple[str, ...]: ...
    @property
    def actions(self) -> tuple[str, ...]: ...
    @property
    def passive(self) -> int: ...
    @property
    def aversive(self) -> Sequence[float]: ...
    @property
    def reflex(self) -> Sequence[Sequence[float]]: ...
    @property
    def elements(self) -> Sequence[Sequence[int]]: ...
    @property
    def available(self) -> Sequence[Sequence[bool]]: ...
    @property
    def max_steps(self) -> int: ...
    @property
    def script(self) -> tuple[float, ...]: ...
    def durations(self, rows: Any, first: int, n_subjects: int, n_trials: int) -> Any: ...


def place_name(place: Place) -> str:
    """What tables call it: a task by its class, an environment by its id."""
    return type(place).__name__ if isinstance(place, Task) else str(place.id)  # type: ignore[attr-defined]
