"""What a config says that cannot be: unknown names, values out of range, and parts that do not fit together.

The checks read the data as it was written, which may hold any other mistake too: what has the wrong shape is passed
over here, and reported by the models of `config`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ..agents import AGENTS
from ..contract import Task, nearest
from ..engine.conditions import why_not_frozen
from ..interventions import INTERVENTIONS, Intervention
from ..tasks import TASKS
from .contexts import difference
from .draft import LenientConfig, list_of, mapping_of, text_of
from .given import REACH, intervention_in, reached
from .limits import beyond_counting, beyond_limits
from .overlaps import overlaps
from .problems import KeyPath, Problem, shown
from .values import parameter_mistakes, unknown

MOST, MOST_GROUPS = 256, 10_000  # phases; groups, those of a sweep's points together


def mistakes(data: Any) -> list[Problem]:
    """All mistakes in a config's data that are not of its shape."""
    draft = LenientConfig(mapping_of(data))
    if len(draft.phases) > MOST or len(draft.groups) > MOST_GROUPS:
        return []
    if too_many := list(beyond_counting(draft)):
        return too_many
    checks = (_groups, _yoking, _absent_groups, _phases, _contexts, _record, beyond_limits, overlaps)
    return [problem for check in checks for problem in check(draft)]


def _groups(draft: LenientConfig) -> Iterator[Problem]:
    lower: dict[str, str] = {}
    for name, group in draft.groups.items():
        trail: KeyPath = ("groups", name)
        if (other := lower.setdefault(name.lower(), name)) != name:
            yield Problem(
                trail, f"its files are those of group {shown(other)} where capitals do not count", at_key=True
            )
        if (agent := text_of(group.get("agent"))) is not None and agent not in AGENTS:
            yield _unknown_kind("agent", agent, AGENTS, trail)
        if declared := draft.agent(name):
            yield from parameter_mistakes(declared, group.get("parameters"), (*trail, "parameters"), spread=True)
        yield from _interventions(draft, group.get("interventions"), [name], (*trail, "interventions"))


def _unknown_kind(kind: str, name: str, known: Iterable[str], trail: KeyPath) -> Problem:
    problem = unknown(f"unknown {kind}", name, known, (*trail, kind))
    if not name or nearest(name, known):
        return problem
    return replace(problem, what=f"{problem.what}: if it is your own, name its file under own, as in own: [mine.py]")


def _phases(draft: LenientConfig) -> Iterator[Problem]:
    for index, phase in enumerate(draft.phases):
        trail: KeyPath = ("phases", index)
        if (name := text_of(phase.get("name"))) and draft.first[name] < index:
            yield Problem((*trail, "name"), f"a phase before this one is called {shown(name)} already")
        yield from _place(draft, index, trail)
        if declared := draft.task(index):
            yield from parameter_mistakes(declared, phase.get("parameters"), (*trail, "parameters"))
        if why := draft.misshapen(index):
            yield Problem((*trail, "task"), why)
        yield from _listed_groups(draft, index)
        yield from _frozen_groups(draft, index)
        yield from _interventions(draft, phase.get("interventions"), draft.members(index), (*trail, "interventions"))
        yield from _replay(draft, index)


def _place(draft: LenientConfig, index: int, trail: KeyPath) -> Iterator[Problem]:
    """A phase is in a task or in an environment."""
    phase = draft.phases[index]
    task, env = phase.get("task"), phase.get("env")
    if phase and task is None and env is None:
        yield Problem(trail, f"phases.{index} needs the key 'task', or 'env'", at_key=True)
    if task is not None and env is not None:
        yield Problem((*trail, "env"), "a phase has a task or an env, not both", at_key=True)
    if phase.get("bins") is not None and env is None:
        yield Problem((*trail, "bins"), "bins are for the observations of an env", at_key=True)
    if isinstance(task, str) and task not in TASKS:
        yield _unknown_kind("task", task, TASKS, trail)
    if isinstance(why := draft.environment(index), str):
        yield Problem((*trail, "env"), why)


