"""Times as one writes them: "7 d", "24h", "90 min", wherever a config has a number of hours or seconds."""

from __future__ import annotations

import re
from typing import Any

from ..interventions import INTERVENTIONS
from ..tasks import TASKS
from .draft import list_of, mapping_of, text_of
from .values import SECONDS

TIME = re.compile(r"(\d+(?:\.\d*)?|\.\d+) ?(s|min|h|d)")


def time_in(text: Any, unit: str) -> Any:
    """A time as a number in that unit, as 168.0 for "7 d" in "h"; what is none as it was given."""
    found = TIME.fullmatch(text) if isinstance(text, str) else None
    return float(found[1]) * (SECONDS[found[2]] / SECONDS[unit]) if found else text


def hours_in(data: Any) -> None:
    """Put numbers in place of the times in a config's data."""
    for phase in map(mapping_of, list_of(mapping_of(data).get("phases"))):
        if "gap_hours" in phase:
            phase["gap_hours"] = time_in(phase["gap_hours"], "h")
        _parameters(TASKS.get(text_of(phase.get("task")) or ""), phase.get("parameters"))
        _interventions(phase.get("interventions"))
    for group in map(mapping_of, mapping_of(mapping_of(data).get("groups")).values()):
        _interventions(group.get("interventions"))


def _interventions(entries: Any) -> None:
    for entry in map(mapping_of, list_of(entries)):
        for name, values in entry.items():
            _parameters(INTERVENTIONS.get(name), values)


def _parameters(declared: Any, values: Any) -> None:
    for name, field in (declared.fields() if declared else {}).items():
        given, unit = mapping_of(values).get(name), field.metadata["unit"]
        if unit not in SECONDS:
            continue
        if isinstance(given, list):
            values[name] = [time_in(value, unit) for value in given]
        elif given is not None:
            values[name] = time_in(given, unit)
