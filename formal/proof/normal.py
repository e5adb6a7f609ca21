"""The normal form: which steps the prover takes. Nothing here is trusted.

Derivatives go first, then terms are normalised bottom-up: logarithms of products are split,
exponentials of logarithms undone, denominators and arguments of logarithms factored, sums split
into monomials with everything free of the index pulled out, deltas contracted, and nested sums
brought into one order. Every change is a step of the kernel.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from formal.proof.conditions import Condition
from formal.proof.factor import divided_out, factored
from formal.proof.field import (
    Monomial,
    Number,
    Poly,
    as_constant,
    monomial_term,
    polynomial,
    to_term,
)
from formal.proof.integrals import claimed_primitives, quotient, simple_primitives
from formal.proof.kernel import Derivation, rewrite, universals
from formal.proof.rules import flattened
from formal.proof.strings import WORDS, is_infinite
from formal.proof.terms import (
    NAMES,
    ONE,
    ZERO,
    ProofError,
    Term,
    abstract,
    add,
    bind,
    exp,
    is_zero_or_one,
    mul,
    number,
    opened,
    power,
    rebuild,
    replace,
    subtract,
)
from formal.proof.turns import Turns, is_square_of_sine

MAX_TRIED = 5  # of so many nested sums all orders are tried
MAX_ORDERED = 12
MAX_DELTAS = 12


class Normaliser:
    """Rewrites terms to normal form in a derivation, adding the steps that it takes."""

    def __init__(self, proof: Derivation, deadline: float) -> None:
        """Start with the claim's hypotheses; the deadline is on `time.thread_time`."""
        self.deadline = deadline
        self.proof = proof
        self.steps: list[tuple] = []
        self.settled: set[Term] = set()
        self.ordered: set[Term] = set()
        self.patterns: list[tuple[int, Term, Term, Term]] = []
        self.turns = Turns(self.step)
        self.turns.read(proof.claim, self.normal, self.settled.clear)
        self._learn_hypotheses()

    def normal(self, term: Term) -> Term:
        """The normal form of a term."""
        return rewrite(term, self._known)

    def settle(self, term: Term) -> None:
        """Normalise a term, and let the indices of deltas agree in what they multiply."""
        for _ in range(MAX_DELTAS):
            term = self.normal(term)
            delta = _unsettled_delta(term)
            if delta is None:
                return
            left, right = delta.terms
            parts: list[Term] = []
            for monomial, coefficient in polynomial(term).items():
                rest = tuple(p for p in monomial if p[0] != delta)
                inner = monomial_term(rest, coefficient)
                settled = mul(delta, replace(inner, {left: right}))
                parts.append(inner if rest == monomial else settled)
            term = self.step("delta", term, add(*parts), left, right)

    def step(self, rule: str, before: Term, *data: object) -> Term:
        """Take a step and record it."""
        after = self.proof.step(rule, before, *data)
        self.steps.append((rule, before, after, data))
        return after

    def _known(self, term: Term, pure: bool) -> Term | None:
        if time.thread_time() > self.deadline:
            raise ProofError("no proof found within the time budget")
        equation = self.proof.equations.get(term)
        if equation is not None:
            return None if pure and equation.axioms else equation.after
        if term in self.settled:
            return None
        after = None if pure else self._by_hypothesis(term)
        after = after or self._by_shape(term)
        if after is None:
            self.settled.add(term) if not pure else None
        return after

    def _by_shape(self, term: Term) -> Term | None:
        if term.op in ("exp", "log", "pow", "xlogy") and (after := self._cases(term)) is not None:
            return after
        match term.op:
            case "diff":
                return self.step("diff", term)
            case op if op in NAMES:
                return self.step("unfold", term)
            case "log":
                return self._log(term)
            case "xlogy":
                return self._xlogy(term)
            case "exp":
                return self._exp(term)
            case "pow" if is_square_of_sine(term.terms[0], _whole(term.terms[1])):
                return self.turns.squared(term)
            case "pow":
                return self._pow(term)
            case "sin" | "cos":
                return self.turns.turned(term)
            case "add" | "mul":
                return self.turns.collected(term)
            case "sum":
                return self._sum(term)
            case "int":
                return self._integral(term)
        return None

    # Logarithms, exponentials, powers

    def _cases(self, term: Term) -> Term | None:
        """Two values of what a function of a sum may depend on: e^(x delta) is 1 or e^x."""
        inside = polynomial(term.terms[term.op == "xlogy"])
        single = term.op == "exp" or (term.op == "pow" and term.terms[1].op != "num")
        if not single and len(inside) < 2:
            return None
        value = as_constant(polynomial(term.terms[1])) if term.op == "pow" else None
        if value is not None and value >= 0:
            return None
        for which in sorted({b for m in inside for b, _ in m if is_zero_or_one(b)}):
            try:
                return self.step("cases", term, which)
            except ProofError:
                continue
        return None

    def _log(self, term: Term) -> Term | None:
        factors, rest = factored(polynomial(term.terms[0]))
        pairs = [(number(n), a) for a, n in factors.items() if self._is_positive(a)]
        kept = [(a, n) for a, n in factors.items() if not self._is_positive(a)]
        if kept:
            pairs.append((ONE, mul(*(power(a, number(n)) for a, n in kept))))
        if pairs == [(ONE, term.terms[0])] and rest == ZERO:
            return None
        try:
            return self.step("log", term, rest, *sorted(pairs))
        except ProofError:
            return None

    def _xlogy(self, term: Term) -> Term | None:
        factors, rest = factored(polynomial(term.terms[1]))
        try:
            return self.step(
                "xlogy", term, rest, *sorted((number(n), a) for a, n in factors.items())
            )
        except ProofError:
            return None

    def _is_positive(self, term: Term) -> bool:
        try:
            self.proof.require(Condition("positive", term))
        except ProofError:
            return False
        return True

    def _exp(self, term: Term) -> Term | None:
        inside = polynomial(term.terms[0])
        for monomial, coefficient in inside.items():
            if len(monomial) == 1 and monomial[0][0].op == "log" and monomial[0][1] == 1:
                base = monomial[0][0].terms[0]
                rest = to_term({m: c for m, c in inside.items() if m != monomial})
                return self.step("explog", term, number(coefficient), base, rest)
        return self._reshaped(term)

    def _pow(self, term: Term) -> Term | None:
        base, exponent = term.terms
        value = as_constant(polynomial(exponent))
        if value is None:
            try:
                return self.step("pow", term)
            except ProofError:
                return None
        if value < 0 or value.denominator > 1:
            poly = polynomial(base)
            if len(poly) > 1:
                factors, rest = factored(poly)
                after = mul(
                    *(power(a, number(n * value)) for a, n in factors.items()),
                    exp(mul(number(value), rest)),
                )
                if after != term:
                    try:
                        return self.step("field", term, after)
                    except ProofError:
                        return None
        return self._reshaped(term) if exponent.op != "num" else None

    def _reshaped(self, term: Term) -> Term | None:
        after = to_term(polynomial(term))
        return self.step("field", term, after) if after != term else None

    # Sums

    def _sum(self, term: Term) -> Term | None:
        index, body = opened(term)
        after, groups = self._split(term, index, body)
        if after is not None:
            return after
        if body == ONE:
            return self.step("lin", term, (ONE, ONE))
        (monomial,) = groups
        return (
            self._contracted(term, index, monomial)
            or self._gathered(term, index, body)
            or self._reordered(term)
        )

    def _split(
        self, term: Term, index: Term, body: Term
    ) -> tuple[Term | None, dict[Monomial, dict[Monomial, Number]]]:
        """A sum or an integral as a combination of such over single monomials."""
        groups: dict[Monomial, dict[Monomial, Number]] = {}
        for monomial, coefficient in divided_out(polynomial(body)).items():
            inner = tuple(p for p in monomial if index in p[0].indices)
            outer = tuple(p for p in monomial if index not in p[0].indices)
            groups.setdefault(inner, {})[outer] = coefficient
        summands = [(to_term(c), monomial_term(g)) for g, c in sorted(groups.items(), key=str)]
        if [(c, g) for c, g in summands] != [(ONE, body)]:
            pairs = [(c, abstract(g, index)) for c, g in summands]
            return self.step("lin", term, *sorted(pairs)), groups
        return None, groups

    # Integrals

    def _integral(self, term: Term) -> Term | None:
        variable, body = opened(term)
        claimed = claimed_primitives(self.proof.claim.relation, term, variable)
        for primitive in claimed if polynomial(body) else ():
            after = self._by_primitive(term, variable, primitive)
            if after is not None:
                return after
        for candidate in simple_primitives(body, variable) if polynomial(body) else ():
            try:
                slope = self.normal(Term("diff", candidate, variable))
            except ProofError:
                continue
            factor = quotient(polynomial(body), polynomial(slope))
            if factor is not None and variable not in factor.indices:
                after = self._by_primitive(term, variable, mul(factor, candidate))
                if after is not None:
                    return after
        return self._split(term, variable, body)[0]

    def _by_primitive(self, term: Term, variable: Term, primitive: Term) -> Term | None:
        try:
            self.normal(Term("diff", primitive, variable))
            return self.step("ftc", term, abstract(primitive, variable))
        except ProofError:
            return None

    def _gathered(self, term: Term, word: Term, body: Term) -> Term | None:
        """sum_w sum_t f(w t) as a sum over strings, less its first summand."""
        if term.args[1] != WORDS or not (body.op == "sum" and is_infinite(body)):
            return None
        string, inner = opened(body, word)
        try:
            return self.step("gather", term, abstract(without_word(inner, word, string), string))
        except ProofError:
            return None

    def _contracted(self, term: Term, index: Term, monomial: Monomial) -> Term | None:
        for base, _ in monomial:
            if base.op == "delta":
                (other,) = (t for t in base.terms if t != index)
                rest = monomial_term(tuple(p for p in monomial if p[0] != base))
                try:
                    return self.step("kron", term, other, abstract(rest, index))
                except ProofError:
                    continue
        return None

    def _reordered(self, term: Term) -> Term | None:
        if term in self.ordered:
            return None
        indices, body = flattened(term)
        if len(indices) < 2 or any(map(is_infinite, indices)):
            return None
        poly = polynomial(body)
        if len(indices) > MAX_ORDERED or len(poly) != 1:
            return None
        ((monomial, _),) = poly.items()
        if len(indices) > MAX_TRIED:
            color = colors(indices, poly)
            indices = sorted(indices, key=lambda index: color[index])
            best = next(self._nestings(tuple(indices), monomial))
        else:
            best = min(self._nestings(tuple(indices), monomial), key=self._rank)
        if best == term:
            return None
        order = self._matching(term, best)
        after = self.step("fubini", term, best, order) if order is not None else None
        self._settle(best)
        return after

    def _settle(self, term: Term) -> None:
        """Inner sums of a chosen nesting are not reordered again."""
        self.ordered.add(term)
        if term.op == "sum":
            self._settle(opened(term)[1])
        elif term.op in ("mul", "pow"):
            for part in term.terms:
                self._settle(part) if part.op in ("sum", "pow") else None

    def _rank(self, term: Term) -> tuple:
        return (-self._reducible(term), _sum_depth(term), term.text)

    def _reducible(self, term: Term) -> int:
        """How many sums in the term a hypothesis rewrites."""
        own = term.op == "sum" and any(self._instances(p, term) for p in self.patterns)
        body = (opened(term)[1],) if term.op == "sum" else term.terms
        return int(own) + sum(self._reducible(t) for t in body if t.op in ("sum", "mul", "pow"))

    def _nestings(self, indices: tuple[Term, ...], monomial: Monomial) -> Iterator[Term]:
        """The nested sums of one monomial over connected indices, one per choice of outermost."""
        for first in indices:
            rest = tuple(i for i in indices if i != first)
            own = tuple(p for p in monomial if not any(i in p[0].indices for i in rest))
            inner = tuple(p for p in monomial if p not in own)
            inside = (self._nestings(c, factors) for c, factors in _components(rest, inner))
            all_tried = len(indices) <= MAX_TRIED
            parts = [min(n, key=self._rank) if all_tried else next(n) for n in inside]
            body = polynomial(mul(monomial_term(own), *parts))
            yield bind("sum", first, to_term(body))

    def _matching(self, before: Term, after: Term) -> tuple[int, ...] | None:
        """How the indices of two equal multiple sums correspond."""
        left, left_body = flattened(before, (before, after))
        right, right_body = flattened(after, (before, after))
        wanted = polynomial(left_body)
        ours, theirs = colors(left, wanted), colors(right, polynomial(right_body))
        for order in _assignments([ours[i] for i in left], [theirs[i] for i in right]):
            mapping = {right[n]: left[m] for m, n in enumerate(order)}
            if polynomial(replace(right_body, mapping)) == wanted:
                return order
        return None

    # Hypotheses

    def _learn_hypotheses(self) -> None:
        """Orient every equality: a sum, an entry or a parameter is to be replaced by the rest."""
        for position, relation in enumerate(self.proof.claim.hypotheses):
            if relation.kind != "Eq":
                continue
            difference = self.normal(subtract(relation.left, relation.right))
            found = _leading(polynomial(difference), relation.left)
            if found is not None:
                atom, coefficient = found
                rest = subtract(atom, mul(number(Fraction(1) / coefficient), difference))
                self.patterns.append(
                    (position, atom, to_term(polynomial(rest)), number(Fraction(1) / coefficient))
                )
                self.settled.clear()

    def _by_hypothesis(self, term: Term) -> Term | None:
        for pattern in self.patterns:
            for indices, after in self._instances(pattern, term):
                if after == term:
                    continue
                try:
                    return self.step("axiom", term, after, pattern[0], pattern[3], *indices)
                except ProofError:
                    continue
        return None

    def _instances(self, pattern: tuple, term: Term) -> list[tuple[tuple[Term, ...], Term]]:
        position, atom, rest, _ = pattern
        free = universals(self.proof.claim.hypotheses[position])
        if atom.op != term.op or (atom.size != term.size and len(free) < 2):
            return []
        found = []
        for indices in product(sorted(term.indices), repeat=len(free)):
            mapping = dict(zip(free, indices, strict=True))
            if self._is_instance(replace(atom, mapping), term):
                found.append((indices, replace(rest, mapping)))
        return found

    def _is_instance(self, instance: Term, term: Term) -> bool:
        """Whether a pattern at some indices is the term, squares of equal factors collected."""
        if instance == term or instance.op != "sum" or term.op != "sum":
            return instance == term
        index, body = opened(instance)
        if body.op != "mul" or len(set(body.terms)) == len(body.terms):
            return False
        inner = abstract(to_term(polynomial(body)), index)
        if Term("sum", *instance.args[:2], inner) != term:
            return False
        self.step("lin", instance, (ONE, inner))
        return True


