"""The proof kernel: what a certificate is checked against, and nothing else.

A `Derivation` starts from a claim and grows by steps. A step names a rule and a term; the kernel
itself computes the other side, checks the side condition, and keeps the equation. Equations hold
for every value of their universal indices (``#n``), so they may be used below binders. An
equation that uses a hypothesis is never used below a derivative. An equality is proved when the
equations turn left - right into a term that passes the field test; an inequality when they do so
for greater - smaller - displayed, where the displayed term is nonnegative by its shape.

Trusted: this file, `rules`, `angles`, `names`, `conditions`, `terms`, `sign`, `field`,
`calculus`, `strings`, and, for what the words of a claim mean, `encoding` and `symbols`. The
prover is not, and is not imported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product as combinations
from typing import Any, NamedTuple

from formal.proof.conditions import Condition, Relation, obligations, within
from formal.proof.field import (
    as_constant,
    divides,
    is_zero,
    monomial_term,
    polynomial,
    to_term,
    vanishes,
)
from formal.proof.names import unfolded
from formal.proof.rules import RULES
from formal.proof.sign import sign
from formal.proof.strings import dominated, infinite_sums
from formal.proof.terms import (
    BINDERS,
    NAMES,
    ONE,
    ProofError,
    Term,
    abstract,
    add,
    body_of,
    generic,
    instantiate,
    is_universal,
    mul,
    number,
    opened,
    rebuild,
    replace,
    substitute,
    subterms,
    subtract,
)

MAX_OPEN = 250


class Claim(NamedTuple):
    """A relation to prove and the hypotheses it may use."""

    relation: Relation
    hypotheses: tuple[Relation, ...] = ()


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
    assumed: dict[Condition, None] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    applied: set[Term] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Record what the claim needs to be defined."""
        for term in (self.claim.relation.left, self.claim.relation.right):
            for condition in obligations(term):
                if is_evident(condition):
                    continue
                if condition.kind != "convergent" and self.discharges(condition):
                    self.assumed[condition] = None
                else:
                    _refuse_in_integrals(condition)
                    self.conditions[condition] = None
        sums = (c for c in self.conditions if c.kind == "convergent")
        for condition in sorted(sums, key=lambda c: -c.term.size):  # the simplest are kept
            del self.conditions[condition]
            if not self.discharges(condition):
                self.conditions[condition] = None

    def step(self, rule: str, before: Term, *data: Any) -> Term:
        """Prove ``before = after`` by a rule, keep it, and return ``after``.

        Raises:
            ProofError: The rule is unknown or its side condition does not hold.
        """
        if rule not in RULES:
            raise ProofError(f"there is no rule '{rule}'")
        try:
            after, axioms = RULES[rule](self, before, *data)
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            raise ProofError(f"the data of a step do not fit its rule '{rule}'") from error
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
        if kind not in ("Eq", "Le", "Lt"):
            raise ProofError(f"a relation of the kind {kind} is assumed, not proved")
        for condition in self.conditions:
            self._refuse_impossible(condition)
        if (displayed is None) != (kind == "Eq"):
            raise ProofError("an inequality, and nothing else, needs a displayed term")
        if displayed is None:
            return is_zero(self.rewritten(subtract(left, right)))
        self._check_displayed(displayed, strict=kind == "Lt")
        return is_zero(self.rewritten(subtract(subtract(right, left), displayed)))

    def rewritten(self, term: Term, axioms: set[int] | None = None) -> Term:
        """The term with all equations applied, bottom-up, everywhere they may be.

        The hypotheses that these rest on are added to `axioms`.
        """
        resting: set[int] = set() if axioms is None else axioms

        def known(term: Term, pure: bool) -> Term | None:
            equation = self.equations.get(term)
            if equation is None or (pure and equation.axioms):
                return None
            self.used |= equation.axioms
            resting.update(equation.axioms)
            self.applied.add(term)
            return equation.after

        return rewrite(term, known)

    def discharges(self, condition: Condition) -> bool:
        """Whether a condition follows from shapes and hypotheses."""
        kind, term = condition
        if kind == "convergent":
            return self._inherits(term)
        if kind == "supported":
            return self._supports(*term.terms)
        if is_evident(condition):
            return True
        if term.op == "mul":
            return all(self.discharges(Condition(kind, part)) for part in term.terms)
        if term.op == "add" and (self._adds_up(kind, term.terms) or _is_counted(condition)):
            return True
        if term.op == "pow" and kind != "nonnegative":
            base, exponent = term.terms
            even = exponent.op == "num" and exponent.value % 2 == 0
            return self.discharges(Condition("nonzero" if even else kind, base))
        return any(self._grants(n, condition) for n in range(len(self.claim.hypotheses)))

    def holds(self, condition: Condition) -> bool:
        """Whether a condition is discharged, or the claim is defined only where it holds."""
        return self.discharges(condition) or self._is_printed(condition)

    def require(self, condition: Condition) -> None:
        """Accept a condition that is discharged, or that the claim itself needs.

        Raises:
            ProofError: It is neither.
        """
        if not self.holds(condition):
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
        if len(free) != len(indices) or not all(map(within, indices, free)):
            raise ProofError(f"hypothesis {position} is used outside the range of its indices")
        mapping = dict(zip(free, indices, strict=True))
        return Relation(relation.kind, *(replace(side, mapping) for side in relation[1:]))

    def _adds_up(self, kind: str, terms: tuple[Term, ...]) -> bool:
        """Whether terms are nonnegative and, unless that is enough, one of them positive."""
        if not all(self.discharges(Condition("nonnegative", term)) for term in terms):
            return False
        positive = (self.discharges(Condition("positive", term)) for term in terms)
        return kind == "nonnegative" or any(positive)

    def _supports(self, x: Term, y: Term) -> bool:
        """Whether y is positive wherever x is not zero and y is defined."""
        if self.discharges(Condition("positive", y)):
            return True
        if y.op == "mul":
            return all(self._supports(x, part) for part in y.terms)
        if y.op == "pow" and y.terms[1].op == "num":
            reciprocal = y.terms[1].value < 0 and Condition("nonnegative", y.terms[0])
            return bool(reciprocal and self.discharges(reciprocal)) or self._supports(
                x, y.terms[0]
            )
        if not self.discharges(Condition("nonnegative", y)):
            return False
        if divides(y, x):
            return True
        summands = polynomial(x)
        if len(summands) > 1:
            return all(self._supports(monomial_term(m), y) for m in summands)
        if y.op == "add" and all(self.discharges(Condition("nonnegative", t)) for t in y.terms):
            return any(self._supports(x, part) for part in y.terms)
        if y.op == "sum" and sign(opened(y)[1]) >= 1:
            places = (at for at in sorted(x.indices) if within(at, opened(y)[0]))
            return any(self._supports(x, instantiate(body_of(y), at)) for at in places)
        return False

    def _grants(self, position: int, condition: Condition) -> bool:
        relation = self.claim.hypotheses[position]
        granting = {"positive": ("Lt",), "nonnegative": ("Lt", "Le"), "nonzero": ("Lt", "Ne")}
        if relation.kind not in granting[condition.kind]:
            return False
        for indices in combinations(
            sorted(condition.term.indices), repeat=len(universals(relation))
        ):
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

    def _inherits(self, term: Term) -> bool:
        """Whether a sum over strings converges because hypotheses speak of some that do."""
        known = {
            position: [s for side in relation[1:] for s in infinite_sums(side)]
            for position, relation in enumerate(self.claim.hypotheses)
        }
        given = [t for kind, t in self.conditions if kind == "convergent"]
        if not dominated(term, given + sum(known.values(), [])):
            return False
        for position in sorted(known, reverse=True):  # those that are not needed are not used
            others = [s for other, sums in known.items() if other != position for s in sums]
            if dominated(term, given + others):
                del known[position]
        self.used |= set(known)
        return True

    def _is_printed(self, condition: Condition) -> bool:
        """Whether the claim is only defined where the condition holds, or says so itself."""
        kind, term = condition
        for known, other in (*self.conditions, *self.assumed):
            if known in ("convergent", "supported") or kind in ("convergent", "supported"):
                if (known, generic(other)) == (kind, generic(term)):
                    return True
                continue
            strong_enough = known in (kind, "positive")
            if strong_enough and generic(term) == generic(other):
                return True
            if (
                kind == "nonzero"
                and known != "nonnegative"
                and divides(term, self.rewritten(other))
            ):
                return True
            if strong_enough and is_zero(subtract(term, self.rewritten(other))):
                return True
        return False

    def _refuse_impossible(self, condition: Condition) -> None:
        if condition.kind == "convergent":
            return  # a sum that diverges is not known to
        if condition.kind == "supported":
            x, y = condition.term.terms
            if abs(sign(x)) == 2:
                self._refuse_impossible(Condition("positive", y))
            return
        poly = polynomial(self.rewritten(condition.term))
        value = as_constant(poly)
        impossible = {"positive": value is not None and value <= 0, "nonzero": value == 0}
        at_most = {"positive": -1, "nonnegative": -2}.get(condition.kind, -3)
        if (
            impossible.get(condition.kind, value is not None and value < 0)
            or sign(to_term(poly)) <= at_most
            or (condition.kind != "nonnegative" and vanishes(poly))
        ):
            raise ProofError(
                f"the claim is not defined: a term is not {condition.kind}: {condition.term}"
            )

    def _check_displayed(self, displayed: Term, strict: bool) -> None:
        if sign(displayed) < (2 if strict else 1):
            raise ProofError("the displayed term is not nonnegative (or positive) by its shape")
        relation = self.claim.relation
        for index in displayed.indices - relation.left.indices - relation.right.indices:
            if index.args[1] != 1:
                raise ProofError("the displayed term has an index of which there may be none")
        for condition in obligations(displayed):
            self.require(condition)
        for term in subterms(displayed):
            if term.op in NAMES:
                self.used |= set(unfolded(self, term)[1])


