"""What Numba says of a rule that it cannot compile, in one sentence that names the line in the user's own file.

Numba's message runs over pages, speaks of the generated module, and for a field that does not exist is a bare KeyError.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from ..errors import RuleError
from .numba_patches import on_compiling
from .source import definition, parsed, place

RECORDS = {  # the kernel's arguments, in words
    "P": "the agent's parameters",
    "W": "the agent's state",
    "Q": "the task's parameters",
    "X": "the task's memory",
    "E": "the event",
    "Y": "the signals",
}
CALLEE = "resolving callee type: type(CPUDispatcher("
OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
    "iadd": "+",
    "isub": "-",
    "imul": "*",
    "itruediv": "/",
}


def said_plainly(dispatcher: Any, source: str, origins: Mapping[str, Any]) -> Any:
    """The dispatcher, raising RuleError where it cannot be compiled for the arguments of a call.

    `source` is the generated module, `origins` the functions of which its functions were made.
    """

    def compile_or_say(compile_for: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
        try:
            return compile_for(*args, **keywords)
        except (RuleError, OSError, MemoryError):
            raise
        except Exception as error:  # Numba's own errors, and KeyError, AssertionError and others from inside it
            raise RuleError(_sentence(error, dispatcher, args, source, origins)) from None

    return on_compiling(dispatcher, compile_or_say)


def _sentence(error: Exception, dispatcher: Any, args: Any, source: str, origins: Mapping[str, Any]) -> str:
    what = _in_words(_reason(error), _records(dispatcher, args))
    entry = dispatcher.py_func
    functions = {node.name: node for node in parsed(source).body if isinstance(node, ast.FunctionDef)}
    innermost = next(iter(re.findall(r"<function (\w+) at ", str(error))), entry.__name__)
    if innermost not in functions:  # typed at a prompt, so that it was not written into the module
        typed = next((origin for origin in origins.values() if origin.__name__ == innermost), entry).__code__
        return f"{typed.co_filename}:{_line(error, typed.co_filename) or typed.co_firstlineno}, in {innermost}: {what}"
    line = _line(error, entry.__code__.co_filename)
    function = functions.get(innermost, functions[entry.__name__])
    if line is None:
        line = _line_of_name(function, what)
    else:
        line -= entry.__code__.co_firstlineno - functions[entry.__name__].decorator_list[0].lineno
        function = next((f for f in functions.values() if f.lineno <= line <= (f.end_lineno or 0)), function)
    origin = origins[function.name]
    return f"{place(origin, _original_line(function, line, origin))}: {what}"


def _line(error: Exception, filename: str) -> int | None:
    """The innermost line of the generated module that the error speaks of, or was raised over."""
    own, callee, _ = str(error).partition(CALLEE)  # what follows is where the function that fails is called
    found = re.search(re.escape(filename) + r" \((\d+)\)", str(error) if "Cannot bind" in own else own)
    if found:
        return int(found[1])
    places = [] if callee else [getattr(error, "loc", None)]
    trace = error.__traceback__
    while trace is not None:  # Numba's type inference keeps the place in `loc`
        places.append(getattr(trace.tb_frame.f_locals.get("self"), "loc", None))
        trace = trace.tb_next
    return next((int(loc.line) for loc in reversed(places) if getattr(loc, "filename", None) == filename), None)


def _line_of_name(function: ast.FunctionDef, what: str) -> int:
    """Where the name in quotes stands in the function, for an error without a place; else the function's first line."""
    quoted = re.findall(r"'(\w+)'", what)
    names = (n for n in ast.walk(function) if isinstance(n, ast.Name | ast.Attribute))
    return next((n.lineno for n in names if getattr(n, "id", getattr(n, "attr", None)) in quoted), function.lineno)


def _original_line(generated: ast.FunctionDef, line: int, origin: Any) -> int:
    """The line of the original function, counted from 1, that became this line of the generated one."""
    tree = definition(origin)
    if tree is None:
        return 1
    found = tree.lineno
    for new, old in zip_longest(_statements(generated), _statements(tree)):
        if new is None or old is None or new.lineno > line:
            break
        found = old.lineno
    return found


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """All statements in the order in which they stand, without docstrings; the compiler keeps their number."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.stmt) and not _is_docstring(child):
            yield child
        yield from _statements(child)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _records(dispatcher: Any, args: Any) -> dict[str, str]:
    """Numba's text for each record type among the arguments, and what it is in words."""
    from numba import typeof

    names = dispatcher.py_func.__code__.co_varnames
    kinds: dict[str, Any] = {}
    for name, value in zip(names, args, strict=False):
        if name.upper() in RECORDS:
            kinds[RECORDS[name.upper()]] = typeof(value)  # type: ignore[no-untyped-call]
    return {str(getattr(kind, "dtype", kind)): words for words, kind in kinds.items()}


