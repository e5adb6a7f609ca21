"""What symbols, bounds and sizes of SymPy expressions mean to a proof, and which are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational

from formal.functions import Subset
from formal.proof.strings import STRINGS, WORDS
from formal.proof.terms import MAX_DEPTH, MAX_SIZE, ProofError

NAME = re.compile(r"\\?[^\W\d_][\w\\{},^'*-]{0,39}")
MAX_EXPONENT = 1_000
MAX_BITS = 10_000
MAX_ORDER = 12
MAX_LIMITS = 16
BINDERS = {
    "Sum": "sum",
    "StringSum": "sum",
    "WordSum": "sum",
    "Product": "product",
    "Minimum": "min",
    "Maximum": "max",
}
Range = tuple[int, str | int]


def check_size(expression: sympy.Basic) -> None:
    """Refuse what is too deep, too large, or stands for a number too large to be written out.

    Raises:
        ProofError: It is; nothing was evaluated or printed in full to find out.
    """
    level, depth = [expression], 0
    while level:
        level = [arg for node in level for arg in node.args]
        depth += 1
        if depth > MAX_DEPTH or len(level) > MAX_SIZE:
            raise ProofError(f"the expression is nested deeper than {MAX_DEPTH}, or too large")
    for node in all_nodes(expression):
        match node:
            case sympy.Rational() if max(node.p.bit_length(), node.q.bit_length()) > MAX_BITS:
                raise ProofError("a number has too many digits")
            case sympy.Pow() if not node.free_symbols and not _is_small(node.exp):
                raise ProofError(f"a power of numbers is too large: {_brief(node)}")
            case sympy.Derivative():
                for _, count in node.variable_count:  # type: ignore[misc]
                    if not count.is_Integer or not 0 <= count <= MAX_ORDER:
                        raise ProofError(
                            f"the order of differentiation must be a small number: {count}"
                        )
            case _ if isinstance(node, ExprWithLimits) and len(node.args) > MAX_LIMITS:
                raise ProofError(f"more than {MAX_LIMITS - 1} indices are bound at once")


def _is_small(exponent: sympy.Basic) -> bool:
    """Whether a number is a small fraction, or is built from such without towers of powers."""
    if isinstance(exponent, sympy.Rational):
        return abs(exponent) <= MAX_EXPONENT
    numbers = [part for part in all_nodes(exponent) if isinstance(part, sympy.Rational)]
    towers = [
        part
        for part in all_nodes(exponent)
        if isinstance(part, sympy.Pow) and not (part.exp.is_Rational and abs(part.exp) < 1)
    ]
    return not towers and all(abs(part) <= MAX_EXPONENT for part in numbers)


def _brief(node: sympy.Basic) -> str:
    """What kind of node it is; printing it in full could take forever."""
    return type(node).__name__ if len(node.args) > 4 else f"{type(node).__name__} of {node.args}"


def all_nodes(expression: sympy.Basic) -> Iterator[sympy.Basic]:
    """Every node of an expression, outermost first."""
    yield expression
    for argument in expression.args:
        yield from all_nodes(argument)


def free_symbols(node: sympy.Basic) -> set[Any]:
    """The free symbols; unlike SymPy's, those of the variables of a derivative as well."""
    if isinstance(node, (sympy.Symbol, sympy.Idx)):
        return {node}
    parts = set().union(*(free_symbols(argument) for argument in node.args))
    if type(node).__name__ in BINDERS:
        parts -= {limit.args[0] for limit in node.args[1:]}
    if isinstance(node, sympy.Integral):
        ends = (free_symbols(end) for limit in node.args[1:] for end in limit.args[1:])
        bound = {limit.args[0] for limit in node.args[1:]}
        parts = (free_symbols(node.args[0]) - bound).union(*ends)
    return parts


def fraction(node: sympy.Rational) -> Any:
    """A rational number of acceptable size."""
    if node.p.bit_length() > 220 or node.q.bit_length() > 220:
        raise ProofError("a number has too many digits")
    return Fraction(int(node.p), int(node.q))


def checked_name(node: Any) -> str:
    """The name of a symbol or an array, if proofs may use it."""
    name = str(getattr(node, "name", None) or getattr(node, "label", node))
    if not NAME.fullmatch(name):
        raise ProofError(
            f"the name {name[:60]!r} is not acceptable: letters, digits, _ ^ {{ }} only"
        )
    if isinstance(node, sympy.Dummy):
        raise ProofError(f"the free symbol '{name}' is a Dummy: nobody could refer to it")
    return name


