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
import threading
import types
from collections.abc import Callable, Mapping
from itertools import chain, count
from typing import Any

import numpy as np

from ..errors import RuleError
from . import cache, portable_math
from .complex_step import Analytic, is_own
from .dependencies import content_key, is_constant, literal, made_of
from .lanes import llvm
from .numba_errors import said_plainly
from .numba_patches import check_numba, name_records_by_content
from .plain import plain
from .portable_math import SAME_EVERYWHERE, portable
from .reach import FOREIGN, UNKNOWN, Functions, Scope, is_function, resolve, unwrapped
from .source import definition, expression, place, stands_there

_BOUND: dict[tuple[Any, ...], dict[str, Callable[..., Any]]] = {}
ONE_AT_A_TIME = threading.RLock()  # threads that want the same code would each make it; 3.11 cannot parse two at once

HEAD = """\
import math
import numpy as np
from numba import njit
from habenula_rl.compiler.portable_math import compiled_for_arrays
from habenula_rl.compiler.lanes.llvm import block
"""


@functools.cache
def _imported() -> str:
    """What the code says that a generated module imports, as a hash: it decides what is compiled, too."""
    text = "".join(map(inspect.getsource, (portable_math, llvm)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def bound(
    functions: Functions, bindings: Functions, *, compiled: bool, analytic: bool = False
) -> dict[str, Callable[..., Any]]:
    """The functions compiled or plain; made once for equal content. `analytic`: compiled for complex numbers."""
    make = functools.partial(_compiled, analytic=analytic) if compiled else plain
    key = (compiled, analytic, *functions, content_key(functions, bindings))
    with ONE_AT_A_TIME:
        if key not in _BOUND:
            _BOUND[key] = make(functions, bindings)
        return _BOUND[key]


def _compiled(functions: Functions, bindings: Functions, *, analytic: bool) -> dict[str, Callable[..., Any]]:
    """The functions compiled together with all that they reach, from the cache where it has them.

    Raises RuleError naming file and line where a function uses what cannot be compiled, ValueError where this Numba is
    none that was tested.
    """
    check_numba()
    name_records_by_content()
    writer = _written(functions, bindings, analytic)
    source = writer.module()
    module = cache.module(source, functions) if not writer.injected else None
    scope = vars(module) if module else _executed(source, writer.injected)
    return {name: said_plainly(scope[name], source, writer.origins) for name in functions}


def module_source(functions: Functions, bindings: Functions, *, analytic: bool = False) -> tuple[str, dict[str, Any]]:
    """The generated module, and the compiled functions that have to be put into it because they have no source."""
    writer = _written(functions, bindings, analytic)
    return writer.module(), writer.injected


def _written(functions: Functions, bindings: Functions, analytic: bool) -> _Writer:
    """The functions written for a module: once, as long as each has its source, or none, as it had then."""
    made, key = made_of(functions, bindings), (analytic, *functions)
    known: _Writer | None = made.get(key)
    if known and all(stands_there(function) is (name in known.texts) for name, function in known.origins.items()):
        return known
    writer = _Writer(bindings, analytic)
    writer.entries.update(functions)
    for name, function in functions.items():
        writer.add(function, name)
    made[key] = writer
    return writer


class _Writer:
    """Collects functions, callees before callers, under names that cannot clash."""

    def __init__(self, bindings: Functions, analytic: bool = False) -> None:
        self.bindings = bindings
        self.analytic = analytic
        self.texts: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.injected: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self.entries: set[str] = set()
        self.origins: dict[str, Any] = {}  # which also keeps functions alive, so that no id is used twice

    def add(self, function: Any, name: str | None = None) -> str:
        function = unwrapped(function)
        if id(function) in self.names:
            return self.names[id(function)]
        name = self._free(
            name or "".join(c if c.isalnum() else "_" for c in f"{function.__module__}_{function.__qualname__}")
        )
        self.names[id(function)] = name
        self.origins[name] = function
        tree = definition(function)
        if tree is None and self.analytic:
            raise RuleError(f"{place(function)}: a gradient needs the rule's source; write the rule into a file")
        if tree is None:
            self.injected[name] = self._jitted(function)
            return name
        self.texts[name] = ast.unparse(self._rewritten(tree, function, name))
        self.texts[name] = self.texts.pop(name)  # callees were added meanwhile: the caller goes behind them
        return name

    def module(self) -> str:
        """The text of the generated module."""
        constants = "".join(f"{name} = {value}\n" for name, value in sorted(self.constants.items()))
        return f"{HEAD}# {_imported()}\n{constants}\n" + "\n".join(map(self._function, self.texts))

    def _function(self, name: str) -> str:
        inline = "" if name in self.entries else ", forceinline=True"
        text = f"@njit(nogil=True, error_model='numpy'{inline})\n{self.texts[name]}\n"
        if self.origins[name] in SAME_EVERYWHERE.values():
            text += f"{name} = compiled_for_arrays({name})\n"
        return text

    def _free(self, name: str) -> str:
        taken = set(self.names.values())
        return next(n for n in chain([name], (f"{name}_{k}" for k in count(2))) if n not in taken)

    def _rewritten(self, tree: ast.FunctionDef, function: Any, name: str) -> ast.FunctionDef:
        tree.name, tree.decorator_list, tree.returns = name, [], None
        for argument in tree.args.args:
            argument.annotation = None
        if ast.get_docstring(tree) is not None:
            tree.body = tree.body[1:] or [ast.Pass()]
        defaults = function.__defaults__ or ()  # as they are: its file, or a global in it, may say another by now
        last = [*tree.args.posonlyargs, *tree.args.args][::-1][: len(defaults)][::-1]
        tree.args.defaults = [self._default(v, function, named) for v, named in zip(defaults, last, strict=True)]
        renamed: ast.FunctionDef = _Names(self, function).visit(tree)
        if self.analytic and not is_own(function):
            renamed = Analytic(self.add).visit(renamed)
        return ast.fix_missing_locations(renamed)

    def _default(self, value: Any, function: Any, argument: ast.arg) -> ast.expr:
        if value is None or isinstance(value, str):
            return ast.Constant(value)
        if is_constant(value):
            return expression(literal(value))
        return expression(self.reference(value, function, 1, argument.arg))

    def swapped(self, value: Any) -> Any:
        """The portable function for NumPy's, where numbers are real."""
        return value if self.analytic else portable(value)

    def reference(self, value: Any, function: Any, line: int, what: str) -> str:
        """The name in the generated module for what a function's global name stands for."""
        value = self.swapped(value)
        if isinstance(value, types.ModuleType) and value.__name__ in FOREIGN:
            return FOREIGN[value.__name__]
        if is_constant(value):
            meant = literal(value)[:60]
            name = "".join(c if c.isalnum() else "_" for c in f"{function.__module__}_{what}_{meant}")
            while self.constants.setdefault(name, literal(value)) != literal(value):
                name += "_"
            return name
        if is_function(value):
            return self.add(value)
        numpy_name = getattr(value, "__name__", "")
        if getattr(np, numpy_name, None) is value:
            return f"np.{numpy_name}"
        raise RuleError(
            f"{place(function, line)}: '{what}' is {type(value).__name__}, which a rule cannot use; "
            "rules use numbers, functions, numpy and math"
        )

    def _jitted(self, function: Any) -> Any:
        """A function typed at a prompt has no source: compile it as it stands, with its callees."""
        from numba import njit

        _, references = next(resolve([function], self.bindings))
        called = {r.name: self._jitted(unwrapped(r.value)) for r in references if is_function(r.value)}
        scope = function.__globals__ | called
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        around = tuple(types.CellType(called[name]) if name in called else cell for name, cell in cells)
        copy = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__, around)
        return njit(nogil=True, error_model="numpy")(copy)


class _Names(ast.NodeTransformer):
    """Gives a function's global names the names that they have in the generated module."""

    def __init__(self, writer: _Writer, function: Any) -> None:
        self.writer, self.function, self.scope = writer, function, Scope(function, writer.bindings)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return self.generic_visit(ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno))

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        module, target = self.scope.module(node), self.scope.value(node)
        if (
            module is not None
            and target is not UNKNOWN
            and not isinstance(target, types.ModuleType)
            and (module.__name__ not in FOREIGN or self.writer.swapped(target) is not target)
        ):
            name = self.writer.reference(target, self.function, node.lineno, ast.unparse(node))
            return ast.copy_location(expression(name), node)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self.scope.value(node)
        if value is UNKNOWN or not isinstance(node.ctx, ast.Load):
            return node  # a builtin: Numba says whether it knows it
        name = self.writer.reference(value, self.function, node.lineno, node.id)
        return ast.copy_location(expression(name), node)


def _executed(source: str, injected: Mapping[str, Any]) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "habenula_rl_uncached", **injected}
    exec(compile(source, "<habenula_rl generated rules>", "exec"), scope)
    return scope
