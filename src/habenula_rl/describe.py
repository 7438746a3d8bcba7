"""Parameters as tables: what an agent, task or intervention declares, for documents and terminals.

`python -m habenula_rl.describe docs/model.md docs/tasks.md docs/agents.md` renews what stands between marks there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import Field
from pathlib import Path
from typing import Any

from .contract import Parameters

BLOCK = re.compile(r"(<!-- (parameters|catalogue): (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
PART = re.compile(r"([A-Z][a-z]+(?: [a-z]+)?): (.*)", re.DOTALL)
HEADS = ("symbol", "code name", "meaning", "unit", "range", "value", "source")


def parameter_table(declared: type[Parameters]) -> str:
    """Symbol (if any has one), code name, meaning, unit, range, value and source of every parameter, in Markdown."""
    fields = declared.fields().values()
    if not fields:
        return "No parameters.\n"
    rows = [HEADS, ("---",) * len(HEADS), *map(cells, fields)]
    first = 0 if any(field.metadata["symbol"] for field in fields) else 1
    return "".join(f"| {' | '.join(row[first:])} |\n" for row in rows)


def cells(field: Field[Any]) -> tuple[str, ...]:
    """What the table has of a parameter, in the order of `HEADS`."""
    meta = field.metadata
    what = (meta["symbol"], f"`{field.name}`", meta["doc"], meta["unit"])
    return (*what, _range(field), _value(field.default), meta["source"])


def catalogue(known: Mapping[str, type[Parameters]]) -> str:
    """A chapter for each: what its docstring says, and its parameters."""
    return "".join(f"\n## {name}\n\n{_prose(kind)}\n{parameter_table(kind)}" for name, kind in sorted(known.items()))


def _prose(declared: type[Parameters]) -> str:
    """The docstring, each of its named parts a paragraph that begins with the part's name."""
    text = re.sub(r"\n(?=    [A-Z][a-z]+(?: [a-z]+)?: )", "\n\n", declared.__doc__ or "")
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip())]
    return "\n\n".join(PART.sub(r"**\1.** \2", paragraph) for paragraph in paragraphs) + "\n"


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
    from .agents import AGENTS
    from .tasks import TASKS

    known = declared()
    catalogues: dict[str, Mapping[str, type[Parameters]]] = {"tasks": TASKS, "agents": AGENTS}

    def text(match: re.Match[str]) -> str:
        _, kind, name, _ = match.groups()
        return parameter_table(known[name]) if kind == "parameters" else catalogue(catalogues[name])

    return BLOCK.sub(lambda m: f"{m[1]}{text(m)}{m[4]}", document)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(renewed(Path(name).read_text(encoding="utf-8")), encoding="utf-8")
