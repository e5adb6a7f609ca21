"""Proofs of relations between sums of any length: `prove` and `replay`.

The search lives here and in `formal.proof.normal` and `formal.proof.bounds`; what it finds is
checked by `formal.proof.kernel`, which imports none of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from formal.proof import certificate as certificates
from formal.proof.bounds import Search
from formal.proof.conditions import Condition
from formal.proof.display import show
from formal.proof.encoding import encode_claim
from formal.proof.field import polynomial, to_term
from formal.proof.kernel import Claim, Derivation
from formal.proof.normal import Normaliser
from formal.proof.terms import ProofError, Term, subtract

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

    @property
    def where(self) -> tuple[str, ...]:
        """The conditions of `definedness` in words, such as ``T - T_0 is nonzero``."""
        return tuple(_in_words(condition) for condition in self.definedness)


def _in_words(condition: Condition) -> str:
    kind, term = condition
    if kind == "supported":
        x, y = map(show, term.terms)
        return f"{y} is positive where {x} is not 0"
    return f"{show(term)} is {kind}"


@dataclass(frozen=True)
class Failure:
    """No proof was found; falsy. This says nothing about whether the claim is true."""

    reason: str

    def __bool__(self) -> bool:
        """Always false."""
        return False


def prove(claim: Any, assuming: Iterable[Any] = (), seconds: float = BUDGET) -> Proof | Failure:
    """A proof of a relation for every size of its sums, or the reason why none was found.

    The search for a displayed term, and the normal form, may each take `seconds` of the thread's
    processor time: a crowded machine finds the same proofs, later.
    """
    assumed = tuple(assuming)
    try:
        encoded = encode_claim(claim, assumed)
        deadline = time.thread_time() + seconds
        displayed = _displayed(encoded, deadline)
        steps = _steps(encoded, displayed, deadline + seconds)
        proof = _checked(encoded, steps, displayed)
        while any(step[1] not in proof.applied for step in steps):
            steps = [step for step in steps if step[1] in proof.applied]
            proof = _checked(encoded, steps, displayed)
    except (ProofError, RecursionError) as error:
        return Failure(str(error) or "the expression is nested too deeply")
    used = tuple(assumed[n] for n in sorted(proof.used) if n < len(assumed))
    data = certificates.certificate(proof, steps, displayed)
    return Proof(data, used, tuple(proof.conditions))


def _displayed(claim: Claim, deadline: float) -> Term | None:
    """The nonnegative term that an inequality displays; None for an equality."""
    kind, left, right = claim.relation
    if kind == "Eq":
        return None
    if kind == "Ne":
        raise ProofError("a claim must be an equality or an inequality with an order")
    found = Search(claim, deadline).found(subtract(right, left))
    if found is None:
        late = " within the time budget" if time.thread_time() > deadline else ""
        raise ProofError(
            f"no proof found: no nonnegative form of greater - smaller was found{late}"
        )
    return found


def replay(certificate: Any, claim: Any, assuming: Iterable[Any] = ()) -> bool:
    """Whether the kernel accepts a certificate as a proof of this claim from these hypotheses."""
    try:
        return certificates.checked(certificate, encode_claim(claim, assuming))
    except (ProofError, RecursionError):
        return False


def _steps(claim: Claim, displayed: Term | None, deadline: float) -> list[tuple]:
    """The steps of the normal form of what has to be zero."""
    normaliser = Normaliser(Derivation(claim), deadline)
    _, left, right = claim.relation
    if displayed is None:
        normaliser.settle(subtract(left, right))
    else:
        normaliser.settle(subtract(subtract(right, left), displayed))
    return normaliser.steps


def _checked(claim: Claim, steps: list[tuple], displayed: Term | None) -> Derivation:
    """The steps taken again by a fresh kernel.

    Raises:
        ProofError: They do not prove the claim.
    """
    proof = Derivation(claim)
    for rule, before, _, data in steps:
        proof.step(rule, before, *data)
    if not proof.proves(displayed):
        _, left, right = claim.relation
        rest = show(to_term(polynomial(proof.rewritten(subtract(left, right)))))
        raise ProofError(f"no proof found; what is left of the difference: {rest[:400]}")
    return proof
