"""Primitives that an integral suggests. Nothing here is trusted: the kernel differentiates them.

An integral from a to b that a claim equates with R(a, b) has the primitive R(a, v), where b is a
parameter on which the integrand does not depend, or minus R(v, b). Else the primitive is sought
among the integrand, its atoms, their logarithms, and their products with the variable, sines and
cosines, up to a factor that is free of the variable.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from formal.proof.calculus import derivative
from formal.proof.conditions import Relation
from formal.proof.field import Poly, polynomial, times, to_term
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    Term,
    add,
    body_of,
    cos,
    mul,
    opened,
    power,
    sin,
    substitute,
    subterms,
    subtract,
)


def claimed_primitives(claim: Relation, integral: Term, variable: Term) -> Iterator[Term]:
    """Primitives that would make the claim true, at the variable."""
    difference = subtract(claim.left, claim.right)
    raw = {t for t in subterms(difference) if t.op == "int" and t.args[:3] == integral.args[:3]}
    low, high = integral.terms[:2]
    for term in sorted(raw):
        _, body = opened(term)
        if body.op == "diff" and body.terms[1] == opened(term)[0]:
            yield substitute(body.terms[0], opened(term)[0], variable)
        solved = _solved(polynomial(difference), term)
        if solved is None:
            continue
        for bound, sign in ((high, ONE), (low, MINUS_ONE)):
            if bound.op == "sym" and bound.text not in body_of(term).text:
                yield mul(sign, substitute(solved, bound, variable))


def _solved(poly: Poly, atom: Term) -> Term | None:
    """What the atom equals if the polynomial, in which it is linear, is zero."""
    linear = {m: c for m, c in poly.items() if (atom, 1) in m}
    rest = {m: c for m, c in poly.items() if m not in linear}
    if not linear or any(atom.text in b.text for m in rest for b, _ in m):
        return None
    factor = {tuple(p for p in m if p[0] != atom): c for m, c in linear.items()}
    return mul(MINUS_ONE, to_term(rest), power(to_term(factor), MINUS_ONE))


def simple_primitives(body: Term, variable: Term) -> Iterator[Term]:
    """Terms of which the integrand may be the derivative, up to a factor free of the variable."""
    poly = polynomial(body)
    atoms = sorted({b for m in poly for b, _ in m if variable in b.indices})
    yield mul(body, variable)
    yield body
    if variable in atoms:
        yield Term("log", variable)
    for atom in atoms:
        if atom != variable:
            yield from (atom, mul(atom, variable), Term("log", atom))
            yield mul(variable, Term("log", atom))
        if atom.op in ("sin", "cos"):
            angle = atom.terms[0]
            turn = mul(sin(angle), cos(angle), power(derivative(angle, variable), MINUS_ONE))
            square = power(cos(angle), TWO)
            yield from (sin(angle), cos(angle), square, add(variable, turn))
        if atom.op == "log":
            yield add(mul(variable, atom), mul(MINUS_ONE, variable))


def quotient(left: Poly, right: Poly) -> Term | None:
    """The monomial with which the right polynomial has to be multiplied to be the left one."""
    if right:
        (inverse, c) = next((tuple((b, -e) for b, e in m), c) for m, c in right.items())
        for monomial, coefficient in left.items():
            factor = times({monomial: coefficient}, {inverse: 1 / Fraction(c)})
            if times(factor, right) == left:
                return to_term(factor)
    return None
