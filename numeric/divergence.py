"""Divergences of two distributions p = softmax(x), q = softmax(y) over the same vocabulary.

Shared by every function here: logits are (..., V), torch or NumPy, finite (a mask belongs to the
domain of one distribution, not of two), and their leading axes broadcast; results are (...).
Everything is built from r_i = ln q_i - ln p_i, which is computed from differences of logits and
so stays accurate as q -> p, and everything is differentiable by torch, also at q = p.  Logits
that are masked, NaN or infinite, and shapes that do not fit, are a ValueError.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, tensor_from
from numeric.domain import first_index, row_name
from numeric.ensemble import Ensemble
from numeric.errors import InputError

# sum_{k=2}^{18} r^k / k! is exp(r) - 1 - r to rounding of float64 for |r| <= 1.
_TAYLOR_TERMS = 18


def shannon_entropy(probabilities: ArrayT) -> ArrayT:
    """Entropy -sum p_i ln p_i in nats of probabilities (..., V) that are given as such.

    Probabilities are taken as they are: whether they sum to one is the caller's business.

    Raises:
        InputError: A probability is negative or NaN.
    """
    p = tensor_from(probabilities, "probabilities")
    bad = ~(p >= 0).all(-1)
    if bool(bad.any()):
        row = row_name(first_index(bad))
        raise InputError(f"probabilities: expected numbers >= 0, got others in {row}")
    return Outlet(not isinstance(probabilities, Tensor), p.dtype)(-torch.xlogy(p, p).sum(-1))


def kl_divergence(logits_p: ArrayT, logits_q: ArrayT) -> ArrayT:
    """Relative entropy D(p || q) = sum p_i ln(p_i / q_i) in nats, from terms that are all >= 0."""
    pair = _Pair.of(logits_p, logits_q)
    # D = sum p (exp(r) - 1 - r), because sum p exp(r) = sum q = 1
    small = pair.ratio.abs() <= 1
    near = pair.p.exp() * _exp_remainder(torch.where(small, pair.ratio, 0))
    p, q = pair.p.exp(), pair.q.exp()
    far = torch.where(p > 0, (q - p) - p * pair.ratio, q)
    return pair.outlet(torch.where(small, near, far).sum(-1))


def fisher_rao_distance(logits_p: ArrayT, logits_q: ArrayT) -> ArrayT:
    """Geodesic distance 4 arcsin(|sqrt p - sqrt q| / 2) of the Fisher metric, in [0, pi).

    Equal to 2 arccos sum sqrt(p_i q_i), which loses everything near p = q.  At p = q, where a
    distance has no derivative, the gradient is 0.
    """
    pair = _Pair.of(logits_p, logits_q)
    return pair.outlet(4 * (_norm(pair.chord) / 2).arcsin())


def jensen_shannon_divergence(logits_p: ArrayT, logits_q: ArrayT) -> ArrayT:
    """Mean relative entropy of p and q to their mixture, in nats: symmetric, in [0, ln 2]."""
    pair = _Pair.of(logits_p, logits_q)
    small = pair.ratio.abs() <= 1
    r = torch.where(small, pair.ratio, 0)
    p, q = pair.p.exp(), pair.q.exp()
    # ln(m / p) = ln((1 + exp(r)) / 2), and the same with -r for q
    near = p * _exp_remainder((torch.expm1(r) / 2).log1p())
    near = near + q * _exp_remainder((torch.expm1(-r) / 2).log1p())
    zero = torch.zeros_like(r)
    far = p * (math.log(2) - pair.ratio.logaddexp(zero))
    far = far + q * (math.log(2) - pair.ratio.neg().logaddexp(zero))
    return pair.outlet(torch.where(small, near, far).sum(-1) / 2)


@dataclass(frozen=True)
class _Pair:
    """Log-probabilities (..., V) of two distributions and the logarithm of their ratio."""

    p: Tensor
    q: Tensor
    ratio: Tensor  # r = ln q - ln p
    outlet: Outlet

    @classmethod
    def of(cls, logits_p: ArrayT, logits_q: ArrayT) -> _Pair:
        x, y = _same_kind(logits_p, logits_q)
        first, second = _unmasked(x, "logits_p"), _unmasked(y, "logits_q")
        p, q = first.log_probabilities[..., 0, :], second.log_probabilities[..., 0, :]
        outlet = Outlet(not isinstance(logits_p, Tensor), p.dtype)
        return cls(p, q, _log_ratio(first, second, p, q), outlet)

    @property
    def chord(self) -> Tensor:
        """Coordinates sqrt(q_i) - sqrt(p_i), by expm1 on the side where it cannot overflow."""
        r = self.ratio
        up = -(self.q / 2).exp() * torch.expm1(-torch.where(r > 0, r, 0) / 2)
        down = (self.p / 2).exp() * torch.expm1(torch.where(r > 0, 0, r) / 2)
        return torch.where(r > 0, up, down)


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


def _unmasked(logits: Tensor, name: str) -> Ensemble:
    ensemble = Ensemble.of(logits, 1.0)
    masked = ensemble.masked[..., 0, :].any(-1)
    if bool(masked.any()):
        row = row_name(first_index(masked))
        raise InputError(f"{name}: expected finite logits, got a masked token (-inf) in {row}")
    return ensemble


def _same_kind(logits_p: ArrayT, logits_q: ArrayT) -> tuple[Tensor, Tensor]:
    if isinstance(logits_p, Tensor) != isinstance(logits_q, Tensor):
        kinds = f"{type(logits_p).__name__} and {type(logits_q).__name__}"
        raise InputError(f"logits_p, logits_q: expected both torch or both NumPy, got {kinds}")
    x, y = tensor_from(logits_p, "logits_p"), tensor_from(logits_q, "logits_q")
    try:
        torch.broadcast_shapes(x.shape, y.shape)
        fits = x.shape[-1:] == y.shape[-1:]
    except RuntimeError:
        fits = False
    if not fits:
        shapes = f"{tuple(x.shape)} and {tuple(y.shape)}"
        raise InputError(f"logits_p, logits_q: shapes {shapes} are not rows of one vocabulary")
    dtype = torch.promote_types(x.dtype, y.dtype)
    return x.to(dtype), y.to(dtype)
