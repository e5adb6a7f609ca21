"""Published formulas of trl and verl, restated here because the packages need a GPU's stack.

Read: huggingface/trl, trl/trainer/utils.py (`entropy_from_logits`, `selective_log_softmax`) and
trl/trainer/grpo_trainer.py (the estimate of the divergence) at f2cd57710ae3; volcengine/verl,
verl/utils/torch_functional.py (`entropy_from_logits`) at 03c8cca18c82 and
verl/trainer/ppo/core_algos.py (`kl_penalty`) at 012be9d9dcb7. An estimate that is made from drawn
tokens is held against theory by its mean over all tokens, weighted by their probabilities.
"""

import torch
from torch import Tensor


def trl_entropy(logits: Tensor, temperature: float) -> Tensor:
    """trl `entropy_from_logits`: minus the sum of p ln p from `log_softmax`.

    A masked token has zero probability and infinite surprise, and their product is NaN.
    """
    log_p = torch.log_softmax(logits / temperature, dim=-1)
    return -(log_p.exp() * log_p).sum(-1)


def trl_selective_log_softmax(logits: Tensor, target: Tensor) -> Tensor:
    """trl `selective_log_softmax`: the logit minus `logsumexp`, negated here.

    `logsumexp` minus the logit cancels where logits are far from zero.
    """
    chosen = logits.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    return torch.logsumexp(logits, dim=-1) - chosen


def verl_entropy(logits: Tensor, temperature: float) -> Tensor:
    """verl `entropy_from_logits`: `logsumexp` minus the mean logit.

    Two numbers of the size of the logits cancel: far from zero, or near no entropy, the digits
    behind the point are lost.
    """
    scaled = logits / temperature
    return torch.logsumexp(scaled, dim=-1) - (scaled.softmax(-1) * scaled).sum(-1)


def k1_mean(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """verl `kl_penalty="k1"`, ln p - ln q of a draw: its mean, and the mean of its gradients.

    The mean is the divergence; its gradient is not, since the gradient of ln p of a draw has
    mean zero (`mean_deriv_log_ratio_eq_zero`).
    """
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    return (log_p.detach().exp() * (log_p - log_q)).sum(-1)


def k2_mean(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """verl `kl_penalty="k2"`, half the square of ln p - ln q: its mean.

    The mean is not the divergence; its gradient is
    (`mean_deriv_half_sq_log_ratio_eq_deriv_kl_divergence`).
    """
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    return (log_p.detach().exp() * 0.5 * (log_p - log_q).square()).sum(-1)


def k3_mean(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """trl's per-token divergence, q/p - ln(q/p) - 1 of a draw: its mean, and that of gradients.

    The mean is the divergence (`mean_ratio_sub_one_sub_log_ratio_eq_kl_divergence`); the mean of
    its gradients is that of the divergence with p and q exchanged. Both means are taken exactly,
    with p times q/p as q.
    """
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    p, q, ratio = log_p.exp(), log_q.exp(), log_q - log_p
    mean = (q - p - p * ratio).sum(-1).detach()
    slope = ((q - p).detach() * ratio).sum(-1)
    return mean + slope - slope.detach()


def k3_clamped_mean(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """verl `kl_penalty="k3"`: the same with the log-ratio clamped to 20 and the result to 10.

    Clamping bounds a draw, and the mean is no longer the divergence where p and q are far apart.
    """
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    ratio = (log_q - log_p).clamp(-20, 20)
    return (log_p.detach().exp() * (ratio.exp() - ratio - 1).clamp(-10, 10)).sum(-1)


SUBJECTS = {
    trl_entropy: "entropy",
    trl_selective_log_softmax: "cross_entropy",
    verl_entropy: "entropy",
    k1_mean: "kl_divergence",
    k2_mean: "kl_divergence",
    k3_mean: "kl_divergence",
    k3_clamped_mean: "kl_divergence",
}
