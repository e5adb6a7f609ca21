"""The batteries behind `benchmarks.proofs`: each asks two processes, and returns plain data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

import formal
from benchmarks.confrontation import Finding, confront
from benchmarks.mutants import mutants
from bridge.ball_oracle import ball_evidence
from bridge.coq import CoqResult, check, compiled_prelude
from bridge.corruptions import tally
from bridge.strings import is_about_strings
from bridge.verdict import Status
from formal import prove, replay
from formal.proof.prover import Proof
from formal.quantity import unfold
from formal.statement import Statement
from tests.formal import textbook, textbook_beyond

PROCESSES = 2
CORPORA = {"textbook": textbook, "textbook beyond": textbook_beyond}


class Attempt(NamedTuple):
    """What became of a proof: of what, whether it was found and replayed, in what time."""

    name: str
    kind: str
    proved: bool
    seconds: float
    detail: str


def relations() -> dict[str, Statement]:
    """The statements of the catalogue that are identities or inequalities."""
    known = formal.statements()
    return {n: s for n, s in known.items() if s.kind in ("identity", "inequality")}


def numerical() -> dict[str, Statement]:
    """Those among them that balls can speak about: all but the ones over strings."""
    return {n: s for n, s in relations().items() if not is_about_strings(s)}


def catalogue() -> list[Attempt]:
    """A proof of every relation of the catalogue."""
    return list(_mapped(_attempt, relations()))


def _attempt(name: str) -> Attempt:
    statement = formal.statements()[name]
    return _proved(name, statement.kind, statement.claim, statement.domain)


def identities(corpus: str) -> list[Attempt]:
    """A proof of every identity of a corpus."""
    return list(_mapped(_identity, [(corpus, n) for n in range(len(CORPORA[corpus].IDENTITIES))]))


def _identity(place: tuple[str, int]) -> Attempt:
    corpus, number = place
    entry = CORPORA[corpus].IDENTITIES[number]
    return _proved(entry.name, "identity", entry.claim, entry.assuming)


def _proved(name: str, kind: str, claim: Any, assuming: Any) -> Attempt:
    started = perf_counter()
    proof = prove(claim, assuming)
    seconds = perf_counter() - started
    if not isinstance(proof, Proof):
        return Attempt(name, kind, False, seconds, proof.reason)
    holds = replay(json.loads(json.dumps(proof.certificate)), claim, assuming)
    return Attempt(name, kind, holds, seconds, "" if holds else "the certificate did not replay")


class Slip(NamedTuple):
    """What became of a slip: whether it was refuted with a witness, whether it was proved."""

    name: str
    refuted: bool
    proved: bool
    detail: str


def slips(corpus: str) -> list[Slip]:
    """What prover and balls say of every slip of a corpus."""
    return list(_mapped(_slip, [(corpus, n) for n in range(len(CORPORA[corpus].SLIPS))]))


def _slip(place: tuple[str, int]) -> Slip:
    corpus, number = place
    entry = CORPORA[corpus].SLIPS[number]
    seen = ball_evidence(unfold(entry.claim), entry.assuming)
    refuted = seen.status is Status.REFUTED and bool(seen.witness)
    return Slip(entry.name, refuted, bool(prove(entry.claim, entry.assuming)), seen.detail)


def confrontations(count: int, seed: int) -> list[Finding]:
    """Prover against balls on mutants of the catalogue."""
    shares = [(count, seed, part) for part in range(PROCESSES)]
    return [finding for share in _mapped(_share, shares) for finding in share]


def _share(share: tuple[int, int, int]) -> list[Finding]:
    """The mutants are made anew in each process: SymPy evaluates relations that it unpickles."""
    count, seed, part = share
    return [confront(mutant) for mutant in mutants(numerical(), count, seed)[part::PROCESSES]]


def corruptions(names: Iterable[str], count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Corrupted certificates of the catalogue by what became of them; whose were accepted."""
    names = sorted(names)
    shares = [
        (name, count // len(names) + (place < count % len(names)), seed)
        for place, name in enumerate(names)
    ]
    counted, accepted = Counter[str](), []
    for (name, *_), (part, wrong) in zip(shares, _mapped(_corrupt, shares), strict=True):
        counted += part
        accepted += [name] * wrong
    return counted, accepted


def _corrupt(share: tuple[str, int, int]) -> tuple[Counter[str], int]:
    name, count, seed = share
    statement = formal.statements()[name]
    proof = prove(statement.claim, statement.domain)
    assert isinstance(proof, Proof), f"{name} was proved a moment ago"
    data = json.loads(json.dumps(proof.certificate))
    random = Random(f"{seed} {name}")
    counted, wrong = tally(data, statement.claim, statement.domain, random, count)
    return counted, len(wrong)


def coq(names: Iterable[str]) -> list[tuple[str, CoqResult]]:
    """What Coq says of the certificate of every statement."""
    with compiled_prelude() as prelude:
        return list(_mapped(_by_coq, [(name, prelude) for name in sorted(names)]))


def _by_coq(item: tuple[str, Path | None]) -> tuple[str, CoqResult]:
    name, prelude = item
    statement = formal.statements()[name]
    proof = prove(statement.claim, statement.domain)
    assert isinstance(proof, Proof), f"{name} was proved a moment ago"
    claim, assuming = statement.claim, statement.domain
    return name, check(proof.certificate, claim, assuming, name, prelude=prelude)


def _mapped(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterable[Any]:
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("fork")) as pool:
        yield from pool.map(function, items)
