"""Why y is positive wherever x is not zero, in Coq: what an xlogy needs to be defined."""

from __future__ import annotations

from itertools import product as combinations

from formal.coq.rewriting import Rewriting, universal
from formal.coq.statement import conditions
from formal.coq.text import NotExported, Scope, named, scope_of
from formal.proof.conditions import Condition, within
from formal.proof.factor import quotient
from formal.proof.field import divides, monomial_term, polynomial
from formal.proof.sign import sign
from formal.proof.terms import Term, body_of, instantiate, opened


class Supports(Rewriting):
    """A script with proofs that mirror what the kernel calls supported."""

    def supported(self, x: Term, y: Term, scope: Scope) -> str:
        """A proof that y is positive if x is not zero.

        Raises:
            NotExported: The kernel may know it, but this file does not.
        """
        proof = self._support(x, y, scope) or self._stated_support(x, y, scope)
        if proof is None:
            raise NotExported("no proof that y is positive where x is not zero, in x ln y")
        return proof

    def _support(self, x: Term, y: Term, scope: Scope) -> str | None:
        text = self.text(x, scope)
        given = f"fun h : {text} <> 0 =>"
        if self.proof.discharges(Condition("positive", y)):
            return f"({given} {self.condition('positive', y, scope)})"
        if y.op == "mul":
            proofs = [self._support(x, part, scope) for part in y.terms]
            if None in proofs:
                return None
            whole = f"({proofs[0]} h)"
            for proof in proofs[1:]:
                whole = f"(mul_pos_pos _ _ {whole} ({proof} h))"
            return f"({given} {whole})"
        if y.op == "pow" and y.terms[1].op == "num":
            return self._power_support(x, y, scope)
        if not self.proof.discharges(Condition("nonnegative", y)):
            return None
        nonnegative = self.condition("nonnegative", y, scope)
        if divides(y, x):
            factor = quotient(named(x, scope), named(y, scope))
            parts = ((x, scope), (factor, scope_of(factor)), (y, scope))
            work = self.identity(*parts)
            whole, left, right = (work.walk(t, s) for t, s in parts)
            known = work.proof(whole, f"({left} * {right})")
            return f"({given} pos_of_ne _ {nonnegative} (ne_of_times _ _ _ {known} h))"
        return self._by_summands(x, y, scope) or self._by_a_part(x, y, scope)

    def _power_support(self, x: Term, y: Term, scope: Scope) -> str | None:
        base, exponent = y.terms
        given = f"fun h : {self.text(x, scope)} <> 0 =>"
        reciprocal = exponent.value < 0 and Condition("nonnegative", base)
        if reciprocal and self.proof.discharges(reciprocal):
            nonzero = self.condition("nonzero", base, scope)
            positive = f"(pos_of_ne _ {self.condition('nonnegative', base, scope)} {nonzero})"
        else:
            inner = self._support(x, base, scope)
            if inner is None:
                return None
            positive = f"({inner} h)"
        if exponent.value.denominator > 1:
            return f"({given} rpow_pos _ {self.text(exponent, scope)} {positive})"
        n = int(exponent.value)
        if abs(n) != 1:
            positive = f"(pow_pos {abs(n)} _ {positive})"
        return f"({given} {positive if n > 0 else f'(inv_pos _ {positive})'})"

    def _by_summands(self, x: Term, y: Term, scope: Scope) -> str | None:
        """If every monomial of x needs that y is positive, x does."""
        summands = [(monomial_term(m, c)) for m, c in polynomial(x).items()]
        if len(summands) < 2:
            return None
        proofs = [self._support(part, y, scope) for part in summands]
        if None in proofs:
            return None
        whole = proofs[0]
        for proof in proofs[1:]:
            whole = f"(either_ne _ _ _ {whole} {proof})"
        raw = Term("add", *summands)
        same = self.equal(x, scope, raw, scope)
        return f"(fun h : {self.text(x, scope)} <> 0 => {whole} (ne_eq _ _ {same} h))"

    def _by_a_part(self, x: Term, y: Term, scope: Scope) -> str | None:
        """A sum of nonnegative terms is positive if one of them is."""
        given = f"fun h : {self.text(x, scope)} <> 0 =>"
        parts = [Condition("nonnegative", part) for part in y.terms]
        if y.op == "add" and all(map(self.proof.discharges, parts)):
            for n, part in enumerate(y.terms):
                proof = self._support(x, part, scope)
                if proof is not None:
                    known = [(1, self.condition("nonnegative", t, scope)) for t in y.terms]
                    known[n] = 2, f"({proof} h)"
                    return f"({given} {self.fold('add', known)[1]})"
        if y.op == "sum" and sign(opened(y)[1]) >= 1:
            for at in sorted(x.indices):
                if within(at, opened(y)[0]):
                    proof = self._support(x, instantiate(body_of(y), at), scope)
                    if proof is not None:
                        above = self.condition("nonnegative", Term("above", y, at), scope)
                        return f"({given} pos_of_above _ _ {above} ({proof} h))"
        return None

    def _stated_support(self, x: Term, y: Term, scope: Scope) -> str | None:
        """By a condition under which the claim is defined."""
        for n, (kind, term) in enumerate(conditions(self.claim)):
            free = universal(term)
            for indices in combinations(sorted(x.indices | y.indices), repeat=len(free)):
                if kind != "supported" or any(at not in scope for at in indices):
                    continue
                places = {i: scope[at] for i, at in zip(free, indices, strict=True)}
                known = named(term, {**self.scope, **places})
                if known == named(Term("xlogy", x, y), scope):
                    return f"(C{n}{self.arguments(free, indices, scope)})"
        return None
