"""A statement as code: a listing for NumPy or for PyTorch that a reader can run.

Every quantity is a function of arrays over the tokens and of numbers; a relation is a function
that returns its two sides. The listing follows the printed formula: it is made to be read and to
be compared with the paper, not to be fast or accurate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sympy import (
    Add,
    Basic,
    Derivative,
    Indexed,
    IndexedBase,
    Integer,
    Lambda,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    acos,
    cos,
    exp,
    log,
    pi,
    sin,
)

from bridge.errors import BadInput
from bridge.paper.words import is_index
from formal import Quantity, Statement, unfold
from formal.graph import foundations
from formal.symbols import Maximum, Minimum

MODULES = {"numpy": "np", "torch": "torch"}
HEADERS = {"numpy": "import numpy as np\n", "torch": "import torch\n"}
FUNCTIONS = {exp: "exp", log: "log", acos: "arccos", sin: "sin", cos: "cos"}
EXTREMA = {Minimum: "min", Maximum: "max"}
WORDS = {"lambda": "lam"}  # names that Python keeps for itself


class NoCodeError(BadInput):
    """A statement holds what a listing has no words for."""


def listing(name: str, known: Mapping[str, Statement], library: str = "torch") -> str:
    """The code of a statement after that of every definition that it rests on.

    `library` is `numpy` or `torch`; arrays and numbers are arrays and tensors of it.

    Raises:
        BadInput: The library is another one.
        NoCodeError: The statement holds strings, integrals, or families of two indices, or
            derivatives where the library is NumPy.
    """
    if library not in MODULES:
        raise BadInput(f"expected numpy or torch, got {library!r}")
    needed = [*foundations(known, name), name]
    try:
        parts = [_function(known[one], library) for one in needed]
    except NoCodeError as error:
        raise NoCodeError(f"{name} has no listing for {library}: {error}") from None
    header = "import math\n\n" if any("math." in part for part in parts) else ""
    return "\n\n".join([header + HEADERS[library], *parts])


def listings(names: Iterable[str], known: Mapping[str, Statement], library: str) -> str:
    """One listing of several statements, each definition once; what has none says why in a
    comment."""
    parts: dict[str, None] = {}
    for name in names:
        try:
            found = listing(name, known, library)
        except NoCodeError as error:
            found = f"# {error}\n"
        parts |= dict.fromkeys(part.strip() for part in found.split("\n\n\n"))
    headers = [part for part in parts if part.startswith("import")]
    header = max(headers, key=len, default=HEADERS[library].strip())
    return "\n\n\n".join([header, *(part for part in parts if part not in headers)]) + "\n"


def _function(statement: Statement, library: str) -> str:
    claim = statement.claim
    if claim is None:
        raise NoCodeError(f"{statement.name} is no relation of numbers")
    ordered = statement.presentation
    printer, shown = _Printer(library), cast(Any, claim if ordered is None else ordered)
    left: Any = claim.lhs
    if isinstance(left, Quantity) and statement.kind == "definition":
        quantity = type(left)
        names, axis = _arguments(quantity), _axis(quantity)
        body = printer.text(shown.rhs, axis)
    else:
        names = _free(claim)
        body = ", ".join(printer.text(side, None) for side in shown.args)
    lines = [f"def {statement.name}({', '.join(names)}):", f'    """{statement.doc}"""']
    arrays = _families(statement)
    if printer.sizes and not arrays:
        raise NoCodeError("it speaks of sizes and of no family that has one")
    lines += [f"    {size} = len({arrays[0]})" for size in sorted(printer.sizes)]
    return "\n".join([*lines, f"    return {body}", ""])


def _axis(quantity: type[Quantity]) -> Basic | None:
    """The index of a quantity with components, which its code gives all at once."""
    found = [one for one in quantity.parameters if is_index(one, unfold(quantity.body))]
    if len(found) > 1:
        raise NoCodeError(f"{quantity.__name__} has components in two indices")
    return found[0] if found else None


def _arguments(quantity: type[Quantity]) -> list[str]:
    axis = _axis(quantity)
    return [_name(one) for one in quantity.parameters if one != axis]


def _free(claim: Any) -> list[str]:
    """The free families and symbols of a claim, families first; sizes follow from families."""
    plain = unfold(claim)
    families = sorted(str(one) for one in plain.atoms(IndexedBase))
    sizes = {limit[2] for total in plain.atoms(Sum) for limit in total.limits}
    free = plain.free_symbols | claim.free_symbols
    symbols = [s for s in free if isinstance(s, Symbol) and s not in sizes]
    return families + sorted(_name(s) for s in symbols if str(s) not in families)


def _families(statement: Statement) -> list[str]:
    return sorted(str(one) for one in statement.unfolded.atoms(IndexedBase))  # type: ignore[union-attr]


def _name(symbol: Any) -> str:
    return WORDS.get(str(symbol), str(symbol))


def _factors(node: Any) -> list[Any]:
    """The factors of a product, those of products in it among them; a one alone stays."""
    if not isinstance(node, Mul):
        return [node]
    found = [part for factor in node.args for part in _factors(factor) if part != 1]
    return found or [Integer(1)]


def _is_below(factor: Any) -> bool:
    return isinstance(factor, Pow) and factor.exp.is_Rational and bool(factor.exp < 0)


class _Printer:
    """Prints expressions as code; `axis` is the index that runs over whole arrays, if any."""

    def __init__(self, library: str) -> None:
        self.library, self.module, self.sizes = library, MODULES[library], set[str]()

    def text(self, node: Any, axis: Basic | None) -> str:
        """The code of an expression."""
        if isinstance(node, Add):
            return " + ".join(self.text(part, axis) for part in node.args).replace("+ -", "- ")
        if isinstance(node, Mul):
            return self.product(node, axis)
        if isinstance(node, Pow) and _is_below(node):
            return self.product(Mul(node, evaluate=False), axis)
        if isinstance(node, Pow):
            return f"{self.held(node.base, axis)} ** {self.held(node.exp, axis)}"
        if isinstance(node, Integer):
            return str(node)
        if node is pi:
            return "math.pi"
        if isinstance(node, Rational):
            return f"{node.p} / {node.q}"
        if isinstance(node, Indexed):
            return self.component(node, axis)
        if isinstance(node, Quantity):
            return self.call(node, axis)
        if type(node) in FUNCTIONS:
            return self.applied(FUNCTIONS[type(node)], node.args[0], axis)
        if isinstance(node, (Sum, Minimum, Maximum)):
            return self.reduced(node, axis)
        if isinstance(node, Derivative):
            return self.derivative(node, axis)
        if isinstance(node, Symbol):
            return self.symbol(node)
        raise NoCodeError(f"nothing is printed for {type(node).__name__}")

    def held(self, node: Any, axis: Basic | None) -> str:
        """In parentheses where something binds more tightly."""
        text = self.text(node, axis)
        if isinstance(node, Mul) and len(_factors(node)) == 1:
            return self.held(_factors(node)[0], axis)
        loose = isinstance(node, (Add, Mul, Pow, Rational)) and not isinstance(node, Integer)
        return f"({text})" if loose or text.startswith("-") else text

    def product(self, node: Any, axis: Basic | None) -> str:
        """A product in its order, with a minus in front and one fraction bar at most."""
        factors = _factors(node)
        minus = "-" if factors.count(Integer(-1)) % 2 else ""
        under = [one for one in factors if _is_below(one)]
        over = [one for one in factors if one not in (1, -1) and one not in under]
        text = " * ".join(self.held(one, axis) for one in over) or "1"
        for one in under:
            text += f" / {self.held(one.base if one.exp == -1 else one.base**-one.exp, axis)}"
        return minus + text

    def symbol(self, node: Any) -> str:
        if node.is_integer and str(node) in ("V", "N", "n", "d"):
            self.sizes.add(str(node))
        return _name(node)

    def component(self, node: Any, axis: Basic | None) -> str:
        if len(node.indices) != 1:
            raise NoCodeError(f"{node} has two indices")
        base, index = _name(node.base), node.indices[0]
        return base if index == axis else f"{base}[{_name(index)}]"

    def call(self, node: Any, axis: Basic | None) -> str:
        own, given, at = _axis(type(node)), [], ""
        for parameter, argument in zip(node.parameters, node.args, strict=True):
            if parameter == own:
                at = "" if argument == axis else f"[{_name(argument)}]"
            else:
                given.append(self.argument(argument, axis))
        return f"{type(node).__name__}({', '.join(given)}){at}"

    def argument(self, argument: Any, axis: Basic | None) -> str:
        if isinstance(argument, IndexedBase):
            return _name(argument)
        if not isinstance(argument, Lambda):
            return self.text(argument, axis)
        index, *others = argument.variables
        if others or (axis is not None and argument.has(axis)):
            raise NoCodeError("a family depends on two indices")
        return self.text(argument.expr, index)

    def applied(self, function: str, argument: Any, axis: Basic | None) -> str:
        scalar = not argument.atoms(IndexedBase, Quantity) and all(
            str(symbol) in ("V", "N", "n", "d") for symbol in argument.free_symbols
        )
        module = "math" if scalar else self.module
        return f"{module}.{function}({self.text(argument, axis)})"

    def reduced(self, node: Any, axis: Basic | None) -> str:
        (limit, *others), inner = node.limits, node.function
        index, first, last = limit
        if others or first != 1 or (axis is not None and inner.has(axis)):
            raise NoCodeError("a sum depends on two indices")
        if not inner.has(index):
            return f"{self.symbol(last)} * {self.held(inner, axis)}"
        name = EXTREMA.get(type(node), "sum")
        return f"{self.module}.{name}({self.text(inner, index)})"

    def derivative(self, node: Any, axis: Basic | None) -> str:
        if self.library != "torch":
            raise NoCodeError("NumPy has no derivatives")
        text = self.text(node.expr, axis)
        for variable, count in node.variable_count:
            if not isinstance(variable, Symbol) or axis is not None:
                raise NoCodeError("a derivative by a component")
            for _ in range(int(count)):
                text = f"torch.func.grad(lambda {_name(variable)}: {text})({_name(variable)})"
        return text
