"""Proofs for the terminal: status, steps, conditions and hash; explained line by line if asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridge.plain_math import plain
from bridge.proving import Attempt
from formal import Failure, Proof
from formal.explain import Explanation, explain
from formal.latex import latex

UNUSED = "no hypothesis used"


def attempt_as_json(found: Attempt) -> dict[str, Any]:
    """An attempt as plain data, the certificate included."""
    data: dict[str, Any] = {"name": found.statement.name, "status": str(found.status)}
    if not isinstance(found.proof, Proof) or not found.replayed:
        return data | {"reason": _reason(found)}
    certificate = found.proof.certificate
    data |= {
        "steps": len(certificate["steps"]),
        "hypotheses_used": [latex(h) for h in found.proof.hypotheses_used],
        "conditions": list(found.proof.where),
        "sha256": certificate["sha256"],
        "certificate": certificate,
    }
    if found.coq is not None:
        data["coq"] = {
            "answer": found.coq.answer,
            "version": found.coq.version,
            "assumptions": list(found.coq.assumptions),
            "message": found.coq.message,
        }
    return data


def attempt_text(found: Attempt, explained: bool = False) -> str:
    """An attempt for people: its claim and what is known, then the chain if asked for."""
    statement = found.statement
    lines = [f"{statement.name}: {found.status}", f"  {plain(statement.latex)}"]
    if not isinstance(found.proof, Proof) or not found.replayed:
        return "\n".join([*lines, f"  {_reason(found)}"])
    steps = len(found.proof.certificate["steps"])
    used = ", ".join(plain(latex(h)) for h in found.proof.hypotheses_used)
    lines.append(f"  {steps} steps, replayed; {f'from {used}' if used else UNUSED}")
    if found.proof.where:
        lines.append(f"  where {', '.join(found.proof.where)}")
    lines.append(f"  certificate sha256 {found.proof.certificate['sha256']}")
    if found.coq is not None and found.coq.answer != "not installed":
        lines.append(f"  Coq: {', '.join(filter(None, (found.coq.answer, found.coq.message)))}")
    if explained:
        lines += ["", *chain(explain(found.proof))]
    return "\n".join(lines)


def chain(explained: Explanation) -> list[str]:
    """The lines of an explanation in plain text, each reason below its line."""
    lines = [f"    {_shown(letter)} := {_shown(value)}" for letter, value in explained.letters]
    for line in explained.lines:
        lines.append(f"  {plain(line.relation) or ' '} {_shown(line.expression)}")
        if line.reason:
            lines.append(f"        {plain(line.reason)}")
    return lines


def _shown(expression: Any) -> str:
    return plain(latex(expression))


def _reason(found: Attempt) -> str:
    return found.proof.reason if isinstance(found.proof, Failure) else "it did not replay"


def summary(found: Sequence[Attempt]) -> str:
    """How many of the attempts are proofs."""
    proved = sum(bool(one.status) for one in found)
    return f"{proved} of {len(found)} proved"
