"""What agents, tasks, interventions and readouts say of themselves, for documents and terminals.

`python -m habenula_rl.cli.pages` (or `make docs-tables`) renews what stands between marks in the pages of docs/, and
configs/study.schema.json; with the names of pages, those pages.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field
from pathlib import Path
from typing import Any

from ..contract import Parameters

BLOCK = re.compile(r"(<!-- (parameters|catalogue|names): (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
PART = re.compile(r"\A([A-Z][a-z]+(?: [a-z]+)?): (.*)", re.DOTALL)
Readout = Callable[..., Any]
EQUATION = re.compile(r"(?!\()\S+(?: a\))? (?:=|\+=|←|∝) ")
ANY = "any, with an agent that has the signals"
OF_CHOICES = ("stay_shift", "choice_share")  # what any choices can be read by
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


def catalogue(known: Mapping[str, type[Parameters]], level: str = "##") -> str:
    """A chapter for each: what its docstring says, and its parameters."""
    chapters = (f"\n{level} {name}\n\n{_prose(kind)}\n{parameter_table(kind)}" for name, kind in sorted(known.items()))
    return "".join(chapters)


def _prose(declared: type[Parameters]) -> str:
    """The docstring; what is named in it stands out."""
    return "\n\n".join(PART.sub(r"**\1:** \2", paragraph) for paragraph in _paragraphs(declared)) + "\n"


def _paragraphs(described: type[Parameters] | Readout) -> list[str]:
    """The docstring's paragraphs; each of its named parts is one."""
    text = re.sub(r"\n(?=    [A-Z][a-z]+(?: [a-z]+)?: )", "\n\n", described.__doc__ or "")
    return [_lines(paragraph) for paragraph in re.split(r"\n\s*\n", text.strip())]


def _lines(text: str) -> str:
    """A paragraph on one line, but for its equations: where spaces or a line's end part them, each has its own."""
    first, *others = re.split(r" {4,}|\n\s*", text.strip())
    return first + "".join(("\\\n" if EQUATION.match(piece) else " ") + piece for piece in others)


def _range(field: Field[Any]) -> str:
    if isinstance(field.default, bool):
        return "yes or no"
    if isinstance(field.default, str):
        return ", ".join(field.metadata["choices"]) or (
            "a number and its unit" if field.metadata["unit"] != "1" else "text"
        )
    return f"{field.metadata['low']:g} to {field.metadata['high']:g}"


def _value(default: Any) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, str):
        return default or "–"
    if isinstance(default, tuple):
        return ", ".join(f"{v:g}" for v in default)
    return f"{default:g}"


def readouts() -> dict[str, Readout]:
    """Every readout by its name, those of a paradigm together."""
    from ..analysis.readouts import READOUTS

    return dict(sorted(READOUTS.items(), key=lambda entry: (str(entry[1].__module__), entry[0])))


def call(readout: Readout) -> str:
    """How it is called, as in `breakpoints(trials, phases=None, *, pellet=1)`."""
    signature = inspect.signature(readout)
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    bare = signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)
    return f"{readout.__name__}{bare}"


def readout_catalogue() -> str:
    """A chapter for each: how it is called, and what its docstring says."""
    chapters = (f"\n## {name}\n\n`{call(f)}`\n\n" + "\n\n".join(_paragraphs(f)) for name, f in readouts().items())
    return "\n".join([*chapters, ""])


def readouts_by_task() -> str:
    """For each task the readouts that its papers report, and at the end those of signals, in Markdown."""
    from ..analysis.readouts.reads import papers
    from ..tasks import TASKS

    reported = {task: [name for name, readout in readouts().items() if task in papers(readout)] for task in TASKS}
    reported[ANY] = [name for name, readout in readouts().items() if not papers(readout)]
    rows = (
        f"| {task} | {', '.join(f'`{name}`' for name in names or OF_CHOICES)} |\n" for task, names in reported.items()
    )
    return "".join(["| task | readouts |\n|---|---|\n", *rows])


def names(part: str) -> str:
    """The classes and functions of `habenula_rl`, or of a public part of it; each has a page of its own on the site."""
    home, documented = _documented(part)
    rows = "".join(f"   ~{home}.{name}\n" for name in sorted(documented, key=str.lower))
    return f"```{{eval-rst}}\n.. autosummary::\n   :toctree: generated\n\n{rows}```\n"


def _documented(part: str) -> tuple[str, list[str]]:
    """The module of a part, and the names that are defined there; neither the package nor other parts list them."""
    import habenula_rl as package

    parts = {name: value for name in package.__all__ if inspect.ismodule(value := getattr(package, name))}
    home = parts.get(part, package)
    public = getattr(home, "__all__", [name for name in vars(home) if not name.startswith("_")])

    def belongs(value: Any) -> bool:
        owners = [owner for owner in parts.values() if value.__module__.startswith(owner.__name__)]
        return owners == ([] if home is package else [home])

    values = {name: getattr(home, name) for name in public}
    return home.__name__, [
        name for name, v in values.items() if (inspect.isclass(v) or inspect.isfunction(v)) and belongs(v)
    ]


def declared() -> dict[str, type[Parameters]]:
    """Every agent, task and intervention by its name."""
    from ..agents import AGENTS
    from ..interventions import INTERVENTIONS
    from ..tasks import TASKS

    return {**AGENTS, **TASKS, **{c.__name__: c for c in INTERVENTIONS.values()}}


def renewed(document: str) -> str:
    """The document with what stands in each `<!-- KIND: NAME -->` block as the code has it now."""
    from ..agents import AGENTS
    from ..interventions import INTERVENTIONS
    from ..tasks import TASKS

    known = declared()
    catalogues = {
        "tasks": lambda: catalogue(TASKS),
        "agents": lambda: catalogue(AGENTS),
        "readouts": readout_catalogue,
        "interventions": lambda: catalogue(INTERVENTIONS, "###"),
        "readouts_by_task": readouts_by_task,
    }

    def text(match: re.Match[str]) -> str:
        _, kind, name, _ = match.groups()
        if kind == "names":
            return names(name)
        return parameter_table(known[name]) if kind == "parameters" else catalogues[name]()

    return BLOCK.sub(lambda m: f"{m[1]}{text(m)}{m[4]}", document)


def pages_with_tables(folder: Path) -> list[Path]:
    """Every page of the folder that holds a block to renew."""
    return sorted(page for page in folder.rglob("*.md") if BLOCK.search(page.read_text(encoding="utf-8")))


def main(names: Sequence[str]) -> None:
    """Renew those pages, or, without any, all pages of docs/ in the current folder and the schema of configs."""
    for page in map(Path, names) if names else pages_with_tables(Path("docs")):
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
    if not names:
        from ..config.schema import SCHEMA_FILE, schema_text

        Path("configs", SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
