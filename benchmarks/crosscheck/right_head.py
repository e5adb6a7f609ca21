"""Right code for the quantities of one distribution, in the styles in which people write it.

Right means: for masked tokens, ties, one token, offsets of a million, leading axes and a bare
vector, in value and in gradient. The names say which quantity and which style.
"""

import math

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def probabilities_functional(logits: Tensor, temperature: float) -> Tensor:
    return torch.softmax(logits / temperature, dim=-1)


def probabilities_by_hand(logits: Tensor, temperature: float) -> Tensor:
    top = logits.amax(dim=-1, keepdim=True).detach()
    weights = torch.exp((logits - top) / temperature)
    return weights / weights.sum(dim=-1, keepdim=True)


def log_partition_functional(logits: Tensor, temperature: float) -> Tensor:
    return torch.logsumexp(logits / temperature, dim=-1)


def log_partition_online(logits: Tensor, temperature: float) -> Tensor:
    """One pass over blocks with a running maximum, as in fused kernels."""
    scaled = logits / temperature
    top = scaled.new_full(scaled.shape[:-1], -math.inf)
    total = torch.zeros_like(top)
    for block in scaled.split(8192, dim=-1):
        new = torch.maximum(top, block.amax(dim=-1)).detach()
        finite = torch.where(torch.isneginf(new), 0.0, new)
        total = total * torch.exp(top - finite) + torch.exp(block - finite[..., None]).sum(dim=-1)
        top = new
    return top + torch.log(total)


def free_energy_functional(logits: Tensor, temperature: float) -> Tensor:
    return -temperature * torch.logsumexp(logits / temperature, dim=-1)


def free_energy_in_double(logits: Tensor, temperature: float) -> Tensor:
    wide = logits.double()
    return (-temperature * (wide / temperature).logsumexp(-1)).to(logits.dtype)


def internal_energy_einsum(logits: Tensor, temperature: float) -> Tensor:
    p = torch.softmax(logits / temperature, dim=-1)
    energies = -torch.where(torch.isneginf(logits), 0.0, logits)
    return torch.einsum("...v,...v->...", p, energies)


def internal_energy_from_ground(logits: Tensor, temperature: float) -> Tensor:
    top = logits.amax(dim=-1, keepdim=True)
    gaps = torch.where(torch.isneginf(logits), 0.0, top - logits)
    p = torch.softmax(logits / temperature, dim=-1)
    return (p * gaps).sum(dim=-1) - top.squeeze(-1)


def entropy_log_softmax(logits: Tensor, temperature: float) -> Tensor:
    log_p = torch.log_softmax(logits / temperature, dim=-1)
    terms = log_p.exp() * torch.where(torch.isneginf(log_p), 0.0, log_p)
    return -terms.sum(dim=-1)


def entropy_from_energies(logits: Tensor, temperature: float) -> Tensor:
    """S = ln Z + U / T with energies counted from the ground."""
    masked = torch.isneginf(logits)
    gaps = torch.where(masked, 0.0, logits.amax(dim=-1, keepdim=True) - logits) / temperature
    weights = torch.where(masked, 0.0, torch.exp(-gaps))
    total = weights.sum(dim=-1)
    return torch.log(total) + (weights * gaps).sum(dim=-1) / total


def entropy_special(logits: Tensor, temperature: float) -> Tensor:
    p = torch.softmax(logits / temperature, dim=-1)
    return torch.special.entr(torch.where(p > 0, p, 1.0)).sum(dim=-1)


def entropy_chunked(logits: Tensor, temperature: float) -> Tensor:
    """Moments gathered block by block around the normalized logits."""
    scaled = (logits - logits.amax(dim=-1, keepdim=True)) / temperature
    log_z = torch.logsumexp(scaled, dim=-1, keepdim=True)
    total = torch.zeros_like(scaled[..., 0])
    for block in torch.chunk(scaled, 4, dim=-1):
        surprise = torch.where(torch.isneginf(block), 0.0, log_z - block)
        total = total + (torch.exp(block - log_z) * surprise).sum(dim=-1)
    return total


def entropy_own_backward(logits: Tensor, temperature: float) -> Tensor:
    """A closed-form gradient: dS/dx = -p (ln p + S) / T."""

    class Entropy(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, t):
            log_p = torch.log_softmax(x / t, dim=-1)
            finite = torch.where(torch.isneginf(log_p), 0.0, log_p)
            p = log_p.exp()
            value = -(p * finite).sum(dim=-1)
            ctx.save_for_backward(p, finite, value)
            ctx.t = t
            return value

        @staticmethod
        @once_differentiable
        def backward(ctx, *upstream):
            p, log_p, value = ctx.saved_tensors
            slope = -p * (log_p + value[..., None]) / ctx.t
            return upstream[0][..., None] * slope, None

    return Entropy.apply(logits, float(temperature))  # pyright: ignore[reportReturnType]


def heat_capacity_centred(logits: Tensor, temperature: float) -> Tensor:
    p = torch.softmax(logits / temperature, dim=-1)
    energies = -torch.where(torch.isneginf(logits), 0.0, logits)
    shifted = energies - energies.amin(dim=-1, keepdim=True)
    mean = (p * shifted).sum(dim=-1, keepdim=True)
    return (p * (shifted - mean) ** 2).sum(dim=-1) / temperature**2


def heat_capacity_varentropy(logits: Tensor, temperature: float) -> Tensor:
    log_p = torch.log_softmax(logits / temperature, dim=-1)
    p = log_p.exp()
    surprise = -torch.where(torch.isneginf(log_p), 0.0, log_p)
    mean = (p * surprise).sum(dim=-1, keepdim=True)
    return (p * (surprise - mean).square()).sum(dim=-1)


def renyi_entropy_log_space(logits: Tensor, temperature: float, order: float) -> Tensor:
    log_p = torch.log_softmax(logits / temperature, dim=-1)
    return torch.logsumexp(order * log_p, dim=-1) / (1 - order)


def renyi_entropy_from_partitions(logits: Tensor, temperature: float, order: float) -> Tensor:
    """(ln Z(T / a) - a ln Z(T)) / (1 - a), around the greatest logit."""
    gaps = (logits - logits.amax(dim=-1, keepdim=True).detach()) / temperature
    colder = torch.logsumexp(order * gaps, dim=-1)
    return (colder - order * torch.logsumexp(gaps, dim=-1)) / (1 - order)
