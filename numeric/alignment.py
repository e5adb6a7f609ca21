"""Reward under a divergence from a reference: optimal values, optimal policies, preferences.

Shared by every function here: rewards and logits are (..., V) over the same answers, torch or
NumPy, and broadcast; `temperature` is the weight of the divergence (the beta of papers on
preferences), a scalar gives (...), a vector (K,) gives (..., K).  The reference is given by
logits and normalized here; -inf excludes an answer.  Everything is differentiable by torch.
Soft values without a reference are `-free_energy(values, temperature)`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, Temperature
from numeric.divergence import finite_pair
from numeric.domain import aligned, check_maxima, checked_targets
from numeric.ensemble import Ensemble


def optimal_value(rewards: ArrayT, reference_logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Optimal value T ln sum mu_i exp(r_i / T) of the regularized reward; the mean as T grows.

    Rewards have a gauge: a shift of them by c adds c. The reference's logits may shift freely.
    """
    log_mu, gaps, best, t, outlet = _tilt(rewards, reference_logits, temperature)
    mu, small = log_mu.exp(), gaps <= 1
    up = (log_mu + torch.where(small, 0, gaps)).exp() - mu  # where exp(gap) alone may overflow
    growth = torch.where(small, mu * torch.expm1(torch.where(small, gaps, 0)), up).sum(-1)
    near = growth > -0.5
    far = (log_mu + gaps).logsumexp(-1)
    return outlet(best + t * torch.where(near, torch.where(near, growth, 0).log1p(), far))


def optimal_policy(rewards: ArrayT, reference_logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Optimal policy mu_i exp(r_i / T) / Z, axis K before V: (..., V) or (..., K, V)."""
    log_mu, gaps, _, _, outlet = _tilt(rewards, reference_logits, temperature)
    return outlet(Ensemble.of(log_mu + gaps, 1.0).probabilities[..., 0, :], axis=-2)


def log_optimal_policy(
    rewards: ArrayT, reference_logits: ArrayT, temperature: Temperature
) -> ArrayT:
    """Logarithms of the optimal policy, -inf where excluded: (..., V) or (..., K, V)."""
    log_mu, gaps, _, _, outlet = _tilt(rewards, reference_logits, temperature)
    return outlet(Ensemble.of(log_mu + gaps, 1.0).log_probabilities[..., 0, :], axis=-2)


def preference_loss(
    logits: ArrayT,
    reference_logits: ArrayT,
    preferred,
    rejected,
    temperature: float | Tensor,
) -> ArrayT:
    """Loss of direct preference optimization: -ln sigmoid(T (log-ratio - log-ratio)), in nats.

    Shapes: logits (..., V) over answers, preferred and rejected (...) integers, temperature a
    number or (...). Normalizations cancel, so that for two long texts the log-probabilities
    (..., 2) of the texts are logits too.

    Raises:
        InputError: Shapes do not fit, a logit is not finite, an index is out of range.
    """
    x, y = finite_pair(logits, reference_logits, ("logits", "reference_logits"))
    ratio = x - y
    margin = _entry(ratio, preferred) - _entry(ratio, rejected)
    t = torch.as_tensor(temperature, dtype=margin.dtype, device=margin.device)
    loss = torch.logaddexp(torch.zeros_like(margin), -t * margin)
    return Outlet(not isinstance(logits, Tensor), loss.dtype)(loss)


def _tilt(
    rewards: ArrayT, reference_logits: ArrayT, temperature: Temperature
) -> tuple[Tensor, Tensor, Tensor, Tensor, Outlet]:
    """ln mu (..., 1, V), gaps (r - r_k) / T (..., K, V), r_k (..., K) and T (..., K), where k is
    the likeliest answer of the optimal policy."""
    r, t, outlet = aligned(rewards, temperature)
    log_mu = Ensemble.of(reference_logits, 1.0).log_probabilities.to(r.dtype)
    allowed = (log_mu > -torch.inf) & (r != -torch.inf)
    r = torch.where(allowed, r, -torch.inf)
    greatest = r.amax(-1, keepdim=True).detach()
    check_maxima(greatest[..., 0, 0])
    with torch.no_grad():
        likeliest = (log_mu + (r - greatest) / t).argmax(-1, keepdim=True)
    best = r.expand(likeliest.shape[:-1] + r.shape[-1:]).gather(-1, likeliest)
    gaps = torch.where(allowed, torch.where(allowed, r - best, 0) / t, -torch.inf)
    return log_mu, gaps, best[..., 0], t[..., 0], outlet


def _entry(values: Tensor, index) -> Tensor:
    at = checked_targets(index, values)
    return values.gather(-1, at.unsqueeze(-1)).squeeze(-1)
