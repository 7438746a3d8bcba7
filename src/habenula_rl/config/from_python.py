"""A config given as a mapping in Python, in which agents, tasks and interventions may be objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..agents import AGENTS
from ..contract import Agent, Task, short_repr
from ..interventions import Intervention, name_in_configs
from ..tasks import TASKS


def written(study: Mapping[str, Any], n: int | None = None) -> dict[str, Any]:
    """The mapping as YAML would have it: plain data and nothing of the caller's; `n` for each group that gives none.

    Raises ValueError for an object that is neither data nor an agent, a task or an intervention.
    """
    data = dict(study)
    groups = data.get("groups")
    if isinstance(groups, Mapping):
        data["groups"] = {name: _group(group, n) for name, group in groups.items()}
    phases = data.get("phases")
    if isinstance(phases, list | tuple):
        data["phases"] = [_phase(phase) for phase in phases]
    plain: dict[str, Any] = _plain(data, "the study")
    return plain


def _group(group: Any, n: int | None) -> Any:
    given = {"agent": group} if isinstance(group, Agent) else group
    if not isinstance(given, Mapping):
        return given
    made: dict[str, Any] = {} if n is None or "n" in given else {"n": n}
    made |= given
    if isinstance(agent := made.get("agent"), Agent):
        own = agent.untreated
        made["agent"] = _registered(own, AGENTS)
        made["parameters"] = _changed(own) | dict(made.get("parameters", {}))
        made["interventions"] = [*agent.interventions, *made.get("interventions", ())]
    return made


def _phase(phase: Any) -> Any:
    if not isinstance(phase, Mapping):
        return phase
    made = dict(phase)
    if isinstance(task := made.get("task"), Task):
        made["task"] = _registered(task, TASKS)
        made["parameters"] = _changed(task) | dict(made.get("parameters", {}))
    return made


def _registered(one: Any, known: Mapping[str, Any]) -> str:
    name = type(one).__name__
    if known.get(name) is not type(one):
        raise ValueError(f"{name} is not registered: call hrl.register({name}) first, or name its file under own")
    return name


def _changed(one: Any) -> dict[str, Any]:
    """The parameters that are not as they are by default."""
    fields = one.fields()
    return {name: value for name, value in one.values().items() if value != fields[name].default}


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, Intervention):
        return {name_in_configs(type(value)): _plain(_changed(value), where)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inside, f"{where}.{key}") for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inside, f"{where}.{index}") for index, inside in enumerate(value)]
    if hasattr(value, "tolist"):  # of NumPy
        return _plain(value.tolist(), where)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"{where} must be data, an agent, a task or an intervention, not {short_repr(value)}")
