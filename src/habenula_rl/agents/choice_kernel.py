"""Perseveration as a part that any agent can have: what was chosen lately is chosen again, whatever it brought."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Mapping
from typing import Any

from ..contract import Agent, parameter, show_of

NAME = "WithChoiceKernel"


@functools.cache
def WithChoiceKernel(agent: type[Agent]) -> type[Agent]:
    """The class of agents like this one whose choices leave a trace of their own.

    z_a of the agent + κ·C(s, a)        C(s, a') += α_C·([a' = a] - C(s, a')) for every action a', C = 0 at first

    C is learned in each state where an outcome was shown, whatever it was. κ below 0 makes choices alternate. Two
    parameters come beside the agent's own: `perseveration` κ and `choice_rate` α_C, 1 of which remembers the last
    choice alone. The same agent gives the same class.

    A kernel is what a model of learning should be compared with: people repeat themselves, and a learning rate that has
    to account for that is not one (Katahira 2018, doi 10.1016/j.jmp.2018.09.002; equations: Wilson & Collins 2019,
    doi 10.7554/eLife.49547, model 4). Raises ValueError for what is no class of agents, or has a kernel already.
    """
    if not (isinstance(agent, type) and issubclass(agent, Agent)):
        raise ValueError(f"WithChoiceKernel takes a class of agents, as in WithChoiceKernel(QLearning), not {agent!r}")
    own_start, own_prefer, own_learn, own_state = agent.start, agent.prefer, agent.learn, agent.state
    shapes = own_state(2, 2)
    if "choice_trace" in shapes or {"perseveration", "choice_rate"} & agent.fields().keys():
        raise ValueError(f"{agent.__name__} has a parameter or state of a choice kernel already")

    def start(p: Any, w: Any, reflex: Any) -> None:
        own_start(p, w, reflex)
        for s in range(w.choice_trace.shape[0]):
            for a in range(w.choice_trace.shape[1]):
                w.choice_trace[s, a] = 0.0

    def prefer(p: Any, w: Any, e: Any, z: Any) -> None:
        own_prefer(p, w, e, z)
        for a in range(z.size):
            z[a] += p.perseveration * w.choice_trace[e.state, a]

    def learn(p: Any, w: Any, e: Any, y: Any) -> None:
        own_learn(p, w, e, y)
        for a in range(w.choice_trace.shape[1]):
            target = 1.0 if a == e.action else 0.0
            w.choice_trace[e.state, a] += p.choice_rate * (target - w.choice_trace[e.state, a])

    def state(n_states: int, n_actions: int) -> Mapping[str, tuple[int, ...]]:
        return {**own_state(n_states, n_actions), "choice_trace": (n_states, n_actions)}

    kernel = {
        "perseveration": parameter(
            1.0,
            symbol="κ",
            doc="pull of what was chosen lately",
            low=-20.0,
            high=20.0,
            source="set: that of Wilson & Collins 2019 is 3 with a rate of 0.1",
        ),
        "choice_rate": parameter(
            0.3,
            symbol="α_C",
            doc="rate at which a choice leaves its trace",
            unit="1/step",
            low=0.0,
            high=1.0,
            source="set: some three choices are remembered",
        ),
    }
    said = f"{agent.__name__} whose choices leave a trace of their own (`WithChoiceKernel`).\n\n{agent.__doc__ or ''}"
    members = {
        "__module__": __name__,
        "__doc__": said,
        "__annotations__": dict.fromkeys(kernel, float),
        **kernel,
        "start": staticmethod(start),
        "prefer": staticmethod(prefer),
        "learn": staticmethod(learn),
        "state": staticmethod(state),
        "__reduce__": functools.partialmethod(_taken_apart, agent),
    }
    if show := show_of(agent):  # of the kernel nothing is shown
        members["show"] = staticmethod(show)
    made = type(f"{agent.__name__}{NAME}", (agent,), members)
    return dataclasses.dataclass(frozen=True)(made)


def _taken_apart(agent: Agent, base: type[Agent]) -> Any:
    """What pickle keeps: the class is made again where it is read."""
    return _put_together, (base, agent.values(), agent.treatment)


def _put_together(base: type[Agent], values: Mapping[str, Any], treatment: Any) -> Agent:
    agent = WithChoiceKernel(base)(**values)  # type: ignore[arg-type]
    if treatment is not None:
        object.__setattr__(agent, "treatment", treatment)
    return agent


def __getattr__(name: str) -> Any:
    """A class with a kernel by its own name, for pickle: that of an agent that comes with the package."""
    if name.endswith(NAME):
        agents = sys.modules[__name__.rpartition(".")[0]]  # which imports this module, and is there before it
        base = agents.AGENTS.get(name.removesuffix(NAME))
        if base is not None:
            return WithChoiceKernel(base)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
