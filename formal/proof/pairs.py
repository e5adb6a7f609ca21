"""Displayed terms under several sums, and products of known ones. Nothing here is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations
from math import isqrt

from formal.proof.conditions import Relation
from formal.proof.field import (
    Monomial,
    Poly,
    is_zero,
    monomial_term,
    polynomial,
    raised,
    times,
    to_term,
)
from formal.proof.normal import Normaliser
from formal.proof.rules import flattened
from formal.proof.shapes import single, spreads, subtracted_sums, without
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    ProofError,
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
    replace,
    subtract,
)

MAX_INDICES = 4
Summand = tuple[tuple[Term, ...], Term, Term]


def gaps_of_pairs(rest: Poly, normaliser: Normaliser) -> Iterator[Term]:
    """sum_ij w_ij gap(exp(-L_ij)) where all logarithms together are sum_ij w_ij L_ij.

    Numbers that are averaged with the same weights are logarithms of their exponentials.
    """
    logs = [s for m, c in rest.items() for s in _log_summands(m, c)]
    reals = [s for m, c in rest.items() for s in _real_summands(m, c)]
    if len(logs) < 2:
        return
    most = max(len(indices) for indices, _, _ in logs)
    seen: set[Term] = set()
    for indices, weight, _ in logs:
        if len(indices) < max(most, 2) or sign(weight) != 2 or weight in seen:
            continue
        seen.add(weight)
        parts = [_in_terms_of(indices, weight, s, normaliser) for s in logs]
        if all(part is not None for part in parts):
            means = [_in_terms_of(indices, weight, s, normaliser) for s in reals]
            for more in ([m for m in means if m is not None], []):
                total = normaliser.normal(add(*(p for p in (*parts, *more) if p is not None)))
                x = exp(normaliser.normal(mul(MINUS_ONE, total)))
                summand = mul(weight, Term("gap", x))
                for index in reversed(indices):
                    summand = bind("sum", index, summand)
                yield summand
                if not more:
                    break


def _log_summands(monomial: Monomial, coefficient: int | Fraction) -> Iterator[Summand]:
    """A monomial as a multiple sum: indices, weight without logarithm and number, c ln a."""
    if any("(log" in base.text for base, _ in monomial):
        yield from _summands(monomial, coefficient, lambda b: b.op == "log")


def _real_summands(monomial: Monomial, coefficient: int | Fraction) -> Iterator[Summand]:
    """A monomial without logarithms: indices, weight, and c a for its factor a of any sign."""
    if not any("(log" in base.text for base, _ in monomial):
        yield from _summands(monomial, coefficient, lambda b: b.op == "arr" and not sign(b))


def _summands(
    monomial: Monomial, coefficient: int | Fraction, meant: Callable[[Term], bool]
) -> Iterator[Summand]:
    try:
        indices, body = flattened(monomial_term(monomial))
    except ProofError:
        return
    if 0 < len(indices) <= MAX_INDICES:
        for factors, c in polynomial(body).items():
            found = [b for b, e in factors if e == 1 and meant(b)]
            if len(found) == 1:
                weight = monomial_term(without(factors, found[0]))
                yield tuple(indices), weight, mul(number(coefficient), number(c), found[0])


def _in_terms_of(
    indices: tuple[Term, ...], weight: Term, summand: Summand, normaliser: Normaliser
) -> Term | None:
    """The logarithm at the given indices, if the weight adds up to the summand's own."""
    own, its_weight, logarithm = summand
    for places in permutations(indices, len(own)):
        if any(a.args[1:] != b.args[1:] for a, b in zip(own, places, strict=True)):
            continue
        mapping = dict(zip(own, places, strict=True))
        total = weight
        for index in indices:
            if index not in places:
                total = bind("sum", index, total)
        try:
            left = normaliser.normal(subtract(total, replace(its_weight, mapping)))
        except ProofError:
            continue
        if not polynomial(left):
            return replace(logarithm, mapping)
    return None


def slacks_of_pairs(rest: Poly, slacks: list[tuple[int, Term]]) -> Iterator[Term]:
    """sum_i w (M - f_i) (f_i - m) where minus sum_i w f_i^2 occurs.

    `slacks` are positions of hypotheses f_i <= M or m <= f_i, with f at their index.
    """
    for outer, index, body in subtracted_sums(rest):
        for factors in polynomial(body):
            for f, e in factors:
                weight = mul(outer, monomial_term(without(factors, f)))
                known = sorted(p for p, g in slacks if _at(g, index) == f)
                if e == 2 and sign(weight) >= 1:
                    for n, left in enumerate(known):
                        for right in known[n + 1 :]:
                            pair = (Term("slack", p, index) for p in (left, right))
                            yield bind("sum", index, mul(weight, *pair))


