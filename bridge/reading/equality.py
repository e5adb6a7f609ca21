"""When two claims are the same: term by term, up to what no print shows.

Bound indices may have other names, sums over two indices may be one sum or two, sums and
products may stand in another order or be evaluated by SymPy's constructors, a family may be a
name or its components, and x ln y stands for `xlogy(x, y)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import (
    Add,
    Derivative,
    Indexed,
    IndexedBase,
    Integral,
    Lambda,
    Mul,
    Symbol,
    Tuple,
    default_sort_key,
    log,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational

from formal.functions import xlogy
from formal.quantity import rebuild
from formal.strings import StringSymbol


def same_claim(first: Relational, second: Relational) -> bool:
    """Whether two relations say the same, in the sense of this module."""
    return normal(first) == normal(second)


def normal(expression: Any, names: Mapping[Any, Any] | None = None, depth: int = 0) -> Any:
    """An expression in the form in which the same claims are equal."""
    names = names or {}
    if expression in names:
        return names[expression]
    if isinstance(expression, Lambda):
        return _family(expression, names, depth)
    if isinstance(expression, ExprWithLimits):
        return _binder(expression, names, depth)
    arguments = tuple(normal(argument, names, depth) for argument in expression.args)
    if isinstance(expression, xlogy):
        return Mul(arguments[0], log(arguments[1]))
    if isinstance(expression, Derivative):
        return Derivative(*arguments, evaluate=False)
    if isinstance(expression, (IndexedBase, Symbol)) or not arguments:
        return expression
    found = rebuild(expression, arguments)
    return _signed(found) if isinstance(found, Mul) else found


def _family(family: Lambda, names: Mapping[Any, Any], depth: int) -> Any:
    fresh = {v: _symbol(depth + n) for n, v in enumerate(family.variables)}
    body = normal(family.expr, {**names, **fresh}, depth + len(fresh))
    plain = isinstance(body, Indexed) and body.args[1:] == tuple(fresh.values())
    return body.args[0] if plain else Lambda(tuple(fresh.values()), body)


def _binder(expression: Any, names: Mapping[Any, Any], depth: int) -> Any:
    """Each index bound by itself, the outermost first."""
    *inner, (variable, *ends) = expression.limits
    fresh = variable if isinstance(expression, Integral) else _like(variable, depth)
    ends = [normal(end, names, depth) for end in ends]
    function: Any = expression.function
    if inner:
        function = expression.func(function, *inner)
    body = normal(function, {**names, variable: fresh}, depth + 1)
    return expression.func(body, Tuple(fresh, *ends))


def _symbol(depth: int) -> Symbol:
    return Symbol(f"_{depth}", integer=True, positive=True)


def _like(variable: Any, depth: int) -> Any:
    """A fresh symbol of the kind of one that is bound."""
    return type(variable)(f"_{depth}") if isinstance(variable, StringSymbol) else _symbol(depth)


def _signed(product: Any) -> Any:
    """A product with its number multiplied into the first of its sums, as SymPy does with two."""
    number, rest = product.as_coeff_Mul()
    sums = [factor for factor in Mul.make_args(rest) if isinstance(factor, Add)]
    if number == 1 or not sums:
        return product
    first = min(sums, key=default_sort_key)
    others = list(Mul.make_args(rest))
    others.remove(first)
    return Mul(Add(*(number * term for term in first.args)), *others)
