"""The JSON schema of a config, with every parameter of every agent, task and intervention, for editors to complete by.

`python -m habenula_rl.config.schema` writes configs/study.schema.json.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import Field
from pathlib import Path
from typing import Any

from ..agents import AGENTS
from ..contract import Parameters, number_like
from ..interventions import INTERVENTIONS
from ..tasks import TASKS
from .bundled import bundled
from .distributions import DISTRIBUTIONS
from .draft import DEFAULT_AGENT
from .given import REACH
from .study import NAME, Study
from .times import TIME
from .values import SECONDS

Schema = dict[str, Any]
SCHEMA_FILE = "study.schema.json"  # beside the configs, whose first line names it
NAME_SCHEMA: Schema = {"type": "string", "pattern": f"^{NAME.pattern}$"}
SWEPT_NAME_SCHEMA: Schema = {"type": "string", "pattern": r"\{"}  # a group's, with the label of an axis in it
TIME_SCHEMA: Schema = {"type": "string", "pattern": f"^{TIME.pattern}$"}
AXIS_SCHEMA: Schema = {"type": "string", "pattern": r"\$", "description": "an axis of `sweep`, as $dose or ${dose}"}


def study_schema() -> Schema:
    """JSON schema (draft 2020-12) of a study's config."""
    schema: Schema = _untitled(Study.model_json_schema())
    group, phase = schema["$defs"]["Group"], schema["$defs"]["Phase"]
    group["properties"]["agent"]["enum"] = sorted(AGENTS)
    group["allOf"] = _by_choice("agent", AGENTS, DEFAULT_AGENT)
    _place(phase)
    phase["allOf"] = _by_choice("task", TASKS, None)
    phase["properties"]["name"] |= NAME_SCHEMA
    hours = phase["properties"]["gap_hours"]
    about = {key: hours.pop(key) for key in ("description", "default")}
    phase["properties"]["gap_hours"] = about | {"anyOf": [hours, TIME_SCHEMA]}
    schema["properties"]["study"] |= NAME_SCHEMA
    schema["properties"]["groups"]["propertyNames"] = {"anyOf": [NAME_SCHEMA, SWEPT_NAME_SCHEMA]}
    for part, other in ((group, "groups"), (phase, "phases")):
        part["properties"]["interventions"]["items"] = {"$ref": "#/$defs/Intervention", "not": {"required": [other]}}
    schema["$defs"] |= {"Intervention": _intervention(), "Distribution": _one_of_a_kind(DISTRIBUTIONS)}
    schema["$defs"] |= {name: _parameters(declared, spread=True) for name, declared in AGENTS.items()}
    schema["$defs"] |= {name: _parameters(declared) for name, declared in TASKS.items()}
    schema["$defs"] = {name: _with_axes(made) for name, made in schema["$defs"].items()} | {"Axis": AXIS_SCHEMA}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "habenula_rl study"} | schema


def _place(phase: Schema) -> None:
    """A task or an environment; what this one's parameters are is not known here."""
    described = {name: {"description": phase["properties"][name]["description"]} for name in ("task", "env", "bins")}
    numbers: Schema = {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]}
    whole: Schema = {"type": "integer", "minimum": 1}
    bins: Schema = {"anyOf": [whole, {"type": "array", "items": whole}]}
    every = _mapping({"bins": bins, "low": numbers, "high": numbers}) | {"required": ["bins"]}
    phase["properties"] |= {
        "task": described["task"] | {"type": "string", "enum": sorted(TASKS)},
        "env": described["env"] | {"type": "string"},
        "bins": described["bins"] | {"anyOf": [*bins["anyOf"], every]},
    }
    phase["oneOf"] = [{"required": ["task"]}, {"required": ["env"]}]
    phase["dependentRequired"] = {"bins": ["env"]}


