"""A blind suite: functions as people have written them, right and wrong.

It was written before `bridge.crosscheck` ran on any of it. What is wrong says so in its
docstring; the others are right. Two were taken for right until they were looked at.
"""

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Categorical
from torch.nn import functional


def entropy_of_zero(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: NaN where a probability is zero."""
    p = torch.softmax(logits / temperature, dim=-1)
    return -(p * p.log()).sum(-1)


def entropy_epsilon(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: an epsilon inside the logarithm."""
    p = torch.softmax(logits / temperature, dim=-1)
    return -(p * torch.log(p + 1e-8)).sum(-1)


def entropy_clamped(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: probabilities below 1e-10 enter the logarithm as 1e-10, without a gradient."""
    p = torch.softmax(logits / temperature, dim=-1)
    return -(p * p.clamp(min=1e-10).log()).sum(-1)


def entropy_patched(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the value is patched, the gradient at a masked token is still NaN."""
    p = torch.softmax(logits / temperature, dim=-1)
    return -torch.nan_to_num(p * p.log()).sum(-1)


def entropy_half_log(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the logarithm of probabilities in half precision."""
    p = torch.softmax(logits / temperature, dim=-1).bfloat16()
    log_p = torch.where(p > 0, p, 1).log()
    return -(p * log_p).sum(-1).to(logits.dtype)


def entropy_half_division(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the division by the temperature is made in bfloat16."""
    log_p = torch.log_softmax((logits.bfloat16() / temperature).to(logits.dtype), dim=-1)
    return -(log_p.exp() * torch.where(torch.isneginf(log_p), 0, log_p)).sum(-1)


def entropy_bits(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: in bits."""
    log_p = torch.log_softmax(logits / temperature, dim=-1)
    finite = torch.where(torch.isneginf(log_p), 0, log_p)
    return -(log_p.exp() * finite).sum(-1) / np.log(2)


def entropy_batch_axis(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the softmax runs over the second axis whatever the shape."""
    rows = logits.unsqueeze(0) if logits.ndim == 1 else logits
    p = torch.softmax(rows / temperature, dim=1)
    value = torch.special.entr(p).sum(-1)
    return value.squeeze(0) if logits.ndim == 1 else value


def entropy_per_token(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the mean over tokens for the sum."""
    return torch.special.entr(torch.softmax(logits / temperature, dim=-1)).mean(-1)


def entropy_difference(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: at masked tokens zero times infinity, and far from zero only rounding is left."""
    scaled = logits / temperature
    p = torch.softmax(scaled, dim=-1)
    return torch.logsumexp(scaled, dim=-1) - torch.sum(p * scaled, dim=-1)


def entropy_constant_policy(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the value, but a gradient as if the probabilities were constant."""
    log_p = torch.log_softmax(logits / temperature, dim=-1)
    finite = torch.where(torch.isneginf(log_p), 0, log_p)
    return -(log_p.exp().detach() * finite).sum(-1)


def entropy_zero_maximum(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the running maximum starts at zero, so rows far below zero vanish."""
    scaled = logits / temperature
    top = torch.clamp(scaled.amax(-1, keepdim=True), min=0.0).detach()
    weights = torch.exp(scaled - top)
    total = weights.sum(-1, keepdim=True)
    return torch.special.entr(weights / total).sum(-1)


def entropy_guarded(logits: Tensor, temperature: float) -> Tensor:
    """Zero probabilities replaced by one under the logarithm."""
    p = torch.softmax(logits / temperature, dim=-1)
    return -(p * torch.where(p > 0, p, 1.0).log()).sum(-1)


def log_partition_naive(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: exponentials that overflow."""
    return torch.exp(logits / temperature).sum(-1).log()


def log_partition_pairwise(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the gradient is NaN where `logaddexp` meets two masked tokens, or padding.

    (It was written down as right; its derivative showed otherwise.)
    """
    scaled = logits / temperature
    while scaled.shape[-1] > 1:
        if scaled.shape[-1] % 2:
            scaled = functional.pad(scaled, (0, 1), value=-torch.inf)
        scaled = torch.logaddexp(scaled[..., ::2], scaled[..., 1::2])
    return scaled[..., 0]


def free_energy_unscaled(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the temperature in front is forgotten."""
    return -torch.logsumexp(logits / temperature, dim=-1)


def free_energy_ground(logits: Tensor, temperature: float) -> Tensor:
    """Counted from the ground energy."""
    top = logits.amax(-1)
    return -top - temperature * torch.exp((logits - top[..., None]) / temperature).sum(-1).log()


def internal_energy_sign(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the mean logit, which is minus the mean energy."""
    p = torch.softmax(logits / temperature, dim=-1)
    return (p * torch.where(torch.isneginf(logits), 0, logits)).sum(-1)


def heat_capacity_moments(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the mean square minus the squared mean, which cancel."""
    p = torch.softmax(logits / temperature, dim=-1)
    x = torch.where(torch.isneginf(logits), 0, logits)
    return ((p * x**2).sum(-1) - (p * x).sum(-1) ** 2) / temperature**2


def heat_capacity_once(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: the variance over the temperature, not over its square."""
    p = torch.softmax(logits / temperature, dim=-1)
    x = torch.where(torch.isneginf(logits), 0, logits)
    x = x - x.amax(-1, keepdim=True)
    mean = (p * x).sum(-1, keepdim=True)
    return (p * (x - mean) ** 2).sum(-1) / temperature


def probabilities_log(logits: Tensor, temperature: float) -> Tensor:
    """The exponential of log_softmax."""
    return torch.exp(torch.log_softmax(logits / temperature, dim=-1))


def probabilities_times(logits: Tensor, temperature: float) -> Tensor:
    """Wrong: times the temperature."""
    return torch.softmax(logits * temperature, dim=-1)


def renyi_entropy_powers(logits: Tensor, temperature: float, order: float) -> Tensor:
    """Wrong: the sign of the prefactor."""
    log_p = torch.log_softmax(logits / temperature, dim=-1)
    return torch.logsumexp(order * log_p, dim=-1) / (order - 1)


def kl_divergence_reversed(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Wrong: the divergence of q from p."""
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    return (log_q.exp() * (log_q - log_p)).sum(-1)


def kl_divergence_torch_order(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Wrong: kl_div takes the logarithms of the second distribution first."""
    log_p, q = logits_p.log_softmax(-1), logits_q.softmax(-1)
    return functional.kl_div(log_p, q, reduction="none").sum(-1)


def kl_divergence_mean(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Wrong: the mean over tokens, which is what reduction="mean" takes."""
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    return functional.kl_div(log_q, log_p, reduction="none", log_target=True).mean(-1)


def kl_divergence_sampled(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Wrong: an estimate from draws, negative at times."""
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    generator = torch.Generator(device=logits_p.device).manual_seed(0)
    rows = log_p.detach().exp().reshape(-1, log_p.shape[-1])
    drawn = torch.multinomial(rows, 64, replacement=True, generator=generator)
    ratio = (log_p - log_q).reshape(rows.shape).gather(-1, drawn)
    return ratio.mean(-1).reshape(log_p.shape[:-1])


def kl_divergence_stopped(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Wrong: no gradient reaches the first distribution through its probabilities."""
    p = Categorical(logits=logits_p)
    log_q = logits_q.log_softmax(-1)
    return (p.probs.detach() * (p.logits - log_q)).sum(-1)


def kl_divergence_cross(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """As the sum of p (exp(r) - 1 - r), r the log-ratio, each term nonnegative."""
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    ratio = log_q - log_p
    return (log_p.exp() * -ratio + log_q.exp() - log_p.exp()).sum(-1)


def fisher_rao_distance_arccos(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Wrong: the arc cosine loses everything near p = q."""
    overlap = (logits_p.softmax(-1) * logits_q.softmax(-1)).sqrt().sum(-1)
    return 2 * torch.acos(overlap.clamp(max=1.0))


def fisher_rao_distance_half(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Wrong: the Bures angle, half of the distance."""
    chord = (logits_p.softmax(-1).sqrt() - logits_q.softmax(-1).sqrt()).norm(dim=-1)
    return 2 * torch.asin((chord / 2).clamp(max=1.0))


def cross_entropy_of_probabilities(logits: Tensor, target: Tensor) -> Tensor:
    """Wrong: softmax is applied twice."""
    p = logits.softmax(-1)
    rows = p.reshape(-1, p.shape[-1])
    return functional.cross_entropy(rows, target.reshape(-1), reduction="none").reshape(
        target.shape
    )


def cross_entropy_log_prob(logits: Tensor, target: Tensor) -> Tensor:
    """Wrong: `Categorical` normalizes by subtracting logsumexp, which loses digits far from zero.

    (It was written down as right; balls showed otherwise.)
    """
    return -Categorical(logits=logits).log_prob(target)


def cross_entropy_shifted(logits: Tensor, target: Tensor) -> Tensor:
    """Wrong: tokens counted from one."""
    index = (target - 1).clamp(min=0)
    return -logits.log_softmax(-1).gather(-1, index.unsqueeze(-1)).squeeze(-1)


def entropy_numpy_sum(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Wrong: the sum over all axes."""
    z = logits / temperature
    weights = np.exp(z - z.max(-1, keepdims=True))
    p = weights / weights.sum(-1, keepdims=True)
    total = -np.sum(p * np.log(np.where(p > 0, p, 1)))
    return np.full(logits.shape[:-1], total / max(1, np.prod(logits.shape[:-1])), logits.dtype)


def log_partition_numpy_rows(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Row by row in plain Python."""
    rows = logits.reshape(-1, logits.shape[-1]) / temperature
    values = [row.max() + np.log(np.exp(row - row.max()).sum()) for row in rows]
    return np.array(values, dtype=logits.dtype).reshape(logits.shape[:-1])


def label_smoothing_loss_others(logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    """Wrong: the share is spread over the other tokens only."""
    log_p = logits.log_softmax(-1)
    nll = -log_p.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    rest = -log_p.sum(-1) - nll
    return (1 - smoothing) * nll + smoothing * rest / max(1, logits.shape[-1] - 1)


def z_loss_of_normalized(logits: Tensor) -> Tensor:
    """Wrong: logits that are normalized have no ln Z left."""
    return torch.logsumexp(logits.log_softmax(-1), dim=-1) ** 2


def scaled_distillation_loss_once(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Wrong: weighted by T, not by its square."""
    log_p = (student / temperature).log_softmax(-1)
    log_q = (teacher / temperature).log_softmax(-1)
    return temperature * (log_q.exp() * (log_q - log_p)).sum(-1)


def distillation_loss_cold_teacher(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Wrong: the teacher is not heated."""
    return -(teacher.softmax(-1) * (student / temperature).log_softmax(-1)).sum(-1)


def acceptance_rate_ratio(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """Wrong: the mean of min(1, p / q) over tokens, not over the draft's draws."""
    ratio = torch.exp(logits_p.log_softmax(-1) - logits_q.log_softmax(-1))
    return ratio.clamp(max=1.0).mean(-1)


def top_p_probabilities_short(logits: Tensor, mass: float) -> Tensor:
    """Wrong: the token that crosses the mass is dropped, except the first."""
    falling, order = logits.sort(dim=-1, descending=True)
    drop = falling.softmax(-1).cumsum(-1) > mass
    drop[..., 0] = False
    drop = torch.zeros_like(drop).scatter(-1, order, drop)
    return logits.masked_fill(drop, -torch.inf).softmax(-1)


def top_k_probabilities_unrenormalized(logits: Tensor, count: int) -> Tensor:
    """Wrong: dropped after the softmax and not normalized again."""
    p = logits.softmax(-1)
    least = p.topk(count, dim=-1).values[..., -1:]
    return torch.where(p < least, 0.0, p)


def min_p_probabilities_absolute(logits: Tensor, share: float) -> Tensor:
    """Wrong: the share of one, not of the greatest probability."""
    p = logits.softmax(-1)
    drop = (p < share) & (p < p.amax(-1, keepdim=True))
    return logits.masked_fill(drop, -torch.inf).softmax(-1)


def typical_probabilities_likely(logits: Tensor, mass: float) -> Tensor:
    """Wrong: ranked by surprise, which is a nucleus."""
    falling, order = logits.sort(dim=-1, descending=True)
    p = falling.softmax(-1)
    drop = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, p.cumsum(-1) - p >= mass)
    return logits.masked_fill(drop, -torch.inf).softmax(-1)


def eta_probabilities_greater(logits: Tensor, constant: float) -> Tensor:
    """Wrong: the greater of the two thresholds."""
    p = logits.softmax(-1)
    entropy = torch.special.entr(p).sum(-1, keepdim=True)
    threshold = (constant**0.5 * (-entropy).exp()).clamp(min=constant)
    drop = (p < threshold) & (p < p.amax(-1, keepdim=True))
    return logits.masked_fill(drop, -torch.inf).softmax(-1)
