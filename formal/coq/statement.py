"""The theorem that a claim is, as text of Coq. Nothing here sees a proof.

Sizes are at least 1, declared signs, ranges of free indices and the claim's hypotheses are
hypotheses of the theorem, and so are the conditions under which the claim is defined. The
theorem says that the derivatives of the claim exist, and that the claim holds. Entries of a
family beyond the ranges of its indices occur nowhere; the signs are assumed of them as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from formal.coq.text import Local, Names, NotExported, Scope, local, symbol_type
from formal.proof.conditions import Condition, Relation
from formal.proof.kernel import Claim, Derivation, universals
from formal.proof.terms import Term, is_universal, opened

DEFINITIONS = """\
Fixpoint vsum (lo hi : nat) (f : nat -> R) : R :=
  match hi with
  | O => 0
  | S n => vsum lo n f + (if Nat.leb lo (S n) then f (S n) else 0)
  end.
Definition delta (i j : nat) : R := if Nat.eqb i j then 1 else 0.
Definition rpow (a x : R) : R := if Rlt_dec 0 a then Rpower a x else 0.
Definition xlogy (x y : R) : R := x * ln y.
Definition upd (p : nat -> R) (k : nat) (y : R) (i : nat) : R := if Nat.eqb i k then y else p i.
Definition partial (F : (nat -> R) -> R) (p : nat -> R) (k : nat) : R :=
  Derive (fun y => F (upd p k y)) (p k).
Definition ex_partial (F : (nat -> R) -> R) (p : nat -> R) (k : nat) : Prop :=
  ex_derive (fun y => F (upd p k y)) (p k).
Definition upd2 (p : nat -> nat -> R) (k l : nat) (y : R) (i j : nat) : R :=
  if andb (Nat.eqb i k) (Nat.eqb j l) then y else p i j.
Definition partial2 (F : (nat -> nat -> R) -> R) (p : nat -> nat -> R) (k l : nat) : R :=
  Derive (fun y => F (upd2 p k l y)) (p k l).
Definition ex_partial2 (F : (nat -> nat -> R) -> R) (p : nat -> nat -> R) (k l : nat) : Prop :=
  ex_derive (fun y => F (upd2 p k l y)) (p k l).
"""

_SIGNS = {"positive": "0 < {}", "nonnegative": "0 <= {}", "negative": "{} < 0"}
_ENTRIES = {**_SIGNS, "indicator": "({0} = 0 \\/ {0} = 1)"}
_RELATIONS = {"Eq": "=", "Le": "<=", "Lt": "<", "Ne": "<>"}
_CONDITIONS = {"positive": "0 < {}", "nonnegative": "0 <= {}", "nonzero": "{} <> 0"}


class Binder(NamedTuple):
    """A variable or a hypothesis of the theorem: a name of Coq and its type.

    `kind` is size, symbol, sign, index, range, hypothesis or condition; `subject` is what it is
    about: the name of a size, a term, or the position of a hypothesis or a condition.
    """

    name: str
    type: str
    kind: str
    subject: Term | str | int


def binders(claim: Claim, names: Names) -> list[Binder]:
    """Variables and hypotheses of the theorem, in order."""
    found: list[Binder] = []
    for size, name in names.sizes.items():
        found.append(Binder(name, "nat", "size", size))
        found.append(Binder(f"H{name}", f"(1 <= {name})%nat", "range", size))
    for term in _symbols(claim):
        name = names.symbol(term)
        found.append(Binder(name, symbol_type(term), "symbol", term))
        if term.args[1] in _ENTRIES:
            found.append(Binder(f"H{name}", sign_text(term, name), "sign", term))
    for index, place in names.scope.items():
        found.append(Binder(place.name, "nat", "index", index))
        found.append(Binder(place.proof, names.range(place.name, index), "range", index))
    for n, relation in enumerate(claim.hypotheses):
        text = for_all(universals(relation), names, lambda s, r=relation: related(r, names, s))
        found.append(Binder(f"A{n}", text, "hypothesis", n))
    for n, condition in enumerate(conditions(claim)):
        free = universals(Relation("Eq", condition.term, condition.term))
        text = for_all(free, names, lambda s, c=condition: conditioned(c, names, s))
        found.append(Binder(f"C{n}", text, "condition", n))
    return found


def conditions(claim: Claim) -> tuple[Condition, ...]:
    """What has to hold for the claim to be defined, beyond shapes and hypotheses."""
    found = Derivation(claim).conditions
    return tuple(c for c in found if c.kind == "positive" or _positive(c) not in found)


def _positive(condition: Condition) -> Condition:
    return Condition("positive", condition.term)


def conclusion(claim: Claim, names: Names) -> str:
    """That the claim's derivatives exist, and the claim."""
    exist = [text for text, _ in existence(claim, names)]
    return " /\\ ".join([*exist, f"({related(claim.relation, names, names.scope)})"])


