"""A Sphinx extension: the package's docstrings, written to be read in a terminal, as reStructuredText.

A docstring is made of paragraphs. Within one, a line may begin a named part ("Source: ...") or an entry, whose name and
meaning stand two spaces or more apart ("`seed`  where the draws begin"); indented lines go on with either. Equations
have lines of their own or stand four spaces or more apart. What stands between backticks is code, and the name of a
page of docs/ leads there.
"""

import inspect
import re
from collections.abc import Iterable
from typing import Any

from habenula_rl.cli.pages import EQUATION, HEADS, PART, cells
from habenula_rl.contract import Parameters

ENTRY = re.compile(r"(\S.*?) {2,}(\S.*)", re.DOTALL)
SPAN = re.compile(
    r"(?P<before>(?<=\S))?`(?P<code>[^`\s](?:[^`]*[^`\s])?)`(?P<after>(?=\S))?|\b(?P<page>docs/[\w/-]+)\.md\b"
    r"|[\\*|`]|_(?![^\W_])"  # what reStructuredText would take for emphasis, substitution and link
)


def restructured(docstring: str) -> str:
    """The whole docstring; examples, which begin with >>>, stay as they are."""
    paragraphs = re.split(r"\n\s*\n", docstring.strip())
    return "\n\n".join(p if p.startswith(">>>") else "\n\n".join(map(block, items(p))) for p in paragraphs) + "\n"


def items(paragraph: str) -> Iterable[str]:
    """What stands in a paragraph: running text, parts, entries and lines of equations, each with its indented lines."""
    item: list[str] = []
    for line in paragraph.split("\n"):
        begins = PART.match(line) or ENTRY.fullmatch(line) or EQUATION.match(line)
        ended = item and (ENTRY.fullmatch(item[0]) or EQUATION.match(item[0]))  # running text does not go on with them
        if item and not line.startswith(" ") and (begins or ended):
            yield "\n".join(item)
            item = []
        item.append(line)
    yield "\n".join(item)


def block(item: str) -> str:
    """A line of equations as lines, an entry as a definition, a part with its name in bold, or a paragraph."""
    if EQUATION.match(item):
        return "\n".join(f"| {escaped(equation)}" for equation in re.split(r" {4,}|\n\s*", item))
    one_line = re.sub(r"\n\s*", " ", item)
    if entry := ENTRY.fullmatch(one_line):
        return f"{escaped(entry[1])}\n    {escaped(entry[2])}"
    if part := PART.fullmatch(one_line):
        return f"**{part[1]}:** {escaped(part[2])}"
    return escaped(one_line)


def escaped(text: str) -> str:
    """Text in which only code and links to pages are markup."""
    return SPAN.sub(_span, text)


def _span(match: re.Match[str]) -> str:
    if code := match["code"]:
        before, after = (
            r"\ " * (match[side] is not None) for side in ("before", "after")
        )  # markup that is glued to text
        return f"{before}``{code}``{after}"
    return rf":doc:`/{match['page']}`" if match["page"] else rf"\{match[0]}"


def parameters(declared: type[Parameters]) -> str:
    """The table of an agent's, a task's or an intervention's parameters, with units, ranges and sources."""
    if not declared.fields():
        return "No parameters."
    rows = [HEADS, *map(cells, declared.fields().values())]
    lines = ("   * - " + "\n     - ".join(escaped(cell) for cell in row) for row in rows)
    return "\n".join([".. list-table::", "   :header-rows: 1", "", *lines])


def _process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    if lines:
        lines[:] = [*restructured("\n".join(lines)).split("\n"), ""]
    if _declares(obj):
        lines += [*parameters(obj).split("\n"), ""]


def _signature(app: Any, what: str, name: str, obj: Any, *_: Any) -> tuple[str, None] | None:
    return ("(**parameters)", None) if _declares(obj) else None


def _declares(obj: Any) -> bool:
    return inspect.isclass(obj) and issubclass(obj, Parameters)


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", _process)
    app.connect("autodoc-process-signature", _signature)
    return {"parallel_read_safe": True}
