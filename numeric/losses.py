"""Training losses of rows of logits, accurate where a model is sure and where it is masked.

Shared by every function here: logits are (..., V), torch or NumPy; -inf masks a token, and a
masked target costs +inf.  Results are (...), in nats, and differentiable by torch.  A ValueError
names the first row that is outside the domain.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature
from numeric.divergence import finite_pair, kl_divergence
from numeric.domain import aligned, checked_targets
from numeric.ensemble import Ensemble
from numeric.errors import InputError


def z_loss(logits: ArrayT) -> ArrayT:
    """Square of ln Z in the raw gauge: so that logits do not drift away together."""
    b = Ensemble.of(logits, 1.0)
    return b.outlet((b.maximum + b.log_weight) ** 2)


def label_smoothing_loss(logits: ArrayT, target, smoothing: float | Tensor) -> ArrayT:
    """Cross-entropy relative to a target mixed with the uniform law: (1 - e) CE + e mean(-ln p).

    Shapes: target (...), integers that broadcast to the rows; smoothing a number or (...).
    Masked tokens are left out of the uniform law.
    """
    b = Ensemble.of(logits, 1.0)
    log_p = b.log_probabilities[..., 0, :]
    masked = b.masked[..., 0, :]
    mean = torch.where(masked, 0, log_p).sum(-1) / (~masked).sum(-1)
    e = torch.as_tensor(smoothing, dtype=log_p.dtype, device=log_p.device)
    loss = -(1 - e) * _at(log_p, target) - e * mean
    return b.outlet(loss.unsqueeze(-1))


def focal_loss(logits: ArrayT, target, focus: float | Tensor) -> ArrayT:
    """Focal loss -(1 - p)^g ln p of the target's probability p.

    Shapes: target (...), integers that broadcast to the rows; focus g > 0 a number or (...).
    1 - p keeps its digits where p is near one; where it is zero the gradient is zero.

    Raises:
        InputError: The focus is not positive.
    """
    b = Ensemble.of(logits, 1.0)
    log_p = _at(b.log_probabilities[..., 0, :], target)
    g = torch.as_tensor(focus, dtype=log_p.dtype, device=log_p.device)
    if not bool((g > 0).all()):
        raise InputError(f"focus: expected positive numbers, got {focus}")
    missing = -torch.expm1(log_p)
    sure = missing == 0
    fading = torch.where(sure, 0, (g * torch.where(sure, 1, missing).log()).exp())
    return b.outlet((-fading * log_p).unsqueeze(-1))


def distillation_loss(student: ArrayT, teacher: ArrayT, temperature: Temperature) -> ArrayT:
    """Cross-entropy -sum q ln p of a student p relative to a teacher q, both at a temperature.

    Shapes: student and teacher (..., V), finite; temperature () or (K,) -> (...) or (..., K).
    Multiply by T^2 for gradients that do not fade as the temperature rises.

    Raises:
        InputError: The shapes do not fit, or a token is masked.
    """
    x, y = finite_pair(student, teacher, ("student", "teacher"))
    p, q = Ensemble.of(x, temperature), Ensemble.of(y, temperature)
    loss = -(q.probabilities * p.log_probabilities).sum(-1)
    loss = p.outlet(loss)
    return loss if isinstance(student, Tensor) else loss.detach().numpy()[()]


def scaled_distillation_loss(student: ArrayT, teacher: ArrayT, temperature: Temperature) -> ArrayT:
    """Divergence T^2 sum q ln(q / p) of a student p from a teacher q, both at a temperature.

    Shapes and errors as for `distillation_loss`; its gradient does not fade as T rises.
    """
    x, y = finite_pair(student, teacher, ("student", "teacher"))
    x, t, outlet = aligned(x, temperature)
    y = y.to(x.dtype).unsqueeze(-2)
    p, q = ((z - z.detach().amax(-1, keepdim=True)) / t for z in (x, y))
    loss = outlet(kl_divergence(q, p) * t.squeeze(-1) ** 2)
    return loss if isinstance(student, Tensor) else loss.detach().numpy()[()]


def _at(log_p: Tensor, target) -> Tensor:
    """The log-probabilities (...) of the targets."""
    index = checked_targets(target, log_p)
    return log_p.gather(-1, index.unsqueeze(-1)).squeeze(-1)
