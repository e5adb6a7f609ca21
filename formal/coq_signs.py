"""Signs and conditions in Coq: proofs that mirror `formal.proof_sign` case by case."""

from __future__ import annotations

from itertools import product as combinations

from formal.coq_field import Identities
from formal.coq_script import universal_in
from formal.coq_statement import conditions
from formal.coq_text import NotExported, Scope, named, scope_of
from formal.kernel import Derivation
from formal.proof_conditions import Condition, Relation
from formal.proof_factor import quotient
from formal.proof_field import divides, is_zero, polynomial, to_term
from formal.proof_sign import _minus_one, sign
from formal.proof_terms import (
    MINUS_ONE,
    NAMES,
    ONE,
    ProofError,
    Term,
    absolute,
    add,
    is_zero_or_one,
    opened,
    substitute,
    subterms,
    subtract,
)

WORDS = {2: "pos", 1: "nonneg", -1: "nonpos", -2: "neg"}
CLOSED = ("Eq", "Le")  # hypotheses of these kinds hold at a point, not near it
_ONE = "(conj (le_n 1) {})"


class Signs(Identities):
    """A script with proofs of signs and of the conditions that steps need."""

    proof: Derivation
    closed = False

    def sign(self, term: Term, scope: Scope) -> tuple[int, str]:
        """The sign that the shape of a term shows, 2, 1, -1 or -2, and its proof.

        Raises:
            NotExported: The shape shows none.
        """
        value = sign(term)
        match term.op:
            case "num":
                relation = {2: "0 < {}", 1: "0 <= {}", -2: "{} < 0"}[value]
                text = self.text(term, scope)
                return value, f"(ltac:(lra) : {relation.format(text)})"
            case "sym" if str(term.args[0]).startswith("@"):
                return 1, f"(size_more _ H{self.high(str(term.args[0])[1:])})"
            case "sym" if value:
                return value, f"H{self.symbol(term)}"
            case "arr" if value and not is_zero_or_one(term):
                indices = " ".join(scope[i].name for i in term.terms)
                return value, f"(H{self.symbol(term)} {indices})"
            case "size":
                return 2, f"(size_pos _ H{self.high(term.args[0])})"
            case "idx":
                return 2, f"(index_pos _ _ _ {self._low(scope[term].index)} {scope[term].proof})"
            case "exp":
                return 2, f"(exp_pos {self.text(term.terms[0], scope)})"
            case "add" if value and not all(value * sign(t) > 0 for t in term.terms):
                return value, self._complement(term, scope, value)
            case "add" if value:
                return self.fold("add", [self.sign(t, scope) for t in term.terms])
            case "mul" if value:
                return self.fold("mul", [self.sign(t, scope) for t in term.terms])
            case "pow" if value:
                return self._power(term, scope)
            case "log" if value:
                return self._logarithm(term.terms[0], scope)
            case "sum" if value:
                return self._sum(term, scope)
            case "delta":
                return 1, f"(delta_nonneg {scope[term.terms[0]].name} {scope[term.terms[1]].name})"
            case "arr":
                indices = " ".join(scope[i].name for i in term.terms)
                return 1, f"(bit_nonneg _ (H{self.symbol(term)} {indices}))"
            case op if op in NAMES:
                return 1, self._name(term, scope)
        raise NotExported(f"the sign of '{term.op}' is not known by its shape")

    def fold(self, op: str, signs: list[tuple[int, str]]) -> tuple[int, str]:
        """The sign of a sum or a product from the signs of its parts, from left to right."""
        value, proof = signs[0]
        for other, other_proof in signs[1:]:
            if op == "mul" and (abs(value), abs(other)) != (2, 2):
                value, proof = self._weak(value, proof)
                other, other_proof = self._weak(other, other_proof)
            proof = f"({op}_{WORDS[value]}_{WORDS[other]} _ _ {proof} {other_proof})"
            if op == "add":
                value = value if abs(value) >= abs(other) else other
            else:
                value = (1 if value * other > 0 else -1) * (2 if abs(value * other) == 4 else 1)
        return value, proof

    def _complement(self, term: Term, scope: Scope, value: int) -> str:
        """A number plus a number times what is 0 or 1."""
        work = self.identity()
        sides = "0", work.walk(term, scope)
        return work.proof(*(sides if value > 0 else sides[::-1]), relation="<=", closing="lra")

    def _weak(self, value: int, proof: str) -> tuple[int, str]:
        """A strict sign as one that is not."""
        return (value, proof) if abs(value) == 1 else (value // 2, f"(Rlt_le _ _ {proof})")

    def at_least(self, value: int, proof: str, strict: bool) -> str:
        """A proof of a positive sign, as strict as is asked."""
        return proof if strict or value == 1 else f"(Rlt_le _ _ {proof})"

    def _power(self, term: Term, scope: Scope) -> tuple[int, str]:
        base, exponent = term.terms
        base_text, exponent_text = (self.text(t, scope) for t in term.terms)
        if exponent.op != "num" or exponent.value.denominator > 1:
            if sign(base) == 2 or exponent.op != "num" or exponent.value < 0:
                positive = self.condition("positive", base, scope)
                return 2, f"(rpow_pos {base_text} {exponent_text} {positive})"
            return 1, f"(rpow_nonneg {base_text} {exponent_text})"
        n = int(exponent.value)
        value, proof = self._whole_power(base, abs(n), n < 0, scope)
        if n < 0:
            return value, f"(inv_{WORDS[value]} _ {proof})"
        return value, proof

    def _whole_power(self, base: Term, n: int, strict: bool, scope: Scope) -> tuple[int, str]:
        """The sign of a positive power of a base, which is nonzero if `strict`."""
        strict = strict or abs(sign(base)) == 2
        plain = strict and n == 1  # a reciprocal is printed without a power
        if n % 2 == 0:
            if strict:
                nonzero = self.condition("nonzero", base, scope)
                return 2, f"(pow_even_ne {n // 2} {self.text(base, scope)} {nonzero})"
            return 1, f"(pow_even {n // 2} {self.text(base, scope)})"
        value, proof = self.sign(base, scope)
        if strict and abs(value) == 1:
            nonzero = self.condition("nonzero", base, scope)
            value, proof = 2 * value, f"({WORDS[2 * value]}_of_ne _ {proof} {nonzero})"
        if plain:
            return value, proof
        if value > 0:
            return value, f"(pow_{WORDS[value]} {n} _ {proof})"
        return value, f"(pow_odd_{WORDS[value]} {n // 2} _ {proof})"

    def _logarithm(self, argument: Term, scope: Scope) -> tuple[int, str]:
        if argument.op == "size":
            return 1, f"(ln_size _ H{self.high(argument.args[0])})"
        less = _minus_one(argument)
        value, proof = self.sign(less, scope)
        raw = Term("add", argument, MINUS_ONE)
        moved = f"({WORDS[value]}_eq _ _ {self.equal(less, scope, raw, scope)} {proof})"
        if value > 0:
            return value, f"(ln_{WORDS[value]} _ {moved})"
        positive = self.condition("positive", argument, scope)
        return value, f"(ln_{WORDS[value]} _ {positive} {moved})"

    def _sum(self, term: Term, scope: Scope) -> tuple[int, str]:
        low, high, _ = term.args
        index, body = opened(term)
        place, inner = self.inside(index, scope)
        value, proof = self.sign(body, inner)
        if abs(value) == 2 and abs(sign(term)) == 1:
            value, proof = self._weak(value, proof)
        inhabited = f"{self._inhabited(low, high)} " if abs(value) == 2 else ""
        function = self.summand(term, scope)
        return value, (
            f"(vsum_{WORDS[value]} {low} {self.high(high)} {function} {inhabited}"
            f"(fun {self.binder(place)} => {proof}))"
        )

    def _inhabited(self, low: object, high: object) -> str:
        if low == 1 and isinstance(high, str):
            return _ONE.format(f"H{self.high(high)}")
        return f"(ltac:(lia) : (1 <= {low} <= {self.high(high)})%nat)"

    def _low(self, index: Term) -> str:
        return "(le_n 1)" if index.args[1] == 1 else "(le_S 1 1 (le_n 1))"

    def _name(self, term: Term, scope: Scope) -> str:
        """A proof that a nonnegative name is nonnegative."""
        match term.op, term.args:
            case "gap", (Term() as x,):
                return f"(gap_nonneg {self.text(x, scope)} {self.condition('positive', x, scope)})"
            case "above", (Term() as whole, Term() as at):
                return self._above(term, whole, at, scope)
            case "apart", (Term() as a, Term() as b):
                return f"(apart_nonneg {scope[a].name} {scope[b].name})"
            case "gap0", (Term() as x, Term() as y):
                signs = " ".join(self.condition("nonnegative", t, scope) for t in (x, y))
                texts = " ".join(self.text(t, scope) for t in (x, y))
                return f"(gap0_nonneg {texts} {signs} {self.supported(x, y, scope)})"
            case "fold", (Term() as x,):
                return f"(fold_nonneg {self.text(x, scope)})"
            case "bend", (Term() as x, Term() as y):
                texts = " ".join(self.text(t, scope) for t in (x, y, add(x, y)))
                whole = self.equal(add(x, y), scope, Term("add", x, y), scope)
                return f"(bend_nonneg {texts} {whole})"
            case "spread", (Term() as whole,):
                return self._spread(term, whole, scope)
            case "rise", (Term() as x,):
                value, proof = self.sign(x, scope)
                proof = self._weak(value, proof)[1]
                return f"(rise_nonneg {self.text(x, scope)} {proof})"
            case "slack", (int() as n, *indices):
                return self._slack(term, n, tuple(indices), scope)  # type: ignore[arg-type]
        raise NotExported(f"the export to Coq does not know '{term.op}'")

    def _above(self, term: Term, whole: Term, at: Term, scope: Scope) -> str:
        low, high, _ = whole.args
        index, body = opened(whole)
        place, inner = self.inside(index, scope)
        value, proof = self.sign(body, inner)
        proof = self._weak(value, proof)[1]
        whole_text, at_text = self.text(whole, scope), scope[at].name
        entry = self.text(body, {**scope, index: scope[at]})
        bounds = self.within(at, Term("idx", "", low, high), scope)
        known = (
            f"(vsum_above {low} {self.high(high)} {at_text} {self.summand(whole, scope)} "
            f"{self._low(Term('idx', '', low, high))} {bounds} "
            f"(fun {self.binder(place)} => {proof}))"
        )
        if entry == self.text(self.expanded(term).terms[1].terms[1], scope):
            return known
        lemma = self.lemma(
            "K", ": forall a b c : R, b = c -> 0 <= a + -1 * b -> 0 <= a + -1 * c",
            "intros a b c <-. exact (fun H => H).",
        )  # fmt: skip
        order = self.equal(
            body, {**scope, index: scope[at]}, self.expanded(term).terms[1].terms[1], scope
        )
        return f"({lemma} {whole_text} _ _ {order} {known})"

    def _spread(self, term: Term, whole: Term, scope: Scope) -> str:
        """The triangle inequality for a sum, if its absolute values are written in its order."""
        index, body = opened(whole)
        place, inner = self.inside(index, scope)
        parts = self.expanded(term).terms
        own, own_body = opened(parts[0])
        shown = self.text(own_body, {**scope, own: place})
        if shown != self.text(absolute(body), inner):
            raise NotExported("a summand is written in two orders")
        low, high, _ = whole.args
        return f"(spread_nonneg {low} {self.high(high)} {self.summand(whole, scope)})"

    def supported(self, x: Term, y: Term, scope: Scope) -> str:
        """A proof that y is positive if x is not zero."""
        raise NotImplementedError

    def _slack(self, term: Term, position: int, indices: tuple[Term, ...], scope: Scope) -> str:
        relation, inner, proof = self.instance(position, indices, scope)
        raw = Term("add", relation.right, Term("mul", MINUS_ONE, relation.left))
        if relation.kind == "Lt":
            proof = f"(Rlt_le _ _ {proof})"
        known = f"(diff_nonneg _ _ {proof})"
        moved = self.equal(raw, inner, self.expanded(term), scope)
        return f"(nonneg_eq _ _ {moved} {known})"

    # Hypotheses and conditions

    def instance(
        self, position: int, indices: tuple[Term, ...], scope: Scope
    ) -> tuple[Relation, Scope, str]:
        """A hypothesis, the scope that gives its universal indices values, and its proof."""
        relation = self.claim.hypotheses[position]
        self.closed = self.closed or relation.kind in CLOSED
        free = universal_in(relation)
        arguments = self.arguments(free, indices, scope)
        places = {i: scope[at] for i, at in zip(free, indices, strict=True)}
        return relation, {**self.scope, **places}, f"(A{position}{arguments})"

    def bit(self, term: Term, scope: Scope) -> str:
        """A proof that a delta or an indicator is 0 or 1."""
        names = " ".join(scope[i].name for i in term.terms)
        if term.op == "delta":
            return f"(delta_cases {names})"
        return f"(H{self.symbol(term)} {names})"

    def arguments(self, free: tuple[Term, ...], indices: tuple[Term, ...], scope: Scope) -> str:
        """Values of universal indices with proofs that they lie in range, as arguments."""
        pairs = zip(free, indices, strict=True)
        return "".join(f" {scope[at].name} {self.within(at, i, scope)}" for i, at in pairs)

    def condition(self, kind: str, term: Term, scope: Scope) -> str:
        """A proof that a term is positive, nonnegative or nonzero.

        Raises:
            NotExported: The kernel may know it, but this file does not.
        """
        found = self._discharged(kind, term, scope) or self._by_statement(kind, term, scope)
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
            return proof if kind == "positive" else self._weak(found, proof)[1]
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
        proof = self._discharged("nonzero" if even else kind, base, scope)
        if proof is None:
            return None
        if not whole:
            text = self.text(exponent, scope)
            return f"(rpow_pos _ {text} {proof})" if kind == "positive" else None
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

    def rewritten(self, term: Term, scope: Scope) -> tuple[Term, str | None]:
        """The term with all equations applied, and a proof that it is equal."""
        raise NotImplementedError
