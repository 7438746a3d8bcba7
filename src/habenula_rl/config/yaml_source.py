"""Reading YAML into plain data with the place of every key and value.

YAML 1.2 without what a config does not need and an attacker likes: anchors, aliases, merge keys, tags, directives.
Its length, depth and number of nodes are checked before anything is built from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as ev
from ruamel.yaml.error import YAMLError

from .problems import ConfigError, KeyPath, Place, Problem, Source, shown

MAX_BYTES = 256 * 1024  # far above a long config; 1 MiB of blank lines takes the parser a second
MAX_LINE = 32 * 1024  # the parser's time grows with the square of some tokens' length
MAX_NODES = 10_000
MAX_DEPTH = 20
MAX_DIGITS = 200  # a longer number stays text, and is refused as that

INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
NOT_FINITE = re.compile(r"\.(inf|nan)")
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # control characters, halves of pairs
IN_PLAIN_WORDS = {  # for what the parser says, by its beginning
    "found character '\\t' that cannot start": "a tab, where lines are indented with spaces only",
    "expected <block end>, but found '<block": "the indentation of this line does not fit the lines above",
    "expected <block end>, but found '-'": "the indentation of this line does not fit the lines above",
    "mapping values are not allowed here": (
        "a ':' where none can be: quote a text that holds one, else see the indentation here and the line above"
    ),
    "could not find expected ':'": "a key needs a colon and a space behind it, as in n: 8",
}
WORDS = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


def scalar(text: str) -> Any:
    """An unquoted word as YAML 1.2's core schema reads it: null, a boolean, a number, or text."""
    if text in WORDS:
        return WORDS[text]
    if len(text) > MAX_DIGITS:
        return text
    if INT.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(NOT_FINITE.sub(r"\1", text.lower())) if FLOAT.fullmatch(text) else text


