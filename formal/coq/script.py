"""Lemmas in the order in which Coq reads them, and the names that are free in them."""

from __future__ import annotations

from itertools import count

from formal.coq.statement import binders
from formal.coq.text import Local, Names, NotExported, Scope, local
from formal.proof.conditions import Relation
from formal.proof.kernel import Claim
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    Term,
    absolute,
    add,
    bind,
    instantiate,
    is_universal,
    opened,
    replace,
)

CLOSED = ("Eq", "Le")  # hypotheses of these kinds hold at a point, not near it


class Script(Names):
    """A growing list of lemmas about one claim.

    `closed` says whether the lemma being written uses a hypothesis that holds at a point only.
    """

    closed = False

    def __init__(self, claim: Claim) -> None:
        """Start with the variables and hypotheses of the claim's theorem."""
        super().__init__(claim)
        self.claim = claim
        self.binders = binders(claim, self)
        self.lemmas: list[str] = []
        self.apart: dict[tuple[str, str], str] = {}
        self._stated: dict[str, str] = {}
        self._local_names = count(1)

    def lemma(self, prefix: str, statement: str, proof: str) -> str:
        """The name of a lemma with this statement, added with its proof unless it is there."""
        if statement not in self._stated:
            name = f"{prefix}{len(self.lemmas) + 1}"
            self._stated[statement] = name
            self.lemmas.append(f"Lemma {name} {statement}.\nProof. {proof} Qed.\n")
        return self._stated[statement]

    def inside(self, index: Term, scope: Scope) -> tuple[Local, dict[Term, Local]]:
        """A new variable for an index, and the scope in which it stands for it."""
        place = local(index, f"t{next(self._local_names)}")
        return place, {**scope, index: place}

    def binder(self, place: Local) -> str:
        """A variable for an index, and its range."""
        return f"({place.name} : nat) ({place.proof} : {self.range(place.name, place.index)})"

    def within(self, index: Term, bounds: Term, scope: Scope) -> str:
        """A proof that an index lies in the range of another.

        Raises:
            NotExported: It does not, by its own range.
        """
        if index not in scope:
            raise NotExported(f"the index '{index.args[0]}' has no meaning outside the proof")
        own, wanted = scope[index].index.args[1:], bounds.args[1:]
        if own == wanted:
            return scope[index].proof
        if own == (2, wanted[1]) and wanted[0] == 1:
            return f"(wide _ _ {scope[index].proof})"
        raise NotExported("an index leaves the range of another")

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

    def other(self, term: Term, scope: Scope, depth: int) -> str:
        """The text of a nonnegative name is that of its definition."""
        return self.text(self.expanded(term), scope, depth)

    def expanded(self, term: Term) -> Term:
        """The definition of a nonnegative name, terms in the order of the lemmas on it.

        Raises:
            NotExported: The term is none.
        """
        minus = lambda x: Term("mul", MINUS_ONE, x)  # noqa: E731
        match term.op, term.args:
            case "gap", (Term() as x,):
                return Term("add", x, MINUS_ONE, minus(Term("log", x)))
            case "gap0", (Term() as x, Term() as y):
                inner = Term("add", x, Term("xlogy", x, y))
                return Term("add", y, Term("xlogy", x, x), minus(inner))
            case "fold", (Term() as x,):
                return Term("add", absolute(x), minus(x))
            case "bend", (Term() as x, Term() as y):
                return Term("add", absolute(x), absolute(y), minus(absolute(add(x, y))))
            case "spread", (Term() as whole,):
                index, body = opened(whole)
                apart = bind("sum", index, absolute(body))
                return Term("add", apart, minus(absolute(whole)))
            case "above", (Term() as whole, Term() as at):
                return Term("add", whole, minus(instantiate(whole.args[2], at)))  # type: ignore
            case "apart", (Term() as left, Term() as right):
                return Term("add", ONE, minus(Term("delta", left, right)))
            case "rise", (Term() as x,):
                return Term("add", Term("exp", x), MINUS_ONE)
            case "slack", (int() as n, *indices):
                relation = self.claim.hypotheses[n]
                mapping = dict(zip(universal_in(relation), indices, strict=True))
                left, right = (replace(side, mapping) for side in relation[1:])  # type: ignore
                return Term("add", right, minus(left))
        raise NotExported(f"the export to Coq does not know '{term.op}'")


def universal_in(relation: Relation) -> tuple[Term, ...]:
    """The universal indices of a relation, in order."""
    free = relation.left.indices | relation.right.indices
    return tuple(sorted(index for index in free if is_universal(index)))
