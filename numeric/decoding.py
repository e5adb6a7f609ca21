"""Speculative decoding: how well a draft model stands in for the model that it drafts for.

Logits are (..., V), torch or NumPy, of the model and of the draft at the same position; their
leading axes broadcast. A masked token (-inf) has no probability. Logits that are NaN or +inf, and
shapes that do not fit, are a ValueError.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, widened
from numeric.boltzmann import log_probabilities
from numeric.domain import check_maxima, checked_logits, of_one_vocabulary
from numeric.errors import InputError
from numeric.points import points_of


def acceptance_rate(logits: ArrayT, draft_logits: ArrayT) -> ArrayT:
    """Probability sum min(p_i, q_i) that a token drawn from the draft q is accepted by p, (...).

    It is one minus the total variation distance of p and q.
    """
    p, q, outlet = _pair(logits, draft_logits)
    return outlet(torch.minimum(p, q).exp().sum(-1))


def total_variation_distance(logits_p: ArrayT, logits_q: ArrayT) -> ArrayT:
    """Half of the sum of |p_i - q_i|, in [0, 1], (...), accurate as q -> p."""
    x, y, outlet = _rows(logits_p, logits_q)
    return outlet(points_of(x, y, logits=True).halved_difference)


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
    x, y, outlet = _rows(logits_p, logits_q)
    return log_probabilities(x, 1.0), log_probabilities(y, 1.0), outlet


def _rows(logits_p: ArrayT, logits_q: ArrayT) -> tuple[Tensor, Tensor, Outlet]:
    """Logits of both in one shape and wide dtype, and how the result leaves."""
    if isinstance(logits_p, Tensor) != isinstance(logits_q, Tensor):
        kinds = f"{type(logits_p).__name__} and {type(logits_q).__name__}"
        raise InputError(f"expected both logits torch or both NumPy, got {kinds}")
    x, y = (checked_logits(x, "logits") for x in (logits_p, logits_q))
    x, y = torch.broadcast_tensors(*of_one_vocabulary(x, y, "logits"))
    for rows in (x, y):
        check_maxima(rows.amax(-1))
    work = widened(x.dtype)
    return x.to(work), y.to(work), Outlet(not isinstance(logits_p, Tensor), work)
