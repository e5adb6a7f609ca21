"""Inequalities: the search for a displayed nonnegative term. Nothing here is trusted.

To show R >= 0 the search looks for a term D that is nonnegative by its shape, so that R - D is
smaller; it ends when nothing is left, and the kernel then checks that R equals the sum of what was
displayed. What it knows:

======== ==================================================================
slack    sum w (greater - smaller) for a hypothesis, or at an extremum
above    a sum of nonnegative terms is at least each of them
square   Cauchy and Schwarz: half a double sum of squared differences
gap      x - 1 >= ln x, with weights that make the first-order part vanish
rise     exp(y) >= 1 for y >= 0, summand by summand
factor   a square, or a product of such terms
======== ==================================================================
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction

from formal.kernel import Claim, Derivation, universals
from formal.proof_factor import factored
from formal.proof_field import Monomial, Number, Poly, monomial_term, polynomial, times, to_term
from formal.proof_normal import Normaliser
from formal.proof_rules import Relation
from formal.proof_sample import looks_negative
from formal.proof_sign import sign
from formal.proof_terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    ProofError,
    Term,
    add,
    bind,
    exp,
    instantiate,
    mul,
    number,
    opened,
    power,
    replace,
    subtract,
)

MAX_NESTING = 5
MAX_BRANCHES = 8


class Search:
    """Looks for displayed terms below a claim's hypotheses, within a budget of seconds."""

    def __init__(self, claim: Claim, deadline: float) -> None:
        """Search until the deadline, on the clock of `time.monotonic`."""
        self.normaliser = Normaliser(Derivation(claim))
        self.claim = claim
        self.deadline = deadline
        self.failed: set[Term] = set()

    def displayed(self, term: Term, nesting: int = 0) -> Term | None:
        """A nonnegative term equal to the given one, or None."""
        rest = self._normal(term)
        if rest == ZERO or not polynomial(rest):
            return ZERO
        if sign(rest) >= 1:
            return rest
        if rest in self.failed or nesting > MAX_NESTING or time.monotonic() > self.deadline:
            return None
        if looks_negative(rest, self.claim.hypotheses):
            return None
        common, inner = _common(polynomial(rest))
        found = self._factored(inner) or self._reduced(inner, nesting)
        if found is None:
            self.failed.add(rest)
            return None
        return mul(common, found)

    def _reduced(self, rest: Poly, nesting: int) -> Term | None:
        """A candidate plus a nonnegative form of what it leaves; complete candidates first."""
        left: list[tuple[tuple[bool, int], Term, Term]] = []
        for candidate in self._candidates(rest):
            if time.monotonic() > self.deadline:
                return None
            try:
                remainder = self._normal(subtract(to_term(rest), candidate))
            except ProofError:
                continue
            if sign(remainder) >= 1:
                return add(candidate, remainder)
            if looks_negative(remainder, self.claim.hypotheses):
                continue
            poly = polynomial(remainder)
            left.append(((any(map(_has_log, poly)), len(poly)), candidate, remainder))
        for _, candidate, remainder in sorted(left, key=lambda entry: entry[0])[:MAX_BRANCHES]:
            found = self.displayed(remainder, nesting + 1)
            if found is not None:
                return add(candidate, found)
        return None

    def _normal(self, term: Term) -> Term:
        return to_term(polynomial(self.normaliser.normal(term)))

    def _candidates(self, rest: Poly) -> Iterator[Term]:
        yield from self._slacks(rest)
        yield from self._aboves(rest)
        yield from _squares(rest, self._known_sums(rest))
        yield from _sums_squared(rest, self._known_sums(rest))
        yield from self._rises(rest)
        yield from self._gaps(rest)

    def _known_sums(self, rest: Poly) -> list[Term]:
        """Sums that occur, and sums that a hypothesis fixes."""
        found = {b for m in rest for b, _ in m if b.op == "sum"}
        fixed = {p[1] for p in self.normaliser.patterns if p[1].op == "sum" and not p[1].indices}
        return sorted(found) + sorted(fixed - found)

    # factor

    def _factored(self, rest: Poly) -> Term | None:
        if len(rest) < 2:
            return None
        factors, inside = factored(rest)
        after = mul(exp(inside), *(power(a, number(n)) for a, n in factors.items()))
        return after if sign(after) >= 1 else None

    # slack

    def _slacks(self, rest: Poly) -> Iterator[Term]:
        for position, relation in enumerate(self.claim.hypotheses):
            if relation.kind not in ("Le", "Lt"):
                continue
            for wanted, sides in ((1, relation.right), (-1, relation.left)):
                yield from self._slack_terms(rest, position, relation, sides, wanted)

    def _slack_terms(
        self, rest: Poly, position: int, relation: Relation, side: Term, wanted: int
    ) -> Iterator[Term]:
        """Terms in which a side of a hypothesis stands with the wanted sign."""
        free = universals(relation)
        for monomial, coefficient in rest.items():
            if (coefficient > 0) != (wanted > 0):
                continue
            size = abs(coefficient)
            for base, exponent in monomial:
                if exponent != 1:
                    continue
                outer = monomial_term(_without(monomial, base), size)
                if base.op == "sum":
                    index, body = opened(base)
                    for factor, e in _single(body):
                        indices = _match(side, factor, free)
                        if e == 1 and indices is not None:
                            inner = monomial_term(_without(_single(body), factor))
                            slack = Term("slack", position, *indices)
                            candidate = mul(outer, bind("sum", index, mul(inner, slack)))
                            if sign(candidate) >= 1:
                                yield candidate
                else:
                    indices = _match(side, base, free)
                    if indices is not None and sign(outer) >= 1:
                        yield mul(outer, Term("slack", position, *indices))

    # above

    def _aboves(self, rest: Poly) -> Iterator[Term]:
        indices = sorted({i for m in rest for b, _ in m for i in b.indices})
        for whole in self._known_sums(rest):
            if sign(opened(whole)[1]) < 1:
                continue
            low, high, _ = whole.args
            for at in indices:
                if at.args[1] == low and at.args[2] == high:
                    yield from _above_at(rest, whole, at)
            yield from _above_summed(rest, whole)

    # rise

    def _rises(self, rest: Poly) -> Iterator[Term]:
        yield from self._pointwise_rises(rest)
        for index, body in self._summands(rest):
            inner = self.displayed_summand(body)
            if inner is not None:
                yield bind("sum", index, inner)

    def displayed_summand(self, body: Term) -> Term | None:
        """A nonnegative form of a summand, by factoring or by exponentials."""
        poly = polynomial(body)
        found = self._factored(poly)
        if found is not None:
            return found
        common, inner = _common(poly)
        for candidate in self._pointwise_rises(inner):
            if not polynomial(self._normal(subtract(to_term(inner), candidate))):
                return mul(common, candidate)
        return self._slack_summand(body)

    def _slack_summand(self, body: Term) -> Term | None:
        common, inner = _common(polynomial(body))
        for candidate in self._slacks(inner):
            if not polynomial(self._normal(subtract(to_term(inner), candidate))):
                return mul(common, candidate)
        return None

    def _pointwise_rises(self, rest: Poly) -> Iterator[Term]:
        """c m2 (exp(y) - 1) for a pair of monomials c m1 - c m2 with m1 = m2 exp(y)."""
        for above, c in rest.items():
            for below, d in rest.items():
                if c + d or c < 0:
                    continue
                inverse = {tuple((b, -e) for b, e in below): 1}
                ((ratio, factor),) = times({above: 1}, inverse).items()
                if factor == 1 and ratio and all(b.op == "exp" for b, _ in ratio):
                    y = self.displayed_exponent(monomial_term(ratio).terms[0])
                    if y is not None and sign(monomial_term(below, c)) >= 1:
                        yield mul(monomial_term(below, c), Term("rise", y))

    def displayed_exponent(self, term: Term, nesting: int = 0) -> Term | None:
        """A nonnegative form of an exponent by slacks only."""
        common, rest = _common(polynomial(self._normal(term)))
        if not rest or sign(to_term(rest)) >= 1:
            return mul(common, to_term(rest))
        for slack in self._slacks(rest) if nesting < MAX_NESTING else ():
            left = self._normal(subtract(to_term(rest), slack))
            if len(polynomial(left)) < len(rest):
                found = self.displayed_exponent(left, nesting + 1)
                if found is not None:
                    return mul(common, add(slack, found))
        return None

    def _summands(self, rest: Poly) -> Iterator[tuple[Term, Term]]:
        """The whole of R as one sum: an index, and what is summed over it."""
        sums = self._known_sums(rest)
        for binder in sums:
            index, body = opened(binder, *(b for m in rest for b, _ in m))
            for spread in _spreads(binder, index, body, rest, self.normaliser):
                for kept in (None, *sums):
                    parts = (_summand(m, c, binder, index, spread, kept) for m, c in rest.items())
                    yield index, self._normal(add(*parts))

    # gap

    def _gaps(self, rest: Poly) -> Iterator[Term]:
        logs = [(m, c) for m, c in rest.items() if _has_log(m)]
        for monomial, coefficient in sorted(logs, key=lambda t: not _summed_log(t[0])):
            for base, exponent in monomial:
                outer = monomial_term(_without(monomial, base), abs(coefficient))
                if base.op == "log" and exponent == 1:
                    yield from self._closed_gaps(rest, outer, base)
                if base.op == "sum" and exponent == 1:
                    index, body = opened(base, *(b for m in rest for b, _ in m))
                    inner = tuple(p for p in _single(body) if p[0].op != "log")
                    weight = mul(outer, monomial_term(inner))
                    if sign(weight) == 2:
                        yield from self._weighted_gaps(rest, base, index, weight)

    def _closed_gaps(self, rest: Poly, scale: Term, logarithm: Term) -> Iterator[Term]:
        if sign(scale) != 2:
            return
        yield from self._gibbs_gaps(rest, scale, logarithm.terms[0])
        ratio = self._normal(mul(to_term(rest), power(scale, MINUS_ONE)))
        yield mul(scale, Term("gap", exp(self._normal(mul(MINUS_ONE, ratio)))))

    def _gibbs_gaps(self, rest: Poly, scale: Term, argument: Term) -> Iterator[Term]:
        """Weights of the sum in a logarithm, and distributions that a hypothesis normalises."""
        sums = [p[1] for p in self.normaliser.patterns if p[1].op == "sum" and not p[1].indices]
        for whole in [argument] * (argument.op == "sum") + sums:
            index, body = opened(whole, *(b for m in rest for b, _ in m))
            if sign(body) == 2:
                weight = mul(
                    scale, body, *([power(whole, MINUS_ONE)] if whole is argument else [])
                )
                yield from self._weighted_gaps(rest, whole, index, weight)

    def _weighted_gaps(
        self, rest: Poly, binder: Term, index: Term, weight: Term
    ) -> Iterator[Term]:
        total = self._normal(bind("sum", index, weight))
        inverse = power(weight, MINUS_ONE)
        closed = mul(weight, power(total, MINUS_ONE))
        for keep in (lambda m: True, _has_log):
            parts = [_summand(m, c, binder, index, closed) for m, c in rest.items() if keep(m)]
            ratio = self._normal(mul(inverse, add(*parts)))
            x = exp(self._normal(mul(MINUS_ONE, ratio)))
            yield bind("sum", index, mul(weight, Term("gap", x)))