def _with_axes(schema: Any) -> Any:
    """What takes an axis of a sweep for each of its values, and for the keys of its mappings, too.

    Whether there is a sweep with such an axis is not known here.
    """
    if isinstance(schema, list):
        return [_with_axes(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: part if key in ("if", "not", "default") else _with_axes(part) for key, part in schema.items()}
    if isinstance(properties := schema.get("properties"), dict):
        made["properties"] = {name: _or_axis(_with_axes(part)) for name, part in properties.items()}
        if schema.get("additionalProperties") is False:
            made["patternProperties"] = {AXIS_SCHEMA["pattern"]: {}}
    if "items" in schema:
        made["items"] = _or_axis(made["items"])
    return made


def _or_axis(schema: Schema) -> Schema:
    about = {key: schema[key] for key in ("description", "default") if key in schema}
    kind = {key: part for key, part in schema.items() if key not in about}
    if kind == {"type": "string"}:
        return schema
    return about | {"anyOf": [*(kind["anyOf"] if {*kind} == {"anyOf"} else [kind]), {"$ref": "#/$defs/Axis"}]}


def _untitled(schema: Any) -> Any:
    """Without the titles that pydantic makes of field names: they say nothing new."""
    if isinstance(schema, list):
        return [_untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _untitled(part) for key, part in schema.items() if key != "title" or not isinstance(part, str)}


def _by_choice(key: str, known: Mapping[str, Any], default: str | None) -> list[Schema]:
    """The parameters that go with each agent or task; the default one's where the key is missing."""
    return [
        {
            "if": {"properties": {key: {"const": name}}} | ({} if name == default else {"required": [key]}),
            "then": {"properties": {"parameters": {"$ref": f"#/$defs/{name}"}}},
        }
        for name in known
    ]


def _intervention() -> Schema:
    """One intervention, and beside it the groups or phases that it is for."""
    names: Schema = {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}}
    schema = _one_of_a_kind(INTERVENTIONS)
    schema["properties"] |= {
        "groups": {"description": "of those who take part in this phase, the groups that are given it"} | names,
        "phases": {"description": "the phases before each of which the group is given it"} | names,
    }
    alone: Schema = {"maxProperties": 1, "not": {"anyOf": [{"required": [key]} for key in REACH]}}
    beside: list[Schema] = [{"required": [key], "minProperties": 2, "maxProperties": 2} for key in REACH]
    del schema["maxProperties"]
    return schema | {"oneOf": [alone, *beside]}


def _one_of_a_kind(known: Mapping[str, type[Parameters]]) -> Schema:
    """A mapping with one of the names as its only key."""
    kinds = {name: _parameters(declared) for name, declared in known.items()}
    for name, declared in known.items():
        if name in DISTRIBUTIONS:
            kinds[name]["required"] = [*declared.fields()]
    return _mapping(kinds) | {"minProperties": 1, "maxProperties": 1}


def _parameters(declared: type[Parameters], *, spread: bool = False) -> Schema:
    about = (declared.__doc__ or "").strip().partition("\n")[0]
    return {"description": about} | _mapping({name: _value(field, spread) for name, field in declared.fields().items()})


def _mapping(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}


def _value(field: Field[Any], spread: bool) -> Schema:
    """One parameter: what it means, its unit, default and range."""
    default = list(field.default) if isinstance(field.default, tuple) else field.default
    unit = "" if field.metadata["unit"] == "1" else f" [{field.metadata['unit']}]"
    about: Schema = {"description": field.metadata["doc"] + unit, "default": default}
    if isinstance(field.default, bool):
        return about | {"type": "boolean"}
    if isinstance(field.default, str):
        choices = field.metadata["choices"]
        return about | {"type": "string"} | ({"enum": list(choices)} if choices else {})
    whole = isinstance(number_like(field.default), int)
    bounds = {"minimum": field.metadata["low"], "maximum": field.metadata["high"]}
    bounds = {name: bound for name, bound in bounds.items() if math.isfinite(bound)}
    kinds: list[Schema] = [{"type": "integer" if whole else "number"} | bounds]
    if field.metadata["unit"] in SECONDS:
        kinds.append(TIME_SCHEMA)
    if isinstance(field.default, tuple):
        return about | {"type": "array", "minItems": 1, "items": _one_of(kinds)}
    return about | _one_of(kinds + ([{"$ref": "#/$defs/Distribution"}] if spread else []))


def _one_of(kinds: list[Schema]) -> Schema:
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(study_schema(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def main() -> None:
    """Write the schema beside the configs that it describes."""
    path: Path = bundled("configs") / SCHEMA_FILE
    path.write_text(schema_text(), encoding="utf-8")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