def _interventions(draft: LenientConfig, given: Any, groups: list[str], trail: KeyPath) -> Iterator[Problem]:
    for index, entry in enumerate(list_of(given)):
        here: KeyPath = (*trail, index)
        if (one := intervention_in(entry)) is None:
            name = entry if isinstance(entry, str) and entry in INTERVENTIONS else "ketamine"
            yield Problem(here, f"an intervention is written as {name}: {{}}, with its parameters inside the braces")
            continue
        name, values = one
        yield from _reach(draft, entry, here)
        if name not in INTERVENTIONS:
            yield _unknown_intervention(name, (*here, name))
        else:
            named = reached(entry, "groups")
            given_to = groups if named is None else [group for group in named if group in draft.groups]
            yield from _intervention(draft, INTERVENTIONS[name], values, given_to, (*here, name))


def _reach(draft: LenientConfig, entry: dict[str, Any], here: KeyPath) -> Iterator[Problem]:
    """The groups that an entry of a phase names, or the phases that one of a group names."""
    owner, index = here[0], here[1]
    own = REACH[str(owner)]  # what the entry may name
    if owner in entry:
        what = f"an intervention under {owner} names {own}, not {owner}"
        yield Problem((*here, owner), f"{what}: {WHERE_GIVEN[str(owner)]}", at_key=True)
    if own not in entry:
        return
    if not isinstance(entry[own], list) or not entry[own]:
        yield Problem((*here, own), f"{own} must be a list of names of {own}, not {shown(entry[own])}")
        return
    known = draft.groups if own == "groups" else draft.first
    seen: set[str] = set()
    for place, name in enumerate(entry[own]):
        trail: KeyPath = (*here, own, place)
        if not isinstance(name, str):
            yield Problem(trail, f"{own} must be a list of names of {own}, not {shown(name)}")
        elif name not in known:
            yield unknown(f"unknown {own[:-1]}", name, known, trail)
        elif name in seen:
            yield Problem(trail, f"{own[:-1]} {shown(name)} stands here twice")
        else:
            group, phase = (name, int(index)) if own == "groups" else (str(index), draft.first[name])
            if group not in draft.taking_part[phase]:
                other = shown(draft.phases[phase].get("name"))
                yield Problem(trail, f"group {shown(group)} takes no part in phase {other}")
        seen.add(str(name))


WHERE_GIVEN = {
    "groups": "it is given to the group under which it stands",
    "phases": "it is given before the phase under which it stands; under a group it can name phases",
}


def _unknown_intervention(name: str, trail: KeyPath) -> Problem:
    problem = unknown("unknown intervention", name, INTERVENTIONS, trail, at_key=True)
    if nearest(str(name)[:64], INTERVENTIONS, likeness=0.6):
        return problem
    return replace(problem, what=f"{problem.what}; known: {', '.join(INTERVENTIONS)}", word="")


def _intervention(
    draft: LenientConfig, declared: type[Intervention], values: Any, groups: list[str], trail: KeyPath
) -> Iterator[Problem]:
    if not isinstance(values, dict):
        yield Problem(trail, f"{trail[-1]} must be a mapping of its parameters, or {{}}, not {shown(values)}")
        return
    if "at" in values and "at" not in declared.fields():
        light = ", ".join(name for name, kind in INTERVENTIONS.items() if "at" in kind.fields())
        why = f"{trail[-1]} cannot be locked to an event: only light goes on and off within a step, as {light}"
        yield Problem((*trail, "at"), why, at_key=True)
        return
    found = parameter_mistakes(declared, values, trail)
    yield from found
    if found:
        return
    agents = {agent: group for group in reversed(groups) if (agent := draft.agent(group))}
    for agent, group in agents.items():
        missing = next((name for name in declared(**values).targets if name not in agent.fields()), None)
        if missing:
            why = f"acts on '{missing}', which {agent.__name__} (group {shown(group)}) does not have"
            yield Problem(trail, f"{trail[-1]} {why}", at_key=True)


