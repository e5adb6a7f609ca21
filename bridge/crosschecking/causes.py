"""A guess at the cause of a failure: a known slip that fits all that the function returns.

A slip in the formula is guessed where the function agrees with the formula so written, within
what is allowed, on all of some cases on which the definition is another number. What fails on
hard rows only is looked at by a few calls of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flint import arb
from torch import Tensor

from bridge.ball_numbers import BallError
from bridge.crosschecking.calls import Calls, Misbehaviour
from bridge.crosschecking.findings import Failure
from bridge.crosschecking.inputs import Case, battery
from bridge.crosschecking.oracle import eps_of, reference, slack, value_of
from bridge.crosschecking.patience import TimeLimit
from bridge.crosschecking.slips import slips
from bridge.crosschecking.targets import Kind

FEWEST = 4  # cases on which a slip must fit
PLAIN = ("plain", "ties", "one dominant token", "q near p")
SINGLE = 2.0**-23


def cause_of_value(calls: Calls, failure: Failure, seed: int, examples: int) -> str:
    """Why the function's values are wrong, in a sentence, or nothing."""
    try:
        if not math.isfinite(failure.observed):
            return _not_finite(calls, failure.case)
        seen = _observed(calls, failure.case.dtype, seed, examples)
        return _slip(calls, seen) or _hard_rows(calls, failure, seen)
    except (Misbehaviour, TimeLimit):
        return ""


def cause_of_slope(failure: Failure) -> str:
    """Why the function's derivatives are wrong, in a sentence, or nothing."""
    if abs(failure.observed) <= failure.allowance:
        return (
            "no derivative passes here: a detach(), a conversion out of torch, a rounding or a "
            "choice of tokens"
        )
    if math.isnan(failure.observed):
        masked = len(failure.case.kept) < failure.case.size
        where = "masked" if masked else "zero"
        return (
            f"the derivative of 0 ln 0: a probability is {where}, and infinity times 0 is "
            "taken, as it is in a branch that torch.where leaves out"
        )
    return ""


_Seen = Sequence[tuple[Case, float]]


def _observed(calls: Calls, dtype: str, seed: int, examples: int) -> list[tuple[Case, float]]:
    """Plain cases with two tokens or more, and the first value that the function has there, where
    it is finite."""
    seen = []
    for batch in battery(calls.target.name, dtype, seed, examples):
        if not 1 < batch.cases[0].size < 10:
            continue
        rows = calls.values(batch.cases).detach().double()
        seen += [
            (case, _first(row))
            for case, row in zip(batch.cases, rows, strict=True)
            if case.regime in PLAIN
            and math.isfinite(_first(row))
            and not reference(calls.target.name, case).reason
        ]
    return seen


def _first(row: Tensor) -> float:
    return float(row.flatten()[0])


def _slip(calls: Calls, seen: _Seen) -> str:
    for slip in slips(calls.target):
        fitting = different = 0
        for case, observed in seen:
            fit = _fits(calls, slip.value, case, observed)
            if fit is None:
                continue
            if not fit:
                break
            fitting += 1
            different += not _fits(calls, calls.target.value, case, observed)
        else:
            if fitting >= FEWEST and different:
                return slip.name
    return ""


def _fits(calls: Calls, value: object, case: Case, observed: float) -> bool | None:
    """Whether a value is what an expression says, or None where the expression has none."""
    target = calls.target
    try:
        exact = value_of(target, value, case, case.kept[0] if target.per_token else None)
    except BallError:
        return None
    known = reference(target.name, case)
    allowed = max(known.allowances) * (1 + abs(float(exact.mid())) / (1 + _size(known.values[0])))
    least = slack(case.size, case.dtype) * eps_of(case.dtype) * (abs(float(exact.mid())) + 1)
    return bool(abs(arb(observed) - exact) <= max(4 * allowed, least))


def _size(value: arb) -> float:
    return abs(float(value.mid()))


def _hard_rows(calls: Calls, failure: Failure, seen: _Seen) -> str:
    """Why a function fails on some rows that is right on plain ones, or nothing."""
    fits = [_fits(calls, calls.target.value, case, observed) for case, observed in seen]
    case = failure.case
    if len(case.kept) < case.size and all(fits):
        return "masked tokens are not left out"
    if case.dtype == "float64" and 2 * sum(map(bool, fits)) < len(fits):
        if all(_fits_loosely(calls, at, observed) for at, observed in seen):
            return "the digits are those of single precision: a float32 on the way"
    off = failure.residual / (1 + abs(failure.observed))
    if 2 * sum(map(bool, fits)) >= len(fits) and off < 1e3 * math.sqrt(eps_of(case.dtype)):
        return "digits cancel: the formula is right, and loses them on such rows"
    return ""


def _fits_loosely(calls: Calls, case: Case, observed: float) -> bool:
    exact = reference(calls.target.name, case).values[0]
    return abs(observed - float(exact.mid())) <= 64 * SINGLE * (1 + _size(exact))


def _not_finite(calls: Calls, case: Case) -> str:
    """Why a function returns NaN or infinity, by calls on rows made for the question."""
    probes = (
        ((1e4, 1e4), "the exponential is not shifted by the greatest logit, and overflows"),
        (
            (-1e4, -1e4),
            "the exponential is not shifted by the greatest logit (or a maximum starts at 0), "
            "and all weights underflow",
        ),
        ((0.0, -2000.0), "0 ln 0: a probability that underflows to 0 meets its logarithm"),
        ((0.0, -math.inf), "masked tokens: 0 times -inf, or their logarithm, is not left out"),
    )
    numbers = tuple(
        0 if argument.kind is Kind.TOKEN else 1.0 if argument.kind is Kind.TEMPERATURE else number
        for argument, number in zip(
            (a for a in calls.target.arguments if a.kind is not Kind.LOGITS),
            case.numbers,
            strict=True,
        )
    )
    families = len(calls.target.of_kind(Kind.LOGITS))
    for row, told in probes:
        if not all(map(math.isfinite, row)) and not calls.target.masks:
            continue
        probe = Case((row,) * families, numbers, "probe", case.dtype)
        if not bool(calls.values((probe,)).isfinite().all()):
            return told
    return ""
