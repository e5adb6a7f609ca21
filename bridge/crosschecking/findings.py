"""What was seen of a function: how far it is off, where, and whether that is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from flint import arb

from bridge.crosschecking.inputs import Case
from bridge.crosschecking.oracle import Reference

DIGITS = 20  # of an expected value that are shown, as far as they are certain


@dataclass(frozen=True)
class Failure:
    """A place at which a function is wrong.

    `place` names the value of several, as an index of the result; `expected` is what the
    definition gives, in certain digits.
    """

    case: Case
    place: tuple[int, ...]
    observed: float
    expected: str
    residual: float
    allowance: float


@dataclass
class Tally:
    """What was seen in one dtype on one kind of rows."""

    cases: int = 0
    skipped: int = 0
    failed: int = 0
    ratio: float = 0.0  # the worst residual in units of its allowance
    residual: float = 0.0  # the one that the ratio is of
    allowance: float = 0.0


@dataclass
class Findings:
    """What was seen so far: a table by dtype and kind of rows, the simplest failure of each."""

    table: dict[tuple[str, str], Tally] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    relative: dict[str, list[float]] = field(default_factory=dict)  # near zero, by dtype

    @property
    def cases(self) -> int:
        """How many cases were compared."""
        return sum(row.cases for row in self.table.values())

    @property
    def skipped(self) -> int:
        """How many were ill-conditioned, and only looked at for being finite."""
        return sum(row.skipped for row in self.table.values())

    def add(self, case: Case, reference: Reference, observed: Iterable[float]) -> Failure | None:
        """Compare the values of a case with its reference; the failure, if it is one."""
        row = self.table.setdefault((case.dtype, case.regime), Tally())
        values = tuple(observed)
        worst: Failure | None = None
        if reference.reason:
            row.skipped += 1
        else:
            row.cases += 1
        for number, value in enumerate(values):
            found = _compared(case, reference, number, value)
            if found is None:
                continue
            if found.residual / found.allowance >= row.ratio and not math.isnan(found.residual):
                row.ratio = found.residual / found.allowance
                row.residual, row.allowance = found.residual, found.allowance
            if worst is None or not found.residual / found.allowance <= (
                worst.residual / worst.allowance
            ):
                worst = found
            self._note_relative(case, reference, number, found)
        if worst is None or worst.residual <= worst.allowance:
            return None
        row.failed += 1
        self.failures.append(worst)
        return worst

    def _note_relative(self, case: Case, reference: Reference, number: int, at: Failure) -> None:
        exact = reference.values[number]
        size = abs(float(exact.mid()))
        if 1e-30 < size < 1e-2 and float(exact.rad()) < 1e-18 * size:
            self.relative.setdefault(case.dtype, []).append(at.residual / size)


def _compared(case: Case, reference: Reference, number: int, value: float) -> Failure | None:
    """How far one value is off; None where that says nothing."""
    place = (reference.places[number],) if reference.places else ()
    if not reference.values:  # the oracle does not decide here
        return None
    exact, allowed = reference.values[number], reference.allowances[number]
    expected = certain(exact)
    if not math.isfinite(value):
        finite = math.isfinite(float(exact.mid()))
        return Failure(case, place, value, expected, math.inf, 1.0) if finite else None
    if reference.reason:
        return None
    residual = float(abs(arb(value) - exact).upper())
    return Failure(case, place, value, expected, residual, allowed)


def certain(value: arb) -> str:
    """A ball's certain digits, at most twenty."""
    if value.is_zero():
        return "0"
    if 0 in value:
        return "0" if float(value.rad()) < 1e-60 else value.str(DIGITS)
    return value.str(DIGITS, radius=False)