def _yoking(draft: LenientConfig) -> Iterator[Problem]:
    circular = _in_a_circle(draft)
    for name, group in draft.groups.items():
        trail: KeyPath = ("groups", name, "yoked_to")
        yoked_to = text_of(group.get("yoked_to"))
        if yoked_to is not None and yoked_to not in draft.groups:
            others = [other for other in draft.groups if other != name]
            yield unknown("unknown group", yoked_to, others, trail)
        elif name in circular:
            yield Problem(trail, f"group {shown(name)} is yoked to itself, directly or through others")
        elif yoked_to is not None:
            n, partners = group.get("n"), draft.groups[yoked_to].get("n")
            if isinstance(n, int) and isinstance(partners, int) and n > partners:
                why = f"need as many partners; group {shown(yoked_to)} has {partners}"
                yield Problem(trail, f"{n} subjects of {shown(name)} {why}")


def _in_a_circle(draft: LenientConfig) -> set[str]:
    """The groups that come back to themselves when one goes from partner to partner."""
    circular: set[str] = set()
    done: set[str] = set()
    for start in draft.groups:
        walk: dict[str, int] = {}
        name: str | None = start
        while name is not None and name not in done and name not in walk:
            walk[name] = len(walk)
            name = draft.partner(name)
        if name in walk:
            circular.update([*walk][walk[name] :])
        done.update(walk)
    return circular


def _absent_groups(draft: LenientConfig) -> Iterator[Problem]:
    if not draft.phases or not all(draft.phases):
        return
    present = {name for index in range(len(draft.phases)) for name in draft.members(index)}
    for name in draft.groups:
        if name not in present:
            yield Problem(("groups", name), f"group {shown(name)} takes part in no phase", at_key=True)


def _listed_groups(draft: LenientConfig, phase: int) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, name in enumerate(list_of(draft.phases[phase].get("groups"))):
        if not isinstance(name, str):
            continue
        if name not in draft.groups:
            yield unknown("unknown group", name, draft.groups, ("phases", phase, "groups", place))
        elif name in seen:
            yield Problem(("phases", phase, "groups", place), f"group {shown(name)} stands here twice")
        seen.add(name)


def _frozen_groups(draft: LenientConfig, phase: int) -> Iterator[Problem]:
    """Groups in which learning is frozen have to take part, and be of agents in which it can be."""
    given, seen = draft.phases[phase], set[str]()
    trail: KeyPath = ("phases", phase)
    members, everyone = draft.members(phase), given.get("learning") is False
    for place, name in enumerate(list_of(given.get("frozen"))):
        here: KeyPath = (*trail, "frozen", place)
        if not isinstance(name, str):
            continue
        if name not in draft.groups:
            yield unknown("unknown group", name, draft.groups, here)
        elif name not in members:
            yield Problem(here, f"group {shown(name)} takes no part in this phase")
        elif name in seen:
            yield Problem(here, f"group {shown(name)} stands here twice")
        seen.add(name)
    if everyone and "frozen" in given:
        yield Problem((*trail, "frozen"), "learning is false here, so that no group learns: leave one of the two out")
    for name in members if everyone else [name for name in members if name in seen]:
        agent = draft.agent(name)
        if agent is not None and (why := why_not_frozen(agent)):
            yield Problem((*trail, "learning" if everyone else "frozen"), f"{why} (group {shown(name)})")


def _replay(draft: LenientConfig, phase: int) -> Iterator[Problem]:
    replays = text_of(draft.phases[phase].get("replays"))
    trail: KeyPath = ("phases", phase, "replays")
    if replays is None:
        return
    if env := text_of(draft.phases[phase].get("env")):
        yield Problem(trail, f"{env} cannot replay anything")
    if replays not in draft.first:
        yield unknown("unknown phase", replays, draft.first, trail)
    elif draft.first[replays] >= phase:
        yield Problem(trail, f"phase {shown(replays)} does not come before this one, so it cannot be replayed")
    else:
        yield from _replayed_task(draft, phase, draft.first[replays], trail)
    for group in draft.members(phase):
        yield from _replaying_group(draft, phase, group, replays, trail)


