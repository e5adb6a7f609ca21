"""Conditions in Coq: why a term is positive, nonnegative or nonzero, as the kernel knows it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product as combinations

from formal.coq.names import NonnegativeNames
from formal.coq.script import universal_in
from formal.coq.signs import WORDS
from formal.coq.statement import conditions
from formal.coq.text import NotExported, Scope, named, scope_of
from formal.proof.conditions import Condition, Relation
from formal.proof.factor import quotient
from formal.proof.field import divides, is_zero, polynomial, to_term
from formal.proof.kernel import Derivation
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ProofError,
    Term,
    add,
    substitute,
    subterms,
    subtract,
)


class Conditions(NonnegativeNames):
    """A script with proofs of the conditions that steps need."""

    proof: Derivation

    def condition(self, kind: str, term: Term, scope: Scope) -> str:
        """A proof that a term is positive, nonnegative or nonzero.

        Raises:
            NotExported: The kernel may know it, but this file does not.
        """
        ways = self._discharged, self._by_statement, self._by_origin
        found = next((proof for way in ways if (proof := way(kind, term, scope))), None)
        if found is None:
            raise NotExported(f"no proof that a term is {kind}: {term.text[:80]}")
        return found

    def _discharged(self, kind: str, term: Term, scope: Scope) -> str | None:
        ways = self._by_sign, self._by_parts, self._by_hypothesis, self._by_counting
        found = (way(kind, term, scope) for way in ways)
        return next((proof for proof in found if proof is not None), None)

    def _by_sign(self, kind: str, term: Term, scope: Scope) -> str | None:
        value = sign(term)
        if kind == "nonzero" and abs(value) == 2:
            found, proof = self.sign(term, scope)
            return f"(ne_of_{WORDS[found]} _ {proof})"
        if (kind == "positive" and value == 2) or (kind == "nonnegative" and value >= 1):
            found, proof = self.sign(term, scope)
            return proof if kind == "positive" else self.weak(found, proof)[1]
        return None

    def _by_parts(self, kind: str, term: Term, scope: Scope) -> str | None:
        """A product by its factors, a power by its base, a sum by its terms."""
        if term.op == "add":
            return self._added(kind, term, scope)
        if term.op == "mul":
            proofs = [self._discharged(kind, t, scope) for t in term.terms]
            if None in proofs:
                return None
            word = {"positive": "mul_pos_pos", "nonnegative": "mul_nonneg_nonneg"}
            whole = str(proofs[0])
            for proof in proofs[1:]:
                whole = f"({word.get(kind, 'mul_ne')} _ _ {whole} {proof})"
            return whole
        if term.op == "pow" and kind != "nonnegative":
            return self._power_of_part(kind, term, scope)
        return None

    def _power_of_part(self, kind: str, term: Term, scope: Scope) -> str | None:
        base, exponent = term.terms
        whole = exponent.op == "num" and exponent.value.denominator == 1
        even = whole and exponent.value % 2 == 0
        known = "nonzero" if even else kind if whole else "positive"
        proof = self._discharged(known, base, scope)
        if proof is None:
            return None
        if not whole:
            power = f"(rpow_pos _ {self.text(exponent, scope)} {proof})"
            return power if kind == "positive" else f"(ne_of_pos _ {power})"
        n = int(exponent.value)
        if kind == "nonzero":
            power = proof if n == -1 else f"(pow_ne {abs(n)} _ {proof})"
            return power if n >= 0 else f"(Rinv_neq_0_compat _ {power})"
        power = proof if n == -1 else f"(pow_pos {abs(n)} _ {proof})"
        power = f"(pow_even_ne {abs(n) // 2} _ {proof})" if even else power
        return power if n >= 0 else f"(inv_pos _ {power})"

    def _added(self, kind: str, term: Term, scope: Scope) -> str | None:
        """A sum of nonnegative terms, one of them positive unless that is too much."""
        signs = []
        for part in term.terms:
            positive = kind != "nonnegative" and self._discharged("positive", part, scope)
            proof = positive or self._discharged("nonnegative", part, scope)
            if not proof:
                return None
            signs.append((2 if positive else 1, proof))
        value, proof = self.fold("add", signs)
        if value == 1 and kind != "nonnegative":
            return None
        return f"(ne_of_pos _ {proof})" if kind == "nonzero" else proof

    def _by_hypothesis(self, kind: str, term: Term, scope: Scope) -> str | None:
        granting = {"positive": ("Lt",), "nonnegative": ("Lt", "Le"), "nonzero": ("Lt", "Ne")}
        for position, hypothesis in enumerate(self.claim.hypotheses):
            if hypothesis.kind not in granting[kind]:
                continue
            free = universal_in(hypothesis)
            for indices in combinations(sorted(term.indices), repeat=len(free)):
                try:
                    _, left, right = self.proof.hypothesis(position, indices)
                except ProofError:
                    continue
                for s in (1, -1) if kind == "nonzero" else (1,):
                    difference = subtract(right, left) if s == 1 else subtract(left, right)
                    if is_zero(subtract(term, difference)):
                        return self._granted(kind, term, position, indices, s, scope)
        return None

    def _granted(
        self, kind: str, term: Term, position: int, indices: tuple, s: int, scope: Scope
    ) -> str:
        relation, inner, proof = self.instance(position, indices, scope)
        first, second = relation.right, relation.left
        if relation.kind == "Lt":
            known = f"(diff_pos _ _ {proof})"
            known = f"(ne_of_pos _ {known})" if kind == "nonzero" else known
            known = f"(Rlt_le _ _ {known})" if kind == "nonnegative" else known
        else:
            known = f"(diff_{'nonneg' if relation.kind == 'Le' else 'ne'} _ _ {proof})"
        raw = Term("add", first, Term("mul", MINUS_ONE, second))
        if s == -1:
            known = f"(opp_ne _ {known})"
            raw = Term("mul", MINUS_ONE, raw)
        return self._moved(kind, raw, inner, term, scope, known)

    def _moved(
        self, kind: str, known: Term, known_scope: Scope, term: Term, scope: Scope, proof: str
    ) -> str:
        """A condition on one term as a condition on another that is equal to it."""
        if self.text(known, known_scope) == self.text(term, scope):
            return proof
        word = {"positive": "pos", "nonnegative": "nonneg", "nonzero": "ne"}[kind]
        return f"({word}_eq _ _ {self.equal(known, known_scope, term, scope)} {proof})"

    def _by_counting(self, kind: str, term: Term, scope: Scope) -> str | None:
        """By its sign where every size is one plus what is not negative."""
        counted = term
        for size in sorted({part for part in subterms(term) if part.op == "size"}):
            more = Term("sym", f"@{size.args[0]}", "nonnegative")
            counted = substitute(counted, size, add(ONE, more))
        if counted == term:
            return None
        counted = to_term(polynomial(counted))
        proof = self._by_sign(kind, counted, scope)
        return proof and self._moved(kind, counted, scope, term, scope, proof)

    def _by_statement(self, kind: str, term: Term, scope: Scope) -> str | None:
        """By what the claim needs to be defined, assumed in its theorem or discharged."""
        wanted = Condition(kind, term)
        for n, known in enumerate(conditions(self.claim)):
            found = self._by_condition(known, wanted, scope, n)
            if found is not None:
                return found
        for known in self.proof.assumed:
            found = self._by_condition(known, wanted, scope)
            if found is not None:
                return found
        return None

    def _by_condition(
        self, known: Condition, wanted: Condition, scope: Scope, n: int | None = None
    ) -> str | None:
        """By one condition at some values of its indices: the n-th assumed one, or discharged."""
        if known.kind not in (wanted.kind, "positive"):
            return None
        free = universal_in(Relation("Eq", known.term, known.term))
        for indices in combinations(sorted(wanted.term.indices), repeat=len(free)):
            if any(at not in scope for at in indices):
                continue
            inner = {**self.scope, **{i: scope[at] for i, at in zip(free, indices, strict=True)}}
            if not self._implies(known, inner, wanted, scope):
                continue
            if n is None:
                proof = self._discharged(known.kind, known.term, inner)
            else:
                proof = f"(C{n}{self.arguments(free, indices, scope)})"
            if proof is not None:
                return self._weaker(known, inner, wanted, scope, proof)
        return None

    def _implies(self, known: Condition, inner: Scope, wanted: Condition, scope: Scope) -> bool:
        """Whether a condition is, or implies, another."""
        after = named(self.proof.rewritten(known.term), inner)
        term = named(wanted.term, scope)
        return is_zero(subtract(term, after)) or wanted.kind == "nonzero" and divides(term, after)

    def _weaker(
        self, known: Condition, inner: Scope, wanted: Condition, scope: Scope, proof: str
    ) -> str:
        """What a condition implies; both are about the same term, or one divides the other."""
        if known.kind == "positive" and wanted.kind == "nonzero":
            proof = f"(ne_of_pos _ {proof})"
        elif known.kind == "positive" and wanted.kind == "nonnegative":
            proof = f"(Rlt_le _ _ {proof})"
        after, lemma = self.rewritten(known.term, inner)
        names = named(wanted.term, scope), named(after, inner)
        if is_zero(subtract(*names)):
            if lemma is not None:
                word = {"positive": "pos", "nonnegative": "nonneg", "nonzero": "ne"}[wanted.kind]
                proof = f"({word}_eq _ _ {lemma} {proof})"
            return self._moved(wanted.kind, after, inner, wanted.term, scope, proof)
        return self._divided(after, inner, wanted.term, scope, proof, lemma)

    def _divided(
        self, dividend: Term, inner: Scope, term: Term, scope: Scope, proof: str, lemma: str | None
    ) -> str:
        """A proof that a term is nonzero since it divides what is nonzero."""
        factor = quotient(named(dividend, inner), named(term, scope))
        parts = [(named(dividend, inner), {}), (factor, {}), (term, scope)]
        parts = [(t, scope_of(t) if not s else s) for t, s in parts]
        work = self.identity(*parts)
        whole, left, right = (work.walk(t, s) for t, s in parts)
        known = work.proof(whole, f"({left} * {right})")
        if lemma is not None:
            proof = f"(ne_eq _ _ {lemma} {proof})"
        same = self.equal(dividend, inner, *parts[0])
        return f"(ne_of_times _ _ _ {known} (ne_eq _ _ {same} {proof}))"

    def _by_origin(self, kind: str, term: Term, scope: Scope) -> str | None:
        """By the condition on what a step has rewritten to the term: a square, multiplied out."""
        for before, after in self.changed():
            if not is_zero(subtract(after, term)):
                continue
            proof = self._by_sign(kind, before, scope)
            _, lemma = self.rewritten(before, scope) if proof else (after, None)
            if proof and lemma is not None:
                word = {"positive": "pos", "nonnegative": "nonneg", "nonzero": "ne"}[kind]
                known = f"({word}_eq _ _ {lemma} {proof})"
                return self._moved(kind, after, scope, term, scope, known)
        return None

    def changed(self) -> Iterable[tuple[Term, Term]]:
        """Terms that steps have rewritten, with what they are now."""
        raise NotImplementedError

    def rewritten(self, term: Term, scope: Scope) -> tuple[Term, str | None]:
        """The term with all equations applied, and a proof that it is equal."""
        raise NotImplementedError
