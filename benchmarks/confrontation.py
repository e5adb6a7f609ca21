"""Prover and balls asked about the same mutant, and whether their answers can stand together.

========== ========= ============================================= =====
proved     balls     outcome                                       fine
========== ========= ============================================= =====
no         refuted   false
any        undefined undefined, if the proof says so as well
yes        supported true: balls agree at many more points
no         supported weaker, for an inequality                     listed
no         supported missed, for an equality                       no
yes        refuted   contradiction                                 no
any        unknown   undecided                                     no
========== ========= ============================================= =====
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from time import perf_counter
from typing import Any, NamedTuple

from sympy import Eq

from benchmarks.mutants import Mutant
from bridge.ball_oracle import ball_evidence
from bridge.verdict import Evidence, Status
from formal import prove, replay
from formal.proof.prover import Proof
from formal.quantity import unfold

PATIENCE = 3.0  # seconds for a proof: what the catalogue itself needs, many times over
MORE_SEEDS = (1, 2, 3)  # balls look again at what was proved

Prover = Callable[..., Any]
Balls = Callable[..., Evidence]


class Outcome(StrEnum):
    """What prover and balls together say of a mutant."""

    FALSE = "false"
    UNDEFINED = "undefined"
    TRUE = "true"
    WEAKER = "weaker"
    MISSED = "missed"
    UNDECIDED = "undecided"
    CONTRADICTION = "contradiction"


BAD = frozenset({Outcome.MISSED, Outcome.UNDECIDED, Outcome.CONTRADICTION})


class Finding(NamedTuple):
    """What was found about a mutant, in text."""

    of: str
    change: str
    claim: str
    outcome: Outcome
    detail: str
    seconds: float


def confront(mutant: Mutant, prover: Prover = prove, balls: Balls = ball_evidence) -> Finding:
    """Ask both about a mutant; a proof counts once its certificate was replayed."""
    started = perf_counter()
    claim, assuming = mutant.claim, mutant.assuming
    proof = prover(claim, assuming, seconds=PATIENCE)
    proved = bool(proof) and _replays(proof, claim, assuming)
    seen = balls(unfold(claim), assuming)
    if proved:
        for seed in MORE_SEEDS:
            if seen.status is Status.SUPPORTED:
                seen = balls(unfold(claim), assuming, seed=seed)
    outcome = _outcome(proved, seen.status, isinstance(claim, Eq), getattr(proof, "where", ()))
    detail = seen.detail if outcome is not Outcome.MISSED else getattr(proof, "reason", "")
    seconds = perf_counter() - started
    return Finding(mutant.of, mutant.change, str(claim), outcome, detail, seconds)


def _replays(proof: Any, claim: Any, assuming: Any) -> bool:
    """Whether it holds up; what is no `Proof` (a prover under test) is taken at its word."""
    return not isinstance(proof, Proof) or replay(proof.certificate, claim, assuming)


def _outcome(proved: bool, seen: Status, equality: bool, where: Iterable[str]) -> Outcome:
    match seen:
        case Status.REFUTED:
            return Outcome.CONTRADICTION if proved else Outcome.FALSE
        case Status.UNDEFINED:
            return Outcome.CONTRADICTION if proved and not where else Outcome.UNDEFINED
        case Status.SUPPORTED if proved:
            return Outcome.TRUE
        case Status.SUPPORTED:
            return Outcome.MISSED if equality else Outcome.WEAKER
    return Outcome.UNDECIDED