def _has_log(monomial: Monomial) -> bool:
    return any(
        "(log" in b.text and b.op in ("log", "sum") and _log_outside(b) for b, _ in monomial
    )


def _summed_log(monomial: Monomial) -> bool:
    return any(b.op == "sum" and _log_outside(b) for b, _ in monomial)


def _log_outside(base: Term) -> bool:
    if base.op == "log":
        return True
    return any(b.op == "log" for b, _ in _single(opened(base)[1]))


def _summand(
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
        return mul(monomial_term(_lowered(monomial, base), coefficient), instantiate(body, index))
    return mul(monomial_term(monomial, coefficient), spread)


def _spreads(
    binder: Term, index: Term, body: Term, rest: Poly, normaliser: Normaliser
) -> Iterator[Term]:
    """What sums to one: 1/V, or the summand of a sum that a hypothesis sets to one."""
    if isinstance(binder.args[1], str) and binder.args[0] == 1:
        yield power(Term("size", binder.args[1]), MINUS_ONE)
    for _, atom, value, _ in normaliser.patterns:
        if (
            atom.op == "sum"
            and value == ONE
            and atom.args[:2] == binder.args[:2]
            and not atom.indices
        ):
            inner = atom.args[2]
            assert isinstance(inner, Term)
            yield instantiate(inner, index)


def _above_at(rest: Poly, whole: Term, at: Term) -> Iterator[Term]:
    entry = polynomial(instantiate(whole.args[2], at))  # type: ignore[arg-type]
    if len(entry) != 1:
        return
    for monomial, coefficient in rest.items():
        if coefficient <= 0:
            continue
        present = dict(monomial)
        if present.get(whole, 0) >= 1:
            outer = _lowered(monomial, whole)
        elif not any(b.op == "sum" for b in present):
            outer = monomial
        else:
            continue
        ((target, _),) = times({outer: 1}, entry).items()
        scale = monomial_term(outer, coefficient)
        if rest.get(target, 0) < 0 and sign(scale) == 2:
            yield mul(scale, Term("above", whole, at))


def _above_summed(rest: Poly, whole: Term) -> Iterator[Term]:
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
                scale = monomial_term(_without(monomial, base), -coefficient)
                if sign(weight) >= 1 and sign(scale) == 2:
                    yield mul(scale, bind("sum", index, mul(weight, Term("above", whole, index))))


def _squares(rest: Poly, sums: list[Term]) -> Iterator[Term]:
    """Half of sum_ij w_i w_j (a_i b_j - a_j b_i)^2 where -(sum w a b)^2 occurs."""
    for monomial, coefficient in rest.items():
        for base, exponent in monomial if coefficient < 0 else ():
            if base.op != "sum" or exponent != 2:
                continue
            scale = monomial_term(_without(monomial, base), -coefficient)
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
                    inner = mul(w, at(w), power(cross, number(2)))
                    double = bind("sum", first, bind("sum", second, inner))
                    yield mul(power(number(2), MINUS_ONE), scale, double)


def _sums_squared(rest: Poly, sums: list[Term]) -> Iterator[Term]:
    """Half of sum_(i != j) w_i w_j (b_i + b_j)^2 where +(sum w b)^2 occurs."""
    for monomial, coefficient in rest.items():
        for base, exponent in monomial if coefficient > 0 else ():
            if base.op != "sum" or exponent != 2:
                continue
            scale = monomial_term(_without(monomial, base), coefficient)
            first, body = opened(base, *(b for m in rest for b, _ in m), *sums)
            second = opened(base, body, *(b for m in rest for b, _ in m), *sums)[0]
            for other in sums:
                if other.args[:2] != base.args[:2] or other == base or sign(scale) < 1:
                    continue
                factor = _square_parts(body, instantiate(other.args[2], first))  # type: ignore
                if factor is not None and factor[1] == ONE:
                    w, _, b = factor
                    both = add(b, replace(b, {first: second}))
                    inner = mul(w, replace(w, {first: second}), power(both, number(2)))
                    apart = mul(Term("apart", first, second), inner)
                    double = bind("sum", first, bind("sum", second, apart))
                    yield mul(power(number(2), MINUS_ONE), scale, double)


def _square_parts(body: Term, other: Term) -> tuple[Term, Term, Term] | None:
    """w, a, b with body = w a b and other = w a^2 (w positive)."""
    left, right = _single(body), _single(other)
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
        if sign(power(a, number(2))) < 1:
            return None
    b = to_term(times(polynomial(body), polynomial(power(mul(weight, a), MINUS_ONE))))
    return weight, a, b


def _single(body: Term) -> Monomial:
    """The monomial of a summand with one term, else nothing."""
    poly = polynomial(body)
    return next(iter(poly)) if len(poly) == 1 else ()


def _without(monomial: Monomial, base: Term) -> Monomial:
    return tuple(p for p in monomial if p[0] != base)


def _lowered(monomial: Monomial, base: Term) -> Monomial:
    return tuple((b, e - (b == base)) for b, e in monomial if e - (b == base))


def _match(pattern: Term, term: Term, free: tuple[Term, ...]) -> tuple[Term, ...] | None:
    """Values of the universal indices that turn the pattern, an atom, into the term."""
    if pattern.op != term.op or pattern.op not in ("arr", "sym"):
        return None
    if pattern.args[:2] != term.args[:2] or len(pattern.args) != len(term.args):
        return None
    mapping = {a: b for a, b in zip(pattern.terms, term.terms, strict=True) if a in free}
    if replace(pattern, mapping) != term or set(free) - set(mapping):
        return None
    return tuple(mapping[i] for i in free)


def _common(poly: Poly) -> tuple[Term, Poly]:
    """A positive common factor, and the polynomial divided by it."""
    atoms = sorted({b for m in poly for b, _ in m if sign(b) == 2})
    lowest = {b: min(dict(m).get(b, 0) for m in poly) for b in atoms}
    factor = tuple((b, e) for b, e in lowest.items() if e)
    inverse = {tuple((b, -e) for b, e in factor): 1}
    return monomial_term(factor), times(poly, inverse)
