"""Rules rewritten for complex numbers, so that one step along the imaginary axis gives the exact derivative.

A number x + 1e-30j·d carries the derivative d of its real part (Squire & Trapp 1998, doi 10.1137/S003614459631241X).
What decides, decides by real parts, so a rule takes the way that it takes with real numbers; a function of NumPy or
math is its real self with its slope times d beside it, which holds also where the complex function has another branch.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping
from typing import Any

from .source import expression, from_text

STEP = 1e-30
SLOPES = {  # by NumPy's name: the slope at the real number v, where the function itself is r
    "exp": "r",
    "exp2": "r * np.log(2.0)",
    "expm1": "r + 1.0",
    "log": "1.0 / v",
    "log1p": "1.0 / (1.0 + v)",
    "log2": "1.0 / (v * np.log(2.0))",
    "log10": "1.0 / (v * np.log(10.0))",
    "sqrt": "0.5 / r",
    "tanh": "1.0 - r * r",
    "sinh": "np.cosh(v)",
    "cosh": "np.sinh(v)",
    "sin": "np.cos(v)",
    "cos": "-np.sin(v)",
    "tan": "1.0 + r * r",
    "arcsin": "1.0 / np.sqrt(1.0 - v * v)",
    "arccos": "-1.0 / np.sqrt(1.0 - v * v)",
    "arctan": "1.0 / (1.0 + v * v)",
}
# quotient: Numba's own stops with an error where the divisor is 0, and is slower.
# + 0j: Numba says of the whole number 2 that its imaginary part is 2.
# nan_to_num: a slope that is infinite, as that of an exponential that overflows, times what is 0 further on stays 0
SMOOTH = """\
def {name}(x):
    x = x + 0j
    v = x.real
    r = np.{name}(v)
    return r + 1j * np.nan_to_num(x.imag * ({slope}))
"""
OTHERS = {
    "real": "def real(x):\n    return (x + 0).real\n",  # + 0: Numba's truth values have no real part
    "magnitude": "def magnitude(x):\n    return x * np.sign(x.real)\n",
    "larger": "def larger(x, y):\n    return y if y.real > x.real else x\n",
    "smaller": "def smaller(x, y):\n    return y if y.real < x.real else x\n",
    "quotient": """\
def quotient(x, y):
    r = x.real / y.real
    return r + 1j * (((x + 0j).imag - r * (y + 0j).imag) / y.real)
""",
    "power": """\
def power(x, y):
    v, u = x.real, y.real
    r = v ** u
    along_x = np.nan_to_num((x + 0j).imag * (u * v ** (u - 1)))
    along_y = np.nan_to_num((y + 0j).imag * (r * np.log(v)))
    return r + 1j * (along_x + along_y)
""",
}
MATH_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "pow": "power", "fabs": "magnitude"}
NUMPY_NAMES = {
    "abs": "magnitude",
    "absolute": "magnitude",
    "fabs": "magnitude",
    "maximum": "larger",
    "minimum": "smaller",
    "fmax": "larger",
    "fmin": "smaller",
    "float_power": "power",
}
BUILTINS = {"abs": "magnitude", "max": "larger", "min": "smaller", "pow": "power"}
FLAT = ("int", "round", *(f"{m}.{f}" for m in ("np", "math") for f in ("floor", "ceil", "trunc", "sign", "rint")))
OPERATORS: dict[type[ast.operator], str] = {ast.Pow: "power", ast.Div: "quotient"}
NEW_ARRAYS = ("zeros", "ones", "empty")

Adder = Callable[[Any], str]


@functools.lru_cache(maxsize=1)
def functions() -> Mapping[str, Callable[..., Any]]:
    """What takes the place of real functions in a rule, by name."""
    texts = {name: SMOOTH.format(name=name, slope=slope) for name, slope in SLOPES.items()} | OTHERS
    return {name: from_text(name, text) for name, text in texts.items()}


def is_own(function: Any) -> bool:
    """Whether it is one of those, which are complex as they stand."""
    return any(function is own for own in functions().values())


class Analytic(ast.NodeTransformer):
    """Rewrites a function whose global names are already those of the generated module.

    `add` puts one of `functions()` into that module and says under which name.
    """

    def __init__(self, add: Adder) -> None:
        self.add = add

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if all(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in node.ops):
            return node
        node.left, node.comparators = self._real(node.left), [self._real(c) for c in node.comparators]
        return node

    def visit_If(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        node.test = self._truth(node.test)
        return node  # type: ignore[no-any-return]

    visit_IfExp = visit_While = visit_Assert = visit_If

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            node.operand = self._truth(node.operand)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        own = OPERATORS.get(type(node.op))
        return self._call(own, [node.left, node.right]) if own else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if not isinstance(node.op, ast.Pow):
            return self.generic_visit(node)
        base = expression(ast.unparse(node.target))  # the target as something to be read
        return self.generic_visit(ast.Assign(targets=[node.target], value=ast.BinOp(base, ast.Pow(), node.value)))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if node.keywords or not node.args:
            return node
        name = ast.unparse(node.func)
        module, _, attribute = name.rpartition(".")
        if name in ("float", "np.float64"):
            return node.args[0]
        if name in FLAT:
            node.args[0] = self._real(node.args[0])
            return node
        if module == "np" and attribute in NEW_ARRAYS and len(node.args) == 1:
            node.args.append(expression("np.complex128"))
            return node
        own = _OWN_NAMES.get(module, {}).get(attribute, attribute if module else "")
        if own not in functions() or own == "real" or (own in ("larger", "smaller") and len(node.args) == 1):
            return node  # max of an array is for Numba
        return self._folded(own, node.args)

    def _folded(self, own: str, arguments: list[ast.expr]) -> ast.expr:
        """max(a, b, c) as larger(larger(a, b), c)."""
        if own not in ("larger", "smaller"):
            return self._call(own, arguments)
        first, *others = arguments
        return functools.reduce(lambda a, b: self._call(own, [a, b]), others, first)

    def _call(self, own: str, arguments: list[ast.expr]) -> ast.expr:
        return ast.Call(expression(self.add(functions()[own])), arguments, [])

    def _real(self, node: ast.expr) -> ast.expr:
        return node if isinstance(node, ast.Constant) else self._call("real", [node])

    def _truth(self, node: ast.expr) -> ast.expr:
        """A condition in which no imaginary part counts as true."""
        if isinstance(node, ast.BoolOp):
            node.values = [self._truth(value) for value in node.values]
        decided = isinstance(node, ast.BoolOp | ast.Compare | ast.Constant)
        negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        return node if decided or negated else self._real(node)


_OWN_NAMES = {"": BUILTINS, "math": MATH_NAMES, "np": NUMPY_NAMES}
