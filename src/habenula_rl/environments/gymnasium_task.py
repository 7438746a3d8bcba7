"""Any environment of Gymnasium as a task: what it looks like to an agent, and how it is made."""

from __future__ import annotations

import importlib
import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..contract import NO_PASSIVE, Agent, Task, nearest, short_repr
from ..engine.binding import stepper
from ..engine.layout import Layout
from ..engine.space_index import action_numbering, numbering, tables_of
from ..errors import ends_are_errors
from .episodes import Episodes

MOST_STEPS = 10_000  # of a trial whose environment sets no limit
BINS = ("bins", "low", "high")


class Environment:
    """An environment of Gymnasium, or of an installed package ("package:Name-v0"), as a task.

    `parameters` are the keyword arguments of `gymnasium.make`, `max_episode_steps` among them. A trial is an episode:
    it is cut off where the environment's own time limit says so, and after 10,000 steps where it has none. A step whose
    `info` has `feedback` False is not learned from.

    Observations and actions are as `LiveAgent` takes them; what the spaces say of aversion, reflexes, elements and the
    passive action is used as there. Box observations need `bins`, what `Binned` takes: its number of bins, one or one
    for each dimension, or a mapping with `bins`, `low` and `high`. States and actions have numbers for names.

    Raises ValueError where there is no such environment, where it cannot be made with these parameters, or where an
    agent cannot use its spaces.
    """

    def __init__(
        self, id: str, /, *, bins: int | Sequence[int] | Mapping[str, Any] | None = None, **parameters: Any
    ) -> None:
        self.id, self.bins, self.parameters = id, bins, parameters
        env = self.make()
        try:
            self._look(env)
        finally:
            env.close()

    def make(self) -> Any:
        """A new one."""
        import gymnasium

        known(self.id)
        try:
            with ends_are_errors():
                return gymnasium.make(self.id, **{"disable_env_checker": True} | self.parameters)
        except Exception as error:
            raise ValueError(f"{self.id} cannot be made: {_told(self.id, error)}") from error

    def _look(self, env: Any) -> None:
        self.max_steps = int(getattr(env.spec, "max_episode_steps", None) or MOST_STEPS)
        (self.state_number, n_states), (_, n_actions) = _numberings(self.id, env, self.bins)
        self.first_action = int(env.action_space.start)
        self.states, self.actions = tuple(map(str, range(n_states))), tuple(map(str, range(n_actions)))
        self.passive = int(getattr(env.action_space, "passive", NO_PASSIVE))
        said = tables_of(env.observation_space, n_states, n_actions)
        self.aversive = said["aversive"] or (0.0,) * n_states
        self.reflex = said["reflex"] or ((0.0,) * n_actions,) * n_states
        self.elements = said["elements"] or tuple((s,) for s in range(n_states))
        self.available = said["available"]

    @property
    def script(self) -> tuple[float, ...]:
        """No environment has one."""
        return (math.nan,)

    def program(self, layout: Layout, agent: type[Agent], *, compiled: bool) -> Episodes:
        """What runs subjects in it: one after the other, each in an environment of its own."""
        return Episodes(self, layout, stepper(agent, compiled=compiled), plain=not compiled)

    def durations(self, rows: Any, first: int, n_subjects: int, n_trials: int) -> Any:
        """Raises ValueError: a yoked subject could replay nothing."""
        raise ValueError(f"{self.id} has nothing that a yoked subject could replay")

    def __repr__(self) -> str:
        given = ({"bins": self.bins} if self.bins is not None else {}) | self.parameters
        return f"Environment({', '.join([repr(self.id), *(f'{name}={value!r}' for name, value in given.items())])})"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Environment) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def text(self) -> str:
        """What decides what it does, as far as that can be known: description, version of Gymnasium, and its code."""
        import gymnasium

        env = self.make()
        kinds = [*map(type, _layers(env))]
        if isinstance(task := getattr(env.unwrapped, "task", None), Task):
            kinds.append(type(task))
        env.close()
        described = [gymnasium.__version__, repr(self), self.max_steps, [kind.__qualname__ for kind in kinds]]
        own = [kind for kind in kinds if not kind.__module__.startswith("gymnasium.")]
        return "\n".join([repr(described), *map(_code, own)])


