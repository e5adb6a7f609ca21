"""Rigorous integrals of balls: adaptive quadrature, and an analytic bound for an infinite range.

A finite range is left to `acb.integral`, which bounds its own error. An infinite one, `T` from `a`
to `oo` with `a >= 0`, becomes a finite one in `beta = 1/T`; from absolute zero on, what remains
beyond a large `beta` is enclosed by `bridge.ball_tails`. Reference: johansson2018.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flint import acb, arb, ctx, fmpq
from sympy import Basic, Dummy, Expr, oo

from bridge.ball_numbers import Dual, Number, UndecidedError, UnsupportedError, tangent
from bridge.ball_tails import tail_integral
from formal.quantity import instantiate

EVALUATIONS = 2_000  # of an integrand; over a pole no number would be enough
Evaluate = Callable[[Basic, dict[Basic, Any]], Number]


def integral(body: Expr, variable: Basic, ends: Sequence[Basic], evaluate: Evaluate) -> Number:
    """The integral of an expression over a variable between two ends.

    `evaluate(expression, bindings)` gives the value of an expression, some symbols being bound.

    A quadrature that does not converge, as over a singularity, is undecided.

    Raises:
        UnsupportedError: A range that is infinite in another way, or a tail without a bound.
    """
    first, last = ends
    if first.is_infinite or (last.is_infinite and last != oo):
        raise UnsupportedError(f"an integral from {first} to {last}")
    start = evaluate(first, {})
    if last == oo:
        return _to_infinity(body, variable, start, evaluate)
    return _finite(lambda x: evaluate(body, {variable: x}), start, evaluate(last, {}))


def _to_infinity(body: Expr, variable: Basic, start: Number, evaluate: Evaluate) -> Number:
    """With T = 1/beta the far end is beta = 0, where what has a limit is regular."""
    beta = Dummy("beta", positive=True)
    body = instantiate(body, {variable: 1 / beta}) / beta**2
    if isinstance(start, Dual) or not start >= 0:
        raise UnsupportedError("an integral to infinity from an end that is not a number >= 0")

    def integrand(x: Number) -> Number:
        return evaluate(body, {beta: x})

    if start > 0:
        return _finite(integrand, fmpq(0), 1 / start)
    cut, tail = tail_integral(integrand)
    return _finite(integrand, fmpq(0), cut) + tail


def _finite(integrand: Callable[[Number], Number], start: Number, stop: Number) -> Number:
    width = stop - start
    if isinstance(width, Dual):  # an end that moves: integrate over a range that does not
        return _quadrature(lambda x: integrand(start + width * x) * width, fmpq(0), fmpq(1))
    return _quadrature(integrand, start, stop)


def _quadrature(integrand: Callable[[Number], Number], start: Number, stop: Number) -> Number:
    sample = integrand(acb(start + stop) / 2)
    if isinstance(sample, Dual):
        tag = sample.tag
        value = _quadrature(lambda x: _without(integrand(x), tag), start, stop)
        return Dual(tag, value, _quadrature(lambda x: tangent(integrand(x), tag), start, stop))
    goal = arb(2) ** (-2 * ctx.prec // 3)  # the rest of the precision absorbs the rounding
    value = acb.integral(
        lambda x, _: acb(integrand(x)),
        start,
        stop,
        rel_tol=goal,
        abs_tol=goal,
        eval_limit=EVALUATIONS,
    )
    if not value.is_finite():
        raise UndecidedError("an integral that quadrature could not bound")
    return value.real


def _without(number: Number, tag: int) -> Number:
    return number.primal if isinstance(number, Dual) and number.tag == tag else number
