"""The two cases of what is 0 or 1, in Coq."""

from __future__ import annotations

from formal.coq.rewriting import Rewriting
from formal.coq.text import NotExported, Scope
from formal.proof.terms import NAMES, ONE, ZERO, Term, abstract, opened, rebuild, substitute


def cases(to: Rewriting, scope: Scope, before: Term, after: Term, which: Term) -> str:
    """A term by its values where something is 0 and where it is 1."""
    branches = []
    for value in (ZERO, ONE):
        replaced, proof = _replaced(to, before, which, value, scope)
        if replaced != substitute(before, which, value):
            raise NotExported("a term is written in two orders")
        work = to.identity((after, scope))
        work.hypothesis(f"{work.keep(which, scope)} = {to.text(value, scope)}", "E")
        for either in (ZERO, ONE):
            work.keep(substitute(before, which, either), scope)
        known = work.proof(work.keep(replaced, scope), work.walk(after, scope))
        branches.append(f"exact (eq_trans {proof} {known})")
    return f"destruct {to.bit(which, scope)} as [E|E]; [{' | '.join(branches)}]."


def _replaced(
    to: Rewriting, term: Term, which: Term, value: Term, scope: Scope
) -> tuple[Term, str | None]:
    """The term with a value for a part, and a proof that they are equal, from E."""
    if term == which:
        return value, "E"
    if which.text not in term.text:
        return term, None
    if term.op in NAMES or term.op in ("diff", "int"):
        raise NotExported(f"a case below '{term.op}'")
    if term.op == "sum":
        return _in_summand(to, term, which, value, scope)
    visited = [(t, *_replaced(to, t, which, value, scope)) for t in term.terms]
    inner = rebuild(term, [after for _, after, _ in visited])
    return inner, to.congruence(term, inner, scope, visited)


def _in_summand(
    to: Rewriting, term: Term, which: Term, value: Term, scope: Scope
) -> tuple[Term, str]:
    index, body = opened(term)
    place, inside = to.inside(index, scope)
    after, proof = _replaced(to, body, which, value, inside)
    low, high = term.args[:2]
    inner = Term("sum", low, high, abstract(after, index))
    return inner, to.summed(term, inner, scope, index, place, after, proof)
