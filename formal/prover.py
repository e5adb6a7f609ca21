"""Proofs of relations between sums of any length: `prove` and `replay`.

The search lives here and in `formal.proof_normal` and `formal.proof_bounds`; what it finds is
checked by `formal.kernel`, which imports none of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from formal import certificate as certificates
from formal.kernel import Claim, Condition, Derivation
from formal.proof_bounds import Search
from formal.proof_encoding import encode_claim
from formal.proof_field import polynomial, to_term
from formal.proof_normal import Normaliser
from formal.proof_terms import ProofError, Term, add, mul, replace, subtract

BUDGET = 5.0


@dataclass(frozen=True)
class Proof:
    """A proof that the kernel accepted.

    `hypotheses_used` are the entries of `assuming` that the proof rests on; `definedness` are the
    conditions that are neither discharged nor assumed: the claim holds where they do.
    """

    certificate: dict[str, Any]
    hypotheses_used: tuple[Any, ...]
    definedness: tuple[Condition, ...]


@dataclass(frozen=True)
class Failure:
    """No proof was found; falsy. This says nothing about whether the claim is true."""

    reason: str

    def __bool__(self) -> bool:
        return False


def prove(claim: Any, assuming: Iterable[Any] = (), seconds: float = BUDGET) -> Proof | Failure:
    """A proof of a relation for every size of its sums, or the reason why none was found."""
    assumed = tuple(assuming)
    try:
        encoded = encode_claim(claim, assumed)
        displayed = _displayed(encoded, time.monotonic() + seconds)
        proof = Derivation(encoded)
        normaliser = Normaliser(proof)
        kind, left, right = encoded.relation
        rest = subtract(left, right) if displayed is None else subtract(right, left)
        _settle(normaliser, rest if displayed is None else subtract(rest, displayed))
        if not proof.proves(displayed):
            return Failure(_remainder(normaliser))
    except (ProofError, RecursionError) as error:
        return Failure(str(error) or "the expression is nested too deeply")
    used = tuple(assumed[n] for n in sorted(proof.used) if n < len(assumed))
    data = certificates.certificate(proof, normaliser.steps, displayed)
    return Proof(data, used, tuple(proof.conditions))


def _displayed(claim: Claim, deadline: float) -> Term | None:
    """The nonnegative term that an inequality displays; None for an equality."""
    kind, left, right = claim.relation
    if kind == "Eq":
        return None
    if kind == "Ne":
        raise ProofError("a claim must be an equality or an inequality with an order")
    found = Search(claim, deadline).displayed(subtract(right, left))
    if found is None:
        raise ProofError("no proof found: no nonnegative form of greater - smaller was found")
    return found


def replay(certificate: Any, claim: Any, assuming: Iterable[Any] = ()) -> bool:
    """Whether the kernel accepts a certificate as a proof of this claim from these hypotheses."""
    try:
        return certificates.checked(certificate, encode_claim(claim, assuming))
    except (ProofError, RecursionError):
        return False


def _settle(normaliser: Normaliser, difference: Term) -> None:
    """Normalise the difference, and let the indices of deltas agree in what they multiply."""
    for _ in range(8):
        difference = normaliser.normal(difference)
        key = _unsettled_delta(difference)
        if key is None:
            return
        left, right = key.terms
        poly = polynomial(difference)
        after = [
            replace(to_term({_without(m, key): c}), {left: right}) if _has(m, key) else None
            for m, c in poly.items()
        ]
        rest = to_term({m: c for m, c in poly.items() if not _has(m, key)})
        changed = add(rest, *(mul(key, t) for t in after if t is not None))
        difference = normaliser.step("delta", difference, changed, left, right)


def _has(monomial: Any, key: Term) -> bool:
    return any(base == key for base, _ in monomial)


def _without(monomial: Any, key: Term) -> Any:
    return tuple(pair for pair in monomial if pair[0] != key)


def _unsettled_delta(term: Term) -> Term | None:
    """A delta whose first index still occurs in what it multiplies."""
    for monomial in polynomial(term):
        for base, _ in monomial:
            if base.op == "delta" and any(
                base.terms[0] in other.indices for other, _ in _without(monomial, base)
            ):
                return base
    return None


def _remainder(normaliser: Normaliser) -> str:
    relation = normaliser.proof.claim.relation
    rest = normaliser.proof.rewritten(subtract(relation.left, relation.right))
    return f"no proof found; what is left of the difference: {str(rest)[:400]}"
