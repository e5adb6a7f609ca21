"""What rounding takes from a scaled gap y = (m - x) / T, so that exp(-y) keeps all its digits.

A relative error of eps in y is one of y eps in exp(-y): a hundred units at y = 100.  In float64
the rest of y is computed to twice the precision by the error-free sums and products of Knuth and
Dekker, and exp(-y) corrected to first order.
"""

from __future__ import annotations

import torch
from torch import Tensor

_SPLIT = 2.0**27 + 1  # halves of the digits of a float64


def exp_of_gap(y: Tensor, larger: Tensor, smaller: Tensor, temperature: Tensor) -> Tensor:
    """exp(-y) for y = (larger - smaller) / temperature as it was rounded, in float64 corrected.

    Derivatives are those of exp(-y).
    """
    e = (-y).exp()
    if e.dtype != torch.float64:
        return e
    with torch.no_grad():
        rest = _rest(y, larger, smaller, temperature)
    return e * (1 - rest)


def _rest(y: Tensor, larger: Tensor, smaller: Tensor, temperature: Tensor) -> Tensor:
    """(larger - smaller) / temperature - y; 0 where that is beyond the range of float64."""
    gap = larger - smaller
    back = gap - larger
    lost = (larger - (gap - back)) - (smaller + back)
    product = y * temperature
    y_high, y_low = _halves(y)
    t_high, t_low = _halves(temperature)
    missed = y_low * t_low - (((product - y_high * t_high) - y_low * t_high) - y_high * t_low)
    rest = ((gap - product) - missed + lost) / temperature
    return torch.where(rest.abs() < 1e-9, rest, 0)  # a NaN is not


def _halves(a: Tensor) -> tuple[Tensor, Tensor]:
    """A number as the sum of two with half of its digits each."""
    scaled = a * _SPLIT
    high = scaled - (scaled - a)
    return high, a - high
