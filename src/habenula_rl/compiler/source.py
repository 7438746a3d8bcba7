"""The source of a function, where there is one and it is really the function's."""

from __future__ import annotations

import ast
import functools
import gc
import hashlib
import inspect
import linecache
import os
import textwrap
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import RuleError

Rule = Callable[..., Any]


def definition(function: types.FunctionType) -> ast.FunctionDef | None:
    """The function's definition, None where it was typed at a prompt or made by exec.

    Raises RuleError for a lambda, and where the function's file has been edited since it was imported: what stands
    there now is another function, and to compile it would be to run something else than Python does.
    """
    try:
        found = parsed(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError):
        return None
    except (SyntaxError, IndexError):
        found = None
    if function.__name__ == "<lambda>":
        raise RuleError(f"{place(function)}: a rule has to be a function written with def")
    if isinstance(found, ast.FunctionDef) and _stands_there(function.__code__):
        return found
    if os.path.isfile(function.__code__.co_filename):
        raise RuleError(f"{place(function)}: its file has changed since it was imported; import it again first")
    return None


def parsed(text: str) -> ast.Module:
    """The text's syntax tree.

    Nothing is collected meanwhile: in Python 3.11 a collection that parses, as a finaliser may, makes an error of it
    (github.com/python/cpython/issues/106905).
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if collects:
            gc.enable()


def statements(path: Path) -> list[ast.stmt]:
    """What stands in a user's file, which is read and not run; none where it cannot be read."""
    try:
        return parsed(path.read_text(encoding="utf-8")).body if path.is_file() else []
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return []


def expression(text: str) -> ast.expr:
    """The syntax tree of one expression."""
    (statement,) = parsed(text).body
    return statement.value  # type: ignore[attr-defined, no-any-return]


def stands_there(function: types.FunctionType) -> bool:
    """Whether the function's file, as it is now, holds the function."""
    linecache.checkcache(function.__code__.co_filename)
    return _stands_there(function.__code__)


def _stands_there(code: types.CodeType) -> bool:
    """Whether Python makes that very code, at that line, of what the code's file holds now."""
    return code in _codes("".join(linecache.getlines(code.co_filename)), code.co_filename)


@functools.lru_cache(maxsize=256)
def _codes(text: str, filename: str) -> frozenset[types.CodeType]:
    """All code in a file, inner functions too; none where it does not compile."""
    try:
        waiting = [compile(text, filename, "exec", dont_inherit=True)]
    except SyntaxError:
        return frozenset()
    found: set[types.CodeType] = set()
    while waiting:
        found.add(code := waiting.pop())
        waiting += [inner for inner in code.co_consts if isinstance(inner, types.CodeType)]
    return frozenset(found)


def from_text(name: str, text: str, **known: Any) -> Callable[..., Any]:
    """A function from generated source that `inspect.getsource` finds again; `known` are globals that it uses."""
    filename = f"<habenula_rl {name} {hashlib.sha256(text.encode()).hexdigest()[:16]}>"
    scope: dict[str, Any] = {"__name__": __name__, "np": np, **known}
    exec(compile(text, filename, "exec", dont_inherit=True), scope)
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    function: Callable[..., Any] = scope[name]
    return function


def place(function: Any, line: int = 1) -> str:
    """File and line of a function's line, counted from 1, for messages."""
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno + line - 1}, in {function.__qualname__}"