def _reason(error: Exception) -> str:
    """The line that says why, of Numba's many."""
    text = str(error)
    if isinstance(error, KeyError):
        return f"there is no field {error}"
    for pattern, said in SAID:
        found = re.search(pattern, text, re.DOTALL)
        if found:
            return said(found)
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith(("Failed in", "During", "File"))), "")
    return f"it cannot be compiled ({first or type(error).__name__})"


def _no_implementation(found: re.Match[str]) -> str:
    name, arguments = found[1], _split(found[2])
    if name == "getitem" and len(arguments) == 2:
        return f"{arguments[0]} cannot be indexed with {arguments[1]}"
    if name == "setitem" and len(arguments) == 3:
        return f"{arguments[2]} cannot be put into element {arguments[1]} of {arguments[0]}"
    if name in OPERATORS and len(arguments) == 2:
        return f"{OPERATORS[name]} cannot be applied to {arguments[0]} and {arguments[1]}"
    return f"{name}() cannot be applied to {' and '.join(arguments)}"


def _split(arguments: str) -> list[str]:
    """What commas divide outside of brackets."""
    parts, depth = [""], 0
    for letter in arguments:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


Said = Callable[[re.Match[str]], str]
SAID: tuple[tuple[str, Said], ...] = (
    (r"Unknown attribute '(\w+)' of type ([^\n]+)", lambda m: f"{m[2]} has no '{m[1]}'"),
    (r"No implementation of function [^\n]* found for signature:\s+>>> (\w+)\(([^\n]*)\)\n", _no_implementation),
    (
        r"Cannot unify ([^\n]+) and ([^\n]+) for '(\$?\w+)[.\d]*'",
        lambda m: (
            f"{'a value' if m[3][0] == '$' else repr(m[3])} is {' in one place and '.join(sorted(m.group(1, 2)))}"
            " in another"
        ),
    ),
    (
        r"Can't unify return type from the following types: ([^\n]+)",
        lambda m: f"it returns {' in one place and '.join(_split(m[1]))} in another",
    ),
    (r"Cannot cast (\S+) to (.+?): ", lambda m: f"{m[1]} cannot stand for {m[2]}"),
    (r"NameError: (name '\w+' is not defined)", lambda m: m[1]),
    (r"[Uu]ntyped global name '(\w+)'", lambda m: f"'{m[1]}' cannot be compiled"),
    (r"Cannot bind 'args.*? due to \"TypeError: ([^\n]*)\"", lambda m: f"a function is called wrongly: {m[1]}"),
    (r"runaway recursion", lambda m: "a function that calls itself cannot be compiled"),
    (r"unsupported opcode \((\w+)\)", lambda m: f"it cannot be compiled ({m[1]})"),
    (r"Type of variable '(\w+)[.\d]*' cannot be determined", lambda m: f"what '{m[1]}' is cannot be inferred"),
    (r"variable '(\w+)[.\d]*' referenced before assignment", lambda m: f"'{m[1]}' is read before it is set"),
)


def _in_words(text: str, records: Mapping[str, str]) -> str:
    """Numba's names of types, as one says them."""
    for kind, words in records.items():
        text = text.replace(kind, words)
    for pattern, words in WORDS:
        text = re.sub(pattern, words, text)
    return text


WORDS = (
    (r"Record\(.*?;\d+;(?:True|False)\)", "a record"),
    (r"(?:nested)?array\((\w+), \((\d+),\)\)", r"a list of \2 numbers"),
    (r"(?:nested)?array\((\w+), \(([\d, ]+)\)\)", r"an array of (\2) numbers"),
    (r"(?:readonly |unaligned )*array\(\w+, (\d)d, \w\)", r"an array with \1 dimension(s)"),
    (r"(?:Uni)?Tuple\((\w+) x (\d+)\)", r"\2 of them"),
    (r"Literal\[int\]\((-?\d+)\)", r"\1"),
    (r"Literal\[str\]\(.*?\)|unicode_type", "text"),
    (r"Literal\[bool\]\((\w+)\)", r"\1"),
    (r"Tuple\((.*)\)", r"(\1)"),
    (r"type\(CPUDispatcher\(<function (\w+) at \w+>\)\)", r"the function \1"),
    (r"\b(?:float|complex)\d+\b", "a number"),
    (r"\bu?int\d+\b", "a whole number"),
    (r"\bnone\b", "None"),
    (r"\bbool\b", "a truth value"),
)
