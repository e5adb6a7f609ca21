"""Bounds of sines and cosines, for the search of `formal.proof.bounds`. Nothing here is trusted.

Where t and s are sine and cosine of an angle, 1 - t is half of (1 - t)^2 + s^2, and 1 - t^2 is
s^2; two such are bounded by half of (t - t')^2. The absolute value of either counts as t, and so
does the summand of a sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from formal.proof.field import Monomial, Number, Poly, monomial_term, polynomial
from formal.proof.sign import sign
from formal.proof.terms import (
    HALF,
    ONE,
    TWO,
    Term,
    add,
    bind,
    cos,
    mul,
    number,
    opened,
    power,
    sin,
    subterms,
    subtract,
)

Side = tuple[Term, Term]  # a sine or cosine, and the other side of the right triangle


def bounds_of_circles(rest: Poly) -> Iterator[Term]:
    """Terms that are nonnegative, and hold a summand in which sines or cosines stand."""
    for monomial, coefficient in rest.items():
        yield from _bounds(monomial, coefficient)
        for base, exponent in monomial:
            if base.op == "sum" and exponent == 1:
                others = monomial_term(tuple(p for p in monomial if p[0] != base))
                index, body = opened(base, others)
                for inner, c in polynomial(body).items():
                    for found in _bounds(inner, c * coefficient):
                        if sign(others) >= 1:
                            yield mul(others, bind("sum", index, found))


def _bounds(monomial: Monomial, coefficient: Number) -> Iterator[Term]:
    sides = {pair: side for pair in monomial if (side := _side(*pair)) is not None}
    squares = [base for base, e in monomial if base.op == "cos" and e == 2]
    weight = monomial_term(tuple(p for p in monomial if p not in sides), abs(coefficient))
    toward = number(1 if coefficient > 0 else -1)
    found = list(sides.values())
    if len(found) == 1 and sign(weight) >= 1:
        ((t, other),) = found
        square = power(add(ONE, mul(toward, t)), TWO)
        yield mul(weight, HALF, add(square, power(other, TWO)))
    if len(found) == 2 and sign(weight) >= 1:
        (t, other), (r, across) = found
        square = power(add(t, mul(toward, r)), TWO)
        yield mul(weight, HALF, square)
        yield mul(weight, HALF, add(square, power(other, TWO), power(across, TWO)))
    for base in squares if coefficient < 0 else ():
        kept = monomial_term(tuple(p for p in monomial if p[0] != base), -coefficient)
        if sign(kept) >= 1:
            yield mul(kept, power(sin(base.terms[0]), TWO))


def _side(base: Term, exponent: Number) -> Side | None:
    """A sine, a cosine, or the size of one, with what has the rest of the square of one."""
    if exponent == 1 and base.op in ("sin", "cos"):
        angle = base.terms[0]
        return base, cos(angle) if base.op == "sin" else sin(angle)
    if exponent != Fraction(1, 2):
        return None
    for cosine in {part for part in subterms(base) if part.op == "cos"}:
        square = power(cosine, TWO)
        for of, other in ((square, sin(cosine.terms[0])), (subtract(ONE, square), cosine)):
            if polynomial(base) == polynomial(of):
                return power(base, HALF), other
    return None