def rewrite(term: Term, known: Callable[[Term, bool], Term | None]) -> Term:
    """Apply ``known(term, pure)`` bottom-up until nothing changes.

    `pure` is true below a derivative, where only equations without hypotheses may be used:
    they hold nearby as well, hypotheses only at the point. A `ProofError` if it goes in a circle.
    """
    memo: dict[tuple[Term, bool], Term] = {}
    open_terms: set[tuple[Term, bool]] = set()

    def visit(term: Term, pure: bool) -> Term:
        key = (term, pure)
        if key not in memo:
            if key in open_terms or len(open_terms) > MAX_OPEN:
                raise ProofError("rewriting does not come to an end")
            open_terms.add(key)
            inner = term
            if term.op not in NAMES:  # a name is nonnegative as it stands, so it goes first
                inner = _with_parts(term, lambda part: visit(part, pure or term.op == "diff"))
            after = known(inner, pure)
            memo[key] = inner if after is None or after == inner else visit(after, pure)
            open_terms.remove(key)
        return memo[key]

    return visit(term, False)


def _with_parts(term: Term, change: Callable[[Term], Term]) -> Term:
    if term.op in BINDERS:
        index, body = opened(term)
        bounds = (change(a) if isinstance(a, Term) else a for a in term.args[:-1])
        return Term(term.op, *bounds, abstract(change(body), index))
    if term.op == "diff":
        return Term("diff", change(term.terms[0]), term.terms[1])
    return rebuild(term, [change(part) for part in term.terms])


