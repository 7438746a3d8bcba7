"""Reads what a rule does with its records, and with what it could not be compiled, in the rule's own source."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import numbers
import types
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ..errors import RuleError, nearest
from .reach import FOREIGN, UNKNOWN, Scope, unwrapped
from .source import definition, parsed, place

SPEAKING = (ast.Raise, ast.Assert)
SIZES = ("shape", "size", "ndim")  # of an array, which say nothing of its numbers
NOT_IN_A_RULE: dict[type[ast.AST], str] = {
    ast.ClassDef: "a class",
    ast.FunctionDef: "a function inside a function",
    ast.AsyncFunctionDef: "async",
    ast.Lambda: "a lambda",
    ast.Import: "an import",
    ast.ImportFrom: "an import",
    ast.Try: "try",
    ast.With: "with",
    ast.AsyncWith: "async",
    ast.AsyncFor: "async",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Delete: "del",
    ast.Dict: "a dict",
    ast.DictComp: "a dict",
    ast.Set: "a set",
    ast.SetComp: "a set",
    ast.GeneratorExp: "a generator",
}


@dataclass(frozen=True)
class Fields:
    """A record: its fields with the number of their dimensions, why it may not be written, and what is no number.

    `array`: it is no record but a single array, of which is only asked whether a rule reads its numbers.
    """

    what: str
    ranks: Mapping[str, int]
    frozen: str = ""
    lists: frozenset[str] = frozenset()
    array: bool = False


Given = tuple[Fields | None, ...]


@dataclass
class Walk:
    """Follows rules, and the functions that they call, each once for the records that it is given.

    `written` and `read` collect the fields that were written and read, by what they are, an array under its own name;
    `complete` is False where a record went where it cannot be followed: under another name, or into a function without
    source.
    """

    written: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    read: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    complete: bool = True
    seen: set[tuple[Any, tuple[str, ...]]] = field(default_factory=set)

    def follow(self, function: Callable[..., Any], given: Given) -> None:
        """Check a function that is called with these records, None for anything else."""
        key = (function, tuple(record.what if record else "" for record in given))
        if key in self.seen:
            return
        self.seen.add(key)
        tree = definition(function)  # type: ignore[arg-type]
        if tree is None:
            self.complete = self.complete and not any(given)
        else:
            _Reader(self, function, tree, given).read()


class _Reader(ast.NodeVisitor):
    """One function, in the order in which it is written."""

    def __init__(self, walk: Walk, function: Any, tree: ast.FunctionDef, given: Given) -> None:
        self.walk, self.function, self.tree = walk, function, tree
        self.scope = Scope(function)
        bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not _is_load(node)}
        self.scope.local |= bound  # of which one that is only declared is in no code
        arguments = function.__code__.co_varnames
        named = {name: record for name, record in zip(arguments, given, strict=False) if record}
        self.records = {name: record for name, record in named.items() if name not in bound}
        walk.complete = walk.complete and len(self.records) == len(named)

    def read(self) -> None:
        if self.tree.args.vararg or self.tree.args.kwarg:
            self.refuse(self.tree, "*args and **kwargs cannot be used in a rule")
        for statement in self.tree.body[ast.get_docstring(self.tree) is not None :]:
            self.visit(statement)

    def refuse(self, node: Any, what: str) -> NoReturn:
        raise RuleError(f"{place(self.function, node.lineno)}: {what}")

    def visit(self, node: ast.AST) -> None:
        if type(node) in NOT_IN_A_RULE:
            self.refuse(node, f"{NOT_IN_A_RULE[type(node)]} cannot be used in a rule")
        if not isinstance(node, SPEAKING):  # its text is for people
            super().visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit_assigned(node.target, node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self.visit_assigned(target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if self.rank(node.target) == 0:
            self.visit_assigned(node.target, node.value)
        else:
            self.generic_visit(node)

    def visit_assigned(self, target: ast.expr, value: ast.expr) -> None:
        self.visit(target)
        self.visit(value)
        if not isinstance(target, ast.Attribute):
            return
        rank, given = self.rank(target), self.rank(value)
        if rank:
            self.refuse(
                target,
                f"{ast.unparse(target)} has {_dimensions(rank)}; set its numbers, as in "
                f"{ast.unparse(target)}[{', '.join(':' * rank)}] = ...",
            )
        if rank == 0 and given:
            self.refuse(target, f"{ast.unparse(target)} is a number, {ast.unparse(value)} has {_dimensions(given)}")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        record = self.record(node.value)
        if record is None:
            self.check_module(node)
            self.generic_visit(node)
            return
        if record.array:
            if node.attr not in SIZES:
                self.walk.read[record.what].add(record.what)
            return
        text = ast.unparse(node)
        if node.attr in record.lists:
            event = next((name for name, other in self.records.items() if "scripted" in other.ranks), "e")
            self.refuse(node, f"{text} is a list, which reaches rules only as the task's script, {event}.scripted")
        if node.attr not in record.ranks:
            self.refuse(node, f"{text}: there is no {record.what} '{node.attr}'{nearest(node.attr, record.ranks)}")
        if _is_load(node):
            self.walk.read[record.what].add(node.attr)
        else:
            self.write(node, record, node.attr)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        inner = node.value
        record = self.record(inner.value) if isinstance(inner, ast.Attribute) else None
        if record is None or record.array or not isinstance(inner, ast.Attribute):
            return
        rank, indices = record.ranks[inner.attr], _indices(node)
        if rank == 0:
            self.refuse(node, f"{ast.unparse(inner)} is a number and has no [{ast.unparse(node.slice)}]")
        if len(indices) > rank:
            self.refuse(node, f"{ast.unparse(node)}: {ast.unparse(inner)} has {_dimensions(rank)}, not {len(indices)}")

    def write(self, node: ast.Attribute, record: Fields, name: str) -> None:
        if record.frozen:
            self.refuse(node, f"{ast.unparse(node)} cannot be set: {record.frozen}")
        self.walk.written[record.what].add(name)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self.records:
            self.leave(self.records[node.id])
        if node.id in self.scope.local:
            return
        if node.id in self.scope.known:
            self.check_global(node, self.scope.known[node.id], node.id)
        elif not hasattr(builtins, node.id) and node.id not in self.later():
            names = [*self.scope.local, *self.scope.known, *dir(builtins)]
            self.refuse(node, f"the name '{node.id}' is not defined{nearest(node.id, names)}")

    def leave(self, record: Fields) -> None:
        """It goes where it is not followed; of an array's numbers that is a use like any other."""
        if record.array:
            self.walk.read[record.what].add(record.what)
        else:
            self.walk.complete = False

    def check_global(self, node: ast.Name, value: Any, name: str) -> None:
        parts = value if isinstance(value, tuple) else (value,)
        callable_ = callable(value) or isinstance(value, types.ModuleType)
        if not callable_ and not all(isinstance(part, numbers.Number) for part in parts):
            self.refuse(
                node,
                f"'{name}' is {type(value).__name__}, which a rule cannot use; "
                "rules use numbers, functions, numpy and math",
            )

    def later(self) -> set[str]:
        """Names that the rest of the rule's file will define."""
        try:
            body = parsed("".join(linecache.getlines(self.function.__code__.co_filename))).body
        except SyntaxError:
            return set()
        return {name for statement in body for name in _bound_by(statement)}

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a text that stands alone is a comment
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str | bytes):
            self.refuse(node, f"the text {node.value!r} cannot be used in a rule")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.refuse(node, "text cannot be used in a rule")

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "print":  # for plain Python
            return
        self.visit(node.func)
        given = [*node.args, *(k.value for k in node.keywords)]
        records = [value for value in given if isinstance(value, ast.Name) and self.record(value)]
        for value in given:
            if value not in records:
                self.visit(value)
        function = unwrapped(self.scope.value(node.func))
        starred = any(isinstance(value, ast.Starred) for value in node.args) or any(not k.arg for k in node.keywords)
        own = isinstance(function, types.FunctionType) and function.__module__.partition(".")[0] not in FOREIGN
        if own and not starred:
            self.enter(node, function)
        else:
            for value in records:
                self.leave(self.records[value.id])

    def enter(self, node: ast.Call, function: types.FunctionType) -> None:
        """Follow a call into a function that is compiled too."""
        keywords = {k.arg: self.record(k.value) for k in node.keywords if k.arg}
        try:
            given = inspect.signature(function).bind(*map(self.record, node.args), **keywords).arguments
        except TypeError as error:
            self.refuse(node, f"{ast.unparse(node)}: {error}")
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        self.walk.follow(function, tuple(r if isinstance(r := given.get(name), Fields) else None for name in names))

    def check_module(self, node: ast.Attribute) -> None:
        module = self.scope.module(node)
        missing = module and self.scope.value(node) is UNKNOWN
        if module and missing and not getattr(module.__spec__, "_initializing", False):
            known = nearest(node.attr, vars(module))
            self.refuse(node, f"{ast.unparse(node)}: {module.__name__} has no '{node.attr}'{known}")

    def record(self, node: ast.expr) -> Fields | None:
        return self.records.get(node.id) if isinstance(node, ast.Name) else None

    def rank(self, node: ast.expr) -> int | None:
        """How many dimensions an expression has at least, None where that is not known."""
        if isinstance(node, ast.Attribute):
            record = self.record(node.value)
            return record.ranks.get(node.attr) if record else None
        if isinstance(node, ast.Subscript):
            whole = self.rank(node.value)
            taken = sum(not isinstance(index, ast.Slice) for index in _indices(node))
            return None if whole is None else max(0, whole - taken)
        parts = {ast.BinOp: ("left", "right"), ast.UnaryOp: ("operand",), ast.IfExp: ("body", "orelse")}
        ranks = [self.rank(getattr(node, part)) for part in parts.get(type(node), ())]
        return max((rank for rank in ranks if rank is not None), default=None)


def _is_load(node: Any) -> bool:
    return isinstance(node.ctx, ast.Load)


def _dimensions(rank: int) -> str:
    return f"{rank} dimension" + "s" * (rank != 1)


def _indices(node: ast.Subscript) -> list[ast.expr]:
    """The indices that each take a dimension: not `...` nor None."""
    indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return [index for index in indices if not (isinstance(index, ast.Constant) and index.value in (None, ...))]


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.Name) and not _is_load(node):
            yield node.id