def known(id: str) -> None:
    """Raises ValueError naming the nearest environment where Gymnasium knows none of this id."""
    import gymnasium

    module, _, name = id.rpartition(":")
    if module:
        try:
            with ends_are_errors():
                importlib.import_module(module)
        except Exception as error:
            raise ValueError(f"{id}: module '{module}' cannot be imported: {_line(error)}") from error
    if name not in gymnasium.registry:
        raise ValueError(f"there is no environment '{name}'{_meant(name, gymnasium.registry)}")


def _meant(name: str, registry: Mapping[str, Any]) -> str:
    """The nearest right thing: an id, or a task by its own name, which is none."""
    tasks = {
        id.removeprefix("habenula_rl/").rpartition("-v")[0]: id for id in registry if id.startswith("habenula_rl/")
    }
    near = nearest(name, [*tasks, *registry])
    for task, id in tasks.items():
        if name == task or near == f", did you mean '{task}'?":
            itself = f"the task itself, habenula_rl.tasks.{task}() (in a config, task: {task})"
            return f", did you mean '{id}', or {itself}?"
    return near


def checked_bins(bins: Any) -> dict[str, Any]:
    """What `Binned` takes, by name; ValueError where it cannot be."""
    if not isinstance(bins, Mapping):
        return {"bins": bins, "low": None, "high": None}
    for name in bins:
        if name not in BINS:
            raise ValueError(f"bins has no '{name}'{nearest(str(name), BINS)}; it has {', '.join(BINS)}")
    if "bins" not in bins:
        raise ValueError("bins needs the key 'bins', one number or one for each dimension of the observations")
    return {"low": None, "high": None} | dict(bins)


def _numberings(id: str, env: Any, bins: Any) -> list[tuple[Callable[[Any], int], int]]:
    """The numbers of its observations and actions, and how many; ValueError says at once what is wrong with either."""
    found, wrong = [], []
    states, actions = (
        partial(_state_numbering, id, env.observation_space, bins),
        partial(_actions, id, env.action_space),
    )
    for look in (states, actions):
        try:
            found.append(look())
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("; and ".join([wrong[0], *(why.removeprefix(f"{id} has ") for why in wrong[1:])]))
    return found


def _state_numbering(id: str, space: Any, bins: Any) -> tuple[Callable[[Any], int], int]:
    from gymnasium import spaces

    if isinstance(space, spaces.Box) and bins is None:
        raise ValueError(
            f"{id} has the observations {short_repr(space)}, of shape {space.shape}: say with bins into how many equal "
            "bins each dimension is cut"
        )
    try:
        if bins is None:
            counted = numbering(space)
            return counted.one, counted.n
        return _binned(space, checked_bins(bins))
    except ValueError as error:
        raise ValueError(f"{id}: {error}") from error


def _binned(space: Any, bins: dict[str, Any]) -> tuple[Callable[[Any], int], int]:
    from gymnasium import spaces

    from .binning import Bins

    cut = Bins(space, **bins)
    counted = numbering(spaces.MultiDiscrete(cut.bins))
    return lambda obs: counted.one(cut(obs)), counted.n


def _actions(id: str, space: Any) -> tuple[Callable[[Any], int], int]:
    try:
        counted = action_numbering(space)
        return counted.one, counted.n
    except ValueError:
        raise ValueError(
            f"{id} has the actions {short_repr(space)}, and an agent chooses among Discrete ones: register it under an "
            "id of your own with a wrapper that offers a few"
        ) from None


def _told(id: str, error: Exception) -> str:
    """The error in a line, with the nearest parameter where the environment has no such one."""
    import gymnasium
    from gymnasium.envs.registration import load_env_creator

    said = _line(error).partition(" was raised from the environment creator")[0].lstrip('"')
    unknown = re.search(r"unexpected keyword argument '(\w+)'", said)
    if unknown is None:
        plain = isinstance(error, ValueError | TypeError | gymnasium.error.Error)
        return said if plain else f"{type(error).__name__}: {said}"
    entry = gymnasium.registry[id.rpartition(":")[2]].entry_point
    creator: Any = load_env_creator(entry) if isinstance(entry, str) else entry
    names = [*inspect.signature(creator).parameters, "max_episode_steps"]
    return f"it has no parameter '{unknown[1]}'{nearest(unknown[1], names)}"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _layers(env: Any) -> list[Any]:
    """An environment's wrappers, from the outermost, and itself."""
    layers = [env]
    while hasattr(layers[-1], "env"):
        layers.append(layers[-1].env)
    return layers


def _code(kind: type) -> str:
    """The file that an environment's class stands in."""
    try:
        return inspect.getsource(inspect.getmodule(kind) or kind)
    except (OSError, TypeError):
        return kind.__qualname__
