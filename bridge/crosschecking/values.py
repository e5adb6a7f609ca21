"""A function's values against the definition: a battery, then a search that climbs and shrinks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import target as climb
from hypothesis.errors import Flaky
from torch import Tensor

from bridge.crosschecking.calls import Calls, Misbehaviour
from bridge.crosschecking.findings import Failure, Findings
from bridge.crosschecking.inputs import Case, battery, cases
from bridge.crosschecking.oracle import reference

SMALLEST_RATIO = 1e-6  # what the search climbs from
CLEAR = 10.0  # in units of what is allowed: where there is such a failure, it is one that is shown
SHRINKS = 400  # attempts to make a counterexample simpler


class _Found(AssertionError):
    """The search has found a case on which the function is wrong."""


def look_at_battery(
    calls: Calls, dtype: str, seed_: int, examples: int, findings: Findings
) -> None:
    """Compare the function with the definition on every kind of row.

    Raises:
        Misbehaviour: A call gives no value.
        TimeLimit: The function did not return in time.
    """
    for batch in battery(calls.target.name, dtype, seed_, examples):
        try:
            compare(calls, batch.cases, findings)
        except Misbehaviour:
            for case in batch.cases:  # which of them
                compare(calls, (case,), findings)
            raise


def compare(calls: Calls, batch: Sequence[Case], findings: Findings) -> list[Failure]:
    """Compare the function with the definition on cases of one call; the failures among them."""
    rows = calls.values(batch).detach().double()
    failures = []
    for case, row in zip(batch, rows, strict=True):
        known = reference(calls.target.name, case)
        found = findings.add(case, known, _observed(row, known.places))
        hidden = _hidden(case, row) if calls.target.per_token and found is None else None
        if hidden is not None:
            findings.failures.append(hidden)
            findings.table[case.dtype, case.regime].failed += 1
        if found is not None or hidden is not None:
            failures.append(found or hidden)
    return [failure for failure in failures if failure is not None]


def clear(failures: Sequence[Failure]) -> list[Failure]:
    """The failures that are beyond doubt, or all if none is."""
    return list(filter(_is_clear, failures)) or list(failures)


def _is_clear(failure: Failure) -> bool:
    return failure.residual > CLEAR * failure.allowance


def search(
    calls: Calls, dtype: str, seed_: int, examples: int, known: Sequence[Failure] = ()
) -> Failure | Misbehaviour | None:
    """The simplest case on which the function is wrong that Hypothesis finds, or None.

    If a failure that is `known` is beyond doubt, so is what is found.

    Raises:
        TimeLimit: The function did not return in time.
    """
    wrong: dict[Case, Failure | Misbehaviour] = {}
    last: list[Case] = []
    patience = [SHRINKS]
    must_be_clear = any(map(_is_clear, known))

    def is_wrong(case: Case) -> bool:
        if case in wrong:
            return True
        patience[0] -= bool(wrong)
        if patience[0] < 0:
            return False
        here = Findings()
        try:
            found: list[Any] = compare(calls, (case,), here)
            if must_be_clear:
                found = list(filter(_is_clear, found))
        except Misbehaviour as problem:
            found = [problem]
        if found:
            wrong[case] = found[0]
        else:
            ratio = max((row.ratio for row in here.table.values()), default=0.0)
            climb(math.log(max(ratio, SMALLEST_RATIO)))
        return bool(found)

    def attempt(case: Case) -> None:
        if is_wrong(case):
            last[:] = [case]
            raise _Found

    _run(given(cases(calls.target, dtype))(attempt), seed_, examples)
    return wrong[last[0]] if last else None


def _run(attempt: Callable[[], None], seed_: int, examples: int) -> None:
    quiet = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=tuple(HealthCheck),  # type: ignore[arg-type]
        phases=(Phase.generate, Phase.target, Phase.shrink),
        report_multiple_bugs=False,
    )
    try:
        seed(seed_)(quiet(attempt))()
    except (_Found, Flaky):
        pass  # the function itself may be flaky; what was found last is told


def _observed(row: Tensor, places: Sequence[int]) -> list[float]:
    return [float(row[place]) for place in places] if places else [float(row)]


def _hidden(case: Case, row: Tensor) -> Failure | None:
    """A masked token to which the function gives a value other than zero."""
    for place in sorted(set(range(case.size)) - set(case.kept)):
        value = float(row[place])
        if value != 0:
            return Failure(case, (place,), value, "0", abs(value), 0.0)
    return None
