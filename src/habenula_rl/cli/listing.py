"""What `habenula list` shows: the first line of everything that there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def sections() -> Iterator[tuple[str, dict[str, str]]]:
    """Each kind of thing, with a line for each by name."""
    from ..agents import AGENTS
    from ..findings.catalogue import written_claims
    from ..interventions import INTERVENTIONS
    from ..tasks import TASKS
    from .pages import readouts

    yield "Studies", _studies()
    parts: dict[str, Mapping[str, Any]]
    parts = {"Agents": AGENTS, "Tasks": TASKS, "Interventions": INTERVENTIONS, "Readouts": readouts()}
    for title, known in parts.items():
        yield title, {name: ((kind.__doc__ or "").strip().splitlines() or [""])[0] for name, kind in known.items()}
    yield "Claims", {name: claim.claim for name, claim in written_claims().items()}


def _studies() -> dict[str, str]:
    from ..config.bundled import instead_of
    from ..config.study import ConfigError, known_studies, read_study
    from ..experiment.user_code import config_code

    lines = {}
    for name, path in known_studies().items():
        instead = instead_of(path, "configs", path.name)
        notes = [f"{path}, {instead}"] if instead else []
        try:
            study = read_study(path)
            line = study.description.partition("\n")[0]
            notes += [f"runs code of {code}" for code in config_code(study.model_dump(mode="json"), path.parent)]
        except ConfigError as error:
            line = f"cannot be read: {str(error).splitlines()[0]}"
        lines[name] = f"{line} ({'; '.join(notes)})".lstrip() if notes else line
    return lines
