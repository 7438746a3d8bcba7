"""A run's manifest.json, which may come from anybody: read, and checked like what is typed on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from ..config.study import Name
from ..files import inside
from .store import is_entry

TABLE = re.compile(r"(?:[a-z]+/)?(?!\.)[A-Za-z0-9._-]{1,100}")  # a file in the folder, or in one of its folders


def _checked_table(name: str) -> str:
    if not TABLE.fullmatch(name):
        raise PydanticCustomError("table", "is no name of a file in this folder")
    return name


def _checked_entry(entry: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(entry.get("sha256"), str) or not is_entry(entry):
        raise PydanticCustomError("entry", "must have the file's sha256, and its rows where it has any")
    return entry


def _checked_tables(tables: dict[str, Any]) -> dict[str, Any]:
    if "rows" not in tables.get("subjects.parquet", {}):
        raise PydanticCustomError("subjects", "must have subjects.parquet, with its rows")
    return tables


Table = Annotated[str, AfterValidator(_checked_table)]
Entry = Annotated[dict[str, Any], AfterValidator(_checked_entry)]


class Lenient(BaseModel):
    """Parts of a manifest that are read; there may be more."""

    model_config = ConfigDict(extra="allow", strict=True)


class ManifestGroup(Lenient):
    n: Annotated[int, Field(ge=1)]
    agent: str


class ManifestPhase(Lenient):
    name: Name
    trials: Annotated[int, Field(ge=1)]


class ManifestConfig(Lenient):
    record: Literal["trials", "summary"] | list[str]
    seed: Annotated[int, Field(ge=0)]
    groups: Annotated[dict[Name, ManifestGroup], Field(min_length=1)]
    phases: Annotated[list[ManifestPhase], Field(min_length=1)]


class Manifest(Lenient):
    """What is read of a manifest, with its names as a config may have them."""

    study: Name
    seed: Annotated[int, Field(ge=0)]
    stopped: Annotated[int, Field(ge=0)]
    story: list[str] = []
    failed: dict[str, str] = {}
    config: ManifestConfig
    tables: Annotated[dict[Table, Entry], AfterValidator(_checked_tables)]


def load_manifest(folder: str | Path) -> dict[str, Any]:
    """What a finished run says about itself.

    Raises FileNotFoundError where there is no such thing, ValueError where it is not what a run writes: a name that no
    study can have, or a table that is not in the folder; OutsideError where it is a link out of the folder.
    """
    path = inside(Path(folder), "manifest.json")
    if not path.is_file():
        below = sorted(found for found in Path(folder).glob("**/manifest.json") if found.is_file())
        hint = f", did you mean '{below[0].parent}'?" if below else ""
        what = "its manifest.json is a folder" if path.is_dir() else "there is no manifest.json in it"
        raise FileNotFoundError(f"{folder} holds no finished run: {what}{hint}")
    try:
        manifest = json.loads(path.read_bytes())
        Manifest.model_validate(manifest)
        return dict(manifest)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part)[:60] for part in first["loc"] if part != "[key]") or "all of it"
        raise ValueError(f"{path} is not as a run writes it: {where}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not readable: {error}; run the study again") from None
