"""Right code for two distributions, and for a target token."""

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional


def kl_divergence_log_softmax(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    log_p = torch.log_softmax(logits_p, dim=-1)
    log_q = torch.log_softmax(logits_q, dim=-1)
    return (log_p.exp() * (log_p - log_q)).sum(dim=-1)


def kl_divergence_functional(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    log_p = functional.log_softmax(logits_p, dim=-1)
    log_q = functional.log_softmax(logits_q, dim=-1)
    return functional.kl_div(log_q, log_p, reduction="none", log_target=True).sum(dim=-1)


def kl_divergence_own_backward(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Closed-form gradients: p (r - D) and q - p, with r = ln p - ln q."""

    class Divergence(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            log_p, log_q = torch.log_softmax(x, dim=-1), torch.log_softmax(y, dim=-1)
            p, ratio = log_p.exp(), log_p - log_q
            value = (p * ratio).sum(dim=-1)
            ctx.save_for_backward(p, log_q.exp(), ratio, value)
            return value

        @staticmethod
        @once_differentiable
        def backward(ctx, *upstream):
            p, q, ratio, value = ctx.saved_tensors
            scale = upstream[0][..., None]
            return scale * p * (ratio - value[..., None]), scale * (q - p)

    return Divergence.apply(logits_p, logits_q)  # pyright: ignore[reportReturnType]


def cross_entropy_functional(logits: Tensor, target: Tensor) -> Tensor:
    rows = logits.reshape(-1, logits.shape[-1])
    losses = functional.cross_entropy(rows, target.reshape(-1), reduction="none")
    return losses.reshape(logits.shape[:-1])


def cross_entropy_gathered(logits: Tensor, target: Tensor) -> Tensor:
    shifted = logits - logits.amax(dim=-1, keepdim=True).detach()
    chosen = torch.gather(shifted, -1, target[..., None]).squeeze(-1)
    return torch.logsumexp(shifted, dim=-1) - chosen


def fisher_rao_distance_chord(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """The difference of square roots as a product, which keeps its digits near p = q."""
    log_p = torch.log_softmax(logits_p, dim=-1)
    log_q = torch.log_softmax(logits_q, dim=-1)
    larger = torch.maximum(log_p, log_q)
    smaller = torch.minimum(log_p, log_q)
    difference = torch.exp(larger / 2) * torch.expm1((smaller - larger) / 2)
    square = (difference**2).sum(dim=-1)
    apart = square > 0
    chord = torch.where(apart, torch.sqrt(torch.where(apart, square, 1.0)), 0.0)
    return 4 * torch.asin(torch.clamp(chord / 2, max=1.0))


def fisher_rao_distance_norm(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    root_p = torch.exp(torch.log_softmax(logits_p, dim=-1) / 2)
    root_q = torch.exp(torch.log_softmax(logits_q, dim=-1) / 2)
    chord = torch.linalg.vector_norm(root_p - root_q, dim=-1)
    return 4 * torch.asin((chord / 2).clamp(max=1.0))
