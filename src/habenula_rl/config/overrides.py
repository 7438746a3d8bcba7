"""Settings from the command line, `dotted.path=yaml value`, put into a config's data before it is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .given import REACH
from .problems import KeyPath, Place, Problem, Source, shown
from .yaml_source import read_text


def override(source: Source, settings: Sequence[str]) -> Iterator[Problem]:
    """Put the settings into the source's data, one after the other, and yield what is wrong with them."""
    for number, setting in enumerate(settings, 1):
        place = Place(1, number, 0, f"--set {shorter(setting)}")
        for problem in _set(source, setting, place):
            yield replace(problem, place=place)


def override_axes(source: Source, axes: Mapping[str, Any]) -> Iterator[Problem]:
    """Put axes into the source's sweep, and in place of the values that their names lead to the axes' own names.

    An axis is called by the last word of its path, or by as many of them as no other is called. The study is called
    <study>_sweep: what experiments/<study>.py looks for are groups of other names.
    """
    if not axes or not isinstance(source.data, dict):
        return
    paths = [path.strip() for key in axes for path in key.split(",")]
    called = _called(paths, {*source.data["sweep"]} if isinstance(source.data.get("sweep"), dict) else set())
    for path in paths:
        place = Place(1, 0, 0, f"axis {shorter(path)}")
        for problem in _set(source, f"{path}=${called[path]}", place):
            yield replace(problem, place=place)
    for key, values in axes.items():
        name = ", ".join(called[path.strip()] for path in key.split(","))
        given = list(values) if isinstance(values, tuple) else values
        given = given.tolist() if hasattr(given, "tolist") else given
        _put(source, ("sweep", name), given, Place(1, 0, 0, f"axis {shorter(key)}"))
    if isinstance(study := source.data.get("study"), str):
        _put(source, ("study",), f"{study}_sweep", source.values.get(("study",), Place(1, 0, 0, "axes")))


def _called(paths: Sequence[str], taken: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        words = [re.sub(r"[^A-Za-z0-9_]", "_", word) for word in path.split(".")]
        names = ("_".join(words[-k:]) for k in range(1, len(words) + 1))
        found[path] = next((name for name in names if name not in taken and name not in found.values()), words[-1])
    return found


def override_seed(source: Source, seed: int) -> None:
    """Put the seed in, whatever the config says."""
    if isinstance(source.data, dict):
        _put(source, ("seed",), seed, Place(2, 0, 0, f"--seed {seed}"))


def override_subjects(source: Source, subjects: int) -> None:
    """Put that number of subjects into every group."""
    groups = source.data.get("groups") if isinstance(source.data, dict) else None
    for name, group in groups.items() if isinstance(groups, dict) else ():
        if isinstance(group, dict):
            _put(source, ("groups", name, "n"), subjects, Place(2, 0, 0, f"--subjects {subjects}"))


def shorter(setting: str) -> str:
    """The setting on one line, cut where it is long."""
    line = " ".join(setting.split())
    return line if len(line) <= 100 else line[:97] + "..."


def _set(source: Source, setting: str, place: Place) -> Iterator[Problem]:
    dotted, sign, text = setting.partition("=")
    words = [word.strip() for word in dotted.split(".")]
    if not sign or not all(words):
        yield Problem((), "a setting is written path.to.key=value")
        return
    value = read_text(text, place.origin, place.line)
    yield from value.problems
    if value.problems or () in source.unreadable:
        return
    trail = _trail(source.data, words)
    if isinstance(trail, Problem):
        yield trail
    else:
        _put(source, trail, value.data, place)


def _put(source: Source, trail: KeyPath, value: Any, place: Place) -> None:
    """Set the value; from now on the place of all that is in it is the setting's."""
    owner = source.data
    for depth, step in enumerate(trail[:-1], 1):
        owner = owner.setdefault(step, {}) if isinstance(owner, dict) else owner[step]
        source.values.setdefault(trail[:depth], place)
    owner[trail[-1]] = value
    for places in (source.values, source.keys):
        for inside in [t for t in places if t[: len(trail)] == trail]:
            del places[inside]
        places[trail] = place
    source.unreadable = {t for t in source.unreadable if t[: len(trail)] != trail}


def _trail(data: Any, words: Sequence[str]) -> KeyPath | Problem:
    """The keys and indices that the words mean; only the last of them may be new, and `parameters` before it."""
    trail: KeyPath = ()
    while words:
        step, taken = _step(data, words)
        is_new = step is None
        if is_new and isinstance(data, dict) and (len(words) == 1 or (words[0] == "parameters" and len(words) == 2)):
            return (*trail, *words)
        if step is None:
            return _wrong_turn(data, trail, words)
        trail, data, words = (*trail, step), data[step], words[taken:]
    return trail


def _step(data: Any, words: Sequence[str]) -> tuple[str | int | None, int]:
    """The key or index that comes next, and how many words it takes: a name may hold dots."""
    if isinstance(data, dict):
        for taken in range(len(words), 0, -1):
            if (key := ".".join(words[:taken])) in data:
                return key, taken
    if isinstance(data, list):
        return _index(data, words)
    return None, 0


def _index(items: list[Any], words: Sequence[str]) -> tuple[int | None, int]:
    """An item goes by its `name`, by its number from 0 or, where it is an intervention, by its kind."""
    for index, item in enumerate(items):
        for taken in range(len(words), 0, -1):
            if isinstance(item, dict) and item.get("name") == ".".join(words[:taken]):
                return index, taken
    if words[0].isdecimal() and len(words[0]) < 9 and int(words[0]) < len(items):
        return int(words[0]), 1
    for index, item in enumerate(items):
        if isinstance(item, dict) and {*item} - {*REACH} == {words[0]} and len(words) > 1:
            return index, 0
    return None, 0


def _wrong_turn(data: Any, trail: KeyPath, words: Sequence[str]) -> Problem:
    where = ".".join(map(str, trail)) or "the study"
    if isinstance(data, dict):
        known = tuple(data)
    elif isinstance(data, list):
        names = [item.get("name", next(iter(item), "")) for item in data if isinstance(item, dict)]
        known = tuple(name for name in names if isinstance(name, str))
    else:
        return Problem(trail, f"{where} is {shown(data)}, which has no '{words[0]}' in it")
    return Problem(trail, f"there is no {shown(words[0])} in {where}", word=words[0], known=known)
