"""What a phase does to an agent's rules: learning that is frozen, and parameters that change within a step.

Both are rules of the agent with something around them, over the same state. What they need beside it stands in the
record of parameters, which is made anew for every phase.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..compiler.source import Rule, from_text
from ..contract import MOMENTS, Agent, in_moment, show_of
from . import records

Array = np.ndarray[Any, Any]
OUTCOME = "e.reward > 0.0 or e.punishment > 0.0 or e.terminated > 0"  # what stepping in an environment shows, too


@dataclass(frozen=True)
class Conditions:
    """`frozen`: nothing is learned; `moved`: the parameters that differ between choice, cue and outcome."""

    frozen: bool = False
    moved: tuple[str, ...] = ()

    def parameter_type(self, agent: type[Agent], state: np.dtype[Any]) -> np.dtype[Any]:
        """One record of parameters, and beside them what these conditions need."""
        plain = records.parameter_type(agent)
        if self == Conditions():
            return plain
        numbers = [(in_moment(name, moment), "f8") for name in self.moved for moment in MOMENTS]
        kept = [(_kept(name), state[name]) for name in learned(agent, state)] if self.frozen else []
        return records.record_type([*((name, plain[name]) for name in plain.names or ()), *numbers, *kept])

    def agent(self, agent: type[Agent], state: np.dtype[Any]) -> type[Agent]:
        """The class of agents with these rules. Raises ValueError where it cannot be frozen."""
        if self == Conditions():
            return agent
        ranks = tuple((name, len(state[name].shape)) for name in learned(agent, state))
        return _under(agent, self, ranks if self.frozen else ())  # type: ignore[arg-type]


NORMAL = Conditions()


def conditions_of(agent: type[Agent], in_force: Mapping[str, Any], *, learning: bool = True) -> Conditions:
    """Those of subjects with these parameters in force. Raises ValueError where learning cannot be frozen."""
    if not learning and (why := why_not_frozen(agent)):
        raise ValueError(why)
    moved = (name for name in agent.fields() if in_moment(name, MOMENTS[0]) in in_force)
    return Conditions(not learning, tuple(moved))


def why_not_frozen(agent: type[Agent]) -> str | None:
    """Why learning cannot be frozen in such an agent, None where it can."""
    if show_of(agent):
        return None
    inherited = hasattr(agent, "show")  # it would write the signals of the rule that was replaced
    lacks = "a rule learn of its own and beside it no rule" if inherited else "no rule"
    return (
        f"learning cannot be frozen in {agent.__name__}: it has {lacks} show(p, w, e, y), which writes those signals "
        "again that read what was learned"
    )


def learned(agent: type[Agent], state: np.dtype[Any]) -> tuple[str, ...]:
    """The fields of the state that experience changes for longer than a moment."""
    return tuple(name for name in state.names or () if name not in agent.momentary)


def keep(parameters: Array, state: Array, agent: type[Agent]) -> None:
    """Put what has been learned where the rules of a frozen agent find it."""
    for name in learned(agent, state.dtype):
        parameters[_kept(name)] = state[name]


def _kept(name: str) -> str:
    return f"kept_{name}"


@functools.lru_cache(maxsize=256)
def _under(agent: type[Agent], conditions: Conditions, ranks: tuple[tuple[str, int], ...]) -> type[Agent]:
    members: dict[str, Any] = {"__module__": __name__}  # of the package: what it is made of was checked
    learn: Rule = agent.learn
    if conditions.frozen:
        learn = _frozen(learn, agent.show, ranks)  # type: ignore[attr-defined]
    if conditions.moved:
        members["prefer"] = staticmethod(_moved_prefer(agent.prefer, conditions.moved))
        learn = _moved_learn(learn, conditions.moved)
    return type(agent.__name__, (agent,), members | {"learn": staticmethod(learn)})


def _frozen(learn: Rule, show: Rule, ranks: tuple[tuple[str, int], ...]) -> Rule:
    """`learn` with all that it has learned put back, and then what is seen of the state as it is."""
    lines = ["def frozen_learn(p, w, e, y):", "    learn(p, w, e, y)"]
    for name, rank in ranks:
        for axis in range(rank):
            lines.append(f"{'    ' * (axis + 1)}for i{axis} in range(w.{name}.shape[{axis}]):")
        at = f"[{', '.join(f'i{axis}' for axis in range(rank))}]" if rank else ""
        lines.append(f"{'    ' * (rank + 1)}w.{name}{at} = p.{_kept(name)}{at}")
    text = "\n".join([*lines, "    show(p, w, e, y)"]) + "\n"
    return from_text("frozen_learn", text, learn=learn, show=show)


def _moved_prefer(prefer: Rule, moved: tuple[str, ...]) -> Rule:
    """`prefer` under what is in force while it chooses."""
    lines = [f"    p.{name} = p.{in_moment(name, 'choice')}\n" for name in moved]
    text = f"def moved_prefer(p, w, e, z):\n{''.join(lines)}    prefer(p, w, e, z)\n"
    return from_text("moved_prefer", text, prefer=prefer)


def _moved_learn(learn: Rule, moved: tuple[str, ...]) -> Rule:
    """`learn` under what is in force when there is an outcome, or when only another state is reached."""
    lines = "".join(
        f"    p.{name} = p.{in_moment(name, 'outcome')} if {OUTCOME} else p.{in_moment(name, 'cue')}\n"
        for name in moved
    )
    return from_text("moved_learn", f"def moved_learn(p, w, e, y):\n{lines}    learn(p, w, e, y)\n", learn=learn)