def _whole(exponent: Term) -> Number:
    """A number that an exponent is, or 0."""
    return exponent.value if exponent.op == "num" else 0


def without_word(term: Term, word: Term, string: Term) -> Term:
    """The term with the string in the place of the word and the string after it."""
    if term.op == "cat":
        letters, kept = list(term.terms), []
        while letters:
            letter = letters.pop(0)
            if not (letter == word and letters and letters[0] == string):
                kept.append(letter)
        return Term("cat", *kept)
    if word not in term.indices:
        return term
    return rebuild(term, [without_word(part, word, string) for part in term.terms])


def colors(indices: list[Term], poly: Poly) -> dict[Term, str]:
    """What can be said of each index without naming it: where it stands, and next to which."""
    factors = [(base, e) for monomial in poly for base, e in monomial]
    color = {index: str(index.args[1:]) for index in indices}
    for _ in indices:
        ranks = {c: n for n, c in enumerate(sorted(set(color.values())))}
        named = {i: Term("idx", f"={ranks[color[i]]}", *i.args[1:]) for i in indices}
        for index in list(color):
            own = named | {index: Term("idx", "=own", *index.args[1:])}
            around = (replace(b, own).text + str(e) for b, e in factors if index in b.indices)
            color[index] = f"{ranks[color[index]]:03} {sorted(around)}"
    return color


