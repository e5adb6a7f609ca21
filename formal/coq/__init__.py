"""Certificates as files of Coq: the theorem from the claim, its proof from the steps.

The file is self-contained: definitions, lemmas, the theorem, its proof, `Print Assumptions`.
Coq's functions are total (ln (-1) = 0, / 0 = 0), so that its acceptance does not replace the
kernel's check that a claim is defined; it checks everything else again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from formal.coq.angles import ANGLES
from formal.coq.derivatives import DERIVATIVES
from formal.coq.lemmas import LEMMAS
from formal.coq.rewriting import Rewriting, universal
from formal.coq.rules import RULES
from formal.coq.statement import DEFINITIONS, existence, theorem
from formal.coq.support import Supports
from formal.coq.text import Local, Names, NotExported, Scope, local
from formal.proof.certificate import decoded
from formal.proof.encoding import encode_claim
from formal.proof.kernel import Claim
from formal.proof.terms import Term, is_universal, subtract

HEADER = "Require Import Reals Lra Lia Arith.\nFrom Coquelicot Require Import Coquelicot.\n"
PRELUDE = "\n".join([HEADER + "Open Scope R_scope.\n", DEFINITIONS, LEMMAS, ANGLES, DERIVATIVES])


class CoqText(NamedTuple):
    """A theorem with its proof: the theorem's name, and lemmas and theorem without the prelude."""

    name: str
    body: str

    @property
    def file(self) -> str:
        """The self-contained file."""
        return f"{PRELUDE}\n{self.body}\nPrint Assumptions {self.name}.\n"


def coq_text(
    certificate: Any, claim: Any, assuming: Iterable[Any] = (), name: str = "claim"
) -> CoqText:
    """The certificate as a theorem about the claim, which Coq may or may not accept.

    Raises:
        NotExported: The proof has a step, or the claim a part, that the export does not know.
        ProofError: The certificate is damaged.
    """
    return exported(encode_claim(claim, assuming), certificate, name)


def exported(claim: Claim, certificate: Any, name: str) -> CoqText:
    """The theorem of an encoded claim, with the proof of a certificate."""
    stated, steps, displayed = decoded(certificate)
    label = "porism_" + re.sub("[^A-Za-z0-9_]", "", name)
    head = theorem(claim, label, Names(claim))
    try:
        lemmas, proof = _proof(stated, steps, displayed)
    except RecursionError as error:
        raise NotExported("the proof is nested too deeply") from error
    text = "\n".join(
        [*_legend(Names(claim)), "", *lemmas, f"{head}\nProof. exact {proof}. Qed.\n"]
    )
    return CoqText(label, text)


def _proof(claim: Claim, steps: list[tuple], displayed: Term | None) -> tuple[list[str], str]:
    """The lemmas, and the theorem's proof from them."""
    script = Supports(claim)
    script.start()
    for rule, before, _, data in steps:
        _step(script, rule, before, data)
    parts = [_exists(script, term) for _, term in existence(claim, script)]
    proof = _closing(script, displayed)
    for part in reversed(parts):
        proof = f"(conj {part} {proof})"
    return script.lemmas, proof


def _step(script: Rewriting, rule: str, before: Term, data: tuple) -> None:
    """The equation of a step as a lemma, proved from earlier ones."""
    if rule not in RULES:
        raise NotExported(f"steps by the rule '{rule}' are not exported")
    after = script.proof.step(rule, before, *data)
    equation = script.proof.equations.pop(before)
    lemma = script.state(
        universal(before, after),
        lambda s: f"{script.text(before, s)} = {script.text(after, s)}",
        lambda s: _finished(RULES[rule](script, s, before, after, *data)),
    )
    script.proof.equations[before] = equation
    script.equations[before] = lemma


def _finished(proof: str) -> str:
    return proof if proof.endswith(".") else f"exact {proof}."


def _closing(script: Rewriting, displayed: Term | None) -> str:
    """The claim's relation: what has to be 0 is rewritten to what is 0 as a fraction."""
    _, left, right = script.claim.relation
    if displayed is None:
        whole, scope = subtract(left, right), script.scope
        opaque = [left, right]
    else:
        whole = subtract(subtract(right, left), displayed)
        scope = {**script.scope, **_first_values(script, displayed)}
        opaque = [right, left, displayed]
    after, lemma = script.rewritten(whole, scope)
    zero = script.equal(after, scope, Term("num", 0, 1), scope)
    proof = zero if lemma is None else f"(eq_trans {lemma} {zero})"
    work = script.identity()
    sides = [work.keep(term, scope) for term in opaque]
    work.hypothesis(f"{work.walk(whole, scope)} = 0", proof)
    if displayed is None:
        return work.proof(*sides, closing="lra")
    value, shown = script.sign(displayed, scope)
    strict = script.claim.relation.kind == "Lt"
    work.hypothesis(
        f"0 {'<' if strict else '<='} {sides[2]}", script.at_least(value, shown, strict)
    )
    relation = "<" if strict else "<="
    return work.proof(sides[1], sides[0], relation=relation, closing="lra")


def _first_values(script: Rewriting, term: Term) -> dict[Term, Local]:
    """The value 1 for the universal indices of a displayed term."""
    found = {}
    for index in term.indices:
        if is_universal(index):
            _, low, high = index.args
            if low != 1 or not isinstance(high, str):
                raise NotExported("the displayed term has an index of which there may be none")
            name = Term("idx", "1%nat", low, high)
            found[index] = Local(name, f"(conj (le_n 1) H{script.high(high)})")
    return found


def _exists(script: Rewriting, term: Term) -> str:
    """A proof that a derivative exists, for all values of its universal indices."""
    free = tuple(sorted(i for i in term.indices if is_universal(i)))
    places = {i: local(i, f"k{n}") for n, i in enumerate(free, 1)}
    scope: Scope = {**script.scope, **places}
    body, by = term.terms
    after, lemma = script.visit(body, True)
    if "(diff " in after.text:
        raise NotExported("a derivative of a derivative is left as it is")
    known = script.differentiated(after, by, scope)
    proof = f"(D_exists _ _ _ _ {known})"
    if lemma is not None:
        proof = f"({script.near('ex_derive_near', body, after, by, lemma, scope)} {proof})"
    for place in reversed(places.values()):
        proof = f"(fun {script.binder(place)} => {proof})"
    return proof


def _legend(names: Names) -> list[str]:
    """What the names of Coq stand for, as comments."""
    pairs = [(name, size) for size, name in names.sizes.items()]
    pairs += [(name, str(symbol[1])) for symbol, name in names.symbols.items()]
    pairs += [(place.name, str(index.args[0])) for index, place in names.scope.items()]
    return [f"(* {name}: {_safe(original)} *)" for name, original in pairs]


def _safe(text: str) -> str:
    return re.sub(r"[^\w\\{},^' -]", "", text)
