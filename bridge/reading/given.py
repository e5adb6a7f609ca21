"""Claims that rest on equations which they cite, and on which alone nobody could judge them.

A cited equation that is proved is a lemma. One that is assumed, or of which nothing could be said,
becomes a hypothesis, and the verdict names it. One that is refuted, undefined, unread or stands
later is not used, and the verdict says so. Hypotheses that nothing meets prove everything: where
no point is found that meets them, nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from sympy.core.relational import Relational

from bridge.ball_oracle import ball_evidence
from bridge.reading.report import Line
from bridge.reading.said import Said
from bridge.reading.solved import reductions
from bridge.reading.verdicts import PATIENCE, POINTS, Judgement, asked, judgement, with_one_size
from bridge.verdict import Status
from formal import prove, replay
from formal.proof.prover import Proof

ASSUMED = ("CONDITION", "QUESTION", "UNKNOWN")
WRONG = ("REFUTED", "UNDEFINED")


@dataclass(frozen=True)
class Cited:
    """What a claim cites: proved lemmas, hypotheses, what both are called, what is not used."""

    lemmas: tuple[Relational, ...] = ()
    hypotheses: tuple[Relational, ...] = ()
    names: tuple[str, ...] = ()
    proved: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


@dataclass
class Earlier:
    """The equations of a paper that are judged already, by their labels and numbers."""

    found: dict[str, list[tuple[Said, Line]]] = field(default_factory=dict)
    rests: dict[float, Cited] = field(default_factory=dict)

    def note(self, said: Said, line: Line, rests: Cited) -> None:
        """Take in a verdict, and what it rests on."""
        self.rests[said.order] = rests
        for name in said.names:
            self.found.setdefault(name, []).append((said, line))

    def cited(self, said: Said, labels: Collection[str]) -> Cited:
        """What a claim cites; `labels` are all that the paper has."""
        lemmas: list[Relational] = []
        hypotheses: list[Relational] = []
        names: list[str] = []
        proved: list[str] = []
        unused: list[str] = []
        for name in said.cites:
            if name not in self.found and name in labels and name not in said.names:
                unused.append(f"{name} is cited, but stands later: not used")
            for other, line in self.found.get(name, []):
                shown = other.numbers[0] if other.numbers else name
                rests = self.rests[other.order]
                if other.formula is said.formula or other.claim is None:
                    if other.kind in ("question", "unread"):
                        unused.append(f"{shown} is cited, but not read: not used")
                elif line.status in WRONG:
                    unused.append(f"{shown} is cited, but {line.status.lower()}: not used")
                elif line.status == "PROVED" and not line.given:
                    lemmas.append(other.claim)
                    proved.append(shown)
                elif line.status in ASSUMED or line.given:
                    hypotheses += [other.claim, *rests.hypotheses]
                    names += [shown, *rests.names]
        relations = tuple(dict.fromkeys(lemmas)), tuple(dict.fromkeys(hypotheses))
        told = tuple(dict.fromkeys(names)), tuple(dict.fromkeys(proved))
        return Cited(*relations, *told, tuple(dict.fromkeys(unused)))


def judgement_given(
    claim: Relational, held: tuple[Relational, ...], cited: Cited, *, seed: int = 0
) -> Judgement:
    """The verdict on a claim under what it cites: UNKNOWN where that is met by no point."""
    claim, relations = with_one_size(claim, (*held, *cited.lemmas, *cited.hypotheses))
    told = " and ".join(dict.fromkeys((*cited.names, *cited.proved)))
    if not cited.hypotheses:
        return _proved(claim, relations, f"by {told}") or Judgement("UNKNOWN")
    known = relations[: len(held)]
    best = None
    for reduced, conditions in reductions(claim, known, relations[-len(cited.hypotheses) :]):
        balls = ball_evidence(reduced, conditions, seed=seed, points=POINTS)
        if balls.status in (Status.REFUTED, Status.UNDEFINED):
            witness = {str(k): str(v) for k, v in (balls.witness or {}).items()}
            return Judgement(str(balls.status), f"given {told}: {balls.detail}", witness)
        if balls.status is Status.SUPPORTED:
            detail = f"given {told}: {balls.detail}"
            best = Judgement("SUPPORTED", detail, digits=balls.data["digits"])
            break
    if best is None:
        said = f"given {told} nothing is said: no point was found that meets them"
        return Judgement("UNKNOWN", said)
    return _proved(claim, relations, f"given {told}") or best


def _proved(claim: Relational, held: tuple[Any, ...], told: str) -> Judgement | None:
    proof = prove(claim, held, seconds=PATIENCE)
    if not isinstance(proof, Proof) or not replay(proof.certificate, claim, held):
        return None
    sha = proof.certificate["sha256"]
    return Judgement("PROVED", told, certificate=sha, proof=proof.certificate)


def resting(line: Line, said: Said, cited: Cited, found: Judgement) -> Line:
    """The verdict in general, and the one under what is cited, as one."""
    if found.status == "UNKNOWN":
        if not cited.hypotheses:
            return not_used(line, cited)
        detail = "; ".join(part for part in (found.detail, f"in general {line.detail}") if part)
        line = replace(line, status="UNKNOWN", detail=detail, witness={}, suggestion="")
        return not_used(line, cited)
    right = found.status in ("PROVED", "SUPPORTED")
    line = replace(
        line,
        status=found.status,
        detail=found.detail,
        given=cited.names,
        witness=dict(found.witness),
        suggestion="" if right else line.suggestion,
        certificate=found.certificate,
        digits=found.digits,
    )
    return not_used(asked(line, said), cited)


def not_used(line: Line, cited: Cited) -> Line:
    """The verdict, which says as well what is cited and was not used."""
    detail = "; ".join(part for part in (line.detail, *cited.unused) if part)
    return replace(line, detail=detail)


def assumption(line: Line, said: Said) -> Line:
    """What is assumed by the words before it, and not true in general, is a condition."""
    if not said.assumed or said.kind != "claim" or line.status not in (*ASSUMED, "REFUTED"):
        return line
    detail = f"an assumption, by the words {said.assumed!r} before it: used where it is cited"
    return replace(line, status="CONDITION", detail=detail, witness={}, suggestion="")


def judge(
    claim: Relational,
    held: tuple[Relational, ...],
    *,
    left: bool = False,
    seed: int = 0,
    cited: Cited | None = None,
) -> Judgement:
    """The verdict on a claim, in general or under what it cites."""
    if cited is not None:
        return judgement_given(claim, held, cited, seed=seed)
    return judgement(claim, held, left=left, seed=seed)
