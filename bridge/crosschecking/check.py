"""`crosscheck`: a function held against a quantity of the theory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import formal
from bridge.crosschecking.arrays import ArrayKind
from bridge.crosschecking.behaviour import check_behaviour, check_signature
from bridge.crosschecking.calls import Calls, Misbehaviour
from bridge.crosschecking.causes import cause_of_slope, cause_of_value
from bridge.crosschecking.findings import Failure, Findings
from bridge.crosschecking.grades import grades
from bridge.crosschecking.gradients import Gradients, look_at_gradients
from bridge.crosschecking.law_cases import law_snippet, smallest
from bridge.crosschecking.laws import Broken, Laws, look_at_laws
from bridge.crosschecking.oracle import HALF
from bridge.crosschecking.patience import Patience, TimeLimit
from bridge.crosschecking.result import CrosscheckVerdict, TableRow, evidence
from bridge.crosschecking.snippets import name_of, snippet
from bridge.crosschecking.targets import target_of
from bridge.crosschecking.values import clear, compare, look_at_battery, search
from bridge.errors import BadInput
from bridge.verdict import Evidence, Status, Verdict
from formal.statement import Statement

DTYPES = ("float64", "float32", "bfloat16")
BATTERY = 0.75  # the part of the examples that every function of a target is tried on


def crosscheck(
    function: Callable[..., Any],
    against: str,
    *,
    array: str | ModuleType = "torch",
    dtypes: Sequence[str] = ("float64", "float32"),
    gradients: bool = True,
    max_examples: int = 200,
    laws: bool = True,
    catalogue: Mapping[str, Statement] | None = None,
    seed: int = 0,
    time_limit: float = 60.0,
) -> CrosscheckVerdict:
    """The verdict on a function that should compute a quantity, such as "entropy".

    The function is called as the quantity's signature says, with logits (..., V) and numbers,
    and must return (...), or (..., V) for probabilities. Its values are compared with the
    definition, enclosed in balls at the very inputs, on at least `max_examples` hard inputs in
    each dtype; its shapes, repeated calls and inputs are looked at; its own derivatives are
    compared with the definition's (torch, unless `gradients` is False), and every law of the
    catalogue about the quantity is asked of it (unless `laws` is False). SUPPORTED: nothing was
    wrong. REFUTED: something was, with a counterexample. UNDEFINED: it raised on legal inputs.
    UNKNOWN: the time was up. The same seed gives the same verdict.

    Args:
        function: What is held against the theory.
        against: The name of a quantity; a wrong one is told with the nearest names.
        array: "torch", "numpy", or a module of the array API standard or its name.
        dtypes: Of "float64", "float32" and "bfloat16", in which large offsets are left out.
        gradients: Whether automatic derivatives are compared.
        max_examples: Inputs in each dtype.
        laws: Whether the statements of the catalogue are asked.
        catalogue: The statements; those of `formal` by default.
        seed: Of all inputs.
        time_limit: Seconds after which the verdict is UNKNOWN, however long the function runs.

    Raises:
        BadInput: An argument is not as expected, or the signature does not fit.
    """
    target = target_of(against)
    check_signature(function, target)
    arrays = ArrayKind.of(array)
    for dtype in dtypes:
        if dtype not in DTYPES:
            raise BadInput(f"unknown dtype {dtype!r}; expected one of {', '.join(DTYPES)}")
    if not dtypes or max_examples < 1 or not time_limit > 0:
        raise BadInput("expected at least one dtype, one example and a positive time limit")
    calls = Calls(function, target, arrays, Patience(time_limit))
    check = _Check(calls, tuple(dtypes), seed, max_examples)
    try:
        check.run(
            gradients=gradients and arrays.is_torch,
            catalogue=(formal.statements() if catalogue is None else catalogue) if laws else {},
        )
    except TimeLimit:
        check.timed_out()
    finally:
        calls.patience.close()
    return check.verdict()


@dataclass
class _Check:
    """One function, and what was seen of it so far."""

    calls: Calls
    dtypes: tuple[str, ...]
    seed: int
    examples: int
    rows: list[Evidence] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    slopes: Gradients = field(default_factory=Gradients)
    failure: Failure | Misbehaviour | None = None
    broken: list[str] = field(default_factory=list)
    law: Broken | None = None
    point: Mapping[str, Any] = field(default_factory=dict)
    by_derivative: bool = False
    cause: str = ""

    @property
    def drawn(self) -> int:
        """How many cases the battery has at least."""
        return max(1, round(BATTERY * self.examples))

    def run(self, *, gradients: bool, catalogue: Mapping[str, Statement]) -> None:
        """Behaviour, values, derivatives, laws; what makes no sense after a failure is left out.

        Raises:
            TimeLimit: The function did not return in time.
        """
        for dtype in self.dtypes:
            if not self._behaves(dtype) or not self._values(dtype):
                return
        wide = [dtype for dtype in self.dtypes if dtype not in HALF]
        sound = not self.findings.failures
        for dtype in wide if gradients and sound else ():
            if not self._derivatives(dtype):
                break
        if catalogue and wide:
            self._laws(catalogue, wide[0], smooth=gradients and not self.by_derivative)
        if isinstance(self.failure, Failure):
            self.cause = self._cause(self.failure)

    def _cause(self, failure: Failure) -> str:
        if self.by_derivative and not self.findings.failures:
            return cause_of_slope(failure)
        return cause_of_value(self.calls, failure, self.seed, self.drawn)

    def timed_out(self) -> None:
        """Say that the time was up."""
        seconds = self.calls.patience.seconds
        told = f"the function had not returned after {seconds:g} seconds"
        self.rows.append(evidence("time", Status.UNKNOWN, told))

    def _behaves(self, dtype: str) -> bool:
        try:
            cases = check_behaviour(self.calls, dtype, self.seed)
            compare(self.calls, cases, self.findings)
        except Misbehaviour as problem:
            return self._misbehaves(problem)
        return True

    def _values(self, dtype: str) -> bool:
        """Compare values; False where the function gives none."""
        name = "definition"
        before = len(self.findings.failures)
        try:
            look_at_battery(self.calls, dtype, self.seed, self.drawn, self.findings)
        except Misbehaviour as problem:
            return self._misbehaves(problem)
        failures = self.findings.failures[before:]
        found = search(self.calls, dtype, self.seed, self.examples - self.drawn, failures)
        if isinstance(found, Misbehaviour):
            return self._misbehaves(found)
        if found is None and failures:
            found = min(clear(failures), key=lambda failure: failure.case.size)
        table = [row for (d, _), row in self.findings.table.items() if d == dtype]
        cases, skipped = sum(r.cases for r in table), sum(r.skipped for r in table)
        if found is None:
            worst = max((row.ratio for row in table), default=0.0)
            detail = f"{dtype}: {cases} cases, worst {worst:.2g} of what is allowed"
            detail += f"; {skipped} ill-conditioned" if skipped else ""
            status = Status.SUPPORTED if cases else Status.UNKNOWN
            self.rows.append(evidence(name, status, detail, cases=cases, skipped=skipped))
            return True
        self.findings.failures.append(found)
        self._fails(found, f"the definition, in {dtype}")
        wrong = max(sum(row.failed for row in table), 1)
        detail = f"{dtype}: wrong in {wrong} of {cases + skipped} cases"
        self.rows.append(evidence(name, Status.REFUTED, detail, cases=cases, skipped=skipped))
        return True

    def _derivatives(self, dtype: str) -> bool:
        before = len(self.slopes.findings.failures)
        try:
            look_at_gradients(self.calls, dtype, self.seed, self.drawn, self.slopes)
        except Misbehaviour as problem:
            self.by_derivative = True
            return self._misbehaves(problem, "derivative")
        failures = self.slopes.findings.failures[before:]
        table = [r for (d, _), r in self.slopes.findings.table.items() if d == dtype]
        cases, skipped = sum(r.cases for r in table), sum(r.skipped for r in table)
        if not failures:
            worst = max((row.ratio for row in table), default=0.0)
            detail = f"{dtype}: {cases} gradients, worst {worst:.2g} of what is allowed"
            status = Status.SUPPORTED if cases else Status.UNKNOWN
            self.rows.append(evidence("derivative", status, detail, cases=cases, skipped=skipped))
            return True
        simplest = min(clear(failures), key=lambda failure: failure.case.size)
        self.by_derivative = True
        self._fails(simplest, f"the derivative of the definition, in {dtype}")
        detail = f"{dtype}: wrong in {len(failures)} of {cases + skipped} gradients"
        self.rows.append(
            evidence("derivative", Status.REFUTED, detail, cases=cases, skipped=skipped)
        )
        return False

    def _laws(self, catalogue: Mapping[str, Statement], dtype: str, *, smooth: bool) -> None:
        seen = look_at_laws(
            self.calls,
            catalogue,
            dtype,
            self.seed,
            smooth=smooth,
            in_temperature=self.slopes.in_temperature,
        )
        by_length = sorted(seen.broken, key=lambda one: len(str(one.law.claim)))
        proved = next((one for one in by_length if one.proved), None)
        self.rows += _law_rows(seen, proved)
        if proved is not None:
            self.broken.append(f"{proved.law.name}: {proved.law.statement.doc}")
            self.law = proved
            if self.failure is None:
                self.point = smallest(self.calls, proved, dtype, self.seed)

    def _misbehaves(self, problem: Misbehaviour, oracle: str = "behaviour") -> bool:
        status = Status.UNDEFINED if problem.kind == "raises" else Status.REFUTED
        self.rows.append(evidence(oracle, status, problem.message, kind=problem.kind))
        self._fails(problem, problem.message)
        return False

    def _fails(self, failure: Failure | Misbehaviour, what: str) -> None:
        self.broken.append(what)
        if self.failure is None:
            self.failure = failure

    def verdict(self) -> CrosscheckVerdict:
        """The verdict that all this carries."""
        name = f"{name_of(self.calls.function)} against {self.calls.target.name}"
        rows = tuple(self.rows)
        status = Verdict.of(name, rows).status
        if status is Status.SUPPORTED and any(row.status is Status.UNKNOWN for row in rows):
            status = Status.UNKNOWN if any(row.oracle == "time" for row in rows) else status
        notes = list(self.slopes.notes)
        if self.calls.patience.printed:
            notes.append(f"it prints: {self.calls.patience.printed} characters were held back")
        return CrosscheckVerdict(
            name,
            status,
            rows,
            broken=tuple(self.broken),
            counterexample=self._counterexample(),
            snippet=self._snippet(),
            cause=self.cause,
            table=self._table(),
            grades=grades(self.findings),
            notes=tuple(notes),
        )

    def _snippet(self) -> str:
        if self.failure is None:
            return self._law_snippet()
        return snippet(
            self.calls.function,
            self.calls.target,
            self.calls.arrays.name,
            self.failure,
            derivative=self.by_derivative and not self.findings.failures,
        )

    def _law_snippet(self) -> str:
        if self.law is None or "V" not in self.point:
            return ""
        return law_snippet(self.calls, self.law.law, self.point)

    def _counterexample(self) -> Mapping[str, Any] | None:
        if self.failure is None:
            return dict(self.point) if self.law is not None else None
        case, target = self.failure.case, self.calls.target
        rows, numbers = iter(case.rows), iter(case.numbers)
        point: dict[str, Any] = {
            argument.name: list(next(rows)) if argument.kind == "logits" else next(numbers)
            for argument in target.arguments
        }
        point |= {"dtype": case.dtype, "rows": case.regime}
        if isinstance(self.failure, Misbehaviour):
            return point | {"told": self.failure.message}
        return point | {
            "place": list(self.failure.place),
            "observed": self.failure.observed,
            "expected": self.failure.expected,
            "residual": self.failure.residual,
            "allowance": self.failure.allowance,
        }

    def _table(self) -> tuple[TableRow, ...]:
        both = (("value", self.findings), ("derivative", self.slopes.findings))
        return tuple(
            TableRow(
                check, dtype, regime, row.cases, row.skipped, row.failed, row.residual,
                row.allowance,
            )
            for check, seen in both
            for (dtype, regime), row in seen.table.items()
        )  # fmt: skip


def _law_rows(seen: Laws, proved: Broken | None) -> list[Evidence]:
    """The laws as one row of evidence; those that failed without a proof are told, no more."""
    data = {
        "held": seen.held,
        "broken": [one.law.name for one in seen.broken],
        "not_asked": seen.not_asked,
    }
    asked = len(seen.held) + len(seen.broken)
    if proved is not None:
        detail = f"{len(seen.broken)} of {asked} broken, {proved.law.name} among them"
        return [evidence("laws", Status.REFUTED, detail, **data)]
    if seen.broken:
        name = seen.broken[0].law.name
        detail = f"{name} fails, but no proof of it was found: not held against the function"
        return [evidence("laws", Status.UNKNOWN, detail, **data)]
    if not seen.held:
        return []
    detail = f"{len(seen.held)} hold, {len(seen.not_asked)} not asked"
    return [evidence("laws", Status.SUPPORTED, detail, **data)]
