"""Displayed terms for what may be zero: x ln x, and absolute values. Nothing here is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from formal.proof.field import Monomial, Poly, monomial_term, polynomial, raised, times, to_term
from formal.proof.normal import Normaliser
from formal.proof.shapes import as_summand, has_log, lowered, single, spreads, without
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    TWO,
    Term,
    add,
    bind,
    body_of,
    exp,
    instantiate,
    is_universal,
    mul,
    number,
    opened,
    power,
    subtract,
)


def gaps_with_zeros(rest: Poly, normaliser: Normaliser) -> Iterator[Term]:
    """sum_i w gap0(x, y) where sum_i w x ln x occurs, and sum_i w gap0(x, x^2) where minus it."""
    for outer, positive, base in _linear(rest):
        if base.op == "sum":
            index, body = opened(base, *(b for m in rest for b, _ in m))
            for x, inner in self_entropies(single(body)):
                weight = mul(outer, inner)
                if positive:
                    yield from _bregman(rest, base, index, x, weight, normaliser)
                else:
                    square = Term("gap0", x, power(x, TWO))
                    yield bind("sum", index, mul(weight, square))


def _linear(rest: Poly) -> Iterator[tuple[Term, bool, Term]]:
    """Atoms with what multiplies them, without its sign, where that is nonnegative."""
    for monomial, coefficient in rest.items():
        for base, exponent in monomial:
            outer = monomial_term(without(monomial, base), abs(coefficient))
            if exponent == 1 and sign(outer) >= 1:
                yield outer, coefficient > 0, base


def self_entropies(factors: Monomial) -> Iterator[tuple[Term, Term]]:
    """x and w, nonnegative, with w x log0(x) for the product of the factors."""
    for base, exponent in factors:
        if base.op == "log0" and exponent == 1:
            x = base.terms[0]
            weight = monomial_term(lowered(without(factors, base), x))
            if dict(factors).get(x, 0) >= 1 and sign(weight) >= 1:
                yield x, weight


def _bregman(
    rest: Poly, binder: Term, index: Term, x: Term, weight: Term, normaliser: Normaliser
) -> Iterator[Term]:
    """The gap whose y takes up everything that is summed with x as a factor."""
    inverse = raised(polynomial(mul(weight, x)), Fraction(-1))
    total = normaliser.normal(bind("sum", index, x))
    shares = spreads(binder, index, x, rest, normaliser)
    for share in [*shares, mul(x, power(total, MINUS_ONE))]:
        for keep in (lambda m: True, has_log):
            parts = [as_summand(m, c, binder, index, share) for m, c in rest.items() if keep(m)]
            summand = polynomial(normaliser.normal(add(*parts)))
            ratio = dict(times({m: c for m, c in summand.items() if x in dict(m)}, inverse))
            ratio.pop(((Term("log0", x), 1),), None)
            y = _exponential(times(ratio, {(): -1}), normaliser)
            yield bind("sum", index, mul(weight, Term("gap0", x, y)))


def _exponential(poly: Poly, normaliser: Normaliser) -> Term:
    """The exponential, where logarithms of what may be zero are of positive arguments."""
    logs = {m: c for m, c in poly.items() if len(m) == 1 and (m[0][0].op, m[0][1]) == ("log0", 1)}
    rest = to_term({m: c for m, c in poly.items() if m not in logs})
    factors = (power(m[0][0].terms[0], number(c)) for m, c in logs.items())
    return mul(exp(normaliser.normal(rest)), *factors)


def absolutes(rest: Poly) -> Iterator[Term]:
    """|z| - z and |z| + z where |z| occurs, |x| + |y| - |x + y| where minus |x + y| does."""
    for outer, positive, base in _halves(rest):
        others = [z for _, above, z in _halves(rest) if above]
        yield from (mul(outer, t) for t in _absolute(base, positive, others))
    bodies = {base: body_of(base) for _, _, base in _linear(rest) if base.op == "sum"}
    for outer, positive, base in _linear(rest):
        if base.op == "sum":
            index, body = opened(base, *(b for m in rest for b, _ in m))
            same = (
                instantiate(b, index) for s, b in bodies.items() if s.args[:2] == base.args[:2]
            )
            others = [z for b in same for _, _, z in _halves(polynomial(b))]
            for inner, _, root in _halves(polynomial(body)):
                for t in _absolute(root, positive, others):
                    yield mul(outer, bind("sum", index, mul(inner, t)))


def _halves(rest: Poly) -> Iterator[tuple[Term, bool, Term]]:
    """Squares of which the root occurs, with what multiplies it where that is nonnegative."""
    for monomial, coefficient in rest.items():
        for base, exponent in monomial:
            outer = monomial_term(without(monomial, base), abs(coefficient))
            if exponent == Fraction(1, 2) and base.op == "pow" and sign(outer) >= 1:
                yield outer, coefficient > 0, base.terms[0]


def _absolute(z: Term, positive: bool, others: list[Term]) -> Iterator[Term]:
    """What is known of |z|, and of |z| together with the absolute values of others."""
    if positive:
        yield Term("fold", z)
        yield Term("fold", mul(MINUS_ONE, z))
        return
    for x in others:
        for side in (x, to_term(polynomial(mul(MINUS_ONE, x)))) if x != z else ():
            yield Term("bend", side, to_term(polynomial(subtract(z, side))))
    parts = [monomial_term(m, c) for m, c in polynomial(z).items()]
    for n in range(1, len(parts)):
        yield Term("bend", add(*parts[:n]), add(*parts[n:]))
    whole = _one_sum(z)
    if whole is not None:
        yield Term("spread", whole)


def _one_sum(z: Term) -> Term | None:
    """A combination of sums over one range as one sum."""
    found: list[tuple[Term, Term]] = []
    for monomial, coefficient in polynomial(z).items():
        sums = [b for b, e in monomial if b.op == "sum" and e == 1]
        if not sums:
            return None
        inner = max(sums, key=lambda b: sum(map(is_universal, b.indices)))
        found.append((monomial_term(without(monomial, inner), coefficient), inner))
    (_, first), *others = found
    if any(whole.args[:2] != first.args[:2] for _, whole in others):
        return None
    index = opened(first, z)[0]
    parts = (mul(outer, instantiate(body_of(whole), index)) for outer, whole in found)
    return bind("sum", index, add(*parts))
