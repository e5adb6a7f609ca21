"""A second, obvious evaluator: loops over sums, mpmath's numerical derivatives, nothing shared."""

from fractions import Fraction
from typing import Any

import mpmath
from sympy import (
    Add,
    Basic,
    Derivative,
    Indexed,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
)


def read_point(witness: dict[str, str]) -> dict[str, Any]:
    """The values that a witness names: numbers, and nested tuples for families."""
    return {name: _read(text) for name, text in witness.items() if name not in ("left", "right")}


def _read(text: str) -> Any:
    if not text.startswith("("):
        return mpmath.mpf(Fraction(text).numerator) / Fraction(text).denominator
    parts, depth, start = [], 0, 1
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if (letter == "," and depth == 1) or depth == 0:
            parts.append(_read(text[start:place].strip()))
            start = place + 1
    return parts


def value(e: Basic, at: dict[str, Any]) -> Any:
    """The value of an expression at a point, in floating point."""
    match e:
        case Rational():
            return mpmath.mpf(int(e.p)) / int(e.q)
        case Symbol():
            return at[e.name]
        case Indexed():
            found = at[str(e.base)]
            for index in e.indices:
                found = found[int(at[str(index)]) - 1]
            return found
        case Add():
            return mpmath.fsum(value(a, at) for a in e.args)
        case Mul():
            return mpmath.fprod(value(a, at) for a in e.args)
        case Pow():
            return mpmath.power(value(e.base, at), value(e.exp, at))
        case exp():
            return mpmath.exp(value(e.args[0], at))
        case log():
            return mpmath.log(value(e.args[0], at))
        case KroneckerDelta():
            return mpmath.mpf(value(e.args[0], at) == value(e.args[1], at))
        case Sum():
            body, *inner, (index, first, last) = e.args
            body = Sum(body, *inner) if inner else body
            span = range(int(value(first, at)), int(value(last, at)) + 1)
            return mpmath.fsum(value(body, {**at, str(index): n}) for n in span)
        case Derivative():
            return _derivative(e.expr, list(e.variables), at)
    raise TypeError(f"no rule for {type(e).__name__}")


def _derivative(e: Basic, variables: list[Basic], at: dict[str, Any]) -> Any:
    if not variables:
        return value(e, at)
    last = variables[-1]
    order = variables.count(last)
    rest = [v for v in variables if v != last]
    here = value(last, at)
    return mpmath.diff(lambda x: _derivative(e, rest, _moved(at, last, x)), here, order)


def _moved(at: dict[str, Any], variable: Basic, x: Any) -> dict[str, Any]:
    if isinstance(variable, Symbol):
        return {**at, variable.name: x}
    places = [int(at[str(index)]) - 1 for index in variable.indices]
    name = str(variable.base)
    return {**at, name: _with_entry(at[name], places, x)}


def _with_entry(family: Any, places: list[int], x: Any) -> Any:
    if not places:
        return x
    return [_with_entry(f, places[1:], x) if n == places[0] else f for n, f in enumerate(family)]
