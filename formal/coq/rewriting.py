"""Rewriting in Coq: what the kernel's `rewrite` does, with a lemma for every term it changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from formal.coq.calculus import Calculus
from formal.coq.field import whole_power
from formal.coq.script import CLOSED
from formal.coq.statement import Binder, conditions
from formal.coq.text import Local, NotExported, Scope, entries, index_name, local
from formal.proof.kernel import Derivation
from formal.proof.terms import BINDERS, NAMES, Term, abstract, is_universal, opened, rebuild


class Proved(NamedTuple):
    """A lemma: its name, its universal indices, and whether it holds near a point as well."""

    name: str
    indices: tuple[Term, ...]
    open: bool


class Rewriting(Calculus):
    """A script with the equations of a derivation and their use in terms."""

    def start(self) -> None:
        """Begin the derivation."""
        self.proof = Derivation(self.claim)
        self.equations: dict[Term, Proved] = {}
        self._visited: dict[tuple, tuple[Term, Proved | None]] = {}
        self._arguments_of = {flag: self._environment(flag) for flag in (False, True)}

    def _environment(self, is_open: bool) -> list[Binder]:
        return [b for b in self.binders if not (is_open and self._is_closed(b))]

    def _is_closed(self, binder: Binder) -> bool:
        if binder.kind != "hypothesis":
            return False
        return self.claim.hypotheses[int(binder.subject)].kind in CLOSED  # type: ignore[arg-type]

    def state(
        self,
        indices: tuple[Term, ...],
        body: Callable[[Scope], str],
        proof: Callable[[Scope], str],
        is_open: bool | None = None,
    ) -> Proved:
        """Add a lemma for all values of the indices; statement and proof are texts in a scope.

        Unless it is said, the proof decides whether the lemma holds near a point as well.
        """
        places = {i: local(i, f"u{n}") for n, i in enumerate(indices, 1)}
        scope = {**self.scope, **places}
        self.closed = False
        statement, script = body(scope), proof(scope)
        is_open = not self.closed if is_open is None else is_open
        environment = " ".join(f"({b.name} : {b.type})" for b in self._arguments_of[is_open])
        variables = "".join(f" {self.binder(place)}" for place in places.values())
        name = self.lemma("N", f"{environment}{variables} : {statement}", script)
        return Proved(name, indices, is_open)

    def use(self, lemma: Proved, scope: Scope) -> str:
        """The lemma at the indices of a scope; an index that is not there is 1."""
        self.closed = self.closed or not lemma.open
        parts = [lemma.name, *(b.name for b in self._arguments_of[lemma.open])]
        for index in lemma.indices:
            if index in scope:
                parts += [scope[index].name, self.within(index, index, scope)]
            elif index.args[1] == 1 and isinstance(index.args[2], str):
                parts += ["1%nat", f"(conj (le_n 1) H{self.high(index.args[2])})"]
            else:
                raise NotExported("a step speaks about an index of which there may be none")
        return f"({' '.join(parts)})"

    def rewritten(self, term: Term, scope: Scope) -> tuple[Term, str | None]:
        """The term with all equations applied, and a proof that it is equal."""
        after, lemma = self.visit(term, False)
        return after, None if lemma is None else self.use(lemma, scope)

    def changed(self) -> list[tuple[Term, Term]]:
        """Terms that have been rewritten, with what they are now."""
        pairs = {term: after for (term, pure, _), (after, _) in self._visited.items() if not pure}
        return [(before, after) for before, after in pairs.items() if before != after]

    def visit(self, term: Term, pure: bool) -> tuple[Term, Proved | None]:
        """What a term is rewritten to, and the lemma that says so, if it changes."""
        key = term, pure, len(self.equations)
        if key not in self._visited:
            self._visited[key] = self._rewrite(term, pure)
        return self._visited[key]

    def _rewrite(self, term: Term, pure: bool) -> tuple[Term, Proved | None]:
        inner, congruence = self._with_parts(term, pure)
        equation = self.equations.get(inner)
        if equation is not None and pure and self.proof.equations[inner].axioms:
            equation = None
        after, rest = inner, None
        if equation is not None:
            if pure and not equation.open:
                raise NotExported("a step below a derivative rests on a hypothesis")
            after = self.proof.equations[inner].after
            if after != inner:
                after, rest = self.visit(after, pure)
        if congruence is None and equation is None:
            return after, None
        indices = universal(term, inner, after)

        def proof(scope: Scope) -> str:
            chain = [] if congruence is None else [congruence(scope)]
            chain += [self.use(lemma, scope) for lemma in (equation, rest) if lemma is not None]
            text = chain[-1]
            for step in reversed(chain[:-1]):
                text = f"(eq_trans {step} {text})"
            return f"exact {text}."

        statement = lambda s: f"{self.text(term, s)} = {self.text(after, s)}"  # noqa: E731
        return after, self.state(indices, statement, proof, pure)

    def _with_parts(self, term: Term, pure: bool):
        """The term with its parts rewritten, and a function from a scope to a proof of that."""
        if term.op in NAMES:
            return term, None
        if term.op in BINDERS:
            return self._below_binder(term, pure)
        if term.op == "diff":
            return self._below_derivative(term)
        visited = [self.visit(part, pure) for part in term.terms]
        inner = rebuild(term, [after for after, _ in visited])
        if all(lemma is None for _, lemma in visited) and inner == term:
            return inner, None

        def proof(scope: Scope) -> str:
            parts = [
                (part, after, None if lemma is None else self.use(lemma, scope))
                for part, (after, lemma) in zip(term.terms, visited, strict=True)
            ]
            return self.congruence(term, inner, scope, parts)

        return inner, proof

    def congruence(self, term: Term, inner: Term, scope: Scope, parts: list) -> str:
        """A proof that a term equals what its changed parts make: (part, changed, proof)."""
        if term.op in ("add", "mul"):
            return self.congruent(term, inner, scope, parts)
        return self._below_function(term, inner, scope, parts)

    def _below_function(self, term: Term, inner: Term, scope: Scope, parts: list) -> str:
        proofs = [
            proof or f"(eq_refl {self.text(part, scope)})"
            for part, _, proof in parts
            if part.op != "idx"
        ]
        if term.op == "xlogy":
            return f"(f_equal2 xlogy {proofs[0]} {proofs[1]})"
        if term.op in ("exp", "log", "log0"):
            return f"(f_equal {'exp' if term.op == 'exp' else 'ln'} {proofs[0]})"
        if term.op in ("sin", "cos"):
            return f"(f_equal {term.op} {proofs[0]})"
        if term.op == "pow" and term.terms[1] == inner.terms[1]:
            shape = self._power_shape(term.terms[1], scope)
            return f"(f_equal (fun z : R => {shape}) {proofs[0]})"
        if term.op == "pow" and term.terms[1].op != "num":
            both = f"(f_equal2 rpow {proofs[0]} {proofs[1]})"
            return self._counted(both, inner, scope)
        raise NotExported(f"a part of '{term.op}' is rewritten")

    def _power_shape(self, exponent: Term, scope: Scope) -> str:
        from formal.coq.text import power_text

        return power_text("z", exponent, self.text(exponent, scope))

    def _counted(self, both: str, inner: Term, scope: Scope) -> str:
        """A power whose exponent became a number is printed in another way."""
        base, exponent = inner.terms
        if exponent.op != "num" or exponent.value.denominator > 1:
            return both
        n = int(exponent.value)
        positive = self.condition("positive", base, scope)
        return f"(eq_trans {both} ({whole_power(n)} {self.text(base, scope)} {positive}))"

    def _below_binder(self, term: Term, pure: bool):
        index, body = opened(term)
        after, lemma = self.visit(body, pure)
        low, high = term.args[:2]
        inner = Term(term.op, low, high, abstract(after, index))
        if lemma is None and inner == term:
            return inner, None

        def proof(scope: Scope) -> str:
            place, inside = self.inside(index, scope)
            known = None if lemma is None else self.use(lemma, inside)
            return self.summed(term, inner, scope, index, place, after, known)

        return inner, proof

    def summed(
        self,
        term: Term,
        inner: Term,
        scope: Scope,
        index: Term,
        place: Local,
        after: Term,
        proof: str | None,
    ) -> str:
        """A proof that a sum equals another, from one that its summand equals `after`."""
        low, high = term.args[:2]
        inside = {**scope, index: place}
        other, other_body = opened(inner)
        order = self.equal(after, inside, other_body, {**scope, other: place})
        chain = proof or order
        if proof is not None and not order.startswith("(eq_refl"):
            chain = f"(eq_trans {proof} {order})"
        f, g = self.summand(term, scope), self.summand(inner, scope)
        return f"(vsum_eq {low} {self.high(high)} {f} {g} (fun {self.binder(place)} => {chain}))"

    # Derivatives

    def _below_derivative(self, term: Term):
        body, by = term.terms
        after, lemma = self.visit(body, True)
        inner = Term("diff", after, by)
        if lemma is None:
            return inner, None
        return inner, lambda scope: f"({self.near('Derive_near', body, after, by, lemma, scope)})"

    def near(
        self, word: str, body: Term, after: Term, by: Term, lemma: Proved, scope: Scope
    ) -> str:
        """A word about functions that are equal near a point, applied to what shows that."""
        name, point = self.symbol(by), self.point(by, scope)
        functions = f"{self.function(body, by, scope)} {self.function(after, by, scope)}"
        moving = [b for b in self._arguments_of[True] if self._depends(b, name)]
        places = [self._near(b, by, scope) for b in moving]
        predicate = " /\\ ".join([*(p for p, _, _ in places), "True"])
        locally = f"(near_true {point})"
        for n in reversed(range(len(places))):
            rest = " /\\ ".join([*(p for p, _, _ in places[n + 1 :]), "True"])
            locally = (
                f"(near_and {point} (fun y : R => {places[n][0]}) (fun y : R => {rest}) "
                f"{places[n][1]} {locally})"
            )
        projections, tail = [], "HH"
        for _, _, given in places:
            projections.append(given.format(f"(proj1 {tail})"))
            tail = f"(proj2 {tail})"
        variables = " ".join(f"({b.name} : {b.type})" for b in moving)
        value = "y" if by.op == "sym" else self.updated(by, scope)
        inner = f"(fun ({name} : {self._type(by)}) {variables} => {self.use(lemma, scope)})"
        applied = " ".join([inner, value, *projections])
        return (
            f"{word} {functions} {point} (fun y : R => {predicate}) {locally} "
            f"(fun (y : R) (HH : {predicate}) => {applied})"
        )

    def _type(self, by: Term) -> str:
        from formal.coq.text import symbol_type

        return symbol_type(by)

    def _depends(self, binder: Binder, name: str) -> bool:
        return binder.name != name and re.search(rf"\b{name}\b", binder.type) is not None

    def _near(self, binder: Binder, by: Term, scope: Scope) -> tuple[str, str, str]:
        """A proposition about y near the point, why it holds there, and what follows from it."""
        value = "y" if by.op == "sym" else self.updated(by, scope)
        if binder.kind != "sign":
            body = f"((fun {self.bound_variable(by)} => {binder.type}) {value})"
            return body, self._near_condition(binder, by, scope), "{}"
        sign = str(by.args[1])
        relation = {"positive": "0 < {}", "negative": "{} < 0"}.get(sign)
        if relation is None:
            raise NotExported(f"a second derivative by a {sign} parameter")
        word = "pos" if sign == "positive" else "neg"
        point, places = self.point(by, scope), [index_name(i, scope) for i in by.terms]
        if by.op == "sym":
            return relation.format("y"), f"(near_{word}_at {point} {binder.name})", "{}"
        known = f"(near_{word}_at {point} ({' '.join([binder.name, *places])}))"
        family = " ".join([self.symbol(by), *places])
        given = f"(upd{entries(by)}_all (fun z => {relation.format('z')}) {family} y {{}} "
        return relation.format("y"), known, given + f"{binder.name})"

    def _near_condition(self, binder: Binder, by: Term, scope: Scope) -> str:
        """A proof that a condition or a hypothesis holds near the point, by continuity."""
        if binder.kind == "condition":
            kind, term = conditions(self.claim)[int(binder.subject)]  # type: ignore[arg-type]
            terms = (term,)
        else:
            kind, *terms = self.claim.hypotheses[int(binder.subject)]  # type: ignore[arg-type]
        words = {"positive": "pos", "nonzero": "ne", "Lt": "less", "Ne": "other"}
        if kind not in words:
            raise NotExported("a condition does not hold near the point of a second derivative")
        places = {i: local(i, f"k{n}") for n, i in enumerate(universal(*terms), 1)}
        if any(index in by.indices for index in places):
            raise NotExported("an index of a derivative has the name of a bound index")
        inner: Scope = {**scope, **self.scope, **places}
        proofs = " ".join(self.differentiated(term, by, inner) for term in terms)
        given = "".join(f" {p.name} {p.proof}" for p in places.values())
        unknown = " ".join("_" * (4 if len(terms) == 1 else 7))
        proof = f"(near_{words[kind]} {unknown} {proofs} ({binder.name}{given}))"
        for place in reversed(places.values()):
            low, high = place.index.args[1:]
            proof = (
                f"(near_all {self.point(by, scope)} {low} {self.high(high)} _ "
                f"(fun {self.binder(place)} => {proof}))"
            )
        return proof


def universal(*terms: Term) -> tuple[Term, ...]:
    """The universal indices of terms, sorted."""
    return tuple(sorted({i for t in terms for i in t.indices if is_universal(i)}))
