"""What a paper prints: statements and derivations, each with what its author may rely on.

A `Standing` is the verdict, digests of what is meant and of what carries it, and the command that
gives it again. What is meant is a claim together with the definitions that it rests on: it stays
the same when another proof is found, and changes when a definition does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Basic, srepr

from formal import Derivation, Proof, Quantity, Statement, prove, replay
from formal.quantity import quantities

SECONDS = 30.0  # patience with one proof
ENVIRONMENTS = {"definition": "definition", "conjecture": "conjecture"}  # all else: proposition
RELIABLE = ("PROVED", "SUPPORTED", "DEFINITION", "CITED")

Ask = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Standing:
    """A verdict (or DEFINITION, or CITED), what carries it, and the command that replays it.

    `meaning` is the SHA-256 of the claim, `certificate` that of its proof, or empty. `proofs` are
    the proof of a statement, or of each step of a derivation; `why` is one line.
    """

    status: str
    meaning: str
    command: str
    certificate: str = ""
    proofs: tuple[Proof, ...] = ()
    why: str = ""

    @property
    def digest(self) -> str:
        """The hash of the certificate, or of the claim where there is no proof."""
        return self.certificate or self.meaning

    @property
    def short(self) -> str:
        """What a mark holds: the first digits of the certificate's hash and of the claim's."""
        return "-".join(part[:12] for part in (self.certificate, self.meaning) if part)

    def __bool__(self) -> bool:
        return self.status in RELIABLE


@dataclass(frozen=True)
class Entry:
    """A statement or a derivation under its name, with its standing."""

    name: str
    said: Statement | Derivation
    standing: Standing

    @property
    def environment(self) -> str:
        """The theorem environment: definition, proposition, conjecture; a derivation has none."""
        if isinstance(self.said, Derivation):
            return ""
        return ENVIRONMENTS.get(self.said.kind, "proposition")


def entries(
    chosen: Mapping[str, Statement | Derivation],
    known: Mapping[str, Statement],
    catalogue: str = "formal",
    at: Ask = lambda label, done, of: None,
) -> list[Entry]:
    """Each of some statements and derivations, proved anew; `known` are all there are, and
    `catalogue` the package that derivations are found in."""
    found = []
    for place, (name, said) in enumerate(chosen.items()):
        at("proving", place, len(chosen))
        found.append(Entry(name, said, standing(name, said, known, catalogue)))
    at("proving", len(chosen), len(chosen))
    return found


def standing(
    name: str,
    said: Statement | Derivation,
    known: Mapping[str, Statement],
    catalogue: str = "formal",
) -> Standing:
    """What is known of a statement or a derivation now: by the kernel, by others if it fails."""
    if isinstance(said, Derivation):
        return _of_derivation(f"porism tex {name}{_option(catalogue)}", said)
    option = _option(said.module.partition(".")[0] or "formal")
    look = f"porism verify {name}{option}"
    if said.claim is None:
        return Standing("CITED", _digest(said.text), look)
    meant = _meaning([said.claim, *said.domain])
    if said.kind == "definition":
        return Standing("DEFINITION", meant, look)
    proof = _proved(said.claim, said.domain)
    if isinstance(proof, Proof):
        command = f"porism prove {name}{option}"
        return Standing("PROVED", meant, command, proof.certificate["sha256"], (proof,))
    from bridge.verification import verify  # imports torch

    verdict = verify(said, oracles=("balls", "strings"), catalogue=known)
    why = next((row.detail for row in verdict.evidence if row.status is verdict.status), proof)
    return Standing(str(verdict.status), meant, look, why=why)


def _of_derivation(command: str, chain: Derivation) -> Standing:
    """As good as its worst step; each step is a relation that the kernel proves."""
    proofs = [_proved(step.claim, chain.assuming) for step in chain.steps]
    held = tuple(proof for proof in proofs if isinstance(proof, Proof))
    meant = _meaning([*(step.claim for step in chain.steps), *chain.assuming])
    if len(held) == len(proofs):
        digest = _digest(*(proof.certificate["sha256"] for proof in held))
        return Standing("PROVED", meant, command, digest, held)
    from bridge.verification import verify

    verdict = verify(chain)
    first = next(number for number, proof in enumerate(proofs, 1) if isinstance(proof, str))
    return Standing(str(verdict.status), meant, command, why=f"step {first} is not proved")


def _proved(claim: Any, domain: Iterable[Any]) -> Proof | str:
    """A proof that was replayed, or why there is none."""
    domain = tuple(domain)
    proof = prove(claim, domain, seconds=SECONDS)
    if not isinstance(proof, Proof):
        return proof.reason
    return proof if replay(proof.certificate, claim, domain) else "it did not replay"


def _option(catalogue: str) -> str:
    return "" if catalogue == "formal" else f" --catalogue {catalogue}"


def _meaning(claims: Iterable[Basic]) -> str:
    """A digest of claims and of all definitions that they rest on."""
    parts: list[str] = []
    seen: dict[type[Quantity], None] = {}
    waiting = list(claims)
    while waiting:
        expression = waiting.pop(0)
        parts.append(srepr(expression))
        for quantity in map(type, quantities(expression)):
            if quantity not in seen:
                seen[quantity] = None
                waiting.append(quantity.body)
    return _digest(*parts)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
