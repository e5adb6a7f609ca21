"""PyTorch: `torch.nn.functional`, `torch.special` and `torch.distributions`."""

import torch
from torch import Tensor
from torch.distributions import Categorical
from torch.distributions.kl import kl_divergence as divergence_of
from torch.nn import functional


def softmax(logits: Tensor, temperature: float) -> Tensor:
    """`functional.softmax` of divided logits."""
    return functional.softmax(logits / temperature, dim=-1)


def log_softmax(logits: Tensor, temperature: float) -> Tensor:
    """The exponential of `functional.log_softmax`."""
    return functional.log_softmax(logits / temperature, dim=-1).exp()


def logsumexp(logits: Tensor, temperature: float) -> Tensor:
    """`torch.logsumexp` of divided logits."""
    return torch.logsumexp(logits / temperature, dim=-1)


def entr(logits: Tensor, temperature: float) -> Tensor:
    """`torch.special.entr` of `softmax`, summed.

    Where a probability underflows to zero the slope of `entr` is infinite, and zero times infinity
    is NaN.
    """
    return torch.special.entr(functional.softmax(logits / temperature, dim=-1)).sum(-1)


def categorical_entropy(logits: Tensor, temperature: float) -> Tensor:
    """`Categorical(logits=...).entropy()`.

    `Categorical` normalizes logits by subtracting `logsumexp`, and so loses the digits that
    logits far from zero have in front of the point; `log_softmax` subtracts the greatest logit
    first.
    """
    return Categorical(logits=logits / temperature).entropy()


def categorical_entropy_of_probs(logits: Tensor, temperature: float) -> Tensor:
    """`Categorical(probs=...).entropy()`."""
    return Categorical(probs=functional.softmax(logits / temperature, dim=-1)).entropy()


def categorical_kl(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """`torch.distributions.kl_divergence` of two `Categorical(logits=...)`.

    The logits are normalized by subtracting `logsumexp`, as for the entropy.
    """
    return divergence_of(Categorical(logits=logits_p), Categorical(logits=logits_q))


def categorical_kl_of_normalized(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """`torch.distributions.kl_divergence` of two `Categorical(logits=log_softmax(...))`.

    Where a probability of q underflows to zero the divergence is infinite by decree, although its
    logarithm is finite and known.
    """
    p, q = (Categorical(logits=x.log_softmax(-1)) for x in (logits_p, logits_q))
    return divergence_of(p, q)


def kl_div_log_target(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """`functional.kl_div(log q, log p, log_target=True)`, summed."""
    log_p, log_q = logits_p.log_softmax(-1), logits_q.log_softmax(-1)
    return functional.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)


def kl_div(logits_p: Tensor, logits_q: Tensor) -> Tensor:
    """`functional.kl_div(log q, p)`, summed.

    Where a probability of p underflows to zero the gradient is NaN; `log_target=True` has it.
    """
    p, log_q = logits_p.softmax(-1), logits_q.log_softmax(-1)
    return functional.kl_div(log_q, p, reduction="none").sum(-1)


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """`functional.cross_entropy(reduction="none")`."""
    rows, index = logits.reshape(-1, logits.shape[-1]), target.reshape(-1)
    return functional.cross_entropy(rows, index, reduction="none").reshape(target.shape)


def categorical_log_prob(logits: Tensor, target: Tensor) -> Tensor:
    """`-Categorical(logits=...).log_prob(target)`.

    As for the entropy: the logits are normalized by subtracting `logsumexp`.
    """
    return -Categorical(logits=logits).log_prob(target)


def label_smoothing(logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    """`functional.cross_entropy(label_smoothing=...)`."""
    rows, index = logits.reshape(-1, logits.shape[-1]), target.reshape(-1)
    found = functional.cross_entropy(rows, index, reduction="none", label_smoothing=smoothing)
    return found.reshape(target.shape)


SUBJECTS = {
    softmax: "probabilities",
    log_softmax: "probabilities",
    logsumexp: "log_partition",
    entr: "entropy",
    categorical_entropy: "entropy",
    categorical_entropy_of_probs: "entropy",
    categorical_kl: "kl_divergence",
    categorical_kl_of_normalized: "kl_divergence",
    kl_div_log_target: "kl_divergence",
    kl_div: "kl_divergence",
    cross_entropy: "cross_entropy",
    categorical_log_prob: "cross_entropy",
    label_smoothing: "label_smoothing_loss",
}
