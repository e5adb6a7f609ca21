"""The oracle "balls": both sides of a claim enclosed at points of its domain.

An identity must agree to many digits at every point; an inequality must not be violated, and must
be an equality where its author says that it is tight, since otherwise a stronger claim could not
be told from it. A ball that excludes zero refutes rigorously; the point is the witness.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf
from time import perf_counter
from typing import Any, cast

from flint import arb, ctx, fmpq
from sympy import (
    Basic,
    Eq,
    Ge,
    Le,
)
from sympy.core.relational import Relational

from bridge.ball_comparison import RULES, Comparison, compared
from bridge.ball_numbers import (
    BallError,
    UndecidedError,
    UndefinedError,
    UnsupportedError,
    ball,
)
from bridge.balls import PRECISION, Evaluation
from bridge.points import POINTS, Case, draws, limits
from bridge.verdict import Evidence, Status
from bridge.witness import Failure, by_hand, place, simplest
from formal.quantity import unfold

LARGEST_PRECISION = 8 * PRECISION  # bits, where doubling ends
TIGHT = fmpq(
    1, 10**20
)  # at a place of equality the sides differ by less, 2^-80 standing for a limit
TIGHT_POINTS = 8
SHOWN_DIGITS = 20


class _RefutedError(Exception):
    """A point at which the claim certainly fails."""

    def __init__(self, failure: Failure):
        super().__init__(str(failure.indices))
        self.failure = failure


@dataclass
class _Count:
    """What has been looked at so far."""

    points: int = 0
    comparisons: int = 0
    largest: int = 0
    digits: float = inf
    bits: int = PRECISION
    rejected: int = 0
    tight: int = 0
    tight_points: int = 0
    undecided: list[str] = field(default_factory=list)
    started: float = field(default_factory=perf_counter)

    def data(self, seed: int) -> dict[str, Any]:
        return {
            "points": self.points,
            "comparisons": self.comparisons,
            "largest_size": self.largest,
            "digits": None if self.digits == inf else floor(self.digits),
            "bits": self.bits,
            "rejected": self.rejected,
            "tight": self.tight,
            "tight_points": self.tight_points,
            "seed": seed,
            "seconds": round(perf_counter() - self.started, 3),
        }


def ball_evidence(
    claim: Basic,
    assuming: Sequence[Relational] = (),
    *,
    tight_at: Mapping[Basic, Basic] | None = None,
    seed: int = 0,
    points: int = POINTS,
    digits: int = 50,
) -> Evidence:
    """What Arb balls say of a relation between plain expressions.

    SUPPORTED: an identity holds to `digits` digits, relative to the scale of its terms, at every
    point; an inequality is nowhere violated, and tight somewhere in `tight_at`. REFUTED: a ball
    excludes the claim; the witness is the simplest such point that was found, exact rationals and
    both sides, and `data["by_hand"]` what they are made of. UNDEFINED: a side is not
    defined at a point. UNKNOWN: no point, balls too wide, not tight, or no rule for a node.
    """
    count = _Count()

    def say(status: Status, detail: str, witness: dict[str, str] | None = None) -> Evidence:
        return Evidence("balls", status, detail, count.data(seed), witness)

    try:
        relation = _relation(claim)
    except UnsupportedError as error:
        return say(Status.UNKNOWN, f"not for balls: {error}")
    try:
        _look(relation, assuming, tight_at or {}, seed, points, digits, count)
    except _RefutedError as refuted:
        failure = simplest(refuted.failure, relation, assuming)
        witness = place(relation, failure.case, failure.indices) | _sides(failure.comparison)
        found = say(Status.REFUTED, _refutation(witness), witness)
        return replace(found, data={**found.data, "by_hand": by_hand(claim, failure)})
    except _UndefinedAtError as undefined:
        return say(Status.UNDEFINED, str(undefined), undefined.witness)
    except UnsupportedError as error:
        return say(Status.UNKNOWN, f"not for balls: {error}")
    return say(*_finding(relation, tight_at or {}, count))


class _UndefinedAtError(Exception):
    """A point at which a side of the claim is not defined."""

    def __init__(self, error: UndefinedError, witness: dict[str, str]):
        super().__init__(str(error))
        self.witness = witness


def _finding(claim: Relational, tight_at: Mapping, count: _Count) -> tuple[Status, str]:
    same = claim.lhs == claim.rhs  # then all that is asked is where it is defined
    if count.undecided and not (same and count.comparisons):
        return Status.UNKNOWN, count.undecided[-1]
    if not count.comparisons:
        reason = f"no point met the hypotheses in {count.rejected} draws"
        return Status.UNKNOWN, reason
    if count.rejected and count.largest == 1:
        return Status.UNKNOWN, "of the points drawn only some of one state met the hypotheses"
    seen = f"{count.points} points, sizes to {count.largest}"
    if same:
        rest = f", undecided for {len(count.undecided)} values" if count.undecided else ""
        return Status.SUPPORTED, f"defined at {seen}{rest}; both sides are one expression"
    if isinstance(claim, Eq):
        return Status.SUPPORTED, f"{seen}, {floor(count.digits)} digits"
    if tight_at and not count.tight:
        where = ", ".join(f"{name} -> {unfold(value)}" for name, value in tight_at.items())
        return Status.UNKNOWN, f"not violated at {seen}, but nowhere tight at {where}"
    tight = f"; tight at {count.tight} of {count.tight_points}" if tight_at else ""
    return Status.SUPPORTED, f"not violated at {seen}{tight}"


def _relation(claim: Basic) -> Relational:
    if not isinstance(claim, Relational) or type(claim) not in RULES:
        raise UnsupportedError(f"expected a relation such as Eq(a, b), got {type(claim).__name__}")
    return cast(Relational, unfold(claim))


def _refutation(witness: Mapping[str, str]) -> str:
    return f"the sides are {witness['left']} and {witness['right']} at the witness"


def _look(
    claim: Relational,
    assuming: Sequence[Relational],
    tight_at: Mapping[Basic, Basic],
    seed: int,
    points: int,
    digits: int,
    count: _Count,
) -> None:
    """Compare the sides at ordinary points, simple ones first, then at the place of equality."""
    found = draws(claim, assuming, seed=seed, count=points)
    count.rejected += found.rejected
    for case in found.cases:
        count.points += 1
        count.largest = max(count.largest, case.size)
        for comparison in _comparisons(claim, case, digits, count):
            if isinstance(claim, Eq):
                count.digits = min(count.digits, comparison.digits)
    if not tight_at:
        return
    found = draws(claim, assuming, given=limits(tight_at), seed=seed, count=TIGHT_POINTS)
    count.rejected += found.rejected
    for case in found.cases:
        for comparison in _comparisons(claim, case, digits, count):
            count.tight_points += 1
            count.tight += bool(abs(comparison.difference) < TIGHT)


def _comparisons(claim: Relational, case: Case, digits: int, count: _Count):
    """The sides at every value of the free indices, at a precision that decides if one does."""
    evaluations: dict[int, Evaluation] = {}
    for indices in case.indices:
        try:
            comparison = _decided(claim, case, indices, digits, evaluations)
        except UndefinedError as error:
            raise _UndefinedAtError(error, place(claim, case, indices)) from error
        except UndecidedError as error:
            where = _brief(place(claim, case, indices))
            count.undecided.append(f"undecided at {where}: {error}")
            continue
        count.comparisons += 1
        count.bits = max(count.bits, comparison.bits)
        yield comparison


def _decided(
    claim: Relational,
    case: Case,
    indices: Mapping[Basic, int],
    digits: int,
    evaluations: dict[int, Evaluation],
) -> Comparison:
    """The comparison at the least precision that decides it, or shows enough digits.

    Where even the largest precision does not, `UndecidedError` says why.
    """
    bits, reason = PRECISION, BallError("")
    while bits <= LARGEST_PRECISION:
        if bits not in evaluations:
            evaluations[bits] = Evaluation(case.point, bits)
        try:
            comparison = compared(claim, evaluations[bits], indices)
        except UndecidedError as error:
            bits, reason = 2 * bits, error
            continue
        holds = RULES[type(claim)](comparison.difference)
        if holds is False:
            raise _RefutedError(Failure(case, indices, comparison))
        shown = comparison.digits >= digits and (not comparison.vanishing or bits > PRECISION)
        if shown and (holds or isinstance(claim, (Eq, Le, Ge))):
            return comparison  # what stays undecided with so many digits is an equality
        bits, reason = 2 * bits, UndecidedError(f"sides agree to {comparison.digits:.0f} digits")
    raise reason


def _brief(place: Mapping[str, str]) -> str:
    text = ", ".join(f"{name} = {value}" for name, value in place.items())
    return text if len(text) <= 200 else text[:197] + "..."


def _sides(comparison: Comparison) -> dict[str, str]:
    with ctx.workprec(comparison.bits):
        return {"left": _side(ball(comparison.left)), "right": _side(ball(comparison.right))}


def _side(value: arb) -> str:
    if 0 in value and value.rad() < TIGHT:
        return "0"
    return value.str(SHOWN_DIGITS, radius=False)
