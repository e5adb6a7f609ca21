"""What a paper prints: statements and derivations, each with what its author may rely on.

A `Standing` is the verdict, a digest of what carries it, and the command that gives it again. For
a proof the digest is the SHA-256 of its certificate; for what has none (definitions, claims that
are supported or cited) that of the claim with every quantity replaced by its definition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import srepr

from formal import Derivation, Proof, Statement, prove, replay, unfold

SECONDS = 30.0  # patience with one proof
ENVIRONMENTS = {"definition": "definition", "conjecture": "conjecture"}  # all else: proposition
RELIABLE = ("PROVED", "SUPPORTED", "DEFINITION", "CITED")

Ask = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Standing:
    """A verdict (or DEFINITION, or CITED), what carries it, and the command that replays it.

    `proofs` are the proof of a statement, or of each step of a derivation; `why` is one line.
    """

    status: str
    digest: str
    command: str
    proofs: tuple[Proof, ...] = ()
    why: str = ""

    @property
    def short(self) -> str:
        """As much of the digest as a margin has room for."""
        return self.digest[:12]

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
    carried = _digest(srepr(said.unfolded), *map(srepr, map(unfold, said.domain)))
    if said.kind == "definition":
        return Standing("DEFINITION", carried, look)
    proof = _proved(said.claim, said.domain)
    if isinstance(proof, Proof):
        command = f"porism prove {name}{option}"
        return Standing("PROVED", proof.certificate["sha256"], command, (proof,))
    from bridge.verification import verify  # imports torch

    verdict = verify(said, oracles=("balls", "strings"), catalogue=known)
    why = next((row.detail for row in verdict.evidence if row.status is verdict.status), proof)
    return Standing(str(verdict.status), carried, look, why=why)


def _of_derivation(command: str, chain: Derivation) -> Standing:
    """As good as its worst step; each step is a relation that the kernel proves."""
    proofs = [_proved(step.claim, chain.assuming) for step in chain.steps]
    held = tuple(proof for proof in proofs if isinstance(proof, Proof))
    digest = _digest(*(proof.certificate["sha256"] for proof in held))
    if len(held) == len(proofs):
        return Standing("PROVED", digest, command, held)
    from bridge.verification import verify

    verdict = verify(chain)
    first = next(number for number, proof in enumerate(proofs, 1) if isinstance(proof, str))
    return Standing(str(verdict.status), digest, command, held, f"step {first} is not proved")


def _proved(claim: Any, domain: Iterable[Any]) -> Proof | str:
    """A proof that was replayed, or why there is none."""
    domain = tuple(domain)
    proof = prove(claim, domain, seconds=SECONDS)
    if not isinstance(proof, Proof):
        return proof.reason
    return proof if replay(proof.certificate, claim, domain) else "it did not replay"


def _option(catalogue: str) -> str:
    return "" if catalogue == "formal" else f" --catalogue {catalogue}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
