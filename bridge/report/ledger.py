"""The ledger: every statement with what every oracle says of it, as versioned JSON.

Two runs of one configuration give one ledger, except for the sections `timestamps` and `seconds`,
and for how far the oracle `exact` comes in its seconds.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from bridge.conjectures import open_evidence
from bridge.report.files import write_text
from bridge.report.plain import counts, evidence_as_json, exit_code, plain, statement_as_json
from bridge.report.readings import QUANTILES, ZERO_POINTS, Readings
from bridge.report.settings import Settings, porism_version
from bridge.report.tasks import Finding, Findings
from bridge.report.uncertainty import blocks, standard_error
from bridge.sample import Sample
from bridge.verdict import Evidence, Status, Verdict
from formal import Statement
from formal.items import ITEMS, coverage

FORMAT = "porism.ledger/1"
PACKAGES = ("torch", "numpy", "sympy", "python-flint", "hypothesis", "transformers", "matplotlib")


@dataclass(frozen=True)
class Row:
    """A statement, the verdict on it, and the seconds that each group of oracles took."""

    statement: Statement
    verdict: Verdict
    seconds: Mapping[str, float]

    @property
    def status(self) -> Status:
        """The verdict's status."""
        return self.verdict.status

    def evidence(self, oracle: str) -> Evidence | None:
        """What an oracle says, or None where it was not asked."""
        return next((row for row in self.verdict.evidence if row.oracle == oracle), None)

    def first(self, oracles: Iterable[str]) -> Evidence | None:
        """What the first of some oracles says that was asked."""
        return next(filter(None, map(self.evidence, oracles)), None)


def row(statement: Statement, findings: Iterable[Finding]) -> Row:
    """The row of a statement from what groups of oracles found."""
    known = list(findings)
    evidence = tuple(_timeless(item) for finding in known for item in finding.evidence)
    seconds = {finding.group: finding.seconds for finding in known}
    return Row(statement, Verdict.of(statement.name, evidence, statement.latex), seconds)


def rows_of(
    statements: Mapping[str, Statement],
    findings: Findings,
    measured: Mapping[str, Evidence] | None = None,
) -> list[Row]:
    """A row per statement; what is no relation of numbers stands with its consequences.

    `measured` says of conjectures about models what was seen on one.
    """
    found = {name: row(statement, findings.of(name)) for name, statement in statements.items()}

    def standing(known: Row) -> Row:
        if known.statement.claim is not None:
            return known
        if known.statement.kind == "conjecture":
            return _open(known.statement, measured or {})
        return _cited(known.statement, found)

    return [standing(known) for known in found.values()]


def _open(statement: Statement, measured: Mapping[str, Evidence]) -> Row:
    evidence = measured.get(statement.name) or open_evidence(statement)
    return Row(statement, Verdict.of(statement.name, (evidence,), statement.latex), {})


def _cited(statement: Statement, found: Mapping[str, Row]) -> Row:
    stand = [found[name] for name in statement.consequences]
    bad = next((row for row in stand if not row.status), None)
    if not stand:
        evidence = Evidence("cited", Status.UNKNOWN, "nothing computable follows from it here")
    elif bad is not None:
        name = bad.statement.name
        evidence = Evidence("cited", bad.status, f"its consequence {name} is {bad.status}")
    else:
        names = ", ".join(statement.consequences)
        evidence = Evidence("cited", Status.SUPPORTED, f"by its consequences: {names}")
    return Row(statement, Verdict.of(statement.name, (evidence,), statement.latex), {})


def _timeless(evidence: Evidence) -> Evidence:
    data = {name: value for name, value in evidence.data.items() if name != "seconds"}
    return Evidence(evidence.oracle, evidence.status, evidence.detail, data, evidence.witness)


def row_as_json(row: Row) -> dict[str, Any]:
    """A statement with its verdict and evidence as plain data."""
    return {
        **statement_as_json(row.statement),
        "status": str(row.status),
        "evidence": [evidence_as_json(item) for item in row.verdict.evidence],
    }