def _replaying_group(draft: LenientConfig, phase: int, group: str, replays: str, trail: KeyPath) -> Iterator[Problem]:
    partner, source = draft.partner(group), draft.first.get(replays, phase)
    if draft.groups[group] and draft.groups[group].get("yoked_to") is None:
        yield Problem(trail, f"group {shown(group)} takes part, but has no partners: it needs 'yoked_to'")
    elif partner is not None and source < phase and partner not in draft.members(source):
        why = f"the partners of {shown(group)}, take no part in phase {shown(replays)}"
        yield Problem(trail, f"group {shown(partner)}, {why}")


def _replayed_task(draft: LenientConfig, phase: int, replayed: int, trail: KeyPath) -> Iterator[Problem]:
    source, own = draft.task(replayed), draft.task(phase)
    if env := text_of(draft.phases[replayed].get("env")):
        yield Problem(trail, f"{env} has nothing that a yoked subject could replay")
    if source and source.durations is Task.durations:
        yield Problem(trail, f"{source.__name__} has nothing that a yoked subject could replay")
    if own and not any(field.metadata["by_trial"] for field in own.fields().values()):
        yield Problem(trail, f"{own.__name__} cannot replay anything")
    elif own and "escapable" in own.fields():
        parameters = mapping_of(draft.phases[phase].get("parameters"))
        if parameters.get("escapable", own.fields()["escapable"].default) is True:
            yield Problem(trail, "a phase that replays needs escapable: false in its parameters")
    yield from _too_short(draft, phase, replayed)


def _too_short(draft: LenientConfig, phase: int, replayed: int) -> Iterator[Problem]:
    """Shocks that the source can have and this phase would cut off."""
    source, own = draft.made(replayed), draft.made(phase)
    if source and own and {*source.fields()} & {*own.fields()} >= {"escapable", "max_shock_s", "durations_s"}:
        theirs, most = source.values(), own.values()["max_shock_s"]
        longest = theirs["max_shock_s"]
        if not theirs["escapable"] and draft.phases[replayed].get("replays") is None:
            longest = min(longest, math.ceil(max(theirs["durations_s"])))
        if most < longest:
            why = f"phase {shown(draft.phases[replayed].get('name'))} has shocks of up to {longest:g} s"
            yield Problem(("phases", phase, "parameters", "max_shock_s"), f"max_shock_s is {most:g}, but {why}")


def _contexts(draft: LenientConfig) -> Iterator[Problem]:
    """Phases that share a context are in one place: what is learned there is kept by its states and actions."""
    places: dict[str, int] = {}
    for index, phase in enumerate(draft.phases):
        context = draft.context(index)
        if context is None or (other := places.setdefault(context, index)) == index:
            continue
        key = "context" if phase.get("context") else "name"
        if key == "name" and draft.first[context] < index:  # a name twice, which is reported already
            continue
        one, here = draft.place(other), draft.place(index)
        if one and here and (why := difference(one, here)):
            what = f"phase {shown(draft.phases[other].get('name'))} has this context too, but {why}"
            yield Problem(("phases", index, key), what)


def _record(draft: LenientConfig) -> Iterator[Problem]:
    record = draft.data.get("record", "trials")
    if not isinstance(record, list):
        if record not in ("trials", "summary"):
            what = f"record must be trials, summary or a list of signals, not {shown(record)}"
            yield Problem(("record",), what, word=text_of(record) or "", known=("trials", "summary"))
        return
    agents = sorted(
        {agent for group in draft.groups if (agent := draft.agent(group))}, key=lambda agent: agent.__name__
    )
    signals = list(dict.fromkeys(signal for agent in agents for signal in agent.signals))
    has_none = f"{agents[0].__name__} has no signal" if len(agents) == 1 else "no agent here has a signal"
    for index, name in enumerate(record if agents else ()):
        if name not in signals:
            yield unknown(has_none, str(name), signals, ("record", index))
