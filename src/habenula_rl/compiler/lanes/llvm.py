"""Straight-line code as a vector program: each operation on the numbers of several subjects at once.

Written in LLVM's own terms, because Numba's compiler is slow on long functions and its vectors cannot be relied on. No
operation is rearranged or joined with another, so that each subject's numbers are those of the rule run by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .ir import Instruction, Name, Number, Operand

FLOATS = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
WHOLES = {"+": "add", "-": "sub", "*": "mul", "<<": "shl", ">>": "ashr", "&": "and_", "|": "or_", "^": "xor"}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


@dataclass(frozen=True)
class Block:
    """Straight-line code for `width` subjects at once, as a constant that the compiler binds into a kernel.

    `code` is its text, one instruction a line: `name kind operation operand...`.
    """

    code: str
    width: int


def block_of(instructions: Iterable[Instruction], width: int) -> Block:
    """The instructions, written down."""
    lines = (f"{name} {kind} {operation} {' '.join(map(str, of))}" for name, kind, operation, of in instructions)
    return Block("\n".join(lines), width)


def _read(code: str) -> Iterator[Instruction]:
    """The instructions that were written down; an operand that none of them has made is a number."""
    made: set[str] = set()
    for line in code.splitlines():
        name, kind, operation, *words = line.split()
        slots = [int(word) for word in words[: operation in ("load", "store")]]
        operands = [Name(word) if word in made else Number(word) for word in words[len(slots) :]]
        yield Instruction(Name(name), kind, operation, (*slots, *operands))
        made.add(name)


def block(code: str, width: int) -> Any:
    """A function for compiled code that runs `code` on `width` subjects; it takes their numbers, an array of floats.

    Number k of subject l stands at k·width + l, whole numbers by their bits.
    """
    from numba import types
    from numba.extending import intrinsic

    def run(typing: Any, slots: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(signature.args[0])(context, builder, arguments[0])
            _Emitter(builder, array.data, width).run(_read(code))
            return context.get_dummy_value()

        return types.void(slots), generate

    return intrinsic(run)


class _Emitter:
    """Writes each instruction as LLVM's."""

    def __init__(self, builder: Any, slots: Any, width: int) -> None:
        from llvmlite import ir

        self.ir, self.builder, self.slots, self.width = ir, builder, slots, width
        self.scalars = {"f": ir.DoubleType(), "i": ir.IntType(64), "u": ir.IntType(64), "b": ir.IntType(1)}
        wide = {kind: ir.VectorType(scalar, width) for kind, scalar in self.scalars.items()}
        self.types = self.scalars if width == 1 else wide
        self.values: dict[str, Any] = {}

    def run(self, code: Iterable[Instruction]) -> None:
        for name, kind, operation, operands in code:
            if operation == "store":
                self._store(kind, *operands)
            elif operation == "load":
                self.values[name] = self._load(kind, *operands)
            else:
                self.values[name] = self._apply(kind, operation, operands)

    def _place(self, kind: str, slot: int) -> Any:
        index = self.ir.Constant(self.ir.IntType(64), slot * self.width)
        pointer = self.builder.gep(self.slots, [index], source_etype=self.scalars["f"])
        return self.builder.bitcast(pointer, self.types[kind].as_pointer())

    def _load(self, kind: str, slot: Any) -> Any:
        if kind == "b":  # kept as whole numbers
            return self._cast("i", "b", self._load("i", slot))
        return self.builder.load(self._place(kind, slot), align=8, typ=self.types[kind])

    def _store(self, kind: str, slot: Any, operand: Operand) -> None:
        value = self._operand(operand, kind)
        if kind == "b":
            kind, value = "i", self._cast("b", "i", value)
        self.builder.store(value, self._place(kind, slot), align=8)

    def _operand(self, operand: Operand, kind: str) -> Any:
        if isinstance(operand, Name):
            return self.values[operand]
        number = float(operand) if kind == "f" else int(operand) % (1 << 64)
        number = int(bool(number)) if kind == "b" else number
        return self.ir.Constant(self.types[kind], number if self.width == 1 else [number] * self.width)

    def _apply(self, kind: str, operation: str, operands: Sequence[Operand]) -> Any:
        build, simple = self.builder, FLOATS if kind == "f" else WHOLES
        if operation in simple:
            name = "lshr" if operation == ">>" and kind == "u" else simple[operation]
            return getattr(build, name)(*(self._operand(operand, kind) for operand in operands))
        if operation == "select":
            condition, yes, no = (self._operand(o, k) for o, k in zip(operands, ("b", kind, kind), strict=True))
            return build.select(condition, yes, no)
        if operation[:-1] in COMPARISONS:
            return self._compare(operation[:-1], operation[-1], operands)
        if operation.startswith(("from-", "bits-")):
            given = self._operand(operands[0], operation[5:])
            return (
                self._cast(operation[5:], kind, given)
                if operation[0] == "f"
                else build.bitcast(given, self.types[kind])
            )
        return self._unary(kind, operation, self._operand(operands[0], kind))

    def _compare(self, symbol: str, kind: str, operands: Sequence[Operand]) -> Any:
        left, right = (self._operand(operand, kind) for operand in operands)
        if kind == "f":
            compare = self.builder.fcmp_unordered if symbol == "!=" else self.builder.fcmp_ordered
        else:
            compare = self.builder.icmp_signed if kind == "i" else self.builder.icmp_unsigned
        return compare(symbol, left, right)

    def _cast(self, source: str, kind: str, given: Any) -> Any:
        if kind == "b":
            zero = self.ir.Constant(self.types[source], None)
            return (
                self.builder.fcmp_unordered("!=", given, zero)
                if source == "f"
                else self.builder.icmp_signed("!=", given, zero)
            )
        if kind == "f":
            return (self.builder.sitofp if source == "i" else self.builder.uitofp)(given, self.types["f"])
        if source == "f":
            return self.builder.fptosi(given, self.types[kind])
        return self.builder.zext(given, self.types[kind]) if source == "b" else given

    def _unary(self, kind: str, operation: str, given: Any) -> Any:
        if operation == "neg":
            return self.builder.fneg(given) if kind == "f" else self.builder.neg(given)
        if operation == "abs" and kind == "i":
            negative = self.builder.icmp_signed("<", given, self.ir.Constant(self.types["i"], None))
            return self.builder.select(negative, self.builder.neg(given), given)
        name = {"sqrt": "llvm.sqrt", "floor": "llvm.floor", "ceil": "llvm.ceil", "abs": "llvm.fabs"}[operation]
        kind_name = "f64" if self.width == 1 else f"v{self.width}f64"  # llvmlite has no names for vectors
        signature = self.ir.FunctionType(self.types["f"], [self.types["f"]])
        return self.builder.call(self.builder.module.declare_intrinsic(f"{name}.{kind_name}", (), signature), [given])
