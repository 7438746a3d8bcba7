"""What decides a group's numbers beside its config, as a hash: where it changes, the group is computed again."""

from __future__ import annotations

import functools
import hashlib
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..compiler import module as compiler
from ..compiler.dependencies import content
from ..config.user_modules import is_own, text_beside
from ..contract import Agent, Task
from ..engine.binding import learning_source, rules_source
from ..environments.gymnasium_task import Environment
from ..errors import RuleError
from ..interventions import applied

if TYPE_CHECKING:
    from ..config.plan import Plan, PlannedGroup


DECIDE = (
    "config/distributions.py",
    "config/plan.py",
    "engine",
    "experiment/units.py",
    "interventions",
    "pharmacology",
    "randomness",
)
"""Files and folders of the package that decide numbers beside the rules that are read as `_rules` does."""


def fingerprints(plan: Plan) -> dict[str, str]:
    """For each group a hash of what decides its numbers beside the config: rules, default values, drugs' effects, and
    the package's code that draws parameters, gives drugs and carries subjects from phase to phase.

    It holds those of the group's partners, and of theirs.
    """
    source = functools.cache(_rules)
    own = {name: _own_fingerprint(group, source) for name, group in plan.groups.items()}
    made: dict[str, str] = {}
    for name, group in plan.groups.items():
        chain = [own[other.name] for other in _with_partners(group)]
        made[name] = chain[0] if len(chain) == 1 else hashlib.sha256("".join(chain).encode()).hexdigest()
    return made


def whole(plan: Plan) -> str:
    """One hash of all groups' fingerprints."""
    return hashlib.sha256("".join(fingerprints(plan).values()).encode()).hexdigest()


@functools.cache
def _package_code() -> bytes:
    """A hash of the files that `DECIDE` names, as they stand on the disk."""
    package, text = Path(__file__).parents[1], hashlib.sha256()
    for name in DECIDE:
        for path in [package / name] if name.endswith(".py") else sorted((package / name).glob("*.py")):
            text.update(b"\n".join(path.read_bytes().splitlines()))  # whatever a checkout ends its lines with
    return text.digest()


def _own_fingerprint(group: PlannedGroup, source: Callable[..., str]) -> str:
    text = hashlib.sha256(_package_code())
    agent = type(group.agent)
    if any(is_own(kind) for kind in (agent, *(type(phase.place) for phase in group.phases))) or any(
        isinstance(phase.place, Environment) for phase in group.phases
    ):
        text.update(text_beside())
    if not all(phase.learning for phase in group.phases):
        text.update(_without_source(agent.show).encode())  # type: ignore[attr-defined]
        text.update(compiler.module_source({"show": agent.show}, {})[0].encode())  # type: ignore[attr-defined]
    for phase in group.phases:
        working = applied(phase.interventions, agent, agent().values())
        text.update(repr(sorted(working.items())).encode())
        if isinstance(phase.place, Task):
            text.update(source(agent, type(phase.place)).encode())
            task = phase.place
            tables = (task.states, task.actions, task.aversive, task.reflex, task.elements, task.available)
            text.update(repr((task.values(), *tables, task.passive, task.max_steps, task.script)).encode())
        elif isinstance(phase.place, Environment):
            rules = map(_without_source, (agent.start, agent.prefer, agent.learn))
            text.update("\n".join([learning_source(agent), *rules, phase.place.text()]).encode())
    return text.hexdigest()


def _with_partners(group: PlannedGroup | None) -> Iterator[PlannedGroup]:
    while group is not None:
        yield group
        group = group.partners


def _rules(agent: type[Agent], task: type[Task]) -> str:
    """The agent's and the task's rules as text, and what gives yoked subjects their partners' shocks."""
    rules = (agent.start, agent.prefer, agent.learn, task.begin, task.step)
    return "\n".join([rules_source(agent, task), *map(_without_source, rules), _replaying(task.durations)])


def _replaying(durations: Callable[..., Any]) -> str:
    """It runs in Python only, and may use more than a rule that is compiled."""
    try:
        return compiler.module_source({"durations": durations}, {})[0] + _without_source(durations)
    except RuleError:
        return _stable(content({"durations": durations}, {}))


def _without_source(rule: Callable[..., Any]) -> str:
    """The bytecode of the functions that a rule reaches, or is, and that were typed at a prompt or made by exec."""
    return _stable(content(compiler.module_source({"rule": rule}, {})[1], {}))


def _stable(value: Any) -> str:
    """A text that is the same in every process for the same code and constants."""
    if isinstance(value, types.CodeType):
        return _stable((value.co_code, value.co_names, value.co_varnames, value.co_freevars, value.co_consts))
    if isinstance(value, tuple):
        return f"({', '.join(map(_stable, value))})"
    return f"{{{', '.join(sorted(map(repr, value)))}}}" if isinstance(value, frozenset) else repr(value)
