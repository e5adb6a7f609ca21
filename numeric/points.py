"""Two points of the closed simplex, zeros allowed, with the logarithm of their ratio.

The ratio is built from what the two differ by, so that it keeps its digits as q -> p, also
where their logits are far apart; the points
are normalized exactly, whatever the given numbers sum to within rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, tensor_from, widened
from numeric.domain import check_maxima, checked_logits, first_index, of_one_vocabulary, row_name
from numeric.errors import InputError

_NEAR = 0.5  # how far a sum may be from one for log1p of the difference to be the better form


@dataclass(frozen=True)
class Points:
    """Log-probabilities (..., V) of p and q, -inf at zeros, and r = ln q - ln p where both are."""

    log_p: Tensor
    log_q: Tensor
    ratio: Tensor

    @property
    def both(self) -> Tensor:
        """Tokens (..., V) that both give a probability."""
        return ~(self.log_p.isneginf() | self.log_q.isneginf())

    @property
    def lost(self) -> Tensor:
        """Mass (...) of p on tokens that q excludes."""
        return torch.where(self.log_q.isneginf(), self.log_p.exp(), 0).sum(-1)

    @property
    def gained(self) -> Tensor:
        """Mass (...) of q on tokens that p excludes."""
        return self.swapped.lost

    @property
    def halved_difference(self) -> Tensor:
        """Half of sum |p - q| (...): each term from the ratio, on the side where it is <= 1."""
        larger = torch.where(self.ratio > 0, self.log_q, self.log_p).exp()
        shared = torch.where(self.both, -larger * torch.expm1(-self.ratio.abs()), 0).sum(-1)
        return (shared + self.lost + self.gained) / 2

    @property
    def swapped(self) -> Points:
        """The same two points, q first."""
        return Points(self.log_q, self.log_p, -self.ratio)


def pair_of(p: ArrayT, q: ArrayT, *, logits: bool) -> tuple[Points, Outlet]:
    """Two arrays (..., V) as points, and how results leave.

    Raises:
        InputError: Kinds, devices or shapes do not fit, or a row is no distribution.
    """
    if isinstance(p, Tensor) != isinstance(q, Tensor):
        kinds = f"{type(p).__name__} and {type(q).__name__}"
        raise InputError(f"p, q: expected both torch or both NumPy, got {kinds}")
    check = checked_logits if logits else checked_distribution
    x, y = check(p, "p"), check(q, "q")
    if x.device != y.device:
        raise InputError(f"q is on {y.device}, p is on {x.device}")
    x, y = torch.broadcast_tensors(*of_one_vocabulary(x, y, "p, q"))
    x, y = x.to(widened(x.dtype)), y.to(widened(y.dtype))
    if logits:
        check_maxima(x.amax(-1))
        check_maxima(y.amax(-1))
    return points_of(x, y, logits=logits), Outlet(not isinstance(p, Tensor), x.dtype)


def checked_distribution(p: ArrayT, name: str = "p") -> Tensor:
    """Probabilities (..., V) as a tensor; their sums may differ from one by the root of rounding.

    Raises:
        InputError: A probability is negative or NaN, or a row does not sum to one.
    """
    x = tensor_from(p, name)
    if x.dim() == 0 or x.shape[-1] == 0:
        raise InputError(f"{name}: expected probabilities (..., V), got shape {tuple(x.shape)}")
    bad = ~(x >= 0).all(-1)
    if bool(bad.any()):
        row = row_name(first_index(bad))
        raise InputError(f"{name}: expected probabilities >= 0, got others in {row}")
    total = x.to(widened(x.dtype)).sum(-1)
    off = ~((total - 1).abs() <= torch.finfo(x.dtype).eps ** 0.5)
    if bool(off.any()):
        where = first_index(off)
        raise InputError(
            f"{name}: expected rows that sum to one, got {float(total[where]):.6g} "
            f"in {row_name(where)}; logits are read with logits=True"
        )
    return x


def points_of(x: Tensor, y: Tensor, *, logits: bool) -> Points:
    """The points of logits, or of probabilities up to normalization, of one shape and dtype."""
    both = ~(x.isneginf() | y.isneginf()) if logits else (x > 0) & (y > 0)
    if logits:
        difference = torch.where(both, y, 0), torch.where(both, -x, 0)
    else:
        quotient = _log_quotient(torch.where(both, x, 1), torch.where(both, y, 1))
        difference = quotient, torch.zeros_like(quotient)
        x, y = x.log(), y.log()
    log_p, log_q = x.log_softmax(-1), y.log_softmax(-1)
    return Points(log_p, log_q, _normalized(log_p, log_q, difference, both))


def _log_quotient(x: Tensor, y: Tensor) -> Tensor:
    """ln(y / x) of positive numbers, from their difference where they are near."""
    relative = (y - x) / x
    near = relative.abs() < _NEAR
    return torch.where(near, torch.where(near, relative, 0).log1p(), y.log() - x.log())


def _normalized(
    log_p: Tensor, log_q: Tensor, parts: tuple[Tensor, Tensor], both: Tensor
) -> Tensor:
    """ln q - ln p from two parts whose sum is right up to a constant of the row."""
    difference, rest = _exact_sum(*parts)
    shared = torch.where(both, log_p, -torch.inf)
    at = shared.argmax(-1, keepdim=True)
    moved = (difference - difference.gather(-1, at)) + (rest - rest.gather(-1, at))
    delta = torch.where(both, moved, 0)
    p, q = log_p.exp(), log_q.exp()
    scale = (log_p - log_q).gather(-1, at)  # from q's normalization to p's, at the chosen token
    risen = (log_p + delta).clamp(max=80).exp() - p
    grown = torch.where(delta <= 1, p * torch.expm1(delta.clamp(max=1)), risen)
    growth = torch.where(both, grown, -p)
    growth = torch.where(log_p.isneginf(), q * torch.where(scale < 80, scale, 0).exp(), growth)
    sum_ = growth.sum(-1, keepdim=True)
    near = (sum_.abs() < _NEAR) & (scale.abs() < 1)
    shift = torch.where(near, torch.where(near, sum_, 0).log1p(), scale)
    return torch.where(both, delta - shift, 0)


def _exact_sum(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The rounded sum of two numbers and what rounding lost."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)
