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

from formal.proof.conditions import Relation
from formal.proof.field import Monomial, Number, Poly, is_zero, monomial_term, polynomial, to_term
from formal.proof.normal import Normaliser
from formal.proof.shapes import without
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    TWO,
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


class Known(NamedTuple):
    """What the search lends: normal forms, signs, displayed terms, and the claim's radicands."""

    normal: Callable[[Term], Term]
    is_positive: Callable[[Term], bool]
    displayed: Callable[[Term], Term | None]
    radicands: Mapping[Term, Term]


def rooted(rest: Poly, known: Known) -> Term | None:
    """A nonnegative form of M - z from one of M^2 - z^2; None if there is none."""
    whole = to_term(rest)
    for monomial, coefficient in sorted(rest.items(), key=lambda term: (term[1] > 0, str(term))):
        if not _has_root(monomial):
            continue
        part = monomial_term(monomial, abs(coefficient))
        if coefficient < 0:
            more = to_term(polynomial(add(whole, part)))
            if sign(part) < 1 or not known.is_positive(more):
                continue
            found = known.displayed(subtract(power(more, TWO), power(part, TWO)))
            if found is not None:
                return mul(power(add(more, part), MINUS_ONE), found)
        elif known.is_positive(part):
            less = subtract(part, whole)
            found = _product_of_lengths(monomial, coefficient, less, known)
            found = found or known.displayed(subtract(power(part, TWO), power(less, TWO)))
            if found is not None:
                return _halved(part, add(power(whole, TWO), found))
    return None


def _product_of_lengths(
    monomial: Monomial, coefficient: Number, less: Term, known: Known
) -> Term | None:
    """M^2 - z^2 as squares of minors where M is c |x| |y| and z is plus or minus c x.y."""
    roots = [(b, e) for b, e in monomial if b.op in ("add", "sum") and e == Fraction(1, 2)]
    if len(roots) != 2:
        return None
    scale = monomial_term(tuple(p for p in monomial if p not in roots), coefficient)
    left, right = (_components(restored(b, known.radicands)) for b, _ in roots)
    pairs = _paired(left or [], right or [])
    if not pairs:
        return None
    product = mul(scale, _product(pairs))
    for side in (product, mul(MINUS_ONE, product)):
        if is_zero(known.normal(subtract(less, side))):
            return mul(power(scale, TWO), add(*_minors(pairs)))
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
            parts = _components(to_term(polynomial(power(length, TWO))), second)
            if parts is None or sign(outer) < 1:
                continue
            swap = {first: second}
            both = mul(length, replace(length, swap))
            pairs = [_Pair(p.weight, p.x, replace(p.x, swap), p.at) for p in parts]
            square = power(subtract(both, _product(pairs)), TWO)
            summand = _halved(both, add(square, *_minors(pairs)))
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
    """Components of a vector: a weight, x, and an index if there is one for each of its values."""

    weight: Fraction
    x: Term
    at: Term | None = None


class _Pair(NamedTuple):
    """Components of two vectors, with one weight and at one index."""

    weight: Fraction
    x: Term
    y: Term
    at: Term | None = None


def _components(square: Term, *avoid: Term) -> list[_Part] | None:
    """The components of which a term is the sum of squares."""
    found: list[_Part] = []
    for term in square.terms if square.op == "add" else (square,):
        (single, *others), weight = list(polynomial(term).items()), Fraction(1)
        if term.op != "sum" and not others and len(single[0]) == 1 and single[0][0][1] == 1:
            ((term, _),), weight = single[0], Fraction(single[1])
        index, body = None, term
        if term.op == "sum":
            index, body = opened(term, *avoid, *(part.x for part in found))
        if body.op == "pow" and body.terms[1] == TWO:
            found.append(_Part(weight, body.terms[0], index))
            continue
        for factors, c in polynomial(body).items():
            if weight * c < 0 or any(e % 2 for _, e in factors):
                return None
            root = monomial_term(tuple((b, e // 2) for b, e in factors))
            found.append(_Part(weight * c, root, index))
    return found


def _paired(left: list[_Part], right: list[_Part]) -> list[_Pair]:
    """The components of two vectors side by side; none if these are not of one kind."""
    pairs = []
    for p, q in zip(left, right, strict=False):
        ranges = [part.at and part.at.args[1:] for part in (p, q)]
        if p.weight != q.weight or ranges[0] != ranges[1] or len(left) != len(right):
            return []
        y = replace(q.x, {q.at: p.at}) if p.at and q.at else q.x
        pairs.append(_Pair(p.weight, p.x, y, p.at))
    return pairs


def _product(pairs: list[_Pair]) -> Term:
    """The scalar product of two vectors."""
    return add(*(_summed([pair], mul(pair.x, pair.y)) for pair in pairs))


def _minors(pairs: list[_Pair]) -> Iterator[Term]:
    """Squares of minors: they add up to |x|^2 |y|^2 - (x.y)^2."""
    for n, left in enumerate(pairs):
        for right in pairs[n:]:
            if left is right:
                if left.at is None:
                    continue
                other = Term("idx", f"{left.at.args[0]}0", *left.at.args[1:])
                at = {left.at: other}
                right = _Pair(left.weight / 2, replace(left.x, at), replace(left.y, at), other)
            minor = subtract(mul(left.x, right.y), mul(right.x, left.y))
            yield _summed([left, right], power(minor, TWO))


def _summed(pairs: list[_Pair], term: Term) -> Term:
    """The weighted sum of a term over the indices of components."""
    for pair in pairs:
        term = mul(number(pair.weight), term)
        term = term if pair.at is None else bind("sum", pair.at, term)
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
