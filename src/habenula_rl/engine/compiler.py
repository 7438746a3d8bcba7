"""Turns rules written in Python into one compiled module, cached by its own content.

A kernel and every function that it reaches, across modules, are written into ONE generated module whose name is the
hash of all of it (and of the versions of Python, NumPy and Numba). An edit anywhere, in a helper's helper too, gives
another hash, so a stale result cannot come from the cache. Docstrings, annotations and comments do not count.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import linecache
import sys
import threading
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..mistakes import RuleError
from ..source import definition, place
from . import cache
from .content import FOREIGN, Functions, codes, content, is_constant, literal
from .elementary import portable
from .errors import said_plainly
from .mangling import name_records_by_content

_BOUND: dict[tuple[Any, ...], dict[str, Callable[..., Any]]] = {}
ONE_AT_A_TIME = threading.RLock()  # threads that want the same code would each make it; 3.11 cannot parse two at once


def bound(functions: Functions, bindings: Functions, *, compiled: bool) -> dict[str, Callable[..., Any]]:
    """The functions compiled or plain; made once for equal content."""
    make = _compiled if compiled else _plain
    key = (make, *functions, content(functions, bindings))
    with ONE_AT_A_TIME:
        if key not in _BOUND:
            _BOUND[key] = make(functions, bindings)
        return _BOUND[key]


def _plain(functions: Functions, bindings: Functions) -> dict[str, Callable[..., Any]]:
    """The functions as Python runs them, with `bindings` in place of the names that they leave open."""
    plain = _Plain(bindings)
    return {name: _without_float_warnings(plain.function(function)) for name, function in functions.items()}


class _Plain:
    """Copies of functions that see the bindings, and the portable exponential in the place of NumPy's."""

    def __init__(self, bindings: Functions) -> None:
        self.bindings = bindings
        self.copies: dict[int, types.FunctionType] = {}

    def function(self, original: Any) -> Any:
        """The copy of a function; one that reaches nothing that has to be replaced stays what it is."""
        original = getattr(original, "py_func", original)
        if id(original) not in self.copies:
            code = original.__code__
            scope = dict(original.__globals__)
            copy = types.FunctionType(code, scope, original.__name__, original.__defaults__, original.__closure__)
            copy.__kwdefaults__ = original.__kwdefaults__
            self.copies[id(original)] = copy
            for name in {name for inner in codes(code) for name in inner.co_names} & (
                scope.keys() | self.bindings.keys()
            ):
                scope[name] = self.value(self.bindings.get(name, scope.get(name)))
        return self.copies[id(original)]

    def value(self, value: Any) -> Any:
        """What a global name stands for in a copy."""
        value = portable(value)
        if isinstance(getattr(value, "py_func", value), types.FunctionType) and not _is_library(value.__module__):
            return self.function(value)
        if isinstance(value, types.ModuleType) and (value.__name__ in FOREIGN or not _is_library(value.__name__)):
            return _Seen(self, value)
        return value


class _Seen:
    """A module as a copy sees it."""

    def __init__(self, plain: _Plain, module: types.ModuleType) -> None:
        self.__plain, self.__module = plain, module

    def __getattr__(self, name: str) -> Any:
        value = self.__plain.value(getattr(self.__module, name))
        self.__dict__[name] = value
        return value


def _is_library(name: str | None) -> bool:
    """Whether a module comes with Python or with an installed package other than ours, and so holds no rules."""
    root = (name or "").partition(".")[0]
    file = getattr(sys.modules.get(root), "__file__", None) or ""
    return (root in sys.stdlib_module_names and root != "__main__") or "site-packages" in file


