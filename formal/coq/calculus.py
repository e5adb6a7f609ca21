"""Derivatives in Coq: proofs that mirror `formal.proof.calculus` case by case.

`isD f x v l` says that f has the value v and the derivative l at x.
"""

from __future__ import annotations

from formal.coq.conditions import Conditions
from formal.coq.text import NotExported, Scope, entries, index_name, symbol_type
from formal.proof.calculus import derivative, mentions
from formal.proof.terms import MINUS_ONE, ZERO, Term, bind, cos, number, opened, sin


class Calculus(Conditions):
    """A script with proofs of derivatives."""

    def differentiated(self, term: Term, by: Term, scope: Scope) -> str:
        """A proof of `isD` for the term as a function of `by`, with the kernel's derivative."""
        text = self.text(term, scope)
        if not mentions(term, by):
            return f"(D_const {self.point(by, scope)} {text})"
        match term.op:
            case "sym":
                return f"(D_self {self.point(by, scope)})"
            case "arr":
                return self._entry(term, by, scope)
            case "add" | "mul":
                return self._compound(term, by, scope)
            case "pow":
                return self._raised(term, by, scope)
            case "exp":
                inner = term.terms[0]
                raw = Term("mul", term, derivative(inner, by))
                return self._outer("D_exp", "", term, inner, raw, by, scope)
            case "sin":
                inner = term.terms[0]
                raw = Term("mul", cos(inner), derivative(inner, by))
                return self._outer("D_sin", "", term, inner, raw, by, scope)
            case "cos":
                inner = term.terms[0]
                raw = Term("mul", Term("mul", MINUS_ONE, sin(inner)), derivative(inner, by))
                return self._outer("D_cos", "", term, inner, raw, by, scope)
            case "log":
                inner = term.terms[0]
                raw = Term("mul", Term("pow", inner, MINUS_ONE), derivative(inner, by))
                positive = self.condition("positive", inner, scope)
                return self._outer("D_ln", positive, term, inner, raw, by, scope)
            case "xlogy":
                return self._xlogy(term, by, scope)
            case "sum":
                return self._summed(term, by, scope)
        raise NotExported(f"the derivative of '{term.op}' is not exported")

    def point(self, by: Term, scope: Scope) -> str:
        """The point of differentiation."""
        names = [self.symbol(by), *(index_name(i, scope) for i in by.terms)]
        return f"({' '.join(names)})" if by.terms else names[0]

    def function(self, term: Term, by: Term, scope: Scope) -> str:
        """The term as a function of one real number."""
        body, name = self.text(term, scope), self.symbol(by)
        if by.op == "sym":
            return f"(fun {name} : R => {body})"
        return (
            f"(fun y : R => (fun {name} : {symbol_type(by)} => {body}) {self.updated(by, scope)})"
        )

    def updated(self, by: Term, scope: Scope) -> str:
        """The family with the entry replaced by y."""
        indices = " ".join(index_name(i, scope) for i in by.terms)
        return f"(upd{entries(by)} {self.symbol(by)} {indices} y)"

    def _entry(self, term: Term, by: Term, scope: Scope) -> str:
        own = [index_name(i, scope) for i in term.terms]
        other = [index_name(i, scope) for i in by.terms]
        deltas = [Term("delta", a, b) for a, b in zip(term.terms, by.terms, strict=True)]
        raw = Term("mul", *deltas) if len(deltas) > 1 else deltas[0]
        arguments = " ".join([self.symbol(term), *other, *own])
        known = f"(D_upd{entries(by)} {arguments})"
        return self._as(known, term, raw, derivative(term, by), by, scope, [])

    def _as(
        self,
        proof: str,
        term: Term,
        raw: Term,
        after: Term,
        by: Term,
        scope: Scope,
        opaque: list[Term],
    ) -> str:
        """A proof of a derivative as one of the same derivative in the kernel's form."""
        if self.text(raw, scope) == self.text(after, scope):
            return proof
        order = self.regrouped(raw, after, scope, opaque)
        function, point = self.function(term, by, scope), self.point(by, scope)
        texts = (self.text(t, scope) for t in (term, raw, after))
        return f"(D_equal {function} {point} {' '.join(texts)} {proof} {order})"

    def _compound(self, term: Term, by: Term, scope: Scope) -> str:
        """Sums and products, two parts at a time."""
        lemma = "D_plus" if term.op == "add" else "D_mult"
        parts = term.terms
        changes = [derivative(t, by) for t in parts]
        proof, whole, raw = self.differentiated(parts[0], by, scope), parts[0], changes[0]
        for n, (part, change) in enumerate(zip(parts[1:], changes[1:], strict=True), 2):
            functions = f"{self.function(whole, by, scope)} {self.function(part, by, scope)}"
            values = " ".join(self.text(t, scope) for t in (whole, part, raw, change))
            inner = self.differentiated(part, by, scope)
            proof = f"({lemma} {functions} {self.point(by, scope)} {values} {proof} {inner})"
            if term.op == "add":
                raw = Term("add", raw, change)
            else:
                raw = Term("add", Term("mul", raw, part), Term("mul", whole, change))
            whole = Term(term.op, *parts[:n])
        wholes = [Term(term.op, *parts[:n]) for n in range(2, len(parts))]  # a change may be one
        opaque = [t for t in (*parts, *changes) if t.op != "num" and t not in wholes]
        return self._as(proof, term, raw, derivative(term, by), by, scope, opaque)

    def _outer(
        self,
        lemma: str,
        condition: str,
        term: Term,
        inner: Term,
        raw: Term,
        by: Term,
        scope: Scope,
    ) -> str:
        """A function of one part."""
        change = derivative(inner, by)
        values = f"{self.text(inner, scope)} {self.text(change, scope)}"
        known = (
            f"({lemma} {self.function(inner, by, scope)} {self.point(by, scope)} {values} "
            f"{condition} {self.differentiated(inner, by, scope)})"
        )
        slope = cos(inner) if term.op == "sin" else sin(inner) if term.op == "cos" else term
        opaque = [t for t in (inner, change, term, slope) if t.op != "num"]
        return self._as(known, term, raw, derivative(term, by), by, scope, opaque)

    def _xlogy(self, term: Term, by: Term, scope: Scope) -> str:
        x, y = term.terms
        logarithm = Term("log", y)
        known = self.differentiated(Term("mul", x, logarithm), by, scope)
        changes = derivative(x, by), derivative(y, by)
        raw = derivative(Term("mul", x, logarithm), by)
        opaque = [t for t in (x, y, logarithm, *changes) if t.op != "num"]
        return self._as(known, term, raw, derivative(term, by), by, scope, opaque)

    def _raised(self, term: Term, by: Term, scope: Scope) -> str:
        base, exponent = term.terms
        if exponent.op != "num":
            return self._exponential(term, by, scope)
        change, value = derivative(base, by), exponent.value
        raw = Term("mul", exponent, Term("pow", base, number(value - 1)), change)
        if value.denominator > 1:
            positive = self.condition("positive", base, scope)
            texts = self.text(exponent, scope), self.text(number(value - 1), scope)
            less = f"(ltac:(lra) : {texts[1]} = {texts[0]} - 1)"
            head = f"D_rpow {texts[0]} {texts[1]}"
            return self._outer_with(head, f"{less} {positive}", term, raw, by, scope)
        n = int(value)
        if n == 0:
            return self._outer_with("D_one", "", term, Term("mul", ZERO, change), by, scope)
        if n > 0:
            return self._outer_with(f"D_pow {n - 1}", "", term, raw, by, scope)
        nonzero = self.condition("nonzero", base, scope)
        head = "D_inv" if n == -1 else f"D_inv_pow {-n - 1}"
        return self._outer_with(head, nonzero, term, raw, by, scope)

    def _outer_with(
        self, head: str, condition: str, term: Term, raw: Term, by: Term, scope: Scope
    ) -> str:
        """A power of one part: hypotheses of the lemma stand between values and derivative."""
        base = term.terms[0]
        return self._outer(head, condition, term, base, raw, by, scope)

    def _exponential(self, term: Term, by: Term, scope: Scope) -> str:
        base, exponent = term.terms
        changes = derivative(base, by), derivative(exponent, by)
        relative = Term("mul", exponent, Term("pow", base, MINUS_ONE), changes[0])
        inner = Term("add", Term("mul", changes[1], Term("log", base)), relative)
        raw = Term("mul", term, inner)
        functions = " ".join(self.function(t, by, scope) for t in (base, exponent))
        values = " ".join(self.text(t, scope) for t in (base, exponent, *changes))
        proofs = " ".join(self.differentiated(t, by, scope) for t in (base, exponent))
        positive = self.condition("positive", base, scope)
        known = f"(D_gpow {functions} {self.point(by, scope)} {values} {positive} {proofs})"
        opaque = [t for t in (term, base, exponent, *changes, Term("log", base)) if t.op != "num"]
        return self._as(known, term, raw, derivative(term, by), by, scope, opaque)

    def _summed(self, term: Term, by: Term, scope: Scope) -> str:
        low, high, _ = term.args
        bounds, point = f"{low} {self.high(high)}", self.point(by, scope)
        index, body = opened(term, by)
        place, inner = self.inside(index, scope)
        own, own_body = opened(term)
        if self.text(body, inner) != self.text(own_body, {**scope, own: place}):
            raise NotExported("a summand is written in two orders")
        change = derivative(body, by)
        function = f"(fun {place.name} : nat => {self.function(body, by, inner)})"
        slope = f"(fun {place.name} : nat => {self.text(change, inner)})"
        proof = (
            f"(D_vsum {bounds} {function} {point} {self.summand(term, scope)} {slope} "
            f"(fun {self.binder(place)} => {self.differentiated(body, by, inner)}))"
        )
        if change == ZERO:
            after, order = ZERO, f"(vsum_zero {bounds})"
        else:
            after = bind("sum", index, change)
            other, other_body = opened(after)
            pointwise = self.equal(change, inner, other_body, {**scope, other: place})
            if pointwise.startswith("(eq_refl"):
                return proof
            order = (
                f"(vsum_eq {bounds} {slope} {self.summand(after, scope)} "
                f"(fun {self.binder(place)} => {pointwise}))"
            )
        texts = f"{self.text(term, scope)} (vsum {bounds} {slope}) {self.text(after, scope)}"
        return f"(D_equal {self.function(term, by, scope)} {point} {texts} {proof} {order})"
