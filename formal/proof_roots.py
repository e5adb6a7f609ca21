"""Displayed terms of differences with roots, from the differences of squares. Nothing here is
trusted.

What to show is M - z >= 0 where M > 0 and M^2 - z^2 = N is displayed already. If z > 0 it is
N / (M + z). Otherwise, with z of any sign, it is ((M - z)^2 + N) / (2 M): so a bound needs no
case distinction. The square of a sum of roots is bounded pair by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from formal.proof_conditions import Relation
from formal.proof_field import Monomial, Poly, monomial_term, polynomial, to_term
from formal.proof_normal import Normaliser
from formal.proof_shapes import without
from formal.proof_sign import sign
from formal.proof_terms import (
    MINUS_ONE,
    ONE,
    Term,
    add,
    bind,
    mul,
    number,
    opened,
    power,
    replace,
    substitute,
    subterms,
    subtract,
)

Displayed = Callable[[Term], Term | None]
IsPositive = Callable[[Term], bool]
TWO = number(2)


def rooted(rest: Poly, is_positive: IsPositive, displayed: Displayed) -> Term | None:
    """A nonnegative form of M - z from one of M^2 - z^2, by `displayed`; None if there is none."""
    whole = to_term(rest)
    for monomial, coefficient in sorted(rest.items(), key=str):
        if not _has_root(monomial):
            continue
        part = monomial_term(monomial, abs(coefficient))
        if coefficient < 0:
            more = to_term(polynomial(add(whole, part)))
            if sign(part) < 1 or not is_positive(more):
                continue
            found = displayed(subtract(power(more, TWO), power(part, TWO)))
            if found is not None:
                return mul(power(add(more, part), MINUS_ONE), found)
        elif is_positive(part):
            less = subtract(part, whole)
            found = displayed(subtract(power(part, TWO), power(less, TWO)))
            if found is not None:
                return _halved(part, add(power(whole, TWO), found))
    return None


def pairs_of_roots(rest: Poly) -> Iterator[Term]:
    """sum_ij (E_i E_j - z_ij) where +(sum E)^2 occurs and E_i is the root of a sum of squares.

    E_i is the length of a vector y_i, and z_ij the product of two of these: by Lagrange's identity
    (E_i E_j)^2 - z_ij^2 is a sum of squares.
    """
    for monomial, coefficient in rest.items():
        for base, exponent in monomial if coefficient > 0 else ():
            if base.op != "sum" or exponent != 2 or not _roots_inside(base):
                continue
            outer = monomial_term(without(monomial, base), coefficient)
            first, length = opened(base, *(b for m in rest for b, _ in m))
            second = opened(base, length)[0]
            parts = _components(polynomial(to_term(polynomial(power(length, TWO)))), second)
            if parts is None or sign(outer) < 1:
                continue
            swap = {first: second}
            both = mul(length, replace(length, swap))
            product = add(*(_summed([p], mul(p.y, replace(p.y, swap))) for p in parts))
            apart = add(*_minors(parts, swap))
            summand = _halved(both, add(power(subtract(both, product), TWO), apart))
            yield mul(outer, bind("sum", first, bind("sum", second, summand)))


def radicands(relation: Relation, normaliser: Normaliser) -> dict[Term, Term]:
    """What stands under roots and is a sum of squares, by its normal form, which may hide that."""
    found = {}
    for side in relation[1:]:
        for term in subterms(side):
            if term.op == "pow" and not term.indices and _is_root(term.terms[1]):
                before = to_term(polynomial(normaliser.normal(term.terms[0])))
                if sign(before) < 1 <= sign(term.terms[0]):
                    found[before] = term.terms[0]
    return found


def restored(term: Term, known: Mapping[Term, Term]) -> Term:
    """The term with what stands under roots as the claim has it."""
    for before, after in known.items():
        term = substitute(term, before, after)
    return term


class _Part(NamedTuple):
    """Components of a vector: a weight, y, and an index if there is one for each of its values."""

    weight: Fraction
    y: Term
    index: Term | None = None


def _components(square: Poly, second: Term) -> list[_Part] | None:
    """The components of which a polynomial is the sum of squares."""
    found: list[_Part] = []
    for monomial, coefficient in square.items():
        ((base, exponent), *others) = monomial or ((ONE, 1),)
        if base.op == "sum" and exponent == 1 and not others:
            index, body = opened(base, second, *(part.y for part in found))
            inner = [(monomial, index, c) for monomial, c in polynomial(body).items()]
        else:
            inner = [(monomial, None, 1)]
        for factors, at, c in inner:
            root = tuple((b, e // 2) for b, e in factors if b != ONE)
            if coefficient * c < 0 or any(e % 2 for _, e in factors):
                return None
            found.append(_Part(Fraction(coefficient * c), monomial_term(root), at))
    return found


def _minors(parts: list[_Part], swap: Mapping[Term, Term]) -> Iterator[Term]:
    """The squares of the minors of two vectors, the second of which has other indices."""
    for n, left in enumerate(parts):
        for right in parts[n:]:
            if left is right and left.index is None:
                continue
            if left is right:
                assert left.index is not None
                other = Term("idx", f"{left.index.args[0]}0", *left.index.args[1:])
                right = _Part(left.weight / 2, replace(left.y, {left.index: other}), other)
            minor = subtract(
                mul(left.y, replace(right.y, swap)), mul(replace(left.y, swap), right.y)
            )
            yield _summed([left, right], power(minor, TWO))


def _summed(parts: list[_Part], term: Term) -> Term:
    """The weighted sum of a term over the indices of components."""
    for part in parts:
        term = mul(number(part.weight), term)
        term = term if part.index is None else bind("sum", part.index, term)
    return term


def _halved(size: Term, term: Term) -> Term:
    return mul(power(mul(TWO, size), MINUS_ONE), term)


def _has_root(monomial: Monomial) -> bool:
    """Whether a fractional power of a sum is a factor, or a factor of a summand."""
    return any(
        Fraction(e).denominator > 1
        and b.op in ("add", "sum")
        or (b.op == "sum" and e % 2 and _roots_inside(b))
        for b, e in monomial
    )


def _roots_inside(whole: Term) -> bool:
    return any(_has_root(m) for m in polynomial(opened(whole)[1]))


def _is_root(exponent: Term) -> bool:
    return exponent.op == "num" and exponent.value.denominator > 1
