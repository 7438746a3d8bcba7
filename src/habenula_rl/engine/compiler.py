"""Turns rules written in Python into one compiled module, cached by its own content.

A kernel and every function that it reaches, across modules, are written into ONE generated module whose name is the
hash of all of it (and of the versions of Python, NumPy and Numba). An edit anywhere, in a helper's helper too, gives
another hash, so a stale result cannot come from the cache. Docstrings, annotations and comments do not count.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import inspect
import os
import platform
import sys
import tempfile
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .analytic import Analytic, is_own
from .content import FOREIGN, Functions, codes, content, is_constant, literal
from .mangling import name_records_by_content
from .source import RuleError, definition, place

_BOUND: dict[tuple[Any, ...], dict[str, Callable[..., Any]]] = {}


def bound(
    functions: Functions, bindings: Functions, *, compiled: bool, analytic: bool = False
) -> dict[str, Callable[..., Any]]:
    """The functions compiled or plain; made once for equal content. `analytic`: compiled for complex numbers."""
    make = functools.partial(_compiled, analytic=analytic) if compiled else _plain
    key = (compiled, analytic, *functions, content(functions, bindings))
    if key not in _BOUND:
        _BOUND[key] = make(functions, bindings)
    return _BOUND[key]


def _plain(functions: Functions, bindings: Functions) -> dict[str, Callable[..., Any]]:
    """The functions as Python runs them, with `bindings` in place of the names that they leave open."""
    scope: dict[str, Any] = {}
    for function in functions.values():
        scope |= function.__globals__
    scope |= bindings
    copies = {
        name: types.FunctionType(value.__code__, scope, name, value.__defaults__)
        for name, value in (dict(_own_functions(functions)) | dict(functions)).items()
    }
    scope |= copies
    return {name: _without_float_warnings(copies[name]) for name in functions}


def _own_functions(functions: Functions) -> Iterator[tuple[str, types.FunctionType]]:
    """The functions defined in the same modules, which have to see the bindings too."""
    for function in functions.values():
        for name, value in function.__globals__.items():
            if isinstance(value, types.FunctionType) and value.__globals__ is function.__globals__:
                yield name, value


def _without_float_warnings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled code does not warn where an exponential overflows or a counter wraps; plain code shall not either."""

    @functools.wraps(function)
    def quiet(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args)

    return quiet


def _compiled(functions: Functions, bindings: Functions, *, analytic: bool) -> dict[str, Callable[..., Any]]:
    """The functions compiled together with all that they reach, from the cache where it has them.

    Raises RuleError naming file and line where a function uses what cannot be compiled.
    """
    name_records_by_content()
    source, injected = module_source(functions, bindings, analytic=analytic)
    module = _from_file(source) if not injected else None
    scope = vars(module) if module else _executed(source, injected)
    return {name: scope[name] for name in functions}


def module_source(functions: Functions, bindings: Functions, *, analytic: bool = False) -> tuple[str, dict[str, Any]]:
    """The generated module, and the compiled functions that have to be put into it because they have no source."""
    writer = _Writer(bindings, analytic)
    for name, function in functions.items():
        writer.add(function, name)
    head = "import math\nimport numpy as np\nfrom numba import njit\n"
    options = "nogil=True, error_model='numpy'"
    body = []
    for name, text in writer.texts.items():
        cache = ", cache=CACHE" if name in functions else ""
        body.append(f"@njit({options}{cache})\n{text}\n")
    constants = "".join(f"{name} = {value}\n" for name, value in sorted(writer.constants.items()))
    return f"{head}CACHE = __name__.startswith('hrl_')\n{constants}\n" + "\n".join(body), writer.injected


class _Writer:
    """Collects functions, callees before callers, under names that cannot clash."""

    def __init__(self, bindings: Functions, analytic: bool = False) -> None:
        self.bindings = bindings
        self.analytic = analytic
        self.texts: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.injected: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self.kept: list[Any] = []  # keeps functions alive, so that no id is used twice

    def add(self, function: Any, name: str | None = None) -> str:
        function = getattr(function, "py_func", function)
        if id(function) in self.names:
            return self.names[id(function)]
        name = self._free(
            name or "".join(c if c.isalnum() else "_" for c in f"{function.__module__}_{function.__qualname__}")
        )
        self.names[id(function)] = name
        self.kept.append(function)
        tree = definition(function)
        if tree is None and self.analytic:
            raise RuleError(f"{place(function)}: a gradient needs the rule's source; write the rule into a file")
        if tree is None:
            self.injected[name] = self._jitted(function)
            return name
        self.texts[name] = ast.unparse(self._rewritten(tree, function, name))
        self.texts[name] = self.texts.pop(name)  # callees were added meanwhile: the caller goes behind them
        return name

    def _free(self, name: str) -> str:
        taken = set(self.names.values())
        return next(n for n in (name, *(f"{name}_{k}" for k in range(2, 10_000))) if n not in taken)

    def _rewritten(self, tree: ast.FunctionDef, function: Any, name: str) -> ast.FunctionDef:
        tree.name, tree.decorator_list, tree.returns = name, [], None
        for argument in tree.args.args:
            argument.annotation = None
        if ast.get_docstring(tree) is not None:
            tree.body = tree.body[1:] or [ast.Pass()]
        renamed: ast.FunctionDef = _Names(self, function).visit(tree)
        if self.analytic and not is_own(function):
            renamed = Analytic(self.add).visit(renamed)
        return ast.fix_missing_locations(renamed)

    def reference(self, value: Any, function: Any, line: int, what: str) -> str:
        """The name in the generated module for what a function's global name stands for."""
        if isinstance(value, types.ModuleType) and value.__name__ in FOREIGN:
            return FOREIGN[value.__name__]
        if is_constant(value):
            name = "".join(c if c.isalnum() else "_" for c in f"{function.__module__}_{what}_{literal(value)}")
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
            if isinstance(module, types.ModuleType) and module.__name__ not in FOREIGN:
                target = getattr(module, node.attr, None)
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


def fingerprint(source: str) -> str:
    """The name of a generated module: changes with its text and with all that compiles it."""
    import numba

    versions = f"{platform.python_version()} {np.__version__} {numba.__version__} records by content"
    return hashlib.sha256(f"{versions}\n{source}".encode()).hexdigest()[:32]


def cache_folder() -> Path | None:
    """Where compiled rules are kept, or None where nothing can be written. HABENULA_CACHE_DIR sets it."""
    chosen = os.environ.get("HABENULA_CACHE_DIR")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(chosen) if chosen else Path(base) / "habenula_rl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def _from_file(source: str) -> types.ModuleType | None:
    folder = cache_folder()
    if folder is None:
        return None
    name = f"hrl_{fingerprint(source)}"
    if name in sys.modules:
        return sys.modules[name]
    path = folder / f"{name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != source:
        _write_whole(path, source)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[name] = module
    return module


def _write_whole(path: Path, text: str) -> None:
    """Other processes see the whole file or none of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _executed(source: str, injected: Mapping[str, Any]) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "habenula_rl_uncached", **injected}
    exec(compile(source, "<habenula_rl generated rules>", "exec"), scope)
    return scope
