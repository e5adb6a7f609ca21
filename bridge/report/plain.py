"""Statements and verdicts as plain JSON data, and as an exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from bridge.verdict import Evidence, Status, Verdict

if TYPE_CHECKING:
    from formal import Statement


class _HasStatus(Protocol):
    @property
    def status(self) -> Status: ...


def exit_code(rows: Iterable[tuple[str, Status]]) -> int:
    """What kinds and statuses of statements amount to for a shell; conjectures do not count.

    0: all PROVED or SUPPORTED; 1: something REFUTED or UNDEFINED; 3: nothing worse than UNKNOWN.
    """
    found = {status for kind, status in rows if kind != "conjecture"}
    if found & {Status.REFUTED, Status.UNDEFINED}:
        return 1
    return 3 if Status.UNKNOWN in found else 0


def counts(rows: Iterable[_HasStatus]) -> dict[str, int]:
    """How many statements have each status, every status named."""
    found = Counter(row.status for row in rows)
    return {str(status): found[status] for status in Status}


def statement_as_json(statement: Statement) -> dict[str, Any]:
    """A statement as plain data."""
    from formal.latex import latex

    return {
        "name": statement.name,
        "kind": statement.kind,
        "topic": statement.topic,
        "item": list(statement.item),
        "source": {
            "key": statement.source.key,
            "at": statement.source.at,
            "fidelity": statement.source.fidelity,
        },
        "sentence": statement.doc,
        "latex": statement.latex,
        "hypotheses": [latex(hypothesis) for hypothesis in statement.domain],
        "consequences": list(statement.consequences),
        **({"falsified": statement.falsified} if statement.falsified else {}),
        **({"measure": statement.measure} if statement.measure else {}),
    }


def verdict_as_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict with its evidence as plain data."""
    return {
        "name": verdict.name,
        "status": str(verdict.status),
        "latex": verdict.latex,
        "evidence": [evidence_as_json(row) for row in verdict.evidence],
    }


def evidence_as_json(row: Evidence) -> dict[str, Any]:
    """Evidence as plain JSON data; numbers that JSON lacks become text."""
    return {
        "oracle": row.oracle,
        "status": str(row.status),
        "detail": row.detail,
        "data": plain(row.data),
        "witness": None if row.witness is None else plain(row.witness),
    }


def plain(value: Any) -> Any:
    """JSON data from what an oracle may say: containers, numbers, text; the rest as text."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)
