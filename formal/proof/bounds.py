"""Inequalities: the search for a displayed nonnegative term. Nothing here is trusted.

To show R >= 0 the search looks for a term D that is nonnegative by its shape, so that R - D is
smaller; it ends when nothing is left, and the kernel then checks that R equals the sum of what was
displayed. What it knows:

======== ==================================================================
slack    sum w (greater - smaller) for a hypothesis, or at an extremum
above    a sum of nonnegative terms is at least each of them
square   Cauchy and Schwarz: half a double sum of squared differences
merge    squares around the ratio of two sums, where they are merged
gap      x - 1 >= ln x, with weights that make the first-order part vanish
rise     exp(y) >= 1 for y >= 0, summand by summand
factor   a square, or a product of such terms
root     M - z from M^2 - z^2, where M > 0
mean     an exponential of a mean is at most the mean of exponentials
unit     an entry of a vector of length one is at most one
gap0     the same as gap, weighted by what may be zero
circle   1 >= cos x, and the like
fold     |x| >= x, and bend: the triangle inequality
======== ==================================================================
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from formal.proof.circles import bounds_of_circles
from formal.proof.conditions import Condition, Relation
from formal.proof.factor import factored
from formal.proof.field import Poly, is_zero, monomial_term, polynomial, times, to_term
from formal.proof.kernel import Claim, Derivation, universals
from formal.proof.means import exponentials_of_means, gaps_of_crossed_laws, unit_rows
from formal.proof.merging import merged_squares
from formal.proof.normal import Normaliser
from formal.proof.outcomes import first_words, gaps_of_outcomes
from formal.proof.pairs import (
    gaps_of_pairs,
    slacks_of_pairs,
    slacks_of_products,
    spread_squares,
    weighted_means,
)
from formal.proof.roots import Known, pairs_of_roots, radicands, restored, rooted
from formal.proof.sample import looks_negative
from formal.proof.shapes import (
    above_at,
    above_summed,
    as_summand,
    common_factor,
    differences_squared,
    has_log,
    matching,
    single,
    spreads,
    summed_log,
    sums_squared,
    without,
)
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    ProofError,
    Term,
    add,
    bind,
    exp,
    mul,
    number,
    opened,
    power,
    subtract,
)
from formal.proof.zeros import absolutes, gaps_with_zeros

MAX_NESTING = 5
MAX_BRANCHES = 8
MAX_FACTORED = 10


class Search:
    """Looks for displayed terms below a claim's hypotheses, within a budget of seconds."""

    def __init__(self, claim: Claim, deadline: float) -> None:
        """Search until the deadline, on the clock of `time.thread_time`."""
        self.normaliser = Normaliser(Derivation(claim), deadline)
        self.claim = claim
        self.deadline = deadline
        self.failed: set[Term] = set()
        self.radicands: dict[Term, Term] = {}

    def found(self, term: Term) -> Term | None:
        """A nonnegative term equal to the given one, with roots as the claim has them."""
        self.radicands = radicands(self.claim.relation, self.normaliser)
        displayed = self.displayed(term)
        return None if displayed is None else restored(displayed, self.radicands)

    def displayed(self, term: Term, nesting: int = 0) -> Term | None:
        """A nonnegative term equal to the given one, or None."""
        rest = self._normal(term)
        if is_zero(rest):
            return ZERO
        if sign(rest) >= 1:
            return rest
        if rest in self.failed or nesting > MAX_NESTING or time.thread_time() > self.deadline:
            return None
        if looks_negative(rest, self.claim.hypotheses):
            return None
        common, inner = common_factor(polynomial(rest))
        found = self._factored(inner) or self._rooted(inner, nesting)
        found = found or self._reduced(inner, nesting)
        if found is None:
            self.failed.add(rest)
            return None
        return mul(common, found)

    def _reduced(self, rest: Poly, nesting: int) -> Term | None:
        """A candidate plus a nonnegative form of what it leaves; complete candidates first."""
        found = self._monotone(rest, nesting)
        if found is not None:
            return found
        left: list[tuple[tuple[bool, int], Term, Term]] = []
        for candidate in self._candidates(rest):
            if time.thread_time() > self.deadline:
                return None
            try:
                remainder = self._normal(subtract(to_term(rest), candidate))
            except ProofError:
                continue
            if sign(remainder) >= 1:
                return add(candidate, remainder)
            square = self._factored(polynomial(remainder)) if _is_short(remainder) else None
            if square is not None:
                return add(candidate, square)
            if looks_negative(remainder, self.claim.hypotheses):
                continue
            poly = polynomial(remainder)
            left.append(((any(map(has_log, poly)), len(poly)), candidate, remainder))
        for _, candidate, remainder in sorted(left, key=lambda entry: entry[0])[:MAX_BRANCHES]:
            found = self.displayed(remainder, nesting + 1)
            if found is not None:
                return add(candidate, found)
        return None

    def _normal(self, term: Term) -> Term:
        return to_term(polynomial(self.normaliser.normal(term)))

    def _rooted(self, rest: Poly, nesting: int) -> Term | None:
        displayed = lambda term: self.displayed(term, nesting + 1)  # noqa: E731
        known = Known(self._normal, self._is_positive, displayed, self.radicands)
        return rooted(rest, known)

    def _is_positive(self, term: Term) -> bool:
        condition = Condition("positive", restored(term, self.radicands))
        return sign(term) == 2 or self.normaliser.proof.discharges(condition)

    def _candidates(self, rest: Poly) -> Iterator[Term]:
        sums = self._known_sums(rest)
        sources = (
            gaps_of_pairs(rest, self.normaliser),
            slacks_of_pairs(rest, self._one_index_slacks()),
            slacks_of_products(rest, self.claim.hypotheses),
            weighted_means(rest, self.claim.hypotheses),
            self._slacks(rest),
            self._aboves(rest),
            differences_squared(rest, sums),
            sums_squared(rest, sums),
            spread_squares(rest, self.normaliser),
            merged_squares(rest),
            pairs_of_roots(rest),
            exponentials_of_means(rest),
            unit_rows(rest, self.claim.hypotheses),
            gaps_of_crossed_laws(rest, self.normaliser),
            self._rises(rest),
            self._gaps(rest),
            gaps_with_zeros(rest, self.normaliser),
            gaps_of_outcomes(rest, self.normaliser),
            first_words(rest),
            absolutes(rest),
            bounds_of_circles(rest),
        )
        for source in sources:
            try:
                yield from source
            except ProofError:
                continue

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
                outer = monomial_term(without(monomial, base), size)
                if base.op == "sum":
                    index, body = opened(base)
                    for factor, e in single(body):
                        indices = matching(side, factor, free)
                        if e == 1 and indices is not None:
                            inner = monomial_term(without(single(body), factor))
                            slack = Term("slack", position, *indices)
                            candidate = mul(outer, bind("sum", index, mul(inner, slack)))
                            if sign(candidate) >= 1:
                                yield candidate
                else:
                    indices = matching(side, base, free)
                    if indices is not None and sign(outer) >= 1:
                        yield mul(outer, Term("slack", position, *indices))

    def _one_index_slacks(self) -> list[tuple[int, Term]]:
        """Hypotheses f_i <= M or m <= f_i, and their f_i."""
        return [
            (position, side)
            for position, relation in enumerate(self.claim.hypotheses)
            for side in relation[1:]
            if relation.kind in ("Le", "Lt")
            and side.op == "arr"
            and side.terms == universals(relation)
        ]

    # above

    def _aboves(self, rest: Poly) -> Iterator[Term]:
        indices = sorted({i for m in rest for b, _ in m for i in b.indices})
        for whole in self._known_sums(rest):
            if sign(opened(whole)[1]) < 1:
                continue
            low, high, _ = whole.args
            for at in indices:
                if at.args[1] == low and at.args[2] == high:
                    yield from above_at(rest, whole, at)
            yield from above_summed(rest, whole)

    # rise

    def _monotone(self, rest: Poly, nesting: int) -> Term | None:
        """a - b = b (exp(ln a - ln b) - 1) for two positive terms with an exponential."""
        if len(rest) != 2 or not any(b.op == "exp" for m in rest for b, _ in m):
            return None
        (above, c), (below, d) = sorted(rest.items(), key=lambda term: -term[1])
        larger, smaller = monomial_term(above, c), monomial_term(below, -d)
        if d > 0 or sign(larger) != 2 or sign(smaller) != 2:
            return None
        exponent = subtract(Term("log", larger), Term("log", smaller))
        inner = self.displayed(exponent, nesting + 1)
        return None if inner is None else mul(smaller, Term("rise", inner))

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
        common, inner = common_factor(poly)
        over_one_denominator = to_term(polynomial(to_term(inner)))
        if sign(over_one_denominator) >= 1:
            return mul(common, over_one_denominator)
        for candidate in self._pointwise_rises(inner):
            if not polynomial(self._normal(subtract(to_term(inner), candidate))):
                return mul(common, candidate)
        return self._known_summand(common, inner)

    def _known_summand(self, common: Term, inner: Poly) -> Term | None:
        for candidate in (*self._slacks(inner), *self._aboves(inner)):
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
        common, rest = common_factor(polynomial(self._normal(term)))
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
            for spread in spreads(binder, index, body, rest, self.normaliser):
                for kept in (None, *sums):
                    parts = (
                        as_summand(m, c, binder, index, spread, kept) for m, c in rest.items()
                    )
                    yield index, self._normal(add(*parts))

    # gap

    def _gaps(self, rest: Poly) -> Iterator[Term]:
        logs = [(m, c) for m, c in rest.items() if has_log(m)]
        for monomial, coefficient in sorted(logs, key=lambda t: not summed_log(t[0])):
            for base, exponent in monomial:
                outer = monomial_term(without(monomial, base), abs(coefficient))
                if base.op == "log" and exponent == 1:
                    yield from self._closed_gaps(rest, outer, base)
                if base.op == "sum" and exponent == 1:
                    index, body = opened(base, *(b for m in rest for b, _ in m))
                    inner = tuple(p for p in single(body) if p[0].op != "log")
                    weight = mul(outer, monomial_term(inner))
                    if sign(weight) >= 1:
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
            if sign(body) >= 1:
                weight = mul(
                    scale, body, *([power(whole, MINUS_ONE)] if whole is argument else [])
                )
                yield from self._weighted_gaps(rest, whole, index, weight)
            if whole is argument:  # the uniform law
                count = self._normal(bind("sum", index, ONE))
                uniform = mul(scale, power(count, MINUS_ONE))
                yield from self._weighted_gaps(rest, whole, index, uniform)

    def _weighted_gaps(
        self, rest: Poly, binder: Term, index: Term, weight: Term
    ) -> Iterator[Term]:
        total = self._normal(bind("sum", index, weight))
        inverse = power(weight, MINUS_ONE)
        closed = mul(weight, power(total, MINUS_ONE))
        for keep in (lambda m: True, has_log):
            parts = [as_summand(m, c, binder, index, closed) for m, c in rest.items() if keep(m)]
            ratio = self._normal(mul(inverse, add(*parts)))
            x = exp(self._normal(mul(MINUS_ONE, ratio)))
            yield bind("sum", index, mul(weight, Term("gap", x)))


def _is_short(term: Term) -> bool:
    """Whether it is worth while to factor the term."""
    poly = polynomial(term)
    return len(poly) <= MAX_FACTORED and not any(map(has_log, poly))
