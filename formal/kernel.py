"""The proof kernel: what a certificate is checked against, and nothing else.

A `Derivation` starts from a claim and grows by steps. A step names a rule and a term; the kernel
itself computes the other side, checks the side condition, and keeps the equation. Equations hold
for every value of their universal indices (``#n``), so they may be used below binders. An
equation that uses a hypothesis is never used below a derivative. An equality is proved when the
equations turn left - right into a term that passes the field test; an inequality when they do so
for greater - smaller - displayed, where the displayed term is nonnegative by its shape.

Trusted: this file, `proof_terms`, `proof_sign`, `proof_field` and `proof_calculus`. The prover
is not, and is not imported.

======= ======================================================== =============================
rule    content                                                  side condition
======= ======================================================== =============================
lin     Sum f = sum_m c_m Sum g_m                                f = sum_m c_m g_m; c_m free of
                                                                 the index
kron    Sum_i delta(i, k) g(i) = g(k)                            k in the range of i
fubini  two orders of a nested sum of products are equal         the same summand
delta   delta(a, b) X = delta(a, b) X[a := b]
log     ln(prod a_m^n_m exp(r)) = sum n_m ln a_m + r             every a_m positive
pow     a^x = exp(x ln a)                                        a positive
explog  exp(r + n ln a) = a^n exp(r)                             a positive, n a number
diff    Derivative(e, x) = the kernel's own derivative
axiom   a hypothesis, at any value of its universal indices
unfold  the definition of a nonnegative name                     those that make it nonnegative
field   two terms are equal as rational functions of atoms       denominators nonzero
======= ======================================================== =============================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product as combinations
from typing import Any, NamedTuple

from formal.proof_calculus import derivative
from formal.proof_field import as_constant, divides, is_zero, polynomial, to_term, vanishes
from formal.proof_sign import sign
from formal.proof_terms import (
    BINDERS,
    MINUS_ONE,
    NAMES,
    ONE,
    ProofError,
    Term,
    abstract,
    add,
    exp,
    generic,
    instantiate,
    is_universal,
    mul,
    number,
    opened,
    power,
    rebuild,
    replace,
    subterms,
    subtract,
)

MAX_REWRITES = 20_000


class Relation(NamedTuple):
    """A relation of two terms: ``Eq``, ``Le``, ``Lt`` or ``Ne``."""

    kind: str
    left: Term
    right: Term


class Claim(NamedTuple):
    """A relation to prove and the hypotheses it may use."""

    relation: Relation
    hypotheses: tuple[Relation, ...] = ()


class Condition(NamedTuple):
    """A term has to be ``positive``, ``nonnegative`` or ``nonzero``."""

    kind: str
    term: Term


class Equation(NamedTuple):
    """A proved equation and the hypotheses it rests on."""

    after: Term
    axioms: frozenset[int]


@dataclass
class Derivation:
    """Equations proved so far for one claim; only `step` adds to them."""

    claim: Claim
    equations: dict[Term, Equation] = field(default_factory=dict)
    conditions: dict[Condition, None] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    applied: set[Term] = field(default_factory=set)

    def __post_init__(self) -> None:
        for term in (self.claim.relation.left, self.claim.relation.right):
            for condition in obligations(term):
                if not self.discharges(condition):
                    self.conditions[condition] = None

    def step(self, rule: str, before: Term, *data: Any) -> Term:
        """Prove ``before = after`` by a rule, keep it, and return ``after``.

        Raises:
            ProofError: The rule is unknown or its side condition does not hold.
        """
        if rule not in RULES:
            raise ProofError(f"there is no rule '{rule}'")
        after, axioms = RULES[rule](self, before, *data)
        if before.loose or after.loose:
            raise ProofError("a step may not have an index without its binder")
        for condition in obligations(after):
            self.require(condition)
        self.equations[before] = Equation(after, frozenset(axioms))
        return after

    def proves(self, displayed: Term | None = None) -> bool:
        """Whether the equations settle the claim; `displayed` is the nonnegative term.

        Raises:
            ProofError: The claim is not defined, or `displayed` is not acceptable.
        """
        kind, left, right = self.claim.relation
        for condition in self.conditions:
            self._refuse_impossible(condition)
        if (displayed is None) != (kind == "Eq"):
            raise ProofError("an inequality, and nothing else, needs a displayed term")
        if displayed is None:
            return is_zero(self.rewritten(subtract(left, right)))
        self._check_displayed(displayed, strict=kind == "Lt")
        return is_zero(self.rewritten(subtract(subtract(right, left), displayed)))

    def rewritten(self, term: Term) -> Term:
        """The term with all equations applied, bottom-up, everywhere they may be."""

        def known(term: Term, pure: bool) -> Term | None:
            equation = self.equations.get(term)
            if equation is None or (pure and equation.axioms):
                return None
            self.used |= equation.axioms
            self.applied.add(term)
            return equation.after

        return rewrite(term, known)

    def discharges(self, condition: Condition) -> bool:
        """Whether a condition follows from shapes and hypotheses."""
        kind, term = condition
        value = sign(term)
        if {"positive": value == 2, "nonnegative": value >= 1, "nonzero": abs(value) == 2}[kind]:
            return True
        if term.op == "mul":
            return all(self.discharges(Condition(kind, part)) for part in term.terms)
        if term.op == "pow" and kind != "nonnegative":
            return self.discharges(Condition(kind, term.terms[0]))
        return any(self._grants(n, condition) for n in range(len(self.claim.hypotheses)))

    def require(self, condition: Condition) -> None:
        """Accept a condition that is discharged, or that the claim itself needs.

        Raises:
            ProofError: It is neither.
        """
        if not (self.discharges(condition) or self._is_printed(condition)):
            raise ProofError(f"a step needs that a term is {condition.kind}: {condition.term}")

    def hypothesis(self, position: int, indices: tuple[Term, ...]) -> Relation:
        """A hypothesis at given values of its universal indices, in the order of `universals`.

        Raises:
            ProofError: There is no such hypothesis, or an index leaves its range.
        """
        if not 0 <= position < len(self.claim.hypotheses):
            raise ProofError(f"there is no hypothesis {position}")
        relation = self.claim.hypotheses[position]
        free = universals(relation)
        if len(free) != len(indices) or not all(map(_within, indices, free)):
            raise ProofError(f"hypothesis {position} is used outside the range of its indices")
        mapping = dict(zip(free, indices, strict=True))
        return Relation(relation.kind, *(replace(side, mapping) for side in relation[1:]))

    def _grants(self, position: int, condition: Condition) -> bool:
        relation = self.claim.hypotheses[position]
        granting = {"positive": ("Lt",), "nonnegative": ("Lt", "Le"), "nonzero": ("Lt", "Ne")}
        if relation.kind not in granting[condition.kind]:
            return False
        for indices in combinations(sorted(condition.term.indices), repeat=len(universals(relation))):
            try:
                kind, left, right = self.hypothesis(position, indices)
            except ProofError:
                continue
            signs = (1, -1) if condition.kind == "nonzero" else (1,)
            difference = subtract(right, left)
            if any(is_zero(subtract(condition.term, mul(number(s), difference))) for s in signs):
                self.used.add(position)
                return True
        return False

    def _is_printed(self, condition: Condition) -> bool:
        """Whether the claim is only defined where the condition holds."""
        kind, term = condition
        for known, other in self.conditions:
            strong_enough = known in (kind, "positive")
            if strong_enough and generic(term) == generic(other):
                return True
            if kind == "nonzero" and known != "nonnegative" and divides(term, self.rewritten(other)):
                return True
            if strong_enough and is_zero(subtract(term, self.rewritten(other))):
                return True
        return False

    def _refuse_impossible(self, condition: Condition) -> None:
        poly = polynomial(self.rewritten(condition.term))
        value = as_constant(poly)
        impossible = {"positive": value is not None and value <= 0, "nonzero": value == 0}
        if impossible.get(condition.kind, value is not None and value < 0) or (
            condition.kind != "nonnegative" and vanishes(poly)
        ):
            raise ProofError(f"the claim is not defined: a term is not {condition.kind}: {condition.term}")

    def _check_displayed(self, displayed: Term, strict: bool) -> None:
        if sign(displayed) < (2 if strict else 1):
            raise ProofError("the displayed term is not nonnegative (or positive) by its shape")
        for condition in obligations(displayed):
            self.require(condition)
        for term in subterms(displayed):
            if term.op in NAMES:
                self.used |= set(_unfold(self, term)[1])


def rewrite(term: Term, known: Callable[[Term, bool], Term | None]) -> Term:
    """Apply ``known(term, pure)`` bottom-up until nothing changes.

    `pure` is true below a derivative, where only equations without hypotheses may be used:
    they hold nearby as well, hypotheses only at the point.

    Raises:
        ProofError: More than `MAX_REWRITES` applications.
    """
    memo: dict[tuple[Term, bool], Term] = {}
    count = 0

    def visit(term: Term, pure: bool) -> Term:
        nonlocal count
        key = (term, pure)
        if key not in memo:
            inner = term
            if term.op not in NAMES:  # a name is nonnegative as it stands, so it goes first
                inner = _with_parts(term, lambda part: visit(part, pure or term.op == "diff"))
            after = known(inner, pure)
            if after is None or after == inner:
                memo[key] = inner
            else:
                count += 1
                if count > MAX_REWRITES:
                    raise ProofError("rewriting does not come to an end")
                memo[key] = visit(after, pure)
        return memo[key]

    return visit(term, False)


def _with_parts(term: Term, change: Callable[[Term], Term]) -> Term:
    if term.op in BINDERS:
        index, body = opened(term)
        return Term(term.op, *term.args[:2], abstract(change(body), index))
    if term.op == "diff":
        return Term("diff", change(term.terms[0]), term.terms[1])
    return rebuild(term, [change(part) for part in term.terms])


def obligations(term: Term) -> Iterator[Condition]:
    """What has to hold for the term to be defined, at every value of its indices."""
    for part in subterms(term):
        if part.op in ("log", "gap"):
            yield Condition("positive", part.terms[0])
        if part.op == "pow":
            base, exponent = part.terms
            if exponent.op != "num":
                yield Condition("positive", base)
            elif exponent.value.denominator > 1:
                yield Condition("nonnegative" if exponent.value > 0 else "positive", base)
            elif exponent.value < 0:
                yield Condition("nonzero", base)
        if part.op == "diff":  # a root has to be differentiable, not only defined
            for inner in subterms(part.terms[0]):
                if inner.op == "pow" and (e := inner.terms[1]).op == "num":
                    if e.value.denominator > 1:
                        yield Condition("positive", inner.terms[0])


def universals(relation: Relation) -> tuple[Term, ...]:
    """The universal indices of a hypothesis, sorted."""
    free = relation.left.indices | relation.right.indices
    return tuple(sorted(index for index in free if is_universal(index)))


def _within(index: Any, bounds: Term) -> bool:
    """Whether an index always lies in the range of another."""
    if not isinstance(index, Term) or index.op != "idx":
        return False
    return index.args[2] == bounds.args[2] and index.args[1] >= bounds.args[1]  # type: ignore


def _need(holds: bool, why: str) -> None:
    if not holds:
        raise ProofError(why)


def _equal(left: Term, right: Term, why: str) -> None:
    _need(is_zero(subtract(left, right)), why)


Conclusion = tuple[Term, tuple[int, ...] | frozenset[int]]


def _lin(_: Derivation, before: Term, *pairs: tuple[Term, Term]) -> Conclusion:
    _need(before.op == "sum", "lin needs a sum")
    factors, summands = [c for c, _ in pairs], [g for _, g in pairs]
    index, body = opened(before, *factors, *summands)
    _need(all(c.loose == 0 for c in factors), "a factor contains the index of the sum")
    parts = (mul(c, instantiate(g, index)) for c, g in pairs)
    _equal(body, add(*parts), "the summand is not the given combination")
    return add(*(mul(c, total(before, g)) for c, g in pairs)), ()


def total(binder: Term, body: Term) -> Term:
    """The sum of a body over the range of a binder; of 1, the number of its values."""
    low, high = binder.args[:2]
    if body != ONE:
        return Term("sum", low, high, body)
    _need(low in (1, 2), "only sums from 1 or 2 are counted")
    count = number(high) if isinstance(high, int) else Term("size", high)
    _need(not isinstance(high, int) or high >= low - 1, "the range runs backwards")  # type: ignore
    return add(count, number(1 - int(low)))  # type: ignore[arg-type]


def _kron(_: Derivation, before: Term, at: Term, summand: Term) -> Conclusion:
    _need(before.op == "sum", "kron needs a sum")
    index, body = opened(before, at, summand)
    _need(at.loose == 0 and _within(at, index), "the index of the delta leaves the range of the sum")
    given = mul(Term("delta", *sorted((index, at))), instantiate(summand, index))
    _equal(body, given, "the summand is not delta times the given term")
    return instantiate(summand, at), ()


def _fubini(_: Derivation, before: Term, after: Term, order: tuple[int, ...]) -> Conclusion:
    avoid = (before, after)
    left, left_body = flattened(before, avoid)
    right, right_body = flattened(after, avoid)
    _need(sorted(order) == list(range(len(left))) and len(left) == len(right), "not a reordering")
    mapping = {right[n]: left[m] for m, n in enumerate(order)}
    _need(all(a.args[1:] == b.args[1:] for a, b in mapping.items()), "ranges differ")
    _equal(left_body, replace(right_body, mapping), "the summands differ")
    return after, ()


def flattened(term: Term, avoid: tuple[Term, ...] = ()) -> tuple[list[Term], Term]:
    """Indices and summand of a product of nested sums, multiplied out into one multiple sum."""
    indices: list[Term] = []

    def factors(term: Term) -> Term:
        exponent = term.terms[1] if term.op == "pow" else ONE
        if term.op == "sum":
            index, body = opened(term, *avoid, *indices)
            indices.append(index)
            return factors(body)
        if term.op == "mul":
            return mul(*map(factors, term.terms))
        if term.op == "pow" and exponent.op == "num" and exponent.value in range(2, 7):
            return mul(*(factors(term.terms[0]) for _ in range(int(exponent.value))))
        return term

    return indices, factors(term)


def _delta(_: Derivation, before: Term, after: Term, left: Term, right: Term) -> Conclusion:
    _need(left.op == right.op == "idx" and left != right, "delta needs two indices")
    key = Term("delta", *sorted((left, right)))
    with_delta: dict = {}
    for monomial, coefficient in polynomial(subtract(before, after)).items():
        rest = tuple(pair for pair in monomial if pair[0] != key)
        _need(len(rest) < len(monomial), "a difference is not multiplied by the delta")
        with_delta[rest] = with_delta.get(rest, 0) + coefficient
    difference = to_term({m: c for m, c in with_delta.items() if c})
    _need(is_zero(replace(difference, {left: right})), "the terms differ where the indices agree")
    return after, ()


def _log(proof: Derivation, before: Term, rest: Term, *pairs: tuple[Term, Term]) -> Conclusion:
    _need(before.op == "log", "log needs a logarithm")
    for exponent, base in pairs:
        _need(exponent.op == "num", "exponents in a logarithm must be numbers")
        proof.require(Condition("positive", base))
    given = mul(exp(rest), *(power(a, n) for n, a in pairs))
    _equal(before.terms[0], given, "the argument of the logarithm is not the given product")
    return add(rest, *(mul(n, Term("log", a)) for n, a in pairs)), ()


def _pow(proof: Derivation, before: Term) -> Conclusion:
    _need(before.op == "pow", "pow needs a power")
    base, exponent = before.terms
    proof.require(Condition("positive", base))
    return exp(mul(exponent, Term("log", base))), ()


def _explog(proof: Derivation, before: Term, exponent: Term, base: Term, rest: Term) -> Conclusion:
    _need(before.op == "exp" and exponent.op == "num", "explog needs an exponential")
    proof.require(Condition("positive", base))
    given = add(rest, mul(exponent, Term("log", base)))
    _equal(before.terms[0], given, "the exponent is not the given sum")
    return mul(power(base, exponent), exp(rest)), ()


def _diff(_: Derivation, before: Term) -> Conclusion:
    _need(before.op == "diff", "diff needs a derivative")
    return derivative(*before.terms), ()


def _axiom(
    proof: Derivation, before: Term, after: Term, position: int, factor: Term, *indices: Term
) -> Conclusion:
    kind, left, right = proof.hypothesis(position, indices)
    _need(kind == "Eq", "only an equality can be used as an equation")
    _need(factor.op == "num" and factor.value != 0, "the factor must be a number other than 0")
    difference = mul(factor, proof.rewritten(subtract(left, right)))
    _equal(subtract(before, after), difference, "the hypothesis says something else")
    return after, (position,)


def _field(_: Derivation, before: Term, after: Term) -> Conclusion:
    _equal(before, after, "the terms are not equal as rational functions")
    return after, ()


def _unfold(proof: Derivation, before: Term) -> Conclusion:
    """The definition of a name; its side condition is what makes the name nonnegative."""
    match before.op, before.args:
        case "gap", (Term() as x,):
            proof.require(Condition("positive", x))
            return add(x, MINUS_ONE, mul(MINUS_ONE, Term("log", x))), ()
        case "above", (Term() as whole, Term() as at):
            _need(whole.op == "sum" and sign(opened(whole)[1]) >= 1, "a summand may be negative")
            return subtract(whole, _entry(whole, at)), ()
        case "apart", (Term() as left, Term() as right):
            return subtract(ONE, Term("delta", *sorted((left, right)))), ()
        case "rise", (Term() as x,):
            _need(sign(x) >= 1, "the exponent may be negative")
            return subtract(exp(x), ONE), ()
        case "slack", (int() as position, *indices):
            kind, left, right = proof.hypothesis(position, tuple(indices))  # type: ignore[arg-type]
            _need(kind in ("Le", "Lt"), "the hypothesis is not an inequality")
            return subtract(right, left), (position,)
    raise ProofError("unfold needs a nonnegative name")


def _entry(binder: Term, at: Term) -> Term:
    index, _ = opened(binder)
    _need(_within(at, index), "the index leaves the range")
    body = binder.args[2]
    assert isinstance(body, Term)
    return instantiate(body, at)


RULES: dict[str, Callable[..., Conclusion]] = {
    "lin": _lin,
    "kron": _kron,
    "fubini": _fubini,
    "delta": _delta,
    "log": _log,
    "pow": _pow,
    "explog": _explog,
    "diff": _diff,
    "axiom": _axiom,
    "field": _field,
    "unfold": _unfold,
}
