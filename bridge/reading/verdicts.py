"""The verdict on each equation of a paper: balls first, which refute quickly, then a proof.

What is wrong comes with a witness and the nearest variant that is right. A claim that fails only
because the paper does not say what a name is, is a question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sympy import Derivative, Eq, Symbol
from sympy.core.relational import Relational

from bridge.ball_oracle import ball_evidence
from bridge.ball_scope import names
from bridge.reading.claims import assuming
from bridge.reading.derivatives import BOLTZMANN
from bridge.reading.extremes import extreme_witness
from bridge.reading.report import Line
from bridge.reading.said import Reading, Said
from bridge.reading.solved import reductions
from bridge.suggestion import suggestion
from bridge.verdict import Evidence, Status
from formal import prove, replay
from formal.proof.prover import Proof
from formal.proof.symbols import check_size
from formal.proof.terms import ProofError
from formal.quantity import unfold
from formal.symbols import V

PATIENCE = 8.0  # seconds for a proof
POINTS = 15  # of up to eight states: sums over derivatives cost the square of the size
Judge = Callable[..., "Judgement"]
LABELS = {
    "definition": "DEFINITION",
    "condition": "CONDITION",
    "question": "QUESTION",
    "unread": "NOT READ",
    "remark": "NOT A CLAIM",
}


@dataclass(frozen=True)
class Judgement:
    """What is said of one claim, in plain data; `proof` is the certificate of a proof."""

    status: str
    detail: str = ""
    witness: Mapping[str, str] = field(default_factory=dict)
    suggestion: str = ""
    certificate: str = ""
    digits: int | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)


def judged(reading: Reading, said: Said, *, seed: int = 0, judge: Judge | None = None) -> Line:
    """The verdict on one equation or step; `judge` stands in for `judgement`."""
    line = Line(
        said.place, said.latex, LABELS.get(said.kind, "UNKNOWN"), said.message,
        labels=said.labels, step=said.step, displayed=said.displayed,
    )  # fmt: skip
    if said.kind != "claim" or said.claim is None:
        return line
    held = assuming(reading, said.claim)
    found = (judge or judgement)(said.claim, held, left=said.step == 1, seed=seed)
    shown = {f.name: getattr(found, f.name) for f in fields(found) if f.name != "proof"}
    shown["detail"] = "; ".join(part for part in (said.message, found.detail) if part)
    return asked(replace(line, **shown), said)


def asked(line: Line, said: Said) -> Line:
    """The verdict, or a question where what is wrong may be what the paper does not say."""
    unsaid = _unsaid(said) if line.status in ("REFUTED", "UNDEFINED") else []
    if unsaid:
        unknown = ", ".join(unsaid)
        question = (
            f"it does not hold for every {unknown}, which the paper neither defines nor declares: "
            f"what is {unknown}? Declare it: "
            + "; ".join(f"% porism: {name} = ..." for name in unsaid)
        )
        return replace(line, status="QUESTION", detail=question, witness={}, suggestion="")
    if not said.displayed and line.status in ("REFUTED", "UNDEFINED"):
        question = (
            f"inside a sentence: is this a condition? It does not hold in general: {line.detail}"
        )
        return replace(line, status="QUESTION", detail=question)
    return line


def _unsaid(said: Said) -> list[str]:
    """The inferred names of a claim that may stand for something of which it would hold.

    One that is differentiated by is a variable, if nothing else is there that it may depend on.
    """
    plain: Any = unfold(said.claim)  # type: ignore[arg-type]
    variables = {v for node in plain.atoms(Derivative) for v in node.variables}
    numbers = {n for n in names(plain) if isinstance(n, Symbol) and not n.is_integer}
    alone = all(str(n) in BOLTZMANN for n in numbers - variables)
    asked_ = [n for n in said.inferred if not (alone and n in variables)]
    return list(dict.fromkeys(map(str, asked_)))


def judgement(
    claim: Relational, held: tuple[Relational, ...], *, left: bool = False, seed: int = 0
) -> Judgement:
    """The verdict on one claim under hypotheses; `left`: its left side may be the wrong one."""
    claim, held = with_one_size(claim, held)
    try:
        check_size(unfold(claim))
    except (ProofError, RecursionError) as error:
        return Judgement("UNKNOWN", f"it is too large to be judged: {error}")
    balls = ball_evidence(claim, held, seed=seed, points=POINTS)
    if balls.status not in (Status.REFUTED, Status.UNDEFINED):
        return _standing(claim, held, balls)
    witness = {str(k): str(v) for k, v in (balls.witness or {}).items()}
    found = suggestion(claim, held, left=left) if balls.status is Status.REFUTED else None
    told = "" if found is None else str(found)
    return Judgement(str(balls.status), balls.detail, witness, told)


def replays(found: Judgement, claim: Relational, held: tuple[Relational, ...]) -> bool:
    """Whether the kernel accepts the proof of a judgement as one of this claim."""
    return replay(found.proof, *with_one_size(claim, held))


def _standing(claim: Relational, held: tuple[Any, ...], balls: Evidence) -> Judgement:
    empty = not is_met(claim, held, balls)
    known = () if empty else held
    proof = prove(claim, known, seconds=PATIENCE)
    if isinstance(proof, Proof) and replay(proof.certificate, claim, known):
        size = "for every size" if names_size(claim) else "in general"
        where = f", where {', '.join(proof.where)}" if proof.where else ""
        sha = proof.certificate["sha256"]
        return Judgement("PROVED", f"{size}{where}", certificate=sha, proof=proof.certificate)
    extreme = at_extremes(claim, held)
    if extreme is not None:
        return extreme
    if empty:
        said = "no point was found that meets all that is declared of its names: contradictory?"
        return Judgement("UNKNOWN", said)
    detail = balls.detail
    if balls.status is Status.UNKNOWN and not isinstance(proof, Proof):
        detail = f"{balls.detail}; {proof.reason[:300]}"
    return Judgement(str(balls.status), detail, digits=balls.data.get("digits"))


def is_met(claim: Relational, held: tuple[Any, ...], balls: Evidence) -> bool:
    """Whether some point meets the hypotheses of a claim; those that none meets prove anything."""
    if not held or balls.data.get("points") or not balls.data.get("rejected"):
        return True
    equations = [h for h in held if isinstance(h, Eq)]
    others = [h for h in held if not isinstance(h, Eq)]
    return bool(equations) and any(
        ball_evidence(reduced, conditions, points=POINTS).data.get("points")
        for reduced, conditions in reductions(claim, others, equations)
    )


def at_extremes(claim: Relational, held: tuple[Any, ...]) -> Judgement | None:
    """The refutation of an inequality by a point far out, where its sides come near; else None."""
    if isinstance(claim, Eq):
        return None
    witness = extreme_witness(claim, held)
    if witness is None:
        return None
    sides = f"{witness['left']} and {witness['right']}"
    found = suggestion(claim, held, left=True)
    told = "" if found is None else str(found)
    return Judgement("REFUTED", f"the sides are {sides} at the witness", witness, told)


def names_size(claim: Relational) -> bool:
    """Whether a claim has sums up to a size."""
    return any(isinstance(n, Symbol) and n.is_integer for n in names(unfold(claim)))


def with_one_size(claim: Relational, held: tuple[Relational, ...]) -> tuple[Any, tuple[Any, ...]]:
    """The only size of a claim under the name V, of which points are drawn in many sizes."""
    free = set().union(*(names(unfold(r)) for r in (claim, *held)))
    sizes = {n for n in free if isinstance(n, Symbol) and n.is_integer and _is_end(n, claim, held)}
    if len(sizes) != 1 or any(str(n) == str(V) for n in free):
        return claim, held
    renaming = {sizes.pop(): V}
    return _renamed(claim, renaming), tuple(_renamed(h, renaming) for h in held)


def _renamed(relation: Relational, renaming: dict[Any, Any]) -> Any:
    return relation.func(*(side.xreplace(renaming) for side in relation.args), evaluate=False)


def _is_end(symbol: Symbol, claim: Any, held: tuple[Any, ...]) -> bool:
    """Whether sums run up to a symbol."""
    from sympy.concrete.expr_with_limits import ExprWithLimits

    sums: list[Any] = [
        node for relation in (claim, *held) for node in unfold(relation).atoms(ExprWithLimits)
    ]
    return any(limit[-1] == symbol for node in sums for limit in node.limits)
