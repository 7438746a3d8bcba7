"""The source of a function, where there is one and it is really the function's."""

from __future__ import annotations

import ast
import dis
import inspect
import os
import textwrap
import types
from typing import Any


class RuleError(TypeError):
    """A rule uses something that cannot be compiled."""


def definition(function: types.FunctionType) -> ast.FunctionDef | None:
    """The function's definition, None where it was typed at a prompt or made by exec.

    Raises RuleError for a lambda, and where the function's file has been edited since it was imported: what stands
    there now is another function, and to compile it would be to run something else than Python does.
    """
    try:
        found = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError):
        return None
    except (SyntaxError, IndexError):
        found = None
    if function.__name__ == "<lambda>":
        raise RuleError(f"{place(function)}: a rule has to be a function written with def")
    if isinstance(found, ast.FunctionDef) and _same_code(found, function.__code__):
        return found
    if os.path.isfile(function.__code__.co_filename):
        raise RuleError(f"{place(function)}: its file has changed since it was imported; import it again first")
    return None


def _same_code(found: ast.FunctionDef, code: types.CodeType) -> bool:
    """Whether Python makes that code of the definition; a function with outer variables is believed."""
    module = compile(ast.Module([found], []), code.co_filename, "exec")
    made = next((c for c in module.co_consts if isinstance(c, types.CodeType) and c.co_name == code.co_name), None)
    return made is not None and (bool(code.co_freevars) or _content(made) == _content(code))


def _content(code: types.CodeType) -> list[str]:
    """Names, constants and operators in order, but no jumps: Python chooses instructions by what a module imports."""
    jumps = {*dis.hasjrel, *dis.hasjabs}
    said = (i.argval for i in dis.get_instructions(code) if i.opcode not in jumps)
    return ["code" if isinstance(value, types.CodeType) else repr(value) for value in said]


def place(function: Any, line: int = 1) -> str:
    """File and line of a function's line, counted from 1, for messages."""
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno + line - 1}, in {function.__qualname__}"
