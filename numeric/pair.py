"""Two distributions p = softmax(x), q = softmax(y) over one vocabulary, in torch.

Everything is built from r_i = ln q_i - ln p_i, which is computed from differences of logits and
so stays accurate as q -> p, and everything is differentiable by torch, also at q = p.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.domain import check_maxima, first_index, row_name
from numeric.ensemble import Ensemble
from numeric.errors import InputError

# sum_{k=2}^{18} r^k / k! is exp(r) - 1 - r to rounding of float64 for |r| <= 1.
_TAYLOR_TERMS = 18


@dataclass(frozen=True)
class Pair:
    """Log-probabilities (..., V) of two distributions and the logarithm of their ratio."""

    p: Tensor
    q: Tensor
    ratio: Tensor  # r = ln q - ln p

    @classmethod
    def of(cls, x: Tensor, y: Tensor) -> Pair:
        """The distributions of finite logits (..., V) of one dtype that broadcast."""
        check_finite(x, "logits_p")
        check_finite(y, "logits_q")
        first, second = Ensemble.of(x, 1.0), Ensemble.of(y, 1.0)
        p, q = first.log_probabilities[..., 0, :], second.log_probabilities[..., 0, :]
        return cls(p, q, _log_ratio(first, second, p, q))

    @property
    def relative_entropy(self) -> Tensor:
        """D(p || q) = sum p (exp(r) - 1 - r) (...), because sum p exp(r) = sum q = 1."""
        small = self.ratio.abs() <= 1
        p, q = self.p.exp(), self.q.exp()
        near = p * _exp_remainder(torch.where(small, self.ratio, 0))
        far = torch.where(p > 0, (q - p) - p * self.ratio, q)
        return torch.where(small, near, far).sum(-1)

    @property
    def distance(self) -> Tensor:
        """Geodesic distance (...) of the Fisher metric, from the chord."""
        return 4 * (_norm(self.chord) / 2).arcsin()

    @property
    def jensen_shannon(self) -> Tensor:
        """Mean relative entropy (...) of p and q to their mixture m."""
        small = self.ratio.abs() <= 1
        r = torch.where(small, self.ratio, 0)
        p, q = self.p.exp(), self.q.exp()
        # ln(m / p) = ln((1 + exp(r)) / 2), and the same with -r for q
        near = p * _exp_remainder((torch.expm1(r) / 2).log1p())
        near = near + q * _exp_remainder((torch.expm1(-r) / 2).log1p())
        zero = torch.zeros_like(r)
        far = p * (math.log(2) - self.ratio.logaddexp(zero))
        far = far + q * (math.log(2) - self.ratio.neg().logaddexp(zero))
        return torch.where(small, near, far).sum(-1) / 2

    @property
    def chord(self) -> Tensor:
        """Coordinates sqrt(q_i) - sqrt(p_i), by expm1 on the side where it cannot overflow."""
        r = self.ratio
        up = -(self.q / 2).exp() * torch.expm1(-torch.where(r > 0, r, 0) / 2)
        down = (self.p / 2).exp() * torch.expm1(torch.where(r > 0, 0, r) / 2)
        return torch.where(r > 0, up, down)


def check_finite(logits: Tensor, name: str) -> None:
    """Refuse logits (..., V) that are NaN, infinite or masked.

    Raises:
        InputError: Some are; the message names the first row.
    """
    finite = torch.isfinite(logits).all(-1)
    if bool(finite.all()):
        return
    check_maxima(logits.amax(-1))
    row = row_name(first_index(~finite))
    raise InputError(f"{name}: expected finite logits, got a masked token (-inf) in {row}")


def row_places(x: Tensor, rows: torch.Size) -> Tensor:
    """Which row of logits `x` (..., V), counted flatly, belongs to each of the broadcast rows."""
    count = x[..., 0].numel()
    places = torch.arange(count, device=x.device).reshape(x.shape[:-1])
    return places.expand(rows).reshape(-1)


def _log_ratio(first: Ensemble, second: Ensemble, p: Tensor, q: Tensor) -> Tensor:
    """r_i = (delta_i - delta_k) - ln sum p exp(delta - delta_k), with k the most probable of p."""
    delta = _difference(first, second)
    at = first.excluded.int().argmax(-1, keepdim=True)
    at = at[..., 0, :].expand(*delta.shape[:-1], 1)
    delta = delta - delta.gather(-1, at)
    small = delta <= 1
    growth = torch.where(
        small,
        p.exp() * torch.expm1(torch.where(small, delta, 0)),
        (p + delta).clamp(max=80).exp() - p.exp(),
    ).sum(-1, keepdim=True)
    near = growth.abs() < 0.5
    direct = (p - q).gather(-1, at)  # ln Z_q - ln Z_p - delta_k
    return delta - torch.where(near, torch.where(near, growth, 0).log1p(), direct)


def _difference(first: Ensemble, second: Ensemble) -> Tensor:
    return second.logits[..., 0, :] - first.logits[..., 0, :]


def _exp_remainder(r: Tensor) -> Tensor:
    """exp(r) - 1 - r for |r| <= 1 by Horner's scheme; every derivative is right at 0."""
    total = torch.ones_like(r)
    for k in range(_TAYLOR_TERMS, 2, -1):
        total = 1 + total * r / k
    return total * r * r / 2


def _norm(vector: Tensor) -> Tensor:
    """Euclidean norm of the last axis without underflow; its gradient at 0 is 0."""
    scale = vector.detach().abs().amax(-1, keepdim=True)
    scale = torch.where(scale > 0, scale, 1)
    squares = ((vector / scale) ** 2).sum(-1)
    zero = squares == 0
    return torch.where(zero, 0, torch.where(zero, 1, squares).sqrt() * scale[..., 0])
