"""The verdict of a cross-check: what was seen, in text, as JSON, and as tables of rich."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.verdict import Evidence, Status, Verdict

FORMAT = "porism.crosscheck/1"


class CrosscheckError(AssertionError):
    """A function is not what it was held against."""


@dataclass(frozen=True)
class TableRow:
    """What was seen in one dtype on one kind of rows, of values or of derivatives."""

    check: str
    dtype: str
    rows: str
    cases: int
    skipped: int
    failed: int
    residual: float
    allowance: float

    @property
    def ratio(self) -> float:
        """The worst residual in units of its allowance."""
        return self.residual / self.allowance if self.allowance else 0.0


@dataclass(frozen=True)
class CrosscheckVerdict(Verdict):
    """The verdict on a function.

    `broken` names what failed: the definition, its derivative, the function's behaviour, or a
    statement of the catalogue. `counterexample` is where: the inputs, observed and expected,
    residual and allowance. `snippet` shows it in code. `cause` is a guess, where a known slip fits
    all that was seen. `table` has a row for each dtype and kind of rows. `grades` says by dtype
    how many digits are left near zero entropy, beside the verdict and without a part in it.
    """

    broken: tuple[str, ...] = ()
    counterexample: Mapping[str, Any] | None = None
    snippet: str = ""
    cause: str = ""
    table: tuple[TableRow, ...] = ()
    grades: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def explain(self) -> str:
        """The verdict, its evidence, the counterexample as a snippet and the guessed cause."""
        lines = [f"{self.name}: {self.status}"]
        lines += [f"  {row.oracle:<10} {row.status:<9} {row.detail}" for row in self.evidence]
        if self.counterexample is not None:
            lines.append(f"  broken     {self.broken[0]}")
            lines += [f"  {key:<10} {value}" for key, value in self._shown().items()]
        if self.cause:
            lines.append(f"  likely     {self.cause}")
        lines += [f"  grade      {dtype}: {grade}" for dtype, grade in self.grades.items()]
        lines += [f"  note       {note}" for note in self.notes]
        if self.snippet:
            lines += ["", *(f"    {line}" if line else "" for line in self.snippet.splitlines())]
        return "\n".join(lines)

    def raise_if_refuted(self) -> None:
        """Raise what was found as an assertion that failed.

        Raises:
            CrosscheckError: The verdict is REFUTED or UNDEFINED.
        """
        if self.status in (Status.REFUTED, Status.UNDEFINED):
            raise CrosscheckError(self.explain())

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return {
            "format": FORMAT,
            "function": self.name,
            "status": str(self.status),
            "evidence": [
                {
                    "oracle": row.oracle,
                    "status": str(row.status),
                    "detail": row.detail,
                    "data": dict(row.data),
                }
                for row in self.evidence
            ],
            "broken": list(self.broken),
            "counterexample": _plain(self.counterexample),
            "snippet": self.snippet,
            "cause": self.cause,
            "grades": dict(self.grades),
            "notes": list(self.notes),
            "table": [_plain({**vars(row), "ratio": row.ratio}) for row in self.table],
        }

    def _shown(self) -> dict[str, Any]:
        kept = ("rows", "place", "observed", "expected", "left", "right", "residual")
        kept += ("allowance", "told")
        found = self.counterexample or {}
        shown = {key: found[key] for key in kept if found.get(key) not in (None, "", [])}
        if shown.get("residual") == math.inf:  # there is no number to compare
            del shown["residual"], shown["allowance"]
        return shown

    def __rich__(self) -> Any:
        """The verdict as rich shows it: evidence, then errors by dtype and kind of rows."""
        from bridge.crosschecking.tables import shown

        return shown(self)


def evidence(oracle: str, status: Status, detail: str, **data: Any) -> Evidence:
    """A row of evidence."""
    return Evidence(oracle, status, detail, data)


def _plain(value: Any) -> Any:
    """Data without NaN and infinities, which JSON lacks; they become text."""
    if isinstance(value, Mapping):
        return {key: _plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(held) for held in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
