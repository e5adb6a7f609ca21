"""Two sides of a claim at one point: their balls, their difference, and how exact it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flint import arb, ctx
from sympy import Abs, Add, Basic, Eq, Ge, Gt, Integer, Le, Lt, Mul, Ne, Pow, Sum, log
from sympy.core.relational import Relational

from bridge.ball_numbers import Number, ball
from bridge.balls import Evaluation


@dataclass(frozen=True)
class Comparison:
    """The two sides at one point: `difference` is left minus right."""

    left: Number
    right: Number
    difference: Number
    digits: float
    bits: int
    vanishing: bool  # both sides may be zero, but are not known to be


def compared(
    claim: Relational, evaluation: Evaluation, indices: Mapping[Basic, int]
) -> Comparison:
    """Both sides of a claim at a point, and how exactly their difference is known."""
    left = evaluation.number(claim.lhs, indices)
    right = evaluation.number(claim.rhs, indices)
    with ctx.workprec(evaluation.bits):
        difference = left - right
        digits = _digits(claim, difference, left, right, evaluation, indices)
        vanishing = not difference == 0 and 0 in ball(left) and 0 in ball(right)
    return Comparison(left, right, difference, digits, evaluation.bits, vanishing)


def _digits(
    claim: Relational,
    difference: Number,
    left: Number,
    right: Number,
    evaluation: Evaluation,
    indices: Mapping[Basic, int],
) -> float:
    """Decimal digits of the difference that are certain, relative to the scale of its terms."""
    error = ball(difference).rad()
    if error == 0:
        return evaluation.bits * 0.30103
    scale = abs(ball(left)).max(abs(ball(right)))
    if not scale > 0:  # both may vanish: what they are sums of says how exact a zero is
        terms = (magnitude(side) for side in (claim.lhs, claim.rhs))
        scale = sum((ball(evaluation.number(term, indices)) for term in terms), arb(0))
    if not scale > 0:
        scale = arb(1)
    return float((scale / error).log().lower() / arb(10).log())


@lru_cache(maxsize=4096)
def magnitude(e: Basic) -> Any:
    """The sum of the absolute values of the terms that an expression is a sum of."""
    if isinstance(e, (Add, Mul)):
        return e.func(*map(magnitude, e.args))
    if isinstance(e, Sum):
        return Sum(magnitude(e.function), *e.limits)
    if isinstance(e, Pow) and isinstance(e.exp, Integer) and e.exp > 0:
        return magnitude(e.base) ** e.exp
    if isinstance(e, log):
        return 1 + Abs(e)  # a relative error of the argument is an absolute one here
    return Abs(e, evaluate=False)  # SymPy would look for conjugates


def _decide(true: bool, false: bool) -> bool | None:
    return True if true else False if false else None


# What a difference of the sides says: true, false, or not decided by the ball.
RULES: Mapping[type, Callable[[Number], bool | None]] = {
    Eq: lambda x: _decide(x == 0, x != 0),
    Ne: lambda x: _decide(x != 0, x == 0),
    Le: lambda x: _decide(x <= 0, x > 0),
    Lt: lambda x: _decide(x < 0, x >= 0),
    Ge: lambda x: _decide(x >= 0, x < 0),
    Gt: lambda x: _decide(x > 0, x <= 0),
}