def ledger(
    settings: Settings,
    rows: Sequence[Row],
    *,
    sample: Sample | None = None,
    readings: Readings | None = None,
    text: Mapping[str, Any] | None = None,
    timestamps: Mapping[str, str] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """The whole ledger as plain data."""
    return {
        "format": FORMAT,
        "porism": porism_version(),
        "configuration": {
            "seed": settings.seed,
            "examples": settings.examples,
            "positions": settings.positions,
            "temperatures": list(settings.temperatures),
            "catalogue": settings.catalogue,
            "text": None if text is None else dict(text),
        },
        "model": None if sample is None else _model(sample),
        "environment": environment(),
        "readings": None if readings is None else _readings(readings),
        "summary": {
            "statements": len(rows),
            "status": counts(rows),
            "exit_code": exit_code((row.statement.kind, row.status) for row in rows),
        },
        "statements": [row_as_json(row) for row in rows],
        "items": items_as_json(row.statement for row in rows if row.statement.item),
        "timestamps": dict(timestamps or {}),
        "seconds": {
            **{name: round(value, 3) for name, value in (seconds or {}).items()},
            "statements": {
                row.statement.name: {name: round(s, 3) for name, s in row.seconds.items()}
                for row in rows
            },
        },
    }


def items_as_json(statements: Iterable[Statement]) -> dict[str, Any]:
    """The items of the plan: covered ones with their statements, and those not covered yet.

    Nothing for a catalogue of somebody else's, which numbers its items by itself.
    """
    known = list(statements)
    if not any(statement.module.startswith("formal.") for statement in known):
        return {}
    covered = coverage({statement.name: statement for statement in known})
    return {
        "covered": {item: names for item, names in covered.items() if names},
        "not_covered": {item: ITEMS[item] for item, names in covered.items() if not names},
    }


def write_ledger(path: Path, data: Mapping[str, Any]) -> None:
    """Write a ledger, whole or not at all."""
    write_text(path, json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def environment() -> dict[str, Any]:
    """The versions that a result depends on."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _model(sample: Sample) -> dict[str, Any]:
    return {
        "name": sample.model,
        "vocabulary_size": sample.vocabulary_size,
        "positions": len(sample),
        "provenance": dict(sample.provenance),
    }


def _readings(readings: Readings) -> dict[str, Any]:
    return plain(
        {
            "perplexity": readings.perplexity,
            "bits_per_byte": readings.bits_per_byte,
            "text_bytes": readings.text_bytes,
            "zero_points": {f"entropy < {k:g}": v for k, v in readings.zero_points.items()},
            "certain_gap": readings.certain_gap,
            "largest_gap": float(readings.gap.max()),
            "heat_capacity_peak": readings.peak,
            "temperatures": readings.table,
            "standard_errors": _errors(readings),
            "curves": {
                "temperature": readings.grid.tolist(),
                "heat_capacity": {
                    f"{share:g}": np.quantile(readings.capacity_curves, share, axis=0).tolist()
                    for share in QUANTILES
                },
                "peaks": readings.peaks.tolist(),
            },
            "balance": {name: values.tolist() for name, values in readings.balance.items()},
        }
    )


def _errors(readings: Readings) -> dict[str, Any]:
    """Standard errors of the means over positions, by the method of `uncertainty`."""
    loss = standard_error(readings.loss)
    bits = len(readings.loss) / math.log(2) / max(readings.text_bytes, 1)
    return {
        "blocks": blocks(len(readings.loss)),
        "perplexity": None if loss is None else readings.perplexity * loss,
        "bits_per_byte": None if loss is None else bits * loss,
        "zero_points": {
            f"entropy < {bound:g}": standard_error((readings.entropy < bound).astype(np.float64))
            for bound in ZERO_POINTS
        },
        "temperatures": readings.errors,
    }