def is_evident(condition: Condition) -> bool:
    """Whether the shape of a term alone shows its sign."""
    value = sign(condition.term)
    signs = {"positive": value == 2, "nonnegative": value >= 1, "nonzero": abs(value) == 2}
    return signs.get(condition.kind, False)


def _is_counted(condition: Condition) -> bool:
    """Whether a term has its sign because every size is one plus what is not negative."""
    sizes = sorted({part for part in subterms(condition.term) if part.op == "size"})
    term = condition.term
    for size in sizes:
        more = Term("sym", f"@{size.args[0]}", "nonnegative")  # a name that nobody can have
        term = substitute(term, size, add(ONE, more))
    return bool(sizes) and is_evident(Condition(condition.kind, to_term(polynomial(term))))


def _refuse_in_integrals(condition: Condition) -> None:
    """What is not known for every value of a variable of integration is not just assumed."""
    if any(index.op == "sym" for index in condition.term.indices):
        raise ProofError(
            f"an integrand is not known to be defined everywhere: is it {condition.kind}? "
            f"{condition.term}"
        )


def universals(relation: Relation) -> tuple[Term, ...]:
    """The universal indices of a hypothesis, sorted."""
    free = relation.left.indices | relation.right.indices
    return tuple(sorted(index for index in free if is_universal(index)))
