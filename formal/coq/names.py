"""Why nonnegative names are nonnegative, in Coq: the side conditions of `formal.proof.names`."""

from __future__ import annotations

from formal.coq.signs import Signs
from formal.coq.text import NotExported, Scope
from formal.proof.terms import MINUS_ONE, Term, absolute, add, opened


class NonnegativeNames(Signs):
    """A script with proofs that named expressions are never negative."""

    def nonnegative_name(self, term: Term, scope: Scope) -> str:
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
                proof = self.weak(value, proof)[1]
                return f"(rise_nonneg {self.text(x, scope)} {proof})"
            case "slack", (int() as n, *indices):
                return self._slack(term, n, tuple(indices), scope)  # type: ignore[arg-type]
        raise NotExported(f"the export to Coq does not know '{term.op}'")

    def _above(self, term: Term, whole: Term, at: Term, scope: Scope) -> str:
        low, high, _ = whole.args
        index, body = opened(whole)
        place, inner = self.inside(index, scope)
        value, proof = self.sign(body, inner)
        proof = self.weak(value, proof)[1]
        whole_text, at_text = self.text(whole, scope), scope[at].name
        entry = self.text(body, {**scope, index: scope[at]})
        bounds = self.within(at, Term("idx", "", low, high), scope)
        known = (
            f"(vsum_above {low} {self.high(high)} {at_text} {self.summand(whole, scope)} "
            f"{self.low(Term('idx', '', low, high))} {bounds} "
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
