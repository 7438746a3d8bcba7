"""Parameters as tables: what an agent, task or intervention declares, for documents and terminals.

`python -m habenula_rl.describe docs/model.md` renews the tables in a document.
"""

from __future__ import annotations

import re
import sys
from dataclasses import Field
from pathlib import Path
from typing import Any

from .contract import Parameters

BLOCK = re.compile(r"(<!-- parameters: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def parameter_table(declared: type[Parameters]) -> str:
    """Symbol, code name, meaning, unit, range, value and source of every parameter, as a Markdown table."""
    head = "| symbol | code name | meaning | unit | range | value | source |\n|---|---|---|---|---|---|---|\n"
    return head + "".join(_row(field) for field in declared.fields().values())


def _row(field: Field[Any]) -> str:
    meta = field.metadata
    what = (meta["symbol"], f"`{field.name}`", meta["doc"], meta["unit"])
    cells = (*what, _range(field), _value(field.default), meta["source"])
    return f"| {' | '.join(cells)} |\n"


def _range(field: Field[Any]) -> str:
    if isinstance(field.default, bool):
        return "yes or no"
    if isinstance(field.default, str):
        return ", ".join(field.metadata["choices"]) or "a number and its unit"
    return f"{field.metadata['low']:g} to {field.metadata['high']:g}"


def _value(default: Any) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, str):
        return default
    if isinstance(default, tuple):
        return ", ".join(f"{v:g}" for v in default)
    return f"{default:g}"


def declared() -> dict[str, type[Parameters]]:
    """Every agent, task and intervention by its name."""
    from .agents import AGENTS
    from .interventions import INTERVENTIONS
    from .tasks import TASKS

    return {**AGENTS, **TASKS, **{c.__name__: c for c in INTERVENTIONS.values()}}


def renewed(document: str) -> str:
    """The document with the table in each `<!-- parameters: NAME -->` block as the code has it now."""
    known = declared()
    return BLOCK.sub(lambda m: f"{m[1]}{parameter_table(known[m[2]])}{m[3]}", document)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(renewed(Path(name).read_text(encoding="utf-8")), encoding="utf-8")