def read_file(path: Path) -> Source:
    """The file's data. Raises ConfigError where there is no text to read."""
    content = _content(path)
    try:
        return read_text(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        line, column = _line_and_column(content[: error.start].decode("utf-8", "replace"))
        raise ConfigError(f"{path}:{line}:{column}: not UTF-8 text (byte 0x{content[error.start]:02x})") from None


def _content(path: Path) -> bytes:
    if not os.path.isfile(path):
        raise ConfigError(f"{path}: {'a folder' if os.path.isdir(path) else 'not a file'}, where a config should be")
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: longer than {MAX_BYTES // 1024} KiB, which no config needs to be")
    return content


def _line_and_column(before: str) -> tuple[int, int]:
    """Both from 1, of what follows the text `before`."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def read_text(text: str, origin: str, option: int = 0) -> Source:
    """The data in a piece of YAML; what is wrong with it stands in the source's `problems`.

    With `option` n, `origin` is the command line's nth option and stands for the place of everything in the text.
    """
    reader = _Reader(origin, option)
    try:
        reader.read(text)
    except _Stop:
        reader.source.data = None
        reader.source.unreadable.add(())
    return reader.source


class _Stop(Exception):
    """No more can be read."""


class _Reader:
    """Builds a Source from the parser's events one by one, so that a bound is met before what exceeds it is built."""

    def __init__(self, origin: str, option: int) -> None:
        self.origin, self.option = origin, option
        self.source = Source(values={(): self.place(0, 0)})
        self.nodes = 0
        self.events: Iterator[Any] = iter(())

    def place(self, line: int, column: int) -> Place:
        """A place from the parser's line and column, which start at 0."""
        return Place(1, self.option, 0, self.origin) if self.option else Place(0, line + 1, column + 1, self.origin)

    def refuse(self, what: str, mark: Any) -> None:
        self.source.problems.append(Problem((), what, place=self.place(mark.line, mark.column)))

    def stop(self, what: str, line: int, column: int) -> _Stop:
        self.source.problems.append(Problem((), what, place=self.place(line, column)))
        return _Stop()

    def read(self, text: str) -> None:
        for number, line in enumerate(text.splitlines()):
            if len(line) > MAX_LINE:
                raise self.stop(f"a line longer than {MAX_LINE // 1024} KiB", number, MAX_LINE)
            if line.startswith("%"):  # a thousand of them take the parser long
                raise self.stop("% directives are not allowed", number, 0)
        try:
            # The pure parser reads YAML 1.2; the round-trip one gives the same events in up to ten times the time.
            self.events = YAML(typ="safe", pure=True).parse(text)
            self.document()
        except YAMLError as error:
            raise self.broken(text, error) from None

    def broken(self, text: str, error: Exception) -> _Stop:
        if mark := getattr(error, "problem_mark", None):
            problem, context = (str(getattr(error, name, None) or "") for name in ("problem", "context"))
            if problem == "could not find expected ':'":  # the parser finds that out in the line after
                mark = getattr(error, "context_mark", None) or mark
            what = next((plain for said, plain in IN_PLAIN_WORDS.items() if problem.startswith(said)), None)
            what = what or ", ".join(filter(None, (problem, context)))
            return self.stop(f"not YAML: {what}", mark.line, mark.column)
        line, column = _line_and_column(text[: getattr(error, "position", 0)])
        return self.stop("not YAML: a character that text cannot hold", line - 1, column - 1)

    def document(self) -> None:
        documents = 0
        for event in self.events:
            if isinstance(event, ev.NodeEvent):
                self.source.data = self.node(event, (), 0)
            elif isinstance(event, ev.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    mark = event.start_mark
                    raise self.stop("a second document; a config is one", mark.line, mark.column)

    def node(self, event: Any, trail: KeyPath, depth: int) -> Any:
        self.count(event, depth)
        left_out = isinstance(event, ev.ScalarEvent) and not event.value and not event.style  # as in `key:`
        if not left_out:  # the parser puts nothing where the next thing stands
            self.source.values[trail] = self.place(event.start_mark.line, event.start_mark.column)
        self.check_properties(event, trail)
        if isinstance(event, ev.MappingStartEvent):
            return self.mapping(trail, depth)
        if isinstance(event, ev.SequenceStartEvent):
            return self.sequence(trail, depth)
        if isinstance(event, ev.AliasEvent):
            return None
        if why := self.unwritable(event.value):
            self.refuse(why, event.start_mark)
            self.source.unreadable.add(trail)
            return None
        return scalar(event.value) if event.implicit[0] and not event.style else event.value

    def unwritable(self, text: str) -> str | None:
        """Why a text cannot stand in tables, figures and terminals, though "\\ud800" and "\\e" are YAML."""
        if found := UNWRITABLE.search(text):
            return f"a character that text cannot hold: {found[0]!r}"
        return None

    def count(self, event: Any, depth: int) -> None:
        self.nodes += 1
        too_much = f"nested more than {MAX_DEPTH} deep" if depth > MAX_DEPTH else ""
        too_much = f"more than {MAX_NODES} keys and values" if self.nodes > MAX_NODES else too_much
        if too_much:
            raise self.stop(too_much, event.start_mark.line, event.start_mark.column)

    def check_properties(self, event: Any, trail: KeyPath) -> None:
        name = (event.anchor or "")[:40]
        if isinstance(event, ev.AliasEvent):
            self.refuse(f"aliases (*{name}) are not allowed, write the value out", event.start_mark)
            self.source.unreadable.add(trail)
        elif name:
            self.refuse(f"anchors (&{name}) are not allowed", event.start_mark)
        if tag := getattr(event, "tag", None):
            self.refuse(f"tags ({tag[:40]}) are not allowed", event.start_mark)
            self.source.unreadable.add(trail)

    def sequence(self, trail: KeyPath, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), ev.SequenceEndEvent):
            items.append(self.node(event, (*trail, len(items)), depth + 1))
        return items

    def mapping(self, trail: KeyPath, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(self.events), ev.MappingEndEvent):
            key = self.key(event, depth)
            if refusal := self.key_refusal(key, event, trail):
                self.refuse(refusal, event.start_mark)
                self.pass_over(next(self.events), depth)
            else:
                self.source.keys[*trail, key] = self.place(event.start_mark.line, event.start_mark.column)
                items[key] = self.node(next(self.events), (*trail, key), depth + 1)
        return items

    def key(self, event: Any, depth: int) -> str:
        """The key as it is written: 2021 and no are names here, not a number and a boolean."""
        self.pass_over(event, depth)
        return event.value if isinstance(event, ev.ScalarEvent) else ""

    def key_refusal(self, key: str, event: Any, trail: KeyPath) -> str | None:
        if not isinstance(event, ev.ScalarEvent):
            return "a key must be a word"
        if why := self.unwritable(key):
            return why
        if key == "<<":
            return "merge keys (<<) are not allowed, write the values out"
        if first := self.source.keys.get((*trail, key)):
            return f"duplicate key {shown(key)}" + ("" if self.option else f", first on line {first.line}")
        return None

    def pass_over(self, event: Any, depth: int) -> None:
        """A node that is not kept; its own mistakes are."""
        source = self.source
        self.source = Source(problems=source.problems)
        self.node(event, (), depth + 1)
        self.source = source
