"""Displayed terms of averages: convexity of the exponential, and entries of a unit vector.

Nothing here is trusted.
"""

from __future__ import annotations

from collections.abc import Iterator

from formal.proof.conditions import Relation
from formal.proof.field import Poly, monomial_term, polynomial, to_term
from formal.proof.normal import Normaliser
from formal.proof.rules import flattened
from formal.proof.shapes import matching, single, subtracted_sums, without
from formal.proof.sign import sign
from formal.proof.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    Term,
    add,
    bind,
    exp,
    instantiate,
    is_universal,
    mul,
    number,
    opened,
    power,
    replace,
    subtract,
)


def exponentials_of_means(rest: Poly) -> Iterator[Term]:
    """sum_ij w_i K_ij e^(s_i) gap(e^(y_ij - s_i)) where minus sum_i w_i e^(s_i) occurs.

    s_i is a mean: it has sum_j K_ij y_j where y_ij has y_j, with K_ij > 0.
    """
    for outer, index, body in subtracted_sums(rest):
        factors = single(body)
        exponent = add(*(mul(number(e), b.terms[0]) for b, e in factors if b.op == "exp"))
        weight = mul(outer, monomial_term(tuple((b, e) for b, e in factors if b.op != "exp")))
        if sign(weight) >= 1:
            for other, share, value in _averaged(polynomial(exponent), index):
                gap = Term("gap", exp(subtract(value, exponent)))
                inner = bind("sum", other, mul(share, exp(exponent), gap))
                yield bind("sum", index, mul(weight, inner))


def _averaged(exponent: Poly, index: Term) -> Iterator[tuple[Term, Term, Term]]:
    """An index, its weight, and the exponent with a sum over it replaced by what it averages."""
    for monomial, coefficient in exponent.items():
        for base, power_of_it in monomial:
            if base.op != "sum" or power_of_it != 1:
                continue
            other, body = opened(base, index, *(b for m in exponent for b, _ in m))
            shares = tuple((b, e) for b, e in single(body) if sign(b) == 2 and b.op == "arr")
            value = [p for p in single(body) if p not in shares]
            if shares and value:
                others = {m: c for m, c in exponent.items() if m != monomial}
                outer = monomial_term(without(monomial, base), coefficient)
                mean = add(to_term(others), mul(outer, monomial_term(tuple(value))))
                yield other, monomial_term(shares), mean


def gaps_of_crossed_laws(rest: Poly, normaliser: Normaliser) -> Iterator[Term]:
    """c sum_ij w_ij gap(z_j / (Z p_i)) where c ln Z and a double sum of w_ij y occur.

    Z is the sum of z; the positive weights w, divided by their sum, add up to p_i over j.
    """
    logs = [(m, b, c) for m, c in rest.items() for b, e in m if b.op == "log" and e == 1 and c > 0]
    for monomial, logarithm, coefficient in logs:
        whole = logarithm.terms[0]
        scale = monomial_term(without(monomial, logarithm), coefficient)
        if whole.op != "sum" or sign(opened(whole)[1]) < 2 or sign(scale) < 2:
            continue
        for first, second, weight in _crossed(rest):
            total = normaliser.normal(_double(first, second, weight))
            for one, other in ((first, second), (second, first)):
                if other.args[1:] == whole.args[:2]:
                    law = mul(instantiate(whole.terms[-1], other), power(whole, MINUS_ONE))
                    own = normaliser.normal(bind("sum", other, weight))
                    ratio = mul(law, total, power(own, MINUS_ONE))
                    gap = Term("gap", normaliser.normal(ratio))
                    pairs = _double(one, other, mul(weight, gap))
                    yield mul(scale, power(total, MINUS_ONE), pairs)


def _double(first: Term, second: Term, body: Term) -> Term:
    return bind("sum", first, bind("sum", second, body))


def _crossed(rest: Poly) -> Iterator[tuple[Term, Term, Term]]:
    """The two indices and the positive weight of double sums."""
    for monomial in rest:
        indices, body = flattened(monomial_term(monomial))
        if len(indices) == 2:
            positive = tuple((b, e) for b, e in single(body) if sign(b) == 2 and b.op != "sym")
            yield indices[0], indices[1], monomial_term(positive)


def unit_rows(rest: Poly, hypotheses: tuple[Relation, ...]) -> Iterator[Term]:
    """Half of sum_i w_i sum_k (A_ik - delta_ik)^2 and more, where minus sum_i w_i A_ii occurs.

    A hypothesis says that squares of the entries in a row add up to one: those of A, and more; or
    that A is a rotation.
    """
    for kind, left, right in hypotheses:
        if right.op == "delta":
            left, right = replace(left, {right.terms[1]: right.terms[0]}), ONE
        if kind != "Eq" or left.op != "sum" or right != ONE:
            continue
        column, body = opened(left)
        free = tuple(sorted(i for i in left.indices if is_universal(i)))
        if len(free) != 1:
            continue
        for entry, others in _squared_entry(polynomial(body)):
            for outer, index, summand in subtracted_sums(rest):
                for base, e in single(summand):
                    same = replace(entry, {column: free[0]})
                    weight = mul(outer, monomial_term(without(single(summand), base)))
                    if e != 1 or matching(same, base, free) != (index,) or sign(weight) < 1:
                        continue
                    at = {free[0]: index}
                    delta = Term("delta", *sorted((index, column)))
                    apart = power(subtract(replace(entry, at), delta), TWO)
                    row = bind("sum", column, add(apart, replace(others, at)))
                    yield bind("sum", index, mul(HALF, weight, row))


def _squared_entry(squares: Poly) -> Iterator[tuple[Term, Term]]:
    """An entry whose square is a term of a polynomial of squares, and the other terms."""
    for monomial, coefficient in squares.items():
        ((base, exponent), *more) = monomial or ((ONE, 1),)
        others = to_term({m: c for m, c in squares.items() if m != monomial})
        entry = base.op == "arr" and exponent == 2 and not more
        if entry and coefficient == 1 and sign(others) >= 1:
            yield base, others
