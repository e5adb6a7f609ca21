"""A function's own automatic derivatives against those of the definition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from bridge.crosschecking.calls import Calls, Misbehaviour
from bridge.crosschecking.findings import Failure, Findings, Tally
from bridge.crosschecking.inputs import Case, battery
from bridge.crosschecking.oracle import slopes, token_weights
from bridge.crosschecking.patience import TimeLimit
from bridge.crosschecking.targets import TEMPERATURE, Kind

LARGEST = 64  # tokens beyond which derivatives are not compared
BATCHES = slice(4, 12)  # of the battery: each size at two numbers that are not one


@dataclass
class Gradients:
    """What was seen of derivatives; `notes` say what could not be asked."""

    findings: Findings = field(default_factory=Findings)
    notes: list[str] = field(default_factory=list)
    in_temperature: bool = False


def look_at_gradients(calls: Calls, dtype: str, seed: int, examples: int, seen: Gradients) -> None:
    """Compare the derivatives in logits and temperature on batches of every kind of row.

    Raises:
        Misbehaviour: A call gives no value, or backward raises.
        TimeLimit: The function did not return in time.
    """
    seen.in_temperature = _reaches_temperature(calls, dtype, seed, examples)
    if calls.target.of_kind(Kind.TEMPERATURE) and not seen.in_temperature:
        seen.notes = ["the derivative in the temperature is not asked: none reaches the result"]
    batches = battery(calls.target.name, dtype, seed, examples)
    for batch in batches[BATCHES]:
        if batch.cases[0].size <= LARGEST:
            _compare(calls, batch.cases, seen)


def _compare(calls: Calls, cases: Sequence[Case], seen: Gradients) -> None:
    grads, _ = gradients(calls, cases, with_temperature=False)
    for row, case in enumerate(cases):
        known = slopes(calls.target.name, case)
        table = seen.findings.table.setdefault((case.dtype, case.regime), Tally())
        if known.reason:
            table.skipped += 1
            continue
        table.cases += 1
        worst = _worst(case, [grad[row] for grad in grads], known.logits)
        _note(seen, worst)
    if seen.in_temperature:
        _compare_in_temperature(calls, cases, seen)


def _compare_in_temperature(calls: Calls, cases: Sequence[Case], seen: Gradients) -> None:
    """Compare the derivative in the temperature, one row at a time: rows that share one would
    hide one another's errors.

    Masked tokens are left out: of a logit that is -inf divided by a temperature automatic
    differentiation makes 0 * inf.
    """
    name, place = calls.target.name, calls.target.arguments.index(TEMPERATURE)
    for case in cases:
        known = slopes(name, case).temperature if len(case.kept) == case.size else None
        if known is None or known[1] == math.inf:
            continue
        value, allowed = known
        _, slope = gradients(calls, (case,), with_temperature=True)
        observed = math.nan if slope is None else slope
        off = math.inf if math.isnan(observed) else abs(observed - value)
        _note(seen, Failure(case, (place,), observed, repr(value), off, allowed))


def _note(seen: Gradients, found: Failure) -> None:
    """Enter what was found into the table, and among the failures if it is one."""
    table = seen.findings.table[found.case.dtype, found.case.regime]
    if found.residual / found.allowance > table.ratio:
        table.ratio = found.residual / found.allowance
        table.residual, table.allowance = found.residual, found.allowance
    if not found.residual <= found.allowance:
        table.failed += 1
        seen.findings.failures.append(found)


def _worst(
    case: Case, grads: Sequence[Tensor], known: Sequence[Sequence[tuple[float, float]]]
) -> Failure:
    """The derivative in a logit that is off most, in units of what is allowed."""
    worst: Failure | None = None
    for family, (grad, row) in enumerate(zip(grads, known, strict=True)):
        for token, (value, allowed) in enumerate(row):
            observed = float(grad[token])
            residual = abs(observed - value)
            if residual != residual:
                residual = float("inf")
                allowed = min(allowed, 1.0)
            found = Failure(case, (family, token), observed, repr(value), residual, allowed)
            ratio = 0.0 if allowed == float("inf") else residual / allowed
            if worst is None or ratio > worst.residual / worst.allowance:
                worst = found
    assert worst is not None
    return worst


def gradients(
    calls: Calls, cases: Sequence[Case], *, with_temperature: bool
) -> tuple[list[Tensor], float | None]:
    """Derivatives of the sum over the rows: in each row of logits, and in the temperature.

    A value per token is summed with `token_weights` first.

    Raises:
        Misbehaviour: The call or backward raises.
        TimeLimit: The function did not return in time.
    """
    leaves, arguments, temperature = [], [], None
    for argument, given in zip(
        calls.target.arguments, calls.tensors(cases, (len(cases),)), strict=True
    ):
        held: Any = given
        if argument.kind is Kind.LOGITS:
            held = given.requires_grad_()
            leaves.append(held)
        elif argument.kind is Kind.TEMPERATURE and with_temperature:
            held = temperature = torch.tensor(given, dtype=leaves[0].dtype, requires_grad=True)
        arguments.append(held)

    def task() -> tuple[Tensor | None, ...]:
        with torch.enable_grad():
            value = calls.function(*arguments)
            if not isinstance(value, Tensor) or not value.requires_grad:
                return (None,) * (len(leaves) + (temperature is not None))
            if calls.target.per_token:
                value = value * torch.as_tensor(token_weights(cases[0].size), dtype=value.dtype)
            wanted = [*leaves, *([] if temperature is None else [temperature])]
            return torch.autograd.grad(value.sum(), wanted, allow_unused=True)

    try:
        found = calls.patience.run(task)
    except TimeLimit:
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]
        raise Misbehaviour("raises", f"differentiated, it raises {told}", cases[0]) from error
    rows = [
        torch.zeros_like(leaf) if slope is None else slope
        for leaf, slope in zip(leaves, found, strict=False)
    ]
    last = found[len(leaves)] if temperature is not None else None
    return [row.detach().double() for row in rows], None if last is None else float(last)


def _reaches_temperature(calls: Calls, dtype: str, seed: int, examples: int) -> bool:
    """Whether a tensor as temperature is taken, and a derivative reaches it."""
    if not calls.target.of_kind(Kind.TEMPERATURE):
        return False
    cases = battery(calls.target.name, dtype, seed, examples)[2].cases[:1]
    try:
        _, slope = gradients(calls, cases, with_temperature=True)
    except Misbehaviour:
        return False
    return slope is not None