def _assignments(left: list[str], right: list[str]) -> Iterator[tuple[int, ...]]:
    """The ways to assign to each place on the left one of the same color on the right."""
    if not left:
        yield ()
        return
    for n, color in enumerate(right):
        if color == left[0]:
            for rest in _assignments(left[1:], [*right[:n], "", *right[n + 1 :]]):
                yield (n, *rest)


def _unsettled_delta(term: Term) -> Term | None:
    """A delta whose first index still occurs in what it multiplies."""
    for monomial in polynomial(term):
        for base, _ in monomial:
            if base.op == "delta":
                others = (b for b, _ in monomial if b != base)
                if any(base.terms[0] in other.indices for other in others):
                    return base
    return None


def _leading(poly: Poly, preferred: Term) -> tuple[Term, Fraction] | None:
    """The atom to solve a hypothesis for, and its coefficient."""
    ranks = {"sum": 0, "sin": 1, "cos": 1, "arr": 1, "sym": 2, "size": 3}
    candidates = []
    for monomial, coefficient in poly.items():
        if len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0].op in ranks:
            atom = monomial[0][0]
            others = (b for m in poly if m != monomial for b, _ in m)
            if not any(atom == b or atom.text in b.text for b in others):
                candidates.append((atom != preferred, ranks[atom.op], atom, Fraction(coefficient)))
    return min(candidates, key=lambda c: c[:3])[2:] if candidates else None


def _components(
    indices: tuple[Term, ...], monomial: Monomial
) -> Iterator[tuple[tuple[Term, ...], Monomial]]:
    """Indices that share a factor, directly or through others, with their factors."""
    rest = list(indices)
    while rest:
        group = {rest[0]}
        while True:
            touching = [p for p in monomial if p[0].indices & group]
            larger = group | {i for p in touching for i in p[0].indices if i in rest}
            if larger == group:
                break
            group = larger
        yield tuple(i for i in rest if i in group), tuple(touching)
        rest = [i for i in rest if i not in group]


def _sum_depth(term: Term) -> int:
    body = (opened(term)[1],) if term.op == "sum" else term.terms
    return (term.op == "sum") + max((_sum_depth(t) for t in body), default=0)
