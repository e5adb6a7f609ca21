"""Displayed terms that an expression suggests, as plain functions. Nothing here is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from formal.proof.field import Monomial, Number, Poly, monomial_term, polynomial, times, to_term
from formal.proof.normal import Normaliser
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    Term,
    add,
    bind,
    body_of,
    instantiate,
    mul,
    opened,
    power,
    replace,
    subtract,
)

_LOGS = ("log", "log0")


def has_log(monomial: Monomial) -> bool:
    """Whether a logarithm is a factor, or a factor of a summand."""
    return any(
        "(log" in b.text and b.op in (*_LOGS, "sum") and _log_outside(b) for b, _ in monomial
    )


def summed_log(monomial: Monomial) -> bool:
    """Whether a logarithm is a factor of a summand."""
    return any(b.op == "sum" and _log_outside(b) for b, _ in monomial)


def _log_outside(base: Term) -> bool:
    if base.op in _LOGS:
        return True
    return any(b.op in _LOGS for b, _ in single(opened(base)[1]))


def as_summand(
    monomial: Monomial,
    coefficient: Number,
    binder: Term,
    index: Term,
    spread: Term,
    kept: Term | None = None,
) -> Term:
    """A monomial as a summand: that of one of its sums over the same range, else spread evenly.

    The sum `kept` is opened only if there is no other.
    """
    same = [b for b, e in monomial if b.op == "sum" and e >= 1 and b.args[:2] == binder.args[:2]]
    for base in sorted(same, key=lambda b: b == kept):
        body = base.args[2]
        assert isinstance(body, Term)
        return mul(monomial_term(lowered(monomial, base), coefficient), instantiate(body, index))
    return mul(monomial_term(monomial, coefficient), spread)


def spreads(
    binder: Term, index: Term, body: Term, rest: Poly, normaliser: Normaliser
) -> Iterator[Term]:
    """What sums to one: 1/V, or the summand of a sum that a hypothesis sets to one."""
    if isinstance(binder.args[1], str) and binder.args[0] == 1:
        yield power(Term("size", binder.args[1]), MINUS_ONE)
    for _, atom, value, _ in normaliser.patterns:
        if atom.op == "sum" and value == ONE and not atom.indices:
            for whole in (atom, *_exchanged(atom)):
                if whole.args[:2] == binder.args[:2]:
                    yield instantiate(body_of(whole), index)
    for base, exponent in single(body):
        if exponent < 0 and index in base.indices:
            if polynomial(normaliser.normal(bind("sum", index, base))) == polynomial(ONE):
                yield base


def _exchanged(whole: Term) -> Iterator[Term]:
    """A double sum in the other order."""
    first, inner = opened(whole)
    if inner.op == "sum":
        second, body = opened(inner, first)
        yield bind("sum", second, bind("sum", first, body))


def above_at(rest: Poly, whole: Term, at: Term) -> Iterator[Term]:
    """scale (whole - summand at an index) where minus the summand occurs."""
    entry = polynomial(instantiate(whole.args[2], at))  # type: ignore[arg-type]
    if len(entry) != 1:
        return
    for monomial, coefficient in rest.items():
        if coefficient <= 0:
            continue
        present = dict(monomial)
        if present.get(whole, 0) >= 1:
            outer = lowered(monomial, whole)
        elif not any(b.op == "sum" for b in present):
            outer = monomial
        else:
            continue
        ((target, _),) = times({outer: 1}, entry).items()
        scale = monomial_term(outer, coefficient)
        if rest.get(target, 0) < 0 and sign(scale) == 2:
            yield mul(scale, Term("above", whole, at))


def above_summed(rest: Poly, whole: Term) -> Iterator[Term]:
    """sum_i g(i) (whole - f(i)) where minus sum f g occurs."""
    index, body = opened(whole, *(b for m in rest for b, _ in m))
    for monomial, coefficient in rest.items():
        if coefficient >= 0:
            continue
        for base, exponent in monomial:
            if base.op == "sum" and exponent == 1 and base.args[:2] == whole.args[:2]:
                inside = base.args[2]
                assert isinstance(inside, Term)
                weight = to_term(
                    times(
                        polynomial(instantiate(inside, index)), polynomial(power(body, MINUS_ONE))
                    )
                )
                scale = monomial_term(without(monomial, base), -coefficient)
                if sign(weight) >= 1 and sign(scale) == 2:
                    yield mul(scale, bind("sum", index, mul(weight, Term("above", whole, index))))


def differences_squared(rest: Poly, sums: list[Term]) -> Iterator[Term]:
    """Half of sum_ij w_i w_j (a_i b_j - a_j b_i)^2 where -(sum w a b)^2 occurs."""
    for monomial, coefficient in rest.items():
        for base, exponent in monomial if coefficient < 0 else ():
            if base.op != "sum" or exponent != 2:
                continue
            scale = monomial_term(without(monomial, base), -coefficient)
            if sign(scale) < 1:
                continue
            first, body = opened(base, *(b for m in rest for b, _ in m), *sums)
            second = opened(base, body, *(b for m in rest for b, _ in m), *sums)[0]
            for other in sums:
                if other.args[:2] != base.args[:2] or other == base:
                    continue
                factor = _square_parts(body, instantiate(other.args[2], first))  # type: ignore
                if factor is not None:
                    w, a, b = factor
                    at = lambda t: replace(t, {first: second})  # noqa: E731, B023
                    cross = subtract(mul(a, at(b)), mul(at(a), b))
                    inner = mul(w, at(w), power(cross, TWO))
                    double = bind("sum", first, bind("sum", second, inner))
                    yield mul(power(TWO, MINUS_ONE), scale, double)


def sums_squared(rest: Poly, sums: list[Term]) -> Iterator[Term]:
    """Half of sum_(i != j) w_i w_j (b_i + b_j)^2 where +(sum w b)^2 occurs."""
    for monomial, coefficient in rest.items():
        for base, exponent in monomial if coefficient > 0 else ():
            if base.op != "sum" or exponent != 2:
                continue
            scale = monomial_term(without(monomial, base), coefficient)
            first, body = opened(base, *(b for m in rest for b, _ in m), *sums)
            second = opened(base, body, *(b for m in rest for b, _ in m), *sums)[0]
            for other in sums:
                if other.args[:2] != base.args[:2] or other == base or sign(scale) < 1:
                    continue
                factor = _square_parts(body, instantiate(other.args[2], first))  # type: ignore
                if factor is not None and factor[1] == ONE:
                    w, _, b = factor
                    both = add(b, replace(b, {first: second}))
                    inner = mul(w, replace(w, {first: second}), power(both, TWO))
                    apart = mul(Term("apart", first, second), inner)
                    double = bind("sum", first, bind("sum", second, apart))
                    yield mul(power(TWO, MINUS_ONE), scale, double)


def _square_parts(body: Term, other: Term) -> tuple[Term, Term, Term] | None:
    """w, a, b with body = w a b and other = w a^2 (w positive)."""
    left, right = single(body), single(other)
    if not right and polynomial(other) != {(): 1}:
        return None
    positive = {b: e for b, e in left if sign(b) == 2}
    if all(sign(b) == 2 for b, _ in right):
        weight, a = monomial_term(right), ONE
    else:
        weight = monomial_term(tuple(positive.items()))
        ((ratio, _),) = times(polynomial(other), polynomial(power(weight, MINUS_ONE))).items()
        if any(e % 2 for b, e in ratio if sign(b) != 2):
            return None
        a = monomial_term(tuple((b, Fraction(e) / 2) for b, e in ratio))
        if sign(power(a, TWO)) < 1:
            return None
    b = to_term(times(polynomial(body), polynomial(power(mul(weight, a), MINUS_ONE))))
    return weight, a, b


def single(body: Term) -> Monomial:
    """The monomial of a summand with one term, else nothing."""
    poly = polynomial(body)
    return next(iter(poly)) if len(poly) == 1 else ()


def without(monomial: Monomial, base: Term) -> Monomial:
    """The monomial without a factor."""
    return tuple(p for p in monomial if p[0] != base)


def subtracted_sums(rest: Poly) -> Iterator[tuple[Term, Term, Term]]:
    """Sums that stand with a minus sign: what multiplies it, an index, and the summand."""
    for monomial, coefficient in rest.items():
        for base, exponent in monomial if coefficient < 0 else ():
            if base.op == "sum" and exponent == 1:
                yield monomial_term(without(monomial, base), -coefficient), *opened(base)


def lowered(monomial: Monomial, base: Term) -> Monomial:
    """The monomial divided by a factor."""
    return tuple((b, e - (b == base)) for b, e in monomial if e - (b == base))


def matching(pattern: Term, term: Term, free: tuple[Term, ...]) -> tuple[Term, ...] | None:
    """Values of the universal indices that turn the pattern, an atom, into the term."""
    if pattern.op != term.op or pattern.op not in ("arr", "sym"):
        return None
    if pattern.args[:2] != term.args[:2] or len(pattern.args) != len(term.args):
        return None
    mapping = {a: b for a, b in zip(pattern.terms, term.terms, strict=True) if a in free}
    if replace(pattern, mapping) != term or set(free) - set(mapping):
        return None
    return tuple(mapping[i] for i in free)


def common_factor(poly: Poly) -> tuple[Term, Poly]:
    """A positive common factor, and the polynomial divided by it."""
    atoms = sorted({b for m in poly for b, _ in m if sign(b) >= 1})
    lowest = {b: min(dict(m).get(b, 0) for m in poly) for b in atoms}
    lowest = {b: e for b, e in lowest.items() if e < 0 or sign(b) == 2}
    factor = tuple((b, e) for b, e in lowest.items() if e)
    inverse = {tuple((b, -e) for b, e in factor): 1}
    return monomial_term(factor), times(poly, inverse)