def existence(claim: Claim, names: Names) -> Iterator[tuple[str, Term]]:
    """For each derivative in the claim the proposition that it exists, and the derivative."""
    seen = set()
    for side in (claim.relation.left, claim.relation.right):
        for term in derivatives(side):
            free = tuple(sorted(i for i in term.indices if is_universal(i)))
            text = for_all(
                free,
                names,
                lambda s, t=term: names.derivative(t, s, "ex_derive", "ex_partial"),
            )
            if text not in seen:
                seen.add(text)
                yield f"({text})", term


def derivatives(term: Term) -> Iterator[Term]:
    """The derivatives in a term, inner ones as well; bound indices are universal."""
    if term.op == "diff":
        yield term
    for part in (opened(term)[1],) if term.op == "sum" else term.terms:
        yield from derivatives(part)


def related(relation: Relation, names: Names, scope: Scope) -> str:
    """A relation of two terms."""
    left, right = (names.text(side, scope) for side in relation[1:])
    return f"{left} {_RELATIONS[relation.kind]} {right}"


def conditioned(condition: Condition, names: Names, scope: Scope) -> str:
    """A condition on a term."""
    if condition.kind == "supported":
        x, y = (names.text(part, scope) for part in condition.term.terms)
        return f"{x} <> 0 -> 0 < {y}"
    if condition.kind not in _CONDITIONS:
        raise NotExported(f"Coq cannot be told that a sum is {condition.kind}")
    return _CONDITIONS[condition.kind].format(names.text(condition.term, scope))


def sign_text(term: Term, name: str) -> str:
    """The declared sign of a parameter, or of every entry of a family."""
    if term.op == "sym":
        return _SIGNS[str(term.args[1])].format(name)
    indices = [f"k{n}" for n, _ in enumerate(term.terms, 1)]
    entry = f"({' '.join([name, *indices])})"
    return f"forall {' '.join(indices)} : nat, " + _ENTRIES[str(term.args[1])].format(entry)


def for_all(indices: tuple[Term, ...], names: Names, body) -> str:
    """A proposition for all values of universal indices in their ranges."""
    places: dict[Term, Local] = {i: local(i, f"k{n}") for n, i in enumerate(indices, 1)}
    heads = [f"forall {p.name} : nat, {names.range(p.name, i)} -> " for i, p in places.items()]
    return "".join(heads) + body({**names.scope, **places})


def theorem(claim: Claim, name: str, names: Names) -> str:
    """The theorem's statement, up to its full stop."""
    lines = [f"  ({b.name} : {b.type})" for b in binders(claim, names)]
    return "\n".join([f"Theorem {name}", *lines, f"  : {conclusion(claim, names)}."])


def _symbols(claim: Claim) -> list[Term]:
    found: dict[tuple, Term] = {}

    def visit(term: Term) -> None:
        if term.op in ("sym", "arr"):
            found.setdefault((term.op, *term.args[:2], len(term.terms)), term)
        for part in term.terms:
            visit(part)

    for relation in (claim.relation, *claim.hypotheses):
        visit(relation.left)
        visit(relation.right)
    return list(found.values())
