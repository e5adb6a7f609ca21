"""Statements proved, their certificates replayed, judged by Coq if asked, and kept if asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from bridge.coq import CoqResult, check, compiled_prelude
from bridge.report.files import writable_folder, write_text
from bridge.report.progress import watched
from bridge.verdict import Status
from formal import Failure, Proof, Statement, prove, replay


@dataclass(frozen=True)
class Attempt:
    """What proving a statement came to: a proof that was replayed, or the reason why not."""

    statement: Statement
    proof: Proof | Failure
    replayed: bool
    coq: CoqResult | None = None

    @property
    def status(self) -> Status:
        """PROVED, or UNKNOWN: a failed search refutes nothing."""
        return Status.PROVED if self.replayed else Status.UNKNOWN


def attempts(
    statements: Iterable[Statement], seconds: float, *, coq: bool = False
) -> list[Attempt]:
    """Each statement proved, for at most some seconds a search, with Coq's answer if asked."""
    chosen = list(statements)
    found: list[Attempt] = []
    with watched() as watch, compiled_prelude() if coq else nullcontext() as prelude:
        for place, statement in enumerate(chosen):
            watch.at("proving", place, len(chosen))
            one = _attempt(statement, seconds)
            if coq and isinstance(one.proof, Proof) and one.replayed:
                certificate, claim = one.proof.certificate, statement.claim
                name = statement.name
                answer = check(certificate, claim, statement.domain, name, prelude=prelude)
                one = replace(one, coq=answer)
            found.append(one)
    return found


def _attempt(statement: Statement, seconds: float) -> Attempt:
    claim, domain = statement.claim, statement.domain
    proof = prove(claim, domain, seconds=seconds)
    replayed = isinstance(proof, Proof) and replay(proof.certificate, claim, domain)
    return Attempt(statement, proof, replayed)


def write_certificates(folder: str, found: Sequence[Attempt]) -> None:
    """Write the certificate of each proof as `NAME.json`, and as `NAME.v` what Coq was given.

    A folder that cannot be written to is an `InputError`.
    """
    place = writable_folder(folder)
    for one in found:
        if isinstance(one.proof, Proof) and one.replayed:
            text = json.dumps(one.proof.certificate, indent=1, ensure_ascii=True)
            write_text(place / f"{one.statement.name}.json", text + "\n")
            if one.coq is not None and one.coq.text:
                write_text(place / f"{one.statement.name}.v", one.coq.text)
