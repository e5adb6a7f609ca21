"""Truncated distributions: what is left of softmax(x) when a sampler keeps some tokens only.

Shared by every function here: logits are (..., V), torch or NumPy, at temperature one (divide by
another first), and -inf masks a token.  The parameter is a number or (...), one for each row.
Results are probabilities (..., V), zero where a token is dropped, differentiable by torch.  Which
tokens are kept is decided in float64, and tokens that tie are kept or dropped together.  A
ValueError names the parameter or the row that is outside the domain.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, widened
from numeric.domain import check_maxima, checked_logits
from numeric.errors import InputError


def top_k_probabilities(logits: ArrayT, count: float | Tensor) -> ArrayT:
    """The tokens that fewer than `count` others exceed, normalized; count >= 1."""
    x, outlet = _gaps(logits)
    k = _parameter(count, x, "count", 1, torch.inf)
    return outlet(_kept(x, _leading(x, torch.ones_like(x), k)))


def top_p_probabilities(logits: ArrayT, mass: float | Tensor) -> ArrayT:
    """The nucleus: the tokens that less probability than `mass` comes before; 0 < mass <= 1."""
    x, outlet = _gaps(logits)
    rho = _parameter(mass, x, "mass", 0, 1)
    return outlet(_kept(x, _leading(x, x.softmax(-1), rho)))


def min_p_probabilities(logits: ArrayT, share: float | Tensor) -> ArrayT:
    """The tokens of at least a share of the greatest probability; 0 < share <= 1."""
    x, outlet = _gaps(logits)
    rho = _parameter(share, x, "share", 0, 1)
    return outlet(_kept(x, x >= rho.log().unsqueeze(-1)))


def typical_probabilities(logits: ArrayT, mass: float | Tensor) -> ArrayT:
    """The tokens that less than `mass` of more typical ones comes before; 0 < mass <= 1.

    A token is typical as its surprise is near the entropy, that is, its logit near the mean.
    """
    x, outlet = _gaps(logits)
    rho = _parameter(mass, x, "mass", 0, 1)
    p = x.softmax(-1)
    present = x > -torch.inf
    mean = torch.where(present, p * x, 0).sum(-1, keepdim=True)
    return outlet(_kept(x, _leading(-(x - mean).abs(), p, rho) & present))


def eta_probabilities(logits: ArrayT, constant: float | Tensor) -> ArrayT:
    """The tokens of at least min(c, sqrt(c) exp(-S)), S the entropy; 0 < c <= 1."""
    x, outlet = _gaps(logits)
    c = _parameter(constant, x, "constant", 0, 1)
    log_p = x.log_softmax(-1)
    entropy = -torch.where(log_p > -torch.inf, log_p.exp() * log_p, 0).sum(-1)
    threshold = torch.minimum(c.log(), c.log() / 2 - entropy)
    return outlet(_kept(x, log_p >= threshold.unsqueeze(-1)))


def _gaps(logits: ArrayT) -> tuple[Tensor, Outlet]:
    """Logits in float64, the greatest of each row at zero, and how the result leaves."""
    x = checked_logits(logits)
    outlet = Outlet(not isinstance(logits, Tensor), widened(x.dtype))
    x = x.double()
    top = x.detach().amax(-1, keepdim=True)
    check_maxima(top.squeeze(-1))
    return x - top, outlet


def _parameter(value: float | Tensor, x: Tensor, name: str, low: float, high: float) -> Tensor:
    """The parameter (...) of each row."""
    found = torch.as_tensor(value, dtype=x.dtype, device=x.device)
    if not bool(((found >= low) & (found <= high) & (found > 0)).all()):
        wanted = f"{low} or more" if low else f"numbers in ({low}, {high}]"
        raise InputError(f"{name}: expected {wanted}, got {value}")
    try:
        return found.expand(x.shape[:-1])
    except RuntimeError:
        shapes = f"{tuple(found.shape)} for rows {tuple(x.shape[:-1])}"
        raise InputError(f"{name}: expected a number or one for each row, got {shapes}") from None


def _leading(score: Tensor, weight: Tensor, limit: Tensor) -> Tensor:
    """Which tokens less weight than the limit comes before, in falling order of the score."""
    falling, order = score.detach().sort(dim=-1, descending=True)
    weights = weight.detach().gather(-1, order)
    ahead = weights.cumsum(-1) - weights
    last = (ahead < limit.unsqueeze(-1)).sum(-1, keepdim=True) - 1
    return score >= falling.gather(-1, last)


def _kept(x: Tensor, keep: Tensor) -> Tensor:
    return torch.where(keep, x, -torch.inf).softmax(-1)
