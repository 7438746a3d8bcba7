"""Whose code a study runs beside the package's, known by reading its config alone: nothing here runs any of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..config.bundled import instead_of, is_bundled
from ..config.draft import list_of, mapping_of, text_of
from ..config.overrides import override
from ..config.study import NAME, find_config
from ..config.yaml_source import read_file
from .study_file import find_experiment


def code_line(study: str | Path, overrides: Sequence[str] = ()) -> str:
    """What to say before a study runs: "runs code of: experiments/x.py, own.py, module foo"; empty where of nobody.

    Raises ConfigError where there is no such study.
    """
    path = find_config(study)
    source = read_file(path)
    list(override(source, overrides))  # what is wrong with them is said when the study runs
    data = mapping_of(source.data)
    names = [*experiment_code(data), *config_code(data, path.parent)]
    return f"runs code of: {', '.join(dict.fromkeys(names))}" if names else ""


def config_code(data: Mapping[str, Any], folder: Path) -> list[str]:
    """Files and modules that a config in that folder names, as its data has them: `own`, and env "module:Id"."""
    files = [str(folder / name) for name in list_of(data.get("own")) if isinstance(name, str)]
    ids = [text_of(mapping_of(phase).get("env")) or "" for phase in list_of(data.get("phases"))]
    modules = [id.rpartition(":")[0] for id in ids]
    return list(dict.fromkeys([*files, *(f"module {name}" for name in modules if name)]))


def experiment_code(data: Mapping[str, Any]) -> Iterator[str]:
    """The user's own experiments/<study>.py, where a study of this name has one and keeps trials for it."""
    study = text_of(data.get("study")) or ""
    if not NAME.fullmatch(study) or data.get("record") == "summary":
        return
    path = find_experiment(study)
    if path is not None and not is_bundled(path):
        instead = instead_of(path, "experiments", path.name)
        yield f"{path} ({instead})" if instead else str(path)
