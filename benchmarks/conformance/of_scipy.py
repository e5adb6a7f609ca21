"""SciPy: `scipy.special` and `scipy.stats`."""

import numpy as np
import scipy.special
import scipy.stats


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """`scipy.special.softmax` of divided logits."""
    return scipy.special.softmax(logits / temperature, axis=-1)


def log_softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """The exponential of `scipy.special.log_softmax`."""
    return np.exp(scipy.special.log_softmax(logits / temperature, axis=-1))


def logsumexp(logits: np.ndarray, temperature: float) -> np.ndarray:
    """`scipy.special.logsumexp` of divided logits."""
    return scipy.special.logsumexp(logits / temperature, axis=-1)


def entr(logits: np.ndarray, temperature: float) -> np.ndarray:
    """`scipy.special.entr` of `softmax`, summed."""
    return scipy.special.entr(scipy.special.softmax(logits / temperature, axis=-1)).sum(-1)


def stats_entropy(logits: np.ndarray, temperature: float) -> np.ndarray:
    """`scipy.stats.entropy` of `softmax`."""
    return scipy.stats.entropy(scipy.special.softmax(logits / temperature, axis=-1), axis=-1)


def rel_entr(logits_p: np.ndarray, logits_q: np.ndarray) -> np.ndarray:
    """`scipy.special.rel_entr` of two `softmax`, summed.

    It is right about the probabilities that it takes; where the softmax before it underflows in q,
    the divergence is infinite instead of some thousand nats.
    """
    p, q = (scipy.special.softmax(x, axis=-1) for x in (logits_p, logits_q))
    return scipy.special.rel_entr(p, q).sum(-1)


def kl_div(logits_p: np.ndarray, logits_q: np.ndarray) -> np.ndarray:
    """`scipy.special.kl_div` of two `softmax`, summed.

    As for `rel_entr`.
    """
    p, q = (scipy.special.softmax(x, axis=-1) for x in (logits_p, logits_q))
    return scipy.special.kl_div(p, q).sum(-1)


def stats_entropy_of_two(logits_p: np.ndarray, logits_q: np.ndarray) -> np.ndarray:
    """`scipy.stats.entropy(p, q)` of two `softmax`.

    As for `rel_entr`.
    """
    p, q = (scipy.special.softmax(x, axis=-1) for x in (logits_p, logits_q))
    return scipy.stats.entropy(p, q, axis=-1)


SUBJECTS = {
    softmax: "probabilities",
    log_softmax: "probabilities",
    logsumexp: "log_partition",
    entr: "entropy",
    stats_entropy: "entropy",
    rel_entr: "kl_divergence",
    kl_div: "kl_divergence",
    stats_entropy_of_two: "kl_divergence",
}
