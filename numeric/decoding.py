"""Speculative decoding: how well a draft model stands in for the model that it drafts for.

Logits are (..., V), torch or NumPy, of the model and of the draft at the same position; their
leading axes broadcast. A masked token (-inf) has no probability. Logits that are NaN or +inf, and
shapes that do not fit, are a ValueError.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, tensor_from
from numeric.boltzmann import log_probabilities
from numeric.domain import of_one_vocabulary
from numeric.errors import InputError


def acceptance_rate(logits: ArrayT, draft_logits: ArrayT) -> ArrayT:
    """Probability sum min(p_i, q_i) that a token drawn from the draft q is accepted by p, (...).

    It is one minus the total variation distance of p and q.
    """
    p, q, outlet = _pair(logits, draft_logits)
    return outlet(torch.minimum(p, q).exp().sum(-1))


def total_variation_distance(logits_p: ArrayT, logits_q: ArrayT) -> ArrayT:
    """Half of the sum of |p_i - q_i|, in [0, 1], (...); differences keep their digits as q -> p.

    The error is that of two log-probabilities, a rounding of them for each unit of mass.
    """
    p, q, outlet = _pair(logits_p, logits_q)
    larger, smaller = torch.maximum(p, q), torch.minimum(p, q)
    gone = smaller.isneginf()
    gap = torch.where(gone, 0, smaller) - torch.where(gone, 0, larger)
    share = torch.where(gone, 1, -torch.expm1(gap))
    return outlet((larger.exp() * share).sum(-1) / 2)


def residual_probabilities(logits: ArrayT, draft_logits: ArrayT) -> ArrayT:
    """Distribution max(p_i - q_i, 0) / sum of the same, from which a rejected token is redrawn.

    Shape (..., V). Accepted and redrawn tokens together follow p exactly. Where p = q nothing is
    ever rejected, and the model's own distribution is returned.
    """
    p, q, outlet = _pair(logits, draft_logits)
    excess = (p.exp() - q.exp()).clamp(min=0)
    total = excess.sum(-1, keepdim=True)
    agreed = total == 0
    return outlet(torch.where(agreed, p.exp(), excess / torch.where(agreed, 1, total)))


def _pair(logits_p: ArrayT, logits_q: ArrayT) -> tuple[Tensor, Tensor, Outlet]:
    """Log-probabilities of both, and how the result leaves."""
    if isinstance(logits_p, Tensor) != isinstance(logits_q, Tensor):
        kinds = f"{type(logits_p).__name__} and {type(logits_q).__name__}"
        raise InputError(f"expected both logits torch or both NumPy, got {kinds}")
    p, q = (log_probabilities(tensor_from(x, "logits"), 1.0) for x in (logits_p, logits_q))
    p, q = torch.broadcast_tensors(*of_one_vocabulary(p, q, "logits"))
    return p, q, Outlet(not isinstance(logits_p, Tensor), p.dtype)
