"""What a proof rests on, and what would shake it: hypotheses dropped, certificates corrupted."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from bridge.ball_numbers import BallError
from bridge.ball_oracle import ball_evidence
from bridge.corruptions import tally
from bridge.strings import is_about_strings
from bridge.verdict import Evidence, Status
from bridge.witness import first_failure
from formal import Proof, Statement, prove
from formal.items import ITEMS, coverage
from formal.latex import latex

PATIENCE = 30.0  # seconds for the proof,
SHORT = 4.0  # and for one without a hypothesis
CORRUPTIONS = 12
POINTS = 12
FORMAT = "porism.status/1"


def hypotheses(statement: Statement, proof: Proof | None) -> list[dict[str, Any]]:
    """Each hypothesis: whether the proof uses it, and what becomes of the claim without it.

    `without` is `provable`; `definedness`, where what is left is proved only where more terms are
    defined; `refuted`, where there is a counterexample; `undefined`, where a side has no value
    somewhere; or `undecided`.
    """
    found = []
    for hypothesis in statement.domain:
        used = None if proof is None else hypothesis in proof.hypotheses_used
        rest = tuple(other for other in statement.domain if other is not hypothesis)
        without = "provable" if used is False else _without(statement, rest, proof)
        found.append({"hypothesis": latex(hypothesis), "used": used, "without": without})
    return found


def _without(statement: Statement, rest: tuple[Any, ...], proof: Proof | None) -> str:
    other = prove(statement.claim, rest, seconds=SHORT)
    if isinstance(other, Proof):
        before = () if proof is None else proof.where
        return "provable" if set(other.where) <= set(before) else "definedness"
    if is_about_strings(statement):
        return "undecided"
    claim: Any = statement.unfolded
    status = ball_evidence(claim, rest, tight_at=statement.tight_at, points=POINTS).status
    if status in (Status.REFUTED, Status.UNDEFINED):
        return str(status).lower()
    return "undecided" if _stands(claim, rest) else "refuted"


def _stands(claim: Any, assuming: tuple[Any, ...]) -> bool:
    """Whether no simple point is a counterexample, as far as balls can tell."""
    try:
        return first_failure(claim, assuming) is None
    except BallError:
        return True


def mutation_score(statement: Statement, proof: Proof, seed: int = 0) -> dict[str, int]:
    """Random corruptions of the certificate, hash made right: how many were rejected, kept the
    meaning, or were accepted wrongly (there should be none)."""
    random = Random(f"{seed} {statement.name}")
    counted, wrong = tally(
        proof.certificate, statement.claim, statement.domain, random, CORRUPTIONS
    )
    return {
        "rejected": counted["rejected"],
        "same_meaning": counted["same meaning"],
        "accepted": len(wrong),
    }


def audit_evidence(statement: Statement, seed: int = 0) -> Evidence | None:
    """The mutation score of the certificate, and the hypotheses; None without a proof."""
    proof = prove(statement.claim, statement.domain, seconds=PATIENCE)
    if not isinstance(proof, Proof):
        return None
    score = mutation_score(statement, proof, seed)
    data = {"mutations": score, "hypotheses": hypotheses(statement, proof)}
    caught = f"{score['rejected']} of {sum(score.values())} corrupted certificates rejected"
    if score["accepted"]:
        return Evidence("audit", Status.UNKNOWN, f"{caught}, {score['accepted']} accepted", data)
    kept = f", {score['same_meaning']} mean the same" if score["same_meaning"] else ""
    needed = sum(h["without"] == "refuted" for h in data["hypotheses"])
    rests = f"; {needed} of {len(statement.domain)} hypotheses needed" if statement.domain else ""
    return Evidence("audit", Status.SUPPORTED, f"{caught}{kept}{rests}", data)


def record(statement: Statement) -> dict[str, Any]:
    """What is stable of a statement: kind, items, whether it is proved, on what it rests."""
    data: dict[str, Any] = {"kind": statement.kind, "items": list(statement.item)}
    if statement.claim is None and statement.kind == "conjecture":
        return data
    if statement.claim is None:
        return data | {"checked_by": list(statement.consequences)}
    if statement.kind == "definition":
        return data
    proof = prove(statement.claim, statement.domain, seconds=PATIENCE)
    proved = isinstance(proof, Proof)
    data["proved"] = proved
    if isinstance(proof, Proof) and proof.where:
        data["conditions"] = list(proof.where)
    if statement.domain:
        data["hypotheses"] = hypotheses(statement, proof if isinstance(proof, Proof) else None)
    return data


def status_record(statements: Mapping[str, Statement]) -> dict[str, Any]:
    """The record of a catalogue: what CI holds against drift."""
    return {
        "format": FORMAT,
        "statements": {name: record(statement) for name, statement in statements.items()},
        "items": {
            item: {"title": ITEMS[item], "statements": covered}
            for item, covered in coverage(statements).items()
        },
    }
