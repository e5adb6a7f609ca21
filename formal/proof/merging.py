"""What merging costs: weighted squares around the merged ratio. Nothing here is trusted."""

from __future__ import annotations

from collections.abc import Iterator

from formal.proof.field import Poly, monomial_term
from formal.proof.shapes import single, without
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    TWO,
    Term,
    bind,
    instantiate,
    mul,
    opened,
    power,
    subtract,
)


def merged_squares(rest: Poly) -> Iterator[Term]:
    """sum_j sum_i y_ij (x_ij / y_ij - X_j / Y_j)^2 where minus sum_j X_j^2 / Y_j occurs.

    X_j and Y_j are the sums of x_ij and y_ij over i, every y_ij is positive.
    """
    for monomial, coefficient in rest.items():
        for base, exponent in monomial if coefficient < 0 else ():
            scale = monomial_term(without(monomial, base), -coefficient)
            if base.op == "sum" and exponent == 1 and sign(scale) >= 1:
                index, body = opened(base, *(b for m in rest for b, _ in m))
                for inner in _spread_ratio(body):
                    yield mul(scale, bind("sum", index, inner))


def _spread_ratio(body: Term) -> Iterator[Term]:
    """The inner sum for a body w X^2 / Y."""
    factors = single(body)
    squared = [b for b, e in factors if b.op == "sum" and e == 2]
    divisors = [b for b, e in factors if b.op == "sum" and e == -1]
    for whole in squared:
        for divisor in divisors:
            if whole.args[:2] != divisor.args[:2]:
                continue
            index, x = opened(whole, body, divisor)
            y = instantiate(divisor.args[2], index)  # type: ignore[arg-type]
            if sign(y) < 2:
                continue
            weight = monomial_term(without(without(factors, whole), divisor))
            apart = subtract(mul(x, power(y, MINUS_ONE)), mul(whole, power(divisor, MINUS_ONE)))
            if sign(weight) >= 1:
                yield mul(weight, bind("sum", index, mul(y, power(apart, TWO))))