def _without_float_warnings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled code does not warn where an exponential overflows or a counter wraps; plain code shall not either."""

    @functools.wraps(function)
    def quiet(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args)

    return quiet


def _compiled(functions: Functions, bindings: Functions) -> dict[str, Callable[..., Any]]:
    """The functions compiled together with all that they reach, from the cache where it has them.

    Raises RuleError naming file and line where a function uses what cannot be compiled.
    """
    name_records_by_content()
    writer = _written(functions, bindings)
    source = writer.module()
    module = cache.module(source, functions) if not writer.injected else None
    scope = vars(module) if module else _executed(source, writer.injected)
    return {name: said_plainly(scope[name], source, writer.origins) for name in functions}


def module_source(functions: Functions, bindings: Functions) -> tuple[str, dict[str, Any]]:
    """The generated module, and the compiled functions that have to be put into it because they have no source."""
    writer = _written(functions, bindings)
    return writer.module(), writer.injected


def _written(functions: Functions, bindings: Functions) -> _Writer:
    writer = _Writer(bindings)
    for name, function in functions.items():
        writer.add(function, name)
    return writer


class _Writer:
    """Collects functions, callees before callers, under names that cannot clash."""

    def __init__(self, bindings: Functions) -> None:
        self.bindings = bindings
        self.texts: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.injected: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self.origins: dict[str, Any] = {}  # which also keeps functions alive, so that no id is used twice

    def add(self, function: Any, name: str | None = None) -> str:
        function = getattr(function, "py_func", function)
        if id(function) in self.names:
            return self.names[id(function)]
        name = self._free(
            name or "".join(c if c.isalnum() else "_" for c in f"{function.__module__}_{function.__qualname__}")
        )
        self.names[id(function)] = name
        self.origins[name] = function
        tree = definition(function)
        if tree is None:
            self.injected[name] = self._jitted(function)
            return name
        self.texts[name] = ast.unparse(self._rewritten(tree, function, name))
        self.texts[name] = self.texts.pop(name)  # callees were added meanwhile: the caller goes behind them
        return name

    def module(self) -> str:
        """The text of the generated module."""
        head = "import math\nimport numpy as np\nfrom numba import njit\nfrom habenula_rl.engine.vectors import block\n"
        constants = "".join(f"{name} = {value}\n" for name, value in sorted(self.constants.items()))
        options = "nogil=True, error_model='numpy'"
        return f"{head}{constants}\n" + "\n".join(f"@njit({options})\n{text}\n" for text in self.texts.values())

    def _free(self, name: str) -> str:
        taken = set(self.names.values())
        return next(n for n in (name, *(f"{name}_{k}" for k in range(2, 10_000))) if n not in taken)

    def _rewritten(self, tree: ast.FunctionDef, function: Any, name: str) -> ast.FunctionDef:
        tree.name, tree.decorator_list, tree.returns = name, [], None
        for argument in tree.args.args:
            argument.annotation = None
        if ast.get_docstring(tree) is not None:
            tree.body = tree.body[1:] or [ast.Pass()]
        renamed: ast.FunctionDef = ast.fix_missing_locations(_Names(self, function).visit(tree))
        return renamed

    def reference(self, value: Any, function: Any, line: int, what: str) -> str:
        """The name in the generated module for what a function's global name stands for."""
        value = portable(value)
        if isinstance(value, types.ModuleType) and value.__name__ in FOREIGN:
            return FOREIGN[value.__name__]
        if is_constant(value):
            meant = literal(value)[:60]
            name = "".join(c if c.isalnum() else "_" for c in f"{function.__module__}_{what}_{meant}")
            while self.constants.setdefault(name, literal(value)) != literal(value):
                name += "_"
            return name
        if isinstance(getattr(value, "py_func", value), types.FunctionType):
            return self.add(value)
        numpy_name = getattr(value, "__name__", "")
        if getattr(np, numpy_name, None) is value:
            return f"np.{numpy_name}"
        raise RuleError(f"{place(function, line)}: '{what}' is {type(value).__name__}, which a rule cannot use; "
                        "rules use numbers, functions, numpy and math")  # fmt: skip

    def _jitted(self, function: Any) -> Any:
        """A function typed at a prompt has no source: compile it as it stands, with its callees."""
        from numba import njit

        scope = dict(function.__globals__)
        for name in function.__code__.co_names:
            value = scope.get(name)
            if isinstance(value, types.FunctionType):
                scope[name] = self._jitted(value)
        return njit(nogil=True, error_model="numpy")(types.FunctionType(function.__code__, scope, function.__name__))


class _Names(ast.NodeTransformer):
    """Gives a function's global names the names that they have in the generated module."""

    def __init__(self, writer: _Writer, function: Any) -> None:
        self.writer, self.function = writer, function
        closure = inspect.getclosurevars(function).nonlocals
        self.scope = function.__globals__ | closure | dict(writer.bindings)
        self.local = {name for code in codes(function.__code__) for name in (*code.co_varnames, *code.co_cellvars)}

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return self.generic_visit(ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno))

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        value = node.value
        if isinstance(value, ast.Name) and value.id not in self.local:
            module = self.scope.get(value.id)
            target = getattr(module, node.attr, None) if isinstance(module, types.ModuleType) else None
            if target is not None and (module.__name__ not in FOREIGN or portable(target) is not target):
                name = self.writer.reference(target, self.function, node.lineno, f"{value.id}.{node.attr}")
                return ast.copy_location(_expression(name), node)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.local or not isinstance(node.ctx, ast.Load):
            return node
        if node.id not in self.scope:
            return node  # a builtin: Numba says whether it knows it
        name = self.writer.reference(self.scope[node.id], self.function, node.lineno, node.id)
        return ast.copy_location(_expression(name), node)


def _expression(name: str) -> ast.expr:
    return ast.parse(name, mode="eval").body


def from_text(name: str, text: str) -> Callable[..., Any]:
    """A function from generated source that `inspect.getsource` finds again."""
    filename = f"<habenula_rl {name} {hashlib.sha256(text.encode()).hexdigest()[:16]}>"
    scope: dict[str, Any] = {"__name__": __name__, "np": np}
    exec(compile(text, filename, "exec", dont_inherit=True), scope)
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    function: Callable[..., Any] = scope[name]
    return function


def _executed(source: str, injected: Mapping[str, Any]) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "habenula_rl_uncached", **injected}
    exec(compile(source, "<habenula_rl generated rules>", "exec"), scope)
    return scope
