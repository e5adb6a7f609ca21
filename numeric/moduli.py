"""Divergences, distances and geodesics on the closed simplex, for distributions with zeros too.

Shared by every function of two distributions here: p and q are probabilities (..., V), torch or
NumPy, on the closed simplex, or, with `logits=True`, logits of which -inf is a masked token;
leading axes broadcast and results are (...).  Rows that do not sum to one are a ValueError that
names the first.  Where a divergence is infinite the value is inf.  Accurate as q -> p and at
orders where the formula is 0 / 0.  Nothing is promised of gradients; `numeric.divergence` has
them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, tensor_from, widened
from numeric.domain import first_index, of_one_vocabulary, row_name
from numeric.errors import InputError
from numeric.points import Points, checked_distribution, pair_of

_SERIES_TERMS = 22  # r^k / k! is below rounding of float64 from there on, for |r| <= 1
_NEAR = 0.5


def alpha_divergence(p: ArrayT, q: ArrayT, alpha: float, *, logits: bool = False) -> ArrayT:
    """Alpha-divergence 4 (1 - sum p^((1-a)/2) q^((1+a)/2)) / (1 - a^2) of any real parameter.

    At -1 it is the relative entropy of p to q, at 1 that of q to p, at 0 four times the squared
    Hellinger distance.
    """
    a = _real(alpha, "alpha")
    points, outlet = pair_of(p, q, logits=logits)
    points = points.swapped if a > 0 else points
    return outlet(_divergence(points, (1 - abs(a)) / 2))


def renyi_divergence(p: ArrayT, q: ArrayT, order: float, *, logits: bool = False) -> ArrayT:
    """Renyi divergence ln(sum p^a q^(1-a)) / (a - 1) of order a >= 0, in nats.

    Order 1 is the relative entropy, 0 minus the logarithm of q's mass where p is not zero,
    infinity the largest ln(p / q).

    Raises:
        InputError: The order is negative or NaN, or a row is no distribution.
    """
    a = float(order)
    if not a >= 0:
        raise InputError(f"order: expected a number >= 0, got {order}")
    points, outlet = pair_of(p, q, logits=logits)
    if a == 0:
        return outlet(-(-points.gained).log1p())
    if a == 1:
        return outlet(_divergence(points, 0.0))
    if a == math.inf:
        return outlet(_largest_log_ratio(points))
    if a < 0.5:
        return outlet(a / (1 - a) * _renyi(points.swapped, a))
    return outlet(_renyi(points, 1 - a))


def squared_hellinger_distance(p: ArrayT, q: ArrayT, *, logits: bool = False) -> ArrayT:
    """Half the squared distance of the square roots, 1 - sum sqrt(p_i q_i), in [0, 1]."""
    points, outlet = pair_of(p, q, logits=logits)
    return outlet(_divergence(points, 0.5) / 4)


def bhattacharyya_coefficient(p: ArrayT, q: ArrayT, *, logits: bool = False) -> ArrayT:
    """Cosine sum sqrt(p_i q_i) of the angle between the square roots, in [0, 1]."""
    points, outlet = pair_of(p, q, logits=logits)
    return outlet(((points.log_p + points.log_q) / 2).exp().sum(-1))


def chi_square_divergence(p: ArrayT, q: ArrayT, *, logits: bool = False) -> ArrayT:
    """Mean squared relative error sum (p_i - q_i)^2 / q_i of q."""
    points, outlet = pair_of(p, q, logits=logits)
    return outlet(2 * _divergence(points, -1.0))


def exponential_geodesic(p: ArrayT, q: ArrayT, place: float, *, logits: bool = False) -> ArrayT:
    """Geometric mean p^(1-t) q^t, normalized: probabilities (..., V), p at t = 0 and q at 1.

    Raises:
        InputError: Both are never positive together, or t lies outside [0, 1] and their
            supports differ.
    """
    t = _real(place, "place")
    points, outlet = pair_of(p, q, logits=logits)
    both = points.both
    if not 0 <= t <= 1 and bool((points.log_p.isneginf() != points.log_q.isneginf()).any()):
        raise InputError(f"place: expected a number in [0, 1] where supports differ, got {place}")
    if 0 < t < 1 and bool((~both.any(-1)).any()):
        row = row_name(first_index(~both.any(-1)))
        raise InputError(f"p, q: expected a token that both allow, got none in {row}")
    if t in (0, 1):
        return outlet((points.log_p if t == 0 else points.log_q).exp())
    mixed = torch.where(both, points.log_p + t * points.ratio, -torch.inf)
    return outlet(mixed.softmax(-1))


def mixture_geodesic(p: ArrayT, q: ArrayT, place: float, *, logits: bool = False) -> ArrayT:
    """The straight line (1 - t) p + t q: probabilities (..., V).

    Raises:
        InputError: The line has left the simplex at t.
    """
    t = _real(place, "place")
    points, outlet = pair_of(p, q, logits=logits)
    there = (1 - t) * points.log_p.exp() + t * points.log_q.exp()
    outside = (there < 0).any(-1)
    if bool(outside.any()):
        row = row_name(first_index(outside))
        raise InputError(f"place: the line leaves the simplex before {place} in {row}")
    return outlet(there)


def metric_geodesic(p: ArrayT, q: ArrayT, place: float, *, logits: bool = False) -> ArrayT:
    """The shortest path of the Fisher metric, an arc of a great circle: probabilities (..., V).

    Raises:
        InputError: The place is not in [0, 1].
    """
    t = _real(place, "place")
    if not 0 <= t <= 1:
        raise InputError(f"place: expected a number in [0, 1], got {place}")
    points, outlet = pair_of(p, q, logits=logits)
    chord = (2 * _divergence(points, 0.5) / 4).sqrt()
    angle = 2 * (chord / 2).clamp(max=math.sqrt(0.5)).arcsin()
    start, end = (_share(angle, part).unsqueeze(-1) for part in (1 - t, t))
    root = start * (points.log_p / 2).exp() + end * (points.log_q / 2).exp()
    return outlet(root * root)


def fisher_norm(p: ArrayT, change: ArrayT) -> ArrayT:
    """Length sqrt(sum v_i^2 / p_i) of a change v (..., V) of probabilities p (..., V).

    It is inf where a token without probability changes.

    Raises:
        InputError: Shapes do not fit, p is no distribution, or the change is not finite.
    """
    if isinstance(p, Tensor) != isinstance(change, Tensor):
        kinds = f"{type(p).__name__} and {type(change).__name__}"
        raise InputError(f"p, change: expected both torch or both NumPy, got {kinds}")
    x, v = checked_distribution(p), tensor_from(change, "change")
    bad = ~torch.isfinite(v).all(-1)
    if bool(bad.any()):
        raise InputError(
            f"change: expected finite numbers, got others in {row_name(first_index(bad))}"
        )
    x, v = torch.broadcast_tensors(*of_one_vocabulary(x, v, "p, change"))
    work = widened(x.dtype)
    x, v = x.to(work), v.to(work)
    size = torch.where(v == 0, 0, v.abs() / x.sqrt())
    length = torch.linalg.vector_norm(size / _scale(size), dim=-1) * _scale(size)[..., 0]
    length = torch.where(size.isinf().any(-1), torch.inf, length)
    return Outlet(not isinstance(p, Tensor), work)(length * x.sum(-1).sqrt())


def _scale(size: Tensor) -> Tensor:
    largest = size.amax(-1, keepdim=True)
    return torch.where((largest > 0) & torch.isfinite(largest), largest, 1)


def _real(value: float, name: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise InputError(f"{name}: expected a finite number, got {value}")
    return number


def _share(angle: Tensor, part: float) -> Tensor:
    """sin(part angle) / sin(angle), which is `part` at angle 0."""
    small = angle == 0
    safe = torch.where(small, 1, angle)
    return torch.where(small, part, (part * safe).sin() / safe.sin())


def _largest_log_ratio(points: Points) -> Tensor:
    largest = torch.where(points.both, -points.ratio, -torch.inf).amax(-1)
    return torch.where(points.lost > 0, torch.inf, largest)


def _divergence(points: Points, share: float) -> Tensor:
    """sum ((1-s) p + s q - p^(1-s) q^s) / (s (1-s)) (...) for s <= 1/2; at s = 0 its limit."""
    lost = points.lost
    only_p = lost / share if share > 0 else torch.where(lost > 0, torch.inf, 0)
    return _shared_terms(points, share) + only_p + points.gained / (1 - share)


def _renyi(points: Points, share: float) -> Tensor:
    """-ln(sum p^(1-s) q^s) / s (...) for s <= 1/2, not 0."""
    missing = share * (1 - share) * _shared_terms(points, share)
    missing = missing + (1 - share) * points.lost + share * points.gained
    near = missing.abs() < _NEAR
    exponents = (1 - share) * points.log_p + share * torch.where(points.both, points.log_q, 0)
    direct = torch.where(points.both, exponents, -torch.inf).logsumexp(-1)
    value = torch.where(near, (-torch.where(near, missing, 0)).log1p(), direct) / -share
    return torch.where(points.lost > 0, torch.inf, value) if share < 0 else value


def _shared_terms(points: Points, share: float) -> Tensor:
    """The terms of `_divergence` where both are positive, summed (...)."""
    r, p, q = points.ratio, points.log_p.exp(), points.log_q.exp()
    small = r.abs() * max(1.0, abs(share), 1 - share) <= 1
    near = p * _series(torch.where(small, r, 0), share)
    gentle = (share * r).abs() <= 1
    slope = share * torch.where(gentle, r, 0)
    flat = slope == 0
    growth = torch.where(flat, 1, torch.expm1(slope) / torch.where(flat, 1, slope))
    if share == 0:
        far = (q - p) - p * r
    else:
        mixed = torch.where(points.both, points.log_p + share * r, -torch.inf).exp()
        far = (q - p) - torch.where(gentle, p * r * growth, (mixed - p) / share)
    terms = torch.where(small, near, far / (1 - share))
    return torch.where(points.both, terms, 0).sum(-1)


def _series(r: Tensor, share: float) -> Tensor:
    """sum_{k>=2} r^k / k! (1 + s + ... + s^(k-2)) for small r, by Horner's scheme."""
    factors, total = [], 0.0
    for k in range(2, _SERIES_TERMS):
        total += share ** (k - 2)
        factors.append(total / math.factorial(k))
    value = torch.zeros_like(r)
    for factor in reversed(factors):
        value = value * r + factor
    return value * r * r