def slacks_of_products(rest: Poly, hypotheses: tuple[Relation, ...]) -> Iterator[Term]:
    """sum_i w (r_i - l_i) where minus sum_i w l_i occurs, for a hypothesis l_i <= r_i."""
    for outer, index, body in subtracted_sums(rest):
        for position, (kind, left, _) in enumerate(hypotheses):
            free = sorted(i for i in left.indices if is_universal(i))
            if kind in ("Le", "Lt") and left.op == "mul" and len(free) == 1:
                side = polynomial(replace(left, {free[0]: index}))
                weight = to_term(times(polynomial(body), raised(side, Fraction(-1))))
                if sign(weight) >= 1 and sign(outer) >= 1:
                    slack = Term("slack", position, index)
                    yield mul(outer, bind("sum", index, mul(weight, slack)))


def weighted_means(rest: Poly, hypotheses: tuple[Relation, ...]) -> Iterator[Term]:
    """sum_i g sum_m e_m gap(a_m / g) where minus sum_i g occurs, g = prod a_m^e_m, sum e_m = 1."""
    for outer, index, body in subtracted_sums(rest):
        powers = _powers(single(body))
        weights = [_nonnegative(e, hypotheses) for e in powers.values()]
        total = subtract(add(*powers.values()), ONE)
        if len(powers) > 1 and None not in weights and is_zero(total) and sign(body) == 2:
            gaps = (Term("gap", mul(a, power(body, MINUS_ONE))) for a in powers)
            parts = (mul(e, gap) for e, gap in zip(weights, gaps, strict=True) if e)
            yield mul(outer, bind("sum", index, mul(body, add(*parts))))


def _powers(monomial: Monomial) -> dict[Term, Term]:
    """Positive atoms with their exponents, those of exponentials of logarithms included."""
    found: dict[Term, Term] = {}
    for base, exponent in monomial:
        if base.op != "exp":
            found[base] = add(found.get(base, ZERO), number(exponent))
            continue
        for factors, c in polynomial(mul(number(exponent), base.terms[0])).items():
            logs = [b for b, e in factors if b.op == "log" and e == 1]
            if len(logs) != 1:
                return {}
            inside = logs[0].terms[0]
            outer = monomial_term(without(factors, logs[0]), c)
            found[inside] = add(found.get(inside, ZERO), outer)
    return found


def _nonnegative(term: Term, hypotheses: tuple[Relation, ...]) -> Term | None:
    """The term, or the slack of a hypothesis that it is, if its shape shows that it is >= 0."""
    if sign(term) >= 1:
        return term
    for position, (kind, left, right) in enumerate(hypotheses):
        if kind in ("Le", "Lt") and is_zero(subtract(term, subtract(right, left))):
            return Term("slack", position)
    return None


def _at(entry: Term, index: Term) -> Term | None:
    """An entry with one index, at another."""
    return Term(entry.op, *entry.args[:2], index) if len(entry.terms) == 1 else None


def spread_squares(rest: Poly, normaliser: Normaliser) -> Iterator[Term]:
    """Half of sum_ij w_i w_j (a_i - a_j)^2 where minus (sum w a)^2 occurs, a having terms.

    The weights are normalised, or the summand of another sum that occurs.
    """
    squares = {
        m[0][0]: -Fraction(c)
        for m, c in rest.items()
        if c < 0 and len(m) == 1 and m[0][0].op == "sum" and m[0][1] == 2
    }
    if len(squares) < 2:
        return
    first = min(squares)
    index, body = opened(first, *squares)
    total = _rooted(rest, squares, first, index)
    if total is None:
        return
    others = {b for m in rest for b, _ in m if b.op == "sum" and b.args[:2] == first.args[:2]}
    own = (instantiate(body_of(whole), index) for whole in sorted(others - set(squares)))
    weights = (*spreads(first, index, body, rest, normaliser), *own)
    for weight in (w for w in weights if sign(w) == 2):
        inverse = polynomial(power(weight, MINUS_ONE))
        a = to_term(times(polynomial(total), inverse))
        if "(exp" in a.text:
            continue
        second = opened(first, a, weight, index)[0]
        mapping = {index: second}
        apart = power(subtract(a, replace(a, mapping)), TWO)
        inner = bind("sum", second, mul(weight, replace(weight, mapping), apart))
        scale = mul(number(squares[first]), power(TWO, MINUS_ONE))
        yield mul(scale, bind("sum", index, inner))


def _rooted(rest: Poly, squares: dict[Term, Fraction], first: Term, index: Term) -> Term | None:
    """The summand of the sum whose square is the given squares and their products."""
    parts = []
    for whole, c in squares.items():
        root = _root(c / squares[first])
        if root is None or whole.args[:2] != first.args[:2]:
            return None
        if whole != first:
            product = tuple(sorted(((first, 1), (whole, 1)), key=lambda p: p[0].text))
            root *= 1 if rest.get(product, 0) < 0 else -1
        parts.append(mul(number(root), instantiate(body_of(whole), index)))
    return add(*parts)


def _root(value: Fraction) -> Fraction | None:
    up, down = isqrt(value.numerator), isqrt(value.denominator)
    return Fraction(up, down) if Fraction(up * up, down * down) == value else None