def declared_sign(node: Any) -> str:
    """The sign that a symbol or an entry declares."""
    if isinstance(node, sympy.Indexed) and isinstance(node.args[0], Subset):
        return "indicator"
    if node.is_positive:
        return "positive"
    if node.is_nonnegative:
        return "nonnegative"
    if node.is_negative:
        return "negative"
    if node.is_extended_real is False:
        raise ProofError(f"'{node}' is declared not to be real")
    return "real"


def range_of(binder: Any, limit: Any) -> Range:
    """The range of one index of a binder."""
    kind = type(binder).__name__
    if kind in ("StringSum", "WordSum"):
        if limit.args[0].is_commutative or len(limit.args) != 1:
            raise ProofError(f"a {kind} is over a string, got {limit.args[0]}")
        return 1, STRINGS if kind == "StringSum" else WORDS
    return bounds_of(limit.args[1:])


def letters(string: Any) -> tuple[Any, ...]:
    """The words and strings of a concatenation, from left to right."""
    if string == 1:
        return ()
    if isinstance(string, sympy.Mul):
        return tuple(letter for part in string.args for letter in letters(part))
    if isinstance(string, sympy.Pow) and string.exp.is_Integer and 0 < string.exp <= MAX_DEPTH:
        return letters(string.base) * int(string.exp)
    if isinstance(string, sympy.Symbol) and not string.is_commutative:
        return (string,)
    raise ProofError(f"expected a concatenation of words and strings, got '{string}'")


def bounds_of(bounds: Any) -> Range:
    """Lower and upper bound of a sum."""
    if len(bounds) != 2:
        raise ProofError("a sum needs a lower and an upper bound")
    low, high = bounds
    if not low.is_Integer or low not in (1, 2):
        raise ProofError(f"a sum must start at 1 or 2, got {low}")
    if isinstance(high, sympy.Symbol):
        if high.is_real and not high.is_integer:
            raise ProofError(f"a sum must end at an integer, '{high}' is declared real")
        if high.is_positive is False or (high.is_nonnegative and not high.is_positive):
            raise ProofError(f"a sum must have a term: '{high}' is not declared positive")
        return int(low), checked_name(high)
    if high.is_Integer and low <= high <= 10**6:
        return int(low), int(high)
    raise ProofError(f"a sum must end at a symbol or a number, got {high}")


def need_from_one(symbol: Any) -> None:
    """Refuse a free index that declares values below one.

    Raises:
        ProofError: It does.
    """
    if symbol.is_positive is False or (symbol.is_nonnegative and not symbol.is_positive):
        raise ProofError(f"an index is at least 1, '{symbol}' declares other values")


def shapes(relations: list[Relational]) -> dict[tuple[str, int], set[Range]]:
    """The ranges that bound indices have at each place of each array."""
    shapes: dict[tuple[str, int], set[Range]] = {}

    def visit(node: Any, ranges: dict[Any, Range]) -> None:
        if type(node).__name__ in BINDERS:
            ranges = {
                **ranges,
                **{limit.args[0]: range_of(node, limit) for limit in node.args[1:]},
            }
        if isinstance(node, sympy.Indexed):
            for place, index in enumerate(node.args[1:]):
                if index in ranges:
                    shapes.setdefault((str(node.args[0]), place), set()).add(ranges[index])
        for argument in node.args:
            visit(argument, ranges)

    for relation in relations:
        visit(relation, {})
    return shapes


def free_ranges(relations: list[Relational], shapes: Any) -> dict[Any, Range]:
    """The range of each free index: that of its places in arrays, if they agree; else 1..V."""
    found: dict[Any, set[Range]] = {}
    for relation in relations:
        free = free_symbols(relation)
        for node in all_nodes(relation):
            if isinstance(node, sympy.Indexed):
                for place, index in enumerate(node.args[1:]):
                    if index in free:
                        found.setdefault(index, set()).update(
                            shapes.get((str(node.args[0]), place), ())
                        )
    return {
        index: next(iter(ranges))
        for index, ranges in found.items()
        if len(ranges) == 1 and next(iter(ranges))[0] == 1
    }
