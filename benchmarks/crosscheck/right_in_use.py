"""Right code for sampling and losses."""

import torch
from torch import Tensor
from torch.nn import functional


def label_smoothing_loss_functional(logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    rows, index = logits.reshape(-1, logits.shape[-1]), target.reshape(-1)
    losses = functional.cross_entropy(rows, index, reduction="none", label_smoothing=smoothing)
    return losses.reshape(logits.shape[:-1])


def label_smoothing_loss_mixed(logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    log_p = torch.log_softmax(logits, dim=-1)
    nll = -log_p.gather(-1, target[..., None]).squeeze(-1)
    return (1 - smoothing) * nll - smoothing * log_p.mean(dim=-1)


def z_loss_square(logits: Tensor) -> Tensor:
    return torch.logsumexp(logits, dim=-1) ** 2


def distillation_loss_soft_targets(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    soft = torch.softmax(teacher / temperature, dim=-1)
    log_p = torch.log_softmax(student / temperature, dim=-1)
    return -(soft * log_p).sum(dim=-1)


def scaled_distillation_loss_kl_div(
    student: Tensor, teacher: Tensor, temperature: float
) -> Tensor:
    log_p = functional.log_softmax(student / temperature, dim=-1)
    log_q = functional.log_softmax(teacher / temperature, dim=-1)
    terms = functional.kl_div(log_p, log_q, reduction="none", log_target=True)
    return terms.sum(dim=-1) * temperature**2


def acceptance_rate_minimum(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    p, q = torch.softmax(logits_p, dim=-1), torch.softmax(logits_q, dim=-1)
    return torch.minimum(p, q).sum(dim=-1)


def perplexity_exponential(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    p = torch.softmax(logits_p, dim=-1)
    return torch.exp(-(p * torch.log_softmax(logits_q, dim=-1)).sum(dim=-1))


def top_k_probabilities_threshold(logits: Tensor, count: int) -> Tensor:
    least = torch.topk(logits, count, dim=-1).values[..., -1:]
    return torch.softmax(logits.masked_fill(logits < least, -torch.inf), dim=-1)


def top_p_probabilities_sorted(logits: Tensor, mass: float) -> Tensor:
    falling, order = torch.sort(logits, dim=-1, descending=True)
    p = torch.softmax(falling, dim=-1)
    ahead = torch.cumsum(p, dim=-1) - p
    drop = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, ahead >= mass)
    return torch.softmax(logits.masked_fill(drop, -torch.inf), dim=-1)


def min_p_probabilities_masked(logits: Tensor, share: float) -> Tensor:
    p = torch.softmax(logits, dim=-1)
    drop = p < share * p.amax(dim=-1, keepdim=True)
    return torch.softmax(logits.masked_fill(drop, -torch.inf), dim=-1)


def typical_probabilities_sorted(logits: Tensor, mass: float) -> Tensor:
    log_p = torch.log_softmax(logits, dim=-1)
    p = log_p.exp()
    entropy = -torch.nansum(p * log_p, dim=-1, keepdim=True)
    deviation = torch.abs(-log_p - entropy)
    rising, order = torch.sort(deviation, dim=-1)
    sorted_p = p.gather(-1, order)
    ahead = torch.cumsum(sorted_p, dim=-1) - sorted_p
    drop = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, ahead >= mass)
    return torch.softmax(logits.masked_fill(drop, -torch.inf), dim=-1)


def eta_probabilities_masked(logits: Tensor, constant: float) -> Tensor:
    p = torch.softmax(logits, dim=-1)
    entropy = torch.special.entr(p).sum(dim=-1, keepdim=True)
    threshold = torch.clamp(constant**0.5 * torch.exp(-entropy), max=constant)
    return torch.softmax(logits.masked_fill(p < threshold, -torch.inf), dim=-1)
